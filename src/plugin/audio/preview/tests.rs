//! What is heard of a preview, frame by frame, and that nothing of that allocates.

use std::sync::Arc;

use nice_assert_no_alloc::assert_no_alloc;
use rtrb::Producer;

use super::*;
use crate::plugin::shared::preview::{PreviewFormat, Progress, put};

const RATE: f64 = 1000.0;

/// Frames of a fade.
const RAMP: usize = 20;

const BLOCK: usize = 64;

/// A host whose present piece plays ones on three channels, of which two are the main output's.
struct Daw {
    mixer: PreviewMixer,
    previews: Previews,
    heard: [Vec<f32>; 3],
}

/// A preview whose engine is the test.
struct Side {
    ring: Producer<f32>,
    progress: Arc<Progress>,
    number: u64,
}

impl Side {
    fn render(&mut self, channels: &[&[f32]]) {
        assert_eq!(put(&mut self.ring, channels, 0), channels[0].len());
    }

    fn is_over(&self) -> bool {
        self.progress.is_over.load(Ordering::Acquire)
    }
}

impl Daw {
    fn new() -> Self {
        Self { mixer: PreviewMixer::default(), previews: Previews::default(), heard: Default::default() }
    }

    fn begin(&self, channels: usize, seconds: f64) -> Side {
        let number = self.previews.begin();
        let format = PreviewFormat { sample_rate: RATE, largest: BLOCK, channels, seconds };
        let (sound, ring, progress) = PreviewSound::new(number, format);
        drop(self.previews.arrivals.force_push(sound));
        Side { ring, progress, number }
    }

    fn block(&mut self, offline: bool) {
        let mut samples = [[1.0; BLOCK]; 3];
        let Self { mixer, previews, .. } = self;
        assert_no_alloc(|| {
            let [left, right, _] = &mut samples;
            mixer.mix(previews, &mut [left, right], BLOCK, offline);
        });
        for (heard, samples) in self.heard.iter_mut().zip(samples) {
            heard.extend(samples);
        }
    }

    fn blocks(&mut self, count: usize) {
        (0..count).for_each(|_| self.block(false));
    }

    /// What is heard beside the piece, on the left.
    fn beside(&self) -> Vec<f32> {
        self.heard[0].iter().map(|sample| sample - 1.0).collect()
    }

    fn steepest(&self) -> f32 {
        self.heard[0].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
    }
}

#[test]
fn it_swells_over_the_piece_and_ends_by_itself_without_a_step() {
    let mut daw = Daw::new();
    let mut side = daw.begin(2, 20.0);
    side.render(&[&[0.5; 300], &[0.25; 300]]);
    side.progress.is_whole.store(true, Ordering::Release);
    daw.blocks(10);
    let beside = daw.beside();
    assert!(beside[..RAMP - 1].iter().all(|sample| (0.0..0.5).contains(sample)), "{:?}", &beside[..RAMP]);
    assert!(beside[RAMP..300].iter().all(|sample| *sample == 0.5));
    assert!(daw.heard[1][RAMP..300].iter().all(|sample| *sample == 1.25), "each channel has its own");
    assert!(daw.heard[2].iter().all(|sample| *sample == 1.0), "what is no main output hears nothing of it");
    assert!(beside[364..].iter().all(|sample| *sample == 0.0));
    assert!(daw.steepest() <= 0.5 / RAMP as f32 + 1e-6, "a step of {}", daw.steepest());
    assert!(side.is_over() && !daw.mixer.is_heard());
    assert_eq!(side.progress.heard.load(Ordering::Acquire), 300);
    assert_eq!(daw.previews.spent.len(), 1, "it is freed elsewhere");
}

#[test]
fn a_single_channel_is_heard_on_both_and_more_than_the_host_has_are_left_out() {
    for (channels, right) in [(1, 1.5), (4, 1.0)] {
        let mut daw = Daw::new();
        let mut side = daw.begin(channels, 20.0);
        let all: Vec<&[f32]> = [&[0.5; 200], &[0.0; 200], &[9.0; 200], &[9.0; 200]][..channels]
            .iter()
            .map(|channel| channel.as_slice())
            .collect();
        side.render(&all);
        daw.blocks(3);
        assert_eq!((daw.heard[0][100], daw.heard[1][100], daw.heard[2][100]), (1.5, right, 1.0));
    }
}

