//! A piece with Cabbage's opcodes that performs, in this process or in one of its own.

use std::path::Path;
use std::sync::Arc;

use csound_cabbage::table::Stroke;
use csound_cabbage::{Change, Value, WidgetName};
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::planes::Planes;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{EngineHandle, Options, RemoteEngine};
use csound_performance::engine::{
    AtEnd, Engine, Event, EventKind, Exchange, MidiMessage, PieceSpec, Span, Turn,
};
use nice_assert_no_alloc::assert_no_alloc;

use crate::common::engines::{options, turn};
use crate::common::libcsound_is_missing;

/// Where changes come out.
enum Panel {
    Here(Arc<Exchange>),
    There(EngineHandle),
}

/// A piece that performs.
pub struct Subject {
    engine: Box<dyn Engine>,
    panel: Panel,
    /// The channels that are looked at, by the index of the bank.
    names: Vec<String>,
    pub said: String,
}

/// A piece of a section, an orchestra with ksmps 32, and a score that starts instrument 1.
pub fn text(section: &str, orchestra: &str) -> String {
    format!(
        "<Cabbage>\n{section}\n</Cabbage>\n<CsoundSynthesizer>\n<CsInstruments>\nsr = 48000\nksmps = 32\nnchnls = 1\n\
         0dbfs = 1\n{orchestra}\n</CsInstruments>\n<CsScore>\ni1 0 3600\n</CsScore>\n</CsoundSynthesizer>\n"
    )
}

pub fn spec_of(text: String, folder: Option<&Path>) -> PieceSpec {
    let piece =
        Piece { name: "piece.csd".into(), source: Source::Csd(text), folder: folder.map(Path::to_owned) };
    PieceSpec { at_end: AtEnd::Keep, ..PieceSpec::new(piece, 48_000.0) }
}

impl Subject {
    /// In this process.
    pub fn here(spec: &PieceSpec) -> Self {
        let mut said = String::new();
        let started = LocalEngine::start(spec, &mut |line| said += &format!("{}\n", line.text));
        let engine = started.unwrap_or_else(|error| panic!("{error}\n{said}")).engine;
        let panel = Panel::Here(engine.panel().expect("the piece names no opcode of Cabbage's"));
        Self { engine: Box::new(engine), panel, names: Vec::new(), said }
    }

    /// In a process of its own, confined to the piece's folder and these permissions.
    pub fn there(spec: &PieceSpec, permitted: Confinement) -> Self {
        let readable = spec.piece.folder.iter().cloned().chain(permitted.readable.clone()).collect();
        let confinement = Some(Confinement { readable, ..permitted });
        let mut said = String::new();
        let options = Options { confinement, ..options() };
        let started = RemoteEngine::start(spec, &options, &mut |line| said += &format!("{}\n", line.text));
        let engine = started.unwrap_or_else(|error| panic!("{error}\n{said}")).engine;
        let panel = Panel::There(engine.handle());
        Self { engine: Box::new(engine), panel, names: Vec::new(), said }
    }

    /// Has these channels looked at; they can be set as well.
    pub fn watch(&mut self, names: &[&str]) {
        self.names = names.iter().map(|name| (*name).to_owned()).collect();
        let bound: Vec<_> = self.names.iter().cloned().map(Some).collect();
        self.engine.bind(&bound);
    }

    pub fn cycles(&mut self, count: usize) {
        self.with_events(count, &mut []);
    }

    fn with_events(&mut self, count: usize, events: &mut [Event]) {
        let outcome = turn(&mut *self.engine, count, events, true).0;
        let how = outcome.engine_ended.then(|| match &self.panel {
            Panel::There(handle) => format!("{:?} {:?}", handle.take_end(), handle.drain_console()),
            Panel::Here(_) => String::new(),
        });
        assert_eq!((how, outcome.end), (None, None), "the engine has ended");
    }

    /// The same under the guard against allocation, for one in this process.
    pub fn cycles_under_guard(&mut self, count: usize) {
        let frames = count * self.engine.format().ksmps;
        let (input, mut output) = (Planes::new(4, frames), Planes::new(1, frames));
        let mut midi_out = Vec::with_capacity(64);
        let mut turn = Turn {
            span: Span::at_front(count),
            input: &input,
            output: &mut output,
            events: &mut [],
            midi_out: &mut midi_out,
            offline: true,
        };
        let outcome = assert_no_alloc(|| self.engine.perform(&mut turn));
        assert_eq!(outcome.end, None, "the engine has ended");
    }

