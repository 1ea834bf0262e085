//! The opcodes that a Csound has, by name.

use std::collections::HashMap;

use crate::rates::types;

/// One of the variants of an opcode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The types of its results, in Csound's letters; empty for none.
    pub results: String,
    /// The types of its arguments, in Csound's letters; empty for none.
    pub arguments: String,
}

/// The opcodes of a Csound. Without any, nothing is known, and nothing is said of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opcodes {
    variants: HashMap<String, Vec<Variant>>,
    names: Vec<String>,
}

impl Opcodes {
    /// Of a list of names, types of results and types of arguments, a variant each.
    pub fn of(list: impl IntoIterator<Item = (String, String, String)>) -> Self {
        let mut variants: HashMap<String, Vec<Variant>> = HashMap::new();
        for (name, results, arguments) in list {
            let variant = Variant { results, arguments };
            let known = variants.entry(name).or_default();
            if !known.contains(&variant) {
                known.push(variant);
            }
        }
        let mut names: Vec<_> = variants.keys().cloned().collect();
        names.sort_unstable();
        Self { variants, names }
    }

    /// Of names, types of results and types of arguments that a test has written out.
    #[cfg(test)]
    pub(crate) fn named(list: &[(&str, &str, &str)]) -> Self {
        Self::of(list.iter().map(|&(name, results, types)| (name.into(), results.into(), types.into())))
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The variants of a name; none if there is no such opcode. What Csound has for itself, as `##add`, is one too.
    pub fn get(&self, name: &str) -> &[Variant] {
        self.variants.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether there is an opcode of this name.
    pub fn has(&self, name: &str) -> bool {
        self.variants.contains_key(name)
    }
}

impl Variant {
    /// The variant as it is written: `a oscili k, k [, i [, i]]`.
    pub fn shown(&self, name: &str) -> String {
        let results: Vec<_> = types(&self.results).iter().map(|kind| kind.shown()).collect();
        let mut text = results.join(", ");
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(name);
        for (number, kind) in types(&self.arguments).iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            match kind.is_optional() || kind.repeats() {
                true => text.push_str(&format!(" [{comma}{}]", kind.shown())),
                false if number == 0 => text.push_str(&format!(" {}", kind.shown())),
                false => text.push_str(&format!("{comma}{}", kind.shown())),
            }
        }
        text
    }
}
