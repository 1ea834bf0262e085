use test_host::testing::Random;

use super::*;

const CSD: &str = "<CsoundSynthesizer>\n<CsOptions>\n-odac -m0 ; loud\n--ksmps=10\n</CsOptions>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n<CsScore>\ni1 0 1\ne\n</CsScore>\n</CsoundSynthesizer>\n";

const ORCHESTRA: &str = "<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n";
const OPTIONS: &str = "<CsOptions>\n--ksmps=7\n</CsOptions>\n";

fn csd(text: &str) -> Result<PreparedPiece, PieceError> {
    csd_by(Generation::Six, text)
}

fn csd_by(generation: Generation, text: &str) -> Result<PreparedPiece, PieceError> {
    prepare(&Source::Csd(text.to_owned()), generation)
}

fn within(body: &str) -> String {
    format!("<CsoundSynthesizer>\n{body}</CsoundSynthesizer>\n")
}

/// The lines as Csound counts them.
fn lines(text: &str) -> usize {
    line_at(text, text.len())
}

fn options_of(text: &str) -> Vec<String> {
    csd(text).unwrap().options
}

/// A reader of its own for the tests: which lines would Csound still take for options?
fn options_left(text: &str) -> usize {
    options_left_by(Generation::Six, text)
}

fn options_left_by(generation: Generation, text: &str) -> usize {
    sections(text, generation).unwrap().options.len()
}

#[test]
fn options_are_blanked_and_every_line_stays_where_it_is() {
    let prepared = csd(CSD).unwrap();
    let text = &prepared.files[0].text;
    assert_eq!(lines(text), lines(CSD));
    assert!(!text.contains("odac"));
    assert_eq!(
        text.lines().position(|line| line == "instr 1"),
        CSD.lines().position(|line| line == "instr 1")
    );
    assert_eq!(prepared.options, ["-m0", "--ksmps=10"]);
    assert_eq!(prepared.notes.len(), 1, "{:?}", prepared.notes);
    assert!(prepared.notes[0].contains("line 3"), "{:?}", prepared.notes);
    assert_eq!(options_left(text), 0);
}

#[test]
fn what_lacks_a_section_or_an_end_is_refused_with_what_is_missing() {
    assert_eq!(csd("  \n"), Err(PieceError::Empty));
    assert_eq!(csd("\u{feff}\n"), Err(PieceError::Empty));
    assert_eq!(csd("hello"), Err(PieceError::Section { tag: "<CsoundSynthesizer>" }));
    assert_eq!(csd("<CsoundSynthesizer>"), Err(PieceError::Section { tag: "<CsInstruments>" }));
    let unclosed = |tag, end, line| Err(PieceError::Unclosed { tag, end, line });
    assert_eq!(csd(&CSD.replace("</CsOptions>", "")), unclosed("<CsOptions>", "</CsOptions>", 2));
    assert_eq!(csd(&CSD.replace("</CsInstruments>", "")), unclosed("<CsInstruments>", "</CsInstruments>", 6));
    assert_eq!(csd(&CSD.replace("</CsScore>", "")), unclosed("<CsScore>", "</CsScore>", 10));
    assert_eq!(csd(&CSD.replace("instr 1", "instr\0")), Err(PieceError::Nul { line: 7 }));
    assert_eq!(csd(&CSD.replace('\n', "\r").replace("instr 1", "\0")), Err(PieceError::Nul { line: 7 }));
    assert_eq!(csd(&CSD.replace("instr 1", "prints \"a")), Err(PieceError::OpenString { line: 7 }));
    let long = format!("{CSD}{}", " ".repeat(LONGEST));
    assert_eq!(csd(&long), Err(PieceError::TooLong(long.len())));
    let words = csd("hello").unwrap_err().to_string();
    assert!(words.contains("<CsInstruments>") && words.contains("</CsoundSynthesizer>"), "{words}");
}

