//! A piece's channels and its own layout of them, as the editor shows them. Pure.

use crate::editor::model::{Channel, Curve, Layout, Placed, PlacedKind, Range, Widget};
use crate::plugin::channels::cabbage::{self, CabbageSection, WidgetKind};
use crate::plugin::channels::range::{self, ScaleKind};

/// A channel as it is shown: with the words of the piece's widget, where it has one.
pub(super) fn channel(name: String, range: &range::Range, cabbage: &CabbageSection) -> Channel {
    let scale = range.scale;
    let curve = match scale.kind() {
        ScaleKind::Exponential => Curve::Exponential,
        _ if scale.skew() != 1.0 => Curve::Skew(scale.skew()),
        _ => Curve::Linear,
    };
    let step = match scale.kind() {
        ScaleKind::Integer | ScaleKind::Items => scale.step().max(1.0),
        _ => scale.step(),
    };
    let found = cabbage.widgets.iter().find_map(|widget| {
        let control = widget.controls().into_iter().find(|control| control.channel == name)?;
        Some((widget, control.label))
    });
    let items = range.items.clone();
    let widget = match found.as_ref().map(|(widget, _)| &widget.kind) {
        Some(WidgetKind::Hslider) => Widget::Horizontal,
        Some(WidgetKind::Vslider) => Widget::Vertical,
        Some(WidgetKind::Nslider) => Widget::Number,
        Some(WidgetKind::Button) => Widget::Toggle,
        Some(WidgetKind::Checkbox) => Widget::Toggle,
        Some(WidgetKind::Combobox) => Widget::Choice,
        _ if !items.is_empty() => Widget::Choice,
        _ => Widget::Knob,
    };
    Channel {
        range: Range { min: scale.minimum(), max: scale.maximum(), curve, step },
        default: range.default,
        label: found.map(|(_, label)| label).unwrap_or_default(),
        items,
        unit: range.unit.trim().to_owned(),
        widget,
        name,
        ..Channel::default()
    }
}

/// The piece's own layout, if it has one.
pub(super) fn layout(cabbage: &CabbageSection, channels: &[Channel]) -> Option<Layout> {
    let form = cabbage.form.as_ref()?;
    let colour = |colour: cabbage::colour::Colour| [colour.red, colour.green, colour.blue, colour.alpha];
    let mut widgets = Vec::new();
    for (index, widget) in cabbage.widgets.iter().enumerate().filter(|(index, _)| cabbage.is_visible(*index))
    {
        let Some(bounds) = cabbage.place(index) else { continue };
        let control = widget.controls().into_iter().next();
        let shown =
            control.and_then(|control| channels.iter().position(|channel| channel.name == control.channel));
        let kind = match (&widget.kind, shown) {
            (WidgetKind::Label, _) => PlacedKind::Label,
            (WidgetKind::Groupbox, _) => PlacedKind::Group,
            (WidgetKind::Keyboard, _) => PlacedKind::Keyboard,
            (_, Some(channel)) => PlacedKind::Control(channel),
            _ => continue,
        };
        widgets.push(Placed {
            kind,
            bounds: [bounds.x, bounds.y, bounds.width, bounds.height].map(|side| side as f32),
            text: widget.texts.first().cloned().unwrap_or_default(),
            colour: widget.colour("colour").map(colour),
            text_colour: widget.colour("fontcolour").map(colour),
        });
    }
    let size = [form.width as f32, form.height as f32];
    let layout = Layout { size, caption: form.caption.clone(), colour: form.colour.map(colour), widgets };
    (!layout.widgets.is_empty()).then_some(layout)
}
