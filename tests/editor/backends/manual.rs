//! What the contract says of the manual.

use csound_performer::editor::model::*;

use super::held::Held;

const PAGE: &str = "<h1>wobble</h1><p>wobble — Wobbles.</p><a href=\"wobble.csd\">wobble.csd</a>";

fn is_read(view: &View, name: &str) -> bool {
    view.manual.as_ref().is_some_and(|manual| manual.sought == name && manual.found != Found::Reading)
}

pub fn is_looked_up(held: &mut Held) {
    assert_eq!(held.view().manual, None, "nothing is looked up unasked");
    held.act(Action::LookUp("wobble".into()));
    held.until("there is none, or another one", |view| is_read(view, "wobble"));
    let manual = held.view().manual.clone().unwrap();
    assert!(matches!(manual.found, Found::Nothing(_)) && !manual.is_chosen, "{manual:?}");
    assert!(manual.address().starts_with("https://csound.com/"));

    held.act(Action::ChooseManual("/no such folder".into()));
    held.until("what is no manual is refused", |view| {
        view.refused.as_ref().is_some_and(|why| why.contains("/no such folder holds no manual"))
    });
    let example = held.side.write("wobble.csd", "a piece");
    let folder = held.side.write("wobble.html", PAGE).parent().unwrap().to_owned();
    held.act(Action::ChooseManual(folder.clone()));
    held.until("what was looked up is looked up in there", |view| {
        let manual = view.manual.as_ref();
        is_read(view, "wobble") && manual.is_some_and(|manual| matches!(manual.found, Found::Page(..)))
    });
    let manual = held.view().manual.clone().unwrap();
    let Found::Page(page, examples) = &manual.found else { panic!("{manual:?}") };
    assert_eq!((page.about.as_str(), examples.as_slice()), ("Wobbles.", &[example][..]));
    assert_eq!(manual.read.as_ref().map(|(of, folder)| (of.number(), folder)), Some((6, &folder)));
    assert!(manual.is_chosen && manual.entries.iter().any(|entry| entry.name == "wobble"));
    held.act(Action::LookUp("shake".into()));
    held.until("a name without a page", |view| is_read(view, "shake"));
    let manual = held.view().manual.clone().unwrap();
    assert_eq!(manual.found, Found::Nothing("The manual has no page on shake".into()));

    held.act(Action::ForgetManual(folder));
    held.until("or no longer", |view| {
        is_read(view, "shake") && view.manual.as_ref().is_some_and(|manual| !manual.is_chosen)
    });
    held.act(Action::CloseManual);
    held.until("it is closed", |view| view.manual.is_none());
}
