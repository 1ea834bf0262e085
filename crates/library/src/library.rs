//! Finding and loading libcsound at run time, so that a plugin can be scanned where there is none.
//!
//! The declarations are csound-sys's; each entry of the table is checked against them when this
//! crate is compiled. An unused constant makes no link reference, so nothing is linked.

use std::ffi::{CStr, CString, OsString, c_char, c_double, c_int, c_long, c_void};
use std::io;
use std::path::{Path, PathBuf};
use std::ptr::{NonNull, null};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use csound_sys as sys;
pub(super) use csound_sys::CSOUND;

use super::fpu::preserve;
#[cfg(target_os = "linux")]
use super::opcodes;

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

/// Where Csound looks for its opcode libraries.
const OPCODE_FOLDER: &CStr = c"OPCODE6DIR64";

macro_rules! table {
    ($($field:ident: $symbol:ident = unsafe extern "C" fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions that are used, with csound-sys's types.
        pub(super) struct Functions {
            $(pub(super) $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            /// csound-sys does not declare the two below. In C they take a `spin_lock_t *`, which is
            /// what `csoundGetChannelLock` returns as an `int *`, and return nothing.
            pub(super) lock_channel: unsafe extern "C" fn(*mut c_int),
            pub(super) unlock_channel: unsafe extern "C" fn(*mut c_int),
        }

        // Each type against its declaration.
        $(const _: unsafe extern "C" fn($($argument),*) $(-> $result)? = sys::$symbol;)*

        impl Functions {
            /// The table, or the name of the first symbol that is missing.
            fn find(library: &libloading::Library) -> Result<Self, &'static str> {
                Ok(Self {
                    $($field: {
                        // SAFETY: the type is csound-sys's declaration of this very symbol, checked
                        // above; the library is never unloaded, so the pointer stays valid.
                        let symbol = unsafe { library.get(concat!(stringify!($symbol), "\0")) };
                        *symbol.map_err(|_| stringify!($symbol))?
                    },)*
                    lock_channel: {
                        // SAFETY: the type is that of csound.h, from 6.15 to 6.18.
                        let symbol = unsafe { library.get(b"csoundSpinLock\0") };
                        *symbol.map_err(|_| "csoundSpinLock")?
                    },
                    unlock_channel: {
                        // SAFETY: as above.
                        let symbol = unsafe { library.get(b"csoundSpinUnLock\0") };
                        *symbol.map_err(|_| "csoundSpinUnLock")?
                    },
                })
            }
        }
    };
}

// csound-sys has spin and spout as void pointers (they are doubles) and the text of a string channel
// as a mutable pointer (it is only read). The callbacks are plain `extern "C" fn`s.
table! {
    initialize: csoundInitialize = unsafe extern "C" fn(c_int) -> c_int;
    get_env: csoundGetEnv = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> *const c_char;
    set_global_env: csoundSetGlobalEnv = unsafe extern "C" fn(*const c_char, *const c_char) -> c_int;
    create: csoundCreate = unsafe extern "C" fn(*mut c_void) -> *mut CSOUND;
    destroy: csoundDestroy = unsafe extern "C" fn(*mut CSOUND);
    host_data: csoundGetHostData = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
    compile_args: csoundCompileArgs = unsafe extern "C" fn(*mut CSOUND, c_int, *const *const c_char) -> c_int;
    compile_orc: csoundCompileOrc = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
    eval_code: csoundEvalCode = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_double;
    read_score: csoundReadScore = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
    start: csoundStart = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    perform_ksmps: csoundPerformKsmps = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    perform_buffer: csoundPerformBuffer = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    output_buffer_size: csoundGetOutputBufferSize = unsafe extern "C" fn(*mut CSOUND) -> c_long;
    sample_rate: csoundGetSr = unsafe extern "C" fn(*mut CSOUND) -> c_double;
    ksmps: csoundGetKsmps = unsafe extern "C" fn(*mut CSOUND) -> u32;
    nchnls: csoundGetNchnls = unsafe extern "C" fn(*mut CSOUND) -> u32;
    nchnls_input: csoundGetNchnlsInput = unsafe extern "C" fn(*mut CSOUND) -> u32;
    zero_dbfs: csoundGet0dBFS = unsafe extern "C" fn(*mut CSOUND) -> c_double;
    params: csoundGetParams = unsafe extern "C" fn(*mut CSOUND, *mut sys::CSOUND_PARAMS);
    spin: csoundGetSpin = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
    spout: csoundGetSpout = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
    host_audio: csoundSetHostImplementedAudioIO = unsafe extern "C" fn(*mut CSOUND, c_int, c_int);
    host_midi: csoundSetHostImplementedMIDIIO = unsafe extern "C" fn(*mut CSOUND, c_int);
    midi_in_open: csoundSetExternalMidiInOpenCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_open_callback);
    midi_out_open: csoundSetExternalMidiOutOpenCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_open_callback);
    midi_read: csoundSetExternalMidiReadCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_read_data_callback);
    midi_write: csoundSetExternalMidiWriteCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_write_data_callback);
    score_event: csoundScoreEvent = unsafe extern "C" fn(*mut CSOUND, c_char, *const c_double, c_long) -> c_int;
    input_message: csoundInputMessage = unsafe extern "C" fn(*mut CSOUND, *const c_char);
    score_time: csoundGetScoreTime = unsafe extern "C" fn(*mut CSOUND) -> c_double;
    time_samples: csoundGetCurrentTimeSamples = unsafe extern "C" fn(*mut CSOUND) -> i64;
    set_score_offset: csoundSetScoreOffsetSeconds = unsafe extern "C" fn(*mut CSOUND, c_double);
    rewind: csoundRewindScore = unsafe extern "C" fn(*mut CSOUND);
    message_callback: csoundSetMessageStringCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_message_callback);
    channel_pointer: csoundGetChannelPtr = unsafe extern "C" fn(*mut CSOUND, *mut *mut c_double, *const c_char, c_int) -> c_int;
    channel_size: csoundGetChannelDatasize = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
    channel_lock: csoundGetChannelLock = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> *mut c_int;
    list_channels: csoundListChannels = unsafe extern "C" fn(*mut CSOUND, *mut *mut sys::controlChannelInfo_t) -> c_int;
    opcode_list: csoundNewOpcodeList = unsafe extern "C" fn(*mut CSOUND, *mut *mut sys::opcodeListEntry) -> c_int;
    delete_opcode_list: csoundDisposeOpcodeList = unsafe extern "C" fn(*mut CSOUND, *mut sys::opcodeListEntry);
    delete_channel_list: csoundDeleteChannelList = unsafe extern "C" fn(*mut CSOUND, *mut sys::controlChannelInfo_t);
    set_string_channel: csoundSetStringChannel = unsafe extern "C" fn(*mut CSOUND, *const c_char, *mut c_char);
}

