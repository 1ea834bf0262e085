//! The control thread's work: plans, starts, revives and gives up engines, and carries what comes and goes
//! beside the audio.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::plugin::channels::bank::{ChannelBank, SLOTS};
use crate::plugin::channels::host::{FOLDER_CHANNEL, host_channels_used};
use crate::plugin::channels::offered::Offered;
use crate::plugin::channels::wiring::{FIRST_OF_HOST, Wiring, text_of};
use crate::plugin::control::engines::{self, Made, RunningEngine};
use crate::plugin::pieces::files;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::{FolderAccess, Trust, wants::Wants};
use crate::plugin::pieces::watch::{FileWatch, PieceFiles};
use crate::plugin::session::SavedPiece;
use csound_performance::engine::piece::Piece;
use csound_performance::engine::{ConsoleLine, Format, PieceSpec, Shown};
use csound_performance::performer::Seat;
use csound_performance::recorder::{self, Standby};
use csound_performance::{BitDepth, Phase, RecordState, Recording, Troubles};

use super::job::Job;
use crate::plugin::shared::link::{LOOK_AFTER, Link};
use crate::plugin::shared::locked::{Begin, IsolationState, PieceState, Written};

/// An engine that ended is started again so often within so long; then the user has to say so.
const REVIVALS: usize = 3;
const REVIVAL_SPAN: Duration = Duration::from_secs(10);

/// An engine ready for the audio thread.
struct Built {
    seat: Box<Seat>,
    running: RunningEngine,
    piece: Piece,
    wiring: Wiring,
    shown: Shown,
}

/// The channels' values at the start: what the piece's widgets stand at, then what was set.
fn starting_values(piece: &Piece, job: &Job, bank: &ChannelBank) -> Vec<(String, f64)> {
    let mut values = if job.channel_defaults { Offered::defaults(piece) } else { Vec::new() };
    values.extend(bank.starting_values());
    values
}

/// The string channels' texts at the start.
fn starting_texts(piece: &Piece, job: &Job) -> Vec<(String, String)> {
    let mut texts = job.channel_texts.clone();
    if let Some(folder) = piece.folder.as_ref().filter(|_| host_channels_used(text_of(piece)).folder) {
        texts.push((FOLDER_CHANNEL.to_owned(), folder.display().to_string()));
    }
    texts
}

pub(super) struct Worker {
    link: Arc<Link>,
    /// The running engine, as seen from here.
    running: Option<RunningEngine>,
    /// What it performs.
    performing: Option<Piece>,
    /// When engines that had ended were started again, lately.
    revivals: VecDeque<Instant>,
    /// The other end of the tap that stands by.
    standby: Option<Standby>,
    /// Why none could, as the console was told.
    no_standby: Option<String>,
    /// Recordings that were begun and have not ended, as far as was looked.
    recordings: Vec<Recording>,
    /// Watches the piece's files.
    files: Option<FileWatch>,
    /// Orchestra code that the running engine has not answered for.
    evaluating: usize,
    /// What the console was told of already.
    reported: Troubles,
    unready: u64,
    malformed: u64,
}

impl Worker {
    pub(super) fn new(link: Arc<Link>) -> Self {
        let reported = link.shared.troubles();
        Self {
            link,
            running: None,
            performing: None,
            revivals: VecDeque::new(),
            standby: None,
            no_standby: None,
            recordings: Vec::new(),
            files: None,
            evaluating: 0,
            reported,
            unready: 0,
            malformed: 0,
        }
    }

    pub(super) fn run(mut self) {
        loop {
            let mut locked = self.link.lock();
            if locked.closing {
                return;
            }
            if let Some(job) = Job::of(&mut locked, self.link.requests.score_start()) {
                drop(locked);
                self.carry_out(job);
                continue;
            }
            let waited = self.link.changed.wait_timeout(locked, LOOK_AFTER);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            self.look_after();
        }
    }

