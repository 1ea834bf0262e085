//! A section with what its piece has changed of it.

use csound_cabbage::text::{Argument, Identifier, Item, Items};
use csound_cabbage::{Changes, Value, WidgetName};

use super::reader::{MOST_WIDGETS, Reader};
use super::section::CabbageSection;
use super::widget::{CabbageWidget, WidgetKind};

impl CabbageSection {
    /// The section with changes applied, and with the widgets that the piece has made. Values are those of channels,
    /// and not applied.
    pub fn changed(&self, changes: &Changes) -> Self {
        let mut section = self.clone();
        if changes.is_empty() {
            return section;
        }
        add_made(&mut section, changes);
        for index in 0..section.widgets.len() {
            let widget = &section.widgets[index];
            let identifiers: Vec<_> = names(widget).flat_map(|name| identifiers_of(&name, changes)).collect();
            if !identifiers.is_empty() {
                section.widgets[index] = with(widget, identifiers);
            }
        }
        section
    }
}

/// The names by which a piece may have changed a widget.
fn names(widget: &CabbageWidget) -> impl Iterator<Item = WidgetName> + '_ {
    let ident = widget.words("identchannel").first().map(|ident| WidgetName::Ident((*ident).to_owned()));
    widget.channels.iter().cloned().map(WidgetName::Channel).chain(ident)
}

fn identifiers_of(name: &WidgetName, changes: &Changes) -> Vec<Identifier> {
    let changed = changes.of(name).filter(|(identifier, _)| !matches!(*identifier, "value" | "channel"));
    let argument = |value: &Value| match value {
        Value::Number(number) => Argument { text: number.to_string(), quoted: false },
        Value::Text(text) => Argument { text: text.clone(), quoted: true },
    };
    let identifier = |(name, values): (&str, &[Value])| Identifier {
        name: name.to_owned(),
        arguments: values.iter().map(argument).collect(),
    };
    changed.map(identifier).collect()
}

/// A widget read again with more identifiers. What the piece hides is hidden, and what it shows is shown: neither is
/// for the user to open.
fn with(widget: &CabbageWidget, more: Vec<Identifier>) -> CabbageWidget {
    let shows = more.iter().any(|identifier| identifier.name == "visible");
    let identifiers = [widget.identifiers.clone(), more].concat();
    let mut reader = Reader::default();
    let mut read = reader.read_widget(widget.kind.clone(), widget.parent, identifiers);
    read.line = widget.line;
    if shows {
        read.is_hidden = !read.visible;
        read.visible = true;
    } else {
        read.is_hidden = widget.is_hidden;
    }
    read
}

/// Adds the widgets that the piece has made.
fn add_made(section: &mut CabbageSection, changes: &Changes) {
    for change in changes.iter().filter(|change| matches!(change.widget, WidgetName::New(_))) {
        let Some(Value::Text(text)) = change.values.first() else { continue };
        let identifiers = Items::new(text).filter_map(|item| match item {
            Item::Identifier(identifier) | Item::Broken(identifier) => Some(identifier),
            _ => None,
        });
        let kind = WidgetKind::from(change.identifier.to_lowercase().as_str());
        if section.widgets.len() >= MOST_WIDGETS {
            return;
        }
        section.widgets.push(Reader::default().read_widget(kind, None, identifiers.collect()));
    }
}

#[cfg(test)]
mod tests {
    use csound_cabbage::Change;

    use super::*;

    const TEXT: &str = "<Cabbage>\nform size(100, 100)\nrslider bounds(1, 2, 3, 4), channel(\"gain\"), text(\"Gain\"), colour:0(1, 2, 3)\n\
        groupbox bounds(5, 5, 50, 50), visible(0), identchannel(\"ident\") {\nlabel bounds(1, 1, 9, 9), text(\"in it\")\n}\n\
        </Cabbage>\n";

    fn with_changes(list: Vec<Change>) -> CabbageSection {
        super::super::parse(TEXT).changed(&list.into())
    }

    #[test]
    fn identifiers_stand_in_the_place_of_those_of_the_line() {
        let section = with_changes(vec![
            Change::of("gain", "bounds", [9.0, 8.0, 7.0, 6.5].map(Value::Number)),
            Change::of("gain", "text", ["New".into()]),
            Change::of("gain", "colour", [255.0, 0.0, 0.0].map(Value::Number)),
            Change::of("gain", "value", [0.5.into()]),
            Change::of("nobody", "text", ["x".into()]),
        ]);
        let gain = &section.widgets[0];
        assert_eq!((gain.bounds.unwrap().x, gain.bounds.unwrap().height), (9.0, 6.5));
        assert_eq!(gain.texts, ["New"]);
        assert_eq!(gain.colour("colour").unwrap().red, 255);
        assert_eq!((gain.line, gain.channels.as_slice()), (3, &["gain".to_owned()][..]));
        assert_eq!(gain.number("value"), None, "a value is its channel's");
    }

    #[test]
    fn what_the_piece_shows_and_hides_is_not_the_users_to_open() {
        let hidden = with_changes(vec![Change::of("gain", "visible", [0.0.into()])]);
        assert!(hidden.widgets[0].is_hidden && hidden.widgets[0].visible);
        let ident = WidgetName::Ident("ident".into());
        let change = Change { widget: ident, ..Change::of("", "visible", [1.0.into()]) };
        let shown = with_changes(vec![change]);
        assert!(!shown.widgets[1].is_hidden && shown.widgets[1].visible);
        assert_eq!(shown.widgets[2].parent, Some(1));
    }

    #[test]
    fn widgets_that_the_piece_makes_are_there() {
        let text = "bounds(1, 2, 3, 4), channel(\"made\"), range(0, 5, 1)";
        let made = Change { widget: WidgetName::New(0), ..Change::of("", "HSlider", [text.into()]) };
        let section = with_changes(vec![made, Change::of("made", "text", ["Made".into()])]);
        let widget = section.widgets.last().unwrap();
        assert_eq!((&widget.kind, widget.texts.as_slice()), (&WidgetKind::Hslider, &["Made".to_owned()][..]));
        assert_eq!(widget.controls()[0].channel, "made");
    }
}
