//! A piece's own layout of its channels, as the editor shows it. Pure.

use std::collections::HashMap;

use super::panel::face;
use super::panel_finish::{colour, colours, finish, shape};
use super::panel_graph::{graph, signal_kind};
use super::panel_traces::traces;
use crate::editor::model::{
    Channel, Direction, Layout, PairKind, Part, PathKind, PathWish, Placed, PlacedKind, PresetDeed,
};
use crate::plugin::channels::cabbage::{Bounds, CabbageSection, CabbageWidget, WidgetKind};
use crate::plugin::shared::panel_files::WantedFiles;
use crate::plugin::shared::panel_images::Wanted;

/// The place of a widget that does not say it, in pixels.
const UNPLACED: Bounds = Bounds { x: 10.0, y: 10.0, width: 100.0, height: 30.0 };

/// The piece's own layout, if it has one.
pub(super) fn layout(cabbage: &CabbageSection, channels: &[Channel]) -> Option<Layout> {
    let form = cabbage.form.as_ref()?;
    let (mut widgets, mut parts) = (Vec::new(), Parts::of(cabbage));
    let places: HashMap<&str, usize> =
        channels.iter().enumerate().rev().map(|(place, channel)| (channel.name.as_str(), place)).collect();
    for (index, widget) in cabbage.widgets.iter().enumerate() {
        if cabbage.is_hidden(index) {
            continue;
        }
        let (kind, bounds) = (kind(widget, &places), cabbage.place(index).unwrap_or(UNPLACED));
        let face = match kind {
            PlacedKind::Control(channel) => channels.get(channel).and_then(|channel| face(widget, channel)),
            _ => None,
        };
        let colours = colours(widget);
        widgets.push(Placed {
            kind,
            bounds: sides(bounds),
            text: words(widget, kind),
            colour: colours.own,
            lit_colour: colours.lit,
            text_colour: colours.text,
            face,
            finish: finish(widget),
            traces: traces(widget),
            graph: graph(widget),
            wish: wish(widget),
            within: parts.around(index),
        });
    }
    let size = [form.width as f32, form.height as f32];
    let (caption, ground) = (form.caption.clone(), form.colour.map(colour));
    let layout = Layout { size, caption, colour: ground, widgets, parts: parts.parts };
    // One whose piece hides all of it is still there.
    (!cabbage.widgets.is_empty()).then_some(layout)
}

/// The pictures that a layout wants, each with about the pixels that it fills. What grows by a little wants the same.
pub(super) fn wanted(layout: &Layout) -> Wanted {
    let mut wanted = Wanted::new();
    for placed in &layout.widgets {
        let is_image = matches!(placed.kind, PlacedKind::Image(_));
        let [_, _, width, height] = placed.bounds;
        let size = [width, height].map(|side| (side.clamp(1.0, 1024.0) as u32).next_power_of_two());
        for name in placed.finish.pictures(is_image) {
            let known = wanted.entry(name.to_owned()).or_insert([1, 1]);
            *known = [known[0].max(size[0]), known[1].max(size[1])];
        }
    }
    wanted
}

/// The other files that a panel wants.
pub(super) fn wanted_files(layout: &Layout, cabbage: &CabbageSection) -> WantedFiles {
    let mut wanted = WantedFiles::default();
    let sounds = layout.widgets.iter().filter(|placed| matches!(placed.kind, PlacedKind::Sound(_)));
    let named = sounds.map(|placed| placed.finish.file.clone()).filter(|file| !file.is_empty());
    wanted.sounds.extend(named);
    let lists = cabbage.widgets.iter().filter_map(CabbageWidget::listed);
    wanted.lists.extend(lists.map(|(kind, folder)| (kind.to_owned(), folder.to_owned())));
    wanted
}

/// What is drawn of a widget: something always is.
fn kind(widget: &CabbageWidget, places: &HashMap<&str, usize>) -> PlacedKind {
    let index = |name: &str| places.get(name).copied();
    let pair = |kind: PairKind| match widget.channels.as_slice() {
        [first, second, ..] => Some(PlacedKind::Pair(kind, [index(first)?, index(second)?])),
        _ => None,
    };
    let own = || {
        let control = widget.controls().into_iter().next().map(|control| control.channel);
        index(control.as_deref().or_else(|| widget.text_channel())?)
    };
    let meter = |direction| Some(PlacedKind::Meter(index(widget.meter_channel()?)?, direction));
    let found = match &widget.kind {
        WidgetKind::Label => Some(PlacedKind::Label),
        WidgetKind::Groupbox => Some(PlacedKind::Group),
        WidgetKind::Keyboard => Some(PlacedKind::Keyboard),
        WidgetKind::Xypad => pair(PairKind::Pad),
        WidgetKind::Hrange => pair(PairKind::Range(Direction::Across)),
        WidgetKind::Vrange => pair(PairKind::Range(Direction::Up)),
        WidgetKind::Hmeter => meter(Direction::Across),
        WidgetKind::Vmeter => meter(Direction::Up),
        WidgetKind::Combobox | WidgetKind::Listbox if widget.lists_presets() => {
            Some(PlacedKind::PresetChoice(own()))
        }
        WidgetKind::Listbox => own().map(PlacedKind::List),
        WidgetKind::Optionbutton => own().map(PlacedKind::Option),
        WidgetKind::Other(name) => match name.as_str() {
            "image" | "shape" => Some(PlacedKind::Image(shape(widget))),
            "line" => Some(PlacedKind::Line),
            "gentable" => Some(PlacedKind::Table),
            "filebutton" => match deed(widget) {
                Some(deed) => Some(PlacedKind::PresetDeed(deed, own())),
                None if wish(widget) != PathWish::default() => own().map(PlacedKind::Path),
                None => None,
            },
            "soundfiler" => {
                let of = |place: usize| widget.channels.get(place).and_then(|name| index(name));
                Some(PlacedKind::Sound([of(0), of(1)]))
            }
            "signaldisplay" => Some(PlacedKind::Signal(signal_kind(widget))),
            "csoundoutput" => Some(PlacedKind::Console),
            "infobutton" => Some(PlacedKind::Info),
            "presetbutton" => Some(PlacedKind::Presets(widget.channels.first().and_then(|name| index(name)))),
            "texteditor" if widget.number("readonly") == Some(1.0) => Some(PlacedKind::Page),
            "texteditor" | "textbox" => Some(own().map_or(PlacedKind::Page, PlacedKind::Paper)),
            _ if widget.kind.unknown().is_some() => Some(PlacedKind::Unknown),
            _ => None,
        },
        _ => None,
    };
    found.or_else(|| own().map(PlacedKind::Control)).unwrap_or(PlacedKind::Idle)
}

