//! A preset by the keys in a VST3 host's window: what the host is told of it.

use test_host::hands::Hands;
use test_host::host::param_id;
use test_host::screen::Screen;
use test_host::session::Session;

use crate::menus::{Menus, wait};
use crate::tests::{is_drawn, until};
use crate::vst3::Editor;

/// VST3's word for changed values.
const VALUES: i32 = 1 << 3;

const CONTROL: u32 = 0xffe3;
const PAGE_DOWN: u32 = 0xff56;

const PIECE: &str = "<CsoundSynthesizer>\n<CsInstruments>\nsr = 48000\nksmps = 32\nnchnls = 2\n0dbfs = 1\n\
    chn_k \"cutoff\", 1, 2, 5, 0, 10\ninstr 1\nkcut chnget \"cutoff\"\nendin\n</CsInstruments>\n<CsScore>\n\
    i 1 0 1000\n</CsScore>\n</CsoundSynthesizer>\n";

pub fn a_vst3_host_hears_of_a_preset(screen: &Screen) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("piece.csd");
    std::fs::write(&path, PIECE).unwrap();
    std::fs::create_dir(folder.path().join("piece.presets")).unwrap();
    let preset = r#"{"csound_performer_preset":1,"name":"High","channels":{"cutoff":7.5}}"#;
    std::fs::write(folder.path().join("piece.presets/High.csdpreset"), preset).unwrap();
    let state = Session::from_file(&path).unwrap().state().unwrap().split_off(size_of::<u64>());
    let window = screen.window(960, 640).unwrap();
    let (told, handler) = Menus::host();
    let bundle = test_host::bundle::dev_bundle().unwrap().vst3;
    let editor = Editor::open_in(&bundle, window, Some((&state, handler)));
    until("the editor", (screen, window), || editor.idle(), is_drawn);
    let hands = Hands::on(&std::env::var("DISPLAY").unwrap()).unwrap();
    // Over the editor: without anybody who gives the keyboard away, it is the pointer's.
    hands.point(480, 620).unwrap();
    let cutoff = param_id("c001");
    assert_eq!(editor.value(cutoff), 0.5);
    told.restarted.take();
    hands.hold(CONTROL, true).unwrap();
    hands.hold(PAGE_DOWN, true).unwrap();
    hands.hold(PAGE_DOWN, false).unwrap();
    hands.hold(CONTROL, false).unwrap();
    wait("the host is told of the values", || {
        editor.idle();
        let told = told.restarted.take();
        assert!(told.iter().all(|(_, is_main)| *is_main), "{told:?}");
        told.iter().any(|(flags, _)| flags & VALUES != 0).then_some(())
    });
    assert_eq!(editor.value(cutoff), 0.75);
    drop(editor);
    screen.close(window).unwrap();
}
