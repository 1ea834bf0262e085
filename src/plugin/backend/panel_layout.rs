//! A piece's own layout of its channels, as the editor shows it. Pure.

use std::collections::HashMap;

use csound_cabbage::colour::Colour;

use super::panel::face;
use crate::editor::model::{Channel, Layout, Part, Placed, PlacedKind};
use crate::plugin::channels::cabbage::{Bounds, CabbageSection, CabbageWidget, WidgetKind};

/// The piece's own layout, if it has one.
pub(super) fn layout(cabbage: &CabbageSection, channels: &[Channel]) -> Option<Layout> {
    let form = cabbage.form.as_ref()?;
    let (mut widgets, mut parts) = (Vec::new(), Parts::of(cabbage));
    for (index, widget) in cabbage.widgets.iter().enumerate() {
        let Some((kind, bounds)) = kind(widget, channels).zip(cabbage.place(index)) else { continue };
        if cabbage.is_hidden(index) {
            continue;
        }
        let face = match kind {
            PlacedKind::Control(channel) => channels.get(channel).and_then(|channel| face(widget, channel)),
            _ => None,
        };
        let first = |names: [&str; 2]| names.iter().find_map(|name| widget.colour(name)).map(colour);
        widgets.push(Placed {
            kind,
            bounds: sides(bounds),
            text: widget.texts.first().cloned().unwrap_or_default(),
            colour: first(["colour", "colour:0"]),
            lit_colour: widget.colour("colour:1").map(colour),
            text_colour: first(["fontcolour", "fontcolour:0"]),
            face,
            within: parts.around(index),
        });
    }
    let size = [form.width as f32, form.height as f32];
    let (caption, ground) = (form.caption.clone(), form.colour.map(colour));
    let layout = Layout { size, caption, colour: ground, widgets, parts: parts.parts };
    (!layout.widgets.is_empty()).then_some(layout)
}

/// What is drawn of a widget, if anything is.
fn kind(widget: &CabbageWidget, channels: &[Channel]) -> Option<PlacedKind> {
    match widget.kind {
        WidgetKind::Label => return Some(PlacedKind::Label),
        WidgetKind::Groupbox => return Some(PlacedKind::Group),
        WidgetKind::Keyboard => return Some(PlacedKind::Keyboard),
        _ => {}
    }
    let name = widget.controls().into_iter().next().map(|control| control.channel);
    let name = name.or_else(|| widget.text_channel().map(str::to_owned))?;
    channels.iter().position(|channel| channel.name == name).map(PlacedKind::Control)
}

fn colour(colour: Colour) -> [u8; 4] {
    [colour.red, colour.green, colour.blue, colour.alpha]
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
