//! The state of a performance (does it play?) as a pure state machine: `apply(change) -> effect`. No clock,
//! no I/O, nothing that a realtime thread could not do.

/// The life of a performance after its end, by its driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It stays ended (the performance thread, as the reference).
    Once,
    /// `play` performs the piece afresh (the plugin: a DAW's project outlives an end).
    Renewable,
}

/// The state of a performance, as it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// K-cycles are performed.
    Playing,
    /// Nothing is performed; messages are still taken.
    Paused,
    /// Over: by `stop`, by the end of the score, or by an error.
    Ended,
}

/// A change of a performance's state, asked for or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Somebody asked it to play.
    Play,
    /// Somebody asked it to pause.
    Pause,
    /// Somebody asked it to pause if it plays, and to play if not.
    Toggle,
    /// Somebody asked it to end.
    Stop,
    /// Csound ended with this value: positive at the end of the score, negative after an error.
    End(i32),
    /// The engine is no more.
    EngineEnded,
    /// Another engine took over.
    Renewed,
}

/// The consequence of a change that is left to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// The performance is over: close recordings, drop what is queued.
    Finish,
    /// Ask for a fresh engine of the same piece.
    Renew,
}

/// The status of a performance that was stopped, as the reference reports it.
pub const STOPPED: i32 = 1;

/// The status of a performance whose engine process ended, where nobody starts another.
pub const ENGINE_ENDED: i32 = -1;

/// The state of a performance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    phase: Phase,
    status: i32,
    life: Life,
}

impl State {
    /// A performance at its beginning.
    pub fn new(phase: Phase, life: Life) -> Self {
        Self { phase, status: 0, life }
    }

    /// Playing, paused or ended.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Zero until the end; then positive (end of score: 2, stop: 1) or negative (an error).
    pub fn status(&self) -> i32 {
        self.status
    }

    /// Applies a change.
    pub fn apply(&mut self, change: Change) -> Effect {
        match (self.phase, change) {
            (Phase::Ended, Change::Renewed) => {
                *self = Self::new(Phase::Playing, self.life);
                Effect::None
            }
            (Phase::Ended, Change::Play | Change::Toggle) if self.life == Life::Renewable => Effect::Renew,
            (Phase::Ended, _) | (_, Change::Renewed) => Effect::None,
            (_, Change::EngineEnded) if self.life == Life::Once => self.end(ENGINE_ENDED),
            // The driver's owner starts another.
            (_, Change::EngineEnded) => Effect::None,
            (_, Change::Play) | (Phase::Paused, Change::Toggle) => self.turn_to(Phase::Playing),
            (_, Change::Pause) | (Phase::Playing, Change::Toggle) => self.turn_to(Phase::Paused),
            (_, Change::Stop) => self.end(STOPPED),
            (_, Change::End(status)) => self.end(status),
        }
    }

    fn turn_to(&mut self, phase: Phase) -> Effect {
        self.phase = phase;
        Effect::None
    }

    fn end(&mut self, status: i32) -> Effect {
        self.phase = Phase::Ended;
        self.status = status;
        Effect::Finish
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn play_pause_and_toggle_go_back_and_forth() {
        let mut state = State::new(Phase::Paused, Life::Once);
        for (change, phase) in [
            (Change::Pause, Phase::Paused),
            (Change::Play, Phase::Playing),
            (Change::Play, Phase::Playing),
            (Change::Toggle, Phase::Paused),
            (Change::Toggle, Phase::Playing),
        ] {
            assert_eq!(state.apply(change), Effect::None);
            assert_eq!((state.phase(), state.status()), (phase, 0));
        }
    }

    #[test]
    fn stop_and_end_finish_once_and_keep_their_status() {
        for start in [Phase::Playing, Phase::Paused] {
            for (change, status) in [(Change::Stop, 1), (Change::End(2), 2), (Change::End(-3), -3)] {
                let mut state = State::new(start, Life::Once);
                assert_eq!(state.apply(change), Effect::Finish);
                for later in [Change::Play, Change::Pause, Change::Toggle, Change::Stop, Change::End(9)] {
                    assert_eq!(state.apply(later), Effect::None);
                    assert_eq!((state.phase(), state.status()), (Phase::Ended, status));
                }
            }
        }
    }

    #[test]
    fn a_renewable_performance_asks_for_a_fresh_engine_and_plays_on_it() {
        let mut state = State::new(Phase::Playing, Life::Renewable);
        state.apply(Change::Stop);
        assert_eq!(state.apply(Change::Pause), Effect::None);
        assert_eq!(state.apply(Change::Play), Effect::Renew);
        assert_eq!(state.phase(), Phase::Ended, "silent until the engine is there");
        state.apply(Change::Renewed);
        assert_eq!((state.phase(), state.status()), (Phase::Playing, 0));
    }

    #[test]
    fn an_engine_that_is_gone_ends_only_what_nobody_renews() {
        let mut once = State::new(Phase::Paused, Life::Once);
        assert_eq!(once.apply(Change::EngineEnded), Effect::Finish);
        assert_eq!((once.phase(), once.status()), (Phase::Ended, ENGINE_ENDED));
        let mut renewable = State::new(Phase::Playing, Life::Renewable);
        assert_eq!(renewable.apply(Change::EngineEnded), Effect::None);
        assert_eq!(renewable.phase(), Phase::Playing);
    }

    #[test]
    fn another_engine_leaves_a_paused_performance_paused() {
        let mut state = State::new(Phase::Paused, Life::Renewable);
        state.apply(Change::Renewed);
        assert_eq!(state.phase(), Phase::Paused);
    }
}