#[test]
fn tags_are_told_by_their_case() {
    // Csound 6.18 says "unknown CSD tag: <csoptions>" and plays without.
    assert_eq!(options_of(&within(&format!("{}{ORCHESTRA}", OPTIONS.to_lowercase()))), [""; 0]);
    assert_eq!(csd(&within(&ORCHESTRA.to_lowercase())), Err(PieceError::Section { tag: "<CsInstruments>" }));
}

#[test]
fn the_outer_tag_may_be_spelled_in_two_ways_and_one_of_its_ends_suffices() {
    // All of these play in Csound 6.18.
    let body = format!("{OPTIONS}{ORCHESTRA}");
    for text in [
        format!("<CsoundSynthesiser>\n{body}</CsoundSynthesiser>"),
        format!("<CsoundSynthesizer>\n{body}"),
        format!("{body}</CsoundSynthesizer>"),
        format!("\u{feff}<CsoundSynthesizer>\n{body}</CsoundSynthesizer>"),
        format!("{OPTIONS}<CsoundSynthesizer>\n{ORCHESTRA}</CsoundSynthesizer>"),
        format!("<CsoundSynthesizer>\n{ORCHESTRA}{OPTIONS}</CsoundSynthesizer>"),
    ] {
        assert_eq!(options_of(&text), ["--ksmps=7"], "{text}");
    }
    // What follows the end is not read.
    assert_eq!(options_of(&format!("{}{OPTIONS}", within(ORCHESTRA))), [""; 0]);
}

#[test]
fn blanks_may_stand_before_a_tag_and_anything_behind_it() {
    for section in [
        "  \t<CsOptions>\n--ksmps=7\n\t </CsOptions>\n",
        "<CsOptions> -odac\n--ksmps=7\n</CsOptions> -odac\n",
        "<CsOptions> </CsOptions>\n--ksmps=7\n</CsOptions>\n",
        "<CsOptions>\n--ksmps=7\n\n</CsOptions>\n",
    ] {
        let text = within(&format!("{section}{ORCHESTRA}"));
        let prepared = csd(&text).unwrap();
        assert_eq!(prepared.options, ["--ksmps=7"], "{section}");
        assert_eq!(options_left(&prepared.files[0].text), 0, "{section}");
        assert_eq!(prepared.files[0].text.len(), text.len(), "{section}");
    }
    // These are no options in Csound 6.18.
    for section in ["\u{a0}<CsOptions>\n--ksmps=7\n", "\u{b}<CsOptions>\n--ksmps=7\n", "<CsOptions x>\n"] {
        assert_eq!(options_of(&within(&format!("{section}{ORCHESTRA}"))), [""; 0], "{section}");
    }
}

#[test]
fn several_option_sections_are_all_read_and_all_blanked() {
    let text = within(&format!("{OPTIONS}{ORCHESTRA}<CsOptions>\n--nchnls=2\n-odac\n</CsOptions>\n"));
    let prepared = csd(&text).unwrap();
    assert_eq!(prepared.options, ["--ksmps=7", "--nchnls=2"]);
    assert_eq!(options_left(&prepared.files[0].text), 0);
    assert!(!prepared.files[0].text.contains("odac"));
}

#[test]
fn a_line_that_csound_cannot_read_at_once_begins_anew_behind_4095_bytes() {
    for (before, expected) in [(4094, 0), (4095, 1), (4096, 0)] {
        let text = within(&format!("{}{OPTIONS}{ORCHESTRA}", "x".repeat(before)));
        let prepared = csd(&text).unwrap();
        assert_eq!(prepared.options.len(), expected, "{before}");
        assert_eq!(options_left(&prepared.files[0].text), 0);
    }
}

#[test]
fn every_kind_of_line_end_is_understood() {
    for end in ["\r\n", "\r", "\n"] {
        let text = CSD.replace('\n', end);
        let prepared = csd(&text).unwrap();
        assert_eq!(prepared.options, ["-m0", "--ksmps=10"], "{end:?}");
        assert_eq!(lines(&prepared.files[0].text), lines(&text), "{end:?}");
        assert_eq!(lines(&text), lines(CSD));
        assert!(!prepared.files[0].text.contains('\r'));
    }
}

