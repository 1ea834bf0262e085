//! What the contract says of the texts in the piece's folder.

use csound_performer::editor::model::*;

use super::held::Held;

fn generation(view: &View, name: &str) -> u64 {
    view.folder.text(name).map_or(0, |text| text.generation)
}

fn is_open(view: &View, name: &str) -> bool {
    view.folder.open().any(|text| text.name == name)
}

fn lists(view: &View, name: &str) -> Option<bool> {
    view.folder.names.iter().find(|known| known.name == name).map(|known| known.is_included)
}

pub fn are_opened_and_saved(held: &mut Held) {
    let path = held.side.write("part.orc", "gkOne init 1\n");
    held.act(Action::LookAtFolder);
    held.until("it lies there", |view| lists(view, "part.orc") == Some(false));
    let own = held.view().piece.name.clone();
    assert_eq!(lists(held.view(), &own), None, "not the piece itself");
    assert!(held.view().folder.read.is_empty(), "nothing is read unasked");
    held.act(Action::OpenText("none.orc".into()));
    held.until("what is not there is refused", |view| {
        view.refused.as_ref().is_some_and(|why| why.contains("none.orc cannot be read"))
    });
    held.act(Action::OpenText("part.orc".into()));
    held.until("it is read", |view| is_open(view, "part.orc"));
    let text = held.view().folder.text("part.orc").unwrap();
    assert_eq!((&*text.text, text.language), ("gkOne init 1\n", Language::Orchestra));

    let save = |text: &str, over| Action::SaveText { name: "part.orc".into(), text: text.into(), over };
    let first = generation(held.view(), "part.orc");
    held.act(save("gkTwo init 2\n", first));
    held.until("it is saved", |view| generation(view, "part.orc") > first);
    assert_eq!(held.side.read(&path), "gkTwo init 2\n");
    let second = generation(held.view(), "part.orc");
    held.side.write("part.orc", "gkOther init 3\n");
    held.act(save("gkThree init 3\n", second));
    held.until("what another program has written stays", |view| {
        let told = "part.orc is not saved: its file has changed on the disk";
        view.refused.as_ref().is_some_and(|why| why.contains(told)) && generation(view, "part.orc") > second
    });
    assert_eq!(held.side.read(&path), "gkOther init 3\n");
    assert_eq!(&*held.view().folder.text("part.orc").unwrap().text, "gkOther init 3\n", "and is shown");
    let third = generation(held.view(), "part.orc");
    held.act(save("gkThree init 3\n", third));
    held.until("over it, once it was seen", |view| generation(view, "part.orc") > third);
    assert_eq!(held.side.read(&path), "gkThree init 3\n");
    held.act(Action::CloseText("part.orc".into()));
    held.until("it is closed", |view| !is_open(view, "part.orc"));
    let fourth = generation(held.view(), "part.orc");
    held.act(save("gkFour init 4\n", fourth));
    held.until("what is closed is not written", |view| {
        view.refused.as_ref().is_some_and(|why| why.contains("part.orc is not saved"))
    });
    assert_eq!(held.side.read(&path), "gkThree init 3\n");
}
