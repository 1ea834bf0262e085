//! What a panel of many widgets with pictures takes to draw, in a window on a screen in memory: without a graphics card,
//! and all of it, the screen's own part too, on one processor. And whether it is drawn where nothing changes.

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use csound_cabbage::{Change, Changes, Value};
use csound_performer::editor::Editor;
use csound_performer::editor::fake::{FakeBackend, FakeDialogs, FakePiece};
use csound_performer::editor::model::{
    Action, Backend, EditorState, Image, Images, PlacedKind, Saved, State, Table, Tables, View,
};
use csound_performer::plugin::backend::panel_of;
use csound_window::baseview::dpi::LogicalSize;
use csound_window::{App, Drawing, HostSide, Press, Repaint, Settings, Whose};
use egui::{Context, Ui};
use rustix::thread::{CpuSet, sched_setaffinity};
use test_host::measure::figures::Spread;
use test_host::measure::job::{self, PanelFrames};
use test_host::measure::usage::CpuMeter;
use test_host::screen::Xvfb;

/// Widgets of the panel: so many rows of so many.
const ROWS: usize = 15;
const COLUMNS: usize = 20;

/// The panel's size, and that of the place of a widget, in pixels.
const SIZE: [u32; 2] = [1000, 780];
const STEP: [usize; 2] = [50, 52];

/// Frames in which textures and fonts are made.
const WARM: usize = 20;

/// Until a panel has come to rest, and then between looks whether a frame is needed.
const REST: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(40);
const LOOKS: usize = 50;

/// The longest wait for all frames.
const PATIENCE: Duration = Duration::from_secs(300);

/// Draws so many frames in each of which everything moves, and then looks for frames that nothing asks for.
pub fn measure(frames: usize) -> Result<()> {
    sched_setaffinity(None, &one_processor())?;
    let screen = Xvfb::start(SIZE[0] + 100, SIZE[1] + 100)?;
    // SAFETY: no other thread has been started yet.
    unsafe {
        std::env::set_var("DISPLAY", screen.display());
        std::env::set_var("LIBGL_ALWAYS_SOFTWARE", "1");
        // It draws on the window's own thread.
        std::env::set_var("LP_NUM_THREADS", "0");
    }
    let (milliseconds, drawn) = frames_by(Drawing::Best, frames)?;
    let (by_open_gl, _) = frames_by(Drawing::OpenGl, frames)?;
    let changed = changed(frames)?;
    job::answer(&PanelFrames { widgets: widgets()?, milliseconds, by_open_gl, changed, looks: LOOKS, drawn })
}

/// So many frames of a window whose picture is drawn that way, in milliseconds; and how many came after them that
/// nothing asked for.
fn frames_by(drawing: Drawing, frames: usize) -> Result<(Spread, usize)> {
    let shown = Arc::new(Shown::new(CpuMeter::new()?));
    let repaint = Repaint::default();
    let app = Panel { shown: Arc::clone(&shown), repaint: repaint.clone(), wanted: frames + WARM };
    let size = LogicalSize::new(f64::from(SIZE[0]), f64::from(SIZE[1]));
    let settings = Settings::alone("A panel", size, drawing);
    let build = |context: &Context, _: &_| {
        Editor::install(context);
        Ok(app)
    };
    let ties = (repaint.clone(), HostSide::default());
    let window = csound_window::open(settings, ties, None, build).map_err(|error| anyhow!("{error}"))?;
    window.show().map_err(|error| anyhow!("{error}"))?;
    repaint.request();
    let began = Instant::now();
    while shown.count() < frames + WARM {
        ensure!(began.elapsed() < PATIENCE, "only {} frames were drawn", shown.count());
        std::thread::sleep(LOOK);
    }
    std::thread::sleep(REST);
    let rested = shown.count();
    for _ in 0..LOOKS {
        std::thread::sleep(LOOK);
        if locked(&shown.editor).is_behind(&*shown.backend) {
            repaint.request();
        }
    }
    let drawn = shown.count() - rested;
    window.close();
    let times = std::mem::take(&mut *locked(&shown.milliseconds));
    Ok((Spread::of(times.into_iter().skip(WARM)), drawn))
}

