//! Presets that are taken by keys in an editor: what a VST3 host and a CLAP host hear of them.

use std::sync::{Arc, Mutex};
use std::thread::ThreadId;

use serde_json::{Value, json};
use test_host::hands::Hands;
use test_host::host::{Block, EventBody, Host, INSTRUMENT, param_id};
use test_host::screen::Screen;
use test_host::session::{AtEnd, Session};
use vst3::Steinberg::Vst::{IComponentHandler, IComponentHandlerTrait, ParamID, ParamValue, RestartFlags_};
use vst3::Steinberg::{int32, kResultOk, tresult};
use vst3::{Class, ComPtr, ComWrapper};

use crate::common::vst3::moves::Move;
use crate::common::{playing, plugin};
use crate::drops::lit_below;
use crate::menus::{wait, wait_for_the_control};
use crate::tests::{FRAMES, is_drawn, until};
use crate::vst3::Editor;

const CONTROL: u32 = 0xffe3;
const PAGE_DOWN: u32 = 0xff56;

/// A piece with one channel.
const PIECE: &str = "<CsoundSynthesizer>\n<CsInstruments>\nsr = 48000\nksmps = 32\nnchnls = 2\n0dbfs = 1\n\
    chn_k \"cutoff\", 1, 2, 5, 0, 10\ninstr 1\nkcut chnget \"cutoff\"\nouts a(kcut / 20), a(kcut / 20)\nendin\n\
    </CsInstruments>\n<CsScore>\ni 1 0 1000\n</CsScore>\n</CsoundSynthesizer>\n";

/// The presets in their order: the channel's values, of which the last is more exact than a parameter, and the instrument
/// that notes start.
const PRESETS: [(&str, f64, u32); 3] =
    [("Bright", 7.5, 7), ("Dark", 2.5, 12), ("Exact", 1.234_567_890_123_456_7, 9999)];

/// The position of the channel's parameter, which has 32 bits.
fn position(value: f64) -> f64 {
    f64::from((value / 10.0) as f32)
}

/// The piece's session, in a folder where its presets lie beside it.
fn session(folder: &tempfile::TempDir) -> Session {
    let piece = folder.path().join("piece.csd");
    std::fs::write(&piece, PIECE).unwrap();
    let presets = folder.path().join("piece.presets");
    std::fs::create_dir(&presets).unwrap();
    for (name, value, instrument) in PRESETS {
        let preset = json!({ "csound_performer_preset": 1, "name": name, "piece": { "name": "piece.csd" },
            "channels": { "cutoff": value }, "settings": { "note_instrument": instrument } });
        std::fs::write(presets.join(format!("{name}.csdpreset")), preset.to_string()).unwrap();
    }
    Session { at_end: AtEnd::Keep, ..Session::from_file(&piece).unwrap() }
}

/// The channel's value in a state of the VST3.
fn channel_value(state: &[u8]) -> f64 {
    let whole: Value = serde_json::from_slice(state).unwrap();
    let own: Value = serde_json::from_str(whole["fields"]["session"].as_str().unwrap()).unwrap();
    own["channels"][0]["value"].as_f64().unwrap()
}

/// The next preset, by the keys for it.
fn take_next(hands: &Hands) {
    hands.hold(CONTROL, true).unwrap();
    hands.hold(PAGE_DOWN, true).unwrap();
    hands.hold(PAGE_DOWN, false).unwrap();
    hands.hold(CONTROL, false).unwrap();
}

/// What a VST3 host is told, in its order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Begin(ParamID),
    Perform(ParamID, ParamValue),
    End(ParamID),
    /// To look at parameters again: the flags, and on which thread.
    Restart(int32, ThreadId),
}

/// A host that keeps it. An editor has a thread of its own.
struct Listening(Arc<Mutex<Vec<Told>>>);

impl Listening {
    fn keep(&self, told: Told) -> tresult {
        self.0.lock().unwrap().push(told);
        kResultOk
    }
}

impl Class for Listening {
    type Interfaces = (IComponentHandler,);
}

impl IComponentHandlerTrait for Listening {
    unsafe fn beginEdit(&self, id: ParamID) -> tresult {
        self.keep(Told::Begin(id))
    }

    unsafe fn performEdit(&self, id: ParamID, value: ParamValue) -> tresult {
        self.keep(Told::Perform(id, value))
    }

    unsafe fn endEdit(&self, id: ParamID) -> tresult {
        self.keep(Told::End(id))
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        self.keep(Told::Restart(flags, std::thread::current().id()))
    }
}

