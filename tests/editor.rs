//! The editor over a backend without a plugin: what the user does becomes actions, what the backend
//! says is shown, and only what is in sight is laid out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use csound_performer::editor::dialog::NativeDialogs;
use csound_performer::editor::fake::{FakeBackend, FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use csound_performer::editor::{Editor, Laid};
use egui::accesskit::Role;
use egui::{Key, Modifiers, PointerButton, Pos2, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

const BELLS: &str = "\
<CsoundSynthesizer>
<CsInstruments>
instr 1
  a1 oscili 0.2, 440
  outs a1, a1
endin
</CsInstruments>
<CsScore>
i 1 0 60
</CsScore>
</CsoundSynthesizer>
";

/// As a keyboard reports it where there is no command key.
const CONTROL: Modifiers = Modifiers { ctrl: true, command: true, ..Modifiers::NONE };

const PATH: &str = "/music/bells.csd";

/// A window on a backend.
struct Desk {
    backend: Arc<FakeBackend>,
    window: Harness<'static, Editor>,
}

impl Desk {
    fn new(pieces: Vec<FakePiece>, size: [f32; 2]) -> Self {
        Self::with_dialogs(pieces, size, FakeDialogs::new(PATH))
    }

    fn with_dialogs(pieces: Vec<FakePiece>, size: [f32; 2], dialogs: FakeDialogs) -> Self {
        let backend = Arc::new(FakeBackend::new(pieces));
        let shown = Arc::clone(&backend);
        let window = Harness::builder().with_size(size).with_context_setup(Editor::install).build_ui_state(
            move |ui, editor: &mut Editor| editor.show(ui, &*shown),
            Editor::new(Box::new(dialogs)),
        );
        let mut desk = Self { backend, window };
        desk.steps(3);
        desk
    }

    /// A window on one piece that is open.
    fn on(piece: FakePiece) -> Self {
        let path = piece.path.clone();
        let mut desk = Self::new(vec![piece], [960.0, 640.0]);
        desk.backend.act(Action::Open(path));
        desk.steps(2);
        desk.backend.take_log();
        desk
    }

    fn steps(&mut self, count: usize) {
        self.window.run_steps(count);
    }

    fn click(&mut self, label: &str) {
        self.window.get_by_label(label).click();
        self.steps(3);
    }

    /// The button that says so: tooltips and texts may say the same.
    fn press(&mut self, label: &str) {
        self.window.get_by_role_and_label(Role::Button, label).click();
        self.steps(3);
    }

    fn rect(&self, label: &str) -> Rect {
        self.window.get_by_label(label).rect()
    }

    fn pointer(&mut self, at: Pos2, pressed: bool) {
        let button = PointerButton::Primary;
        let modifiers = Modifiers::NONE;
        self.window.event(egui::Event::PointerMoved(at));
        self.window.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
        self.steps(1);
    }

    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.pointer(from, true);
        for step in 1..=4 {
            self.window.event(egui::Event::PointerMoved(from + (to - from) * (step as f32 / 4.0)));
            self.steps(1);
        }
        self.pointer(to, false);
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.steps(2);
    }

    fn write(&mut self, text: &str) {
        self.window.event(egui::Event::Text(text.to_owned()));
        self.steps(2);
    }

    fn log(&self) -> Vec<Action> {
        self.backend.take_log()
    }

    fn laid(&self) -> Laid {
        self.window.state().laid()
    }

    fn shows(&self, text: &str) -> bool {
        self.window.query_all_by_label_contains(text).next().is_some()
    }

    /// Puts the cursor before the piece's fourth line, in the source.
    fn enter_source(&mut self) {
        self.click("Source");
        let field = self.window.get_by_role(Role::MultilineTextInput);
        field.focus();
        self.steps(2);
        self.key(CONTROL, Key::Home);
        for _ in 0..3 {
            self.key(Modifiers::NONE, Key::ArrowDown);
        }
    }
}

fn bells() -> FakePiece {
    FakePiece { length: Some(60.0), ..FakePiece::csd(PATH, BELLS) }
}

fn knob(name: &str, slot: usize) -> Channel {
    Channel {
        name: name.into(),
        slot: Some(slot),
        range: Range { min: 0.0, max: 10.0, ..Range::default() },
        default: 5.0,
        ..Channel::default()
    }
}

fn synth() -> FakePiece {
    FakePiece { channels: vec![knob("cutoff", 0), knob("decay", 1)], ..bells() }
}

#[test]
fn a_piece_is_opened_from_the_dialog_and_from_a_drop() {
    let mut desk = Desk::new(vec![bells()], [960.0, 640.0]);
    assert!(desk.shows("No piece"));
    desk.window.get_by_label_contains("Choose a piece").click();
    desk.steps(3);
    desk.press("Open…");
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
    assert!(desk.shows("bells.csd") && desk.shows("Playing"));

    #[derive(Debug)]
    struct Dropped(PathBuf);
    impl egui::DroppedFile for Dropped {
        fn path(&self) -> &Path {
            &self.0
        }
        fn bytes(&self) -> Result<Vec<u8>, String> {
            Ok(Vec::new())
        }
    }
    for name in ["/music/photo.png", "/music/drums.CSD"] {
        desk.window.input_mut().dropped_files.push(Arc::new(Dropped(name.into())));
        desk.steps(2);
    }
    assert_eq!(desk.log(), [Action::Open("/music/drums.CSD".into())]);
    assert!(desk.shows("Failed") && desk.shows("could not be read"));
}

#[test]
fn a_pasted_path_opens_a_piece_but_not_where_text_is_typed() {
    let mut desk = Desk::new(vec![bells()], [960.0, 640.0]);
    desk.window.event(egui::Event::Paste(format!("file://{PATH}\n")));
    desk.steps(2);
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
    desk.enter_source();
    desk.log();
    desk.window.event(egui::Event::Paste(PATH.into()));
    desk.steps(2);
    assert_eq!(desk.log(), []);
}

#[test]
fn a_changed_text_is_applied_and_the_old_one_comes_back_by_reload() {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    desk.write("  k1 init 1\n");
    desk.press("Apply");
    let log = desk.log();
    let [Action::Apply(texts)] = &log[..] else { panic!("{log:?}") };
    assert!(texts[0].contains("instr 1\n  k1 init 1\n  a1"), "{}", texts[0]);
    assert!(desk.shows("not saved"));
    desk.press("Reload");
    assert_eq!(desk.log(), [Action::Reload]);
    assert_eq!(desk.backend.view().source.files[0].text, BELLS);
    let shown = desk.window.get_by_role(Role::MultilineTextInput).value().unwrap();
    assert_eq!(shown, BELLS);
}

#[test]
fn an_error_is_shown_at_its_line_and_what_plays_plays_on() {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    desk.write("  broken\n");
    desk.key(CONTROL, Key::Enter);
    desk.steps(2);
    assert!(matches!(desk.log()[..], [Action::Apply(_)]));
    assert!(desk.shows("Line 4: syntax error"));
    assert!(desk.window.query_by_label("Error in line 4").is_some());
    assert!(desk.shows("Playing"));
    let text = desk.window.get_by_role(Role::MultilineTextInput).value().unwrap();
    assert!(text.contains("broken"), "the text stays as it was typed");
    // The console's line leads there too.
    desk.click("Console");
    desk.window.get_by_label_contains("error: syntax").click();
    desk.steps(3);
    assert!(desk.window.query_by_label("Error in line 4").is_some());
    assert!(desk.window.get_by_role(Role::MultilineTextInput).is_focused());
}

#[test]
fn a_draft_outlives_the_window_and_comes_with_the_session() {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    desk.write("; mine\n");
    desk.click("Channels");
    let draft = desk.backend.remembered().draft.expect("a draft is remembered");
    assert!(draft[0].contains("; mine"));
    let state = EditorState { draft: Some(draft.clone()), tab: Tab::Source, ..EditorState::default() };
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| view.saved = Saved { generation: 2, state: Arc::new(state) });
    desk.steps(3);
    assert_eq!(desk.window.get_by_role(Role::MultilineTextInput).value().as_ref(), Some(&draft[0]));
}

