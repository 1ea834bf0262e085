//! From the words of a `<Cabbage>` section to its widgets; says what cannot be read. Pure.

use super::section::{CabbageSection, Form};
use super::widget::{Bounds, CabbageWidget, Span, WidgetKind, colour_of, number};
use csound_cabbage::array::Arrays;
use csound_cabbage::colour::Colour;
use csound_cabbage::json::section::JsonWidget;
use csound_cabbage::text::{Argument, Identifier, Item, Items};
use csound_cabbage::warning::Warning;

/// Most widgets that are read.
pub(super) const MOST_WIDGETS: usize = 10_000;

/// Most warnings that are kept.
pub(super) const MOST_WARNINGS: usize = 100;

/// Positions and sizes are held to this, in pixels.
const LARGEST: f64 = 32_768.0;

/// The size of a form that does not say it, in pixels.
pub(super) const FORM_SIZE: (f64, f64) = (600.0, 300.0);

/// Takes a section line by line.
#[derive(Default)]
pub(super) struct Reader {
    pub section: CabbageSection,
    line: usize,
    /// The widget that a `{` would open; `None` behind a form.
    last: Option<usize>,
    /// The widgets that are open, with the lines of their `{`.
    open: Vec<(Option<usize>, usize)>,
    arrays: Arrays,
}

impl Reader {
    fn warn(&mut self, text: impl Into<String>) {
        self.warn_at(self.line, text);
    }

    pub fn warn_at(&mut self, line: usize, text: impl Into<String>) {
        self.section.warnings.push(Warning::new(line, text));
    }

    /// Takes a line: `number` is where it stands in the user's file.
    pub fn line(&mut self, number: usize, text: &str) {
        self.line = number;
        let mut items = Items::new(text).peekable();
        while let Some(item) = items.next() {
            match item {
                Item::Open => self.open.push((self.last, number)),
                Item::Close => self.close(),
                Item::Word(name) => {
                    let (mut identifiers, mut opened) = (Vec::new(), false);
                    // What follows a brace on its line is still the widget's, up to the next word.
                    while let Some(item) = items.next_if(|item| continues(item, opened)) {
                        opened |= item == Item::Open;
                        identifiers.extend(self.identifier(item));
                    }
                    self.widget(&name, identifiers);
                    if opened {
                        self.open.push((self.last, number));
                    }
                }
                Item::Identifier(found) | Item::Broken(found) => {
                    self.warn(format!("{}( ) has no widget before it on its line", found.name));
                }
                Item::Stray(stray) => self.warn(format!("{stray:?} is not expected here")),
            }
        }
    }

