//! By which Csound a piece performs, in words: why it does not, and what can be done. And what a failure is of: of
//! the text's language, so that another Csound might take it, or of something else. Pure.

use csound_library::{Level, how_to_install};
use csound_performance::Generation;
use csound_performance::engine::piece::Piece;
use csound_performance::engine::{ConsoleLine, StartError};

use crate::plugin::pieces::choice::Named;
use crate::plugin::pieces::language;
use crate::plugin::pieces::which::Why;
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::shared::csounds::InstalledCsound;
use crate::plugin::shared::locked::Cause;

/// What the user has at hand. An exported plugin has neither a settings page nor *Reload*, whether or not it was made
/// for one Csound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtHand {
    /// Csound Performer's own editor.
    Settings,
    /// An exported plugin's.
    NoSettings,
}

impl AtHand {
    /// In an exported plugin, or not.
    pub fn of(is_export: bool) -> Self {
        if is_export { Self::NoSettings } else { Self::Settings }
    }
}

/// Why a piece does not perform whose Csound is not here.
pub(super) fn missing(
    piece: &str,
    generation: Generation,
    why: Why,
    installed: &[InstalledCsound],
    at_hand: AtHand,
) -> String {
    let other = installed.iter().find(|other| other.generation != generation);
    let instead = other.map_or_else(
        || "no other Csound is either".to_owned(),
        |other| format!("{} is, and some opcodes sound different by it", other.name()),
    );
    format!(
        "{piece} is to perform by {generation}, {}, and that is not installed here; {instead}. Install {generation} \
         ({}) and {}",
        why.words(),
        how_to_install(generation),
        match at_hand {
            AtHand::NoSettings => "open your project again",
            AtHand::Settings => "press Reload, or choose another Csound on the settings page",
        }
    )
}

/// Why a piece does not perform whose session names what is no Csound, or a later one.
pub(super) fn unknown(piece: &str, named: &Named, at_hand: AtHand) -> String {
    let (this, what_helps) = match at_hand {
        AtHand::Settings => {
            ("this Csound Performer", "update Csound Performer, or choose a Csound on the settings page")
        }
        AtHand::NoSettings => {
            ("this plugin", "install a newer one of this plugin, and open your project again")
        }
    };
    format!(
        "{piece} was saved to perform by {named}, which {this} does not know. Nothing of it is lost: {what_helps}"
    )
}

/// What helps a piece in the host's process that performs by another Csound already.
pub(super) fn in_another_process(at_hand: AtHand) -> String {
    let another = "Let this piece perform in a process of its own: take back its trust at the shield, or start the \
                   host without CSOUND_PERFORMER_ISOLATION=off";
    match at_hand {
        AtHand::NoSettings => another.to_owned(),
        AtHand::Settings => {
            format!("{another}. Or choose the Csound that the process has on the settings page")
        }
    }
}

/// The words for a piece that *Auto* has perform by the Csound that its process has.
pub(super) fn by_that_of_process(piece: &str, here: Generation) -> String {
    format!(
        "{piece} performs by {here}: it performs in the host's process, which has loaded that and can have no other. In \
         a process of its own it can perform by another Csound: take back its trust at the shield, or start the host \
         without CSOUND_PERFORMER_ISOLATION=off"
    )
}

/// What is known of a text that a Csound does not take: that it is for the other one, and where to get that.
pub(super) fn written_for_another(
    piece: &Piece,
    tried: Generation,
    why_tried: Why,
    is_installed: bool,
    at_hand: AtHand,
) -> Option<String> {
    let other = Generation::ALL.into_iter().find(|other| *other != tried)?;
    let asks = PieceWishes::of(piece).csound == Some(other);
    let sign = (other == Generation::Seven).then(|| language::sign_of_seven(piece)).flatten();
    let why = match (asks, sign) {
        (true, _) => format!("The piece itself asks for {other}"),
        (false, Some((line, what))) => format!("Line {line} is in the language of {other} ({what})"),
        (false, None) => return None,
    };
    Some(if why_tried == Why::Export {
        format!("{why}, and this plugin was made for {tried}, by which it always performs")
    } else if is_installed {
        match at_hand {
            AtHand::Settings => format!("{why}: choose it on the settings page"),
            AtHand::NoSettings => {
                format!(
                    "{why}, and this plugin keeps to {tried}: ask its maker for one that is made for {other}"
                )
            }
        }
    } else {
        format!("{why}, which is not installed here. Install it ({})", how_to_install(other))
    })
}