#[test]
fn a_draft_is_not_carried_to_another_piece() {
    let other = FakePiece::csd("/music/other.csd", "<CsoundSynthesizer>");
    let mut desk = Desk::new(vec![bells(), other], [960.0, 640.0]);
    desk.backend.act(Action::Open(PATH.into()));
    desk.enter_source();
    desk.write("; mine\n");
    desk.click("Channels");
    desk.backend.act(Action::Open("/music/other.csd".into()));
    desk.steps(2);
    assert_eq!(desk.backend.remembered().draft, None);
    desk.click("Source");
    assert_eq!(desk.window.get_by_role(Role::MultilineTextInput).value().unwrap(), "<CsoundSynthesizer>");
}

#[test]
fn dragging_a_channel_is_a_gesture_and_a_right_click_its_default() {
    let mut desk = Desk::on(synth());
    let centre = desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect().center();
    desk.drag(centre, centre - vec2(0.0, 40.0));
    let log = desk.log();
    assert_eq!(log.first(), Some(&Action::BeginGesture(ParamRef::Slot(0))));
    assert_eq!(log.last(), Some(&Action::EndGesture(ParamRef::Slot(0))));
    let moved: Vec<f64> = log
        .iter()
        .filter_map(|action| match action {
            Action::SetParam(ParamRef::Slot(0), position) => Some(*position),
            _ => None,
        })
        .collect();
    assert_eq!(moved.len(), log.len() - 2);
    assert!(moved.is_sorted() && moved.last().unwrap() > &0.6, "{moved:?}");
    desk.window.get_by_role_and_label(Role::Slider, "cutoff").click_secondary();
    desk.steps(2);
    assert_eq!(desk.backend.view().values, [5.0, 5.0]);
}

