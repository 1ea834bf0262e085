//! A section: its window, and its widgets at their places.

use std::collections::HashSet;

use super::known;
use super::widget::{Bounds, CabbageWidget, Control};
use crate::range::{Range, Scale, ScaleKind};
use csound_cabbage::colour::Colour;
use csound_cabbage::warning::Warning;

/// Samples of a sound, at most: of days.
const MOST_SAMPLES: f64 = (1_u64 << 40) as f64;

/// Names that one line tells, and the longest of them.
const MOST_NAMES: usize = 40;
const LONGEST_NAME: usize = 40;

/// The most lines that are told of a section.
const MOST_REMARKS: usize = 100;

/// A section, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CabbageSection {
    /// The window.
    pub form: Option<Form>,
    /// Everything in it, in the order of the text: a parent stands before its children.
    pub widgets: Vec<CabbageWidget>,
    /// The lines that could not be read, in the order of the text.
    pub warnings: Vec<Warning>,
}

/// The window that the widgets are in.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// The line in the user's file, from 1.
    pub line: usize,
    /// The instrument's name; may be empty.
    pub caption: String,
    /// In pixels.
    pub width: f64,
    /// In pixels.
    pub height: f64,
    /// The background.
    pub colour: Option<Colour>,
}

impl CabbageSection {
    /// True if the piece has hidden a widget, or one that it lies in.
    pub fn is_hidden(&self, index: usize) -> bool {
        let mut next = self.widgets.get(index);
        while let Some(widget) = next {
            if widget.is_hidden {
                return true;
            }
            next = widget.parent.and_then(|parent| self.widgets.get(parent));
        }
        false
    }

    /// The place of a widget in the form, in pixels: its bounds with those of everything around it.
    pub fn place(&self, index: usize) -> Option<Bounds> {
        let widget = self.widgets.get(index)?;
        let mut bounds = widget.bounds?;
        let mut parent = widget.parent;
        while let Some(around) = parent.and_then(|index| self.widgets.get(index)) {
            let Bounds { x, y, .. } = around.bounds.unwrap_or_default();
            bounds.x += x;
            bounds.y += y;
            parent = around.parent;
        }
        Some(bounds)
    }

    /// What a user has to know of the section: the lines that cannot be read, and the widgets that do not do what
    /// they say, each kind once.
    pub fn remarks(&self) -> Vec<Warning> {
        let mut remarks = self.warnings.clone();
        let mut told = HashSet::new();
        for widget in &self.widgets {
            if let Some(kind) = widget.kind.unknown()
                && told.insert(kind)
            {
                let text = format!("{kind} is not known here: a frame stands in its place");
                remarks.push(Warning::new(widget.line, text));
            }
            if widget.kind.is_control() && widget.channels.iter().all(String::is_empty) {
                let text = "this widget has no channel( ), so it does nothing: a frame stands in its place";
                remarks.push(Warning::new(widget.line, text));
            }
        }
        remarks.extend(self.without_effect());
        remarks.truncate(MOST_REMARKS);
        remarks
    }

    /// The identifiers that do nothing here, in one line: each once, with the line of the first.
    fn without_effect(&self) -> Option<Warning> {
        let mut names: Vec<&str> = Vec::new();
        let mut line = None;
        for widget in self.widgets.iter().filter(|widget| widget.kind.unknown().is_none()) {
            for name in known::without_effect(widget).filter(|name| name.len() <= LONGEST_NAME) {
                if names.len() < MOST_NAMES && !names.contains(&name) {
                    names.push(name);
                    line = line.or(Some(widget.line));
                }
            }
        }
        let text = format!("what these say has no effect here: {}", names.join(", "));
        line.map(|line| Warning::new(line, text))
    }

    /// The channels that tell of selections, with the samples that they may name.
    pub fn selections(&self) -> impl Iterator<Item = (String, Range)> + '_ {
        let names = self.widgets.iter().flat_map(CabbageWidget::selection_channels);
        let range = || Range::new(Scale::new(ScaleKind::Linear, 0.0, MOST_SAMPLES), 0.0);
        names.map(move |name| (name.to_owned(), range()))
    }

    /// The texts that string channels begin with, in the order of the text: where several widgets share a
    /// channel, the last stands.
    pub fn starting_texts(&self) -> Vec<(String, String)> {
        let texts =
            self.widgets.iter().filter_map(|widget| Some((widget.text_channel()?, widget.starting_text()?)));
        texts.map(|(channel, text)| (channel.to_owned(), text)).collect()
    }

    /// The channels that are driven by a number, in the order of the text. One that several widgets
    /// drive is there once, in the place of the first and as the last of them has it.
    pub fn controls(&self) -> Vec<Control> {
        let mut controls: Vec<Control> = Vec::new();
        for control in self.widgets.iter().flat_map(CabbageWidget::controls) {
            match controls.iter_mut().find(|known| known.channel == control.channel) {
                Some(known) => *known = control,
                None => controls.push(control),
            }
        }
        controls
    }
}
