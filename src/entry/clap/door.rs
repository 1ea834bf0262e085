//! An instance as a CLAP host has it: the shell's, with its parameters' names answered by us.
//!
//! The shell finds its own object by `plugin_data` and never looks where the `clap_plugin` itself lies (nice-plug
//! 0.4.2, `wrapper/clap/wrapper.rs`). So the host is given a copy of the shell's, which begins a [`Door`], with the
//! functions replaced for which we answer. Each of them calls the shell's as well.
//!
//! The names of the parameters change with the piece. The host is told so on its main thread: the control thread
//! asks for a call there (`request_callback`), and in it the host is told to look at names and texts again. Ids,
//! ranges and steps stay as the shell has them. In the same call the host is told where the layouts of its ports are in
//! another order, because the piece asks for others ([`super::ports`]), and where the pages for its knobs have changed
//! ([`super::pages`]).

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clap_sys::ext::audio_ports_config::{
    CLAP_EXT_AUDIO_PORTS_CONFIG, clap_host_audio_ports_config, clap_plugin_audio_ports_config,
};
use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, CLAP_PARAM_RESCAN_INFO, CLAP_PARAM_RESCAN_TEXT, CLAP_PARAM_RESCAN_VALUES,
    clap_host_params, clap_param_info, clap_plugin_params,
};
use clap_sys::ext::preset_load::clap_plugin_preset_load;
use clap_sys::ext::remote_controls::{
    CLAP_EXT_REMOTE_CONTROLS, CLAP_EXT_REMOTE_CONTROLS_COMPAT, clap_host_remote_controls,
};
use clap_sys::factory::preset_discovery::clap_preset_discovery_location_kind;
use clap_sys::host::clap_host;
use clap_sys::id::{CLAP_INVALID_ID, clap_id};
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use nice_plug::prelude::ClapPlugin;
use nice_plug::wrapper::clap::Wrapper;

use super::ports::Ports;
use super::preset_load::{self, HostPresetLoad};
use super::track;
use super::{context_menu, note_names};
use crate::entry::fields::put_utf8;
use crate::entry::naming::shown_at;
use crate::layouts::Asked;
use crate::plugin::channels::names::NoteNames;
use crate::plugin::newest;
use crate::plugin::shared::link::Link;

/// Gives our own table of functions for an extension, or null.
pub(super) type Tables = fn(&CStr) -> *const c_void;

/// See the module. It begins with what the host has a pointer to.
#[repr(C)]
pub(super) struct Door {
    plugin: clap_plugin,
    /// The shell's functions.
    shell: clap_plugin,
    /// The shell's answers for parameters, and ours.
    shell_params: *const clap_plugin_params,
    params: clap_plugin_params,
    /// The shell's choice of a layout.
    shell_configs: *const clap_plugin_audio_ports_config,
    pub ports: Ports,
    tables: Tables,
    host: HostPointer,
    pub link: Arc<Link>,
    /// The host's side of parameters, once it may be asked for. This and all below are the main thread's.
    host_params: Cell<*const clap_host_params>,
    /// Likewise of loading presets, of the layouts, and of the pages for a controller's knobs.
    host_preset_load: Cell<HostPresetLoad>,
    host_configs: Cell<*const clap_host_audio_ports_config>,
    host_pages: Cell<*const clap_host_remote_controls>,
    /// The changes of names and of values that the host was told of, and what the piece asked for when it was.
    told: Cell<u64>,
    told_values: Cell<u64>,
    told_asked: Cell<Option<Asked>>,
    told_notes: RefCell<NoteNames>,
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

/// Makes an instance, for a host, with this description and the layout at this place to begin with.
///
/// # Safety
/// `host` is the host's and lives as long as the instance.
pub(super) unsafe fn make<P: ClapPlugin>(
    host: *const clap_host,
    descriptor: &'static clap_plugin_descriptor,
    layout: usize,
    tables: Tables,
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
    // SAFETY: as above.
    let shell_configs =
        unsafe { (shell.get_extension?)(&raw const shell, CLAP_EXT_AUDIO_PORTS_CONFIG.as_ptr()) };
    let shell_configs: *const clap_plugin_audio_ports_config = shell_configs.cast();
    if shell_params.is_null() || shell_configs.is_null() {
        return None;
    }
    // SAFETY: the shell's table, which lives as long as the instance.
    let params = unsafe { clap_plugin_params { get_info: Some(get_info), ..*shell_params } };
    let door = Box::new(Door {
        plugin,
        shell,
        shell_params,
        params,
        shell_configs,
        ports: Ports::new(P::AUDIO_IO_LAYOUTS),
        tables,
        host: HostPointer(host),
        host_params: Cell::new(std::ptr::null()),
        host_preset_load: Cell::default(),
        host_configs: Cell::new(std::ptr::null()),
        host_pages: Cell::new(std::ptr::null()),
        told: Cell::new(link.names.changes()),
        told_values: Cell::new(link.names.value_changes()),
        told_asked: Cell::new(link.asked.get()),
        told_notes: RefCell::new(link.names.of_notes()),
        link,
    });
    if layout > 0 {
        door.select(layout as clap_id);
    }
    Some(Box::into_raw(door).cast_const().cast())
}

/// The door of which a host has this.
///
/// # Safety
/// `plugin` is one that [`make`] gave, not yet destroyed.
pub(super) unsafe fn door<'a>(plugin: *const clap_plugin) -> &'a Door {
    // SAFETY: the caller's; a door begins with its `clap_plugin`.
    unsafe { &*plugin.cast::<Door>() }
}

impl Door {
    /// Takes a layout. On the main thread, while the instance is not active.
    pub fn select(&self, id: clap_id) -> bool {
        // SAFETY: the shell's table, which lives as long as the instance, and its own object.
        let is_taken =
            unsafe { (*self.shell_configs).select.is_some_and(|select| select(&raw const self.plugin, id)) };
        if is_taken {
            self.ports.choose(id);
        }
        is_taken
    }

