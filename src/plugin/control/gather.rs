//! *Collect files* on a thread of its own: samples may be long, and the control thread has a performance to look after
//! meanwhile. The text is left to that thread, which knows the piece.

use std::io;
use std::sync::Arc;

use csound_performance::engine::Abandoned;
use csound_performance::engine::piece::Piece;

use super::aside::{Aside, OUR_FAULT};
use crate::gathering::{Gathering, Gathers};

/// A look, or copying, that is under way. Where it is given up, what it has copied goes again.
pub(super) struct Gather {
    /// The piece whose files they are.
    pub piece: Piece,
    /// What comes of it.
    pub aside: Aside<Gathers>,
}

impl Gather {
    /// Looks what is to be collected for a piece, and copies it if that is what was `agreed`.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(piece: Piece, agreed: Option<Arc<Gathering>>, given_up: Abandoned) -> io::Result<Self> {
        let of = piece.clone();
        let work = move |given_up: &Abandoned| carried_out(&of, agreed, given_up);
        let aside = Aside::begin("csound collect", given_up, work, || Gathers::Failed(OUR_FAULT.into()))?;
        Ok(Self { piece, aside })
    }
}

#[cfg(target_os = "linux")]
fn carried_out(piece: &Piece, agreed: Option<Arc<Gathering>>, given_up: &Abandoned) -> Gathers {
    use crate::exporter::{copy_files, gather};
    let found = match gather(piece, given_up) {
        Ok(found) => Arc::new(found),
        Err(why) => return Gathers::Failed(why),
    };
    if agreed.as_ref() != Some(&found) {
        return Gathers::Found(found);
    }
    match copy_files(&found, given_up) {
        Ok(()) => Gathers::Done(found),
        Err(why) => Gathers::Failed(why),
    }
}

#[cfg(not(target_os = "linux"))]
fn carried_out(_: &Piece, _: Option<Arc<Gathering>>, _: &Abandoned) -> Gathers {
    Gathers::Failed("the files of pieces are collected on Linux only so far".into())
}
