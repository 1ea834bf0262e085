//! The names of the piece's keys, for a CLAP host.

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap_sys::ext::note_name::{
    CLAP_EXT_NOTE_NAME, clap_host_note_name, clap_note_name, clap_plugin_note_name,
};
use clap_sys::plugin::clap_plugin;

use super::door::{Door, door};
use super::tables::{Table, find, put};
use crate::entry::fields::put_utf8;

static NAMES: clap_plugin_note_name = clap_plugin_note_name { count: Some(count), get: Some(get) };

static TABLES: [(&CStr, Table); 1] = [(CLAP_EXT_NOTE_NAME, Table((&raw const NAMES).cast()))];

/// The table for an extension, or null.
pub(super) fn table(id: &CStr) -> Table {
    find(&TABLES, id)
}

/// Tells the host that they have changed. On the main thread.
pub(super) fn tell(door: &Door) {
    let (host, table) = door.host_table::<clap_host_note_name>(&[CLAP_EXT_NOTE_NAME]);
    // SAFETY: the host's extension, if it has it, on its main thread.
    unsafe {
        if let Some(changed) = table.as_ref().and_then(|table| table.changed) {
            changed(host);
        }
    }
}

unsafe extern "C" fn count(plugin: *const clap_plugin) -> u32 {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    catch_unwind(AssertUnwindSafe(|| door.link.names.of_notes().len() as u32)).unwrap_or(0)
}

unsafe extern "C" fn get(plugin: *const clap_plugin, index: u32, name: *mut clap_note_name) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    let found = catch_unwind(AssertUnwindSafe(|| {
        let names = door.link.names.of_notes();
        let (key, shown) = names.get(index as usize)?;
        // Of every port and channel.
        let mut found = clap_note_name { name: [0; _], port: -1, key: i16::from(*key), channel: -1 };
        put_utf8(&mut found.name, shown);
        Some(found)
    }));
    // SAFETY: the host's own place.
    unsafe { put(name, found.unwrap_or(None)) }
}
