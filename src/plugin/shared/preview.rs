//! A piece that is heard over the present one before it is opened: its sound on the way to the audio thread.
//!
//! The engine renders ahead on a thread of its own, into a ring; the audio thread mixes what is there. So it never
//! waits for that engine, and what performs does not hear of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;
use rtrb::{Consumer, Producer, RingBuffer};

use csound_performance::engine::Abandoned;
use csound_performance::engine::planes::Planes;
use csound_performance::fade::Fade;

use crate::preview::{LONGEST, Preview, Stands};

/// How long a preview swells when it begins, and takes to fade where it is ended, in seconds.
const RAMP_SECONDS: f64 = 0.020;

/// The seconds of sound that a preview is ahead by at most.
const AHEAD_SECONDS: f64 = 0.5;

/// Previews on their way to the audio thread, and back.
pub struct Previews {
    /// The number of the one that is to be heard, or 0.
    wanted: AtomicU64,
    /// Counts those that were asked for.
    count: AtomicU64,
    /// To be heard: the newest wins.
    pub arrivals: ArrayQueue<Box<PreviewSound>>,
    /// Heard, or never to be: the control thread frees them.
    pub spent: ArrayQueue<Box<PreviewSound>>,
}

impl Default for Previews {
    fn default() -> Self {
        Self {
            wanted: AtomicU64::new(0),
            count: AtomicU64::new(0),
            arrivals: ArrayQueue::new(1),
            spent: ArrayQueue::new(4),
        }
    }
}

impl Previews {
    /// One is asked for, and the one before it is wanted no longer. Its number.
    pub fn begin(&self) -> u64 {
        let number = self.count.fetch_add(1, Ordering::AcqRel) + 1;
        self.wanted.store(number, Ordering::Release);
        number
    }

    /// None is wanted any more.
    pub fn end(&self) {
        self.wanted.store(0, Ordering::Release);
    }

