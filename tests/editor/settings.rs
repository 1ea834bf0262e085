//! Settings, keys and the wishes of pieces, by a hand on the real backend.

use csound_performer::editor::model::*;
use csound_performer::plugin::pieces::files::SHIPPED;
use egui::accesskit::Role;
use egui::{Key, PointerButton, pos2};
use egui_kittest::kittest::Queryable;

use crate::backend_bench::{HEADER, alone, session_of};
use crate::common::csd;
use crate::real::Real;

/// A piece whose instrument 1 is a level for each note: a tenth as a score event, a fifth by MIDI.
fn of_notes(wishes: &str) -> String {
    let body = "massign 0, 2\ninstr 1\nouts a(p6 == 0 ? 0.1 : 0.4), a(0)\nendin\n\
                instr 2\nouts a(0.2), a(0)\nendin\n";
    format!("{wishes}\n{}", csd("", HEADER, body, "f 0 1000"))
}

/// Presses the first key of the keyboard until `level` is heard, and lets it go.
fn plays(real: &mut Real, level: f32) {
    let keys = real.place("Keys to play");
    let low = pos2(keys.left() + 4.0, keys.bottom() - 4.0);
    real.button(low, PointerButton::Primary, true);
    real.hears("the key sounds", level);
    real.button(low, PointerButton::Primary, false);
    real.hears("and ends", 0.0);
}

fn shows_keys(real: &mut Real) {
    let button = real.window.get_by_role_and_label(Role::Button, "Keyboard").rect();
    real.click_at(button.center(), PointerButton::Primary);
    real.until("the keyboard is there", |real| real.shows("Keys to play"));
}

fn mode(real: &Real) -> f64 {
    real.view().settings.of(Setting::NoteMode)
}

#[test]
fn the_shipped_piece_for_score_events_sounds_by_the_editors_keys() {
    if !alone("settings::the_shipped_piece_for_score_events_sounds_by_the_editors_keys") {
        return;
    }
    // Of the same ksmps: a host restarts an instance for another latency, and this bench does not.
    let first = csd("", "ksmps = 64\nnchnls = 2\n", "instr 1\nouts a(0.25), a(0)\nendin\n", "i 1 0 1000");
    let mut real = Real::on(&first);
    let number = SHIPPED.iter().position(|(name, ..)| *name == "event_synth.csd").unwrap();
    real.bench.desk.act(Action::OpenShipped(number));
    real.until("it plays", |real| real.view().piece.name == "event_synth.csd" && real.heard == 0.0);
    shows_keys(&mut real);
    real.until("its notes are score events", |real| mode(real) == 1.0 && real.view().state == State::Playing);
    let keys = real.place("Keys to play");
    real.button(pos2(keys.left() + 4.0, keys.bottom() - 4.0), PointerButton::Primary, true);
    real.until("it sounds", |real| real.heard.abs() > 0.01);
}

#[test]
fn keys_follow_the_mode_that_is_chosen_on_the_settings_page() {
    if !alone("settings::keys_follow_the_mode_that_is_chosen_on_the_settings_page") {
        return;
    }
    let mut real = Real::on(&of_notes(""));
    shows_keys(&mut real);
    plays(&mut real, 0.2);
    real.click("Settings");
    let notes = real.window.get_by_role_and_label(Role::ComboBox, "Notes").rect();
    real.click_at(notes.center(), PointerButton::Primary);
    real.click("Score events");
    real.until("the mode has changed", |real| mode(real) == 1.0 && real.view().state == State::Playing);
    real.until("and what it needs is there", |real| !real.bench.link.is_pending());
    plays(&mut real, 0.1);
    real.key(egui::Modifiers { ctrl: true, command: true, ..egui::Modifiers::NONE }, Key::Num5);
    for setting in Setting::ALL {
        assert!(real.shows(setting.name()), "{setting:?}");
    }
}

#[test]
fn a_piece_is_heard_when_it_is_opened_and_never_over_a_session() {
    if !alone("settings::a_piece_is_heard_when_it_is_opened_and_never_over_a_session") {
        return;
    }
    let wish = of_notes("; csound-performer: note_mode=score, at_end=loop");
    let mut real = Real::on(&of_notes(""));
    real.bench.desk.act(Action::Apply(vec![wish.clone()]));
    real.until("it is applied", |real| real.view().source.answered == 1);
    assert_eq!(mode(&real), 0.0, "not by Apply");
    real.open("other.csd", &wish);
    real.until("opened, it is heard", |real| {
        mode(real) == 1.0 && real.view().settings.of(Setting::AtEnd) == 1.0
    });
    real.open("plain.csd", &of_notes(""));
    real.until("the next one is as new", |real| {
        mode(real) == 0.0 && real.view().settings.of(Setting::AtEnd) == 2.0
    });
    real.bench.link.load(&session_of("session.csd", real.folder.path(), &wish));
    real.until("a session plays", |real| {
        real.view().piece.name == "session.csd" && real.view().state == State::Playing
    });
    real.steps(20);
    assert_eq!(mode(&real), 0.0, "what the session says stands");
    real.open("wrong.csd", &of_notes("; csound-performer: note_mode=loud"));
    real.until("what is no wish is told", |real| {
        let console = &real.view().console;
        (console.first()..console.next())
            .filter_map(|number| console.line(number))
            .any(|line| line.text.contains("note_mode cannot be \"loud\""))
    });
}

#[test]
fn what_pieces_may_do_is_listed_and_taken_back() {
    if !alone("settings::what_pieces_may_do_is_listed_and_taken_back") {
        return;
    }
    use csound_performer::permission::Permission;
    let mut real = Real::on(&of_notes(""));
    let folder = real.folder.path().canonicalize().unwrap();
    real.bench.desk.act(Action::Permit(Permission::Write(folder)));
    real.bench.desk.act(Action::Trust);
    real.until("both are given", |real| real.view().isolation.trusted);
    // Another piece is there when they are taken back.
    real.open("other.csd", &of_notes("; other"));
    real.click("Settings");
    let trusted = "Revoke: do all that you may: it is trusted";
    real.until("trust is listed", |real| real.shows(trusted));
    real.scroll_to(trusted);
    real.click(trusted);
    real.until("it is gone", |real| !real.shows(trusted));
    let writes = real.view().kept.iter().flat_map(|text| &text.permissions).find_map(|permission| {
        matches!(permission, Permission::Write(_)).then(|| format!("Revoke: {permission}"))
    });
    let writes = writes.unwrap();
    real.scroll_to(&writes);
    real.click(&writes);
    real.until("it is gone, too", |real| !real.shows(&writes));
    real.open("piece.csd", &of_notes(""));
    real.steps(20);
    let isolation = &real.view().isolation;
    let granted: Vec<_> =
        isolation.permissions.iter().filter(|shown| shown.granted).map(|shown| &shown.permission).collect();
    assert!(
        !isolation.trusted && granted.iter().all(|may| matches!(may, Permission::Read(_))),
        "{granted:?}"
    );
}