const _: unsafe extern "C" fn() -> c_int = sys::csoundGetVersion;

/// What became of one place where the library could have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The path or name that was tried.
    pub path: PathBuf,
    /// What was found there.
    pub found: String,
}

/// There is no usable libcsound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Csound 6 was not found, so nothing can be performed. Tried {}. Install it (Debian, Ubuntu: \
     sudo apt install libcsound64-6.0; macOS, Windows: the Csound 6 installer from csound.com), or \
     set {VARIABLE} to the path of the library.",
    describe(.attempts)
)]
pub struct LoadError {
    /// What was tried, in order.
    pub attempts: Vec<Attempt>,
}

fn describe(attempts: &[Attempt]) -> String {
    let one = |attempt: &Attempt| format!("{} ({})", attempt.path.display(), attempt.found);
    attempts.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// libcsound, loaded. There is one per process and it is never unloaded: opcode libraries and their
/// threads would not survive that.
pub struct Library {
    pub(super) functions: Functions,
    path: PathBuf,
    version: c_int,
    /// The folder of the opcode libraries that instances load, chosen before the first of them; `None`
    /// where Csound is left to its own.
    opcode_folder: OnceLock<Option<CString>>,
    /// Whether that folder holds what is on a list only.
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
    ///
    /// # Realtime safety
    /// Safe.
    pub(super) fn loaded() -> Option<&'static Self> {
        LOADED.get()
    }

    /// Csound's version: major, minor, patch.
    pub fn version(&self) -> (i32, i32, i32) {
        (self.version / 1000, self.version / 10 % 100, self.version % 10)
    }

    /// Where it was found: a path, or the name under which the system knows it.
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

    /// Whether instances are held to a list of opcode libraries.
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
        // Who is held to a list has no devices either.
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
            .map_err(|symbol| format!("is Csound {}, but without {symbol}", display_version(version)))?;
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

    /// What has to be done once, before the first instance.
    fn prepare(&self) {
        // SAFETY: no instance of ours exists yet; the call guards itself against others.
        unsafe { (self.functions.initialize)(QUIET) };
    }

    /// Where opcode libraries are: the user's own choice of folders, and the file of libcsound.
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
        ..OLDEST => Err(format!("is Csound {text}, too old: 6.15 or later is needed")),
        TOO_NEW.. => Err(format!("is Csound {text}, whose API is another: Csound 6 is needed")),
        _ => Ok(()),
    }
}

fn display_version(version: c_int) -> String {
    format!("{}.{:02}", version / 1000, version / 10 % 100)
}

/// Where the library is looked for, in order. `variable` is the user's word, which excludes all
/// else; `beside` the folder of this code.
fn candidates(variable: Option<OsString>, beside: Option<&Path>) -> Vec<PathBuf> {
    if let Some(named) = variable {
        return vec![named.into()];
    }
    let names: &[&str] = if cfg!(target_os = "macos") {
        &["CsoundLib64.framework/CsoundLib64", "libcsound64.6.0.dylib", "libcsound64.dylib"]
    } else if cfg!(windows) {
        &["csound64.dll"]
    } else {
        &["libcsound64.so.6.0", "libcsound64.so"]
    };
    let beside = beside.into_iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    let mut candidates: Vec<PathBuf> = beside.filter(|path| path.exists()).collect();
    candidates.extend(names.iter().map(PathBuf::from));
    if cfg!(target_os = "macos") {
        candidates.push("/Library/Frameworks/CsoundLib64.framework/CsoundLib64".into());
        candidates.push("/opt/homebrew/lib/libcsound64.dylib".into());
        candidates.push("/usr/local/lib/libcsound64.dylib".into());
    }
    candidates
}

