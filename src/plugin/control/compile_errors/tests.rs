use super::*;

fn said(text: &str, line: Option<u32>) -> ConsoleLine {
    ConsoleLine { line, ours: false, ..ConsoleLine::error(text) }
}

/// What Csound 6.18 says of a syntax error in a line.
fn syntax(what: &str, line: u32) -> Vec<ConsoleLine> {
    vec![
        said(&format!("error: syntax error, {what}"), None),
        said(&format!(" from file a.csd (1), line {line}:"), Some(line)),
        said(" >>> …  <<<", None),
        said("Parsing failed due to 1 syntax error!", None),
        said("Stopping on parser failure", None),
        said("cannot compile orchestra", None),
    ]
}

#[test]
fn a_string_may_stand_in_a_macro() {
    let lines = syntax("unexpected STRING_TOKEN, expecting NEWLINE  (token \"\"x\"\")", 1);
    assert_eq!(one(&lines, "k1 nosuch $MSG\nprints \"x\"").0, Some(1));
    assert_eq!(
        one(&lines, "k1 nosuch k2\nprints \"x\"").0,
        Some(2),
        "Csound 6 names the line before a string"
    );
}

/// The errors of a piece that includes two files.
fn of_included(lines: &[(&str, Option<u32>)]) -> Vec<String> {
    let lines: Vec<_> = lines.iter().map(|(text, line)| said(text, *line)).collect();
    let own = "#include \"voice.orc\"\n#include \"sub/more (1).orc\"\ninstr 2\nendin\n";
    let voice = "; a voice\ninstr 1\na1 oscilx2 0.1, 440\nouts a1, a1\nendin\n";
    let others = [("voice.orc", voice), ("sub/more (1).orc", "instr 3\nk1 = (1 + 2\nendin\n")];
    let others = others.map(|(name, text)| (name.to_owned(), text.to_owned()));
    compile_errors(&lines, own, &others)
        .iter()
        .map(|error| format!("{}{}", error.place(), error.text))
        .collect()
}

#[test]
fn an_error_of_an_included_file_is_told_with_that_file() {
    let six = |what: &'static str, place: &'static str| {
        of_included(&[
            (what, None),
            (place, None),
            (" >>> …  <<<", None),
            ("Parsing failed due to 1 syntax error!", None),
        ])
    };
    let unknown = six(
        "error: syntax error, unexpected T_IDENT  (token \"oscilx2\")",
        " from file voice.orc (2), from file a.csd (1), line 3:",
    );
    assert!(unknown[0].starts_with("voice.orc, line 3: `oscilx2` is not expected here"), "{unknown:?}");
    let bracket = six(
        "error: syntax error, unexpected NEWLINE  (token \"\n\")",
        " from file sub/more (1).orc (3), from file a.csd (1), line 2:",
    );
    assert_eq!(bracket, ["sub/more (1).orc, line 2: A bracket ( is not closed in this line (syntax error)"]);
    let types = of_included(&[
        ("error:  Unable to find opcode entry for 'oscilx2' with matching argument types:", None),
        ("Found: a oscilx2 Sc", None),
        ("       a1 oscilx2 \"x\" ...", None),
        ("Line: 3", None),
        (" from file voice.orc (2), from file a.csd (1),Parsing failed due to syntax errors", None),
    ]);
    assert!(
        types.len() == 1 && types[0].starts_with("voice.orc, line 3: `oscilx2` does not take"),
        "{types:?}"
    );
    let undefined = of_included(&[
        ("error:  Variable 'k9' used before defined", None),
        ("Line 3", None),
        (
            " from file voice.orc (2), from file a.csd (1),error:  Variable type for k9 could not be determined.",
            None,
        ),
        (" from file voice.orc (2), from file a.csd (1),Parsing failed due to syntax errors", None),
    ]);
    assert!(
        undefined.len() == 1 && undefined[0].starts_with("voice.orc, line 3: `k9` is used"),
        "{undefined:?}"
    );

    let comma = of_included(&[
        ("syntax error, unexpected ',' (token \",\"),  line 3, columns 15,15", Some(3)),
        ("from file voice.orc (2)", None),
        ("from file a.csd (1)", None),
        ("Parsing failed due to invalid input!", None),
    ]);
    assert!(comma.len() == 1 && comma[0].starts_with("voice.orc, line 3: Something is missing"), "{comma:?}");
    let seven = of_included(&[(
        "syntax error, unable to find opcode with name: oscilx2, line 3, columns 4-10",
        Some(3),
    )]);
    assert!(seven.len() == 1 && seven[0].starts_with("voice.orc, line 3: `oscilx2` is unknown"), "{seven:?}");
    let own = of_included(&[
        ("syntax error, unable to find opcode with name: endin, line 4, columns 4-10", Some(4)),
        ("syntax error, unexpected ',' (token \",\"),  line 3, columns 15,15", Some(3)),
        ("from file a.csd (1)", None),
        ("syntax error, unexpected ';' (token \";\"),  line 2, columns 15,15", Some(2)),
        ("from file voice.orc (2)", None),
        ("from file a.csd (1)", None),
    ]);
    let places: Vec<_> = own.iter().map(|told| told.split_once(": ").unwrap().0).collect();
    assert_eq!(places, ["Line 3", "Line 4", "voice.orc, line 2"], "{own:?}");
}

