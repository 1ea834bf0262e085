//! Files that are dropped on the window: a piece opens, and any file goes to the control that takes one and lies under
//! it. While they are dragged, the window says what would come of it.

use std::path::{Path, PathBuf};

use egui::{
    Align2, Context, CornerRadius, FontId, Id, LayerId, Order, Pos2, Rect, Stroke, StrokeKind, Ui, vec2,
};

use super::model::{Action, View};
use super::theme;
use crate::user_input::FILE_CHANNEL;

/// For so long the window says why nothing came of a drop, in seconds.
const SAYS: f64 = 6.0;

/// A control that takes a file, where it lies now.
#[derive(Clone, Debug, PartialEq)]
struct Taker {
    rect: Rect,
    /// The string channel that gets the file's path.
    channel: String,
}

/// What comes of files at a place.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    Open(PathBuf),
    Set(Taker, PathBuf),
    /// Nothing, and why.
    Nothing(&'static str),
}

/// What the editor remembers of drops between frames.
#[derive(Default)]
pub(super) struct Drops {
    /// Why nothing came of the last one, and until when that is said.
    refused: Option<(&'static str, f64)>,
}

fn takers() -> Id {
    Id::unique("takers of files")
}

/// A control that is drawn now takes files that are dropped on it.
pub(super) fn take_files(ui: &Ui, rect: Rect, channel: &str) {
    let taker = Taker { rect: rect.intersect(ui.clip_rect()), channel: channel.to_owned() };
    ui.data_mut(|data| data.get_temp_mut_or_default::<Vec<Taker>>(takers()).push(taker));
}

impl Drops {
    /// At the end of a frame: what the user has dropped in it.
    pub fn end_frame(&mut self, context: &Context, view: &View) -> Option<Action> {
        let opens_pieces = view.opens_pieces();
        let takers = context.data_mut(|data| data.remove_temp::<Vec<Taker>>(takers())).unwrap_or_default();
        let (dropped, hovered, at, now) = context.input(|input| {
            let dropped: Vec<_> = input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect();
            let hovered: Vec<_> =
                input.raw.hovered_files.iter().filter_map(|file| file.path.clone()).collect();
            (dropped, hovered, input.pointer.latest_pos(), input.time)
        });
        if !hovered.is_empty() {
            self.refused = None;
            announce(context, &outcome(&hovered, at, &takers, opens_pieces), view);
        }
        let action = self.drop(&dropped, at, &takers, opens_pieces, now);
        self.show_refused(context, now);
        action
    }

    fn drop(
        &mut self,
        files: &[PathBuf],
        at: Option<Pos2>,
        takers: &[Taker],
        opens_pieces: bool,
        now: f64,
    ) -> Option<Action> {
        if files.is_empty() {
            return None;
        }
        match outcome(files, at, takers, opens_pieces) {
            Outcome::Open(path) => Some(Action::Open(path)),
            Outcome::Set(taker, path) => {
                Some(Action::SetText(taker.channel, path.to_string_lossy().into_owned()))
            }
            Outcome::Nothing(why) => {
                self.refused = Some((why, now + SAYS));
                None
            }
        }
    }

