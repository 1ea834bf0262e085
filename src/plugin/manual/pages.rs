//! The pages in a manual's folder: looked through for names, and one of them read. All of it is bounded, and nothing
//! outside of the folder is read, whatever links say.
//!
//! Csound 6's manual has a page a file, side by side; Csound 7's has those of opcodes in a folder `opcodes`, as files or
//! as folders with an `index.html`.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use csound_language::manual::{Entry, Page};
use csound_performance::Generation;
use csound_performance::engine::Abandoned;

use super::folders::Place;
use crate::bounded::read_head;
use crate::manual::{Found, Manual, NO_MANUAL, NO_NAME, stem};
use crate::plugin::pieces::files::packed::PACKED;

/// Bytes of a page that are read for the index, of one that is shown, and of all pages together.
const HEAD: u64 = 32 << 10;
const LONGEST: u64 = 1 << 20;
const MOST_BYTES: u64 = 96 << 20;

/// Files that are looked at, and the longest time that the look takes.
const MOST_FILES: usize = 6000;
const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// The folder of Csound 7's pages.
const OPCODES: &str = "opcodes";

/// The Csound that the manual in a folder is of.
pub fn generation_of(folder: &Path) -> Generation {
    if folder.join(OPCODES).is_dir() { Generation::Seven } else { Generation::Six }
}

/// If there are pages in a folder.
pub fn has_pages(folder: &Path) -> bool {
    files(folder, MOST_FILES).next().is_some()
}

/// Looks a name up. `known` is the index of a folder that was looked through before.
pub fn look_up(
    sought: &str,
    wanted: Generation,
    (place, notes): (Option<Place>, Vec<String>),
    known: Option<(PathBuf, Arc<[Entry]>)>,
    given_up: &Abandoned,
) -> Manual {
    let mut manual = Manual { notes, ..Manual::reading(sought, wanted) };
    let Some(place) = place else {
        manual.found = Found::Nothing(NO_MANUAL.to_owned());
        return manual;
    };
    let known = known.filter(|(folder, entries)| *folder == place.folder && !entries.is_empty());
    manual.entries = match known {
        Some((_, entries)) => entries,
        None => index(&place.folder, given_up, &mut manual.notes),
    };
    manual.found = found(&place.folder, sought, &manual.entries);
    manual.is_chosen = place.is_chosen;
    manual.read = Some((place.generation, place.folder));
    manual
}

fn found(folder: &Path, sought: &str, entries: &[Entry]) -> Found {
    if sought.is_empty() {
        return Found::Nothing(NO_NAME.to_owned());
    }
    let listed = entries.iter().find(|entry| entry.name == sought).map(|entry| entry.file.clone());
    let guessed = ["NAME.html", "opcodes/NAME.html", "opcodes/NAME/index.html"];
    let guessed = guessed.into_iter().map(|file| file.replace("NAME", sought));
    let Some(file) = listed.into_iter().chain(guessed).find_map(|file| inside(folder, folder, &file)) else {
        return Found::Nothing(format!("The manual has no page on {sought}"));
    };
    match read_head(&file, LONGEST) {
        Ok((bytes, is_all)) => {
            let mut page = Page::of(&String::from_utf8_lossy(&bytes));
            page.is_whole &= is_all;
            let beside = file.parent().unwrap_or(folder);
            let examples = page.examples.iter().filter_map(|link| example(folder, beside, link)).collect();
            Found::Page(Arc::new(page), examples)
        }
        Err(error) => Found::Nothing(format!("{} cannot be read: {error}", file.display())),
    }
}

/// The piece that a link leads to: where it is not there itself, as Debian packs what is long.
fn example(manual: &Path, from: &Path, link: &str) -> Option<PathBuf> {
    inside(manual, from, link).or_else(|| inside(manual, from, &format!("{link}{PACKED}")))
}

/// The ordinary file that a link leads to from a folder, if that lies within the manual's, free of links.
fn inside(manual: &Path, from: &Path, link: &str) -> Option<PathBuf> {
    let is_plain =
        |part: Component| matches!(part, Component::Normal(_) | Component::ParentDir | Component::CurDir);
    if link.contains('\0') || !Path::new(link).components().all(is_plain) {
        return None;
    }
    let file = from.join(link).canonicalize().ok()?;
    (file.starts_with(manual) && file.is_file()).then_some(file)
}

/// All pages that describe something by one name, by their names.
fn index(folder: &Path, given_up: &Abandoned, notes: &mut Vec<String>) -> Arc<[Entry]> {
    let began = Instant::now();
    let (mut entries, mut bytes) = (Vec::new(), 0);
    for file in files(folder, MOST_FILES) {
        if given_up.is_abandoned() {
            break;
        }
        if bytes > MOST_BYTES || began.elapsed() > LONGEST_LOOK {
            notes.push("the manual is very large: not all of its pages are in the search".to_owned());
            break;
        }
        let Some(path) = inside(folder, folder, &file) else { continue };
        let Ok((head, _)) = read_head(&path, HEAD) else { continue };
        bytes += head.len() as u64;
        entries.extend(entry(file, &Page::of(&String::from_utf8_lossy(&head))));
    }
    entries.sort_by(|one: &Entry, other| one.name.cmp(&other.name));
    entries.dedup_by(|one, other| one.name == other.name);
    entries.into()
}

/// The entry of a page. Csound 7's are named by their files, and the head of one may hold nothing but menus.
fn entry(file: String, page: &Page) -> Option<Entry> {
    let (name, about) = match file.starts_with(OPCODES) {
        true => (stem(&file)?, page.about.clone()),
        false => (page.name.as_str(), page.about.clone()),
    };
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    let is_told = file.starts_with(OPCODES) || !about.is_empty();
    (is_name && is_told).then(|| Entry { name: name.to_owned(), about: short(about), file: file.clone() })
}

/// The first characters of a description.
fn short(about: String) -> String {
    const MOST: usize = 200;
    match about.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &about[..end]),
        None => about,
    }
}

/// The pages in a folder, as links from it. No folder but those of manuals is entered.
fn files(folder: &Path, most: usize) -> impl Iterator<Item = String> {
    let named = |entry: fs::DirEntry| entry.file_name().into_string().ok();
    let in_folder =
        move |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().filter_map(named);
    let opcodes = folder.join(OPCODES);
    let within = opcodes.clone();
    let of_seven = in_folder(opcodes).filter_map(move |name| {
        let page = if name.ends_with(".html") { name } else { format!("{name}/index.html") };
        within.join(&page).is_file().then(|| format!("{OPCODES}/{page}"))
    });
    let is_six = generation_of(folder) == Generation::Six;
    let of_six = in_folder(folder.to_owned()).filter(move |name| is_six && name.ends_with(".html"));
    of_seven.take(most).chain(of_six.take(most))
}

#[cfg(test)]
#[path = "pages/tests.rs"]
mod tests;
