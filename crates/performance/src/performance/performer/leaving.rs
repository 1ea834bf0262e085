//! The engine that another one replaced, heard until it has faded out.

use super::super::seat::Seat;
use crate::engine::planes::Planes;
use crate::engine::{Span, Turn};

/// The time for which two sounding engines are heard together when one replaces the other.
const CROSSFADE_SECONDS: f64 = 0.010;

/// An engine on its way out.
pub(super) struct Leaving {
    pub(super) seat: Box<Seat>,
    done: usize,
    length: usize,
}

impl Leaving {
    pub(super) fn new(seat: Box<Seat>, sample_rate: f64) -> Self {
        Self { seat, done: 0, length: (sample_rate * CROSSFADE_SECONDS) as usize }
    }

    /// Mixes its next frames into those that the engine in `seat` has just performed. True once it has
    /// faded out.
    pub(super) fn mix_into(&mut self, seat: &mut Seat, span: Span, input: &Planes, offline: bool) -> bool {
        let ksmps = seat.engine.format().ksmps;
        let cycles = span.cycles.min((self.length - self.done).div_ceil(ksmps));
        let mut turn = Turn {
            span: Span { cycles, output_at: 0, ..span },
            input,
            output: &mut self.seat.output,
            events: &mut [],
            midi_out: &mut Vec::new(),
            offline,
        };
        self.seat.engine.perform(&mut turn);
        let length = self.length as f32;
        let is_spare = seat.is_spare;
        for channel in 0..seat.output.channels() {
            let new = &mut seat.output.channel_mut(channel)[span.output_at..][..cycles * ksmps];
            for (frame, sample) in new.iter_mut().enumerate() {
                let gain = ((self.done + frame) as f32 / length).min(1.0);
                let old = if channel < self.seat.output.channels() {
                    self.seat.output.channel(channel)[frame]
                } else {
                    0.0
                };
                // A spare one begins as a first engine does: unfaded.
                let new_gain = if is_spare { 1.0 } else { gain };
                *sample = *sample * new_gain + old * (1.0 - gain);
            }
        }
        self.done += cycles * ksmps;
        self.done >= self.length
    }
}
