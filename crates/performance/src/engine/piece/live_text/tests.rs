use test_host::testing::Random;

use super::event::LONGEST_LINE;
use super::limits::LONGEST_TEXT;
use super::*;

fn place(line: usize, column: usize) -> TextPlace {
    TextPlace { line, column }
}

#[test]
fn good_events_pass_and_are_handed_on_without_blanks_and_comments() {
    for (line, clean) in [
        ("i1 0 1", "i 1 0 1"),
        ("i \"bell\" 0 1 \"a b\" ; soft", "i \"bell\" 0 1 \"a b\""),
        ("i\"bell\"0 1", "i \"bell\" 0 1"),
        ("f 1 0 16 10 1 // sine", "f 1 0 16 10 1"),
        ("i1 0 1 /* loud */ 3", "i 1 0 1 3"),
        ("e", "e"),
        ("e 1\n", "e 1"),
        ("i -1 0 1\r\n", "i -1 0 1"),
        ("q 1 0 0", "q 1 0 0"),
        ("a 0 0 10", "a 0 0 10"),
        ("d 1.5 0", "d 1.5 0"),
        ("f -1", "f -1"),
        ("f0 5", "f 0 5"),
        (" i 1.5 0.25 -1 .5 +1e-3 0x10 1.", "i 1.5 0.25 -1 .5 +1e-3 0x10 1."),
        ("i1 0 . .", "i 1 0 . ."),
        ("i1 0 1 \"a\\\"b\" \"é\"", "i 1 0 1 \"a\\\"b\" \"é\""),
    ] {
        assert_eq!(line_event(line).as_deref(), Ok(clean), "{line}");
        assert_eq!(check_score_line(line), Ok(()), "{line}");
    }
}

#[test]
fn an_event_that_would_crash_its_reader_is_refused_with_its_place() {
    let open = |what, end, column| Err(TextError::Open { place: place(1, column), what, end });
    let quote = "a quote that has no backslash before it";
    assert_eq!(check_score_line("i1 0 1 \"ab"), open("string", quote, 8));
    assert_eq!(check_score_line("i1 0 1 \"a\\\""), open("string", quote, 8));
    // Csound 6.18 does not pair backslashes here: the second one still hides the quote.
    assert_eq!(check_score_line("i1 0 1 \"a\\\\\""), open("string", quote, 8));
    assert_eq!(check_score_line("i1 0 1 \"a\nb\""), open("string", quote, 8));
    assert_eq!(check_score_line("i1 0 /* 1"), open("comment", "*/", 6));
    assert_eq!(check_score_line("  é"), statement_error('é', 3));
    assert_eq!(check_score_line("#define X #1#"), statement_error('#', 1));
    assert_eq!(check_score_line("{"), statement_error('{', 1));
    assert_eq!(check_score_line("t 0 60"), statement_error('t', 1));
    assert_eq!(check_score_line(""), Err(TextError::Empty));
    assert_eq!(check_score_line(" \n"), Err(TextError::Empty));
    assert_eq!(check_score_line("i1 0 1\ni1 0 1"), Err(TextError::Lines { place: place(1, 7) }));
    let long = format!("i1 {}", "0".repeat(LONGEST_LINE));
    assert_eq!(check_score_line(&long), Err(TextError::TooLong { bytes: long.len(), most: LONGEST_LINE }));
    let many = format!("i1 0 1 {}", "0 ".repeat(2000));
    assert!(matches!(check_score_line(&many), Err(TextError::ManyFields { .. })));
    let strings = format!("i1 0 1 {}", "\"abcdefghij\" ".repeat(100));
    assert!(matches!(check_score_line(&strings), Err(TextError::LongStrings { .. })));
    let nul = check_score_line("i1 0 1\0");
    assert!(matches!(nul, Err(TextError::Character { found: '\0', .. })), "{nul:?}");
}

fn statement_error(found: char, column: usize) -> Result<(), TextError> {
    let hint = "an event begins with i, f, a, q, d or e";
    Err(TextError::Statement { place: place(1, column), found, hint })
}

