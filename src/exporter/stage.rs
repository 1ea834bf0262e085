//! The folders of an export: put together beside their place, and moved there at the end, so that nobody sees half of
//! one, and what was there stays if anything fails.

pub(super) mod turn;

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use csound_export::{MANIFEST, Manifest};
use csound_library::{Found, library_name, scratch};
use csound_performance::engine::Abandoned;
use csound_portable::{Contents, Packages, copy, put};
use tempfile::TempDir;

use super::files::Collected;
use super::request::Installed;
use crate::plugin::pieces::files::read_bounded;

/// The engine program's name.
pub(super) const ENGINE: &str = "csound-performer-engine";

/// What an export is called while it is put together, beside its place.
const UNFINISHED: &str = ".csound-performer-export-";

/// Where a stage keeps what it takes the place of.
const ASIDE: &str = "old";

/// Where the folders are to be.
#[derive(Clone, Debug)]
pub(super) struct Place {
    out: PathBuf,
    clap: PathBuf,
    vst3: PathBuf,
    /// The manifests of the exports that are there already and may be replaced: the CLAP's, and the VST3's.
    olds: [Option<Manifest>; 2],
}

impl Place {
    /// The place of a plugin's folders. What is there already may be replaced if the user wants that, and it is an
    /// export of the same id.
    pub fn of(out: &Path, file: &str, id: &str, force: bool) -> Result<Self, String> {
        let out =
            std::path::absolute(out).map_err(|error| format!("{} is no folder: {error}", out.display()))?;
        if out.exists() && !out.is_dir() {
            return Err(format!("{} is no folder: name one for the exported folders", out.display()));
        }
        let (clap, vst3) = (out.join(file), out.join(format!("{file}.vst3")));
        differs_by_more_than_case(&out, file)?;
        let [of_clap, of_vst3] = manifests(&clap, &vst3);
        let olds = [old(&clap, &of_clap, id, force)?, old(&vst3, &of_vst3, id, force)?];
        Ok(Self { out, clap, vst3, olds })
    }

    /// The manifest of what is there already.
    pub fn old(&self) -> Option<&Manifest> {
        self.olds.iter().flatten().next()
    }

    /// The CLAP's folder of what would be replaced.
    pub fn replaces(&self) -> Option<&Path> {
        self.old().map(|_| self.clap.as_path())
    }

    /// Another export may have come there since this was looked at: nobody was asked whether that may be replaced, and
    /// the ids of its parameters are not known.
    fn is_as_it_was(&self) -> io::Result<()> {
        let now = manifests(&self.clap, &self.vst3).map(|manifest| read_manifest(&manifest).ok());
        let places = [&self.clap, &self.vst3];
        match places.into_iter().zip(now.iter().zip(&self.olds)).find(|(_, (now, then))| now != then) {
            None => Ok(()),
            Some((place, _)) => Err(io::Error::other(format!(
                "{} has changed meanwhile, by another export: export again",
                place.display()
            ))),
        }
    }

    /// Refuses a piece that lies in what is to be replaced: it would go with all that lies beside it.
    pub fn holds_nothing_of(&self, piece: &Path) -> Result<(), String> {
        let piece = piece.canonicalize().map_err(|error| format!("{}: {error}", piece.display()))?;
        for folder in [&self.clap, &self.vst3] {
            if folder.canonicalize().is_ok_and(|folder| piece.starts_with(folder)) {
                return Err(format!(
                    "the piece lies in {}, which the export would replace: move the piece out of it first",
                    folder.display()
                ));
            }
        }
        Ok(())
    }
}

/// Refuses a name that only its letters' case tells from one that is there: other systems take them for one, and the one
/// would take the other's place where both are copied to.
fn differs_by_more_than_case(out: &Path, file: &str) -> Result<(), String> {
    let mine = [file.to_owned(), format!("{file}.vst3")];
    // What cannot be read says so when it is written to.
    for entry in fs::read_dir(out).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if mine.iter().any(|mine| *mine != name && mine.to_lowercase() == name.to_lowercase()) {
            return Err(format!(
                "{} is there already, and macOS and Windows take its name and {file} for one: choose another name or \
                 folder",
                entry.path().display()
            ));
        }
    }
    Ok(())
}