    /// This one is wanted no longer; another one that was asked for since is.
    pub fn end_that(&self, number: u64) {
        let _ = self.wanted.compare_exchange(number, 0, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Whether this one is to be heard.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_wanted(&self, number: u64) -> bool {
        self.wanted.load(Ordering::Acquire) == number
    }
}

/// How far the sound of a preview is, for all threads.
#[derive(Default)]
pub struct Progress {
    /// Frames that were heard.
    pub heard: AtomicU64,
    /// Frames that were not there in time.
    pub missed: AtomicU64,
    /// All that it has to play is in the ring.
    pub is_whole: AtomicBool,
    /// It is to fall silent without a fade: nobody has heard it for long.
    pub is_cut: AtomicBool,
    /// The audio thread is done with it.
    pub is_over: AtomicBool,
    /// It was, because the host renders offline.
    pub was_offline: AtomicBool,
}

/// The sound of a preview, for the audio thread.
pub struct PreviewSound {
    /// Its number.
    number: u64,
    /// Frames with the channels side by side.
    ring: Consumer<f32>,
    progress: Arc<Progress>,
    /// Room for a block.
    planes: Planes,
    /// Softens what comes too late.
    fade: Fade,
    /// How loud it is, from 0 to 1, and how far that moves in a frame.
    gain: f32,
    step: f32,
    /// Frames that were heard, and those after which it fades.
    heard: u64,
    until: u64,
}

/// What a preview is made for.
#[derive(Clone, Copy, Debug)]
pub struct PreviewFormat {
    /// Frames per second.
    pub sample_rate: f64,
    /// Frames of the host's largest block.
    pub largest: usize,
    /// Channels of the piece, at least 1.
    pub channels: usize,
    /// Seconds that it lasts at most.
    pub seconds: f64,
}

impl PreviewSound {
    /// A preview of this number, and where its samples go: frame after frame, with the channels side by side. Not for
    /// the audio thread.
    pub fn new(number: u64, format: PreviewFormat) -> (Box<Self>, Producer<f32>, Arc<Progress>) {
        let PreviewFormat { sample_rate, largest, channels, seconds } = format;
        let ahead = (AHEAD_SECONDS * sample_rate) as usize;
        let (producer, ring) = RingBuffer::new(ahead * channels);
        let progress = Arc::new(Progress::default());
        let ramp = (RAMP_SECONDS * sample_rate).max(1.0);
        let sound = Self {
            number,
            ring,
            progress: Arc::clone(&progress),
            planes: Planes::new(channels, largest),
            fade: Fade::default(),
            gain: 0.0,
            step: (1.0 / ramp) as f32,
            heard: 0,
            until: ((seconds * sample_rate) as u64).saturating_sub(ramp as u64),
        };
        (Box::new(sound), producer, progress)
    }

    /// Its number.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How far it is.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Mixes a block's frames into the outputs, as many as there are in both. True once there is no more to hear.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn mix(&mut self, outputs: &mut [&mut [f32]], frames: usize, is_wanted: bool) -> bool {
        if self.progress.is_cut.load(Ordering::Acquire) {
            return true;
        }
        let frames = frames.min(self.planes.frames());
        if frames == 0 {
            return false;
        }
        let is_whole = self.progress.is_whole.load(Ordering::Acquire);
        let ready = self.take(frames);
        self.planes.silence(ready, frames - ready);
        self.fade.shape(&mut self.planes, 0, ready, false);
        self.fade.shape(&mut self.planes, ready, frames - ready, true);
        let (begin, heard) = (self.gain, self.heard);
        let channels = self.planes.channels();
        for (channel, output) in outputs.iter_mut().enumerate() {
            // A single channel goes to both of a stereo pair, as any piece's does.
            let source = if channels == 1 && channel == 1 { 0 } else { channel };
            if source >= channels {
                break;
            }
            self.gain = begin;
            let samples = self.planes.channel(source);
            for (frame, (output, sample)) in output.iter_mut().zip(samples).take(frames).enumerate() {
                let target = if is_wanted && heard + (frame as u64) < self.until { 1.0 } else { 0.0 };
                let to_go: f32 = target - self.gain;
                self.gain =
                    if to_go.abs() <= self.step { target } else { self.gain + self.step.copysign(to_go) };
                *output += sample * self.gain;
            }
        }
        if outputs.is_empty() {
            self.gain = 0.0;
        }
        self.heard += ready as u64;
        self.progress.heard.store(self.heard, Ordering::Release);
        if !is_whole {
            self.progress.missed.fetch_add((frames - ready) as u64, Ordering::Relaxed);
        }
        let is_ending = !is_wanted || self.heard >= self.until;
        is_ending && self.gain == 0.0 || is_whole && self.fade.is_silent()
    }

    /// Takes frames of the ring, as many as are there. How many.
    fn take(&mut self, frames: usize) -> usize {
        let channels = self.planes.channels();
        let ready = (self.ring.slots() / channels).min(frames);
        let Ok(chunk) = self.ring.read_chunk(ready * channels) else { return 0 };
        let (first, second) = chunk.as_slices();
        for (place, sample) in first.iter().chain(second).enumerate() {
            self.planes.channel_mut(place % channels)[place / channels] = *sample;
        }
        chunk.commit_all();
        ready
    }
}

/// Puts frames into a ring, from `from` on of each channel, as many as there is room for. How many.
pub fn put(ring: &mut Producer<f32>, channels: &[&[f32]], from: usize) -> usize {
    let frames = channels.first().map_or(0, |channel| channel.len() - from);
    let frames = frames.min(ring.slots() / channels.len().max(1));
    let Ok(chunk) = ring.write_chunk_uninit(frames * channels.len()) else { return 0 };
    let samples = (from..from + frames).flat_map(|frame| channels.iter().map(move |channel| channel[frame]));
    chunk.fill_from_iter(samples);
    frames
}

/// The preview that was asked for last.
pub struct Asked {
    /// Its number.
    pub number: u64,
    /// How it is shown; its seconds are the [`Progress`]'s to say.
    pub shown: Preview,
    /// Gives it up.
    pub given_up: Abandoned,
    /// How far its sound is, once it has one, at so many frames per second.
    pub progress: Option<(Arc<Progress>, f64)>,
}

impl Asked {
    /// How it stands now.
    pub fn view(&self) -> Preview {
        let mut shown = self.shown.clone();
        if let (Stands::Heard { seconds, of }, Some((progress, rate))) = (&mut shown.stands, &self.progress) {
            // Tenths: nobody reads more, and each is a frame of the editor's.
            let heard = progress.heard.load(Ordering::Acquire) as f64 / rate;
            *seconds = ((heard * 10.0).floor() / 10.0).min(of.unwrap_or(LONGEST));
        }
        shown
    }
}
