//! Channels that a rendering sets: places in the plugin's bank, and the parameters' events.

use anyhow::{Result, ensure};

use super::options::SetChannel;
use crate::host::{self, EventBody};
use crate::session::{self, Channel, Session};

/// Gives each channel of `set` a slot of the bank whose range holds all its values. What is set at
/// the very beginning belongs to the session, the rest becomes parameter events.
pub(super) fn add_channels(
    session: &mut Session,
    set: &[SetChannel],
    rate: f64,
) -> Result<Vec<(u64, EventBody)>> {
    let mut set: Vec<&SetChannel> = set.iter().collect();
    set.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let frame = |set: &SetChannel| (set.seconds * rate).round() as u64;
    let mut names: Vec<&str> = Vec::new();
    for channel in &set {
        if !names.contains(&channel.name.as_str()) {
            names.push(&channel.name);
        }
    }
    let mut events = Vec::new();
    for name in names {
        let own: Vec<&SetChannel> = set.iter().copied().filter(|channel| channel.name == name).collect();
        let values = || own.iter().map(|channel| channel.value);
        let mut channel = Channel {
            name: name.to_owned(),
            min: values().fold(f64::INFINITY, f64::min),
            max: values().fold(f64::NEG_INFINITY, f64::max),
            value: own.iter().rev().find(|channel| frame(channel) == 0).map(|channel| channel.value),
            position: 0.0,
        };
        let later: Vec<_> = own.iter().filter(|channel| frame(channel) > 0).collect();
        channel.position = match (channel.value, later.first()) {
            (Some(value), _) => channel.position_of(value),
            // The parameter has to move to be noticed: it begins elsewhere.
            (None, Some(first)) if channel.position_of(first.value) == 0.0 => 1.0,
            (None, _) => 0.0,
        };
        let id = host::param_id(&session::slot_param(session.channels.len()));
        events.extend(
            later
                .iter()
                .map(|set| (frame(set), EventBody::Param { id, value: channel.position_of(set.value) })),
        );
        ensure!(session.channels.len() < session::SLOTS, "more than {} channels are set", session::SLOTS);
        session.channels.push(channel);
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> SetChannel {
        text.parse().unwrap()
    }

    fn channels(set: &[SetChannel]) -> (Vec<Channel>, Vec<(u64, EventBody)>) {
        let mut session = Session::from_csd("a.csd", "");
        let events = add_channels(&mut session, set, 1000.0).unwrap();
        (session.channels, events)
    }

    #[test]
    fn a_value_at_the_beginning_belongs_to_the_session() {
        let (channels, events) = channels(&[set("a=440"), set("b=2")]);
        assert_eq!(events, []);
        assert_eq!(channels[0].value, Some(440.0));
        assert_eq!((channels[1].name.as_str(), channels[1].value), ("b", Some(2.0)));
    }

    #[test]
    fn later_values_are_parameter_events_in_the_range_of_all() {
        let (channels, events) = channels(&[set("a=300@2"), set("b=7@0.5"), set("a=100"), set("a=200@1")]);
        assert_eq!((channels[0].min, channels[0].max, channels[0].position), (100.0, 300.0, 0.0));
        let (a, b) = (host::param_id("c001"), host::param_id("c002"));
        assert_eq!(
            events,
            [
                (1000, EventBody::Param { id: a, value: 0.5 }),
                (2000, EventBody::Param { id: a, value: 1.0 }),
                (500, EventBody::Param { id: b, value: 0.0 }),
            ]
        );
        // A parameter that is told to stay where it is would not be noticed.
        assert_eq!(channels[1].position, 1.0);
        assert_eq!((channels[1].min, channels[1].max, channels[1].value), (7.0, 7.0, None));
    }
}
