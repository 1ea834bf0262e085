//! What hosts load: our own doors to CLAP and VST3. Both hand out the shell's instances, and answer for what the
//! shell lacks: who the plugin is, which is found at run time, and names of parameters that change with the piece.
//!
//! [`about`] says who a plugin is, [`naming`] how its parameters are shown, [`fields`] puts texts where hosts want
//! them, [`menus`] by which numbers they know parameters; [`clap`] and [`vst3`] are the doors.

mod about;
mod clap;
mod fields;
mod loading;
mod menus;
mod naming;
mod vst3;
