//! Identifiers of widgets: `cabbageSet`, `cabbageGet`, `cabbageCreate`, `cabbageGetWidgetChannels`, `identchannel`.

use csound_cabbage::{Change, Value, WidgetName};

use csound_library::Generation;

use crate::subject::{both, told};

const SECTION: &str = "form size(300, 200)\n\
    rslider bounds(10, 20, 60, 61), channel(\"gain\"), range(0, 2, 0.5, 1, 0.01), text(\"Gain\"), colour(255, 0, 10)\n\
    button bounds(1, 2, 3, 4), channel(\"go\"), text(\"off\", \"on\"), colour:0(\"orange\"), _mood(\"bad\")\n\
    label bounds(0, 0, 80, 20), text(\"words\"), identchannel(\"ident\")\n\
    gentable bounds(0, 0, 9, 9), channel(\"tables\"), tableNumber(1, 2)\n\
    xypad bounds(0, 0, 9, 9), channel(\"x\", \"y\"), alpha(0.25)";

#[test]
fn identifiers_are_read_at_init_and_in_k_cycles() {
    let orchestra = "instr 1\niAlpha cabbageGet \"x\", \"alpha\"\nkVisible cabbageGet \"gain\", \"visible\"\n\
        kBounds[] cabbageGet \"gain\", \"bounds\"\niColour[] cabbageGet \"gain\", \"colour\"\n\
        kColour[] cabbageGet \"go\", \"colour\"\nkRange[] cabbageGet \"gain\", \"range\"\nkTables[] cabbageGet \"tables\", \"tablenumber\"\n\
        SText cabbageGet \"gain\", \"text\"\nSTexts[] cabbageGet \"go\", \"text\"\nkNone cabbageGet \"nobody\", \"colour\"\n\
        kSame strcmpk SText, \"Gain\"\nSon = STexts[1]\nkOn strcmpk Son, \"on\"\n\
        chnset iAlpha, \"alpha\"\nchnset kVisible, \"visible\"\nchnset kBounds[3] + lenarray(kBounds) * 1000, \"bounds\"\n\
        chnset iColour[2] + lenarray(iColour) * 1000, \"colour\"\nchnset kColour[1], \"green\"\nchnset kNone, \"none\"\n\
        chnset kRange[4] + lenarray(kRange), \"range\"\nchnset kTables[1] + lenarray(kTables) * 10, \"tables\"\n\
        chnset kSame + 10 * kOn + 100 * lenarray(STexts), \"texts\"\nendin";
    both(SECTION, orchestra, |piece| {
        let names = ["alpha", "visible", "bounds", "colour", "green", "none", "range", "tables", "texts"];
        piece.watch(&names);
        piece.cycles(2);
        assert_eq!(piece.all(&names), [0.25, 1.0, 4061.0, 4010.0, 165.0, 0.0, 5.01, 22.0, 200.0]);
    });
}

#[test]
fn identifiers_are_set_at_init_by_one_or_by_a_text() {
    let orchestra = "instr 1\ncabbageSet \"gain\", \"bounds(1, 2, 3, 4), text(\\\"A (new), name\\\"), visible(0)\"\n\
        cabbageSet \"go\", \"text\", \"one\", \"two\"\ncabbageSet \"go\", \"colour:0\", 1, 2, p1 + 2\n\
        cabbageSet \"x\", \"value\", 7\nSLong strcat \"a text longer than most, \", \"of a variable\"\n\
        cabbageSet \"label\", \"text\", SLong\n\
        kBounds[] cabbageGet \"gain\", \"bounds\"\nchnset kBounds[2], \"width\"\nkX chnget \"x\"\nchnset kX, \"read x\"\nendin";
    both(SECTION, orchestra, |piece| {
        piece.watch(&["width", "read x"]);
        piece.cycles(2);
        assert_eq!(piece.all(&["width", "read x"]), [3.0, 7.0]);
        let changes = piece.changes();
        let numbers = |numbers: &[f64]| Some(numbers.iter().map(|number| Value::Number(*number)).collect());
        assert_eq!(told(&changes, "gain", "bounds"), numbers(&[1.0, 2.0, 3.0, 4.0]));
        assert_eq!(told(&changes, "gain", "text"), Some(vec!["A (new), name".into()]));
        assert_eq!(told(&changes, "gain", "visible"), numbers(&[0.0]));
        assert_eq!(told(&changes, "go", "text"), Some(vec!["one".into(), "two".into()]));
        assert_eq!(told(&changes, "go", "colour"), numbers(&[1.0, 2.0, 3.0]));
        assert_eq!(told(&changes, "x", "value"), numbers(&[7.0]));
        let long = "a text longer than most, of a variable";
        assert_eq!(told(&changes, "label", "text"), Some(vec![long.into()]));
    });
}

