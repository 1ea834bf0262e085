//! Keys to play: with the pointer, lower is louder; with the computer's keys while it has the focus.

use std::collections::BTreeMap;

use egui::{
    Align2, Color32, CornerRadius, Event, FontId, Key, Rect, Response, RichText, Sense, Stroke, StrokeKind,
    Ui,
};
use egui::{CursorIcon, EventFilter, Pos2, Role, WidgetInfo, pos2, vec2};

use crate::editor::keys::{COMPUTER, play_on};
use crate::editor::model::Action;
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The height of the keys.
const HEIGHT: f32 = 72.0;

/// The width of a white key, about.
const KEY_WIDTH: f32 = 22.0;

/// The velocity of the computer's keys.
const VELOCITY: u8 = 96;

/// The octaves of the left end.
const OCTAVES: std::ops::RangeInclusive<i8> = -1..=8;

/// A held key, which has to be told from white keys and from black ones.
const HELD: Color32 = Color32::from_rgb(0x2f, 0x88, 0xa3);

/// How it is played.
const HELP: &str = "Play with the mouse, lower on a key is louder; or with the computer's keys Z S X D C … and \
                    Q 2 W 3 E …, after a click on these";

/// Remembers the keys that this editor holds.
#[derive(Default)]
pub(crate) struct Keyboard {
    /// Whether it was there in the last frame.
    is_open: bool,
    /// The key under the pressed pointer.
    pointed: Option<u8>,
    /// The piano's key that each of the computer's keys holds.
    typed: BTreeMap<Key, u8>,
}

impl Keyboard {
    /// Draws the keyboard with its octave.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.horizontal(|ui| {
            ui.vertical(|ui| {
                ui.set_width(84.0);
                octave(ui, scene);
                let keys = RichText::new("Z S X D C …").small().color(theme::palette(ui).weak);
                ui.label(keys).on_hover_text(HELP);
            });
            let size = vec2(ui.available_width(), HEIGHT);
            let (_, rect) = ui.allocate_space(size);
            let response = self.keys(ui, scene, rect, "Keys to play");
            // Whoever opens it wants to play it.
            if !std::mem::replace(&mut self.is_open, true) {
                response.request_focus();
            }
        });
    }

    /// Draws keys into a place, under a name for those who cannot see them.
    pub fn keys(&mut self, ui: &mut Ui, scene: &mut Scene, rect: Rect, name: &str) -> Response {
        let piano = Piano::new(rect, scene.state.octave);
        let response = ui.interact(rect, ui.scope_id().with("piano"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name));
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if response.is_pointer_button_down_on() {
            response.request_focus();
        }
        self.point(&response, &piano, scene.actions);
        self.type_keys(ui, &response, scene);
        piano.paint(ui, scene.view.held | self.held(), &response);
        response
    }

    /// The keyboard is not shown.
    pub fn hide(&mut self, scene: &mut Scene) {
        self.is_open = false;
        self.let_go(scene);
    }

    /// Lets all keys go.
    pub fn let_go(&mut self, scene: &mut Scene) {
        let typed = std::mem::take(&mut self.typed);
        let held = self.pointed.take().into_iter().chain(typed.into_values());
        scene.actions.extend(held.map(|key| Action::NoteOff { key }));
    }

    /// As if a key of the computer had been pressed.
    #[cfg(test)]
    pub fn press(&mut self, key: Key, note: u8) {
        self.typed.insert(key, note);
    }

    fn held(&self) -> u128 {
        self.pointed.iter().chain(self.typed.values()).fold(0, |held, key| held | 1 << key)
    }

    fn point(&mut self, response: &Response, piano: &Piano, actions: &mut Vec<Action>) {
        let down = response.is_pointer_button_down_on();
        let at = response.interact_pointer_pos().filter(|_| down);
        let touched = at.and_then(|at| piano.key_at(at));
        let key = touched.map(|(key, _)| key);
        if key == self.pointed {
            return;
        }
        actions.extend(self.pointed.map(|key| Action::NoteOff { key }));
        actions.extend(touched.map(|(key, velocity)| Action::NoteOn { key, velocity }));
        self.pointed = key;
    }

    fn type_keys(&mut self, ui: &Ui, response: &Response, scene: &mut Scene) {
        if !response.has_focus() {
            let typed = std::mem::take(&mut self.typed);
            scene.actions.extend(typed.into_values().map(|key| Action::NoteOff { key }));
            return;
        }
        let filter = EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        play_on(ui.ctx(), response.id);
        let events = ui.input(|input| input.events.clone());
        for event in events {
            if let Event::Key { key, pressed, repeat: false, modifiers, .. } = event
                && !modifiers.command
            {
                self.type_key(key, pressed, scene);
            }
        }
    }

    fn type_key(&mut self, key: Key, pressed: bool, scene: &mut Scene) {
        match key {
            Key::ArrowLeft if pressed => return shift(&mut scene.state.octave, -1),
            Key::ArrowRight if pressed => return shift(&mut scene.state.octave, 1),
            _ => {}
        }
        if !pressed {
            scene.actions.extend(self.typed.remove(&key).map(|key| Action::NoteOff { key }));
            return;
        }
        let Some((_, semitones)) = COMPUTER.iter().find(|(named, _)| *named == key) else { return };
        let Some(note) = first_key(scene.state.octave).checked_add(*semitones).filter(|note| *note < 128)
        else {
            return;
        };
        if let std::collections::btree_map::Entry::Vacant(free) = self.typed.entry(key) {
            free.insert(note);
            scene.actions.push(Action::NoteOn { key: note, velocity: VELOCITY });
        }
    }
}

