//! What an instance's threads share: atomics and queues that the audio thread may touch, and one lock that it
//! may not.

pub mod console;
pub mod held_keys;
pub mod link;
pub mod locked;
pub mod requests;
pub mod scope;
pub mod score_line;
