//! What the language of Csound 7 does to an engine: what ends it beside another engine that must not notice, what is
//! sent while it plays, its options, and scores with sections.

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use csound_library::VARIABLE;
use csound_performance::Generation;
use csound_performance::command::event_of_text;
use csound_performance::engine::piece::live_text::check_orchestra;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{AnswerError, Code, Engine, Event, EventKind, PieceSpec, Purpose};
use test_host::tools::{csound_7, opcodes_7};

use crate::common::engines::{death, eventually, options, spec, turn};
use crate::common::{alone, csd, is_missing, onset};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 1\n";

/// Runs a test (its name in this file) in a process that knows Csound 7 and no other. True in that process.
fn alone_with_seven(test: &str) -> bool {
    let seven = csound_7();
    if is_missing("Csound 7", seven.is_some()) {
        return false;
    }
    let path = seven.unwrap_or_default();
    alone(&format!("language_of_seven::{test}"), VARIABLE, path.to_str().unwrap())
}

fn spec_of(options: &str, orchestra: &str, score: &str) -> PieceSpec {
    PieceSpec { generation: Some(Generation::Seven), ..spec(csd(options, HEADER, orchestra, score)) }
}

/// A started engine and what it said, or why there is none.
fn start(spec: &PieceSpec) -> Result<(RemoteEngine, String), String> {
    let mut said = String::new();
    let limited = Options { compile_limit: Duration::from_secs(5), ..options() };
    let started = RemoteEngine::start(spec, &limited, &mut |line| said += &format!("{}\n", line.text));
    started.map(|started| (started.engine, said.clone())).map_err(|error| format!("{error}\n{said}"))
}

fn started(orchestra: &str, score: &str) -> RemoteEngine {
    start(&spec_of("", orchestra, score)).unwrap_or_else(|error| panic!("{orchestra}: {error}")).0
}

/// What an engine plays in so many turns of 16 k-cycles, until it ends.
fn play(engine: &mut RemoteEngine, turns: usize) -> Vec<f32> {
    let mut played = Vec::new();
    for _ in 0..turns {
        let (outcome, output) = turn(engine, 16, &mut [], true);
        played.extend_from_slice(output.channel(0));
        if outcome.engine_ended {
            break;
        }
    }
    played
}

/// Tones with a random part, so that every sample depends on all before it.
const NEIGHBOUR: &str =
    "instr 1\nout(poscil(0.3, 200 + 10 * int(timeinsts() * 10)) + rand(0.05, 0.5))\nendin";

#[test]
fn what_takes_csound_7_down_is_an_error_and_another_engine_does_not_notice() {
    if !alone_with_seven("what_takes_csound_7_down_is_an_error_and_another_engine_does_not_notice") {
        return;
    }
    let mut neighbour = started(NEIGHBOUR, "i 1 0 1000");
    let mut heard = play(&mut neighbour, 4);
    let instr = |body: &str| format!("instr 1\n{body}\nendin");
    let once = "i 1 0 1";
    for (name, orchestra, score) in [
        ("a sum of 50000", instr(&format!("i1 = 1{}", "+1".repeat(50_000))), once),
        ("a word of 100000 letters", instr(&format!("i{} = 1", "a".repeat(100_000))), once),
        ("a number of 100000 digits", instr(&format!("i1 = {}", "1".repeat(100_000))), once),
        ("an open comment in the score", instr(""), "/* i 1 0 1"),
        ("an open comment in compiled text", instr("i1 = compilestr({{ /* x }})"), once),
        ("a tap beyond its delay", instr("a1 delayr 1\na2 deltap 1e9\ndelayw a2\nout a2"), once),
        ("a loop over what is not there", instr("for x in nosuch do\nprint x\nod"), once),
        ("a loop while true", instr("while true do\nbreak\nod"), once),
        ("xin in an instrument", instr("k1 xin"), once),
        (
            "an instrument that makes itself",
            "instr V\nv:Instr = create(V)\ni1 init v, 0\nendin\ninstr 1\nv:Instr = create(V)\ni1 init v, 0\nendin".into(),
            once,
        ),
        (
            "recursion beyond the stack",
            "opcode f(x:i):(i)\ny:i = f(x + 1)\nxout y\nendop\ninstr 1\ni1 = f(1)\nendin".into(),
            once,
        ),
        ("a number in brackets that ends nowhere", instr(""), "i 1 0 [1+"),
        ("a word in brackets", instr(""), "i 1 0 1 [foo]"),
        ("a stray brace", instr(""), "}\ni 1 0 1"),
    ] {
        let spec = spec_of(if name.starts_with("recursion") { "--recursion-depth=10000" } else { "" }, &orchestra, score);
        let end = match start(&spec) {
            Ok((mut engine, _)) => {
                let ended = (0..400).any(|_| turn(&mut engine, 16, &mut [], true).0.engine_ended);
                // This one may be deep enough for this machine.
                assert!(ended || name.starts_with("recursion"), "{name}: it plays");
                if ended { death(&engine.handle()) } else { String::new() }
            }
            Err(error) => error,
        };
        println!("{name}: {end}");
        heard.extend(play(&mut neighbour, 2));
    }
    let mut alone = started(NEIGHBOUR, "i 1 0 1000");
    assert!(onset(&heard).is_some());
    assert_eq!(heard, play(&mut alone, heard.len() / 512), "the other engine was disturbed");
}

