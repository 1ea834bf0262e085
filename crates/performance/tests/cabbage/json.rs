//! Sections in Cabbage 3's JSON: their opcodes with every signature, over Csound 7; Csound 6 refuses them.

use std::collections::BTreeSet;
use std::path::Path;

use csound_cabbage::Value;
use csound_library::{Generation, Library};
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::{Engine, PieceSpec};

use crate::common::libcsound_is_missing;
use crate::rows::{Row, piece_of};
use crate::subject::{Subject, told};

const SECTION: &str = "[\n{\"type\": \"form\", \"size\": {\"width\": 99, \"height\": 88}},\n\
    {\"type\": \"rotarySlider\", \"channels\": [{\"id\": \"gain\", \"range\": {\"max\": 4, \"defaultValue\": 0.5}}],\n\
    \"bounds\": {\"left\": 10, \"top\": 20, \"width\": 30, \"height\": 40}, \"opacity\": 0.75},\n\
    {\"type\": \"button\", \"channel\": \"two\", \"label\": {\"text\": {\"on\": \"on\", \"off\": \"off\"}}, \"own\": {\"key\": 6}},\n\
    {\"type\": \"textEditor\", \"channel\": \"word\", \"text\": \"w\u{f6}rd \\\"x\\\"\"}\n]";

const BEFORE: &str = "kOn init 1\nkTime timeinstk\nkC init 0\nkA[] fillarray 1, 2, 3\niA[] fillarray 4, 5\n\
    SN[] fillarray \"gain\", \"two\"\n";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("cabbageSetValue", "", "Si", "cabbageSetValue \"gain\", 2.5\nkX chnget \"gain\"\nchnset kX, \"r\"", 2.5),
    Row("cabbageSetValue", "", "SkP", "cabbageSetValue \"gain\", kTime\nkX chnget \"gain\"\nchnset kX, \"r\"", 4.0),
    Row("cabbageGetValue", "i", "S", "iX cabbageGetValue \"gain\"\nchnset iX, \"r\"", 0.5),
    Row("cabbageGetValue", "k", "S", "kX cabbageGetValue \"gain\"\nchnset kX, \"r\"", 0.5),
    Row("cabbageGetValue", "S", "S", "SX cabbageGetValue \"word\"\nkX strlenk SX\nchnset kX, \"r\"", 5.0),
    Row("cabbageGetValue", "kk", "So", "chnset kTime, \"two\"\nkX, kT cabbageGetValue \"two\"\nchnset kX + kT, \"r\"", 5.0),
    Row("cabbageGetValue", "Sk", "So", "SX, kT cabbageGetValue \"word\"\nkX strlenk SX\nchnset kX + kT, \"r\"", 5.0),
    Row("cabbageSet", "", "SW", "cabbageSet \"gain\", {{ {\"bounds\": {\"left\": 5}, \"visible\": false} }}\nkX cabbageGet \"gain\", \"bounds.left\"\nchnset kX, \"r\"", 5.0),
    Row("cabbageSet", "", "kSSW", "cabbageSet kOn, \"two\", \"text.on\", \"y\u{f6}s\"\nSX[] cabbageGet \"two\", \"text\"\nSY cabbageGet \"two\", \"text.on\"\nkX strlenk SY\nchnset kX, \"r\"", 4.0),
    Row("cabbageSet", "", "kSS", "SX sprintfk \"{\\\"opacity\\\": 0.%d}\", kTime\ncabbageSet kOn, \"gain\", SX\nkX cabbageGet \"gain\", \"opacity\"\nchnset kX, \"r\"", 0.4),
    Row("cabbageSet", "", "SSM", "iV = 7\ncabbageSet \"gain\", \"range.max\", iV\nkX cabbageGet \"gain\", \"range.max\"\nchnset kX, \"r\"", 7.0),
    Row("cabbageSet", "", "kSSM", "cabbageSet kOn, \"gain\", \"bounds.width\", kTime\nkX cabbageGet \"gain\", \"bounds.width\"\nkY cabbageGet \"gain\", \"bounds.height\"\nchnset kX + kY, \"r\"", 44.0),
    Row("cabbageSet", "", "SSi[]", "cabbageSet \"gain\", \"tableNumber\", iA\nkX cabbageGet \"gain\", \"tableNumber\"\nchnset kX, \"r\"", 4.0),
    Row("cabbageSet", "", "kSSk[]", "cabbageSet kOn, \"gain\", \"tableNumber\", kA\nkX cabbageGet \"gain\", \"tableNumber\"\nchnset kX, \"r\"", 1.0),
    Row("cabbageSet", "", "SSS[]", "cabbageSet \"two\", \"items\", SN\nSX[] cabbageGet \"two\", \"items\"\nchnset lenarray(SX), \"r\"", 2.0),
    Row("cabbageGet", "S[]", "SS", "SX[] cabbageGet \"two\", \"text\"\nchnset lenarray(SX), \"r\"", 2.0),
    Row("cabbageGet", "i", "SS", "iX cabbageGet \"gain\", \"bounds.top\"\nchnset iX, \"r\"", 20.0),
    Row("cabbageGet", "k", "SW", "kX cabbageGet \"gain\"\nkY cabbageGet \"gain\", \"range.max\"\nchnset kX + kY, \"r\"", 4.5),
    Row("cabbageGet", "S", "SS", "SX cabbageGet \"word\", \"text\"\nkX strlenk SX\nchnset kX, \"r\"", 9.0),
    Row("cabbageGet", "Sk", "SS", "SX, kT cabbageGet \"word\", \"text\"\nkC += kT\nkX strlenk SX\nchnset kX + kC, \"r\"", 9.0),
    Row("cabbageHasKey", "i", "SS", "iX cabbageHasKey \"two\", \"own.key\"\niY cabbageHasKey \"two\", \"own.other\"\nchnset iX + 10 * iY, \"r\"", 1.0),
    Row("cabbageHasKey", "k", "SW", "kX cabbageHasKey \"gain\", \"bounds.left\"\nchnset kX, \"r\"", 1.0),
    Row("cabbageCreate", "", "S", "cabbageCreate {{ {\"type\": \"rotarySlider\", \"channel\": \"made\", \"range\": {\"max\": 9, \"defaultValue\": 6} } }}\nkX chnget \"made\"\nchnset kX, \"r\"", 6.0),
    Row("cabbageDump", "", "So", "cabbageDump \"gain\"\nchnset 7, \"r\"", 7.0),
    Row("cabbageDump", "", "kSo", "cabbageDump kOn, \"gain\"\nchnset 7, \"r\"", 7.0),
    Row("cabbageGetWidgets", "S[]", "", "SX:S[] = cabbageGetWidgets()\nchnset lenarray(SX), \"r\"", 4.0),
    Row("cabbageSaveState", "", "S", "cabbageSaveState \"a.json\"\nchnset 7, \"r\"", 7.0),
    Row("cabbageSaveState", "", "SS[]", "cabbageSaveState \"a.json\", SN\nchnset 7, \"r\"", 7.0),
    Row("cabbageLoadState", "", "S", "cabbageLoadState \"kept.json\"\nkX chnget \"gain\"\nchnset kX, \"r\"", 3.0),
    Row("cabbageGetFiles", "S[]", "SS", "SX[] cabbageGetFiles \".\", \".json\"\nSY = SX[0]\nSZ cabbageJoinPath \"a\", \"b\"\nchnset (lenarray(SX) > 0 ? 1 : 0), \"r\"", 1.0),
    Row("cabbageCreateFileName", "S", "SS", "SX cabbageCreateFileName \"free\", \".json\"\nkX strindexk SX, \"001.json\"\nchnset (kX > 0 ? 1 : 0), \"r\"", 1.0),
    Row("cabbageJoinPath", "S", "SW", "SX cabbageJoinPath \"/a\", \"b\", \"c.wav\"\nkX strcmpk SX, \"/a/b/c.wav\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageSendMessage", "", "S", "cabbageSendMessage \"a\"\nchnset 7, \"r\"", 7.0),
    Row("cabbageSendMessage", "", "kS", "cabbageSendMessage kOn, \"a\"\nchnset 7, \"r\"", 7.0),
];

