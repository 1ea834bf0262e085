//! What hosts are told of a plugin before they have an instance of it, in either format.

use csound_export::{Kind, Manifest};
use nice_plug::prelude::{ClapPlugin, Vst3Plugin};
use nice_plug::wrapper::vst3::PluginInfo;

use crate::plugin::Instrument;

/// What is told of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct About {
    pub name: String,
    pub vendor: String,
    pub version: String,
    pub url: String,
    /// A line on what it is; may be empty.
    pub description: String,
    /// How CLAP tells it from all others.
    pub clap_id: String,
    /// CLAP's words for what it is.
    pub clap_features: Vec<String>,
    /// How VST3 tells it from all others, as the system has such ids.
    pub class_id: [u8; 16],
    /// VST3's words for what it is, with `|` between them.
    pub subcategories: String,
}

impl About {
    /// What a plugin of ours says of itself.
    pub fn of<P: ClapPlugin + Vst3Plugin>() -> Self {
        Self {
            name: P::NAME.to_owned(),
            vendor: P::VENDOR.to_owned(),
            version: P::VERSION.to_owned(),
            url: P::URL.to_owned(),
            description: P::CLAP_DESCRIPTION.unwrap_or_default().to_owned(),
            clap_id: P::CLAP_ID.to_owned(),
            clap_features: P::CLAP_FEATURES.iter().map(|feature| feature.as_str().to_owned()).collect(),
            class_id: P::PLATFORM_VST3_CLASS_ID,
            subcategories: PluginInfo::for_plugin::<P>().subcategories,
        }
    }
}

/// The class id of the instrument with several outputs.
const MULTI_OUT_CLASS: [u8; 16] = *b"CsndPerformerMlt";

impl About {
    /// The instrument as VST3 hosts have it with several outputs, of which they fix the number when they load it.
    pub fn multi_out() -> Self {
        let instrument = Self::of::<Instrument>();
        Self {
            name: format!("{} Multi-out", instrument.name),
            class_id: as_the_system_has_it(MULTI_OUT_CLASS),
            ..instrument
        }
    }
}

/// The words of features that VST3 has as well.
const SUBCATEGORIES: [(&str, &str); 22] = [
    ("synthesizer", "Synth"),
    ("sampler", "Sampler"),
    ("drum", "Drum"),
    ("drum-machine", "Drum"),
    ("analyzer", "Analyzer"),
    ("chorus", "Modulation"),
    ("flanger", "Modulation"),
    ("phaser", "Modulation"),
    ("compressor", "Dynamics"),
    ("gate", "Dynamics"),
    ("limiter", "Dynamics"),
    ("delay", "Delay"),
    ("distortion", "Distortion"),
    ("equalizer", "EQ"),
    ("filter", "Filter"),
    ("mastering", "Mastering"),
    ("pitch-shifter", "Pitch Shift"),
    ("restoration", "Restoration"),
    ("reverb", "Reverb"),
    ("mono", "Mono"),
    ("stereo", "Stereo"),
    ("surround", "Surround"),
];

impl About {
    /// What an exported piece says of itself.
    pub fn exported(manifest: &Manifest) -> Self {
        let (feature, subcategory) = match manifest.kind {
            Kind::Instrument => ("instrument", "Instrument"),
            Kind::Effect => ("audio-effect", "Fx"),
        };
        let features = std::iter::once(feature.to_owned()).chain(manifest.features.iter().cloned());
        let mut subcategories = vec![subcategory];
        for feature in &manifest.features {
            let known = SUBCATEGORIES.iter().find(|(known, _)| known == feature);
            if let Some((_, subcategory)) = known.filter(|(_, known)| !subcategories.contains(known)) {
                subcategories.push(subcategory);
            }
        }
        Self {
            name: manifest.name.clone(),
            vendor: manifest.vendor.clone(),
            version: manifest.version.clone(),
            url: manifest.url.clone(),
            description: manifest.description.clone(),
            clap_id: manifest.id.clone(),
            clap_features: features.collect(),
            class_id: as_the_system_has_it(manifest.class_id()),
            subcategories: subcategories.join("|"),
        }
    }
}

/// A class id in the system's order of bytes: Windows has the first three of its numbers the other way round.
fn as_the_system_has_it(id: [u8; 16]) -> [u8; 16] {
    let mut swapped = id;
    if cfg!(windows) {
        swapped[0..4].reverse();
        swapped[4..6].reverse();
        swapped[6..8].reverse();
    }
    swapped
}

#[cfg(test)]
mod tests {
    use nice_plug::prelude::Vst3Plugin;

    use super::*;

    #[test]
    fn class_ids_are_in_the_shells_order() {
        let ours = as_the_system_has_it(Instrument::VST3_CLASS_ID);
        assert_eq!(ours, Instrument::PLATFORM_VST3_CLASS_ID);
    }

    #[test]
    fn an_exported_piece_says_what_its_manifest_says() {
        let manifest = Manifest::read(
            br#"{ "csound_performer_export": 1, "name": "Echoes", "vendor": "Anna", "id": "org.example.echoes",
                "kind": "effect", "features": ["reverb", "delay", "reverb", "granular"], "piece": "echo.csd" }"#,
        );
        let about = About::exported(&manifest.unwrap());
        assert_eq!(about.subcategories, "Fx|Reverb|Delay");
        assert_eq!(about.clap_features, ["audio-effect", "reverb", "delay", "reverb", "granular"]);
        assert_eq!((about.clap_id.as_str(), about.vendor.as_str()), ("org.example.echoes", "Anna"));
    }
}
