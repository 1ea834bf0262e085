//! What came of a comparison, in words. Pure.

use std::time::Duration;

use super::pair::{Pair, SECONDS};
use crate::plugin::control::renderer::End;
use crate::plugin::shared::comparison::{Finding, FindingKind};

fn failed(told: String) -> Finding {
    Finding { told, kind: FindingKind::Failed }
}

/// A defect of ours.
pub(super) fn our_fault() -> Finding {
    failed("Csound Performer failed while it compared; this is our fault".to_owned())
}

/// The user has given it up.
pub(super) fn given_up() -> Finding {
    failed("the comparison was given up".to_owned())
}

/// It took too long to begin.
pub(super) fn nothing_in_time(limit: Duration) -> Finding {
    failed(format!("nothing could be compared within {} s: the piece is too slow, or hangs", limit.as_secs()))
}

/// One of two does not take the piece, or neither.
pub(super) fn refused(refusals: &[(String, String)], names: &[String; 2]) -> Finding {
    let takes = names.iter().filter(|name| !refusals.iter().any(|(refusing, _)| refusing == *name));
    let takes = takes.map(|name| format!("{name} takes this piece"));
    let refusals = refusals.iter().map(|(name, why)| format!("{name} does not take it: {why}"));
    failed(takes.chain(refusals).collect::<Vec<_>>().join(". "))
}

/// What two renderings say of a piece.
pub(super) fn finding(
    pair: &Pair,
    names: &[String; 2],
    is_played: bool,
    differs_from_itself: bool,
    is_out_of_time: bool,
) -> Finding {
    let difference = &pair.difference;
    let seconds = |frame: u64| frame as f64 / pair.rate;
    let [one, other] = names;
    let over = length(seconds(difference.frames));
    let mut parts = Vec::new();
    let mut kind = FindingKind::Alike;
    match (difference.first, difference.most) {
        (Some(first), Some((most, by))) => {
            kind = FindingKind::Different;
            parts.push(format!(
                "{one} and {other} differ from {:.3} s on (channel {}), by at most {:.1} dBFS (channel {}, at {:.3} s), \
                 within {over}",
                seconds(first.frame),
                first.channel + 1,
                20.0 * by.log10(),
                most.channel + 1,
                seconds(most.frame),
            ));
        }
        _ if difference.frames > 0 => {
            let silent = if difference.sounds { "" } else { ": both are silent" };
            parts.push(format!("{one} and {other} are equal bit for bit for {over}{silent}"));
        }
        _ => {}
    }
    if pair.channels[0] != pair.channels[1] {
        kind = FindingKind::Different;
        let [ours, theirs] = pair.channels;
        parts.push(format!("{one} plays {ours} channels, {other} {theirs}"));
    }
    for (end, (name, beside)) in pair.ends.iter().zip([(one, &pair.ends[1]), (other, &pair.ends[0])]) {
        let at = seconds(difference.frames);
        match end {
            Some(End::OfPiece) if beside.is_none() => {
                kind = FindingKind::Different;
                parts.push(format!("By {name} the piece ends at {at:.3} s, by the other it goes on"));
            }
            None | Some(End::OfPiece) => {}
            Some(End::Error(status)) => {
                kind = FindingKind::Failed;
                parts.push(format!("{name} fails at {at:.3} s, with error {status}"));
            }
            Some(End::Engine(how)) => {
                kind = FindingKind::Failed;
                parts.push(format!("{name} does not survive it, after {at:.3} s: {how}"));
            }
        }
    }
    parts.extend(remarks(pair, names, is_played, differs_from_itself));
    if is_out_of_time {
        kind = FindingKind::Failed;
        parts.push("There was no time for more: the piece is too slow, or hangs".to_owned());
    }
    Finding { told: parts.join(". "), kind }
}

