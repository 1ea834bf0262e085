//! The sixteen event slots: a line of score text each, sent by a trigger, a key or a program change.
//! The text belongs to the threads that may block; the audio thread holds the events made of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_queue::ArrayQueue;
use serde::{Deserialize, Serialize};

use csound_performance::engine::piece::live_text::TextError;
use csound_performance::engine::{EventKind, Prepared, TimeBase};

/// How many there are.
pub const EVENT_SLOTS: usize = 16;

/// A slot's line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotText {
    /// The line, such as `i 1 0 2 440`; empty where the slot has none.
    pub line: String,
    /// Whether its p2 counts from the beginning of the performance, not from the moment.
    #[serde(default)]
    pub absolute: bool,
}

/// The slots, as the threads of an instance share them.
pub struct EventSlots {
    texts: Mutex<Vec<SlotText>>,
    /// Events on their way to the audio thread, in order; `None` empties a slot.
    changed: ArrayQueue<(usize, Option<Arc<Prepared>>)>,
}

impl Default for EventSlots {
    fn default() -> Self {
        Self {
            texts: Mutex::new(vec![SlotText::default(); EVENT_SLOTS]),
            // As many as can change before the audio thread looks; the oldest gives way then.
            changed: ArrayQueue::new(4 * EVENT_SLOTS),
        }
    }
}

impl EventSlots {
    /// The lines.
    pub fn texts(&self) -> Vec<SlotText> {
        self.lock().clone()
    }

    /// Gives slot `slot` (from 0) a line. An empty one empties it.
    ///
    /// # Errors
    /// The line would not survive Csound's parser; the slot keeps what it had.
    pub fn set(&self, slot: usize, text: SlotText) -> Result<(), TextError> {
        let event = prepare(&text)?;
        let mut texts = self.lock();
        if let Some(place) = texts.get_mut(slot) {
            *place = text;
            drop(self.changed.force_push((slot, event)));
        }
        Ok(())
    }

    /// Takes the lines of a loaded session; what is wrong with those that cannot be sent.
    pub fn restore(&self, saved: &[SlotText]) -> Vec<String> {
        let mut wrong = Vec::new();
        for slot in 0..EVENT_SLOTS {
            let text = saved.get(slot).cloned().unwrap_or_default();
            if let Err(error) = self.set(slot, text.clone()) {
                wrong.push(format!("event slot {}: {error}", slot + 1));
                // The text is kept, to be mended; there is nothing to send.
                self.lock()[slot] = text;
                drop(self.changed.force_push((slot, None)));
            }
        }
        wrong
    }

    /// Calls `take` with each slot that has changed since the last call.
    ///
    /// # Realtime safety
    /// Safe, if `take` frees nothing.
    pub fn take_changed(&self, mut take: impl FnMut(usize, Option<Arc<Prepared>>)) {
        while let Some((slot, event)) = self.changed.pop() {
            take(slot, event);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SlotText>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(text: &SlotText) -> Result<Option<Arc<Prepared>>, TextError> {
    if text.line.trim().is_empty() {
        return Ok(None);
    }
    let event = match csound_performance::command::event_of_text(&text.line)? {
        EventKind::Score(mut score) => {
            score.time_base = if text.absolute { TimeBase::Start } else { TimeBase::Now };
            Some(Prepared::Score(*score))
        }
        EventKind::Message(message) => Some(Prepared::Message(*message)),
        _ => None,
    };
    Ok(event.map(Arc::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str) -> SlotText {
        SlotText { line: line.into(), absolute: false }
    }

    fn changed(slots: &EventSlots) -> Vec<(usize, bool)> {
        let mut changed = Vec::new();
        slots.take_changed(|slot, event| changed.push((slot, event.is_some())));
        changed
    }

    #[test]
    fn a_line_becomes_an_event_and_an_empty_one_none() {
        let slots = EventSlots::default();
        slots.set(3, text("i 1 0 2 440")).unwrap();
        slots.set(3, text(" ")).unwrap();
        slots.set(0, text("f 1 0 1024 10 1")).unwrap();
        assert_eq!(changed(&slots), [(3, true), (3, false), (0, true)]);
        assert_eq!(slots.texts()[0].line, "f 1 0 1024 10 1");
    }

    #[test]
    fn a_line_that_cannot_be_sent_is_refused_and_the_slot_keeps_its_own() {
        let slots = EventSlots::default();
        slots.set(0, text("i 1 0 1")).unwrap();
        assert!(slots.set(0, text("i 1 0 [1+")).is_err());
        assert_eq!(slots.texts()[0].line, "i 1 0 1");
        assert_eq!(changed(&slots).len(), 1);
    }

    #[test]
    fn a_loaded_line_that_cannot_be_sent_is_kept_and_reported() {
        let slots = EventSlots::default();
        let wrong = slots.restore(&[text("i 1 0 1"), text("i 1 0 \"open")]);
        assert_eq!(wrong.len(), 1);
        assert!(wrong[0].starts_with("event slot 2"));
        assert_eq!(slots.texts()[1].line, "i 1 0 \"open");
        assert_eq!(changed(&slots).iter().filter(|(_, sends)| *sends).count(), 1);
    }
}
