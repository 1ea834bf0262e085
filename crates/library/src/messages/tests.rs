use super::*;
use crate::callbacks::CSOUNDS_LONGEST;
use crate::testing::{attempt, start};

fn lines(pieces: &[(&str, Level)]) -> Vec<Message> {
    let (queue, mut lines) = (MessageQueue::new(), Lines::default());
    for (text, level) in pieces {
        queue.push(*level, text.as_bytes());
    }
    queue.drain(&mut lines)
}

/// Csound's messages about a piece that is compiled, started and performed for a moment.
fn said(orchestra: &str, score: &str) -> Option<Vec<Message>> {
    let (mut csound, started) = attempt(&format!("sr = 48000\nksmps = 10\n{orchestra}"), score)?;
    if started.is_ok() {
        for _ in 0..20 {
            csound.perform_ksmps();
        }
    }
    let mut messages = Vec::new();
    csound.handle().drain_messages(|message| messages.push(message));
    Some(messages)
}

fn errors(messages: &[Message]) -> Vec<&Message> {
    messages.iter().filter(|message| message.level == Level::Error).collect()
}

#[test]
fn lines_are_put_together_and_are_as_severe_as_their_most_severe_piece() {
    let taken = lines(&[
        ("instr 1: ", Level::Default),
        ("no such file\nnext", Level::Error),
        (" line\n\n", Level::Default),
    ]);
    let plain: Vec<_> = taken.iter().map(|line| (line.level, line.text.as_str())).collect();
    assert_eq!(plain, [(Level::Error, "instr 1: no such file"), (Level::Error, "next line")]);
}

#[test]
fn a_line_without_its_end_waits_for_it() {
    let (queue, mut lines) = (MessageQueue::new(), Lines::default());
    queue.push(Level::Default, b"half ");
    assert_eq!(queue.drain(&mut lines), []);
    queue.push(Level::Default, b"a line\n");
    assert_eq!(queue.drain(&mut lines)[0].text, "half a line");
}

#[test]
fn a_character_that_is_cut_between_two_pieces_is_whole_again() {
    let text = format!("{}é\n", "x".repeat(FRAGMENT - 1));
    assert_eq!(lines(&[(&text, Level::Default)])[0].text, text.trim_end());
}

#[test]
fn colours_and_control_characters_are_removed() {
    assert_eq!(lines(&[("\x1b[31;1merror\x1b[m:\u{7} x\r\n", Level::Error)])[0].text, "error: x");
    assert_eq!(plain("\x1b"), "");
    assert_eq!(plain("\x1b[3"), "");
}

#[test]
fn an_endless_line_is_cut() {
    let long = "x".repeat(3 * LONGEST_LINE);
    let taken = lines(&[(&long, Level::Default), ("y\n", Level::Default)]);
    assert!(taken.len() >= 3);
    assert!(taken.iter().all(|line| line.text.len() < LONGEST_LINE + FRAGMENT));
}

#[test]
fn when_nobody_reads_the_newest_stay_and_the_loss_is_said() {
    let (queue, mut lines) = (MessageQueue::new(), Lines::default());
    for number in 0..CAPACITY + 100 {
        queue.push(Level::Default, format!("{number}\n").as_bytes());
    }
    let taken = queue.drain(&mut lines);
    assert_eq!(taken.len(), CAPACITY + 1);
    assert!(taken[0].text.contains("lost"));
    assert_eq!(taken[1].text, "100");
    assert_eq!(taken.last().unwrap().text, (CAPACITY + 99).to_string());
}

#[test]
fn a_line_number_is_found_where_one_is_named() {
    assert_eq!(line_of(" from file piece.csd (1), line 12:"), Some(12));
    assert_eq!(line_of("INIT ERROR in instr 1 (opcode oscili.a) line 11: Invalid ftable"), Some(11));
    assert_eq!(line_of("Line: 7"), Some(7));
    assert_eq!(line_of("Line 8"), Some(8));
    assert_eq!(line_of("online 5, lines 6, line x, line"), None);
}

