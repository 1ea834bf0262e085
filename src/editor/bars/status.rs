//! The last line: what performing costs, by which Csound, what is recorded, and where the host is.

use egui::{Align, Color32, Layout, RichText, Sense, Ui, vec2};

use super::transport;
use crate::editor::model::State;
use crate::editor::scene::Scene;
use crate::editor::theme;

/// Draws this part of the window.
pub(crate) fn show(ui: &mut Ui, scene: &mut Scene) {
    ui.horizontal(|ui| {
        ui.horizontal(|ui| {
            ui.set_min_width(LOAD);
            load(ui, scene);
        });
        late(ui, scene);
        csound(ui, scene);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            host(ui, scene);
            track(ui, scene);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| transport::recording(ui, scene));
        });
    });
}

/// The width of what the piece takes, so that what stands behind it stays where it is.
const LOAD: f32 = 160.0;

fn load(ui: &mut Ui, scene: &Scene) {
    let plays = matches!(scene.view.state, State::Playing | State::Restarted(_));
    let text = |text: String| RichText::new(text).small();
    if !plays {
        ui.label(text("CPU 0 %".to_owned()).color(theme::palette(ui).weak)).on_hover_text("The piece rests");
        return;
    }
    let picture = &scene.view.picture;
    let palette = theme::palette(ui);
    let colour = match picture.worst {
        worst if worst >= 1.0 => palette.error,
        worst if worst >= 0.7 => palette.warning,
        _ => palette.weak,
    };
    let share = format!("CPU {:.0} %, at worst {:.0} %", picture.load * 100.0, picture.worst * 100.0);
    ui.label(text(share).color(colour)).on_hover_text(
        "The share of the time at hand that the piece takes, now and at worst in the last seconds. \
         At 100 % sound breaks up.",
    );
}

fn late(ui: &mut Ui, scene: &Scene) {
    let turns = scene.view.picture.late_turns;
    if turns == 0 {
        return;
    }
    let text = if turns == 1 { "1 gap".to_owned() } else { format!("{turns} gaps") };
    ui.label(RichText::new(text).small().color(theme::palette(ui).warning))
        .on_hover_text("How often the piece came too late, so that there was silence for a moment");
}

fn csound(ui: &mut Ui, scene: &Scene) {
    let (told, is_bad) = scene.view.csound.told();
    if told.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    let colour = if is_bad { palette.error } else { palette.weak };
    ui.label(RichText::new(told).small().color(colour)).on_hover_text(scene.view.csound.whole());
}

fn host(ui: &mut Ui, scene: &Scene) {
    let transport = &scene.view.transport;
    let palette = theme::palette(ui);
    let mut parts = Vec::new();
    if let Some(host) = &transport.host {
        parts.push(match host.bar {
            Some((bar, beat)) => format!("bar {bar} beat {beat:.0}", beat = beat.floor()),
            None => transport::clock(host.seconds.floor()),
        });
    }
    if let Some(tempo) = transport.tempo {
        parts.push(format!("{tempo:.1} BPM"));
    }
    if parts.is_empty() {
        return;
    }
    let moving = transport.host.is_some_and(|host| host.playing);
    let text = format!("Host: {}", parts.join(", "));
    let colour = if moving { palette.text } else { palette.weak };
    ui.label(RichText::new(text).small().color(colour)).on_hover_text("Where the host is, and its tempo");
}

/// Most characters of a track's name.
const LONGEST_NAME: usize = 24;

fn track(ui: &mut Ui, scene: &Scene) {
    let track = &scene.view.track;
    let Some(name) = track.name.as_ref().filter(|name| !name.trim().is_empty()) else { return };
    let mut shown: String = name.chars().take(LONGEST_NAME).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    let weak = theme::palette(ui).weak;
    ui.label(RichText::new(shown).small().color(weak)).on_hover_text(format!("The host's track: {name}"));
    if let Some([red, green, blue]) = track.colour {
        let (place, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
        ui.painter().rect_filled(place, 2.0, Color32::from_rgb(red, green, blue));
    }
}
