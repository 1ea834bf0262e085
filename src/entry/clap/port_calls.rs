//! The calls of a CLAP host that have to do with ports: answered whole by us ([`super::ports`]).

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap_sys::ext::audio_ports::{CLAP_EXT_AUDIO_PORTS, clap_audio_port_info, clap_plugin_audio_ports};
use clap_sys::ext::audio_ports_config::{
    CLAP_EXT_AUDIO_PORTS_CONFIG, CLAP_EXT_AUDIO_PORTS_CONFIG_INFO, CLAP_EXT_AUDIO_PORTS_CONFIG_INFO_COMPAT,
    clap_audio_ports_config, clap_plugin_audio_ports_config, clap_plugin_audio_ports_config_info,
};
use clap_sys::ext::surround::{CLAP_EXT_SURROUND, CLAP_EXT_SURROUND_COMPAT, clap_plugin_surround};
use clap_sys::id::clap_id;
use clap_sys::plugin::clap_plugin;

use super::door::door;
use super::ports;
use super::tables::{Table, find, put};

static CONFIGS: clap_plugin_audio_ports_config = clap_plugin_audio_ports_config {
    count: Some(config_count),
    get: Some(config_get),
    select: Some(config_select),
};

static CONFIG_INFO: clap_plugin_audio_ports_config_info =
    clap_plugin_audio_ports_config_info { current_config: Some(config_current), get: Some(config_port) };

static PORTS: clap_plugin_audio_ports =
    clap_plugin_audio_ports { count: Some(port_count), get: Some(port_get) };

static SURROUND: clap_plugin_surround = clap_plugin_surround {
    is_channel_mask_supported: Some(is_mask_supported),
    get_channel_map: Some(channel_map),
};

/// The extensions for which we answer whole.
static TABLES: [(&CStr, Table); 6] = [
    (CLAP_EXT_AUDIO_PORTS, Table((&raw const PORTS).cast())),
    (CLAP_EXT_AUDIO_PORTS_CONFIG, Table((&raw const CONFIGS).cast())),
    (CLAP_EXT_AUDIO_PORTS_CONFIG_INFO, Table((&raw const CONFIG_INFO).cast())),
    (CLAP_EXT_AUDIO_PORTS_CONFIG_INFO_COMPAT, Table((&raw const CONFIG_INFO).cast())),
    (CLAP_EXT_SURROUND, Table((&raw const SURROUND).cast())),
    (CLAP_EXT_SURROUND_COMPAT, Table((&raw const SURROUND).cast())),
];

/// The table for an extension, or null.
pub(super) fn table(id: &CStr) -> Table {
    find(&TABLES, id)
}

/// What `answer` says, or `otherwise` where it panics.
fn guarded<T>(otherwise: T, answer: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or(otherwise)
}

unsafe extern "C" fn config_count(plugin: *const clap_plugin) -> u32 {
    // SAFETY: the host's call, with what it was given.
    unsafe { door(plugin) }.ports.count()
}

unsafe extern "C" fn config_get(
    plugin: *const clap_plugin,
    index: u32,
    config: *mut clap_audio_ports_config,
) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    let found = guarded(None, || door.ports.config(door.link.asked.get(), index));
    // SAFETY: the host's own place.
    unsafe { put(config, found) }
}

unsafe extern "C" fn config_select(plugin: *const clap_plugin, id: clap_id) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    id < door.ports.count() && guarded(false, || door.select(id))
}

unsafe extern "C" fn config_current(plugin: *const clap_plugin) -> clap_id {
    // SAFETY: the host's call, with what it was given.
    unsafe { door(plugin) }.ports.present()
}

unsafe extern "C" fn config_port(
    plugin: *const clap_plugin,
    id: clap_id,
    index: u32,
    is_input: bool,
    info: *mut clap_audio_port_info,
) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    let found = guarded(None, || door.ports.port(id, index, is_input));
    // SAFETY: the host's own place.
    unsafe { put(info, found) }
}

unsafe extern "C" fn port_count(plugin: *const clap_plugin, is_input: bool) -> u32 {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    guarded(0, || door.ports.port_count(is_input))
}

unsafe extern "C" fn port_get(
    plugin: *const clap_plugin,
    index: u32,
    is_input: bool,
    info: *mut clap_audio_port_info,
) -> bool {
    // SAFETY: the host's call, with what it was given.
    let present = unsafe { door(plugin) }.ports.present();
    // SAFETY: as above.
    unsafe { config_port(plugin, present, index, is_input, info) }
}

unsafe extern "C" fn is_mask_supported(_: *const clap_plugin, mask: u64) -> bool {
    ports::is_mask_known(mask)
}

unsafe extern "C" fn channel_map(
    plugin: *const clap_plugin,
    is_input: bool,
    index: u32,
    map: *mut u8,
    room: u32,
) -> u32 {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    let channels = guarded(None, || door.ports.channels(index, is_input));
    let Some(speakers) = channels.and_then(ports::speakers) else { return 0 };
    if map.is_null() || (room as usize) < speakers.len() {
        return 0;
    }
    for (place, speaker) in speakers.iter().enumerate() {
        // SAFETY: the host's own place, of which there is so much.
        unsafe { map.add(place).write(*speaker as u8) };
    }
    speakers.len() as u32
}
