//! Channels: the bank of parameters, their ranges, and what a piece offers.

pub mod bank;
pub mod cabbage;
pub mod expressions;
pub mod groups;
pub mod host;
pub mod learned;
pub mod names;
pub mod offered;
mod reads;
pub mod told;
pub mod wiring;
