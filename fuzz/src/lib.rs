//! Everything that reads bytes from elsewhere, each as a function of some bytes: it must not panic or hang,
//! and what it gives must hold what it promises.
//!
//! A fuzzer calls them from `fuzz_targets/` (`cargo xtask test --long`, or `cargo fuzz run -s none --dev
//! --features libfuzzer piece`); the ordinary tests call them with the seeds in `corpus/` and with mutations
//! of those.

mod pieces;
mod processes;
mod sessions;

pub mod seeds;

pub use pieces::{channel_names, includes, live_text, opcode_uses, options, piece, score, sounds};
pub use processes::{messages, protocol, wire};
pub use sessions::{cabbage, manifest, preset, remote_control, session, tuning};

/// A reader of foreign bytes.
pub type Target = fn(&[u8]);

/// All targets by name, in the order of the alphabet. Each has a file in `fuzz_targets/` and a folder in
/// `corpus/`.
pub const TARGETS: [(&str, Target); 16] = [
    ("cabbage", cabbage),
    ("channel_names", channel_names),
    ("includes", includes),
    ("live_text", live_text),
    ("manifest", manifest),
    ("opcode_uses", opcode_uses),
    ("options", options),
    ("piece", piece),
    ("preset", preset),
    ("protocol", protocol),
    ("remote_control", remote_control),
    ("score", score),
    ("session", session),
    ("sounds", sounds),
    ("tuning", tuning),
    ("wire", wire),
];