/// The first of the processors that this process may use.
fn one_processor() -> CpuSet {
    let may = rustix::thread::sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    let mut one = CpuSet::new();
    one.set((0..CpuSet::MAX_CPU).find(|processor| may.is_set(*processor)).unwrap_or(0));
    one
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is in the window, seen from both threads.
struct Shown {
    editor: Mutex<Editor>,
    backend: Arc<FakeBackend>,
    meter: CpuMeter,
    frames: AtomicUsize,
    /// The processor's time between a frame's beginning and the next one's.
    milliseconds: Mutex<Vec<f64>>,
}

impl Shown {
    fn new(meter: CpuMeter) -> Self {
        Self {
            editor: Mutex::new(Editor::new(Box::<FakeDialogs>::default())),
            backend: backend(),
            meter,
            frames: AtomicUsize::new(0),
            milliseconds: Mutex::default(),
        }
    }

    fn count(&self) -> usize {
        self.frames.load(Ordering::Acquire)
    }
}

struct Panel {
    shown: Arc<Shown>,
    repaint: Repaint,
    wanted: usize,
}

/// The processor's time at the last frame that was timed.
#[derive(Clone, Copy)]
struct Before(Duration);

impl App for Panel {
    fn ui(&mut self, ui: &mut Ui) {
        let number = self.shown.frames.fetch_add(1, Ordering::AcqRel);
        if number < self.wanted {
            // It has not been measured where the clocks cannot be read: then there are too few times.
            let now = self.shown.meter.read().unwrap_or_default();
            let id = egui::Id::NULL;
            let before = ui.data(|data| data.get_temp::<Before>(id));
            ui.data_mut(|data| data.insert_temp(id, Before(now)));
            if let Some(Before(before)) = before {
                let took = now.saturating_sub(before).as_secs_f64() * 1000.0;
                locked(&self.shown.milliseconds).push(took);
            }
            self.shown.backend.change(|view| stir(view, number));
            self.repaint.request();
        }
        locked(&self.shown.editor).show(ui, &*self.shown.backend);
    }

    fn whose(&self, _: &Context, _: &Press) -> Whose {
        Whose::Ours
    }

    fn is_typing(&self) -> bool {
        false
    }
}

/// Moves all that can move: values, meters and tables.
fn stir(view: &mut View, number: usize) {
    let count = view.channels.len();
    view.values.resize(count, 0.0);
    for (index, (value, channel)) in view.values.iter_mut().zip(view.channels.iter()).enumerate() {
        let position = (number as f64 / 60.0 + index as f64 / 37.0).fract();
        *value = channel.range.to_value(position);
    }
    view.tables = [(1, wave(number))].into_iter().collect::<Tables>().into();
}

fn wave(number: usize) -> Table {
    let at = |index: usize| ((index * 5 + number) as f32 / 50.0).sin();
    let points: Vec<f32> = (0..512).map(at).collect();
    Table { length: points.len(), points: points.into() }
}

/// Milliseconds that it takes to have the panel anew after the piece has changed a widget.
fn changed(times: usize) -> Result<Spread> {
    let section = section();
    let mut milliseconds = Vec::new();
    for number in 0..times.min(200) {
        let left = vec![Value::Number(number as f64 % 100.0)];
        let changes: Changes = vec![Change::of("c1", "left", left)].into();
        let began = Instant::now();
        let (_, layout) = std::hint::black_box(panel_of(&section, &changes));
        milliseconds.push(began.elapsed().as_secs_f64() * 1000.0);
        ensure!(layout.is_some(), "there is no panel");
    }
    Ok(Spread::of(milliseconds))
}

/// How many widgets there are; none of them is unknown.
fn widgets() -> Result<usize> {
    let (_, layout) = panel_of(&section(), &Changes::default());
    let widgets = layout.map(|layout| layout.widgets).unwrap_or_default();
    let idle = [PlacedKind::Idle, PlacedKind::Unknown];
    ensure!(widgets.iter().all(|placed| !idle.contains(&placed.kind)), "a widget is not drawn");
    Ok(widgets.len())
}

fn backend() -> Arc<FakeBackend> {
    let text = section();
    let (channels, layout) = panel_of(&text, &Changes::default());
    let piece = FakePiece { channels, layout, ..FakePiece::csd("/panel.csd", &text) };
    let path = piece.path.clone();
    let backend = FakeBackend::new(vec![piece]);
    backend.act(Action::Open(path));
    let state = EditorState { own_layout: true, panel_only: Some(true), ..EditorState::default() };
    backend.change(|view| {
        view.state = State::Playing;
        view.saved = Saved { generation: 2, state: Arc::new(state) };
        view.images = Arc::new(images());
    });
    Arc::new(backend)
}

/// The kinds of widgets, in turn, without their places and channels.
const KINDS: [&str; 12] = [
    "rslider range(0, 10, 2), text(\"Rate\"), filmstrip(\"strip.png\", 31)",
    "image file(\"photo.png\")",
    "hslider range(0, 1, 0.5), imgfile(\"Slider\", \"hand.png\"), imgfile(\"Background\", \"ground.png\")",
    "button text(\"Off\", \"On\"), imgfile(\"Off\", \"off.png\"), imgfile(\"On\", \"on.png\")",
    "label text(\"A label\"), fontcolour(255, 200, 100)",
    "rslider range(0, 10, 2), text(\"Knob\"), trackercolour(250, 180, 60)",
    "vmeter overlaycolour(10, 10, 10), metercolour:0(255, 90, 0)",
    "image file(\"turned.png\"), rotate(0.4), alpha(0.6)",
    "checkbox text(\"Check\"), colour:1(90, 200, 60)",
    "nslider range(0, 100, 42, 1, 1), text(\"Steps\")",
    "gentable tablenumber(1), tablecolour(120, 220, 120)",
    "combobox items(\"Saw\", \"Square\", \"Sine\")",
];

fn section() -> String {
    let mut text = format!("<Cabbage>\nform size({}, {}), colour(30, 30, 40)\n", SIZE[0], SIZE[1]);
    for index in 0..ROWS * COLUMNS {
        let (left, top) = (index % COLUMNS * STEP[0] + 2, index / COLUMNS * STEP[1] + 2);
        let (kind, says) = KINDS[index % KINDS.len()].split_once(' ').unwrap_or_default();
        // Writing to a text does not fail.
        let _ = writeln!(text, "{kind} bounds({left}, {top}, 46, 48), channel(\"c{index}\"), {says}");
    }
    text + "</Cabbage>\n"
}

fn images() -> Images {
    let files = [
        ("strip.png", [64, 64 * 31]),
        ("photo.png", [256, 256]),
        ("hand.png", [64, 64]),
        ("ground.png", [128, 128]),
        ("off.png", [128, 128]),
        ("on.png", [128, 128]),
        ("turned.png", [128, 128]),
    ];
    files.into_iter().map(|(name, size)| (name.to_owned(), Some(Arc::new(picture(size))))).collect()
}

/// A picture in which neighbours differ, half of it seen through.
fn picture(size: [usize; 2]) -> Image {
    let pixel =
        |at: usize| [at as u8, (at / size[0]) as u8, 120, if at.is_multiple_of(2) { 255 } else { 128 }];
    Image { size, rgba: (0..size[0] * size[1]).flat_map(pixel).collect() }
}
