//! What the contract says of *Collect files*.

use csound_performer::editor::model::*;

use super::held::Held;
use super::piece::piece;

fn asked(held: &mut Held, agreed: Option<std::sync::Arc<Gathering>>) -> Gathers {
    let before = held.view().gathering.clone();
    held.act(Action::Gather(agreed));
    held.until("something comes of it", |view| {
        // A view may still be the one from before.
        view.gathering != before && view.gathering.as_ref().is_some_and(|stands| *stands != Gathers::UnderWay)
    });
    held.view().gathering.clone().unwrap()
}

fn close(held: &mut Held) {
    held.act(Action::CloseGathering);
    held.until("it is closed", |view| view.gathering.is_none());
}

pub fn files_are_collected(held: &mut Held) {
    let text = piece("0.25").replace("instr 1\n", "instr 1\nSgone = \"gone.wav\"\n");
    let path = held.side.write("contract.csd", &text);
    held.act(Action::Open(path));
    held.until("it plays", |view| {
        view.state == State::Playing && view.source.files.first().is_some_and(|file| file.text == text)
    });
    let Gathers::Found(found) = asked(held, None) else { panic!("{:?}", held.view().gathering) };
    assert!(found.is_nothing() && found.texts == [text], "{found:?}");
    assert!(found.notes.iter().any(|note| note.contains("gone.wav is not found")), "{found:?}");
    assert!(matches!(asked(held, Some(found)), Gathers::Done(_)), "{:?}", held.view().gathering);
    close(held);
    held.apply(&piece("0.5"));
    held.until("it is not saved", |view| view.source.unsaved);
    assert_eq!(asked(held, None), Gathers::Failed(NOT_SAVED.into()));
    close(held);
    held.act(Action::OpenShipped(0));
    held.until("it is in no file", |view| view.piece.path.is_none() && !view.source.unsaved);
    assert_eq!(asked(held, None), Gathers::Failed(NO_FOLDER.into()));
    close(held);
}