fn one(lines: &[ConsoleLine], text: &str) -> (Option<u32>, String) {
    let errors = compile_errors(lines, text, &[]);
    let [error] = &errors[..] else { panic!("{errors:?}") };
    (error.line, error.text.clone())
}

#[test]
fn syntax_errors_are_told_in_words() {
    let table = [
        (
            "unexpected ','  (token \", \")",
            "a1 oscili 0.1,, 440",
            1,
            "Something is missing before or after a comma",
        ),
        (
            "unexpected ')', expecting NEWLINE or ','  (token \")\")",
            "a1 oscili 0.1, 440)",
            1,
            "A bracket ) closes nothing",
        ),
        ("unexpected NEWLINE  (token \"\n\")", "k1 = 1 +", 1, "The line ends too early"),
        ("unexpected T_IDENT  (token \"oscilli\")", "a1 oscilli 0.1", 1, "`oscilli` is not expected here"),
        (
            "unexpected ERROR_TOKEN, expecting NEWLINE or ','  (token \"$\")",
            "a1 = $NOPE",
            1,
            "The macro $NOPE is not defined",
        ),
        (
            "unexpected end of file  (token \"\")",
            "instr 1\nout a1",
            3,
            "The `instr` that begins here is never closed: `endin`",
        ),
        (
            "unexpected ENDIN_TOKEN  (token \"endin\")",
            "instr 1\nif k1 == 1 then\nendin",
            3,
            "The `if` that begins here",
        ),
    ];
    for (what, text, line, words) in table {
        let (_, told) = one(&syntax(what, line), text);
        assert!(told.starts_with(words), "{what}: {told}");
        assert!(!told.contains("token") && !told.contains("unexpected"), "{told}");
    }
    // A token that is the end of a line is said in two.
    let mut lines = syntax("unexpected NEWLINE  (token \"", 2);
    lines.insert(1, said("\")", None));
    assert_eq!(one(&lines, "x\nk1 = (1 + 2").0, Some(2));
    assert!(one(&lines, "x\nk1 = (1 + 2").1.starts_with("A bracket ( is not closed"));
}

#[test]
fn an_unknown_opcode_before_a_string_is_told_at_its_own_line_alone() {
    let text = "instr 1\n  k1 = 1\n  endif\n  nosuch \"level is high\"\nendin\n";
    // Csound 6 names the line before the string.
    let mut lines = syntax("unexpected STRING_TOKEN  (token \"\"\")", 3);
    let (line, _) = one(&lines, text);
    assert_eq!(line, Some(4), "by itself it is at the right line, too");
    let ours = ConsoleLine::error("`nosuch` is unknown: did you mean `outch`?");
    lines.push(ConsoleLine { line: Some(4), ..ours });
    assert_eq!(one(&lines, text), (Some(4), "`nosuch` is unknown: did you mean `outch`?".into()));
    let there = "instr 1\n  k1 = 1\n  nosuch \"level\"\n  prints \"x\"\nendin\n";
    assert_eq!(one(&syntax("unexpected STRING_TOKEN  (token \"\"\")", 3), there).0, Some(3));
}

#[test]
fn an_unknown_opcode_is_told_once_as_the_engine_tells_it() {
    let mut lines = syntax("unexpected T_IDENT  (token \"oscilli\")", 10);
    let ours = ConsoleLine::error("`oscilli` is unknown: did you mean `oscili`?");
    lines.push(ConsoleLine { line: Some(10), ..ours });
    assert_eq!(one(&lines, ""), (Some(10), "`oscilli` is unknown: did you mean `oscili`?".into()));
}

