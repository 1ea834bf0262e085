//! What the contract says of the user's keys.

use csound_performer::editor::model::*;

use super::held::Held;

fn chosen(view: &View) -> Vec<(&str, &str)> {
    view.keys.chords.iter().map(|(command, chord)| (command.as_str(), chord.as_str())).collect()
}

pub fn are_chosen(held: &mut Held) {
    assert_eq!((chosen(held.view()), &held.view().keys.trouble), (Vec::new(), &None), "as usual at first");
    let mut choose = |command: &str, choice| held.act(Action::ChooseKey(command.into(), choice));
    choose("browse", KeyChoice::Chord("Ctrl+J".into()));
    choose("undo", KeyChoice::None);
    choose("save", KeyChoice::Chord("F2".into()));
    held.until("three are chosen", |view| {
        chosen(view) == [("browse", "Ctrl+J"), ("save", "F2"), ("undo", "")]
    });
    held.act(Action::ChooseKey("save".into(), KeyChoice::Usual));
    held.until("one is as usual again", |view| chosen(view) == [("browse", "Ctrl+J"), ("undo", "")]);
    held.act(Action::ResetKeys);
    held.until("all are", |view| chosen(view).is_empty());
    assert_eq!(held.view().refused, None);
}