    fn look_after(&mut self) {
        self.link.shared.free_spent();
        self.link.notice_options();
        if self.link.shared.take_renewal() {
            let mut locked = self.link.lock();
            self.link.want(&mut locked, Begin::Restart);
        }
        self.send_lines();
        self.send_texts();
        self.send_code();
        self.keep_recording_ready();
        self.watch_files();
        self.report_troubles();
        self.log(self.running.as_ref().map(RunningEngine::drain).unwrap_or_default());
        if let Some(how) = self.running.as_ref().and_then(RunningEngine::take_end) {
            self.revive(how);
        }
    }

    /// The running engine has ended: starts it again where it was, if that has not failed too often.
    fn revive(&mut self, how: String) {
        self.give_up_code(&how);
        let now = Instant::now();
        self.revivals.retain(|then| now.duration_since(*then) < REVIVAL_SPAN);
        let again = self.revivals.len() < REVIVALS;
        let over = self.link.shared.phase() == Phase::Ended;
        let mut locked = self.link.lock();
        locked.log(ConsoleLine::error(&how));
        locked.crash = Some(how.clone());
        if over {
            locked.log(ConsoleLine::note("the performance was over; play starts it again"));
        } else if again {
            self.revivals.push_back(now);
            locked.log(ConsoleLine::note("starting it again where it was"));
            self.link.want(&mut locked, Begin::AfterCrash);
        } else {
            locked.gave_up = true;
            let why =
                format!("{how}. It has ended {} times now; reload the piece to try again", REVIVALS + 1);
            locked.log(ConsoleLine::error(&why));
            locked.state = PieceState::Failed(why);
        }
    }

    /// Sends string channels to the running piece.
    fn send_texts(&mut self) {
        let texts = std::mem::take(&mut self.link.lock().texts);
        for (name, text) in texts {
            if let Some(Err(error)) = self.running.as_ref().map(|running| running.set_text(&name, &text)) {
                self.log(vec![ConsoleLine::error(format!("channel {name}: {error}"))]);
            }
        }
    }

    /// Sends orchestra code to the running piece, and takes what came of it.
    fn send_code(&mut self) {
        let codes = std::mem::take(&mut self.link.lock().codes);
        for code in codes {
            let nobody = || Err("nothing is performed yet: load a piece first".to_owned());
            match self.running.as_ref().map_or_else(nobody, |running| running.evaluate(&code)) {
                Ok(()) => self.evaluating += 1,
                Err(reason) => self.link.lock().evaluated.push(Some(reason)),
            }
        }
        let answers = self.running.as_ref().map(RunningEngine::take_evaluated).unwrap_or_default();
        self.evaluating = self.evaluating.saturating_sub(answers.len());
        if !answers.is_empty() {
            self.link.lock().evaluated.extend(answers);
        }
    }

    /// The engine that was to compile code does so no more.
    fn give_up_code(&mut self, why: &str) {
        let evaluating = std::mem::take(&mut self.evaluating);
        self.link.lock().evaluated.extend(std::iter::repeat_n(Some(why.to_owned()), evaluating));
    }

    /// Looks whether the piece's files have changed and, where that is wanted, performs them as they
    /// are now. That is no choice of the user's: the piece may read no more than before.
    fn watch_files(&mut self) {
        let mut locked = self.link.lock();
        if self
            .files
            .as_ref()
            .is_none_or(|watch| locked.files.as_ref().is_none_or(|files| !watch.is_on(files)))
        {
            self.link.files_changed.store(false, Ordering::Relaxed);
            let files = locked.files.clone();
            drop(locked);
            self.files = files.map(FileWatch::new);
            return;
        }
        let by_itself = locked.session.reloads_by_itself();
        let path = locked.files.as_ref().map(|files| files.path().to_owned());
        drop(locked);
        let Some(changed) = self.files.as_mut().and_then(FileWatch::look) else { return };
        self.link.files_changed.store(changed, Ordering::Relaxed);
        let Some(path) = path.filter(|_| changed && by_itself) else { return };
        let files = PieceFiles::of(&path);
        let read = files::read_piece(&path);
        locked = self.link.lock();
        if locked.files.as_ref().map(PieceFiles::path) != Some(&*path) {
            // The user has opened another piece meanwhile.
            return;
        }
        locked.files = Some(files);
        match read {
            Ok(piece) => {
                locked.take_again(&piece);
                self.link.want(&mut locked, Begin::AtStart);
            }
            Err(error) => locked.log(ConsoleLine::error(error.to_string())),
        }
    }

