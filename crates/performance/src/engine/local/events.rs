//! The events before a k-cycle, as Csound takes them.

use std::ffi::CStr;

use csound_library::{CsoundError, Level, MidiMessage};

use super::LocalEngine;
use super::guard::CODE_LEFT_OUT;
use crate::engine::event::{
    AnswerError, Code, Event, EventKind, Note, Prepared, Purpose, ScoreEvent, TimeBase,
};
use crate::engine::timing::Coming;

impl LocalEngine {
    pub(super) fn apply(&mut self, event: &mut Event) {
        if !self.guard.takes(&event.kind) {
            if let EventKind::Code(code) = &mut event.kind {
                code.hear(Level::Error, CODE_LEFT_OUT.as_bytes());
                code.refused();
            }
            return self.guard.tell_of_sections(&self.csound);
        }
        match &mut event.kind {
            EventKind::Midi(message) => self.midi(*message),
            EventKind::Score(score) => self.score(score, event.frame),
            EventKind::Message(text) => self.message(text),
            EventKind::Code(code) => self.code(code),
            EventKind::Prepared(prepared) => match prepared.as_ref() {
                Prepared::Score(score) => self.score(score, event.frame),
                Prepared::Message(text) => self.message(text),
            },
            EventKind::Note(note) => self.note(note, event.frame),
            EventKind::Channel { index, value } => {
                if let Some(Some(channel)) = self.channels.get(*index) {
                    channel.set(*value);
                }
            }
            EventKind::Seek(seconds) => self.seek(*seconds),
            EventKind::Hold => self.hold(),
            EventKind::NotesOff => self.notes_off(),
        }
    }

    /// Hands a line over, if Csound can read it.
    fn message(&mut self, text: &CStr) {
        match self.guard.refuses(&self.csound, text) {
            Some(why) => self.csound.handle().tell(Level::Error, why),
            None => self.csound.input_message(text),
        }
    }

    /// Compiles or evaluates code.
    fn code(&mut self, code: &mut Code) {
        let result = match code.purpose() {
            Purpose::Compile => self.csound.compile_orc(code.text()).map(|()| 0.0),
            Purpose::Evaluate => self.csound.eval(code.text()),
        };
        self.csound.take_said_of_code(|level, text| code.hear(level, text));
        match result {
            Ok(value) => code.took(value),
            Err(CsoundError::Code) => code.refused(),
            // There is no Csound any more to take it.
            Err(_) => code.ended(Err(AnswerError::NotPerforming)),
        }
    }

    fn seek(&mut self, seconds: f64) {
        let was_held = self.held.take().is_some();
        self.csound.set_score_pending(true);
        self.csound.set_score_offset_seconds(seconds);
        if was_held {
            // What was read meanwhile was left out: it is read again.
            self.csound.rewind_score();
        }
        self.sought = Some(seconds);
    }

    /// Csound's clock goes on, and the score with it, but nothing of that is performed or shown.
    fn hold(&mut self) {
        let time = self.held.or(self.sought).unwrap_or_else(|| self.csound.score_time());
        self.held = Some(time);
        self.csound.set_score_pending(false);
        // What the header has begun goes on where nothing of the score has been read yet.
        if self.csound.current_time_samples() > 0 {
            self.csound.set_score_offset_seconds(0.0);
            self.csound.rewind_score();
        }
    }

    fn midi(&mut self, message: MidiMessage) {
        let status = message.bytes()[0];
        if status & 0xF0 == 0x90 {
            self.noted |= 1 << (status & 0x0F);
        }
        if let Some(cabbage) = &self.cabbage {
            cabbage.note(message);
        }
        self.csound.push_midi(message);
    }

    /// Releases the sustain pedal and ends all notes, on the channels that had notes.
    fn notes_off(&mut self) {
        for channel in (0..16_u8).filter(|channel| self.noted & (1 << channel) != 0) {
            for controller in [64, 123] {
                MidiMessage::new(&[0xB0 | channel, controller, 0])
                    .map(|message| self.csound.push_midi(message));
            }
        }
        self.noted = 0;
    }

    /// Hands a note over for its frame. An end is at a k boundary by itself.
    fn note(&mut self, note: &Note, frame: usize) {
        let grid = self.format.grid(self.rounding);
        let mut fields = note.fields;
        if note.begins() && (frame > 0 || grid.sample_accurate) {
            fields[1] = grid.p2_for(self.coming(), frame, 0.0);
        }
        self.csound.score_event(b'i', &fields[..note.fields().len()]);
    }

    fn coming(&self) -> Coming {
        if self.csound.current_time_samples() == 0 { Coming::First } else { Coming::Later }
    }

    /// Hands a score event over for its frame. See [`timing`](crate::engine::timing) for the times.
    fn score(&mut self, event: &ScoreEvent, frame: usize) {
        let grid = self.format.grid(self.rounding);
        let mut p2 = event.fields.get(1).copied().unwrap_or(0.0);
        let mut p3 = event.fields.get(2).copied();
        let note = matches!(event.opcode, b'i' | b'a');
        let mut changed = false;
        if event.time_base == TimeBase::Start {
            p2 -= self.csound.score_time() + frame as f64 / grid.sample_rate;
            changed = true;
            if p2 < 0.0 {
                if let Some(length) = p3.as_mut().filter(|length| note && **length >= 0.0) {
                    *length += p2;
                    self.late_events += 1;
                    if *length <= 0.0 {
                        return;
                    }
                }
                p2 = 0.0;
            }
        }
        if grid.sample_accurate
            && event.opcode == b'i'
            && let Some(safe) = p3.and_then(|p3| grid.safe_p3(p3))
        {
            p3 = Some(safe);
            self.lengthened_events += 1;
        }
        if note && (frame > 0 || grid.sample_accurate) {
            p2 = grid.p2_for(self.coming(), frame, p2);
            changed = true;
        }
        if let Some(text) = &event.text {
            let p3 = p3.filter(|p3| Some(*p3) != event.fields.get(2).copied());
            // Csound reads no negative p2 in a text: what it would start late in this k-cycle begins
            // with the next, half a k-cycle late at most.
            if p2 < 0.0 {
                p2 = grid.p2_for(Coming::Later, grid.ksmps, 0.0);
            }
            self.text.copy_from(text);
            let text = self.text.with_times(changed.then_some(p2), p3);
            match self.guard.refuses(&self.csound, text) {
                Some(why) => self.csound.handle().tell(Level::Error, why),
                None => self.csound.input_message(text),
            }
            return;
        }
        self.fields.clear();
        self.fields.extend_from_slice(&event.fields);
        if let Some(field) = self.fields.get_mut(1) {
            *field = p2;
        }
        if let (Some(field), Some(p3)) = (self.fields.get_mut(2), p3) {
            *field = p3;
        }
        self.csound.score_event(event.opcode, &self.fields);
    }
}
