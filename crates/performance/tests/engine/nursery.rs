//! Engines that a nursery has borne: the same to their pieces, to the system and to their host as engines that were
//! started as programs, whatever becomes of the nursery.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Nurseries, Options, RemoteEngine};
use csound_performance::engine::{Event, EventKind};
use rustix::process::{Pid, Signal};
use test_host::compare::oracle;
use test_host::testing::SEED_VARIABLE;
use test_host::wav;

use crate::common::engines::{
    children, death, end_with_their_host, eventually, is_alive, nurseries, options, plain, spec,
    start_endless, turn,
};
use crate::common::{Random, alone, csd, generation, libcsound_is_missing, oracle_is_missing};

pub const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 1\n";

pub const LEVEL: &str = "instr 1\na1 = 0.25\nout a1\nendin\n";

/// A piece that crashes with its second instrument.
const CRASH: &str = "instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nout atap\nendin\n";

pub fn start(options: &Options, body: &str) -> RemoteEngine {
    RemoteEngine::start(&spec(csd("", HEADER, body, "i 1 0 3600")), options, &mut |_| ()).unwrap().engine
}

pub fn programs() -> Options {
    Options { nurseries: None, ..options() }
}

/// True if an engine was forked by a nursery.
pub fn is_nursed(engine: &RemoteEngine) -> bool {
    let words = std::fs::read(format!("/proc/{}/cmdline", engine.handle().process_id())).unwrap();
    words.ends_with(b"\0nursery\0")
}

fn send(process: i32, signal: Signal) {
    rustix::process::kill_process(Pid::from_raw(process).unwrap(), signal).unwrap();
}

/// True once somebody has waited for it.
fn is_collected(process: i32) -> bool {
    !std::path::Path::new(&format!("/proc/{process}")).exists()
}

pub fn hear(engine: &mut RemoteEngine) {
    let (outcome, output) = turn(engine, 8, &mut [], true);
    assert_eq!((outcome.performed, output.channel(0)[200]), (8, 0.25), "{outcome:?}");
}

fn crash(mut engine: RemoteEngine) -> String {
    let handle = engine.handle();
    let message = EventKind::Message(Box::new(c"i 2 0 1".to_owned()));
    let mut events = [Event { cycle: 0, frame: 0, kind: message }];
    assert!(turn(&mut engine, 400, &mut events, true).0.engine_ended);
    death(&handle)
}

#[test]
fn engines_come_from_one_nursery_and_are_the_hosts_own_children() {
    let test = "nursery::engines_come_from_one_nursery_and_are_the_hosts_own_children";
    if libcsound_is_missing() || !alone(test, "UNUSED", "") {
        return;
    }
    let options = options();
    assert_eq!(nurseries(), [0; 0], "there is none before the first piece");
    let mut engines: Vec<_> = (0..3).map(|_| start(&options, LEVEL)).collect();
    engines.iter_mut().for_each(hear);
    assert!(engines.iter().all(is_nursed));
    assert_eq!(nurseries().len(), 1);
    assert_eq!(children().len(), 3);
    let threads = std::fs::read_dir(format!("/proc/{}/task", nurseries()[0])).unwrap().count();
    assert_eq!(threads, 1, "a nursery has one thread");
}

/// The libraries that a process has loaded.
fn loaded(process: i32) -> BTreeSet<String> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let file = |line: &str| line.split_whitespace().nth(5).map(str::to_owned);
    maps.lines().filter_map(file).filter(|file| file.contains(".so")).collect()
}

#[test]
fn an_engine_loads_no_library_that_its_nursery_has_not_loaded() {
    let test = "nursery::an_engine_loads_no_library_that_its_nursery_has_not_loaded";
    if libcsound_is_missing() || !alone(test, "UNUSED", "") {
        return;
    }
    let mut engine = start(&options(), LEVEL);
    hear(&mut engine);
    let [nursery] = nurseries()[..] else { panic!("{:?}", nurseries()) };
    let (there, here) = (loaded(nursery), loaded(engine.handle().process_id()));
    assert!(here.len() > 10, "{here:?}");
    assert_eq!(here.difference(&there).collect::<Vec<_>>(), [""; 0]);
}

/// The first tenth of a second.
fn heard(options: &Options, header: &str, body: &str) -> Vec<u32> {
    let text = csd("", &format!("{HEADER}{header}"), body, "i 1 0 1");
    let mut engine = RemoteEngine::start(&spec(text), options, &mut |_| ()).unwrap().engine;
    assert_eq!(is_nursed(&engine), options.nurseries.is_some());
    let (_, output) = turn(&mut engine, 150, &mut [], true);
    output.channel(0).iter().map(|sample| plain(*sample)).collect()
}

