//! By what the standalone is heard. The plugin shell would try one sound system after the other, and go on without any
//! where none is there; it says so on the terminal alone. So they are tried from here, and the editor is told.

use csound_performer::plugin::channels::told;
use csound_performer::plugin::shared::remembered;
use csound_performer::plugin::{Effect, Instrument};
use nice_plug::wrapper::standalone::nice_export_standalone_with_args;

/// The shell's option that names a sound system, in its two ways.
const OPTIONS: [&str; 2] = ["--backend", "-b"];

/// The sound systems that there may be, by the shell's names, and their names for the user. The first that is there is
/// taken.
#[cfg(target_os = "linux")]
const SYSTEMS: ([&str; 2], &str) = (["jack", "alsa"], "JACK nor ALSA");
#[cfg(target_os = "macos")]
const SYSTEMS: ([&str; 2], &str) = (["jack", "core-audio"], "JACK nor CoreAudio");
#[cfg(target_os = "windows")]
const SYSTEMS: ([&str; 2], &str) = (["jack", "wasapi"], "JACK nor WASAPI");

/// The shell's name of none.
const NONE: &str = "dummy";

/// Performs until its window is closed; false: it could not, and the shell has said why.
pub fn perform(is_effect: bool, arguments: &[String]) -> bool {
    let shell = |more: &[&str]| {
        let own = std::iter::once("csound-performer").chain(more.iter().copied());
        let all = own.map(str::to_owned).chain(arguments.iter().cloned());
        match is_effect {
            true => nice_export_standalone_with_args::<Effect, _>(all),
            false => nice_export_standalone_with_args::<Instrument, _>(all),
        }
    };
    if names_system(arguments) {
        return shell(&[]);
    }
    let (systems, names) = SYSTEMS;
    for system in systems {
        // Where the system is not there no instance is made.
        let went_well = shell(&[OPTIONS[0], system]);
        if went_well || remembered::has_begun() {
            return went_well;
        }
    }
    eprintln!(
        "Neither {names} can be used here, so nobody hears the piece. What is wrong with them stands above."
    );
    told::perform_unheard();
    shell(&[OPTIONS[0], NONE])
}

/// Whether the user has chosen a sound system, or asks the shell for help.
fn names_system(arguments: &[String]) -> bool {
    let is_it = |argument: &String| match argument.split_once('=') {
        Some((option, _)) => OPTIONS.contains(&option),
        None => OPTIONS.contains(&argument.as_str()) || is_short(argument) || super::is_help(argument),
    };
    arguments.iter().any(is_it)
}

/// The short option with its value behind it.
fn is_short(argument: &str) -> bool {
    argument.starts_with(OPTIONS[1]) && !argument.starts_with("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_word_goes_before_what_is_there() {
        let named =
            |words: &[&str]| names_system(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        for words in [
            &["--backend", "dummy"][..],
            &["-p", "64", "-b", "alsa"],
            &["--backend=jack"],
            &["-bjack"],
            &["--help"],
        ] {
            assert!(named(words), "{words:?}");
        }
        assert!(!named(&[]) && !named(&["--sample-rate", "44100", "-p", "64"]));
    }
}
