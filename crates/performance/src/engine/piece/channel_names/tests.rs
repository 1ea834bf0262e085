use super::*;

fn scanned(orchestra: &str) -> Vec<(String, ChannelKind, bool, bool)> {
    let channels = scan_channel_names(orchestra);
    channels.into_iter().map(|found| (found.name, found.kind, found.reads, found.writes)).collect()
}

fn one(orchestra: &str) -> (String, ChannelKind, bool, bool) {
    let found = scanned(orchestra);
    assert_eq!(found.len(), 1, "{orchestra}: {found:?}");
    found.into_iter().next().unwrap()
}

#[test]
fn each_opcode_tells_name_kind_and_direction() {
    use ChannelKind::{Audio, Control, Text};
    for (orchestra, kind, reads, writes) in [
        ("k1 chnget \"x\"", Control, true, false),
        ("gkcut chnget \"x\"", Control, true, false),
        ("i1 chnget \"x\"", Control, true, false),
        ("a1 chnget \"x\"", Audio, true, false),
        ("gaIn chnget \"x\"", Audio, true, false),
        ("Sname chnget \"x\"", Text, true, false),
        ("k1 = chnget:k(\"x\")", Control, true, false),
        ("a1 = chnget:a(\"x\") * 2", Audio, true, false),
        ("prints chnget:S(\"x\")", Text, true, false),
        ("k1 = port(chnget:k(\"x\"), .01)", Control, true, false),
        ("chnset k1, \"x\"", Control, false, true),
        ("chnset a1 * k2, \"x\"", Audio, false, true),
        ("chnset abs(k1) + max(k1, k2), \"x\"", Control, false, true),
        ("chnset a(k1), \"x\"", Audio, false, true),
        ("chnset gSname, \"x\"", Text, false, true),
        ("chnset \"value\", \"x\"", Text, false, true),
        ("chnset(k1, \"x\")", Control, false, true),
        ("chnset (k1 + 1) * 2, \"x\"", Control, false, true),
        ("chnset (k1), \"x\"", Control, false, true),
        ("chnset k1,\n  \"x\"", Control, false, true),
        ("chnmix a1, \"x\"", Audio, false, true),
        ("chnclear \"x\"", Audio, false, true),
        ("chn_k \"x\", 1", Control, true, false),
        ("chn_k \"x\", 3, 2, 0.5, 0, 1", Control, true, true),
        ("chn_a \"x\", 2", Audio, false, true),
        ("chn_S \"x\", 1", Text, true, false),
        ("chn_S(\"x\", 3)", Text, true, true),
        ("gk1 chnexport \"x\", 3", Control, true, true),
        ("kval invalue \"x\"", Control, true, false),
        ("Sval invalue \"x\"", Text, true, false),
        ("outvalue \"x\", k1", Control, false, true),
        ("outvalue \"x\", Stext", Text, false, true),
        ("outvalue \"x\", \"text\"", Text, false, true),
        ("ival = invalue:i(\"x\")", Control, true, false),
    ] {
        assert_eq!(one(orchestra), ("x".to_owned(), kind, reads, writes), "{orchestra}");
    }
}

