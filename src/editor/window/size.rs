//! The size of an editor's window, which the host asks for from its own thread.

use std::sync::{Arc, Mutex, PoisonError};

use csound_window::baseview::WindowSize;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};

/// The size of the window that is open, of the last one, or of the first one. Clones are the same.
#[derive(Clone)]
pub struct Size(Arc<Mutex<Known>>);

#[derive(Clone, Copy)]
struct Known {
    points: LogicalSize<f64>,
    /// Pixels in a point, once a window has said it.
    scale: Option<f64>,
}

impl Size {
    /// Of so many points.
    pub fn new([width, height]: [f32; 2]) -> Self {
        let points = LogicalSize::new(f64::from(width), f64::from(height));
        Self(Arc::new(Mutex::new(Known { points, scale: None })))
    }

    /// A window has this size.
    pub fn take(&self, size: WindowSize) {
        let points = LogicalSize::new(size.logical.width, size.logical.height);
        self.change(|known| *known = Known { points, scale: Some(size.scale_factor) });
    }

    /// In points.
    pub fn points(&self) -> LogicalSize<f64> {
        self.change(|known| known.points)
    }

    /// As the host counts.
    pub fn native(&self) -> NativeSize<u32> {
        let Known { points, scale } = self.change(|known| *known);
        // The host asks before there is a window, which will be as large as the desktop wants it.
        let scale = scale.or_else(csound_window::system_scale).unwrap_or(1.0);
        NativeSize::from_size(points.into(), scale)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