#[test]
fn a_value_is_typed_and_turned_by_keys() {
    let mut desk = Desk::on(synth());
    desk.window.get_by_role_and_label(Role::Slider, "decay").focus();
    desk.steps(1);
    desk.key(Modifiers::NONE, Key::ArrowUp);
    assert!((desk.backend.view().values[1] - 5.1).abs() < 1e-9);
    desk.key(Modifiers::NONE, Key::Enter);
    desk.key(CONTROL, Key::A);
    desk.write("7,5");
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.backend.view().values, [5.0, 7.5]);
}

#[test]
fn a_gesture_ends_even_if_its_control_goes_away() {
    let mut desk = Desk::on(synth());
    let centre = desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect().center();
    desk.pointer(centre, true);
    desk.window.event(egui::Event::PointerMoved(centre - vec2(0.0, 20.0)));
    desk.steps(2);
    desk.backend.change(|view| view.channels = [].into());
    desk.steps(1);
    desk.pointer(centre, false);
    desk.steps(2);
    assert_eq!(desk.log().last(), Some(&Action::EndGesture(ParamRef::Slot(0))));
}

#[test]
fn every_kind_of_control_sets_its_channel() {
    let kind = |name: &str, widget| Channel { name: name.into(), widget, slot: None, ..Channel::default() };
    let channels = vec![
        kind("wide", Widget::Horizontal),
        kind("tall", Widget::Vertical),
        kind("number", Widget::Number),
        kind("lamp", Widget::Toggle),
        kind("bang", Widget::Trigger),
        Channel { text: Some("old".into()), ..kind("words", Widget::Text) },
        kind("sample", Widget::File),
        Channel { is_output: true, ..kind("level", Widget::Knob) },
    ];
    let mut desk = Desk::on(FakePiece { channels, ..bells() });
    for (name, by) in [("wide", vec2(20.0, 0.0)), ("tall", vec2(0.0, -20.0)), ("number", vec2(0.0, -20.0))] {
        let centre = desk.window.get_by_role_and_label(Role::Slider, name).rect().center();
        desk.drag(centre, centre + by);
        let log = desk.log();
        assert!(
            matches!(log.last(), Some(Action::SetChannel(set, value)) if set == name && *value > 0.0),
            "{log:?}"
        );
    }
    desk.window.get_by_role_and_label(Role::CheckBox, "lamp").click();
    desk.steps(2);
    assert_eq!(desk.log(), [Action::SetChannel("lamp".into(), 1.0)]);
    let bang = desk.window.get_by_role_and_label(Role::Button, "bang").rect().center();
    desk.pointer(bang, true);
    desk.pointer(bang, false);
    let set = |value| Action::SetChannel("bang".into(), value);
    assert_eq!(desk.log(), [set(1.0), set(0.0)]);
    desk.press("Choose…");
    assert_eq!(desk.log(), [Action::SetText("sample".into(), PATH.into())]);
}

