//! What plays and what comes: a line for each instrument, with its voices, the entries of the score and the score's time;
//! and a line for what the console was told meanwhile.

mod said;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{
    Align, Align2, Color32, Label, Layout, Painter, Rect, Response, RichText, ScrollArea, Sense, Stroke, Ui,
    UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::model::{Action, IsolationLevel, ScoreEntry, View};
use super::scene::Scene;
use super::theme::{self, Palette};

use said::Marks;

/// The height of a line and the width of what stands before it, in points.
const LANE: f32 = 22.0;
const NAMES: f32 = 150.0;

/// Lines that are shown at a time at least, where there are so many; more are scrolled to.
const LEAST_SHOWN: usize = 3;

/// The height that what stands below the lines keeps, in points.
const BELOW: f32 = 160.0;

/// The lines that there can be.
const MOST: usize = 512;

/// The share of the line that lies before the score's time.
const BEFORE: f64 = 0.25;

/// The seconds that can be seen at a time; none is all of the score.
const SPANS: [(Option<f64>, &str); 4] =
    [(Some(10.0), "10 s"), (Some(60.0), "1 min"), (Some(300.0), "5 min"), (None, "All")];

/// The entries of one instrument: when they begin and end, in seconds.
struct Lane {
    name: String,
    entries: Vec<(f64, f64)>,
}

/// Remembers the lines of a piece: those that were there stay while it plays, so that nothing moves under the pointer.
#[derive(Default)]
pub(super) struct Timeline {
    lanes: Vec<Lane>,
    score: Arc<[ScoreEntry]>,
    /// The piece, and the instruments of its text.
    of: (String, Arc<[String]>),
    span: usize,
    said: Marks,
    /// How many lines are shown, of how many, in a window of what size, with the keyboard or without.
    shown: ((usize, Vec2, bool), usize),
}

/// The seconds that are seen.
#[derive(Clone, Copy)]
struct Window {
    begin: f64,
    end: f64,
}

impl Window {
    fn x(self, rect: Rect, seconds: f64) -> f32 {
        let share = (seconds - self.begin) / (self.end - self.begin);
        rect.left() + rect.width() * share.clamp(-0.1, 1.1) as f32
    }

    fn at(self, rect: Rect, x: f32) -> f64 {
        let share = f64::from((x - rect.left()) / rect.width().max(1.0));
        (self.begin + (self.end - self.begin) * share).max(0.0)
    }

    fn holds(self, seconds: f64) -> bool {
        (self.begin..=self.end).contains(&seconds)
    }
}

impl Timeline {
    /// Draws it.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene) {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for (index, (_, name)) in SPANS.iter().enumerate().rev() {
                    theme::choice(ui, &mut self.span, index, *name);
                }
                let words = RichText::new(self.headline(scene.view)).color(theme::palette(ui).weak);
                let left = Layout::left_to_right(Align::Center);
                ui.with_layout(left, |ui| ui.add(Label::new(words).truncate()));
            });
        });
        if self.lanes.is_empty() {
            ui.label(RichText::new("Nothing sounds, and the score has no notes").small());
            return;
        }
        let window = self.window(scene.view);
        let height = LANE * self.lanes_shown(ui, scene) as f32;
        let area = ScrollArea::vertical()
            .id_salt("timeline")
            .max_height(height)
            .auto_shrink([false, true])
            .show_rows(ui, LANE - ui.spacing().item_spacing.y, self.lanes.len(), |ui, rows| {
                rows.for_each(|row| show_lane(ui, scene, &self.lanes[row], window))
            });
        // It has its place from the first, so that nothing moves once something is said; it ends where the others do,
        // a scroll bar beside them or not.
        self.said.show(ui, scene, (area.inner_rect.width(), window));
    }

    /// How many lines are shown at a time: as many as there is room for. It stays while messages come and go below, so
    /// that nothing moves then.
    fn lanes_shown(&mut self, ui: &Ui, scene: &Scene) -> usize {
        let of = (self.lanes.len(), ui.ctx().content_rect().size(), scene.state.keyboard);
        if self.shown.0 != of {
            let room = ((ui.available_height() - BELOW) / LANE).max(0.0) as usize;
            self.shown = (of, self.lanes.len().min(room.max(LEAST_SHOWN)));
        }
        self.shown.1
    }

    fn headline(&self, view: &View) -> &'static str {
        match () {
            () if view.isolation.level == IsolationLevel::InHost => {
                "What plays is not shown here: the piece performs in the host's process"
            }
            () if self.score.is_empty() && !view.piece.name.is_empty() => {
                "What plays: the score has no notes"
            }
            () => "What plays and what comes of the score",
        }
    }

    /// Takes what the view has.
    pub fn follow(&mut self, view: &View) {
        let is_other = self.of.0 != view.piece.name || !Arc::ptr_eq(&self.of.1, &view.instruments);
        if is_other || !Arc::ptr_eq(&self.score, &view.score) {
            if is_other {
                self.said.clear();
            }
            self.of = (view.piece.name.clone(), Arc::clone(&view.instruments));
            self.score = Arc::clone(&view.score);
            self.lanes = lanes(&self.score, &view.instruments);
        }
        let known: BTreeSet<&str> = self.lanes.iter().map(|lane| lane.name.as_str()).collect();
        let new = view.sounding.iter().filter(|sounding| !known.contains(sounding.name.as_str()));
        let new: Vec<_> = new.map(|sounding| Lane { name: sounding.name.clone(), entries: vec![] }).collect();
        self.lanes.extend(new);
        self.lanes.truncate(MOST);
        self.said.follow(view);
    }

    fn window(&self, view: &View) -> Window {
        let now = view.transport.time;
        let Some(span) = SPANS[self.span].0 else {
            let last = view.transport.length.filter(|length| length.is_finite() && *length > 0.0);
            return Window { begin: 0.0, end: last.unwrap_or_else(|| open_end(now)) };
        };
        let begin = (now - span * BEFORE).max(0.0);
        Window { begin, end: begin + span }
    }
}

