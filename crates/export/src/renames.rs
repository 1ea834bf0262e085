//! Channels that have another name in a new version of their piece. They are the same parameter to hosts and sessions.
//! Pure.

use std::collections::BTreeSet;

use crate::error::ManifestError;
use crate::keys::{Former, Keys, Known};

/// What earlier exports of a plugin say of its channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// The key of each channel that there ever was.
    pub keys: Keys,
    /// The names that they had before.
    pub former: Former,
    /// The channels that had a parameter in the last export.
    pub used: BTreeSet<String>,
}

impl Before {
    /// What several sources know, the first of most weight. The first that there is says what the last export used.
    pub fn of(sources: &[&Known]) -> Self {
        let keys = crate::keys::merge(sources.iter().map(|known| &known.keys));
        let mut former = Former::new();
        for (channel, names) in sources.iter().flat_map(|known| &known.former) {
            former.entry(channel.clone()).or_insert_with(|| names.clone());
        }
        let is_retired = |channel: &&String| sources.iter().any(|known| known.retired.contains(*channel));
        let last = sources.first().into_iter().flat_map(|known| known.keys.keys());
        let used = last.filter(|channel| !is_retired(channel)).cloned();
        Self { keys, former, used: used.collect() }
    }

    /// Takes it that a channel has a new name among these: its key goes with it. A change that was taken before is no
    /// fault.
    ///
    /// # Errors
    /// There was no such channel, it is still there, or the new one is not there or had a parameter of its own.
    pub fn rename(&mut self, old: &str, new: &str, channels: &[&str]) -> Result<(), ManifestError> {
        let wrong = |why: String| Err(ManifestError::wrong(format!("the new name {new} of {old}"), why));
        if channels.contains(&old) {
            return wrong(format!("the piece still has a channel {old}"));
        }
        if !channels.contains(&new) {
            return wrong(format!("the piece has no channel {new} that gets a parameter"));
        }
        if self.former.get(new).is_some_and(|names| names.iter().any(|name| name == old)) {
            return Ok(());
        }
        let Some(key) = self.keys.get(old).copied() else {
            let known: Vec<_> = self.used.iter().map(String::as_str).collect();
            return wrong(format!(
                "no earlier export had a parameter {old} (the last one had: {})",
                known.join(", ")
            ));
        };
        if self.keys.contains_key(new) {
            return wrong(format!(
                "{new} has had a parameter of its own in an earlier export, whose sessions would lose it"
            ));
        }
        self.keys.remove(old);
        self.keys.insert(new.to_owned(), key);
        let mut names = self.former.remove(old).unwrap_or_default();
        names.push(old.to_owned());
        self.former.insert(new.to_owned(), names);
        if self.used.remove(old) {
            self.used.insert(new.to_owned());
        }
        Ok(())
    }

    /// The channels of the last export that are not among these, and those among these that no export had: one may be
    /// the other under a new name.
    pub fn gone_and_new(&self, channels: &[&str]) -> (Vec<String>, Vec<String>) {
        let gone = self.used.iter().filter(|channel| !channels.contains(&channel.as_str())).cloned();
        let new = channels.iter().filter(|channel| !self.keys.contains_key(**channel));
        (gone.collect(), new.map(|channel| (*channel).to_owned()).collect())
    }

    /// The names that a channel had before. One that is a channel's name today is none.
    pub fn former_of(&self, channel: &str, channels: &[&str]) -> Vec<String> {
        let is_free = |name: &&String| !channels.contains(&name.as_str()) && !self.keys.contains_key(*name);
        self.former.get(channel).into_iter().flatten().filter(is_free).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(keys: &[(&str, u16)], retired: &[&str]) -> Known {
        Known {
            keys: keys.iter().map(|(channel, key)| ((*channel).to_owned(), *key)).collect(),
            retired: retired.iter().map(|channel| (*channel).to_owned()).collect(),
            ..Known::default()
        }
    }

    #[test]
    fn a_channel_with_a_new_name_keeps_its_key_and_all_its_former_names() {
        let first = known(&[("cutoff", 1), ("level", 2)], &[]);
        let mut before = Before::of(&[&first]);
        assert_eq!(before.gone_and_new(&["freq", "level"]), (vec!["cutoff".into()], vec!["freq".into()]));
        before.rename("cutoff", "freq", &["freq", "level"]).unwrap();
        assert_eq!(before.keys, known(&[("freq", 1), ("level", 2)], &[]).keys);
        assert_eq!(before.gone_and_new(&["freq", "level"]), (vec![], vec![]));
        assert_eq!(before.former_of("freq", &["freq", "level"]), ["cutoff"]);
        // Said again, it is as it is.
        let again = before.clone();
        before.rename("cutoff", "freq", &["freq", "level"]).unwrap();
        assert_eq!(before, again);
        before.rename("freq", "pitch", &["pitch", "level"]).unwrap();
        assert_eq!(before.former_of("pitch", &["pitch", "level"]), ["cutoff", "freq"]);
        // A name that is a channel's own again is nobody's former one.
        assert_eq!(before.former_of("pitch", &["pitch", "freq"]), ["cutoff"]);
    }

    #[test]
    fn what_cannot_be_a_new_name_is_refused_and_changes_nothing() {
        let first = known(&[("cutoff", 1), ("level", 2), ("old", 3)], &["old"]);
        let mut before = Before::of(&[&first]);
        let as_it_was = before.clone();
        for (old, new, channels, why) in [
            ("cutoff", "freq", &["cutoff", "freq"][..], "still has a channel cutoff"),
            ("cutoff", "freq", &["level"], "no channel freq"),
            ("cutof", "freq", &["freq"], "the last one had: cutoff, level"),
            ("cutoff", "level", &["level"], "a parameter of its own"),
            ("cutoff", "old", &["old"], "a parameter of its own"),
        ] {
            let told = before.rename(old, new, channels).unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
        assert_eq!(before, as_it_was);
        // One that was retired long ago is not gone now, but may be said to have a new name.
        assert_eq!(before.gone_and_new(&["cutoff", "level", "x"]), (vec![], vec!["x".into()]));
        before.rename("old", "x", &["cutoff", "level", "x"]).unwrap();
        assert_eq!(before.keys["x"], 3);
    }
}