#[test]
fn a_tag_inside_a_comment_string_or_other_section_is_none() {
    for (body, expected) in [
        (format!("<CsInstruments>\n/*\n{OPTIONS}*/\n</CsInstruments>\n"), 0),
        (format!("<CsInstruments>\nprints {{{{\n{OPTIONS}}}}}\n</CsInstruments>\n"), 0),
        (format!("<CsInstruments>\n; {{{{ /* \"\n</CsInstruments>\n{OPTIONS}"), 1),
        (format!("<CsInstruments>\n{{{{\n</CsInstruments>\n}}}}\n</CsInstruments>\n{OPTIONS}"), 1),
        (format!("<CsInstruments>\n\"\\\"/*\"\n</CsInstruments>\n{OPTIONS}"), 1),
        (format!("{ORCHESTRA}<CsScore>\n/*\n</CsScore>\n{OPTIONS}*/\n</CsScore>\n"), 0),
        (format!("{ORCHESTRA}<CsScore>\n{{{{\n</CsScore>\n{OPTIONS}"), 1),
        (format!("<CsLicence>\n{OPTIONS}</CsLicence>\n{ORCHESTRA}"), 0),
        (format!("<CsVersion>\n{OPTIONS}</CsVersion>\n{ORCHESTRA}"), 0),
        (format!("<html>\n{OPTIONS}</html>\n{ORCHESTRA}"), 1),
        (format!("; see <CsOptions>\n{ORCHESTRA}"), 0),
        (format!("<CsMidifileB>\nAAAA\n</CsMidiFileB>\n{OPTIONS}{ORCHESTRA}"), 1),
        (format!("<CsFileB filename=a>\naGVsbG8=\n{OPTIONS}</CsFileB>\n{OPTIONS}{ORCHESTRA}"), 1),
        (format!("<CsFileB filename=a>\naGVsbG8</CsFileB>\n{OPTIONS}{ORCHESTRA}"), 1),
    ] {
        assert_eq!(options_of(&within(&body)).len(), expected, "{body}");
    }
    // A block comment among the options hides their end, as in Csound 6.18.
    let hidden = "<CsOptions>\n-m0 /* x\n</CsOptions>\n*/\n--ksmps=7\n</CsOptions>\n";
    let text = within(&format!("{hidden}{ORCHESTRA}"));
    assert_eq!(options_of(&text), ["-m0", "--ksmps=7"]);
}

#[test]
fn csound_7_knows_no_strings_between_a_sections_tags_and_comments_only_where_they_begin_a_line() {
    // All of these were read by Csound 7.00.
    let hidden = "</CsInstruments>\n<CsOptions>\n--ksmps=7\n</CsOptions>\n<CsInstruments>\n";
    for (before, reads_options) in [
        ("gS = {{\n", true),
        ("gS = {{ /*\n", true),
        ("gS = \"/*\"\n", true),
        ("gi1 = 1 /*\n", true),
        ("/* a */\n", true),
        ("/*\n*/ /*\n", true),
        ("/*\n", false),
        (" \t/* a\n b\n", false),
        ("/*/\n", false),
        ("gS = {{\n /*\n", false),
    ] {
        let text = within(&format!("<CsInstruments>\n{before}{hidden}*/\n</CsInstruments>\n"));
        let prepared = csd_by(Generation::Seven, &text).unwrap();
        let made = &prepared.files[0].text;
        assert_eq!(prepared.options.len(), usize::from(reads_options), "{before}");
        assert_eq!(options_left_by(Generation::Seven, made), 0);
        assert_eq!((lines(made), made.len()), (lines(&text), text.len()));
        // Nothing is left in a comment that could end the section, whatever Csound takes for the comment's end.
        assert_eq!(made.matches("</CsInstruments>").count(), 1 + usize::from(reads_options), "{made}");
    }
    let score =
        |score: &str| within(&format!("{ORCHESTRA}<CsScore>\n{score}</CsScore>\n{OPTIONS}</CsScore>\n"));
    for before in ["", "/*\n", "i 1 0 1 \"a\n", "; /*\n"] {
        assert_eq!(csd_by(Generation::Seven, &score(before)).unwrap().options, ["--ksmps=7"], "{before}");
    }
    // 6 takes an open string for an error, 7 closes it with its line.
    let open = within("<CsInstruments>\ninstr 1\nprints \"a\nendin\n</CsInstruments>\n");
    assert_eq!(csd(&open), Err(PieceError::OpenString { line: 4 }));
    assert!(csd_by(Generation::Seven, &open).is_ok());
    // Texts within texts, as 7 has them.
    let nested =
        within("<CsInstruments>\ninstr 1\nS1 = {{ a {{ b }} it's \" here }}\nendin\n</CsInstruments>\n");
    assert!(csd_by(Generation::Seven, &nested).is_ok());
}