/// Those of the score and those that it does not play: numbers in their order, then names in the score's and the text's.
fn lanes(score: &[ScoreEntry], instruments: &[String]) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for entry in score {
        let times = (entry.begin, entry.begin + entry.length);
        if let Some(lane) = lanes.iter_mut().find(|lane| lane.name == entry.instrument) {
            lane.entries.push(times);
        } else if lanes.len() < MOST {
            lanes.push(Lane { name: entry.instrument.clone(), entries: vec![times] });
        }
    }
    for name in instruments {
        if lanes.len() < MOST && lanes.iter().all(|lane| lane.name != *name) {
            lanes.push(Lane { name: name.clone(), entries: Vec::new() });
        }
    }
    lanes.sort_by_key(|lane| lane.name.parse::<u64>().unwrap_or(u64::MAX));
    lanes
}

fn show_lane(ui: &mut Ui, scene: &mut Scene, lane: &Lane, window: Window) {
    let size = vec2(ui.available_width(), LANE - ui.spacing().item_spacing.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let (names, line) = rect.split_left_right_at_x(rect.left() + NAMES);
    show_name(ui, scene.view, lane, names);
    let line = line.shrink2(vec2(0.0, 1.0));
    let now = scene.view.transport.time;
    paint(ui, lane, line, window, (now, !scene.view.score.is_empty()));
    let next = lane.entries.iter().map(|(begin, _)| *begin).filter(|begin| *begin > now).reduce(f64::min);
    response.widget_info(|| {
        let next = next.map_or("nothing more of the score".to_owned(), |next| format!("next at {next:.1} s"));
        WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), format!("Score of {}: {next}", lane.name))
    });
    let pointer = ui.ctx().pointer_latest_pos().filter(|at| line.contains(*at));
    let Some(at) = pointer.map(|at| window.at(line, at.x)) else { return };
    if response.clicked() {
        scene.act(Action::Seek(at));
    }
    let under = lane.entries.iter().rfind(|(begin, end)| *begin <= at && at < *end);
    response.on_hover_text_at_pointer(match under {
        Some((begin, end)) if end.is_finite() => {
            format!("{} from {begin:.3} s for {:.3} s", lane.name, end - begin)
        }
        Some((begin, _)) => format!("{} from {begin:.3} s on, held", lane.name),
        None => format!("Click: go to {at:.1} s"),
    });
}

/// The instrument, and how many voices of it sound.
fn show_name(ui: &mut Ui, view: &View, lane: &Lane, rect: Rect) {
    let palette = theme::palette(ui);
    let sounding = view.sounding.iter().find(|sounding| sounding.name == lane.name);
    let (words, colour) = match sounding.map_or(0, |sounding| sounding.voices) {
        0 => (format!("instr {}", lane.name), palette.weak),
        1 => (format!("instr {}: 1 voice", lane.name), palette.text),
        many => (format!("instr {}: {many} voices", lane.name), palette.text),
    };
    let load = sounding.and_then(|sounding| sounding.load);
    let words = load.map_or(words.clone(), |load| format!("{words}, {}", percent(load)));
    let shown = show_words(ui, rect, &words, colour);
    if load.is_some() {
        shown.on_hover_text("Voices, and how much of one processor they take");
    }
}

/// The words before a line.
fn show_words(ui: &mut Ui, rect: Rect, words: &str, colour: Color32) -> Response {
    let place = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    let label = Label::new(RichText::new(words).small().color(colour)).truncate().selectable(false);
    ui.new_child(place).add(label)
}

