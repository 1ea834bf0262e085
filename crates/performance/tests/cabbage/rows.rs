//! The opcodes of Cabbage 2 with their signatures: each in the lines of an instrument.

use std::path::Path;

use csound_performance::engine::PieceSpec;

use crate::subject::{Subject, spec_of, text};

/// An opcode, the types of its results and of its arguments, the lines of an instrument that use it and leave a number
/// in the channel `r`, and that number after four k-cycles.
pub struct Row(pub &'static str, pub &'static str, pub &'static str, pub &'static str, pub f64);

impl Row {
    /// Performs the row's piece and looks at its number. `place` says where, for whoever reads of a failure.
    pub fn check(&self, mut piece: Subject, place: &str) {
        let Row(name, results, arguments, _, expected) = self;
        piece.watch(&["r"]);
        piece.cycles(4);
        let found = piece.value("r");
        let signature = format!("{results} {name} {arguments} {place}");
        assert!((found - expected).abs() < 1e-9, "{signature}: {found}, not {expected}");
    }
}

/// A piece of one instrument with these lines, over a section with `gain`, `two` and `word`.
pub fn piece_of(section: &str, lines: &str, folder: &Path) -> PieceSpec {
    let spec = spec_of(text(section, &format!("instr 1\n{lines}\nendin")), Some(folder));
    PieceSpec {
        channel_values: vec![("gain".into(), 0.5), ("two".into(), 3.0)],
        channel_texts: vec![("word".into(), "z\u{f6}lf".into())],
        ..spec
    }
}