    /// Has a stroke drawn into a table with the next turn.
    pub fn draw(&mut self, stroke: Stroke) {
        match &self.panel {
            Panel::Here(exchange) => assert!(exchange.draw(stroke)),
            Panel::There(handle) => {
                handle.draw(stroke).unwrap();
                // It goes down beside the turns.
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        }
    }

    /// What is played in so many k-cycles.
    pub fn play(&mut self, count: usize) -> Vec<f32> {
        turn(&mut *self.engine, count, &mut [], true).1.channel(0).to_vec()
    }

    /// Sets a channel that is looked at, and performs a k-cycle.
    pub fn set(&mut self, name: &str, value: f64) {
        let index = self.names.iter().position(|known| known == name).unwrap();
        let mut events = [Event { cycle: 0, frame: 0, kind: EventKind::Channel { index, value } }];
        self.with_events(1, &mut events);
    }

    /// Sends a message of MIDI, and performs a k-cycle.
    pub fn midi(&mut self, bytes: &[u8]) {
        let message = MidiMessage::new(bytes).unwrap();
        self.with_events(1, &mut [Event { cycle: 0, frame: 0, kind: EventKind::Midi(message) }]);
    }

    /// Sets a string channel, and performs a k-cycle after it.
    pub fn set_text(&mut self, name: &str, text: &str) {
        match &self.panel {
            Panel::Here(_) => {
                assert!(self.engine.csound().unwrap().set_string_channel(name, text));
            }
            Panel::There(handle) => {
                handle.set_string_channel(name, text).unwrap();
                // It is carried out beside the turns.
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        }
        self.cycles(1);
    }

    /// The value of a channel that is looked at.
    pub fn value(&self, name: &str) -> f64 {
        let index = self.names.iter().position(|known| known == name).unwrap();
        let mut values = vec![f64::NAN; index + 1];
        self.engine.read_channels(&mut values);
        values[index]
    }

    pub fn all(&self, names: &[&str]) -> Vec<f64> {
        names.iter().map(|name| self.value(name)).collect()
    }

    /// What the piece has changed of its widgets since the last call.
    pub fn changes(&mut self) -> Vec<Change> {
        match &self.panel {
            Panel::Here(exchange) => exchange.take(),
            Panel::There(handle) => {
                // They come up beside the turns, by the way that the engine's answers take. Each time round, it
                // answers before it tells changes: the second answer comes behind all that the last turn has left.
                let bound: Vec<_> = self.names.iter().cloned().map(Some).collect();
                self.engine.bind(&bound);
                self.engine.bind(&bound);
                handle.take_changes()
            }
        }
    }

    /// The console since the last call.
    pub fn console(&mut self) -> String {
        let mut said = std::mem::take(&mut self.said);
        match &self.panel {
            Panel::Here(_) => {
                self.engine
                    .csound()
                    .unwrap()
                    .drain_messages(|message| said += &format!("{}\n", message.text));
            }
            Panel::There(handle) => {
                std::thread::sleep(std::time::Duration::from_millis(200));
                handle.drain_console().iter().for_each(|line| said += &format!("{}\n", line.text));
            }
        }
        said
    }
}

/// Does something with a piece in this process, and in one of its own.
pub fn both(section: &str, orchestra: &str, act: impl Fn(&mut Subject)) {
    both_of(&spec_of(text(section, orchestra), None), act);
}

pub fn both_of(spec: &PieceSpec, act: impl Fn(&mut Subject)) {
    if libcsound_is_missing() {
        return;
    }
    act(&mut Subject::here(spec));
    act(&mut Subject::there(spec, Confinement::default()));
}

/// The newest values that were told of an identifier.
pub fn told(changes: &[Change], channel: &str, identifier: &str) -> Option<Vec<Value>> {
    let widget = WidgetName::Channel(channel.to_owned());
    let found =
        changes.iter().rev().find(|change| change.widget == widget && change.identifier == identifier);
    found.map(|change| change.values.clone())
}
