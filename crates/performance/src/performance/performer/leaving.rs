//! The engine that another one replaced, heard until it has faded out.

use super::super::seat::Seat;
use crate::engine::planes::Planes;
use crate::engine::{Span, Turn, Wait};

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

    /// What it still performs of a span.
    fn part_of(&self, span: Span) -> Span {
        let ksmps = self.seat.engine.format().ksmps;
        let cycles = span.cycles.min((self.length - self.done).div_ceil(ksmps));
        Span { cycles, output_at: 0, ..span }
    }

    /// Has its engine begin with a span.
    pub(super) fn begin(&mut self, span: Span, input: &Planes, offline: bool) {
        let span = self.part_of(span);
        self.seat.engine.post(&mut Turn {
            span,
            input,
            output: &mut self.seat.output,
            events: &mut [],
            midi_out: &mut Vec::new(),
            offline,
        });
    }

    /// Mixes its frames of a span that was [begun](Self::begin) into those that the engine in `seat` has performed.
    /// True once it has faded out.
    pub(super) fn mix_into(
        &mut self,
        seat: &mut Seat,
        span: Span,
        input: &Planes,
        offline: bool,
        wait: Wait,
    ) -> bool {
        let ksmps = seat.engine.format().ksmps;
        let part = self.part_of(span);
        let cycles = part.cycles;
        let turn = &mut Turn {
            span: part,
            input,
            output: &mut self.seat.output,
            events: &mut [],
            midi_out: &mut Vec::new(),
            offline,
        };
        self.seat.engine.collect(turn, wait);
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