#[test]
fn slots_are_written_sent_and_learned() {
    let mut desk = Desk::on(bells());
    desk.click("Events");
    desk.window.get_by_role_and_label(Role::TextInput, "Slot 3").click();
    desk.steps(2);
    desk.write("i 1 0 2 0.5");
    desk.key(Modifiers::NONE, Key::Enter);
    desk.press("Send slot 3");
    assert_eq!(desk.log(), [Action::SetSlot(2, "i 1 0 2 0.5".into()), Action::TriggerSlot(2)]);
    desk.window.get_all_by_role_and_label(Role::Button, "learn").next().unwrap().click();
    desk.steps(2);
    assert_eq!(desk.log(), [Action::LearnSlot(0)]);
    assert!(desk.shows("play it…"));
    desk.backend.change(|view| {
        view.slots[0] = Slot { learned: Some("CC 20 ch 1".into()), ..Slot::default() };
    });
    desk.steps(2);
    desk.window.get_by_role_and_label(Role::Button, "CC 20 ch 1").click_secondary();
    desk.steps(2);
    assert_eq!(desk.log(), [Action::ForgetSlot(0)]);
    assert!(!desk.shows("CC 20 ch 1"));
    desk.window.get_all_by_role_and_label(Role::Button, "learn").next().unwrap().click_secondary();
    desk.steps(2);
    assert_eq!(desk.log(), [], "there is nothing to forget");
}

#[test]
fn a_line_is_sent_kept_in_the_history_and_its_error_stands_under_it() {
    let mut desk = Desk::on(bells());
    desk.click("Events");
    let field = |desk: &mut Desk| {
        desk.window.get_by_role_and_label(Role::TextInput, "Line to send").focus();
        desk.steps(2);
    };
    field(&mut desk);
    desk.write("i 1 0 2");
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.log(), [Action::SendLine("i 1 0 2".into())]);
    assert!(desk.shows("Sent"));
    field(&mut desk);
    desk.write("i 1 0");
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.log(), []);
    assert!(desk.shows("too short"));
    desk.key(Modifiers::NONE, Key::ArrowUp);
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.log(), [Action::SendLine("i 1 0 2".into())]);
    assert_eq!(desk.backend.remembered().history, ["i 1 0 2"]);
}

#[test]
fn the_transport_plays_seeks_and_records() {
    let mut desk = Desk::on(bells());
    desk.press("Pause");
    desk.press("Play");
    desk.press("Stop");
    desk.press("From the beginning");
    desk.click("Follow host");
    let expected =
        [Action::Pause, Action::Play, Action::Stop, Action::Restart, Action::SetSync(SyncMode::Host)];
    assert_eq!(desk.log(), expected);
    let bar = desk.rect("Position in the score");
    desk.drag(bar.left_center(), bar.center());
    let log = desk.log();
    assert!(matches!(log[..], [Action::Seek(seconds)] if (seconds - 30.0).abs() < 0.5), "{log:?}");
}

#[test]
fn the_first_recording_asks_for_a_folder() {
    let mut desk = Desk::with_dialogs(vec![bells()], [960.0, 640.0], FakeDialogs::new("/takes"));
    desk.backend.act(Action::Open(PATH.into()));
    desk.log();
    desk.press("Record");
    assert_eq!(desk.log(), [Action::RecordInto("/takes".into()), Action::Record(true)]);
    desk.backend.change(|view| {
        view.recording.seconds = 61.5;
        view.recording.lost = 12;
    });
    desk.steps(2);
    for shown in ["01:01.5", "take.wav", "24 bit", "12 frames lost"] {
        assert!(desk.shows(shown), "{shown}");
    }
    desk.press("Stop recording");
    desk.press("Show in folder");
    assert_eq!(desk.log(), [Action::Record(false), Action::ShowInFolder("/takes/take.wav".into())]);
    desk.press("Record");
    assert_eq!(desk.log(), [Action::Record(true)], "it does not ask twice");
}

fn placed(kind: PlacedKind, bounds: [f32; 4], text: &str) -> Placed {
    Placed { kind, bounds, text: text.into(), ..Placed::default() }
}

