//! The pipelined timing: everything that an exact performance brings (sound, MIDI, recordings, the score's time),
//! later by the host's largest block and otherwise the same. Over both kinds of engine, as `blocks`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use csound_performance::blocks::{Blocks, Seat};
use csound_performance::command::{Change, Command};
use csound_performance::engine::framing::Timing;
use csound_performance::engine::{EventKind, Format, MidiMessage, Outcome, Purpose, Turn, Wait};
use csound_performance::{Answer, AnswerError, BitDepth, Cycle, Engine, Phase, RecordOptions, recorder};
use nice_assert_no_alloc::assert_no_alloc;

use super::blocks::{Bench, Fake, LARGEST, note, start};
use crate::common::{Random, libcsound_is_missing};

/// Everything that a performance brings to its host.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    /// As bits, so that all of it is compared.
    sound: Vec<u32>,
    /// By frame of the performance.
    midi: Vec<(usize, Vec<u8>)>,
    recordings: Vec<Vec<u32>>,
    /// What code has come to, in the order in which it was asked for; none where it was never answered.
    answers: Vec<Option<Result<f64, AnswerError>>>,
    /// The frame before which each requested callback ran.
    called: Vec<i64>,
    frames: i64,
    score_time: f64,
    phase: Option<Phase>,
}

/// A happening of a script.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Note(f64, f64),
    Key([u8; 3]),
    Change(Change),
    Seek(f64),
    /// Code that counts on, and gives its count.
    Evaluate(u8),
    /// Code that brings an instrument and plays it, and code with an error.
    Compile(u8),
    CompileWrong,
    /// A callback, at the beginning of a block.
    Callback,
    Record,
    StopRecord,
    /// Another engine, at the beginning of a block.
    Another,
    /// The host's reset between two blocks.
    Reset,
}

/// One block of a script: its frames, and what happens at which of them.
type Written = (usize, Vec<(usize, Deed)>);

/// A script of as many blocks, with everything that a host asks for at random frames.
fn script(random: &mut Random, blocks: usize, most: usize) -> Vec<Written> {
    let mut is_recording = false;
    (0..blocks)
        .map(|number| {
            let below = 1 << random.below(most.ilog2() as usize + 1);
            let frames = 1 + random.below(below.min(most));
            let mut deeds: Vec<(usize, Deed)> = (0..random.below(5))
                .map(|_| {
                    let deed = match random.below(30) {
                        0..=8 => Deed::Note(0.001 + random.unit() * 0.05, random.unit() * 0.5),
                        9..=13 => Deed::Key([0x90, 40 + random.below(8) as u8, random.below(2) as u8 * 90]),
                        14 | 15 => Deed::Change(Change::Toggle),
                        16 | 17 => Deed::Change(Change::Play),
                        18 => Deed::Seek(random.unit() * 20.0),
                        19 => Deed::Reset,
                        24 | 25 => Deed::Evaluate(1 + random.below(9) as u8),
                        26 | 27 => Deed::Compile(1 + random.below(9) as u8),
                        28 => Deed::CompileWrong,
                        29 => Deed::Callback,
                        20 | 21 if !std::mem::replace(&mut is_recording, true) => Deed::Record,
                        22 | 23 if std::mem::take(&mut is_recording) => Deed::StopRecord,
                        _ => Deed::Change(Change::Play),
                    };
                    (random.below(frames), deed)
                })
                .collect();
            if number % 40 == 17 {
                deeds.push((0, Deed::Another));
            }
            deeds.sort_by_key(|(frame, _)| *frame);
            (frames, deeds)
        })
        .collect()
}

fn take(folder: &std::path::Path, run: usize, ksmps: usize) -> (Command, recorder::Recording) {
    let path = folder.join(format!("{run}.wav"));
    let options = RecordOptions { path, depth: BitDepth::Float32, buffers: 1024, overwrite: false };
    let sound = recorder::Sound { channels: 1, sample_rate: 48_000, ksmps };
    let (tap, handle) = recorder::open(options, sound).unwrap();
    (Command::Record(Box::new(tap)), handle)
}

