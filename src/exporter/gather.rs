//! *Collect files*: what a piece names and reads from elsewhere is copied beside it, and named so in its text. What it
//! names is found as for an export. Nothing that is there is written over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csound_performance::engine::Abandoned;
use csound_performance::engine::piece::prepare;
use csound_performance::{Generation, Piece, Source};
use csound_portable::copy;

use super::files::{is_file, normal};
use crate::gathering::{FileToCopy, Gathering, NO_FOLDER};
use crate::plugin::pieces::trust::Pinned;
use crate::plugin::pieces::trust::strings::{Quoted, names_file, quoted};

/// The user's folders that Csound looks through for what a piece names.
const VARIABLES: [&str; 4] = ["SSDIR", "SFDIR", "SADIR", "INCDIR"];

/// The most files that are copied, and the most copies of one name.
const MOST: usize = 5000;
const MOST_OF_A_NAME: usize = 1000;

/// The most sentences of a kind that are told: nobody reads more.
const MOST_TOLD: usize = 1000;

/// Why nothing comes of what was given up.
const GIVEN_UP: &str = "it was given up";

/// The longest name that is looked for, in bytes.
const LONGEST_NAME: usize = 1000;

/// Looks what a piece reads from elsewhere, and writes nothing.
///
/// # Errors
/// It lies in no folder, or reads too much, or it is given up, in a sentence.
pub fn gather(piece: &Piece, given_up: &Abandoned) -> Result<Gathering, String> {
    let variables = VARIABLES.iter().filter_map(std::env::var_os);
    let elsewhere =
        variables.flat_map(|folders| std::env::split_paths(&folders).collect::<Vec<_>>()).collect();
    gather_from(piece, elsewhere, given_up)
}

fn gather_from(piece: &Piece, elsewhere: Vec<PathBuf>, given_up: &Abandoned) -> Result<Gathering, String> {
    let folder = piece.folder.as_deref().map(normal).ok_or(NO_FOLDER)?;
    let mut gather = Gather {
        elsewhere,
        given_up,
        found: Gathering { folder, ..Gathering::default() },
        taken: BTreeSet::new(),
        collected: BTreeMap::new(),
        places: BTreeMap::new(),
        told: BTreeSet::new(),
    };
    let texts: Vec<&str> = match &piece.source {
        Source::Csd(text) => vec![text],
        Source::OrcSco { orc, sco } => vec![orc, sco],
    };
    let texts = texts.into_iter().map(|text| gather.text(text, &piece.name)).collect::<Result<_, _>>();
    gather.found.texts = texts?;
    gather.included(piece)?;
    gather.midi_files(piece);
    Ok(gather.found)
}

/// What is found so far.
struct Gather<'a> {
    /// Folders of the user's besides the piece's.
    elsewhere: Vec<PathBuf>,
    given_up: &'a Abandoned,
    found: Gathering,
    /// Names in the piece's folder that copies get.
    taken: BTreeSet<String>,
    /// The name in the piece's folder of each file from elsewhere; none where it is not collected. A file is compared
    /// with what is there once, however often it is named.
    collected: BTreeMap<PathBuf, Option<String>>,
    /// The files that names lead to.
    places: BTreeMap<String, Option<PathBuf>>,
    /// The notes, to tell each once.
    told: BTreeSet<String>,
}

/// Where something stands that a text names.
struct At<'a> {
    of: &'a str,
    line: usize,
}

