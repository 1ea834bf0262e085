//! The widgets of a piece as its engine has them: what the section says, and what was changed since.

use crate::array::Arrays;
use crate::colour::Colour;
use crate::json::section::{self, JsonWidget};
use crate::scan::{self, ScannedArgument};
use crate::store::{Full, Store, Values};
use crate::text::{self, Argument, Identifier, Item, Items};
use crate::value::{Change, Value, ValueRef, WidgetName};

/// Room for changes beyond what the section takes: bytes, and identifiers.
const ROOM: usize = 2 << 20;
const ROOM_IDENTIFIERS: usize = 16_384;

/// The most widgets, as the section's reader has it.
const MOST_WIDGETS: usize = 10_000;

/// The longest name of an identifier.
const LONGEST_IDENTIFIER: usize = 64;

/// A widget.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeWidget {
    /// Its kind, in small letters.
    pub kind: String,
    /// Its channels; it is known by the first.
    pub channels: Vec<String>,
    /// The channel by which it hears of new identifiers.
    pub ident: Option<String>,
    /// The tables that its line names.
    pub tables: Vec<u32>,
    /// The signals that its line names.
    pub signals: Vec<String>,
}

impl TreeWidget {
    /// Whether it shows tables.
    pub fn is_of_tables(&self) -> bool {
        matches!(self.kind.as_str(), "gentable" | "soundfiler")
    }

    /// Whether it shows signals.
    pub fn is_of_signals(&self) -> bool {
        self.kind == "signaldisplay"
    }
}

/// The name of the identifier by which a widget says which signals it shows.
const SIGNALS: &str = "signalvariable";

/// The names of the identifier by which a widget says which tables it shows.
const TABLES: [&str; 2] = ["tablenumber", "tablenumbers"];

/// The number of a table.
fn table_number(number: f64) -> Option<u32> {
    (1.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}

/// See the module. After it is made, changing identifiers allocates nothing.
pub struct Tree {
    widgets: Vec<TreeWidget>,
    store: Store,
    /// See [`made`](Self::made).
    made: u32,
    is_json: bool,
}

/// A name of an identifier in small letters, as the tree keeps it.
pub struct Small([u8; LONGEST_IDENTIFIER], usize);

impl Small {
    /// The name; `None` if it is too long or empty. Of the names for one thing the shorter is kept.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.is_empty() || name.len() > LONGEST_IDENTIFIER {
            return None;
        }
        let mut bytes = [0; LONGEST_IDENTIFIER];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        bytes[..name.len()].make_ascii_lowercase();
        let is_first_colour = bytes[..name.len()].ends_with(b"colour:0");
        Some(Self(bytes, if is_first_colour { name.len() - 2 } else { name.len() }))
    }

    /// It.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..self.1]).unwrap_or_default()
    }
}

impl Tree {
    /// The widgets of the `<Cabbage>` section of a piece's text; none where there is no section.
    pub fn of(text: &str) -> Self {
        if let Some(widgets) = section::widgets(text, &mut Vec::new()) {
            let mut tree = Self {
                widgets: Vec::new(),
                store: Store::new(4 * text.len() + ROOM, text.matches(':').count() + ROOM_IDENTIFIERS),
                made: 0,
                is_json: true,
            };
            tree.add_all(&widgets);
            return tree;
        }
        let lines = text::lines(text, &mut Vec::new());
        let size: usize = lines.iter().map(|line| line.text.len()).sum();
        let identifiers: usize = lines.iter().map(|line| line.text.matches('(').count()).sum();
        let mut tree = Self {
            widgets: Vec::new(),
            store: Store::new(4 * size + ROOM, identifiers + ROOM_IDENTIFIERS),
            made: 0,
            is_json: false,
        };
        let mut arrays = Arrays::default();
        for line in &lines {
            let mut items = Items::new(&line.text).peekable();
            while let Some(item) = items.next() {
                let Item::Word(kind) = item else { continue };
                let mut identifiers = Vec::new();
                while let Some(item) = items.next_if(|item| !matches!(item, Item::Word(_) | Item::Close)) {
                    if let Item::Identifier(identifier) | Item::Broken(identifier) = item {
                        identifiers.push(identifier);
                    }
                }
                for identifiers in arrays.each_of(identifiers) {
                    tree.add(&kind, &identifiers);
                }
            }
        }
        tree
    }

    fn add_all(&mut self, widgets: &[JsonWidget]) {
        for widget in widgets {
            self.add(&widget.kind, &widget.identifiers);
            self.add_all(&widget.children);
        }
    }

    /// Adds a widget of a piece's own words: its kind, and its identifiers as a text. True if it is new; one whose
    /// channel is there already is left out.
    ///
    /// # Realtime safety
    /// Allocates: for the beginning of a note.
    pub fn create(&mut self, kind: &str, identifiers: &str) -> bool {
        let items = Items::new(identifiers).filter_map(|item| match item {
            Item::Identifier(identifier) | Item::Broken(identifier) => Some(identifier),
            _ => None,
        });
        self.add(&kind.trim().to_lowercase(), &items.collect::<Vec<_>>())
    }