    /// Keeps a recording standing by, once there is a folder for it, and opens the file of one that
    /// the audio thread has begun.
    fn keep_recording_ready(&mut self) {
        self.report_recordings();
        let folder = self.link.lock().session.recording_folder.clone();
        if let (Some(standby), Some(folder)) = (self.standby.take_if(|standby| standby.is_begun()), &folder) {
            self.open_recording(standby, folder);
        }
        let unready = self.link.unready.load(Ordering::Relaxed);
        if unready > std::mem::replace(&mut self.unready, unready) && folder.is_none() {
            self.log(vec![ConsoleLine::error("nothing is recorded: choose a folder for recordings first")]);
        }
        let (Some(_), Some((rate, ksmps, outputs))) = (folder, self.link.shared.running_format()) else {
            return;
        };
        let (bits, buffers) = self.link.requests.recording();
        let Ok(depth) = BitDepth::from_bits(bits) else { return };
        let rate = rate.round() as u32;
        if let Some(standby) = &self.standby {
            // A tap that the audio thread has taken stays as it is, although it may not have begun.
            if standby.is_for(depth, buffers, outputs, rate, ksmps) || self.link.standby.pop().is_none() {
                return;
            }
            self.standby = None;
        }
        match recorder::stand_by(depth, buffers, outputs, rate, ksmps) {
            Ok((tap, standby)) => {
                drop(self.link.standby.force_push(Box::new(tap)));
                self.standby = Some(standby);
            }
            Err(error) => {
                let refused = error.to_string();
                if self.no_standby.replace(refused.clone()).is_none_or(|before| before != refused) {
                    self.log(vec![ConsoleLine::error(refused)]);
                }
            }
        }
    }

    /// Says how recordings ended, where they failed.
    fn report_recordings(&mut self) {
        let mut failed = Vec::new();
        self.recordings.retain(|recording| match recording.state() {
            RecordState::Recording | RecordState::Closing => true,
            RecordState::Closed => false,
            RecordState::Failed(reason) => {
                let path = recording.path().display();
                failed.push(ConsoleLine::error(format!("the recording {path} broke off: {reason}")));
                false
            }
        });
        self.log(failed);
    }

    /// Names the file after the piece, the date and the time.
    fn open_recording(&mut self, standby: Standby, folder: &Path) {
        let piece = self.performing.as_ref().map_or("recording", |piece| piece.name.as_str());
        let stem = Path::new(piece).file_stem().unwrap_or_default().to_string_lossy();
        let now = jiff::Zoned::now().strftime("%Y-%m-%d %H-%M-%S").to_string();
        let path = recorder::free_name(folder, &format!("{stem} {now}"));
        match standby.open(&path, false) {
            Ok(recording) => {
                self.log(vec![ConsoleLine::note(format!("recording into {}", path.display()))]);
                self.recordings.push(recording.clone());
                self.link.performance().adopt_recording(recording);
            }
            Err(error) => self.log(vec![ConsoleLine::error(error.to_string())]),
        }
    }

    /// Sends the remote control's lines.
    fn send_lines(&mut self) {
        while let Some(line) = self.link.lines.pop() {
            if let Err(error) = self.link.performance().input_message(line.as_str()) {
                self.log(vec![ConsoleLine::error(format!(
                    "{:?} from the remote control: {error}",
                    line.as_str()
                ))]);
            }
        }
    }