    /// Takes a widget that stands in JSON, with those that lie in it.
    pub fn json(&mut self, widget: JsonWidget) {
        let JsonWidget { line, kind, identifiers, children } = widget;
        self.line = line;
        self.widget(&kind, identifiers);
        if children.is_empty() {
            return;
        }
        self.open.push((self.last, line));
        children.into_iter().for_each(|child| self.json(child));
        self.close();
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some((parent, _)) => self.last = parent,
            None => self.warn("there is nothing to close with this }"),
        }
    }

    fn identifier(&mut self, item: Item) -> Option<Identifier> {
        match item {
            Item::Identifier(found) => return Some(found),
            Item::Broken(found) => {
                self.warn(format!("{}( is not closed, or its string is not", found.name));
                return Some(found);
            }
            Item::Word(word) => self.warn(format!("{word} has no arguments in parentheses")),
            Item::Stray(stray) => self.warn(format!("{stray:?} is not expected here")),
            Item::Open | Item::Close => {}
        }
        None
    }

    fn widget(&mut self, name: &str, identifiers: Vec<Identifier>) {
        if name == "form" {
            self.form(identifiers);
            return;
        }
        let parent = self.open.last().and_then(|(parent, _)| *parent);
        let mut arrays = std::mem::take(&mut self.arrays);
        self.last = None;
        for (number, identifiers) in arrays.each_of(identifiers).enumerate() {
            if self.section.widgets.len() >= MOST_WIDGETS {
                self.warn(format!("only the first {MOST_WIDGETS} widgets are read"));
                break;
            }
            // What is wrong with all of them is told of the first.
            let told = self.section.warnings.len();
            let widget = self.read_widget(WidgetKind::from(name), parent, identifiers);
            if number > 0 {
                self.section.warnings.truncate(told);
            }
            self.section.widgets.push(widget);
            self.last = Some(self.section.widgets.len() - 1);
        }
        if arrays.take_cut() {
            self.warn(
                "all arrays of widgets together are longer than 16 MB: the rest of this one is left out",
            );
        }
        self.arrays = arrays;
    }

    fn form(&mut self, identifiers: Vec<Identifier>) {
        self.last = None;
        let fields = Fields(&identifiers);
        let (width, height) = match fields.numbers("size", self).as_deref() {
            Some([Some(width), Some(height), ..]) => (pixels(*width).max(0.0), pixels(*height).max(0.0)),
            _ => FORM_SIZE,
        };
        let caption = fields.text("caption");
        let colour = fields.find("colour").and_then(colour_of);
        if fields.find("import").is_some() {
            self.warn("what import names is not read");
        }
        self.check_colours(&identifiers);
        let form = Form { line: self.line, caption, width, height, colour };
        match self.section.form {
            None => self.section.form = Some(form),
            Some(_) => self.warn("there is a form already: this one is left out"),
        }
    }

    /// A widget of these identifiers.
    pub fn read_widget(
        &mut self,
        kind: WidgetKind,
        parent: Option<usize>,
        identifiers: Vec<Identifier>,
    ) -> CabbageWidget {
        let fields = Fields(&identifiers);
        let texts = fields.texts("text");
        let mut items = fields.items();
        if kind.has_items() && items.is_empty() {
            items.clone_from(&texts);
        }
        self.check_colours(&identifiers);
        CabbageWidget {
            line: self.line,
            parent,
            bounds: self.bounds(&fields),
            channels: [fields.texts("channel"), fields.texts("channels")].concat(),
            texts,
            caption: fields.text("caption"),
            items,
            spans: ["range", "rangex", "rangey"].iter().filter_map(|name| self.span(&fields, name)).collect(),
            visible: fields.flag("visible"),
            is_hidden: false,
            active: fields.flag("active"),
            automatable: fields.flag("automatable"),
            kind,
            identifiers,
        }
    }

    fn bounds(&mut self, fields: &Fields) -> Option<Bounds> {
        if let Some(numbers) = fields.numbers("bounds", self) {
            if let [Some(x), Some(y), Some(width), Some(height), ..] = numbers[..] {
                return Some(bounds(x, y, width, height));
            }
            self.warn("bounds( ) needs four numbers: x, y, width, height");
        }
        let (place, size) = (fields.numbers("pos", self), fields.numbers("size", self));
        let pair = |numbers: Option<Vec<Option<f64>>>| match numbers.as_deref() {
            Some([Some(one), Some(other), ..]) => Some((*one, *other)),
            _ => None,
        };
        let (width, height) = pair(size)?;
        let (x, y) = pair(place).unwrap_or_default();
        Some(bounds(x, y, width, height))
    }

    fn span(&mut self, fields: &Fields, name: &str) -> Option<Span> {
        let identifier = fields.find(name)?;
        // Two thumbs have their values as `low:high`.
        let values = identifier.arguments.get(2).and_then(|argument| argument.text.split_once(':'));
        let values =
            values.and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)));
        let numbers: Vec<Option<f64>> = identifier.arguments.iter().map(number).collect();
        let [Some(minimum), Some(maximum), ..] = numbers[..] else {
            self.warn(format!("{name}( ) needs two numbers at least: minimum and maximum"));
            return None;
        };
        if minimum >= maximum {
            let instead = if minimum == maximum { "0 to 1 stands instead" } else { "they change places" };
            self.warn(format!("{name}( ) has to go up, but goes from {minimum} to {maximum}: {instead}"));
        }
        let at = |index: usize| numbers.get(index).copied().flatten();
        let present =
            |index: usize| identifier.arguments.get(index).is_some_and(|found| !found.text.is_empty());
        if (2..numbers.len()).any(|index| present(index) && at(index).is_none() && values.is_none()) {
            self.warn(format!("{name}( ) has something in it that is no number"));
        }
        let start = at(2).unwrap_or(minimum);
        let thumbs = || (fields.number("min").unwrap_or(start), fields.number("max").unwrap_or(start));
        Some(Span {
            minimum,
            maximum,
            values: values.unwrap_or_else(thumbs),
            skew: at(3).filter(|skew| *skew > 0.0).unwrap_or(1.0),
            increment: at(4).filter(|increment| *increment > 0.0).unwrap_or(0.0),
        })
    }

    fn check_colours(&mut self, identifiers: &[Identifier]) {
        let is_colour = |name: &str| name.split(':').next().is_some_and(|name| name.ends_with("colour"));
        for identifier in identifiers.iter().filter(|identifier| is_colour(&identifier.name)) {
            // Some take a list of colours.
            let listed = |argument: &Argument| Colour::from_text(&argument.text).is_some();
            if colour_of(identifier).is_none() && !identifier.arguments.iter().all(listed) {
                self.warn(format!("{}( ) holds no colour", identifier.name));
            }
        }
    }

    /// The section, with its warnings in the order of the text.
    pub fn finish(mut self) -> CabbageSection {
        if let Some((_, line)) = self.open.last() {
            self.warn_at(*line, "this { is never closed");
        }
        let warnings = &mut self.section.warnings;
        warnings.sort_by_key(|warning| warning.line);
        if let Some(more) = warnings.get(MOST_WARNINGS) {
            let line = more.line;
            let count = warnings.len() - MOST_WARNINGS;
            warnings.truncate(MOST_WARNINGS);
            warnings.push(Warning::new(line, format!("from here on there are {count} more warnings")));
        }
        self.section
    }
}

