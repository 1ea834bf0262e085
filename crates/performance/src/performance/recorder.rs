//! Recording: from the performing thread through a ring into a WAV file.
//!
//! [`open`] runs on the caller's thread. It checks everything, creates the file, writes its header
//! and starts the recorder thread, so that whatever can be wrong with a path is an error of the
//! call. It gives two ends:
//!
//! - [`Tap`] goes to the performing thread, which writes frames and says which was the last. It
//!   neither waits nor touches the file.
//! - [`Recording`] stays with the caller: readings, and closing without the performing thread.
//!
//! The ring is first in, first out and bounded. When it is full, whole frames are lost and counted,
//! never a part of one, so the channels keep their order. The recorder thread empties it about
//! every 10 ms and refreshes the file's header every half second: a process that is killed leaves a
//! file that plays up to there. (A power cut may take more: nothing forces the disk.)
//!
//! # From samples to numbers
//! Samples are full scale at 1.0 and never modified in place. 32 bit float files hold them as they
//! are. 16 and 24 bit files hold what `csound -W -s` and `csound -W -3` write for the same sample:
//! clipped to full scale and rounded down to the next step, without dither. Csound itself rounds
//! down from 64 bit samples, and those recorded here have 32: where that matters, the number is one
//! step off. Rare at 16 bits, at 24 bits it is about one sample in eight. A sample that is not
//! finite becomes 0 at every depth.
//!
//! # Who synchronises with whom
//! There is one producer ([`Tap`]) and one consumer (the recorder thread) of the ring; the ring
//! publishes frames itself. Two flags go with it, see `Link`. The mutex there is locked by the
//! recorder thread and by [`Recording`] only.

use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use hound::{SampleFormat, WavSpec};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::engine::planes::Planes;

mod file;
mod writer;

pub use file::free_name;
use file::{check_path, create, create_error, explain};
use writer::Recorder;

/// Most channels of a recording.
pub const MAX_CHANNELS: usize = 256;

/// Most buffers that a ring can be asked to have.
pub const MAX_BUFFERS: usize = 1024;

/// Fewest frames of one buffer of the ring.
const MIN_BUFFER_FRAMES: usize = 1024;

/// Most bytes of a ring. It is allocated at once, so a slip in the settings must not take the
/// machine's memory.
const MAX_RING_BYTES: usize = 256 << 20;

/// Most bytes of a WAV file beyond the eight of its first chunk's head: lengths have 32 bits.
const MAX_FILE_BYTES: u64 = u32::MAX as u64;

/// Bytes that hound's longest header adds to the samples.
const HEADER_BYTES: u64 = 68;

/// At most 15 bytes, or Linux cuts it.
const THREAD_NAME: &str = "csound recorder";

/// How the samples of a file are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BitDepth {
    /// Whole numbers of 16 bits.
    Pcm16,
    /// Whole numbers of 24 bits.
    Pcm24,
    /// Floating point of 32 bits: nothing is clipped or rounded.
    Float32,
}

impl BitDepth {
    /// The depth of 16, 24 or 32 bits.
    ///
    /// # Errors
    /// [`RecordError::BitDepth`] for any other number.
    pub fn from_bits(bits: u32) -> Result<Self, RecordError> {
        match bits {
            16 => Ok(Self::Pcm16),
            24 => Ok(Self::Pcm24),
            32 => Ok(Self::Float32),
            given => Err(RecordError::BitDepth { given }),
        }
    }

    /// Bits of one sample: 16, 24 or 32.
    pub fn bits(self) -> u32 {
        match self {
            Self::Pcm16 => 16,
            Self::Pcm24 => 24,
            Self::Float32 => 32,
        }
    }

    fn sample_format(self) -> SampleFormat {
        match self {
            Self::Pcm16 | Self::Pcm24 => SampleFormat::Int,
            Self::Float32 => SampleFormat::Float,
        }
    }
}

impl TryFrom<u32> for BitDepth {
    type Error = RecordError;

    fn try_from(bits: u32) -> Result<Self, RecordError> {
        Self::from_bits(bits)
    }
}

/// What to record into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOptions {
    /// The file. Its folder must exist.
    pub path: PathBuf,
    /// How its samples are stored.
    pub depth: BitDepth,
    /// Size of the ring between the performing thread and the disk, 1 to [`MAX_BUFFERS`] buffers of
    /// ksmps frames, at least 1024. A ring of one second rides out a second of a busy disk.
    pub buffers: usize,
    /// Whether a file of that name may be replaced.
    pub overwrite: bool,
}