/// What cannot be looked into holds something.
fn holds_something(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Where the two formats of an export have their manifests.
fn manifests(clap: &Path, vst3: &Path) -> [PathBuf; 2] {
    [clap.join(MANIFEST), vst3.join("Contents/Resources").join(MANIFEST)]
}

fn read_manifest(manifest: &Path) -> Result<Manifest, String> {
    let bytes = read_bounded(manifest, csound_export::LONGEST).map_err(|error| error.to_string())?;
    Manifest::read(&bytes).map_err(|error| error.to_string())
}

/// The manifest of what lies at a place, if it may be replaced.
fn old(place: &Path, manifest: &Path, id: &str, force: bool) -> Result<Option<Manifest>, String> {
    let place_is = place.display();
    match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{place_is} cannot be used: {error}")),
        Ok(found) if !found.is_dir() => {
            return Err(format!(
                "{place_is} is there already and no exported folder: choose another name or folder"
            ));
        }
        Ok(_) => {}
    }
    match read_manifest(manifest) {
        Err(why) => Err(format!(
            "{place_is} is there already, and no export that can be replaced ({why}): choose another name or folder"
        )),
        Ok(found) if found.id != id => Err(format!(
            "{place_is} is there already, the export of another plugin ({}, and this one is {id}): choose another name \
             or folder, or give it that id by --id",
            found.id
        )),
        Ok(_) if !force => Err(format!("{place_is} is there already: give --force to replace it")),
        Ok(found) => Ok(Some(found)),
    }
}

/// An export that is put together. It goes with this, unless it was published. Where the program is killed before, the
/// next export to the same folder takes it away.
pub(super) struct Stage {
    folder: TempDir,
    file: String,
    /// What killed exports have left that is nowhere else.
    left: Vec<PathBuf>,
    /// Says that somebody is at it. Where the disk knows no locks, nothing is ever swept there.
    _held: Option<fs::File>,
    /// The folders that were made for it, the innermost first.
    _made: Made,
}

/// Folders that go again if nothing comes into them.
struct Made(Vec<PathBuf>);