#[test]
fn what_csound_would_hang_or_fail_on_is_an_error() {
    let file = csd(&within(&format!("<CsFileB filename=a>\naGVsbG8=\n{ORCHESTRA}")));
    assert_eq!(file, Err(PieceError::Unclosed { tag: "<CsFileB>", end: "</CsFileB>", line: 2 }));
    let plain = csd(&within(&format!("<CsFile filename=a>\nx\n</CsFile>\n{ORCHESTRA}")));
    assert_eq!(plain, Err(PieceError::PlainFile { line: 2 }));
    // Csound 6.18 looks for </CsMidiFileB> behind <CsMidifileB>.
    let midi = csd(&within(&format!("<CsMidifileB>\nAAAA\n</CsMidifileB>\n{ORCHESTRA}")));
    assert!(matches!(midi, Err(PieceError::Unclosed { end: "</CsMidiFileB>", .. })), "{midi:?}");
    let program = csd(&within(&format!("{ORCHESTRA}<CsScore foo>\n</CsScore>\n")));
    assert_eq!(program, Err(PieceError::ScoreProgram { line: 6 }));
}

#[test]
fn a_score_that_a_program_writes_is_said() {
    let prepared = csd(&within(&format!("{ORCHESTRA}<CsScore bin=\"make\">\nx\n</CsScore>\n"))).unwrap();
    assert!(prepared.notes[0].contains("make"), "{:?}", prepared.notes);
    assert_eq!(hold_score_open(&prepared.files[0], Generation::Six), prepared.files[0].text);
}

#[test]
fn an_orchestra_and_its_score_lose_the_editors_mark_only() {
    let source = Source::OrcSco { orc: "\u{feff}instr 1\nendin\n".into(), sco: "\u{feff}i1 0 1\r\n".into() };
    let prepared = prepare(&source, Generation::Six).unwrap();
    assert_eq!(prepared.files[0], PreparedFile { extension: "orc", text: "instr 1\nendin\n".into() });
    assert_eq!(prepared.files[1], PreparedFile { extension: "sco", text: "i1 0 1\n".into() });
    assert!(prepared.options.is_empty() && prepared.notes.is_empty());
    // Without a score Csound 6.18 plays for ever.
    assert!(
        prepare(&Source::OrcSco { orc: "instr 1\nendin\n".into(), sco: " \n".into() }, Generation::Six)
            .is_ok()
    );
    let empty = Source::OrcSco { orc: " ".into(), sco: "i1 0 1".into() };
    assert_eq!(prepare(&empty, Generation::Six), Err(PieceError::Empty));
    let nul = Source::OrcSco { orc: "instr 1\nendin\n".into(), sco: "i1 0 1\n\0".into() };
    assert_eq!(prepare(&nul, Generation::Six), Err(PieceError::Nul { line: 2 }));
}

#[test]
fn what_the_options_ask_for_is_handed_on() {
    let text = within(&format!("<CsOptions>\n--sample-accurate -F tune.mid\n</CsOptions>\n{ORCHESTRA}"));
    let prepared = csd(&text).unwrap();
    assert!(prepared.sample_accurate);
    assert_eq!(prepared.midi_file.as_deref(), Some("tune.mid"));
    assert_eq!(prepared.options, ["--sample-accurate", "-Ftune.mid"]);
}

