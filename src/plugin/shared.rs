//! What an instance's threads share: atomics and queues that the audio thread may touch, and one lock that it
//! may not.

pub mod comparison;
pub mod console;
mod csound_choice;
pub mod csounds;
pub mod errand;
pub mod fault;
pub mod held_keys;
pub mod host_menus;
pub mod host_params;
pub mod input;
pub mod link;
pub mod locked;
pub mod modulated;
mod moves;
pub mod panel_files;
pub mod panel_images;
mod presets;
pub mod preview;
pub mod programs;
pub mod ranges;
pub mod remembered;
pub mod requests;
mod saving;
pub mod scope;
pub mod score_line;
mod sending;
pub mod signals;
pub mod tables;
pub mod track;
mod tuning;
mod waiting;
