//! Pieces with more channels than the bank, with none, and with strange ones, from the host's side.

use test_host::host::param_id;
use test_host::session::{AtEnd, Session};

use crate::common::bench::{Bench, KSMPS, header};
use crate::common::{csd, libcsound_is_missing};

fn bench(body: &str) -> Bench {
    bench_with("", body)
}

/// With widgets before the piece.
fn bench_with(widgets: &str, body: &str) -> Bench {
    let text = format!("{widgets}{}", csd("", &header(KSMPS), body, "i 1 0 3600"));
    let mut bench = Bench::new(&Session { at_end: AtEnd::Keep, ..Session::from_csd("bank.csd", text) });
    bench.play(960);
    bench
}

/// A piece that declares channels of these names, from 0 to 10 and at `default`, and gives their sum.
fn summing(names: &[String], default: f64) -> Bench {
    let declared: String =
        names.iter().map(|name| format!("chn_k \"{name}\", 1, 2, {default}, 0, 10\n")).collect();
    let reads: String = (0..names.len())
        .map(|number| format!("k{number} chnget \"{}\"\nksum = ksum + k{number}\n", names[number]))
        .collect();
    bench(&format!("{declared}instr 1\nksum = 0\n{reads}asum upsamp ksum\nouts asum, asum\nendin\n"))
}

/// The texts of all channels with their parameter at `position`.
fn texts(bench: &mut Bench, position: f64) -> Vec<String> {
    let id = |slot| param_id(&format!("c{slot:03}"));
    (1..=128).map(|slot| bench.instance.value_to_text(id(slot), position).unwrap()).collect()
}

/// Moves a slot's parameter and gives what the piece makes of it.
fn moved(bench: &mut Bench, slot: usize, position: f64) -> f32 {
    let id = format!("c{slot:03}");
    let set = [bench.set(0, &id, position)];
    bench.block(480, &set);
    bench.play(480)[0][479]
}

/// Every text is read back as the position that it stands for, and nothing a host may move breaks it.
fn check_all(bench: &mut Bench) {
    for slot in 1..=128 {
        let id = param_id(&format!("c{slot:03}"));
        for position in [0.0, 0.25, 1.0] {
            let text = bench.instance.value_to_text(id, position).unwrap();
            let read = bench.instance.text_to_value(id, &text).unwrap_or_else(|| panic!("{slot}: {text:?}"));
            assert_eq!(bench.instance.value_to_text(id, read).unwrap(), text, "{slot}");
            assert!(moved(bench, slot, position).is_finite(), "{slot}");
        }
    }
    assert!(bench.block(480, &[]).is_playing());
    // It is saved and comes back with the same channels.
    let saved = bench.instance.save_state().unwrap();
    let before = texts(bench, 0.5);
    let mut again = Bench::with_state(&saved);
    again.play(960);
    assert_eq!(texts(&mut again, 0.5), before);
}

#[test]
fn of_300_channels_the_first_128_have_parameters() {
    if libcsound_is_missing() {
        return;
    }
    let names: Vec<_> = (1..=300).map(|number| format!("v{number}")).collect();
    let mut bench = summing(&names, 1.0);
    let shown = texts(&mut bench, 1.0);
    assert_eq!((shown[0].as_str(), shown[127].as_str()), ("v1 10", "v128 10"));
    // The others stand at the defaults that the piece declares.
    assert_eq!(bench.play(480)[0][479], 300.0);
    assert_eq!(moved(&mut bench, 128, 1.0), 309.0);
    check_all(&mut bench);
}

#[test]
fn a_piece_without_channels_leaves_the_parameters_plain() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = bench("instr 1\naout = 0.5\nouts aout, aout\nendin\n");
    assert_eq!(texts(&mut bench, 0.25), vec!["0.2500"; 128]);
    assert_eq!(moved(&mut bench, 1, 1.0), 0.5);
    check_all(&mut bench);
}

#[test]
fn names_in_utf_8_are_shown_and_driven() {
    if libcsound_is_missing() {
        return;
    }
    let names = ["fréquence", "周波数", "Тон", "🎛 mix", "a b c", "x\u{301}"].map(str::to_owned);
    let mut bench = summing(&names, 0.0);
    let shown = texts(&mut bench, 1.0);
    for (slot, name) in names.iter().enumerate() {
        assert_eq!(shown[slot], format!("{name} 10"));
        assert_eq!(moved(&mut bench, slot + 1, 1.0), 10.0 * (slot + 1) as f32, "{name}");
    }
    check_all(&mut bench);
}

#[test]
fn a_name_that_comes_twice_has_one_parameter() {
    if libcsound_is_missing() {
        return;
    }
    // Declared, on a widget and read: the declaration's range holds.
    let body = "chn_k \"twice\", 1, 2, 0, 0, 10\nchn_k \"once\", 1, 2, 0, 0, 4\ninstr 1\n\
                k1 chnget \"twice\"\nk2 chnget \"twice\"\nk3 chnget \"once\"\n\
                aout upsamp k1 + k2 + k3\nouts aout, aout\nendin\n";
    let widgets = "<Cabbage>\nhslider channel(\"twice\"), range(0, 99, 0)\nhslider channel(\"twice\"), range(0, 7, 0)\n\
                   hslider channel(\"once\"), range(0, 99, 0)\n</Cabbage>\n";
    let mut bench = bench_with(widgets, body);
    let shown = texts(&mut bench, 1.0);
    assert_eq!(shown[..3], ["twice 10", "once 4", "1.0000"]);
    assert_eq!(moved(&mut bench, 1, 0.5), 10.0);
    assert_eq!(moved(&mut bench, 2, 0.5), 12.0);
    check_all(&mut bench);
}

#[test]
fn a_range_with_equal_or_swapped_ends_can_still_be_moved() {
    if libcsound_is_missing() {
        return;
    }
    // Csound refuses such a chn_k; a widget may say anything.
    let widgets = "<Cabbage>\nhslider channel(\"equal\"), range(5, 5, 5)\nhslider channel(\"swapped\"), range(10, 0, 4)\n\
                   hslider channel(\"zero\"), range(0, 0, 0)\nhslider channel(\"odd\"), range(1, nan, inf, 0, -3)\n\
                   </Cabbage>\n";
    let body = "instr 1\nk1 chnget \"equal\"\nk2 chnget \"swapped\"\nk3 chnget \"zero\"\nk4 chnget \"odd\"\n\
                aout upsamp k1\nouts aout, aout\nendin\n";
    let mut bench = bench_with(widgets, body);
    let (low, high) = (texts(&mut bench, 0.0), texts(&mut bench, 1.0));
    assert_eq!(low[..4], ["equal 0", "swapped 0", "zero 0", "odd 0"]);
    assert_eq!(high[..4], ["equal 1", "swapped 10", "zero 1", "odd 1"], "no range becomes 0 to 1");
    assert_eq!(moved(&mut bench, 1, 0.5), 0.5);
    check_all(&mut bench);
}

#[test]
fn invalue_hears_parameters_and_chnget_hears_outvalue() {
    if libcsound_is_missing() {
        return;
    }
    let body = "instr 1\nkin invalue \"level\"\noutvalue \"twice\", kin * 2\nktwice chnget \"twice\"\n\
                aout upsamp ktwice\nouts aout, aout\nendin\n";
    let mut bench = bench(body);
    assert_eq!(texts(&mut bench, 1.0)[..2], ["level 1", "twice 1"]);
    assert_eq!(moved(&mut bench, 1, 0.25), 0.5);
    check_all(&mut bench);
}
