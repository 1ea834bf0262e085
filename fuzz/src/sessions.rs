//! Readers of what a host gives: a saved session, a section of a piece for its controls, MIDI; and of the manifest
//! that lies beside an exported plugin, which a host that scans has read.

use std::collections::BTreeSet;

use csound_export::{Manifest, ManifestError, class_id, numeric_id};
use csound_performer::identity::Exported;
use csound_performer::plugin::audio::remote_control::{Remote, RemoteControl, SLOTS};
use csound_performer::plugin::channels::bank::ChannelBank;
use csound_performer::plugin::channels::cabbage::parse;
use csound_performer::plugin::params::PerformerParams;
use csound_performer::plugin::presets::fit::{Fitted, between};
use csound_performer::plugin::presets::preset::Preset;
use csound_performer::plugin::presets::snaps;
use csound_performer::plugin::session::Session;
use csound_performer::plugin::slots::event_slots::EventSlots;
use csound_performer::plugin::slots::learning::Learning;
use csound_performer::range::{Range, Scale, ScaleKind};
use csound_performer::tuning::{Keyboard, Scale as Scala, Tuning, text_of};

/// A `<Cabbage>` section.
pub fn cabbage(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = parse(&text);
    for (index, widget) in found.widgets.iter().enumerate() {
        let _ = (found.place(index), widget.text_channel());
        let _ = (widget.colour("colour"), widget.number("alpha"), widget.words("align"));
        let _ = widget.controls();
    }
    let controls = found.controls();
    for (at, control) in controls.iter().enumerate() {
        assert!(controls[..at].iter().all(|other| other.channel != control.channel), "{control:?} twice");
        assert_range(&control.range);
    }
}

/// Whatever a range is made from, its values lie within its ends.
fn assert_range(range: &Range) {
    let (minimum, maximum) = (range.scale.minimum(), range.scale.maximum());
    assert!(minimum <= maximum && (maximum - minimum).is_finite(), "{range:?}");
    let within = minimum..=maximum;
    assert!(within.contains(&range.default), "{range:?}");
    for position in [0.0, 0.3, 0.5, 1.0, f64::NAN] {
        let value = range.to_value(position);
        assert!(within.contains(&value), "{value} at {position} of {range:?}");
        assert!((0.0..=1.0).contains(&range.to_normalized(value)), "{value} of {range:?}");
        let text = range.text(value);
        assert!(range.parse(&text).is_none_or(|value| !value.is_nan()), "{text:?} of {range:?}");
    }
}

/// The plugin's saved state.
pub fn session(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(session) = Session::read(&text) else { return };
    let again = Session::read(&session.write()).expect("what was written can be read");
    assert_eq!(again, session);
    for piece in [&session.piece, &session.last_good].into_iter().flatten() {
        let _ = (piece.piece(), piece.path());
    }
    let _ = session.reloads_by_itself();
    restore(&session);
}

/// What an instance does with it.
fn restore(session: &Session) {
    let (bank, learning, slots) = (ChannelBank::default(), Learning::default(), EventSlots::default());
    bank.restore(&session.channels);
    let saved = bank.save();
    bank.restore(&saved);
    assert_eq!(bank.save(), saved);
    for (slot, name, range) in bank.present() {
        assert_range(&range);
        let text = bank.text(slot, 0.5);
        let position = bank.position(slot, &text);
        assert!(position.is_none_or(|position| (0.0..=1.0).contains(&position)), "{name}: {text}");
    }
    learning.restore(&session.triggers);
    let learned = learning.save();
    learning.restore(&learned);
    assert_eq!(learning.save(), learned);
    let _ = slots.restore(&session.events);
}

/// A file of a tuning, as either kind and as both.
pub fn tuning(bytes: &[u8]) {
    let text = text_of(bytes.to_vec());
    let (scale, keyboard) = (Scala::read(&text), Keyboard::read(&text));
    for error in scale.as_ref().err().into_iter().chain(keyboard.as_ref().err()) {
        assert!(error.line.is_none_or(|line| line <= text.lines().count() + 1), "{error}");
        assert!(!error.reason.is_empty() && error.reason.len() < 1000, "{error}");
    }
    let (scale, keyboard) = (scale.ok(), keyboard.ok());
    for (scale, keyboard) in [(&scale, &None), (&None, &keyboard), (&scale, &keyboard)] {
        if let Ok(tuning) = Tuning::of(scale.as_ref(), keyboard.as_ref()) {
            assert!(tuning.0.iter().all(|frequency| frequency.is_finite() && *frequency >= 0.0));
        }
    }
}

