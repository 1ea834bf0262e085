//! The frames of an editor's views, of which some hosts let one have their run loop.
//!
//! A host compares the view that it was given with the one that the shell names when it wants another size, so the
//! view stays the shell's own object, with one call changed: `setFrame`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use nice_plug::wrapper::vst3::vst3::ComRef;
use nice_plug::wrapper::vst3::vst3::Steinberg::{FUnknown, IPlugFrame, IPlugView, IPlugViewVtbl, tresult};

use super::run_loop::RunLoop;

/// A table of functions with one changed, and the one that it was made from. The table comes first, so that
/// a pointer to it is one to this.
#[repr(C)]
struct Changed {
    table: IPlugViewVtbl,
    original: &'static IPlugViewVtbl,
}

/// The tables that were made: one for each class of this library, so they are few and stay.
static MADE: Mutex<Vec<&'static Changed>> = Mutex::new(Vec::new());

/// The views that there are, or were, by their address, with what their instance has of a run loop.
static VIEWS: Mutex<Vec<(usize, Weak<RunLoop>)>> = Mutex::new(Vec::new());

/// Lets an instance have the run loop of the frames that a view of its own will be given.
///
/// # Safety
/// A live view of the shell's that nobody else has yet.
pub(super) unsafe fn watch(view: *mut IPlugView, run_loop: &Arc<RunLoop>) {
    {
        let mut views = lock(&VIEWS);
        // Of an address that comes again the view before it is no more.
        views.retain(|(known, run_loop)| *known != view.addr() && run_loop.strong_count() > 0);
        views.push((view.addr(), Arc::downgrade(run_loop)));
    }
    // SAFETY: the tables of a class are constants.
    let original: &'static IPlugViewVtbl = unsafe { &*(*view).vtbl };
    let mut made = lock(&MADE);
    let known = made.iter().find(|changed| std::ptr::eq(changed.original, original)).copied();
    let changed = known.unwrap_or_else(|| {
        let table = IPlugViewVtbl { setFrame: set_frame, ..*original };
        let changed: &'static Changed = Box::leak(Box::new(Changed { table, original }));
        made.push(changed);
        changed
    });
    // SAFETY: the word is the object's own, in memory that it owns; whoever has the object reads it through
    // such pointers only, and nobody has it yet.
    unsafe { (&raw mut (*view).vtbl).write(&raw const changed.table) };
}

/// The changed call.
unsafe extern "system" fn set_frame(this: *mut IPlugView, frame: *mut IPlugFrame) -> tresult {
    let run_loop = {
        let views = lock(&VIEWS);
        views.iter().find(|(known, _)| *known == this.addr()).and_then(|(_, run_loop)| run_loop.upgrade())
    };
    if let Some(run_loop) = run_loop {
        // SAFETY: the host's object, or none; every interface begins as `FUnknown` does.
        run_loop.frame(unsafe { ComRef::<FUnknown>::from_raw(frame.cast()) });
    }
    // SAFETY: only objects with a table of ours call this, and the table begins its `Changed`.
    let original = unsafe { (*(*this).vtbl.cast::<Changed>()).original };
    // SAFETY: the host's own arguments, for the function that it meant.
    unsafe { (original.setFrame)(this, frame) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