#[test]
fn an_event_that_csound_would_misread_is_refused() {
    // Csound 6.18 takes a sign alone for 1998 p-fields of zero, and drops the other lines.
    for line in [
        "i1 0 + 1",
        "i1 + 1",
        "i1 0 1 -",
        "i1 0 1 .x",
        "i1 0 -inf",
        "i1 0 +nan",
        "i1 0 1e400",
        "i1 0 1x",
        "i1 0 1-2",
        "i1 0 1 1.2.3",
        "i1 0 [1+2]",
        "i1 0 $X",
        "i1 0 1 <",
        "i bell 0 1",
        "i1 0",
        "i1",
        "i",
        "f1 0 16",
        "f",
        "a 0 0",
        "d 1",
        "q 1 0",
        "f 999999991 0 16 10 1",
        "i1 -1 1",
        "i 1 \"x\" 1",
        "i 1 0 \"x\"",
        "a 0 . 1",
        "f \"x\" 0 16 10 1",
        "i1 0 1é",
        "i1 0 1 \u{a0}2",
        "i1,0,1",
        "i1 0 1 0x",
        "s",
        "i1 0 1}",
    ] {
        assert!(check_score_line(line).is_err(), "{line}");
    }
}

#[test]
fn an_error_says_where_and_what_to_do() {
    let words = check_score_line("i1 0 [1+2]").unwrap_err().to_string();
    assert!(words.contains("line 1, column 6") && words.contains("write the number"), "{words}");
    let words = check_score("i1 0 1\r\ni1 0 1\n  i1 0 [1+").unwrap_err().to_string();
    assert!(words.contains("line 3, column 8") && words.contains("'['"), "{words}");
    assert_eq!(check_score("i1 0 1\r\rx é é y\rfoo 1\rz").unwrap_err().place(), Some(place(3, 3)));
}

#[test]
fn good_scores_pass() {
    // Csound 6.18 plays all of these when they are read live.
    for score in [
        "i1 0 1",
        "i1 0 1\n\ni1 0 2\r\ni1 0 3\ri1 0 4",
        "i1 0 [1+2]",
        "i1 0 1 [(1+2)*3] [[1+2]*3] [ [1 ] + 2 ]",
        "i1 0 [~ * 10] [@5] [@@5] [2*-3] [-3] [1.5e2 + .5] [2^3] [1#2] [1|2] [5&1] [5%2]",
        "i[1] 0 1",
        "i1 0 1 5\ni1 + . <\ni1 ^+1 1 9\ni1 ^-1 1 ~ ! ",
        "i1 0 1 (\ni1 1 1 )",
        "{ 3 N\n{ 2 M ; inner\ni1 [$N+$M*2] $N. 1\n}\n}\n",
        "{3 N\ni1 0 1\n}",
        "c hello \"\ni1 0 1 c hello\n; é \"\ni1 0 1 // \"\n/* \" [ {\n */ i1 0 1 /* x\n*/ 3",
        "f 1 0 16 10 1\na 0 0 1\nq 1 0 0\nd 1 0 1\nb 1\nv 2\nB 1\nC 0\ny 5\nx\ne 3",
        "i \"bell\" 0 1 \"a b\" \"é\" \"main theme\" \"[1+\"",
        "i1 0 z",
        "f0 z",
    ] {
        assert_eq!(check_score(score), Ok(()), "{score}");
    }
}

#[test]
fn a_score_that_would_crash_its_reader_is_refused() {
    // Csound 6.18 ends its process on each of these, when they are read live.
    for score in [
        "/* abc",
        "i1 0 [1+",
        "i1 0 [1+2",
        "i1 0 [foo]",
        "i1 0 1 []",
        "i1 0 1 [(1+2*3]",
        "i1 0 1 [1 +\t2]",
        "i1 0 1 [-(2)]",
        "i1 0 1 [!2]",
        "i1 0 1 [2 3]",
        "}",
        "{",
        "{ 0 N\n}",
        "i1 0 1 {\n",
        "#define X",
        "#include \"nope\"",
        "r",
        "i1 0 1 n",
        "i1 0 1 p",
        "i \"a b\" 0 1",
        "i1 0 1 \"{\"",
        "i1 0 1 \"}\"",
        "i1 0 1 \"#loop\"",
        "i1 0 1 \"main 5\"",
        "i1 0 1 \"main \"",
    ] {
        assert!(check_score(score).is_err(), "{score}");
    }
    for (before, after) in [("(", ")"), ("2^", "")] {
        let score = format!("i1 0 1 [{}1{}]", before.repeat(60), after.repeat(60));
        assert!(matches!(check_score(&score), Err(TextError::Expression { .. })), "{score}");
    }
    let digits = format!("i1 0 1 [{}]", "1".repeat(300));
    assert!(matches!(check_score(&digits), Err(TextError::Expression { .. })));
}

