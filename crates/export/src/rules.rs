//! What holds in every manifest.

use std::collections::BTreeSet;

use crate::error::ManifestError;
use crate::ids::LAST_KEY;
use crate::manifest::{Buses, Manifest, Parameter, RangeKind, ValueRange};

/// The most parameters of a plugin.
pub const MOST_PARAMETERS: usize = 128;

/// The most names that a channel had before.
const MOST_FORMER: usize = 64;

/// The most items of a choice.
pub const MOST_ITEMS: usize = 10_000;

/// The longest text of a manifest, in bytes.
pub const LONGEST_TEXT: usize = 1000;

/// The most buses either way, and the most channels of one.
const MOST_BUSES: usize = 8;
const MOST_CHANNELS: u32 = 16;

/// The most words for what a plugin is, and the longest id, in bytes.
const MOST_FEATURES: usize = 32;
const LONGEST_ID: usize = 128;

type Result = std::result::Result<(), ManifestError>;

fn ensure(is_so: bool, what: &str, why: impl Fn() -> String) -> Result {
    if is_so { Ok(()) } else { Err(ManifestError::wrong(what, why())) }
}

/// Holds a manifest to all rules.
pub(crate) fn check(manifest: &Manifest) -> Result {
    name(&manifest.name)?;
    for (what, text) in [
        ("vendor", &manifest.vendor),
        ("version", &manifest.version),
        ("url", &manifest.url),
        ("description", &manifest.description),
    ] {
        is_text(what, text)?;
    }
    id(&manifest.id)?;
    features(&manifest.features)?;
    piece(&manifest.piece)?;
    buses(manifest.buses.as_ref())?;
    parameters(manifest)
}

fn name(name: &str) -> Result {
    is_text("name", name)?;
    ensure(!name.trim().is_empty(), "name", || "it is blank: give the plugin one".into())
}

fn is_text(what: &str, text: &str) -> Result {
    ensure(text.len() <= LONGEST_TEXT, what, || format!("it is longer than {LONGEST_TEXT} bytes"))?;
    ensure(!text.contains(char::is_control), what, || "there are control characters in it".into())
}

fn id(id: &str) -> Result {
    let is_sound = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    ensure(is_sound && (1..=LONGEST_ID).contains(&id.len()), "id", || {
        format!(
            "it is made of 1 to {LONGEST_ID} letters, digits, '.', '-' and '_', such as org.example.bells"
        )
    })?;
    ensure(!id.starts_with("csound-performer."), "id", || {
        "those of Csound Performer's own plugins begin with csound-performer.".into()
    })
}

fn features(features: &[String]) -> Result {
    ensure(features.len() <= MOST_FEATURES, "features", || format!("there are more than {MOST_FEATURES}"))?;
    for feature in features {
        let is_sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_word = (1..=64).contains(&feature.len()) && feature.bytes().all(is_sound);
        ensure(is_word, "features", || {
            format!("{feature:?} is no feature, which is small letters, digits and '-', such as synthesizer")
        })?;
    }
    Ok(())
}

/// A path below the manifest's folder, which means the same on every system.
fn piece(path: &str) -> Result {
    is_text("piece", path)?;
    let is_name = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':']);
    ensure(path.split('/').all(is_name), "piece", || {
        "it is a file below the manifest's folder, such as bells.csd or pieces/bells.csd".into()
    })
}

fn buses(buses: Option<&Buses>) -> Result {
    let Some(Buses { inputs, outputs }) = buses else { return Ok(()) };
    ensure(inputs.len() <= MOST_BUSES && (1..=MOST_BUSES).contains(&outputs.len()), "buses", || {
        format!("there are 1 to {MOST_BUSES} outputs and at most {MOST_BUSES} inputs")
    })?;
    let is_width = |channels: &u32| (1..=MOST_CHANNELS).contains(channels);
    ensure(inputs.iter().chain(outputs).all(is_width), "buses", || {
        format!("each has 1 to {MOST_CHANNELS} channels")
    })
}

fn parameters(manifest: &Manifest) -> Result {
    let Manifest { parameters, retired, .. } = manifest;
    ensure(parameters.len() <= MOST_PARAMETERS, "parameters", || {
        format!("there are {}, of at most {MOST_PARAMETERS}", parameters.len())
    })?;
    let (mut keys, mut channels) = (BTreeSet::new(), BTreeSet::new());
    let mut is_new = |what: &str, key: u16, channel: &str| {
        ensure((1..=LAST_KEY).contains(&key), what, || format!("its key is {key}, of 1 to {LAST_KEY}"))?;
        ensure(keys.insert(key), what, || format!("its key is {key}, which another one has"))?;
        is_text(what, channel)?;
        ensure(!channel.is_empty(), what, || "it has no channel".into())?;
        ensure(channels.insert(channel.to_owned()), what, || "its channel is another one's, too".into())
    };
    for (index, parameter) in parameters.iter().enumerate() {
        let what = format!("parameter {} ({})", index + 1, parameter.channel);
        is_new(&what, parameter.key, &parameter.channel)?;
        ensure(parameter.former.len() <= MOST_FORMER, &what, || {
            format!("it has more than {MOST_FORMER} former names")
        })?;
        texts(&what, parameter)?;
        range(&what, &parameter.range)?;
    }
    for (index, retired) in retired.iter().enumerate() {
        is_new(
            &format!("retired parameter {} ({})", index + 1, retired.channel),
            retired.key,
            &retired.channel,
        )?;
    }
    for parameter in parameters {
        let what = format!("the former names of {}", parameter.channel);
        for name in &parameter.former {
            is_text(&what, name)?;
            ensure(channels.insert(name.clone()), &what, || format!("{name} is another one's name, too"))?;
        }
    }
    Ok(())
}

fn texts(what: &str, parameter: &Parameter) -> Result {
    let range = &parameter.range;
    for text in [&parameter.name, &parameter.module, &range.prefix, &range.unit] {
        is_text(what, text)?;
    }
    Ok(())
}

fn range(what: &str, range: &ValueRange) -> Result {
    let ValueRange { kind, min, max, default, skew, step, items, .. } = range;
    let wrong = |is_so: bool, why: &str| ensure(is_so, what, || format!("its range: {why}"));
    let is_choice = *kind == RangeKind::Items;
    wrong([min, max, default, skew, step].iter().all(|number| number.is_finite()), "a number is not finite")?;
    let is_single = is_choice && min == max;
    wrong((min < max && (max - min).is_finite()) || is_single, "the least value is not below the greatest")?;
    wrong((min..=max).contains(&default), "the default is not between the ends")?;
    wrong(*skew > 0.0, "the skew is not above 0")?;
    wrong(*step >= 0.0 && *step <= max - min, "the step is not from 0 to the span")?;
    wrong(*kind != RangeKind::Exponential || *min > 0.0, "even ratios begin above 0")?;
    let whole = matches!(kind, RangeKind::Integer | RangeKind::Items);
    wrong(!whole || (min.fract() == 0.0 && max.fract() == 0.0), "the ends are no whole numbers")?;
    wrong(items.len() <= MOST_ITEMS, "there are too many items")?;
    wrong(items.is_empty() || is_choice, "only a choice has items")?;
    wrong(!is_choice || items.len() as f64 == max - min + 1.0, "there is not one item for each value")?;
    items.iter().try_for_each(|item| is_text(what, item))
}