#[test]
fn errors_of_names_and_types_have_the_line_that_csound_leaves_out() {
    let types = [
        said("error:  Unable to find opcode entry for 'oscili' with matching argument types:", None),
        said(" from file a.csd (1),Parsing failed due to syntax errors", None),
    ];
    let (line, told) =
        one(&types, "<CsInstruments>\ninstr 1 ; oscili\na1 oscili \"x\", 440\nendin\n</CsInstruments>");
    assert!(line == Some(3) && told.starts_with("`oscili` does not take these arguments"), "{line:?} {told}");
    let undefined = [
        said("error:  Variable 'kfoo' used before defined", None),
        said("Line 9", Some(9)),
        said(" from file a.csd (1),error:  Variable type for kfoo could not be determined.", None),
        said(" from file a.csd (1),Parsing failed due to syntax errors", None),
    ];
    let (line, told) = one(&undefined, "");
    assert!(line == Some(9) && told.starts_with("`kfoo` is used before it has a value"), "{line:?} {told}");
    let twice = [said("error:  instr 1 redefined", None)];
    assert_eq!(
        one(&twice, "instr 1\nendin\ninstr 1\nendin"),
        (Some(3), "Instrument 1 is there twice".into())
    );
    let include =
        [said("Cannot open #include'd file gone.inc", None), said("cannot compile orchestra", None)];
    let (line, told) = one(&include, "sr = 48000\n#include \"gone.inc\"");
    assert!(line == Some(2) && told.starts_with("The included file gone.inc was not found"), "{told}");
}

#[test]
fn errors_of_the_score_and_of_sections_lead_to_their_line() {
    let score = [
        said("score error:  illegal character", None),
        said("(0a) in [] expression", None),
        said("  section 1:  at position -1WARNING: Internal error in print_input_backtrace()", None),
    ];
    let (line, told) = one(&score, "<CsScore>\ni 1 0 1\ni 1 0 [1+\n</CsScore>");
    assert!(
        line == Some(3) && told.starts_with("The score cannot be read: illegal character"),
        "{line:?} {told}"
    );
    let told = |reason| error_of_reason(reason, "a.csd").map(|error| (error.line, error.text));
    assert_eq!(
        told("a.csd: the string in line 10 is not closed with a quote"),
        Some((Some(10), "The string is not closed with a quote".into()))
    );
    assert_eq!(told("a.csd: line 3: Csound hangs on it"), Some((Some(3), "Csound hangs on it".into())));
    assert_eq!(told("a.csd: line 3 holds a NUL"), Some((Some(3), "This line holds a NUL".into())));
    assert_eq!(told("no libcsound"), None);
}

#[test]
fn what_is_no_error_of_the_text_is_none() {
    let lines = [ConsoleLine::note("instr 1: line 3"), ConsoleLine::error("no libcsound")];
    assert_eq!(compile_errors(&lines, "", &[]), []);
}

/// What Csound 7.00 says of an error: each as it said it, with the line that the console read out of it.
fn by_seven(said_lines: &[(&str, Option<u32>)]) -> Vec<ConsoleLine> {
    let end = [("Parsing failed due to syntax errors", None), ("\t ... failed to compile code.", None)];
    said_lines.iter().chain(&end).map(|(text, line)| said(text, *line)).collect()
}

