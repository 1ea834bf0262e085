//! What a tree says of a section, and of changes.

use super::*;

const SECTION: &str = "<Cabbage>
form caption(\"Test\") size(300, 200)
rslider bounds(10, 20, 60, 60), channel(\"gain\"), range(0, 2, 0.5, 1, 0.01), text(\"Gain\"), colour(255, 0, 10), _mood(\"good\")
label bounds(0, 0, 80, 20), text(\"words\"), identchannel(\"words_ident\")
xypad channel(\"x\", \"y\"), rangex(0, 1, 0), alpha(0.5), automatable(0)
button channel(\"go\"), text(\"off\", \"on\"), colour:0(\"orange\"), _mood(\"bad\")
</Cabbage>
<CsoundSynthesizer></CsoundSynthesizer>";

fn values(tree: &Tree, name: &str, identifier: &str) -> Vec<Value> {
    tree.get(name, identifier).into_iter().flatten().map(ValueRef::to_value).collect()
}

#[test]
fn a_section_is_read_by_channels() {
    let tree = Tree::of(SECTION);
    assert_eq!(tree.bounds("gain"), [10.0, 20.0, 60.0, 60.0]);
    assert_eq!(tree.range("gain"), [0.0, 2.0, 0.5, 1.0, 0.01]);
    assert_eq!(values(&tree, "go", "Text"), ["off".into(), "on".into()]);
    assert_eq!((tree.number("gain", "visible"), tree.number("x", "alpha")), (1.0, 0.5));
    assert_eq!((tree.number("gain", "width"), tree.number("gain", "nothing")), (60.0, 0.0));
    let colour = tree.colour("gain", "colour").unwrap();
    assert_eq!((colour.red, colour.green, colour.blue, colour.alpha), (255, 0, 10, 255));
    assert_eq!(tree.colour("go", "colour").unwrap().green, 165);
    assert_eq!(values(&tree, "words_ident", "text"), ["words".into()]);
    assert_eq!(tree.widgets()[2].ident.as_deref(), Some("words_ident"));
    assert!(Tree::of("no section").widgets().is_empty());
}

#[test]
fn channels_are_found_by_what_their_widgets_say() {
    let tree = Tree::of(SECTION);
    let found = |filter| tree.channels(filter).collect::<Vec<_>>();
    assert_eq!(found(""), ["gain", "x", "y", "go"]);
    assert_eq!(found("_mood(\"bad\")"), ["go"]);
    assert_eq!(found("automatable(1), _mood(\"good\")"), ["gain"]);
    assert_eq!(found("automatable(0)"), ["x", "y"]);
    assert_eq!(found("type(\"button\")"), ["go"]);
    assert_eq!(found("_mood(\"none\")"), [""; 0]);
}

#[test]
fn what_is_set_stands_in_the_place_of_what_was_said() {
    let mut tree = Tree::of(SECTION);
    let set = |tree: &mut Tree, identifier: &str, values: &[f64]| {
        tree.set("gain", identifier, values.iter().map(|number| ValueRef::Number(*number))).unwrap();
    };
    set(&mut tree, "pos", &[1.0, 2.0]);
    assert_eq!(tree.bounds("gain"), [1.0, 2.0, 60.0, 60.0]);
    set(&mut tree, "Size", &[3.0, 4.0]);
    assert_eq!(tree.bounds("gain"), [1.0, 2.0, 3.0, 4.0]);
    set(&mut tree, "value", &[1.5]);
    assert_eq!(tree.range("gain")[2], 1.5);
    set(&mut tree, "colour:0", &[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(tree.colour("gain", "colour").unwrap().alpha, 4);
    assert!(tree.set("gain", &"n".repeat(65), std::iter::empty()).is_err());
    tree.take(&Change::of("nobody", "text", ["kept".into()])).unwrap();
    assert_eq!(values(&tree, "nobody", "text"), ["kept".into()]);
}

#[test]
fn a_widget_is_made_once() {
    let mut tree = Tree::of("");
    assert!(tree.create("CheckBox", "bounds(1, 2, 3, 4), channel(\"check\"), value(1)"));
    assert!(!tree.create("button", "channel(\"check\")"));
    assert!(tree.create("label", "text(\"no channel\")"));
    assert_eq!(tree.widgets()[0].kind, "checkbox");
    assert_eq!(tree.number("check", "value"), 1.0);
}
