//! The presets that a library tells a host's browser of, and loading one.

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clack_extensions::preset_discovery::prelude::{
    FileType, Flags, IndexerImpl, Location, LocationInfo, MetadataReceiverImpl, PluginPresetLoad,
    PresetDiscoveryFactory, Provider, Soundpack, Timestamp, UniversalPluginId,
};
use clack_host::prelude::{HostError, HostInfo};

use super::callbacks::Answer;
use super::{Host, Instance};

/// A place of presets, as a library declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// A file or a folder; none is the plugin itself.
    pub path: Option<PathBuf>,
    /// Whether it came with the plugin.
    pub is_factory: bool,
}

/// A preset, as a library tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPreset {
    /// Its name.
    pub name: String,
    /// By what it is asked for, where its place has several.
    pub key: Option<String>,
    /// The plugins that it is for.
    pub plugins: Vec<String>,
    /// A line on it.
    pub about: String,
    /// Its features.
    pub features: Vec<String>,
    /// Whether it came with the plugin.
    pub is_factory: bool,
}

/// A library's provider of presets.
pub struct Presets {
    provider: Provider<Declared>,
}

/// What the provider has declared.
#[derive(Default)]
struct Declared {
    endings: Vec<String>,
    places: Vec<Place>,
}

fn text(text: &CStr) -> String {
    text.to_string_lossy().into_owned()
}

impl IndexerImpl for Declared {
    fn declare_filetype(&mut self, kind: FileType) -> Result<(), HostError> {
        self.endings.extend(kind.file_extension.map(text));
        Ok(())
    }

    fn declare_location(&mut self, place: LocationInfo) -> Result<(), HostError> {
        self.places.push(Place {
            name: text(place.name),
            path: place.location.file_path().map(|path| PathBuf::from(text(path))),
            is_factory: place.flags.contains(Flags::IS_FACTORY_CONTENT),
        });
        Ok(())
    }

    fn declare_soundpack(&mut self, _: Soundpack) -> Result<(), HostError> {
        Ok(())
    }
}

/// What is told of one place.
#[derive(Default)]
struct Told {
    found: Vec<FoundPreset>,
    error: Option<String>,
}

impl Told {
    fn last(&mut self, change: impl FnOnce(&mut FoundPreset)) {
        if let Some(last) = self.found.last_mut() {
            change(last);
        }
    }
}

impl MetadataReceiverImpl for Told {
    fn on_error(&mut self, _: i32, message: Option<&CStr>) {
        self.error = Some(message.map(text).unwrap_or_default());
    }

    fn begin_preset(&mut self, name: Option<&CStr>, key: Option<&CStr>) -> Result<(), HostError> {
        let (name, key) = (name.map(text).unwrap_or_default(), key.map(text));
        self.found.push(FoundPreset { name, key, ..FoundPreset::default() });
        Ok(())
    }

    fn add_plugin_id(&mut self, id: UniversalPluginId) {
        let id = format!("{}:{}", text(id.abi), text(id.id));
        self.last(|preset| preset.plugins.push(id));
    }

    fn set_soundpack_id(&mut self, _: &CStr) {}

    fn set_flags(&mut self, flags: Flags) {
        self.last(|preset| preset.is_factory = flags.contains(Flags::IS_FACTORY_CONTENT));
    }

    fn add_creator(&mut self, _: &CStr) {}

    fn set_description(&mut self, description: &CStr) {
        self.last(|preset| preset.about = text(description));
    }

    fn set_timestamps(&mut self, _: Option<Timestamp>, _: Option<Timestamp>) {}

    fn add_feature(&mut self, feature: &CStr) {
        self.last(|preset| preset.features.push(text(feature)));
    }

    fn add_extra_info(&mut self, _: &CStr, _: &CStr) {}
}

impl Host {
    /// The library's presets, as a browser comes to know them before there is an instance.
    ///
    /// # Errors
    /// The library has no provider of presets, or that fails.
    pub fn presets(&self) -> Result<Presets> {
        let factory: PresetDiscoveryFactory =
            self.entry().get_factory().context("the library has no preset discovery")?;
        let described = factory.provider_descriptors().next().context("there is no provider")?;
        let id = described.id().context("the provider has no id")?;
        let info = HostInfo::new("test-host", "Csound Performer", "", env!("CARGO_PKG_VERSION"))?;
        let provider = Provider::instantiate(Declared::default(), self.entry(), id, &info)
            .map_err(|error| anyhow!("{error}"))?;
        Ok(Presets { provider })
    }
}

impl Presets {
    /// The endings of its files.
    pub fn endings(&self) -> &[String] {
        &self.provider.indexer().endings
    }

    /// Where they lie.
    pub fn places(&self) -> &[Place] {
        &self.provider.indexer().places
    }

    /// The presets of a file, or without one of the plugin itself.
    ///
    /// # Errors
    /// The plugin's own words.
    pub fn at(&mut self, path: Option<&Path>) -> Result<Vec<FoundPreset>> {
        let mut told = Told::default();
        let path = path.map(c_path).transpose()?;
        self.provider.get_metadata(location(path.as_deref()), &mut told);
        match told.error {
            Some(error) => Err(anyhow!("{error}")),
            None => Ok(told.found),
        }
    }
}

impl Instance {
    /// Loads a preset from a file, or of the plugin itself; the plugin's answers.
    ///
    /// # Errors
    /// The plugin cannot load presets.
    pub fn load_preset(&mut self, path: Option<&Path>, key: Option<&str>) -> Result<Vec<Answer>> {
        let extension = self.extension::<PluginPresetLoad>("preset-load")?;
        let path = path.map(c_path).transpose()?;
        let key = key.map(CString::new).transpose()?;
        let handle = self.plugin.plugin_handle();
        let loaded = extension.load_from_location(&handle, location(path.as_deref()), key.as_deref());
        let answers = self.requests.take_answers();
        let says_so = answers.contains(&Answer::Loaded);
        anyhow::ensure!(loaded.is_ok() == says_so, "it says two things: {loaded:?} and {answers:?}");
        Ok(answers)
    }
}

fn c_path(path: &Path) -> Result<CString> {
    Ok(CString::new(path.to_str().context("the path is no text")?)?)
}

fn location(path: Option<&CStr>) -> Location<'_> {
    path.map_or(Location::Plugin, |path| Location::File { path })
}
