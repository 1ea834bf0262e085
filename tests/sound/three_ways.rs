//! What is asked through parameters, through messages, or through either in turn, sounds as the same
//! calls of the Rust API alone: sample for sample, and in the recording too.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_queue::ArrayQueue;
use csound_performance::blocks::Seat;
use csound_performance::blocks::{Arrivals, Blocks};
use csound_performance::engine::framing::Timing;
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::{Engine, EventKind, PieceSpec, TimeBase};
use csound_performance::{BitDepth, Command, Performance, RecordOptions, Shared};
use serde_json::json;
use test_host::host::Event;
use test_host::session::{self, AtEnd, Session};

use crate::common::bench::{BODY, Bench, KSMPS, header, mmc, state_with};
use crate::common::{Random, csd, libcsound_is_missing};

const LARGEST: usize = 4096;

/// The channel that the piece adds to its clock.
const CHANNEL: &str = "level";

/// A call of the performance API.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Play,
    Pause,
    Stop,
    /// A fresh performance: what a driver's owner does by bringing another engine.
    Restart,
    Seek(f32),
    /// The score event of a slot, from 0.
    Event(usize),
    Channel(f32),
    Record,
    StopRecord,
}

/// A block with the call that happens at a frame of it.
#[derive(Clone, Copy, Debug)]
struct Step {
    frames: usize,
    call: Option<(usize, Call)>,
}

/// How a call reaches the performance.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Parameter,
    Message,
}

fn text() -> String {
    let body = BODY.replace(
        "aclock upsamp ktime / 1000",
        "klevel chnget \"level\"\naclock upsamp ktime / 1000 + klevel",
    );
    csd("--sample-accurate", &header(KSMPS), &body, "i 1 0 3600")
}

fn loudness(slot: usize) -> f64 {
    (slot + 1) as f64 / 32.0
}

/// Calls that are possible one after the other, one a block, and one recording.
fn sequence(random: &mut Random) -> Vec<Step> {
    #[derive(Clone, Copy, PartialEq)]
    enum Phase {
        Playing,
        Paused,
        Ended,
    }
    let mut phase = Phase::Playing;
    let mut steps = vec![Step { frames: LARGEST, call: None }];
    let (begin, end) = (10 + random.below(10), 35 + random.below(10));
    for number in 0..60 {
        let frames = 100 + random.below(1500);
        let call = match (phase, random.below(9)) {
            _ if number == begin => Call::Record,
            // Whatever ended it before, it is over then.
            _ if number == end => Call::StopRecord,
            (Phase::Ended, _) => Call::Play,
            (Phase::Playing, 0) => Call::Pause,
            (Phase::Paused, 0..=2) => Call::Play,
            (_, 3) if !(begin..=end).contains(&number) => Call::Stop,
            (_, 4) if phase == Phase::Playing => Call::Restart,
            // Hours, minutes and seconds that both a parameter and a time code hold exactly.
            (_, 5) => Call::Seek(number as f32 + 0.5),
            (_, 6 | 7) => Call::Event(random.below(16)),
            _ => Call::Channel(random.below(1024) as f32 / 1024.0),
        };
        let was_over = phase == Phase::Ended;
        phase = match call {
            Call::Play | Call::Restart => Phase::Playing,
            Call::Pause => Phase::Paused,
            Call::Stop => Phase::Ended,
            _ => phase,
        };
        // A fresh engine comes with the block after the one that asked for it.
        let frame = match call {
            Call::Restart => frames - 1,
            // What is asked for in the last k-cycle of a block may be performed with the next one.
            Call::Play if was_over => random.below(frames - KSMPS),
            _ => random.below(frames),
        };
        steps.push(Step { frames, call: Some((frame, call)) });
        if call == Call::Restart || was_over {
            steps.push(Step { frames: 200 + random.below(500), call: None });
        }
    }
    steps.push(Step { frames: LARGEST, call: None });
    steps
}

