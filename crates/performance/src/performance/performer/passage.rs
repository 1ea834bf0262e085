//! The passage through some k-cycles: what is due at each, and the runs between. The last run may stay with the
//! engine while the caller goes on.
//!
//! # Realtime safety
//! Safe. What is `offline` may wait for its engine.

use super::*;

/// What brings another engine where one ends offline.
type Revive<'a> = dyn FnMut() -> Option<Box<Seat>> + 'a;

/// The way through some k-cycles.
#[derive(Clone, Copy)]
pub(super) struct Passage {
    span: Span,
    /// The k-cycle that comes next.
    cycle: usize,
    offline: bool,
}

/// A passage whose last run the engine performs while the caller goes on.
#[derive(Clone, Copy)]
pub(super) struct UnderWay {
    passage: Passage,
    run: Run,
}

impl Performer {
    /// Performs `span`: input from `input`, output into the seat's buffer. Where the engine ends while the host
    /// renders offline, `revive` may wait for another of the same format, which goes on in the same k-cycle.
    pub fn perform(&mut self, span: Span, input: &Planes, offline: bool, revive: &mut Revive<'_>) {
        self.midi_out.clear();
        let left = self.pass(Passage { span, cycle: 0, offline }, input, revive, false);
        debug_assert!(left.is_none(), "nothing stays with the engine");
    }

    /// The same, but the last turn stays with the engine while the caller goes on. Until that is
    /// [collected](Self::collect) nothing else may be asked for than [`output`](Self::output), and the span of the
    /// input is to be left as it is.
    pub fn post(&mut self, span: Span, input: &Planes, offline: bool, revive: &mut Revive<'_>) {
        self.midi_out.clear();
        self.under_way = self.pass(Passage { span, cycle: 0, offline }, input, revive, true);
    }

    /// Takes what came of the turn that was [posted](Self::post), if there is one, and does what follows from it.
    /// `input` is the same. `wait` bounds what was posted offline; in real time this waits as long as a turn may
    /// take then.
    pub fn collect(&mut self, input: &Planes, wait: Wait, revive: &mut Revive<'_>) {
        let Some(UnderWay { mut passage, run }) = self.under_way.take() else { return };
        let wait = if passage.offline { wait } else { Wait::Shortly };
        passage.cycle = self.end_run(run, &passage, wait, input, revive);
        // An engine that came for one that has ended performs the rest here.
        self.pass(passage, input, revive, false);
    }

    /// Counts the output from `frames` frames later: the host has taken those, and they are gone from the buffer.
    pub fn give(&mut self, frames: usize) {
        if let Some(UnderWay { passage, run }) = &mut self.under_way {
            passage.span.output_at = passage.span.output_at.saturating_sub(frames);
            run.span.output_at = run.span.output_at.saturating_sub(frames);
        }
    }

    /// Goes through what is left of a passage. If it goes `ahead`, the last run is given to the engine only.
    fn pass(
        &mut self,
        mut passage: Passage,
        input: &Planes,
        revive: &mut Revive<'_>,
        ahead: bool,
    ) -> Option<UnderWay> {
        let ksmps = self.format().map_or(1, |format| format.ksmps);
        let cycles = passage.span.cycles;
        while passage.cycle < cycles {
            let cycle = passage.cycle;
            self.output_at = passage.span.output_at + cycle * ksmps;
            self.do_what_is_due(cycle, input, passage.offline);
            self.sounding.end(cycle, &mut self.midi_out);
            let end = self.run_end(cycle, cycles);
            let run = self.run(cycle, passage.span.part(cycle..end, ksmps));
            self.begin_run(run, input, passage.offline);
            if ahead && end == cycles {
                return Some(UnderWay { passage, run });
            }
            passage.cycle = self.end_run(run, &passage, Wait::of(passage.offline), input, revive);
        }
        self.agenda.shift(cycles);
        self.shared.publish_outcome(&self.last);
        if let Some(seat) = &self.seat {
            self.shared.publish_channels(&*seat.engine);
        }
        self.shared.flushed(self.flushing);
        None
    }

    /// Takes what came of a run, and gives the k-cycle with which it goes on: another engine begins where the one
    /// before it ended.
    fn end_run(
        &mut self,
        run: Run,
        passage: &Passage,
        wait: Wait,
        input: &Planes,
        revive: &mut Revive<'_>,
    ) -> usize {
        let Passage { span, offline, .. } = *passage;
        let performed = self.take_run(run, input, offline, wait);
        // An end within the run; there is no k-cycle after the last.
        let last = span.cycles.saturating_sub(1);
        self.sounding.end((run.first + performed).min(last), &mut self.midi_out);
        if offline && self.last.engine_ended && self.state.phase() == Phase::Playing {
            self.shared.publish_outcome(&self.last);
            if let Some(seat) = revive() {
                self.put_back_events(run.first, performed);
                let cycle = run.first + performed;
                let ksmps = seat.engine.format().ksmps;
                self.seat(seat, span.output_at + cycle * ksmps);
                self.fade.bridge();
                return cycle;
            }
        }
        self.spend_events();
        run.first + run.span.cycles
    }

    /// Executes the items whose k-cycle has come.
    pub(super) fn do_what_is_due(&mut self, cycle: usize, input: &Planes, offline: bool) {
        while let Some(item) = self.agenda.next_before(cycle + 1) {
            if matches!(item.command, Command::Request(_)) && !self.events.is_empty() {
                // It finds done what was asked for before it.
                self.have_events_taken(input, offline);
            }
            self.execute(item.command, 0, item.place.frame);
        }
    }

    /// Has the engine take the events that were gathered, in no k-cycle.
    pub(super) fn have_events_taken(&mut self, input: &Planes, offline: bool) {
        let run = self.run(0, Span::default());
        self.begin_turn(run.span, input, offline);
        self.end_turn(run, input, offline, Wait::of(offline));
        self.spend_events();
    }

    /// The k-cycle before which something other than an event happens: the end of a run.
    fn run_end(&self, cycle: usize, cycles: usize) -> usize {
        let partial = self.recording.from > 0 || self.recording.until.is_some();
        if partial || self.callback.is_some() {
            return cycle + 1;
        }
        self.agenda.first_turn(self.is_asleep()).map_or(cycles, |other| other.clamp(cycle + 1, cycles))
    }
}
