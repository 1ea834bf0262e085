//! The performing thread's end of a recording.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};

use super::link::Link;
use super::plan::{Plan, Standby};
use crate::engine::planes::Planes;

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
    pub(super) recorder: Option<Thread>,
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

pub(super) fn stand_by_plan(plan: Plan) -> (Tap, Standby) {
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

/// Passes once through the whole ring, so that its memory is there before the performing thread
/// first writes to it.
fn touch(producer: &mut Producer<f32>, consumer: &mut Consumer<f32>) {
    let room = producer.slots();
    if let Ok(chunk) = producer.write_chunk(room) {
        chunk.commit_all();
    }
    if let Ok(chunk) = consumer.read_chunk(room) {
        chunk.commit_all();
    }
}

/// Sets every `channels`-th sample of `to`, from `channel` on.
fn interleave(to: &mut [f32], channel: usize, channels: usize, samples: &[f32]) {
    for (place, sample) in to.iter_mut().skip(channel).step_by(channels).zip(samples) {
        *place = *sample;
    }
}
