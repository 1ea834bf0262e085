//! The opcodes that the fake has: those of the shipped pieces and a few more, as Csound 6 lists them.

use std::sync::{Arc, LazyLock};

use csound_language::opcodes::Opcodes;

/// A line each: the name, the types of results and of arguments, `-` for none.
const LIST: &str = include_str!("opcodes.txt");

static OPCODES: LazyLock<Arc<Opcodes>> = LazyLock::new(|| {
    let letters = |types: &str| if types == "-" { String::new() } else { types.to_owned() };
    let read = |line: &str| {
        let mut parts = line.split(' ');
        Some((parts.next()?.to_owned(), letters(parts.next()?), letters(parts.next()?)))
    };
    Arc::new(Opcodes::of(LIST.lines().filter_map(read)))
});

/// All of them.
pub(super) fn opcodes() -> Arc<Opcodes> {
    Arc::clone(&OPCODES)
}
