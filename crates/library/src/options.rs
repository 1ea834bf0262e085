//! What a command line and a piece's own options say of sample accuracy. Csound 7 does not tell it in a
//! form that outlasts its versions.

use std::fs;

const OPTION: &str = "--sample-accurate";

/// True if the arguments ask for it, or the options in the piece that is the last of them.
pub(super) fn asks_for_sample_accuracy(args: &[&str]) -> bool {
    let in_piece = || {
        let text = fs::read(args.last()?).ok()?;
        Some(section_asks(&String::from_utf8_lossy(&text)))
    };
    args.contains(&OPTION) || in_piece().unwrap_or(false)
}

/// True if a piece's options ask for it.
fn section_asks(text: &str) -> bool {
    let options = text.split_once("<CsOptions>").and_then(|(_, rest)| rest.split_once("</CsOptions>"));
    let Some((options, _)) = options else { return false };
    let code = options.lines().map(|line| line.split([';', '#']).next().unwrap_or_default());
    code.flat_map(str::split_whitespace).any(|word| word == OPTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_counts_in_the_options_and_among_the_arguments_only() {
        let piece = |options: &str| format!("<CsOptions>\n{options}\n</CsOptions>\n--sample-accurate\n");
        assert!(section_asks(&piece("-d --sample-accurate")));
        assert!(!section_asks(&piece("-d ; --sample-accurate")));
        assert!(!section_asks(&piece("--sample-accurately")));
        assert!(!section_asks("--sample-accurate"));
        assert!(asks_for_sample_accuracy(&["--sample-accurate", "nowhere.csd"]));
        assert!(!asks_for_sample_accuracy(&["-d", "nowhere.csd"]));
    }
}
