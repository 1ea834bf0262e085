//! A piece's channels, as the editor shows them. Pure.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use csound_library::ChannelKind;
use csound_performance::engine::piece::channel_names::scan_channel_names;

use crate::editor::model::{Channel, Face, Widget};
use crate::plugin::channels::cabbage::{CabbageSection, CabbageWidget, Control, WidgetKind};
use crate::plugin::channels::host::is_reserved;
use crate::plugin::shared::panel_files::Lists;
use crate::range::Range;

/// The widgets of a section by the channels that they turn; of several, the last one.
pub(super) struct Turned<'a> {
    by_channel: HashMap<String, (&'a CabbageWidget, Control)>,
    /// The channels that tell of selections.
    selections: HashSet<&'a str>,
}

impl<'a> Turned<'a> {
    pub fn of(cabbage: &'a CabbageSection) -> Self {
        let widgets = cabbage.widgets.iter();
        let controls = widgets.clone().flat_map(|widget| {
            widget.controls().into_iter().map(move |control| (control.channel.clone(), (widget, control)))
        });
        Self {
            by_channel: controls.collect(),
            selections: widgets.flat_map(CabbageWidget::selection_channels).collect(),
        }
    }
}

/// A channel as it is shown: with the words of the piece's widget, where it has one.
pub(super) fn channel(name: String, range: Range, turned: &Turned<'_>) -> Channel {
    let Some((widget, Control { label, range: now, .. })) = turned.by_channel.get(&name).cloned() else {
        let widget = match () {
            () if turned.selections.contains(name.as_str()) => Widget::Number,
            () if range.items.is_empty() => Widget::Knob,
            () => Widget::Choice,
        };
        return Channel { name, widget, range, ..Channel::default() };
    };
    // The piece may have given its items other names since.
    let items = if range.items.is_empty() { Vec::new() } else { now.items };
    let range = Range { items, ..range };
    Channel {
        name,
        label,
        widget: turned_with(widget),
        range,
        words: words(widget),
        radio: widget.radio().unwrap_or_default().to_owned(),
        help: help(widget),
        ..Channel::default()
    }
}

fn turned_with(widget: &CabbageWidget) -> Widget {
    match widget.kind {
        WidgetKind::Hslider => Widget::Horizontal,
        WidgetKind::Vslider => Widget::Vertical,
        WidgetKind::Nslider => Widget::Number,
        // Cabbage's buttons stay down, unless they say otherwise.
        WidgetKind::Button if widget.number("latched") == Some(0.0) => Widget::Trigger,
        WidgetKind::Button => Widget::Button,
        WidgetKind::Checkbox => Widget::Toggle,
        WidgetKind::Combobox | WidgetKind::Listbox | WidgetKind::Optionbutton => Widget::Choice,
        _ => Widget::Knob,
    }
}

/// The words on a button while it is off and while it is on.
fn words(widget: &CabbageWidget) -> Option<[String; 2]> {
    let is_switch = matches!(widget.kind, WidgetKind::Button | WidgetKind::Checkbox);
    let [off, on, ..] = widget.texts.as_slice() else { return None };
    is_switch.then(|| [off.clone(), on.clone()])
}

/// The look of a widget on a channel that is shown by another one.
pub(super) fn face(widget: &CabbageWidget, channel: &Channel) -> Option<Face> {
    let control = widget.controls().into_iter().find(|control| control.channel == channel.name)?;
    let face = Face { widget: turned_with(widget), label: control.label, words: words(widget) };
    let shown = (channel.widget, &channel.label, &channel.words);
    (shown != (face.widget, &face.label, &face.words)).then_some(face)
}

fn help(widget: &CabbageWidget) -> String {
    widget.words("popuptext").first().map_or(String::new(), |text| (*text).to_owned())
}

/// A string channel that a piece reads.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextChannel {
    pub name: String,
    label: String,
    widget: Widget,
    help: String,
    /// The items to choose from, if it is a choice.
    items: Vec<String>,
    /// The text that it begins with.
    start: String,
}

