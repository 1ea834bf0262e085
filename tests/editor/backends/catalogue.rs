//! What the contract says of the catalogue of pieces and presets.

use csound_performer::editor::model::*;

use super::held::Held;
use super::piece::piece;

fn has(view: &View, origin: Origin, name: &str) -> bool {
    view.catalogue.entries.iter().any(|entry| entry.origin == origin && entry.name == name)
}

fn is_done(view: &View) -> bool {
    !view.catalogue.is_looking
}

pub fn is_looked_through(held: &mut Held) {
    assert_eq!(held.view().catalogue, Catalogue::default(), "nothing is looked for unasked");
    let path = held.side.write("contract.csd", &piece("0.25"));
    held.act(Action::Open(path.clone()));
    held.until("it plays", |view| view.state == State::Playing && view.piece.path.as_ref() == Some(&path));
    held.act(Action::LookAtCatalogue);
    held.until("shipped pieces and those that were opened are found", |view| {
        let shipped = view.piece.shipped.iter().all(|piece| has(view, Origin::Shipped, &piece.name));
        is_done(view) && shipped && has(view, Origin::Recent, "contract.csd")
    });
    let entry =
        |view: &View| view.catalogue.entries.iter().find(|entry| entry.origin == Origin::Recent).cloned();
    let found = entry(held.view()).unwrap();
    assert_eq!((found.opens, found.trouble), (Opens::File(path.clone()), None));

    let folder = path.parent().unwrap().to_owned();
    held.act(Action::AddPieceFolder(folder.clone()));
    held.until("a folder is looked through", |view| {
        is_done(view) && view.catalogue.folders.contains(&folder) && has(view, Origin::Folder, "contract.csd")
    });
    held.act(Action::AddPieceFolder("/no such folder".into()));
    held.until("what is no folder is refused", |view| {
        view.refused.as_ref().is_some_and(|why| why.contains("/no such folder is not a folder"))
    });
    held.act(Action::RemovePieceFolder(folder.clone()));
    held.until("or no longer", |view| {
        is_done(view) && view.catalogue.folders.is_empty() && !has(view, Origin::Folder, "contract.csd")
    });
    assert_eq!(held.view().refused, None);

    held.act(Action::SavePreset { name: "Found".into(), tags: vec!["seen".into()], replace: false });
    held.until("it is saved", |view| view.presets.chosen().is_some());
    held.act(Action::LookAtCatalogue);
    let preset = |view: &View| {
        let mut entries = view.catalogue.entries.iter();
        entries.find(|entry| entry.origin == Origin::Preset && entry.name == "Found").cloned()
    };
    held.until("a preset is found", |view| is_done(view) && preset(view).is_some());
    let found = preset(held.view()).unwrap();
    assert_eq!((found.place.as_str(), found.tags.as_slice()), ("contract.csd", &["seen".to_owned()][..]));
    let Opens::Preset(id) = found.opens else { panic!("{:?}", found.opens) };
    held.act(Action::OpenPreset(id.clone()));
    held.until("it is chosen", |view| {
        view.refused.is_none() && view.presets.chosen().is_some_and(|preset| preset.name == "Found")
    });
    held.act(Action::DeletePreset(id));
    held.until("it goes", |view| view.presets.list.is_empty());
}