#[test]
fn a_piece_with_a_layout_is_laid_out_by_its_bounds() {
    let layout = Layout {
        size: [400.0, 200.0],
        widgets: vec![
            placed(PlacedKind::Group, [0.0, 0.0, 400.0, 120.0], "Filter"),
            placed(PlacedKind::Control(0), [10.0, 20.0, 80.0, 90.0], ""),
            placed(PlacedKind::Control(1), [210.0, 20.0, 80.0, 90.0], ""),
            placed(PlacedKind::Keyboard, [0.0, 130.0, 400.0, 60.0], ""),
        ],
        ..Layout::default()
    };
    let mut desk = Desk::on(FakePiece { layout: Some(layout), ..synth() });
    let place = |desk: &Desk, name: &str| desk.window.get_by_role_and_label(Role::Slider, name).rect();
    let (cutoff, decay) = (place(&desk, "cutoff"), place(&desk, "decay"));
    let scale = cutoff.width() / 80.0;
    assert!((decay.left() - cutoff.left() - 200.0 * scale).abs() < 1.0, "{cutoff:?} {decay:?}");
    assert!((decay.top() - cutoff.top()).abs() < 1.0);
    let keys = desk.rect("Keyboard, as the piece places it");
    assert!((keys.left() - (cutoff.left() - 10.0 * scale)).abs() < 1.0);
    assert!((keys.width() - 400.0 * scale).abs() < 1.0);
    desk.click("All in a grid");
    assert!((place(&desk, "decay").left() - place(&desk, "cutoff").left()) < 120.0);
}

#[test]
fn keys_are_played_by_pointer_and_computer_and_let_go() {
    let mut desk = Desk::on(bells());
    desk.press("Keyboard");
    let keys = desk.rect("Keys to play");
    let low = Pos2::new(keys.left() + 4.0, keys.bottom() - 4.0);
    desk.pointer(low, true);
    desk.pointer(low, false);
    let log = desk.log();
    let [Action::NoteOn { key: 48, velocity }, Action::NoteOff { key: 48 }] = log[..] else {
        panic!("{log:?}")
    };
    assert!(velocity > 110, "low on a key is loud");
    desk.window.key_down(Key::X);
    desk.steps(2);
    assert_eq!(desk.backend.view().held, 1 << 50);
    desk.press("Keyboard");
    assert_eq!(desk.backend.view().held, 0, "hidden keys are let go");
}

#[test]
fn trust_is_asked_for_and_given() {
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| {
        view.isolation.level = Confinement::Process;
        view.isolation.question = Some(TrustQuestion::Piece);
    });
    desk.steps(2);
    assert!(desk.shows("This piece stays silent"));
    desk.press("Trust this piece");
    assert_eq!(desk.log(), [Action::Trust]);
    assert!(!desk.shows("This piece stays silent"));
}

fn shown(permission: Permission, granted: bool) -> PermissionView {
    PermissionView { permission, granted, wanted_by: None, unavailable: None }
}

#[test]
fn permissions_are_given_and_taken_back_one_by_one_on_the_shields_sheet() {
    let mut desk = Desk::on(bells());
    let song = PathBuf::from("/srv/song");
    let machine =
        PermissionView { wanted_by: Some("OSCsend".into()), ..shown(Permission::MachineNetwork, false) };
    let any = PermissionView {
        unavailable: Some("Not on this system.".into()),
        ..shown(Permission::AnyNetwork, false)
    };
    desk.backend.change(|view| {
        let read = shown(Permission::Read(song.clone()), true);
        let write = shown(Permission::Write(song.clone()), false);
        view.isolation.permissions = [read, write, machine, any].into();
    });
    desk.steps(2);
    desk.press("Confined: this piece can harm nothing");
    assert!(desk.shows("The piece names OSCsend, which needs this."));
    assert!(desk.shows("Not on this system."));
    desk.click("talk to programs on this machine");
    desk.click("write files into /srv/song");
    desk.click("read /srv/song");
    desk.click("talk to anybody over the network");
    let given = [
        Action::Permit(Permission::MachineNetwork),
        Action::Permit(Permission::Write(song.clone())),
        Action::Revoke(Permission::Read(song)),
    ];
    assert_eq!(desk.log(), given, "what is not offered cannot be given");
    desk.click("talk to programs on this machine");
    assert_eq!(desk.log(), [Action::Revoke(Permission::MachineNetwork)]);
    desk.press("Trust this piece");
    desk.press("Trust no longer");
    assert_eq!(desk.log(), [Action::Trust, Action::Untrust]);
    assert!(!desk.backend.view().isolation.trusted);
}

#[test]
fn a_piece_that_cannot_be_trusted_says_why() {
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| view.isolation.untrustable = Some("a.inc is not there".into()));
    desk.steps(2);
    desk.press("Confined: this piece can harm nothing");
    assert!(desk.shows("a.inc is not there"));
    desk.press("Trust this piece");
    assert_eq!(desk.log(), []);
}