/// The host's events of each step, and the place of `offset` at each: where a fresh performance begins.
fn plan(bench: &mut Bench, steps: &[Step], mut way: impl FnMut() -> Way) -> (Vec<Vec<Event>>, Vec<f64>) {
    let mut blocks: Vec<Vec<Event>> = vec![Vec::new(); steps.len() + 1];
    let (mut offset, mut offsets) = (0.0, Vec::new());
    let mut recorded_by = Way::Parameter;
    for (number, step) in steps.iter().enumerate() {
        if let Some((frame, call)) = step.call {
            let way = match call {
                Call::Record => {
                    recorded_by = way();
                    recorded_by
                }
                // Who switched it on switches it off.
                Call::StopRecord => recorded_by,
                _ => way(),
            };
            let key = |key: u8| Event::midi(frame as u32, [0x9F, key, 100]);
            let frame = frame as u32;
            let events = &mut blocks[number];
            match (way, call) {
                // A parameter acts when it changes: it is put where it changes nothing before.
                (Way::Parameter, Call::Play) => {
                    events.extend([bench.set(0, "play", 0.0), bench.set(frame, "play", 1.0)]);
                }
                (Way::Parameter, Call::Pause) => {
                    events.extend([bench.set(0, "play", 1.0), bench.set(frame, "play", 0.0)]);
                }
                (Way::Parameter, Call::Stop) => {
                    events.push(bench.set(frame, "stop", 1.0));
                    blocks[number + 1].push(bench.set(0, "stop", 0.0));
                }
                (Way::Parameter, Call::Restart) => {
                    events.push(bench.set(frame, "restart", 1.0));
                    blocks[number + 1].push(bench.set(0, "restart", 0.0));
                }
                (Way::Parameter, Call::Seek(seconds)) => {
                    offset = f64::from(seconds);
                    events.push(bench.say(frame, "offset", &seconds.to_string()));
                }
                (Way::Parameter, Call::Event(slot)) => {
                    let id = format!("event_{}", slot + 1);
                    events.extend([bench.set(0, &id, 0.0), bench.set(frame, &id, 1.0)]);
                }
                (Way::Parameter, Call::Record) => events.push(bench.set(frame, "record", 1.0)),
                (Way::Parameter, Call::StopRecord) => events.push(bench.set(frame, "record", 0.0)),
                // No message sets a channel.
                (_, Call::Channel(value)) => events.push(bench.set(frame, "c001", value.into())),
                (Way::Message, Call::Play) => events.push(mmc(frame, &[2])),
                (Way::Message, Call::Pause) => events.push(mmc(frame, &[9])),
                (Way::Message, Call::Stop) => events.push(key(25)),
                (Way::Message, Call::Restart) => events.push(key(26)),
                (Way::Message, Call::Seek(seconds)) => {
                    let time = [0x60, seconds as u8 / 60, seconds as u8 % 60, 15, 0];
                    events.push(mmc(frame, &[&[0x44, 6, 1][..], &time].concat()));
                }
                (Way::Message, Call::Event(slot)) => events.push(key(36 + slot as u8)),
                (Way::Message, Call::Record) => events.push(mmc(frame, &[6])),
                (Way::Message, Call::StopRecord) => events.push(mmc(frame, &[7])),
            }
        }
        offsets.push(offset);
    }
    blocks.truncate(steps.len());
    (blocks, offsets)
}

/// What came of a sequence of calls through the plugin in a host.
struct Remote {
    heard: Vec<Vec<f32>>,
    /// Where a fresh performance began, at each step.
    offsets: Vec<f64>,
    /// Holds the recording.
    folder: tempfile::TempDir,
}

impl Remote {
    /// The recording; none where none stood by when it was asked for.
    fn recording(&self) -> Option<PathBuf> {
        Some(std::fs::read_dir(self.folder.path()).unwrap().flatten().next()?.path())
    }

    /// Whether the recording is this. Its thread may still be writing.
    fn has_recorded(&self, expected: &[f32]) -> bool {
        let file = self.recording().unwrap();
        (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            samples(&file).is_some_and(|recorded| recorded == expected)
        })
    }
}

fn by_remote(
    steps: &[Step],
    timing: session::Timing,
    patience: Duration,
    way: impl FnMut() -> Way,
) -> Remote {
    let folder = tempfile::tempdir().unwrap();
    let session = Session { at_end: AtEnd::Keep, timing, ..Session::from_csd("ways.csd", text()) };
    let state = state_with(&session, |params, own| {
        params["remote_channel"] = json!({ "i32": 16 });
        params["record_bits"] = json!({ "string": "32" });
        params["record_buffers"] = json!({ "i32": 1000 });
        own["recording_folder"] = folder.path().to_str().into();
        let line = |slot| json!({ "line": format!("i 2 0 0.01 {}", loudness(slot)), "absolute": false });
        own["events"] = (0..16).map(line).collect();
    });
    let mut bench = Bench::with_state(&state);
    let (blocks, offsets) = plan(&mut bench, steps, way);
    let mut heard = vec![Vec::new(); 2];
    for (step, events) in steps.iter().zip(&blocks) {
        if matches!(step.call, Some((_, Call::Record))) {
            // A recording stands by shortly after there is something to record.
            std::thread::sleep(patience);
        }
        for (heard, now) in heard.iter_mut().zip(bench.block(step.frames, events).output) {
            heard.extend(now);
        }
    }
    if timing == session::Timing::Pipelined {
        // The same, later by the largest block.
        for (heard, now) in heard.iter_mut().zip(bench.block(LARGEST, &[]).output) {
            heard.extend(now);
            assert!(heard.drain(..LARGEST).all(|sample| sample == 0.0));
        }
    }
    Remote { heard, offsets, folder }
}