fn octave(ui: &mut Ui, scene: &mut Scene) {
    ui.weak("Octave");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if ui.small_button("-").on_hover_text("An octave down (left arrow)").clicked() {
            shift(&mut scene.state.octave, -1);
        }
        ui.monospace(format!("C{}", scene.state.octave));
        if ui.small_button("+").on_hover_text("An octave up (right arrow)").clicked() {
            shift(&mut scene.state.octave, 1);
        }
    })
    .response
    .on_hover_text(HELP);
}

fn shift(octave: &mut i8, by: i8) {
    *octave = (*octave + by).clamp(*OCTAVES.start(), *OCTAVES.end());
}

/// The key at the left end: C4 is 60.
fn first_key(octave: i8) -> u8 {
    (i32::from(octave.clamp(*OCTAVES.start(), *OCTAVES.end())) + 1) as u8 * 12
}

/// The places of the keys.
struct Piano {
    rect: Rect,
    first: u8,
    whites: usize,
}

/// Semitones of the white keys above C.
const WHITES: [u8; 7] = [0, 2, 4, 5, 7, 9, 11];

impl Piano {
    fn new(rect: Rect, octave: i8) -> Self {
        let whites = ((rect.width() / KEY_WIDTH).round() as usize).max(7);
        Self { rect, first: first_key(octave), whites }
    }

    fn white(&self, index: usize) -> Option<(u8, Rect)> {
        let key = usize::from(self.first) + index / 7 * 12 + usize::from(WHITES[index % 7]);
        let width = self.rect.width() / self.whites as f32;
        let left = self.rect.left() + index as f32 * width;
        let rect = Rect::from_min_size(pos2(left, self.rect.top()), vec2(width, self.rect.height()));
        (key < 128).then_some((key as u8, rect))
    }

    /// The black key at the right edge of a white one.
    fn black(&self, index: usize) -> Option<(u8, Rect)> {
        let (key, white) = self.white(index)?;
        let there = !matches!(WHITES[index % 7], 4 | 11) && key < 127 && index + 1 < self.whites;
        let size = vec2(white.width() * 0.62, white.height() * 0.6);
        let left = white.right() - size.x / 2.0;
        there.then(|| (key + 1, Rect::from_min_size(pos2(left, white.top()), size)))
    }

    /// The key at a point, and how hard it is played there.
    fn key_at(&self, at: Pos2) -> Option<(u8, u8)> {
        let all =
            |of: fn(&Self, usize) -> Option<(u8, Rect)>| (0..self.whites).filter_map(move |i| of(self, i));
        let (key, rect) = all(Self::black).chain(all(Self::white)).find(|(_, rect)| rect.contains(at))?;
        let share = (at.y - rect.top()) / rect.height();
        Some((key, (1.0 + 126.0 * share.clamp(0.0, 1.0)).round() as u8))
    }

    fn paint(&self, ui: &Ui, held: u128, response: &Response) {
        let palette = theme::palette(ui);
        let painter = ui.painter_at(self.rect.expand(2.0));
        let edge = Stroke::new(1.0, Color32::from_gray(110));
        let round = CornerRadius { nw: 0, ne: 0, sw: 3, se: 3 };
        for (key, rect) in (0..self.whites).filter_map(|index| self.white(index)) {
            let lit = held & 1 << key != 0;
            let fill = if lit { HELD } else { Color32::from_gray(238) };
            painter.rect(rect, round, fill, edge, StrokeKind::Inside);
            if key % 12 == 0 {
                let name = format!("C{}", i32::from(key) / 12 - 1);
                let at = pos2(rect.center().x, rect.bottom() - 3.0);
                let font = FontId::proportional(9.0);
                let ink = if lit { Color32::BLACK } else { Color32::from_gray(90) };
                painter.text(at, Align2::CENTER_BOTTOM, name, font, ink);
            }
        }
        for (key, rect) in (0..self.whites).filter_map(|index| self.black(index)) {
            let fill = if held & 1 << key != 0 { HELD } else { Color32::from_gray(38) };
            painter.rect(rect, round, fill, edge, StrokeKind::Inside);
        }
        if response.has_focus() {
            let rim = Stroke::new(2.0, palette.accent);
            painter.rect_stroke(self.rect, 2, rim, StrokeKind::Outside);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piano(octave: i8) -> Piano {
        Piano::new(Rect::from_min_size(Pos2::ZERO, vec2(15.0 * KEY_WIDTH, 100.0)), octave)
    }

    #[test]
    fn every_key_is_where_it_is_seen() {
        let piano = piano(4);
        assert_eq!(piano.key_at(pos2(1.0, 99.0)), Some((60, 126)));
        assert_eq!(piano.key_at(pos2(KEY_WIDTH, 5.0)).unwrap().0, 61);
        assert_eq!(piano.key_at(pos2(KEY_WIDTH + 2.0, 90.0)).unwrap().0, 62);
        assert_eq!(piano.key_at(pos2(3.0 * KEY_WIDTH + 1.0, 5.0)).unwrap().0, 65, "no black key above E");
        assert_eq!(piano.key_at(pos2(-1.0, 5.0)), None);
    }

    #[test]
    fn there_is_no_key_above_the_last_one() {
        let piano = piano(9);
        assert!((0..piano.whites).filter_map(|index| piano.white(index)).all(|(key, _)| key < 128));
        assert!((0..piano.whites).filter_map(|index| piano.black(index)).all(|(key, _)| key < 128));
        assert_eq!((first_key(-1), first_key(4), first_key(100)), (0, 60, 108));
    }
}
