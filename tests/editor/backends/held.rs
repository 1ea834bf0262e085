//! What it takes to hold a backend to the contract.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use csound_performer::editor::model::*;

use super::kinds::{KINDS, kind};

/// A backend, with the disk and the time that it lives in.
pub trait Side {
    /// Hands it an action.
    fn act(&mut self, action: Action);

    /// Lets time pass until the view shows it.
    ///
    /// # Panics
    /// It does not come.
    fn until(&mut self, what: &str, there: &dyn Fn(&View) -> bool);

    /// The view of the last look.
    fn view(&self) -> &View;

    /// Another program writes a piece into the folder.
    fn write(&mut self, name: &str, text: &str) -> PathBuf;

    /// The text in a file.
    fn read(&self, path: &Path) -> String;

    /// Whether an exported plugin lies there.
    fn is_exported(&self, path: &Path) -> bool;
}

/// A backend that is held to the contract, and the kinds of actions that it was handed.
pub struct Held<'a> {
    pub side: &'a mut dyn Side,
    acted: BTreeSet<&'static str>,
}

impl<'a> Held<'a> {
    pub fn new(side: &'a mut dyn Side) -> Self {
        Self { side, acted: BTreeSet::new() }
    }

    /// The kinds of actions that it was not handed.
    pub fn missing(&self) -> Vec<&'static str> {
        KINDS.into_iter().filter(|kind| !self.acted.contains(kind)).collect()
    }

    pub fn act(&mut self, action: Action) {
        self.acted.insert(kind(&action));
        self.side.act(action);
    }

    pub fn until(&mut self, what: &str, there: impl Fn(&View) -> bool) {
        self.side.until(what, &there);
    }

    pub fn view(&self) -> &View {
        self.side.view()
    }

    pub fn value(&self, name: &str) -> f64 {
        value(self.view(), name)
    }

    /// Applies a text; says what is wrong with it.
    pub fn apply(&mut self, text: &str) -> Vec<SourceError> {
        let before = self.view().source.answered;
        self.act(Action::Apply(vec![text.to_owned()]));
        self.until("the text is answered", |view| view.source.answered == before + 1);
        self.view().source.errors.to_vec()
    }

    /// The answer to a line, a code or a slot.
    pub fn answer(&mut self, action: Action) -> Option<String> {
        let before = number(self.view());
        self.act(action);
        self.until("it is answered", |view| number(view) > before);
        assert_eq!(number(self.view()), before + 1, "once");
        self.view().reply.clone().unwrap().error
    }
}

/// How many lines, codes and slots were answered.
pub fn number(view: &View) -> u64 {
    view.reply.as_ref().map_or(0, |reply| reply.number)
}

/// A channel's value.
pub fn value(view: &View, name: &str) -> f64 {
    view.value(view.channels.iter().position(|channel| channel.name == name).unwrap())
}
