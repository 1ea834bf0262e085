//! The parameters of an export: the channels that the piece offers, under their own names.

use csound_export::{
    Before, LONGEST_TEXT, MOST_ITEMS, MOST_PARAMETERS, Parameter, RangeKind, Retired, ValueRange, assign,
};
use csound_performance::Piece;

use crate::plugin::channels::groups::groups;
use crate::plugin::channels::offered::Offered;
use crate::plugin::channels::wiring::text_of;
use crate::range::{Range, ScaleKind};

/// The parameters, and what is retired.
pub(super) struct Found {
    pub parameters: Vec<Parameter>,
    pub retired: Vec<Retired>,
    /// Channels of the last export that the piece has no more, and those that no export had, before any was said to be
    /// another under a new name.
    pub gone: Vec<String>,
    pub new: Vec<String>,
}

/// The parameters of a piece, some of whose channels have new names (the old one first). What is not taken is told.
pub(super) fn of(
    piece: &Piece,
    offered: &Offered,
    before: &Before,
    renames: &[(String, String)],
    tell: &mut dyn FnMut(String),
) -> Result<Found, String> {
    // What the user selects on a picture of a sound is more exact than parameters are.
    let inputs = offered.inputs.iter().filter(|(name, _)| !offered.quiet.contains(name));
    let (taken, left): (Vec<_>, Vec<_>) = inputs.partition(|(name, _)| is_plain(name));
    for (name, _) in left {
        tell(format!(
            "the channel {name:?} gets no parameter: its name is too long, or has control characters"
        ));
    }
    let too_many: Vec<_> = taken.iter().skip(MOST_PARAMETERS).map(|(name, _)| name.as_str()).collect();
    match too_many[..] {
        [] => {}
        [one] => tell(format!("the channel {one} gets no parameter: a plugin has at most {MOST_PARAMETERS}")),
        _ => tell(format!(
            "{} channels get no parameter, since a plugin has at most {MOST_PARAMETERS}: {}",
            too_many.len(),
            too_many.join(", ")
        )),
    }
    let taken: Vec<_> = taken.into_iter().take(MOST_PARAMETERS).collect();
    let names: Vec<_> = taken.iter().map(|(name, _)| name.as_str()).collect();
    let (gone, new) = before.gone_and_new(&names);
    let mut before = before.clone();
    for (old, name) in renames {
        before.rename(old, name, &names).map_err(|error| error.to_string())?;
    }
    tell_of_new_names(&before.gone_and_new(&names), tell);
    let (keys, retired) = assign(&names, &before.keys).map_err(|error| error.to_string())?;
    let groups = groups(text_of(piece));
    let parameters = taken.iter().zip(keys).map(|((channel, range), key)| Parameter {
        key,
        channel: channel.clone(),
        name: String::new(),
        former: before.former_of(channel, &names),
        module: groups.get(channel).map(|group| plain(group)).unwrap_or_default(),
        range: value_range(range),
    });
    let parameters = parameters.collect();
    Ok(Found { parameters, retired, gone, new })
}

/// Tells of channels that may be others under new names: nobody but the user can know.
fn tell_of_new_names((gone, new): &(Vec<String>, Vec<String>), tell: &mut dyn FnMut(String)) {
    let (Some(old), Some(name)) = (gone.first(), new.first()) else { return };
    tell(format!(
        "the last export had a parameter for {}, and this one has new ones for {}. Automation of what is gone has no effect \
         any more. A channel that only has a new name keeps it if you say so: --rename {old}={name}",
        gone.join(", "),
        new.join(", ")
    ));
}

fn is_plain(text: &str) -> bool {
    text.len() <= LONGEST_TEXT && !text.contains(char::is_control)
}

/// A text that a manifest takes: what hosts cannot show is a space, what is too long is cut.
fn plain(text: &str) -> String {
    let mut plain: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.truncate(plain.floor_char_boundary(LONGEST_TEXT));
    plain
}

/// A channel's values as a manifest has them.
fn value_range(range: &Range) -> ValueRange {
    let scale = &range.scale;
    // More names than hosts can be given: the numbers stay.
    let is_choice = scale.kind() == ScaleKind::Items && range.items.len() <= MOST_ITEMS;
    let kind = match scale.kind() {
        ScaleKind::Linear => RangeKind::Linear,
        ScaleKind::Integer => RangeKind::Integer,
        ScaleKind::Exponential => RangeKind::Exponential,
        ScaleKind::Items if is_choice => RangeKind::Items,
        ScaleKind::Items => RangeKind::Integer,
    };
    // Whole numbers have their step by themselves.
    let has_step = matches!(kind, RangeKind::Linear | RangeKind::Exponential);
    let span = scale.maximum() - scale.minimum();
    ValueRange {
        kind,
        min: scale.minimum(),
        max: scale.maximum(),
        default: range.default,
        skew: scale.skew(),
        step: if has_step { scale.step().min(span) } else { 0.0 },
        prefix: plain(&range.prefix),
        unit: plain(&range.unit),
        items: if is_choice { range.items.iter().map(|item| plain(item)).collect() } else { Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Scale;

    #[test]
    fn a_range_comes_back_from_the_manifest_as_it_was() {
        let linear = |step| Scale::new(ScaleKind::Linear, 20.0, 20_000.0).with_skew(0.5).with_step(step);
        let mut unit = Range::new(linear(1.0), 1000.0);
        (unit.unit, unit.prefix) = ("Hz".into(), "~".into());
        let choice = Range::choice(vec!["saw".into(), "sine".into()], 1.0, 2.0).unwrap();
        let one = Range::choice(vec!["only".into()], 1.0, 1.0).unwrap();
        let integer = Range::new(Scale::new(ScaleKind::Integer, -2.0, 10.0), 3.0);
        let ratio = Range::new(Scale::new(ScaleKind::Exponential, 0.1, 10.0), 1.0);
        for range in [Range::default(), Range::new(linear(0.0), 20.0), unit, choice, one, integer, ratio] {
            assert_eq!(Range::from(&value_range(&range)), range);
        }
    }
}