fn remarks(pair: &Pair, names: &[String; 2], is_played: bool, differs_from_itself: bool) -> Vec<String> {
    let mut remarks = Vec::new();
    if is_played {
        remarks.push(
            "Its score plays nothing, so a chord was played to it on MIDI channel 1, and noise into its inputs"
                .to_owned(),
        );
    }
    // What is told of the one alone explains a difference: of a score with sections, say.
    for (name, own, other) in
        [(0, 1), (1, 0)].map(|(own, other)| (&names[own], &pair.notes[own], &pair.notes[other]))
    {
        let alone = own.iter().filter(|note| !other.contains(note));
        remarks.extend(alone.map(|note| format!("By {name}: {}", note.trim_end_matches('.'))));
    }
    if pair.ends == [Some(End::OfPiece), Some(End::OfPiece)] {
        remarks.push("The piece ends there".to_owned());
    }
    if differs_from_itself {
        remarks.push(format!(
            "But {} differs from itself as well: the piece plays something else whenever it starts, by a random seed \
             or the clock",
            names[0]
        ));
    }
    remarks
}

/// The length that was compared.
fn length(seconds: f64) -> String {
    match seconds >= SECONDS {
        true => format!("the first {SECONDS} s"),
        false => format!("{seconds:.3} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::difference::{Difference, Spot};
    use super::*;

    fn names() -> [String; 2] {
        ["Csound 6.18.1".into(), "Csound 7.0.0".into()]
    }

    fn pair(frames: u64) -> Pair {
        let difference = Difference { frames, sounds: true, ..Difference::default() };
        Pair { difference, ends: [None, None], channels: [2, 2], notes: [vec![], vec![]], rate: 48_000.0 }
    }

    fn told(pair: &Pair) -> (String, FindingKind) {
        let finding = finding(pair, &names(), false, false, false);
        (finding.told, finding.kind)
    }

    #[test]
    fn equal_and_different_are_told_with_time_channel_and_level() {
        let (words, kind) = told(&pair(480_000));
        assert_eq!(words, "Csound 6.18.1 and Csound 7.0.0 are equal bit for bit for the first 10 s");
        assert_eq!(kind, FindingKind::Alike);
        let mut differs = pair(480_000);
        differs.difference.first = Some(Spot { frame: 59_232, channel: 1 });
        differs.difference.most = Some((Spot { frame: 96_000, channel: 0 }, 1.122e-5));
        let (words, kind) = told(&differs);
        for part in ["from 1.234 s on (channel 2)", "at most -99.0 dBFS (channel 1, at 2.000 s)"] {
            assert!(words.contains(part), "{words}");
        }
        assert_eq!(kind, FindingKind::Different);
    }

    #[test]
    fn an_end_a_failure_and_other_channels_are_told_by_name() {
        let mut ends = pair(24_000);
        ends.ends[1] = Some(End::OfPiece);
        let (words, kind) = told(&ends);
        assert!(words.contains("By Csound 7.0.0 the piece ends at 0.500 s"), "{words}");
        assert_eq!(kind, FindingKind::Different);
        ends.ends[0] = Some(End::OfPiece);
        let (words, kind) = told(&ends);
        assert!(words.contains("for 0.500 s. The piece ends there"), "{words}");
        assert_eq!(kind, FindingKind::Alike);
        ends.ends[0] = Some(End::Engine("it crashed".into()));
        let (words, kind) = told(&ends);
        assert!(words.contains("Csound 6.18.1 does not survive it, after 0.500 s: it crashed"), "{words}");
        assert_eq!(kind, FindingKind::Failed);
        let (words, kind) = told(&Pair { channels: [2, 1], ..pair(480_000) });
        assert!(words.contains("Csound 6.18.1 plays 2 channels, Csound 7.0.0 1"), "{words}");
        assert_eq!(kind, FindingKind::Different);
        let both = "the seed is the clock".to_owned();
        let notes = [vec![both.clone()], vec![both, "this piece gets no MIDI.".to_owned()]];
        let (words, _) = told(&Pair { notes, ..pair(480_000) });
        assert!(words.ends_with("for the first 10 s. By Csound 7.0.0: this piece gets no MIDI"), "{words}");
        let refusal = refused(&[(names()[1].clone(), "Line 3: syntax error".into())], &names());
        assert_eq!(
            refusal.told,
            "Csound 6.18.1 takes this piece. Csound 7.0.0 does not take it: Line 3: syntax error"
        );
    }
}
