//! Scales and mappings, good and damaged.

use test_host::testing::Random;

use super::*;

const JUST: &str = "! just.scl\n!\n\n 7\n!\n 9/8 a tone\n 386.313714\n4/3\n 3/2\n5/3 sixth\n15/8\n2/1\nwhat follows is no note\n";

const WHITE: &str = "! white keys\n12\n0\n127\n60\n69\n432.0\n7\n0\nx\n1\nx\n2\n3\nx\n4\nx\n5\nX\n6\n";

fn tuned(scale: Option<&str>, keyboard: Option<&str>) -> [f64; KEYS] {
    let scale = scale.map(|text| Scale::read(text).unwrap());
    let keyboard = keyboard.map(|text| Keyboard::read(text).unwrap());
    Tuning::of(scale.as_ref(), keyboard.as_ref()).unwrap().0
}

fn assert_near(found: f64, wanted: f64) {
    assert!((found / wanted - 1.0).abs() < 1e-9, "{found} is not {wanted}");
}

#[test]
fn without_files_keys_are_in_twelve_equal_steps() {
    let usual = Tuning::default().0;
    assert_eq!(usual[69], 440.0);
    assert_near(usual[60], 261.625_565_300_6);
    let tuned = tuned(None, None);
    (0..KEYS).for_each(|key| assert_near(tuned[key], usual[key]));
}

#[test]
fn a_scale_goes_on_from_middle_c_up_and_down() {
    let tuned = tuned(Some(JUST), None);
    let c = equal(60);
    for (key, ratio) in [
        (60, 1.0),
        (61, 9.0 / 8.0),
        (62, 1.25),
        (64, 1.5),
        (67, 2.0),
        (68, 2.25),
        (59, 15.0 / 16.0),
        (53, 0.5),
    ] {
        assert!((tuned[key] / (c * ratio) - 1.0).abs() < 1e-6, "{key}");
    }
}

#[test]
fn a_mapping_says_which_key_has_which_note_and_how_high_one_is() {
    let tuned = tuned(Some(JUST), Some(WHITE));
    // A is the sixth of C.
    assert_near(tuned[69], 432.0);
    assert_near(tuned[60], 432.0 * 3.0 / 5.0);
    assert_near(tuned[72], 432.0 * 6.0 / 5.0);
    assert_near(tuned[48], 432.0 * 3.0 / 10.0);
    assert_eq!((tuned[61], tuned[70]), (0.0, 0.0), "keys without a note");
    let some = tuned_of_some_keys();
    assert_near(some[59], equal(59));
    assert_near(some[60], 500.0);
    assert_near(some[61], 500.0 * (0.1_f64).exp2());
    assert_near(some[62], equal(62));
}

/// Two keys of a mapping without a pattern, and without what belongs to one.
fn tuned_of_some_keys() -> [f64; KEYS] {
    tuned(Some("of one note\n1\n120.0\n"), Some("0\n60\n61\n60\n60\n500\n"))
}

#[test]
fn latin_1_and_the_ends_of_lines_of_others_are_read() {
    let bytes = b"\xe9trange\r\n1\r\n2/1\r\n".to_vec();
    assert!(Scale::read(&text_of(bytes)).is_ok());
    assert!(Scale::read("\u{feff}! a\ntext\n1\n3\n").is_ok());
}

#[test]
fn what_is_damaged_is_told_with_its_line_and_the_reason() {
    let scales = [
        ("", None, "is empty"),
        ("! only\n! comments", None, "is empty"),
        ("a", Some(2), "number of notes"),
        ("a\nseven\n", Some(2), "\"seven\""),
        ("a\n0\n", Some(2), "1 to 4096"),
        ("a\n99999999999\n", Some(2), "1 to 4096"),
        ("a\n! c\n2\n9/8\n", Some(5), "note 2 of 2"),
        ("a\n1\n9/8/7\n", Some(3), "no note"),
        ("a\n1\n-3/2\n", Some(3), "no note"),
        ("a\n1\n3/0\n", Some(3), "no note"),
        ("a\n1\n0\n", Some(3), "no note"),
        ("a\n1\nx\n", Some(3), "no note"),
        ("a\n1\n1e9.\n", Some(3), "number of cents"),
        ("a\n1\n1.e99\n", Some(3), "farther"),
        ("a\n1\nNaN.\n", Some(3), "number of cents"),
        ("a\n1\n99999999999999999999999/2\n", Some(3), "no note"),
    ];
    for (text, line, reason) in scales {
        let error = Scale::read(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.to_string().contains(reason), "{text:?}: {error}");
    }
    let keyboards = [
        ("", Some(1), "size of the pattern"),
        ("many\n", Some(1), "\"many\""),
        ("99999\n", Some(1), "at most 4096"),
        ("0\n-1\n", Some(2), "0 to 127"),
        ("0\n5\n4\n", Some(3), "before the first"),
        ("0\n0\n127\n60\n200\n", Some(5), "0 to 127"),
        ("0\n0\n127\n60\n69\nA\n", Some(6), "frequency"),
        ("0\n0\n127\n60\n69\nNaN\n", Some(6), "0.001"),
        ("0\n0\n127\n60\n69\n-440\n", Some(6), "0.001"),
        ("2\n0\n127\n60\n69\n440\n", None, "octave"),
        ("2\n0\n127\n60\n69\n440\n12\n0\ny\n", Some(9), "degree"),
        ("2\n0\n127\n60\n69\n440\n12\n99999999\n", Some(8), "degrees go"),
    ];
    for (text, line, reason) in keyboards {
        let error = Keyboard::read(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.to_string().contains(reason), "{text:?}: {error}");
    }
    let bare = Keyboard::read("2\n0\n127\n60\n61\n440\n1\n0\n").unwrap();
    assert!(Tuning::of(None, Some(&bare)).unwrap_err().to_string().contains("reference key 61"));
    let wide = Scale::read("a\n1\n99999.0\n").unwrap();
    assert!(Tuning::of(Some(&wide), None).unwrap_err().to_string().contains("beyond"));
    let long = Scale::read(&format!("a\n1\n{}\n", "y".repeat(1 << 20))).unwrap_err();
    assert!(long.to_string().len() < 200, "a long line is not repeated");
}

#[test]
fn whatever_is_in_a_file_no_key_has_a_frequency_that_is_none() {
    let mut random = Random::new(31);
    let parts = [
        "!", "\n", " ", "7", "12", "0", "x", "3/2", "100.0", "-1", "69", "440.0", "127", "60", "\u{feff}",
        "é",
    ];
    for _ in 0..20_000 {
        let text: String = (0..random.below(40))
            .map(|_| [parts[random.below(parts.len())], "\n"][random.below(2)])
            .collect();
        let (scale, keyboard) = (Scale::read(&text).ok(), Keyboard::read(&text).ok());
        if let Ok(tuning) = Tuning::of(scale.as_ref(), keyboard.as_ref()) {
            assert!(tuning.0.iter().all(|hz| hz.is_finite() && *hz >= 0.0), "{text:?}");
        }
    }
}
