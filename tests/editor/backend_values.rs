//! The values of a piece's channels, over the real backend: what another piece, an edited text, a file that is read
//! again and a loaded session begin with.

use csound_performer::editor::model::{Action, Backend, State, Widget};
use nice_plug::params::Params;

use crate::backend_bench::*;
use crate::common::csd;

/// A piece whose left channel is *cutoff*, from 0 to 1 and at `start`; where the string channel *word* says so, one
/// more.
fn cutoff(start: &str) -> String {
    let body = "instr 1\nSword chnget \"word\"\nimore strcmp Sword, \"more\"\nkcut chnget \"cutoff\"\n\
                asum upsamp kcut + (imore == 0 ? 1 : 0)\nouts asum, asum\nendin\n";
    let header = format!("{HEADER}chn_k \"cutoff\", 1, 2, {start}, 0, 1\n");
    csd("", &header, body, "i 1 0 1000")
}

#[test]
fn another_piece_begins_with_its_own_values_and_the_same_one_keeps_them() {
    if !alone("backend_values::another_piece_begins_with_its_own_values_and_the_same_one_keeps_them") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let one = write(folder.path(), "one.csd", &cutoff("0.5"));
    let other = write(folder.path(), "other.csd", &cutoff("0.25"));
    let broken = write(folder.path(), "broken.csd", &csd("", HEADER, "instr 1\nouts ,\nendin\n", ""));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(one.clone()));
    bench.until("it begins with its own value", |_, heard| heard[511] == 0.5);
    bench.link.bank.moved_to(0, 0.0);
    bench.desk.act(Action::SetText("word".into(), "more".into()));
    bench.desk.act(Action::Reload);
    bench.until("read again, it keeps what was set", |_, heard| heard[511] == 1.0);
    bench.desk.act(Action::Apply(vec![cutoff("0.75")]));
    bench.until("an edited text does", |view, heard| view.source.answered == 1 && heard[511] == 1.0);
    bench.desk.act(Action::SaveAs(folder.path().join("copy.csd"), vec![cutoff("0.75")]));
    bench.until("a copy does", |view, heard| view.piece.name == "copy.csd" && heard[511] == 1.0);

    bench.desk.act(Action::Open(broken));
    bench.until("another does not start", |view, _| view.source.failure.is_some());
    assert_eq!(bench.play()[511], 1.0, "what plays has what was set for it");
    let saved = bench.params.serialize_fields();
    bench.desk.act(Action::Open(folder.path().join("copy.csd")));
    bench.until("and so has it where it is opened again", |view, heard| {
        view.state == State::Playing && heard[511] == 1.0
    });

    bench.desk.act(Action::Open(other.clone()));
    bench.until("another piece has its own", |view, heard| {
        view.piece.name == "other.csd" && heard[511] == 0.25
    });
    assert_eq!(bench.view.values[0], 0.25);
    assert_eq!(bench.view.channels[1].text.as_deref(), Some(""));
    bench.link.bank.moved_to(0, 1.0);
    bench.until("and can be turned", |_, heard| heard[511] == 1.0);
    bench.desk.act(Action::Open(one));
    bench.until("the first one too has its own", |view, heard| {
        view.piece.name == "one.csd" && heard[511] == 0.5
    });

    let mut bench = Bench::new();
    bench.params.deserialize_fields(&saved);
    bench
        .until("a session has what played", |view, heard| view.source.failure.is_some() && heard[511] == 1.0);
    bench.desk.act(Action::Apply(vec![cutoff("0.125")]));
    bench.until("and what did not play begins with its own", |view, heard| {
        view.state == State::Playing && heard[511] == 0.125
    });
    assert_eq!(bench.view.values[0], 0.125);
}

#[test]
fn string_channels_begin_with_what_their_widgets_show_and_take_what_is_chosen() {
    if !alone("backend_values::string_channels_begin_with_what_their_widgets_show_and_take_what_is_chosen") {
        return;
    }
    let widgets = "<Cabbage>\nform caption(\"Words\") size(300, 200)\n\
        combobox bounds(0, 0, 90, 20), channel(\"wave\"), channelType(\"string\"), items(\"Sine\", \"Saw\"), value(2)\n\
        listbox bounds(0, 20, 90, 60), channel(\"list\"), channelType(\"string\"), text(\"one\", \"two\")\n\
        texteditor bounds(0, 80, 90, 20), channel(\"words\"), text(\"hello\")\n</Cabbage>\n";
    let body = "instr 1\nSwave chnget \"wave\"\nSlist chnget \"list\"\nSwords chnget \"words\"\n\
        isum = 0\nif strcmp(Swave, \"Saw\") == 0 then\nisum += 0.5\nendif\n\
        if strcmp(Slist, \"one\") == 0 then\nisum += 0.25\nendif\n\
        if strcmp(Swords, \"hello\") == 0 then\nisum += 0.125\nendif\n\
        asum = isum\nouts asum, asum\nendin\n\
        instr 2\nktrig metro 50\nschedkwhen ktrig, 0, 0, 1, 0, 0.02\nendin\n";
    let folder = tempfile::tempdir().unwrap();
    let text = widgets.to_owned() + &csd("", HEADER, body, "i 2 0 1000");
    let path = write(folder.path(), "words.csd", &text);
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("what is shown is set", |_, heard| heard[100] == 0.875);
    let shown = |bench: &Bench, name: &str| {
        let channel = bench.view.channels.iter().find(|channel| channel.name == name).unwrap();
        (channel.widget, channel.text.clone().unwrap(), channel.range.items.clone())
    };
    let items = |items: [&str; 2]| items.map(str::to_owned).to_vec();
    assert_eq!(shown(&bench, "wave"), (Widget::Choice, "Saw".into(), items(["Sine", "Saw"])));
    assert_eq!(shown(&bench, "list"), (Widget::Choice, "one".into(), items(["one", "two"])));
    assert_eq!(shown(&bench, "words"), (Widget::Text, "hello".into(), Vec::new()));
    bench.desk.act(Action::SetText("wave".into(), "Sine".into()));
    bench.until("what is chosen is set", |_, heard| heard[100] == 0.375);
    bench.desk.act(Action::Reload);
    bench.until("and kept", |view, heard| view.state == State::Playing && heard[100] == 0.375);
    assert_eq!(shown(&bench, "wave").1, "Sine");
}
