//! In a CLAP host.

use test_host::host::{Host, INSTRUMENT, Instance, Param, param_id};

use super::{long_name, piece};
use crate::common::bench::Bench;
use crate::common::{libcsound_is_missing, plugin};

/// CLAP's words for what is to be scanned again.
const TEXTS: u32 = 2;
const INFO: u32 = 4;

fn bank(params: &[Param]) -> &[Param] {
    let first = params.iter().position(|param| param.id == param_id("c001")).unwrap();
    &params[first..first + 128]
}

fn names(params: &[Param]) -> Vec<(&str, &str)> {
    bank(params).iter().map(|param| (param.name.as_str(), param.module.as_str())).collect()
}

/// All but the name and the module.
fn rest(params: &[Param]) -> Vec<Param> {
    let without = |param: &Param| Param { name: String::new(), module: String::new(), ..param.clone() };
    params.iter().map(without).collect()
}

#[test]
fn parameters_have_the_names_and_groups_of_the_pieces_channels_and_the_host_is_told_on_its_main_thread() {
    if libcsound_is_missing() {
        return;
    }
    let fresh = Instance::new(&Host::load(plugin()).unwrap(), INSTRUMENT).unwrap().params();
    assert_eq!(names(&fresh)[0], ("Channel 001", "Channels"));
    let mut bench = Bench::new(&piece("Filter", &["cutoff", "width"]));
    bench.play(960);
    bench.instance.idle();
    let told = bench.instance.take_rescans();
    let of_names: Vec<_> = told.iter().filter(|rescan| rescan.flags & INFO != 0).collect();
    assert!(!of_names.is_empty() && of_names.iter().all(|rescan| rescan.is_on_main_thread), "{told:?}");
    assert!(told.iter().all(|rescan| rescan.flags & !(TEXTS | INFO | 1) == 0), "{told:?}");
    let params = bench.instance.params();
    assert_eq!(names(&params)[..2], [("cutoff", "Channels/Filter"), ("width", "Channels/Filter")]);
    assert_eq!(names(&params)[2], ("Channel 003", "Channels"));
    assert_eq!(rest(&params), rest(&fresh), "only names and modules change");
    let is_other = |param: &&Param| bank(&fresh).iter().all(|of_bank| of_bank.id != param.id);
    let others = |params: &[Param]| params.iter().filter(is_other).cloned().collect::<Vec<_>>();
    assert_eq!(others(&params), others(&fresh), "the others do not");
}

#[test]
fn names_change_while_the_host_has_the_parameters_open() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&piece("Filter", &["cutoff"]));
    bench.play(960);
    bench.instance.idle();
    bench.instance.take_rescans();
    let before = bench.instance.params();
    // Nothing changes, nothing is told.
    bench.play(960);
    bench.instance.idle();
    assert_eq!(bench.instance.take_rescans(), []);
    bench.instance.load_state(&piece("Envelope", &["attack"]).state().unwrap()).unwrap();
    bench.play(960);
    bench.instance.idle();
    assert!(bench.instance.take_rescans().iter().any(|rescan| rescan.flags & INFO != 0));
    let after = bench.instance.params();
    assert_eq!(names(&after)[0], ("attack", "Channels/Envelope"));
    assert_eq!(rest(&after), rest(&before));
    // A host that never asks again keeps the name that it has; the parameter works by its id.
    assert_eq!(bench.instance.value_to_text(bank(&before)[0].id, 0.5).unwrap(), "attack 5");
}

#[test]
fn names_of_any_length_are_cut_between_characters() {
    if libcsound_is_missing() {
        return;
    }
    let long = long_name();
    let mut bench = Bench::new(&piece(&long, &[&long, "  "]));
    bench.play(960);
    let params = bench.instance.params();
    let (name, module) = names(&params)[0];
    assert!(long.starts_with(name) && (252..256).contains(&name.len()), "{name}");
    assert!(module.starts_with("Channels/\u{e9}\u{20ac}") && module.len() < 1024, "{module}");
    assert!(!module.contains('\u{fffd}'));
    assert_eq!(names(&params)[1].0, "Channel 002", "a name of which nothing can be seen is none");
}

#[test]
fn an_instance_that_has_gone_calls_its_host_no_more() {
    if libcsound_is_missing() {
        return;
    }
    let host = Host::load(plugin()).unwrap();
    let (mut gone, mut told) = (Vec::new(), 0);
    // Its names change at any moment around its end.
    for round in 0..20_u64 {
        let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
        instance.load_state(&piece("A", &["a", "b"]).state().unwrap()).unwrap();
        instance.activate(48_000.0, 1, 64).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(round * 5));
        instance.idle();
        told += instance.take_rescans().len();
        // Other ones, whose names come while it ends.
        instance.load_state(&piece("B", &["c", "d"]).state().unwrap()).unwrap();
        gone.push(instance.end());
    }
    assert!(told > 0, "its names never changed before");
    // As long as it takes another one, which came later, to be told.
    let mut last = Bench::new(&piece("C", &["e"]));
    last.play(960);
    last.instance.idle();
    assert!(!last.instance.take_rescans().is_empty());
    let called = gone.iter().filter(|ended| ended.has_called()).count();
    assert_eq!(called, 0, "of {} instances", gone.len());
}
