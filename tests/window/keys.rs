//! Keys in a host's window: what the editor uses and what the host gets, both counted.

use std::path::Path;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use test_host::hands::Hands;
use test_host::host::{Host, Instance};
use test_host::screen::{Heard, Listener, Picture, Screen};

use crate::desk::{Desk, bells};
use crate::tests::{instance, is_drawn, keep, play, until};

const SPACE: u32 = b' ' as u32;
const CONTROL: u32 = 0xffe3;
const ALT: u32 = 0xffe9;
const F6: u32 = 0xffc3;
const ENTER: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;
const DELETE: u32 = 0xffff;
const BACKSPACE: u32 = 0xff08;
/// The host's, whatever has the focus.
const F9: u32 = 0xffc6;

/// A user before an editor in a host's window, and what the host hears.
struct User {
    listener: Listener,
    hands: Hands,
    instance: Instance,
    blocks: usize,
    heard: Vec<Heard>,
    /// To whom the host sends back what it hears, if it does.
    sends_back: Option<bool>,
    /// The loudest sample of all blocks, and of the last.
    loudest: f32,
    now: f32,
}

impl User {
    fn new(host: &Host, screen: &Screen) -> Self {
        Self::on(host, screen, "demo.csd")
    }

    fn on(host: &Host, screen: &Screen, piece: &str) -> Self {
        let display = std::env::var("DISPLAY").unwrap();
        let listener = Listener::open(&display, 960, 640).unwrap();
        let mut instance = instance(host, piece);
        instance.open_editor(listener.window()).unwrap();
        let hands = Hands::on(&display).unwrap();
        let (loudest, now) = (0.0, 0.0);
        let heard = Vec::new();
        let mut user = Self { listener, hands, instance, blocks: 0, heard, sends_back: None, loudest, now };
        let window = user.listener.window();
        until("the editor", (screen, window), || user.play(), is_drawn);
        // Over the editor: without anybody who gives the keyboard away, it is the pointer's.
        user.hands.point(480, 630).unwrap();
        user
    }

    fn play(&mut self) {
        let heard = play(&mut self.instance, &mut self.blocks);
        self.now = heard[0].iter().fold(0.0, |most, sample| most.max(sample.abs()));
        self.loudest = self.loudest.max(self.now);
        for heard in self.listener.heard().unwrap() {
            if let Some(to_listeners) = self.sends_back {
                self.listener.send_back(&heard, to_listeners).unwrap();
            }
            self.heard.push(heard);
        }
    }

    fn until(&mut self, what: &str, there: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !there(self) {
            self.play();
            std::thread::sleep(Duration::from_millis(5));
            let last = self.heard.iter().rev().take(20).map(|heard| (heard.meaning, heard.pressed));
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{what}: not within a minute; heard, the last first: {:?}",
                last.collect::<Vec<_>>()
            );
        }
    }

    fn tap(&self, key: u32) {
        self.hands.hold(key, true).unwrap();
        self.hands.hold(key, false).unwrap();
    }

    fn with_control(&self, key: u32) {
        self.with(CONTROL, key);
    }

    fn with(&self, held: u32, key: u32) {
        self.hands.hold(held, true).unwrap();
        self.tap(key);
        self.hands.hold(held, false).unwrap();
    }

    /// What the host has heard of the keys before this: they come in their order, and this one is the host's.
    fn host_heard(&mut self) -> Vec<(u32, bool)> {
        self.tap(F9);
        self.until("the host gets F9", |user| {
            user.heard.iter().any(|heard| heard.meaning == F9 && !heard.pressed)
        });
        let heard = std::mem::take(&mut self.heard);
        assert!(heard.iter().all(|heard| heard.sent && heard.is_addressed), "{heard:?}");
        let all = heard.into_iter().map(|heard| (heard.meaning, heard.pressed));
        all.filter(|(meaning, _)| *meaning != F9).collect()
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.instance.save_state().unwrap()).into_owned()
    }
}