#[test]
fn errors_of_csound_7_are_told_in_the_same_words() {
    let file = ("from file a.csd (1)", None);
    let syntax = |what: &str, line: u32| {
        by_seven(&[(&format!("syntax error, {what},  line {line}, columns 1,5"), Some(line)), file])
    };
    for (lines, text, line, words) in [
        (
            syntax("unexpected INTEGER_TOKEN, expecting NEWLINE or ',' (token \"440\")", 2),
            "instr 1\na1 oscili 0.1 440\nendin",
            2,
            "`440` is not expected here",
        ),
        (
            by_seven(&[
                ("syntax error, unexpected NEWLINE (token \"", None),
                ("\"),  line 2, columns 1,1", Some(2)),
                file,
            ]),
            "instr 1\nk1 = 1 +\nendin",
            2,
            "The line ends too early",
        ),
        (
            syntax("unexpected ENDIN_TOKEN (token \"endin\")", 3),
            "instr 1\na1 = (1 + 2\nendin",
            2,
            "A bracket ( is not closed",
        ),
        (
            syntax("unexpected T_IDENT (token \"outs\")", 3),
            "instr 1\nk1 = (1 + 2\nouts a(k1), a(k1)\nendin\ninstr 2\nk1 = 1)\nendin",
            2,
            "A bracket ( is not closed",
        ),
        (
            syntax("unexpected IF_TOKEN (token \"if\")", 5),
            "instr 1\nk1 = (abs(1) + 2\n\n; nothing )\nif k1 == 1 then\nendif\nendin",
            2,
            "A bracket ( is not closed",
        ),
        // What is closed further down is no fault.
        (
            syntax("unexpected INTEGER_TOKEN (token \"5\")", 3),
            "instr 1\nk1 = max(1,\n4 5, 3)\nk2 = 3\nendin",
            3,
            "`5` is not expected here",
        ),
        (
            syntax("unexpected ',' (token \",\")", 2),
            "instr 1\nk1 = max(1,,\n4)\nendin",
            2,
            "Something is missing before or after a comma",
        ),
        (
            syntax("unexpected $end (token \"\")", 3),
            "instr 1\na1 = 1\n",
            1,
            "The `instr` that begins here is never closed: `endin`",
        ),
        (
            syntax("unexpected ENDIN_TOKEN (token \"endin\")", 4),
            "instr 1\nfor x in [1, 2] do\nprint x\nendin",
            2,
            "The `for` that begins here is never closed: `od`",
        ),
        (
            syntax("unexpected ENDIN_TOKEN, expecting NEWLINE or ',' (token \"endin\")", 2),
            "instr 1\nprints \"abc\nendin",
            2,
            "A string in this line is not closed with a quote",
        ),
        (
            syntax("unexpected T_IDENT (token \"prnt\")", 2),
            "instr 1\nprnt \"a;b\", \"c//d\"\nendin",
            2,
            "`prnt` is not expected here",
        ),
        (
            syntax("unexpected STRUCT_TOKEN (token \"struct\")", 2),
            "instr 1\nstruct X y:k\nendin",
            2,
            "`struct` is not expected here",
        ),
        (
            by_seven(&[
                (
                    "Undefined macro: '$X'syntax error, unexpected ERROR_TOKEN (token \"$\"),  line 2, columns 6,6",
                    Some(2),
                ),
                file,
            ]),
            "instr 1\na1 = $X\nendin",
            2,
            "The macro $X is not defined",
        ),
        (
            by_seven(&[(
                "syntax error, unable to find opcode with name: nosuch, line 2, columns 4-9",
                Some(2),
            )]),
            "instr 1\na1 nosuch 3\nendin",
            2,
            "`nosuch` is unknown",
        ),
        (
            by_seven(&[
                ("syntax error, get_arg_type2: Variable 'a2' used before defined, line 2", Some(2)),
                file,
                ("syntax error, Variable type for a2 could not be determined, line 2", Some(2)),
                file,
            ]),
            "instr 1\na1 = a2 * 3\nendin",
            2,
            "`a2` is used before it has a value",
        ),
        (
            by_seven(&[
                ("syntax error, Unable to find opcode entry for 'oscili'", None),
                ("  with matching argument types, line 2 columns 4-9", Some(2)),
                ("Found:", None),
                ("  a oscili S", None),
                ("Candidates:", None),
                ("  a oscili k, k, j, o", None),
                ("Line: 2  columns 4-9", Some(2)),
                file,
            ]),
            "instr 1\na1 oscili \"x\"\nendin",
            2,
            "`oscili` does not take these arguments",
        ),
        (
            by_seven(&[("syntax error, No member 'zz' found for variable at line 4", Some(4)), file]),
            "struct P x:k\ninstr 1\np:P init 1\nk1 = p.zz\nendin",
            4,
            "The structure has no member `zz`",
        ),
        (
            by_seven(&[("syntax error, instr 1 redefinition not allowed.", None)]),
            "instr 1\nendin\ninstr 1\nendin",
            3,
            "Instrument 1 is there twice",
        ),
        (
            by_seven(&[("syntax error, named instr Foo redefined", None)]),
            "instr Foo\nendin\ninstr Foo\nendin",
            3,
            "Instrument Foo is there twice",
        ),
    ] {
        let (told, words_told) = one(&lines, text);
        assert!(words_told.starts_with(words), "{text}: {words_told}");
        assert_eq!(told, Some(line), "{text}: {words_told}");
        assert!(!words_told.contains("token") && !words_told.contains("unexpected"), "{words_told}");
    }
    // In a file that is included it is no line of the piece.
    let included = by_seven(&[
        ("syntax error, Unable to find opcode entry for 'oscili'", None),
        ("  with matching argument types, line 2 columns 4-9", Some(2)),
        ("Line: 2  columns 4-9", None),
        ("from file part.inc (2)", None),
        file,
    ]);
    let told = compile_errors(&included, "#include \"part.inc\"\ninstr 1\nendin", &[]);
    assert_eq!(told.iter().map(CompileError::place).collect::<Vec<_>>(), ["part.inc, line 2: "]);
}

