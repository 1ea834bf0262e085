//! The contract about exports: what is missing and what would be replaced is shown before anything is written, and only
//! what the user has agreed to is.

use std::path::Path;
use std::sync::Arc;

use csound_performer::editor::model::*;
use test_host::bundle::{ENGINE, dev_bundle};

use super::held::{Held, Side};
use super::piece::{piece, slow};
use crate::common::libcsound_is_missing;

/// Runs the test in a process of its own whose configuration is empty, with the engine program of an installation.
pub fn alone(test: &str) -> bool {
    if libcsound_is_missing() {
        return false;
    }
    let home = tempfile::tempdir().unwrap();
    let engine = dev_bundle().unwrap().clap.with_file_name(ENGINE);
    let environment =
        [("XDG_CONFIG_HOME", home.path().as_os_str()), ("CSOUND_PERFORMER_ENGINE", engine.as_os_str())];
    test_host::testing::alone_with(test, &environment)
}

fn is_settled(view: &View) -> bool {
    view.exporting.as_ref().is_some_and(|exporting| exporting.stands != Stands::UnderWay)
}

/// What comes of a wish.
fn asked(held: &mut Held, wish: &ExportWish) -> Stands {
    held.act(Action::Export(Box::new(wish.clone())));
    held.until("it is this one's", |view| {
        view.exporting.as_ref().is_some_and(|exporting| *exporting.wish == *wish)
    });
    held.until("something comes of the export", is_settled);
    held.view().exporting.clone().unwrap().stands
}

fn found(stands: Stands) -> Arc<Findings> {
    let Stands::Found(found) = stands else { panic!("{stands:?}") };
    found
}

fn opened(held: &mut Held, text: &str) -> ExportWish {
    let path = held.side.write("contract.csd", text);
    let out = path.with_file_name("out");
    held.act(Action::Open(path));
    held.until("it performs", |view| view.state == State::Playing && view.piece.path.is_some());
    ExportWish { out, ..ExportWish::default() }
}

/// Holds a backend to it.
///
/// # Panics
/// It breaks it.
pub fn exports(side: &mut dyn Side) {
    let mut held = Held::new(side);
    let lacks = piece("0.25").replace("instr 1\n", "instr 1\nSgone = \"gone.wav\"\n");
    let wish = opened(&mut held, &lacks);
    assert_eq!(held.view().exporting, None);
    let (clap, vst3) = (wish.out.join("contract"), wish.out.join("contract.vst3"));
    let exist = |held: &Held| [&clap, &vst3].map(|path| held.side.is_exported(path));

    // A look writes nothing, and says what is missing.
    let first = found(asked(&mut held, &wish));
    assert_eq!((first.name.as_str(), first.version.as_str()), ("contract", "1.0.0"));
    assert_eq!((first.id.as_str(), first.kind), ("csound.contract", Some(Kind::Instrument)));
    assert!(first.csound.starts_with("Csound "), "{first:?}");
    assert_eq!((first.files.as_slice(), first.replaces.as_ref()), (&["contract.csd".to_owned()][..], None));
    let channels: Vec<_> = held.view().channels.iter().map(|channel| channel.name.clone()).collect();
    assert!(!first.parameters.is_empty() && first.parameters.iter().all(|name| channels.contains(name)));
    assert!(first.notes.iter().any(|note| note.contains("gone.wav is not found")), "{first:?}");
    assert_eq!(exist(&held), [false; 2]);

    // Csound goes with it where that is wished, and only there.
    let inside = found(asked(&mut held, &ExportWish { with_csound: true, ..wish.clone() }));
    assert!(
        inside.csound.ends_with("which goes with it") && !first.csound.contains("goes with it"),
        "{inside:?}"
    );
    assert_eq!(exist(&held), [false; 2]);

    // Nor does whoever has not seen that.
    let unseen = Findings { notes: Vec::new(), ..(*first).clone() };
    let again = ExportWish { agreed: Some(Arc::new(unseen)), ..wish.clone() };
    assert_eq!(found(asked(&mut held, &again)), first);
    assert_eq!(exist(&held), [false; 2]);

    let agreed = ExportWish { agreed: Some(Arc::clone(&first)), ..wish.clone() };
    let Stands::Exported(made) = asked(&mut held, &agreed) else { panic!("{:?}", held.view().exporting) };
    assert_eq!((&made.clap, &made.vst3, made.name.as_str()), (&clap, &vst3, "contract"));
    assert_eq!(exist(&held), [true; 2]);
    held.act(Action::CloseExport);
    held.until("it is closed", |view| view.exporting.is_none());

    // What is there is replaced by whoever has agreed to that.
    let second = found(asked(&mut held, &agreed));
    assert_eq!(second.replaces.as_ref(), Some(&clap));
    let agreed = ExportWish { agreed: Some(second), ..wish.clone() };
    assert!(matches!(asked(&mut held, &agreed), Stands::Exported(_)));
    // Under another name it is another one.
    let other = ExportWish { name: "Other".into(), id: "org.example.other".into(), ..agreed };
    let Stands::Exported(made) = asked(&mut held, &other) else { panic!("{:?}", held.view().exporting) };
    assert_eq!((made.name.as_str(), &made.clap), ("Other", &wish.out.join("Other")));
    assert_eq!((&held.view().state, &held.view().refused), (&State::Playing, &None), "it plays on");
    held.act(Action::CloseExport);
}

/// The part of it that needs no installation.
pub fn an_export_wants_a_file_with_the_text(held: &mut Held) {
    let mut wish = opened(held, &piece("0.25"));
    held.apply(&piece("0.5"));
    held.until("it is not saved", |view| view.source.unsaved);
    assert_eq!(asked(held, &wish), Stands::Failed(UNSAVED.into()));
    held.act(Action::CloseExport);
    held.until("it is closed", |view| view.exporting.is_none());
    held.act(Action::OpenShipped(0));
    held.until("it is in no file", |view| view.piece.path.is_none() && !view.source.unsaved);
    wish.name = "First".into();
    assert_eq!(asked(held, &wish), Stands::Failed(NO_FILE.into()));
    held.act(Action::CloseExport);
    held.until("it is closed again", |view| view.exporting.is_none());
}

/// Nothing is left of an export that the user gives up, at whatever moment.
pub fn leaves_nothing(side: &mut dyn Side) {
    let mut held = Held::new(side);
    let wish = opened(&mut held, &slow());
    for _ in 0..3 {
        held.act(Action::Export(Box::new(wish.clone())));
        held.until("it begins", |view| view.exporting.is_some());
        held.act(Action::CloseExport);
        held.until("it is closed", |view| view.exporting.is_none());
    }
    let folder = wish.out.parent().map(Path::to_owned).unwrap();
    let names = || {
        let entries = std::fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["contract.csd"]);
    held.until("it plays on", |view| view.state == State::Playing);
}