/// The number of an instrument whose opcode gives nothing to look at.
const RAN: f64 = 7.0;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    Row("cabbageGetValue", "k", "S", "kX cabbageGetValue \"gain\"\nchnset kX, \"r\"", 0.5),
    Row("cabbageGetValue", "k[]", "S[]", "kX[] cabbageGetValue SN\nchnset kX[1], \"r\"", 3.0),
    Row("cabbageGetValue", "i", "S", "iX cabbageGetValue \"gain\"\nchnset iX, \"r\"", 0.5),
    Row("cabbageGetValue", "kk", "So", "kX, kT cabbageGetValue \"gain\", 1\nkC += kT\nchnset kX + kC, \"r\"", 1.5),
    Row("cabbageGetValue", "k[]k[]", "S[]", "kX[], kT[] cabbageGetValue SN\nkC += kT[1]\nchnset kX[1] + kC, \"r\"", 3.0),
    Row("cabbageGetValue", "S", "S", "SX cabbageGetValue \"word\"\nkX strcmpk SX, \"z\u{f6}lf\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageGetValue", "S[]", "S[]", "SX[] cabbageGetValue SW\nSY = SX[0]\nkX strlenk SY\nchnset kX + lenarray(SX), \"r\"", 7.0),
    Row("cabbageGetValue", "Sk", "So", "SX, kT cabbageGetValue \"word\", 1\nkC += kT\nkX strlenk SX\nchnset kX + kC, \"r\"", 6.0),
    Row("cabbageGetValue", "S[]k[]", "S[]", "SX[], kT[] cabbageGetValue SW\nSY = SX[0]\nkX strlenk SY\nchnset kX + kT[0], \"r\"", 5.0),
    Row("cabbageSetValue", "", "Si", "cabbageSetValue \"gain\", 2.5\nkX chnget \"gain\"\nchnset kX, \"r\"", 2.5),
    Row("cabbageSetValue", "", "SkP", "cabbageSetValue \"gain\", kV * 2\nkX chnget \"gain\"\nchnset kX, \"r\"", 2.5),
    Row("cabbageSetValue", "", "SS", "cabbageSetValue \"word\", \"\u{f6}\"\nSX chnget \"word\"\nkX strcmpk SX, \"\u{f6}\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageSetValue", "", "SSk", "SX sprintfk \"n%d\", kTime\ncabbageSetValue \"word\", SX, kOn\nSY chnget \"word\"\nkX strcmpk SX, SY\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageSet", "", "SW", "cabbageSet \"gain\", \"alpha(0.25), visible(0)\"\nkX cabbageGet \"gain\", \"alpha\"\nchnset kX, \"r\"", 0.25),
    Row("cabbageSet", "", "SSN", "cabbageSet \"gain\", \"bounds\", 1, 2, 3, 4\nkX[] cabbageGet \"gain\", \"bounds\"\nchnset kX[3], \"r\"", 4.0),
    Row("cabbageSet", "", "kSS", "SX sprintfk \"alpha(0.%d)\", kTime\ncabbageSet kOn, \"gain\", SX\nkX cabbageGet \"gain\", \"alpha\"\nchnset kX, \"r\"", 0.4),
    Row("cabbageSet", "", "kSSM", "cabbageSet kOn, \"gain\", \"alpha\", kTime / 8\nkX cabbageGet \"gain\", \"alpha\"\nchnset kX, \"r\"", 0.5),
    Row("cabbageSet", "", "kSSk[]", "cabbageSet kOn, \"gain\", \"tablenumber\", kA\nkX[] cabbageGet \"gain\", \"tablenumber\"\nkY lenarray kX\nchnset kX[2] + kY, \"r\"", 6.0),
    Row("cabbageSet", "", "kSW", "cabbageSet kOn, \"two\", \"text\", \"a\", \"b\u{f6}\"\nSX[] cabbageGet \"two\", \"text\"\nSY = SX[1]\nkX strlenk SY\nchnset kX, \"r\"", 3.0),
    Row("cabbageGet", "k[]", "SS", "kX[] cabbageGet \"gain\", \"range\"\nkY lenarray kX\nchnset kX[4] + kY, \"r\"", 5.01),
    Row("cabbageGet", "i[]", "SS", "iX[] cabbageGet \"gain\", \"colour\"\nchnset iX[2] + lenarray(iX), \"r\"", 7.0),
    Row("cabbageGet", "S[]", "SS", "SX[] cabbageGet \"two\", \"text\"\nSY = SX[1]\nkX strcmpk SY, \"on\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageGet", "k", "SS", "kX cabbageGet \"gain\", \"alpha\"\nchnset kX, \"r\"", 0.75),
    Row("cabbageGet", "kk", "SS", "cabbageSet kOn, \"gain\", \"alpha\", kTime / 8\nkX, kT cabbageGet \"gain\", \"alpha\"\nkC += kT\nchnset kX + kC, \"r\"", 4.5),
    Row("cabbageGet", "i", "SS", "iX cabbageGet \"gain\", \"width\"\nchnset iX, \"r\"", 30.0),
    Row("cabbageGet", "S", "SS", "SX cabbageGet \"word\", \"text\"\nkX strcmpk SX, \"w\u{f6}rd\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageGet", "Sk", "S", "SX, kT cabbageGet \"word\"\nkX strlenk SX\nchnset kX + kT, \"r\"", 5.0),
    Row("cabbageGet", "S", "S", "SX cabbageGet \"word\"\nkX strlenk SX\nchnset kX, \"r\"", 5.0),
    Row("cabbageGet", "kk", "S", "kX, kT cabbageGet \"gain\"\nchnset kX + kT, \"r\"", 0.5),
    Row("cabbageGet", "k", "S", "kX cabbageGet \"gain\"\nchnset kX, \"r\"", 0.5),
    Row("cabbageCreate", "", "SS", "cabbageCreate \"rslider\", \"channel(\\\"made\\\"), range(0, 9, 6)\"\nkX chnget \"made\"\nchnset kX, \"r\"", 6.0),
    Row("cabbageGetWidgetChannels", "S[]", "W", "SX[] cabbageGetWidgetChannels \"type(\\\"button\\\")\"\nSY = SX[0]\nkX strcmpk SY, \"two\"\nchnset kX + lenarray(SX), \"r\"", 1.0),
    Row("cabbageChanged", "Sk", "S[]", "chnset kTime, \"two\"\nSX, kT cabbageChanged SN\nkX strcmpk SX, \"two\"\nchnset kX + kT, \"r\"", 1.0),
    Row("cabbageChanged", "kk", "S[]", "chnset kTime, \"two\"\nkX, kT cabbageChanged SN\nchnset kX + kT, \"r\"", 2.0),
    Row("cabbageChanged", "Sk", "S[]kM", "chnset kTime, \"two\"\nSX, kT cabbageChanged SN, 2.5, 0\nkC += kT\nchnset kC, \"r\"", 1.0),
    Row("cabbageChanged", "kk", "S[]kM", "chnset kTime, \"two\"\nkX, kT cabbageChanged SN, 2.5, 1\nkC += kT\nchnset kC, \"r\"", 1.0),
    Row("cabbageCopyFile", "", "SW", "cabbageCopyFile \"copies\", \"one.txt\"\nSX[] cabbageFindFiles \"copies\", \"files\", \"*.txt\"\nchnset lenarray(SX), \"r\"", 1.0),
    Row("cabbageFindFiles", "S[]", "SW", "SX[] cabbageFindFiles \".\", \"files\", \"*.txt\"\nchnset lenarray(SX), \"r\"", 1.0),
    Row("cabbageFindFiles", "S[]", "kSW", "SX[] cabbageFindFiles kOn, \".\", \"files\", \"*.txt\"\nkX lenarray SX\nchnset kX, \"r\"", 1.0),
    Row("cabbageGetFilename", "S", "S", "SX cabbageGetFilename \"/a/b c.wav\"\nkX strcmpk SX, \"b c.wav\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageGetFilePath", "S", "S", "SX cabbageGetFilePath \"/a/b c.wav\"\nkX strcmpk SX, \"/a\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageGetFileExtension", "S", "S", "SX cabbageGetFileExtension \"/a/b c.wav\"\nkX strcmpk SX, \".wav\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageGetFileNoExtension", "S", "S", "SX cabbageGetFileNoExtension \"/a/b c.wav\"\nkX strcmpk SX, \"b c\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageChannelStateSave", "i", "S", "iX cabbageChannelStateSave \"a.pre\"\nchnset iX, \"r\"", 1.0),
    Row("cabbageChannelStateSave", "k", "S", "kX cabbageChannelStateSave \"a.pre\"\nchnset kX, \"r\"", 1.0),
    Row("cabbageChannelStateRecall", "i", "S", "iX cabbageChannelStateRecall \"kept.pre\"\nkX chnget \"gain\"\nchnset kX + iX, \"r\"", 4.0),
    Row("cabbageChannelStateRecall", "k", "SO", "kX cabbageChannelStateRecall \"kept.pre\"\nkY chnget \"gain\"\nchnset kX + kY, \"r\"", 4.0),
    Row("cabbageChannelStateRecall", "k", "SS[]", "kX cabbageChannelStateRecall \"kept.pre\", SN\nkY chnget \"gain\"\nchnset kX + kY, \"r\"", 1.5),
    Row("cabbageSetStateValue", "", "Sk", "cabbageSetStateValue \"a\", kTime\nkX cabbageGetStateValue \"a\"\nchnset kX, \"r\"", 4.0),
    Row("cabbageSetStateValue", "", "Si", "iV = 9\ncabbageSetStateValue \"a\", iV\nkX cabbageGetStateValue \"a\"\nchnset kX, \"r\"", 9.0),
    Row("cabbageSetStateValue", "", "Sk[]", "cabbageSetStateValue \"a\", kA\nkX[] cabbageGetStateValue \"a\"\nkY lenarray kX\nchnset kY, \"r\"", 3.0),
    Row("cabbageSetStateValue", "", "Si[]", "cabbageSetStateValue \"a\", iA\niX[] cabbageGetStateValue \"a\"\nchnset lenarray(iX), \"r\"", 2.0),
    Row("cabbageSetStateValue", "", "SS", "cabbageSetStateValue \"a\", \"z\u{f6}lf\"\nSX cabbageGetStateValue \"a\"\nkX strlenk SX\nchnset kX, \"r\"", 5.0),
    Row("cabbageSetStateValue", "", "SS[]", "cabbageSetStateValue \"a\", SN\nSX[] cabbageGetStateValue \"a\"\nkX lenarray SX\nchnset kX, \"r\"", 2.0),
    Row("cabbageGetStateValue", "k", "S", "cabbageWriteStateData {{ {\"n\": 6.5} }}\nkX cabbageGetStateValue \"n\"\nchnset kX, \"r\"", 6.5),
    Row("cabbageGetStateValue", "i", "S", "cabbageWriteStateData {{ {\"n\": 6.5} }}\niX cabbageGetStateValue \"n\"\nchnset iX, \"r\"", 6.5),
    Row("cabbageGetStateValue", "k[]", "S", "cabbageWriteStateData {{ {\"n\": [1, 2]} }}\nkX[] cabbageGetStateValue \"n\"\nkY lenarray kX\nchnset kY, \"r\"", 2.0),
    Row("cabbageGetStateValue", "i[]", "S", "cabbageWriteStateData {{ {\"n\": [1, 2]} }}\niX[] cabbageGetStateValue \"n\"\nchnset lenarray(iX), \"r\"", 2.0),
    Row("cabbageGetStateValue", "S", "S", "cabbageWriteStateData {{ {\"n\": \"\u{f6}\"} }}\nSX cabbageGetStateValue \"n\"\nkX strcmpk SX, \"\u{f6}\"\nchnset kX + 1, \"r\"", 1.0),
    Row("cabbageGetStateValue", "S[]", "S", "cabbageWriteStateData {{ {\"n\": [\"b\", \"\u{f6}\"]} }}\nSX[] cabbageGetStateValue \"n\"\nSY = SX[1]\nkX strlenk SY\nchnset kX, \"r\"", 2.0),
    Row("cabbageHasStateData", "k", "", "cabbageWriteStateData {{ {\"n\": 1} }}\nkX cabbageHasStateData\nchnset kX, \"r\"", 1.0),
    Row("cabbageReadStateData", "S", "", "cabbageWriteStateData {{ {\"n\": \"b\"} }}\nSX cabbageReadStateData\nkX strlenk SX\nchnset kX, \"r\"", 9.0),
    Row("cabbageWriteStateData", "", "iS", "cabbageWriteStateData 1, {{ {\"n\": 5} }}\nkX cabbageGetStateValue \"n\"\nchnset kX, \"r\"", 5.0),
    Row("cabbageWriteStateData", "", "S", "cabbageWriteStateData {{ {\"n\": 5} }}\nkX cabbageGetStateValue \"n\"\nchnset kX, \"r\"", 5.0),
    Row("cabbageMidiListener", "k[]k[]k[]k", "O", "kN[], kL[], kH[], kX cabbageMidiListener 1\nkY lenarray kN\nchnset kY + kX, \"r\"", 128.0),
    Row("cabbageMidiSender", "", "", "cabbageMidiSender\nchnset 7, \"r\"", RAN),
    Row("cabbageMidiFileReader", "k[]k[]k[]k[]kk", "Sikkkko", "kS[], kH[], kN[], kL[], kX, kT cabbageMidiFileReader \"song.mid\", 0, 1, 0, 1, 0\nkC += kX * kT\nchnset kC + kN[0], \"r\"", 62.0),
    Row("cabbageMidiFileInfo", "", "S", "cabbageMidiFileInfo \"song.mid\"\nchnset 7, \"r\"", RAN),
    Row("cabbageProfilerStart", "", "SS", "cabbageProfilerStart \"a\", \"b\"\nchnset 7, \"r\"", RAN),
    Row("cabbageProfilerStop", "k", "SS", "cabbageProfilerStart \"a\", \"b\"\nkX cabbageProfilerStop \"a\", \"b\"\nchnset (kX >= 0 ? 7 : 0), \"r\"", RAN),
    Row("cabbageProfilerPrint", "", "Sk", "cabbageProfilerPrint \"a\", kOn\nchnset 7, \"r\"", RAN),
    Row("cabbageBluetooth", "k", "SS", "kX cabbageBluetooth \"a\", \"b\"\nchnset kX + 7, \"r\"", RAN),
    Row("cabbageBleutooth", "k", "S", "kX cabbageBleutooth \"a\"\nchnset kX + 7, \"r\"", RAN),
    Row("cabbageWebSend", "", "kSSk", "cabbageWebSend kOn, \"a\", \"b\", kV\nchnset 7, \"r\"", RAN),
    Row("cabbageWebSend", "", "SSi", "cabbageWebSend \"a\", \"b\", 3\nchnset 7, \"r\"", RAN),
    Row("cabbageWebSend", "", "SSa", "cabbageWebSend \"a\", \"b\", aS\nchnset 7, \"r\"", RAN),
    Row("cabbageWebSend", "", "kSSa", "cabbageWebSend kOn, \"a\", \"b\", aS\nchnset 7, \"r\"", RAN),
    Row("cabbageWebSendArray", "", "kSSk[]", "cabbageWebSendArray kOn, \"a\", \"b\", kA\nchnset 7, \"r\"", RAN),
    Row("cabbageWebSendArray", "", "SSi[]", "cabbageWebSendArray \"a\", \"b\", iA\nchnset 7, \"r\"", RAN),
    Row("cabbageWebSendTable", "", "kSSi", "cabbageWebSendTable kOn, \"a\", \"b\", 1\nchnset 7, \"r\"", RAN),
    Row("cabbageWebSendTable", "", "SSi", "cabbageWebSendTable \"a\", \"b\", 1\nchnset 7, \"r\"", RAN),
];
