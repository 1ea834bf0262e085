//! Where a library finds its manifest.

use std::path::{Path, PathBuf};

/// The manifest's file name.
pub const MANIFEST: &str = "plugin.json";

/// The name of the plugin that takes any piece. A library of that name is never an export, whatever lies beside it.
pub const OWN_NAME: &str = "Csound Performer";

/// The files that may be the manifest of the library at this path, the first that is there first. None where the
/// library is the plugin that takes any piece.
///
/// In a bundle's `Contents/<system>/` the manifest is in `Contents/Resources/`; a bundle that is a CLAP (macOS) may
/// also have it beside the bundle. Everything else has it beside the library.
pub fn manifest_places(library: &Path) -> Vec<PathBuf> {
    let is_own = library.file_stem().is_some_and(|name| name == OWN_NAME);
    let Some(folder) = library.parent().filter(|_| !is_own) else { return Vec::new() };
    let contents = folder.parent().filter(|contents| contents.ends_with("Contents"));
    let Some(contents) = contents else { return vec![folder.join(MANIFEST)] };
    let mut places = vec![contents.join("Resources").join(MANIFEST)];
    let bundle = contents.parent().filter(|bundle| bundle.extension().is_some_and(|ending| ending == "clap"));
    places.extend(bundle.and_then(Path::parent).map(|folder| folder.join(MANIFEST)));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lies_beside_a_clap_and_in_the_resources_of_a_bundle() {
        let places = |library: &str| {
            let places = manifest_places(Path::new(library));
            places.iter().map(|place| place.to_string_lossy().replace('\\', "/")).collect::<Vec<_>>()
        };
        assert_eq!(places("/c/Bells/Bells.clap"), ["/c/Bells/plugin.json"]);
        let of_vst3 = ["/v/Bells.vst3/Contents/Resources/plugin.json"];
        assert_eq!(places("/v/Bells.vst3/Contents/x86_64-linux/Bells.so"), of_vst3);
        assert_eq!(places("/v/Bells.vst3/Contents/x86_64-win/Bells.vst3"), of_vst3);
        let of_mac = ["/c/Bells/Bells.clap/Contents/Resources/plugin.json", "/c/Bells/plugin.json"];
        assert_eq!(places("/c/Bells/Bells.clap/Contents/MacOS/Bells"), of_mac);
        assert_eq!(places("/c/Csound Performer.clap"), [""; 0]);
        assert_eq!(places("/v/Csound Performer.vst3/Contents/x86_64-linux/Csound Performer.so"), [""; 0]);
    }
}