    /// The host, and its side of an extension that has one of these names; null where it has none. On the main thread,
    /// once the host may be asked.
    pub fn host_table<T>(&self, ids: &[&CStr]) -> (*const clap_host, *const T) {
        // SAFETY: the host is there as long as its instance.
        let extension = unsafe { (*self.host.0).get_extension };
        let found = extension.and_then(|extension| {
            // SAFETY: the host's own function, with a text that is there for ever.
            let tables = ids.iter().map(|id| unsafe { extension(self.host.0, id.as_ptr()) });
            tables.into_iter().find(|table| !table.is_null())
        });
        (self.host.0, found.unwrap_or(std::ptr::null()).cast())
    }

    /// Tells the host of names of keys that have changed. On the main thread.
    fn tell_of_notes(&self) {
        let names = self.link.names.of_notes();
        if self.told_notes.replace(names.clone()) != names {
            note_names::tell(self);
        }
    }

    /// Tells the host of an order of the layouts that has changed. On the main thread.
    fn tell_of_configs(&self) {
        let (asked, configs) = (self.link.asked.get(), self.host_configs.get());
        if self.told_asked.replace(asked) == asked || configs.is_null() {
            return;
        }
        // SAFETY: the host's extension, which lives as long as the host does; this is the main thread.
        unsafe {
            if let Some(rescan) = (*configs).rescan {
                rescan(self.host.0);
            }
        }
    }

    /// Tells the host of names and values that have changed since it was told. On the main thread.
    fn tell(&self) {
        let names = &self.link.names;
        let are_renamed = self.told.replace(names.changes()) != names.changes();
        let have_values = self.told_values.replace(names.value_changes()) != names.value_changes();
        let flags = if are_renamed { CLAP_PARAM_RESCAN_INFO | CLAP_PARAM_RESCAN_TEXT } else { 0 }
            | if have_values { CLAP_PARAM_RESCAN_VALUES | CLAP_PARAM_RESCAN_TEXT } else { 0 };
        // SAFETY: the host's extensions, if it has them, which live as long as the host does; this is the main thread.
        unsafe {
            let rescan = self.host_params.get().as_ref().and_then(|params| params.rescan);
            if let Some(rescan) = rescan.filter(|_| flags != 0) {
                rescan(self.host.0, flags);
            }
            let changed = self.host_pages.get().as_ref().and_then(|pages| pages.changed);
            if let Some(changed) = changed.filter(|_| are_renamed) {
                changed(self.host.0);
            }
        }
    }

