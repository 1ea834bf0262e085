//! `csound-performer-engine export …`: hands the words to the plugin, whose library the exporter is part of. It is
//! there wherever this program is, since an export is made of copies of both.

use std::ffi::{CString, OsString, c_char, c_int};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The word that asks for it.
pub const WORD: &str = "export";

/// The library's function: takes the words behind `export`, says all that is to be said, gives the exit code.
type Export = unsafe extern "C" fn(usize, *const *const c_char) -> c_int;
const FUNCTION: &[u8] = b"csound_performer_export\0";

/// The plugin's files, as they are installed: the CLAP's, and those in a VST3 bundle.
const PLUGINS: [&str; 3] = ["Csound Performer.clap", "Csound Performer.so", "Csound Performer.vst3"];

/// Folders of CLAPs, if the plugin is not beside this program; the first is the user's.
const FOLDERS: [&str; 3] = [".clap", "/usr/local/lib/clap", "/usr/lib/clap"];

/// Exports what the words say.
pub fn run(words: impl Iterator<Item = OsString>) -> ExitCode {
    let told = || {
        let words: Vec<CString> = words.map(c_string).collect::<Result<_, _>>()?;
        let plugin = plugin().ok_or(
            "the plugin Csound Performer.clap is not beside this program: start the one that was installed with it",
        )?;
        hand_over(&plugin, &words)
    };
    match told() {
        Ok(code) => code,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn c_string(word: OsString) -> Result<CString, String> {
    CString::new(word.into_encoded_bytes()).map_err(|_| "a word has a byte of 0 in it".into())
}

fn plugin() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?.parent()?.to_owned();
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let others = FOLDERS.iter().map(Path::new).filter_map(|folder| match folder.is_absolute() {
        true => Some(folder.to_owned()),
        false => home.as_ref().map(|home| home.join(folder)),
    });
    let folders = std::iter::once(own).chain(others);
    let mut files = folders.flat_map(|folder| PLUGINS.map(|name| folder.join(name)));
    files.find(|file| file.is_file())
}

fn hand_over(plugin: &Path, words: &[CString]) -> Result<ExitCode, String> {
    let cannot = |error: libloading::Error| {
        let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        format!("{} cannot export ({why}): install Csound Performer again", plugin.display())
    };
    // SAFETY: it is our own library, by its name and place; what it runs when it is loaded is ours.
    let library = unsafe { libloading::Library::new(plugin) }.map_err(cannot)?;
    // SAFETY: the type is that of the library's function of this name.
    let export = unsafe { library.get::<Export>(FUNCTION) }.map_err(cannot)?;
    let words: Vec<*const c_char> = words.iter().map(|word| word.as_ptr()).collect();
    // SAFETY: so many strings, which live until it comes back.
    let code = unsafe { export(words.len(), words.as_ptr()) };
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