pub fn a_vst3_host_hears_of_a_preset_that_is_taken_by_keys(screen: &Screen) {
    let folder = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let handler: ComPtr<IComponentHandler> =
        ComWrapper::new(Listening(Arc::clone(&told))).to_com_ptr().unwrap();
    let state = session(&folder).state().unwrap().split_off(size_of::<u64>());
    let bundle = test_host::bundle::dev_bundle().unwrap().vst3;
    let window = screen.window(960, 640).unwrap();
    let editor = Editor::open_in(&bundle, window, Some((&state, handler)));
    let idle = || {
        editor.play();
        editor.idle();
    };
    let hands = Hands::on(&std::env::var("DISPLAY").unwrap()).unwrap();
    // Keys are the pointer's where nobody gives them to a window.
    hands.point(480, 630).unwrap();
    until("the editor", (screen, window), idle, is_drawn);
    wait_for_the_control(&editor, (screen, window));
    told.lock().unwrap().clear();
    let (cutoff, instrument) = (param_id("c001"), param_id("note_instrument"));
    for (name, value, number) in PRESETS {
        let position = position(value);
        let of_instrument = f64::from((number - 1) as f32 / 9998.0);
        take_next(&hands);
        let heard = wait(name, || {
            idle();
            let heard = told.lock().unwrap();
            let is_whole = heard.contains(&Told::End(instrument))
                && heard.iter().any(|told| matches!(told, Told::Restart(..)));
            is_whole.then(|| heard.clone())
        });
        // Whoever asks the controller has the value, and so has whoever listens.
        assert_eq!((editor.value(cutoff), editor.value(instrument)), (position, of_instrument), "{name}");
        let (again, edits): (Vec<_>, Vec<_>) =
            heard.into_iter().partition(|told| matches!(told, Told::Restart(..)));
        let gesture = |id, position| [Told::Begin(id), Told::Perform(id, position), Told::End(id)];
        let both = [gesture(cutoff, position), gesture(instrument, of_instrument)].concat();
        assert_eq!(edits, both, "{name}: as a hand does it");
        let main = std::thread::current().id();
        let values = RestartFlags_::kParamValuesChanged as int32;
        assert_eq!(again, [Told::Restart(values, main)], "{name}: to read the values again");
        // What the host sends back changes nothing: not a bit of it.
        editor.play_while(&[Move { frame: 0, id: cutoff, position }]);
        assert_eq!(channel_value(&editor.save()), value, "{name}");
        told.lock().unwrap().clear();
    }
    drop(editor);
    screen.close(window).unwrap();
}

pub fn a_clap_host_hears_of_a_preset_that_is_taken_by_keys(screen: &Screen) {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::load(plugin()).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &session(&folder).state().unwrap(), FRAMES as u32);
    let window = screen.window(960, 640).unwrap();
    instance.open_editor(window).unwrap();
    let hands = Hands::on(&std::env::var("DISPLAY").unwrap()).unwrap();
    hands.point(480, 630).unwrap();
    let mut blocks = 0;
    let mut play = || drop(crate::tests::play(&mut instance, &mut blocks));
    until("the control", (screen, window), &mut play, |picture| {
        is_drawn(picture) && lit_below(picture, 150) > 300
    });
    instance.take_rescans();
    let (cutoff, instrument) = (param_id("c001"), param_id("note_instrument"));
    for (name, value, number) in PRESETS {
        let position = position(value);
        take_next(&hands);
        let (mut heard, mut told) = (Vec::new(), Vec::new());
        wait(name, || {
            let block = instance.process(Block { frames: FRAMES, ..Block::default() }).unwrap();
            instance.idle();
            heard.extend(block.events.into_iter().filter_map(|event| match event.body {
                EventBody::Param { id, value } => Some((id, value)),
                _ => None,
            }));
            told.extend(instance.take_rescans());
            (heard.len() > 1 && !told.is_empty()).then_some(())
        });
        let of_instrument = instance.param_value(instrument).unwrap();
        assert_eq!(instance.value_to_text(instrument, of_instrument).unwrap(), number.to_string());
        assert_eq!(heard, [(cutoff, position), (instrument, of_instrument)], "{name}: as a hand does it");
        // To read values and their texts again, and nothing else.
        assert!(told.iter().all(|told| told.flags == 0b11 && told.is_on_main_thread), "{name}: {told:?}");
        assert_eq!(instance.param_value(cutoff), Some(position), "{name}");
        let block = instance.process(Block { frames: FRAMES, ..Block::default() }).unwrap();
        assert_eq!(block.output[0][FRAMES - 1], (value / 20.0) as f32, "{name}");
    }
    instance.close_editor().unwrap();
    screen.close(window).unwrap();
}
