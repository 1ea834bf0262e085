//! What hosts load: the doors to CLAP and VST3, over the plugin shell's own.
//!
//! CLAP's door is the shell's. VST3's is ours, because one call of the shell's has to be mended before it
//! gets there: see [`vst3`].

mod vst3;
