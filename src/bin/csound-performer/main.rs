//! The standalone: a piece in a window of its own, with JACK, ALSA or no sound card at all.
//!
//! One argument may be the piece; everything else goes to the plugin shell, which knows the
//! audio devices. The piece takes the way of every new instance's, the environment, or is opened over what was
//! remembered.

mod ending;
mod memory;
mod sound;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use csound_performance::Generation;
use csound_performance::engine::piece::Piece;
use csound_performer::editor;
use csound_performer::plugin::channels::told;
use csound_performer::plugin::pieces::choice::Choice;
use csound_performer::plugin::pieces::files;
use csound_performer::plugin::pieces::trust::Trust;
use csound_performer::plugin::shared::remembered::{self, Start};
use ending::Ending;
use memory::Memory;

const USAGE: &str = "\
csound-performer [PIECE.csd] [--fx] [--new] [--csound 6|7|auto] [OPTIONS]
Performs a Csound piece in a window of its own; with --fx as an effect, which hears the audio input.
It begins as it ended the last time, with --new as the first time. --csound says by which Csound it performs, as the
setting Csound does; auto takes the one that the piece asks for, else the newest that is installed.
";

/// What the command line says.
#[derive(Debug, Default, PartialEq)]
struct Arguments {
    piece: Option<PathBuf>,
    is_effect: bool,
    /// Nothing is remembered from the last time.
    is_new: bool,
    /// By which Csound it performs.
    csound: Option<Choice>,
    /// For the plugin shell.
    rest: Vec<String>,
}

impl Arguments {
    /// Reads them; what is wrong with them, for the user.
    fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        // A word behind one of the shell's options is its value.
        let mut is_value = false;
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--fx" => read.is_effect = true,
                "--new" => read.is_new = true,
                "--csound" => read.csound = Some(csound(&arguments.next().unwrap_or_default())?),
                word if word.starts_with("--csound=") => {
                    read.csound = Some(csound(&word["--csound=".len()..])?)
                }
                word if !is_value && !word.starts_with('-') && read.piece.is_none() => {
                    read.piece = Some(argument.into());
                }
                word => {
                    // The shell has no option without a value but those that ask for help; that of a short one may
                    // stand behind its letter.
                    let has_value = word.contains('=') || word.len() > 2 && !word.starts_with("--");
                    is_value = word.starts_with('-') && !has_value && !is_help(word);
                    read.rest.push(argument);
                    continue;
                }
            }
            is_value = false;
        }
        Ok(read)
    }
}

/// The Csound of this name.
fn csound(name: &str) -> Result<Choice, String> {
    match name {
        "auto" => Ok(Choice::Auto),
        "6" => Ok(Choice::Always(Generation::Six.into())),
        "7" => Ok(Choice::Always(Generation::Seven.into())),
        other => Err(format!("--csound can be 6, 7 or auto, not {other:?}")),
    }
}

fn is_help(word: &str) -> bool {
    word == "--help" || word == "-h"
}

fn main() -> ExitCode {
    told::run_standalone();
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    if arguments.rest.iter().any(|word| is_help(word)) {
        println!("{USAGE}");
    }
    let named = match arguments.piece.as_deref().map(|path| (path, files::read_piece(path))) {
        Some((_, Err(error))) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
        Some((path, Ok(piece))) => Some((begin_with(path, &piece), piece)),
        None => None,
    };
    if !has_screen() {
        eprintln!("There is no display, so no window opens: the piece performs until Ctrl+C ends it.");
    }
    let memory = Memory::of(arguments.is_effect);
    let last = memory.as_ref().filter(|_| !arguments.is_new && has_screen());
    remembered::begin(last.and_then(|memory| start(memory, named)));
    if let Some(choice) = arguments.csound {
        remembered::choose_csound(choice);
    }
    let ending = match Ending::watch(memory) {
        Ok(ending) => ending,
        Err(error) => {
            eprintln!("the system starts no thread: {error}");
            return ExitCode::FAILURE;
        }
    };
    // The shell's own way, which comes too late now, leaves a window open.
    let close = || {
        editor::close_all();
        remembered::ask_to_end();
    };
    if let Err(error) = ctrlc::set_handler(close) {
        eprintln!("Ctrl+C will not end this in good order: {error}");
    }
    let went_well = sound::perform(arguments.is_effect, &arguments.rest);
    ending.wait();
    if went_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How this time begins; as the first time where the last one cannot be read, which is said.
fn start(memory: &Memory, named: Option<(PathBuf, Piece)>) -> Option<Start> {
    let started = memory.start(named.as_ref().map(|(path, piece)| (path.as_path(), piece)));
    started.unwrap_or_else(|error| {
        eprintln!("{} cannot be read, so nothing is remembered: {error}", memory.path().display());
        None
    })
}

/// Whether a window can open at all: what is remembered comes back with it.
fn has_screen() -> bool {
    !cfg!(target_os = "linux") || std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty())
}

/// New instances begin with this piece, as if the user opened it. Gives its whole path.
fn begin_with(path: &Path, piece: &Piece) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // Here, since a piece whose text is the remembered one is not opened again; what it includes may be another text.
    let kept = Trust::change(|trust| {
        trust.choose(piece);
        Ok(())
    });
    if let Err(error) = kept {
        eprintln!("what pieces may do cannot be kept: {error}");
    }
    files::remember_recent(&whole);
    // SAFETY: no other thread has been started yet.
    unsafe { std::env::set_var(files::PIECE_VARIABLE, &whole) };
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Arguments {
        try_to_read(words).unwrap()
    }

    fn try_to_read(words: &[&str]) -> Result<Arguments, String> {
        Arguments::read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn the_csound_is_said_by_its_number_and_nothing_else() {
        for (words, csound) in [
            (&["--csound", "6", "a.csd"][..], Choice::Always(Generation::Six.into())),
            (&["a.csd", "--csound=7"], Choice::Always(Generation::Seven.into())),
            (&["--csound", "auto", "a.csd"], Choice::Auto),
        ] {
            let expected =
                Arguments { piece: Some("a.csd".into()), csound: Some(csound), ..Arguments::default() };
            assert_eq!(read(words), expected, "{words:?}");
        }
        for words in [&["--csound"][..], &["--csound="], &["--csound", "8"], &["--csound", "--new"]] {
            let error = try_to_read(words).unwrap_err();
            assert!(error.contains("6, 7 or auto"), "{error}");
        }
    }

    #[test]
    fn the_piece_stands_anywhere_and_the_shell_gets_the_rest() {
        let rest = vec!["--backend".to_owned(), "dummy".to_owned()];
        let expected = Arguments { piece: Some("a.csd".into()), rest: rest.clone(), ..Arguments::default() };
        assert_eq!(read(&["a.csd", "--backend", "dummy"]), expected);
        assert_eq!(read(&["--backend", "dummy", "a.csd"]), expected);
        let short = Arguments { rest: vec!["-bdummy".to_owned()], ..read(&["a.csd"]) };
        assert_eq!(read(&["-bdummy", "a.csd"]), short);
        let new = Arguments { is_new: true, ..expected };
        assert_eq!(read(&["--new", "a.csd", "--backend", "dummy"]), new);
        assert_eq!(read(&["--backend", "dummy", "--new", "a.csd"]), new);
        let expected = Arguments { is_effect: true, is_new: true, rest, ..Arguments::default() };
        assert_eq!(read(&["--fx", "--backend", "dummy", "--new"]), expected);
        assert_eq!(read(&[]), Arguments::default());
    }
}