/// Why something is not recorded: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// No such depth.
    #[error("cannot record with {given} bits: choose 16 or 24 (whole numbers) or 32 (floating point)")]
    BitDepth {
        /// Bits asked for.
        given: u32,
    },
    /// No channels, or too many.
    #[error("cannot record {given} channels: a recording has 1 to {MAX_CHANNELS}; see nchnls")]
    Channels {
        /// Channels asked for.
        given: usize,
    },
    /// A rate that a WAV file cannot state.
    #[error("cannot record at {given} frames a second: choose a usual rate such as 48000")]
    SampleRate {
        /// Frames a second.
        given: u32,
    },
    /// The ring would be empty or too big.
    #[error("cannot record through {given} buffers: choose 1 to {most} for this piece")]
    Buffers {
        /// Buffers asked for.
        given: usize,
        /// Most that these channels and this ksmps allow.
        most: usize,
    },
    /// The path ends in no name.
    #[error("cannot record into \"{}\": it names no file; give a name such as take.wav", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The folder does not exist.
    #[error("cannot record into {}: there is no folder {}; create it or choose another", path.display(), folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder that is missing.
        folder: PathBuf,
    },
    /// What should be the folder is a file.
    #[error("cannot record into {}: {} is no folder; choose another", path.display(), folder.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
        /// What is no folder.
        folder: PathBuf,
    },
    /// The path is a folder.
    #[error("cannot record into {}: it is a folder; add the name of a file", path.display())]
    IsFolder {
        /// The path.
        path: PathBuf,
    },
    /// The path is a device, a pipe or the like.
    #[error("cannot record into {}: it is no ordinary file; choose another name", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file exists and is kept.
    #[error("{} exists already and is kept: choose another name or allow to overwrite it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file may not be written.
    #[error("not allowed to record into {}: choose a folder that you may write to, or change its permissions", path.display())]
    NotAllowed {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be made for another reason.
    #[error("cannot record into {}: {}", path.display(), explain(source))]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no thread for the recorder.
    #[error("cannot record into {}: the system starts no further thread; close something and try again", path.display())]
    Thread {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The recording ended before it was asked to.
    #[error("the recording into {} ended early: {reason}", path.display())]
    Ended {
        /// The file.
        path: PathBuf,
        /// Why, and what is in the file.
        reason: String,
    },
}

/// Where a recording stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// It takes frames.
    Recording,
    /// It takes no more frames; those it has are being written.
    Closing,
    /// The file is complete.
    Closed,
    /// It ended early, for this reason. The file plays up to
    /// [`frames_written`](Recording::frames_written).
    Failed(String),
}

/// Opens a recording: `channels` (1 to [`MAX_CHANNELS`]) at `sample_rate` (Hz), of a piece with
/// `ksmps` frames a k-cycle. On return the file exists, with a header and no frames. Where a file
/// is overwritten, the new one takes its place as a whole: who still has the old one open, such as
/// an earlier recording that is not closed yet, does not write into the new one. Not for a realtime
/// thread.
///
/// # Errors
/// A [`RecordError`] that says what to change. Then nothing was created or overwritten.
pub fn open(
    options: RecordOptions,
    channels: usize,
    sample_rate: u32,
    ksmps: usize,
) -> Result<(Tap, Recording), RecordError> {
    let plan = Plan::new(options.depth, options.buffers, channels, sample_rate, ksmps)?;
    let (mut tap, standby) = stand_by_plan(plan);
    let recording = standby.open(&options.path, options.overwrite)?;
    tap.recorder = recording.group.thread.as_ref().map(|thread| thread.thread().clone());
    Ok((tap, recording))
}

/// A recording that can begin at any moment, on a thread that opens no files: its ring is there, its
/// file is not. The arguments are those of [`open`].
///
/// # Errors
/// A [`RecordError`] that says what to change.
pub fn stand_by(
    depth: BitDepth,
    buffers: usize,
    channels: usize,
    sample_rate: u32,
    ksmps: usize,
) -> Result<(Tap, Standby), RecordError> {
    Plan::new(depth, buffers, channels, sample_rate, ksmps).map(stand_by_plan)
}

fn stand_by_plan(plan: Plan) -> (Tap, Standby) {
    let (mut producer, mut consumer) = RingBuffer::new(plan.ring_frames * plan.channels);
    touch(&mut producer, &mut consumer);
    let link: Arc<Link> = Arc::default();
    let tap = Tap {
        ring: producer,
        channels: plan.channels,
        finished: false,
        link: Arc::clone(&link),
        recorder: None,
    };
    (tap, Standby { ring: consumer, link, plan })
}

