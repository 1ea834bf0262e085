//! The entries that a host has for one of its parameters, for a menu of ours. Pure; beside the doors to hosts, the
//! plugin and the editor.
//!
//! A host may give anything, so a [`Builder`] holds it to bounds: what goes beyond them, or has no words, is left out.

/// The most entries of a menu, those of its submenus among them.
pub const MOST: usize = 256;

/// How far submenus go into each other.
pub const DEEPEST: usize = 6;

/// The most characters of an entry's words.
pub const LONGEST: usize = 100;

/// The parameter that a menu is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MenuOf {
    /// The one that drives a place of the channel bank, from 0.
    Channel(usize),
    /// The one that sends an event slot, from 0.
    Event(usize),
    /// One of the others of the performance, by its id.
    Own(&'static str),
}

/// The host's menu of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostMenu {
    /// Whose it is.
    pub of: MenuOf,
    /// Its entries, in the host's order.
    pub items: Vec<HostItem>,
    /// Whether the host shows a menu of its own, because it has given no entries.
    pub pops_up: bool,
}

/// A part of a host's menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostItem {
    /// Something to choose.
    Entry(HostEntry),
    /// Words above the entries that follow.
    Title(String),
    /// A line.
    Separator,
    /// A menu of its own.
    Submenu {
        /// Its words.
        label: String,
        /// Whether it can be opened.
        is_enabled: bool,
        /// What is in it.
        items: Vec<HostItem>,
    },
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostEntry {
    /// Its words.
    pub label: String,
    /// Whether it can be chosen.
    pub is_enabled: bool,
    /// Whether it bears a mark, if it can.
    pub is_checked: Option<bool>,
    /// What the door to the host knows it by.
    pub number: u32,
}

/// Puts a menu together as a host gives it, one part after the other.
#[derive(Debug, Default)]
pub struct Builder {
    items: Vec<HostItem>,
    /// The submenus that have begun and not ended: words, whether it can be opened, and what stands before it.
    open: Vec<(String, bool, Vec<HostItem>)>,
    /// The parts so far.
    count: usize,
    /// Submenus that were refused and have not ended. What is in them is left out.
    refused: usize,
}

impl Builder {
    /// Adds an entry. False where it is left out.
    pub fn entry(&mut self, label: &str, is_enabled: bool, is_checked: Option<bool>, number: u32) -> bool {
        let Some(label) = words(label) else { return false };
        self.add(HostItem::Entry(HostEntry { label, is_enabled, is_checked, number }))
    }

    /// Adds a title. False where it is left out.
    pub fn title(&mut self, title: &str) -> bool {
        words(title).is_some_and(|title| self.add(HostItem::Title(title)))
    }

    /// Adds a line; several in a row are one.
    pub fn separator(&mut self) -> bool {
        self.items.last() == Some(&HostItem::Separator) || self.add(HostItem::Separator)
    }

    /// Begins a submenu: what follows is in it until it ends. False where it is left out, with all that is in it.
    pub fn begin(&mut self, label: &str, is_enabled: bool) -> bool {
        let label = words(label).filter(|_| self.open.len() < DEEPEST && self.has_room());
        match label {
            Some(label) => {
                self.count += 1;
                self.open.push((label, is_enabled, std::mem::take(&mut self.items)));
                true
            }
            None => {
                self.refused = self.refused.saturating_add(1);
                false
            }
        }
    }

    /// Ends the submenu that has begun last. False where none has.
    pub fn end(&mut self) -> bool {
        if self.refused > 0 {
            self.refused -= 1;
            return true;
        }
        let Some((label, is_enabled, before)) = self.open.pop() else { return false };
        let items = std::mem::replace(&mut self.items, before);
        self.items.push(HostItem::Submenu { label, is_enabled: is_enabled && !items.is_empty(), items });
        true
    }

    /// All that was added. Submenus that have not ended do so here.
    pub fn finish(mut self) -> Vec<HostItem> {
        self.refused = 0;
        while self.end() {}
        while self.items.last() == Some(&HostItem::Separator) {
            self.items.pop();
        }
        self.items
    }

    fn has_room(&self) -> bool {
        self.count < MOST && self.refused == 0
    }

    fn add(&mut self, item: HostItem) -> bool {
        let is_added = self.has_room();
        if is_added {
            self.count += 1;
            self.items.push(item);
        }
        is_added
    }
}

/// Words as they can be shown on one line, if there are any.
fn words(text: &str) -> Option<String> {
    let shown = |character: char| if character.is_control() { ' ' } else { character };
    let mut words: String = text.trim().chars().take(LONGEST).map(shown).collect();
    if text.trim().chars().nth(LONGEST).is_some() {
        words.pop();
        words.push('…');
    }
    Some(words).filter(|words| !words.trim().is_empty())
}

#[cfg(test)]
mod tests;
