//! What a piece may do, confined and trusted.

use std::path::Path;

use csound_library::{Generation, Library};
use csound_performance::engine::platform;
use csound_performance::engine::protocol::{Bounds, Confinement, Network};
use csound_performance::engine::remote::{Options, RemoteEngine, offers_machine_network};

use crate::common::engines::{death, eventually, options, spec, turn};
use crate::common::{csd, is_forbidden, libcsound_is_missing};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// A level that goes on whatever else the piece does.
const LEVEL: &str = "instr 1\na1 = 0.25\nouts a1, a1\nendin\n";

/// What is heard of a piece in its first second, and what its console says.
fn perform(text: &str, trusted: bool, readable: &[&Path]) -> (f32, String) {
    let readable = readable.iter().map(|path| path.to_path_buf()).collect();
    let confinement = Confinement { readable, ..Confinement::default() };
    perform_as(text, &Options { confinement: (!trusted).then_some(confinement), ..options() })
}

/// The same with options of its own.
fn perform_as(text: &str, options: &Options) -> (f32, String) {
    let mut console = Vec::new();
    let started = RemoteEngine::start(&spec(text.to_owned()), options, &mut |line| console.push(line));
    let mut engine = match started {
        Ok(started) => started.engine,
        Err(error) => return (0.0, format!("{error}\n{console:?}")),
    };
    let handle = engine.handle();
    let (_, output) = turn(&mut engine, 1500, &mut [], true);
    std::thread::sleep(std::time::Duration::from_millis(100));
    let heard = output.channel(0)[47_000];
    drop(engine);
    console.extend(handle.drain_console());
    (heard, console.into_iter().map(|line| line.text + "\n").collect())
}

/// Each part of a piece that reaches out, and what the console says when it may not.
struct Reach {
    name: &'static str,
    text: String,
    refused: &'static str,
}

/// A piece with a second instrument that reaches out for a moment.
fn reaching(name: &'static str, body: &str, refused: &'static str) -> Reach {
    let orchestra = format!("alwayson 1\n{LEVEL}instr 2\n{body}\nendin\n");
    Reach { name, text: csd("", HEADER, &orchestra, "i 2 0.1 0.5\nf 0 10"), refused }
}

