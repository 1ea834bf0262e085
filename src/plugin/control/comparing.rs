//! Renders the beginning of a piece by both Csounds, on a thread of its own and in engine processes of their own, and
//! finds where they differ. What plays is not disturbed: these engines only read what the piece may read, write into
//! folders of their own and talk to nobody.

mod difference;
mod pair;
mod words;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use csound_library::MidiMessage;
use csound_performance::engine::{Abandoned, AtEnd, ConsoleLine, EventKind, Format, PieceSpec};

use super::build::{by_their_own_name, failure};
use super::engines::{self, Made, Patience, RunningEngine};
use super::faults::Reader;
use super::renderer::{End, Played, Renderer};
use crate::plugin::pieces::trust::Granted;
use crate::plugin::shared::comparison::Finding;
use crate::plugin::shared::csounds::{InstalledCsound, name_of};
use difference::Difference;
use pair::{Pair, SECONDS};

/// The longest that a comparison may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Frames of a turn, or one k-cycle where that is more.
const TURN: usize = 4096;

/// What is played to a piece that plays nothing by itself: a chord, held so many seconds, on the first channel.
const CHORD: [u8; 3] = [60, 64, 67];
const HELD: f64 = 2.0;
const VELOCITY: u8 = 100;

/// The level of the noise that such a piece hears.
const NOISE: f32 = 0.25;

/// What is compared.
pub(super) struct Subject {
    /// How the piece is started: by the one that performs it, and by the other.
    pub specs: [PieceSpec; 2],
    /// The two Csounds.
    pub csounds: [InstalledCsound; 2],
    /// What the user lets the piece do.
    pub granted: Granted,
    /// How long each may take to start.
    pub patience: Patience,
}

/// What a comparison and its owner share.
struct Shared {
    given_up: Abandoned,
    until: Instant,
    is_out_of_time: AtomicBool,
    engines: Mutex<Vec<RunningEngine>>,
}

/// A comparison that is under way. Dropped, it is given up, and its thread and engines end.
pub(super) struct Comparing {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Finding>>,
}

impl Comparing {
    /// Begins.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(subject: Subject) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            given_up: subject.patience.abandoned.clone(),
            until: Instant::now() + LIMIT,
            is_out_of_time: AtomicBool::new(false),
            engines: Mutex::default(),
        });
        let seen = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("csound compare".into());
        let thread = thread.spawn(move || compare(&subject, &seen))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Whether it was given up.
    pub fn is_given_up(&self) -> bool {
        self.shared.given_up.is_abandoned()
    }

    /// Sees to it that it does not outlast its time, nor whoever waits for it. What came of it, once it is done.
    pub fn look(&mut self) -> Option<Finding> {
        if Instant::now() > self.shared.until {
            self.shared.is_out_of_time.store(true, Ordering::Release);
        }
        if self.shared.is_over() {
            self.shared.end_engines();
        }
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        Some(thread.join().unwrap_or_else(|_| words::our_fault()))
    }
}

impl Drop for Comparing {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.shared.given_up.abandon();
            self.shared.end_engines();
            // A panic there was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Nobody waits any more.
    fn is_over(&self) -> bool {
        self.given_up.is_abandoned() || self.is_out_of_time()
    }

    fn is_out_of_time(&self) -> bool {
        self.is_out_of_time.load(Ordering::Acquire) || Instant::now() > self.until
    }

    fn end_engines(&self) {
        let engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        engines.iter().for_each(RunningEngine::end);
    }

    /// Lets go of the engines of a pair that is done.
    fn forget_engines(&self) {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Why there is no pair.
enum Failed {
    /// It was given up, or took too long before there was anything to compare.
    Over,
    /// Those that do not take the piece, by their names, and why.
    Refused(Vec<(String, String)>),
}

/// An engine that starts.
#[derive(Clone, Copy)]
struct Way {
    /// Its place among the subject's.
    which: usize,
    /// A chord is played to it.
    is_played: bool,
}

fn compare(subject: &Subject, shared: &Shared) -> Finding {
    let mut names = subject.csounds.each_ref().map(InstalledCsound::name);
    let made = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let mut is_played = false;
        let mut pair = render(subject, shared, [0, 1], is_played, &mut names)?;
        if !pair.difference.sounds && pair.ends.iter().all(is_well) && !shared.is_over() {
            // A piece that waits for notes, or for sound.
            is_played = true;
            pair = render(subject, shared, [0, 1], is_played, &mut names)?;
        }
        let is_out_of_time = shared.is_out_of_time();
        let differs = pair.difference.first.is_some() && !shared.is_over();
        let again = differs.then(|| render(subject, shared, [0, 0], is_played, &mut names.clone()));
        let differs_from_itself =
            again.and_then(Result::ok).is_some_and(|again| again.difference.first.is_some());
        Ok(words::finding(&pair, &names, is_played, differs_from_itself, is_out_of_time))
    }));
    let piece = &subject.specs[0].piece.name;
    let finding = match made {
        Ok(Ok(finding)) => finding,
        Ok(Err(Failed::Refused(refusals))) => words::refused(&refusals, &names),
        Ok(Err(Failed::Over)) => words::nothing_in_time(LIMIT),
        Err(_) => words::our_fault(),
    };
    match shared.given_up.is_abandoned() {
        true => words::given_up(),
        false => Finding { told: format!("{piece}: {}", finding.told), ..finding },
    }
}