#[test]
fn a_score_is_held_open_where_it_stands() {
    let prepared = csd(CSD).unwrap();
    let text = hold_score_open(&prepared.files[0], Generation::Six);
    assert_eq!(lines(&text), lines(CSD));
    assert!(text.contains("i1 0 1\nf 0 "), "{text}");
    assert!(!text.contains("\ne\n"));
    let none = PreparedFile { extension: "csd", text: "<CsInstruments>\n</CsInstruments>".into() };
    assert_eq!(hold_score_open(&none, Generation::Six), none.text);
    let orchestra = PreparedFile { extension: "orc", text: "instr 1\nendin\n".into() };
    assert_eq!(hold_score_open(&orchestra, Generation::Six), orchestra.text);
}

#[test]
fn parts_that_reach_out_while_csound_reads_are_taken_out_and_named() {
    let text = within(&format!(
        "{ORCHESTRA}<CsScore bin=\"make it\">\nx\n</CsScore>\n<CsFileB filename=\"/etc/x\">\nQUJD\n</CsFileB>\n\
         <CsFileB filename=\"../y\">\nQUJD\n</CsFileB>\n<CsFileB filename=\"z.wav\">\nQUJD\n</CsFileB>\n"
    ));
    let mut source = Source::Csd(text.clone());
    let what = take_out_foreign_parts(&mut source, Generation::Six);
    let Source::Csd(rest) = source else { panic!() };
    assert_eq!(rest.lines().count(), text.lines().count(), "lines keep their numbers");
    assert!(!rest.contains("make it") && !rest.contains("/etc/x") && !rest.contains("../y"));
    assert!(rest.contains("z.wav") && rest.contains("<CsInstruments>"));
    assert_eq!(what.len(), 3, "{what:?}");
    assert!(csd(&rest).is_ok());
    let mut plain = Source::Csd(within(ORCHESTRA));
    assert_eq!(take_out_foreign_parts(&mut plain, Generation::Six), [""; 0]);
    assert_eq!(plain, Source::Csd(within(ORCHESTRA)));
}

#[test]
fn no_mutation_makes_the_reader_panic_or_lose_lines() {
    let mut numbers = Random::new(1);
    let mut random = |below: usize| numbers.below(below);
    let parts = [
        "<CsOptions>",
        "</CsOptions>",
        "\n",
        "\r\n",
        "\r",
        "\"",
        "/*",
        "*/",
        "-",
        "--env:",
        "é",
        "😀",
        "<CsScore>",
        "<CsScore bin=\"",
        "{{",
        "}}",
        "e\n",
        "-F",
        "=",
        "\\",
        "<CsFileB filename=",
        ";",
        "<CsLicence>",
        "</CsoundSynthesizer>",
        "\u{feff}",
        " ",
        "[",
        "#define",
    ];
    let long = "é".repeat(2047);
    let mut taken = 0;
    for _ in 0..20_000 {
        let mut text: Vec<char> = CSD.chars().collect();
        for _ in 0..random(4) + 1 {
            let at = random(text.len());
            match random(20) {
                0 => text.truncate(at.max(1)),
                1 => drop(text.splice(at..at, long.chars())),
                2..9 => drop(text.remove(at)),
                _ => drop(text.splice(at..at, parts[random(parts.len())].chars())),
            }
            if text.is_empty() {
                text.push('x');
            }
        }
        let text: String = text.into_iter().collect();
        for generation in Generation::ALL {
            let Ok(prepared) = csd_by(generation, &text) else { continue };
            let made = &prepared.files[0].text;
            assert_eq!(lines(made), lines(&text), "{text}");
            assert_eq!(options_left_by(generation, made), 0, "{text}");
            assert_eq!(csd_by(generation, made).unwrap().files[0].text, *made, "{text}");
            hold_score_open(&prepared.files[0], generation);
            taken += 1;
        }
        let _ = live_text::check_score_line(&text);
        let _ = live_text::check_score(&text);
        let _ = live_text::check_orchestra(&text);
        channel_names::scan_channel_names(&text);
    }
    assert!(taken > 10_000, "only {taken} mutations were still pieces");
}
