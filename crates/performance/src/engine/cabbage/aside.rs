//! What has to do with no widget: channels that change, the time that parts of a piece take, and what is not there.

pub(super) mod absent;
pub(super) mod changed;
pub(super) mod profiler;