impl Gather<'_> {
    /// The text with the names that files have once they are collected.
    fn text(&mut self, text: &str, of: &str) -> Result<String, String> {
        let (mut new, mut done) = (String::with_capacity(text.len()), 0);
        for Quoted { line, text: name, is_written } in quoted(text) {
            if is_written {
                continue;
            }
            let at = At { of, line };
            let Some(own) = self.own_name(name, &at)? else { continue };
            tell(&mut self.found.renames, || format!("{of}, line {line}: {name} becomes {own}"));
            // A string is a part of the text that it was found in.
            let begin = name.as_ptr() as usize - text.as_ptr() as usize;
            new.push_str(&text[done..begin]);
            new.push_str(&own);
            done = begin + name.len();
        }
        new.push_str(&text[done..]);
        Ok(new)
    }

    /// What is read as code and what that names. Files that are included keep their text: others may read them, too.
    fn included(&mut self, piece: &Piece) -> Result<(), String> {
        for included in Pinned::of(piece).included {
            let Some(bytes) = included.bytes else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for Quoted { line, text: name, is_written } in quoted(&text) {
                let at = At { of: &included.name, line };
                if !is_written && self.own_name(name, &at)?.is_some() {
                    self.note(
                        &at,
                        &format!("{name} is found from elsewhere; name it by its name alone there"),
                    );
                }
            }
        }
        Ok(())
    }

    /// The MIDI files of the options, which no string names.
    fn midi_files(&mut self, piece: &Piece) {
        let prepared =
            Generation::ALL.into_iter().filter_map(|generation| prepare(&piece.source, generation).ok());
        let names: BTreeSet<_> = prepared.filter_map(|prepared| prepared.midi_file).collect();
        for name in names {
            let path = normal(&self.found.folder.join(&name));
            let is_beside = path.starts_with(&self.found.folder) && is_file(&path);
            if !is_beside {
                let told = format!(
                    "the MIDI file {name} of the options is not beside the piece: put it there, and name it so"
                );
                self.found.notes.push(told);
            }
        }
    }

    /// The name by which the piece finds a file once it is collected, where that is another one than it has.
    fn own_name(&mut self, name: &str, at: &At) -> Result<Option<String>, String> {
        still(self.given_up)?;
        let is_odd =
            name.is_empty() || name.len() > LONGEST_NAME || name.contains(['\0', '\\', '%', '$', '\n']);
        if is_odd {
            return Ok(None);
        }
        let Some(found) = self.find(name) else {
            if names_file(name) && !self.is_collected(name) {
                self.note(at, &format!("{name} is not found"));
            }
            return Ok(None);
        };
        let own = match found.strip_prefix(&self.found.folder) {
            // It is there already: its whole path is not there on other machines.
            Ok(below) if Path::new(name).is_absolute() => below.to_str().map(str::to_owned),
            Ok(_) => None,
            Err(_) => self.copied(&found, at)?,
        };
        Ok(own.filter(|own| own != name))
    }

    /// The file that a name leads to: beside the piece, or in the user's folders for such files.
    fn find(&mut self, name: &str) -> Option<PathBuf> {
        if let Some(known) = self.places.get(name) {
            return known.clone();
        }
        let beside = normal(&self.found.folder.join(name));
        let place = match is_file(&beside) {
            true => Some(beside),
            false if Path::new(name).is_absolute() || !names_file(name) => None,
            false => {
                self.elsewhere.iter().map(|folder| normal(&folder.join(name))).find(|file| is_file(file))
            }
        };
        self.places.insert(name.to_owned(), place.clone());
        place
    }

    fn is_collected(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// The name in the piece's folder that a file from elsewhere has, or gets.
    fn copied(&mut self, from: &Path, at: &At) -> Result<Option<String>, String> {
        if let Some(known) = self.collected.get(from) {
            return Ok(known.clone());
        }
        let own = match self.free_name(from) {
            Ok(own) => Some(own),
            Err(Unnamed::GivenUp) => return Err(GIVEN_UP.to_owned()),
            Err(Unnamed::Because(why)) => {
                self.note(at, &format!("{} {why}", from.display()));
                None
            }
        };
        if self.found.files.len() > MOST {
            return Err(format!("the piece reads more than {MOST} files from elsewhere"));
        }
        self.collected.insert(from.to_owned(), own.clone());
        Ok(own)
    }

    /// Finds the name in the piece's folder of a file from elsewhere, and has it copied unless it is there.
    fn free_name(&mut self, from: &Path) -> Result<String, Unnamed> {
        let stem = from.file_stem().and_then(|stem| stem.to_str());
        let (Some(stem), Some(ending)) = (stem, from.extension().unwrap_or_default().to_str()) else {
            return Err(Unnamed::Because("has a name that no text can hold: rename it"));
        };
        let dot = if ending.is_empty() { "" } else { "." };
        for number in 1..=MOST_OF_A_NAME {
            let number = if number == 1 { String::new() } else { format!(" {number}") };
            let to = format!("{stem}{number}{dot}{ending}");
            let place = self.found.folder.join(&to);
            if self.taken.contains(&to) {
                continue;
            }
            if fs::symlink_metadata(&place).is_err() {
                let length = fs::metadata(from).map_or(0, |found| found.len());
                self.taken.insert(to.clone());
                self.found.files.push(FileToCopy { from: from.to_owned(), to: to.clone(), length });
                return Ok(to);
            }
            let is_there = is_same(from, &place, self.given_up).unwrap_or(false);
            still(self.given_up).map_err(|_| Unnamed::GivenUp)?;
            if is_there {
                // It was collected before.
                return Ok(to);
            }
        }
        Err(Unnamed::Because("is not collected: too many files have its name"))
    }

    fn note(&mut self, at: &At, what: &str) {
        let note = format!("{}, line {}: {what}", at.of, at.line);
        if self.found.notes.len() <= MOST_TOLD && self.told.insert(note.clone()) {
            tell(&mut self.found.notes, || note);
        }
    }
}

