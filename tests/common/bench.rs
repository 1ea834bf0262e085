//! A host with one instance, for what steers it: parameters, MIDI, the host's transport.

use serde_json::{Value, json};
use test_host::host::{Block, Event, Host, INSTRUMENT, Instance, Processed, Transport, param_id};
use test_host::session::{AtEnd, Session};

use super::{csd, playing, plugin};

/// The k-cycle of most pieces here.
pub const KSMPS: usize = 32;

/// Frames that the sound is late by.
pub const LATENCY: usize = KSMPS - 1;

/// The largest block of a bench.
pub const LARGEST: usize = 4096;

/// A clock on the left (its seconds over a thousand), a level on the right while something plays it.
pub const BODY: &str = "massign 0, 3\n\
    instr 1\nktime timeinsts\naclock upsamp ktime / 1000\nouts aclock, a(0)\nendin\n\
    instr 2\na2 = p4\nouts a(0), a2\nendin\n\
    instr 3\niamp ampmidi 1\nouts a(0), a(iamp * 0.5)\nendin\n";

/// A header at 48 kHz in stereo.
pub fn header(ksmps: usize) -> String {
    format!("sr = 48000\nksmps = {ksmps}\nnchnls = 2\n")
}

/// The piece of [`BODY`].
pub fn session() -> Session {
    let text = csd("--sample-accurate", &header(KSMPS), BODY, "i 1 0 3600");
    Session { at_end: AtEnd::Keep, ..Session::from_csd("witness.csd", text) }
}

/// A host with one instance that renders offline, so that nothing depends on the machine.
pub struct Bench {
    /// The instance.
    pub instance: Instance,
    /// Frames so far.
    pub at: usize,
}

impl Bench {
    /// With a session.
    pub fn new(session: &Session) -> Self {
        Self::with_state(&session.state().unwrap())
    }

    /// With a state.
    pub fn with_state(state: &[u8]) -> Self {
        let host = Host::load(plugin()).unwrap();
        let instance = playing(&host, INSTRUMENT, state, LARGEST as u32);
        Self { instance, at: 0 }
    }

    /// One block.
    pub fn block(&mut self, frames: usize, events: &[Event]) -> Processed {
        self.at += frames;
        self.instance.process(Block { frames, events, ..Block::default() }).unwrap()
    }

    /// What sounds on the left in so many frames, of events at frames of the whole.
    pub fn left(&mut self, length: u32, block: u32, events: &[Event]) -> Vec<f32> {
        let mut heard = Vec::new();
        for begin in (0..length).step_by(block as usize) {
            let now: Vec<Event> = events
                .iter()
                .filter(|event| (begin..begin + block).contains(&event.frame))
                .map(|event| Event { frame: event.frame - begin, body: event.body.clone() })
                .collect();
            heard.extend_from_slice(&self.block(block as usize, &now).output[0]);
        }
        heard
    }

    /// One block while the host's transport runs.
    pub fn synced(&mut self, frames: usize, transport: Transport) -> Vec<Vec<f32>> {
        self.at += frames;
        let block = Block { frames, transport: Some(transport), ..Block::default() };
        self.instance.process(block).unwrap().output
    }

    /// Plays on without anything happening; the last frames of both channels.
    pub fn play(&mut self, frames: usize) -> Vec<Vec<f32>> {
        let mut last = Vec::new();
        let mut left = frames;
        while left > 0 {
            let now = left.min(480);
            last = self.block(now, &[]).output;
            left -= now;
        }
        last
    }

    /// The clock at the end of what was played, in seconds.
    pub fn clock(&mut self) -> f64 {
        f64::from(*self.play(KSMPS).first().unwrap().last().unwrap()) * 1000.0
    }

    /// A switch or a trigger.
    pub fn set(&self, frame: u32, id: &str, value: f64) -> Event {
        Event::param(frame, param_id(id), value)
    }

    /// A parameter's value as its text says it.
    pub fn say(&mut self, frame: u32, id: &str, text: &str) -> Event {
        let value = self.instance.text_to_value(param_id(id), text).unwrap();
        Event::param(frame, param_id(id), value)
    }
}

/// The frame from which a channel of a block is silent to its end.
pub fn silent_from(samples: &[f32]) -> Option<usize> {
    let last = samples.iter().rposition(|sample| *sample != 0.0).map_or(0, |last| last + 1);
    (last < samples.len()).then_some(last)
}

/// The k boundary nearest to a frame that was given in a block which begins at `at`, as heard in it.
pub fn heard_boundary(at: usize, frame: usize) -> usize {
    let place = at + frame;
    let boundary = (place + KSMPS / 2) / KSMPS * KSMPS;
    boundary + LATENCY - at
}

/// The frames at which a silence ends.
pub fn bursts(samples: &[f32]) -> Vec<usize> {
    let sounds = |frame: usize| samples[frame].abs() > 1e-6;
    (0..samples.len()).filter(|frame| sounds(*frame) && (*frame == 0 || !sounds(frame - 1))).collect()
}

/// The state of a session, its parameters and the session's own JSON edited.
pub fn state_with(session: &Session, edit: impl FnOnce(&mut Value, &mut Value)) -> Vec<u8> {
    let mut whole = test_host::session::unwrap(&session.state().unwrap()).unwrap();
    let mut own: Value = serde_json::from_str(whole["fields"]["session"].as_str().unwrap()).unwrap();
    edit(&mut whole["params"], &mut own);
    whole["fields"]["session"] = own.to_string().into();
    test_host::session::wrap(&whole)
}

/// The state of a session with a parameter.
pub fn with_parameter(session: &Session, id: &str, value: Value) -> Vec<u8> {
    state_with(session, |params, _| params[id] = value)
}

/// Sixteen event slots that hold one line each.
pub fn slots(line: &str, absolute: bool) -> Value {
    json!(vec![json!({ "line": line, "absolute": absolute }); 16])
}

/// A bench whose event slots hold one line each.
pub fn with_slot(line: &str, absolute: bool) -> Bench {
    Bench::with_state(&state_with(&session(), |_, own| own["events"] = slots(line, absolute)))
}

/// A piece whose instrument 1 is a level for each note, at the right channel.
pub fn notes(ksmps: usize) -> Session {
    let body = "massign 0, 2\ninstr 1\naout = 0.25\nouts aout, aout\nendin\n\
                instr 2\naout = 0.25\nouts aout, aout\nendin\n";
    Session { at_end: AtEnd::Keep, ..Session::from_csd("notes.csd", csd("", &header(ksmps), body, "")) }
}

/// The state of that piece with notes as score events.
pub fn score_notes(ksmps: usize) -> Vec<u8> {
    with_parameter(&notes(ksmps), "note_mode", json!({ "string": "score" }))
}

/// A MIDI Machine Control message to all devices.
pub fn mmc(frame: u32, command: &[u8]) -> Event {
    Event::sysex(frame, [&[0xF0, 0x7F, 0x7F, 6], command, &[0xF7]].concat())
}
