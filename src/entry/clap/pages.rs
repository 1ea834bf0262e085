//! The calls of a CLAP host that have to do with pages for a controller's knobs ([`list`]).

mod list;

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap_sys::ext::remote_controls::{
    CLAP_EXT_REMOTE_CONTROLS, CLAP_EXT_REMOTE_CONTROLS_COMPAT, clap_plugin_remote_controls,
    clap_remote_controls_page,
};
use clap_sys::id::CLAP_INVALID_ID;
use clap_sys::plugin::clap_plugin;
use csound_export::numeric_id;

use super::door::{Door, door};
use super::tables::{Table, find, put};
use crate::entry::fields::put_utf8;
use crate::plugin::params::place_at;
use list::{KNOBS, Knob, Page, pages};

/// The parameters of the performance that are worth a knob, as far as there are such parameters.
const PERFORMANCE: [&str; KNOBS] = ["play", "stop", "restart", "record", "offset", "sync", "gain", "bypass"];

static PAGES: clap_plugin_remote_controls =
    clap_plugin_remote_controls { count: Some(count), get: Some(get) };

static TABLES: [(&CStr, Table); 2] = [
    (CLAP_EXT_REMOTE_CONTROLS, Table((&raw const PAGES).cast())),
    (CLAP_EXT_REMOTE_CONTROLS_COMPAT, Table((&raw const PAGES).cast())),
];

/// The table for an extension, or null.
pub(super) fn table(id: &CStr) -> Table {
    find(&TABLES, id)
}

/// The pages as they are now. On the main thread.
fn present(door: &Door) -> Vec<Page> {
    let (ids, shown) = (door.parameter_ids(), door.link.names.shown());
    let knob = |(index, id): (usize, &u32)| {
        let place = place_at(door.link.export.as_deref(), index)?;
        // A place without a channel does nothing.
        let group = shown.get(place)?.as_ref()?.group.clone();
        Some(Knob { id: *id, group })
    };
    let channels: Vec<Knob> = ids.iter().enumerate().filter_map(knob).collect();
    let performance = PERFORMANCE.map(numeric_id);
    let performance: Vec<u32> = performance.into_iter().filter(|id| ids.contains(id)).collect();
    pages(&channels, &performance)
}

fn for_host(page: &Page) -> clap_remote_controls_page {
    let mut found = clap_remote_controls_page {
        section_name: [0; _],
        page_id: page.id,
        page_name: [0; _],
        param_ids: [CLAP_INVALID_ID; KNOBS],
        is_for_preset: false,
    };
    put_utf8(&mut found.section_name, &page.section);
    put_utf8(&mut found.page_name, &page.name);
    found.param_ids[..page.knobs.len()].copy_from_slice(&page.knobs);
    found
}

unsafe extern "C" fn count(plugin: *const clap_plugin) -> u32 {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    catch_unwind(AssertUnwindSafe(|| present(door).len() as u32)).unwrap_or(0)
}

unsafe extern "C" fn get(
    plugin: *const clap_plugin,
    index: u32,
    page: *mut clap_remote_controls_page,
) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    let found = catch_unwind(AssertUnwindSafe(|| present(door).get(index as usize).map(for_host)));
    // SAFETY: the host's own place.
    unsafe { put(page, found.unwrap_or(None)) }
}