#[test]
fn what_hangs_csound_7_is_given_up() {
    if !alone_with_seven("what_hangs_csound_7_is_given_up") {
        return;
    }
    let mut neighbour = started(NEIGHBOUR, "i 1 0 1000");
    let loops = (0..40).map(|number| format!("for x{number} in [1, 2] do\n")).collect::<String>();
    for (name, orchestra, score) in [
        ("a loop in the header", "while 1 == 1 do\nod\ninstr 1\nendin".to_owned(), "i 1 0 1"),
        (
            "a billion billion turns",
            format!("{loops}print x1\n{}instr 1\nendin", "od\n".repeat(40)),
            "i 1 0 1",
        ),
        ("a hundred million repeats", "instr 1\nendin".into(), "r 100000000\ni 1 0 1\ns"),
        (
            "a table of a billion billion points",
            "gi1 ftgen 1, 0, 1e18, 10, 1\ngi2 ftgen 2, 0, 1e9, 10, 1\ninstr 1\nendin".into(),
            "i 1 0 1",
        ),
    ] {
        let error = start(&spec_of("", &orchestra, score)).err();
        println!("{name}: {error:?}");
        assert!(error.is_some(), "{name}: it starts");
    }
    assert!(onset(&play(&mut neighbour, 4)).is_some());
}

#[test]
fn what_csound_7_survives_is_said_and_its_engine_stays() {
    if !alone_with_seven("what_csound_7_survives_is_said_and_its_engine_stays") {
        return;
    }
    let instr = |body: &str| format!("instr 2\n{body}\nendin");
    let tone = "instr 1\nout(oscili:a(0.1, 440))\nendin\n";
    for orchestra in [
        instr("a:i[] = [1, 2, 3]\nb:i[] = a[1:99]"),
        instr("a:i[] = [1, 2, 3]\nprint a[-1]"),
        instr("a:k[] = [1, 2, 3]\nk1 init -99999999\na[k1] = 3"),
        instr("a:i[] init -1\nprint a[0]"),
        instr("a:i[] init 0\nfor x in a do\nprint x\nod"),
        instr("a:i[] = [1, 2]\nfor x in a do\na[] genarray 0, 1000\nod"),
        instr("i1 = 1/0"),
        "opcode f(x:i):(i)\ny:i = f(x + 1)\nxout y\nendop\ninstr 2\ni1 = f(1)\nendin".into(),
        "opcode f(x:a):(a)\noversample -4\nxout x\nendop\ninstr 2\na1 = f(oscili:a(1, 440))\nendin".into(),
        "opcode f(x:a):(a)\noversample 1000000\nxout x\nendop\ninstr 2\na1 = f(oscili:a(1, 440))\nendin"
            .into(),
        "struct A x:k\ninstr 2\nq:A[] init 2\nk1 = q[99].x\nprintk 0.1, k1\nendin".into(),
        "instr V\nendin\ninstr 2\nv:Instr = create(V)\ni1 init v, 0\ndelete(v)\ndelete(v)\nendin".into(),
    ] {
        let mut engine = started(&format!("{tone}{orchestra}"), "i 1 0 9\ni 2 0.01 0.1\nf 0 9");
        let played = play(&mut engine, 20);
        assert!(
            played.len() == 20 * 512 && played[19 * 512..].iter().any(|sample| *sample != 0.0),
            "{orchestra}"
        );
    }
    // These are found while Csound reads.
    for orchestra in [
        "struct A a:A\ninstr 1\nx:A init 1\nendin",
        "struct A b:B\nstruct B a:A\ninstr 1\nx:A init 1\nendin",
        "instr 1\ni1 = (1 + 2\nendin",
        "instr 1\nfor x in [1, 2] do\nendin",
        "instr 1\nprints {{ open\nendin",
    ] {
        let error = start(&spec_of("", orchestra, "i 1 0 1")).err();
        assert!(error.is_some_and(|error| !error.contains("signal")), "{orchestra}");
    }
}

