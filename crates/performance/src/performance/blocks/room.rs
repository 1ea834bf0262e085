//! The room in an engine's buffer for the blocks of a host.

use super::Seat;
use crate::engine::Format;
use crate::engine::planes::Planes;

/// True if an engine's buffer holds what blocks of up to `largest` frames leave in it.
pub(super) fn has_room(seat: &Seat, largest: usize) -> bool {
    seat.output.frames() >= Seat::frames_for(seat.engine.format(), largest)
}

/// Makes the buffer large enough. Allocates.
pub(super) fn make_room(seat: &mut Seat, largest: usize) {
    if !has_room(seat, largest) {
        let frames = Seat::frames_for(seat.engine.format(), largest);
        seat.output = Planes::new(seat.output.channels(), frames);
    }
}

/// True if an engine can take over from one of the `present` format in the midst of a block.
pub(super) fn takes_over(seat: &Seat, present: Option<Format>, largest: usize) -> bool {
    let format = seat.engine.format();
    let is_alike =
        |present: Format| present.ksmps == format.ksmps && present.sample_rate == format.sample_rate;
    present.is_some_and(is_alike) && has_room(seat, largest)
}
