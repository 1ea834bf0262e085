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

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use hound::{SampleFormat, WavSpec, WavWriter};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::engine::planes::Planes;

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

/// How often the ring is emptied.
const DRAIN_EVERY: Duration = Duration::from_millis(10);

/// How often the file's header is brought up to date.
const REFRESH_EVERY: Duration = Duration::from_millis(500);

/// Most samples taken from the ring in one go, so that its room comes back soon.
const PORTION_SAMPLES: usize = 16384;

/// Bytes gathered before the file is touched.
const FILE_BUFFER_BYTES: usize = 1 << 16;

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

/// A name in `folder` that no file has yet: "stem.wav", "stem 2.wav" and so on. Characters that a
/// file name cannot hold become "_"; an empty stem becomes "recording". Another program may take
/// the name before it is used: [`open`] without `overwrite` notices.
pub fn free_name(folder: &Path, stem: &str) -> PathBuf {
    let stem = file_stem(stem);
    let mut path = folder.join(format!("{stem}.wav"));
    let mut number = 2_u64;
    // A link that leads nowhere takes a name too, so links are not followed.
    while path.symlink_metadata().is_ok() {
        path = folder.join(format!("{stem} {number}.wav"));
        number += 1;
    }
    path
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

/// Whether the recorder thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Again,
    Ended,
}

/// Why a recorder stops before it is asked to.
enum Trouble {
    /// A WAV file holds no more.
    FileFull,
    Disk(io::Error),
}

impl From<hound::Error> for Trouble {
    fn from(error: hound::Error) -> Self {
        Self::Disk(io_error(error))
    }
}

/// The recorder thread's work, one [`turn`](Self::turn) at a time.
struct Recorder<W: Write + Seek> {
    ring: Consumer<f32>,
    /// `None` once the file is closed.
    wav: Option<WavWriter<BufWriter<Sticky<W>>>>,
    plan: Plan,
    link: Arc<Link>,
    /// Frames handed to the file.
    handed: u64,
    /// Frames that the header on the disk speaks of.
    safe: u64,
    /// When the header was last brought up to date.
    refreshed: Instant,
}

impl<W: Write + Seek> Recorder<W> {
    /// Writes the header.
    fn new(file: W, standby: Standby) -> io::Result<Self> {
        let Standby { ring, link, plan } = standby;
        let file = BufWriter::with_capacity(FILE_BUFFER_BYTES, Sticky { inner: file, failed: false });
        let mut wav = WavWriter::new(file, plan.spec()).map_err(io_error)?;
        wav.flush().map_err(io_error)?;
        Ok(Self { ring, wav: Some(wav), plan, link, handed: 0, safe: 0, refreshed: Instant::now() })
    }

    /// Runs to the end. A panic becomes a failure of the recording, so that nobody waits for ever.
    fn guarded(self) {
        let link = Arc::clone(&self.link);
        if catch_unwind(AssertUnwindSafe(|| self.run())).is_err() {
            link.end(Err("the recorder broke down; please report it".to_owned()));
        }
    }

    fn run(mut self) {
        while self.turn(Instant::now()) == Next::Again {
            thread::park_timeout(DRAIN_EVERY);
        }
    }

    /// Writes what is in the ring, and closes the file or refreshes its header if it is time.
    fn turn(&mut self, now: Instant) -> Next {
        // The flags before the ring: with one of them set, the ring holds all that is to come.
        let last = self.link.is_ending();
        let outcome = self.drain().and_then(|()| if last { self.close() } else { self.refresh(now) });
        match outcome {
            Ok(()) if !last => return Next::Again,
            Ok(()) => self.link.end(Ok(())),
            Err(Trouble::FileFull) => self.end_full(),
            Err(Trouble::Disk(error)) => self.fail(&error),
        }
        Next::Ended
    }

    /// Writes the frames that are in the ring at the moment, not those that come meanwhile: the
    /// header is due however fast they come.
    fn drain(&mut self) -> Result<(), Trouble> {
        let waiting = self.waiting();
        let room = self.plan.max_frames - self.handed;
        let portion = (PORTION_SAMPLES / self.plan.channels).max(1);
        let mut left = waiting.min(usize::try_from(room).unwrap_or(usize::MAX));
        while left > 0 {
            let frames = left.min(portion);
            self.write(frames)?;
            left -= frames;
        }
        if waiting as u64 > room { Err(Trouble::FileFull) } else { Ok(()) }
    }

    /// Frames in the ring.
    fn waiting(&self) -> usize {
        self.ring.slots() / self.plan.channels
    }

    fn write(&mut self, frames: usize) -> Result<(), Trouble> {
        let Some(wav) = &mut self.wav else {
            return Ok(());
        };
        let Ok(chunk) = self.ring.read_chunk(frames * self.plan.channels) else {
            return Ok(());
        };
        let (one, two) = chunk.as_slices();
        write_samples(wav, self.plan.depth, one)?;
        write_samples(wav, self.plan.depth, two)?;
        chunk.commit_all();
        self.handed += frames as u64;
        self.link.written.store(self.handed, Ordering::Relaxed);
        Ok(())
    }

