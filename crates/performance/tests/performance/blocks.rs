//! The host's driver without a host: events on their frames, recording, gaps, and an audio thread
//! that never allocates.
//!
//! These tests run twice: over an engine in this process, and as `isolated::blocks` over one in a process of
//! its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;
use csound_library::Library;
use csound_performance::blocks::Seat;
use csound_performance::blocks::{Arrivals, Blocks};
use csound_performance::command::{Change, Command};
use csound_performance::engine::framing::Timing;
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{
    ConsoleLine, Engine, EventKind, Format, MidiMessage, Outcome, PField, PieceSpec, ScoreEvent, StartError,
    TimeBase, Turn,
};
use csound_performance::{Performance, Shared};
use nice_assert_no_alloc::assert_no_alloc;

use crate::common::{csd, libcsound_is_missing, onset};

pub const LARGEST: usize = 4096;

pub struct Bench {
    pub blocks: Blocks,
    pub arrivals: Arrivals,
    pub shared: Arc<Shared>,
}

impl Bench {
    pub fn new(engine: Box<dyn Engine>, timing: Timing) -> Self {
        let (shared, arrivals): (Arc<Shared>, Arrivals) = (Arc::default(), Arc::new(ArrayQueue::new(1)));
        let mut blocks = Blocks::new(Arc::clone(&shared), Arc::clone(&arrivals));
        let _ = arrivals.force_push(Box::new(Seat::new(engine, LARGEST)));
        blocks.activate(48_000.0, LARGEST, timing);
        Self { blocks, arrivals, shared }
    }

    pub fn performance(&self) -> Performance {
        Performance::new(Arc::clone(&self.shared))
    }

    /// One block, with events at its frames, on an audio thread that must not allocate.
    pub fn block(&mut self, heard: &mut [f32], events: &mut Vec<(usize, Command)>) {
        let frames = heard.len();
        let blocks = &mut self.blocks;
        assert_no_alloc(|| {
            // An engine process may be late on a busy machine; what is heard must not depend on it.
            let mut block = blocks.begin(frames, is_isolated());
            for (frame, command) in events.drain(..) {
                assert!(block.ask(frame, command).is_ok(), "the agenda is full");
            }
            block.finish(&mut [heard]);
        });
    }

    pub fn perform(&mut self, frames: usize) -> Vec<f32> {
        let mut heard = vec![0.0; frames];
        for span in heard.chunks_mut(480) {
            self.block(span, &mut Vec::new());
        }
        heard
    }
}

/// Whether these are the tests over an engine in a process of its own.
pub fn is_isolated() -> bool {
    module_path!().contains("::isolated::")
}