/// Performs a script, and then enough to hear all of it.
fn play(timing: Timing, ksmps: usize, script: &[Written], engine: &dyn Fn() -> Box<dyn Engine>) -> Heard {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(engine(), timing);
    let performance = bench.performance();
    let mut heard = Heard::default();
    let (mut recordings, mut answers, mut requests) = (Vec::new(), Vec::new(), Vec::new());
    let called = Arc::new(Mutex::new(Vec::with_capacity(1024)));
    let mut at = 0;
    let rest = [(LARGEST, vec![(0, Deed::StopRecord)]), (LARGEST, vec![]), (LARGEST, vec![]), (3, vec![])];
    for (frames, deeds) in script.iter().chain(&rest) {
        let mut commands = Vec::new();
        for (frame, deed) in deeds {
            let number = 100 + answers.len();
            let mut code = |text: &str, purpose| {
                let (event, answer) = performance.prepare_code(text, purpose).unwrap();
                answers.push(answer);
                Command::Event(event)
            };
            let command = match *deed {
                Deed::Note(length, level) => note(length, level),
                Deed::Key(bytes) => Command::Event(EventKind::Midi(MidiMessage::new(&bytes).unwrap())),
                Deed::Change(change) => Command::Change(change),
                Deed::Evaluate(by) => {
                    code(&format!("giCount = giCount + {by}\nreturn giCount"), Purpose::Evaluate)
                }
                Deed::Compile(part) => {
                    let instrument = format!("instr {number}\nout a({part} / 100)\nendin\n");
                    code(&format!("{instrument}schedule {number}, 0, 0.01"), Purpose::Compile)
                }
                Deed::CompileWrong => code("instr 99\nnonsense here\nendin", Purpose::Compile),
                Deed::Callback => {
                    let called = Arc::clone(&called);
                    let note = move |cycle: &Cycle<'_>| called.lock().unwrap().push(cycle.frames());
                    requests.push(performance.request_callback(note).unwrap());
                    continue;
                }
                Deed::Seek(time) => Command::Event(EventKind::Seek(time)),
                Deed::Record => {
                    let (command, handle) = take(folder.path(), recordings.len(), ksmps);
                    recordings.push(handle);
                    command
                }
                Deed::StopRecord => Command::StopRecord,
                Deed::Another => {
                    drop(bench.arrivals.force_push(Box::new(Seat::new(engine(), LARGEST))));
                    continue;
                }
                Deed::Reset => {
                    bench.blocks.reset();
                    continue;
                }
            };
            commands.push((*frame, command));
        }
        let mut sound = vec![0.0; *frames];
        let input: Vec<f32> = (at..at + frames).map(|frame| (frame % 1009) as f32 / 2048.0).collect();
        let mut midi: Vec<(usize, MidiMessage)> = Vec::with_capacity(2048);
        let blocks = &mut bench.blocks;
        assert_no_alloc(|| {
            let mut block = blocks.begin(*frames, true);
            block.input(0, &input);
            for (frame, command) in commands.drain(..) {
                assert!(block.ask(frame, command).is_ok(), "the agenda is full");
            }
            midi.extend(block.finish(&mut [&mut sound]).midi_out());
        });
        heard.sound.extend(sound.iter().map(|sample| sample.to_bits()));
        heard.midi.extend(midi.iter().map(|(frame, message)| (at + frame, message.bytes().to_vec())));
        at += frames;
        bench.shared.free_spent();
    }
    bench.blocks.collect();
    heard.recordings = recordings
        .iter()
        .enumerate()
        .map(|(run, recording)| {
            assert!(recording.wait_closed(Duration::from_secs(20)));
            let mut file = hound::WavReader::open(folder.path().join(format!("{run}.wav"))).unwrap();
            file.samples::<f32>().map(|sample| sample.unwrap().to_bits()).collect()
        })
        .collect();
    // Those of an engine process are on their way.
    let began = Instant::now();
    while answers.iter().any(|answer| answer.get().is_none()) && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(1));
    }
    heard.answers = answers.iter().map(Answer::get).collect();
    assert!(requests.iter().all(|request| request.get() == Some(Ok(()))), "a callback did not run");
    heard.called = std::mem::take(&mut *called.lock().unwrap());
    heard.frames = performance.frames();
    heard.score_time = performance.score_time();
    heard.phase = Some(bench.shared.phase());
    heard
}

