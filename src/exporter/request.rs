//! What is asked of the exporter, and what comes of it.

use std::path::PathBuf;

use csound_export::{Kind, Manifest};

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
    /// The channels of each input, the main one first.
    pub inputs: Vec<u32>,
    /// The channels of each output.
    pub outputs: Vec<u32>,
    /// More files and folders that the piece reads.
    pub with: Vec<PathBuf>,
    /// Csound goes with it, so that it plays where none is installed.
    pub with_csound: bool,
    /// Its editor shows the piece's text.
    pub show_source: bool,
    /// A picture of it, a PNG, which VST3 hosts show.
    pub picture: Option<PathBuf>,
    /// The file in which the keys of its parameters are kept.
    pub ids: Option<PathBuf>,
    /// Channels of the last export that have a new name now, the old one first.
    pub renames: Vec<(String, String)>,
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
    /// The least glibc that it needs; `None` where that is not known.
    pub glibc: Option<csound_portable::Glibc>,
    /// True if Csound goes with it.
    pub with_csound: bool,
}

impl Done {
    /// What has to be there where it is to play, in a sentence.
    pub fn needs(&self) -> String {
        let csound = self
            .manifest
            .generation
            .map_or("Csound".to_owned(), |found| format!("Csound {}", u8::from(found)));
        let inside = match self.with_csound {
            true => "Csound is inside".to_owned(),
            false => format!("It needs {csound} to be installed"),
        };
        // Of what comes with the system there is no more to say than how old it may be.
        match self.glibc {
            Some(glibc) if self.with_csound => format!("{inside}; the system needs glibc {glibc} or later"),
            Some(glibc) => format!("{inside}, and glibc {glibc} or later"),
            None => inside,
        }
    }
}
