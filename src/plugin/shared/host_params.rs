//! An instance's parameters, for whoever sets them without a window: a preset does. They are atomics, and any
//! thread may; the host is told by whoever talks to it ([`Owed`](crate::plugin::presets::desk::Owed)).

use serde_json::Value;

/// It is no setting of a preset's, or cannot be that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchSetting;

/// The parameters.
pub trait HostParams: Send + Sync {
    /// The position that the parameter of a place of the bank comes to stand at for one from 0 to 1.
    fn position(&self, place: usize, position: f64) -> f32;

    /// Moves the parameter of a place; whether it stood elsewhere.
    fn set_place(&self, place: usize, position: f32) -> bool;

    /// What presets keep of the other parameters, by their ids.
    fn settings(&self) -> Vec<(&'static str, Value)>;

    /// Sets one of those; whether that changed something.
    ///
    /// # Errors
    /// [`NoSuchSetting`].
    fn set_setting(&self, id: &str, value: &Value) -> Result<Option<&'static str>, NoSuchSetting>;
}
