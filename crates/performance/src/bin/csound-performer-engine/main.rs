//! The engine program: performs one piece for a host that started it. To a user it offers `export`, which makes a
//! plugin of a piece.

mod export;
#[cfg(target_os = "linux")]
mod files;

use std::path::Path;
use std::process::ExitCode;

use csound_performance::engine::VERSION_OPTION;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    match words.next() {
        Some(word) if word == VERSION_OPTION => {
            return say_version(words.next().unwrap_or_default().as_ref());
        }
        Some(word) if word == export::WORD => return export::run(words),
        _ => {}
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = csound_performance::engine::serve::run() {
        eprintln!(
            "csound-performer-engine: {error}. This program is started by Csound Performer; \
             you can start it by \"csound-performer-engine export --help\"."
        );
    }
    #[cfg(not(target_os = "linux"))]
    eprintln!("There are no engine processes on this system yet: pieces perform in the host.");
    ExitCode::FAILURE
}

/// Says which version a libcsound is: whoever wants to know need not load it.
fn say_version(library: &Path) -> ExitCode {
    match csound_library::version_of(library) {
        Ok((major, minor, patch)) => {
            println!("{major}.{minor}.{patch}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{}: {why}", library.display());
            ExitCode::FAILURE
        }
    }
}