    fn add(&mut self, kind: &str, identifiers: &[Identifier]) -> bool {
        let texts = |name: &str| {
            let found = identifiers.iter().rev().find(|identifier| identifier.name == name);
            let arguments = found.map_or(&[][..], |found| &found.arguments);
            arguments.iter().map(|argument| argument.text.clone()).filter(|text| !text.is_empty())
        };
        let channels: Vec<String> = texts("channel").chain(texts("channels")).collect();
        let is_there = |channel: &String| self.named(channel).is_some();
        if self.widgets.len() >= MOST_WIDGETS || channels.first().is_some_and(is_there) {
            return false;
        }
        let ident = texts("identchannel").next();
        let name = channels.first().cloned().or(ident.clone());
        let numbers = identifiers.iter().filter(|identifier| TABLES.contains(&identifier.name.as_str()));
        let numbers = numbers.flat_map(|identifier| &identifier.arguments);
        let tables =
            numbers.filter_map(|argument| table_number(argument.text.trim().parse().ok()?)).collect();
        let signals = texts(SIGNALS).collect();
        self.widgets.push(TreeWidget { kind: kind.to_owned(), channels, ident, tables, signals });
        if let Some(name) = name {
            // What has no room does not come back: nobody reads so much.
            for identifier in identifiers {
                let values: Vec<Value> = identifier.arguments.iter().map(value_of).collect();
                let _ = self.set(&name, &identifier.name, values.iter().map(Value::as_ref));
            }
            let _ = self.store.put_of(&name, "type", [ValueRef::Text(kind)].into_iter());
        }
        true
    }

    /// Whether the section is in Cabbage 3's JSON.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// The widgets, in the order of the text.
    pub fn widgets(&self) -> &[TreeWidget] {
        &self.widgets
    }