impl TextChannel {
    /// The channel as it is shown: at the text that it was set to, else where it begins.
    pub fn shown(&self, set: Option<&String>) -> Channel {
        let Self { name, label, widget, help, items, start } = self.clone();
        let text = Some(set.cloned().unwrap_or(start));
        let range = Range { items, ..Range::default() };
        Channel { name, label, widget, help, text, range, ..Channel::default() }
    }
}

/// The items of a choice: what its line says, or the files that it lists. A combobox sends their names without
/// endings, a list their paths.
///
/// `room` is what the lists of a panel may still take, in bytes: many widgets may list one long folder.
fn items(widget: &CabbageWidget, lists: &Lists, room: &mut usize) -> Vec<String> {
    let Some((kind, folder)) = widget.listed() else { return widget.items.clone() };
    let files = lists.get(&(kind.to_owned(), folder.to_owned())).into_iter().flatten();
    let is_list = widget.kind == WidgetKind::Listbox;
    let name = |path: &PathBuf| match is_list {
        true => path.to_string_lossy().into_owned(),
        false => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let fits = |name: String| {
        *room = room.checked_sub(name.len() + size_of::<String>())?;
        Some(name)
    };
    files.map(name).map_while(fits).collect()
}

/// Bytes of the names in all lists of files of a panel.
const MOST_LISTED: usize = 4 << 20;

/// The string channels of a piece, in the order of its text: those that a widget of its section sets, then
/// those that its orchestra reads. Names that the text puts together while it performs are not known.
pub(super) fn text_channels(text: &str, cabbage: &CabbageSection, lists: &Lists) -> Vec<TextChannel> {
    let mut found: Vec<TextChannel> = Vec::new();
    let starts = cabbage.starting_texts();
    let (mut names, mut room) = (HashSet::new(), MOST_LISTED);
    for widget in &cabbage.widgets {
        // Of widgets that share a channel the first one is shown.
        let Some(name) = widget.text_channel().filter(|name| names.insert((*name).to_owned())) else {
            continue;
        };
        let is_file = widget.kind == WidgetKind::Other("filebutton".into());
        let items = if widget.kind.is_choice() { items(widget, lists, &mut room) } else { Vec::new() };
        let shown_as = match (is_file, items.is_empty() && widget.listed().is_none()) {
            (true, _) => Widget::File,
            (false, true) => Widget::Text,
            (false, false) => Widget::Choice,
        };
        found.push(TextChannel {
            name: name.to_owned(),
            label: widget.label(name),
            widget: shown_as,
            help: help(widget),
            items,
            // Of widgets that share the channel the last one stands.
            start: starts
                .iter()
                .rev()
                .find(|(channel, _)| channel == name)
                .map_or(String::new(), |(_, text)| text.clone()),
        });
    }
    for scanned in scan_channel_names(text) {
        let is_text = scanned.kind == ChannelKind::Text && scanned.reads && !is_reserved(&scanned.name);
        if is_text && names.insert(scanned.name.clone()) {
            found.push(TextChannel {
                name: scanned.name,
                label: String::new(),
                widget: Widget::Text,
                help: String::new(),
                items: Vec::new(),
                start: String::new(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nice_plug::prelude::Param;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use test_host::testing::seed;

    use super::*;
    use crate::plugin::params::{ChannelParam, PerformerParams};
    use crate::plugin::shared::link::Link;
    use crate::range::tests::any_scale;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(seed(1)), failure_persistence: None, ..ProptestConfig::default() })]

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
            let ChannelParam::Even(host) = &params.channels[0] else { panic!("it has steps") };
            let editor = channel("cutoff".to_owned(), range, &Turned::of(&CabbageSection::default())).range;

            let shown = editor.text(editor.to_value(f64::from(position)));
            prop_assert_eq!(host.normalized_value_to_string(position, true), format!("cutoff {shown}"));
            for text in [shown, typed] {
                let set = editor.parse(&text).map(|value| editor.to_normalized(value) as f32);
                prop_assert_eq!(host.string_to_normalized_value(&text), set, "{}", text);
            }
        }
    }
}