#[test]
fn what_a_confined_piece_tries_is_refused_and_named_and_the_rest_plays_and_trusted_it_works() {
    if libcsound_is_missing() {
        return;
    }
    let home = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let secret = home.path().join("secret.txt");
    std::fs::write(&secret, "the password is 1234\n").unwrap();
    let mark = home.path().join("mark");
    let (path, listener) = (mark.display(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (tcp, udp) = (listener.local_addr().unwrap().port(), socket.local_addr().unwrap().port());
    socket.set_nonblocking(true).unwrap();
    listener.set_nonblocking(true).unwrap();
    let plain = csd("", HEADER, &format!("alwayson 1\n{LEVEL}"), "f 0 10");
    let program = format!("<CsScore bin=\"touch {path}; cp\">");
    let file = format!("<CsFileB filename=\"{path}\">\nQUJD\n</CsFileB>\n</CsoundSynthesizer>");
    let cases = [
        reaching("system_i", &format!("ires system_i 1, \"touch {path}\""), "tried to start a program"),
        reaching("fout", &format!("a1 = 0\nfout \"{path}\", 4, a1"), "error opening sound file"),
        reaching(
            "readfi",
            &format!("Sline, iline readfi \"{}\"\nprints Sline", secret.display()),
            "failed to open",
        ),
        reaching(
            "socksend",
            &format!("a1 = 0.5\nsocksend a1, \"127.0.0.1\", {udp}, 100"),
            "tried to open a network connection",
        ),
        reaching(
            "stsend",
            &format!("a1 = 0.5\nstsend a1, \"127.0.0.1\", {tcp}"),
            "tried to open a network connection",
        ),
        Reach {
            name: "<CsScore bin>",
            text: plain.replace("<CsScore>", &program),
            refused: "would have to write the score",
        },
        Reach {
            name: "<CsFileB filename>",
            text: plain.replace("</CsoundSynthesizer>", &file),
            refused: "outside the piece's folder",
        },
    ];
    for Reach { name, text, refused } in cases {
        let works = |console: &str| {
            let arrived = socket.recv(&mut [0; 2048]).is_ok() || listener.accept().is_ok();
            mark.exists() || arrived || console.contains("1234")
        };
        let (heard, console) = perform(&text, false, &[]);
        // By Csound 7 it is in an opcode library that is on no list, so the piece is refused as a whole.
        let is_whole = name != "system_i" || Library::get().unwrap().generation() == Generation::Six;
        let (level, refused) = if is_whole { (0.25, refused) } else { (0.0, "needs trust") };
        assert_eq!(heard, level, "{name} confined: the rest of the piece plays\n{console}");
        assert!(console.contains(refused), "{name} confined: {console}");
        assert!(!works(&console), "{name} worked although it was confined");
        let (heard, console) = perform(&text, true, &[]);
        assert_eq!(heard, 0.25, "{name} trusted: {console}");
        assert!(works(&console), "{name} does not work although it is trusted: {console}");
        let _ = std::fs::remove_file(&mark);
        while socket.recv(&mut [0; 2048]).is_ok() || listener.accept().is_ok() {}
    }
}

#[test]
fn a_folder_that_the_user_allowed_is_read_and_never_written() {
    if libcsound_is_missing() {
        return;
    }
    let home = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let path = home.path().join("words.txt");
    std::fs::write(&path, "hello from here\n").unwrap();
    let name = path.display();
    let read = reaching("readfi", &format!("Sline, iline readfi \"{name}\"\nprints Sline"), "").text;
    assert!(!perform(&read, false, &[]).1.contains("hello from here"));
    assert!(perform(&read, false, &[home.path()]).1.contains("hello from here"));
    let write = reaching("fout", &format!("a1 = 0\nfout \"{name}\", 4, a1"), "").text;
    perform(&write, false, &[home.path()]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello from here\n");
}

#[test]
fn a_piece_writes_into_its_own_folder_which_goes_with_it() {
    if libcsound_is_missing() {
        return;
    }
    let body = "a1 = 0.5\nfout \"scratch.wav\", 4, a1";
    let (heard, console) = perform(&reaching("fout", body, "").text, false, &[]);
    assert_eq!(heard, 0.25);
    assert!(!console.contains("error"), "{console}");
    assert!(!Path::new("scratch.wav").exists());
}

#[test]
fn memory_and_files_are_bounded_and_the_host_goes_on() {
    if libcsound_is_missing() {
        return;
    }
    // A table of one gigabyte.
    let giant = reaching("ftgen", "ifn ftgen 0, 0, 2^27, -2, 0", "").text;
    let bounded = |memory, file| Options { bounds: Bounds { memory, file, ..options().bounds }, ..options() };
    let (heard, console) = perform_as(&giant, &bounded(1 << 30, 1 << 30));
    assert_eq!(heard, 0.0, "Csound gives up, and says so");
    assert!(console.contains("memory allocate failure"), "{console}");
    let (heard, console) = perform_as(&giant, &bounded(8 << 30, 1 << 30));
    assert_eq!(heard, 0.25, "where there is room for it, it plays: {console}");

    // 24000 frames of 16 bytes.
    let large = reaching("fout", "a1 = 0.5\nfout \"large.wav\", 4, a1, a1, a1, a1, a1, a1, a1, a1", "").text;
    for (file, written) in [(1 << 17, 64 << 10..=128 << 10), (1 << 20, 384_000..=385_000)] {
        let mut engine =
            RemoteEngine::start(&spec(large.clone()), &bounded(8 << 30, file), &mut |_| ()).unwrap().engine;
        let folder = std::fs::read_link(format!("/proc/{}/cwd", engine.handle().process_id())).unwrap();
        let (outcome, output) = turn(&mut engine, 1500, &mut [], true);
        assert!(!outcome.engine_ended);
        assert_eq!(output.channel(0)[47_000], 0.25);
        let length = std::fs::metadata(folder.join("large.wav")).unwrap().len();
        assert!(written.contains(&length), "{length} bytes, where {file} are allowed");
    }
}

/// What became of an engine that performs for ten seconds, and what lay in its folder then, in bytes.
fn perform_bounded(text: String, bounds: Bounds) -> (Option<String>, u64) {
    let mut engine =
        RemoteEngine::start(&spec(text), &Options { bounds, ..options() }, &mut |_| ()).unwrap().engine;
    let handle = engine.handle();
    let folder = std::fs::read_link(format!("/proc/{}/cwd", handle.process_id())).unwrap();
    let mut most = 0;
    for _ in 0..100 {
        let (outcome, _) = turn(&mut engine, 150, &mut [], true);
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        most = most.max(files.filter_map(|file| file.metadata().ok()).map(|found| found.len()).sum());
        if outcome.engine_ended {
            return (Some(death(&handle)), most);
        }
    }
    (None, most)
}

#[test]
fn what_is_written_is_bounded_in_sum_however_many_files_it_goes_to() {
    if libcsound_is_missing() {
        return;
    }
    let write = "instr 2\nSname sprintf \"take%d.wav\", p4\na1 = 0.5\n\
                 fout Sname, 4, a1, a1, a1, a1, a1, a1, a1, a1\nendin\n";
    let score: String = (0..16).map(|take| format!("i 2 {} 10 {take}\n", f64::from(take) / 100.0)).collect();
    let text = csd("", HEADER, &format!("alwayson 1\n{LEVEL}{write}"), &score);
    let bounds = Bounds { written: 8 << 20, ..options().bounds };
    let (end, lay) = perform_bounded(text.clone(), bounds);
    assert!(end.is_some_and(|end| end.contains("MB to the disk, where 8 are allowed")));
    // What one look to the next lets through comes on top; ten seconds would have written 245 MB.
    assert!(lay < 64 << 20, "{lay} bytes");
    assert_eq!(perform_bounded(text, Bounds { written: 1 << 30, ..bounds }).0, None);
}

#[test]
fn the_number_of_files_is_bounded() {
    if libcsound_is_missing() {
        return;
    }
    let write = "instr 2\nSname sprintf \"file%d.txt\", p4\nfprints Sname, \"x\"\nendin\n";
    // The links to its opcode libraries, of which Csound 7 has 84, count as well.
    let score: String = (0..190).map(|file| format!("i 2 {} 0.1 {file}\n", f64::from(file) / 20.0)).collect();
    let text = csd("", HEADER, &format!("alwayson 1\n{LEVEL}{write}"), &score);
    let end = perform_bounded(text.clone(), Bounds { files: 120, ..options().bounds }).0;
    assert!(end.is_some_and(|end| end.contains("more than 120 files")));
    assert_eq!(perform_bounded(text, options().bounds).0, None);
}

#[test]
fn a_piece_writes_beside_itself_where_that_is_permitted_and_nowhere_else() {
    if libcsound_is_missing() {
        return;
    }
    let home = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let (beside, elsewhere) = (home.path().join("piece"), home.path().join("other"));
    for folder in [&beside, &elsewhere] {
        std::fs::create_dir(folder).unwrap();
    }
    let take = beside.join("take.wav");
    let body = format!("a1 = 0.5\nfout \"{}\", 4, a1", take.display());
    let reach = reaching("fout", &body, "").text;
    let perform = |text: &str, writable: &Path| {
        let confinement = Confinement { writable: vec![writable.to_owned()], ..Confinement::default() };
        let options = Options { confinement: Some(confinement), ..options() };
        let mut engine = RemoteEngine::start(&spec(text.to_owned()), &options, &mut |_| ()).unwrap().engine;
        assert_eq!(turn(&mut engine, 1500, &mut [], true).1.channel(0)[47_000], 0.25);
    };
    perform(&reach, &elsewhere);
    assert!(!take.exists(), "written into a folder that was not permitted");
    perform(&reach, &beside);
    assert!(take.metadata().unwrap().len() > 40_000, "half a second at 16 bits");
}

#[test]
fn without_landlock_an_untrusted_piece_stays_silent_and_says_why() {
    if libcsound_is_missing() {
        return;
    }
    let confinement = Confinement { landlock: Some(0), ..Confinement::default() };
    let options = Options { confinement: Some(confinement), ..options() };
    let error = RemoteEngine::start(&spec(reaching("", "", "").text), &options, &mut |_| ()).err().unwrap();
    assert!(error.to_string().contains("cannot confine it (Landlock"), "{error}");
}

#[test]
fn osc_on_this_machine_is_refused_and_told_and_with_the_permission_it_works() {
    if libcsound_is_missing() {
        return;
    }
    offers_machine_network().unwrap();
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let port = socket.local_addr().unwrap().port();
    let body = format!("OSCsend 1, \"127.0.0.1\", {port}, \"/note\", \"f\", 440");
    let text = reaching("OSCsend", &body, "").text;
    for (network, arrives) in [
        (Network::None, false),
        (Network::Machine, true),
        // Revoked again.
        (Network::None, false),
        (Network::Any, true),
    ] {
        let confinement = Confinement { network, ..Confinement::default() };
        let (heard, console) = perform_as(&text, &Options { confinement: Some(confinement), ..options() });
        assert_eq!(heard, 0.25, "{network:?}: the rest of the piece plays\n{console}");
        let told = console.contains("tried to open a network connection");
        assert_eq!(told, !arrives, "{network:?}: {console}");
        let mut packet = [0; 256];
        let came = socket.recv(&mut packet).is_ok();
        assert_eq!(came, arrives, "{network:?}: {console}");
        while socket.recv(&mut packet).is_ok() {}
    }
}

#[test]
fn a_piece_that_listens_to_osc_plays_without_the_permission_or_says_what_it_needs_and_hears_with_it() {
    if libcsound_is_missing() {
        return;
    }
    // A port that nobody has.
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!(
        "gihandle OSCinit {port}\ninstr 1\nkvalue init 0\nkans OSClisten gihandle, \"/level\", \"f\", kvalue\n\
         outs a(kvalue), a(kvalue)\nendin\n"
    );
    let text = csd("", HEADER, &listen, "i 1 0 10");
    let confined = |network| {
        let confinement = Confinement { network, ..Confinement::default() };
        Options { confinement: Some(confinement), ..options() }
    };
    let (_, console) = perform_as(&text, &confined(Network::None));
    assert!(console.contains("network"), "{console}");
    let mut engine =
        RemoteEngine::start(&spec(text), &confined(Network::Machine), &mut |_| ()).unwrap().engine;
    let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    // "/level", ",f", 0.75
    let packet = b"/level\0\0,f\0\0\x3f\x40\0\0";
    let heard = eventually("what was sent is heard", || {
        sender.send_to(packet, ("127.0.0.1", port)).unwrap();
        Some(turn(&mut engine, 64, &mut [], true).1.channel(0)[64 * 32 - 1]).filter(|level| *level != 0.0)
    });
    assert_eq!(heard, 0.75);
}

#[test]
fn an_engine_that_spins_under_real_time_scheduling_is_ended_by_the_kernel() {
    if libcsound_is_missing() {
        return;
    }
    let text = reaching("spin", "while 1 == 1 do\nod", "").text;
    let performed = std::thread::spawn(move || {
        // As a host's audio thread would be.
        let scheduled = platform::Scheduling::in_real_time(5).give_to(0).is_ok();
        if is_forbidden("schedule in real time", scheduled) {
            return;
        }
        let mut engine = RemoteEngine::start(&spec(text), &options(), &mut |_| ()).unwrap().engine;
        let handle = engine.handle();
        let (outcome, _) = turn(&mut engine, 1500, &mut [], true);
        assert!(outcome.engine_ended);
        let report = death(&handle);
        assert!(report.contains("real-time scheduling"), "{report}");
    });
    performed.join().unwrap();
}

/// Opcodes that put up windows by a program of their own, which is not there to be started.
#[test]
fn opcodes_with_windows_of_a_program_are_named_or_harmless_and_end_no_engine() {
    if libcsound_is_missing() {
        return;
    }
    let bodies = [
        ("checkbox", "k1 checkbox 1"),
        ("button", "k1 button 1"),
        ("control", "k1 control 1"),
        ("setctrl", "setctrl 1, 0.5, 1"),
        ("setctrl with a text", "setctrl 1, \"gain\", 4"),
        ("flashtxt", "flashtxt 1, \"hello\""),
    ];
    for (name, body) in bodies {
        let Reach { text, .. } = reaching(name, body, "");
        let (heard, console) = perform(&text, false, &[]);
        assert_eq!(heard, 0.0, "{name}");
        assert!(console.contains("needs trust"), "{name} confined: {console}");
        let (heard, console) = perform(&text, true, &[]);
        assert_eq!(heard, 0.25, "{name} trusted: {console}");
    }
}

#[test]
fn osc_in_the_header_plays_with_the_networks_permission_and_names_it_without() {
    if libcsound_is_missing() {
        return;
    }
    let text = csd("", HEADER, &format!("giosc OSCinit 47121\nalwayson 1\n{LEVEL}"), "f 0 10");
    let (heard, console) = perform(&text, false, &[]);
    assert_eq!(heard, 0.0);
    assert!(console.contains("network"), "{console}");
    for network in [Network::Machine, Network::Any] {
        let confinement = Confinement { network, ..Confinement::default() };
        let (heard, console) = perform_as(&text, &Options { confinement: Some(confinement), ..options() });
        assert_eq!(heard, 0.25, "{network:?}: {console}");
    }
    let (heard, console) = perform(&text, true, &[]);
    assert_eq!(heard, 0.25, "{console}");
}
