//! The scale of a place of the bank, as the audio thread reads it.

use std::sync::atomic::{AtomicU8, Ordering};

use atomic_float::AtomicF64;

use crate::range::{Scale, ScaleKind};

/// A scale that the audio thread reads.
pub(super) struct AtomicScale {
    minimum: AtomicF64,
    maximum: AtomicF64,
    skew: AtomicF64,
    step: AtomicF64,
    kind: AtomicU8,
}

impl Default for AtomicScale {
    fn default() -> Self {
        let scale = Self {
            minimum: AtomicF64::new(0.0),
            maximum: AtomicF64::new(1.0),
            skew: AtomicF64::new(1.0),
            step: AtomicF64::new(0.0),
            kind: AtomicU8::new(0),
        };
        scale.store(Scale::default());
        scale
    }
}

impl AtomicScale {
    /// Takes another scale's place.
    pub fn store(&self, scale: Scale) {
        self.minimum.store(scale.minimum(), Ordering::Relaxed);
        self.maximum.store(scale.maximum(), Ordering::Relaxed);
        self.skew.store(scale.skew(), Ordering::Relaxed);
        self.step.store(scale.step(), Ordering::Relaxed);
        self.kind.store(scale.kind() as u8, Ordering::Relaxed);
    }

    /// The scale.
    ///
    /// # Realtime safety
    /// Safe. While a map changes, a value may be of a mixture of two scales: the next movement is
    /// right again.
    pub fn load(&self) -> Scale {
        let kind = match self.kind.load(Ordering::Relaxed) {
            1 => ScaleKind::Integer,
            2 => ScaleKind::Exponential,
            3 => ScaleKind::Items,
            _ => ScaleKind::Linear,
        };
        Scale::new(kind, self.minimum.load(Ordering::Relaxed), self.maximum.load(Ordering::Relaxed))
            .with_skew(self.skew.load(Ordering::Relaxed))
            .with_step(self.step.load(Ordering::Relaxed))
    }
}