#[test]
fn orchestras_in_the_language_of_7_are_taken_while_it_plays() {
    if !alone_with_seven("orchestras_in_the_language_of_7_are_taken_while_it_plays") {
        return;
    }
    let mut engine = started("instr 1\nout(oscili:a(0.1, 440))\nendin\ninstr V\nendin", "i 1 0 9\nf 0 9");
    for (number, code) in [
        "freq:k = 1\nname@global:S = \"a\"\non@global:b = 2 > 1",
        "struct Point x:k, y:k\ninstr 2\np:Point init 1, 2\np.x = 3\nendin",
        "opcode f(x:k, y:S):(k, a)\nxout(x, a(x))\nendop\nopcode g():void\nendop",
        "opcode old, k, k\nkx xin\nxout kx\nendop\ninstr 3\nk1 = old(2)\nendin",
        "gS = {{ a {{ b }} c }}",
        "ga@global:i[] = [1,\n2,\n3]\ngb:i[] = ga[0:2]\ngc:i[] = ga[1:]",
        "instr 4\nfor x in [1, 2, 3] do\nprint x\nod\nfor x, i in ga do // comment\nprint i ; another\nod\nendin",
        "instr 5\nswitch 1\ncase 1\nprint 1\ndefault\nprint 2\nendsw\non:b = true\nwhile on do\nbreak\nod\nif true then\nprint 1\nendif\nendin",
        "opcode up(x:a):(a)\noversample 4\nxout(tanh(x))\nendop",
        "instr 6\nv:Instr = play(V, -1)\ndelete(v)\nendin",
        "instr 7\nl:a, r:a = pan2(oscili:a(1, 2), 0.5)\nx:k = 1 > 0 ? 2 : 3\nendin",
        "gi1 = 1 +\n2\ngi1 += 3",
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(check_orchestra(code), Ok(()), "{code}");
        assert_eq!(compiled(&mut engine, code), None, "{number}: {code}");
    }
    // What is accepted and wrong is an error, and no end.
    for code in ["gS = {{ {{ }}", "instr 8\nk1 = nosuch(1)\nendin", "for x in", "struct", "opcode f"] {
        assert_eq!(check_orchestra(code), Ok(()), "{code}");
        assert!(compiled(&mut engine, code).is_some(), "{code}");
    }
    assert!(play(&mut engine, 2).iter().any(|sample| *sample != 0.0));
}

/// Why code that was sent fails, if it does.
fn compiled(engine: &mut RemoteEngine, code: &str) -> Option<AnswerError> {
    let handle = engine.handle();
    let (sent, reply) = Code::new(CString::new(code).unwrap(), Purpose::Compile);
    let mut events = [Event { cycle: 0, frame: 0, kind: EventKind::Code(sent) }];
    assert!(!turn(engine, 1, &mut events, true).0.engine_ended, "{code}: {:?}", handle.take_end());
    eventually("an answer", || reply.get().cloned()).err()
}

fn send(engine: &mut RemoteEngine, line: &str) {
    let kind = event_of_text(line).unwrap();
    assert!(!turn(engine, 16, &mut [Event { cycle: 0, frame: 0, kind }], true).0.engine_ended, "{line}");
}

#[test]
fn a_line_that_would_end_csound_7_is_left_out_and_said_and_all_others_play() {
    if !alone_with_seven("a_line_that_would_end_csound_7_is_left_out_and_said_and_all_others_play") {
        return;
    }
    let mut engine =
        started("instr 1\nS1 = p4\nprintf \"<%s>\\n\", 1, S1\nendin\ninstr bell\nendin", "f 0 99");
    let mut said = |line: &str| {
        send(&mut engine, line);
        play(&mut engine, 2);
        eventually("words", || {
            let said: String =
                engine.handle().drain_console().into_iter().map(|line| line.text + "\n").collect();
            (said.contains('<') || said.contains("not played")).then_some(said)
        })
    };
    for line in
        ["i 1 0 1 \"{\"", "i 1 0 1 \"a }\"", "i 1 0 1 \"main 5\"", "i 1 0 1 \"#loop\"", "i \"a b\" 0 1 2"]
    {
        assert!(said(line).contains("an event was not played"), "{line}");
    }
    for text in ["C#4", "main theme", "é", "[1+", "/*"] {
        assert!(said(&format!("i 1 0 1 \"{text}\"")).contains(&format!("<{text}>")), "{text}");
    }
}

