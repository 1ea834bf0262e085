//! Engines that are killed come back where they were; engines whose host is killed end by
//! themselves; nothing is left of either.
#![cfg(target_os = "linux")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::{Random, block, csd, libcsound_is_missing, plugin};
use rustix::process::Signal;
use test_host::host::{Block, Event, Host, INSTRUMENT, Instance, Processed};
use test_host::measure::usage::nurseries;
use test_host::processes::{children, is_alive, name};
use test_host::session::{AtEnd, Channel, Session, Timing};
use test_host::testing::again_over_csound_7;

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// These tests look for engine processes of this program: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// The score's time on the left, a channel's value on the right.
fn clock() -> Session {
    // (`a()` would begin at 0 in the first k-cycle of each engine.)
    let body = "instr 1\nktime timeinsts\nkset chnget \"level\"\naclock upsamp ktime / 1000\nalevel upsamp kset\n\
                outs aclock, alevel\nendin\n";
    let mut session = Session::from_csd("clock.csd", csd("", HEADER, body, "i 1 0 3600"));
    session.at_end = AtEnd::Keep;
    let level = Channel { name: "level".into(), min: 0.0, max: 0.5, value: None, position: 0.0 };
    session.channels.push(level);
    session
}

fn started(host: &Host) -> Instance {
    let mut instance = Instance::new(host, INSTRUMENT).unwrap();
    instance.load_state(&clock().state().unwrap()).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    instance
}

/// The engine processes that this one has started and that live.
fn living_engines() -> Vec<i32> {
    let is_engine = |child: &i32| name(*child).starts_with("csound-perform") && is_alive(*child);
    children().into_iter().filter(is_engine).collect()
}

/// The names of this process's threads.
fn threads() -> Vec<String> {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    // A thread may end meanwhile.
    threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok()).collect()
}

fn kill(process: i32) {
    common::signal(process.cast_unsigned(), Signal::KILL);
}

fn eventually<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(11));
    }
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_killed_engine_is_back_with_its_position_and_its_channels() {
    if libcsound_is_missing() {
        return;
    }
    let _alone = ALONE.lock().unwrap();
    let rounds = if std::env::var_os("CSOUND_PERFORMER_LONG").is_some() { 100 } else { 20 };
    let host = Host::load(plugin()).unwrap();
    let mut random = Random::new(12_345);
    let mut done = 0;
    let mut files = None;
    while done < rounds {
        // Three ends within ten seconds are all that an engine is started again for.
        let mut instance = started(&host);
        let slot = instance.param("c001").unwrap();
        let set = [Event::param(0, slot, 0.6)];
        instance.process(Block { frames: 512, events: &set, ..Block::default() }).unwrap();
        for _ in 0..3 {
            let blocks = 3 + random.below(30);
            let mut position = 0.0;
            for _ in 0..blocks {
                position = block(&mut instance, 512, &[]).output[0][511];
                std::thread::sleep(Duration::from_millis(2));
            }
            let engines = living_engines();
            assert_eq!(engines.len(), 1);
            std::thread::sleep(Duration::from_micros(random.below(4000) as u64));
            kill(engines[0]);
            let back = eventually("sound is back", || {
                let heard = block(&mut instance, 512, &[]).output;
                // Blocks that outrun the clock are an offline render, which goes on without a gap.
                let another = living_engines().iter().any(|engine| *engine != engines[0]);
                (another && heard[0][511] > 0.0 && heard[1][511] > 0.0).then_some(heard)
            });
            assert!((back[1][511] - 0.3).abs() < 1e-6, "the channel: {}", back[1][511]);
            let moved = f64::from(back[0][511] - position) * 1000.0;
            assert!((-0.02..3.0).contains(&moved), "from {position} by {moved} s");
            done += 1;
        }
        instance.stop().unwrap();
        instance.deactivate();
        drop(instance);
        eventually("no engine is left", || living_engines().is_empty().then_some(()));
        assert!(nurseries().is_empty(), "the nursery goes with the last instance");
        let now = open_files();
        assert!(files.is_none_or(|before| now <= before), "{files:?} open files became {now}");
        files = Some(now);
    }
}

