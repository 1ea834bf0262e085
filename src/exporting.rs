//! A piece on its way to a plugin of its own, as the editor asks for it and sees it. It stands beside plugin and editor,
//! for both.

use std::path::PathBuf;
use std::sync::Arc;

pub use csound_export::Kind;

/// The export that the user wishes. What is blank or `None` is found: in the last export, or in the piece.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExportWish {
    /// The name that hosts show.
    pub name: String,
    /// Who made it.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// How hosts know it.
    pub id: String,
    /// Whether it is played or is given sound.
    pub kind: Option<Kind>,
    /// The folder that gets the plugin's folders.
    pub out: PathBuf,
    /// More files and folders that the piece reads.
    pub with: Vec<PathBuf>,
    /// A picture of it, a PNG.
    pub picture: Option<PathBuf>,
    /// Csound goes with it, so that it plays where none is installed.
    pub with_csound: bool,
    /// Its editor shows the piece's text, console and permissions.
    pub show_source: bool,
    /// Hosts see the parameters of the performance, too.
    pub performance_parameters: bool,
    /// Channels of the last export that have a new name now, the old one first.
    pub renames: Vec<(String, String)>,
    /// What the user has seen and agreed to. Without it nothing is written, and where more is found it is asked again.
    pub agreed: Option<Arc<Findings>>,
}

/// What an export would be, before anything is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The name that hosts show.
    pub name: String,
    /// Who made it; may be empty.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// How hosts know it.
    pub id: String,
    /// Whether it is played or is given sound.
    pub kind: Option<Kind>,
    /// The Csound that performs it, and whether it goes with it.
    pub csound: String,
    /// The channels of its parameters.
    pub parameters: Vec<String>,
    /// Channels of the last export that the piece has no more.
    pub gone: Vec<String>,
    /// Channels that no export had: one may be another under a new name.
    pub new: Vec<String>,
    /// The files that it takes along, as they are called in it.
    pub files: Vec<String>,
    /// What is missing, and whatever else the user has to know, in sentences.
    pub notes: Vec<String>,
    /// The older export that it would replace.
    pub replaces: Option<PathBuf>,
}

impl Findings {
    /// If whoever has agreed to these findings has agreed to all that `now` says.
    pub fn cover(&self, now: &Self) -> bool {
        let is_known = |note| self.notes.contains(note);
        now.notes.iter().all(is_known) && (now.replaces.is_none() || now.replaces == self.replaces)
    }
}

/// An export that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The name that hosts show.
    pub name: String,
    /// The CLAP's folder.
    pub clap: PathBuf,
    /// The VST3 bundle.
    pub vst3: PathBuf,
    /// What has to be there where it is to play, in a sentence.
    pub needs: String,
    /// What the user has to know besides.
    pub notes: Vec<String>,
}

/// How an export stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Stands {
    /// The piece is performed to see what it needs, or the files are being copied.
    UnderWay,
    /// This was found, and waits for the user.
    Found(Arc<Findings>),
    /// It is made.
    Exported(Arc<Exported>),
    /// It cannot be made, and this is why. Nothing was written.
    Failed(String),
}

/// An export that the user is busy with.
#[derive(Clone, Debug, PartialEq)]
pub struct Exporting {
    /// As it was wished for last.
    pub wish: Arc<ExportWish>,
    /// How it stands.
    pub stands: Stands,
}

/// Why a piece is not exported as it is.
pub const UNSAVED: &str =
    "The text has changes that are not saved, and an export is made of the file: save it first";

/// Why a piece that is in no file is not exported.
pub const NO_FILE: &str = "The piece is in no file yet: save it first (Source, Save as…), so that its plugin's ids can be \
                           kept beside it";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_agreed_has_agreed_to_what_was_shown_and_to_nothing_else() {
        let shown = Findings { notes: vec!["a".into(), "b".into()], ..Findings::default() };
        let with = |notes: &[&str], replaces: Option<&str>| Findings {
            notes: notes.iter().map(|note| (*note).to_owned()).collect(),
            replaces: replaces.map(PathBuf::from),
            ..Findings::default()
        };
        assert!(shown.cover(&shown) && shown.cover(&with(&["b"], None)));
        assert!(!shown.cover(&with(&["a", "c"], None)));
        assert!(!shown.cover(&with(&[], Some("/x"))));
        assert!(with(&[], Some("/x")).cover(&with(&[], Some("/x"))));
        assert!(!with(&[], Some("/x")).cover(&with(&[], Some("/y"))));
    }
}
