//! What the benchmark measures, in the measuring program, and the words in which it is asked.
//!
//! Reading order: [`job`] (what is asked), [`pieces`], [`plugin`] (the plugin in the headless host),
//! [`scan`], [`pace`], [`usage`], [`others`], [`figures`].

pub mod figures;
pub mod job;
pub mod others;
pub mod pace;
pub mod pieces;
pub mod plugin;
pub mod scan;
pub mod usage;