    fn refresh(&mut self, now: Instant) -> Result<(), Trouble> {
        if now.saturating_duration_since(self.refreshed) < REFRESH_EVERY {
            return Ok(());
        }
        if let Some(wav) = &mut self.wav {
            wav.flush()?;
        }
        self.refreshed = now;
        self.safe = self.handed;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Trouble> {
        if let Some(wav) = self.wav.take() {
            wav.finalize()?;
        }
        self.safe = self.handed;
        Ok(())
    }

    /// Closes a file that holds no more. What it has is good.
    fn end_full(&mut self) {
        if let Err(Trouble::Disk(error)) = self.close() {
            return self.fail(&error);
        }
        self.link.closing.store(true, Ordering::Release);
        self.count_lost(self.waiting() as u64);
        self.link
            .end(Err("a WAV file holds no more than 4 GiB; all up to there is in it: go on in a new file"
                .to_owned()));
    }

    /// Leaves the file as the last refreshed header says.
    fn fail(&mut self, error: &io::Error) {
        self.link.closing.store(true, Ordering::Release);
        // Before the end is told: who is told finds the file closed.
        self.wav = None;
        self.count_lost(self.handed - self.safe + self.waiting() as u64);
        self.link.written.store(self.safe, Ordering::Relaxed);
        let seconds = self.safe as f64 / f64::from(self.plan.sample_rate);
        self.link.end(Err(format!("{}; the file plays up to {seconds:.1} s", explain(error))));
    }

    fn count_lost(&self, frames: u64) {
        self.link.lost.fetch_add(frames, Ordering::Relaxed);
    }
}

fn write_samples<W: Write + Seek>(
    wav: &mut WavWriter<W>,
    depth: BitDepth,
    samples: &[f32],
) -> hound::Result<()> {
    match depth {
        BitDepth::Pcm16 => samples.iter().try_for_each(|sample| wav.write_sample(pcm(*sample, 16))),
        BitDepth::Pcm24 => samples.iter().try_for_each(|sample| wav.write_sample(pcm(*sample, 24))),
        BitDepth::Float32 => samples.iter().try_for_each(|sample| wav.write_sample(finite(*sample))),
    }
}

/// A sample as a whole number of `bits` bits, as Csound's own files have it: taken to 32 bits and
/// clipped there (which the cast does), of which the lower ones are cut off.
fn pcm(sample: f32, bits: u32) -> i32 {
    let full_scale = 2_f64.powi(31);
    let wide = (f64::from(finite(sample)) * full_scale).round_ties_even() as i32;
    wide >> (32 - bits)
}

fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample } else { 0.0 }
}

/// A file that stays failed once it has failed. The writers around it try again when they are
/// dropped; were the disk to take that, a header could speak of frames that are not there.
struct Sticky<W> {
    inner: W,
    failed: bool,
}

impl<W> Sticky<W> {
    fn attempt<T>(&mut self, action: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.failed {
            return Err(io::Error::other("the file has failed before"));
        }
        // Beforehand, so that a panic counts as a failure too.
        self.failed = true;
        let result = action(&mut self.inner);
        // An interrupted call is none that failed: it is to be made again.
        self.failed = matches!(&result, Err(error) if error.kind() != ErrorKind::Interrupted);
        result
    }
}

impl<W: Write> Write for Sticky<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(|file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush)
    }
}

impl<W: Seek> Seek for Sticky<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.attempt(|file| file.seek(to))
    }
}

/// Checks what can be checked before the file is made, and makes the path absolute: the host's
/// current folder may change.
fn check_path(path: &Path) -> Result<PathBuf, RecordError> {
    // "take.wav/" and "folder/." have a file name for std, and are none.
    let text = path.as_os_str().to_string_lossy();
    let named = path.file_name().is_some() && !text.ends_with(['/', std::path::MAIN_SEPARATOR]);
    if path.is_dir() {
        return Err(RecordError::IsFolder { path: path.to_owned() });
    }
    let (true, Ok(path)) = (named, std::path::absolute(path)) else {
        return Err(RecordError::NoName { path: path.to_owned() });
    };
    let folder = path.parent().unwrap_or(&path).to_owned();
    match fs::metadata(&folder) {
        Ok(data) if !data.is_dir() => return Err(RecordError::NotAFolder { path, folder }),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(RecordError::NoFolder { path, folder });
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(RecordError::NotAFolder { path, folder });
        }
        Err(error) => return Err(create_error(path, error)),
    }
    Ok(path)
}

/// A file just made.
struct NewFile {
    file: File,
    at: PathBuf,
    /// The file whose place it is to take once its header is written.
    replaces: Option<PathBuf>,
}

fn create(path: &Path, overwrite: bool) -> Result<NewFile, RecordError> {
    // Asking the system to make a new one, rather than looking first, leaves no gap in which
    // another program's file could be overwritten.
    match create_new(path) {
        Ok(file) => Ok(NewFile { file, at: path.to_owned(), replaces: None }),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && overwrite => {
            create_beside(path).map_err(|error| match error.kind() {
                ErrorKind::InvalidInput => RecordError::NotAFile { path: path.to_owned() },
                _ => create_error(path.to_owned(), error),
            })
        }
        Err(error) => Err(create_error(path.to_owned(), error)),
    }
}

