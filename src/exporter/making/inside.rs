//! The Csound that goes into an export: which one, and what the user is told of it.

use csound_library::{Found, Generation, VARIABLE, installed};
use csound_performance::engine::opcode_libraries::Table;
use csound_portable::{Contents, Elf, Glibc, is_portable};

use crate::exporter::request::{Installed, Request};

/// The Csound of a generation that goes into the export, if one does: where that is asked for, or where the export would
/// find none even here, because there is only the one that lies beside this plugin.
///
/// # Errors
/// It is asked for on a system for which that is not written.
pub(super) fn chosen(request: &Request, generation: Generation) -> Result<Option<Found>, String> {
    let found: Vec<Found> = installed().into_iter().filter(|found| found.generation == generation).collect();
    let is_only_beside_us = !found.is_empty() && found.iter().all(|found| is_portable(&found.path));
    if !request.with_csound && !is_only_beside_us {
        return Ok(None);
    }
    if !cfg!(target_os = "linux") {
        return Err("--with-csound is there on Linux only: install Csound where the plugin is to play".into());
    }
    let none =
        || format!("{generation}, by which the piece performs, is not found: it cannot go with the plugin");
    found.into_iter().next().map(Some).ok_or_else(none)
}

/// What the user has to know of it.
pub(super) fn notes(contents: &Contents) -> Vec<String> {
    let named = std::env::var_os(VARIABLE).is_some_and(|named| !named.is_empty());
    let is_tried = (named).then(|| {
        format!("{VARIABLE} is set, so the Csound inside was not tried: with it unset, the export performs by that one")
    });
    is_tried.into_iter().chain(std::iter::once(format!(
        "Csound goes with the plugin: if you pass it on, keep the licences and SOURCES.txt in {}, and do what they say",
        contents.folder.file_name().unwrap_or_default().display()
    ))).collect()
}

/// The opcode libraries that a piece has in the plugin, but not with the Csound inside; in words, or empty.
pub(super) fn left_behind(contents: &Contents, generation: Generation) -> String {
    let table = Table::of(generation);
    let left = contents.left.iter().filter(|(file, _)| table.allows(file, &[]));
    let left: Vec<_> = left.map(|(file, why)| format!("{file}, which {why}")).collect();
    if left.is_empty() {
        return String::new();
    }
    format!(" (of Csound's opcode libraries, these do not go with a plugin: {})", left.join("; "))
}

/// The least glibc that the whole export needs.
pub(super) fn least_glibc(installed: &Installed, contents: Option<&Contents>) -> Option<Glibc> {
    let own =
        [&installed.library, &installed.engine].map(|file| Elf::of(file).ok().and_then(|elf| elf.glibc));
    own.into_iter().flatten().chain(contents.and_then(|contents| contents.glibc)).max()
}
