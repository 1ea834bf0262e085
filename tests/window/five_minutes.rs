//! README's first five minutes, step by step, with a mouse and a keyboard in a real window.
//!
//! A real window does not tell where its buttons are. The same editor is therefore laid out beside it over the fake
//! backend, at the same size and with the same piece, and asked.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::{Language, RecordingView, SourceFile, State};
use csound_performer::range::{Range, Scale, ScaleKind};
use egui::accesskit::Role;
use egui::epaint::Shape;
use egui::epaint::text::cursor::CCursor;
use egui::{Pos2, Rect};
use egui_kittest::kittest::Queryable;
use test_host::hands::{Hands, Key};
use test_host::host::{Block, Event, EventBody, Host, INSTRUMENT, Instance, Transport};
use test_host::screen::Screen;

use crate::common::{pieces, plugin};
use crate::desk::{Desk, knob};

/// Frames of a block: the hundredth part of a second.
const FRAMES: usize = 480;

const RATE: f64 = 48_000.0;

/// The line of `first.csd` that README has changed, and what makes it a square wave.
const LINE: &str = "vco2 iloud, cpsmidi()";
const SQUARE: &str = ", 10";

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Programs of a desktop that this system may lack: one asks for files, one shows folders.
pub struct Programs {
    folder: tempfile::TempDir,
}

impl Programs {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display();
        let asks = format!(
            "#!/bin/sh\ncase \"$*\" in\n*--save*) echo {at}/square.csd ;;\n*) echo {at}/recordings ;;\nesac\n"
        );
        let shows = format!("#!/bin/sh\necho \"$1\" > {at}/shown\n");
        std::fs::create_dir(folder.path().join("recordings")).unwrap();
        for (name, text) in [("zenity", asks), ("xdg-open", shows)] {
            use std::os::unix::fs::PermissionsExt;
            let program = folder.path().join(name);
            std::fs::write(&program, text).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder }
    }

    /// Has them asked and not those of the system.
    ///
    /// # Safety
    /// No other thread has been started.
    pub unsafe fn answer(&self) {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.folder.path().to_owned()).chain(std::env::split_paths(&others));
        // SAFETY: the caller's.
        unsafe {
            std::env::set_var("PATH", std::env::join_paths(paths).unwrap());
            // Nor those of a desktop that runs.
            std::env::set_var("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        }
        FOLDER.set(self.folder.path().to_owned()).unwrap();
    }
}

/// Somebody with a mouse, a keyboard and ears.
struct User<'a> {
    screen: &'a Screen,
    window: u32,
    hands: Hands,
    instance: Instance,
    blocks: usize,
    /// What the plugin sent to the host.
    sent: Vec<Event>,
    /// The same editor, to ask for places.
    twin: Desk,
}

impl User<'_> {
    /// Plays for so long, in real time, and gives what is heard on the left.
    fn listen(&mut self, seconds: f64, events: &[Event]) -> Vec<f32> {
        let mut heard = Vec::new();
        for block in 0..(seconds * 100.0) as usize {
            let at = (self.blocks * FRAMES) as f64 / RATE;
            let transport = Transport { playing: true, seconds: at, tempo: 120.0, looped: None };
            let events = if block == 0 { events } else { &[] };
            let block = Block { frames: FRAMES, transport: Some(transport), events, ..Block::default() };
            let done = self.instance.process(block).unwrap();
            heard.extend_from_slice(&done.output[0]);
            self.sent.extend(done.events);
            self.instance.idle();
            self.blocks += 1;
            std::thread::sleep(Duration::from_millis(10));
        }
        heard
    }

    fn until(&mut self, what: &str, mut there: impl FnMut(&mut Self) -> bool) {
        let began = Instant::now();
        while !there(self) {
            if began.elapsed() > Duration::from_secs(30) {
                self.keep("missing");
                panic!("{what}: not within half a minute; what is seen is in target/screenshots");
            }
        }
    }

    fn keep(&self, name: &str) {
        let folder = test_host::project::target_dir().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.screen.picture(self.window).unwrap();
        picture.write(&folder.join(format!("five-minutes-{name}.png"))).unwrap();
    }

    fn click(&mut self, at: Pos2) {
        self.hands.click(at.x as i16, at.y as i16).unwrap();
        self.listen(0.3, &[]);
    }

    /// Clicks at what is called so, here and in the twin.
    fn click_on(&mut self, role: Role, name: &str) {
        let place = self.place(role, name);
        self.click(place.center());
        self.twin.window.get_by_role_and_label(role, name).click();
        self.twin.steps(3);
    }

    fn place(&self, role: Role, name: &str) -> Rect {
        self.twin.window.get_by_role_and_label(role, name).rect()
    }

    /// Holds a key of the host's keyboard and tells how the second and the first harmonic stand to each other.
    fn second_harmonic(&mut self) -> Option<f64> {
        const A3: u8 = 57;
        let heard = self.listen(0.5, &[Event::note_on(0, 0, A3, 0.8)]);
        self.listen(0.6, &[Event::note_off(0, 0, A3)]);
        let steady = &heard[heard.len() / 2..];
        let strength = |frequency: f64| {
            let turn = |frame: usize| std::f64::consts::TAU * frequency * frame as f64 / RATE;
            let sum = steady.iter().enumerate().fold((0.0, 0.0), |(re, im), (frame, sample)| {
                (re + f64::from(*sample) * turn(frame).cos(), im + f64::from(*sample) * turn(frame).sin())
            });
            f64::hypot(sum.0, sum.1) / steady.len() as f64
        };
        (strength(220.0) > 0.001).then(|| strength(440.0) / strength(220.0))
    }
}