/// Makes a file in the folder of the one it is to replace. `InvalidInput` says that this is no
/// ordinary file.
fn create_beside(path: &Path) -> io::Result<NewFile> {
    // What a link leads to is replaced, not the link.
    let old = fs::canonicalize(path)?;
    // Looked at before it is opened: opening a pipe would wait for its reader.
    if !fs::metadata(&old)?.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    // A file that may not be written is not to be replaced either.
    drop(OpenOptions::new().write(true).open(&old)?);
    let mut number = 0_u32;
    loop {
        let name = format!(".csound-recording-{}-{number}", std::process::id());
        let at = old.with_file_name(name);
        match create_new(&at) {
            Ok(file) => {
                return Ok(NewFile { file, at, replaces: Some(old) });
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn create_error(path: PathBuf, source: io::Error) -> RecordError {
    match source.kind() {
        ErrorKind::AlreadyExists => RecordError::Exists { path },
        ErrorKind::IsADirectory => RecordError::IsFolder { path },
        ErrorKind::PermissionDenied => RecordError::NotAllowed { path, source },
        _ => RecordError::Create { path, source },
    }
}

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

/// What a system's error means to a musician.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "the disk is full: make room or choose another disk".to_owned(),
        ErrorKind::QuotaExceeded => {
            "your share of the disk is full: make room or choose another disk".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => "the disk cannot be written to: choose another one".to_owned(),
        ErrorKind::FileTooLarge => {
            "the disk or the system takes no file of this size: go on in a new file".to_owned()
        }
        ErrorKind::InvalidFilename => {
            "the disk takes no such name: choose a shorter or simpler one".to_owned()
        }
        _ => format!("the system says \"{error}\": check the disk or choose another one"),
    }
}

/// A stem that every system takes as part of a file name.
fn file_stem(stem: &str) -> String {
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let stem = stem.trim().replace(forbidden, "_");
    if stem.is_empty() { "recording".to_owned() } else { stem }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::process::{Command, Stdio};

    use tempfile::TempDir;

    use super::*;

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

    fn open_float(path: &Path, channels: usize, buffers: usize) -> (Tap, Recording) {
        open(options(path, BitDepth::Float32, buffers), channels, 48000, 32).unwrap()
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

    /// This test binary again, running one test of this module as a child.
    fn child(test: &str, argument: &Path) -> Command {
        let module = module_path!().split_once("::").unwrap().1;
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
        Plan::new(BitDepth::Float32, buffers, channels, 48000, 32).unwrap()
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

    #[test]
    fn a_file_holds_exactly_the_frames_that_were_written() {
        let folder = folder();
        for frames in [0, 1, 31, 1024, 1025, 48000] {
            let path = folder.path().join(format!("{frames}.wav"));
            let (mut tap, recording) = open_float(&path, 2, 4);
            write_marked(&mut tap, &recording, 2, frames);
            close(tap, &recording);
            assert_eq!(read_floats(&path).1, expected(2, frames));
            assert_eq!(recording.frames_written(), frames as u64);
            assert_eq!(recording.seconds(), frames as f64 / 48000.0);
        }
    }

    #[test]
    fn three_and_sixteen_channels_keep_their_order_through_many_turns_of_the_ring() {
        let folder = folder();
        for channels in [1, 3, 16] {
            let path = folder.path().join(format!("{channels}.wav"));
            let (mut tap, recording) = open_float(&path, channels, 1);
            write_marked(&mut tap, &recording, channels, 10007);
            close(tap, &recording);
            let (spec, samples) = read_floats(&path);
            assert_eq!(usize::from(spec.channels), channels);
            assert_eq!(spec.sample_rate, 48000);
            assert_eq!(samples, expected(channels, 10007));
        }
    }

    #[test]
    fn only_the_asked_span_of_the_planes_is_recorded() {
        let folder = folder();
        let path = folder.path().join("span.wav");
        let (mut tap, recording) = open_float(&path, 1, 1);
        let planes = marked(1, 0, 10);
        tap.write(&planes, 3, 4);
        tap.write(&planes, 8, 100);
        tap.write(&planes, 11, 1);
        tap.write(&planes, usize::MAX, usize::MAX);
        close(tap, &recording);
        let frames: Vec<usize> = read_floats(&path).1.into_iter().map(|s| read_mark(s).0).collect();
        assert_eq!(frames, [3, 4, 5, 6, 8, 9]);
        assert_eq!(recording.frames_lost(), 0);
    }

    #[test]
    fn missing_channels_are_silent_and_extra_ones_left_out() {
        let folder = folder();
        let path = folder.path().join("three.wav");
        let (mut tap, recording) = open_float(&path, 3, 1);
        tap.write(&marked(3, 0, 2), 0, 2);
        tap.write(&marked(1, 2, 2), 0, 2);
        tap.write(&marked(5, 4, 2), 0, 2);
        tap.write(&Planes::new(0, 0), 0, 2);
        close(tap, &recording);
        let mut frames = expected(3, 6);
        for silent in [7, 8, 10, 11] {
            frames[silent] = 0.0;
        }
        assert_eq!(read_floats(&path).1, frames);
    }

    /// What `csound -W -s` and `csound -W -3` (6.18) wrote for `out` of these.
    const FROM_CSOUND: [(f32, i32, i32); 18] = [
        (0.0, 0, 0),
        (0.5 / 32768.0, 0, 128),
        (-0.5 / 32768.0, -1, -128),
        (1.5 / 32768.0, 1, 384),
        (-1.5 / 32768.0, -2, -384),
        (2.5 / 32768.0, 2, 640),
        (0.4999 / 32768.0, 0, 127),
        (0.75 / 32768.0, 0, 192),
        (-0.75 / 32768.0, -1, -192),
        (1.0, 32767, 8388607),
        (-1.0, -32768, -8388608),
        (1.5, 32767, 8388607),
        (-1.5, -32768, -8388608),
        (32767.5 / 32768.0, 32767, 8388480),
        (0.25, 8192, 2097152),
        (32767.4 / 32768.0, 32767, 8388454),
        (0.1, 3276, 838860),
        (-0.1, -3277, -838861),
    ];

    fn one_channel(samples: &[f32]) -> Planes {
        let mut planes = Planes::new(1, samples.len());
        planes.channel_mut(0).copy_from_slice(samples);
        planes
    }

    fn record_samples(path: &Path, depth: BitDepth, samples: &[f32]) {
        let (mut tap, recording) = open(options(path, depth, 1), 1, 44100, 10).unwrap();
        let planes = one_channel(samples);
        tap.write(&planes, 0, samples.len());
        // Recording does not touch what it records.
        assert_eq!(bits_of(planes.channel(0)), bits_of(samples));
        close(tap, &recording);
    }

    #[test]
    fn files_of_16_and_24_bits_hold_the_numbers_that_csound_writes() {
        let folder = folder();
        let samples = FROM_CSOUND.map(|row| row.0);
        for (depth, numbers) in
            [(BitDepth::Pcm16, FROM_CSOUND.map(|row| row.1)), (BitDepth::Pcm24, FROM_CSOUND.map(|row| row.2))]
        {
            let path = folder.path().join(format!("{}.wav", depth.bits()));
            record_samples(&path, depth, &samples);
            let (spec, found) = read_numbers(&path);
            assert_eq!(found, numbers);
            assert_eq!(u32::from(spec.bits_per_sample), depth.bits());
            assert_eq!(spec.sample_format, SampleFormat::Int);
            assert_eq!((spec.channels, spec.sample_rate), (1, 44100));
        }
    }

    #[test]
    fn files_of_32_bits_hold_the_samples_bit_for_bit() {
        let folder = folder();
        let path = folder.path().join("float.wav");
        let samples = [0.0, -0.0, 1.0, -1.0, 7.25, -1e30, f32::MAX, 1e-40, 0.1];
        record_samples(&path, BitDepth::Float32, &samples);
        let (spec, found) = read_floats(&path);
        assert_eq!(bits_of(&found), bits_of(&samples));
        assert_eq!((spec.bits_per_sample, spec.sample_format), (32, SampleFormat::Float));
    }

    fn bits_of(samples: &[f32]) -> Vec<u32> {
        samples.iter().map(|sample| sample.to_bits()).collect()
    }

    #[test]
    fn samples_that_are_not_finite_become_zero_at_every_depth() {
        let folder = folder();
        let samples = [0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.5];
        for depth in [BitDepth::Pcm16, BitDepth::Pcm24] {
            let path = folder.path().join(format!("{}.wav", depth.bits()));
            record_samples(&path, depth, &samples);
            let half = 1 << (depth.bits() - 2);
            assert_eq!(read_numbers(&path).1, [half, 0, 0, 0, -half]);
        }
        let path = folder.path().join("float.wav");
        record_samples(&path, BitDepth::Float32, &samples);
        assert_eq!(read_floats(&path).1, [0.5, 0.0, 0.0, 0.0, -0.5]);
    }

    #[test]
    fn a_full_ring_loses_whole_frames_and_counts_them() {
        let (mut tap, mut recorder, memory) = by_hand(plan(3, 1));
        tap.write(&marked(3, 0, 1000), 0, 1000);
        tap.write(&marked(3, 1000, 1000), 0, 1000);
        assert_eq!(lost(&recorder), 976);
        tap.write(&marked(3, 2000, 5), 0, 5);
        assert_eq!(lost(&recorder), 981);
        assert_eq!(recorder.turn(recorder.refreshed), Next::Again);
        tap.write(&marked(3, 3000, 1024), 0, 1024);
        tap.finish();
        assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
        let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
        let wanted: Vec<f32> = (0..1024)
            .chain(3000..4024)
            .flat_map(|frame| (0..3).map(move |channel| mark(frame, channel)))
            .collect();
        assert_eq!(samples, wanted);
        assert_eq!((written(&recorder), lost(&recorder)), (2048, 981));
    }

    #[test]
    fn after_losses_in_a_race_with_the_recorder_thread_the_channels_keep_their_order() {
        let folder = folder();
        let path = folder.path().join("race.wav");
        let (mut tap, recording) = open_float(&path, 3, 1);
        let mut sent = 0;
        // More than the ring in one call, so that something is lost however fast the disk is.
        for frames in [1500, 37, 700, 1, 1300].into_iter().cycle().take(60) {
            tap.write(&marked(3, sent, frames), 0, frames);
            sent += frames;
            thread::sleep(Duration::from_millis(1));
        }
        assert!(sent < 65536);
        close(tap, &recording);
        let (_, samples) = read_floats(&path);
        let mut last = None;
        for frame in samples.chunks_exact(3) {
            let marks = [read_mark(frame[0]), read_mark(frame[1]), read_mark(frame[2])];
            let number = marks[0].0;
            assert_eq!(marks, [(number, 0), (number, 1), (number, 2)]);
            assert!(last < Some(number), "frames are in order");
            last = Some(number);
        }
        assert_eq!(samples.len() % 3, 0);
        assert_eq!(samples.len() as u64 / 3, recording.frames_written());
        assert_eq!(recording.frames_written() + recording.frames_lost(), sent as u64);
        assert!(recording.frames_lost() > 0);
    }

    #[test]
    fn a_waiting_write_gives_up_where_the_disk_takes_nothing() {
        let (mut tap, recorder, _) = by_hand(plan(1, 1));
        tap.write_waiting(&marked(1, 0, 3000), 0, 3000, Duration::from_millis(20));
        assert_eq!(recorder.waiting(), 1024);
        assert_eq!(lost(&recorder), 1976);
    }

    #[test]
    fn the_header_is_refreshed_every_half_second_although_nothing_more_comes() {
        let (mut tap, mut recorder, memory) = by_hand(plan(2, 1));
        let began = recorder.refreshed;
        assert_eq!(memory.frames(), 0);
        tap.write(&marked(2, 0, 700), 0, 700);
        assert_eq!(recorder.turn(began + Duration::from_millis(10)), Next::Again);
        assert_eq!(memory.frames(), 0);
        assert_eq!(recorder.turn(began + Duration::from_millis(500)), Next::Again);
        assert_eq!(memory.frames(), 700);
        tap.write(&marked(2, 700, 300), 0, 300);
        assert_eq!(recorder.turn(began + Duration::from_millis(990)), Next::Again);
        assert_eq!(memory.frames(), 700);
        assert_eq!(recorder.turn(began + Duration::from_millis(1000)), Next::Again);
        assert_eq!(memory.frames(), 1000);
        let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
        assert_eq!(samples, expected(2, 1000));
    }

    #[test]
    fn a_file_in_the_making_can_be_copied_and_read() {
        let folder = folder();
        let (path, copy) = (folder.path().join("take.wav"), folder.path().join("copy.wav"));
        let (mut tap, recording) = open_float(&path, 2, 1);
        assert_eq!(read_floats(&path).1, [0.0_f32; 0]);
        for frames in [1000, 1500] {
            let done = recording.frames_written() as usize;
            tap.write(&marked(2, done, frames - done), 0, frames - done);
            eventually("the header is refreshed", || {
                fs::copy(&path, &copy).unwrap();
                hound::WavReader::open(&copy).unwrap().duration() as usize == frames
            });
            assert_eq!(read_floats(&copy).1, expected(2, frames));
            assert_eq!(recording.state(), RecordState::Recording);
        }
        close(tap, &recording);
    }

    #[test]
    #[cfg(unix)]
    fn a_killed_process_leaves_a_file_that_plays_up_to_there() {
        if let Some(path) = as_child() {
            return record_until_killed(&path);
        }
        let folder = folder();
        let path = folder.path().join("killed.wav");
        let name = "a_killed_process_leaves_a_file_that_plays_up_to_there";
        let mut process = child(name, &path).spawn().unwrap();
        let mut seen = 0;
        let came = (0..2000).any(|_| {
            thread::sleep(Duration::from_millis(10));
            seen = hound::WavReader::open(&path).map_or(0, |reader| reader.duration());
            seen > 0
        });
        // On unix this is signal 9: no handler, no destructor.
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(came, "the child recorded nothing");
        let (spec, samples) = read_floats(&path);
        assert_eq!(spec.channels, 2);
        assert!(samples.len() >= 2 * seen as usize);
        assert_eq!(samples, expected(2, samples.len() / 2));
    }

    fn record_until_killed(path: &Path) {
        let (mut tap, _recording) = open_float(path, 2, 8);
        for turn in 0..6000 {
            tap.write(&marked(2, turn * 10, 10), 0, 10);
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_path_that_cannot_be_is_an_error_at_once_and_leaves_nothing_behind() {
        let folder = folder();
        let file = folder.path().join("a file");
        fs::write(&file, "text").unwrap();
        let refusal = |path: &Path| {
            let error = open(options(path, BitDepth::Pcm16, 4), 2, 48000, 32).err().unwrap();
            (error.to_string(), error)
        };
        let (text, error) = refusal(&folder.path().join("none").join("take.wav"));
        assert!(matches!(error, RecordError::NoFolder { .. }), "{text}");
        assert!(text.contains("none"), "{text}");
        assert!(matches!(refusal(&file.join("take.wav")).1, RecordError::NotAFolder { .. }));
        assert!(matches!(refusal(&file.join("in/take.wav")).1, RecordError::NotAFolder { .. }));
        assert!(matches!(refusal(folder.path()).1, RecordError::IsFolder { .. }));
        assert!(matches!(refusal(&folder.path().join("take.wav/")).1, RecordError::NoName { .. }));
        assert!(matches!(refusal(Path::new("")).1, RecordError::NoName { .. }));
        assert!(matches!(refusal(Path::new("..")).1, RecordError::IsFolder { .. }));
        let long = refusal(&folder.path().join("long".repeat(100)));
        assert!(matches!(long.1, RecordError::Create { .. }), "{}", long.0);
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_that_may_not_be_written_is_an_error_at_once() {
        use std::os::unix::fs::PermissionsExt;

        let folder = folder();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let path = folder.path().join("take.wav");
        if File::create(&path).is_ok() {
            println!("skipped: this user may write everywhere");
        } else {
            let result = open(options(&path, BitDepth::Pcm16, 4), 2, 48000, 32);
            assert!(matches!(result, Err(RecordError::NotAllowed { .. })));
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let denied = create_error(path, ErrorKind::PermissionDenied.into());
        assert!(denied.to_string().contains("not allowed"), "{denied}");
    }

    #[test]
    fn settings_that_cannot_be_are_errors_that_say_what_can() {
        let folder = folder();
        let path = folder.path().join("kept.wav");
        fs::write(&path, "old").unwrap();
        let refusal = |buffers, channels, rate, ksmps| {
            let mut options = options(&path, BitDepth::Float32, buffers);
            options.overwrite = true;
            open(options, channels, rate, ksmps).err().unwrap()
        };
        assert!(matches!(refusal(4, 0, 48000, 32), RecordError::Channels { given: 0 }));
        assert!(matches!(refusal(4, 257, 48000, 32), RecordError::Channels { given: 257 }));
        assert!(matches!(refusal(4, 2, 0, 32), RecordError::SampleRate { .. }));
        assert!(matches!(refusal(4, 256, u32::MAX, 32), RecordError::SampleRate { .. }));
        assert!(matches!(refusal(0, 2, 48000, 32), RecordError::Buffers { most: 1024, .. }));
        assert!(matches!(refusal(1025, 2, 48000, 32), RecordError::Buffers { most: 1024, .. }));
        assert!(matches!(refusal(17, 256, 48000, 16384), RecordError::Buffers { most: 16, .. }));
        assert!(matches!(refusal(1, 2, 48000, usize::MAX), RecordError::Buffers { most: 0, .. }));
        assert_eq!(fs::read(&path).unwrap(), b"old", "a wrong setting costs no file");
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn an_existing_file_is_kept() {
        let folder = folder();
        let path = folder.path().join("kept.wav");
        fs::write(&path, "precious").unwrap();
        let error = open(options(&path, BitDepth::Pcm24, 4), 2, 48000, 32).err().unwrap();
        assert!(matches!(error, RecordError::Exists { .. }));
        assert!(error.to_string().contains("kept.wav"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }

    #[test]
    fn an_existing_file_is_overwritten_when_asked() {
        let folder = folder();
        let path = folder.path().join("old.wav");
        fs::write(&path, vec![7; 100_000]).unwrap();
        let mut options = options(&path, BitDepth::Float32, 4);
        options.overwrite = true;
        let (mut tap, recording) = open(options.clone(), 2, 48000, 32).unwrap();
        assert_eq!(read_floats(&path).1, [0.0_f32; 0]);
        write_marked(&mut tap, &recording, 2, 100);
        close(tap, &recording);
        assert_eq!(read_floats(&path).1, expected(2, 100));
        assert_eq!(recording.path(), path);
        // It makes a new one as well.
        options.path = folder.path().join("new.wav");
        drop(open(options, 2, 48000, 32).unwrap());
        assert_eq!(entries(folder.path()), 2);
    }

    #[test]
    fn a_recording_that_is_overwritten_while_it_goes_on_spoils_nothing() {
        let folder = folder();
        let path = folder.path().join("twice.wav");
        let (mut first_tap, first) = open_float(&path, 2, 4);
        first_tap.write(&marked(2, 500, 900), 0, 900);
        let mut options = options(&path, BitDepth::Float32, 4);
        options.overwrite = true;
        let (mut tap, recording) = open(options, 2, 48000, 32).unwrap();
        write_marked(&mut tap, &recording, 2, 300);
        close(tap, &recording);
        close(first_tap, &first);
        assert_eq!(read_floats(&path).1, expected(2, 300));
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_is_not_recorded_into() {
        let mut options = options("/dev/full", BitDepth::Pcm16, 4);
        let error = open(options.clone(), 2, 48000, 32).err().unwrap();
        assert!(matches!(error, RecordError::Exists { .. }), "{error}");
        options.overwrite = true;
        let error = open(options, 2, 48000, 32).err().unwrap();
        assert!(matches!(error, RecordError::NotAFile { .. }), "{error}");
        assert!(Path::new("/dev/full").exists());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_disk_that_is_full_from_the_start_is_an_error_at_once() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = start(full, "take.wav".into(), stand_by_plan(plan(2, 1)).1).err().unwrap();
        assert!(error.to_string().contains("the disk is full"), "{error}");
    }

    /// A file whose writes go to the full device once it is told so.
    #[cfg(target_os = "linux")]
    struct FillsUp {
        file: File,
        device: File,
        full: Arc<AtomicBool>,
    }

    #[cfg(target_os = "linux")]
    impl Write for FillsUp {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let full = self.full.load(Ordering::SeqCst);
            if full { self.device.write(bytes) } else { self.file.write(bytes) }
        }

        fn flush(&mut self) -> io::Result<()> {
            self.file.flush()
        }
    }

    #[cfg(target_os = "linux")]
    impl Seek for FillsUp {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_disk_that_fills_up_fails_the_recording_with_the_reason() {
        let folder = folder();
        let path = folder.path().join("fills.wav");
        let full = Arc::new(AtomicBool::new(false));
        let file = FillsUp {
            file: create_new(&path).unwrap(),
            device: OpenOptions::new().write(true).open("/dev/full").unwrap(),
            full: Arc::clone(&full),
        };
        let (mut tap, standby) = stand_by_plan(plan(2, 1));
        let recording = start(file, path.clone(), standby).unwrap();
        tap.write(&marked(2, 0, 800), 0, 800);
        eventually("the header is refreshed", || hound::WavReader::open(&path).unwrap().duration() == 800);
        full.store(true, Ordering::SeqCst);
        tap.write(&marked(2, 800, 50), 0, 50);
        assert!(recording.wait_closed(LIMIT));
        let RecordState::Failed(reason) = recording.state() else { panic!("it went well") };
        assert!(reason.contains("the disk is full"), "{reason}");
        let error = recording.result().unwrap_err().to_string();
        assert!(error.contains("fills.wav") && error.contains(&reason), "{error}");
        tap.write(&marked(2, 850, 500), 0, 500);
        tap.write_waiting(&marked(2, 850, 5000), 0, 5000, LIMIT);
        tap.finish();
        recording.close_now();
        assert_eq!((recording.frames_written(), recording.frames_lost()), (800, 50));
        assert_eq!(read_floats(&path).1, expected(2, 800));
    }

    #[test]
    fn after_a_failure_the_file_is_as_the_last_header_says_even_if_the_disk_recovers() {
        let (mut tap, mut recorder, memory) = by_hand(plan(2, 16));
        let began = recorder.refreshed;
        tap.write(&marked(2, 0, 1000), 0, 1000);
        assert_eq!(recorder.turn(began + REFRESH_EVERY), Next::Again);
        memory.full.store(true, Ordering::SeqCst);
        // More than the file's buffer holds, so that the disk is asked within the frames.
        tap.write(&marked(2, 1000, 15000), 0, 15000);
        assert_eq!(recorder.turn(began + REFRESH_EVERY), Next::Ended);
        memory.full.store(false, Ordering::SeqCst);
        let reason = ended(&recorder).unwrap().unwrap_err();
        assert!(reason.contains("the disk is full"), "{reason}");
        assert_eq!((written(&recorder), lost(&recorder)), (1000, 15000));
        drop(recorder);
        assert_eq!(memory.frames(), 1000);
        let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
        assert_eq!(samples, expected(2, 1000));
    }

    #[test]
    fn a_disk_that_fails_at_the_very_end_is_reported() {
        let (mut tap, mut recorder, memory) = by_hand(plan(2, 1));
        tap.write(&marked(2, 0, 100), 0, 100);
        memory.full.store(true, Ordering::SeqCst);
        tap.finish();
        assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
        assert!(ended(&recorder).unwrap().is_err());
        assert_eq!((written(&recorder), lost(&recorder)), (0, 100));
        assert_eq!(memory.frames(), 0);
    }

    #[test]
    fn a_wav_file_is_closed_before_it_outgrows_its_format() {
        let mut plan = plan(2, 1);
        plan.max_frames = 1500;
        let (mut tap, mut recorder, memory) = by_hand(plan);
        tap.write(&marked(2, 0, 1000), 0, 1000);
        assert_eq!(recorder.turn(recorder.refreshed), Next::Again);
        tap.write(&marked(2, 1000, 500), 0, 500);
        assert_eq!(recorder.turn(recorder.refreshed), Next::Again);
        tap.write(&marked(2, 1500, 7), 0, 7);
        assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
        let reason = ended(&recorder).unwrap().unwrap_err();
        assert!(reason.contains("4 GiB"), "{reason}");
        tap.write(&marked(2, 1507, 7), 0, 7);
        assert_eq!((written(&recorder), lost(&recorder)), (1500, 7));
        let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
        assert_eq!(samples, expected(2, 1500));
    }

    #[test]
    fn a_recording_that_ends_just_at_the_limit_is_closed_in_peace() {
        let mut plan = plan(2, 1);
        plan.max_frames = 1000;
        let (mut tap, mut recorder, memory) = by_hand(plan);
        tap.write(&marked(2, 0, 1000), 0, 1000);
        tap.finish();
        assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
        assert_eq!(ended(&recorder), Some(Ok(())));
        assert_eq!(memory.frames(), 1000);
    }

    #[test]
    fn the_limit_of_every_kind_of_file_fits_its_32_bits() {
        for depth in [BitDepth::Pcm16, BitDepth::Pcm24, BitDepth::Float32] {
            for channels in [1, 2, 3, 16, MAX_CHANNELS] {
                let plan = Plan::new(depth, 1, channels, 48000, 1).unwrap();
                let frame_bytes = u64::from(depth.bits() / 8) * channels as u64;
                let bytes = plan.max_frames * frame_bytes + HEADER_BYTES;
                assert!(bytes <= MAX_FILE_BYTES && bytes + frame_bytes > MAX_FILE_BYTES);
            }
        }
    }

    #[test]
    fn a_tap_dropped_without_finish_leaves_every_frame_in_the_file() {
        let folder = folder();
        let path = folder.path().join("dropped.wav");
        let (mut tap, recording) = open_float(&path, 2, 4);
        let planes = marked(2, 0, 3000);
        tap.write(&planes, 0, 3000);
        drop(tap);
        assert!(recording.wait_closed(LIMIT));
        assert_eq!(recording.state(), RecordState::Closed);
        assert_eq!(read_floats(&path).1, expected(2, 3000));
    }

    #[test]
    fn what_is_written_after_finish_is_not_in_the_file() {
        let folder = folder();
        let path = folder.path().join("finished.wav");
        let (mut tap, recording) = open_float(&path, 2, 4);
        tap.write(&marked(2, 0, 321), 0, 321);
        tap.finish();
        tap.write(&marked(2, 321, 50), 0, 50);
        tap.write_waiting(&marked(2, 321, 50), 0, 50, LIMIT);
        assert!(recording.wait_closed(LIMIT));
        assert_eq!(read_floats(&path).1, expected(2, 321));
        assert_eq!(recording.frames_lost(), 0);
    }

    #[test]
    fn close_now_closes_the_file_although_the_tap_is_alive() {
        let folder = folder();
        let path = folder.path().join("idle.wav");
        let (mut tap, recording) = open_float(&path, 2, 4);
        assert_eq!(recording.state(), RecordState::Recording);
        assert!(!recording.wait_closed(Duration::from_millis(1)));
        tap.write(&marked(2, 0, 2500), 0, 2500);
        recording.close_now();
        assert_ne!(recording.state(), RecordState::Recording);
        assert!(recording.wait_closed(LIMIT));
        assert_eq!(recording.state(), RecordState::Closed);
        assert!(recording.result().is_ok());
        tap.write(&marked(2, 2500, 2500), 0, 2500);
        tap.finish();
        recording.close_now();
        assert_eq!(read_floats(&path).1, expected(2, 2500));
        assert_eq!((recording.frames_written(), recording.frames_lost()), (2500, 0));
    }

    #[test]
    fn dropping_the_last_handle_closes_the_file_and_ends_the_thread_while_the_tap_lives() {
        let folder = folder();
        let path = folder.path().join("unloaded.wav");
        let (mut tap, recording) = open_float(&path, 2, 4);
        let link = Arc::downgrade(&recording.group.link);
        tap.write(&marked(2, 0, 2000), 0, 2000);
        let clone = recording.clone();
        drop(recording);
        assert_eq!(clone.state(), RecordState::Recording);
        drop(clone);
        // The tap's is the only one left: the thread's went with the thread.
        assert_eq!(link.strong_count(), 1);
        tap.write(&marked(2, 2000, 2000), 0, 2000);
        assert_eq!(read_floats(&path).1, expected(2, 2000));
        drop(tap);
        assert_eq!(read_floats(&path).1, expected(2, 2000));
    }

    #[test]
    fn a_recorder_that_breaks_down_is_reported_and_keeps_nobody_waiting() {
        struct Panics(Cursor<Vec<u8>>, u32);

        impl Write for Panics {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 += 1;
                assert!(self.1 < 6, "this panic belongs to the test");
                self.0.write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        impl Seek for Panics {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.0.seek(to)
            }
        }

        let file = Panics(Cursor::default(), 0);
        let (mut tap, standby) = stand_by_plan(plan(1, 64));
        let recording = start(file, "panics.wav".into(), standby).unwrap();
        let planes = marked(1, 0, 60000);
        eventually("the recorder breaks down", || {
            tap.write(&planes, 0, 60000);
            recording.wait_closed(Duration::from_millis(5))
        });
        assert!(matches!(recording.state(), RecordState::Failed(_)));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_hundred_recordings_leave_no_thread_behind() {
        // In a process of its own, where no other test starts threads.
        let Some(folder) = as_child() else {
            let folder = folder();
            let name = "a_hundred_recordings_leave_no_thread_behind";
            assert!(child(name, folder.path()).status().unwrap().success());
            assert_eq!(entries(folder.path()), 100);
            return;
        };
        let threads = || fs::read_dir("/proc/self/task").unwrap().count();
        let before = threads();
        for number in 0..100 {
            let path = free_name(&folder, "take");
            let (mut tap, recording) = open_float(&path, 2, 1);
            tap.write(&marked(2, 0, number), 0, number);
            // A joined thread may be listed for a moment.
            eventually("there is one more thread", || threads() == before + 1);
            match number % 3 {
                0 => close(tap, &recording),
                1 => drop(tap),
                _ => recording.close_now(),
            }
            drop(recording);
            assert_eq!(read_floats(&path).1, expected(2, number));
        }
        eventually("the threads are gone", || threads() == before);
    }

    #[test]
    fn a_recording_that_stands_by_keeps_what_comes_before_its_file_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let planes = Planes::new(2, 100);
        let (mut tap, standby) = stand_by(BitDepth::Float32, 1, 2, 48_000, 32).unwrap();
        assert!(!standby.is_begun());
        tap.write(&planes, 0, 100);
        assert!(standby.is_begun() && standby.is_for(BitDepth::Float32, 1, 2, 48_000, 32));
        assert!(!standby.is_for(BitDepth::Float32, 2, 2, 48_000, 32), "a ring of another size");
        assert!(!standby.is_for(BitDepth::Pcm16, 1, 2, 48_000, 32));
        let path = folder.path().join("take.wav");
        let recording = standby.open(&path, false).unwrap();
        tap.write(&planes, 0, 50);
        tap.finish();
        assert!(recording.wait_closed(Duration::from_secs(20)));
        assert_eq!((recording.frames_written(), recording.frames_lost()), (150, 0));
        assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 150);
    }

    #[test]
    fn what_does_not_fit_before_the_file_is_there_is_counted_and_a_bad_path_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let planes = Planes::new(2, 2000);
        let (mut tap, standby) = stand_by(BitDepth::Pcm16, 1, 2, 48_000, 32).unwrap();
        tap.write(&planes, 0, 2000);
        tap.finish();
        let recording = standby.open(&folder.path().join("take.wav"), false).unwrap();
        assert!(recording.wait_closed(Duration::from_secs(20)));
        assert_eq!((recording.frames_written(), recording.frames_lost()), (1024, 976));
        let (mut tap, standby) = stand_by(BitDepth::Pcm16, 1, 2, 48_000, 32).unwrap();
        tap.write(&planes, 0, 10);
        assert!(standby.open(Path::new("/nowhere/take.wav"), false).is_err());
        tap.write(&planes, 0, 10);
    }

    #[test]
    fn a_free_name_counts_up_and_can_be_a_file() {
        let folder = folder();
        for name in ["take.wav", "take 2.wav", "take 3.wav"] {
            let path = free_name(folder.path(), "take");
            assert_eq!(path, folder.path().join(name));
            fs::write(path, "").unwrap();
        }
        assert_eq!(free_name(folder.path(), "a/b:c?"), folder.path().join("a_b_c_.wav"));
        assert_eq!(free_name(folder.path(), " "), folder.path().join("recording.wav"));
        assert_eq!(free_name(folder.path(), ".."), folder.path().join("...wav"));
    }
}
