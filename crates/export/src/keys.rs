//! Which channel has which key: assigned once, and kept for ever. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::ManifestError;
use crate::ids::LAST_KEY;
use crate::manifest::{Buses, Kind, LONGEST, Manifest, Retired};

/// The format of [`KnownPlugins`] that is written.
const FORMAT: u32 = 1;

/// What is kept of exported plugins beside their piece, or wherever the user wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPlugins {
    /// The format, and the mark by which such a file is known.
    #[serde(rename = "csound_performer_ids")]
    format: u32,
    /// The plugins, by their ids.
    pub plugins: BTreeMap<String, Known>,
}

/// What is kept of an exported plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Who made it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub vendor: String,
    /// Its last version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it is played or is given sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The key of each channel that it has, or has ever had.
    pub keys: Keys,
    /// Those of these channels that have no parameter any more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub retired: BTreeSet<String>,
    /// The names that its channels had in earlier versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub former: Former,
    /// The buses that it begins with, where they are not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buses: Option<Buses>,
}

/// The key of each channel, in use and retired.
pub type Keys = BTreeMap<String, u16>;

impl Known {
    /// What is kept of a plugin.
    pub fn of(manifest: &Manifest) -> Self {
        let Manifest { name, vendor, version, kind, buses, .. } = manifest;
        let retired = manifest.retired.iter().map(|retired| retired.channel.clone()).collect();
        Self {
            name: name.clone(),
            vendor: vendor.clone(),
            version: Some(version.clone()),
            kind: Some(*kind),
            keys: keys_of(manifest),
            retired,
            former: former_of(manifest),
            buses: buses.clone(),
        }
    }
}

impl Default for KnownPlugins {
    fn default() -> Self {
        Self { format: FORMAT, plugins: BTreeMap::new() }
    }
}

impl KnownPlugins {
    /// Reads such a file, or a manifest as one plugin.
    ///
    /// # Errors
    /// [`ManifestError`], as for a manifest.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        #[serde(expecting = "an object ({…})")]
        struct Marked {
            csound_performer_ids: Option<u32>,
        }
        if bytes.len() as u64 > LONGEST {
            return Err(ManifestError::TooLong);
        }
        match serde_json::from_slice::<Marked>(bytes)?.csound_performer_ids {
            None => Ok(Self::of(&Manifest::read(bytes)?)),
            Some(0..=FORMAT) => {
                let known: Self = serde_json::from_slice(bytes)?;
                known.plugins.iter().try_for_each(|(id, known)| check(id, &known.keys))?;
                Ok(known)
            }
            Some(found) => Err(ManifestError::TooNew { found }),
        }
    }

    /// The text of such a file.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn write(&self) -> Result<String, ManifestError> {
        Ok(serde_json::to_string_pretty(&Self { format: FORMAT, ..self.clone() })? + "\n")
    }

    fn of(manifest: &Manifest) -> Self {
        let known = Known::of(manifest);
        Self { plugins: BTreeMap::from([(manifest.id.clone(), known)]), ..Self::default() }
    }
}

fn check(id: &str, keys: &Keys) -> Result<(), ManifestError> {
    let mut seen = BTreeSet::new();
    for (channel, key) in keys {
        let wrong = |why: String| ManifestError::wrong(format!("channel {channel} of {id}"), why);
        if !(1..=LAST_KEY).contains(key) {
            return Err(wrong(format!("its key is {key}, of 1 to {LAST_KEY}")));
        }
        if !seen.insert(key) {
            return Err(wrong(format!("its key is {key}, which another one has")));
        }
    }
    Ok(())
}

/// The names that a channel had before, the oldest first, by the name that it has.
pub type Former = BTreeMap<String, Vec<String>>;

/// The names that the channels of a manifest had before.
fn former_of(manifest: &Manifest) -> Former {
    let named = manifest.parameters.iter().filter(|parameter| !parameter.former.is_empty());
    named.map(|parameter| (parameter.channel.clone(), parameter.former.clone())).collect()
}

/// The keys of a manifest's channels, in use and retired.
pub fn keys_of(manifest: &Manifest) -> Keys {
    let used = manifest.parameters.iter().map(|parameter| (parameter.channel.clone(), parameter.key));
    let retired = manifest.retired.iter().map(|retired| (retired.channel.clone(), retired.key));
    used.chain(retired).collect()
}

/// Puts together what several sources know, the first of most weight: what a later one says otherwise of a channel or
/// of a key does not count.
pub fn merge<'a>(sources: impl IntoIterator<Item = &'a Keys>) -> Keys {
    let (mut merged, mut taken) = (Keys::new(), BTreeSet::new());
    for (channel, key) in sources.into_iter().flatten() {
        if !merged.contains_key(channel) && taken.insert(*key) {
            merged.insert(channel.clone(), *key);
        }
    }
    merged
}

