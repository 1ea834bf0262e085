//! The view, and whether a frame would show anything that the last one did not: only then is one drawn.
//!
//! Two threads bring the view up to date: the window's, for each frame, and the pulse of the [window](super::window),
//! which asks for that frame. Nothing else asks for frames, but for egui itself after what the user does.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fonts;
use super::model::{Backend, EditorState, State, Tab, View};

/// The loudest that no picture of the sound shows, as an amplitude: -72 dB of full scale.
const SILENCE: f32 = 2.5e-4;

/// The view of an editor. See the module.
#[derive(Default)]
pub(super) struct Sight {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// None while a frame is drawn of it.
    view: Option<View>,
    /// What the last frame showed of it; none before the first.
    drawn: Option<View>,
    /// The lines of the console then: how often it was cleared, the first and the next.
    lines: [u64; 3],
    place: Place,
    /// The system's answers about fonts then.
    fonts: u64,
    /// Whether something still moves that the view does not tell: a meter that falls.
    settles: bool,
}

/// The parts of the editor that are open, as far as they decide what is seen of a view.
#[derive(Clone, Copy, Default)]
struct Place {
    tab: Tab,
    picture: bool,
}

/// The outcome of a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether a frame would show something else than the last one.
    pub differs: bool,
    /// Whether more is likely to follow soon.
    pub moves: bool,
}

impl Sight {
    /// The view, brought up to date, to draw a frame of it; to be given [back](Sight::give_back).
    pub fn take(&self, backend: &dyn Backend) -> View {
        let mut view = self.inner().view.take().unwrap_or_default();
        backend.fill(&mut view);
        view
    }

    /// The view as it is; an empty one while a frame is drawn of it.
    pub fn view(&self) -> View {
        self.inner().view.clone().unwrap_or_default()
    }

    /// Takes a view back that was drawn with the editor in this state.
    pub fn give_back(&self, mut view: View, state: &EditorState, settles: bool) {
        let mut inner = self.inner();
        let place = Place { tab: state.tab, picture: state.picture };
        inner.lines = lines(&view);
        inner.fonts = fonts::answers();
        inner.drawn = Some(seen(&mut view, place));
        inner.view = Some(view);
        (inner.place, inner.settles) = (place, settles);
    }

    /// Brings the view up to date and compares it with what was drawn. While a frame is drawn nothing differs.
    pub fn look(&self, backend: &dyn Backend) -> Look {
        let mut inner = self.inner();
        let Inner { view: Some(view), drawn: Some(drawn), lines: said, place, fonts, settles } = &mut *inner
        else {
            return Look::default();
        };
        backend.fill(view);
        let differs =
            *settles || fonts::answers() != *fonts || lines(view) != *said || seen(view, *place) != *drawn;
        let stirs = matches!(view.state, State::Playing | State::Restarted(_) | State::Loading);
        Look { differs, moves: differs || stirs || view.recording.active }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lines(view: &View) -> [u64; 3] {
    [view.console.clears(), view.console.first(), view.console.next()]
}

/// The view as far as it can be seen: what is not shown is left out, and numbers are as exact as they are
/// shown. The console's lines are counted elsewhere. Whatever a view gains counts as seen until it is named here.
fn seen(view: &mut View, place: Place) -> View {
    let console = std::mem::take(&mut view.console);
    let mut seen = view.clone();
    view.console = console;
    let tenths = |value: f64| if value.is_finite() { (value * 10.0).floor() } else { 0.0 };
    // The clock that is shown ends with the score.
    let end = seen.transport.length.filter(|length| *length > 0.0).unwrap_or(f64::INFINITY);
    seen.transport.time = tenths(seen.transport.time.min(end));
    seen.transport.tempo = seen.transport.tempo.map(tenths);
    if let Some(host) = &mut seen.transport.host {
        host.bar = host.bar.map(|(bar, beat)| (bar, beat.floor()));
        host.seconds = if host.bar.is_some() { 0.0 } else { host.seconds.floor() };
    }
    seen.recording.seconds = tenths(seen.recording.seconds);
    // The load flickers, and is as new as the last frame. What it warns of is seen at once.
    let warning =
        if seen.picture.worst >= 1.0 { 2.0 } else { f64::from(u8::from(seen.picture.worst >= 0.7)) };
    (seen.picture.load, seen.picture.worst) = (0.0, warning);
    let silent = seen.picture.scope.iter().flatten().all(|sample| sample.abs() < SILENCE);
    if !place.picture {
        (seen.picture.scope, seen.picture.meters) = (Vec::new(), Vec::new());
    } else if silent {
        seen.picture.scope.clear();
        seen.picture.meters.iter_mut().for_each(|meter| (meter.peak, meter.rms) = (0.0, 0.0));
    }
    if place.tab != Tab::Channels {
        seen.values.clear();
    }
    if place.tab != Tab::Events {
        seen.sounding = [].into();
    }
    seen.values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
    seen
}
