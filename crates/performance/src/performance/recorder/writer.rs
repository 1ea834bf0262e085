//! The recorder thread: empties the ring into the file, refreshes the file's header, ends both.

use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use hound::WavWriter;
use rtrb::Consumer;

use super::error::{BitDepth, explain};
use super::link::Link;
use super::plan::{Plan, Standby};

/// The time after which the ring is emptied again.
const DRAIN_EVERY: Duration = Duration::from_millis(10);

/// The time after which the file's header is brought up to date.
pub(super) const REFRESH_EVERY: Duration = Duration::from_millis(500);

/// Most samples taken from the ring in one go, so that its room comes back soon.
const PORTION_SAMPLES: usize = 16384;

/// Bytes gathered before the file is touched.
const FILE_BUFFER_BYTES: usize = 1 << 16;

/// Tells the recorder thread to go on or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
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
pub(super) struct Recorder<W: Write + Seek> {
    ring: Consumer<f32>,
    /// `None` once the file is closed.
    wav: Option<WavWriter<BufWriter<Sticky<W>>>>,
    plan: Plan,
    pub(super) link: Arc<Link>,
    /// Frames handed to the file.
    handed: u64,
    /// Frames that the header on the disk speaks of.
    safe: u64,
    /// When the header was last brought up to date.
    pub(super) refreshed: Instant,
}

impl<W: Write + Seek> Recorder<W> {
    /// Writes the header.
    pub(super) fn new(file: W, standby: Standby) -> io::Result<Self> {
        let Standby { ring, link, plan } = standby;
        let file = BufWriter::with_capacity(FILE_BUFFER_BYTES, Sticky { inner: file, failed: false });
        let mut wav = WavWriter::new(file, plan.spec()).map_err(io_error)?;
        wav.flush().map_err(io_error)?;
        Ok(Self { ring, wav: Some(wav), plan, link, handed: 0, safe: 0, refreshed: Instant::now() })
    }

    /// Runs to the end. A panic becomes a failure of the recording, so that nobody waits for ever.
    pub(super) fn guarded(self) {
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
    pub(super) fn turn(&mut self, now: Instant) -> Next {
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
    pub(super) fn waiting(&self) -> usize {
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

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}
