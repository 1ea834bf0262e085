//! One engine to build: all that it takes, read under one lock.

use csound_cabbage::Change;
use csound_performance::engine::piece::Piece;

use super::engines::Patience;
use crate::plugin::pieces::choice::Named;
use crate::plugin::pieces::which::{Moment, Why};
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::locked::{Begin, HostFormat, Locked, Machine, PieceState};
use crate::plugin::shared::requests::StartOptions;
use crate::plugin::tuning::SavedTuning;

/// One engine to build.
pub struct Job {
    pub wanted: u64,
    /// How the piece stood before.
    pub before: PieceState,
    pub piece: Option<Piece>,
    pub last_good: Option<Piece>,
    /// By which Csound it is to perform is *Auto*'s to say.
    pub is_auto: bool,
    /// Why it is this Csound.
    pub why: Why,
    /// What the piece is performed by; none where *Auto* is yet to come to one.
    pub csound: Option<Named>,
    /// What `last_good` was performed by.
    pub csound_of_last_good: Option<Named>,
    /// *Auto* may try the other one: the piece was opened just now.
    pub may_try_other: bool,
    /// The count of loaded sessions to which it belongs.
    pub session: u32,
    /// The piece is another one than the channels' values are of.
    pub is_another: bool,
    pub begin: Begin,
    pub host: HostFormat,
    pub options: StartOptions,
    pub channel_defaults: bool,
    pub in_process: bool,
    pub patience: Patience,
    pub score_start: f64,
    pub instrument: Option<String>,
    pub channel_texts: Vec<(String, String)>,
    pub tuning: Option<SavedTuning>,
    /// What was changed of the piece's widgets.
    pub widgets: Vec<Change>,
}

impl Job {
    /// What is to be built, if anything, for the session of this count; `start` is where the parameters say the
    /// score starts.
    pub fn of(locked: &mut Locked, session: u32, start: f32) -> Option<Self> {
        if locked.built == locked.wanted {
            return None;
        }
        let job = Self::to_look_at(locked, session, start)?;
        locked.state = PieceState::Loading;
        let begin = locked.begin.take().unwrap_or(Begin::AtStart);
        Some(Self {
            may_try_other: std::mem::take(&mut locked.may_try_other) && job.is_auto,
            begin,
            widgets: locked.widgets_at(begin),
            ..job
        })
    }

    /// The present piece from its start, as it would be built now; nothing takes note of that. None before the
    /// host has activated the instance.
    pub fn to_look_at(locked: &Locked, session: u32, start: f32) -> Option<Self> {
        let (Some(host), Some(options)) = (locked.host, locked.options) else { return None };
        let piece = locked.piece();
        let wished = piece.as_ref().and_then(|piece| PieceWishes::of(piece).csound);
        let why = locked.says(Machine::default(), wished).decide(Moment::Later).why;
        Some(Self {
            wanted: locked.wanted,
            before: locked.state.clone(),
            piece,
            last_good: locked.session.last_good.as_ref().and_then(SavedPiece::piece),
            is_auto: locked.is_auto(),
            why,
            may_try_other: false,
            csound_of_last_good: match locked.pinned {
                Some(pinned) => Some(pinned.into()),
                None => locked.session.csound_of_last_good.clone(),
            },
            csound: locked.named(),
            session,
            is_another: locked.values_of.is_some(),
            begin: Begin::AtStart,
            host,
            options,
            channel_defaults: locked.session.channel_defaults,
            in_process: locked.session.in_process,
            patience: Patience {
                limit: locked.compile_limit(),
                hang: locked.limits.hang(),
                abandoned: locked.abandoned.clone(),
            },
            score_start: locked.exact_start(start).unwrap_or(f64::from(start)),
            instrument: locked.session.note_instrument.clone(),
            channel_texts: locked.session.channel_texts.clone().into_iter().collect(),
            tuning: locked.session.tuning.clone(),
            widgets: Vec::new(),
        })
    }

    /// Whether `piece` begins with its own values, not with those that were set. What is brought back, or plays
    /// in place of the wanted piece, has those that were set for it.
    pub fn has_own_values(&self, piece: &Piece) -> bool {
        self.is_another && self.piece.as_ref() == Some(piece)
    }
}
