//! The controllers that say more of a note: its vibrato, volume, pan and expression. Pure; tables of a fixed size.
//!
//! Where nobody says anything of a note, they stand where they stand for all channels: where the host has put them, else
//! where Csound has them at first. So they are told only where a note moves them, and put back for the next one.

/// What a controller says of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Controller 1, at 0 at first.
    Vibrato,
    /// Controller 7, at 127 at first: as loud as it is.
    Volume,
    /// Controller 10, at 64 at first: the middle.
    Pan,
    /// Controller 11, at 127 at first.
    Expression,
}

impl Control {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Vibrato, Self::Volume, Self::Pan, Self::Expression];

    /// Its number.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn number(self) -> u8 {
        match self {
            Self::Vibrato => 1,
            Self::Volume => 7,
            Self::Pan => 10,
            Self::Expression => 11,
        }
    }

    /// Where Csound has it at first, and after a reset of controllers.
    const fn at_first(self) -> u8 {
        match self {
            Self::Vibrato => 0,
            Self::Volume | Self::Expression => 127,
            Self::Pan => 64,
        }
    }
}

/// Where they stand.
#[derive(Clone, Debug)]
pub struct Controls<const MEMBERS: usize> {
    /// For all channels.
    all: [u8; 4],
    /// Where a note has moved that of its channel.
    moved: [[Option<u8>; 4]; MEMBERS],
}

const AT_FIRST: [u8; 4] = [
    Control::Vibrato.at_first(),
    Control::Volume.at_first(),
    Control::Pan.at_first(),
    Control::Expression.at_first(),
];

impl<const MEMBERS: usize> Default for Controls<MEMBERS> {
    fn default() -> Self {
        Self { all: AT_FIRST, moved: [[None; 4]; MEMBERS] }
    }
}

impl<const MEMBERS: usize> Controls<MEMBERS> {
    /// A note moves one. False where it stands there already.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn move_to(&mut self, member: usize, control: Control, value: u8) -> bool {
        let at = control as usize;
        self.moved[member][at].replace(value).unwrap_or(self.all[at]) != value
    }

    /// The controller with a number is moved for all channels.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn move_all(&mut self, number: u8, value: u8) {
        let Some(control) = Control::ALL.into_iter().find(|control| control.number() == number) else {
            return;
        };
        self.all[control as usize] = value;
        self.moved.iter_mut().for_each(|moved| moved[control as usize] = None);
    }

    /// All are where they are at first.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Nothing is said of a member's note any more: calls `tell` with the numbers and values of those that go back.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn rest(&mut self, member: usize, mut tell: impl FnMut(u8, u8)) {
        for control in Control::ALL {
            let (at, all) = (control as usize, self.all[control as usize]);
            if self.moved[member][at].take().is_some_and(|value| value != all) {
                tell(control.number(), all);
            }
        }
    }
}