fn generation() -> Option<Generation> {
    Library::get().ok().map(Library::generation)
}

fn piece(code: &str, folder: &Path) -> PieceSpec {
    piece_of(SECTION, &format!("{BEFORE}{code}"), folder)
}

#[test]
fn csound_6_refuses_a_section_in_json_and_says_what_to_do() {
    if libcsound_is_missing() || generation() != Some(Generation::Six) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let error = LocalEngine::start(&piece("", folder.path()), &mut |_| ()).err().expect("it was performed");
    let said = error.to_string();
    assert!(said.contains("Cabbage 3's JSON") && said.contains("choose Csound 7"), "{said}");
}

#[test]
fn each_signature_of_a_section_in_json_gives_what_it_has_to() {
    if libcsound_is_missing() || generation() != Some(Generation::Seven) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("kept.json"), "{\"gain\": 3}").unwrap();
    for row @ Row(.., code, _) in ROWS {
        let spec = piece(code, folder.path());
        row.check(Subject::here(&spec), "here");
        row.check(Subject::there(&spec, Confinement::default()), "isolated");
    }
}

#[test]
fn there_is_each_signature_of_cabbage_3_and_no_other() {
    if libcsound_is_missing() || generation() != Some(Generation::Seven) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let spec = PieceSpec { lists_opcodes: true, ..piece("kX cabbageGetValue \"gain\"", folder.path()) };
    let started = LocalEngine::start(&spec, &mut |_| ()).unwrap();
    assert!(started.engine.panel().is_some());
    let name = |one: &str, results: &str, arguments: &str| format!("{results} {one} {arguments}");
    let opcodes = started.shown.opcodes.iter().filter(|opcode| opcode.name.starts_with("cabbage"));
    let there: BTreeSet<String> =
        opcodes.map(|opcode| name(&opcode.name, &opcode.results, &opcode.arguments)).collect();
    let table: BTreeSet<String> =
        ROWS.iter().map(|Row(one, results, arguments, ..)| name(one, results, arguments)).collect();
    assert_eq!(table.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "missing");
    assert_eq!(there.difference(&table).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the table");
}

#[test]
fn what_a_section_in_json_changes_goes_up_by_the_names_of_lines() {
    if libcsound_is_missing() || generation() != Some(Generation::Seven) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let code = "cabbageSet \"two\", \"label.text.off\", \"no\"\ncabbageSet \"gain\", \"bounds.left\", 1\n\
        cabbageSet \"gain\", {{ {\"style\": {\"thumb\": {\"backgroundColor\": \"red\"} } } }}\ncabbageSet \"gain\", \"no json\"";
    let mut piece = Subject::here(&piece(code, folder.path()));
    piece.cycles(2);
    let changes = piece.changes();
    assert_eq!(told(&changes, "two", "text"), Some(vec!["no".into(), "on".into()]));
    assert_eq!(told(&changes, "gain", "bounds"), Some([1.0, 20.0, 30.0, 40.0].map(Value::Number).to_vec()));
    assert_eq!(told(&changes, "gain", "colour"), Some(vec!["red".into()]));
    assert!(piece.console().contains("an object in JSON"));
}
