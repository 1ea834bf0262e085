//! `cabbageGetFiles`, `cabbageCreateFileName`, `cabbageJoinPath`.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use csound_library::{Call, Level};

use crate::engine::cabbage::context::{self, said};
use crate::engine::cabbage::files::{found_in, from_home};

/// Names that are tried.
const MOST: u32 = 100_000;

/// The files of a folder with an ending, by name, when a note begins.
pub(super) fn list(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let folder = from_home(work, call.text(0).to_bytes());
        let ending = said(call.text(1)).trim();
        let wanted = if ending.starts_with('.') { format!("*{ending}") } else { ending.to_owned() };
        let found = found_in(&folder, true, false, &wanted);
        if let Err(error) = &found {
            let told = format!("cabbageGetFiles: {} cannot be looked into: {error}", folder.display());
            call.tell(Level::Warning, &told);
        }
        let found = found.unwrap_or_default();
        call.set_text_length(0, found.len());
        for (index, file) in found.iter().enumerate() {
            call.set_text_in(0, index, file.as_os_str().as_bytes());
        }
    });
}

/// A name that no file of a folder has yet, with an ending, when a note begins.
pub(super) fn new_name(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let folder = from_home(work, call.text(0).to_bytes());
        let ending = said(call.text(1)).trim_start_matches('.').to_owned();
        let name = |number: u32| folder.join(format!("{number:03}.{ending}"));
        let free = (1..=MOST).map(name).find(|file| !file.exists());
        call.set_text(0, free.unwrap_or_default().as_os_str().as_bytes());
    });
}

/// Parts of a path, joined.
pub(super) fn join(call: &mut Call<'_>) {
    let parts = (0..call.count()).map(|at| said(call.text(at)));
    let joined = parts.fold(PathBuf::new(), |path, part| match path.as_os_str().is_empty() {
        true => path.join(part),
        // What looks like a root is a part all the same.
        false => path.join(Path::new(part.trim_start_matches('/'))),
    });
    call.set_text(0, joined.as_os_str().as_bytes());
}
