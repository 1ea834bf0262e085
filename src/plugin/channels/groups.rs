//! The groups of a piece's channels: the frames of its `<Cabbage>` section that its widgets lie in. Pure.

use std::collections::BTreeMap;

use super::cabbage::{self, Bounds, CabbageSection, WidgetKind};

/// The most frames that are looked at, and the most widgets around a widget: a text may come from anywhere.
const MOST_FRAMES: usize = 256;
const DEEPEST: usize = 64;

/// A frame with a title.
struct Frame {
    /// Its place among the widgets.
    index: usize,
    place: Bounds,
    title: String,
}

impl Frame {
    fn area(&self) -> f64 {
        self.place.width * self.place.height
    }

    fn has_middle_of(&self, widget: &Bounds) -> bool {
        let (x, y) = (widget.x + widget.width / 2.0, widget.y + widget.height / 2.0);
        let Bounds { x: left, y: top, width, height } = self.place;
        (left..=left + width).contains(&x) && (top..=top + height).contains(&y)
    }
}

/// The group of each channel that lies in one, by the channel's name: the titles of all frames around it, the
/// outermost first, with `/` between them. Frames without a title are none.
pub fn groups(text: &str) -> BTreeMap<String, String> {
    let section = cabbage::parse(text);
    let frames = frames(&section);
    let mut groups = BTreeMap::new();
    if frames.is_empty() {
        return groups;
    }
    for (index, widget) in section.widgets.iter().enumerate() {
        let controls = widget.controls();
        if controls.is_empty() {
            continue;
        }
        let path = path(&section, &frames, index);
        // Where several widgets share a channel, the last stands, as with all else that is shown of it.
        for control in controls {
            groups.insert(control.channel, path.clone());
        }
    }
    groups.retain(|_, path| !path.is_empty());
    groups
}

/// The frames of a section, the larger ones first: of two around a widget, that is the outer one.
fn frames(section: &CabbageSection) -> Vec<Frame> {
    let titled = section.widgets.iter().enumerate().filter_map(|(index, widget)| {
        let title = widget.texts.first()?.trim().replace('/', "-");
        let place = section.place(index)?;
        let is_frame = widget.kind == WidgetKind::Groupbox && !title.is_empty();
        is_frame.then_some(Frame { index, place, title })
    });
    let mut frames: Vec<_> = titled.take(MOST_FRAMES).collect();
    frames.sort_by(|one, other| other.area().total_cmp(&one.area()));
    frames
}

/// The titles of the frames between whose braces, or on which, a widget lies.
fn path(section: &CabbageSection, frames: &[Frame], index: usize) -> String {
    let parent = |at: &usize| section.widgets.get(*at).and_then(|widget| widget.parent);
    let parents: Vec<usize> = std::iter::successors(parent(&index), parent).take(DEEPEST).collect();
    let place = section.place(index);
    let is_around = |frame: &&Frame| {
        parents.contains(&frame.index) || place.is_some_and(|place| frame.has_middle_of(&place))
    };
    frames.iter().filter(is_around).map(|frame| frame.title.as_str()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups_of(lines: &str) -> Vec<(String, String)> {
        groups(&format!("<Cabbage>\n{lines}\n</Cabbage>\n")).into_iter().collect()
    }

    fn pair(channel: &str, group: &str) -> (String, String) {
        (channel.to_owned(), group.to_owned())
    }

    #[test]
    fn a_channel_is_in_the_frames_between_whose_braces_or_on_which_its_widget_lies() {
        let lines = "form size(400, 300)\n\
            groupbox bounds(0, 0, 200, 100), text(\"Filter\")\n\
            rslider bounds(10, 10, 60, 60), channel(\"cutoff\")\n\
            groupbox bounds(80, 10, 100, 80), text(\"Env / slow\")\n\
            rslider bounds(90, 20, 60, 60), channel(\"attack\")\n\
            groupbox bounds(0, 200, 100, 100), text(\"Out\") {\n\
            rslider bounds(500, 500, 60, 60), channel(\"level\")\n}\n\
            rslider bounds(300, 10, 60, 60), channel(\"alone\")";
        let expected = [pair("attack", "Filter/Env - slow"), pair("cutoff", "Filter"), pair("level", "Out")];
        assert_eq!(groups_of(lines), expected);
    }

    #[test]
    fn frames_without_a_title_and_pieces_without_frames_have_no_groups() {
        let lines = "groupbox bounds(0, 0, 200, 100)\ngroupbox bounds(0, 0, 200, 100), text(\" \")\n\
            rslider bounds(10, 10, 60, 60), channel(\"cutoff\")";
        assert_eq!(groups_of(lines), []);
        assert_eq!(groups_of("rslider bounds(10, 10, 60, 60), channel(\"cutoff\")"), []);
        assert_eq!(groups("instr 1\nendin\n").len(), 0);
    }
}
