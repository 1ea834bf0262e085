//! Finding and loading libcsound at run time, so that a plugin can be scanned without it.
//!
//! Reading order: `load_error`, `places`, `installed` and `companions` (where a Csound may be, which one is there, and
//! what it brings),
//! `opcodes` (what it loads itself), `functions` (what both generations share), `operations` with `six` and
//! `seven` (what they do not), `way` and `stack` (performing).

pub(crate) mod companions;
pub(crate) mod functions;
pub(crate) mod installed;
mod instances;
mod load_error;
#[cfg(target_os = "linux")]
mod opcodes;
pub(crate) mod operations;
pub(crate) mod places;
mod seven;
mod six;
mod stack;
pub(crate) mod way;

use std::ffi::{CStr, CString, OsString, c_int, c_void};
use std::io;
use std::path::{Path, PathBuf};
use std::ptr::{NonNull, null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use csound_sys as sys;

use super::fpu::preserve;
use super::version::{Generation, display};

use functions::{CSOUND, Functions};
use instances::Instances;
use operations::Operations;
use places::{candidates, file_of, own_folder};

pub use load_error::{Attempt, LoadError, how_to_install};

/// The environment variable that names the libraries, one or more, as `PATH` names folders; nothing else
/// is tried then.
pub const VARIABLE: &str = "CSOUND_PERFORMER_LIBCSOUND";

/// `csoundInitialize`: no signal handlers, no atexit.
const QUIET: c_int = (sys::CSOUNDINIT_NO_SIGNAL_HANDLER | sys::CSOUNDINIT_NO_ATEXIT) as c_int;

/// libcsound, loaded. There is one per process, of one generation, and it is never unloaded: opcode
/// libraries and their threads would not survive that.
pub struct Library {
    pub(super) functions: Functions,
    pub(super) operations: Box<dyn Operations>,
    /// The list of active instances, where this Csound has it as it is known.
    pub(super) instances: Option<Instances>,
    path: PathBuf,
    version: c_int,
    generation: Generation,
    /// The folder of the opcode libraries that instances load, chosen before the first of them; `None`
    /// if Csound is left to its own.
    opcode_folder: OnceLock<Option<CString>>,
    /// True if that folder holds what is on a list only.
    limited: AtomicBool,
    /// Held while an instance is created: what tells it its folder may be set for all of libcsound.
    creating: Mutex<()>,
    _library: libloading::Library,
}

static LOADED: OnceLock<Library> = OnceLock::new();

impl Library {
    /// The library, loaded on the first call: the one that this process has already, otherwise the first
    /// that is found, a Csound 6 before a Csound 7. A failure is not remembered: whoever installs Csound
    /// meanwhile need not restart the host.
    ///
    /// Looks where [`VARIABLE`] says, and only there; without it, beside the plugin or program that
    /// this code is part of, and then under the system's names and at the usual places.
    ///
    /// # Errors
    /// [`LoadError`], with everything that was tried.
    pub fn get() -> Result<&'static Self, LoadError> {
        Self::of(None)
    }

    /// The library, of this generation if one is named, and otherwise as [`get`](Self::get).
    ///
    /// # Errors
    /// [`LoadError`]: none is found, or this process has loaded the other generation already.
    pub fn of(generation: Option<Generation>) -> Result<&'static Self, LoadError> {
        static LOADING: Mutex<()> = Mutex::new(());
        if let Some(library) = LOADED.get() {
            return library.as_asked(generation);
        }
        let _loading = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(library) = LOADED.get() {
            return library.as_asked(generation);
        }
        let library = Self::load(&candidates(variable(), own_folder().as_deref(), generation), generation)?;
        library.prepare();
        Ok(LOADED.get_or_init(|| library))
    }

    /// The library if this process has loaded it already. This loads nothing.
    pub fn loaded() -> Option<&'static Self> {
        LOADED.get()
    }

    fn as_asked(&'static self, generation: Option<Generation>) -> Result<&'static Self, LoadError> {
        match generation {
            Some(asked) if asked != self.generation => Err(LoadError::other(asked, self.version)),
            _ => Ok(self),
        }
    }

    /// Csound's generation.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Csound's version: major, minor, patch.
    pub fn version(&self) -> (i32, i32, i32) {
        (self.version / 1000, self.version / 10 % 100, self.version % 10)
    }

    /// The version as `csoundGetVersion` gives it.
    pub(super) fn version_number(&self) -> c_int {
        self.version
    }

    /// The address of what it exports under a name; null if it exports nothing so named.
    pub(super) fn symbol(&self, name: &str) -> *const c_void {
        // SAFETY: the address is not used as anything here.
        unsafe { self._library.get::<*const c_void>(name) }.map_or(null(), |symbol| *symbol)
    }

    /// True if an address lies in it.
    pub(super) fn contains(&self, address: *const c_void) -> bool {
        let file = file_of(address);
        file.is_some() && file == self.file()
    }

    /// The path at which it was found, or the name under which the system knows it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True if a live event of a sample-accurate piece begins in the k-cycle that is nearest to its time, on that
    /// time's frame counted within a k-cycle: up to half a k-cycle late. False if it begins on its frame.
    pub fn rounds_events_to_cycles(&self) -> bool {
        self.generation == Generation::Six
    }

    /// False if this Csound never leaves the end of a score's section (`s`) once events come in from outside its
    /// score: MIDI, live events, `schedule` and the like. So does 7.00, whatever program performs it.
    pub fn plays_sections_with_events(&self) -> bool {
        self.generation == Generation::Six
    }

    /// The folders from which Csound loads its opcode libraries, as far as they are known, by their real
    /// paths.
    pub fn opcode_folders(&self) -> Vec<PathBuf> {
        let (named, beside) = self.opcode_places();
        let folders = opcodes::folders(self.generation, named.as_deref(), beside.as_deref());
        folders.into_iter().map(|folder| folder.canonicalize().unwrap_or(folder)).collect()
    }

    /// The folders that opcode libraries are taken from, Csound's own and the user's, whether they are there or
    /// not.
    pub fn opcode_sources(&self) -> Vec<PathBuf> {
        let mut folders = self.opcode_folders();
        folders.extend(opcodes::users_folders(self.generation));
        folders
    }

    /// The folder of links that instances load their opcode libraries from, once it is made.
    pub fn opcode_links(&self) -> Option<PathBuf> {
        let folder = self.opcode_folder.get()?.as_deref()?;
        Some(PathBuf::from(folder.to_string_lossy().into_owned()))
    }

    /// True if a library that the user has installed is among those links.
    pub fn links_users_opcodes(&self) -> bool {
        let users: Vec<_> = opcodes::users_folders(self.generation)
            .into_iter()
            .filter_map(|folder| folder.canonicalize().ok())
            .collect();
        let links =
            self.opcode_links().and_then(|links| links.read_dir().ok()).into_iter().flatten().flatten();
        let mut targets = links.filter_map(|link| link.path().canonicalize().ok());
        targets.any(|target| users.iter().any(|folder| target.starts_with(folder)))
    }

    /// The file that libcsound was loaded from, if the system tells.
    pub fn file(&self) -> Option<PathBuf> {
        file_of(self.operations.address())
    }

    /// Holds all instances of this process to the opcode libraries whose file names are allowed. Before
    /// the first of them, once.
    ///
    /// # Errors
    /// The folder for that cannot be made, or an instance was there before.
    pub fn limit_opcodes(&self, is_allowed: &dyn Fn(&str) -> bool) -> io::Result<()> {
        let _creating = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        let (named, beside) = self.opcode_places();
        let folder = opcodes::allowed(self.generation, named.as_deref(), beside.as_deref(), is_allowed)?;
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
        if let Some(folder) = self.opcode_folder.get().and_then(Option::as_deref)
            && self.loads_listed_opcodes_only()
        {
            opcodes::set_folder_of_all(self.generation.opcode_variable(), folder);
        }
    }

    /// Makes an instance. With `host_data` for its callbacks; without `devices` Csound's own audio
    /// and MIDI devices cannot be used.
    ///
    /// # Safety
    /// `host_data` is what the callbacks that are installed later expect, and outlives the instance.
    pub(super) unsafe fn create(&self, host_data: *mut c_void, devices: bool) -> Option<NonNull<CSOUND>> {
        let _creating = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.opcode_folder.get_or_init(|| {
            let (named, beside) = self.opcode_places();
            opcodes::without_devices(self.generation, named.as_deref(), beside.as_deref())
        });
        // An instance that is held to a list has no devices either.
        let whole = (devices && !self.loads_listed_opcodes_only()).then(|| {
            let (named, beside) = self.opcode_places();
            opcodes::whole(self.generation, named.as_deref(), beside.as_deref())
        });
        let folder = whole.as_ref().unwrap_or(folder).as_deref();
        // SAFETY: the caller answers for the host data; the lock admits one creation at a time.
        NonNull::new(preserve(|| unsafe { self.operations.create(host_data, folder) }))
    }

    /// Tries the candidates in order.
    fn load(candidates: &[PathBuf], wanted: Option<Generation>) -> Result<Self, LoadError> {
        let mut attempts = Vec::new();
        for path in candidates {
            match Self::open(path, wanted) {
                Ok(library) => return Ok(library),
                Err(found) => attempts.push(Attempt { path: path.clone(), found }),
            }
        }
        Err(LoadError::not_found(wanted, attempts))
    }

    fn load_file(path: &Path) -> Result<libloading::Library, String> {
        #[cfg(target_os = "linux")]
        companions::whole::check(path)?;
        companions::load_companions_of(path)?;
        // SAFETY: loading runs the library's initialisers. The candidates are libcsound by name, or
        // what the user named as such.
        unsafe { libloading::Library::new(path) }.map_err(|error| load_error::not_loaded(path, &error))
    }

    /// The version is looked at before the rest, so that another Csound is called by its name.
    fn open(path: &Path, wanted: Option<Generation>) -> Result<Self, String> {
        // What is known to be the other one from its name need not come into this process.
        if let (Some(wanted), Some(named)) = (wanted, installed::generation_in_name(path))
            && wanted != named
            && path.exists()
        {
            return Err(load_error::is_other(named.number().to_string(), wanted));
        }
        let library = Self::load_file(path).map_err(|why| load_error::cannot_load(path, why))?;
        let version = installed::version_in(&library)
            .ok_or("is a library, but not Csound: it has no csoundGetVersion")?;
        let generation = Generation::of_version(version)
            .map_err(|reason| load_error::is_csound(&format!("{}, {reason}", display(version))))?;
        if let Some(wanted) = wanted.filter(|wanted| *wanted != generation) {
            return Err(load_error::is_other(display(version), wanted));
        }
        let lacks = |symbol| load_error::is_csound(&format!("{}, but without {symbol}", display(version)));
        let operations: Box<dyn Operations> = match generation {
            Generation::Six => Box::new(six::Six::find(&library).map_err(lacks)?),
            Generation::Seven => Box::new(seven::Seven::find(&library).map_err(lacks)?),
        };
        if generation == Generation::Seven {
            lend_math();
        }
        Ok(Self {
            functions: Functions::find(&library).map_err(lacks)?,
            operations,
            instances: Instances::of(&library, generation, version),
            path: path.to_owned(),
            version,
            generation,
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
        (named, file_of(self.operations.address()))
    }

    /// The opcode folder that the user or another part of this process asks for.
    fn opcode_variable(&self) -> Option<CString> {
        // SAFETY: without an instance Csound looks at its global variables and at the environment,
        // and gives a NUL-terminated string, which is copied at once.
        unsafe {
            let value = (self.functions.get_env)(null_mut(), self.generation.opcode_variable().as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_owned())
        }
    }
}

/// Gives Csound's opcode libraries the mathematical functions: those of some builds of Csound 7 are not
/// linked to what has them, because the csound command is.
fn lend_math() {
    #[cfg(target_os = "linux")]
    {
        use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

        // SAFETY: the C library's own part, which is loaded nearly everywhere and initialises nothing of ours.
        let math = unsafe { Library::open(Some("libm.so.6"), RTLD_NOW | RTLD_GLOBAL) };
        // It stays, as Csound does. On a system that has it by another name Csound is left to itself.
        std::mem::forget(math);
    }
}

/// The user's word on where libraries are.
fn variable() -> Option<OsString> {
    std::env::var_os(VARIABLE).filter(|value| !value.is_empty())
}

/// Elsewhere than on Linux Csound's own folder is used as it is, where it lies beside the library: the leak is that
/// of Linux's JACK module, and engines are confined on Linux only.
#[cfg(not(target_os = "linux"))]
mod opcodes {
    use std::ffi::CString;
    use std::io;
    use std::path::{Path, PathBuf};

    use super::places::opcode_folders_beside;
    use crate::version::Generation;

    pub(super) fn folders(
        generation: Generation,
        named: Option<&str>,
        library: Option<&Path>,
    ) -> Vec<PathBuf> {
        match (named, library) {
            (Some(named), _) => std::env::split_paths(named).collect(),
            (None, Some(library)) => {
                let beside = opcode_folders_beside(generation, library);
                beside.into_iter().find(|folder| folder.is_dir()).into_iter().collect()
            }
            (None, None) => Vec::new(),
        }
    }

    pub(super) fn users_folders(_generation: Generation) -> Vec<PathBuf> {
        Vec::new()
    }

    pub(super) fn without_devices(
        generation: Generation,
        named: Option<&str>,
        library: Option<&Path>,
    ) -> Option<CString> {
        whole(generation, named, library)
    }

    pub(super) fn whole(
        generation: Generation,
        named: Option<&str>,
        library: Option<&Path>,
    ) -> Option<CString> {
        let folder = folders(generation, named, library).pop().filter(|_| named.is_none())?;
        CString::new(folder.to_str()?).ok()
    }

    pub(super) fn allowed(
        _generation: Generation,
        _named: Option<&str>,
        _library: Option<&Path>,
        _is_allowed: &dyn Fn(&str) -> bool,
    ) -> io::Result<CString> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn forget_users_settings() {}

    pub(super) fn set_folder_of_all(_variable: &std::ffi::CStr, _folder: &std::ffi::CStr) {}
}

#[cfg(test)]
mod tests;
