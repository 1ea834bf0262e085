use super::*;
use crate::range::ScaleKind;

#[test]
fn what_is_fixed_stays_where_it_is_with_its_range_and_gets_values_by_name() {
    let range = |most| Range::new(Scale::new(ScaleKind::Linear, 0.0, most), 0.0);
    let bank =
        ChannelBank::fixed(vec![("cutoff".to_owned(), range(100.0)), ("width".to_owned(), range(2.0))]);
    let names = |bank: &ChannelBank| bank.names()[..PARAMETERS].iter().flatten().cloned().collect::<Vec<_>>();
    // The piece knows another range, and channels that the export does not have.
    bank.adopt(&[("new".to_owned(), range(5.0)), ("cutoff".to_owned(), range(9.0))]);
    assert_eq!(names(&bank), ["cutoff", "width"]);
    assert_eq!(bank.channel(0).unwrap().1.scale.maximum(), 100.0);
    assert_eq!(bank.channel(PARAMETERS).unwrap().0, "new");
    // A session of another plugin has its channels elsewhere.
    bank.restore(&[saved(3, "width", Some(1.5)), saved(1, "other", Some(7.0)), saved(2, "cutoff", None)]);
    assert_eq!(names(&bank), ["cutoff", "width"]);
    assert_eq!((bank.value(0), bank.value(1), bank.value(PARAMETERS)), (None, Some(1.5), Some(7.0)));
    bank.moved_to(1, 0.25);
    assert_eq!(bank.value(1), Some(0.5));
    let saved_by_itself = bank.save();
    bank.restore(&saved_by_itself);
    assert_eq!(bank.save(), saved_by_itself);
}

fn saved(place: usize, name: &str, value: Option<f64>) -> SavedChannel {
    SavedChannel {
        place,
        name: name.into(),
        min: 20.0,
        max: 2020.0,
        skew: 1.0,
        step: 0.0,
        kind: ScaleKind::Linear,
        from_piece: false,
        unit: None,
        value,
    }
}

fn moved(bank: &ChannelBank) -> Vec<(usize, f64)> {
    let mut moved = Vec::new();
    bank.take_moved(|index, value| moved.push((index, value)));
    moved
}

#[test]
fn a_moved_parameter_gives_its_channels_value_once() {
    let bank = ChannelBank::default();
    bank.restore(&[saved(3, "cutoff", None)]);
    assert_eq!(moved(&bank), []);
    bank.moved_to(2, 0.5);
    bank.moved_to(127, 1.0);
    assert_eq!(moved(&bank), [(2, 1020.0), (127, 1.0)]);
    assert_eq!(moved(&bank), []);
}

#[test]
fn what_was_not_touched_is_not_saved_as_a_value() {
    let bank = ChannelBank::default();
    bank.restore(&[saved(1, "a", None), saved(2, "b", Some(440.000_000_1))]);
    assert_eq!(bank.values(), [("b".to_owned(), 440.000_000_1)]);
    assert_eq!(bank.save(), [saved(1, "a", None), saved(2, "b", Some(440.000_000_1))]);
    bank.moved_to(0, 0.0);
    assert_eq!(bank.values().len(), 2);
}

#[test]
fn restoring_forgets_what_moved_before() {
    let bank = ChannelBank::default();
    bank.moved_to(5, 0.7);
    bank.restore(&[]);
    assert_eq!(moved(&bank), []);
}

#[test]
fn the_text_of_a_place_is_its_channels_and_is_parsed_back() {
    let bank = ChannelBank::default();
    bank.restore(&[saved(1, "cutoff", None)]);
    assert_eq!(bank.text(0, 0.5), "cutoff 1020");
    assert_eq!(bank.position(0, "cutoff 1020"), Some(0.5));
    assert_eq!(bank.position(0, "1020"), Some(0.5));
    assert_eq!(bank.position(0, "99999"), Some(1.0));
    assert_eq!(bank.position(0, "much"), None);
    assert_eq!(bank.text(1, 0.25), "0.2500");
}

#[test]
fn places_out_of_the_bank_are_ignored() {
    let bank = ChannelBank::default();
    bank.restore(&[saved(0, "a", None), saved(CHANNELS + 1, "b", None)]);
    assert_eq!(bank.save(), []);
}

#[test]
fn a_range_follows_the_piece_unless_it_was_edited() {
    let bank = ChannelBank::default();
    let range = |maximum: f64| Range::new(Scale::new(ScaleKind::Linear, 0.0, maximum), 0.0);
    bank.adopt(&[("a".into(), range(10.0))]);
    bank.adopt(&[("b".into(), range(1.0)), ("a".into(), range(20.0))]);
    assert_eq!(bank.channel(0).unwrap().1.scale.maximum(), 20.0);
    assert_eq!(bank.channel(1).unwrap().0, "b");
    bank.restore(&[saved(1, "a", None)]);
    bank.adopt(&[("a".into(), range(10.0))]);
    assert_eq!(bank.channel(0).unwrap().1.scale.maximum(), 2020.0);
}

fn edited(minimum: f64, maximum: f64, unit: &str) -> EditedRange {
    EditedRange::new(minimum, maximum, 0.0, unit).unwrap()
}