#[test]
fn a_score_that_would_do_nothing_or_too_much_is_refused_with_a_reason() {
    for score in [
        "",
        " \n",
        "; only a comment",
        "i1 0 1 \"abc",
        "i1 0 1 \"a\\\\\"",
        "i1 0 1 foo",
        "foo",
        "1 2 3",
        "i1 0 1 i1 0 2",
        "t 0 60",
        "s",
        "r 100000000",
        "m x",
        "n x",
        "w 1",
        "$X",
        "i1 0 $X",
        "i1 0 1 \\\n 2",
        "i1 0 1 - 2",
        "i1 0 1 1e",
        "i1 0 1e400",
        "i1 0 1 0x10",
        "i1 0 [1/0]",
        "i1 0 [1/ 0.0]",
        "i1 0 1+2]",
        "{ 2 N\ni1 0 1",
        "{ 2 N i1 0 1\n}",
        "{ 2\ni1 0 1\n}",
        "{ 2 c\ni1 0 1\n}",
        "{ 20000 N\ni1 0 1\n}",
        "{ 200 N\n{ 200 M\ni1 0 1\n}\n}",
        "{ 2 N\ni1 $M 1\n}",
        "{ 2 N\ni1 $N5 1\n}",
        "i1 0 1 \"$X\"",
        "i1 0 1 [1+\"a\"]",
        "i1 0 1 ^+1",
        "i1 0 1 np4",
        "i1 0 1 pp4",
        "i1 0 1 np0",
        "i \"\" 0 1",
        "i1 0 1 [1//2]",
        "i1 0 1 [@]",
        "i1 0 1 [1][2]",
        "i1 0 1 [0x10]",
        "i1 0 1 #",
    ] {
        assert!(check_score(score).is_err(), "{score}");
    }
    let many = format!("{{ 9000 N\n{}}}\n", "i1 0 1\n".repeat(2));
    assert!(matches!(check_score(&many), Err(TextError::ManyEvents { .. })));
}

#[test]
fn good_orchestras_pass() {
    for orchestra in [
        "instr 2\nprints \"hi\"\nendin\n",
        "instr 2\nprints \"a\\\"b ; /* {{ (\"\nendin",
        "instr 2\nprints \"a\\\\\"\nendin",
        "gS = {{ a \"b\" /* ; ( }}\n",
        "instr 2\nk1[] init 2\nk1[0] = (1 + k1[1]) * 2 ; ) ]\nendin // )",
        "gi1 = 5 # 3\ngi2 = gi1/0.5 + 1/ 10 + gi1/0dbfs + 0/1 + 1e0/1e0",
        "a1 = sin(\\\n1)",
        "gi1 = $X",
    ] {
        assert_eq!(check_orchestra(orchestra), Ok(()), "{orchestra}");
    }
}

#[test]
fn the_language_of_csound_7_passes() {
    // Csound 7.00 compiles all of these while a piece performs.
    for orchestra in [
        "instr 2\nfreq:k = chnget:k(\"x\")\nname:S = \"a\"\non:b = freq > 1\nendin",
        "base@global:i = 220\nwobble@global:k init 0",
        "struct Point x:k, y:k\ninstr 2\np:Point init 1, 2\np.x = 3\nq:Point[] init 2\nq[0].x = 1\nendin",
        "opcode f(x:k, y:S):(k, a)\nxout(x, a(x))\nendop\nopcode g():void\nendop\nopcode h(x:k[]):k[]\nxout x\nendop",
        "opcode old, k, k\nkx xin\nxout kx\nendop\ninstr 2\nk1 = old(2)\nendin",
        "gS = {{ a {{ b }} c }}",
        "gS = {{a{{b{{c}}d}}e}}\ngS2 = {{ }}",
        "gS = {{ \n {{ \n instr 5 \n endin \n }} \n }}",
        "ga:i[] = [1,\n2,\n3]\ngb:i[] = ga[0:2]\ngc:i[] = ga[1:]\ngd:i[] = ga[:1]",
        "instr 2\nfor x in [1, 2, 3] do\nprint x\nod\nfor x, i in ga do // comment\nprint i ; another\nod\nendin",
        "instr 2\nswitch 1\ncase 1\nprint 1\ndefault\nprint 2\nendsw\nwhile true == true do\nbreak\nod\nendin",
        "opcode up(x:a):(a)\noversample 4\nxout(tanh(x))\nendop",
        "instr 2\nv:Instr = play(V, -1, 0.05)\nrun(v)\ndelete(v)\no:Opcode = create(oscili)\nendin",
        "instr 2\nx:k = 1 > 0 ? 2 : 3\nl:a, r:a = pan2(oscili:a(1, 2), 0.5)\nendin",
        "gi1 = 1 +\n2\ngi1 += 3",
        "declare f(x:k):(k)",
    ] {
        assert_eq!(check_orchestra(orchestra), Ok(()), "{orchestra}");
    }
}

