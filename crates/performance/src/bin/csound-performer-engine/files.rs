//! `open` and `fopen` of this program: all libraries in it, Csound first, open files through these
//! (`build.rs` exports them), and the overlay says where a file really is.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::OnceLock;

use csound_performance::engine::serve::{Access, place_of, tell_of_reading, tell_of_refusal};

/// `fopen` of the C library.
type Fopen = unsafe extern "C" fn(*const c_char, *const c_char) -> *mut c_void;

/// Stands for `open(path, flags, mode)`, whose mode is there only with some flags. In the calling conventions
/// of Linux the third argument is passed alike, and one that was not passed is not looked at.
///
/// # Safety
/// As `open`.
#[unsafe(no_mangle)]
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { open_placed(path, flags, mode) }
}

/// The same: files may be large in both.
///
/// # Safety
/// As `open64`.
#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { open_placed(path, flags, mode) }
}

/// Stands for `fopen`.
///
/// # Safety
/// As `fopen`.
#[unsafe(no_mangle)]
unsafe extern "C" fn fopen(path: *const c_char, mode: *const c_char) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { fopen_placed(path, mode) }
}

/// The same: files may be large in both.
///
/// # Safety
/// As `fopen64`.
#[unsafe(no_mangle)]
unsafe extern "C" fn fopen64(path: *const c_char, mode: *const c_char) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { fopen_placed(path, mode) }
}

/// # Safety
/// `path` is a string.
unsafe fn open_placed(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    let by_system = |path: *const c_char| {
        let flags = flags | libc::O_LARGEFILE;
        // SAFETY: a plain system call; `path` is a string by the caller's promise or our own.
        unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) as c_int }
    };
    // SAFETY: a string, by the caller's promise.
    let (Some(access), Some(named)) = (Access::of_flags(flags), unsafe { string(path) }) else {
        return by_system(path);
    };
    let Some(place) = find(named, access) else { return -1 };
    let descriptor = by_system(place.as_deref().map_or(path, CStr::as_ptr));
    if descriptor < 0 {
        tell(named, access);
    } else {
        tell_of_reading(named, access);
    }
    descriptor
}

/// # Safety
/// `path` and `mode` are strings.
unsafe fn fopen_placed(path: *const c_char, mode: *const c_char) -> *mut c_void {
    static FOPEN: OnceLock<Option<Fopen>> = OnceLock::new();
    let found = FOPEN.get_or_init(|| {
        // SAFETY: asks the loader for the next function of this name, behind our own.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, c"fopen64".as_ptr()) };
        // SAFETY: the C library's function of this name is of this type, or there is none.
        unsafe { std::mem::transmute::<*mut c_void, Option<Fopen>>(found) }
    });
    let Some(by_library) = found else {
        set_error(libc::ENOSYS);
        return std::ptr::null_mut();
    };
    // SAFETY: strings, by the caller's promise.
    let (Some(named), Some(how)) = (unsafe { string(path) }, unsafe { string(mode) }) else {
        // SAFETY: the caller's promise is the library's to judge.
        return unsafe { by_library(path, mode) };
    };
    let access = Access::of_mode(how.to_bytes());
    let Some(place) = find(named, access) else { return std::ptr::null_mut() };
    // SAFETY: both are strings.
    let file = unsafe { by_library(place.as_deref().map_or(path, CStr::as_ptr), mode) };
    if file.is_null() {
        tell(named, access);
    } else {
        tell_of_reading(named, access);
    }
    file
}

/// The place of a file, or `None` and the system's error.
fn find(path: &CStr, access: Access) -> Option<Option<CString>> {
    place_of(path, access).map_err(|error| set_error(error.raw_os_error())).ok()
}

/// Tells of a refusal, if the error that just came was one, and leaves the error as it was.
fn tell(path: &CStr, access: Access) {
    let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    if error == libc::EACCES || error == libc::EPERM {
        tell_of_refusal(path, access);
    }
    set_error(error);
}

/// # Safety
/// `text` is null or a string that outlives the result.
unsafe fn string<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: the caller's promise.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

fn set_error(error: c_int) {
    // SAFETY: the calling thread's own variable.
    unsafe { *libc::__errno_location() = error };
}
