//! Finding and loading libcsound at run time, so that a plugin can be scanned without it.

pub(crate) mod functions;
#[cfg(target_os = "linux")]
mod opcodes;
pub(crate) mod places;

use std::ffi::{CStr, CString, c_int, c_void};
use std::io;
use std::path::{Path, PathBuf};
use std::ptr::{NonNull, null};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use csound_sys as sys;

use super::fpu::preserve;

use functions::{CSOUND, Functions};
use places::{candidates, file_of, own_folder};

/// The environment variable that names the library; nothing else is tried then.
pub const VARIABLE: &str = "CSOUND_PERFORMER_LIBCSOUND";

/// The oldest version that is used, as `csoundGetVersion` gives it: 6.15. The API header is the same
/// from 6.15 to 6.18 in all that this table uses, as is the string structure that `channels` reads.
/// The tests run on 6.18.
const OLDEST: c_int = 6150;

/// The first version that is not used: Csound 7 has another API.
const TOO_NEW: c_int = 7000;

/// `csoundInitialize`: no signal handlers, no atexit.
const QUIET: c_int = (sys::CSOUNDINIT_NO_SIGNAL_HANDLER | sys::CSOUNDINIT_NO_ATEXIT) as c_int;

/// Csound's variable for the folder of its opcode libraries.
const OPCODE_FOLDER: &CStr = c"OPCODE6DIR64";

/// One path at which the library could have been, and why it was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The path or name that was tried.
    pub path: PathBuf,
    /// The reason why it was not used.
    pub found: String,
}

impl Attempt {
    /// True if it is a Csound, only not one that can be used.
    fn is_csound(&self) -> bool {
        self.found.starts_with(A_CSOUND)
    }
}

/// What is said of a Csound begins so.
const A_CSOUND: &str = "is Csound ";

/// There is no usable libcsound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", describe(.attempts))]
pub struct LoadError {
    /// The paths that were tried, in order.
    pub attempts: Vec<Attempt>,
}

/// What installs a usable Csound.
const INSTALL: &str = "Debian, Ubuntu: sudo apt install libcsound64-6.0; macOS, Windows: the Csound 6 installer \
                       from csound.com";

/// The cause, which is a Csound of another kind where one was found, and what to do about it.
fn describe(attempts: &[Attempt]) -> String {
    if let Some(Attempt { path, found, .. }) = attempts.iter().find(|attempt| attempt.is_csound()) {
        return format!(
            "{} {found}. Install Csound 6 beside it ({INSTALL}), or set {VARIABLE} to the path of its library.",
            path.display()
        );
    }
    let one = |attempt: &Attempt| format!("{} ({})", attempt.path.display(), attempt.found);
    let tried = attempts.iter().map(one).collect::<Vec<_>>().join(", ");
    format!(
        "Csound 6 was not found, so nothing can be performed. Tried {tried}. Install it ({INSTALL}), or set \
         {VARIABLE} to the path of the library."
    )
}

/// libcsound, loaded. There is one per process and it is never unloaded: opcode libraries and their
/// threads would not survive that.
pub struct Library {
    pub(super) functions: Functions,
    path: PathBuf,
    version: c_int,
    /// The folder of the opcode libraries that instances load, chosen before the first of them; `None`
    /// if Csound is left to its own.
    opcode_folder: OnceLock<Option<CString>>,
    /// True if that folder holds what is on a list only.
    limited: AtomicBool,
    /// Held while an instance is created, because [`OPCODE_FOLDER`] is then set for all of
    /// libcsound.
    creating: Mutex<()>,
    _library: libloading::Library,
}

static LOADED: OnceLock<Library> = OnceLock::new();

