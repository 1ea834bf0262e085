//! What the user has turned, to be taken back: one gesture is one step.

use super::model::{Action, ParamRef, View};

/// Most steps that are kept.
const MOST: usize = 200;

/// A channel as it was before a gesture and as it is after it.
#[derive(Clone, Debug, PartialEq)]
struct Turned {
    channel: String,
    before: Value,
    after: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
}

/// The steps, and the one that goes on.
#[derive(Default)]
pub(super) struct History {
    done: Vec<Vec<Turned>>,
    undone: Vec<Vec<Turned>>,
    now: Vec<Turned>,
    /// The piece and the session that they belong to.
    of: (String, u64),
}

impl History {
    /// Sees what the user does in a frame; `rests` where nothing is held any more. What moves by itself is no step.
    pub fn see(
        &mut self,
        actions: &[Action],
        view: &View,
        (rests, moves_by_itself): (bool, &dyn Fn(&str) -> bool),
    ) {
        let of = (&view.piece.name, view.saved.generation);
        if (&self.of.0, self.of.1) != of {
            *self = Self { of: (of.0.clone(), of.1), ..Self::default() };
        }
        for action in actions {
            if let Some(turned) = turned(action, view).filter(|turned| !moves_by_itself(&turned.channel)) {
                match self.now.iter_mut().find(|known| known.channel == turned.channel) {
                    Some(known) => known.after = turned.after,
                    None => self.now.push(turned),
                }
            }
        }
        if rests {
            self.end_step();
        }
    }

    fn end_step(&mut self) {
        self.now.retain(|turned| turned.before != turned.after);
        if !self.now.is_empty() {
            self.undone.clear();
            self.done.push(std::mem::take(&mut self.now));
            let surplus = self.done.len().saturating_sub(MOST);
            self.done.drain(..surplus);
        }
    }

    /// Takes the last step back.
    pub fn undo(&mut self, view: &View) -> Vec<Action> {
        let Some(step) = self.done.pop() else { return Vec::new() };
        let actions = step.iter().flat_map(|turned| set(view, &turned.channel, &turned.before)).collect();
        self.undone.push(step);
        actions
    }

    /// Does the last step again that was taken back.
    pub fn redo(&mut self, view: &View) -> Vec<Action> {
        let Some(step) = self.undone.pop() else { return Vec::new() };
        let actions = step.iter().flat_map(|turned| set(view, &turned.channel, &turned.after)).collect();
        self.done.push(step);
        actions
    }
}

fn turned(action: &Action, view: &View) -> Option<Turned> {
    let find = |found: &dyn Fn(&super::model::Channel) -> bool| view.channels.iter().position(found);
    let number = |index: usize, after: f64| {
        let channel = view.channels.get(index)?.name.clone();
        Some(Turned { channel, before: Value::Number(view.value(index)), after: Value::Number(after) })
    };
    match action {
        Action::SetParam(ParamRef::Bank(place), position) => {
            let index = find(&|channel| channel.parameter == Some(*place))?;
            number(index, view.channels.get(index)?.range.to_value(*position))
        }
        Action::SetChannel(name, value) => number(find(&|channel| channel.name == *name)?, *value),
        Action::SetText(name, text) => {
            let before = view.channels.get(find(&|channel| channel.name == *name)?)?.text.clone();
            let (before, after) = (Value::Text(before.unwrap_or_default()), Value::Text(text.clone()));
            Some(Turned { channel: name.clone(), before, after })
        }
        _ => None,
    }
}

fn set(view: &View, name: &str, value: &Value) -> Vec<Action> {
    let Some(channel) = view.channels.iter().find(|channel| channel.name == *name) else { return Vec::new() };
    match (value, channel.parameter.map(ParamRef::Bank)) {
        (Value::Text(text), _) => vec![Action::SetText(name.to_owned(), text.clone())],
        (Value::Number(value), Some(param)) => {
            let position = channel.range.to_normalized(*value);
            vec![Action::BeginGesture(param), Action::SetParam(param, position), Action::EndGesture(param)]
        }
        (Value::Number(value), None) => vec![Action::SetChannel(name.to_owned(), *value)],
    }
}