fn at(_: usize, position: f64) -> f32 {
    position as f32
}

#[test]
fn a_users_range_goes_before_the_pieces_and_is_given_back() {
    let bank = ChannelBank::default();
    let range = |maximum: f64| Range {
        unit: "Hz".into(),
        ..Range::new(Scale::new(ScaleKind::Linear, 0.0, maximum), 5.0)
    };
    let offer = |maximum: f64| bank.adopt(&[("a".to_owned(), range(maximum))]);
    offer(10.0);
    assert_eq!(bank.edit_range("a", Some(&edited(0.0, 100.0, "Hz")), at), Ok((0, None)), "it begins in it");
    assert_eq!(bank.value(0), None, "and the piece's beginning stands");
    assert_eq!(bank.edit_range("a", Some(&edited(10.0, 100.0, "st")), at), Ok((0, Some(0.0))));
    assert_eq!((bank.value(0), moved(&bank)), (Some(10.0), vec![(0, 10.0)]));
    bank.moved_to(0, 0.5);
    assert_eq!(bank.value(0), Some(55.0));
    assert_eq!(bank.change_range("a", &range(20.0), at), None, "the piece's are not taken");
    assert_eq!((bank.text(0, 1.0), bank.own_ranges()[&0].scale.maximum()), ("a 100 st".into(), 20.0));
    offer(40.0);
    assert_eq!((bank.text(0, 1.0), bank.own_ranges()[&0].scale.maximum()), ("a 100 st".into(), 40.0));
    let (at_end, value) = (bank.edit_range("a", None, at), bank.value(0));
    assert_eq!((at_end, value), (Ok((0, Some(1.0))), Some(40.0)));
    assert_eq!((bank.text(0, 1.0), bank.own_ranges().len()), ("a 40 Hz".into(), 0));
    assert!(bank.change_range("a", &range(80.0), at).is_some(), "they are again");
    bank.edit_range("a", Some(&edited(0.0, 80.0, "Hz")), at).unwrap();
    assert!(bank.own_ranges().is_empty(), "what is as the piece says is the piece's");
    bank.edit_range("a", Some(&edited(1.0, 2.0, "Hz")), at).unwrap();
    bank.forget_values();
    assert_eq!((bank.text(0, 1.0), bank.own_ranges().len()), ("a 80 Hz".into(), 0), "another piece");
}

#[test]
fn what_was_edited_is_saved_with_its_unit_and_follows_the_pieces_unit_where_that_was_not() {
    let bank = ChannelBank::default();
    let named = |name: &str, unit: &str| (name.to_owned(), Range { unit: unit.into(), ..Range::default() });
    let mut offered = many('c', 200);
    offered[0] = named("c0", "Hz");
    offered[1] = named("c1", "Hz");
    bank.adopt(&offered);
    for (name, unit) in [("c0", "Hz"), ("c1", "st"), ("c199", "x")] {
        bank.edit_range(name, Some(&edited(-1.0, 1.0, unit)), at).unwrap();
    }
    let saved = bank.save();
    let units: Vec<_> = saved.iter().filter(|saved| !saved.from_piece).map(|saved| &saved.unit).collect();
    assert_eq!(
        units,
        [&None, &Some("st".to_owned()), &Some("x".to_owned())],
        "also without a value or a parameter"
    );
    let again = ChannelBank::default();
    again.restore(&saved);
    let shown = |index: usize| again.channel(index).map(|(_, range)| range.text(1.0)).unwrap();
    assert_eq!([shown(1), shown(199)], ["1 st", "1 x"], "before the piece is known");
    let mut wrong = saved.clone();
    for (channel, unit) in wrong.iter_mut().zip(["long ".repeat(1 << 16), "two\nlines".into()]) {
        channel.unit = Some(unit);
    }
    let careful = ChannelBank::default();
    careful.restore(&wrong);
    assert_eq!(
        [0, 1].map(|index| careful.channel(index).unwrap().1.unit),
        ["", ""],
        "a session may say anything"
    );
    offered[0] = named("c0", "kHz");
    again.adopt(&offered);
    assert_eq!([shown(0), shown(1), shown(199)], ["1 kHz", "1 st", "1 x"]);
    assert_eq!(again.own_ranges().into_keys().collect::<Vec<_>>(), [0, 1, 199]);
}