#[test]
fn a_file_changed_on_the_disk_is_offered() {
    let mut desk = Desk::on(bells());
    desk.backend.change(|view| view.piece.changed_on_disk = true);
    desk.click("Source");
    desk.click("Always, by itself");
    desk.press("Reload it");
    assert_eq!(desk.log(), [Action::ReloadByItself(true), Action::Reload]);
    assert!(!desk.shows("has changed on the disk"));
}

#[test]
fn only_what_is_in_sight_is_laid_out() {
    let channels = (0..300).map(|index| knob(&format!("channel {index}"), index % 128)).collect();
    let text = "k1 init 1\n".repeat(3000);
    let mut desk = Desk::on(FakePiece { channels, ..FakePiece::csd(PATH, &text) });
    desk.steps(2);
    let seen = desk.laid().channels;
    assert!((8..=60).contains(&seen), "{seen} of 300 channels");

    desk.backend.change(|view| {
        for number in 0..100_000 {
            view.console.push(Line { text: format!("line {number}").into(), ..Line::default() });
        }
    });
    desk.click("Console");
    let seen = desk.laid().console_lines;
    assert!((10..=60).contains(&seen), "{seen} of 100000 lines");
    assert!(desk.shows("line 99999"), "the newest is in sight");

    desk.click("Source");
    let seen = desk.laid().source_lines;
    assert!((10..=60).contains(&seen), "{seen} of 3000 lines");
}

/// What must be within reach in every window.
const ESSENTIAL: [&str; 9] = [
    "Reload",
    "Pause",
    "Stop",
    "From the beginning",
    "Record",
    "Follow host",
    "Channels",
    "Source",
    "Console",
];

#[test]
fn at_800_by_500_nothing_essential_is_cut() {
    let layouts = [[800.0, 500.0], csound_performer::editor::SMALLEST];
    for size in layouts {
        let long = "/music/a piece with quite a long name, as they are, in this or that version.csd";
        let piece = FakePiece { path: long.into(), ..synth() };
        let mut desk = Desk::new(vec![piece], size);
        desk.backend.act(Action::Open(long.into()));
        desk.press("Keyboard");
        let window = Rect::from_min_size(Pos2::ZERO, size.into());
        for label in ESSENTIAL {
            let rect = desk.rect(label);
            assert!(window.contains_rect(rect), "{label} at {rect:?} of {size:?}");
        }
        let cutoff = desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect();
        assert!(window.contains_rect(cutoff), "{cutoff:?} of {size:?}");
        for (one, other) in ESSENTIAL.iter().zip(&ESSENTIAL[1..]) {
            assert!(!desk.rect(one).shrink(1.0).intersects(desk.rect(other).shrink(1.0)), "{one} on {other}");
        }
    }
}

#[test]
fn everything_is_reached_by_the_keyboard() {
    let mut desk = Desk::on(synth());
    let mut reached = std::collections::HashSet::new();
    for _ in 0..40 {
        desk.key(Modifiers::NONE, Key::Tab);
        let focused = desk.window.ctx.memory(|memory| memory.focused());
        reached.extend(focused);
    }
    assert!(reached.len() > 15, "{} places", reached.len());
    for (key, text) in [(Key::Num2, "Slots"), (Key::Num4, "lines"), (Key::Num1, "cutoff")] {
        desk.key(CONTROL, key);
        assert!(desk.shows(text), "{text}");
    }
}

#[test]
fn what_is_open_and_how_large_it_is_comes_with_the_session() {
    let mut desk = Desk::on(synth());
    desk.press("Meters and pictures of the sound");
    desk.press("Light colours");
    desk.click("Events");
    desk.window.set_size(vec2(900.0, 600.0));
    desk.steps(2);
    let kept = desk.backend.remembered();
    assert_eq!((kept.picture, kept.brightness, kept.tab), (false, Brightness::Light, Tab::Events));
    assert_eq!(kept.size, [900.0, 600.0]);
    let text = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<EditorState>(&text).unwrap(), kept);
}

#[test]
fn the_editor_can_be_made_without_a_window() {
    assert!(csound_performer::editor::create(Arc::new(FakeBackend::default())).is_some());
    drop(Editor::new(Box::<NativeDialogs>::default()));
}