/// The folder of the shared library or program that this code is part of.
#[cfg(unix)]
pub fn own_folder() -> Option<PathBuf> {
    let file = file_of(own_folder as *const c_void)?;
    // A program is known by the words that it was started with: a name on the path, or a place as seen
    // from the folder of that time.
    let file = match file.is_absolute() {
        true => file,
        false => std::path::absolute(&file)
            .ok()
            .filter(|file| file.is_file())
            .or_else(|| std::env::current_exe().ok())?,
    };
    file.parent().map(Path::to_owned)
}

/// The folder of the program: Windows itself looks beside a DLL only where the host asks for it.
#[cfg(not(unix))]
pub fn own_folder() -> Option<PathBuf> {
    std::env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// The file that a function was loaded from.
#[cfg(unix)]
fn file_of(function: *const c_void) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    // SAFETY: a Dl_info of zeros is valid; dladdr fills it for the address of a loaded function, and
    // the name it points to lives as long as the code does.
    let name = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(function, &raw mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(info.dli_fname)
    };
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(name.to_bytes())))
}

#[cfg(not(unix))]
fn file_of(_function: *const c_void) -> Option<PathBuf> {
    None
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
mod tests {
    use std::process::Command;

    use super::*;

    fn refusal(candidates: &[PathBuf]) -> LoadError {
        Library::load(candidates).err().expect("no candidate is a usable Csound")
    }

    #[test]
    fn what_is_missing_is_reported_with_everything_tried_and_what_to_do() {
        let text = refusal(&["nowhere/libcsound64.so".into(), "libm.so.6".into()]).to_string();
        for part in ["nowhere/libcsound64.so", "libm.so.6", "csoundGetVersion", "apt install", VARIABLE] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }

    #[test]
    fn a_file_that_is_no_library_is_reported_and_not_used() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "not a library").unwrap();
        let error = refusal(&[file.path().to_owned()]);
        assert_eq!(error.attempts.len(), 1);
        assert_eq!(error.attempts[0].path, file.path());
        assert!(!error.attempts[0].found.is_empty());
    }

    #[test]
    fn only_csound_6_from_6_15_is_used() {
        assert!(check_version(6149).unwrap_err().contains("6.14, too old"));
        assert!(check_version(6150).is_ok());
        assert!(check_version(6181).is_ok());
        assert!(check_version(7000).unwrap_err().contains("7.00"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_csound_that_is_too_old_or_lacks_a_symbol_is_called_by_its_version() {
        let folder = tempfile::tempdir().unwrap();
        let fake = |version: i32| {
            let (source, library) =
                (folder.path().join("fake.c"), folder.path().join(format!("{version}.so")));
            std::fs::write(&source, format!("int csoundGetVersion(void) {{ return {version}; }}")).unwrap();
            let built =
                Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
            built.is_ok_and(|status| status.success()).then_some(library)
        };
        let Some(libraries) = [6140, 6180, 7000].map(fake).into_iter().collect::<Option<Vec<_>>>() else {
            println!("skipped: there is no C compiler to build a false Csound with");
            return;
        };
        let found: Vec<_> = refusal(&libraries).attempts.into_iter().map(|attempt| attempt.found).collect();
        assert!(found[0].contains("6.14, too old"), "{found:?}");
        assert!(found[1].contains("6.18, but without csoundInitialize"), "{found:?}");
        assert!(found[2].contains("7.00, whose API is another"), "{found:?}");
    }

    #[test]
    fn the_users_variable_excludes_every_other_place() {
        let named = candidates(Some("/mine/libcsound64.so".into()), Some(Path::new("/")));
        assert_eq!(named, [PathBuf::from("/mine/libcsound64.so")]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_library_beside_this_code_comes_before_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        let bundled = folder.path().join("libcsound64.so.6.0");
        assert_eq!(candidates(None, Some(folder.path()))[0], PathBuf::from("libcsound64.so.6.0"));
        std::fs::write(&bundled, "").unwrap();
        assert_eq!(candidates(None, Some(folder.path()))[0], bundled);
    }

    #[cfg(unix)]
    #[test]
    fn this_code_knows_the_folder_it_is_in() {
        let folder = own_folder().unwrap();
        assert_eq!(folder.canonicalize().unwrap(), std::env::current_exe().unwrap().parent().unwrap());
    }

    #[test]
    fn the_installed_csound_is_loaded_once_and_says_its_version() {
        let Some(library) = crate::tests::library() else { return };
        assert!(std::ptr::eq(library, Library::get().unwrap()));
        let (major, minor, _) = library.version();
        assert_eq!(major, 6);
        assert!(minor >= 15);
        assert!(!library.path().as_os_str().is_empty());
    }
}
