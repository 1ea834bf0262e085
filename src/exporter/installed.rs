//! The files of this installation, which an export is made of.

use std::path::{Path, PathBuf};

use super::request::Installed;

/// The plugin's library, as it is installed: the CLAP's, and those in a VST3 bundle.
const LIBRARIES: [&str; 3] = ["Csound Performer.clap", "Csound Performer.so", "Csound Performer.vst3"];

/// Folders of CLAPs on the whole system.
const FOLDERS: [&str; 2] = ["/usr/local/lib/clap", "/usr/lib/clap"];

/// The files of this installation: the library that this code is in, and the engine program beside it. The standalone is
/// no library, and finds one beside the engine program or where CLAPs are installed.
///
/// # Errors
/// What is missing.
pub fn installed() -> Result<Installed, String> {
    let again = "install Csound Performer again";
    let engine = csound_performance::engine::remote::program();
    let engine = engine
        .ok_or_else(|| format!("the program csound-performer-engine is not beside the plugin: {again}"))?;
    let library = library(&engine).ok_or_else(|| {
        format!("the plugin Csound Performer.clap, which an export is made of, is not found: {again}")
    })?;
    Ok(Installed { library, engine })
}

fn library(engine: &Path) -> Option<PathBuf> {
    let whole = |path: PathBuf| path.canonicalize().ok();
    let program = std::env::current_exe().ok().and_then(whole);
    let own = csound_library::own_file();
    if let Some(own) = own.clone().filter(|own| own.canonicalize().ok() != program) {
        return Some(own);
    }
    let home = dirs::home_dir().map(|home| home.join(".clap"));
    let beside =
        [Some(engine), own.as_deref()].into_iter().flatten().filter_map(Path::parent).map(Path::to_owned);
    let folders = beside.chain(home).chain(FOLDERS.map(PathBuf::from));
    let mut files = folders.flat_map(|folder| LIBRARIES.map(|name| folder.join(name)));
    files.find(|file| file.is_file())
}
