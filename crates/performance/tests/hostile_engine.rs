//! Engines that a piece has taken over: they write random bytes into the shared memory, shrink it,
//! flood the sockets, lie about the piece. The host plays on. This program is the host and, started
//! by it, the hostile engine.

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod common;

#[cfg(target_os = "linux")]
fn main() {
    match std::env::var("CSOUND_PERFORMER_HOSTILE") {
        Ok(way) => hostile::be(&way),
        Err(_) => host::survive_all(),
    }
}

/// What the engine says that has tried to give the shared memory another size, in vain.
#[cfg(target_os = "linux")]
const HELD: &str = "the memory kept its size";

/// The ways of being hostile.
#[cfg(target_os = "linux")]
const WAYS: &[&str] = &[
    "random bytes",
    "shrink",
    "flood",
    "answers ahead",
    "never answers",
    "wrong rate",
    "no ksmps",
    "too many channels",
    "endless names",
    "not finite",
    "strange opcodes",
    "second start",
    "garbage",
    "endless message",
    "mute",
    "hangs up",
    "endless line",
    "only progress",
    "false listener",
    "out of band",
    "deaf",
    "false answers",
    "keeps answers",
    "keeps one answer",
    "far ahead",
];

#[cfg(target_os = "linux")]
mod hostile {
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant};

    use csound_library::{Behaviour, ChannelHints, ChannelInfo, ChannelKind, Opcode};
    use csound_performance::engine::platform::{self, SharedMemory};
    use csound_performance::engine::protocol::{self, Ask, Say};
    use csound_performance::engine::{AnswerError, ConsoleLine, Format, Shown, wire};
    use test_host::testing::Random;

    const FORMAT: Format =
        Format { sample_rate: 48_000.0, ksmps: 32, inputs: 2, outputs: 2, sample_accurate: false };

    fn channel(name: String, value: f64) -> ChannelInfo {
        let hints = ChannelHints {
            behaviour: Behaviour::Linear,
            default: value,
            minimum: value,
            maximum: value,
            attributes: String::new(),
        };
        ChannelInfo { name, kind: ChannelKind::Control, input: true, output: false, hints: Some(hints) }
    }

    /// Nobody has asked for them, and they are none.
    fn strange_opcodes() -> Shown {
        let opcode = |name: &str, types: &str| Opcode {
            name: name.to_owned(),
            results: String::new(),
            arguments: types.to_owned(),
        };
        let mut opcodes = vec![opcode("good", "k"), opcode("", "k"), opcode("a b", "k"), opcode("x\n", "k")];
        opcodes.push(opcode(&"x".repeat(100_000), "k"));
        opcodes.push(opcode("long", &"k".repeat(100_000)));
        opcodes.push(opcode("control", "\u{7}"));
        opcodes.resize(20_000, opcode("many", "k"));
        Shown { opcodes, ..Shown::default() }
    }

    /// What it says of its piece.
    fn lie(way: &str) -> Say {
        let mut format = FORMAT;
        let mut channels = Vec::new();
        match way {
            "wrong rate" => format.sample_rate = f64::NAN,
            "no ksmps" => format.ksmps = 0,
            "too many channels" => format.outputs = usize::MAX,
            "endless names" => channels.push(channel("x".repeat(1 << 20), 1.0)),
            "not finite" => channels.push(channel("level".into(), f64::NAN)),
            "strange opcodes" => return Say::Started { format, shown: strange_opcodes(), thread: 0 },
            _ => {}
        }
        // The host's own first thread is none of the engine's.
        let thread = std::os::unix::process::parent_id().cast_signed();
        Say::Started { format, shown: Shown { channels, ..Shown::default() }, thread }
    }

    pub fn be(way: &str) {
        let (mut control, descriptor, console) = platform::inherited().unwrap();
        let memory = SharedMemory::map(descriptor.as_fd(), wire::BYTES).unwrap();
        let _: Ask = protocol::receive(&mut control, protocol::LONGEST_TO_ENGINE).unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        match way {
            "mute" => std::thread::sleep(Duration::from_secs(20)),
            "garbage" => drop(control.write_all(&[7; 4096])),
            "endless message" => {
                control.write_all(&u32::MAX.to_le_bytes()).unwrap();
                while Instant::now() < until && control.write_all(&[0; 4096]).is_ok() {}
            }
            _ => {}
        }
        if protocol::send(&mut control, &lie(way)).is_err() {
            return;
        }
        let mut random = Random::new(99);
        if way == "hangs up" {
            drop(control);
            std::thread::sleep(Duration::from_secs(20));
            return;
        }
        let request = memory.word(wire::REQUEST);
        let mut is_first = true;
        while Instant::now() < until {
            match way {
                "random bytes" => {
                    for _ in 0..1000 {
                        // Its words most of all, then the rest.
                        let span = if random.below(4) > 0 { wire::EVENTS } else { wire::BYTES };
                        let bytes: [u8; 8] = std::array::from_fn(|_| random.byte());
                        memory.write(random.below(span - 8), &bytes);
                    }
                }
                "shrink" => {
                    let file = std::fs::File::from(descriptor.try_clone().unwrap());
                    let held = file.set_len(0).is_err() && file.set_len(1 << 40).is_err();
                    let line = ConsoleLine::error(if held { super::HELD } else { "another size" });
                    drop(protocol::send(&mut control, &Say::Console(line)));
                    std::thread::sleep(Duration::from_millis(5));
                }
                "flood" => {
                    let line = ConsoleLine::error("flood ".repeat(100));
                    if protocol::send(&mut control, &Say::Console(line)).is_err() {
                        return;
                    }
                    platform::send_packet(console.as_fd(), &[5; 900]);
                }
                "endless line" => {
                    let mut packet = [b'x'; 1024];
                    packet[0] = 5;
                    platform::send_packet(console.as_fd(), &packet);
                }
                "only progress" => {
                    memory.word(wire::PROGRESS).fetch_add(1, Ordering::AcqRel);
                    std::thread::sleep(Duration::from_millis(1));
                }
                "false listener" => {
                    let file = std::fs::File::open("/dev/zero").unwrap();
                    drop(platform::send_listener(console.as_fd(), file.into()));
                    std::thread::sleep(Duration::from_millis(1));
                }
                "out of band" => {
                    // It is seen to be there, and no reading gets it.
                    let _ = rustix::net::send(&control, b"x", rustix::net::SendFlags::OOB);
                    std::thread::sleep(Duration::from_millis(100));
                }
                "false answers" => {
                    if request.load(Ordering::Acquire) == 0 {
                        continue;
                    }
                    // Two codes were given. One more answer is one too many.
                    let endless = AnswerError::Csound("x\u{7}".repeat(1 << 20));
                    for answer in [Ok(f64::NAN), Err(endless), Ok(1.0)] {
                        if protocol::send(&mut control, &Say::Evaluated(answer)).is_err() {
                            return;
                        }
                    }
                    std::thread::sleep(Duration::from_secs(20));
                }
                "keeps answers" | "keeps one answer" => {
                    let number = request.load(Ordering::Acquire);
                    if number == memory.word(wire::ANSWER).load(Ordering::Acquire) {
                        std::thread::yield_now();
                        continue;
                    }
                    if way == "keeps one answer" && std::mem::take(&mut is_first) {
                        drop(protocol::send(&mut control, &Say::Evaluated(Ok(1.0))));
                    }
                    memory.word(wire::ANSWER).store(number, Ordering::SeqCst);
                    platform::wake(memory.word(wire::ANSWER));
                }
                "far ahead" => {
                    let number = request.load(Ordering::Acquire);
                    let far = [1e12, -1.0, f64::MAX, f64::NAN, 3600.0][random.below(5)];
                    memory.long(wire::SCORE_TIME).store(f64::to_bits(far), Ordering::Relaxed);
                    memory.word(wire::ANSWER).store(number, Ordering::SeqCst);
                    platform::wake(memory.word(wire::ANSWER));
                    std::thread::yield_now();
                }
                "second start" => {
                    if protocol::send(&mut control, &lie("")).is_err() {
                        return;
                    }
                }
                "answers ahead" => {
                    let ahead = request.load(Ordering::Acquire).wrapping_add(1);
                    memory.word(wire::ANSWER).store(ahead, Ordering::Release);
                    memory.word(wire::PERFORMED).store(u32::MAX, Ordering::Relaxed);
                    memory.word(wire::MIDI_LEN).store(u32::MAX, Ordering::Relaxed);
                    platform::wake(memory.word(wire::ANSWER));
                }
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod host {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use csound_performance::engine::piece::{Piece, Source};
    use csound_performance::engine::planes::Planes;
    use csound_performance::engine::protocol::Confinement;
    use csound_performance::engine::remote::{EngineHandle, Options, RemoteEngine, TURN_LIMIT};
    use csound_performance::engine::{
        AnswerError, Code, Engine, Event, EventKind, LONGEST_LINE, MidiOut, PieceSpec, Purpose, Reply, Span,
        Turn,
    };

    use crate::common::engines::children;

    /// Ways in which the engine answers turns, or seems to.
    const ANSWERS: &[&str] =
        &["random bytes", "answers ahead", "keeps answers", "keeps one answer", "far ahead"];

    /// Of so many turns of an engine that never answers, the host's thread may sleep in one: a turn that was late is
    /// not waited for again. The system lets it sleep now and then for other reasons, such as memory.
    const TURNS_A_SLEEP: usize = 8;

    /// How many times its limit half of all turns may take. The limit bounds the waiting; the rest is for a machine
    /// that has much else to do.
    const SLOWNESS: u32 = 20;

    /// Ways that are found out before the engine is used.
    const REFUSED: &[&str] = &[
        "wrong rate",
        "no ksmps",
        "too many channels",
        "endless names",
        "garbage",
        "endless message",
        "mute",
    ];

    fn spec() -> PieceSpec {
        PieceSpec::new(
            Piece { name: "piece.csd".into(), source: Source::Csd("x".into()), folder: None },
            48_000.0,
        )
    }

    pub fn survive_all() {
        let folder = tempfile::tempdir().unwrap();
        for (number, way) in super::WAYS.iter().enumerate() {
            let began = Instant::now();
            let outcome = survive(way, &folder.path().join(format!("engine{number}")));
            println!("{way}: {outcome} ({:.1} s)", began.elapsed().as_secs_f64());
        }
        assert_eq!(children(), Vec::<i32>::new(), "engines are left");
        println!("test result: ok. {} ways survived", super::WAYS.len());
    }

    /// The engine program is this one, told how to be.
    fn program(way: &str, path: &Path) {
        let this = std::env::current_exe().unwrap();
        let script = format!("#!/bin/sh\nCSOUND_PERFORMER_HOSTILE='{way}' exec '{}'\n", this.display());
        std::fs::write(path, script).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn survive(way: &str, path: &Path) -> String {
        program(way, path);
        let mut options = Options::new(path.to_owned(), Some(Confinement::default()));
        options.compile_limit = Duration::from_secs(3);
        let spec = PieceSpec { lists_opcodes: way == "strange opcodes", ..spec() };
        let started = RemoteEngine::start(&spec, &options, &mut |_| ());
        assert_eq!(started.is_err(), REFUSED.contains(&way), "{way}");
        let mut started = match started {
            Ok(started) => started,
            Err(error) => return format!("refused: {error}"),
        };
        if way == "strange opcodes" {
            let opcodes = &started.shown.opcodes;
            let is_one = |name: &str| name == "good" || name == "many";
            assert!(opcodes.iter().all(|opcode| is_one(&opcode.name)), "{way}");
            assert!((2..=16_384).contains(&opcodes.len()), "{way}: {}", opcodes.len());
        }
        for channel in &started.shown.channels {
            assert_eq!(channel.hints, None, "{way}: hints that are no numbers");
        }
        let handle = started.engine.handle();
        started.engine.bind(&[Some("level".into())]);
        let (mut turns, mut sleeps, mut said) = (Vec::new(), 0, Vec::new());
        let began = Instant::now();
        // Whoever only says that it gets on is believed for as long as a turn and its one step may take.
        let ends = ["only progress", "out of band", "deaf"].contains(&way);
        let keeps = way.starts_with("keeps");
        let patience = if ends || keeps || way == "false answers" { 20_000 } else { 1500 };
        if way == "deaf" {
            // The first that it has no room for is an error, and its end.
            let text = "x".repeat(60_000);
            let refused = (0..200).find_map(|_| handle.set_string_channel("text", &text).err());
            assert!(refused.is_some(), "somebody took 12 MB");
        }
        let replies =
            if keeps || way == "false answers" { give_codes(&mut started.engine) } else { Vec::new() };
        let mut end = None;
        while end.is_none() && began.elapsed() < Duration::from_millis(patience) {
            let (slept, took) = perform(&mut started.engine, way);
            sleeps += slept;
            turns.push(took);
            std::thread::sleep(Duration::from_millis(1));
            end = handle.take_end();
            if way == "endless line" {
                // Let it pile up.
                continue;
            }
            said.extend(drained(&handle, way));
        }
        said.extend(drained(&handle, way));
        let end = end.unwrap_or_else(|| "it went on".to_owned());
        if ends {
            assert!(end.contains("did not get on") || end.contains("did not take"), "{way}: {end}");
        }
        if way == "false answers" {
            assert!(end.contains("out of turn"), "{end}");
            assert_eq!(replies[0].get(), Some(&Err(AnswerError::NotANumber)));
            let Some(Err(AnswerError::Csound(reason))) = replies[1].get() else { panic!("{replies:?}") };
            assert!(reason.len() <= 1000 && reason.chars().all(|character| character == 'x'), "{reason}");
        }
        if keeps {
            // Its watch has then said the last word.
            drop(started);
            assert!(end.contains("performed code and did not say within 2"), "{way}: {end}");
            let heard = if way == "keeps answers" { Err(AnswerError::EngineEnded) } else { Ok(1.0) };
            assert_eq!(replies[0].get(), Some(&heard), "{way}");
            assert_eq!(replies[1].get(), Some(&Err(AnswerError::EngineEnded)), "{way}");
        }
        if way == "shrink" {
            assert!(!said.is_empty() && said.iter().all(|line| line == super::HELD), "{said:?}");
        }
        let waited = sleeps * TURNS_A_SLEEP > turns.len() + TURNS_A_SLEEP;
        assert!(ANSWERS.contains(&way) || !waited, "{way}: slept {sleeps} times in {} turns", turns.len());
        turns.sort();
        let (usual, longest) = (turns[turns.len() / 2], turns[turns.len() - 1]);
        assert!(usual <= TURN_LIMIT * SLOWNESS, "{way}: half of all turns take {usual:?} and more");
        let (turns, lines) = (turns.len(), said.len());
        format!("{end}; {lines} lines, {turns} turns, {sleeps} sleeps, the longest {longest:?}")
    }

    /// How often this thread has waited for something.
    fn sleeps_of_this_thread() -> usize {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
        count.trim().parse().unwrap()
    }

    /// Takes what waits of the console. Neither one line nor all of them are without end.
    fn drained(handle: &EngineHandle, way: &str) -> Vec<String> {
        let lines = handle.drain_console();
        assert!(lines.iter().all(|line| line.text.len() <= LONGEST_LINE), "{way}");
        let bytes: usize = lines.iter().map(|line| line.text.capacity()).sum();
        assert!(bytes <= 4 << 20, "{way}: {bytes} bytes waited");
        lines.into_iter().map(|line| line.text).collect()
    }

    /// Performs a turn that gives the engine two codes; where their answers appear.
    fn give_codes(engine: &mut RemoteEngine) -> Vec<Arc<Reply>> {
        let codes = [(), ()].map(|()| Code::new(c"return 1".to_owned(), Purpose::Evaluate));
        let (codes, replies): (Vec<_>, Vec<_>) = codes.into_iter().unzip();
        let kinds = codes.into_iter().map(EventKind::Code);
        let mut events: Vec<_> = kinds.map(|kind| Event { cycle: 0, frame: 0, kind }).collect();
        let (mut output, input) = (Planes::new(2, 512), Planes::new(4, 512));
        engine.perform(&mut Turn {
            span: Span::at_front(16),
            input: &input,
            output: &mut output,
            events: &mut events,
            midi_out: &mut Vec::new(),
            offline: false,
        });
        replies
    }

    /// Performs a turn; how often this thread slept for it, and how long it took.
    fn perform(engine: &mut RemoteEngine, way: &str) -> (usize, Duration) {
        let (mut output, input) = (Planes::new(2, 512), Planes::new(4, 512));
        let mut midi_out: Vec<MidiOut> = Vec::with_capacity(64);
        let mut events = [Event { cycle: 3, frame: 0, kind: EventKind::Channel { index: 0, value: 1.0 } }];
        let mut turn = Turn {
            span: Span::at_front(16),
            input: &input,
            output: &mut output,
            events: &mut events,
            midi_out: &mut midi_out,
            offline: false,
        };
        let (slept, began) = (sleeps_of_this_thread(), Instant::now());
        let outcome = engine.perform(&mut turn);
        let measured = (sleeps_of_this_thread() - slept, began.elapsed());
        assert!(outcome.performed <= 16, "{way}");
        // Nobody has asked for another time, and at most some thousand turns of 512 frames were performed.
        let told = outcome.score_time;
        assert!((0.0..60.0).contains(&told), "{way}: {told} s of its score");
        assert!(engine.handle().score_time() < 60.0, "{way}");
        let mut slots = [0.0; 128];
        engine.read_channels(&mut slots);
        assert!(slots.iter().all(|value| value.is_finite()), "{way}");
        for channel in 0..2 {
            assert!(output.channel(channel).iter().all(|sample| sample.is_finite()), "{way}");
        }
        assert!(midi_out.iter().all(|sent| sent.cycle < 16), "{way}");
        measured
    }
}
