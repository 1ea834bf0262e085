//! Menus of hosts that mean well, and of others.

use super::*;

fn entry(label: &str, number: u32) -> HostItem {
    HostItem::Entry(HostEntry { label: label.into(), is_enabled: true, is_checked: None, number })
}

#[test]
fn a_menu_is_as_the_host_has_given_it() {
    let mut builder = Builder::default();
    assert!(builder.title("Cutoff") && builder.entry("Automate", true, None, 7));
    assert!(builder.separator() && builder.separator());
    assert!(builder.begin("Modulators", true) && builder.entry("LFO 1", false, Some(true), 8));
    assert!(builder.end() && !builder.end() && builder.separator());
    let lfo = HostEntry { label: "LFO 1".into(), is_enabled: false, is_checked: Some(true), number: 8 };
    let expected = vec![
        HostItem::Title("Cutoff".into()),
        entry("Automate", 7),
        HostItem::Separator,
        HostItem::Submenu { label: "Modulators".into(), is_enabled: true, items: vec![HostItem::Entry(lfo)] },
    ];
    assert_eq!(builder.finish(), expected);
}

/// The parts of a menu, and how deep it goes.
fn size(items: &[HostItem]) -> (usize, usize) {
    items.iter().fold((items.len(), 0), |(count, deepest), item| match item {
        HostItem::Submenu { items, .. } => {
            let (inner, deep) = size(items);
            (count + inner, deepest.max(deep + 1))
        }
        _ => (count, deepest),
    })
}

#[test]
fn no_menu_is_without_end() {
    let mut builder = Builder::default();
    let added = (0..100_000).filter(|number| builder.entry("again", true, None, *number)).count();
    assert_eq!(added, MOST);
    assert!(!builder.begin("more", true) && !builder.separator() && !builder.title("more"));
    assert_eq!(size(&builder.finish()), (MOST, 0));

    let mut builder = Builder::default();
    let begun = (0..100_000).filter(|_| builder.begin("deeper", true)).count();
    assert_eq!(begun, DEEPEST);
    assert!(!builder.entry("lost", true, None, 1), "it is in what was left out");
    assert_eq!(size(&builder.finish()), (DEEPEST, DEEPEST));
}

#[test]
fn what_is_in_a_submenu_that_is_left_out_does_not_come_after_it() {
    let mut builder = Builder::default();
    assert!(!builder.begin("\n", true) && !builder.begin("inner", true));
    assert!(!builder.entry("lost", true, None, 1));
    assert!(builder.end() && builder.end() && !builder.end());
    assert!(builder.entry("kept", true, None, 2));
    assert_eq!(builder.finish(), [entry("kept", 2)]);
}

#[test]
fn words_are_one_line_of_some_length_and_what_has_none_is_left_out() {
    let mut builder = Builder::default();
    for nothing in ["", "  ", "\n\t", "\0"] {
        assert!(!builder.entry(nothing, true, None, 0) && !builder.title(nothing));
    }
    assert!(builder.entry(" two\nlines ", true, None, 1) && builder.title(&"ö".repeat(100_000)));
    let long = format!("{}…", "ö".repeat(LONGEST - 1));
    assert_eq!(builder.finish(), [entry("two lines", 1), HostItem::Title(long)]);
    assert!(Builder::default().finish().is_empty());
}

#[test]
fn an_empty_submenu_cannot_be_opened() {
    let mut builder = Builder::default();
    assert!(builder.begin("nothing", true));
    let nothing = HostItem::Submenu { label: "nothing".into(), is_enabled: false, items: Vec::new() };
    assert_eq!(builder.finish(), [nothing]);
}