#[test]
fn an_orchestra_that_ends_csound_7_is_refused() {
    let many = |part: &str, times: usize| vec![part; times].join("");
    for orchestra in [
        format!("gi{} = 1", many("a", 20_000)),
        format!("gi1 = {}", many("1", 20_000)),
        format!("gi1 = 1{}", many("+1", 100_000)),
        format!("gi1 = 1{}", many(" +\n1", 100_000)),
        format!("ga:i[] = [1{}]", many(",1", 100_000)),
        "instr 2\nwhile true do\nbreak\nod\nendin".into(),
        "instr 2\nuntil ( false ) do\nod\nendin".into(),
        "instr 2\nif true goto x\nx:\nendin".into(),
        "kx xin".into(),
        "xout 1".into(),
        "instr 2\nk1 xin\nendin".into(),
        "opcode f(x:k):(k)\nxout x\nendop\ninstr 2\nxout(1)\nendin".into(),
        "instr 1000000000\nendin".into(),
        "instr 1, 1e9\nendin".into(),
        "gS = {{ a {{ b }} /* c }}".into(),
        "gS = {{ a {{ b }} gi1 = 1/0 }}".into(),
    ] {
        assert!(check_orchestra(&orchestra).is_err(), "{}", &orchestra[..orchestra.len().min(60)]);
    }
    let table = "gi1 ftgen 0, 0, 4096, -2".to_owned() + &many(", 1", 4096);
    assert_eq!(check_orchestra(&table), Ok(()));
    assert_eq!(check_orchestra(&many("gi1 = 1 + 1\n", 20_000)), Ok(()));
    for event in ["f 1 0 1e12 10 1", "f 1 0 -1e12 10 1", "f 1 0 16777217 10 1"] {
        assert!(check_score_line(event).is_err() && check_score(event).is_err(), "{event}");
    }
    assert_eq!(check_score_line("f 1 0 16777216 10 1"), Ok(()));
}

