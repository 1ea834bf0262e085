//! An instance as a CLAP host has it: the shell's, with its parameters' names answered by us.
//!
//! The shell finds its own object by `plugin_data` and never looks where the `clap_plugin` itself lies (nice-plug
//! 0.4.2, `wrapper/clap/wrapper.rs`). So the host is given a copy of the shell's, which begins a [`Door`], with the
//! functions replaced for which we answer. Each of them calls the shell's as well.
//!
//! The names of the parameters change with the piece. The host is told so on its main thread: the control thread
//! asks for a call there (`request_callback`), and in it the host is told to look at names and texts again. Ids,
//! ranges and steps stay as the shell has them.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, CLAP_PARAM_RESCAN_INFO, CLAP_PARAM_RESCAN_TEXT, CLAP_PARAM_RESCAN_VALUES,
    clap_host_params, clap_param_info, clap_plugin_params,
};
use clap_sys::ext::preset_load::clap_plugin_preset_load;
use clap_sys::factory::preset_discovery::clap_preset_discovery_location_kind;
use clap_sys::host::clap_host;
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use nice_plug::prelude::ClapPlugin;
use nice_plug::wrapper::clap::Wrapper;

use super::preset_load::{self, HostPresetLoad};
use crate::entry::fields::put_utf8;
use crate::entry::naming::shown_at;
use crate::plugin::newest;
use crate::plugin::shared::link::Link;

/// See the module. It begins with what the host has a pointer to.
#[repr(C)]
pub(super) struct Door {
    plugin: clap_plugin,
    /// The shell's functions.
    shell: clap_plugin,
    /// The shell's answers for parameters, and ours.
    shell_params: *const clap_plugin_params,
    params: clap_plugin_params,
    host: HostPointer,
    link: Arc<Link>,
    /// The host's side of them, once it may be asked for. This and the next ones are the main thread's.
    host_params: Cell<*const clap_host_params>,
    /// The host's side of loading presets, where it has one.
    host_preset_load: Cell<HostPresetLoad>,
    /// The names' changes that the host was told of.
    told: Cell<u64>,
    /// The values' changes that it was told of.
    told_values: Cell<u64>,
}

/// The host's pointer, which any thread may ask for a call on its main thread.
#[derive(Clone, Copy)]
struct HostPointer(*const clap_host);

// SAFETY: `request_callback` may be called on any thread; nothing else is done with it off the main thread.
unsafe impl Send for HostPointer {}

impl HostPointer {
    /// # Safety
    /// The host is there.
    unsafe fn request_callback(self) {
        // SAFETY: the caller's.
        if let Some(request) = unsafe { (*self.0).request_callback } {
            // SAFETY: CLAP lets any thread call it.
            unsafe { request(self.0) };
        }
    }
}

/// Makes an instance, for a host, with this description.
///
/// # Safety
/// `host` is the host's and lives as long as the instance.
pub(super) unsafe fn make<P: ClapPlugin>(
    host: *const clap_host,
    descriptor: &'static clap_plugin_descriptor,
) -> Option<*const clap_plugin> {
    // SAFETY: as the caller has it.
    let wrapper = unsafe { Wrapper::<P>::new(host) };
    let link = newest::take()?;
    let shell = *wrapper.clap_plugin.borrow();
    // `plugin_data` points to it, and the shell's `destroy` takes it back.
    let _ = Arc::into_raw(wrapper);
    let plugin = clap_plugin {
        desc: descriptor,
        init: Some(init),
        destroy: Some(destroy),
        get_extension: Some(get_extension),
        on_main_thread: Some(on_main_thread),
        ..shell
    };
    // SAFETY: the shell's own function on its own object, which it answers from the beginning on.
    let shell_params = unsafe { (shell.get_extension?)(&raw const shell, CLAP_EXT_PARAMS.as_ptr()) };
    let shell_params: *const clap_plugin_params = shell_params.cast();
    if shell_params.is_null() {
        return None;
    }
    // SAFETY: the shell's table, which lives as long as the instance.
    let params = unsafe { clap_plugin_params { get_info: Some(get_info), ..*shell_params } };
    let door = Box::new(Door {
        plugin,
        shell,
        shell_params,
        params,
        host: HostPointer(host),
        host_params: Cell::new(std::ptr::null()),
        host_preset_load: Cell::default(),
        told: Cell::new(link.names.changes()),
        told_values: Cell::new(link.names.value_changes()),
        link,
    });
    Some(Box::into_raw(door).cast_const().cast())
}

