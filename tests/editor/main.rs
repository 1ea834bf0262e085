//! The editor: over a backend without a plugin (what the user does becomes actions, what the backend says is shown,
//! and only what is in sight is laid out), and its real backend over a running instance.

#[cfg(target_os = "linux")]
mod backend;
#[cfg(target_os = "linux")]
mod backend_bench;
#[cfg(target_os = "linux")]
mod backend_errors;
#[cfg(target_os = "linux")]
mod backend_failures;
#[cfg(target_os = "linux")]
mod backend_faults;
#[cfg(target_os = "linux")]
mod backend_panel;
#[cfg(target_os = "linux")]
mod backend_texts;
#[cfg(target_os = "linux")]
mod backend_trust;
#[cfg(target_os = "linux")]
mod backend_values;
mod backend_widgets;
#[cfg(target_os = "linux")]
mod backends;
mod browser;
#[cfg(target_os = "linux")]
mod buttons;
mod canvas;
#[path = "../common/mod.rs"]
mod common;
#[cfg(target_os = "linux")]
mod comparing;
mod contrast;
mod controls;
#[cfg(target_os = "linux")]
mod csound_choice;
#[cfg(target_os = "linux")]
mod csound_user;
#[cfg(target_os = "linux")]
mod csounds;
mod desk;
mod drafts;
mod drops;
mod exporting;
mod exports;
mod finding;
mod first_start;
#[cfg(target_os = "linux")]
mod folders;
mod frames;
mod gather;
#[cfg(target_os = "linux")]
mod hand;
mod keys;
mod learning;
mod manual;
mod names;
mod own_piece;
mod panel_changes;
mod panel_graphs;
mod panel_identifiers;
mod panel_images;
mod panel_only;
mod panels;
mod pieces;
mod presets;
mod ranges;
#[cfg(target_os = "linux")]
mod real;
mod scripts;
#[cfg(target_os = "linux")]
mod settings;
mod sight;
mod source;
mod steady;
mod tabs;
mod timeline;
#[cfg(target_os = "linux")]
mod tuning;
mod unsaved;
mod user_input;
mod zoom;

#[test]
#[cfg(target_os = "linux")]
fn the_real_backend_holds_over_csound_7_too() {
    let but = [
        // They choose the Csound themselves.
        "csound_choice::",
        "csounds::",
        "comparing::",
        // Over the fake backend no Csound performs.
        "contrast::",
        "controls::",
        "exports::",
        "frames::",
        "manual::",
        "panel_changes::",
        "panel_graphs::",
        "panel_identifiers::",
        "panel_images::",
        "panel_only::",
        "panels::",
        "pieces::",
        "scripts::",
        "sight::",
        "steady::",
        "tabs::",
        "unsaved::",
    ];
    if test_host::testing::again_over_csound_7(&but) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