/// Thousandths, as they are read: small ones with a digit after the point.
fn percent(load: u32) -> String {
    match load {
        0..100 => format!("{:.1} %", f64::from(load) / 10.0),
        _ => format!("{} %", (load + 5) / 10),
    }
}

fn paint(ui: &Ui, lane: &Lane, line: Rect, window: Window, (now, has_score): (f64, bool)) {
    let palette = theme::palette(ui);
    let painter = ui.painter_at(line);
    theme::paint_well(&painter, palette, line, 2);
    let inner = line.shrink(1.0);
    // What was drawn last begins there, and this is how far all goes: an entry that adds no pixel to it is not drawn.
    let (mut last, mut furthest) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for (begin, end) in &lane.entries {
        if *end < window.begin || *begin > window.end {
            continue;
        }
        let left = window.x(inner, *begin);
        let right = window.x(inner, *end).max(left + 2.0);
        if left < last + 1.0 && right < furthest + 1.0 {
            continue;
        }
        (last, furthest) = (left, furthest.max(right));
        let colour = match () {
            () if now >= *begin && now < *end => palette.accent,
            () if now >= *end => palette.unlit(),
            () => palette.weak,
        };
        let bar = Rect::from_min_max(pos2(left, inner.top() + 1.0), pos2(right - 0.5, inner.bottom() - 1.0));
        painter.rect_filled(bar, 1, colour);
        // Where notes lie over each other, each begins with an edge.
        painter.vline(left, bar.y_range(), Stroke::new(1.0, palette.well));
    }
    paint_now(&painter, palette, line, (window, now));
    let font = egui::TextStyle::Small.resolve(ui.style());
    if lane.entries.is_empty() && has_score {
        let middle = inner.center();
        painter.text(middle, Align2::CENTER_CENTER, "not of the score", font, palette.weak);
    }
}

/// The score's time as a line; at the end where it is over.
fn paint_now(painter: &Painter, palette: &Palette, line: Rect, (window, now): (Window, f64)) {
    let inner = line.shrink(1.0);
    let x = window.x(inner, now).min(inner.right() - 1.0);
    painter.vline(x, line.y_range(), Stroke::new(1.5, palette.text));
}

/// Where the time of a score without an end is drawn to, in seconds: it doubles, so that its scale changes seldom.
fn open_end(now: f64) -> f64 {
    let mut end = 60.0;
    while end < now && end < f64::MAX / 4.0 {
        end *= 2.0;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(instrument: &str, begin: f64, length: f64) -> ScoreEntry {
        ScoreEntry { instrument: instrument.into(), begin, length }
    }

    #[test]
    fn lanes_are_numbers_in_their_order_then_names() {
        let score =
            [entry("bell", 0.0, 1.0), entry("10", 0.0, 1.0), entry("2", 1.0, 1.0), entry("bell", 2.0, 0.5)];
        let found: Vec<_> = lanes(&score, &["bell".into(), "pad".into(), "1".into()])
            .into_iter()
            .map(|lane| (lane.name, lane.entries))
            .collect();
        let expected = [
            ("1".to_owned(), vec![]),
            ("2".to_owned(), vec![(1.0, 2.0)]),
            ("10".to_owned(), vec![(0.0, 1.0)]),
            ("bell".to_owned(), vec![(0.0, 1.0), (2.0, 2.5)]),
            ("pad".to_owned(), vec![]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn loads_are_read_in_hundredths() {
        assert_eq!(
            [0, 4, 99, 100, 125, 1000].map(percent),
            ["0.0 %", "0.4 %", "9.9 %", "10 %", "13 %", "100 %"]
        );
    }

    #[test]
    fn a_window_follows_the_time_and_a_place_in_it_is_a_time() {
        let timeline = Timeline::default();
        let mut view = View::default();
        view.transport.time = 1.0;
        let window = timeline.window(&view);
        assert_eq!((window.begin, window.end), (0.0, 10.0), "not before the score");
        view.transport.time = 20.0;
        let window = timeline.window(&view);
        assert_eq!((window.begin, window.end), (17.5, 27.5));
        let rect = Rect::from_min_size(pos2(100.0, 0.0), vec2(200.0, 10.0));
        assert_eq!((window.x(rect, 22.5), window.at(rect, 200.0)), (200.0, 22.5));
        assert_eq!(window.at(rect, -1e6), 0.0);
        let all = Timeline { span: 3, ..Timeline::default() };
        view.transport.length = Some(30.0);
        assert_eq!((all.window(&view).begin, all.window(&view).end), (0.0, 30.0));
        view.transport.time = 45.0;
        assert_eq!(all.window(&view).end, 30.0, "what is over keeps its scale");
        view.transport.length = None;
        assert_eq!(all.window(&view).end, 60.0);
        view.transport.time = 200.0;
        assert_eq!(all.window(&view).end, 240.0);
    }
}