fn start_isolated(
    spec: &PieceSpec,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Box<dyn Engine>, StartError> {
    let program = env!("CARGO_BIN_EXE_csound-performer-engine").into();
    let options = Options::new(program, Some(Confinement::default()));
    RemoteEngine::start(spec, &options, console).map(|started| Box::new(started.engine) as _)
}

pub fn start(options: &str, ksmps: usize, body: &str, score: &str) -> Box<dyn Engine> {
    let text = csd(options, &format!("sr = 48000\nksmps = {ksmps}\nnchnls = 1\n"), body, score);
    let spec =
        PieceSpec::new(Piece { name: "test.csd".into(), source: Source::Csd(text), folder: None }, 48_000.0);
    let mut said = Vec::new();
    let started = match is_isolated() {
        true => start_isolated(&spec, &mut |line| said.push(line.text)),
        false => LocalEngine::start(&spec, &mut |line| said.push(line.text))
            .map(|started| Box::new(started.engine) as _),
    };
    match started {
        Ok(engine) => engine,
        Err(error) => panic!("{error}\n{said:#?}"),
    }
}

/// A level as long as the note sounds.
pub const LEVEL: &str = "instr 1\na1 = p4\nout a1\nendin\n";

pub fn note(length: f64, level: f64) -> Command {
    let event = ScoreEvent {
        time_base: TimeBase::Now,
        opcode: b'i',
        fields: vec![1.0, 0.0, length, level],
        text: None,
    };
    Command::Event(EventKind::Score(Box::new(event)))
}

#[test]
fn a_score_event_starts_on_every_frame_of_a_k_cycle() {
    if libcsound_is_missing() {
        return;
    }
    for ksmps in [1, 2, 7, 10, 63, 64] {
        let mut bench = Bench::new(start("--sample-accurate", ksmps, LEVEL, ""), Timing::Exact);
        let latency = ksmps - 1;
        // Past the first k-cycle, which has a test of its own.
        bench.perform(4096);
        let mut at = 4096;
        for frame in 0..ksmps {
            let mut heard = vec![0.0; 1024];
            bench.block(&mut heard, &mut vec![(frame, note(0.01, 0.5))]);
            assert_eq!(onset(&heard), Some(frame + latency), "ksmps {ksmps} frame {frame} from {at}");
            bench.perform(1024 + frame);
            at += 2048 + frame;
        }
    }
}

#[test]
fn in_the_first_k_cycle_an_event_of_its_second_half_starts_with_the_next() {
    if libcsound_is_missing() {
        return;
    }
    // Csound 6 cannot start an event in the second half of its very first k-cycle.
    let rounds = Library::get().unwrap().rounds_events_to_cycles();
    for frame in [0, 1, 20, 31] {
        let mut bench = Bench::new(start("--sample-accurate", 64, LEVEL, ""), Timing::Exact);
        let mut heard = vec![0.0; 1024];
        bench.block(&mut heard, &mut vec![(frame, note(0.01, 0.5))]);
        assert_eq!(onset(&heard), Some(frame + 63));
    }
    for frame in [32, 40, 63] {
        let mut bench = Bench::new(start("--sample-accurate", 64, LEVEL, ""), Timing::Exact);
        let mut heard = vec![0.0; 1024];
        bench.block(&mut heard, &mut vec![(frame, note(0.01, 0.5))]);
        assert_eq!(onset(&heard), Some(63 + if rounds { 64 } else { frame }), "frame {frame}");
    }
}

#[test]
fn short_notes_survive_in_a_sample_accurate_piece() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(start("--sample-accurate", 64, LEVEL, ""), Timing::Exact);
    bench.perform(640);
    for frame in 0..64 {
        let mut heard = vec![0.0; 1024];
        bench.block(&mut heard, &mut vec![(frame, note(0.0001, 0.5))]);
        assert_eq!(onset(&heard), Some(frame + 63), "frame {frame}");
    }
}

#[test]
fn text_and_strings_are_placed_on_their_frame_too() {
    if libcsound_is_missing() {
        return;
    }
    let named = "instr bell\nSlevel = p4\nilevel strtod Slevel\na1 = ilevel\nout a1\nendin\n";
    let mut bench = Bench::new(start("--sample-accurate", 64, named, ""), Timing::Exact);
    bench.perform(640);
    let fields = [PField::from("bell"), 0.0.into(), 0.05.into(), "0.5".into()];
    bench.performance().score_event(TimeBase::Now, 'i', &fields).unwrap();
    let heard = bench.perform(4800);
    assert_eq!(heard[onset(&heard).unwrap()], 0.5);
    bench.performance().input_message("i \"bell\" 0.01 0.05 \"0.25\" ; later").unwrap();
    let heard = bench.perform(4800);
    let at = onset(&heard).unwrap();
    assert_eq!(heard[at], 0.25);
    assert_eq!(at, 480 + 63);
}

#[test]
fn a_recording_begins_and_ends_on_its_exact_frames() {
    if libcsound_is_missing() {
        return;
    }
    // A ramp that names each frame: frame / 48000.
    let ramp = "instr 1\na1 line 0, 10, 10\nout a1\nendin\n";
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new(start("", 64, ramp, "i 1 0 10"), Timing::Exact);
    let performance = bench.performance();
    for (run, (from, until)) in [(5, 900), (64, 128), (70, 75), (0, 4096)].into_iter().enumerate() {
        let path = folder.path().join(format!("{run}.wav"));
        let options = csound_performance::RecordOptions {
            path: path.clone(),
            depth: csound_performance::BitDepth::Float32,
            buffers: 64,
            overwrite: false,
        };
        let sound = csound_performance::recorder::Sound { channels: 1, sample_rate: 48_000, ksmps: 64 };
        let (tap, recording) = csound_performance::recorder::open(options, sound).unwrap();
        let begins = performance.frames() as usize;
        let mut heard = vec![0.0; LARGEST];
        let mut events = vec![(from, Command::Record(Box::new(tap)))];
        if until < LARGEST {
            events.push((until, Command::StopRecord));
            bench.block(&mut heard, &mut events);
        } else {
            bench.block(&mut heard, &mut events);
            bench.block(&mut heard[..64], &mut vec![(0, Command::StopRecord)]);
        }
        bench.perform(4096 - if until < LARGEST { 0 } else { 64 });
        assert!(recording.wait_closed(Duration::from_secs(20)));
        let samples: Vec<f32> =
            hound::WavReader::open(&path).unwrap().samples::<f32>().map(Result::unwrap).collect();
        assert_eq!(samples.len(), until - from, "run {run}");
        let first = f64::from(samples[0]) * 48_000.0;
        assert!((first - (begins + from) as f64).abs() < 0.5, "run {run}: {first} of {}", begins + from);
    }
}

