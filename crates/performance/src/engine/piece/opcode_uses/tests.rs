use super::*;

fn scanned(text: &str) -> OpcodeUses {
    scan_opcode_uses(text, &mut |name| match name {
        "part.inc" => Some("opcode faustgen, a, a\nendop\npyinit\n".to_owned()),
        "more.inc" => Some("a1 websocket 3\n".to_owned()),
        _ => None,
    })
}

/// The names that are certain, then those that are not.
fn names(text: &str) -> (Vec<String>, Vec<String>) {
    let (certain, not): (Vec<_>, Vec<_>) = scanned(text).uses.into_iter().partition(|used| used.is_certain);
    (certain.into_iter().map(|used| used.name).collect(), not.into_iter().map(|used| used.name).collect())
}

#[test]
fn an_opcode_is_found_wherever_it_may_stand() {
    for text in [
        "x",
        "x 1, 2",
        "x \"text\", k1",
        "a1 x 1",
        "a1, a2 x 1",
        "a1,\n  a2 x 1",
        "kArr[] x 1",
        "kArr[], k2 x 1",
        "k1 = x(1)",
        "k1 = 2 + x:k(1) * 3",
        "if x(1) > 0 then",
        "again: a1 x 1",
        "name:k = x(1)",
        "name:k x 1",
        "name@global:S x 1",
        "names:S[] x 1",
        "left:a, right:a x 1",
        "left:a, right:a = x(1)",
        "for y in x(3) do",
        "v.level = x:k(2)",
        "xout(x(1))",
        "opcode f(y:k):(a)\nxout x(y)\nendop",
        "a:i[] = [1, x(2)]",
        "out abs(x:a(1))",
        "x(1)",
        "a1 x \\\n 1",
        "instr 1\na1 x 1 ; comment\nendin",
    ] {
        let uses = scanned(text).uses;
        let found = uses.iter().find(|used| used.name == "x");
        assert!(found.is_some_and(|used| used.is_certain), "{text}: {uses:?}");
    }
}

#[test]
fn comments_texts_variables_labels_and_names_are_no_opcodes() {
    for text in [
        "; x 1",
        "/* x\n1 */",
        "prints \"x 1\"",
        "evalstr {{ x 1 }}",
        "instr x",
        "opcode x, a, a",
        "kx = 1\nk1 = kx",
        "x = 1",
        "x += 1",
        "x, k2 = foo(1)",
        "x: a1 rand 1",
        "goto x",
        "if k1 == 1 goto x",
        "k1 = $x(1)",
        "k1 = a + x",
        "x[0] = 1",
        "x:k = 1",
        "x:k init 1",
        "x@global:i init 1",
        "x:k[] init 2",
        "x.level = 1",
        "struct x a:k",
        "struct y x:k",
        "opcode f(x:k):(k)",
        "declare x(y:k):(k)",
        "for x in y do",
        "for y in x do",
        "gS = {{ a {{ b }} x 1 }}",
        "a:i[] = [x, x]",
    ] {
        let uses = scanned(text).uses;
        assert!(!uses.iter().any(|used| used.name == "x"), "{text}: {uses:?}");
    }
}

#[test]
fn of_two_words_either_may_be_the_opcode() {
    let uses = scanned("out asig").uses;
    let pair = |at: usize| (uses[at].name.as_str(), uses[at].unless.as_deref());
    assert_eq!([pair(0), pair(1)], [("out", Some("asig")), ("asig", Some("out"))]);
    assert_eq!(scanned("a1, a2 fluidOut 1").uses[0].unless, None);
}

#[test]
fn behind_a_condition_or_in_a_macro_nothing_is_certain() {
    let conditional = "#ifdef PYTHON\npyinit\n#else\nFLrun\n#end\nout a1";
    assert_eq!(names(conditional), (vec!["out".into(), "a1".into()], vec!["pyinit".into(), "FLrun".into()]));
    let (certain, not) = names("#define PY #pyinit#\nout a1");
    assert_eq!((certain.len(), not), (2, vec!["pyinit".to_owned()]));
    assert_eq!(names("$OUT pyinit").0, [""; 0]);
}

#[test]
fn files_that_are_included_count_and_one_that_cannot_be_read_leaves_nothing_certain() {
    let uses = scanned("#include \"part.inc\"\n#include <more.inc>\n");
    assert!(uses.defined.contains("faustgen"));
    let lines: Vec<_> = uses.uses.iter().map(|used| (used.name.as_str(), used.line)).collect();
    assert_eq!(lines, [("pyinit", None), ("a1", None), ("websocket", None)]);
    for hidden in ["#include \"gone.inc\"", "#include \"$NAME\"", "#includestr \"part.inc\""] {
        assert_eq!(names(&format!("{hidden}\nFLrun\n")).0, [""; 0], "{hidden}");
    }
}

#[test]
fn lines_are_those_of_the_piece() {
    let csd = "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\n#define M #\nFLrun#\nkx pycall1 \"f\"\nendin\n\
               </CsInstruments>\n</CsoundSynthesizer>\n";
    let uses = scanned(csd).uses;
    let line = |name| uses.iter().find(|used| used.name == name).and_then(|used| used.line);
    assert_eq!((line("FLrun"), line("pycall1")), (Some(5), Some(6)));
}

#[test]
fn any_text_is_read_to_its_end() {
    for text in
        ["#", "#define", "#define X", "#include", "#include \"", "{{", "\"", "/*", "a[", "x:", ":", "a,"]
    {
        scanned(text);
    }
}
