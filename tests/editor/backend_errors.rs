//! Csound's errors in a musician's words, over a running instance.

use csound_performer::editor::model::{Action, Backend, SourceError, State};

use crate::backend_bench::*;
use crate::common::csd;

/// The first line of the instrument's body.
const BODY: u32 = 12;

fn piece(body: &str) -> String {
    csd("", HEADER, &format!("instr 1\n{body}\nendin\n"), "i 1 0 1000")
}

/// The errors of a text that is opened.
fn opened(bench: &mut Bench, folder: &std::path::Path, text: &str) -> Vec<SourceError> {
    let path = write(folder, "my piece.csd", text);
    bench.desk.act(Action::Open(path));
    bench.until("it is answered", |view, _| {
        let is_shown = view.source.files.first().is_some_and(|file| file.text == text);
        is_shown && !view.source.errors.is_empty() && !matches!(view.state, State::Loading)
    });
    bench.view.source.errors.to_vec()
}

#[test]
fn each_kind_of_error_is_a_sentence_at_its_line_with_the_users_own_file() {
    if !alone("backend_errors::each_kind_of_error_is_a_sentence_at_its_line_with_the_users_own_file") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new();
    let twice = piece("outs a(0), a(0)\nendin\ninstr 1");
    let cases = [
        (piece("a1 oscilli 0.1, 440\nouts a1, a1"), BODY, "`oscilli` is unknown: did you mean `oscili`?"),
        (piece("a1 = oscilli(0.1, 440)\nouts a1, a1"), BODY, "did you mean `oscili`?"),
        (piece("a1 oscili 0.1,, 440\nouts a1, a1"), BODY, "before or after a comma"),
        (piece("k1 = (1 + 2\nouts a(k1), a(k1)"), BODY, "A bracket ( is not closed"),
        (
            piece("k1 = (abs(1) + 2\n\nif k1 == 2 then\nouts a(k1), a(k1)\nendif"),
            BODY,
            "A bracket ( is not closed",
        ),
        (piece("k1 = 1 *\nouts a(k1), a(k1)"), BODY, "The line ends too early"),
        (piece("k1 = 1 *\n\nouts a(k1), a(k1)"), BODY, "The line ends too early"),
        (piece("k1 = 1 * ; twice\nk2 = 2\nouts a(k2), a(k2)"), BODY, "The line ends too early"),
        (piece("S1 = {{ a ( b\n( }}\nk1 = 1 2\nouts a(k1), a(k1)"), BODY + 2, "`2` is not expected here"),
        (piece("a1 oscili 0.1, 440)\nouts a1, a1"), BODY, "A bracket ) closes nothing"),
        (piece("a1 oscili \"x\", 440\nouts a1, a1"), BODY, "`oscili` does not take these arguments"),
        (piece("outs aUnknown, aUnknown"), BODY, "`aUnknown` is used before it has a value"),
        (piece("k1 init 1\nif k1 == 1 then\nouts a(k1), a(k1)"), BODY + 1, "`endif` is missing"),
        (piece("outs a(0), a(0)\nendin\ninstr 2\nendin\nendin"), BODY + 4, "closes nothing"),
        (piece("outs a(0), a(0)\ninstr 2"), BODY - 1, "`endin` is missing"),
        (piece("prints \"open\nouts a(0), a(0)"), BODY, "not closed with a quote"),
        (piece("a1 = $NOPE\nouts a1, a1"), BODY, "The macro $NOPE is not defined"),
        (twice, BODY + 2, "Instrument 1 is there twice"),
        (
            csd("", &format!("{HEADER}#include \"gone.inc\"\n"), "instr 1\nendin\n", ""),
            9,
            "gone.inc was not found",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, line, words) in cases {
        let errors = opened(&mut bench, folder.path(), &text);
        let is_right = errors.len() == 1 && errors[0].line == Some(line) && errors[0].text.contains(words);
        let is_said = matches!(&bench.view.state, State::Failed(reason)
            if reason.starts_with("my piece.csd") && reason.to_lowercase().contains(&format!("line {line}")));
        if !is_right || !is_said {
            wrong.push(format!("{line} {words}: {errors:?}, {:?}", bench.view.state));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let texts = bench.view.console.lines().map(|line| line.text.to_string()).collect::<Vec<_>>().join("\n");
    assert!(texts.contains("from file my piece.csd (1)"), "{texts}");
    assert!(!texts.contains("csound-performer-"), "no temporary path: {texts}");

    opened(&mut bench, folder.path(), &piece("a1 oscilli 0.1, 440\nouts a1, a1"));
    bench.desk.act(Action::OpenShipped(0));
    bench.until("the marks are gone with the text", |view, _| {
        view.state == State::Playing && view.source.errors.is_empty()
    });
    let session = session_of("s.csd", folder.path(), &piece("outs aUnknown, aUnknown"));
    bench.link.load(&session);
    bench.until("a session's text is marked as well", |view, _| {
        view.piece.name == "s.csd" && view.source.errors.first().is_some_and(|error| error.line == Some(BODY))
    });
    assert!(bench.view.source.failure.is_some(), "what played before plays on");
}

#[test]
fn an_error_of_an_included_file_is_told_with_that_file_and_its_line() {
    if !alone("backend_errors::an_error_of_an_included_file_is_told_with_that_file_and_its_line") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::new();
    let text = csd("", &format!("{HEADER}#include \"voice.orc\"\n"), "instr 2\nendin\n", "i 1 0 1000");
    let mut wrong = Vec::new();
    for (line, words) in [
        ("a1 oscilli 0.1, 440", "oscilli"),
        ("a1 oscili 0.1,, 440", "before or after a comma"),
        ("a1 oscili \"x\", 440", "does not take these arguments"),
        ("a1 oscili 0.1, kNone", "`kNone` is used before it has a value"),
        ("k1 = (1 + 2", "A bracket ( is not closed"),
    ] {
        write(folder.path(), "voice.orc", &format!("; a voice\ninstr 1\n{line}\nouts a(0), a(0)\nendin\n"));
        // Another text, so that it is this answer.
        let errors =
            opened(&mut bench, folder.path(), &text.replace("instr 2", &format!("; {words}\ninstr 2")));
        let [error] = &errors[..] else {
            wrong.push(format!("{line}: {errors:?}"));
            continue;
        };
        let is_right = error.included.as_deref() == Some("voice.orc") && error.line == Some(3);
        let is_said =
            matches!(&bench.view.state, State::Failed(reason) if reason.contains("voice.orc, line 3: "));
        if !is_right || !is_said || !error.text.contains(words) {
            wrong.push(format!("{line}: {error:?}, {:?}", bench.view.state));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
