//! The piece that both backends perform, and all that they have to show of it.

use csound_performer::editor::model::{Channel, Layout, Placed, PlacedKind, Widget};
use csound_performer::range::{Range, Scale, ScaleKind};

use crate::backend_bench::HEADER;
use crate::common::csd;

/// Channels besides the others: more than the bank has parameters.
const MANY: usize = 130;

/// The line of the piece that has its level, from 1.
pub const LEVEL_LINE: u32 = 18;

/// A piece with channels of every kind.
pub fn piece(level: &str) -> String {
    let many: String = (0..MANY).map(|at| format!("chn_k \"c{at:03}\", 1, 2, 0, 0, 1\n")).collect();
    format!(
        "\
<Cabbage>
form caption(\"Contract\") size(300, 200)
button bounds(0, 0, 60, 30), channel(\"bang\"), text(\"Bang\"), latched(0), popuptext(\"Press it\")
filebutton bounds(60, 0, 60, 30), channel(\"sample\"), text(\"Sample\")
</Cabbage>
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1
chn_k \"cutoff\", 1, 3, 440, 20, 20000
chn_k \"seen\", 2, 2, 0, 0, 1
instr 1
Swords chnget \"words\"
Ssample chnget \"sample\"
chnset k(0.5), \"seen\"
outs a({level}), a(chnget:k(\"bang\"))
endin
instr 2
prints \"instrument 2\\n\"
endin
{many}</CsInstruments>
<CsScore>
i 1 0 1000
</CsScore>
</CsoundSynthesizer>
"
    )
}

/// The channels of that piece, as they are shown.
pub fn channels() -> Vec<Channel> {
    let named = |name: &str| Channel { name: name.into(), ..Channel::default() };
    let cutoff = Range::new(Scale::new(ScaleKind::Exponential, 20.0, 20_000.0), 440.0);
    let mut channels = vec![Channel { parameter: Some(0), range: cutoff, ..named("cutoff") }];
    for at in 0..MANY {
        channels.push(Channel {
            parameter: Some(at + 1).filter(|slot| *slot < 128),
            ..named(&format!("c{at:03}"))
        });
    }
    let switch = Range::choice(vec!["Off".into(), "On".into()], 0.0, 0.0).unwrap();
    let bang = Channel { label: "Bang".into(), widget: Widget::Trigger, range: switch, ..named("bang") };
    channels.push(Channel { help: "Press it".into(), ..bang });
    let text = |name: &str, widget| Channel { widget, text: Some(String::new()), ..named(name) };
    channels.push(Channel { label: "Sample".into(), ..text("sample", Widget::File) });
    channels.push(text("words", Widget::Text));
    channels.push(Channel { is_output: true, group: "Written by the piece".into(), ..named("seen") });
    channels
}

/// The layout of that piece.
pub fn layout() -> Layout {
    let placed = |name: &str, left: f32, text: &str| Placed {
        kind: PlacedKind::Control(channels().iter().position(|channel| channel.name == name).unwrap()),
        bounds: [left, 0.0, 60.0, 30.0],
        text: text.into(),
        ..Placed::default()
    };
    let widgets = vec![placed("bang", 0.0, "Bang"), placed("sample", 60.0, "Sample")];
    Layout { size: [300.0, 200.0], caption: "Contract".into(), widgets, ..Layout::default() }
}

/// A piece that plays a tone by an opcode.
pub fn tone(opcode: &str) -> String {
    csd("", HEADER, &format!("instr 1\na1 {opcode} 0.2, 440\nouts a1, a1\nendin\n"), "i 1 0 1000")
}

/// A piece that takes long to render.
pub fn slow() -> String {
    let body = "instr 1\nkat = 0\nwhile kat < 20000 do\nkat += 1\nod\nouts a(0.1), a(0.1)\nendin\n";
    csd("", HEADER, body, "i 1 0 1000")
}