    /// Says what the audio thread could only count.
    fn report_troubles(&mut self) {
        let now = self.link.shared.troubles();
        let before = std::mem::replace(&mut self.reported, now);
        let kinds = [
            (before.late_turns, now.late_turns, "turns were late and became silence"),
            (
                before.late_events,
                now.late_events,
                "score events came after their time: shortened, or dropped",
            ),
            (
                before.lengthened_events,
                now.lengthened_events,
                "score events were shorter than a k-cycle, which Csound does not survive in a sample-accurate \
                 piece: lengthened",
            ),
            (before.non_finite_samples, now.non_finite_samples, "samples were not finite and became silence"),
        ];
        let malformed = self.link.malformed.load(Ordering::Relaxed);
        let malformed = (
            std::mem::replace(&mut self.malformed, malformed),
            malformed,
            "messages for the remote control made no sense and were ignored",
        );
        let kinds = kinds.into_iter().chain([malformed]);
        let more = kinds.filter(|(before, now, _)| now > before);
        self.log(
            more.map(|(before, now, what)| ConsoleLine::note(format!("{} {what}", now - before))).collect(),
        );
    }

    fn log(&self, lines: Vec<ConsoleLine>) {
        if lines.is_empty() {
            return;
        }
        let mut locked = self.link.lock();
        lines.into_iter().for_each(|line| locked.log(line));
    }

    /// Builds the wanted engine; if its piece fails and nothing performs yet, the last good one.
    fn carry_out(&mut self, job: Job) {
        let mut state = PieceState::None;
        let mut good = None;
        let again = self.performing.clone().filter(|_| job.begin == Begin::AfterCrash);
        if let Some(piece) = again.as_ref().or(job.piece.as_ref()) {
            match self.build(piece, &job) {
                Ok(built) => {
                    // What is brought back need not be what was wanted and failed.
                    let wanted = job.piece.as_ref() == Some(piece);
                    state = if wanted { PieceState::Ready } else { job.before.clone() };
                    good = Some(SavedPiece::from(piece));
                    self.deliver(built);
                }
                Err(reason) => {
                    self.log(vec![ConsoleLine::error(&reason)]);
                    state = PieceState::Failed(reason);
                    self.fall_back(&job);
                }
            }
        } else {
            self.running = None;
            self.performing = None;
            self.link.emptied.store(true, Ordering::Release);
            drop(self.link.arrivals.pop());
        }
        let mut locked = self.link.lock();
        locked.built = job.wanted;
        if good.is_some() {
            locked.session.last_good = good;
        }
        let done = locked.built == locked.wanted;
        if done {
            locked.state = state;
        }
        self.link.pending.store(!done, Ordering::Release);
        self.link.changed.notify_all();
    }

    fn fall_back(&mut self, job: &Job) {
        let nothing_performs = self.link.shared.running_format().is_none();
        if let Some(piece) = job.last_good.as_ref().filter(|_| nothing_performs)
            && let Ok(built) = self.build(piece, job)
        {
            self.log(vec![ConsoleLine::note(format!("{} performs instead, as it did last", piece.name))]);
            self.deliver(built);
        }
    }

    /// Compiles and starts. A panic on the way is a defect of ours, and a failure like any other.
    fn build(&mut self, piece: &Piece, job: &Job) -> Result<Built, String> {
        let spec = PieceSpec {
            piece: piece.clone(),
            sample_rate: job.host.sample_rate,
            sample_accurate: job.options.sample_accurate,
            at_end: job.options.at_end,
            score_start: match job.begin {
                Begin::AtStart | Begin::Restart => job.score_start,
                Begin::SamePlace | Begin::AfterCrash => self.link.shared.score_time(),
            },
            loop_start: job.score_start,
            channel_defaults: job.channel_defaults,
            channel_values: starting_values(piece, job, &self.link.bank),
            channel_texts: starting_texts(piece, job),
            instrument: job.instrument.clone(),
            measured: false,
        };
        let mut lines = Vec::new();
        let trust = Trust::read().unwrap_or_else(|error| {
            lines.push(ConsoleLine::error(format!(
                "what pieces may do cannot be read, so this one may do nothing: {error}"
            )));
            Trust::default()
        });
        let granted = trust.granted(piece);
        let plan = engines::plan(&granted, job.in_process);
        let asks = match granted.access(piece) {
            FolderAccess::Asks(folder) if plan == (Plan::Isolated { trusted: false }) => Some(folder),
            _ => None,
        };
        self.link.lock().isolation = IsolationState {
            plan: Some(plan),
            granted: granted.clone(),
            wants: Wants::of(piece),
            folder: piece.folder.clone(),
            asks,
        };
        let made = std::panic::catch_unwind(AssertUnwindSafe(|| {
            engines::make(&spec, plan, &granted, job.patience.clone(), &mut |line| lines.push(line))
        }));
        self.log(lines);
        let Made { mut engine, shown, running } = match made {
            Ok(made) => made.map_err(|error| error.to_string())?,
            Err(_) => {
                return Err(format!(
                    "{}: Csound Performer failed while loading it; this is our fault",
                    piece.name
                ));
            }
        };
        let offered = Offered::find(piece, &shown.channels);
        self.link.bank.adopt(&offered.inputs);
        self.link.lock().written = Written {
            outputs: offered.outputs.iter().take(FIRST_OF_HOST - SLOTS).cloned().collect(),
            both: offered.both.clone(),
        };
        let wiring = Wiring::of(piece, &offered, &self.link.bank);
        engine.bind(&wiring.names);
        self.describe(&engine.format(), job.host.outputs);
        let mut seat = Box::new(Seat::new(engine, job.host.largest));
        seat.plays = (job.begin == Begin::AtStart).then(|| self.link.requests.plays());
        Ok(Built { seat, running, piece: piece.clone(), wiring, shown })
    }

