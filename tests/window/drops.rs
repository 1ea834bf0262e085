//! Files that another program drags over the editor and drops on it.

use std::path::Path;
use std::time::{Duration, Instant};

use test_host::host::{Host, Instance};
use test_host::screen::{Drag, Listener, Picture, Screen};

use crate::tests::{instance, is_drawn, keep, play, until};

/// A piece whose page is one control that takes a file.
const CHOOSER: &str = r#"<Cabbage>
form caption("Chooser") size(600, 400)
filebutton bounds(0, 0, 600, 400), channel("sample"), text("Sample")
</Cabbage>
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
Sfile chnget "sample"
endin
</CsInstruments>
<CsScore>
i 1 0 1000
</CsScore>
</CsoundSynthesizer>
"#;

/// The colour of things that are at hand, in the dark.
const ACCENT: [u8; 3] = [0x6f, 0xb3, 0xc8];

struct Desk {
    listener: Listener,
    instance: Instance,
    blocks: usize,
}

impl Desk {
    fn open(host: &Host, screen: &Screen, piece: &Path) -> Self {
        let listener = Listener::open(&display(), 960, 640).unwrap();
        let mut instance = instance(host, piece.to_str().unwrap());
        instance.open_editor(listener.window()).unwrap();
        let mut desk = Self { listener, instance, blocks: 0 };
        let window = desk.listener.window();
        until("the editor", (screen, window), || desk.play(), is_drawn);
        desk
    }

    fn play(&mut self) {
        play(&mut self.instance, &mut self.blocks);
    }

    fn drag(&self, file: &Path) -> Drag {
        Drag::begin(&display(), self.listener.editor().unwrap(), &[file]).unwrap()
    }

    fn until_state_has(&mut self, screen: &Screen, words: &str) {
        let began = Instant::now();
        while !String::from_utf8_lossy(&self.instance.save_state().unwrap()).contains(words) {
            self.play();
            std::thread::sleep(Duration::from_millis(10));
            if began.elapsed() > Duration::from_secs(60) {
                keep(&screen.picture(self.listener.window()).unwrap(), "drop-failed.png");
                panic!("the session does not get {words}");
            }
        }
    }
}

/// Pixels below a line in the colour of things that are at hand.
pub fn lit_below(picture: &Picture, line: u32) -> usize {
    let from = (line * picture.width * 3) as usize;
    picture.rgb[from..].chunks_exact(3).filter(|pixel| *pixel == ACCENT).count()
}

fn display() -> String {
    std::env::var("DISPLAY").unwrap()
}

pub fn a_piece_that_is_dropped_opens(screen: &Screen) {
    let folder = tempfile::tempdir().unwrap();
    let piece = folder.path().join("a dropped piece.csd");
    std::fs::write(&piece, CHOOSER).unwrap();
    let host = Host::load(crate::common::plugin()).unwrap();
    let mut desk = Desk::open(&host, screen, Path::new("demo.csd"));
    // Files that leave again do nothing. Names of files come with a space as it is.
    let drag = desk.drag(&piece);
    assert!(drag.point(300, 300).unwrap(), "the editor takes files");
    drag.leave().unwrap();
    let window = desk.listener.window();
    let drag = desk.drag(&piece);
    assert!(drag.point(300, 300).unwrap() && drag.point(310, 305).unwrap());
    // At the window's foot nothing else has that colour.
    let says = |picture: &Picture| lit_below(picture, 580) > 300;
    let seen = until("what a drop would do", (screen, window), || desk.play(), says);
    keep(&seen, "drop.png");
    drag.drop_files().unwrap();
    desk.until_state_has(screen, "Sfile chnget");
    desk.instance.close_editor().unwrap();
}

pub fn a_sound_reaches_the_control_it_is_dropped_on(screen: &Screen) {
    let folder = tempfile::tempdir().unwrap();
    let (piece, sound) = (folder.path().join("chooser.csd"), folder.path().join("kick.wav"));
    std::fs::write(&piece, CHOOSER).unwrap();
    std::fs::write(&sound, b"no sound at all").unwrap();
    let host = Host::load(crate::common::plugin()).unwrap();
    let mut desk = Desk::open(&host, screen, &piece);
    let window = desk.listener.window();
    // Beside it, nothing takes the sound.
    let drag = desk.drag(&sound);
    drag.point(940, 630).unwrap();
    drag.drop_files().unwrap();
    // The page is there once the piece is; then the control is where the files are, and not before.
    let drag = desk.drag(&sound);
    drag.point(100, 10).unwrap();
    for _ in 0..100 {
        desk.play();
    }
    drag.point(250, 260).unwrap();
    let seen = until(
        "the control is marked",
        (screen, window),
        || desk.play(),
        |picture| {
            // Its edge, two pixels wide, with the words at the window's foot.
            lit_below(picture, 240) > 2000
        },
    );
    keep(&seen, "drop-sound.png");
    let state = String::from_utf8_lossy(&desk.instance.save_state().unwrap()).into_owned();
    assert!(!state.contains("kick.wav"), "it was not dropped there yet");
    drag.drop_files().unwrap();
    desk.until_state_has(screen, "kick.wav");
    desk.instance.close_editor().unwrap();
}