impl Library {
    /// The library, loaded on the first call. A failure is not remembered: whoever installs Csound
    /// meanwhile need not restart the host.
    ///
    /// Looks where [`VARIABLE`] says, and only there; without it, beside the plugin or program that
    /// this code is part of, and then under the system's names.
    ///
    /// # Errors
    /// [`LoadError`], with everything that was tried.
    pub fn get() -> Result<&'static Self, LoadError> {
        static LOADING: Mutex<()> = Mutex::new(());
        if let Some(library) = LOADED.get() {
            return Ok(library);
        }
        let _loading = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(library) = LOADED.get() {
            return Ok(library);
        }
        let variable = std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
        let library = Self::load(&candidates(variable, own_folder().as_deref()))?;
        library.prepare();
        Ok(LOADED.get_or_init(|| library))
    }

    /// The library if it is loaded already: what callbacks use.
    pub(super) fn loaded() -> Option<&'static Self> {
        LOADED.get()
    }

    /// Csound's version: major, minor, patch.
    pub fn version(&self) -> (i32, i32, i32) {
        (self.version / 1000, self.version / 10 % 100, self.version % 10)
    }

    /// The path at which it was found, or the name under which the system knows it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Holds all instances of this process to the opcode libraries whose file names are allowed. Before
    /// the first of them, once.
    ///
    /// # Errors
    /// The folder for that cannot be made, or an instance was there before.
    pub fn limit_opcodes(&self, is_allowed: &dyn Fn(&str) -> bool) -> io::Result<()> {
        let _creating = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        let (named, beside) = self.opcode_places();
        let folder = opcodes::allowed(named.as_deref(), beside.as_deref(), is_allowed)?;
        self.opcode_folder
            .set(Some(folder))
            .map_err(|_| io::Error::other("Csound has loaded its opcode libraries already"))?;
        self.limited.store(true, Ordering::Release);
        Ok(())
    }

    /// True if instances are held to a list of opcode libraries.
    pub fn loads_listed_opcodes_only(&self) -> bool {
        self.limited.load(Ordering::Acquire)
    }

    /// Keeps the user's settings and opcode libraries below the home folder from the instances to come.
    /// For a process that performs one piece, while no other thread of it touches the environment.
    pub fn forget_users_settings(&self) {
        opcodes::forget_users_settings();
    }

    /// Makes an instance. With `host_data` for its callbacks; without `devices` Csound's own audio
    /// and MIDI devices cannot be used.
    ///
    /// # Safety
    /// `host_data` is what the callbacks that are installed later expect, and outlives the instance.
    pub(super) unsafe fn create(&self, host_data: *mut c_void, devices: bool) -> Option<NonNull<CSOUND>> {
        let functions = &self.functions;
        let _creating = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.opcode_folder.get_or_init(|| {
            let (named, beside) = self.opcode_places();
            opcodes::without_devices(named.as_deref(), beside.as_deref())
        });
        // An instance that is held to a list has no devices either.
        let folder = folder.as_deref().filter(|_| !devices || self.loads_listed_opcodes_only());
        let before = folder.and_then(|_| self.opcode_variable());
        if let Some(folder) = folder {
            // SAFETY: both are NUL-terminated. Csound reads the variable in csoundCreate only, of
            // which the lock admits one at a time here.
            unsafe { (functions.set_global_env)(OPCODE_FOLDER.as_ptr(), folder.as_ptr()) };
        }
        // SAFETY: the caller answers for the host data.
        let csound = preserve(|| unsafe { (functions.create)(host_data) });
        if folder.is_some() {
            let before = before.as_deref().map_or(null(), CStr::as_ptr);
            // SAFETY: as above; a null value takes the variable away again, so that whoever shares
            // libcsound in this process finds it as it was.
            unsafe { (functions.set_global_env)(OPCODE_FOLDER.as_ptr(), before) };
        }
        NonNull::new(csound)
    }

    /// Tries the candidates in order.
    fn load(candidates: &[PathBuf]) -> Result<Self, LoadError> {
        let mut attempts = Vec::new();
        for path in candidates {
            match Self::open(path) {
                Ok(library) => return Ok(library),
                Err(found) => attempts.push(Attempt { path: path.clone(), found }),
            }
        }
        Err(LoadError { attempts })
    }

    /// The version is looked at before the rest, so that another Csound is called by its name.
    fn open(path: &Path) -> Result<Self, String> {
        // SAFETY: loading runs the library's initialisers. The candidates are libcsound by name, or
        // what the user named as such.
        let library = unsafe { libloading::Library::new(path) }.map_err(|error| error.to_string())?;
        // SAFETY: the type is csound-sys's declaration, checked above.
        let version = unsafe { library.get::<unsafe extern "C" fn() -> c_int>(b"csoundGetVersion\0") }
            .map_err(|_| "is a library, but not Csound: it has no csoundGetVersion")?;
        // SAFETY: csoundGetVersion takes nothing and may be called at any time.
        let version = unsafe { version() };
        check_version(version)?;
        let functions = Functions::find(&library)
            .map_err(|symbol| format!("{A_CSOUND}{}, but without {symbol}", display_version(version)))?;
        let path = path.to_owned();
        Ok(Self {
            functions,
            path,
            version,
            opcode_folder: OnceLock::new(),
            limited: AtomicBool::new(false),
            creating: Mutex::new(()),
            _library: library,
        })
    }

    /// Prepares Csound, once, before the first instance.
    fn prepare(&self) {
        // SAFETY: no instance of ours exists yet; the call guards itself against others.
        unsafe { (self.functions.initialize)(QUIET) };
    }

    /// The places of opcode libraries: the user's own choice of folders, and the file of libcsound.
    fn opcode_places(&self) -> (Option<String>, Option<PathBuf>) {
        let named = self.opcode_variable().map(|named| named.to_string_lossy().into_owned());
        (named, file_of(self.functions.create as *const c_void))
    }

    /// The opcode folder that the user or another part of this process asks for.
    fn opcode_variable(&self) -> Option<CString> {
        // SAFETY: without an instance Csound looks at its global variables and at the environment,
        // and gives a NUL-terminated string, which is copied at once.
        unsafe {
            let value = (self.functions.get_env)(std::ptr::null_mut(), OPCODE_FOLDER.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_owned())
        }
    }
}

fn check_version(version: c_int) -> Result<(), String> {
    let text = display_version(version);
    match version {
        ..OLDEST => Err(format!("{A_CSOUND}{text}, too old: 6.15 or later is needed")),
        TOO_NEW.. => Err(format!("{A_CSOUND}{text}, whose API is another: Csound 6 is needed")),
        _ => Ok(()),
    }
}

fn display_version(version: c_int) -> String {
    format!("{}.{:02}", version / 1000, version / 10 % 100)
}

/// Elsewhere than on Linux Csound's own folder is used: the leak is that of Linux's JACK module, and
/// engines are confined on Linux only.
#[cfg(not(target_os = "linux"))]
mod opcodes {
    use std::ffi::CString;
    use std::io;
    use std::path::Path;

    pub(super) fn without_devices(_named: Option<&str>, _library: Option<&Path>) -> Option<CString> {
        None
    }

    pub(super) fn allowed(
        _named: Option<&str>,
        _library: Option<&Path>,
        _is_allowed: &dyn Fn(&str) -> bool,
    ) -> io::Result<CString> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn forget_users_settings() {}
}

#[cfg(test)]
mod tests;
