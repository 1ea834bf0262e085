//! Readers of a piece's text.

use std::io::Cursor;
use std::ops::Range;

use csound_performance::Generation;
use csound_performance::command::event_of_text;
use csound_performance::engine::foreign::{
    OptionReader, choose, hold_open, hold_score_open, scan_opcode_uses, score_entries, score_length,
    take_out_foreign_parts,
};
use csound_performance::engine::piece::channel_names::scan_channel_names;
use csound_performance::engine::piece::live_text::{
    check_orchestra, check_score, check_score_line, line_event,
};
use csound_performance::engine::piece::{Source, orchestra_spans, prepare, score_span};
use csound_performance::engine::{Abandoned, EventKind};
use csound_performer::plugin::pieces::sounds;
use csound_performer::plugin::pieces::trust::includes::{Language, find};

/// What options that reach Csound begin with.
const KEPT: [&str; 19] = [
    "-F",
    "-k",
    "-t",
    "-m",
    "--midifile=",
    "--control-rate=",
    "--ksmps=",
    "--nchnls=",
    "--nchnls_i=",
    "--0dbfs=",
    "--tempo=",
    "--messagelevel=",
    "--midi-key",
    "--midi-velocity",
    "--omacro:",
    "--smacro:",
    "--env:",
    "--sample-accurate",
    "--recursion-depth=",
];

/// A CSD, and a pair of an orchestra and a score.
pub fn piece(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let pair = Source::OrcSco { orc: text.clone(), sco: text.clone() };
    let csd = Source::Csd(text.clone());
    for (source, generation) in
        [&pair, &csd].into_iter().flat_map(|source| Generation::ALL.map(|each| (source, each)))
    {
        let Ok(prepared) = prepare(source, generation) else { continue };
        assert_kept(&prepared.options);
        for file in &prepared.files {
            // A lone line end in the orchestra is Csound's to read.
            if file.extension != "orc" {
                assert_eq!(line_ends(&file.text), line_ends(&text), "a line has moved");
            }
            let _ = hold_score_open(file, generation);
        }
        let [file] = &prepared.files[..] else { continue };
        let again =
            prepare(&Source::Csd(file.text.clone()), generation).expect("what was prepared can be prepared");
        assert_eq!(again.options, [""; 0], "options are left in what Csound reads");
    }
    for generation in Generation::ALL {
        let mut rest = csd.clone();
        let what = take_out_foreign_parts(&mut rest, generation);
        if let Source::Csd(rest) = &rest {
            assert_eq!(rest.len(), text.len(), "a byte has moved");
        }
        if !what.is_empty() {
            assert_eq!(take_out_foreign_parts(&mut rest, generation), [""; 0], "foreign parts are left");
        }
        let orchestras = orchestra_spans(&text, generation).into_iter().flatten();
        for span in orchestras.chain(score_span(&text, generation)) {
            assert!(text.get(span.clone()).is_some(), "a section is cut through a character: {span:?}");
        }
    }
}

fn line_ends(text: &str) -> usize {
    text.replace("\r\n", "\n").matches(['\n', '\r']).count()
}

fn assert_kept(options: &[String]) {
    for option in options {
        let known = KEPT.iter().any(|kept| option.starts_with(kept));
        assert!(known && !option.contains('\0'), "{option:?} would reach Csound");
    }
}

/// The lines of `<CsOptions>`.
pub fn options(bytes: &[u8]) {
    // A piece with a NUL is refused before.
    let text = String::from_utf8_lossy(bytes).replace('\0', " ");
    let mut reader = OptionReader::default();
    for (at, line) in text.split('\n').enumerate() {
        if reader.line(at + 1, line) {
            break;
        }
    }
    for generation in Generation::ALL {
        let chosen = choose(&reader.lines, generation);
        assert_kept(&chosen.kept);
        let is_accurate = chosen.kept.iter().any(|option| option == "--sample-accurate");
        assert_eq!(chosen.sample_accurate, is_accurate);
    }
}

/// A sound file beside a piece: what is shown of it is whole, and stays within bounds however long it says it is.
pub fn sounds(bytes: &[u8]) {
    let Ok(sound) = sounds::read_from(Cursor::new(bytes), &Abandoned::default()) else { return };
    assert!(sound.frames > 0 && (1..=8).contains(&sound.bounds.len()));
    for bounds in &sound.bounds {
        assert!(bounds.len() <= 2 * 4096 && bounds.len() % 2 == 0 && !bounds.is_empty());
        assert!(bounds.iter().all(|bound| bound.is_finite()));
        assert!(bounds.chunks(2).all(|pair| pair[0] <= pair[1]), "the lower one is first");
    }
}

/// Text that is sent while a piece performs.
pub fn live_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = check_score(&text);
    let _ = check_orchestra(&text);
    let line = line_event(&text);
    assert_eq!(check_score_line(&text).is_ok(), line.is_ok());
    let event = event_of_text(&text);
    assert_eq!(event.is_ok(), line.is_ok());
    let Ok(line) = line else { return };
    assert!(!line.contains(['\n', '\r', '\0']), "{line:?} is not one line");
    assert_eq!(line_event(&line).as_ref(), Ok(&line), "a line that was accepted is accepted again");
    if let Ok(EventKind::Score(mut score)) = event
        && let Some(text) = &mut score.text
    {
        let _ = text.with_times(Some(1.5), Some(1e12));
    }
}

/// The channels that an orchestra names.
pub fn channel_names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = scan_channel_names(&text);
    for (at, channel) in found.iter().enumerate() {
        assert!(!channel.name.contains('$'), "{channel:?} is a macro's");
        assert!(found[..at].iter().all(|other| other.name != channel.name), "{channel:?} is there twice");
    }
}

/// The opcodes that an orchestra names; it includes parts of itself.
pub fn opcode_uses(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines = line_ends(&text) + 1;
    let mut asked = 0;
    let found = scan_opcode_uses(&text, &mut |name| {
        asked += 1;
        text.get(name.len()..).map(str::to_owned)
    });
    assert!(asked <= 10_000, "{asked} files were asked for");
    for used in &found.uses {
        assert!(used.line.is_none_or(|line| (1..=lines).contains(&(line as usize))), "{used:?} of {lines}");
    }
}

/// What an orchestra or a score includes.
pub fn includes(bytes: &[u8]) {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let within: Range<usize> = 1..lines + 1;
    for language in [Language::Orchestra, Language::Score] {
        let found = find(bytes, language);
        for include in &found.includes {
            assert!(within.contains(&include.line), "{include:?} of {lines}");
            assert!(!include.name.is_empty() && !include.name.contains(char::is_control), "{include:?}");
        }
        for doubt in &found.doubts {
            assert!(within.contains(&doubt.line), "{doubt:?} of {lines}");
        }
    }
}

/// A score that is held open, and a sorted one whose length is told.
pub fn score(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let held = hold_open(&text);
    assert!(held.matches('\n').count() >= text.matches('\n').count(), "a line has moved");
    assert!(held.contains("f 0 8"));
    if let Some(length) = score_length(&text) {
        assert!(length > 0.0 && length.is_finite(), "{length} s");
    }
    for entry in score_entries(&text) {
        assert!(entry.begin >= 0.0 && entry.length >= 0.0 && !entry.instrument.is_empty(), "{entry:?}");
    }
}
