//! The exporter: makes a piece a plugin of its own, by copies of files and a manifest (see [`csound_export`]). One piece
//! of code for `csound-performer-engine export`, which hands its words to this library, and for `cargo xtask export`,
//! which starts that program.
//!
//! In order: who the plugin is ([`identity`](who)), which files the piece names ([`files`]) and opens in a trial
//! performance ([`trial`]), its parameters and their keys ([`parameters`], [`ids`]). What is missing is told then, before
//! anything is written. The folders are put together beside their place ([`stage`]), performed once more as they lie
//! there, alone, and moved to their place at the end.

pub mod command;
mod files;
mod ids;
mod kind;
mod parameters;
mod picture;
mod stage;
mod strings;
mod trial;
mod who;

use std::path::{Path, PathBuf};

use csound_export::{Kind, Manifest};
use csound_performance::Piece;
use csound_performance::engine::folders::{Homes, is_too_much, whole};

use crate::plugin::channels::offered::Offered;
use crate::plugin::pieces::files::{main_file, read_piece};
use files::Collected;
use stage::Stage;
use trial::{Performed, Trial};

/// What is to be exported, and how. What is `None` or empty is found in the piece, or in its last export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The piece's file: a CSD, or an ORC with its SCO beside it.
    pub piece: PathBuf,
    /// The folder that gets the plugin's folders; made if it is not there.
    pub out: PathBuf,
    /// The name that hosts show.
    pub name: Option<String>,
    /// Who made it.
    pub vendor: Option<String>,
    /// How hosts know it.
    pub id: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Whether it is played or is given sound.
    pub kind: Option<Kind>,
    /// More files and folders that the piece reads.
    pub with: Vec<PathBuf>,
    /// Its editor shows the piece's text.
    pub show_source: bool,
    /// A picture of it, a PNG, which VST3 hosts show.
    pub picture: Option<PathBuf>,
    /// The file in which the keys of its parameters are kept.
    pub ids: Option<PathBuf>,
    /// Hosts see the parameters of the performance, too.
    pub performance_parameters: bool,
    /// An export of the same id that is there already is replaced.
    pub force: bool,
}

/// The files of the installed plugin that an export is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The plugin's library.
    pub library: PathBuf,
    /// The engine program.
    pub engine: PathBuf,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The plugin.
    pub manifest: Manifest,
    /// The CLAP's folder.
    pub clap: PathBuf,
    /// The VST3 bundle.
    pub vst3: PathBuf,
}

/// Exports. `tell` is given each thing that the user has to know, in a sentence, before anything is written.
///
/// # Errors
/// Why it is not exported, in a sentence; then everything is as it was.
pub fn export(request: &Request, installed: &Installed, tell: &mut dyn FnMut(&str)) -> Result<Done, String> {
    let path = main_file(&request.piece);
    let piece = read_piece(&path).map_err(|error| error.to_string())?;
    let who = who::of(request, &path)?;
    let place = stage::Place::of(&request.out, &who, request.force)?;
    let before = ids::before(request, &path, &place, &who.id)?;
    let mut collected = Collected::of(&piece, &path, &request.with)?;
    let performed = perform(&piece, &collected, installed)?;
    let offered = Offered::find(&piece, &performed.channels);
    let found = parameters::of(&piece, &offered, &before, &mut |word| collected.notes.push(word))?;
    collected.add_read(&performed.reads);
    collected.notes.extend(performed.notes.iter().cloned());
    let manifest = Manifest {
        format: csound_export::FORMAT,
        name: who.name.clone(),
        vendor: who.vendor.clone(),
        version: who.version.clone(),
        url: String::new(),
        description: String::new(),
        id: who.id.clone(),
        kind: request.kind.unwrap_or_else(|| kind::of(&piece)),
        features: vec!["stereo".into()],
        piece: collected.piece.clone(),
        generation: Some(trial::in_manifest(performed.generation)),
        parameters: found.parameters,
        retired: found.retired,
        performance_parameters: request.performance_parameters,
        show_source: request.show_source,
    };
    let text = manifest.write().map_err(|error| error.to_string())?;
    let picture = request.picture.as_deref().map(picture::read).transpose()?;
    for note in &collected.notes {
        tell(note);
    }
    let stage = Stage::new(&place, &who.file)?;
    stage.fill(installed, &text, &collected, picture.as_deref().map(|bytes| (bytes, manifest.class_id())))?;
    alone(&stage, &manifest, installed)?;
    let (clap, vst3) = stage.publish(&place)?;
    if let Err(error) = ids::keep(request, &path, &manifest) {
        tell(&error);
    }
    Ok(Done { manifest, clap, vst3 })
}

/// Performs the piece where it is. Where it does not start there, because it lacks what the user adds or lies in a
/// folder that is too much to read, a copy with the collected files is performed.
fn perform(piece: &Piece, collected: &Collected, installed: &Installed) -> Result<Performed, String> {
    let readable: Vec<_> = collected.folder.iter().cloned().collect();
    let is_readable = !readable.iter().any(|folder| is_too_much(&whole(folder), Homes::All));
    let trial = Trial { program: &installed.engine, piece, readable };
    let tried = if is_readable { trial.by_the_newest() } else { Err(String::new()) };
    let Err(why) = tried else { return tried };
    let folder = tempfile::tempdir().map_err(|error| format!("there is no temporary folder: {error}"))?;
    collected.copy_to(folder.path()).map_err(|error| error.to_string())?;
    let copy = read_piece(&folder.path().join(&collected.piece)).map_err(|error| error.to_string())?;
    let trial = Trial { program: &installed.engine, piece: &copy, readable: vec![folder.path().to_owned()] };
    // What it reads there is what was collected.
    let performed = trial.by_the_newest().map(|performed| Performed { reads: Vec::new(), ..performed });
    performed.map_err(|other| if why.is_empty() { other } else { why })
}

/// Performs the export's own copy of the piece, with nothing but its own folder to read.
fn alone(stage: &Stage, manifest: &Manifest, installed: &Installed) -> Result<(), String> {
    let folder = stage.clap();
    let piece = read_piece(&folder.join(&manifest.piece)).map_err(|error| error.to_string())?;
    let trial = Trial { program: &installed.engine, piece: &piece, readable: vec![folder] };
    let performed = manifest
        .generation
        .map(trial::in_library)
        .map_or_else(|| trial.by_the_newest(), |generation| trial.by(generation));
    performed.map(drop).map_err(|why| {
        format!("nothing was exported: with the collected files alone the piece does not start. {why}. Add what is \
            missing by --with")
    })
}

/// The files of this installation: this library, and the engine program beside it.
///
/// # Errors
/// What is missing.
pub fn installed() -> Result<Installed, String> {
    let again = "install Csound Performer again";
    let library =
        csound_library::own_file().ok_or_else(|| format!("the plugin's library is not found: {again}"))?;
    let engine = csound_performance::engine::remote::program();
    let engine = engine
        .ok_or_else(|| format!("the program csound-performer-engine is not beside the plugin: {again}"))?;
    Ok(Installed { library, engine })
}

fn is_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file())
}