    /// The numbers by which hosts know the parameters, in the order of the list. On the main thread.
    pub fn parameter_ids(&self) -> Vec<u32> {
        // SAFETY: the shell's table, which lives as long as the instance, and its own object; the answer is looked at
        // where the shell has written one.
        unsafe {
            let (Some(count), Some(get)) = ((*self.shell_params).count, (*self.shell_params).get_info) else {
                return Vec::new();
            };
            let id = |index| {
                let mut info = std::mem::MaybeUninit::<clap_param_info>::zeroed();
                let is_there = get(&raw const self.plugin, index, info.as_mut_ptr());
                if is_there { info.assume_init().id } else { CLAP_INVALID_ID }
            };
            (0..count(&raw const self.plugin)).map(id).collect()
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
            door.host_configs.set(extension(door.host.0, CLAP_EXT_AUDIO_PORTS_CONFIG.as_ptr()).cast());
            let mut pages = extension(door.host.0, CLAP_EXT_REMOTE_CONTROLS.as_ptr());
            if pages.is_null() {
                pages = extension(door.host.0, CLAP_EXT_REMOTE_CONTROLS_COMPAT.as_ptr());
            }
            door.host_pages.set(pages.cast());
        }
    }
    track::look(door);
    context_menu::look(door);
    let host = door.host;
    // SAFETY: `destroy` ends this before the host goes.
    door.link.names.listen(Box::new(move || unsafe { host.request_callback() }));
    // SAFETY: as above.
    door.link.menus.listen(Box::new(move || unsafe { host.request_callback() }));
    true
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: the host's last call, with what it was given; made of a box by `make`.
    let door = unsafe { Box::from_raw(plugin.cast::<Door>().cast_mut()) };
    door.link.names.leave();
    door.link.menus.leave();
    if let Some(destroy) = door.shell.destroy {
        // SAFETY: it looks at nothing but `plugin_data`.
        unsafe { destroy(&raw const door.plugin) };
    }
}

unsafe extern "C" fn get_extension(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    // SAFETY: the host's call, with what it was given.
    let door = unsafe { door(plugin) };
    if !id.is_null() {
        // SAFETY: a text of the host's.
        let id = unsafe { CStr::from_ptr(id) };
        let table = (door.tables)(id);
        if !table.is_null() {
            return table;
        }
    }
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
    door.tell_of_configs();
    door.tell_of_notes();
    context_menu::carry_out(door);
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

#[cfg(test)]
mod tests {
    use std::ffi::c_void;
    use std::ptr::{null, null_mut};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use clap_sys::version::CLAP_VERSION;

    use super::super::descriptor::Descriptor;
    use super::*;
    use crate::entry::about::About;
    use crate::plugin::Instrument;

    static CALLS: AtomicUsize = AtomicUsize::new(0);

    unsafe extern "C" fn no_extension(_: *const clap_host, _: *const c_char) -> *const c_void {
        null()
    }

    unsafe extern "C" fn ignore(_: *const clap_host) {}

    unsafe extern "C" fn count(_: *const clap_host) {
        CALLS.fetch_add(1, Ordering::SeqCst);
    }

    /// Others may hold what an instance shares for longer than the host has the instance.
    #[test]
    fn a_host_whose_instance_has_gone_is_not_called_for_a_name_that_changes() {
        let host = clap_host {
            clap_version: CLAP_VERSION,
            host_data: null_mut(),
            name: c"Test".as_ptr(),
            vendor: c"".as_ptr(),
            url: c"".as_ptr(),
            version: c"".as_ptr(),
            get_extension: Some(no_extension),
            request_restart: Some(ignore),
            request_process: Some(ignore),
            request_callback: Some(count),
        };
        let descriptor = Box::leak(Box::new(Descriptor::new(&About::of::<Instrument>())));
        // SAFETY: the host lives to the end of the test, and this thread is its main thread.
        let link = unsafe {
            let plugin = make::<Instrument>(&raw const host, descriptor.clap(), 0, |_| null()).unwrap();
            assert!(init(plugin));
            let link = Arc::clone(&door(plugin).link);
            let before = CALLS.load(Ordering::SeqCst);
            link.names.tell();
            assert!(CALLS.load(Ordering::SeqCst) > before, "the host is called while it has the instance");
            destroy(plugin);
            link
        };
        let before = CALLS.load(Ordering::SeqCst);
        link.names.tell();
        assert_eq!(CALLS.load(Ordering::SeqCst), before);
    }
}