/// Compares what comes of a script in both timings.
fn assert_the_same_but_later(what: &str, exact: Heard, pipelined: Heard) {
    let end = exact.sound.len() - LARGEST;
    assert!(pipelined.sound[..LARGEST].iter().all(|sample| *sample == 0), "{what}: it begins with silence");
    let differs = (0..end).find(|frame| exact.sound[*frame] != pipelined.sound[frame + LARGEST]);
    assert_eq!(differs, None, "{what}: the first frame that differs");
    let later: Vec<_> = pipelined.midi.iter().map(|(frame, sent)| (frame - LARGEST, sent.clone())).collect();
    let within = |midi: &[(usize, Vec<u8>)]| -> Vec<_> {
        midi.iter().filter(|(frame, _)| *frame < end).cloned().collect()
    };
    assert_eq!(within(&exact.midi), within(&later), "{what}: MIDI");
    assert_eq!(exact.answers.len(), pipelined.answers.len());
    // Where another engine takes over, an answer of the one before may still be under way from its process.
    let is_lost = |answer: &Option<_>| matches!(answer, Some(Err(AnswerError::EngineEnded)));
    for (exact, pipelined) in exact.answers.iter().zip(&pipelined.answers) {
        assert!(
            exact == pipelined || is_lost(exact) || is_lost(pipelined),
            "{what}: {exact:?} and {pipelined:?}"
        );
    }
    assert_eq!(exact.called, pipelined.called, "{what}: callbacks");
    assert_eq!(exact.recordings.len(), pipelined.recordings.len());
    for (exact, pipelined) in exact.recordings.iter().zip(&pipelined.recordings) {
        assert_eq!(exact.len(), pipelined.len(), "{what}: frames of a recording");
        assert!(exact == pipelined, "{what}: a recording");
    }
    assert_eq!(
        (exact.frames, exact.score_time, exact.phase),
        (pipelined.frames, pipelined.score_time, pipelined.phase),
        "{what}"
    );
}

/// Notes, keys, MIDI that is sent for each key, and a score over which the input is heard.
const BODY: &str = "giCount = 0\nmassign 0, 2\ninstr 1\na1 = p4\nout a1\nendin\n\
                    instr 2\nnoteondur 1, notnum(), 90, 0.02\na1 oscili 0.1, cpsmidi()\nout a1\nendin\n\
                    instr 3\na1 line 0, 30, 1\nain in\nout a1 + ain\nendin\n";
const SCORE: &str = "i 3 0 30";

#[test]
fn what_is_heard_sent_and_recorded_is_the_exact_performance_later_by_the_largest_block() {
    if libcsound_is_missing() {
        return;
    }
    let (mut sent, mut recorded, mut sounded) = (0, 0, 0);
    let (mut counted, mut refused, mut called) = (0, 0, 0);
    for (number, ksmps) in [1, 10, 64, 441, 4096].into_iter().enumerate() {
        let mut random = Random::new(900 + number as u64);
        let script = script(&mut random, if ksmps == 1 { 60 } else { 160 }, LARGEST);
        let engine = || start("--sample-accurate", ksmps, BODY, SCORE);
        // A reset empties what is queued, and a pipelined performance has more in its queue: it has a test of its own.
        let without_resets: Vec<Written> = script
            .iter()
            .map(|(frames, deeds)| {
                let stays = deeds.iter().filter(|(_, deed)| *deed != Deed::Reset).copied();
                (*frames, stays.collect())
            })
            .collect();
        let [exact, pipelined] =
            [Timing::Exact, Timing::Pipelined].map(|timing| play(timing, ksmps, &without_resets, &engine));
        sent += exact.midi.len();
        recorded += exact.recordings.iter().flatten().filter(|sample| **sample != 0).count();
        sounded += exact.sound.iter().filter(|sample| **sample != 0).count();
        counted += exact.answers.iter().flatten().filter(|answer| answer.is_ok()).count();
        refused += exact.answers.iter().flatten().filter(|answer| answer.is_err()).count();
        called += exact.called.len();
        assert_the_same_but_later(&format!("ksmps {ksmps}"), exact, pipelined);
        // With resets it goes through as well, and ends in the same place.
        let [exact, pipelined] =
            [Timing::Exact, Timing::Pipelined].map(|timing| play(timing, ksmps, &script, &engine));
        assert_eq!((exact.frames, exact.phase), (pipelined.frames, pipelined.phase), "ksmps {ksmps}");
        let recordings = |heard: &Heard| heard.recordings.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(recordings(&exact), recordings(&pipelined), "ksmps {ksmps}");
    }
    assert!(sent > 50 && recorded > 10_000 && sounded > 100_000, "{sent} {recorded} {sounded}");
    assert!(counted > 20 && refused > 5 && called > 5, "{counted} {refused} {called}");
}