    /// The tables that are shown, widget by widget: those that were set last, or that the line names. Some may come
    /// twice.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn tables(&self) -> impl Iterator<Item = u32> + '_ {
        self.widgets.iter().filter(|widget| widget.is_of_tables()).flat_map(|widget| {
            let name = widget.channels.first().or(widget.ident.as_ref());
            let set = name.and_then(|name| TABLES.iter().find_map(|said| self.store.get(name, said)));
            let of_line = if set.is_none() { widget.tables.as_slice() } else { &[] };
            let set = set.into_iter().flatten().filter_map(|value| table_number(value.number()));
            set.chain(of_line.iter().copied())
        })
    }

    /// True if a widget shows this signal: one that was set last, or that its line names.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn shows_signal(&self, signal: &str) -> bool {
        self.widgets.iter().filter(|widget| widget.is_of_signals()).any(|widget| {
            let name = widget.channels.first().or(widget.ident.as_ref());
            match name.and_then(|name| self.store.get(name, SIGNALS)) {
                Some(mut set) => set.any(|value| value == ValueRef::Text(signal)),
                None => widget.signals.iter().any(|own| own == signal),
            }
        })
    }

    /// The widget that has this channel.
    pub fn named(&self, channel: &str) -> Option<&TreeWidget> {
        self.widgets.iter().find(|widget| widget.channels.iter().any(|own| own == channel))
    }

    /// Sets an identifier of a widget.
    ///
    /// # Errors
    /// There is no room for it, or no such name can be.
    pub fn set<'v>(
        &mut self,
        name: &str,
        identifier: &str,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> Result<(), Full> {
        let small = Small::of(identifier).ok_or(Full)?;
        let mut numbers = values.clone().map(ValueRef::number);
        let mut next = || numbers.next().unwrap_or(0.0);
        let [x, y, width, height] = self.bounds(name);
        match small.as_str() {
            "pos" => self.set_bounds(name, [next(), next(), width, height]),
            "size" => self.set_bounds(name, [x, y, next(), next()]),
            "left" => self.set_bounds(name, [next(), y, width, height]),
            "top" => self.set_bounds(name, [x, next(), width, height]),
            "width" => self.set_bounds(name, [x, y, next(), height]),
            "height" => self.set_bounds(name, [x, y, width, next()]),
            other => self.store.put_of(name, other, values),
        }
    }

    fn set_bounds(&mut self, name: &str, bounds: [f64; 4]) -> Result<(), Full> {
        self.store.put_of(name, "bounds", bounds.map(ValueRef::Number).into_iter())
    }

    /// Takes a change that a host has kept.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn take(&mut self, change: &Change) -> Result<(), Full> {
        let values = change.values.iter().map(Value::as_ref);
        match &change.widget {
            WidgetName::Channel(name) | WidgetName::Ident(name) => self.set(name, &change.identifier, values),
            WidgetName::State => self.store.put_state(&change.identifier, change.is_list, values),
            // They are the piece's own.
            WidgetName::Table(_) | WidgetName::Signal(_) => Ok(()),
            WidgetName::New(number) => {
                self.made = self.made.max(number.saturating_add(1));
                if let Some(Value::Text(text)) = change.values.first() {
                    self.create(&change.identifier, text);
                }
                Ok(())
            }
        }
    }

    /// Data of the piece's own, beside its widgets.
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// The values of data of the piece's own.
    pub fn state(&self, key: &str) -> Option<Values<'_>> {
        self.store.state(key)
    }

    /// The data of the piece's own.
    pub fn states(&self) -> impl Iterator<Item = Change> + '_ {
        self.store.changes().filter(|change| change.widget == WidgetName::State)
    }

    /// True if there is any.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn has_states(&self) -> bool {
        self.store.has_states()
    }

    /// The number of the next widget that the piece makes: behind those of the changes that were taken.
    pub fn made(&self) -> u32 {
        self.made
    }

    /// The values of an identifier of a widget, as they were said.
    pub fn get(&self, name: &str, identifier: &str) -> Option<Values<'_>> {
        self.store.get(name, Small::of(identifier)?.as_str())
    }

    /// The first number of an identifier: what was said, what follows from what was said, or what a widget has that
    /// says nothing.
    pub fn number(&self, name: &str, identifier: &str) -> f64 {
        if let Some(value) = self.get(name, identifier).and_then(|mut values| values.next()) {
            return value.number();
        }
        let Some(small) = Small::of(identifier) else { return 0.0 };
        let [minimum, maximum, value, skew, increment] = self.range(name);
        let [x, y, width, height] = self.bounds(name);
        match small.as_str() {
            "visible" | "active" | "alpha" | "automatable" => 1.0,
            "left" => x,
            "top" => y,
            "width" => width,
            "height" => height,
            "min" => minimum,
            "max" => maximum,
            "value" => value,
            "sliderskew" => skew,
            "increment" => increment,
            _ => 0.0,
        }
    }

    /// A widget's place: to the right, down, width, height.
    pub fn bounds(&self, name: &str) -> [f64; 4] {
        self.numbers_of(name, "bounds", [0.0; 4])
    }

    /// A slider's values: least, greatest, at the start or as it was set, skew, increment.
    pub fn range(&self, name: &str) -> [f64; 5] {
        let mut range = self.numbers_of(name, "range", [0.0, 1.0, 0.0, 1.0, 0.001]);
        let at = |identifier: &str| self.store.get(name, identifier)?.next().map(ValueRef::number);
        for (index, identifier) in [(0, "min"), (1, "max"), (2, "value")] {
            range[index] = at(identifier).unwrap_or(range[index]);
        }
        range
    }

    fn numbers_of<const COUNT: usize>(
        &self,
        name: &str,
        identifier: &str,
        mut numbers: [f64; COUNT],
    ) -> [f64; COUNT] {
        for (number, value) in numbers.iter_mut().zip(self.store.get(name, identifier).into_iter().flatten())
        {
            *number = value.number();
        }
        numbers
    }

    /// A colour of a widget, however it was said.
    pub fn colour(&self, name: &str, identifier: &str) -> Option<Colour> {
        let values = self.get(name, identifier)?;
        let first = values.clone().next()?;
        if let (ValueRef::Text(text), 1) = (first, values.count()) {
            return Colour::from_text(text);
        }
        let (mut numbers, count) = ([0.0; 4], values.count().min(4));
        for (number, value) in numbers.iter_mut().zip(values) {
            *number = value.number();
        }
        Colour::from_numbers(&numbers[..count])
    }

    /// The channels of the widgets of which each identifier of `filter` says the same in its first value.
    pub fn channels<'a>(&'a self, filter: &'a str) -> impl Iterator<Item = &'a str> {
        let matching = move |widget: &&TreeWidget| {
            let Some(name) = widget.channels.first() else { return false };
            scan::identifiers(filter).all(|(identifier, inside)| {
                let wanted = scan::arguments(inside).next();
                self.says(widget, name, identifier, wanted)
            })
        };
        self.widgets.iter().filter(matching).flat_map(|widget| widget.channels.iter().map(String::as_str))
    }

    fn says(
        &self,
        widget: &TreeWidget,
        name: &str,
        identifier: &str,
        wanted: Option<ScannedArgument<'_>>,
    ) -> bool {
        let Some(wanted) = wanted else { return self.get(name, identifier).is_some() };
        if identifier.eq_ignore_ascii_case("type") {
            return widget.kind.eq_ignore_ascii_case(wanted.text);
        }
        match (self.get(name, identifier).and_then(|mut values| values.next()), wanted.number()) {
            (Some(ValueRef::Text(text)), None) => text == wanted.text,
            (Some(value), Some(number)) => value.number() == number,
            (None, Some(number)) => self.number(name, identifier) == number,
            (None | Some(ValueRef::Number(_)), None) => false,
        }
    }
}

fn value_of(argument: &Argument) -> Value {
    let number = argument.text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    match number.filter(|_| !argument.quoted) {
        Some(number) => Value::Number(number),
        None => Value::Text(argument.text.clone()),
    }
}

#[cfg(test)]
mod tests;