#[test]
fn an_offline_render_goes_on_without_a_gap_where_its_engine_is_killed_in_either_timing() {
    if libcsound_is_missing() {
        return;
    }
    let _alone = ALONE.lock().unwrap();
    let host = Host::load(plugin()).unwrap();
    for (timing, latency) in [(Timing::Exact, 31), (Timing::Pipelined, 31 + 512)] {
        let mut random = Random::new(77);
        for _ in 0..5 {
            eventually("none is left of the instance before", || living_engines().is_empty().then_some(()));
            let state = Session { timing, ..clock() }.state().unwrap();
            let mut instance = common::playing(&host, INSTRUMENT, &state, 512);
            assert_eq!(instance.latency(), latency);
            let set = [Event::param(0, instance.param("c001").unwrap(), 0.6)];
            let mut heard =
                instance.process(Block { frames: 512, events: &set, ..Block::default() }).unwrap().output;
            let mut killed = Vec::new();
            let mut killer: Option<(i32, JoinHandle<()>)> = None;
            for number in 1..60 {
                // Before a block, or while it is performed. A busy machine may let the killer wait for many blocks.
                if [20, 40].contains(&number) {
                    if let Some((before, killer)) = killer.take() {
                        killer.join().unwrap();
                        eventually("it has ended", || (!is_alive(before)).then_some(()));
                        // The end is found in the first of these at the latest, and another engine has come by then.
                        // (One that is killed while it compiles is not tried again: that ends the render.)
                        (0..2).for_each(|_| extend(&mut heard, block(&mut instance, 512, &[])));
                    }
                    let [engine] = living_engines()[..] else { panic!("{:?}", living_engines()) };
                    killed.push(heard[0].len());
                    let wait = Duration::from_micros(random.below(400) as u64);
                    let ends = std::thread::spawn(move || {
                        std::thread::sleep(wait);
                        kill(engine);
                    });
                    killer = Some((engine, ends));
                }
                extend(&mut heard, block(&mut instance, 1 + random.below(512), &[]));
            }
            killer.unwrap().1.join().unwrap();
            let from = latency as usize + 64;
            let what = format!("{timing:?}, killed at {killed:?}");
            // Another engine goes on from the last sample, whether the end was seen in a turn or before one.
            let dip = heard[1][from..].iter().position(|sample| (*sample - 0.3).abs() > 0.003);
            let near = dip.map(|at| heard[1][from + at..].iter().step_by(16).take(40).collect::<Vec<_>>());
            let error = test_host::session::error_of(&instance.save_state().unwrap()).unwrap();
            assert_eq!(dip, None, "{what}: a dip, as here, of every 16th: {near:?}; {error:?}");
            let (end, frames) =
                (f64::from(*heard[0].last().unwrap()) * 1000.0, heard[0].len() - latency as usize);
            assert!(
                (end - frames as f64 / 48_000.0).abs() < 0.03,
                "{what}: at {end} s after {frames} frames"
            );
        }
    }
}

fn extend(heard: &mut [Vec<f32>], by: Processed) {
    heard.iter_mut().zip(by.output).for_each(|(heard, now)| heard.extend(now));
}

#[test]
fn a_fourth_end_within_ten_seconds_waits_for_the_user() {
    if libcsound_is_missing() {
        return;
    }
    let _alone = ALONE.lock().unwrap();
    let host = Host::load(plugin()).unwrap();
    let mut instance = started(&host);
    // The last four are within ten seconds sooner or later, however busy the machine is.
    let mut ends: Vec<Instant> = Vec::new();
    while ends.len() < 4 || ends[ends.len() - 4].elapsed() > Duration::from_secs(9) {
        assert!(ends.len() < 40, "this machine never ends an engine four times within ten seconds");
        eventually("it sounds", || (block(&mut instance, 512, &[]).output[0][511] > 0.0).then_some(()));
        ends.push(Instant::now());
        kill(living_engines()[0]);
        eventually("it is gone", || (block(&mut instance, 512, &[]).output[0][256] == 0.0).then_some(()));
    }
    let error = eventually("it says so", || {
        block(&mut instance, 512, &[]);
        let error = test_host::session::error_of(&instance.save_state().unwrap()).unwrap();
        error.filter(|error| error.contains("4 times"))
    });
    assert!(error.contains("signal 9"), "{error}");
    instance.load_state(&clock().state().unwrap()).unwrap();
    eventually("the user's word starts it", || {
        (block(&mut instance, 512, &[]).output[0][511] > 0.0).then_some(())
    });
}

#[test]
fn nurseries_that_are_killed_are_replaced_and_a_host_that_unloads_the_plugin_has_none() {
    if libcsound_is_missing() {
        return;
    }
    let _alone = ALONE.lock().unwrap();
    // Two copies in one process, as a CLAP and a VST3 plugin are: each has its own.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(plugin().file_name().unwrap());
    let engine = "csound-performer-engine";
    for (from, to) in
        [(plugin().to_owned(), &copy), (plugin().with_file_name(engine), &folder.path().join(engine))]
    {
        test_host::project::copy_program(&from, to).unwrap();
    }
    let hosts = [Host::load(plugin()).unwrap(), Host::load(&copy).unwrap()];
    assert!(nurseries().is_empty(), "a host that only looks starts none");
    let mut instances: Vec<_> = hosts.iter().flat_map(|host| [started(host), started(host)]).collect();
    assert_eq!((nurseries().len(), living_engines().len()), (2, 4));
    for nursery in nurseries() {
        kill(nursery.as_raw());
        eventually("another is there", || {
            let there = nurseries();
            (!there.contains(&nursery) && there.len() == 2).then_some(())
        });
        for instance in &mut instances {
            assert!(block(instance, 512, &[]).output[0][511] > 0.0, "the pieces play on");
        }
        // An engine that is killed now comes from the new one.
        let killed = living_engines()[0];
        kill(killed);
        eventually("sound is back", || {
            let sounds = instances
                .iter_mut()
                .filter_map(|instance| {
                    Some(block(instance, 512, &[]).output[0][511]).filter(|level| *level > 0.0)
                })
                .count();
            let engines = living_engines();
            (sounds == 4 && engines.len() == 4 && !engines.contains(&killed)).then_some(())
        });
    }
    drop(instances);
    drop(hosts);
    assert!(nurseries().is_empty() && living_engines().is_empty());
    assert!(!threads().iter().any(|name| name.starts_with("csound")), "{:?}", threads());
}

