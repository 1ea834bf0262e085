//! What a user turns, plays, writes and sends becomes actions.

use csound_performer::editor::fake::{FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use csound_performer::range::Range;
use csound_performer::track::Track;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable;

use crate::desk::*;

#[test]
fn dragging_a_channel_is_a_gesture_and_its_menu_resets_it() {
    let mut desk = Desk::on(synth());
    let centre = desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect().center();
    desk.drag(centre, centre - vec2(0.0, 40.0));
    let log = desk.log();
    assert_eq!(log.first(), Some(&Action::BeginGesture(ParamRef::Bank(0))));
    assert_eq!(log.last(), Some(&Action::EndGesture(ParamRef::Bank(0))));
    let moved: Vec<f64> = log
        .iter()
        .filter_map(|action| match action {
            Action::SetParam(ParamRef::Bank(0), position) => Some(*position),
            _ => None,
        })
        .collect();
    assert_eq!(moved.len(), log.len() - 2);
    assert!(moved.is_sorted() && moved.last().unwrap() > &0.6, "{moved:?}");
    desk.window.get_by_role_and_label(Role::Slider, "cutoff").click_secondary();
    desk.steps(2);
    desk.click("Reset to 5");
    assert_eq!(desk.backend.view().values, [5.0, 5.0]);
}

#[test]
fn a_run_of_the_wheel_is_one_gesture_that_ends_once() {
    let mut desk = Desk::on(synth());
    let centre = desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect().center();
    desk.window.event(egui::Event::PointerMoved(centre));
    desk.steps(2);
    for _ in 0..2 {
        let (unit, phase) = (egui::MouseWheelUnit::Line, egui::TouchPhase::Move);
        let (delta, modifiers, source) = (vec2(0.0, 1.0), Modifiers::NONE, egui::MouseWheelSource::Unknown);
        desk.window.event(egui::Event::MouseWheel { unit, delta, modifiers, phase, source });
        desk.steps(1);
    }
    desk.steps(60);
    let log = desk.log();
    let count = |wanted: Action| log.iter().filter(|action| **action == wanted).count();
    let param = ParamRef::Bank(0);
    assert_eq!([count(Action::BeginGesture(param)), count(Action::EndGesture(param))], [1, 1], "{log:?}");
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
    assert_eq!(desk.log().last(), Some(&Action::EndGesture(ParamRef::Bank(0))));
}

#[test]
fn every_kind_of_control_sets_its_channel() {
    let kind =
        |name: &str, widget| Channel { name: name.into(), widget, parameter: None, ..Channel::default() };
    let channels = vec![
        kind("wide", Widget::Horizontal),
        kind("tall", Widget::Vertical),
        kind("number", Widget::Number),
        kind("lamp", Widget::Toggle),
        kind("bang", Widget::Trigger),
        Channel { text: Some("old".into()), ..kind("words", Widget::Text) },
        kind("sample", Widget::File),
        Channel {
            text: Some("Sine".into()),
            range: Range { items: vec!["Sine".into(), "Saw".into()], ..Range::default() },
            ..kind("wave", Widget::Choice)
        },
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
    desk.window.get_by_role_and_label(Role::ComboBox, "wave").click();
    desk.steps(2);
    desk.window.get_by_label("Saw").click();
    desk.steps(2);
    assert_eq!(desk.log(), [Action::SetText("wave".into(), "Saw".into())]);
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
    assert!(matches!(&desk.log()[..], [Action::Report(why)] if why.contains("too short")), "on the console");
    assert!(desk.shows("too short"));
    desk.key(Modifiers::NONE, Key::ArrowUp);
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.log(), [Action::SendLine("i 1 0 2".into())]);
    assert_eq!(desk.backend.remembered().history, ["i 1 0 2"]);
}

#[test]
fn code_is_compiled_or_evaluated_and_stays_where_it_is_wrong() {
    let mut desk = Desk::on(bells());
    desk.click("Events");
    let send = |desk: &mut Desk, text: &str| {
        desk.window.get_by_role_and_label(Role::MultilineTextInput, "Line to send").focus();
        desk.steps(2);
        desk.write(text);
        desk.key(CONTROL, Key::Enter);
        desk.steps(2);
    };
    let there = |desk: &Desk| {
        desk.window
            .get_by_role_and_label(Role::MultilineTextInput, "Line to send")
            .value()
            .unwrap_or_default()
    };
    desk.click("Evaluate");
    send(&mut desk, "return 2.5");
    assert_eq!(desk.log(), [Action::Evaluate("return 2.5".into())]);
    assert!(desk.shows("= 2.5"));
    assert_eq!(there(&desk), "");
    send(&mut desk, "return nonsense");
    assert_eq!(desk.log(), [Action::Evaluate("return nonsense".into())]);
    assert!(desk.shows("syntax error") && !desk.shows("= 2.5"));
    assert_eq!(there(&desk), "return nonsense", "to be mended");
    desk.key(CONTROL, Key::A);
    send(&mut desk, "return \"open");
    assert!(matches!(&desk.log()[..], [Action::Report(_)]), "on the console");
    desk.click("Orchestra");
    desk.window.get_by_role_and_label(Role::MultilineTextInput, "Line to send").focus();
    desk.steps(2);
    desk.key(CONTROL, Key::A);
    send(&mut desk, "giOne = 1");
    assert!(matches!(&desk.log()[..], [Action::SendOrchestra(_)]));
}

#[test]
fn the_transport_plays_seeks_and_records() {
    let mut desk = Desk::on(bells());
    desk.press("Pause");
    desk.press("Play");
    desk.press("Stop");
    desk.press("From the beginning");
    desk.click("Follow host");
    let expected = [Action::Pause, Action::Play, Action::Stop, Action::Restart, Action::FollowHost(true)];
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

fn host_menu(of: MenuOf, items: Vec<HostItem>) -> HostMenu {
    let pops_up = items.is_empty();
    HostMenu { of, items, pops_up }
}

fn of_host(label: &str, number: u32) -> HostItem {
    HostItem::Entry(HostEntry { label: label.into(), is_enabled: true, is_checked: None, number })
}

#[test]
fn a_right_click_asks_the_host_for_its_entries_and_chooses_one() {
    let mut desk = Desk::on(synth());
    let right_click = |desk: &mut Desk, name: &str| {
        desk.window.get_by_role_and_label(Role::Slider, name).click_secondary();
        desk.steps(2);
    };
    right_click(&mut desk, "cutoff");
    assert!(desk.log().is_empty(), "the host has no menus");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.backend.change(|view| view.has_host_menus = true);
    desk.steps(2);
    right_click(&mut desk, "decay");
    let of = MenuOf::Channel(1);
    assert_eq!(desk.log(), [Action::AskHostMenu(of)]);
    assert!(desk.shows("Reset to 5") && !desk.shows("Automate"));
    // Another's is not shown; its own comes while the menu is open.
    let other = host_menu(MenuOf::Channel(0), vec![of_host("Automate cutoff", 1)]);
    desk.backend.change(|view| view.host_menu = Some(other.into()));
    desk.steps(2);
    assert!(!desk.shows("Automate"));
    let inner = vec![of_host("LFO", 4)];
    let submenu = HostItem::Submenu { label: "Modulators".into(), is_enabled: true, items: inner };
    let own = vec![HostItem::Title("Host".into()), of_host("Automate decay", 3), submenu];
    desk.backend.change(|view| view.host_menu = Some(host_menu(of, own).into()));
    desk.steps(2);
    assert!(desk.shows("Host") && desk.shows("Modulators"));
    desk.click("Automate decay");
    assert_eq!(desk.log(), [Action::ChooseOfHost(of, 3)]);
    assert!(!desk.shows("Automate decay"), "the menu has closed");
    right_click(&mut desk, "decay");
    desk.log();
    desk.press_that_says("Modulators");
    desk.click("LFO");
    assert_eq!(desk.log(), [Action::ChooseOfHost(of, 4)]);
    // One that gives no entries is shown by the host, where the pointer is.
    desk.backend.change(|view| view.host_menu = Some(host_menu(of, Vec::new()).into()));
    right_click(&mut desk, "decay");
    desk.log();
    desk.click("The host's menu…");
    let log = desk.log();
    assert!(matches!(log[..], [Action::PopUpHostMenu(found, _)] if found == of), "{log:?}");
}

#[test]
fn a_menu_of_hundreds_of_entries_stays_in_the_window() {
    let mut desk = Desk::on(synth());
    let of = MenuOf::Channel(0);
    let many = (0..256).map(|number| of_host(&format!("Entry {number}"), number)).collect();
    desk.backend.change(|view| {
        view.has_host_menus = true;
        view.host_menu = Some(host_menu(of, many).into());
    });
    desk.steps(2);
    desk.window.get_by_role_and_label(Role::Slider, "cutoff").click_secondary();
    desk.steps(4);
    let first = desk.rect("Entry 0");
    assert!(first.top() >= 0.0 && first.bottom() <= 640.0, "{first:?}");
    assert!(desk.rect("Paste value").top() >= 0.0);
}

#[test]
fn what_else_has_a_parameter_has_the_hosts_menu_too() {
    let mut desk = Desk::on(synth());
    desk.window.get_by_role_and_label(Role::Button, "Stop").click_secondary();
    desk.steps(2);
    assert!(desk.log().is_empty(), "the host has none");
    desk.backend.change(|view| view.has_host_menus = true);
    desk.steps(2);
    let pages = [
        (None, Role::Button, "Stop", MenuOf::Own("stop")),
        (None, Role::Button, "Record", MenuOf::Own("record")),
        (None, Role::Button, "Follow host", MenuOf::Own("sync")),
        (Some("Events"), Role::Button, "Send slot 3", MenuOf::Event(2)),
        (Some("Settings"), Role::Slider, "Gain", MenuOf::Own("gain")),
        (Some("Settings"), Role::ComboBox, "Timing", MenuOf::Own("timing")),
    ];
    for (page, role, label, of) in pages {
        if let Some(page) = page {
            desk.click(page);
        }
        if of == MenuOf::Event(2) {
            desk.backend.act(Action::SetSlot(2, "i 1 0 1".into()));
            desk.steps(2);
        }
        desk.log();
        desk.window.get_by_role_and_label(role, label).click_secondary();
        desk.steps(2);
        assert_eq!(desk.log(), [Action::AskHostMenu(of)], "{label}");
        assert!(desk.shows("The host has no entries for this"), "{label}");
        desk.backend.change(|view| view.host_menu = Some(host_menu(of, vec![of_host("Map", 9)]).into()));
        desk.steps(2);
        desk.click("Map");
        assert_eq!(desk.log(), [Action::ChooseOfHost(of, 9)], "{label}");
    }
    // What is a session's alone has no parameter.
    desk.window.get_by_role_and_label(Role::ComboBox, "Csound").click_secondary();
    desk.steps(2);
    assert!(desk.log().is_empty());
}

#[test]
fn the_host_s_track_stands_at_the_foot() {
    let mut desk = Desk::on(synth());
    let show = |desk: &mut Desk, name: &str| {
        let name = Some(name.to_owned());
        desk.backend.change(|view| view.track = Track { name, colour: Some([255, 128, 1]) });
        desk.steps(2);
    };
    show(&mut desk, "Low strings");
    assert!(desk.shows("Low strings"));
    show(&mut desk, &"ö".repeat(100));
    assert!(desk.shows(&format!("{}…", "ö".repeat(24))) && !desk.shows("Low strings"));
}