#[test]
fn the_latency_is_the_exact_one_and_the_largest_block_whatever_the_blocks_are() {
    let fake = Fake { ksmps: 100, cycles: 0, late: vec![], turns: 0 };
    let mut bench = Bench::new(Box::new(fake), Timing::Pipelined);
    assert_eq!(bench.blocks.latency(), LARGEST + 99);
    let mut random = Random::new(8);
    let mut heard = Vec::new();
    while heard.len() < 20 * LARGEST {
        let mut span = vec![0.0; 1 + random.below(LARGEST)];
        bench.block(&mut span, &mut Vec::new());
        heard.extend(span);
        assert_eq!(bench.blocks.latency(), LARGEST + 99);
    }
    for (frame, sample) in heard.iter().enumerate().skip(LARGEST + 99) {
        assert_eq!(*sample, ((frame - LARGEST - 99) / 100 + 1) as f32, "frame {frame}");
    }
    bench.blocks.activate(48_000.0, 64, Timing::Pipelined);
    assert_eq!(bench.blocks.latency(), 64 + 99);
    assert!(!bench.blocks.wants_restart(Timing::Pipelined) && bench.blocks.wants_restart(Timing::Exact));
}

#[test]
fn a_late_turn_is_a_gap_with_a_fade_in_the_same_place() {
    let play = |timing| {
        let fake = Fake { ksmps: 100, cycles: 0, late: vec![3, 4, 9], turns: 0 };
        let mut bench = Bench::new(Box::new(fake), timing);
        let mut heard = vec![0.0; 16 * 200 + LARGEST];
        for span in heard.chunks_mut(200) {
            bench.block(span, &mut Vec::new());
        }
        bench.blocks.collect();
        (heard, bench.performance().troubles())
    };
    let ((exact, counted), (pipelined, later)) = (play(Timing::Exact), play(Timing::Pipelined));
    assert_eq!(counted, later);
    assert_eq!(counted.late_turns, 3);
    assert_eq!(exact[..16 * 200], pipelined[LARGEST..]);
}

/// An engine on a processor of its own, as it were: it counts the turns that were collected from it.
struct Elsewhere {
    fake: Fake,
    /// A turn was posted and is not collected.
    has_turn: bool,
    collected: Arc<AtomicUsize>,
    /// How long it was waited for each time.
    waits: Arc<Mutex<Vec<Wait>>>,
}