fn tapped(key: u32) -> [(u32, bool); 2] {
    [(key, true), (key, false)]
}

pub fn keys_go_to_the_editor_or_to_the_host(screen: &Screen) {
    let host = Host::load(crate::common::plugin()).unwrap();
    let mut user = User::new(&host, screen);

    // Nothing has the focus: the host's transport is the host's, our pages are ours.
    user.tap(SPACE);
    assert_eq!(user.host_heard(), tapped(SPACE));
    user.with_control(u32::from('s'));
    let saves = [(CONTROL, true), (u32::from('s'), true), (u32::from('s'), false), (CONTROL, false)];
    assert_eq!(user.host_heard(), saves, "the host saves its session");
    user.with_control(u32::from('3'));
    assert_eq!(user.host_heard(), tapped(CONTROL), "Ctrl+3 shows the source");

    // In a text, at once after the click into it.
    user.hands.click(300, 350).unwrap();
    user.hands.write("qj xqz").unwrap();
    for key in [ENTER, DELETE, BACKSPACE, SPACE] {
        user.tap(key);
    }
    user.hands.write("kzw").unwrap();
    user.with_control(u32::from('a'));
    user.with_control(u32::from('c'));
    assert_eq!(user.host_heard(), [], "all of it is typed");
    let window = user.listener.window();
    let began = Instant::now();
    while !user.text().contains("qj xqz kzw") {
        user.play();
        std::thread::sleep(Duration::from_millis(10));
        if began.elapsed() > Duration::from_secs(60) {
            keep(&screen.picture(window).unwrap(), "keys.png");
            panic!("what was typed is not in the session");
        }
    }
    user.with_control(u32::from('q'));
    assert_eq!(user.host_heard(), tapped(u32::from('q')), "the host quits; Ctrl itself belongs to the text");

    // A release goes where its press went, whatever has the focus by then.
    user.hands.hold(SPACE, true).unwrap();
    user.tap(ESCAPE);
    user.hands.hold(SPACE, false).unwrap();
    assert_eq!(user.host_heard(), []);
    user.tap(SPACE);
    assert_eq!(user.host_heard(), tapped(SPACE), "nothing is typed any more");
    user.instance.close_editor().unwrap();
}

/// The key left of the first digit: on many keyboards it is a dead one.
const DEAD: u8 = 49;
const CIRCUMFLEX: u32 = 0xfe52;
const DIAERESIS: u32 = 0xfe57;
const SHIFT: u32 = 0xffe1;

pub fn an_accent_waits_for_its_letter(screen: &Screen) {
    let display = std::env::var("DISPLAY").unwrap();
    let before = Hands::give_meanings(&display, DEAD, [CIRCUMFLEX, DIAERESIS]).unwrap();
    let host = Host::load(crate::common::plugin()).unwrap();
    let mut user = User::new(&host, screen);
    // Where nothing is typed it is the host's, as any letter.
    user.tap(CIRCUMFLEX);
    assert_eq!(user.host_heard(), tapped(CIRCUMFLEX));
    user.with_control(u32::from('3'));
    assert_eq!(user.host_heard(), tapped(CONTROL));
    user.hands.click(300, 350).unwrap();
    user.hands.write("qz").unwrap();
    let quote = |user: &User| {
        user.hands.hold(SHIFT, true).unwrap();
        user.tap(CIRCUMFLEX);
        user.hands.hold(SHIFT, false).unwrap();
    };
    user.tap(CIRCUMFLEX);
    user.hands.write("e2").unwrap();
    user.tap(CIRCUMFLEX);
    user.tap(SPACE);
    quote(&user);
    user.tap(SPACE);
    quote(&user);
    user.hands.write("u").unwrap();
    // It waits no more once something else is done.
    user.tap(CIRCUMFLEX);
    user.tap(BACKSPACE);
    user.hands.write("xo").unwrap();
    assert_eq!(user.host_heard(), [], "all of it is typed");
    let began = Instant::now();
    // A quotation mark has strokes before it in the session.
    while !user.text().replace('\\', "").contains("qzê2^\"xo") {
        user.play();
        std::thread::sleep(Duration::from_millis(10));
        if began.elapsed() > Duration::from_secs(60) {
            keep(&screen.picture(user.listener.window()).unwrap(), "accents.png");
            panic!("what was typed is not in the session");
        }
    }
    user.instance.close_editor().unwrap();
    Hands::give_meanings(&display, DEAD, before).unwrap();
}