/// Whether an item belongs to the widget before it; `opened` says whether a brace stands between.
fn continues(item: &Item, opened: bool) -> bool {
    match item {
        Item::Close => false,
        Item::Open | Item::Word(_) => !opened,
        Item::Identifier(_) | Item::Broken(_) | Item::Stray(_) => true,
    }
}

/// The identifiers of a line, by name.
struct Fields<'a>(&'a [Identifier]);

impl<'a> Fields<'a> {
    fn find(&self, name: &str) -> Option<&'a Identifier> {
        self.0.iter().rev().find(|identifier| identifier.name == name)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let arguments = self.find(name).map_or(&[][..], |found| &found.arguments);
        arguments.iter().map(|argument| argument.text.clone()).collect()
    }

    fn text(&self, name: &str) -> String {
        self.texts(name).into_iter().next().unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.find(name)?.arguments.first().and_then(number)
    }

    /// On, unless it says 0.
    fn flag(&self, name: &str) -> bool {
        self.number(name) != Some(0.0)
    }

    /// The numbers under a name, `None` for what is no number, which is told.
    fn numbers(&self, name: &str, reader: &mut Reader) -> Option<Vec<Option<f64>>> {
        let identifier = self.find(name)?;
        let numbers: Vec<_> = identifier.arguments.iter().map(number).collect();
        if let Some(wrong) = numbers.iter().position(Option::is_none) {
            reader
                .warn(format!("{name}( ) has {:?} where a number belongs", identifier.arguments[wrong].text));
        }
        Some(numbers)
    }

    /// `items("a", "b")`, or `items:1("menu", "a", "b")` for each of several menus.
    fn items(&self) -> Vec<String> {
        let menus = self.0.iter().filter(|identifier| identifier.name.starts_with("items:"));
        let menu_items = menus.flat_map(|menu| menu.arguments.iter().skip(1));
        let items: Vec<_> = menu_items.map(|argument| argument.text.clone()).collect();
        if items.is_empty() { self.texts("items") } else { items }
    }
}

fn pixels(number: f64) -> f64 {
    number.clamp(-LARGEST, LARGEST)
}

fn bounds(x: f64, y: f64, width: f64, height: f64) -> Bounds {
    Bounds { x: pixels(x), y: pixels(y), width: pixels(width).max(0.0), height: pixels(height).max(0.0) }
}
