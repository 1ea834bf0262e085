//! A piece's channels and its own layout of them, as the editor shows them. Pure.

use crate::editor::model::{Channel, Layout, Placed, PlacedKind, Widget};
use crate::plugin::channels::cabbage::{self, CabbageSection, WidgetKind};
use crate::range::Range;

/// A channel as it is shown: with the words of the piece's widget, where it has one.
pub(super) fn channel(name: String, range: Range, cabbage: &CabbageSection) -> Channel {
    let found = cabbage.widgets.iter().find_map(|widget| {
        let control = widget.controls().into_iter().find(|control| control.channel == name)?;
        Some((widget, control.label))
    });
    let widget = match found.as_ref().map(|(widget, _)| &widget.kind) {
        Some(WidgetKind::Hslider) => Widget::Horizontal,
        Some(WidgetKind::Vslider) => Widget::Vertical,
        Some(WidgetKind::Nslider) => Widget::Number,
        Some(WidgetKind::Button) => Widget::Toggle,
        Some(WidgetKind::Checkbox) => Widget::Toggle,
        Some(WidgetKind::Combobox) => Widget::Choice,
        _ if !range.items.is_empty() => Widget::Choice,
        _ => Widget::Knob,
    };
    Channel {
        label: found.map(|(_, label)| label).unwrap_or_default(),
        range,
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nice_plug::prelude::Param;
    use proptest::prelude::*;

    use super::*;
    use crate::plugin::params::PerformerParams;
    use crate::plugin::shared::link::Link;
    use crate::range::tests::any_scale;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_value_has_one_text_in_the_host_and_in_the_editor_and_is_typed_alike_in_both(
            scale in any_scale(),
            position in 0.0..=1.0_f32,
            unit in prop::sample::select(vec!["", "Hz", "k steps"]),
            typed in "-?[0-9]{1,5}([.,][0-9]{1,3})?( ?k?(Hz)?)?",
        ) {
            let range = Range { unit: unit.into(), prefix: "~".into(), ..Range::new(scale, 0.0) };
            let link = Arc::new(Link::default());
            let params = PerformerParams::new(Arc::clone(&link));
            link.bank.adopt(&[("cutoff".to_owned(), range.clone())]);
            let host = &params.channels[0];
            let editor = channel("cutoff".to_owned(), range, &CabbageSection::default()).range;

            let shown = editor.text(editor.to_value(f64::from(position)));
            prop_assert_eq!(host.normalized_value_to_string(position, true), format!("cutoff {shown}"));
            for text in [shown, typed] {
                let set = editor.parse(&text).map(|value| editor.to_normalized(value) as f32);
                prop_assert_eq!(host.string_to_normalized_value(&text), set, "{}", text);
            }
        }
    }
}