impl Made {
    /// Makes a folder and those that it lies in.
    fn of(folder: &Path) -> io::Result<Self> {
        let is_new = |folder: &&Path| !folder.as_os_str().is_empty() && fs::symlink_metadata(folder).is_err();
        let made = Self(folder.ancestors().take_while(is_new).map(Path::to_owned).collect());
        fs::create_dir_all(folder)?;
        Ok(made)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            // What something has come into stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Stage {
    /// An empty one beside the place.
    pub fn new(place: &Place, file: &str) -> Result<Self, String> {
        let cannot = |error: io::Error| {
            // Without the name of the unfinished one, which nobody knows of.
            let why = error.to_string();
            let why = why.split(" at path \"").next().unwrap_or(&why);
            format!("nothing was exported: {} cannot be written to: {why}", place.out.display())
        };
        let made = Made::of(&place.out).map_err(cannot)?;
        // One that was killed while it moved what was there may have the only copy of that.
        let left = RefCell::new(Vec::new());
        scratch::sweep_unless(&place.out, UNFINISHED, |folder| {
            let keeps = holds_something(&folder.join(ASIDE));
            if keeps {
                left.borrow_mut().push(folder.join(ASIDE));
            }
            keeps
        });
        let folder = tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(&place.out).map_err(cannot)?;
        let held = scratch::hold(folder.path()).ok();
        Ok(Self { folder, file: file.to_owned(), left: left.into_inner(), _held: held, _made: made })
    }

    /// What the user has to know of exports that were broken off before, in sentences.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.left.iter().map(|left| {
            format!(
                "an export was broken off while it replaced an older one, which is kept in {}: move it back if its place \
                 is empty, or take it away",
                left.display()
            )
        })
    }

    /// The CLAP's folder.
    pub fn clap(&self) -> PathBuf {
        self.folder.path().join(&self.file)
    }

    /// The engine program in it.
    pub fn engine(&self) -> PathBuf {
        self.clap().join(ENGINE)
    }

    /// Puts a Csound beside the library of either format.
    ///
    /// # Errors
    /// What it lacks, or what cannot be written; or it was given up.
    pub fn add_csound(&self, found: &Found, given_up: &Abandoned) -> Result<Contents, String> {
        let put = |found: &Found, beside: &Path| {
            let given_up = || given_up.is_abandoned();
            let put = put(found, &csound_portable::Place::system(), &Packages::system(), beside, &given_up);
            put.map_err(|error| format!("nothing was exported: {error}"))
        };
        let contents = put(found, &self.clap())?;
        let portable = Found {
            path: contents.folder.join(library_name(found.generation)),
            generation: found.generation,
        };
        put(&portable, &self.vst3().join("Contents").join(programs().0))?;
        Ok(contents)
    }

    fn vst3(&self) -> PathBuf {
        self.folder.path().join(format!("{}.vst3", self.file))
    }

    /// Puts both formats together. The picture comes with the VST3 class id.
    ///
    /// # Errors
    /// What cannot be read or written; or it was given up.
    pub fn fill(
        &self,
        installed: &Installed,
        manifest: &str,
        collected: &Collected,
        picture: Option<(&[u8], [u8; 16])>,
        given_up: &Abandoned,
    ) -> Result<(), String> {
        let clap = || -> io::Result<()> {
            let folder = self.clap();
            resources(&folder, manifest, collected, given_up)?;
            copy_new(&installed.library, &folder.join(format!("{}.clap", self.file)), given_up)?;
            copy_new(&installed.engine, &folder.join(ENGINE), given_up)
        };
        let vst3 = || -> io::Result<()> {
            let contents = self.vst3().join("Contents");
            let (programs, ending) = programs();
            let programs = contents.join(programs);
            fs::create_dir_all(&programs)?;
            copy_new(&installed.library, &programs.join(format!("{}.{ending}", self.file)), given_up)?;
            copy_new(&installed.engine, &programs.join(ENGINE), given_up)?;
            resources(&contents.join("Resources"), manifest, collected, given_up)?;
            let Some((bytes, class)) = picture else { return Ok(()) };
            let folder = contents.join("Resources/Snapshots");
            fs::create_dir_all(&folder)?;
            let class: String = class.iter().map(|byte| format!("{byte:02X}")).collect();
            fs::write(folder.join(format!("{class}_snapshot.png")), bytes)
        };
        clap().and_then(|()| vst3()).map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!(
                "nothing was exported: there is no room for it in {} ({error})",
                self.folder.path().parent().unwrap_or(Path::new("/")).display()
            ),
            _ => format!("nothing was exported: {error}"),
        })
    }

    /// Moves both to their place. If that fails, what was there is there again. Where even that fails, nothing is taken
    /// away, and the error says where it lies.
    pub fn publish(self, place: &Place, given_up: &Abandoned) -> Result<(PathBuf, PathBuf), String> {
        self.publish_by(place, given_up, &mut |from, to| fs::rename(from, to))
    }

    fn publish_by(
        self,
        place: &Place,
        given_up: &Abandoned,
        rename: Rename,
    ) -> Result<(PathBuf, PathBuf), String> {
        let old = self.folder.path().join(ASIDE);
        let both = [
            Swap { new: self.clap(), place: place.clap.clone(), aside: old.join("clap") },
            Swap { new: self.vst3(), place: place.vst3.clone(), aside: old.join("vst3") },
        ];
        let [clap, vst3] = &both;
        // Two that move at once would leave one's CLAP beside the other's VST3.
        let turn = turn::wait(&place.out, given_up).and_then(|turn| place.is_as_it_was().map(|()| turn));
        let moved = turn.map_err(Unmoved::from).and_then(|_turn| {
            fs::create_dir(&old)?;
            clap.make(place.olds[0].is_some(), rename)?;
            vst3.make(place.olds[1].is_some(), rename).map_err(|why| why.and(clap.undo(rename)))
        });
        let Err(Unmoved { error, lost }) = moved else {
            return Ok((place.clap.clone(), place.vst3.clone()));
        };
        if given_up.is_abandoned() && lost.is_empty() {
            return Err("nothing was exported: it was given up".to_owned());
        }
        let why = format!("nothing was exported: {} cannot be written to: {error}", place.out.display());
        if lost.is_empty() {
            return Err(why);
        }
        let kept = self.folder.keep();
        Err(format!(
            "{why}. What was there could not be put back, and is kept in {}: {}",
            kept.display(),
            lost.join("; ")
        ))
    }
}