#[test]
fn a_line_of_an_included_file_is_no_line_of_the_piece() {
    assert_eq!(line_of(" from file part.inc (2), from file piece (1).csd (1), line 3:"), None);
    assert_eq!(line_of(" from file piece (2).csd (1), line 3:"), Some(3));
    let taken = lines(&[
        ("INIT ERROR in instr 2 (opcode oscili.a) line 3: Invalid ftable\n", Level::Error),
        (" from file part.inc (2), from file piece.csd (1),a1 oscili 1, 2, 99\n", Level::Error),
    ]);
    assert_eq!(taken[0].line, None);
}

#[test]
fn csounds_report_on_its_normal_work_is_no_error() {
    let Some(messages) = said("instr 1\nendin", "i1 0 0.001") else { return };
    assert_eq!(errors(&messages), Vec::<&Message>::new());
    assert!(messages.iter().any(|message| message.text.starts_with("--Csound version")));
}

// The orchestra's first line is the file's sixth, and `said` puts two before it.
#[test]
fn a_syntax_error_names_its_line_in_the_file() {
    let Some(messages) = said("instr 1\na1 oscili 1,, 440\nendin", "") else { return };
    assert!(messages.iter().any(|message| message.text.contains("syntax error")));
    assert!(errors(&messages).iter().any(|message| message.line == Some(9)), "{messages:?}");
}

#[test]
fn an_opcode_that_does_not_exist_and_arguments_that_do_not_fit_name_their_line() {
    for line in ["a1 nosuch 1, 440", "a1 oscili \"x\", 440", "out aUnknown"] {
        let Some(messages) = said(&format!("instr 1\n{line}\nendin"), "") else { return };
        assert!(messages.iter().any(|message| message.line == Some(9)), "{line}: {messages:?}");
        assert!(!errors(&messages).is_empty());
    }
}

#[test]
fn an_init_error_names_its_line() {
    let Some(messages) = said("instr 1\na1 oscili 1, 440, 99\nout a1\nendin", "i1 0 1") else { return };
    let error = messages.iter().find(|message| message.text.starts_with("INIT ERROR")).unwrap();
    assert_eq!((error.level, error.line), (Level::Error, Some(9)));
}

#[test]
fn a_mistyped_score_is_an_error_without_a_line() {
    let Some(messages) = said("instr 1\nendin", "i1 0 [1+") else { return };
    let error = messages.iter().find(|message| message.text.starts_with("score error")).unwrap();
    assert_eq!((error.level, error.line), (Level::Error, None));
}

#[test]
fn what_a_piece_prints_and_csounds_warnings_have_their_levels() {
    let orchestra = "instr 1\nprints \"see line 5\\n\"\nk1 chnget \"\"\nendin";
    let Some(messages) = said(orchestra, "i1 0 1") else { return };
    let print = messages.iter().find(|message| message.text == "see line 5").unwrap();
    // Csound 7 does not mark what `prints` says.
    let level = match crate::Library::get().unwrap().generation() {
        crate::Generation::Six => Level::Orchestra,
        crate::Generation::Seven => Level::Default,
    };
    assert_eq!((print.level, print.line), (level, None));
    let warning = messages.iter().find(|message| message.text.contains("invalid channel name")).unwrap();
    assert_eq!(warning.level, Level::Warning);
}

#[test]
fn a_text_of_thousands_of_characters_is_cut_and_does_not_end_the_process() {
    let orchestra = "instr 1\nSlong = \"0123456789abcdef\"\nicount = 0\nwhile icount < 11 do\n\
                     Slong strcat Slong, Slong\nicount += 1\nod\nputs Slong, 1\nprints \"after\\n\"\nendin";
    let Some(mut csound) = start(orchestra, "i1 0 1") else { return };
    assert_eq!(csound.perform_ksmps(), 0);
    let mut texts = Vec::new();
    csound.handle().drain_messages(|message| texts.push(message.text));
    let long = texts.iter().position(|text| text.starts_with("0123456789abcdef0123")).unwrap();
    assert_eq!(texts[long].len(), CSOUNDS_LONGEST);
    assert_eq!(texts[long + 1], "after");
}
