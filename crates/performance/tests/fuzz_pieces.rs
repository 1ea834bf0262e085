//! Mutated pieces, one after another in one host process: nothing that a piece can say crashes or
//! hangs the host, and nothing is left of any.
#![cfg(target_os = "linux")]

mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::engines::{children, options, spec, turn};
use common::{Random, generation, libcsound_is_missing};
use csound_performance::Generation;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{Event, EventKind, MidiMessage};
use test_host::testing::again_over_csound_7;

/// Words that Csound treats in a way of its own.
const WORDS: &[&str] = &[
    "endin",
    "instr 1\n",
    "0dbfs",
    "ksmps = 0\n",
    "sr = -1\n",
    "1/0",
    "[",
    "]",
    "{",
    "}",
    "/*",
    "*/",
    "{{",
    "\"",
    "#include",
    "#define",
    "$",
    "\\",
    "<CsScore>",
    "</CsInstruments>",
    "<CsOptions>",
    "1e300",
    "-1",
    "goto",
    "opcode",
    "i 1 0 1\n",
    "e\n",
    "s\n",
    "r 3\n",
    "t 0 0\n",
    "^+",
    ".",
    "!",
    "~",
    "\0",
    "\u{feff}",
    "é",
];

/// Words that only Csound 7 knows.
const WORDS_OF_SEVEN: &[&str] = &[
    "struct",
    "init ",
    ":k",
    ":a[]",
    "@global",
    "[1, 2, 3]",
    "[1:3]",
    "for x in ",
    " do\n",
    "od",
    "create(",
    "run(",
    "delete(",
    "splice(",
    "oversample 4\n",
    "undersample 2\n",
    ":(a, k)",
    "xout(",
    ":Instr",
    ":Opcode",
    ":Complex",
    ":b = ",
];

/// The texts of the pieces that this project ships, the long ones aside: those in the language of Csound 7 for it.
fn good_pieces() -> Vec<String> {
    let folders: &[&str] = match generation() {
        Generation::Six => &["", "oracle", "effect"],
        // Its own language as often as all else.
        Generation::Seven => &["", "oracle", "effect", "seven", "seven", "seven", "seven", "seven"],
    };
    let folders = folders.iter().map(|folder| common::pieces().join(folder));
    let mut paths: Vec<_> = folders
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "csd"))
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn word(random: &mut Random) -> &'static str {
    let words = match generation() {
        Generation::Seven if random.below(2) == 0 => WORDS_OF_SEVEN,
        _ => WORDS,
    };
    words[random.below(words.len())]
}

fn mutated(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..1 + random.below(2) {
        let at = random.below(characters.len());
        match random.below(5) {
            0 => drop(characters.remove(at)),
            1 => characters.insert(at, char::from(32 + random.below(95) as u8)),
            2 => drop(characters.splice(at..at, word(random).chars()).count()),
            3 => {
                let end = (at + random.below(40)).min(characters.len());
                characters.drain(at..end);
            }
            _ => {
                let end = (at + random.below(60)).min(characters.len());
                let span: Vec<char> = characters[at..end].to_vec();
                let to = random.below(characters.len());
                characters.splice(to..to, span);
            }
        }
        if characters.is_empty() {
            characters.push(' ');
        }
    }
    characters.into_iter().collect()
}

/// What became of a piece.
#[derive(Default, Debug)]
struct Counts {
    refused: AtomicUsize,
    played: AtomicUsize,
    crashed: AtomicUsize,
    late: AtomicUsize,
}

fn play(text: String, counts: &Counts) {
    let options = Options { compile_limit: Duration::from_secs(2), ..options() };
    let Ok(started) = RemoteEngine::start(&spec(text), &options, &mut |_| ()) else {
        counts.refused.fetch_add(1, Ordering::Relaxed);
        return;
    };
    let mut engine = started.engine;
    let key = |status: u8| EventKind::Midi(MidiMessage::new(&[status, 60, 100]).unwrap());
    let (mut late, mut gone) = (false, false);
    for block in 0..24 {
        let mut events = [Event { cycle: 0, frame: 0, kind: key(if block % 4 == 0 { 0x90 } else { 0x80 }) }];
        let (outcome, _) = turn(&mut engine, 8, &mut events, false);
        late |= outcome.late;
        gone |= outcome.engine_ended;
    }
    let what = if gone {
        &counts.crashed
    } else if late {
        &counts.late
    } else {
        &counts.played
    };
    what.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn no_mutation_of_a_piece_harms_the_host() {
    if libcsound_is_missing() {
        return;
    }
    let count = if std::env::var_os("CSOUND_PERFORMER_LONG").is_some() { 5000 } else { 200 };
    let pieces = good_pieces();
    let mut random = Random::new(2026);
    let texts: Vec<String> =
        (0..count).map(|_| mutated(&pieces[random.below(pieces.len())], &mut random)).collect();
    let open_files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    // A nursery is there before and after; a piece that crashes takes it away.
    let with_a_nursery = || play(pieces[0].clone(), &Counts::default());
    with_a_nursery();
    let before = open_files();
    let (counts, longest) = (Counts::default(), Mutex::new((Duration::ZERO, 0)));
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, text)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, texts.get(at)?)))
                {
                    let began = Instant::now();
                    play(text.clone(), &counts);
                    let mut longest = longest.lock().unwrap();
                    *longest = (*longest).max((began.elapsed(), at));
                }
            });
        }
    });
    println!("by {}: {counts:?}, longest {:?}", generation(), longest.lock().unwrap());
    with_a_nursery();
    assert_eq!(open_files(), before, "descriptors are left");
    assert_eq!(children(), Vec::<i32>::new(), "processes are left");
    let total = [&counts.refused, &counts.played, &counts.crashed, &counts.late];
    assert_eq!(total.iter().map(|count| count.load(Ordering::Relaxed)).sum::<usize>(), count);
    assert!(counts.played.load(Ordering::Relaxed) > count / 10, "hardly any mutation plays: {counts:?}");
    assert!(counts.refused.load(Ordering::Relaxed) > count / 10, "hardly any mutation fails: {counts:?}");
    // Not beside this: that process would be one that is left.
    if again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), Generation::Seven);
    }
}