#[test]
fn an_orchestra_that_would_crash_or_cannot_compile_is_refused_with_its_place() {
    let open = |what, end, line, column| Err(TextError::Open { place: place(line, column), what, end });
    assert_eq!(check_orchestra("instr 2\n /* foo\nendin\n"), open("comment", "*/", 2, 2));
    assert_eq!(check_orchestra("prints \"hi\n\""), open("string", "a quote in the same line", 1, 8));
    assert_eq!(check_orchestra("prints \"hi\\\""), open("string", "a quote in the same line", 1, 8));
    assert_eq!(check_orchestra("prints {{ hi }"), open("text", "}}", 1, 8));
    let bracket = |bracket, column| Err(TextError::OpenBracket { place: place(1, column), bracket });
    assert_eq!(check_orchestra("k1 = (1+2"), bracket('(', 6));
    assert_eq!(check_orchestra("k1 = k1[0"), bracket('[', 8));
    let stray = |bracket, column| Err(TextError::StrayBracket { place: place(1, column), bracket });
    assert_eq!(check_orchestra("k1 = 1)"), stray(')', 7));
    assert_eq!(check_orchestra("k1 = (k1[1)]"), stray(')', 11));
    // Csound 6.18 folds constants and then crashes on the infinite one.
    for division in ["1/0", "1/0.0", "1/.0", "1/(0)", "1/ 0 + 2", "(1)/0", "1/0x0", "1/0e5"] {
        let error = check_orchestra(&format!("gi1 = {division}"));
        assert!(matches!(error, Err(TextError::DividedByZero { .. })), "{division}: {error:?}");
    }
    for division in ["1/(2-2)", "2^5000", "1e308*10"] {
        let error = check_orchestra(&format!("gi1 = {division}"));
        assert!(matches!(error, Err(TextError::Infinite { .. })), "{division}: {error:?}");
    }
    // Csound 6.18 crashes on a line that ends with =.
    for missing in ["gi1 =\n", "gi1 =", "gi1 = ; 5\n", "gi1 = /* 5 */ // 5\n"] {
        let error = check_orchestra(missing);
        assert!(matches!(error, Err(TextError::NoValue { .. })), "{missing}: {error:?}");
    }
    for directive in [
        "#include \"x\"",
        "# define X #1#",
        "#undef X",
        "#ifdef X",
        "#else",
        "#end",
        "#exit",
        "###\n",
        "\"#exit\"",
    ] {
        let error = check_orchestra(directive);
        assert!(matches!(error, Err(TextError::Directive { .. })), "{directive}: {error:?}");
    }
    for nothing in ["", " ", "; foo \"", "/* \" */", "// x"] {
        assert_eq!(check_orchestra(nothing), Err(TextError::Empty), "{nothing}");
    }
    assert!(matches!(check_orchestra("}}"), Err(TextError::Character { found: '}', .. })));
    assert!(matches!(check_orchestra("a\0"), Err(TextError::Character { found: '\0', .. })));
    let long = " ".repeat(LONGEST_TEXT + 1);
    assert!(matches!(check_orchestra(&long), Err(TextError::TooLong { .. })));
}

#[test]
fn no_text_makes_a_check_panic() {
    let mut numbers = Random::new(7);
    let mut random = |below: usize| numbers.below(below);
    let parts = [
        "i1 0 1", "\n", "\r", " ", "\t", "\"", "\\", "[", "]", "(", ")", "{", "}", "{{", "}}", "{ 2 N\n",
        "/*", "*/", "//", ";", "c", "é", "😀", "\u{a0}", "+", "-", ".", "1e", "0x", "/0", "@", "~", "$N",
        "#", "np", "chnget ", "chnset ", "k1 ", "\"x\"", ",", ":", "a(", "^", "<", "9", "\0",
    ];
    for _ in 0..20_000 {
        let text: String = (0..random(12) + 1).map(|_| parts[random(parts.len())]).collect();
        for error in [check_score_line(&text), check_score(&text), check_orchestra(&text)] {
            let Err(error) = error else { continue };
            let Some(place) = error.place() else { continue };
            let lines = text.replace("\r\n", "\n").matches(['\n', '\r']).count() + 1;
            assert!((1..=lines).contains(&place.line) && place.column >= 1, "{text:?}: {error}");
        }
        super::super::channel_names::scan_channel_names(&text);
    }
}

#[test]
fn strings_of_events_that_end_csound_7_are_known() {
    // Each was sent to Csound 7.00.
    for line in [
        "i 3 0 1 \"{\"",
        "i 3 0 1 \"é } \"",
        "i 3 0 1 \"a\" \"#loop\"",
        "i 3 0 1 \"in 5\"",
        "i 3 0 1 \"main \"",
        "i 3 0 1 \"am -3\"",
        "i \"a b\" 0 1",
        "i \" a\" 0 1",
        "q \"a b\" 0 0",
    ] {
        assert!(ends_csound_7(line.as_bytes()), "{line}");
        assert!(check_score_line(line).is_ok(), "{line}: Csound 6 takes it");
    }
    for line in [
        "i 3 0 1 \"C#4\" \"F# m\"",
        "i \"bell\" 0 1 \"a b\"",
        "i 3 0 1 \"main theme\" \"n\" \"am _x\"",
        "i 3 0 1 \"a\\\"b\"",
        "i 3 0 1 \"[1+\" \"/*\" \"é\" \"\"",
        "i 1 0 1",
    ] {
        assert!(!ends_csound_7(line.as_bytes()), "{line}");
    }
}
