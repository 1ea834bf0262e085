//! One block of the host's: what is asked of it, and its end.

use super::*;

/// A block that has begun. Its time passes with [`finish`](Self::finish); one that is dropped before that
/// leaves the time where it was.
///
/// # Realtime safety
/// Safe, for commands that own nothing or are handed back.
#[must_use = "the time of a block passes when it is finished"]
pub struct Block<'a> {
    pub(super) blocks: &'a mut Blocks,
    pub(super) frames: usize,
    pub(super) offline: bool,
    pub(super) renewed: bool,
}

/// The results of a block.
pub struct Done<'a> {
    blocks: &'a Blocks,
    frames: usize,
    /// Frames from input to output: what the host is told.
    pub latency: usize,
    /// The state of the performance after the block.
    pub phase: Phase,
}

impl<'a> Block<'a> {
    /// True if another engine was seated since the block before.
    pub fn is_renewed(&self) -> bool {
        self.renewed
    }

    /// Seats an engine that waits for another latency, although the host has not restarted us, if there is
    /// no other to perform. Gives the new latency then.
    pub fn take_over_if_silent(&mut self, timing: Timing) -> Option<usize> {
        let waits = !self.blocks.has_engine() && self.blocks.wants_restart(timing);
        waits.then(|| {
            self.blocks.take_over(timing);
            self.blocks.latency()
        })
    }

    /// True if the host renders, so that what the block asks for may be waited for.
    pub fn is_offline(&self) -> bool {
        self.offline
    }

    /// Has an engine take over in the k-cycle in which `frame` falls, and hands it back where it performs at
    /// another rate or k-cycle or for smaller blocks, or the agenda is full. As for [`ask`](Self::ask), frames must not descend.
    pub fn seat(&mut self, frame: usize, seat: Box<Seat>) -> Result<(), Box<Seat>> {
        let fits = takes_over(&seat, self.blocks.performer.format(), self.blocks.largest);
        if !fits || self.blocks.held.is_some() {
            return Err(seat);
        }
        let Place { cycle, .. } = self.blocks.framing.place(frame);
        match self.blocks.performer.ask(Place { cycle, frame: 0 }, Command::Seat(seat)) {
            Err(Command::Seat(seat)) => Err(seat),
            _ => Ok(()),
        }
    }

    /// As [`Blocks::stand`], for this block.
    pub fn stand(&mut self, stands: bool) {
        self.blocks.stand(stands);
    }

    /// The state of the performance before the block.
    pub fn phase(&self) -> Phase {
        self.blocks.performer.state().phase()
    }

    /// K-cycles that this block performs.
    pub fn cycles(&self) -> usize {
        self.blocks.framing.cycles(self.frames)
    }

    /// The frame of this block at which the time of k-cycle `cycle`, counted from 0, begins; below 0 where
    /// that was in a block before.
    pub fn cycle_frame(&self, cycle: usize) -> i64 {
        let framing = &self.blocks.framing;
        let begun = match framing.timing() {
            Timing::Exact | Timing::Pipelined => -(framing.gathered() as i64),
            Timing::Immediate => framing.queued() as i64,
        };
        begun + (cycle * framing.ksmps()) as i64
    }

    /// True if this many more commands fit.
    pub fn has_room_for(&self, commands: usize) -> bool {
        self.blocks.performer.has_room_for(commands)
    }

    /// Asks for something at a frame of this block. Frames must not descend. A full agenda hands the
    /// command back.
    pub fn ask(&mut self, frame: usize, command: Command) -> Result<(), Command> {
        self.blocks.performer.ask(self.blocks.framing.place(frame), command)
    }

    /// Asks for something before k-cycle `cycle` of this block, counted from 0. What does not fit the
    /// agenda is dropped: a value that the next k-cycle brings anew.
    pub fn ask_before_cycle(&mut self, cycle: usize, command: Command) {
        let _ = self.blocks.performer.ask(Place { cycle, frame: 0 }, command);
    }

    /// Asks for something before the k-cycle in which `frame` falls. As
    /// [`ask_before_cycle`](Self::ask_before_cycle) otherwise.
    pub fn ask_before_frame(&mut self, frame: usize, command: Command) {
        let Place { cycle, .. } = self.blocks.framing.place(frame);
        self.ask_before_cycle(cycle, command);
    }

    /// Gives a channel of this block's input, counted from 0 as the piece counts its own from 1: a main bus, and
    /// behind it a sidechain. Those that are not [heard](Blocks::hear) are dropped. A channel is given in every
    /// block or in none, and is silence then.
    pub fn input(&mut self, channel: usize, samples: &[f32]) {
        let Blocks { framing, input, largest, .. } = &mut *self.blocks;
        if channel < input.channels() && framing.timing() != Timing::Immediate {
            let at = framing.gathered();
            let given = samples.len().min(*largest);
            input.channel_mut(channel)[at..at + given].copy_from_slice(&samples[..given]);
        }
    }

    /// Performs the block into `outputs`, channels of equal length and at least the block's. A piece's
    /// single channel goes to both of a stereo pair; channels that only one side has are dropped or silent.
    pub fn finish(self, outputs: &mut [&mut [f32]]) -> Done<'a> {
        self.finish_with(outputs, &mut || None)
    }

    /// The same for a host that starts another engine where one ends: offline `revive` may wait for that, and it
    /// goes on in the same k-cycle. It is not called in real time.
    pub fn finish_with(self, outputs: &mut [&mut [f32]], revive: &mut Revive<'_>) -> Done<'a> {
        let Self { blocks, frames, offline, .. } = self;
        blocks.perform(outputs, frames, offline, revive);
        let (latency, phase) = (blocks.latency(), blocks.performer.state().phase());
        Done { blocks, frames, latency, phase }
    }
}

impl Done<'_> {
    /// MIDI whose sound is in the block, with its frame in the block.
    pub fn midi_out(&self) -> impl Iterator<Item = (usize, MidiMessage)> {
        // A block in which no k-cycle begins still ends what sounds.
        let last = self.frames.saturating_sub(1);
        let heard =
            move |cycle: usize| (self.blocks.heard_from + cycle * self.blocks.framing.ksmps()).min(last);
        let Blocks { performer, posted, late_midi, .. } = self.blocks;
        let sent = if posted.is_some() { &[][..] } else { performer.midi_out() };
        late_midi.due(self.frames).chain(sent.iter().map(move |sent| (heard(sent.cycle), sent.message)))
    }
}