/// What is in a file, once it can be read.
fn samples(file: &Path) -> Option<Vec<f32>> {
    hound::WavReader::open(file).ok()?.samples().collect::<Result<_, _>>().ok()
}

/// An engine as the plugin starts it.
fn engine(score_start: f64, level: Option<f32>) -> Box<dyn Engine> {
    let piece = Piece { name: "ways.csd".into(), source: Source::Csd(text()), folder: None };
    let spec = PieceSpec {
        score_start,
        channel_values: level.map(|level| (CHANNEL.to_owned(), level.into())).into_iter().collect(),
        ..PieceSpec::new(piece, 48_000.0)
    };
    let mut engine = LocalEngine::start(&spec, &mut |_| ()).unwrap().engine;
    engine.bind(&[Some(CHANNEL.to_owned())]);
    Box::new(engine)
}

/// Through the Rust API. `offsets` says where a fresh performance begins.
fn by_rust(steps: &[Step], offsets: &[f64]) -> (Vec<Vec<f32>>, Vec<f32>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("take.wav");
    let (shared, arrivals): (Arc<Shared>, Arrivals) = (Arc::default(), Arc::new(ArrayQueue::new(1)));
    let mut blocks = Blocks::new(Arc::clone(&shared), Arc::clone(&arrivals));
    let performance = Performance::new(Arc::clone(&shared));
    let mut level = None;
    let bring = |score_start, level| {
        drop(arrivals.force_push(Box::new(Seat::new(engine(score_start, level), LARGEST))));
    };
    bring(0.0, None);
    blocks.activate(48_000.0, LARGEST, Timing::Exact);
    let mut heard = vec![Vec::new(); 2];
    for (step, offset) in steps.iter().zip(offsets) {
        let mut block = |frames: usize| {
            let mut output = [vec![0.0; frames], vec![0.0; frames]];
            let [left, right] = &mut output;
            blocks.begin(frames, true).finish(&mut [left, right]);
            for (heard, now) in heard.iter_mut().zip(output) {
                heard.extend(now);
            }
        };
        let Some((frame, call)) = step.call else {
            block(step.frames);
            continue;
        };
        block(frame);
        match call {
            Call::Play => {
                // What has ended begins again, in the k-cycle of its frame since this is offline.
                if !performance.is_running() {
                    bring(*offset, level);
                }
                performance.play().unwrap();
            }
            Call::Pause => performance.pause().unwrap(),
            Call::Stop => performance.stop().unwrap(),
            Call::Restart => bring(*offset, level),
            Call::Seek(seconds) => performance.set_score_offset_seconds(seconds.into()).unwrap(),
            Call::Event(slot) => {
                performance.score_event(TimeBase::Now, 'i', &[2.0, 0.0, 0.01, loudness(slot)]).unwrap();
            }
            Call::Channel(value) => {
                level = Some(value);
                let channel = EventKind::Channel { index: 0, value: value.into() };
                performance.send(Command::Event(channel)).unwrap();
            }
            Call::Record => {
                let path = file.clone();
                let options =
                    RecordOptions { path, depth: BitDepth::Float32, buffers: 1000, overwrite: false };
                performance.record_with(options).unwrap();
            }
            Call::StopRecord => performance.stop_record().unwrap(),
        }
        block(step.frames - frame);
        shared.free_spent();
    }
    let recording = performance.recording();
    drop((blocks, performance));
    shared.free_spent();
    if let Some(recording) = recording {
        assert!(recording.wait_closed(Duration::from_secs(60)));
    }
    (heard, samples(&file).unwrap())
}

#[test]
fn parameters_messages_and_both_in_turn_sound_as_the_rust_calls_alone() {
    if libcsound_is_missing() {
        return;
    }
    for seed in 0..3 {
        let steps = sequence(&mut Random::new(seed));
        for mixture in 0..4 {
            let mut random = Random::new(seed * 10 + mixture);
            let mut way = move || match (mixture, random.below(2)) {
                (0, _) | (2.., 0) => Way::Parameter,
                _ => Way::Message,
            };
            let timing = match mixture {
                3 => session::Timing::Pipelined,
                _ => session::Timing::Exact,
            };
            let remote = (1..=20)
                .map(|attempt| by_remote(&steps, timing, Duration::from_millis(150 * attempt), &mut way))
                .find(|remote| remote.recording().is_some())
                .expect("a recording stands by");
            let (heard, recorded) = by_rust(&steps, &remote.offsets);
            for (ours, theirs) in remote.heard.iter().zip(&heard) {
                let first = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs);
                assert_eq!((first, ours.len()), (None, theirs.len()), "seed {seed}, {mixture}: {steps:#?}");
            }
            assert!(!recorded.is_empty());
            assert!(remote.has_recorded(&recorded), "seed {seed}, {mixture}: the recordings differ");
            assert!(heard[1].iter().any(|sample| *sample > 0.02), "events sound");
        }
    }
}