#[test]
fn a_score_with_sections_gets_no_events_by_seven_and_plays_to_its_end() {
    if !alone_with_seven("a_score_with_sections_gets_no_events_by_seven_and_plays_to_its_end") {
        return;
    }
    let orchestra = "instr 1\nout(oscili:a(0.1, 440))\nendin\ninstr 2\nout(a(0.5))\nendin";
    let (mut engine, said) = start(&spec_of("", orchestra, "i 1 0 0.2\ns\ni 1 0 0.2\ne")).unwrap();
    assert!(said.contains("gets no MIDI and no events") && said.contains("Csound 6 plays both"), "{said}");
    send(&mut engine, "i 2 0 0.1");
    send(&mut engine, "i 2 0 0.1 \"text\"");
    let mut heard = Vec::new();
    let ended = (0..100).any(|_| {
        let (outcome, output) = turn(&mut engine, 16, &mut [], true);
        assert!(!outcome.engine_ended, "{:?}", engine.handle().take_end());
        heard.extend_from_slice(output.channel(0));
        outcome.end.is_some()
    });
    assert!(
        ended && heard.iter().all(|sample| sample.abs() < 0.2),
        "the event played, or the score does not end"
    );
    let mut said = String::new();
    let left_out = "an event was not played: the score has sections";
    eventually("words", || {
        said.extend(engine.handle().drain_console().into_iter().map(|line| line.text));
        said.contains(left_out).then_some(())
    });
    assert_eq!(said.matches(left_out).count(), 1, "{said}");
    let (mut engine, _) = start(&spec_of("", orchestra, "i 1 0 0.2\ns\ni 1 0 9\ne")).unwrap();
    // Code that starts notes is refused like them, and other code is taken.
    let why = compiled(&mut engine, "schedule 2, 0, 1").unwrap().to_string();
    assert!(why.contains("starts notes") && why.contains("sections"), "{why}");
    assert_eq!(compiled(&mut engine, "giOne = 1"), None);
    // The end of all is no event that starts anything.
    send(&mut engine, "e");
    assert!((0..4).any(|_| turn(&mut engine, 16, &mut [], true).0.end.is_some()));
    // One section takes them.
    let mut engine = started(orchestra, "i 1 0 9\ne");
    send(&mut engine, "i 2 0 0.1");
    assert!(play(&mut engine, 4).iter().any(|sample| *sample > 0.4));
    // Notes that the orchestra starts itself cannot be kept away.
    let starts = orchestra.replace("instr 1\n", "instr 1\nschedule 2, 0, 0.1\n");
    let (_engine, said) = start(&spec_of("", &starts, "i 1 0 0.2\ns\ni 1 0 0.2\ne")).unwrap();
    assert!(said.contains("`schedule` starts notes from the orchestra"), "{said}");
}

#[test]
fn options_of_7_reach_it_and_those_that_its_reader_would_find_in_a_text_do_not() {
    if !alone_with_seven("options_of_7_reach_it_and_those_that_its_reader_would_find_in_a_text_do_not") {
        return;
    }
    let deep = "opcode f(x:i):(i)\ny:i = x\nif x < 1500 then\ny = f(x + 1)\nendif\nxout y\nendop\ninstr 1\nprint f(1)\nendin";
    let said = |options: &str| {
        let (mut engine, _) = start(&spec_of(options, deep, "i 1 0 1\nf 0 9")).unwrap();
        play(&mut engine, 4);
        let mut said = String::new();
        eventually("words", || {
            said.extend(engine.handle().drain_console().into_iter().map(|line| line.text));
            (said.contains("INIT ERROR") || said.contains("#i")).then(|| said.clone())
        })
    };
    assert!(said("").contains("INIT ERROR"), "the usual depth is a thousand");
    let deeper = said("--recursion-depth=2000");
    assert!(!deeper.contains("INIT ERROR") && deeper.contains("1500"), "{deeper}");
    // 7 ends the orchestra inside the text, and reads options there.
    let hidden = "gS = {{\n</CsInstruments>\n<CsOptions>\n--ksmps=16 -o/nowhere\n</CsOptions>\n<CsInstruments>\n; }}\ninstr 1\nendin";
    let (engine, said) = start(&spec_of("", &hidden.replace("gS = {{", "; {{"), "f 0 9")).unwrap();
    assert_eq!(engine.format().ksmps, 16, "{said}");
    assert!(said.contains("-o/nowhere is not needed"), "{said}");
    let comment =
        "/*\n</CsInstruments>\n<CsOptions>\n--ksmps=16 -y\n</CsOptions>\n<CsInstruments>\n*/\ninstr 1\nendin";
    let (engine, said) = start(&spec_of("", comment, "f 0 9")).unwrap();
    assert_eq!((engine.format().ksmps, said.contains("-y")), (32, false), "{said}");
    // A string that is not closed ends with its line.
    assert!(
        start(&spec_of("", "instr 1\nendin\ngS = {{ a {{ b }} it's \" here }}\ngS2 = \"open", "f 0 9"))
            .is_ok()
    );
}