#[test]
fn it_fades_where_it_is_ended_and_the_next_one_begins_after_it() {
    let mut daw = Daw::new();
    let mut first = daw.begin(2, 20.0);
    first.render(&[&[0.5; 400], &[0.5; 400]]);
    daw.blocks(2);
    let mut second = daw.begin(2, 20.0);
    second.render(&[&[-0.5; 400], &[-0.5; 400]]);
    daw.blocks(2);
    assert!(first.is_over() && !second.is_over());
    let beside = daw.beside();
    assert!(beside[2 * BLOCK + RAMP..3 * BLOCK].iter().all(|sample| *sample == 0.0));
    assert_eq!(beside[4 * BLOCK - 1], -0.5);
    daw.previews.end_that(first.number);
    daw.blocks(1);
    assert_eq!(daw.beside()[5 * BLOCK - 1], -0.5, "whoever ends the one before does not end this one");
    daw.previews.end();
    daw.blocks(1);
    assert!(second.is_over() && daw.beside()[6 * BLOCK - 1] == 0.0);
    assert!(daw.steepest() <= 0.5 / RAMP as f32 + 1e-6, "a step of {}", daw.steepest());
}

#[test]
fn it_ends_after_its_time_however_much_there_is_of_it() {
    let mut daw = Daw::new();
    let mut side = daw.begin(2, 0.2);
    side.render(&[&[0.5; 400], &[0.5; 400]]);
    daw.blocks(6);
    let beside = daw.beside();
    assert!(beside[179] == 0.5 && beside[180] < 0.5 && beside[200..].iter().all(|sample| *sample == 0.0));
    assert!(daw.steepest() <= 0.5 / RAMP as f32 + 1e-6, "a step of {}", daw.steepest());
    assert!(side.is_over());
}

#[test]
fn what_comes_too_late_is_a_gap_without_a_step_and_is_counted() {
    let mut daw = Daw::new();
    let mut side = daw.begin(2, 20.0);
    side.render(&[&[0.5; 100], &[0.5; 100]]);
    daw.blocks(4);
    assert!(!side.is_over());
    assert_eq!(side.progress.missed.load(Ordering::Acquire), (4 * BLOCK - 100) as u64);
    side.render(&[&[0.5; 200], &[0.5; 200]]);
    daw.blocks(2);
    let beside = daw.beside();
    assert!(beside[164..4 * BLOCK].iter().all(|sample| *sample == 0.0));
    assert_eq!(beside[5 * BLOCK], 0.5, "it goes on where it was");
    assert!(daw.steepest() <= 0.5 / RAMP as f32 + 1e-6, "a step of {}", daw.steepest());
}

#[test]
fn offline_nothing_is_heard_of_it_not_even_its_end() {
    let mut daw = Daw::new();
    let mut side = daw.begin(2, 20.0);
    side.render(&[&[0.5; 400], &[0.5; 400]]);
    daw.blocks(2);
    daw.block(true);
    assert!(daw.heard[0][2 * BLOCK..].iter().all(|sample| *sample == 1.0));
    assert!(side.is_over() && side.progress.was_offline.load(Ordering::Acquire));
    // One that comes while the host renders is not heard afterwards either.
    let mut late = daw.begin(2, 20.0);
    late.render(&[&[0.5; 400], &[0.5; 400]]);
    daw.block(true);
    daw.blocks(2);
    assert!(late.is_over() && daw.heard[0][2 * BLOCK..].iter().all(|sample| *sample == 1.0));
}

#[test]
fn where_a_host_has_stopped_for_long_nothing_is_left_to_be_heard() {
    let mut daw = Daw::new();
    let mut side = daw.begin(2, 20.0);
    side.render(&[&[0.5; 400], &[0.5; 400]]);
    daw.blocks(2);
    side.progress.is_cut.store(true, Ordering::Release);
    daw.previews.end_that(side.number);
    daw.blocks(2);
    assert!(side.is_over() && daw.heard[0][2 * BLOCK..].iter().all(|sample| *sample == 1.0));
    let mut next = daw.begin(2, 20.0);
    next.render(&[&[0.5; 400], &[0.5; 400]]);
    daw.blocks(1);
    daw.mixer.end(&daw.previews);
    daw.blocks(1);
    assert!(next.is_over() && daw.heard[0][5 * BLOCK..].iter().all(|sample| *sample == 1.0));
}

#[test]
fn without_room_to_hand_it_back_it_is_silent_and_goes_later() {
    let mut daw = Daw::new();
    for number in 0..6 {
        let mut side = daw.begin(2, 20.0);
        side.render(&[&[0.5; 400], &[0.5; 400]]);
        daw.blocks(1);
        daw.previews.end();
        daw.blocks(2);
        assert_eq!(*daw.beside().last().unwrap(), 0.0, "{number}");
    }
    assert!(daw.mixer.is_heard() && daw.previews.spent.len() == 4);
    while daw.previews.spent.pop().is_some() {}
    daw.blocks(1);
    assert!(!daw.mixer.is_heard());
    assert_eq!(daw.previews.arrivals.len(), 1, "the last one waits, and is not wanted");
    daw.blocks(1);
    assert!(daw.previews.arrivals.is_empty() && *daw.beside().last().unwrap() == 0.0);
}