/// The same by Csound itself, of the generation that performs here.
fn by_csound_itself(header: &str, body: &str) -> Vec<u32> {
    let folder = tempfile::tempdir().unwrap();
    let (piece, result) = (folder.path().join("piece.csd"), folder.path().join("result.wav"));
    std::fs::write(&piece, csd("", &format!("{HEADER}{header}"), body, "i 1 0 0.1")).unwrap();
    let said = oracle::command(generation(), 48_000, &result).unwrap().arg(&piece).output().unwrap();
    let (channels, _) = wav::read(&result).unwrap_or_else(|_| panic!("{said:?}"));
    channels[0].iter().map(|sample| plain(*sample)).collect()
}

#[test]
fn chance_is_what_it_is_in_a_process_of_its_own() {
    if libcsound_is_missing() || oracle_is_missing() {
        return;
    }
    let generators = [
        "fractalnoise 0.4, 1",
        "random -0.4, 0.4",
        "rand 0.4",
        "rand 0.4, 2",
        "randh 0.4, 4000",
        "noise 0.4, 0.5",
        "gauss 0.1",
        "linrand 0.4",
        "pinkish 0.4",
        "dust 0.4, 20000",
        "gendy 0.4, 1, 1, 1, 1, 200, 400, 0.3, 0.3",
    ];
    let (nursed, programs) = (options(), programs());
    // What a seed says is said to all of them at once.
    let seeded = ["seed 0\n", "seed 7\n"].into_iter().flat_map(|header| {
        ["random -0.4, 0.4", "rand 0.4, 2", "gauss 0.1"].map(|generator| (header, generator))
    });
    for (header, generator) in generators.map(|generator| ("", generator)).into_iter().chain(seeded) {
        let what = format!("{header}{generator}");
        let body = format!("instr 1\na1 {generator}\nout a1\nendin\n");
        let theirs = [(); 2].map(|()| heard(&programs, header, &body));
        let ours = [(); 2].map(|()| heard(&nursed, header, &body));
        assert!(theirs[0].iter().any(|sample| *sample != 0), "{what} is silent");
        if theirs[0] == theirs[1] {
            assert!(ours[0] == theirs[0] && ours[1] == theirs[0], "{what}: it is the same in each process");
            let theirs = by_csound_itself(header, &body);
            assert!(theirs[..4000] == ours[0][..4000], "{what}: as by Csound itself");
        } else {
            let all = [&ours[0], &ours[1], &theirs[0], &theirs[1]];
            let same = (0..4).flat_map(|one| (0..one).map(move |other| (one, other)));
            let same: Vec<_> = same.filter(|(one, other)| all[*one] == all[*other]).collect();
            assert!(same.is_empty(), "{what}: it is another in each process, and these are not: {same:?}");
        }
    }
}

#[test]
fn the_clock_of_a_piece_begins_with_the_piece() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\ni1 rtclock\na1 = i1\nout a1\nendin\n";
    drop(start(&options(), LEVEL));
    let was_there = Instant::now();
    std::thread::sleep(Duration::from_millis(1500));
    let began = Instant::now();
    let mut engine = start(&options(), body);
    let clock = f64::from(turn(&mut engine, 1, &mut [], true).1.channel(0)[0]);
    let (piece, nursery) = (began.elapsed().as_secs_f64(), was_there.elapsed().as_secs_f64());
    assert!(is_nursed(&engine));
    assert!(
        0.0 < clock && clock <= piece,
        "{clock}, where the piece is there for {piece} s, the nursery for {nursery}"
    );
}

#[test]
fn numbers_too_small_to_be_normal_are_what_they_are_in_a_program() {
    if libcsound_is_missing() {
        return;
    }
    // While it compiles and begins a note, and while it performs; times so much that it is heard.
    let body = "gismall = 1e-300 * 1e-15\ngismaller = gismall / 3\ninstr 1\nifirst = 1e-308 / 16\n\
                ksmall init 1e-308\nksmall = ksmall / 1.01\nksum = (gismaller * 1e307 * 1e6 + ifirst * 1e307 + ksmall * 1e307) / 4\n\
                a1 = ksum\nout a1\nendin\n";
    let theirs = heard(&programs(), "", body);
    assert_eq!(heard(&options(), "", body), theirs);
}

