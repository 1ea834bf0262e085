//! Runs: k-cycles in which only events happen. Each is one turn of the engine, with what is done to its sound.
//!
//! # Realtime safety
//! Safe. What is `offline` may wait for its engine, and for the disk.

use super::*;
use crate::engine::Engine;

/// Some k-cycles in which only events happen.
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// Its first k-cycle, counted as on the agenda.
    pub(super) first: usize,
    pub(super) span: Span,
    /// It is performed, and does not pass in silence.
    plays: bool,
    /// MIDI messages that were there before it.
    sent_before: usize,
}

impl Performer {
    /// A run as the performance stands. `first` is its first k-cycle, counted as on the agenda.
    pub(super) fn run(&self, first: usize, span: Span) -> Run {
        let plays = self.state.phase() == Phase::Playing && self.seat.is_some();
        Run { first, span, plays, sent_before: self.midi_out.len() }
    }

    /// Gives a run to the engine.
    pub(super) fn begin_run(&mut self, run: Run, input: &Planes, offline: bool) {
        let Run { first, span, .. } = run;
        if !run.plays {
            let ksmps = self.format().map_or(1, |format| format.ksmps);
            self.silence(span.output_at, span.cycles * ksmps);
            if !self.events.is_empty() {
                self.begin_turn(Span::default(), input, offline);
            }
            return;
        }
        while let Some(item) = self.agenda.next_before(first + span.cycles) {
            self.execute(item.command, item.place.cycle - first, item.place.frame);
        }
        self.call_back();
        self.begin_turn(span, input, offline);
        if let Some(leaving) = &mut self.leaving {
            leaving.begin(span, input, offline);
        }
    }

    /// Takes what came of a run. Gives how many of its k-cycles passed until the piece ended, or all.
    pub(super) fn take_run(&mut self, run: Run, input: &Planes, offline: bool, wait: Wait) -> usize {
        let span = run.span;
        if !run.plays {
            if !self.events.is_empty() {
                self.end_turn(Run { span: Span::default(), ..run }, input, offline, wait);
                self.spend_events();
                self.shared.publish_outcome(&self.last);
            }
            self.shared.flushed(self.flushing);
            return span.cycles;
        }
        self.end_turn(run, input, offline, wait);
        for sent in &mut self.midi_out[run.sent_before..] {
            sent.cycle += run.first;
        }
        let ksmps = self.format().map_or(1, |format| format.ksmps);
        self.crossfade(span, input, offline, wait);
        self.record(span.output_at, self.last.performed * ksmps, offline);
        if let Some(status) = self.last.end {
            self.apply_change(Change::End(status));
        }
        self.last.performed
    }

    /// Gives one turn to the engine, with the events that were gathered.
    pub(super) fn begin_turn(&mut self, span: Span, input: &Planes, offline: bool) {
        if self.with_turn(span, input, offline, |engine, turn| engine.post(turn)).is_none() {
            self.spend_events();
        }
    }

    /// Has the engine do something with a turn; none if there is no engine.
    fn with_turn<T>(
        &mut self,
        span: Span,
        input: &Planes,
        offline: bool,
        act: impl FnOnce(&mut dyn Engine, &mut Turn<'_>) -> T,
    ) -> Option<T> {
        let seat = self.seat.as_mut()?;
        let turn = &mut Turn {
            span,
            input,
            output: &mut seat.output,
            events: &mut self.events,
            midi_out: &mut self.midi_out,
            offline,
        };
        Some(act(&mut *seat.engine, turn))
    }

    /// Takes what came of the turn of a run.
    pub(super) fn end_turn(&mut self, run: Run, input: &Planes, offline: bool, wait: Wait) {
        let span = run.span;
        let outcome = self.with_turn(span, input, offline, |engine, turn| engine.collect(turn, wait));
        let (Some(outcome), Some(seat)) = (outcome, &mut self.seat) else { return };
        self.midi_out[run.sent_before..].iter().for_each(|sent| self.sounding.follow(sent.message));
        let ksmps = seat.engine.format().ksmps;
        let heard = if outcome.engine_ended { outcome.performed } else { span.cycles };
        let (at, gap) = (span.output_at + heard * ksmps, (span.cycles - heard) * ksmps);
        self.fade.shape(&mut seat.output, span.output_at, heard * ksmps, outcome.late);
        self.fade.shape(&mut seat.output, at, gap, true);
        self.sounded |= outcome.performed > 0;
        self.last = outcome;
        self.shared.count(&outcome);
        self.shared.count_performed(&outcome, &seat.engine.format());
        if !(offline && outcome.engine_ended) {
            self.spend_events();
        }
        if outcome.engine_ended {
            let over = self.shared.is_given_up();
            self.apply_change(if over { Change::End(ENGINE_ENDED) } else { Change::EngineEnded });
        }
    }

    /// Has what a run that began with k-cycle `first` brought after `performed` k-cycles happen again: notes and
    /// channels. A line of text may be what ended the engine.
    pub(super) fn put_back_events(&mut self, first: usize, performed: usize) {
        for at in 0..self.events.len() {
            let Event { cycle, frame, ref kind } = self.events[at];
            let again = match *kind {
                EventKind::Midi(message) => EventKind::Midi(message),
                EventKind::Note(note) => EventKind::Note(note),
                EventKind::Channel { index, value } => EventKind::Channel { index, value },
                _ => continue,
            };
            if cycle >= performed {
                self.agenda.put_back(Place { cycle: first + cycle, frame }, Command::Event(again));
            }
        }
        self.spend_events();
    }

    /// Mixes the engine that leaves into the one that came.
    fn crossfade(&mut self, span: Span, input: &Planes, offline: bool, wait: Wait) {
        let (Some(leaving), Some(seat)) = (&mut self.leaving, &mut self.seat) else { return };
        if leaving.mix_into(seat, span, input, offline, wait) {
            self.leave_at_once();
        }
    }

    /// Gives the performed frames to the recording.
    fn record(&mut self, at: usize, frames: usize, offline: bool) {
        let Some(tap) = &mut self.recording.tap else { return };
        let from = self.recording.from.min(frames);
        let until = self.recording.until.unwrap_or(frames).min(frames);
        if let Some(seat) = &self.seat
            && from < until
        {
            match self.patience.or(offline.then_some(OFFLINE_PATIENCE)) {
                Some(limit) => tap.write_waiting(&seat.output, at + from, until - from, limit),
                None => tap.write(&seat.output, at + from, until - from),
            }
        }
        self.recording.from = 0;
        if self.recording.until.is_some() {
            self.finish_recording();
        }
    }

    fn silence(&mut self, at: usize, frames: usize) {
        if let Some(seat) = &mut self.seat {
            seat.output.silence(at, frames);
        }
        // Nothing is performed, so a recording that ends here ends with what it has.
        self.recording.from = 0;
        if self.recording.until.is_some() {
            self.finish_recording();
        }
    }

    fn call_back(&mut self) {
        if let (Some(callback), Some(seat)) = (&mut self.callback, &self.seat) {
            callback(&cycle_after(seat, &self.last));
        }
    }

    /// The view of the k-cycle that comes.
    pub(super) fn coming_cycle<'a>(&self, seat: &'a Seat) -> Cycle<'a> {
        cycle_after(seat, &self.last)
    }
}

fn cycle_after<'a>(seat: &'a Seat, last: &Outcome) -> Cycle<'a> {
    Cycle { engine: &*seat.engine, score_time: last.score_time, frames: last.frames }
}