#[test]
fn a_piece_that_hangs_again_and_again_ends_an_offline_render() {
    if libcsound_is_missing() {
        return;
    }
    let _alone = ALONE.lock().unwrap();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("csound-performer");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("limits.json"), "{ \"hang_seconds\": 4 }").unwrap();
    let name = "a_piece_that_hangs_again_and_again_ends_an_offline_render";
    if !test_host::testing::alone(name, "XDG_CONFIG_HOME", home.path().to_str().unwrap()) {
        return;
    }
    // The clock does not tell these hangs from rare ones: between two lie ten seconds and more.
    // A loop of k-rate: one of `1 == 1` would be run through when the note begins.
    let body = "instr 1\nkone init 1\na1 = 0.25\nouts a1, a1\n\
        if timeinsts() > 0.1 then\nwhile kone == 1 do\nod\nendif\nendin\n";
    let session = Session::from_csd("hang.csd", csd("", HEADER, body, "i 1 0 2"));
    let host = Host::load(plugin()).unwrap();
    let mut instance = common::playing(&host, INSTRUMENT, &session.state().unwrap(), 512);
    let began = Instant::now();
    let mut blocks = 0;
    loop {
        let block = block(&mut instance, 512, &[]);
        assert!(blocks > 8 || block.output[0][511] == 0.25, "block {blocks}");
        if !block.is_playing() {
            break;
        }
        blocks += 1;
        assert!(blocks < 1000, "it goes on in silence");
        assert!(began.elapsed() < Duration::from_secs(50), "still going after {blocks} blocks");
    }
    let error = test_host::session::error_of(&instance.save_state().unwrap()).unwrap().unwrap();
    assert!(error.contains("4 times") && error.contains("for 4.0"), "{error}, {:?}", began.elapsed());
    // The user's word starts it again, from the first frame on.
    instance.load_state(&session.state().unwrap()).unwrap();
    instance.settle().unwrap();
    let heard = common::perform(&mut instance, 4096, 512);
    let silent = heard.iter().position(|sample| *sample != 0.0);
    assert!(silent.is_some_and(|frames| frames < 100), "silent for {silent:?} frames");
}

#[test]
fn the_engines_of_a_killed_host_end_by_themselves_and_the_next_host_finds_nothing_of_them() {
    if libcsound_is_missing() {
        return;
    }
    const VARIABLE: &str = "CSOUND_PERFORMER_TEST_HOST";
    if std::env::var_os(VARIABLE).is_some() {
        let host = Host::load(plugin()).unwrap();
        let mut instances = [started(&host), started(&host)];
        for engine in living_engines() {
            println!("engine {engine} {}", working_folder(engine).display());
        }
        // What they come from.
        for nursery in nurseries() {
            println!("engine {nursery} {}", working_folder(nursery.as_raw()).display());
        }
        println!("playing");
        loop {
            instances.iter_mut().for_each(|instance| drop(block(instance, 512, &[])));
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    let _alone = ALONE.lock().unwrap();
    // A host in a process of its own, which is killed while it plays; its engines and their folders.
    let killed_host = || {
        let name = "the_engines_of_a_killed_host_end_by_themselves_and_the_next_host_finds_nothing_of_them";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(VARIABLE, "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut engines: Vec<(i32, PathBuf)> = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            if let Some((number, folder)) = line.strip_prefix("engine ").and_then(|rest| rest.split_once(' '))
            {
                engines.push((number.parse().unwrap(), folder.into()));
            }
            if line == "playing" {
                break;
            }
        }
        assert_eq!(engines.len(), 3, "two engines and a nursery");
        assert!(engines.iter().all(|(engine, folder)| is_alive(*engine) && folder.exists()));
        child.kill().unwrap();
        child.wait().unwrap();
        for (engine, _) in &engines {
            eventually("the engine ends", || (!is_alive(*engine)).then_some(()));
        }
        engines.into_iter().map(|(_, folder)| folder).collect::<Vec<_>>()
    };
    let folders = killed_host();
    for folder in &folders {
        // As if it were some minutes later: a folder that was just made may not be held yet.
        let before = std::time::SystemTime::now() - Duration::from_secs(300);
        std::fs::File::open(folder).unwrap().set_modified(before).unwrap();
    }
    killed_host();
    assert!(folders.iter().all(|folder| !folder.exists()), "{folders:?}");
}

fn working_folder(process: i32) -> PathBuf {
    std::fs::read_link(Path::new("/proc").join(process.to_string()).join("cwd")).unwrap()
}

#[test]
fn everything_here_holds_over_csound_7() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
