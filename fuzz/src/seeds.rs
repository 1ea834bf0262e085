//! Seeds that no hand can write: what two processes say to each other. The ignored test of `tests/corpus.rs`
//! writes them into `corpus/` again where the format has changed.

use csound_cabbage::table::Stroke;
use csound_cabbage::{Change, Value, WidgetName};
use csound_library::{Behaviour, ChannelHints, ChannelInfo, ChannelKind, Generation, Opcode};
use csound_performance::command::event_of_text;
use csound_performance::engine::foreign::{EventBytes, midi_to_bytes, to_bytes};
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::protocol::{Ask, Bounds, Confinement, Network, Say, Start, VERSION};
use csound_performance::engine::{
    ActiveInstrument, AnswerError, Code, ConsoleLine, EventKind, Format, MidiMessage, MidiOut, Note,
    PieceSpec, Purpose, ScoreEntry, Shown,
};

/// Seeds by target and name.
pub fn made() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("protocol", "asks", asks()),
        ("protocol", "says", says()),
        ("wire", "events", events()),
        ("wire", "midi", midi()),
    ]
}

fn sent(message: &impl serde::Serialize) -> Vec<u8> {
    to_bytes(message).unwrap_or_default()
}

fn asks() -> Vec<u8> {
    let source = Source::OrcSco { orc: "instr 1\nendin\n".to_owned(), sco: "i 1 0 1\n".to_owned() };
    let piece = Piece { name: "two.orc".to_owned(), source, folder: Some("/pieces".into()) };
    let spec = PieceSpec {
        channel_values: vec![("cutoff".to_owned(), 0.5)],
        channel_texts: vec![("file".to_owned(), "bell.wav".to_owned())],
        instrument: Some("bell".to_owned()),
        ..PieceSpec::new(piece, 48_000.0)
    };
    let confinement = Confinement {
        readable: vec!["/pieces".into()],
        writable: vec!["/sounds".into()],
        network: Network::Machine,
        libraries: vec!["libpy.so".to_owned()],
        ..Confinement::default()
    };
    let bounds = Bounds { memory: 1 << 32, file: 1 << 30, realtime: 1, written: 2, files: 3, threads: 4 };
    let start = Start {
        version: VERSION,
        generation: Some(Generation::Seven),
        home: Some("/pieces".into()),
        folder: "/tmp/engine".into(),
        confinement: Some(confinement),
        bounds,
    };
    [
        sent(&Ask::Start(Box::new(start))),
        sent(&Ask::Piece(Box::new(spec))),
        sent(&Ask::CountActive(true)),
        sent(&Ask::Bind(vec![Some("cutoff".to_owned()), None])),
        sent(&Ask::Text { name: "file".to_owned(), text: "pair.wav".to_owned() }),
        sent(&Ask::Draw(Stroke { table: 1, places: [3, 7], values: [0.5, -1.0] })),
    ]
    .concat()
}

fn says() -> Vec<u8> {
    let format = Format { sample_rate: 48_000.0, ksmps: 32, inputs: 2, outputs: 2, sample_accurate: true };
    let hints = ChannelHints {
        behaviour: Behaviour::Exponential,
        default: 440.0,
        minimum: 20.0,
        maximum: 20_000.0,
        attributes: "x=1".to_owned(),
    };
    let channel = ChannelInfo {
        name: "cutoff".to_owned(),
        kind: ChannelKind::Control,
        input: true,
        output: false,
        hints: Some(hints),
    };
    let (instrument, score_length, csound) = (Some(1), Some(2.5), Some((6, 18, 1)));
    let opcode = Opcode { name: "oscili".to_owned(), results: "a".to_owned(), arguments: "kkjo".to_owned() };
    let score = vec![ScoreEntry { instrument: "bell".to_owned(), begin: 0.5, length: 2.0 }];
    let shown =
        Shown { channels: vec![channel], instrument, score_length, score, csound, opcodes: vec![opcode] };
    [
        sent(&Say::Confined { missing: vec!["seccomp".to_owned()], complete: false, told: true }),
        sent(&Say::Console(ConsoleLine::error("a line"))),
        sent(&Say::Started { format, shown, thread: 7 }),
        sent(&Say::Failed("the piece does not compile".to_owned())),
        sent(&Say::Bound),
        sent(&Say::Evaluated(Err(AnswerError::Csound("syntax error".to_owned())))),
        sent(&Say::Evaluated(Err(AnswerError::NotPerforming))),
        sent(&Say::Evaluated(Ok(-0.5))),
        sent(&Say::Panel(vec![
            Change::of("gain", "text", [Value::Text("loud".to_owned())]),
            changed(WidgetName::Ident("shown".to_owned()), "visible", 0.0),
            changed(WidgetName::State, "seed", 7.0),
            changed(WidgetName::New(1), "label", 0.0),
            changed(WidgetName::Table(3), "", 4.0),
            changed(WidgetName::Signal("aout".to_owned()), "waveform", 0.25),
        ])),
        sent(&Say::Active(vec![ActiveInstrument { number: 1, instances: 3, load: Some(12) }])),
    ]
    .concat()
}

fn changed(widget: WidgetName, identifier: &str, value: f64) -> Change {
    Change { widget, identifier: identifier.to_owned(), is_list: true, values: vec![Value::Number(value)] }
}

fn events() -> Vec<u8> {
    let fields = [1.5, 0.0, -1.0, 60.0, 100.0, 0.0, -1.0, 7.0];
    let mut kinds = vec![
        EventKind::NotesOff,
        EventKind::Hold,
        EventKind::Seek(12.5),
        EventKind::Channel { index: 127, value: -0.0 },
        EventKind::Note(Note { fields, count: 8, voice: 7 }),
        EventKind::Message(Box::new(c"f 0 10".to_owned())),
        EventKind::Code(Code::new(c"giOne = 1".to_owned(), Purpose::Compile).0),
        EventKind::Code(Code::new(c"return 2".to_owned(), Purpose::Evaluate).0),
    ];
    kinds.extend(MidiMessage::new(&[0x90, 60, 100]).map(EventKind::Midi));
    kinds.extend(event_of_text("i 1 0 1 440"));
    kinds.extend(event_of_text("i \"bell\" 0.5 2 \"soft\""));
    let mut room = EventBytes::new(4096);
    for (cycle, kind) in kinds.iter().enumerate() {
        room.push(cycle, 3, kind);
    }
    room.bytes().to_vec()
}

fn midi() -> Vec<u8> {
    let messages = [&[0x90, 60, 100][..], &[0xC3, 7], &[0xE0, 0, 64]];
    let sent = messages.into_iter().filter_map(MidiMessage::new);
    sent.flat_map(|message| midi_to_bytes(&MidiOut { cycle: 3, message })).collect()
}
