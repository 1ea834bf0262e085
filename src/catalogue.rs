//! The pieces and presets that there are, as the browser shows them. It stands beside plugin and editor, for both.

use std::path::PathBuf;
use std::sync::Arc;

use crate::preset_id::PresetId;

/// Where an entry of the catalogue comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// It comes with the plugin.
    #[default]
    Shipped,
    /// The user opened it before.
    Recent,
    /// It lies in a folder of the user's choice.
    Folder,
    /// It is a preset, which brings its piece along.
    Preset,
    /// It came with a package that is installed.
    Package,
}

impl Origin {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Shipped, Self::Recent, Self::Folder, Self::Preset, Self::Package];

    /// Its name for the user.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shipped => "Shipped",
            Self::Recent => "Opened before",
            Self::Folder => "My folders",
            Self::Preset => "Presets",
            Self::Package => "Packages",
        }
    }
}

/// What an entry leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opens {
    /// A piece that comes with the plugin, by its index.
    Shipped(usize),
    /// The piece of a file.
    File(PathBuf),
    /// A preset, with the piece that it was made with.
    Preset(PresetId),
}

/// A piece or a preset that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it comes from.
    pub origin: Origin,
    /// What it leads to.
    pub opens: Opens,
    /// Its name.
    pub name: String,
    /// The folder that it lies in, the piece of a preset, or the package.
    pub place: String,
    /// A sentence about it; empty: it says none.
    pub about: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Why it cannot be read, if it cannot.
    pub trouble: Option<String>,
}

impl Entry {
    /// If every word of `sought` is somewhere in what is shown of it, in capitals or not.
    pub fn is_sought(&self, sought: &str) -> bool {
        let shown = [&self.name, &self.place, &self.about].into_iter().chain(&self.tags);
        let shown: Vec<_> = shown.map(|text| text.to_lowercase()).collect();
        let mut words = sought.split_whitespace().map(str::to_lowercase);
        words.all(|word| shown.iter().any(|text| text.contains(&word)))
    }
}

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// By origin, and by name in each; those that were opened before with the newest first.
    pub entries: Arc<[Entry]>,
    /// The folders of the user's choice.
    pub folders: Arc<[PathBuf]>,
    /// What was left out and why, in sentences.
    pub notes: Arc<[String]>,
    /// It is being looked for: what there was before is shown meanwhile.
    pub is_looking: bool,
}

impl Catalogue {
    /// The tags that there are, those of most entries first.
    pub fn tags(&self) -> Vec<String> {
        let mut counted = std::collections::BTreeMap::<&str, usize>::new();
        for tag in self.entries.iter().flat_map(|entry| &entry.tags) {
            *counted.entry(tag).or_default() += 1;
        }
        let mut tags: Vec<_> = counted.into_iter().collect();
        tags.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        tags.into_iter().map(|(tag, _)| tag.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, tags: &[&str]) -> Entry {
        Entry {
            origin: Origin::Folder,
            opens: Opens::File(name.into()),
            name: name.into(),
            place: "/music".into(),
            about: "A bell that rings".into(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            trouble: None,
        }
    }

    #[test]
    fn every_word_is_sought_in_all_that_is_shown() {
        let bells = entry("Bells.csd", &["Metal", "warm"]);
        for sought in ["", "bells", "RINGS metal", "  warm /music ", "bel"] {
            assert!(bells.is_sought(sought), "{sought}");
        }
        for sought in ["drum", "bells drum", "warmer"] {
            assert!(!bells.is_sought(sought), "{sought}");
        }
    }

    #[test]
    fn tags_are_counted_and_the_commonest_comes_first() {
        let entries = [entry("a", &["b", "z"]), entry("b", &["z"]), entry("c", &[])];
        let catalogue = Catalogue { entries: entries.into(), ..Catalogue::default() };
        assert_eq!(catalogue.tags(), ["z", "b"]);
    }
}
