//! Says what the audio thread could only count.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::Troubles;
use csound_performance::engine::ConsoleLine;

use crate::plugin::shared::link::Link;

/// The least time between two tellings.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What the console was told of already.
pub struct Told {
    troubles: Troubles,
    malformed: u64,
    told_at: Option<Instant>,
}

impl Told {
    /// All that was counted until now counts as told.
    pub fn of(link: &Link) -> Self {
        Self {
            troubles: link.shared.troubles(),
            malformed: link.malformed.load(Ordering::Relaxed),
            told_at: None,
        }
    }

    /// A line for each kind of which there is more; once a second, so that other lines can be found.
    pub fn news(&mut self, link: &Link) -> Vec<ConsoleLine> {
        if self.told_at.is_some_and(|then| then.elapsed() < TELL_EVERY) {
            return Vec::new();
        }
        let now = link.shared.troubles();
        let before = std::mem::replace(&mut self.troubles, now);
        let kinds = [
            (before.late_turns, now.late_turns, "gaps: the piece was not ready in time for a block"),
            (
                before.late_events,
                now.late_events,
                "score events came after their time: shortened, or dropped",
            ),
            (
                before.lengthened_events,
                now.lengthened_events,
                "score events were shorter than a k-cycle, which Csound does not survive in a sample-accurate \
                 piece: lengthened",
            ),
            (before.non_finite_samples, now.non_finite_samples, "samples were not finite and became silence"),
        ];
        let malformed = link.malformed.load(Ordering::Relaxed);
        let malformed = (
            std::mem::replace(&mut self.malformed, malformed),
            malformed,
            "messages for the remote control made no sense and were ignored",
        );
        let kinds = kinds.into_iter().chain([malformed]);
        let more = kinds.filter(|(before, now, _)| now > before);
        let lines: Vec<_> =
            more.map(|(before, now, what)| ConsoleLine::note(format!("{} {what}", now - before))).collect();
        if !lines.is_empty() {
            self.told_at = Some(Instant::now());
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_once() {
        let link = Link::default();
        let mut told = Told::of(&link);
        assert_eq!(told.news(&link), []);
        link.shared.count(&csound_performance::engine::Outcome {
            late_events: 3,
            lengthened_events: 2,
            ..Default::default()
        });
        link.note_malformed(5);
        let lines: Vec<_> = told.news(&link).into_iter().map(|line| line.text).collect();
        assert_eq!(told.news(&link), []);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[2].starts_with("5 messages for the remote control"));
        assert!(lines[0].starts_with("3 score events came after"));
        link.note_malformed(1);
        assert_eq!(told.news(&link), [], "within a second of the last time");
        told.told_at = told.told_at.and_then(|then| then.checked_sub(TELL_EVERY));
        assert_eq!(told.news(&link).len(), 1, "a second later");
    }
}
