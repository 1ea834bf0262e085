//! *Collect files*: what a piece names and reads from elsewhere is copied beside it, and named so in its text. What it
//! names is found as for an export. Nothing that is there is written over.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use csound_performance::engine::Abandoned;
use csound_performance::engine::piece::prepare;
use csound_performance::{Generation, Piece, Source};
use csound_portable::copy;

use super::files::{is_file, names_file, normal};
use super::strings::{Quoted, quoted};
use crate::gathering::{FileToCopy, Gathering, NO_FOLDER};
use crate::plugin::pieces::trust::Pinned;
use crate::plugin::pieces::trust::wants::is_writer;

/// The user's folders that Csound looks through for what a piece names.
const VARIABLES: [&str; 4] = ["SSDIR", "SFDIR", "SADIR", "INCDIR"];

/// The most files that are copied, and the most copies of one name.
const MOST: usize = 5000;
const MOST_OF_A_NAME: usize = 1000;

/// The longest name that is looked for, in bytes.
const LONGEST_NAME: usize = 1000;

/// Looks what a piece reads from elsewhere, and writes nothing.
///
/// # Errors
/// It lies in no folder, or reads too much, in a sentence.
pub fn gather(piece: &Piece) -> Result<Gathering, String> {
    let variables = VARIABLES.iter().filter_map(std::env::var_os);
    let elsewhere =
        variables.flat_map(|folders| std::env::split_paths(&folders).collect::<Vec<_>>()).collect();
    gather_from(piece, elsewhere)
}

fn gather_from(piece: &Piece, elsewhere: Vec<PathBuf>) -> Result<Gathering, String> {
    let folder = piece.folder.as_deref().map(normal).ok_or(NO_FOLDER)?;
    let mut gather =
        Gather { elsewhere, found: Gathering { folder, ..Gathering::default() }, taken: BTreeSet::new() };
    let texts: Vec<&str> = match &piece.source {
        Source::Csd(text) => vec![text],
        Source::OrcSco { orc, sco } => vec![orc, sco],
    };
    let texts = texts.into_iter().map(|text| gather.text(text, &piece.name)).collect();
    gather.found.texts = texts;
    gather.included(piece);
    gather.midi_files(piece);
    match gather.found.files.len() > MOST {
        true => Err(format!("the piece reads more than {MOST} files from elsewhere")),
        false => Ok(gather.found),
    }
}

/// What is found so far.
struct Gather {
    /// Folders of the user's besides the piece's.
    elsewhere: Vec<PathBuf>,
    found: Gathering,
    /// Names in the piece's folder that copies get.
    taken: BTreeSet<String>,
}

/// Where something stands that a text names.
struct At<'a> {
    of: &'a str,
    line: usize,
}

impl Gather {
    /// The text with the names that files have once they are collected.
    fn text(&mut self, text: &str, of: &str) -> String {
        let (mut new, mut done) = (String::with_capacity(text.len()), 0);
        for Quoted { line, text: name, before } in quoted(text) {
            if is_written(before) {
                continue;
            }
            let at = At { of, line };
            let Some(own) = self.own_name(name, &at) else { continue };
            self.found.renames.push(format!("{of}, line {line}: {name} becomes {own}"));
            // A string is a part of the text that it was found in.
            let begin = name.as_ptr() as usize - text.as_ptr() as usize;
            new.push_str(&text[done..begin]);
            new.push_str(&own);
            done = begin + name.len();
        }
        new.push_str(&text[done..]);
        new
    }