#[test]
fn queue_order_is_kept_among_commands_and_events() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(start("--sample-accurate", 64, LEVEL, ""), Timing::Exact);
    bench.perform(640);
    // Paused in the second half of a k-cycle, so at the next boundary; the note that was asked for
    // after it must not come before it, so it waits for the pause to end.
    let pause = Command::Change(csound_performance::command::Change::Pause);
    let mut heard = vec![0.0; 1024];
    bench.block(&mut heard, &mut vec![(40, pause), (41, note(0.01, 0.5))]);
    assert_eq!(onset(&heard), None);
    assert_eq!(onset(&bench.perform(1024)), None);
    bench.performance().play().unwrap();
    assert!(onset(&bench.perform(1024)).is_some());
}

#[test]
fn the_audio_thread_never_allocates_while_it_plays_seeks_records_swaps_and_is_flooded() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let body = "massign 0, 1\ninstr 1\nkenv linsegr 0.1, 0.1, 0\na1 oscili kenv, 440\nout a1\nendin\n";
    let mut bench = Bench::new(start("", 32, body, "i 1 0 1000"), Timing::Exact);
    let performance = bench.performance();
    let flood = {
        let performance = performance.clone();
        std::thread::spawn(move || {
            let mut refused = 0;
            for _ in 0..30_000 {
                refused +=
                    usize::from(performance.score_event(TimeBase::Now, 'i', &[1.0, 0.0, 0.001]).is_err());
                refused += usize::from(performance.toggle_pause().is_err());
                refused += usize::from(performance.toggle_pause().is_err());
            }
            refused
        })
    };
    let mut heard = vec![0.0; LARGEST];
    // What the flood leaves no room for is asked for again, ten rounds later.
    for round in 0..200 {
        match round % 10 {
            1 => drop(performance.set_score_offset_seconds(f64::from(round))),
            3 => drop(performance.record(folder.path().join(format!("{round}.wav")), 24, 64)),
            5 => {
                let engine = start("", 32, body, "i 1 0 1000");
                drop(bench.arrivals.force_push(Box::new(Seat::new(engine, LARGEST))));
            }
            _ => {}
        }
        let midi = MidiMessage::new(&[0x90, 60 + (round % 12) as u8, 100]).unwrap();
        let mut events = vec![(0, Command::Event(EventKind::Midi(midi)))];
        bench.block(&mut heard[..1 + (round as usize * 37) % 2000], &mut events);
        bench.shared.free_spent();
    }
    flood.join().unwrap();
    assert!(heard.iter().all(|sample| sample.is_finite()));

    // Once more each with room for all of it, so that nothing of it was only refused or paused.
    bench.perform(480);
    bench.perform(480);
    performance.play().unwrap();
    performance.stop_record().unwrap();
    bench.perform(480);
    performance.set_score_offset_seconds(500.0).unwrap();
    let last = folder.path().join("last.wav");
    performance.record(&last, 24, 64).unwrap();
    bench.perform(4800);
    assert!(performance.score_time() >= 500.0, "it did not seek: {}", performance.score_time());
    let engine = start("", 32, body, "i 1 0 1000");
    drop(bench.arrivals.force_push(Box::new(Seat::new(engine, LARGEST))));
    let heard = bench.perform(4800);
    assert!(performance.score_time() < 1.0, "no engine came: {}", performance.score_time());
    assert!(onset(&heard).is_some(), "it does not play");
    performance.stop_record().unwrap();
    bench.perform(480);
    let recording = performance.recording().unwrap();
    assert!(recording.wait_closed(Duration::from_secs(20)));
    let frames = hound::WavReader::open(&last).unwrap().duration();
    assert!(frames > 4800, "{frames} frames were recorded");
}

/// An engine that counts its k-cycles aloud and is late when it is told to be.
pub(super) struct Fake {
    pub(super) ksmps: usize,
    pub(super) cycles: usize,
    pub(super) late: Vec<usize>,
    pub(super) turns: usize,
}