/// A key for each channel, in their order: the one that it had, else the least above all that there ever were. And
/// what is retired: channels that had a key and are not among them.
///
/// # Errors
/// So many channels have had a key that there is none left.
pub fn assign(channels: &[&str], before: &Keys) -> Result<(Vec<u16>, Vec<Retired>), ManifestError> {
    let mut taken: BTreeSet<u16> = before.values().copied().collect();
    let mut next = |channel: &str| {
        let last = taken.last().copied().unwrap_or(0);
        // Where the last key is in use, gaps are as good: a key of theirs was never given.
        let key =
            if last < LAST_KEY { Some(last + 1) } else { (1..LAST_KEY).find(|key| !taken.contains(key)) };
        let none = || ManifestError::wrong(format!("channel {channel}"), "there is no key left for it");
        let key = key.ok_or_else(none)?;
        taken.insert(key);
        Ok(key)
    };
    let key = |channel: &&str| before.get(*channel).map_or_else(|| next(channel), |key| Ok(*key));
    let keys = channels.iter().map(key).collect::<Result<Vec<_>, ManifestError>>()?;
    let is_gone = |(channel, _): &(&String, &u16)| !channels.contains(&channel.as_str());
    let retired = before.iter().filter(is_gone);
    Ok((keys, retired.map(|(channel, key)| Retired { key: *key, channel: channel.clone() }).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pairs: &[(&str, u16)]) -> Keys {
        pairs.iter().map(|(channel, key)| ((*channel).to_owned(), *key)).collect()
    }

    #[test]
    fn a_channel_keeps_its_key_and_a_retired_key_goes_to_no_other() {
        let (first, retired) = assign(&["a", "b"], &Keys::new()).unwrap();
        assert_eq!((first, retired), (vec![1, 2], vec![]));
        let (second, retired) = assign(&["c", "b"], &keys(&[("a", 1), ("b", 2)])).unwrap();
        assert_eq!((second, retired), (vec![3, 2], vec![Retired { key: 1, channel: "a".into() }]));
        let (third, retired) = assign(&["a", "d"], &keys(&[("a", 1), ("b", 2), ("c", 3)])).unwrap();
        assert_eq!((third, retired.len()), (vec![1, 4], 2), "it comes back to its own");
        let (last, _) = assign(&["x"], &keys(&[("a", 1), ("b", LAST_KEY)])).unwrap();
        assert_eq!(last, [2]);
        let full: Keys = (1..=LAST_KEY).map(|key| (key.to_string(), key)).collect();
        assert!(assign(&["x"], &full).is_err());
    }

    #[test]
    fn what_one_source_says_is_not_undone_by_the_next() {
        let merged = merge([&keys(&[("a", 1), ("b", 2)]), &keys(&[("a", 7), ("c", 2), ("d", 3)])]);
        assert_eq!(merged, keys(&[("a", 1), ("b", 2), ("d", 3)]));
    }

    #[test]
    fn the_file_is_read_as_it_was_written_and_a_manifest_will_do() {
        let keys = keys(&[("a", 1), ("b", 5)]);
        let retired = BTreeSet::from(["b".to_owned()]);
        let known = Known { name: "Bells".into(), keys, retired, ..Known::default() };
        let file = KnownPlugins { plugins: BTreeMap::from([("org.a".into(), known)]), ..Default::default() };
        assert_eq!(KnownPlugins::read(file.write().unwrap().as_bytes()).unwrap(), file);
        // A manifest says more, and nothing of it is lost.
        let mut file = file;
        let known = file.plugins.get_mut("org.a").unwrap();
        (known.version, known.kind) = (Some("1.0.0".into()), Some(Kind::Effect));
        let manifest = br#"{ "csound_performer_export": 1, "version": "1.0.0", "name": "Bells", "id": "org.a", "kind": "effect",
            "piece": "a.csd", "parameters": [{ "key": 1, "channel": "a" }], "retired": [{ "key": 5, "channel": "b" }] }"#;
        assert_eq!(KnownPlugins::read(manifest).unwrap(), file);
        for wrong in [
            r#"{ "csound_performer_ids": 2, "plugins": {} }"#,
            r#"{ "csound_performer_ids": 1, "plugins": { "a": { "name": "", "keys": { "x": 0 } } } }"#,
            r#"{ "csound_performer_ids": 1, "plugins": { "a": { "name": "", "keys": { "x": 3, "y": 3 } } } }"#,
            "{}",
            "",
        ] {
            assert!(KnownPlugins::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
