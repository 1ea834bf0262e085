//! Changes on their way to the host, and back to the engine that takes another's place.

use csound_cabbage::{Changes, Value};
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::{Engine, PieceSpec};

use crate::common::libcsound_is_missing;
use crate::subject::{Subject, both, both_of, spec_of, text, told};

#[test]
fn ten_thousand_changes_a_second_come_up_as_the_newest_of_each() {
    // 1500 k-cycles a second, 8 changes each.
    let mut orchestra = "instr 1\nkTime timeinstk\nkOn init 1\n".to_owned();
    for number in 0..8 {
        orchestra += &format!("cabbageSet kOn, \"w{number}\", \"bounds\", kTime, {number}, 3, 4\n");
    }
    orchestra += "endin";
    both("form size(9, 9)", &orchestra, |piece| {
        let mut kept = Changes::default();
        for _ in 0..30 {
            piece.cycles(100);
            if let Some(change) = piece.changes().into_iter().find(|change| !kept.add(change.clone())) {
                panic!("refused: {change:?}");
            }
        }
        piece.cycles(1);
        for change in piece.changes().into_iter().chain(piece.changes()) {
            assert!(kept.add(change));
        }
        piece.cycles(1);
        piece.changes().into_iter().for_each(|change| assert!(kept.add(change)));
        let all: Vec<_> = kept.iter().collect();
        assert_eq!(all.len(), 8);
        for (number, change) in all.iter().enumerate() {
            assert_eq!(change.values[1], Value::Number(number as f64));
            assert_eq!(change.values[0], Value::Number(3002.0), "not the newest");
        }
    });
}

#[test]
fn an_engine_goes_on_from_what_another_has_changed() {
    let section = "form size(9, 9)\nlabel bounds(1, 2, 3, 4), channel(\"words\"), text(\"old\")";
    let first = "instr 1\ncabbageSet \"words\", \"text\", \"new\"\ncabbageSet \"words\", \"bounds\", 9, 8, 7, 6\n\
        cabbageCreate \"button\", \"channel(\\\"made\\\"), alpha(0.5)\"\nkList[] fillarray 1, 2\n\
        cabbageSetStateValue \"numbers\", kList\ncabbageSetStateValue \"word\", \"kept\"\nendin";
    let second = "instr 1\nSText cabbageGet \"words\", \"text\"\nkB[] cabbageGet \"words\", \"bounds\"\nkAlpha cabbageGet \"made\", \"alpha\"\n\
        SWord cabbageGetStateValue \"word\"\nkList[] cabbageGetStateValue \"numbers\"\nkHas cabbageHasStateData\n\
        kIs strcmpk SText, \"new\"\nkWord strcmpk SWord, \"kept\"\nchnset kIs + kWord, \"texts\"\nchnset kB[0], \"left\"\n\
        chnset kAlpha, \"alpha\"\nchnset lenarray(kList) * 10 + kHas, \"list\"\nendin";
    if libcsound_is_missing() {
        return;
    }
    let mut piece = Subject::here(&spec_of(text(section, first), None));
    piece.cycles(2);
    let mut kept = Changes::default();
    piece.changes().into_iter().for_each(|change| assert!(kept.add(change)));
    let spec = PieceSpec { panel: kept.into(), ..spec_of(text(section, second), None) };
    both_of(&spec, |piece| {
        piece.watch(&["texts", "left", "alpha", "list"]);
        piece.cycles(2);
        assert_eq!(piece.all(&["texts", "left", "alpha", "list"]), [0.0, 9.0, 0.5, 21.0]);
    });
}

#[test]
fn a_piece_that_names_none_of_the_opcodes_has_none() {
    if libcsound_is_missing() {
        return;
    }
    let spec = spec_of(text("form size(9, 9)\nlabel text(\"x\")", "instr 1\nendin"), None);
    let started = LocalEngine::start(&spec, &mut |_| ()).unwrap();
    assert!(started.engine.panel().is_none());
    let names = |engine: &LocalEngine| {
        let mut engine_has = false;
        let _ = engine.csound().map(|_| engine_has = true);
        engine_has
    };
    assert!(names(&started.engine));
}

#[test]
fn opcodes_of_an_included_file_are_there_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("part.inc"),
        "instr 1\nkV cabbageGetValue \"one\"\nchnset kV, \"read\"\nendin\n",
    )
    .unwrap();
    let text = text("form size(9, 9)", "#include \"part.inc\"");
    let mut spec = spec_of(text, Some(folder.path()));
    spec.channel_values = vec![("one".into(), 5.0)];
    both_of(&spec, |piece| {
        piece.watch(&["read"]);
        piece.cycles(1);
        assert_eq!(piece.value("read"), 5.0);
    });
}

#[test]
fn more_changes_than_there_is_room_for_are_told_once_and_the_piece_goes_on() {
    let orchestra = "instr 1\niCount init 0\nwhile iCount < 9000 do\nSName sprintf \"widget %d\", iCount\n\
        cabbageSet SName, \"visible\", 0\niCount += 1\nod\nchnset iCount, \"count\"\nendin";
    both("form size(9, 9)", orchestra, |piece| {
        piece.watch(&["count"]);
        piece.cycles(4);
        assert_eq!(piece.value("count"), 9000.0);
        let said = piece.console();
        assert_eq!(said.matches("some changes are lost").count(), 1, "{said}");
        let changes = piece.changes();
        assert!(changes.len() > 4000 && told(&changes, "widget 5", "visible").is_some());
    });
}