#[test]
fn identifiers_are_set_while_a_trigger_is_on() {
    let orchestra = "instr 1\nkOn chnget \"on\"\nkTime timeinstk\ncabbageSet kOn, \"gain\", \"bounds\", kTime, 2, 3, 4\n\
        SMessage sprintfk \"visible(%d), text(\\\"turn %d\\\")\", kTime % 2, kTime\ncabbageSet kOn, \"go\", SMessage\n\
        kList[] fillarray 5, 6, 7\ncabbageSet kOn, \"tables\", \"tablenumber\", kList\n\
        cabbageSet kOn, \"x\", \"text\", \"a\", \"b\"\ncabbageSet kOn, \"gain\", \"value\", kTime * 2\n\
        kX, kT cabbageGet \"gain\", \"left\"\nkCount init 0\nkCount += kT\nchnset kX, \"left\"\nchnset kCount, \"count\"\n\
        kGain chnget \"gain\"\nchnset kGain, \"read\"\nendin";
    both(SECTION, orchestra, |piece| {
        piece.watch(&["on", "left", "count", "read"]);
        piece.cycles(4);
        assert_eq!(piece.all(&["left", "count", "read"]), [10.0, 0.0, 0.0]);
        assert_eq!(piece.changes(), []);
        piece.set("on", 1.0);
        assert_eq!(piece.all(&["left", "count", "read"]), [5.0, 1.0, 10.0]);
        piece.set("on", 0.0);
        piece.cycles(4);
        assert_eq!(piece.all(&["left", "count", "read"]), [5.0, 1.0, 10.0]);
        let changes = piece.changes();
        assert_eq!(told(&changes, "go", "text"), Some(vec!["turn 5".into()]));
        assert_eq!(told(&changes, "go", "visible"), Some(vec![1.0.into()]));
        assert_eq!(told(&changes, "tables", "tablenumber"), Some(vec![5.0.into(), 6.0.into(), 7.0.into()]));
        assert_eq!(told(&changes, "x", "text"), Some(vec!["a".into(), "b".into()]));
        assert_eq!(told(&changes, "gain", "value"), Some(vec![10.0.into()]));
    });
}

#[test]
fn widgets_are_made_and_their_channels_found() {
    let orchestra = "instr 1\niCount init 0\nwhile iCount < 5 do\n\
        SWidget sprintf \"bounds(%d, 0, 9, 9), channel(\\\"made%d\\\"), value(%d), _mood(\\\"new\\\")\", iCount * 10, iCount, iCount\n\
        cabbageCreate \"checkbox\", SWidget\niCount += 1\nod\ncabbageCreate \"rslider\", \"channel(\\\"gain\\\")\"\n\
        SAll[] cabbageGetWidgetChannels\nSNew[] cabbageGetWidgetChannels \"_mood(\\\"new\\\")\"\nSBad[] cabbageGetWidgetChannels \"_mood(\\\"bad\\\")\"\n\
        SFirst = SBad[0]\niIs strcmp SFirst, \"go\"\niValue chnget \"made3\"\n\
        chnset lenarray(SAll), \"all\"\nchnset lenarray(SNew), \"new\"\nchnset iIs, \"is\"\nchnset iValue, \"value\"\nendin";
    // Csound 7 reads no opcode without arguments behind an array.
    let is_seven =
        csound_library::Library::get().is_ok_and(|library| library.generation() == Generation::Seven);
    let none = if is_seven { "cabbageGetWidgetChannels \"\"" } else { "cabbageGetWidgetChannels" };
    let orchestra = orchestra.replacen("cabbageGetWidgetChannels", none, 1);
    both(SECTION, &orchestra, |piece| {
        piece.watch(&["all", "new", "is", "value"]);
        piece.cycles(1);
        assert_eq!(piece.all(&["all", "new", "is", "value"]), [10.0, 5.0, 0.0, 3.0]);
        let made: Vec<Change> = piece
            .changes()
            .into_iter()
            .filter(|change| matches!(change.widget, WidgetName::New(_)))
            .collect();
        assert_eq!(made.len(), 5, "one with a channel that is there is not made");
        assert_eq!(made[4].identifier, "checkbox");
        let Value::Text(text) = &made[4].values[0] else { panic!("no text") };
        assert!(text.contains("channel(\"made4\")"), "{text}");
    });
}

#[test]
fn the_older_way_ends_in_the_same_tree() {
    let section =
        format!("{SECTION}\nbutton bounds(0, 0, 5, 5), channel(\"old\"), identchannel(\"old_ident\")");
    let orchestra = "instr 1\nchnset \"visible(0), text(\\\"at init\\\")\", \"ident\"\nkTime timeinstk\nif kTime == 3 then\n\
        chnset sprintfk(\"bounds(1, 2, 3, %d)\", kTime), \"old_ident\"\nendif\nif kTime == 4 then\n\
        chnset sprintfk(\"alpha(0.%d)\", kTime + 1), \"old_ident\"\nendif\nendin";
    both(&section, orchestra, |piece| {
        piece.cycles(1);
        let ident = WidgetName::Ident("ident".into());
        let changes = piece.changes();
        let of_ident: Vec<_> = changes.iter().filter(|change| change.widget == ident).collect();
        assert_eq!(of_ident.len(), 2, "{changes:?}");
        assert!(of_ident.iter().any(|change| change.values == ["at init".into()]), "{changes:?}");
        piece.cycles(8);
        let changes = piece.changes();
        let bounds = [1.0, 2.0, 3.0, 3.0].map(Value::Number).to_vec();
        assert_eq!(told(&changes, "old", "bounds"), Some(bounds));
        assert_eq!(told(&changes, "old", "alpha"), Some(vec![0.5.into()]));
        piece.cycles(3);
        assert_eq!(piece.changes(), [], "what stands is not told again and again");
    });
}