/// Why a file has no name in the piece's folder.
enum Unnamed {
    GivenUp,
    Because(&'static str),
}

fn still(given_up: &Abandoned) -> Result<(), String> {
    if given_up.is_abandoned() { Err(GIVEN_UP.to_owned()) } else { Ok(()) }
}

/// Adds a sentence, or in place of the first that is too many that there are more.
fn tell(told: &mut Vec<String>, sentence: impl FnOnce() -> String) {
    match told.len() {
        0..MOST_TOLD => told.push(sentence()),
        MOST_TOLD => told.push("and so on: there are more than are shown here".to_owned()),
        _ => {}
    }
}

/// Whether two files hold the same; they do not where it is given up.
fn is_same(one: &Path, other: &Path, given_up: &Abandoned) -> io::Result<bool> {
    let [first, second] = [fs::metadata(one)?, fs::metadata(other)?];
    if !second.is_file() || first.len() != second.len() {
        return Ok(false);
    }
    let [mut one, mut other] = [File::open(one)?, File::open(other)?];
    let (mut here, mut there) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut left = first.len();
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(here.len());
        one.read_exact(&mut here[..part])?;
        other.read_exact(&mut there[..part])?;
        if here[..part] != there[..part] || given_up.is_abandoned() {
            return Ok(false);
        }
        left -= part as u64;
    }
    Ok(true)
}

/// Copies the files. Nothing that is there is written over; where one cannot be copied, or it is given up until the last
/// is, all is as it was.
///
/// # Errors
/// Why, in a sentence.
pub fn copy_files(gathering: &Gathering, given_up: &Abandoned) -> Result<(), String> {
    let mut made = Vec::new();
    let copied = copy_each(gathering, given_up, &mut made).and_then(|()| still(given_up));
    copied.map_err(|why| {
        for place in made {
            // What is not there any more needs no deleting.
            let _ = fs::remove_file(place);
        }
        format!("{why}. Nothing was collected")
    })
}

/// Copies the files, and adds the place of each that is whole.
fn copy_each(gathering: &Gathering, given_up: &Abandoned, made: &mut Vec<PathBuf>) -> Result<(), String> {
    for FileToCopy { from, to, .. } in &gathering.files {
        let place = gathering.folder.join(to);
        copy(from, &place, &|| given_up.is_abandoned())
            .map_err(|error| format!("{} cannot be copied to {to}: {error}", from.display()))?;
        made.push(place);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