#[test]
fn a_line_that_ends_with_an_operator_is_told_and_not_the_next_that_csound_reads_on_in() {
    let by = |what: &str, line: u32| {
        by_seven(&[(&format!("syntax error, {what},  line {line}, columns 1,5"), Some(line))])
    };
    let newline = "unexpected NEWLINE (token \"\n\")";
    let undefined =
        by_seven(&[("syntax error, get_arg_type2: Variable 'k2' used before defined, line 3", Some(3))]);
    let by_six = [said("error:  Variable 'k2' used before defined", None), said("Line 2", Some(2))];
    // As each Csound says it; the line with the operator is the second.
    for (lines, body) in [
        (by(newline, 3), "k1 = 1 *\n"),
        (by(newline, 4), "k1 = 1 * ; twice\n; a comment\n"),
        (by("unexpected ENDIN_TOKEN (token \"endin\")", 3), "k1 = 1 ^"),
        (by("unexpected T_IDENTB, expecting NEWLINE or ',' (token \"a\")", 3), "k1 = 1 *\nouts a(k1), a(k1)"),
        (by(newline, 3), "if k1 == 1 &&\nk2 = 2\nendif"),
        (by(newline, 2), "k1 = -\nk3 = 1"),
        (undefined.clone(), "k1 = 1 *\nk2 = 2"),
        (syntax("unexpected NEWLINE  (token \"\n\")", 3), "k1 = 1 *\n"),
        (syntax("unexpected T_OPCODE0  (token \"outs\")", 3), "k1 = 1 +\nouts a(k1), a(k1)"),
        (
            syntax("unexpected NEWLINE, expecting S_AND or S_OR or '?'  (token \"\n\")", 3),
            "k1 = k2 >\nk2 = 2",
        ),
        (by_six.to_vec(), "k1 = 1 *\nk2 = 2"),
    ] {
        let (line, told) = one(&lines, &format!("instr 1\n{body}\nendin"));
        assert!(line == Some(2) && told.starts_with("The line ends too early"), "{body}: {line:?} {told}");
    }
    // A value goes on in the next line.
    for (lines, body, words) in [
        (by("unexpected INTEGER_TOKEN (token \"5\")", 3), "k1 = 1 *\n4 5", "`5` is not expected here"),
        (undefined, "k1 = 1 *\nk2 + 2", "`k2` is used before it has a value"),
        (by("unexpected T_IDENT (token \"k3\")", 3), "k1 = 1 *\nk2 k3", "`k3` is not expected here"),
        (by("unexpected T_IDENT (token \"foo\")", 3), "S1 = \"a\"\nfoo 3", "`foo` is not expected here"),
        (by("unexpected T_IDENT (token \"foo\")", 3), "#define X #4#\nfoo 3", "`foo` is not expected here"),
    ] {
        let (line, told) = one(&lines, &format!("instr 1\n{body}\nendin"));
        assert!(line == Some(3) && told.starts_with(words), "{body}: {line:?} {told}");
    }
}

#[test]
fn brackets_words_and_quotes_in_texts_are_no_code() {
    for text in
        ["{{ ( }}", "{{ a (\n\n( }}", "{{ {{ ( }} ( }}", "{{ \" ( }}", "\"a \\\" (\"", "{{ endin if ( }}"]
    {
        let orchestra = format!("instr 1\nS1 = {text}\na1 oscili 0.1 440\nendin");
        let line = orchestra.lines().count() as u32 - 1;
        let lines = by_seven(&[(
            &format!("syntax error, unexpected INTEGER_TOKEN (token \"440\"),  line {line}, columns 1,5"),
            Some(line),
        )]);
        let told = one(&lines, &orchestra);
        assert_eq!(told.0, Some(line), "{text}: {}", told.1);
        assert!(told.1.starts_with("`440` is not expected here"), "{text}: {}", told.1);
    }
    // What is open before the orchestra or behind it hides none of it.
    let text = "{{ /*\n<CsInstruments>\ninstr 1\nk1 = (1 + 2\nendin\n</CsInstruments>";
    let told = one(&syntax("unexpected NEWLINE  (token \"\n\")", 4), text);
    assert!(told.0 == Some(4) && told.1.starts_with("A bracket ( is not closed"), "{told:?}");
}
