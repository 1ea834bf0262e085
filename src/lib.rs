//! Csound Performer: a CLAP and VST3 plugin that performs any Csound piece inside a DAW. README.md and docs/ say
//! what it does and how it is used; this page is for those who read its code.
//!
//! Threads and processes first:
//!
//! - The **audio thread** of the host calls the plugin's `process`. It never allocates, locks,
//!   frees, opens, prints or waits without a bound.
//! - A **control thread** per plugin instance starts, revives and drops engines.
//! - An **engine process** per piece performs it, confined; a **watch thread** here listens to it.
//! - A **recorder thread** per recording carries audio from a ring to a WAV file.
//! - [`PerformanceThread`](csound_performance::PerformanceThread) is the library's own performing thread, where there is no host.
//!
//! The way from here to the k-cycle: [`plugin`] (the host's callback) → [`csound_performance::blocks`]
//! (blocks and k-cycles) → its performer (commands and turns) → [`csound_performance::engine`] (the turn) →
//! `engine::remote` (into the engine process) → `engine::serve` (its turns) → `engine::local`
//! (libcsound's k-cycle) → [`csound_library`] (the FFI fence).

pub mod bounded;
pub mod catalogue;
pub mod chosen_keys;
pub mod draft;
pub mod editor;
mod entry;
#[cfg(target_os = "linux")]
pub mod exporter;
pub mod exporting;
pub mod folder_texts;
pub mod gathering;
pub mod host_menu;
pub mod identity;
pub mod layouts;
pub mod manual;
pub mod permission;
pub mod plugin;
pub mod preset_id;
pub mod preview;
pub mod range;
pub mod setting;
pub mod track;
pub mod tuning;
pub mod user_input;

#[cfg(test)]
mod tests {
    /// A process loads one Csound, so that the tests of this program run again in another one.
    #[test]
    fn everything_here_holds_over_csound_7() {
        if test_host::testing::again_over_csound_7(&[]) {
            let library = csound_library::Library::get().unwrap();
            assert_eq!(library.generation(), csound_library::Generation::Seven);
        }
    }
}