/// The path that a `filebutton` asks for, by its `mode`, and by `populate("*.wav;*.aif")` or `fileType`.
fn wish(widget: &CabbageWidget) -> PathWish {
    if widget.kind != WidgetKind::Other("filebutton".to_owned()) {
        return PathWish::default();
    }
    let kind = match mode(widget).as_str() {
        "directory" => PathKind::Folder,
        "save" => PathKind::New,
        _ => PathKind::File,
    };
    let said = ["populate", "filetype"].into_iter().find_map(|name| widget.words(name).first().copied());
    let endings =
        said.unwrap_or_default().split(';').map(|ending| ending.trim().trim_start_matches(['*', '.']));
    PathWish { kind, endings: endings.filter(|ending| !ending.is_empty()).map(str::to_owned).collect() }
}

/// What a `filebutton` does with the piece's presets, by its `mode`.
fn deed(widget: &CabbageWidget) -> Option<PresetDeed> {
    match mode(widget).as_str() {
        "snapshot" | "preset" => Some(PresetDeed::Keep),
        "named snapshot" | "named preset" => Some(PresetDeed::KeepAs),
        "remove preset" | "remove snapshot" => Some(PresetDeed::Delete),
        _ => None,
    }
}

fn mode(widget: &CabbageWidget) -> String {
    widget.words("mode").first().map_or(String::new(), |mode| mode.trim().to_lowercase())
}

/// The words on a widget.
fn words(widget: &CabbageWidget, kind: PlacedKind) -> String {
    match kind {
        PlacedKind::Unknown => widget.kind.unknown().unwrap_or_default().to_owned(),
        PlacedKind::Page => widget.texts.join("\n"),
        _ => widget.texts.first().unwrap_or(&widget.caption).clone(),
    }
}

fn sides(bounds: Bounds) -> [f32; 4] {
    [bounds.x, bounds.y, bounds.width, bounds.height].map(|side| side as f32)
}

/// The parts that were found.
struct Parts<'a> {
    cabbage: &'a CabbageSection,
    parts: Vec<Part>,
    /// For each widget the innermost one that is hidden: itself, or one that it lies in.
    hidden: Vec<Option<usize>>,
    /// The part that a hidden widget is.
    by_widget: HashMap<usize, usize>,
    /// How often a name was wanted.
    names: HashMap<String, usize>,
}

impl<'a> Parts<'a> {
    fn of(cabbage: &'a CabbageSection) -> Self {
        let mut hidden: Vec<Option<usize>> = Vec::new();
        for (index, widget) in cabbage.widgets.iter().enumerate() {
            // A parent stands before its children.
            let around = widget.parent.and_then(|parent| hidden.get(parent).copied().flatten());
            hidden.push(if !widget.visible || widget.is_popup() { Some(index) } else { around });
        }
        Self { cabbage, parts: Vec::new(), hidden, by_widget: HashMap::new(), names: HashMap::new() }
    }

    /// The innermost part that a widget lies in, or is. Parts in which nothing is drawn are left out.
    fn around(&mut self, index: usize) -> Option<usize> {
        let mut missing = Vec::new();
        let mut next = self.hidden.get(index).copied().flatten();
        let mut within = None;
        while let Some(hidden) = next {
            within = self.by_widget.get(&hidden).copied();
            if within.is_some() {
                break;
            }
            missing.push(hidden);
            let parent = self.cabbage.widgets.get(hidden).and_then(|widget| widget.parent);
            next = parent.and_then(|parent| self.hidden.get(parent).copied().flatten());
        }
        for hidden in missing.into_iter().rev() {
            within = self.add(hidden, within).or(within);
        }
        within
    }

    fn add(&mut self, index: usize, within: Option<usize>) -> Option<usize> {
        let widget = self.cabbage.widgets.get(index)?;
        let wanted = widget.known_as();
        let count = self.names.entry(wanted.clone()).or_default();
        *count += 1;
        let name = if *count == 1 { wanted } else { format!("{wanted} ({count})") };
        let bounds = sides(self.cabbage.place(index).unwrap_or_default());
        self.by_widget.insert(index, self.parts.len());
        self.parts.push(Part { name, is_popup: widget.is_popup(), bounds, within });
        Some(self.parts.len() - 1)
    }
}