/// The other end of a tap that stands by. What the tap writes waits in the ring; what does not fit
/// is lost and counted. Dropped, it leaves the tap writing into nothing.
pub struct Standby {
    ring: Consumer<f32>,
    link: Arc<Link>,
    plan: Plan,
}

impl Standby {
    /// Whether the tap has written its first frame, or was finished.
    pub fn is_begun(&self) -> bool {
        self.ring.slots() > 0 || self.link.is_ending()
    }

    /// Whether it is what [`stand_by`] would give for these arguments.
    pub fn is_for(
        &self,
        depth: BitDepth,
        buffers: usize,
        channels: usize,
        sample_rate: u32,
        ksmps: usize,
    ) -> bool {
        Plan::new(depth, buffers, channels, sample_rate, ksmps).is_ok_and(|plan| plan == self.plan)
    }

    /// Opens the file for what waits and what is to come. As for [`open`], an existing file is
    /// overwritten only if asked, and then as a whole. Not for a realtime thread.
    ///
    /// # Errors
    /// A [`RecordError`]; nothing was created or overwritten, and the tap writes into nothing.
    pub fn open(self, path: &Path, overwrite: bool) -> Result<Recording, RecordError> {
        let link = Arc::clone(&self.link);
        let opened = self.open_file(path, overwrite);
        if let Err(error) = &opened {
            link.end(Err(error.to_string()));
        }
        opened
    }

    fn open_file(self, path: &Path, overwrite: bool) -> Result<Recording, RecordError> {
        let path = check_path(path)?;
        let new = create(&path, overwrite)?;
        let opened = start(new.file, path.clone(), self).and_then(|recording| match &new.replaces {
            None => Ok(recording),
            Some(old) => match fs::rename(&new.at, old) {
                Ok(()) => Ok(recording),
                Err(error) => Err(create_error(path, error)),
            },
        });
        if opened.is_err() {
            // The error that is reported matters more than one of the tidying.
            let _ = fs::remove_file(&new.at);
        }
        opened
    }
}

/// The performing thread's end of a recording.
///
/// A performing thread must not free it: hand it back and drop it elsewhere. Dropped without
/// [`finish`](Self::finish), it ends the recording after the last frame written.
pub struct Tap {
    ring: Producer<f32>,
    channels: usize,
    finished: bool,
    link: Arc<Link>,
    /// To be woken when the ring is full, where waiting is allowed.
    recorder: Option<Thread>,
}

impl Tap {
    /// Records `frames` frames of `planes` (full scale 1.0), from its frame `start` on. Frames that
    /// the ring has no room for are lost and counted, the later ones first. Channels that the file
    /// has and `planes` has not are silent; those that the file has not are left out. What lies
    /// beyond the end of `planes` is no frame. Once the recording has ended, nothing happens.
    ///
    /// # Realtime safety
    /// Safe. The time is proportional to the samples.
    pub fn write(&mut self, planes: &Planes, start: usize, frames: usize) {
        if self.is_over() {
            return;
        }
        let start = start.min(planes.frames());
        let frames = frames.min(planes.frames() - start);
        let taken = self.push(planes, start, frames);
        self.lose(frames - taken);
    }

