//! Under which names and on which pages hosts show the parameters of the channel bank, and how they are told that these have changed.

mod clap;
mod pages;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod vst3;

use test_host::session::{AtEnd, Session};

use crate::common::bench::{KSMPS, header};
use crate::common::csd;

/// A piece that declares these channels, with widgets for them in a frame of that title.
fn piece(group: &str, channels: &[&str]) -> Session {
    let declared: String =
        channels.iter().map(|name| format!("chn_k \"{name}\", 1, 2, 1, 0, 10\n")).collect();
    let widget = |name: &&str| format!("rslider bounds(0, 0, 10, 10), channel(\"{name}\")\n");
    let widgets: String = channels.iter().map(widget).collect();
    let panel = format!(
        "<Cabbage>\nform size(100, 100)\ngroupbox bounds(0, 0, 100, 100), text(\"{group}\")\n{widgets}</Cabbage>\n"
    );
    let text = panel + &csd("", &header(KSMPS), &format!("{declared}instr 1\nendin\n"), "i 1 0 3600");
    Session { at_end: AtEnd::Keep, ..Session::from_csd("names.csd", text) }
}

/// A name in letters of two, three and four bytes, longer than any field.
fn long_name() -> String {
    "\u{e9}\u{20ac}\u{1d11e}".repeat(100)
}