#[test]
fn the_users_options_stand_before_those_of_the_piece() {
    if !alone_with_seven("the_users_options_stand_before_those_of_the_piece") {
        return;
    }
    let ksmps = |users: &[&str], pieces: &str| {
        let users_options = users.iter().map(|option| (*option).to_owned()).collect();
        let spec = PieceSpec { users_options, ..spec_of(pieces, "instr 1\nendin", "f 0 9") };
        start(&spec).unwrap().0.format().ksmps
    };
    assert_eq!(ksmps(&["--ksmps=16"], ""), 16);
    assert_eq!(ksmps(&["--ksmps=16"], "--ksmps=8"), 8, "the piece's own beat them");
}

/// The libraries that an engine has loaded below a folder, by name.
fn loaded_below(engine: &RemoteEngine, folder: &Path) -> Vec<String> {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", engine.handle().process_id())).unwrap();
    let paths = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).map(PathBuf::from);
    let mut names: Vec<_> = paths
        .filter(|path| path.starts_with(folder))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Runs `what` with a variable set for the engines that it starts.
fn with_variable(name: &str, value: &Path, what: impl FnOnce()) {
    // SAFETY: this test is alone in its process, which has no other thread that looks at it now.
    unsafe { std::env::set_var(name, value) };
    what();
}

#[test]
fn a_csound_within_a_piece_loads_no_library_that_is_not_on_the_list() {
    let opcodes = opcodes_7();
    if !alone_with_seven("a_csound_within_a_piece_loads_no_library_that_is_not_on_the_list") {
        return;
    }
    let opcodes = opcodes.unwrap().canonicalize().unwrap();
    // As if it were installed where this Csound looks by itself.
    with_variable("OPCODE7DIR64", &opcodes, || {
        let orchestra = "instr 1\ncs:Csound = create()\ni1 = compilestr(cs, \"instr 1\")\nprint i1\nendin";
        let mut engine = started(orchestra, "i 1 0 0.5\nf 0 9");
        play(&mut engine, 4);
        let loaded = loaded_below(&engine, &opcodes);
        assert!(loaded.contains(&"libosc.so".to_owned()), "{loaded:?}");
        assert!(!loaded.contains(&"libsystem_call.so".to_owned()), "{loaded:?}");
    });
}

#[test]
fn libraries_that_the_user_names_for_csound_7_are_held_to_the_list_as_well() {
    if !alone_with_seven("libraries_that_the_user_names_for_csound_7_are_held_to_the_list_as_well") {
        return;
    }
    let users = tempfile::tempdir().unwrap();
    for (from, to) in [("liblfsr.so", "libmine.so"), ("libvbap.so", "libother.so")] {
        std::fs::copy(opcodes_7().unwrap().join(from), users.path().join(to)).unwrap();
    }
    let users = users.path().canonicalize().unwrap();
    with_variable("CS_USER_PLUGINDIR", &users, || {
        let loaded = |confinement| {
            let limited = Options { confinement, ..options() };
            let spec = spec_of("", "instr 1\nendin", "f 0 9");
            let engine = RemoteEngine::start(&spec, &limited, &mut |_| ()).unwrap().engine;
            loaded_below(&engine, &users)
        };
        let allows = |libraries: &[&str]| {
            let libraries = libraries.iter().map(|name| (*name).to_owned()).collect();
            Some(Confinement { libraries, ..Confinement::default() })
        };
        assert_eq!(loaded(allows(&[])), [""; 0]);
        assert_eq!(loaded(allows(&["libmine.so"])), ["libmine.so"]);
        assert_eq!(loaded(None), ["libmine.so", "libother.so"], "as the csound command");
    });
}