impl Engine for Fake {
    fn format(&self) -> Format {
        Format { sample_rate: 48_000.0, ksmps: self.ksmps, inputs: 0, outputs: 1, sample_accurate: false }
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome {
        let late = self.late.contains(&self.turns);
        self.turns += 1;
        for cycle in 0..turn.span.cycles {
            let at = turn.span.output_at + cycle * self.ksmps;
            let value = if late { 0.0 } else { (self.cycles + cycle + 1) as f32 };
            turn.output.channel_mut(0)[at..at + self.ksmps].fill(value);
        }
        self.cycles += turn.span.cycles;
        Outcome { performed: turn.span.cycles, late, ..Outcome::default() }
    }
}

/// An engine that plays a level until it has ended.
struct Level {
    level: f32,
    ended: Arc<AtomicBool>,
}

impl Engine for Level {
    fn format(&self) -> Format {
        Format { sample_rate: 48_000.0, ksmps: 32, inputs: 0, outputs: 1, sample_accurate: false }
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome {
        let engine_ended = self.has_ended();
        let level = if engine_ended { 0.0 } else { self.level };
        turn.output.channel_mut(0)[turn.span.output_at..][..turn.span.cycles * 32].fill(level);
        let performed = if engine_ended { 0 } else { turn.span.cycles };
        Outcome { performed, engine_ended, ..Outcome::default() }
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

#[test]
fn an_engine_that_takes_over_before_the_end_of_the_last_is_noticed_goes_on_without_a_dip() {
    for timing in [Timing::Exact, Timing::Pipelined, Timing::Immediate] {
        let ended = Arc::new(AtomicBool::new(false));
        let mut bench = Bench::new(Box::new(Level { level: 0.5, ended: Arc::clone(&ended) }), timing);
        let mut heard = bench.perform(4800);
        bench.blocks.collect();
        // Between two blocks it ends, and another is there.
        ended.store(true, Ordering::Relaxed);
        let another = Level { level: 0.25, ended: Arc::default() };
        drop(bench.arrivals.force_push(Box::new(Seat::new(Box::new(another), LARGEST))));
        heard.extend(bench.perform(9600));
        let from = bench.blocks.latency();
        let low = heard[from..].iter().position(|sample| !(0.2499..=0.5001).contains(sample));
        assert_eq!(low, None, "{timing:?}");
        // It goes from the one's last sample to the other over a few frames.
        let between = heard[from..].iter().filter(|sample| (0.2501..0.4999).contains(*sample)).count();
        assert!((32..=64).contains(&between), "{timing:?}: {between}");
    }
}

#[test]
fn a_late_turn_is_silence_with_a_fade_and_later_output_keeps_its_position() {
    let fake = Fake { ksmps: 100, cycles: 0, late: vec![3, 4], turns: 0 };
    let mut bench = Bench::new(Box::new(fake), Timing::Immediate);
    let mut heard = Vec::new();
    for _ in 0..10 {
        let mut span = vec![0.0; 200];
        bench.block(&mut span, &mut Vec::new());
        heard.extend(span);
    }
    assert_eq!(bench.performance().troubles().late_turns, 2);
    assert_eq!(heard[599], 6.0);
    assert!(heard[600] <= 6.0 && heard[610] < 6.0 && heard[610] > 0.0, "it fades out");
    assert!(heard[664..1000].iter().all(|sample| *sample == 0.0));
    assert!(heard[1010] < 11.0, "it fades in");
    // Frame n belongs to k-cycle n / 100 + 1, as if nothing had been late.
    for (frame, sample) in heard.iter().enumerate().skip(1064) {
        assert_eq!(*sample, (frame / 100 + 1) as f32);
    }
}

#[test]
fn a_pause_is_silence_and_the_piece_goes_on_where_it_was() {
    let fake = Fake { ksmps: 100, cycles: 0, late: vec![], turns: 0 };
    let mut bench = Bench::new(Box::new(fake), Timing::Exact);
    let performance = bench.performance();
    bench.perform(960);
    performance.pause().unwrap();
    let paused = bench.perform(960);
    assert!(paused[300..].iter().all(|sample| *sample == 0.0));
    performance.play().unwrap();
    let heard = bench.perform(960);
    let first = heard.iter().find(|sample| **sample != 0.0).unwrap();
    assert!((10.0..=11.0).contains(first), "{first}");
}

#[test]
fn after_stop_play_asks_for_a_fresh_engine() {
    let fake = || Box::new(Fake { ksmps: 10, cycles: 0, late: vec![], turns: 0 });
    let mut bench = Bench::new(fake(), Timing::Exact);
    let performance = bench.performance();
    bench.perform(480);
    performance.stop().unwrap();
    assert!(bench.perform(480)[100..].iter().all(|sample| *sample == 0.0));
    assert_eq!((performance.status(), performance.is_running()), (1, false));
    assert!(!bench.shared.take_renewal());
    performance.play().unwrap();
    bench.perform(480);
    assert!(bench.shared.take_renewal(), "the control thread is asked");
    drop(bench.arrivals.force_push(Box::new(Seat::new(fake(), LARGEST))));
    let heard = bench.perform(480);
    assert_eq!((performance.status(), performance.is_running()), (0, true));
    assert!(heard.contains(&1.0), "it begins at its beginning");
}

/// Whether a spare takes over when the transport starts after a key.
fn spare_takes_over(spare: Seat) -> bool {
    let fake = Fake { ksmps: 10, cycles: 0, late: vec![], turns: 0 };
    let mut bench = Bench::new(Box::new(fake), Timing::Immediate);
    bench.performance().pause().unwrap();
    bench.perform(480);
    drop(bench.arrivals.force_push(Box::new(Seat { is_spare: true, ..spare })));
    let key = MidiMessage::new(&[0x90, 60, 100]).unwrap();
    bench.blocks.stand(true);
    bench.block(&mut [0.0; 480], &mut vec![(0, Command::Event(EventKind::Midi(key)))]);
    assert!(bench.shared.take_spare(), "a key asks for a spare");
    bench.blocks.stand(false);
    // As large as blocks get: a buffer that is too small would be written past its end.
    let mut heard = vec![0.0; LARGEST];
    bench.block(&mut heard, &mut vec![(0, Command::Change(Change::Play))]);
    // Behind the crossfade it counts from its beginning, and the one before from the key.
    heard.last() == Some(&(LARGEST.div_ceil(10) as f32))
}

#[test]
fn a_spare_takes_over_unless_its_k_cycle_is_another_or_its_buffer_is_for_smaller_blocks() {
    let fake = |ksmps| Box::new(Fake { ksmps, cycles: 0, late: vec![], turns: 0 });
    assert!(spare_takes_over(Seat::new(fake(10), LARGEST)));
    assert!(!spare_takes_over(Seat::new(fake(441), LARGEST)));
    assert!(!spare_takes_over(Seat::new(fake(10), 64)));
}

#[test]
fn an_engine_for_smaller_blocks_goes_back_and_another_is_asked_for() {
    let fake = || Box::new(Fake { ksmps: 10, cycles: 0, late: vec![], turns: 0 });
    let mut bench = Bench::new(fake(), Timing::Immediate);
    bench.perform(480);
    drop(bench.arrivals.force_push(Box::new(Seat::new(fake(), 64))));
    let heard = bench.perform(480);
    assert_eq!(heard.last(), Some(&96.0), "the first plays on");
    assert!(bench.shared.take_renewal());
    drop(bench.arrivals.force_push(Box::new(Seat::new(fake(), 64))));
    bench.blocks.activate(48_000.0, 2 * LARGEST, Timing::Immediate);
    assert_eq!(bench.perform(960).last(), Some(&96.0), "an activation makes room for it");
}

#[test]
fn an_engine_that_sounded_does_not_fade_out_through_an_activation_for_larger_blocks() {
    let fake = || Box::new(Fake { ksmps: 10, cycles: 0, late: vec![], turns: 0 });
    let (shared, arrivals): (Arc<Shared>, Arrivals) = (Arc::default(), Arc::new(ArrayQueue::new(1)));
    let mut blocks = Blocks::new(Arc::clone(&shared), Arc::clone(&arrivals));
    drop(arrivals.force_push(Box::new(Seat::new(fake(), 16))));
    blocks.activate(48_000.0, 16, Timing::Immediate);
    Performance::new(Arc::clone(&shared)).play().unwrap();
    for _ in 0..40 {
        blocks.begin(16, false).finish(&mut [&mut [0.0; 16]]);
    }
    // An export: larger blocks, and an engine that begins anew.
    drop(arrivals.force_push(Box::new(Seat::new(fake(), 1024))));
    blocks.activate(48_000.0, 1024, Timing::Immediate);
    let mut heard = [0.0; 1024];
    blocks.begin(1024, false).finish(&mut [&mut heard]);
    assert!(heard.iter().any(|sample| *sample != 0.0));
}