    /// What is read as code and what that names. Files that are included keep their text: others may read them, too.
    fn included(&mut self, piece: &Piece) {
        for included in Pinned::of(piece).included {
            let Some(bytes) = included.bytes else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for Quoted { line, text: name, before } in quoted(&text) {
                let at = At { of: &included.name, line };
                if is_written(before) {
                    continue;
                }
                if self.own_name(name, &at).is_some() {
                    self.note(
                        &at,
                        format!("{name} is found from elsewhere; name it by its name alone there"),
                    );
                }
            }
        }
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
    fn own_name(&mut self, name: &str, at: &At) -> Option<String> {
        let is_odd =
            name.is_empty() || name.len() > LONGEST_NAME || name.contains(['\0', '\\', '%', '$', '\n']);
        if is_odd {
            return None;
        }
        let Some(found) = self.find(name) else {
            if names_file(name) && !self.is_collected(name) {
                self.note(at, format!("{name} is not found"));
            }
            return None;
        };
        let own = match found.strip_prefix(&self.found.folder) {
            // It is there already: its whole path is not there on other machines.
            Ok(below) if Path::new(name).is_absolute() => below.to_str()?.to_owned(),
            Ok(_) => return None,
            Err(_) => self.copied(&found, at)?,
        };
        (own != name).then_some(own)
    }

    /// The file that a name leads to: beside the piece, or in the user's folders for such files.
    fn find(&self, name: &str) -> Option<PathBuf> {
        let beside = normal(&self.found.folder.join(name));
        if is_file(&beside) {
            return Some(beside);
        }
        if Path::new(name).is_absolute() || !names_file(name) {
            return None;
        }
        self.elsewhere.iter().map(|folder| normal(&folder.join(name))).find(|file| is_file(file))
    }

    fn is_collected(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// The name in the piece's folder that a file from elsewhere has, or gets.
    fn copied(&mut self, from: &Path, at: &At) -> Option<String> {
        if let Some(known) = self.found.files.iter().find(|file| file.from == from) {
            return Some(known.to.clone());
        }
        let (Some(stem), ending) =
            (from.file_stem()?.to_str(), from.extension().unwrap_or_default().to_str()?)
        else {
            self.note(at, format!("{} has a name that no text can hold: rename it", from.display()));
            return None;
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
                return Some(to);
            }
            if is_same(from, &place).unwrap_or(false) {
                // It was collected before.
                return Some(to);
            }
        }
        self.note(at, format!("{} is not collected: too many files have its name", from.display()));
        None
    }

    fn note(&mut self, at: &At, what: String) {
        let note = format!("{}, line {}: {what}", at.of, at.line);
        if !self.found.notes.contains(&note) {
            self.found.notes.push(note);
        }
    }
}

/// Whether a string is for an opcode that writes files.
fn is_written(before: &str) -> bool {
    let mut words = before.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words.any(is_writer)
}

/// Whether two files hold the same.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let [first, second] = [fs::metadata(one)?, fs::metadata(other)?];
    if !second.is_file() || first.len() != second.len() {
        return Ok(false);
    }
    let [mut one, mut other] = [BufReader::new(File::open(one)?), BufReader::new(File::open(other)?)];
    let (mut here, mut there) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut left = first.len();
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(here.len());
        one.read_exact(&mut here[..part])?;
        other.read_exact(&mut there[..part])?;
        if here[..part] != there[..part] {
            return Ok(false);
        }
        left -= part as u64;
    }
    Ok(true)
}

/// Copies the files. Nothing that is there is written over; where one cannot be copied, all is as it was.
///
/// # Errors
/// Why, in a sentence.
pub fn copy_files(gathering: &Gathering, given_up: &Abandoned) -> Result<(), String> {
    let mut made = Vec::new();
    for FileToCopy { from, to, .. } in &gathering.files {
        let place = gathering.folder.join(to);
        let copied = copy(from, &place, &|| given_up.is_abandoned());
        let is_there = copied.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists);
        if !is_there {
            made.push(place);
        }
        if let Err(error) = copied {
            for place in made {
                // What was copied in part, too; what is not there needs no deleting.
                let _ = fs::remove_file(place);
            }
            return Err(format!(
                "{} cannot be copied to {to}: {error}. Nothing was collected",
                from.display()
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