/// A preset's file, of ours or of Cabbage's.
pub fn preset(bytes: &[u8]) {
    let ours = Preset::read(bytes).into_iter();
    let presets = ours.chain(snaps::read(bytes, "file").unwrap_or_default());
    let scale = Scale::new(ScaleKind::Exponential, 20.0, 20_000.0);
    let numbers = [(0, "cutoff".to_owned(), Range::new(scale, 440.0))];
    for preset in presets {
        let again = Preset::read(&preset.write().expect("it can be written")).expect("and be read");
        assert_eq!(again, preset);
        let fitted = Fitted::of(&preset, &numbers, &[("words".to_owned(), String::new())]);
        let value = fitted.numbers.first().and_then(|(_, value)| *value);
        assert!(value.is_none_or(|value| (20.0..=20_000.0).contains(&value)), "{value:?}");
        let between = between(&preset, &again, 0.5, &numbers);
        assert_eq!(between, preset, "between two that are alike");
    }
}

/// MIDI messages, each behind its length, after the remote channel.
pub fn remote_control(bytes: &[u8]) {
    let Some((channel, mut rest)) = bytes.split_first() else { return };
    let mut remote = RemoteControl::default();
    remote.set_channel(Some(*channel));
    while let Some((length, after)) = rest.split_first() {
        let (message, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        let before = remote.malformed();
        match remote.message(message) {
            Some(Remote::Locate(seconds)) => assert!((0.0..86_400.0).contains(&seconds), "{seconds} s"),
            Some(Remote::OffsetPercent(percent)) => assert!((0.0..=100.0).contains(&percent), "{percent} %"),
            Some(Remote::Slot(slot)) => assert!(slot < usize::from(SLOTS)),
            Some(Remote::Line(line)) => {
                assert!(
                    !line.as_str().is_empty() && !line.as_str().contains(|next| !(' '..='~').contains(&next))
                );
            }
            Some(_) => {}
            None => continue,
        }
        assert_eq!(remote.malformed(), before, "a message that asks for something is whole");
    }
}

/// The manifest of an exported plugin.
pub fn manifest(bytes: &[u8]) {
    let Ok(manifest) = Manifest::read(bytes) else { return };
    match manifest.write() {
        Ok(text) => {
            let again = Manifest::read(text.as_bytes()).expect("what was written can be read");
            assert_eq!(again, manifest);
        }
        // It is written with more blanks than it was read with.
        Err(error) => assert!(matches!(error, ManifestError::TooLong), "{error}"),
    }
    assert_eq!(manifest.class_id(), class_id(&manifest.id));
    let exported = Exported::new(manifest, "/nowhere".into());
    let mut numbers = BTreeSet::new();
    for ((parameter, steps), (channel, range)) in exported.parameters().zip(&exported.channels) {
        assert_range(range);
        assert!(steps.is_none_or(|steps| (1..=1000).contains(&steps)), "{steps:?} of {range:?}");
        let id = parameter.id();
        assert!(numbers.insert(numeric_id(&id)), "{id} twice");
        assert!(PerformerParams::knows(Some(&exported), &id), "{id}");
        assert!(exported.range_of(numeric_id(&id)).is_some(), "{id}");
        assert!(!parameter.shown_name().is_empty() && !channel.is_empty());
        let module = parameter.shown_module();
        assert!(module.is_empty() || module.split('/').all(|part| !part.trim().is_empty()), "{module:?}");
    }
    assert!(exported.piece().is_err(), "there is nothing there");
    let bank = ChannelBank::fixed(exported.channels.clone());
    bank.adopt(&exported.channels);
    let named: Vec<_> = bank.names().into_iter().flatten().collect();
    assert!(named.iter().eq(exported.channels.iter().map(|(name, _)| name)), "{named:?}");
}
