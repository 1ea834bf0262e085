use std::fs::{File, OpenOptions};
use std::io::{Cursor, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use hound::{SampleFormat, WavSpec};
use tempfile::TempDir;

use super::error::create_error;
use super::file::create_new;
use super::handle::start;
use super::plan::{HEADER_BYTES, MAX_FILE_BYTES};
use super::writer::{Next, REFRESH_EVERY, Recorder};
use super::*;
use crate::engine::planes::Planes;

mod disk;
mod ends;
mod header;
mod paths;
mod ring;
mod samples;

/// How long a test waits for what must come. It fails then, and only then.
const LIMIT: Duration = Duration::from_secs(20);

/// Tells a re-executed test that it is the child, and where to write.
const CHILD: &str = "CSOUND_PERFORMER_TEST_RECORDER_CHILD";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn options(path: impl Into<PathBuf>, depth: BitDepth, buffers: usize) -> RecordOptions {
    RecordOptions { path: path.into(), depth, buffers, overwrite: false }
}

fn sound(channels: usize) -> Sound {
    Sound { channels, sample_rate: 48000, ksmps: 32 }
}

fn open_float(path: &Path, channels: usize, buffers: usize) -> (Tap, Recording) {
    open(options(path, BitDepth::Float32, buffers), sound(channels)).unwrap()
}

/// A sample that names its frame and channel, exact in an f32 and below full scale for up to
/// 65536 frames of 16 channels.
fn mark(frame: usize, channel: usize) -> f32 {
    (frame * 16 + channel) as f32 / (1 << 20) as f32
}

/// The frame and the channel of a mark.
fn read_mark(sample: f32) -> (usize, usize) {
    let number = (sample * (1 << 20) as f32) as usize;
    (number / 16, number % 16)
}

fn marked(channels: usize, first: usize, frames: usize) -> Planes {
    let mut planes = Planes::new(channels, frames);
    for channel in 0..channels {
        for (frame, sample) in planes.channel_mut(channel).iter_mut().enumerate() {
            *sample = mark(first + frame, channel);
        }
    }
    planes
}

/// Writes marked frames in small pieces and never more than the ring has room for.
fn write_marked(tap: &mut Tap, recording: &Recording, channels: usize, frames: usize) {
    let planes = marked(channels, 0, frames);
    tap.write_waiting(&planes, 0, frames, LIMIT);
    assert_eq!(recording.frames_lost(), 0);
}

fn expected(channels: usize, frames: usize) -> Vec<f32> {
    (0..frames).flat_map(|frame| (0..channels).map(move |channel| mark(frame, channel))).collect()
}

fn read_floats(path: &Path) -> (WavSpec, Vec<f32>) {
    let mut reader = hound::WavReader::open(path).unwrap();
    (reader.spec(), reader.samples().map(Result::unwrap).collect())
}

fn read_numbers(path: &Path) -> (WavSpec, Vec<i32>) {
    let mut reader = hound::WavReader::open(path).unwrap();
    (reader.spec(), reader.samples().map(Result::unwrap).collect())
}

fn close(mut tap: Tap, recording: &Recording) {
    tap.finish();
    assert!(recording.wait_closed(LIMIT));
    assert_eq!(recording.state(), RecordState::Closed);
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LIMIT, "never came: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// This test binary again, running one test of `module` (a `module_path!()`) as a child.
fn child(module: &str, test: &str, argument: &Path) -> Command {
    let module = module.split_once("::").unwrap().1;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("{module}::{test}"), "--nocapture", "--test-threads=1"]);
    command.env(CHILD, argument).stdout(Stdio::null()).stderr(Stdio::inherit());
    command
}

fn as_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// A file in memory that can be looked at while it is written, and whose disk can be made full.
#[derive(Clone, Default)]
struct Memory {
    bytes: Arc<Mutex<Cursor<Vec<u8>>>>,
    full: Arc<AtomicBool>,
}

impl Memory {
    fn frames(&self) -> u32 {
        self.reader().duration()
    }

    fn reader(&self) -> hound::WavReader<Cursor<Vec<u8>>> {
        let bytes = self.bytes.lock().unwrap().get_ref().clone();
        hound::WavReader::new(Cursor::new(bytes)).unwrap()
    }

    fn check(&self) -> io::Result<()> {
        match self.full.load(Ordering::SeqCst) {
            true => Err(ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        self.bytes.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.lock().unwrap().seek(to)
    }
}

fn plan(channels: usize, buffers: usize) -> Plan {
    Plan::new(BitDepth::Float32, buffers, sound(channels)).unwrap()
}

/// A recorder to be stepped by hand: no thread, no clock.
fn by_hand(plan: Plan) -> (Tap, Recorder<Memory>, Memory) {
    let memory = Memory::default();
    let (tap, standby) = stand_by_plan(plan);
    (tap, Recorder::new(memory.clone(), standby).unwrap(), memory)
}

fn ended(recorder: &Recorder<Memory>) -> Option<Result<(), String>> {
    recorder.link.lock_end().clone()
}

fn written(recorder: &Recorder<Memory>) -> u64 {
    recorder.link.written.load(Ordering::SeqCst)
}

fn lost(recorder: &Recorder<Memory>) -> u64 {
    recorder.link.lost.load(Ordering::SeqCst)
}

#[test]
fn the_ends_can_go_where_they_belong() {
    fn is_send<T: Send>() {}
    fn is_handle<T: Clone + Send + Sync>() {}
    is_send::<Tap>();
    is_handle::<Recording>();
}

#[test]
fn only_three_depths_exist_and_the_error_names_them() {
    for (bits, depth) in [(16, BitDepth::Pcm16), (24, BitDepth::Pcm24), (32, BitDepth::Float32)] {
        assert_eq!(BitDepth::try_from(bits).unwrap(), depth);
        assert_eq!(depth.bits(), bits);
    }
    for bits in [0, 8, 15, 20, 64, u32::MAX] {
        let message = BitDepth::from_bits(bits).unwrap_err().to_string();
        for word in [&bits.to_string(), "16", "24", "32"] {
            assert!(message.contains(word), "{message}");
        }
    }
}