#[test]
fn engines_perform_on_without_their_nursery_and_their_ends_are_known() {
    let test = "nursery::engines_perform_on_without_their_nursery_and_their_ends_are_known";
    if libcsound_is_missing() || !alone(test, "UNUSED", "") {
        return;
    }
    let options = options();
    let body = format!("{LEVEL}{CRASH}");
    let (mut first, second) = (start(&options, &body), start(&options, &body));
    let dead = nurseries()[0];
    send(dead, Signal::KILL);
    let another = eventually("another nursery is there", || {
        nurseries().into_iter().find(|nursery| *nursery != dead && is_collected(dead))
    });
    hear(&mut first);
    let report = crash(second);
    assert!(report.contains("crashed (signal 11"), "{report}");
    let mut third = start(&options, LEVEL);
    assert!(is_nursed(&third));
    [&mut first, &mut third].into_iter().for_each(hear);
    // Twice more within a minute, and no other is started.
    for _ in 0..2 {
        let nursery = eventually("a nursery is there", || nurseries().first().copied());
        send(nursery, Signal::KILL);
        eventually("it is collected", || is_collected(nursery).then_some(()));
    }
    let mut fourth = start(&options, LEVEL);
    assert!(!is_nursed(&fourth), "after three ends engines are programs: {:?}", nurseries());
    assert!(nurseries().is_empty() && !is_alive(another));
    [&mut first, &mut third, &mut fourth].into_iter().for_each(hear);
}

#[test]
fn after_a_crash_the_next_engine_comes_from_another_nursery_and_after_a_kill_from_the_same() {
    let test =
        "nursery::after_a_crash_the_next_engine_comes_from_another_nursery_and_after_a_kill_from_the_same";
    if libcsound_is_missing() || !alone(test, "UNUSED", "") {
        return;
    }
    let (options, body) = (options(), format!("{LEVEL}{CRASH}"));
    let mut sibling = start(&options, LEVEL);
    let nursery = nurseries();
    let killed = start(&options, LEVEL);
    send(killed.handle().process_id(), Signal::KILL);
    assert!(death(&killed.handle()).contains("signal 9"));
    let next = start(&options, &body);
    assert_eq!(nurseries(), nursery, "somebody's kill tells nothing about the layout in memory");
    // Its layout is its nursery's.
    let places = |engine: &RemoteEngine| {
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", engine.handle().process_id())).unwrap();
        let line = maps.lines().find(|line| line.contains("libcsound64")).unwrap().to_owned();
        line.split_once('-').unwrap().0.to_owned()
    };
    let before = places(&next);
    assert_eq!(before, places(&sibling));
    crash(next);
    let next = start(&options, LEVEL);
    assert!(is_nursed(&next) && nurseries() != nursery && nurseries().len() == 1);
    assert_ne!(places(&next), before, "the layout is another");
    hear(&mut sibling);
    // While it compiles, too.
    let nursery = nurseries();
    let text = csd("", "ksmps = 32\nnchnls = 10000\n", LEVEL, "");
    let error = RemoteEngine::start(&spec(text), &options, &mut |_| ()).err().unwrap().to_string();
    assert!(error.contains("crashed (signal "), "{error}");
    let after = start(&options, LEVEL);
    assert!(is_nursed(&after) && nurseries() != nursery && nurseries().len() == 1);
    hear(&mut sibling);
}

#[test]
fn another_program_or_environment_is_another_nursery() {
    let test = "nursery::another_program_or_environment_is_another_nursery";
    if libcsound_is_missing() || !alone(test, "UNUSED", "") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("csound-performer-engine");
    let install = || {
        let new = folder.path().join("new");
        test_host::project::copy_program(&options().program, &new).unwrap();
        std::fs::rename(new, &program).unwrap();
    };
    install();
    let options = Options { program: program.clone(), ..options() };
    drop(start(&options, LEVEL));
    let first = nurseries();
    drop(start(&options, LEVEL));
    assert_eq!(nurseries(), first);
    install();
    drop(start(&options, LEVEL));
    assert!(nurseries().len() == 1 && nurseries() != first, "the old one has gone");
    let second = nurseries();
    // SAFETY: no other thread of this process reads or writes the environment now: the engines have ended.
    unsafe { std::env::set_var("SSDIR", folder.path()) };
    let engine = start(&options, LEVEL);
    let third = nurseries();
    assert!(is_nursed(&engine) && third.len() == 2 && third.contains(&second[0]), "{second:?} {third:?}");
    // SAFETY: as above, but for the watch of that engine, which does not.
    unsafe { std::env::remove_var("SSDIR") };
    drop(start(&options, LEVEL));
    assert_eq!(nurseries().len(), 2, "the other one was kept");
    // Each environment is another; those that were used last are kept.
    for number in 0..4 {
        // SAFETY: as above.
        unsafe { std::env::set_var("SSDIR", format!("/{number}")) };
        drop(start(&options, LEVEL));
    }
    assert_eq!(nurseries().len(), 3);
}

