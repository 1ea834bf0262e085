use super::mistakes;
use crate::language::Language;
use crate::opcodes::Opcodes;
use crate::piece::Document;

fn opcodes() -> Opcodes {
    let list = [
        ("oscili", "a", "kkjo"),
        ("oscili", "k", "kkjo"),
        ("oscili", "a", "akjo"),
        ("outs", "", "y"),
        ("out", "", "y"),
        ("in", "a", ""),
        ("port", "k", "kio"),
        ("prints", "", "SN"),
        ("rand", "a", "xvoo"),
        ("init", "k", "i"),
        ("ftgen", "i", "iiiSiim"),
        ("ftgen", "i", "iiiiim"),
        ("abs", "k", "k"),
        ("abs", "a", "a"),
        ("linseg", "a", "iim"),
        ("linseg", "k", "iim"),
    ];
    Opcodes::named(&list)
}

/// What is said of a text, by lines from 1.
fn said(text: &str, language: Language) -> Vec<(usize, String, String)> {
    let document = Document::of(text, language);
    let lines: Vec<&str> = text.split('\n').collect();
    let found = mistakes(text, &document, &opcodes(), &[]);
    found
        .into_iter()
        .map(|found| (found.line + 1, lines[found.line][found.at].to_owned(), found.text))
        .collect()
}

fn orchestra(text: &str) -> Vec<(usize, String, String)> {
    said(text, Language::Orchestra)
}

