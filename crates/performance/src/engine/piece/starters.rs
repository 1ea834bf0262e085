//! Orchestra code that starts notes itself.

use super::opcode_uses::scan_opcode_uses;

/// Opcodes by which an orchestra starts notes itself.
const STARTERS: [&str; 11] = [
    "schedule",
    "schedulek",
    "schedwhen",
    "schedkwhen",
    "schedkwhennamed",
    "event",
    "event_i",
    "scoreline",
    "scoreline_i",
    "readscore",
    "nstance",
];

/// The first opcode of an orchestra that starts notes.
pub(crate) fn starter_in(orchestra: &str) -> Option<String> {
    let uses = scan_opcode_uses(orchestra, &mut |_| None).uses;
    uses.into_iter().map(|used| used.name).find(|name| STARTERS.contains(&name.as_str()))
}
