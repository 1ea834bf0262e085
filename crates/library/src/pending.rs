//! Writes to channels that a piece does not have yet, which wait for the performing thread.

use std::ffi::CString;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The value that a channel is to have.
pub(super) enum ChannelValue {
    Number(f64),
    Text(CString),
}

impl ChannelValue {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Number(_) => None,
            Self::Text(text) => Some(text.to_string_lossy().into_owned()),
        }
    }
}

pub(super) struct PendingWrite {
    pub(super) name: CString,
    pub(super) value: ChannelValue,
    pub(super) written: bool,
}

/// Writes to channels that do not exist yet. Handles add to them and free them; the performing
/// thread only writes, and does not wait for the lock.
#[derive(Default)]
pub(super) struct PendingWrites {
    pub(super) any: AtomicBool,
    pub(super) writes: Mutex<Vec<PendingWrite>>,
}

impl PendingWrites {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<PendingWrite>> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
