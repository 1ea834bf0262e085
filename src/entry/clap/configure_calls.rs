//! A CLAP host that says how many channels ports are to have, and is given the layout that has so many
//! ([`super::ports`]).

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap_sys::ext::configurable_audio_ports::{
    CLAP_EXT_CONFIGURABLE_AUDIO_PORTS, CLAP_EXT_CONFIGURABLE_AUDIO_PORTS_COMPAT,
    clap_audio_port_configuration_request, clap_plugin_configurable_audio_ports,
};
use clap_sys::ext::surround::CLAP_PORT_SURROUND;
use clap_sys::plugin::clap_plugin;

use super::door::door;
use super::ports::{Wanted, port_type, speakers};
use super::tables::{Table, find};

/// More ports than any layout has.
const MOST_REQUESTS: u32 = 64;

static CONFIGURABLE: clap_plugin_configurable_audio_ports = clap_plugin_configurable_audio_ports {
    can_apply_configuration: Some(can_apply),
    apply_configuration: Some(apply),
};

static TABLES: [(&CStr, Table); 2] = [
    (CLAP_EXT_CONFIGURABLE_AUDIO_PORTS, Table((&raw const CONFIGURABLE).cast())),
    (CLAP_EXT_CONFIGURABLE_AUDIO_PORTS_COMPAT, Table((&raw const CONFIGURABLE).cast())),
];

/// The table for an extension, or null.
pub(super) fn table(id: &CStr) -> Table {
    find(&TABLES, id)
}

/// What a host wants of a port; none where no port of ours is of that kind.
///
/// # Safety
/// The request is a host's: its kind is null or a text, and what it details is there.
unsafe fn wanted(request: &clap_audio_port_configuration_request) -> Option<Wanted> {
    let channels = request.channel_count;
    if !request.port_type.is_null() {
        // SAFETY: the caller's; not null.
        let kind = unsafe { CStr::from_ptr(request.port_type) };
        if !kind.is_empty() && port_type(channels) != Some(kind) {
            return None;
        }
        if kind == CLAP_PORT_SURROUND && !request.port_details.is_null() {
            let ours = speakers(channels)?;
            // SAFETY: the caller's: a speaker for each channel, of which ours has as many.
            let map = unsafe { std::slice::from_raw_parts(request.port_details.cast::<u8>(), ours.len()) };
            if !map.iter().map(|speaker| u32::from(*speaker)).eq(ours.iter().copied()) {
                return None;
            }
        }
    }
    Some(Wanted { is_input: request.is_input, index: request.port_index as usize, channels })
}

/// The id of the layout for all requests.
///
/// # Safety
/// The arguments are a host's own, on the main thread.
unsafe fn fitting(
    plugin: *const clap_plugin,
    requests: *const clap_audio_port_configuration_request,
    count: u32,
) -> Option<u32> {
    if requests.is_null() && count > 0 || count > MOST_REQUESTS {
        return None;
    }
    // SAFETY: the caller's.
    let door = unsafe { door(plugin) };
    // SAFETY: as above; there are so many.
    let all = (0..count as usize).map(|index| unsafe { wanted(&*requests.add(index)) });
    let all: Vec<Wanted> = all.collect::<Option<_>>()?;
    catch_unwind(AssertUnwindSafe(|| door.ports.fitting(&all))).unwrap_or(None)
}

unsafe extern "C" fn can_apply(
    plugin: *const clap_plugin,
    requests: *const clap_audio_port_configuration_request,
    count: u32,
) -> bool {
    // SAFETY: the host's call, with what it was given.
    unsafe { fitting(plugin, requests, count) }.is_some()
}

unsafe extern "C" fn apply(
    plugin: *const clap_plugin,
    requests: *const clap_audio_port_configuration_request,
    count: u32,
) -> bool {
    // SAFETY: the host's call, with what it was given, while the instance is not active.
    let Some(id) = (unsafe { fitting(plugin, requests, count) }) else { return false };
    // SAFETY: as above.
    let door = unsafe { door(plugin) };
    catch_unwind(AssertUnwindSafe(|| door.select(id))).unwrap_or(false)
}
