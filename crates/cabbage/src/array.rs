//! `widgetArray("name", 8)`: one line for several widgets, whose channels are `name1` to `name8`.

use crate::text::{Argument, Identifier};

/// Widgets of one line, at most.
pub const MOST: usize = 10_000;

/// The identifiers of each widget that a line makes: as they are, or with a channel for each of an array.
pub fn each_of(identifiers: Vec<Identifier>) -> Vec<Vec<Identifier>> {
    let Some((name, count)) = array(&identifiers) else { return vec![identifiers] };
    let one = |number: usize| {
        let names =
            [("channel", format!("{name}{number}")), ("identchannel", format!("{name}_ident{number}"))];
        let kept = identifiers.iter().filter(|known| !is_of_array(&known.name)).cloned();
        let own = names.map(|(identifier, text)| Identifier {
            name: identifier.to_owned(),
            arguments: vec![Argument { text, quoted: true }],
        });
        kept.chain(own).collect()
    };
    (1..=count).map(one).collect()
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
        each_of(identifiers(line)).iter().map(of).collect()
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
}