fn one(text: &str) -> (usize, String, String) {
    let found = orchestra(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found[0].clone()
}

#[test]
fn unknown_opcodes_are_named_with_the_nearest() {
    let (line, at, text) = one("instr 1\n  a1 oscilli 0.2, 440\nendin");
    assert_eq!((line, at.as_str()), (2, "oscilli"));
    assert!(text.contains("oscili?"), "{text}");
    assert_eq!(one("k1 = nosuch(1)").1, "nosuch");
    assert_eq!(one("nosuch a1").1, "nosuch");
    assert_eq!(one("nosuch 1, 2").1, "nosuch");
}

#[test]
fn rates_that_cannot_fit_are_marked_at_their_argument() {
    let (_, at, text) = one("k1 port a1, 0.1");
    assert!(at == "a1" && text.contains("audio rate") && text.contains("k port k, i [, i]"), "{text}");
    assert_eq!(one("outs k1, a2").1, "k1");
    assert_eq!(one("prints 1").1, "1");
    assert_eq!(one("i1 oscili 1, 440").1, "i1");
    assert!(one("k1 port k2").2.contains("missing"));
    assert!(one("k1 port k2, 1, 2, 3").2.contains("too many"));
    assert_eq!(one("a1 = abs(\"x\")").1, "\"x\"");
}

#[test]
fn what_is_right_or_uncertain_is_not_marked() {
    for text in [
        "a1 oscili 0.2, 440",
        "out a1",
        "a1 in",
        "a1, a2 in",
        "outs a1*2, a1/(1+k2)",
        "kArr[] init 3\nk1 port kArr, 1",
        "signal:a = oscili(0.5, 440)\noutsignal:k = abs(k2)",
        "opcode mine, a, k\nk1 xin\nxout oscili(k1, 1)\nendop\na1 mine 1",
        "opcode two(x:k):(k, k)\nxout x, x\nendop\nk1, k2 two 1",
        "#define OSC #nosuch#\na1 $OSC 1",
        "#define LONG #\na1 nosuch 1\n#\ninstr 1\nendin",
        "#ifdef X\na1 nosuch 1\n#end",
        "again: k1 port k2, 1",
        "a1 oscili 0.2,\\\n 440",
        "a1 linseg 0, 1,\n  2, 3",
        "k1 = (k2 > 1 ? 2 : 3)",
        "if k1 > 2 goto again\nagain:",
        "k1[] init 4\nk1[0] = 2",
        "prints \"%d (\", 1",
        "; ( \" nosuch\n/* ( */",
        "struct Pair a:k, b:k\np:Pair = Pair(1, 2)",
        "k1 += 2",
        "i1 = (p4 > 15 ? p4 : abs(p4))",
        "k1 oscili (0.06 + 0.25 * k2) * k3, 5.2",
        "prints {{ two\nlines, nosuch 1 }}, 2",
    ] {
        let found = orchestra(text);
        // `in` with two results is no form of it here.
        assert!(found.is_empty() || text == "a1, a2 in", "{text}: {found:?}");
    }
}

#[test]
fn an_included_file_that_is_not_known_may_have_any_opcode() {
    assert_eq!(orchestra("#include \"more.orc\"\na1 nosuch 1"), []);
    let text = "#include \"more.orc\"\na1 nosuch 1\na2 more 1";
    let (document, more) = (
        Document::of(text, Language::Orchestra),
        Document::of("opcode more, a, k\nendop", Language::Orchestra),
    );
    let found = mistakes(text, &document, &opcodes(), &[&more]);
    assert_eq!(found.iter().map(|found| found.line).collect::<Vec<_>>(), [1]);
}

#[test]
fn brackets_and_texts_want_their_ends() {
    assert_eq!(one("instr 1\nk1 = (1 + 2\nendin").1, "(");
    assert_eq!(one("k1 = 1 + 2)").1, ")");
    assert_eq!(one("k1 = (1 + 2\nk2 port k1, 1").0, 1);
    assert!(one("prints \"open\n").2.contains("no end"));
    assert!(one("k1 = 1 /* open").2.contains("*/"));
    assert!(one("S1 = {{ open").2.contains("}}"));
    let score = said("f 1 0 [2^10\ni 1 0 1", Language::Score);
    assert_eq!((score.len(), score[0].0), (1, 1));
}

#[test]
fn instruments_and_opcodes_want_their_ends() {
    assert_eq!(one("instr 1\ninstr 2\nendin").0, 1);
    assert_eq!(one("instr 1\na1 in").0, 1);
    assert_eq!(one("endin").0, 1);
    assert!(one("opcode x, k, k\nendin").2.contains("endop"));
}

#[test]
fn sections_want_their_ends_and_options_their_own_line() {
    let csd = "<CsoundSynthesizer>\n<CsOptions>\n-odac\n</CsOptions>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n<CsScore>\ni 1 0 1\n</CsScore>\n</CsoundSynthesizer>\n";
    assert_eq!(said(csd, Language::Csd), []);
    for mark in ["</CsInstruments>\n", "</CsScore>\n", "</CsoundSynthesizer>\n", "</CsOptions>\n"] {
        let found = said(&csd.replace(mark, ""), Language::Csd);
        assert_eq!(found.len(), 1, "{mark}: {found:?}");
        assert!(found[0].2.contains(mark.trim()), "{found:?}");
    }
    let found = said(
        &csd.replace("<CsOptions>\n-odac\n</CsOptions>", "<CsOptions> -odac </CsOptions>"),
        Language::Csd,
    );
    assert!(found.len() == 1 && found[0].2.contains("lines of their own"), "{found:?}");
    assert_eq!(
        said(&csd.replace("<CsOptions>\n-odac\n</CsOptions>", "<CsOptions></CsOptions>"), Language::Csd),
        []
    );
}

#[test]
fn the_shipped_pieces_have_none() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pieces");
    let mut pieces = 0;
    for entry in walk(&folder) {
        let language = match entry.extension().and_then(|ending| ending.to_str()) {
            Some("csd") => Language::Csd,
            Some("orc" | "inc") => Language::Orchestra,
            Some("sco") => Language::Score,
            _ => continue,
        };
        let text = std::fs::read_to_string(&entry).unwrap();
        let document = Document::of(&text, language);
        assert_eq!(mistakes(&text, &document, &Opcodes::default(), &[]), [], "{}", entry.display());
        pieces += 1;
    }
    assert!(pieces > 10, "{pieces}");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn as_many_are_told_as_one_reads_and_the_first_ones() {
    for text in
        ["k1 = (1\ninstr 1\nendin\n", "k1 = 1)\n", "endin\n", "instr 1\n", "prints \"a\n", "k1 = nosuch(1)\n"]
    {
        let found = orchestra(&text.repeat(300));
        assert_eq!(found.len(), super::MOST, "{text}");
        assert!(found.last().unwrap().0 <= 300, "{text}: {}", found.last().unwrap().0);
    }
    for sign in ["(", ")"] {
        assert_eq!(orchestra(&format!("k1 = {}", sign.repeat(100_000))).len(), super::MOST);
    }
}
