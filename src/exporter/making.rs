//! An export from beginning to end: all that can be known before anything is written ([`prepare`]), and the writing
//! ([`Prepared::carry_out`]).

use std::path::{Path, PathBuf};

mod inside;

use csound_export::{Buses, Manifest};
use csound_library::Found;
use csound_performance::Piece;
use csound_performance::engine::Abandoned;
use csound_performance::engine::folders::{Homes, is_too_much, whole};
use csound_portable::Contents;

use super::files::Collected;
use super::request::{Done, Installed, Request};
use super::stage::{Place, Stage};
use super::trial::{self, Performed, Trial};
use super::{buses, ids, kind, parameters, picture, who};
use crate::plugin::channels::offered::Offered;
use crate::plugin::pieces::files::{main_file, read_piece};

/// Exports. `tell` is given each thing that the user has to know, in a sentence, before anything is written.
///
/// # Errors
/// Why it is not exported, in a sentence; then everything is as it was.
pub fn export(
    request: &Request,
    installed: &Installed,
    given_up: &Abandoned,
    tell: &mut dyn FnMut(&str),
) -> Result<Done, String> {
    let prepared = prepare(request, installed, given_up)?;
    for note in prepared.notes() {
        tell(note);
    }
    prepared.carry_out(tell)
}

/// An export of which all is known that can be, and nothing is written.
pub struct Prepared {
    request: Request,
    installed: Installed,
    given_up: Abandoned,
    path: PathBuf,
    place: Place,
    file: String,
    collected: Collected,
    performed: Performed,
    manifest: Manifest,
    text: String,
    picture: Option<Vec<u8>>,
    gone: Vec<String>,
    new: Vec<String>,
    /// The Csound that goes with it.
    csound: Option<Found>,
}

/// Looks at all that an export is made of, performs the piece, and writes nothing.
///
/// # Errors
/// Why it cannot be exported, in a sentence.
pub fn prepare(request: &Request, installed: &Installed, given_up: &Abandoned) -> Result<Prepared, String> {
    let path = main_file(&request.piece);
    let piece = read_piece(&path).map_err(|error| error.to_string())?;
    let who = who::of(request, &path)?;
    let place = Place::of(&request.out, &who.file, &who.id, request.force)?;
    place.holds_nothing_of(&path)?;
    let before = ids::before(request, &path, place.old(), &who.id)?;
    let mut collected = Collected::of(&piece, &path, &request.with)?;
    collected.refuse_taken(&who.file)?;
    let performed = perform(&piece, &collected, installed, given_up)?;
    let offered = Offered::find(&piece, &performed.channels);
    let found = parameters::of(&piece, &offered, &before, &request.renames, &mut |word| {
        collected.notes.push(word);
    })?;
    collected.add_read(&performed.reads);
    collected.refuse_taken(&who.file)?;
    collected.notes.extend(performed.notes.iter().cloned());
    let last = ids::last(request, &path, place.old(), &who.id)?;
    // A host that has it in its projects knows it as what it was.
    let known = request.kind.or(last.as_ref().and_then(|last| last.kind));
    let kind = known.unwrap_or_else(|| kind::of(&piece));
    let buses = buses::of(request, kind, last.as_ref(), performed.asked)?;
    let manifest = Manifest {
        format: csound_export::FORMAT,
        name: who.name,
        vendor: who.vendor,
        version: who.version,
        url: String::new(),
        description: String::new(),
        id: who.id,
        kind,
        features: features(buses.as_ref()),
        piece: collected.piece.clone(),
        buses,
        generation: Some(trial::in_manifest(performed.generation)),
        parameters: found.parameters,
        retired: found.retired,
        performance_parameters: request.performance_parameters,
        show_source: request.show_source,
    };
    let text = manifest.write().map_err(|error| error.to_string())?;
    let picture = request.picture.as_deref().map(picture::read).transpose()?;
    let csound = inside::chosen(request, performed.generation)?;
    let (request, installed, given_up) = (request.clone(), installed.clone(), given_up.clone());
    let file = who.file;
    Ok(Prepared {
        request,
        installed,
        given_up,
        path,
        place,
        file,
        collected,
        performed,
        manifest,
        text,
        picture,
        gone: found.gone,
        new: found.new,
        csound,
    })
}

