//! Who the loaded library is: the plugin that takes any piece, or an exported piece. It stands beside the doors, the
//! plugin and the editor, which all ask.
//!
//! A host loads each export's own copy of the library, so there is one answer for a library ([`identity`]). It is
//! found where the library itself lies (see [`csound_export`]) and read once, when a host first asks for the plugins in
//! it. No Csound is loaded for it and no process started, and no host is ever made to wait or fall by what lies there:
//!
//! - A manifest that cannot be read leaves the library without plugins. Another identity in its place would take
//!   over the sessions of what it is not. The reason is written to the host's log (standard error).
//! - A file of that name that is not ours is none of our business: the library is the plugin that takes any piece.
//! - What the manifest names besides, first of all the piece, is looked at when an instance begins, which then says
//!   what is missing. The plugin stays in the host's list, and its sessions with it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use csound_export::{
    Buses, Manifest, ManifestError, Parameter, RangeKind, ValueRange, manifest_places, numeric_id,
};
use csound_library::{Generation, own_file};
use csound_performance::engine::folders::{Homes, is_too_much};

use crate::bounded::read_bounded;
use crate::layouts;
use crate::range::{Range, Scale, ScaleKind};

/// The most steps with which hosts see a parameter as stepped; finer ones are even to them.
const MOST_STEPS: f64 = 1000.0;

/// Who the library is.
#[derive(Debug)]
pub enum Identity {
    /// The plugin that takes any piece.
    Own,
    /// An exported piece.
    Exported(Arc<Exported>),
    /// An exported piece whose manifest cannot be read: no plugin.
    Damaged {
        /// The manifest.
        manifest: PathBuf,
        /// What is wrong with it.
        error: ManifestError,
    },
}

/// An exported piece.
#[derive(Clone, Debug)]
pub struct Exported {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The folder that the manifest is in, with the piece.
    pub folder: PathBuf,
    /// The channels of its parameters, in their order.
    pub channels: Vec<(String, Range)>,
    /// The numbers by which hosts know them.
    numbers: Vec<u32>,
}

/// Who this library is.
pub fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| {
        let identity = own_file().map_or(Identity::Own, |library| Identity::of(&library));
        if let Some(complaint) = identity.complaint() {
            eprintln!("Csound Performer: {complaint}");
        }
        identity
    })
}

/// The exported piece that this library is, if it is one.
pub fn exported() -> Option<&'static Arc<Exported>> {
    match identity() {
        Identity::Exported(exported) => Some(exported),
        _ => None,
    }
}

impl Identity {
    /// Who the library at this path is.
    pub fn of(library: &Path) -> Self {
        for place in manifest_places(library) {
            match read(&place) {
                None | Some(Err(ManifestError::Foreign)) => {}
                Some(Err(error)) => return Self::Damaged { manifest: place, error },
                Some(Ok(manifest)) => {
                    let folder = place.parent().unwrap_or(Path::new("/")).to_owned();
                    return Self::Exported(Arc::new(Exported::new(manifest, folder)));
                }
            }
        }
        Self::Own
    }
}

impl Identity {
    /// Why the library has no plugin and what the user can do, if it has none.
    pub fn complaint(&self) -> Option<String> {
        let Self::Damaged { manifest, error } = self else { return None };
        let helps = match error {
            ManifestError::TooNew { .. } => "A newer Csound Performer made it",
            _ => "Install this plugin again, or export its piece again",
        };
        Some(format!("{} is not taken: {error}. {helps}", manifest.display()))
    }
}

