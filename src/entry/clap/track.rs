//! The track that a CLAP host has an instance on.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap_sys::ext::track_info::{
    CLAP_EXT_TRACK_INFO, CLAP_EXT_TRACK_INFO_COMPAT, CLAP_TRACK_INFO_HAS_TRACK_COLOR,
    CLAP_TRACK_INFO_HAS_TRACK_NAME, clap_host_track_info, clap_plugin_track_info, clap_track_info,
};
use clap_sys::plugin::clap_plugin;

use super::door::{Door, door};
use super::tables::{Table, find};
use crate::entry::fields::text_of;
use crate::track::Track;

/// Both names of the extension.
const IDS: [&CStr; 2] = [CLAP_EXT_TRACK_INFO, CLAP_EXT_TRACK_INFO_COMPAT];

static TRACK: clap_plugin_track_info = clap_plugin_track_info { changed: Some(changed) };

static TABLES: [(&CStr, Table); 2] =
    [(IDS[0], Table((&raw const TRACK).cast())), (IDS[1], Table((&raw const TRACK).cast()))];

/// The table for an extension, or null.
pub(super) fn table(id: &CStr) -> Table {
    find(&TABLES, id)
}

/// Takes what the host tells of its track. On the main thread, once the host may be asked.
pub(super) fn look(door: &Door) {
    let (host, table) = door.host_table::<clap_host_track_info>(&IDS);
    let mut info = MaybeUninit::<clap_track_info>::zeroed();
    // SAFETY: the host's extension, if it has it, on its main thread; all of the place may be zero.
    let told = unsafe {
        let get = table.as_ref().and_then(|table| table.get);
        get.is_some_and(|get| get(host, info.as_mut_ptr()))
    };
    if !told {
        return;
    }
    // SAFETY: zero, or what the host has written.
    let info = unsafe { info.assume_init() };
    let name = (info.flags & CLAP_TRACK_INFO_HAS_TRACK_NAME != 0).then(|| text_of(&info.name));
    let colour = (info.flags & CLAP_TRACK_INFO_HAS_TRACK_COLOR != 0).then_some([
        info.color.red,
        info.color.green,
        info.color.blue,
    ]);
    // A panic of ours leaves it as it was.
    let _ = catch_unwind(AssertUnwindSafe(|| door.link.note_track(Track { name, colour })));
}

unsafe extern "C" fn changed(plugin: *const clap_plugin) {
    // SAFETY: the host's call, with what it was given. The shell has nothing to do with it.
    look(unsafe { door(plugin) });
}