fn is_well(end: &Option<End>) -> bool {
    matches!(end, None | Some(End::OfPiece))
}

/// Renders a piece by two of the subject's Csounds, which tell their versions.
fn render(
    subject: &Subject,
    shared: &Shared,
    which: [usize; 2],
    is_played: bool,
    names: &mut [String; 2],
) -> Result<Pair, Failed> {
    let started = which.map(|which| start(subject, shared, Way { which, is_played }, &mut names[which]));
    let [one, other] = started;
    let (mut one, mut other) = match (one, other) {
        (Ok(one), Ok(other)) => (one, other),
        (one, other) => {
            shared.forget_engines();
            let refusals = [(which[0], one.err()), (which[1], other.err())];
            let refusals = refusals.into_iter().filter_map(|(which, why)| Some((names[which].clone(), why?)));
            return Err(if shared.is_over() { Failed::Over } else { Failed::Refused(refusals.collect()) });
        }
    };
    let rate = subject.specs[0].sample_rate;
    let mut pair = Pair {
        difference: Difference::default(),
        ends: [None, None],
        channels: [one.channels(), other.channels()],
        notes: [&one, &other].map(|side| side.notes.clone()),
        rate,
    };
    let most = (SECONDS * rate) as u64;
    while !shared.is_over() && advance([&mut one, &mut other], &mut pair, most, &|| shared.is_over()) {}
    if !shared.is_over() || pair.difference.frames > 0 {
        // An engine that was ended because it took too long has no end of its own.
        let ended = |side: &Renderer| side.end.clone().filter(|_| !shared.is_over());
        pair.ends = [ended(&one), ended(&other)];
        let ahead = [one.ahead(), other.ahead()];
        for (end, ahead) in pair.ends.iter_mut().zip(ahead) {
            // It goes on beyond what was compared.
            end.take_if(|end| *end == End::OfPiece && ahead > 0);
        }
    }
    drop((one, other));
    shared.forget_engines();
    if shared.is_over() && pair.difference.frames == 0 { Err(Failed::Over) } else { Ok(pair) }
}

/// Renders and compares a little more. False once there is no more to be compared.
fn advance([one, other]: [&mut Renderer; 2], pair: &mut Pair, most: u64, is_over: &dyn Fn() -> bool) -> bool {
    for side in [&mut *one, &mut *other] {
        if side.ahead() == 0 && side.end.is_none() {
            // What the piece says is said when it performs.
            drop(side.render(is_over));
        }
    }
    let left = usize::try_from(most - pair.difference.frames).unwrap_or(usize::MAX);
    let frames = one.ahead().min(other.ahead()).min(left);
    pair.difference.take(one.waiting().into_iter().zip(other.waiting()), frames);
    one.forget(frames);
    other.forget(frames);
    let sides = [&*one, &*other];
    let has_ended = sides.iter().any(|side| side.ahead() == 0 && side.end.is_some());
    // The other one may end at the same frame.
    let is_known = sides.iter().all(|side| side.ahead() > 0 || side.end.is_some());
    pair.difference.frames < most && !(has_ended && is_known)
}

/// What a piece hears that plays nothing by itself.
fn chord_and_noise(format: Format) -> Played {
    // A key does not go up in the k-cycle in which it goes down.
    let held = HELD.max(1.5 * format.ksmps as f64 / format.sample_rate);
    let keys = |seconds: f64, status: u8, velocity: u8| {
        let messages = CHORD.into_iter().filter_map(move |key| MidiMessage::new(&[status, key, velocity]));
        messages.map(move |message| (seconds, EventKind::Midi(message)))
    };
    Played { events: keys(0.0, 0x90, VELOCITY).chain(keys(held, 0x80, 0)).collect(), noise: NOISE }
}

/// Starts an engine; why it does not perform, if it does not.
fn start(subject: &Subject, shared: &Shared, way: Way, name: &mut String) -> Result<Renderer, String> {
    let spec = &subject.specs[way.which];
    let at_end = if way.is_played { AtEnd::Keep } else { AtEnd::Stop };
    let spec = PieceSpec { at_end, ..spec.clone() };
    let left = shared.until.saturating_duration_since(Instant::now());
    let patience = &subject.patience;
    let patience =
        Patience { limit: patience.limit.min(left), hang: patience.hang.min(left), ..patience.clone() };
    let mut lines: Vec<ConsoleLine> = Vec::new();
    let made = engines::make_to_look_at(&spec, &subject.granted, patience, &mut |line| lines.push(line));
    by_their_own_name(&mut lines, &spec.piece.name);
    match made {
        Ok(Made { engine, shown, running }) => {
            if let Some(version) = shown.csound {
                *name = name_of(version);
            }
            shared.engines.lock().unwrap_or_else(PoisonError::into_inner).push(running.clone());
            let notes = lines.into_iter().filter(|line| line.ours).map(|line| line.text).collect();
            let played = if way.is_played { chord_and_noise(engine.format()) } else { Played::default() };
            Ok(Renderer::new(engine, running, TURN, played, notes))
        }
        Err(error) => {
            let mut reader = Reader::of(&spec.piece);
            let said = [reader.read(&lines), reader.read(&[])].concat();
            Err(failure(&error, &lines, said, &spec.piece, &subject.granted).reason)
        }
    }
}
