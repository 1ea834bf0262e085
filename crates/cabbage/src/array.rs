//! `widgetArray("name", 8)`: one line for several widgets, whose channels are `name1` to `name8`.

use crate::text::{Argument, Identifier};

/// Widgets of one line, at most.
pub const MOST: usize = 10_000;

/// Bytes of the identifiers of all widgets that the arrays of a piece make, at most: a short line may stand for many
/// long ones.
const MOST_BYTES: usize = 16 << 20;

/// What an identifier takes beside its texts.
const BYTES_OF_ONE: usize = 64;

/// The arrays of a piece, which share what they may take.
#[derive(Debug)]
pub struct Arrays {
    /// Bytes that the next ones may still take.
    room: usize,
    is_cut: bool,
}

impl Default for Arrays {
    fn default() -> Self {
        Self { room: MOST_BYTES, is_cut: false }
    }
}

impl Arrays {
    /// The identifiers of each widget that a line makes: as they are, or with a channel for each of an array. They are
    /// made one after the other, as they are asked for, and end where the arrays have taken all that they may.
    pub fn each_of(&mut self, identifiers: Vec<Identifier>) -> impl Iterator<Item = Vec<Identifier>> {
        let array = array(&identifiers);
        let size: usize = identifiers.iter().map(size_of).sum();
        let mut alone = Some(identifiers);
        let lines = match &array {
            Some(_) => alone.take().unwrap_or_default(),
            None => Vec::new(),
        };
        let (name, count) = array.unwrap_or_default();
        let many = (1..=count).map_while(move |number| {
            // The names of its own channels are short.
            let left = self.room.checked_sub(size + name.len());
            self.is_cut |= left.is_none();
            self.room = left?;
            Some(one_of(&lines, &name, number))
        });
        alone.into_iter().chain(many)
    }

    /// Whether there was no room for some widgets, since this was asked last.
    pub fn take_cut(&mut self) -> bool {
        std::mem::take(&mut self.is_cut)
    }
}

/// What an identifier takes, in bytes.
fn size_of(identifier: &Identifier) -> usize {
    let arguments = identifier.arguments.iter().map(|argument| argument.text.len() + BYTES_OF_ONE);
    identifier.name.len() + BYTES_OF_ONE + arguments.sum::<usize>()
}

fn one_of(identifiers: &[Identifier], name: &str, number: usize) -> Vec<Identifier> {
    let names = [("channel", format!("{name}{number}")), ("identchannel", format!("{name}_ident{number}"))];
    let kept = identifiers.iter().filter(|known| !is_of_array(&known.name)).cloned();
    let own = names.map(|(identifier, text)| Identifier {
        name: identifier.to_owned(),
        arguments: vec![Argument { text, quoted: true }],
    });
    kept.chain(own).collect()
}

fn is_of_array(name: &str) -> bool {
    matches!(name, "widgetarray" | "channel" | "channels" | "identchannel")
}

/// The name of an array, and how many widgets it has.
fn array(identifiers: &[Identifier]) -> Option<(String, usize)> {
    let array = identifiers.iter().rev().find(|identifier| identifier.name == "widgetarray")?;
    let [name, count, ..] = array.arguments.as_slice() else { return None };
    let count: f64 = count.text.trim().parse().ok()?;
    (count >= 1.0 && !name.text.is_empty()).then(|| (name.text.clone(), count.min(MOST as f64) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Item, Items};

    fn identifiers(line: &str) -> Vec<Identifier> {
        let found = Items::new(line).filter_map(|item| match item {
            Item::Identifier(found) => Some(found),
            _ => None,
        });
        found.collect()
    }

    fn channels(line: &str) -> Vec<String> {
        let of = |identifiers: &Vec<Identifier>| {
            let channel = identifiers.iter().rev().find(|known| known.name == "channel");
            channel.map_or(String::new(), |channel| channel.arguments[0].text.clone())
        };
        Arrays::default().each_of(identifiers(line)).map(|made| of(&made)).collect()
    }

    #[test]
    fn an_array_has_a_channel_for_each_widget_and_is_bounded() {
        assert_eq!(channels("channel(\"own\"), widgetarray(\"ch\", 3)"), ["ch1", "ch2", "ch3"]);
        assert_eq!(channels("channel(\"own\")"), ["own"]);
        for odd in [
            "widgetarray(\"ch\")",
            "widgetarray(\"ch\", 0)",
            "widgetarray(\"\", 3)",
            "widgetarray(\"ch\", x)",
        ] {
            assert_eq!(channels(&format!("channel(\"own\"), {odd}")), ["own"], "{odd}");
        }
        assert_eq!(channels("widgetarray(\"ch\", 1e300)").len(), MOST);
    }

    #[test]
    fn many_long_widgets_end_where_all_arrays_together_have_taken_enough() {
        let mut arrays = Arrays::default();
        let long = format!("text(\"{}\"), widgetarray(\"ch\", 10000)", "x".repeat(1 << 16));
        let line = identifiers(&long);
        let sizes = arrays.each_of(line.clone()).map(|made| made.iter().map(size_of).sum::<usize>());
        let made: Vec<_> = sizes.collect();
        assert!((200..=256).contains(&made.len()), "{}", made.len());
        assert!(arrays.take_cut() && !arrays.take_cut());
        assert_eq!(arrays.each_of(line).count(), 0, "the next line shares the room");
        assert_eq!(arrays.each_of(identifiers("channel(\"own\")")).count(), 1, "what is no array has room");
        // Nothing is made before it is asked for.
        let mut arrays = Arrays::default();
        let mut few = arrays.each_of(identifiers(&long));
        assert!(few.next().is_some());
        drop(few);
        assert!(arrays.room > MOST_BYTES - (1 << 17));
    }
}