    /// Records as [`write`](Self::write) does, but waits for room rather than lose frames: for a
    /// performance faster than real time. Frames are lost only where the disk takes none for
    /// `limit`.
    ///
    /// # Realtime safety
    /// Not for a realtime thread: it sleeps.
    pub fn write_waiting(&mut self, planes: &Planes, start: usize, frames: usize, limit: Duration) {
        let start = start.min(planes.frames());
        let end = start + frames.min(planes.frames() - start);
        let mut at = start;
        let mut moved = Instant::now();
        while at < end && !self.is_over() {
            let taken = self.push(planes, at, end - at);
            at += taken;
            if at == end {
                return;
            }
            if taken > 0 {
                moved = Instant::now();
            } else if moved.elapsed() >= limit {
                self.lose(end - at);
                return;
            }
            self.recorder.iter().for_each(Thread::unpark);
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends the recording: the last frame written so far is the last of the file, which the
    /// recorder thread then closes. Later writes are ignored.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn finish(&mut self) {
        self.finished = true;
        // Release: whoever sees the flag sees every frame that was written before it.
        self.link.finished.store(true, Ordering::Release);
    }

    fn is_over(&self) -> bool {
        // Relaxed: nothing is read on the strength of it. A frame written in the moment in which
        // the flag is set stays in the ring and is freed with it.
        self.finished || self.link.closing.load(Ordering::Relaxed)
    }

    /// Writes as many of the frames as fit and returns how many those are.
    fn push(&mut self, planes: &Planes, start: usize, frames: usize) -> usize {
        let channels = self.channels;
        let frames = frames.min(self.ring.slots() / channels);
        // Gives silence, which stays where `planes` has no such channel.
        let Ok(mut chunk) = self.ring.write_chunk(frames * channels) else {
            return 0;
        };
        let (one, two) = chunk.as_mut_slices();
        // The ring holds a whole number of frames and only whole frames are ever committed or
        // taken, so its end, where the first slice ends, lies between two frames.
        let before_wrap = one.len() / channels;
        for channel in 0..channels.min(planes.channels()) {
            let samples = &planes.channel(channel)[start..start + frames];
            let (first, second) = samples.split_at(before_wrap);
            interleave(one, channel, channels, first);
            interleave(two, channel, channels, second);
        }
        // One store publishes all of the frames.
        chunk.commit_all();
        frames
    }

    fn lose(&self, frames: usize) {
        if frames > 0 {
            // Relaxed: a counter that orders nothing.
            self.link.lost.fetch_add(frames as u64, Ordering::Relaxed);
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The caller's end of a recording: a handle to read it and to close it. When the last clone is
/// dropped, the file is closed as by [`close_now`](Self::close_now) and the recorder thread is
/// waited for, since a plugin may be unloaded afterwards: keep it until the performing thread has
/// finished if the last frame matters. Dropping it is not for a realtime thread.
#[derive(Clone)]
pub struct Recording {
    group: Arc<Group>,
}

impl Recording {
    /// The file, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.group.path
    }

    /// How the samples are stored.
    pub fn depth(&self) -> BitDepth {
        self.group.depth
    }

    /// Channels of the file.
    pub fn channels(&self) -> usize {
        self.group.channels
    }

    /// Frames a second.
    pub fn sample_rate(&self) -> u32 {
        self.group.sample_rate
    }

    /// Frames that the recorder thread has written. Exact once the recording has ended; after a
    /// failure, the frames that the file's header speaks of.
    pub fn frames_written(&self) -> u64 {
        // Relaxed, as are the lost ones: readings. Who has seen the end has seen it under the
        // mutex, and so sees the last of them.
        self.group.link.written.load(Ordering::Relaxed)
    }

    /// Frames that did not come into the file although they were performed before the recording
    /// ended: the ring was full, or the disk failed with them in it.
    pub fn frames_lost(&self) -> u64 {
        self.group.link.lost.load(Ordering::Relaxed)
    }

    /// How long the file is by now, in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames_written() as f64 / f64::from(self.group.sample_rate)
    }

    /// Where the recording stands.
    pub fn state(&self) -> RecordState {
        let link = &self.group.link;
        // The end first: it sets `closing` too, so the other order could show "closing" only.
        match &*link.lock_end() {
            Some(Ok(())) => RecordState::Closed,
            Some(Err(reason)) => RecordState::Failed(reason.clone()),
            None if link.is_ending() => RecordState::Closing,
            None => RecordState::Recording,
        }
    }

    /// Whether the recording went well so far, or to its end.
    ///
    /// # Errors
    /// [`RecordError::Ended`] if it ended early: the disk failed, or the file was full.
    pub fn result(&self) -> Result<(), RecordError> {
        match self.state() {
            RecordState::Failed(reason) => Err(RecordError::Ended { path: self.group.path.clone(), reason }),
            RecordState::Recording | RecordState::Closing | RecordState::Closed => Ok(()),
        }
    }

    /// Has the recorder thread write what is in the ring and close the file, although the
    /// performing thread has not finished it (a host that does not process). What is performed from
    /// now on is ignored. Does not wait.
    pub fn close_now(&self) {
        self.group.close_now();
    }

    /// Waits until the file is closed or the recording has failed, `timeout` at most; whether that
    /// came to be.
    pub fn wait_closed(&self, timeout: Duration) -> bool {
        let link = &self.group.link;
        let (end, _) = link
            .ended
            .wait_timeout_while(link.lock_end(), timeout, |end| end.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        end.is_some()
    }
}

/// What the clones of a [`Recording`] have in common. Owns the recorder thread.
struct Group {
    link: Arc<Link>,
    path: PathBuf,
    depth: BitDepth,
    channels: usize,
    sample_rate: u32,
    thread: Option<JoinHandle<()>>,
}

impl Group {
    fn close_now(&self) {
        // Release: frames that the caller knows to be written are in the ring for whoever sees the
        // flag.
        self.link.closing.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.close_now();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was caught and reported there.
            let _ = thread.join();
        }
    }
}

/// What the tap, the recorder thread and the handles share beside the ring.
#[derive(Default)]
struct Link {
    /// Set by the tap after its last frame. Released there and acquired by the recorder thread
    /// *before* it looks into the ring, which then holds every frame.
    finished: AtomicBool,
    /// Set by a handle to close, or by the recorder thread when it ends. Makes the tap idle.
    closing: AtomicBool,
    /// Frames; stored by the recorder thread.
    written: AtomicU64,
    /// Frames; added to by the tap and, after a failure, by the recorder thread.
    lost: AtomicU64,
    /// How it ended, once it has. Never locked by the tap.
    end: Mutex<Option<Result<(), String>>>,
    ended: Condvar,
}

impl Link {
    fn is_ending(&self) -> bool {
        // Acquire: see the two fields.
        self.finished.load(Ordering::Acquire) || self.closing.load(Ordering::Acquire)
    }

    fn end(&self, end: Result<(), String>) {
        self.closing.store(true, Ordering::Release);
        *self.lock_end() = Some(end);
        self.ended.notify_all();
    }

    /// What a panicking thread left is still whole: one assignment.
    fn lock_end(&self) -> MutexGuard<'_, Option<Result<(), String>>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The checked settings of a recording.
#[derive(Clone, Copy, PartialEq)]
struct Plan {
    depth: BitDepth,
    channels: usize,
    sample_rate: u32,
    ring_frames: usize,
    /// Most frames that a WAV file of this kind can hold.
    max_frames: u64,
}

impl Plan {
    fn new(
        depth: BitDepth,
        buffers: usize,
        channels: usize,
        sample_rate: u32,
        ksmps: usize,
    ) -> Result<Self, RecordError> {
        if !(1..=MAX_CHANNELS).contains(&channels) {
            return Err(RecordError::Channels { given: channels });
        }
        let frame_bytes = channels as u32 * (depth.bits() / 8);
        // A header states bytes a second in 32 bits.
        if sample_rate == 0 || sample_rate.checked_mul(frame_bytes).is_none() {
            return Err(RecordError::SampleRate { given: sample_rate });
        }
        let buffer_frames = ksmps.max(MIN_BUFFER_FRAMES);
        let buffer_bytes = buffer_frames.saturating_mul(channels * size_of::<f32>());
        let most = (MAX_RING_BYTES / buffer_bytes).min(MAX_BUFFERS);
        if !(1..=most).contains(&buffers) {
            return Err(RecordError::Buffers { given: buffers, most });
        }
        Ok(Self {
            depth,
            channels,
            sample_rate,
            ring_frames: buffers * buffer_frames,
            max_frames: (MAX_FILE_BYTES - HEADER_BYTES) / u64::from(frame_bytes),
        })
    }

    fn spec(&self) -> WavSpec {
        WavSpec {
            channels: self.channels as u16,
            sample_rate: self.sample_rate,
            bits_per_sample: self.depth.bits() as u16,
            sample_format: self.depth.sample_format(),
        }
    }
}

fn start<W>(file: W, path: PathBuf, standby: Standby) -> Result<Recording, RecordError>
where
    W: Write + Seek + Send + 'static,
{
    let plan = standby.plan;
    let link = Arc::clone(&standby.link);
    let recorder = match Recorder::new(file, standby) {
        Ok(recorder) => recorder,
        Err(source) => return Err(RecordError::Create { path, source }),
    };
    let thread = match thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(|| recorder.guarded()) {
        Ok(thread) => thread,
        Err(source) => return Err(RecordError::Thread { path, source }),
    };
    let group = Group {
        link,
        path,
        depth: plan.depth,
        channels: plan.channels,
        sample_rate: plan.sample_rate,
        thread: Some(thread),
    };
    Ok(Recording { group: Arc::new(group) })
}

/// Passes once through the whole ring, so that its memory is there before the performing thread
/// first writes to it.
fn touch(producer: &mut Producer<f32>, consumer: &mut Consumer<f32>) {
    let slots = producer.slots();
    if let Ok(chunk) = producer.write_chunk(slots) {
        chunk.commit_all();
    }
    if let Ok(chunk) = consumer.read_chunk(slots) {
        chunk.commit_all();
    }
}

/// Sets every `channels`-th sample of `to`, from `channel` on.
fn interleave(to: &mut [f32], channel: usize, channels: usize, samples: &[f32]) {
    for (slot, sample) in to.iter_mut().skip(channel).step_by(channels).zip(samples) {
        *slot = *sample;
    }
}

#[cfg(test)]
mod tests;