/// The kind of what a piece failed by.
pub(super) fn cause_of(error: &StartError, lines: &[ConsoleLine]) -> Cause {
    // What the guards refuse before Csound has said anything comes as the engine's own word.
    let (StartError::Compile { reason, .. } | StartError::Process(reason)) = error else {
        return Cause::Other;
    };
    let tells = |signs: &[&str]| {
        let has = |text: &str| signs.iter().any(|sign| text.contains(sign));
        has(reason) || lines.iter().any(|line| has(&line.text))
    };
    if tells(&ENDS) {
        return Cause::Other;
    }
    if tells(&WANTS) {
        return Cause::Want;
    }
    match lines.iter().any(|line| line.level >= Level::Warning && names_language(line)) {
        true => Cause::Language,
        false => Cause::Other,
    }
}

/// What tells of an engine that has ended, or was ended because it took too long.
const ENDS: [&str; 2] = ["while it was being compiled", "it was not done after"];

/// What tells of a file that is missing, and of refusals.
const WANTS: [&str; 5] =
    ["Cannot open", "refused: ", "needs trust", "needs a permission", "only a piece that you trust may"];

fn names_language(line: &ConsoleLine) -> bool {
    let text = line.text.trim();
    let text = text.strip_prefix("error:").unwrap_or(text).trim_start();
    match line.ours {
        // Csound's own words for this do not tell it from a word too many.
        true => {
            text.starts_with('`') && (text.contains("is unknown") || text.contains("from the opcode library"))
        }
        false => {
            text.starts_with("syntax error") || text.to_ascii_lowercase().starts_with("unable to find opcode")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(reason: &str) -> StartError {
        StartError::Compile { name: "a.csd".into(), reason: reason.into() }
    }

    fn csound(text: &str) -> ConsoleLine {
        ConsoleLine { ours: false, ..ConsoleLine::error(text) }
    }

    #[test]
    fn only_a_syntax_error_or_an_unknown_opcode_is_one_of_language() {
        let of_six = [
            "error: syntax error, unexpected T_IDENT  (token \"x\")",
            "error:  Unable to find opcode entry for 'oscili' with matching argument types:",
        ];
        let of_seven = [
            "syntax error, unable to find opcode with name: foobar, line 11, columns 4-9",
            "syntax error, unexpected ERROR_TOKEN (token \"$\"),  line 11, columns 5,5",
        ];
        for said in of_six.into_iter().chain(of_seven) {
            assert_eq!(cause_of(&failed("no"), &[csound(said)]), Cause::Language, "{said}");
            for (reason, other) in [
                ("it was not done after 10 s; a loop without an end, perhaps", ""),
                ("the engine was ended by a signal while it was being compiled", ""),
                ("no / it tried to open a network connection, which needs a permission", ""),
                ("no", "Cannot open #include'd file gone.inc"),
                ("no", "`pycall1` needs trust: it is from libpy.so"),
            ] {
                let cause = cause_of(&failed(reason), &[csound(said), csound(other)]);
                let is_want = reason.contains("permission") || !other.is_empty();
                assert_eq!(cause, if is_want { Cause::Want } else { Cause::Other }, "{reason} {other}");
            }
        }
        let unknown = ConsoleLine::error("`foo` is unknown: did you mean `fog`?");
        assert_eq!(cause_of(&failed("no"), &[unknown]), Cause::Language);
        for said in [
            "score error:  illegal character",
            "error:  Variable 'aFoo' used before defined",
            "error:  instr 1 redefined",
            "init error: ftable 9 not found",
            "Parsing failed due to syntax errors",
        ] {
            assert_eq!(cause_of(&failed("no"), &[csound(said)]), Cause::Other, "{said}");
        }
        let printed = ConsoleLine { level: Level::Orchestra, ..csound("syntax error, says the piece") };
        assert_eq!(cause_of(&failed("no"), &[printed]), Cause::Other);
        let refused =
            StartError::Process("a.csd does not compile: `pyinit` needs trust: it is from libpy.so".into());
        assert_eq!(cause_of(&refused, &[]), Cause::Want);
        assert_eq!(cause_of(&StartError::Process("no program".into()), &[]), Cause::Other);
    }

    #[test]
    fn what_is_missing_is_told_with_who_asked_and_what_to_do() {
        let six =
            InstalledCsound { path: "/x".into(), generation: Generation::Six, version: Some((6, 18, 1)) };
        let told =
            missing("a.csd", Generation::Seven, Why::Piece, std::slice::from_ref(&six), AtHand::Settings);
        for part in ["a.csd", "Csound 7", "the piece itself asks", "Csound 6.18.1 is", "csound.com", "Reload"]
        {
            assert!(told.contains(part), "{part}: {told}");
        }
        let told = missing("a.csd", Generation::Six, Why::Setting, &[], AtHand::Settings);
        assert!(told.contains("no other Csound is either"));
        let told = missing("a.csd", Generation::Seven, Why::Export, &[six], AtHand::NoSettings);
        assert!(told.contains("for which this plugin was made") && told.contains("open your project again"));
        assert!(
            !told.contains("settings page") && !told.contains("Reload"),
            "an export shows neither: {told}"
        );
        assert!(!in_another_process(AtHand::NoSettings).contains("settings page"));
    }
}
