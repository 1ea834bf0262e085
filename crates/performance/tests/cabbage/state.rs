//! A piece's own data, presets, MIDI, the profiler, and what is not there.

use crate::subject::both;

#[test]
fn a_pieces_own_data_are_numbers_texts_and_lists() {
    let orchestra = "instr 1\nkHad cabbageHasStateData\nkBefore init 0\nkTime timeinstk\nif kTime == 1 then\nkBefore = kHad\nendif\n\
        cabbageSetStateValue \"number\", kTime\nSWords[] fillarray \"a\", \"b\u{f6}\"\ncabbageSetStateValue \"words\", SWords\n\
        SOne = \"z\u{f6}lf\"\ncabbageSetStateValue \"word\", SOne\n\
        kNumber cabbageGetStateValue \"number\"\nSWord cabbageGetStateValue \"word\"\nSBack[] cabbageGetStateValue \"words\"\n\
        kHas cabbageHasStateData\nSAll cabbageReadStateData\nkAll strindexk SAll, \"z\u{f6}lf\"\nkIs strcmpk SWord, SOne\n\
        chnset kNumber, \"number\"\nchnset kIs + kBefore, \"is\"\nkLength lenarray SBack\nchnset kLength, \"length\"\nchnset kHas, \"has\"\n\
        chnset kAll, \"all\"\nendin";
    both("form size(9, 9)", orchestra, |piece| {
        piece.watch(&["number", "is", "length", "has", "all"]);
        piece.cycles(3);
        assert_eq!(piece.all(&["number", "is", "length", "has"]), [3.0, 0.0, 2.0, 1.0]);
        assert!(piece.value("all") > 0.0, "the whole is JSON with the text in it");
        assert!(piece.changes().iter().any(|change| change.is_list && change.values.len() == 2));
    });
}

#[test]
fn json_is_taken_as_data() {
    let orchestra = "instr 1\ncabbageWriteStateData 1, {{ {\"pi\": 3.25, \"on\": true, \"list\": [1, 2, 3], \"word\": \"hi\"} }}\n\
        cabbageWriteStateData 1, \"no json\"\n\
        kPi cabbageGetStateValue \"pi\"\nkOn cabbageGetStateValue \"on\"\nkList[] cabbageGetStateValue \"list\"\n\
        kNone cabbageGetStateValue \"none\"\nchnset kPi + kOn + kNone, \"sum\"\nkLength lenarray kList\nchnset kList[2] * 10 + kLength, \"list\"\nendin";
    both("form size(9, 9)", orchestra, |piece| {
        piece.watch(&["sum", "list"]);
        piece.cycles(2);
        assert_eq!(piece.all(&["sum", "list"]), [4.25, 33.0]);
        assert!(piece.console().contains("no object of JSON"));
    });
}

#[test]
fn held_notes_are_listed() {
    let orchestra = "instr 1\nkNotes[], kVel[], kChan[], kCount cabbageMidiListener 1\nkN[], kV[], kC[], kCount2 cabbageMidiListener\n\
        chnset kCount, \"count\"\nchnset kNotes[0], \"lowest\"\nchnset kN[0], \"first\"\nchnset kVel[0], \"velocity\"\n\
        chnset kChan[0], \"channel\"\nchnset lenarray(kNotes), \"length\"\nendin\ninstr 2\ncabbageMidiSender\nendin";
    both("form size(9, 9)", orchestra, |piece| {
        let names = ["count", "lowest", "first", "velocity", "channel", "length"];
        piece.watch(&names);
        piece.midi(&[0x90, 67, 100]);
        piece.midi(&[0x91, 60, 90]);
        piece.cycles(1);
        assert_eq!(piece.all(&names), [2.0, 60.0, 67.0, 90.0, 2.0, 128.0]);
        piece.midi(&[0x81, 60, 0]);
        assert_eq!(piece.all(&["count", "lowest"]), [1.0, 67.0]);
    });
}

#[test]
fn what_is_not_there_compiles_does_nothing_and_is_named_once() {
    let orchestra = "instr 1\nkTrig init 1\nkV init 2\ncabbageWebSend kTrig, \"id\", \"x\", kV\ncabbageWebSend \"id\", \"x\", 3\n\
        aSig init 0\ncabbageWebSend kTrig, \"id\", \"x\", aSig\nkA[] fillarray 1, 2\ncabbageWebSendArray kTrig, \"id\", \"x\", kA\n\
        cabbageWebSendTable kTrig, \"id\", \"x\", 1\nkBlue cabbageBluetooth \"a\", \"b\"\n\
        cabbageProfilerStart \"group\", \"block\"\nkAverage cabbageProfilerStop \"group\", \"block\"\ncabbageProfilerPrint \"group\", kTrig\n\
        chnset kBlue, \"blue\"\nchnset kAverage, \"average\"\nchnset 1, \"on\"\nendin";
    both("form size(9, 9)", orchestra, |piece| {
        piece.watch(&["blue", "average", "on"]);
        piece.cycles(3);
        assert_eq!(piece.all(&["blue", "on"]), [0.0, 1.0]);
        assert!((0.0..100.0).contains(&piece.value("average")));
        let said = piece.console();
        assert_eq!((said.matches("web views").count(), said.matches("Bluetooth").count()), (1, 2), "{said}");
        assert!(said.contains("block: "), "{said}");
    });
}
