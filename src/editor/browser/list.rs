//! The entries that are sought, found anew only where they or the search have changed.

use std::collections::HashSet;
use std::sync::Arc;

use crate::editor::model::{Catalogue, Entry, Opens, Origin};

/// What was sought, and the places of what was found.
#[derive(Default)]
pub(super) struct Filtered {
    entries: Arc<[Entry]>,
    sought: String,
    origin: Option<Origin>,
    tag: Option<String>,
    found: Vec<usize>,
}

impl Filtered {
    /// Looks again where something has changed.
    pub fn bring_up_to_date(
        &mut self,
        catalogue: &Catalogue,
        sought: &str,
        origin: Option<Origin>,
        tag: Option<&str>,
    ) {
        let is_known = Arc::ptr_eq(&self.entries, &catalogue.entries)
            && (self.sought.as_str(), self.origin, self.tag.as_deref()) == (sought, origin, tag);
        if is_known {
            return;
        }
        self.entries = Arc::clone(&catalogue.entries);
        (self.sought, self.origin, self.tag) = (sought.to_owned(), origin, tag.map(str::to_owned));
        let mut known = HashSet::new();
        self.found.clear();
        for (at, entry) in self.entries.iter().enumerate() {
            let is_meant = origin.is_none_or(|origin| entry.origin == origin)
                && tag.is_none_or(|tag| entry.tags.iter().any(|found| found == tag))
                && entry.is_sought(sought);
            // A piece that was opened before and lies in a folder is one piece.
            if is_meant && known.insert(key(&entry.opens)) {
                self.found.push(at);
            }
        }
    }

    /// How many are shown.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The place in the catalogue of what is shown there.
    pub fn get(&self, number: usize) -> Option<usize> {
        self.found.get(number).copied()
    }
}

/// What an entry leads to, to be told from others.
fn key(opens: &Opens) -> (Option<usize>, std::path::PathBuf) {
    match opens {
        Opens::Shipped(number) => (Some(*number), std::path::PathBuf::new()),
        Opens::File(path) => (None, path.clone()),
        Opens::Preset(id) => (None, id.file.clone()),
    }
}
