//! Pieces that take Csound's process down or hang it, in a host where another instance plays: the
//! host lives, the other instance's audio is what it always is, an error says why, and a good piece
//! plays afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use test_host::host::{EventBody, Host, INSTRUMENT, Instance};
use test_host::render::{BlockSize, RenderOptions, render_whatever_comes};
use test_host::session::{self, AtEnd, Session};
use test_host::testing::generation;

use crate::common::{block, csd, libcsound_is_missing, onset, perform, playing, plugin};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// What becomes of a piece.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Becomes {
    /// It does not perform (any more), and an error says why.
    AnError,
    /// What is wrong with it is taken out or harmless: it plays.
    APiece,
}
use Becomes::{APiece, AnError};

fn session(text: String) -> Session {
    Session { at_end: AtEnd::Keep, compile_limit: Some(2.0), ..Session::from_csd("piece.csd", text) }
}

/// A level, to be heard at once.
fn good() -> Session {
    session(csd("", HEADER, "instr 1\na1 = 0.25\nouts a1, a1\nendin\n", "i 1 0 1000"))
}

/// The instance that plays all the while, in a thread of its own.
struct Neighbour {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<f32>>,
}

/// Tones with a random part, so that every sample depends on all before it.
fn neighbours_piece() -> Session {
    let body = "instr 1\naenv linen 0.3, 0.05, p3, 0.05\na1 poscil aenv, p4\nan rand 0.05, 0.5\nouts a1 + an, a1\nendin\n";
    let score = "t 0 120\n{ 400 N\ni 1 [$N.] 1.5 [200+10*$N.]\n}\n";
    session(csd("", HEADER, body, score))
}

impl Neighbour {
    fn new() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let host = Host::load(plugin()).unwrap();
            let mut instance = playing(&host, INSTRUMENT, &neighbours_piece().state().unwrap(), 512);
            let mut heard = Vec::new();
            while !stopped.load(Ordering::Relaxed) && heard.len() < 48_000 * 100 {
                heard.extend_from_slice(&block(&mut instance, 512, &[]).output[0]);
                std::thread::sleep(Duration::from_millis(4));
            }
            heard
        });
        Self { stop, thread }
    }

    /// Stops it; what it played must be what it plays alone.
    fn assert_undisturbed(self) {
        self.stop.store(true, Ordering::Relaxed);
        let heard = self.thread.join().unwrap();
        let host = Host::load(plugin()).unwrap();
        let mut alone = playing(&host, INSTRUMENT, &neighbours_piece().state().unwrap(), 512);
        let expected = perform(&mut alone, heard.len(), 512);
        assert!(onset(&heard).is_some());
        assert!(heard == expected, "the other instance was disturbed");
    }
}

/// Plays in real time until `there`, at most a minute.
fn play_until(instance: &mut Instance, what: &str, mut there: impl FnMut(&mut Instance, &[f32]) -> bool) {
    let began = Instant::now();
    loop {
        let heard = block(instance, 512, &[]).output[0].clone();
        if there(instance, &heard) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(11));
    }
}

fn error_of(instance: &mut Instance) -> Option<String> {
    session::error_of(&instance.save_state().unwrap()).unwrap()
}

/// Loads each piece into one instance of one host, one after another, beside the neighbour.
fn survives(pieces: &[(&str, Session, Becomes)]) {
    if libcsound_is_missing() {
        return;
    }
    let neighbour = Neighbour::new();
    let host = Host::load(plugin()).unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.load_state(&good().state().unwrap()).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    for (name, piece, becomes) in pieces {
        let before = good().state().unwrap();
        instance.load_state(&before).unwrap();
        play_until(&mut instance, &format!("a good piece before {name}"), |instance, heard| {
            heard[256] == 0.25 && error_of(instance).is_none()
        });
        instance.load_state(&piece.state().unwrap()).unwrap();
        match becomes {
            AnError => {
                let mut error = None;
                play_until(&mut instance, &format!("an error after {name}"), |instance, _| {
                    error = error_of(instance);
                    error.is_some()
                });
                println!("{name}: {}", error.unwrap_or_default());
            }
            APiece => play_until(&mut instance, &format!("{name} plays"), |instance, heard| {
                assert_eq!(error_of(instance), None, "{name}");
                heard[256] == 0.5
            }),
        }
    }
    instance.load_state(&good().state().unwrap()).unwrap();
    play_until(&mut instance, "a good piece at the end", |_, heard| heard[256] == 0.25);
    neighbour.assert_undisturbed();
}

/// A piece whose body is heard as 0.5, with options and a score.
fn with(options: &str, score: &str) -> Session {
    session(csd(options, HEADER, "instr 1\na1 = 0.5\nouts a1, a1\nendin\n", score))
}

/// The same with another instrument beside it.
fn playing_with(body: &str, score: &str) -> Session {
    let orchestra = format!("instr 1\na1 = 0.5\nouts a1, a1\nendin\n{body}\n");
    session(csd("", HEADER, &orchestra, score))
}

#[test]
fn options_that_end_csounds_process() {
    let options = ["--nope", "-y", "-@", "--version", "--utility=cvanal", "-b", "-o"];
    let pieces: Vec<_> = options.map(|option| (option, with(option, "i 1 0 100"), APiece)).into();
    survives(&pieces);
}

#[test]
fn mistyped_scores() {
    let scores = ["[1+", "[foo]"];
    let mut pieces: Vec<_> =
        scores.map(|score| (score, with("", &format!("i 1 0 100 {score}")), AnError)).into();
    pieces.push(("#define", with("", "#define"), AnError));
    pieces.push(("}", with("", "}\n"), AnError));
    pieces.push(("#include", with("", "#include \"nope\"\n"), AnError));
    survives(&pieces);
}