/// The manifest at a place, if anything is there.
fn read(place: &Path) -> Option<Result<Manifest, ManifestError>> {
    match read_bounded(place, csound_export::LONGEST) {
        Ok(bytes) => Some(Manifest::read(&bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(Err(ManifestError::Unreadable(error))),
    }
}

impl Exported {
    /// What a manifest in a folder says.
    pub fn new(manifest: Manifest, folder: PathBuf) -> Self {
        let channel = |parameter: &Parameter| (parameter.channel.clone(), Range::from(&parameter.range));
        let channels = manifest.parameters.iter().map(channel).collect();
        let numbers = manifest.parameters.iter().map(|parameter| numeric_id(&parameter.id())).collect();
        Self { manifest, folder, channels, numbers }
    }

    /// The piece's file, which lies in the folder, whatever links there are.
    ///
    /// # Errors
    /// It is not there, or elsewhere.
    pub fn piece(&self) -> Result<PathBuf, String> {
        let path = self.folder.join(&self.manifest.piece);
        // A loader has one library for one file, wherever that is moved: only another process finds it elsewhere.
        let again = "install the plugin again, or put its folder back as it was; if you have moved it, start the DAW again";
        let found = path.canonicalize().map_err(|error| {
            format!("the plugin's piece {} is missing ({error}): {again}", path.display())
        })?;
        match self.folder.canonicalize() {
            Ok(folder) if found.starts_with(&folder) => Ok(path),
            _ => Err(format!("{} leads out of the plugin's folder: {again}", path.display())),
        }
    }

    /// The name that a channel has today which a session or a preset names.
    pub fn name_of<'a>(&'a self, channel: &'a str) -> &'a str {
        let had = |parameter: &&Parameter| parameter.former.iter().any(|name| name == channel);
        self.manifest.parameters.iter().find(had).map_or(channel, |found| found.channel.as_str())
    }

    /// If another version of it was put in its place since the host has loaded it. A loader takes a file of the same path
    /// for the same, so the host has the parameters of the old one until it is started again.
    pub fn is_replaced(&self) -> bool {
        let now = read(&self.folder.join(csound_export::MANIFEST));
        matches!(now, Some(Ok(now)) if now != self.manifest)
    }

    /// The place of the layout that its instances begin with, among those of its kind.
    pub fn layout(&self) -> usize {
        let layouts = layouts::of_kind(self.manifest.kind);
        let place = |buses: &Buses| layouts::place_of(layouts, &buses.inputs, &buses.outputs);
        self.manifest.buses.as_ref().and_then(place).unwrap_or(0)
    }

    /// The values of the parameter that hosts know by this number.
    pub fn range_of(&self, id: u32) -> Option<&Range> {
        let place = self.numbers.iter().position(|number| *number == id)?;
        self.channels.get(place).map(|(_, range)| range)
    }

    /// If a folder is the plugin's own, or in it.
    pub fn is_in_folder(&self, folder: Option<&Path>) -> bool {
        let folders = folder.map(Path::canonicalize).zip(Some(self.folder.canonicalize()));
        matches!(folders, Some((Ok(folder), Ok(own))) if folder.starts_with(&own))
    }

    /// The folder, without links, which the piece may read: the user has installed it as one thing. None where that
    /// would be a whole home or more.
    pub fn readable_folder(&self) -> Option<PathBuf> {
        self.folder.canonicalize().ok().filter(|folder| !is_too_much(folder, Homes::All))
    }

    /// The Csound that performs it, if it says so.
    pub fn generation(&self) -> Option<Generation> {
        self.manifest.generation.map(|generation| match generation {
            csound_export::Generation::Six => Generation::Six,
            csound_export::Generation::Seven => Generation::Seven,
        })
    }

    /// The parameters and the number of their steps for a host, which is `None` where every value will do.
    pub fn parameters(&self) -> impl Iterator<Item = (&Parameter, Option<u32>)> {
        let steps = self.channels.iter().map(|(_, range)| steps(&range.scale));
        self.manifest.parameters.iter().zip(steps)
    }
}

/// The steps of a parameter, where its positions are as far from each other as its values.
fn steps(scale: &Scale) -> Option<u32> {
    let is_even = scale.skew() == 1.0 && scale.kind() != ScaleKind::Exponential;
    let steps = (scale.maximum() - scale.minimum()) / scale.step();
    let is_whole = (steps - steps.round()).abs() < 1e-6;
    (is_even && is_whole && (1.0..=MOST_STEPS).contains(&steps.round())).then_some(steps.round() as u32)
}

impl From<&ValueRange> for Range {
    fn from(range: &ValueRange) -> Self {
        let kind = match range.kind {
            RangeKind::Linear => ScaleKind::Linear,
            RangeKind::Integer => ScaleKind::Integer,
            RangeKind::Exponential => ScaleKind::Exponential,
            RangeKind::Items => ScaleKind::Items,
        };
        let scale = Scale::new(kind, range.min, range.max).with_skew(range.skew).with_step(range.step);
        let (prefix, unit, items) = (range.prefix.clone(), range.unit.clone(), range.items.clone());
        Self { prefix, unit, items, ..Self::new(scale, range.default) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exported(folder: &Path) -> Exported {
        let manifest = br#"{ "csound_performer_export": 1, "name": "A", "id": "a", "kind": "effect",
            "piece": "pieces/a.csd" }"#;
        Exported::new(Manifest::read(manifest).unwrap(), folder.to_owned())
    }

    #[test]
    fn a_piece_reads_the_folder_that_it_came_in_and_no_whole_home() {
        let folder = tempfile::tempdir().unwrap();
        let own = exported(folder.path());
        assert_eq!(own.readable_folder(), folder.path().canonicalize().ok());
        assert!(own.is_in_folder(Some(folder.path())) && !own.is_in_folder(folder.path().parent()));
        assert!(!own.is_in_folder(None));
        for wide in [Path::new("/"), &dirs::home_dir().unwrap()] {
            assert_eq!(exported(wide).readable_folder(), None, "{}", wide.display());
        }
    }

    #[test]
    fn the_piece_is_found_in_the_folder_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let own = exported(folder.path());
        assert!(own.piece().unwrap_err().contains("pieces/a.csd is missing"));
        std::fs::create_dir(folder.path().join("pieces")).unwrap();
        std::fs::write(folder.path().join("pieces/a.csd"), "").unwrap();
        assert_eq!(own.piece().unwrap(), folder.path().join("pieces/a.csd"));
    }

    #[test]
    fn a_former_name_leads_to_the_name_of_today_and_any_other_to_itself() {
        let mut own = exported(Path::new("/nowhere"));
        let mut parameter: Parameter = serde_json::from_str(r#"{ "key": 1, "channel": "volume" }"#).unwrap();
        parameter.former = vec!["level".into(), "loud".into()];
        own.manifest.parameters = vec![parameter];
        for (name, expected) in
            [("level", "volume"), ("loud", "volume"), ("volume", "volume"), ("other", "other")]
        {
            assert_eq!(own.name_of(name), expected);
        }
    }

    #[test]
    fn only_even_steps_that_are_not_too_fine_are_a_hosts() {
        let linear = |most, step| Scale::new(ScaleKind::Linear, 0.0, most).with_step(step);
        for (scale, expected) in [
            (Scale::new(ScaleKind::Integer, -2.0, 10.0), Some(12)),
            (Scale::new(ScaleKind::Items, 1.0, 3.0), Some(2)),
            (linear(1.0, 0.01), Some(100)),
            (linear(1.0, 0.0), None),
            (linear(1.0, 0.0001), None),
            (linear(1.0, 0.3), None),
            (linear(1.0, 0.1).with_skew(0.5), None),
            (Scale::new(ScaleKind::Items, 1.0, 1.0), None),
        ] {
            assert_eq!(steps(&scale), expected, "{scale:?}");
        }
    }
}