/// Moves a folder.
type Rename<'a> = &'a mut dyn FnMut(&Path, &Path) -> io::Result<()>;

/// A folder that takes the place of another one.
struct Swap {
    new: PathBuf,
    place: PathBuf,
    aside: PathBuf,
}

/// Why a folder did not get its place, and what could not be put back.
struct Unmoved {
    error: io::Error,
    lost: Vec<String>,
}

impl From<io::Error> for Unmoved {
    fn from(error: io::Error) -> Self {
        Self { error, lost: Vec::new() }
    }
}

impl Unmoved {
    fn and(mut self, undone: Result<(), String>) -> Self {
        self.lost.extend(undone.err());
        self
    }
}

impl Swap {
    /// Moves what is at the place aside, and the new one there. Nothing is moved aside that was not there when the place
    /// was looked at: nobody was asked for it.
    fn make(&self, is_taken: bool, rename: Rename) -> Result<(), Unmoved> {
        let was_there = fs::symlink_metadata(&self.place).is_ok();
        if was_there && !is_taken {
            let why = format!("{} has come there meanwhile", self.place.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why).into());
        }
        if was_there {
            rename(&self.place, &self.aside)?;
        }
        rename(&self.new, &self.place).map_err(|error| Unmoved::from(error).and(self.put_back(rename)))
    }

    /// As it was: the new one goes with the stage.
    fn undo(&self, rename: Rename) -> Result<(), String> {
        rename(&self.place, &self.new).map_err(|error| {
            let there = fs::symlink_metadata(&self.aside).is_ok();
            let old =
                if there { format!(", the old one is {}", self.aside.display()) } else { String::new() };
            format!("{} is the new one already and cannot be moved ({error}){old}", self.place.display())
        })?;
        self.put_back(rename)
    }

    fn put_back(&self, rename: Rename) -> Result<(), String> {
        if fs::symlink_metadata(&self.aside).is_err() {
            return Ok(());
        }
        rename(&self.aside, &self.place).map_err(|error| {
            format!("{} belongs at {} ({error})", self.aside.display(), self.place.display())
        })
    }
}

fn resources(folder: &Path, manifest: &str, collected: &Collected, given_up: &Abandoned) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    collected.copy_to(folder, given_up)?;
    write_new(&folder.join(MANIFEST), manifest)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    io::Write::write_all(&mut fs::File::create_new(path)?, text.as_bytes())
}

/// A real copy, in place of nothing: a file of the piece's may be called like one of ours.
fn copy_new(from: &Path, to: &Path, given_up: &Abandoned) -> io::Result<()> {
    if to.exists() {
        let name = to.file_name().unwrap_or_default().display();
        return Err(io::Error::other(format!(
            "the piece has a file {name}, and one of the plugin's is called so: rename it"
        )));
    }
    copy(from, to, &|| given_up.is_abandoned())?;
    // A program has to stay one.
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

/// The folder of programs in a VST3 bundle, and the ending of the library there.
fn programs() -> (String, &'static str) {
    (format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS), "so")
}

#[cfg(test)]
mod tests;