fn loudest(heard: &[f32]) -> f32 {
    heard.iter().fold(0.0, |loudest, sample| loudest.max(sample.abs()))
}

/// The place behind a word in the source, as the twin shows it.
fn behind(twin: &Desk, word: &str) -> Pos2 {
    let found = twin.window.output().shapes.iter().find_map(|clipped| match &clipped.shape {
        Shape::Text(text) => {
            let at = text.galley.text().find(word)?;
            let letters = text.galley.text()[..at + word.len()].chars().count();
            Some(text.pos + text.galley.pos_from_cursor(CCursor::new(letters)).center().to_vec2())
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{word} is not in the source"))
}

fn user_has_opened_nothing(twin: &Desk) {
    twin.backend.change(|view| view.piece.recent = [].into());
}

/// Shows the twin the piece that the window shows.
fn show_first(twin: &mut Desk) {
    let text = std::fs::read_to_string(pieces().join("first.csd")).unwrap();
    twin.backend.change(|view| {
        let cutoff = Range::new(Scale::new(ScaleKind::Exponential, 80.0, 9000.0), 1500.0);
        view.piece.name = "first.csd".into();
        view.state = State::Playing;
        view.channels =
            [csound_performer::editor::model::Channel { range: cutoff, ..knob("cutoff", 0) }].into();
        view.transport.length = None;
        view.source.files = [SourceFile { name: "first.csd".into(), language: Language::Csd, text }].into();
        view.source.generation += 1;
    });
    twin.steps(3);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

pub fn the_first_five_minutes_of_the_readme(screen: &Screen) {
    let folder = FOLDER.get().unwrap();
    let readme = std::fs::read_to_string(pieces().join("../README.md")).unwrap();
    let says = |words: &str| assert!(readme.contains(words), "README does not say: {words}");
    let host = Host::load(plugin()).unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.activate(RATE, 1, FRAMES as u32).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    let window = screen.window(960, 640).unwrap();
    instance.open_editor(window).unwrap();
    let hands = Hands::on(&std::env::var("DISPLAY").unwrap()).unwrap();
    let twin = Desk::on(FakePiece::csd("/music/demo.csd", "; demo"));
    user_has_opened_nothing(&twin);
    let mut user = User { screen, window, hands, instance, blocks: 0, sent: Vec::new(), twin };
    user.until("the editor", |user| {
        user.listen(0.1, &[]);
        user.screen.picture(window).unwrap().colours() > 100
    });

    // 2.
    says("In the menu at the top left choose `first.csd`, *A first instrument, to begin with*.");
    let menu = user.twin.window.get_by_label_contains("demo.csd").rect();
    assert!(menu.left() < 30.0 && menu.top() < 30.0, "the menu is at {menu:?}");
    user.click(menu.center());
    user.twin.window.get_by_label_contains("demo.csd").click();
    user.twin.steps(3);
    user.keep("menu");
    let first = user.twin.window.get_by_label_contains("A first instrument").rect();
    user.click(first.center());
    user.twin.window.get_by_label_contains("A first instrument").click();
    user.twin.steps(3);
    show_first(&mut user.twin);
    user.until("silence, as no key is held", |user| loudest(&user.listen(0.5, &[])) == 0.0);
    says("Play it on the track's\n   keyboard");
    let mut saw = 0.0;
    user.until("a note", |user| user.second_harmonic().inspect(|found| saw = *found).is_some());
    says("on the keys at the editor's foot (the keyboard button at the top right)");
    user.click_on(Role::Button, "Keyboard");
    user.keep("keyboard");
    says("or with the computer's keys\n   (Z S X D C … and Q 2 W 3 E …)");
    user.hands.hold(u32::from('z'), true).unwrap();
    assert!(loudest(&user.listen(0.5, &[])) > 0.01, "the computer's key Z is not heard");
    user.hands.hold(u32::from('z'), false).unwrap();
    user.until("its end", |user| loudest(&user.listen(0.5, &[])) == 0.0);
    let keys = user.twin.window.get_by_label("Keys to play").rect();
    user.hands.point(keys.center().x as i16, keys.bottom() as i16 - 6).unwrap();
    user.hands.press(true).unwrap();
    assert!(loudest(&user.listen(0.5, &[])) > 0.01, "a clicked key is not heard");
    user.hands.press(false).unwrap();
    user.until("its end", |user| loudest(&user.listen(0.5, &[])) == 0.0);

    // 3.
    says(
        "under *Source*, make `vco2 iloud, cpsmidi()` a square wave, `vco2 iloud, cpsmidi(), 10`, and press\n   *Apply*",
    );
    user.click_on(Role::Button, "Source");
    let place = behind(&user.twin, LINE);
    user.click(place);
    user.hands.key(Key::End).unwrap();
    user.hands.write(SQUARE).unwrap();
    user.listen(0.3, &[]);
    user.keep("source");
    let apply = user.twin.window.get_by_label("Apply").rect();
    user.click(apply.center());
    assert!(saw > 0.2, "a sawtooth has even harmonics: {saw}");
    user.until("a square wave", |user| user.second_harmonic().is_some_and(|found| found < 0.05));
    says("*Save as…* keeps it as a file");
    let save = user.twin.window.get_by_label("Save as…").rect();
    user.click(save.center());
    let saved = folder.join("square.csd");
    let holds =
        |_: &mut User| std::fs::read_to_string(&saved).is_ok_and(|text| text.contains("cpsmidi(), 10"));
    user.until("the saved file", |user| {
        user.listen(0.1, &[]);
        holds(user)
    });

    // 4.
    says("turn *cutoff* while the DAW writes automation. It is the parameter *cutoff*");
    user.click_on(Role::Button, "Channels");
    user.twin.steps(3);
    let channel = user.instance.params().into_iter().find(|param| param.name == "cutoff").unwrap();
    let before = user.instance.param_value(channel.id).unwrap();
    user.sent.clear();
    let knob = user.place(Role::Slider, "cutoff").center();
    user.hands.point(knob.x as i16, knob.y as i16).unwrap();
    user.hands.press(true).unwrap();
    for step in 1..=6_i16 {
        user.hands.point(knob.x as i16, knob.y as i16 - 8 * step).unwrap();
        user.listen(0.05, &[]);
    }
    user.hands.press(false).unwrap();
    user.listen(0.3, &[]);
    user.keep("cutoff");
    let after = user.instance.param_value(channel.id).unwrap();
    assert!(after > before + 0.1, "cutoff stands at {before}, then at {after}");
    let written = user
        .sent
        .iter()
        .filter(|event| matches!(event.body, EventBody::Param { id, .. } if id == channel.id));
    assert!(written.count() > 2, "the DAW hears nothing of it: {:?}", user.sent);
    let shown = user.instance.value_to_text(channel.id, after).unwrap();
    assert!(shown.starts_with("cutoff"), "{shown}");

    // 5.
    says("the round button asks for a folder, and records exact frames from there to the next press");
    let record = user.twin.window.get_by_label("Record").rect();
    user.click(record.center());
    let recordings = folder.join("recordings");
    user.until("a recording", |user| {
        user.listen(0.1, &[]);
        !files(&recordings).is_empty()
    });
    user.second_harmonic();
    user.keep("recording");
    user.click(record.center());
    user.listen(0.5, &[]);
    let recorded = files(&recordings);
    let (sound, rate) = test_host::wav::read(&recorded[0]).unwrap();
    assert!(rate == 48_000 && loudest(&sound[0]) > 0.01, "{} frames at {rate}", sound[0].len());
    says("*Show in\n   folder* opens it");
    user.twin.backend.change(|view| {
        view.recording =
            RecordingView { seconds: 1.0, path: Some(recorded[0].clone()), ..RecordingView::default() };
        (view.picture.load, view.picture.worst) = (0.05, 0.1);
    });
    user.twin.steps(3);
    let show = user.twin.window.get_by_label("Show in folder").rect();
    user.click(show.center());
    user.until("the folder", |user| {
        user.listen(0.1, &[]);
        std::fs::read_to_string(folder.join("shown")).is_ok_and(|shown| Path::new(shown.trim()) == recordings)
    });
    user.keep("shown");

    // What step 3 says of errors; last, since the notice moves what is below.
    says("if not, the error stands at its line and the old one plays\n   on");
    user.click_on(Role::Button, "Source");
    let place = behind(&user.twin, LINE);
    user.click(place);
    user.hands.key(Key::End).unwrap();
    user.hands.write(" oscilx").unwrap();
    user.click(apply.center());
    user.listen(2.0, &[]);
    user.keep("error");
    assert!(user.second_harmonic().is_some_and(|found| found < 0.05), "the old one does not play on");
    user.instance.close_editor().unwrap();
    screen.close(window).unwrap();
}
