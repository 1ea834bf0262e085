//! The pages for a controller's knobs, in a CLAP host.

use test_host::host::{EFFECT, Host, INSTRUMENT, Instance, Page, param_id};

use super::piece;
use crate::common::bench::Bench;
use crate::common::{libcsound_is_missing, plugin};

fn shown(page: &Page) -> (&str, &str, Vec<u32>) {
    (&page.section, &page.name, page.knobs.iter().flatten().copied().collect())
}

/// The knobs of the performance, in whichever plugin.
fn performance() -> Vec<u32> {
    ["play", "stop", "restart", "record", "offset", "sync", "gain", "bypass"].map(param_id).to_vec()
}

fn bank(numbers: impl IntoIterator<Item = usize>) -> Vec<u32> {
    numbers.into_iter().map(|number| param_id(&format!("c{number:03}"))).collect()
}

#[test]
fn a_fresh_instance_has_a_page_of_the_performance() {
    for id in [INSTRUMENT, EFFECT] {
        let mut instance = Instance::new(&Host::load(plugin()).unwrap(), id).unwrap();
        let pages = instance.pages().unwrap();
        let all: Vec<_> = pages.iter().map(shown).collect();
        assert_eq!(all, [("Performance", "Performance", performance())]);
    }
}

#[test]
fn each_group_of_the_piece_has_its_pages_and_the_host_is_told_where_they_change() {
    if libcsound_is_missing() {
        return;
    }
    let names: Vec<String> = (1..=11).map(|number| format!("knob{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut bench = Bench::new(&piece("Filter", &names));
    bench.play(960);
    bench.instance.idle();
    assert!(bench.instance.take_pages_changed() > 0);
    let pages = bench.instance.pages().unwrap();
    let all: Vec<_> = pages.iter().map(shown).collect();
    let expected = [
        ("Channels", "Filter", bank(1..=8)),
        ("Channels", "Filter 2", bank(9..=11)),
        ("Performance", "Performance", performance()),
    ];
    assert_eq!(all, expected);
    let known = bench.instance.params();
    let ids: Vec<u32> = pages.iter().flat_map(|page| page.knobs.into_iter().flatten()).collect();
    assert!(ids.iter().all(|id| known.iter().any(|param| param.id == *id)), "each knob is a parameter");
    // Nothing changes, nothing is told.
    bench.play(960);
    bench.instance.idle();
    assert_eq!(bench.instance.take_pages_changed(), 0);
    bench.instance.load_state(&piece("Envelope", &["attack"]).state().unwrap()).unwrap();
    bench.play(960);
    bench.instance.idle();
    assert!(bench.instance.take_pages_changed() > 0);
    let after = bench.instance.pages().unwrap();
    assert_eq!(shown(&after[0]), ("Channels", "Envelope", bank([1])));
    assert_eq!(after.len(), 2);
    assert_eq!(after[1].id, pages[2].id, "a page that is still there is known by the same number");
}