    fn show_refused(&mut self, context: &Context, now: f64) {
        let Some((why, until)) = self.refused else { return };
        if until <= now {
            self.refused = None;
            return;
        }
        say(context, why, false);
        context.request_repaint_after(std::time::Duration::from_secs_f64(until - now));
    }
}

/// What comes of files that are dropped at a place. What lies above was drawn last. A control takes one file, the
/// first; of several pieces the first opens.
fn outcome(files: &[PathBuf], at: Option<Pos2>, takers: &[Taker], opens_pieces: bool) -> Outcome {
    let under = at.and_then(|at| takers.iter().rev().find(|taker| taker.rect.contains(at)));
    let piece = files.iter().find(|path| is_piece(path));
    // The panel as a whole leaves pieces to the window.
    let under = under.filter(|taker| !(opens_pieces && piece.is_some() && taker.channel == FILE_CHANNEL));
    match (under, files.first(), piece) {
        (Some(taker), Some(file), _) => Outcome::Set(taker.clone(), file.clone()),
        (_, _, Some(piece)) if opens_pieces => Outcome::Open(piece.clone()),
        (_, _, Some(_)) => Outcome::Nothing("This plugin is made of one piece and opens no other"),
        _ if takers.is_empty() && opens_pieces => Outcome::Nothing(
            "Nothing on this page takes a file. Drop a piece (.csd, .orc, .sco) to open it; \
             a sound goes to a control of the piece that chooses a file",
        ),
        _ => Outcome::Nothing("Drop it on a control that chooses a file, or that is a line of text"),
    }
}

/// Whether a path is a piece's, by its ending.
pub(super) fn is_piece(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["csd", "orc", "sco"].iter().any(|known| known.eq_ignore_ascii_case(ending))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Says what would come of a drop.
fn announce(context: &Context, outcome: &Outcome, view: &View) {
    match outcome {
        Outcome::Open(path) => say(context, &format!("Drop to open {}", name(path)), true),
        Outcome::Nothing(why) => say(context, why, false),
        Outcome::Set(taker, path) => {
            let painter = context.layer_painter(LayerId::new(Order::Tooltip, takers()));
            let accent = Stroke::new(2.0, theme::palette_of(context).accent);
            painter.rect_stroke(taker.rect, CornerRadius::same(4), accent, StrokeKind::Outside);
            let known = view.channels.iter().find(|channel| channel.name == taker.channel);
            let whole = if taker.channel == FILE_CHANNEL { "the piece" } else { taker.channel.as_str() };
            let title = known.map_or(whole, |channel| channel.title());
            say(context, &format!("Drop to give {title} the file {}", name(path)), true);
        }
    }
}

/// Says something at the window's foot, above all else.
fn say(context: &Context, words: &str, good: bool) {
    let palette = theme::palette_of(context);
    let painter = context.layer_painter(LayerId::new(Order::Tooltip, takers()));
    let window = context.content_rect();
    let width = window.width() - 64.0;
    let galley = painter.layout(words.to_owned(), FontId::proportional(15.0), palette.text, width.max(100.0));
    let size = galley.size() + vec2(24.0, 16.0);
    let place = Align2::CENTER_BOTTOM.align_size_within_rect(size, window.shrink(24.0));
    let edge = Stroke::new(1.5, if good { palette.accent } else { palette.warning });
    painter.rect(place, CornerRadius::same(6), palette.raised, edge, StrokeKind::Inside);
    painter.galley(place.min + vec2(12.0, 8.0), galley, palette.text);
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    fn taker(channel: &str, x: f32) -> Taker {
        Taker { rect: Rect::from_min_size(pos2(x, 0.0), vec2(100.0, 50.0)), channel: channel.to_owned() }
    }

    #[test]
    fn a_file_goes_to_what_lies_under_it_and_a_piece_opens_elsewhere() {
        let takers = [taker("left", 0.0), taker("right", 200.0), taker("above", 240.0)];
        let files = ["/a/kick.wav".into(), "/a/bells.csd".into()];
        let of = |files: &[PathBuf], x: f32| outcome(files, Some(pos2(x, 20.0)), &takers, true);
        assert_eq!(of(&files, 50.0), Outcome::Set(takers[0].clone(), files[0].clone()));
        assert_eq!(of(&files, 250.0), Outcome::Set(takers[2].clone(), files[0].clone()), "what lies above");
        assert_eq!(of(&files[1..], 50.0), Outcome::Set(takers[0].clone(), files[1].clone()), "a piece too");
        assert_eq!(of(&files, 150.0), Outcome::Open(files[1].clone()));
        assert_eq!(outcome(&files, None, &takers, true), Outcome::Open(files[1].clone()));
        let panel = [taker(FILE_CHANNEL, 0.0)];
        let on_panel = |opens: bool| outcome(&files[1..], Some(pos2(50.0, 20.0)), &panel, opens);
        assert_eq!(on_panel(true), Outcome::Open(files[1].clone()), "a panel leaves pieces to the window");
        assert_eq!(on_panel(false), Outcome::Set(panel[0].clone(), files[1].clone()));
        assert!(matches!(of(&files[..1], 150.0), Outcome::Nothing(why) if why.contains("Drop it on")));
        assert!(
            matches!(outcome(&files, None, &[], false), Outcome::Nothing(why) if why.contains("opens no other"))
        );
    }
}
