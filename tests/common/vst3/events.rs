//! Notes in the VST3 host.

use vst3::Class;
use vst3::ComWrapper;
use vst3::Steinberg::Vst::{
    Event, Event_, Event__type0, IEventList, IEventListTrait, NoteExpressionValueEvent, NoteOffEvent,
    NoteOnEvent, PolyPressureEvent,
};
use vst3::Steinberg::{int32, kInvalidArgument, kNotImplemented, kResultOk, tresult};

use super::instance::Instance;
use super::moves::{Changes, Move};
use test_host::host::NoteDoes;

/// What a note with an id of the host's does at a frame.
#[derive(Clone, Copy, Debug)]
pub struct OfNote {
    pub frame: u32,
    pub id: u32,
    pub channel: u8,
    pub key: u8,
    pub does: NoteDoes,
}

/// A host's list of events.
struct Events(Vec<Event>);

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        self.0.len() as i32
    }

    unsafe fn getEvent(&self, index: int32, event: *mut Event) -> tresult {
        let Some(found) = usize::try_from(index).ok().and_then(|index| self.0.get(index)) else {
            return kInvalidArgument;
        };
        // SAFETY: the caller's.
        unsafe { event.write(*found) };
        kResultOk
    }

    unsafe fn addEvent(&self, _: *mut Event) -> tresult {
        kNotImplemented
    }
}

/// Types of the interface's expressions.
const VOLUME: u32 = 0;
const PAN: u32 = 1;
const TUNING: u32 = 2;
const VIBRATO: u32 = 3;
const EXPRESSION: u32 = 4;
const BRIGHTNESS: u32 = 5;

fn event(of: &OfNote) -> Event {
    let (channel, pitch, id) = (i16::from(of.channel), i16::from(of.key), of.id as i32);
    let express = |kind, value| {
        let value = NoteExpressionValueEvent { typeId: kind, noteId: id, value };
        (Event_::EventTypes_::kNoteExpressionValueEvent, Event__type0 { noteExpressionValue: value })
    };
    let (kind, body) = match of.does {
        NoteDoes::Begin(velocity) => {
            let on =
                NoteOnEvent { channel, pitch, tuning: 0.0, velocity: velocity as f32, length: 0, noteId: id };
            (Event_::EventTypes_::kNoteOnEvent, Event__type0 { noteOn: on })
        }
        NoteDoes::End => {
            let off = NoteOffEvent { channel, pitch, velocity: 0.0, noteId: id, tuning: 0.0 };
            (Event_::EventTypes_::kNoteOffEvent, Event__type0 { noteOff: off })
        }
        NoteDoes::Press(pressure) => {
            let pressed = PolyPressureEvent { channel, pitch, pressure: pressure as f32, noteId: id };
            (Event_::EventTypes_::kPolyPressureEvent, Event__type0 { polyPressure: pressed })
        }
        // From -120 to 120.
        NoteDoes::Tune(semitones) => express(TUNING, semitones / 240.0 + 0.5),
        NoteDoes::Brighten(value) => express(BRIGHTNESS, value),
        // Four times as loud at its end.
        NoteDoes::Louden(value) => express(VOLUME, value / 4.0),
        NoteDoes::Place(value) => express(PAN, value),
        NoteDoes::Shake(value) => express(VIBRATO, value),
        NoteDoes::Express(value) => express(EXPRESSION, value),
        NoteDoes::Modulate { .. } => panic!("VST3 has none for one note"),
    };
    Event {
        busIndex: 0,
        sampleOffset: of.frame as i32,
        ppqPosition: 0.0,
        flags: 0,
        r#type: kind as u16,
        __field0: body,
    }
}

impl Instance {
    /// The first channel of one block, as an instrument, in which notes do something.
    pub fn plays(&self, frames: usize, notes: &[OfNote]) -> Vec<f32> {
        self.plays_while(frames, notes, &[])
    }

    /// The same while parameters move.
    pub fn plays_while(&self, frames: usize, notes: &[OfNote], moves: &[Move]) -> Vec<f32> {
        let events = ComWrapper::new(Events(notes.iter().map(event).collect()));
        let (as_list, changes) = (events.to_com_ptr::<IEventList>().unwrap(), Changes::of(moves));
        let [left, _] = self.heard(frames, |data| {
            data.inputEvents = as_list.as_ptr();
            data.inputParameterChanges = changes.as_ptr();
        });
        left
    }
}