    fn describe(&self, format: &Format, host_outputs: usize) {
        let Format { sample_rate, ksmps, inputs, outputs, .. } = *format;
        let mut lines = vec![ConsoleLine::note(format!(
            "performing at {sample_rate} Hz, ksmps {ksmps}, {inputs} in, {outputs} out"
        ))];
        lines.extend(mapping_note(outputs, host_outputs).map(ConsoleLine::note));
        self.log(lines);
    }

    fn deliver(&mut self, built: Built) {
        self.link.performance().set_csound(built.running.csound());
        self.link.host_channels.store(built.wiring.host_channels, Ordering::Relaxed);
        self.link.expressions.store(built.wiring.expressions, Ordering::Relaxed);
        self.link.instrument.store(built.shown.instrument.map_or(0, u32::from), Ordering::Relaxed);
        self.link.score_length.store(built.shown.score_length.unwrap_or(f64::NAN), Ordering::Relaxed);
        self.give_up_code("the piece was started anew before the code was compiled: send it again");
        // The engine before this one says no more that anybody waits for.
        self.running = Some(built.running);
        self.performing = Some(built.piece);
        // Newest wins: one that the audio thread has not taken yet is dropped here.
        drop(self.link.arrivals.force_push(built.seat));
    }
}

/// How a piece's channels go to a host with another number of them.
fn mapping_note(piece: usize, host: usize) -> Option<String> {
    match (piece, host) {
        (piece, host) if piece == host => None,
        (1, _) => Some("the piece's single channel is heard on both of the first pair".to_owned()),
        (piece, host) if piece > host => Some(format!(
            "the piece has {piece} channels, the host {host}: channels from {} on are not heard",
            host + 1
        )),
        _ => Some(format!("the piece has {piece} channels, the host {host}: the others are silent")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_told_only_where_there_is_one() {
        assert_eq!(mapping_note(2, 2), None);
        assert!(mapping_note(1, 2).unwrap().contains("both"));
        assert!(mapping_note(4, 2).unwrap().contains("from 3 on"));
        assert!(mapping_note(2, 8).unwrap().contains("silent"));
    }

    #[test]
    fn what_was_counted_is_told_once() {
        let link = Arc::new(Link::default());
        let mut worker = Worker::new(Arc::clone(&link));
        worker.report_troubles();
        assert_eq!(link.console(), []);
        worker.reported = Troubles::default();
        link.shared.count(&csound_performance::engine::Outcome {
            late_events: 3,
            lengthened_events: 2,
            ..Default::default()
        });
        link.note_malformed(5);
        worker.report_troubles();
        worker.report_troubles();
        let lines: Vec<_> = link.console().into_iter().map(|line| line.text).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[2].starts_with("5 messages for the remote control"));
        assert!(lines[0].starts_with("3 score events came after"));
    }
}
