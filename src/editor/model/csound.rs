//! The Csounds of this machine, and the one that performs.

use std::path::PathBuf;
use std::sync::Arc;

/// By which Csound the piece performs, and which there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CsoundView {
    /// The one that performs, with its version; none where nothing does.
    pub performing: Option<String>,
    /// What the instance performs by, as its session names it: the setting, or what *Auto* has come to. None where
    /// *Auto* is yet to come to one.
    pub named: Option<String>,
    /// Those that are installed; none as long as nobody has looked.
    pub installed: Option<Arc<[InstalledView]>>,
    /// The piece by both Csounds.
    pub comparison: ComparisonView,
}

/// How the comparison of the piece by both Csounds stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ComparisonView {
    /// None was asked for since the piece came.
    #[default]
    None,
    /// Both are being rendered.
    UnderWay,
    /// It is done.
    Done {
        /// What came of it, in sentences.
        told: String,
        /// Its kind.
        kind: FindingKind,
    },
}

/// The kinds of what comes of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// Both sound alike, bit for bit.
    Alike,
    /// They do not.
    Different,
    /// One of them does not perform the piece, or something went wrong.
    Failed,
}

/// The names of the generations.
const NAMES: [&str; 2] = ["Csound 6", "Csound 7"];

/// A Csound that is installed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstalledView {
    /// Its name, with its version where that is known.
    pub name: String,
    /// Its library.
    pub place: PathBuf,
}

impl CsoundView {
    /// What is said of it in a few words, and whether that is bad news.
    pub fn told(&self) -> (String, bool) {
        match (&self.performing, &self.installed) {
            (Some(performing), _) => (performing.clone(), false),
            (None, Some(installed)) if installed.is_empty() => ("No Csound".to_owned(), true),
            (None, Some(installed)) => {
                let names: Vec<_> = installed.iter().map(|csound| csound.name.as_str()).collect();
                (names.join(", "), false)
            }
            (None, None) => (String::new(), false),
        }
    }

    /// The Csound that the piece can be compared with, and why it cannot, where it is not installed.
    pub fn other(&self) -> (&'static str, Option<String>) {
        let own = self.named.as_deref().or(self.performing.as_deref()).unwrap_or(NAMES[0]);
        let other = NAMES.into_iter().find(|name| !own.starts_with(name)).unwrap_or(NAMES[1]);
        let is_installed = |name: &str| {
            self.installed.as_ref().is_some_and(|all| all.iter().any(|csound| csound.name.starts_with(name)))
        };
        let missing = NAMES.into_iter().find(|name| !is_installed(name));
        let why = missing.map(|name| {
            format!("{name} is not installed here: install it from csound.com, and press Reload")
        });
        (other, why)
    }

    /// All of it, a line each.
    pub fn whole(&self) -> String {
        let mut lines = Vec::new();
        lines.extend(self.performing.iter().map(|performing| format!("{performing} performs the piece")));
        match self.installed.as_deref() {
            Some([]) => {
                lines.push("No Csound was found: install it from csound.com, and press Reload".to_owned())
            }
            Some(installed) => {
                lines.push("Found on this machine:".to_owned());
                lines.extend(
                    installed.iter().map(|csound| format!("{}: {}", csound.name, csound.place.display())),
                );
                lines.push("Choose one on the settings page".to_owned());
            }
            None => {}
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_compared_with_the_other_one_where_both_are_installed() {
        let installed = |name: &str| InstalledView { name: name.into(), place: "/lib".into() };
        let mut view = CsoundView { named: Some("Csound 7".into()), ..CsoundView::default() };
        view.installed = Some([installed("Csound 7.0.0")].into());
        let (other, why) = view.other();
        assert_eq!(other, "Csound 6");
        assert!(why.is_some_and(|why| why.starts_with("Csound 6 is not installed here")));
        view.installed = Some([installed("Csound 6.18.1"), installed("Csound 7")].into());
        assert_eq!(view.other(), ("Csound 6", None));
        view.named = Some("Csound 6".into());
        assert_eq!(view.other(), ("Csound 7", None));
    }

    #[test]
    fn what_performs_is_told_else_what_there_is() {
        let installed =
            |name: &str| InstalledView { name: name.into(), place: format!("/lib/{name}").into() };
        let mut view = CsoundView::default();
        assert_eq!((view.told(), view.whole()), ((String::new(), false), String::new()));
        view.installed = Some([].into());
        assert!(view.told().1 && view.whole().contains("csound.com"));
        view.installed = Some([installed("Csound 6.18.1"), installed("Csound 7.0.0")].into());
        assert_eq!(view.told(), ("Csound 6.18.1, Csound 7.0.0".into(), false));
        view.performing = Some("Csound 7.0.0".into());
        assert_eq!(view.told(), ("Csound 7.0.0".into(), false));
        assert!(view.whole().contains("Csound 6.18.1: /lib/Csound 6.18.1"), "{}", view.whole());
    }
}