/// The door of which a host has this.
///
/// # Safety
/// `plugin` is one that [`make`] gave, not yet destroyed.
unsafe fn door<'a>(plugin: *const clap_plugin) -> &'a Door {
    // SAFETY: the caller's; a door begins with its `clap_plugin`.
    unsafe { &*plugin.cast::<Door>() }
}

impl Door {
    /// Tells the host of names and values that have changed since it was told. On the main thread.
    fn tell(&self) {
        let names = &self.link.names;
        let params = self.host_params.get();
        if params.is_null() {
            return;
        }
        let mut flags = 0;
        if self.told.replace(names.changes()) != names.changes() {
            flags |= CLAP_PARAM_RESCAN_INFO | CLAP_PARAM_RESCAN_TEXT;
        }
        if self.told_values.replace(names.value_changes()) != names.value_changes() {
            flags |= CLAP_PARAM_RESCAN_VALUES | CLAP_PARAM_RESCAN_TEXT;
        }
        if flags == 0 {
            return;
        }
        // SAFETY: the host's extension, which lives as long as the host does; this is the main thread.
        unsafe {
            if let Some(rescan) = (*params).rescan {
                rescan(self.host.0, flags);
            }
        }
    }
}

unsafe extern "C" fn init(plugin: *const clap_plugin) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    // SAFETY: as above.
    if !door.shell.init.is_some_and(|init| unsafe { init(plugin) }) {
        return false;
    }
    // SAFETY: from here on the host may be asked for its extensions.
    unsafe {
        if let Some(extension) = (*door.host.0).get_extension {
            door.host_params.set(extension(door.host.0, CLAP_EXT_PARAMS.as_ptr()).cast());
            door.host_preset_load.set(HostPresetLoad::of(door.host.0));
        }
    }
    let host = door.host;
    // SAFETY: `destroy` ends this before the host goes.
    door.link.names.listen(Box::new(move || unsafe { host.request_callback() }));
    true
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: the host's last call, with what it was given; made of a box by `make`.
    let door = unsafe { Box::from_raw(plugin.cast::<Door>().cast_mut()) };
    door.link.names.leave();
    if let Some(destroy) = door.shell.destroy {
        // SAFETY: it looks at nothing but `plugin_data`.
        unsafe { destroy(&raw const door.plugin) };
    }
}

unsafe extern "C" fn get_extension(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    let Some(shells) = door.shell.get_extension else { return std::ptr::null() };
    // SAFETY: as above.
    let found = unsafe { shells(plugin, id) };
    if std::ptr::eq(found, door.shell_params.cast()) {
        return (&raw const door.params).cast();
    }
    // SAFETY: a text of the host's, where it is one.
    let is_ours = found.is_null() && !id.is_null() && unsafe { preset_load::is_its_id(CStr::from_ptr(id)) };
    if is_ours { (&raw const PRESET_LOAD).cast() } else { found }
}

/// The extension by which presets are loaded.
static PRESET_LOAD: clap_plugin_preset_load = clap_plugin_preset_load { from_location: Some(from_location) };

unsafe extern "C" fn from_location(
    plugin: *const clap_plugin,
    kind: clap_preset_discovery_location_kind,
    location: *const c_char,
    key: *const c_char,
) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    // SAFETY: the host's own arguments, on its main thread.
    unsafe { preset_load::load(&door.link, door.host_preset_load.get(), kind, location, key) }
}

unsafe extern "C" fn on_main_thread(plugin: *const clap_plugin) {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    if let Some(shells) = door.shell.on_main_thread {
        // SAFETY: as above.
        unsafe { shells(plugin) };
    }
    door.tell();
}

unsafe extern "C" fn get_info(plugin: *const clap_plugin, index: u32, info: *mut clap_param_info) -> bool {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    // SAFETY: the shell's table, which lives as long as the instance.
    let shells = unsafe { (*door.shell_params).get_info };
    // SAFETY: the host's own arguments.
    if !shells.is_some_and(|get_info| unsafe { get_info(plugin, index, info) }) {
        return false;
    }
    // SAFETY: the shell has written to it.
    let info = unsafe { &mut *info };
    // A panic of ours leaves the shell's answer.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if let Some(shown) = shown_at(&door.link, index as usize) {
            put_utf8(&mut info.name, &shown.name);
            put_utf8(&mut info.module, &shown.module);
        }
    }));
    true
}