impl Prepared {
    /// The plugin that it would be.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What the user has to know, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.collected.notes
    }

    /// The files that go with it, as they are called in it.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.collected.files.keys().map(PathBuf::as_path)
    }

    /// The channels of the last export that the piece has no more, and those that no export had: one may be the other under
    /// a new name.
    pub fn gone_and_new(&self) -> (&[String], &[String]) {
        (&self.gone, &self.new)
    }

    /// If Csound goes with it.
    pub fn has_csound(&self) -> bool {
        self.csound.is_some()
    }

    /// The CLAP's folder of the older export that it would replace.
    pub fn replaces(&self) -> Option<&Path> {
        self.place.replaces()
    }

    /// Writes it. `tell` is given what the user has to know besides.
    ///
    /// # Errors
    /// Why it is not exported, in a sentence; then everything is as it was.
    pub fn carry_out(self, tell: &mut dyn FnMut(&str)) -> Result<Done, String> {
        let Self { installed, place, collected, manifest, .. } = &self;
        let stage = Stage::new(place, &self.file)?;
        stage.notes().for_each(|note| tell(&note));
        let picture = self.picture.as_deref().map(|bytes| (bytes, manifest.class_id()));
        stage.fill(installed, &self.text, collected, picture, &self.given_up)?;
        let contents =
            self.csound.as_ref().map(|found| stage.add_csound(found, &self.given_up)).transpose()?;
        for note in contents.iter().flat_map(inside::notes) {
            tell(&note);
        }
        alone(&stage, manifest, installed, &self.performed, contents.as_ref(), &self.given_up)?;
        if self.given_up.is_abandoned() {
            return Err("nothing was exported: it was given up".into());
        }
        let (clap, vst3) = stage.publish(place, &self.given_up)?;
        if let Err(error) = ids::keep(&self.request, &self.path, manifest, &self.given_up) {
            tell(&error);
        }
        let glibc = inside::least_glibc(installed, contents.as_ref());
        Ok(Done { manifest: self.manifest, clap, vst3, glibc, with_csound: contents.is_some() })
    }
}

/// What hosts are told of its output, where they have a word for it.
fn features(buses: Option<&Buses>) -> Vec<String> {
    let word = match buses.map_or(&[2][..], |buses| &buses.outputs) {
        [1] => Some("mono"),
        [2, ..] => Some("stereo"),
        _ => None,
    };
    word.into_iter().map(str::to_owned).collect()
}

/// Performs the piece where it is. Where it does not start there, because it lacks what the user adds or lies in a
/// folder that is too much to read, a copy with the collected files is performed.
fn perform(
    piece: &Piece,
    collected: &Collected,
    installed: &Installed,
    given_up: &Abandoned,
) -> Result<Performed, String> {
    let readable: Vec<_> = collected.folder.iter().cloned().collect();
    let is_readable = !readable.iter().any(|folder| is_too_much(&whole(folder), Homes::All));
    let trial = Trial { program: &installed.engine, piece, readable, given_up };
    let tried = if is_readable { trial.by_the_newest() } else { Err(String::new()) };
    let Err(why) = tried else { return tried };
    if given_up.is_abandoned() {
        return Err(why);
    }
    let folder = tempfile::tempdir().map_err(|error| format!("there is no temporary folder: {error}"))?;
    collected.copy_to(folder.path(), given_up).map_err(|error| error.to_string())?;
    let copy = read_piece(&folder.path().join(&collected.piece)).map_err(|error| error.to_string())?;
    let readable = vec![folder.path().to_owned()];
    let trial = Trial { program: &installed.engine, piece: &copy, readable, given_up };
    // What it reads there is what was collected.
    let performed = trial.by_the_newest().map(|performed| Performed { reads: Vec::new(), ..performed });
    performed.map_err(|other| if why.is_empty() { other } else { why })
}

/// Performs the export's own copy of the piece, with nothing but its own folder to read, and by the Csound inside where
/// there is one.
///
/// # Errors
/// It does not start, or lacks a file there, which it did not where it came from.
fn alone(
    stage: &Stage,
    manifest: &Manifest,
    installed: &Installed,
    before: &Performed,
    csound: Option<&Contents>,
    given_up: &Abandoned,
) -> Result<(), String> {
    let folder = stage.clap();
    let piece = read_piece(&folder.join(&manifest.piece)).map_err(|error| error.to_string())?;
    let engine = stage.engine();
    let program = if csound.is_some() { &engine } else { &installed.engine };
    let trial = Trial { program, piece: &piece, readable: vec![folder], given_up };
    let lacks = csound.map_or(String::new(), |contents| inside::left_behind(contents, before.generation));
    let fails = |why: &str| {
        format!(
            "nothing was exported: with the collected files alone the piece does not perform as it did{lacks}. {why}. Put \
             what is missing into the piece's folder, or add it to the export (--with)"
        )
    };
    let alone = trial.by(before.generation).map_err(|why| fails(&why))?;
    match alone.notes.first() {
        Some(first) if before.notes.is_empty() => Err(fails(first)),
        // They were told, by the names of where the piece came from.
        _ => Ok(()),
    }
}
