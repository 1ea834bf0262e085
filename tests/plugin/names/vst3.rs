//! In a VST3 host.

use std::time::{Duration, Instant};

use test_host::session::Session;

use super::{long_name, piece};
use crate::common::libcsound_is_missing;
use crate::common::vst3::{Gives, INSTRUMENT, Instance, Module, Param, plugin};

/// VST3's word for changed titles.
const TITLES: i32 = 1 << 4;

fn instance(gives: Gives) -> Instance {
    Instance::new(&Module::load(&plugin()), INSTRUMENT, gives)
}

/// The state as VST3 has it: without the length before it.
fn state(session: &Session) -> Vec<u8> {
    session.state().unwrap().split_off(size_of::<u64>())
}

fn bank(params: &[Param]) -> &[Param] {
    // One parameter is behind them.
    &params[params.len() - 129..params.len() - 1]
}

fn rest(params: &[Param]) -> Vec<Param> {
    params.iter().map(|param| Param { title: String::new(), ..param.clone() }).collect()
}

fn told_of_titles(instance: &Instance) -> usize {
    let told = instance.take_told();
    let of_titles: Vec<_> = told.iter().filter(|(flags, _)| flags & TITLES != 0).collect();
    assert!(of_titles.iter().all(|(flags, is_main)| *flags == TITLES && *is_main), "{told:?}");
    of_titles.len()
}

/// Waits until the instance has told of titles, by whatever `call` does.
fn until_told(instance: &Instance, call: impl Fn(&Instance)) {
    let began = Instant::now();
    while told_of_titles(instance) == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "it never tells");
        call(instance);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_hosts_run_loop_tells_of_titles_wherever_the_host_gives_it() {
    if libcsound_is_missing() {
        return;
    }
    for gives in [Gives::Factory, Gives::Instance, Gives::InstanceAndCallsBack, Gives::Frame] {
        let mut instance = instance(gives);
        let fresh = instance.params();
        assert_eq!(bank(&fresh)[0].title, "Channel 001");
        instance.ask_when_told();
        instance.load(&state(&piece("Filter", &["cutoff", "width"])));
        instance.activate();
        told_of_titles(&instance);
        // The piece declares its channels; the control thread learns of them, and nothing else is called.
        let began = Instant::now();
        while bank(&instance.params())[1].title != "width" {
            assert!(began.elapsed() < Duration::from_secs(60), "{gives:?}: it never has the name");
            std::thread::sleep(Duration::from_millis(5));
        }
        instance.take_heard();
        instance.load(&state(&piece("Envelope", &["attack"])));
        told_of_titles(&instance);
        until_told(&instance, Instance::idle);
        let heard = instance.take_heard().pop().expect("the host asked");
        assert_eq!(
            (bank(&heard)[0].title.as_str(), bank(&heard)[1].title.as_str()),
            ("attack", "Channel 002")
        );
        assert_eq!(rest(&heard), rest(&fresh), "{gives:?}: only titles change");
        assert_eq!(instance.unit(bank(&heard)[0].unit).as_deref(), Some("Channels"));
    }
}

#[test]
fn without_a_run_loop_the_host_is_told_after_its_next_call() {
    if libcsound_is_missing() {
        return;
    }
    let mut instance = instance(Gives::Nothing);
    instance.ask_when_told();
    instance.load(&state(&piece("Filter", &["cutoff"])));
    instance.activate();
    let id = bank(&instance.params())[0].id;
    until_told(&instance, |instance| {
        instance.text(id, 0.5);
    });
    assert_eq!(bank(&instance.params())[0].title, "cutoff");
    assert_eq!(instance.text(id, 0.5), "cutoff 5");
    // Nothing changes, nothing is told.
    instance.block(512);
    instance.text(id, 0.5);
    assert_eq!(told_of_titles(&instance), 0);
}

#[test]
fn titles_of_any_length_are_cut_between_characters() {
    if libcsound_is_missing() {
        return;
    }
    let long = long_name();
    let mut instance = instance(Gives::Nothing);
    instance.load(&state(&piece("A", &[&long])));
    instance.activate();
    let title = bank(&instance.params())[0].title.clone();
    assert!(long.starts_with(&title) && (126..128).contains(&title.encode_utf16().count()), "{title}");
}
