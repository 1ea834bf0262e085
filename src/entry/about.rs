//! What hosts are told of a plugin before they have an instance of it, in either format.

use nice_plug::prelude::{ClapPlugin, Vst3Plugin};
use nice_plug::wrapper::vst3::PluginInfo;

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