#[test]
fn what_does_not_fit_a_nursery_is_started_as_a_program() {
    if libcsound_is_missing() {
        return;
    }
    let with = |confinement: Confinement| Options { confinement: Some(confinement), ..options() };
    let cases = [
        ("trusted", Options { confinement: None, ..options() }),
        (
            "an added library",
            with(Confinement { libraries: vec!["libnone.so".into()], ..Confinement::default() }),
        ),
        ("refusals named", with(Confinement { names_every_refusal: true, ..Confinement::default() })),
    ];
    for (what, options) in cases {
        let mut engine = start(&options, LEVEL);
        assert!(!is_nursed(&engine), "{what}");
        hear(&mut engine);
    }
    let fitting = [
        Confinement { readable: vec!["/srv".into()], ..Confinement::default() },
        Confinement { network: csound_performance::engine::protocol::Network::Any, ..Confinement::default() },
        Confinement { landlock: Some(2), ..Confinement::default() },
    ];
    for confinement in fitting {
        assert!(is_nursed(&start(&with(confinement.clone()), LEVEL)), "{confinement:?}");
    }
}

#[test]
fn a_program_that_is_no_nursery_is_started_as_before() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // One that ends, and one that does neither answer nor end.
    for (name, word) in [("ends", "exit 1"), ("hangs", "exec sleep 60")] {
        use std::os::unix::fs::PermissionsExt;

        let program = folder.path().join(name);
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = nursery ] && {word}\nexec {} \"$@\"\n",
            options().program.display()
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut engine = start(&Options { program, ..options() }, LEVEL);
        assert!(!is_nursed(&engine), "{name}");
        hear(&mut engine);
    }
}

#[test]
fn a_nursery_that_is_killed_at_any_moment_costs_no_engine_and_leaves_nothing() {
    let test = "nursery::a_nursery_that_is_killed_at_any_moment_costs_no_engine_and_leaves_nothing";
    if libcsound_is_missing() {
        return;
    }
    // Three ends within a minute are all that a process starts another for.
    for seed in 0..7 {
        if alone(test, SEED_VARIABLE, &seed.to_string()) {
            return kill_nurseries(3);
        }
    }
}

fn kill_nurseries(times: usize) {
    let mut random = Random::new(0);
    // Not the ones that other tests keep.
    let options = Options { nurseries: Some(Nurseries::of_this_process()), ..programs() };
    let mut playing = vec![start(&options, LEVEL)];
    for _ in 0..times {
        let nursery = eventually("a nursery is there", || nurseries().first().copied());
        let delay = Duration::from_micros(random.below(30_000) as u64);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(delay);
                send(nursery, Signal::KILL);
            });
            // Some are born before, some meanwhile, some after.
            let births: Vec<_> = (0..2)
                .map(|_| scope.spawn(|| (0..4).map(|_| start(&options, LEVEL)).collect::<Vec<_>>()))
                .collect();
            playing.extend(births.into_iter().flat_map(|births| births.join().unwrap()));
        });
        playing.iter_mut().for_each(hear);
        playing.truncate(4);
    }
    playing.push(start(&options, LEVEL));
    playing.iter_mut().for_each(hear);
    assert_eq!(children().len(), playing.len(), "an engine was lost at its birth");
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let most = descriptors();
    drop((playing, options));
    assert_eq!((children(), nurseries()), (vec![], vec![]));
    assert!(descriptors() < most);
    assert!(!std::fs::read_to_string("/proc/self/maps").unwrap().contains("memfd:csound-performer"));
}

#[test]
fn an_engine_that_is_taken_over_and_whose_nursery_is_gone_ends_with_its_host() {
    if libcsound_is_missing() {
        return;
    }
    let name = "nursery::an_engine_that_is_taken_over_and_whose_nursery_is_gone_ends_with_its_host";
    // The thread that compiles is the one that would hear the host's end.
    end_with_their_host(name, || {
        start_endless(options(), || {
            let dead = nurseries()[0];
            send(dead, Signal::KILL);
            let another = eventually("another is there", || {
                nurseries().into_iter().find(|nursery| *nursery != dead && is_collected(dead))
            });
            println!("processes {} {another}", children()[0]);
        })
    });
}