#[test]
fn bad_embedded_files() {
    let text = csd("", HEADER, "instr 1\na1 = 0.5\nouts a1, a1\nendin\n", "i 1 0 100").replace(
        "</CsoundSynthesizer>",
        "<CsFileB filename=\"x.wav\">\n!!!no base64!!!\n</CsFileB>\n</CsoundSynthesizer>",
    );
    survives(&[("bad base64", session(text), AnError)]);
}

#[test]
fn crashes_that_no_entry_point_avoids() {
    let udo = "opcode Deep, i, i\nia xin\nib Deep ia + 1\nxout ib\nendop\ninstr 2\ni1 Deep 1\nendin\n";
    let tap = "instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap\nendin\n";
    let many = csd("", "sr = 48000\nksmps = 32\nnchnls = 10000\n", "instr 1\nendin\n", "i 1 0 1");
    // Csound 7 has limits for two of them.
    let healed = if generation() == csound_performance::Generation::Seven { APiece } else { AnError };
    survives(&[
        ("unbounded recursion", playing_with(udo, "i 1 0 100\ni 2 0.2 1"), healed),
        ("a tap beyond its delay", playing_with(tap, "i 1 0 100\ni 2 0.2 1"), AnError),
        ("ten thousand channels", session(many), AnError),
        ("exit in mid-play", playing_with("instr 2\nicrash = 1/0\nendin\n", "i 1 0 100\ni 2 0.2 1"), healed),
    ]);
}

#[test]
fn hangs_while_playing() {
    let forever = "instr 2\nwhile 1 == 1 do\nod\nendin\n";
    survives(&[("while without an end", playing_with(forever, "i 1 0 100\ni 2 0.2 1"), AnError)]);
}

#[test]
fn work_without_end_in_one_k_cycle() {
    let fast = "instr 2\na2 poscil 1, 1e18\nouts a2, a2\nendin\n";
    let crowd = "{ 100000 N\ni 2 0.2 1\n}\n";
    let voice = "instr 2\na2 vco2 0.00001, 440\nouts a2, a2\nendin\n";
    survives(&[
        ("a tone of 1e18 Hz", playing_with(fast, "i 1 0 100\ni 2 0.2 1"), AnError),
        ("a hundred thousand notes at once", playing_with(voice, &format!("i 1 0 100\n{crowd}")), AnError),
    ]);
}

#[test]
fn instruments_that_start_themselves() {
    let again = "instr 2\nschedule 2, 0, 1\nendin\n";
    survives(&[(
        "an instrument that schedules itself",
        playing_with(again, "i 1 0 100\ni 2 0.2 1"),
        AnError,
    )]);
}

#[test]
fn scores_beyond_all_measure() {
    survives(&[
        ("a hundred million repeats", with("", "r 100000000\ni 1 0 1\ns\n"), AnError),
        // The csound command waits for it for ever; in a host that is a piece that goes on.
        ("times of 1e300", with("", "i 1 0 100\ni 1 1e300 1e300\n"), APiece),
    ]);
}

#[test]
fn hangs_while_compiling() {
    let global = "gk1 init 0\nicount = 0\nwhile icount < 1 do\nod\n";
    survives(&[("a loop in the header", playing_with(global, "i 1 0 100"), AnError)]);
}

#[test]
fn a_render_goes_on_without_a_gap_where_csound_6_crashes() {
    if libcsound_is_missing() {
        return;
    }
    // Csound 6.18 writes a MIDI note's p-fields into the score event that comes next: an f statement then names
    // GEN 67, and the table of GEN routines ends before that.
    let body =
        "massign 0, 1\ninstr 1\na1 = 0.5\nouts a(0), a1\nendin\ninstr 2\na1 = 0.25\nouts a1, a1\nendin\n";
    let score = "i 2 0 2\nf 2 0.5 8 -2 1\nf 3 1.2 8 -2 1\nf 0 2\n";
    for (options, block) in [("--midi-key=4", 512), ("--midi-velocity=4", 4096), ("--midi-key=4", 61)] {
        let piece = Session::from_csd("keys.csd", csd(options, HEADER, body, score));
        let mut rendering = RenderOptions::new(plugin(), piece);
        rendering.seconds = Some(1.9);
        rendering.block = BlockSize::Fixed(block);
        let note = |frame: u64, velocity| {
            (frame, EventBody::Midi([if velocity > 0 { 0x90 } else { 0x80 }, 67, velocity]))
        };
        // After the first crash, in its block or soon, another note comes, and makes the second one.
        rendering.events = vec![note(4800, 67), note(9600, 0), note(24_100, 67), note(28_000, 0)];
        let rendered = render_whatever_comes(&rendering, |_, _| ()).unwrap();
        let crash = rendered.crash.expect("this Csound does not crash any more: take it out of the guide");
        assert!(
            crash.contains("signal 11") && (crash.contains("(at 1.19") || crash.contains("(at 1.2")),
            "{options}, blocks of {block}: {crash}, notes {:?}",
            [5000, 9700, 24_200, 27_900, 28_200].map(|at| rendered.samples[1][at])
        );
        let wrong = rendered.samples[0].iter().position(|sample| *sample != 0.25);
        assert_eq!(wrong, None, "{options}, blocks of {block}");
        let notes = |frame: usize| rendered.samples[1][frame];
        assert_eq!([5000, 9700, 24_200, 27_900, 28_200].map(notes), [0.75, 0.25, 0.75, 0.75, 0.25]);
    }
}
