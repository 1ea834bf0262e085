//! What the piece changes of its widgets: kept for the editor, the session and the next engine. A value that it sets is
//! its channel's, and so the host's parameter's.

use std::sync::atomic::Ordering;
use std::time::Instant;

use csound_cabbage::{Change, Value, WidgetName};

use super::Worker;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::shared::ranges::is_of_range;

/// Why a change is left out.
const NO_ROOM: &str =
    "the piece changes more of its widgets than there is room for: some changes are not shown";

impl Worker {
    /// Takes what has come up since the last time.
    pub(super) fn take_changes(&mut self) {
        let changes = self.running.as_ref().map(super::RunningEngine::take_changes).unwrap_or_default();
        if self.ranges.tells(Instant::now()) {
            self.link.names.note_texts();
        }
        if changes.is_empty() {
            return;
        }
        let places = self.link.bank.present();
        let mut locked = self.link.lock();
        let mut has_room = true;
        let mut gives_ranges = false;
        for change in changes {
            match &change.widget {
                WidgetName::Table(number) => {
                    has_room &= locked.tables.take(*number, &change.values);
                    continue;
                }
                WidgetName::Signal(name) => {
                    has_room &= locked.signals.take(name, &change.identifier, &change.values);
                    continue;
                }
                _ => {}
            }
            // An engine may say anything: what has no room here has none anywhere.
            if !locked.session.widgets.add(change.clone()) {
                has_room = false;
                continue;
            }
            let is_control = |name: &String| places.iter().any(|(_, known, _)| known == name);
            gives_ranges |= is_of_range(&change.identifier)
                && matches!(&change.widget, WidgetName::Channel(name) if is_control(name));
            match (value_of(&change), &change.widget) {
                (Some(Value::Text(text)), WidgetName::Channel(name)) => {
                    locked.session.channel_texts.insert(name.clone(), text.clone());
                }
                (Some(Value::Number(number)), WidgetName::Channel(name)) => {
                    let place = places.iter().find(|(_, known, _)| known == name);
                    match place {
                        Some((index, ..)) if *index < PARAMETERS => {
                            let before = self.link.bank.value(*index);
                            locked.moves.insert(*index, (*number, before));
                        }
                        Some(_) => drop(self.link.bank.set(name, *number)),
                        None => {}
                    }
                }
                _ => {}
            }
        }
        if !has_room && !std::mem::replace(&mut self.told_of_widgets, true) {
            locked.log(super::ConsoleLine::warning(NO_ROOM));
        }
        let is_of_control = |widget: &WidgetName| match widget {
            WidgetName::Channel(name) => places.iter().any(|(_, known, _)| known == name),
            WidgetName::State | WidgetName::Table(_) | WidgetName::Signal(_) => false,
            WidgetName::Ident(_) | WidgetName::New(_) => true,
        };
        // The rest may be large, and others wait for the lock.
        let ranged =
            gives_ranges.then(|| (locked.performing.clone(), locked.session.widgets.only(is_of_control)));
        drop(locked);
        if let Some((Some(text), changes)) = ranged
            && self.link.change_ranges(&self.ranges.of(&text, &changes))
        {
            self.ranges.owe();
            if self.ranges.tells(Instant::now()) {
                self.link.names.note_texts();
            }
        }
        self.link.done.fetch_add(1, Ordering::Release);
    }
}

impl Worker {
    /// Sends what the user has drawn into tables to the running piece.
    pub(super) fn send_strokes(&self) {
        let strokes = std::mem::take(&mut self.link.lock().strokes);
        let Some(running) = self.running.as_ref().filter(|_| !strokes.is_empty()) else { return };
        // The end of an engine is told where it is found.
        let _ = strokes.into_iter().try_for_each(|stroke| running.draw(stroke));
    }
}

fn value_of(change: &Change) -> Option<&Value> {
    change.values.first().filter(|_| change.identifier == "value")
}