#[test]
fn the_language_of_csound_7_tells_kinds_by_types() {
    use ChannelKind::{Audio, Control, Text};
    for (orchestra, kind, reads, writes) in [
        ("freq:k = chnget(\"x\")", Control, true, false),
        ("var:k chnget \"x\"", Control, true, false),
        ("amount:k = chnget:k(\"x\")", Control, true, false),
        ("name:S = chnget(\"x\")", Text, true, false),
        ("name@global:S chnget \"x\"", Text, true, false),
        ("tone:a = chnget(\"x\") * 2", Audio, true, false),
        ("all:k[] = chnget(\"x\")", Control, true, false),
        ("tone:a init 0\ntone = chnget(\"x\")", Audio, true, false),
        ("instr 1\ntone:a = oscili:a(1, 2)\nchnset(tone * 0.5, \"x\")\nendin", Audio, false, true),
        ("name:S = \"a\"\nchnset name, \"x\"", Text, false, true),
        ("args:k = 3\nchnset args, \"x\"", Control, false, true),
        ("opcode put(tone:a):void\nchnset(tone, \"x\")\nendop", Audio, false, true),
        ("opcode put(text:S, tone:a):(k)\nchnset(text, \"x\")\nxout 1\nendop", Text, false, true),
        (
            "struct Voice name:S, level:k\ninstr 1\nv:Voice init \"a\", 1\nchnset(v.name, \"x\")\nendin",
            Text,
            false,
            true,
        ),
        ("struct Voice name:S, level:k\ninstr 1\nchnset v.level, \"x\"\nendin", Control, false, true),
        ("names:S[] = [\"a\", \"b\"]\nfor part in names do\nchnset(part, \"x\")\nod", Text, false, true),
        ("for number in [1, 2] do\nchnset(number, \"x\")\nod", Control, false, true),
        ("for part in [\"a\"] do\nchnset part, \"x\"\nod", Text, false, true),
        ("chnset(\n  oscili:a(1, 2),\n  \"x\"\n)", Audio, false, true),
        ("out(\n  chnget:a(\n\"x\"))", Audio, true, false),
        ("left:a, right:a = pan2(chnget:a(\"x\"), 0.5)", Audio, true, false),
        ("chnk \"x\", 1", Control, true, false),
        ("chnS(\"x\", 2)", Text, false, true),
        ("value:k = invalue(\"x\")", Control, true, false),
        ("outvalue(\"x\", on)", Control, false, true),
        ("gS = {{ a {{ chnget \"no\" }} b }}\nk1 chnget \"x\"", Control, true, false),
    ] {
        assert_eq!(one(orchestra), ("x".to_owned(), kind, reads, writes), "{orchestra}");
    }
    // A bracket that is never closed hides nothing of the next instrument.
    assert_eq!(
        scanned("instr 1\nk1 = (1\nendin\ninstr 2\nS1 chnget \"x\"\nendin"),
        [("x".to_owned(), Text, true, false)]
    );
}

#[test]
fn names_come_in_order_once_and_unharmed() {
    let orchestra = "chn_k \"größe\", 1\nk1 chnget \"b\" ; chnget \"no\"\nchnset k1, \"a\"\nk2 chnget \"a\"\n\
                     k3 chnget \"größe\"\nk4 chnget \"日本 語\"\nk5 chnget \"q\\\"q\"\n";
    let names: Vec<_> = scanned(orchestra).into_iter().map(|found| found.0).collect();
    assert_eq!(names, ["größe", "b", "a", "日本 語", "q\"q"]);
    assert!(scanned(orchestra)[2].2 && scanned(orchestra)[2].3);
}

#[test]
fn invalue_and_outvalue_take_numbers_for_names() {
    assert_eq!(one("k1 invalue 12"), ("12".to_owned(), ChannelKind::Control, true, false));
    assert_eq!(one("outvalue 3, S1"), ("3".to_owned(), ChannelKind::Text, false, true));
    assert_eq!(scanned("k1 chnget 12"), []);
}

#[test]
fn a_declaration_decides_the_kind() {
    assert_eq!(one("k1 chnget \"x\"\nchn_a \"x\", 1").1, ChannelKind::Audio);
    assert_eq!(one("chn_S \"x\", 1\nk1 chnget \"x\"").1, ChannelKind::Text);
}

#[test]
fn comments_strings_and_computed_names_give_no_channel() {
    for orchestra in [
        "; k1 chnget \"x\"",
        "// k1 chnget \"x\"",
        "/* k1 chnget \"x\"\n*/",
        "prints \"k1 chnget \\\"x\\\"\"",
        "evalstr {{ k1 chnget \"x\" }}",
        "k1 chnget Sname",
        "k1 chnget strcat(\"x\", Sb)",
        "k1 chnget \"$NAME\"",
        "k1 chnget \"\"",
        "k1 mychnget \"x\"",
        "chnset \"x\"",
        "k1 chnget \"x",
    ] {
        assert_eq!(scanned(orchestra), [], "{orchestra}");
    }
}

#[test]
fn in_a_csd_only_its_orchestras_are_scanned() {
    let csd = "chnget \"title\"\n<CsoundSynthesizer>\n<CsInstruments>\nk1 chnget \"x\"\n</CsInstruments>\n\
               <CsScore>\n; k1 chnget \"y\"\ni1 0 1 \"chnget\"\n</CsScore>\n</CsoundSynthesizer>\n";
    assert_eq!(one(csd).0, "x");
}