impl Engine for Elsewhere {
    fn format(&self) -> Format {
        self.fake.format()
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome {
        let wait = Wait::of(turn.offline);
        self.post(turn);
        self.collect(turn, wait)
    }

    fn post(&mut self, _: &mut Turn<'_>) {
        assert!(!std::mem::replace(&mut self.has_turn, true), "a turn is collected before another");
    }

    fn collect(&mut self, turn: &mut Turn<'_>, wait: Wait) -> Outcome {
        self.waits.lock().unwrap().push(wait);
        assert!(std::mem::take(&mut self.has_turn), "a turn was posted");
        self.collected.fetch_add(1, Ordering::Relaxed);
        self.fake.perform(turn)
    }
}

#[test]
fn a_block_is_finished_before_its_turn_is_and_what_is_asked_of_the_driver_comes_after_it() {
    let collected = Arc::new(AtomicUsize::new(0));
    let engine = || {
        let fake = Fake { ksmps: 100, cycles: 0, late: vec![], turns: 0 };
        let (collected, waits) = (Arc::clone(&collected), Arc::default());
        Box::new(Elsewhere { fake, has_turn: false, collected, waits })
    };
    let mut bench = Bench::new(engine(), Timing::Pipelined);
    let count = || collected.load(Ordering::Relaxed);
    let key = || Command::Event(EventKind::Midi(MidiMessage::new(&[0x90, 60, 100]).unwrap()));
    for block in 0..10 {
        let mut heard = [0.0; 200];
        let mut begun = bench.blocks.begin(200, false);
        assert_eq!(count(), block, "the turn of the block before is collected");
        match block {
            3 => assert!(begun.ask(0, Command::Change(Change::Pause)).is_ok()),
            6 => assert!(begun.ask(0, Command::Change(Change::Play)).is_ok()),
            _ => {}
        }
        // While it is paused too.
        assert!(begun.ask(0, key()).is_ok());
        begun.finish(&mut [&mut heard]);
        assert_eq!(count(), block, "its own is not waited for");
    }
    // A pause within a block ends a turn, and what goes before it is waited for.
    let mut begun = bench.blocks.begin(200, false);
    assert!(begun.ask(100, Command::Change(Change::Toggle)).is_ok() && begun.ask(101, key()).is_ok());
    begun.finish(&mut [&mut [0.0; 200]]);
    assert_eq!(count(), 11);
    bench.performance().play().unwrap();
    type Deed = fn(&mut Blocks);
    let deeds: [Deed; 6] = [
        |blocks| blocks.reset(),
        |blocks| assert!(blocks.ask_between(Command::Change(Change::Play)).is_ok()),
        |blocks| blocks.stand(false),
        |blocks| blocks.take_over(Timing::Pipelined),
        |blocks| blocks.activate(48_000.0, LARGEST, Timing::Pipelined),
        |blocks| blocks.unseat(),
    ];
    for (number, deed) in deeds.into_iter().enumerate() {
        bench.blocks.begin(200, false).finish(&mut [&mut [0.0; 200]]);
        let before = count();
        deed(&mut bench.blocks);
        assert_eq!(count(), before + 1, "deed {number}");
    }
    assert!(!bench.blocks.has_engine());
    // An engine that leaves is heard to its end, and each of the two has its turn at the same time.
    for _ in 0..2 {
        drop(bench.arrivals.force_push(Box::new(Seat::new(engine(), LARGEST))));
        bench.blocks.activate(48_000.0, LARGEST, Timing::Pipelined);
    }
    let before = count();
    for _ in 0..3 {
        drop(bench.arrivals.force_push(Box::new(Seat::new(engine(), LARGEST))));
        bench.blocks.begin(200, false).finish(&mut [&mut [0.0; 200]]);
    }
    bench.blocks.collect();
    assert_eq!(count() - before, 1 + 2 * 2);
}

#[test]
fn a_turn_that_was_posted_offline_holds_up_nobody_who_does_not_render() {
    let waits = Arc::<Mutex<Vec<Wait>>>::default();
    let engine = || {
        let fake = Fake { ksmps: 100, cycles: 0, late: vec![], turns: 0 };
        Box::new(Elsewhere { fake, has_turn: false, collected: Arc::default(), waits: Arc::clone(&waits) })
    };
    type Deed = fn(&mut Blocks);
    let deeds: [(&str, Deed, Wait); 8] = [
        ("a block in real time", |blocks| drop(blocks.begin(200, false)), Wait::Shortly),
        ("an offline block", |blocks| drop(blocks.begin(200, true)), Wait::ToTheEnd),
        ("collected", |blocks| blocks.collect(), Wait::ToTheEnd),
        ("collected shortly", |blocks| blocks.collect_shortly(), Wait::Shortly),
        ("collected for a render", |blocks| blocks.collect_with(&mut || None), Wait::ToTheEnd),
        ("reset", |blocks| blocks.reset(), Wait::Shortly),
        ("activated", |blocks| blocks.activate(48_000.0, LARGEST, Timing::Pipelined), Wait::Shortly),
        ("unseated", |blocks| blocks.unseat(), Wait::Shortly),
    ];
    for offline in [true, false] {
        let mut bench = Bench::new(engine(), Timing::Pipelined);
        for (what, deed, wait) in deeds {
            bench.blocks.begin(200, offline).finish(&mut [&mut [0.0; 200]]);
            waits.lock().unwrap().clear();
            deed(&mut bench.blocks);
            let expected = if offline { wait } else { Wait::Shortly };
            assert_eq!(*waits.lock().unwrap(), [expected], "{what}, posted offline: {offline}");
        }
    }
    // The engine that leaves is waited for as long as the one that came.
    let mut bench = Bench::new(engine(), Timing::Pipelined);
    bench.blocks.begin(200, true).finish(&mut [&mut [0.0; 200]]);
    drop(bench.arrivals.force_push(Box::new(Seat::new(engine(), LARGEST))));
    bench.blocks.begin(200, true).finish(&mut [&mut [0.0; 200]]);
    waits.lock().unwrap().clear();
    bench.blocks.reset();
    assert_eq!(*waits.lock().unwrap(), [Wait::Shortly; 2]);
}
