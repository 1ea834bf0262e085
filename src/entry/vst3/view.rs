//! An editor's views: their frames, of which some hosts let one have their run loop, and which one is in a window.
//!
//! A host compares the view that it was given with the one that the shell names when it wants another size, so the
//! view stays the shell's own object, with three calls changed: `setFrame`, `attached` and `removed`.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use nice_plug::wrapper::vst3::vst3::ComRef;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPlugFrame, IPlugView, IPlugViewVtbl, kResultOk, tresult,
};

use super::run_loop::RunLoop;
use super::titles::Titles;

/// A table of functions with some changed, and the one that it was made from. The table comes first, so that
/// a pointer to it is one to this.
#[repr(C)]
struct Changed {
    table: IPlugViewVtbl,
    original: &'static IPlugViewVtbl,
}

/// The tables that were made: one for each class of this library, so they are few and stay.
static MADE: Mutex<Vec<&'static Changed>> = Mutex::new(Vec::new());

/// A view that there is, or was.
struct Known {
    address: usize,
    run_loop: Weak<RunLoop>,
    titles: Weak<Titles>,
}

/// The views.
static VIEWS: Mutex<Vec<Known>> = Mutex::new(Vec::new());

/// Lets an instance have the run loop of the frames that a view of its own will be given, and know when it is in a
/// window.
///
/// # Safety
/// A live view of the shell's that nobody else has yet.
pub(super) unsafe fn watch(view: *mut IPlugView, run_loop: &Arc<RunLoop>, titles: &Arc<Titles>) {
    {
        let mut views = lock(&VIEWS);
        // Of an address that comes again the view before it is no more.
        views.retain(|known| known.address != view.addr() && known.run_loop.strong_count() > 0);
        let (run_loop, titles) = (Arc::downgrade(run_loop), Arc::downgrade(titles));
        views.push(Known { address: view.addr(), run_loop, titles });
    }
    // SAFETY: the tables of a class are constants.
    let original: &'static IPlugViewVtbl = unsafe { &*(*view).vtbl };
    let mut made = lock(&MADE);
    let known = made.iter().find(|changed| std::ptr::eq(changed.original, original)).copied();
    let changed = known.unwrap_or_else(|| {
        let table = IPlugViewVtbl { setFrame: set_frame, attached, removed, ..*original };
        let changed: &'static Changed = Box::leak(Box::new(Changed { table, original }));
        made.push(changed);
        changed
    });
    // SAFETY: the word is the object's own, in memory that it owns; whoever has the object reads it through
    // such pointers only, and nobody has it yet.
    unsafe { (&raw mut (*view).vtbl).write(&raw const changed.table) };
}

/// What is known of a view.
fn known<T>(view: *mut IPlugView, what: impl Fn(&Known) -> Option<T>) -> Option<T> {
    lock(&VIEWS).iter().find(|known| known.address == view.addr()).and_then(what)
}

/// The table that a view had before.
///
/// # Safety
/// A live view with a table of ours.
unsafe fn original(view: *mut IPlugView) -> &'static IPlugViewVtbl {
    // SAFETY: the caller's; the table begins its `Changed`.
    unsafe { (*(*view).vtbl.cast::<Changed>()).original }
}

/// A changed call.
unsafe extern "system" fn attached(this: *mut IPlugView, parent: *mut c_void, kind: FIDString) -> tresult {
    // SAFETY: only objects with a table of ours call this; the host's own arguments, for the function that it meant.
    let result = unsafe { (original(this).attached)(this, parent, kind) };
    if result == kResultOk
        && let Some(titles) = known(this, |known| known.titles.upgrade())
    {
        // SAFETY: the host has it, and it is held until it leaves its window.
        titles.menus.set_view(unsafe { ComRef::from_raw(this) }.map(|view| view.to_com_ptr()));
    }
    result
}

/// A changed call.
unsafe extern "system" fn removed(this: *mut IPlugView) -> tresult {
    if let Some(titles) = known(this, |known| known.titles.upgrade()) {
        titles.menus.set_view(None);
    }
    // SAFETY: only objects with a table of ours call this.
    unsafe { (original(this).removed)(this) }
}

/// A changed call.
unsafe extern "system" fn set_frame(this: *mut IPlugView, frame: *mut IPlugFrame) -> tresult {
    let run_loop = known(this, |known| known.run_loop.upgrade());
    if let Some(run_loop) = run_loop {
        // SAFETY: the host's object, or none; every interface begins as `FUnknown` does.
        run_loop.frame(unsafe { ComRef::<FUnknown>::from_raw(frame.cast()) });
    }
    // SAFETY: only objects with a table of ours call this; the host's own arguments, for the function that it meant.
    unsafe { (original(this).setFrame)(this, frame) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