#[test]
fn a_channel_that_begins_beyond_its_users_range_goes_into_it_and_one_that_becomes_a_choice_has_its_items() {
    let bank = ChannelBank::default();
    let range = |default: f64| Range::new(Scale::new(ScaleKind::Linear, 0.0, 10.0), default);
    bank.adopt(&[("a".to_owned(), range(5.0)), ("b".to_owned(), range(5.0))]);
    bank.edit_range("a", Some(&edited(4.0, 6.0, "")), at).unwrap();
    bank.edit_range("b", Some(&edited(4.0, 6.0, "")), at).unwrap();
    assert_eq!(bank.bring_into_edited(at), []);
    let choice = Range::choice(vec!["one".into(), "two".into()], 0.0, 0.0).unwrap();
    bank.adopt(&[("a".to_owned(), range(9.0)), ("b".to_owned(), choice.clone())]);
    assert_eq!(bank.bring_into_edited(at), [(0, 1.0)]);
    assert_eq!((bank.value(0), bank.channel(1)), (Some(6.0), Some(("b".to_owned(), choice))));
    assert_eq!(bank.edit_range("b", Some(&edited(0.0, 1.0, "")), at), Err(NotEditable::Choice));
    assert_eq!(bank.edit_range("c", None, at), Err(NotEditable::Unknown));
    let fixed = ChannelBank::fixed(vec![("a".to_owned(), range(5.0))]);
    assert_eq!(fixed.edit_range("a", None, at), Err(NotEditable::Fixed));
    assert!(fixed.own_ranges().is_empty());
}

fn many(letter: char, count: usize) -> Vec<(String, Range)> {
    (0..count).map(|number| (format!("{letter}{number}"), Range::default())).collect()
}

#[test]
fn channels_beyond_the_parameters_are_set_by_name_and_saved_once_they_are() {
    let bank = ChannelBank::default();
    bank.adopt(&many('c', 300));
    assert_eq!(bank.names()[127].as_deref(), Some("c127"));
    assert_eq!(bank.save().len(), PARAMETERS);
    assert!(bank.set("c200", 0.25));
    assert!(!bank.set("c1", 0.25), "the host would not learn of it");
    assert!(!bank.set("c200", f64::NAN) && !bank.set("none", 1.0));
    assert_eq!(moved(&bank), [(200, 0.25)]);
    let saved = bank.save();
    assert_eq!((saved[PARAMETERS].name.as_str(), saved[PARAMETERS].value), ("c200", Some(0.25)));
    let again = ChannelBank::default();
    again.restore(&saved);
    again.adopt(&many('c', 300));
    assert_eq!(again.values(), [("c200".to_owned(), 0.25)]);
    assert_eq!(again.present().len(), 300);
}

#[test]
fn another_piece_shows_its_own_channels_and_takes_places_that_no_parameter_drives() {
    let bank = ChannelBank::default();
    bank.adopt(&many('c', CHANNELS));
    bank.set("c128", 0.5);
    bank.adopt(&many('d', 2));
    let present: Vec<_> = bank.present().into_iter().map(|(index, name, _)| (index, name)).collect();
    assert_eq!(present, [(PARAMETERS, "d0".to_owned()), (PARAMETERS + 1, "d1".to_owned())]);
    assert_eq!(bank.value(PARAMETERS), None, "it was another channel's");
    assert_eq!(bank.names()[0].as_deref(), Some("c0"), "what a host may automate stays");
}

#[test]
fn what_moves_while_an_engine_is_built_moves_again_once_it_performs() {
    let bank = ChannelBank::default();
    bank.moved_to(1, 0.25);
    assert_eq!(moved(&bank), [(1, 0.25)]);
    bank.starting_values();
    bank.moved_to(2, 0.5);
    assert_eq!(moved(&bank), [(2, 0.5)], "the engine before it hears of it");
    bank.move_again();
    assert_eq!(moved(&bank), [(2, 0.5)]);
    bank.starting_values();
    bank.move_again();
    assert_eq!(moved(&bank), []);
}

#[test]
fn a_preset_sets_values_to_the_last_bit_whatever_a_parameter_holds_and_takes_them_back() {
    let bank = ChannelBank::default();
    let range = Range::new(Scale::new(ScaleKind::Exponential, 20.0, 20_000.0), 440.0);
    bank.adopt(&[("cutoff".to_owned(), range.clone()), ("width".to_owned(), range.clone())]);
    let exact = 1_234.567_890_123_456_7;
    let f32s = |_, position: f64| position as f32;
    let positions = bank.set_as_preset(&[(0, Some(exact)), (1, None), (CHANNELS, Some(1.0))], f32s);
    assert_eq!(positions.len(), 1, "what stands where the piece begins is left alone");
    assert_ne!(range.to_value(f64::from(positions[0].1)), exact, "the parameter alone would round it");
    let moved = |bank: &ChannelBank| {
        let mut moved = Vec::new();
        bank.take_moved(|place, value| moved.push((place, value)));
        moved
    };
    assert_eq!(moved(&bank), [(0, exact)]);
    // The host says it, too, and may say it again.
    for _ in 0..2 {
        bank.moved_to(0, positions[0].1);
        assert_eq!((bank.value(0), moved(&bank)), (Some(exact), vec![(0, exact)]));
    }
    // Another value of the host's is the host's.
    bank.moved_to(0, 0.5);
    assert_eq!(bank.value(0), Some(range.to_value(0.5)));
    bank.moved_to(0, positions[0].1);
    assert_ne!(bank.value(0), Some(exact));
    moved(&bank);
    // Back to where the piece begins.
    let positions = bank.set_as_preset(&[(0, None)], f32s);
    assert_eq!((bank.value(0), moved(&bank)), (None, vec![(0, 440.0)]));
    bank.moved_to(0, positions[0].1);
    assert_eq!(bank.value(0), None, "what the host says of it sets nothing");
}