/// Enough to come to the end of the page of settings.
const NOTCHES: usize = 150;

/// A twin of the editor that goes to the page of keys as the user does, for the places of what is on it.
struct Twin(Desk);

impl Twin {
    fn scroll_down(&mut self) {
        let window = &mut self.0.window;
        window.event(egui::Event::PointerMoved(egui::pos2(300.0, 400.0)));
        for _ in 0..NOTCHES {
            let (unit, delta) = (egui::MouseWheelUnit::Line, egui::vec2(0.0, -1.0));
            let (phase, source) = (egui::TouchPhase::Move, egui::MouseWheelSource::Unknown);
            let modifiers = egui::Modifiers::NONE;
            window.event(egui::Event::MouseWheel { unit, delta, phase, source, modifiers });
        }
        self.0.steps(60);
    }

    fn click(&mut self, role: Role, label: &str) -> (i16, i16) {
        let place = self.0.window.get_by_role_and_label(role, label).rect().center();
        self.0.pointer(place, true);
        self.0.pointer(place, false);
        self.0.steps(30);
        (place.x as i16, place.y as i16)
    }
}

impl User {
    /// Until what moves by itself has come to rest.
    fn rest(&mut self) {
        for _ in 0..200 {
            self.play();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn scroll_down(&mut self) {
        self.hands.point(300, 400).unwrap();
        self.hands.wheel_down(NOTCHES).unwrap();
        self.rest();
    }
}

pub fn a_key_that_the_user_chooses_is_ours_and_the_usual_one_the_host_s(screen: &Screen) {
    let host = Host::load(crate::common::plugin()).unwrap();
    let folder = Path::new(&std::env::var("XDG_CONFIG_HOME").unwrap()).join("csound-performer");
    let file = folder.join("keys.json");
    let mut user = User::new(&host, screen);
    let mut twin = Twin(Desk::new(vec![bells()], [960.0, 640.0]));
    let wrap = "In the source: wrap long lines: Alt+Z";

    // The page, by the mouse.
    user.with_control(u32::from('5'));
    twin.0.click("Settings");
    user.scroll_down();
    twin.scroll_down();
    let (x, y) = twin.click(Role::DisclosureTriangle, "Keys");
    user.hands.click(x, y).unwrap();
    user.rest();
    user.scroll_down();
    twin.scroll_down();
    let (x, y) = twin.click(Role::Button, wrap);
    user.host_heard();

    // While a key is asked for, even what is the host's everywhere goes to the editor, which refuses it.
    user.hands.click(x, y).unwrap();
    user.tap(SPACE);
    // It goes on asking, until Escape.
    user.tap(SPACE);
    user.tap(ESCAPE);
    assert_eq!(user.host_heard(), [], "Space is asked for");
    assert!(!file.exists(), "and refused");
    user.tap(SPACE);
    assert_eq!(user.host_heard(), tapped(SPACE), "nothing is asked for any more");
    user.hands.click(x, y).unwrap();
    user.tap(F6);
    assert_eq!(user.host_heard(), []);
    user.until("it is kept", |_| {
        std::fs::read_to_string(&file).is_ok_and(|kept| kept.contains("\"wrap\": \"F6\""))
    });

    // In the source, where it wraps.
    user.with_control(u32::from('3'));
    user.host_heard();
    user.hands.click(300, 350).unwrap();
    let began = Instant::now();
    loop {
        user.with(ALT, u32::from('z'));
        let heard = user.host_heard();
        if heard == tapped(u32::from('z')) {
            break;
        }
        assert!(heard.is_empty() && began.elapsed() < Duration::from_secs(60), "{heard:?}");
    }
    user.tap(F6);
    assert_eq!(user.host_heard(), [], "it is ours where text is typed");
    let wraps = "\\\"wrap\\\":true";
    let began = Instant::now();
    while !user.text().replace(' ', "").contains(wraps) {
        user.play();
        std::thread::sleep(Duration::from_millis(10));
        assert!(began.elapsed() < Duration::from_secs(60), "F6 does nothing: {}", user.text());
    }
    user.tap(ESCAPE);
    user.tap(F6);
    assert_eq!(user.host_heard(), tapped(F6), "and the host's elsewhere");
    user.instance.close_editor().unwrap();
    std::fs::remove_file(&file).unwrap();
}

pub fn what_a_host_sends_back_goes_no_further(screen: &Screen) {
    let host = Host::load(crate::common::plugin()).unwrap();
    let mut user = User::new(&host, screen);
    for to_listeners in [true, false] {
        user.sends_back = Some(to_listeners);
        for _ in 0..3 {
            user.tap(SPACE);
            assert_eq!(user.host_heard(), tapped(SPACE), "to those who listen: {to_listeners}");
        }
    }
    user.instance.close_editor().unwrap();
}

/// Each note is louder than the one before, by a twentieth.
const COUNTS: &str = "<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1
giNotes init 0
instr 1
giNotes = giNotes + 1
outs a(giNotes / 20), a(giNotes / 20)
endin
</CsInstruments>
<CsScore>
f 0 1000
</CsScore>
</CsoundSynthesizer>
";

/// The white keys fill the window's foot above the status line.
fn keys_are_drawn(picture: &Picture) -> bool {
    let from = (picture.width * 580 * 3) as usize;
    let line = &picture.rgb[from..from + picture.width as usize * 3];
    line.chunks_exact(3).filter(|pixel| pixel.iter().all(|value| *value > 200)).count() > 700
}

pub fn a_key_that_is_held_repeats_itself_and_plays_one_note(screen: &Screen) {
    let folder = tempfile::tempdir().unwrap();
    let piece = folder.path().join("counts.csd");
    std::fs::write(&piece, COUNTS).unwrap();
    let host = Host::load(crate::common::plugin()).unwrap();
    let mut user = User::on(&host, screen, piece.to_str().unwrap());

    // The host is told of it as the keyboard tells it: pressed and let go, again and again.
    user.hands.hold(F9, true).unwrap();
    user.until("the host hears F9 again", |user| {
        user.heard.iter().filter(|heard| heard.pressed).count() >= 4
    });
    user.hands.hold(F9, false).unwrap();
    user.heard.clear();

    // The keyboard's button, which opens the keys and gives them the focus, is where a twin of the editor has it.
    let twin = Desk::new(vec![bells()], [960.0, 640.0]);
    let button = twin.window.get_by_role_and_label(Role::Button, "Keyboard").rect().center();
    user.hands.click(button.x as i16, button.y as i16).unwrap();
    let window = user.listener.window();
    until("the keys", (screen, window), || user.play(), keys_are_drawn);
    user.hands.hold(u32::from('z'), true).unwrap();
    user.until("the note", |user| user.loudest > 0.0);
    // As long as the host needed to hear F9 several times, and longer.
    for _ in 0..400 {
        user.play();
        std::thread::sleep(Duration::from_millis(5));
    }
    user.hands.hold(u32::from('z'), false).unwrap();
    let loudest = user.loudest;
    assert!((loudest - 0.05).abs() < 1e-6, "{} notes began", loudest * 20.0);
    user.until("its end", |user| user.now == 0.0);
    user.instance.close_editor().unwrap();
}
