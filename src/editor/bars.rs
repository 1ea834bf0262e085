//! The lines above and below the tabs.

pub(super) mod header;
pub(super) mod presets;
pub(super) mod status;
pub(super) mod transport;
pub(super) mod trust;
