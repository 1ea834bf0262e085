//! What the contract says of a piece that is heard before it is opened.

use csound_performer::editor::model::*;
use csound_performer::preview::LONGEST;

use super::held::Held;
use super::piece::piece;

/// What is wrong with the preview, once it is over.
fn trouble(view: &View) -> Option<&str> {
    let over = view.preview.as_ref().filter(|preview| preview.stands == PreviewStands::Over);
    over.and_then(|preview| preview.trouble.as_deref())
}

fn is_heard(view: &View, opens: &Opens) -> bool {
    let heard = view.preview.as_ref().filter(|preview| preview.of == *opens);
    heard.is_some_and(|preview| {
        matches!(preview.stands, PreviewStands::Heard { of, .. } if of.is_none_or(|of| of == LONGEST))
            && preview.trouble.is_none()
    })
}

pub fn is_heard_and_ended(held: &mut Held) {
    let (present, state) = (held.view().piece.name.clone(), held.view().state.clone());
    let (recent, generation) = (held.view().piece.recent.clone(), held.view().source.generation);
    assert_eq!(held.view().preview, None);
    let file = Opens::File(held.side.write("heard.csd", &piece("0.125")));
    held.act(Action::Preview(file.clone()));
    held.until("a file is heard", |view| is_heard(view, &file));
    held.act(Action::Preview(Opens::Shipped(0)));
    held.until("a shipped piece in its place", |view| is_heard(view, &Opens::Shipped(0)));
    held.act(Action::EndPreview);
    held.until("it is ended", |view| view.preview.is_none());

    let broken = held.side.write("heard.csd", &piece("broken"));
    held.act(Action::Preview(Opens::File(broken)));
    held.until("it is told that it does not compile", |view| {
        trouble(view).is_some_and(|why| why.contains("does not compile"))
    });
    held.act(Action::Preview(Opens::File("/no/such.csd".into())));
    held.until("and that there is no file", |view| {
        trouble(view).is_some_and(|why| why.contains("/no/such.csd could not be read"))
    });
    held.act(Action::EndPreview);
    held.until("nothing more is said of it", |view| view.preview.is_none());
    let view = held.view();
    assert_eq!((&view.piece.name, &view.state, &view.refused), (&present, &state, &None));
    assert_eq!((&view.piece.recent, view.source.generation), (&recent, generation));
}
