//! Places in an export that no file of a piece may have: what lies there is loaded as code, by this plugin or by the host,
//! unconfined, or is one of the export's own files.

use std::path::Path;

use csound_export::{MANIFEST, OWN_NAME};
use csound_library::names_beside;

use super::stage::ENGINE;

/// What VST3 hosts read beside the manifest, in place of asking the plugin.
const MODULE_INFO: &str = "moduleinfo.json";

/// The endings of what hosts load, in whatever folder below their own it lies.
const PLUGINS: [&str; 2] = [".clap", ".vst3"];

/// The endings of our libraries, which are called like the export, or like what it was made of: the exporter, which is in
/// an export's engine program as well, looks for that beside itself.
const LIBRARIES: [&str; 4] = [".clap", ".vst3", ".so", ".dll"];

/// Refuses a place, where the export's files are called `file`.
///
/// # Errors
/// It is taken: why, and what to do, in a sentence.
pub(super) fn refuse(place: &Path, file: &str) -> Result<(), String> {
    // A name with a backslash becomes two where Windows unpacks it.
    let text = place.to_string_lossy().replace('\\', "/");
    let parts: Vec<String> =
        text.split('/').filter(|part| !part.is_empty() && *part != ".").map(alike).collect();
    let first = parts.first().map(String::as_str).unwrap_or_default();
    let is_first = |name: &str| alike(name) == first;
    let here = place.display();
    if names_beside().iter().any(|name| is_first(name)) {
        return Err(format!(
            "nothing was exported: {here} would lie where the plugin looks for a Csound to load. Rename it, in the piece as \
             well, or leave it out; a Csound goes with the plugin by --with-csound"
        ));
    }
    if own_names(file).iter().any(|name| is_first(name)) {
        return Err(format!(
            "nothing was exported: the piece has a file {here}, and one of the plugin's own is called so: rename it, in the \
             piece as well"
        ));
    }
    let is_plugin = |part: &String| PLUGINS.iter().any(|ending| part.ends_with(ending));
    if parts.iter().any(is_plugin) {
        return Err(format!(
            "nothing was exported: hosts would take {here} for a plugin and load it: rename it, in the piece as well, or leave \
             it out"
        ));
    }
    Ok(())
}

/// What the files of an export are called.
fn own_names(file: &str) -> Vec<String> {
    let libraries = [file, OWN_NAME].into_iter();
    let libraries = libraries.flat_map(|name| LIBRARIES.iter().map(move |ending| format!("{name}{ending}")));
    let others = [MANIFEST, MODULE_INFO, ENGINE].map(str::to_owned);
    libraries.chain(others).chain([format!("{ENGINE}.exe")]).collect()
}

/// A name as the least exact system takes it: whatever the case, and without dots and blanks at the end.
fn alike(name: &str) -> String {
    // Upwards first: a long s has no other way down.
    name.to_uppercase().to_lowercase().trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_code_is_looked_for_nothing_of_a_piece_may_lie() {
        let mut places: Vec<String> = names_beside();
        assert!(places.len() >= 8, "{places:?}");
        for folder in ["csound6", "csound7"] {
            for file in ["libcsound64.so.6.0", "libraries.txt", "csound/plugins64-6.0/libx.so", "a.wav"] {
                places.push(format!("{folder}/{file}"));
            }
        }
        places.push("CsoundLib64.framework/Versions/6.0/CsoundLib64".to_owned());
        places.extend(
            ["csound6\\libcsound64.so", "csound6.", "csound64.dll ", "c\u{17f}ound6/a"].map(str::to_owned),
        );
        for place in &places {
            for place in [place.clone(), place.to_uppercase(), place.to_lowercase()] {
                let why = refuse(Path::new(&place), "Bells").unwrap_err();
                assert!(
                    why.contains(&place) && why.contains("looks for a Csound") && why.contains("Rename"),
                    "{why}"
                );
            }
        }
    }

    #[test]
    fn what_the_export_itself_is_called_and_what_hosts_load_is_refused() {
        let own = [
            "plugin.json",
            "moduleinfo.json",
            "csound-performer-engine",
            "csound-performer-engine.exe",
            "Bells.clap",
            "Bells.vst3",
            "Csound Performer.so",
        ];
        for name in own {
            for place in [name.to_owned(), name.to_uppercase(), format!("{name}/a.wav")] {
                let why = refuse(Path::new(&place), "Bells").unwrap_err();
                assert!(why.contains("plugin's own") && why.contains("rename"), "{place}: {why}");
            }
        }
        for place in ["other.clap", "deep/other.CLAP", "x.vst3/Contents/x86_64-linux/x.so", "a/x.clap/b.wav"]
        {
            let why = refuse(Path::new(place), "Bells").unwrap_err();
            assert!(why.contains(place) && why.contains("hosts would take"), "{why}");
        }
    }

    #[test]
    fn all_else_may_go() {
        let places = [
            "a.csd",
            "s/csound6/a.wav",
            "csound6.wav",
            "csound",
            "s/plugin.json",
            "libcsound64.so.txt",
            "clap",
            "clap.wav",
            "s/libcsound64.so",
            "Bells.csd",
            "Bells.presets/a.csdpreset",
            "libraries.txt",
            "engine.wav",
        ];
        for place in places {
            assert_eq!(refuse(Path::new(place), "Bells"), Ok(()), "{place}");
        }
    }
}
