//! Finding and loading libcsound at run time, so that a plugin can be scanned where there is none.
//!
//! The declarations are csound-sys's; each entry of the table is checked against them when this
//! crate is compiled. An unused constant makes no link reference, so nothing is linked.

use std::ffi::{c_char, c_double, c_int, c_long, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use csound_sys as sys;
pub(super) use csound_sys::CSOUND;

/// The environment variable that names the library; nothing else is tried then.
pub const VARIABLE: &str = "CSOUND_PERFORMER_LIBCSOUND";

/// The oldest version that is used, times 1000 plus the minor version times 10: 6.15. It is the
/// first whose `csoundCompileArgs` keeps the host's rate over the orchestra's in every case tried.
const OLDEST: c_int = 6150;

/// The first version that is not used: Csound 7 has another API.
const TOO_NEW: c_int = 7000;

/// `csoundInitialize`: no signal handlers, no atexit.
const QUIET: c_int = (sys::CSOUNDINIT_NO_SIGNAL_HANDLER | sys::CSOUNDINIT_NO_ATEXIT) as c_int;

macro_rules! table {
    ($($field:ident: $symbol:ident = unsafe extern "C" fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions that are used, with csound-sys's types.
        pub(super) struct Functions {
            $(pub(super) $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        // Each type against its declaration.
        $(const _: unsafe extern "C" fn($($argument),*) $(-> $result)? = sys::$symbol;)*

        impl Functions {
            fn find(library: &libloading::Library) -> Result<Self, &'static str> {
                Ok(Self {
                    $($field: {
                        // SAFETY: the type is csound-sys's declaration of this very symbol, checked
                        // above; the library is never unloaded, so the pointer stays valid.
                        let symbol = unsafe { library.get(concat!(stringify!($symbol), "\0").as_bytes()) };
                        *symbol.map_err(|_| stringify!($symbol))?
                    },)*
                })
            }
        }
    };
}

table! {
    initialize: csoundInitialize = unsafe extern "C" fn(c_int) -> c_int;
    version: csoundGetVersion = unsafe extern "C" fn() -> c_int;
    set_global_env: csoundSetGlobalEnv = unsafe extern "C" fn(*const c_char, *const c_char) -> c_int;
    create: csoundCreate = unsafe extern "C" fn(*mut c_void) -> *mut CSOUND;
    destroy: csoundDestroy = unsafe extern "C" fn(*mut CSOUND);
    host_data: csoundGetHostData = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
    compile_args: csoundCompileArgs = unsafe extern "C" fn(*mut CSOUND, c_int, *const *const c_char) -> c_int;
    start: csoundStart = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    perform_ksmps: csoundPerformKsmps = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    cleanup: csoundCleanup = unsafe extern "C" fn(*mut CSOUND) -> c_int;
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
    message_buffer: csoundCreateMessageBuffer = unsafe extern "C" fn(*mut CSOUND, c_int);
    message_count: csoundGetMessageCnt = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    first_message: csoundGetFirstMessage = unsafe extern "C" fn(*mut CSOUND) -> *const c_char;
    first_message_attributes: csoundGetFirstMessageAttr = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    pop_message: csoundPopFirstMessage = unsafe extern "C" fn(*mut CSOUND);
    destroy_message_buffer: csoundDestroyMessageBuffer = unsafe extern "C" fn(*mut CSOUND);
    channel_pointer: csoundGetChannelPtr = unsafe extern "C" fn(*mut CSOUND, *mut *mut c_double, *const c_char, c_int) -> c_int;
    list_channels: csoundListChannels = unsafe extern "C" fn(*mut CSOUND, *mut *mut sys::controlChannelInfo_t) -> c_int;
    delete_channel_list: csoundDeleteChannelList = unsafe extern "C" fn(*mut CSOUND, *mut sys::controlChannelInfo_t);
    control_channel: csoundGetControlChannel = unsafe extern "C" fn(*mut CSOUND, *const c_char, *mut c_int) -> c_double;
    set_control_channel: csoundSetControlChannel = unsafe extern "C" fn(*mut CSOUND, *const c_char, c_double);
}

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
    _library: libloading::Library,
}

impl Library {
    /// The library, loaded on the first call. A failure is not remembered: whoever installs Csound
    /// meanwhile need not restart the host.
    ///
    /// # Errors
    /// [`LoadError`], with everything that was tried.
    pub fn get() -> Result<&'static Self, LoadError> {
        static LOADED: OnceLock<Library> = OnceLock::new();
        static LOADING: Mutex<()> = Mutex::new(());
        if let Some(library) = LOADED.get() {
            return Ok(library);
        }
        let _loading = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(library) = LOADED.get() {
            return Ok(library);
        }
        let library = Self::load(&candidates())?;
        library.prepare();
        Ok(LOADED.get_or_init(|| library))
    }

    /// Csound's version: major, minor, patch.
    pub fn version(&self) -> (i32, i32, i32) {
        (self.version / 1000, self.version / 10 % 100, self.version % 10)
    }

    /// Where it was found.
    pub fn path(&self) -> &Path {
        &self.path
    }

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

    fn open(path: &Path) -> Result<Self, String> {
        // SAFETY: loading runs the library's initialisers. The candidates are libcsound by name, or
        // what the user named as such.
        let library = unsafe { libloading::Library::new(path) }.map_err(|error| error.to_string())?;
        let functions = Functions::find(&library)
            .map_err(|symbol| format!("is a library without {symbol}, so not a Csound 6"))?;
        // SAFETY: csoundGetVersion takes nothing and may be called at any time.
        let version = unsafe { (functions.version)() };
        check_version(version)?;
        Ok(Self { functions, path: path.to_owned(), version, _library: library })
    }

    /// What has to be done once, before the first instance.
    fn prepare(&self) {
        // SAFETY: called once, before any other use of the library.
        unsafe { (self.functions.initialize)(QUIET) };
        if let Some(folder) = opcode_folder() {
            // SAFETY: both are NUL-terminated and live for the call; no instance exists yet that
            // could read the variables at the same time.
            unsafe { (self.functions.set_global_env)(c"OPCODE6DIR64".as_ptr(), folder.as_ptr()) };
        }
    }
}

fn check_version(version: c_int) -> Result<(), String> {
    let text = format!("{}.{:02}", version / 1000, version / 10 % 100);
    match version {
        ..OLDEST => Err(format!("is Csound {text}, too old: 6.15 or later is needed")),
        TOO_NEW.. => Err(format!("is Csound {text}, whose API is another: Csound 6 is needed")),
        _ => Ok(()),
    }
}

/// Where the library is looked for, in order.
fn candidates() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return vec![named.into()];
    }
    let names: &[&str] = if cfg!(target_os = "macos") {
        &["CsoundLib64.framework/CsoundLib64", "libcsound64.6.0.dylib", "libcsound64.dylib"]
    } else if cfg!(windows) {
        &["csound64.dll"]
    } else {
        &["libcsound64.so.6.0", "libcsound64.so"]
    };
    let beside = own_folder().into_iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
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
fn own_folder() -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    // SAFETY: a Dl_info of zeros is valid; dladdr fills it for the address of this very function,
    // and the name it points to lives as long as the code does.
    let name = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(own_folder as *const c_void, &raw mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        std::ffi::CStr::from_ptr(info.dli_fname)
    };
    let path = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
    path.parent().map(Path::to_owned)
}

/// The folder of the program.
#[cfg(not(unix))]
fn own_folder() -> Option<PathBuf> {
    std::env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// A folder with links to all of Csound's opcode libraries but those of its audio devices. These
/// leak three pthread keys with every instance (a process has about a thousand) and slow creation
/// down, and a host has no use for them. `None` where the system's own folder is not known; Csound
/// then uses what it finds.
#[cfg(target_os = "linux")]
fn opcode_folder() -> Option<std::ffi::CString> {
    use std::os::unix::ffi::OsStrExt;

    let theirs = match std::env::var_os("OPCODE6DIR64") {
        Some(named) => PathBuf::from(named),
        None => ["/usr/lib", "/usr/local/lib"]
            .iter()
            .flat_map(|root| {
                [PathBuf::from(root), Path::new(root).join(format!("{}-linux-gnu", std::env::consts::ARCH))]
            })
            .map(|folder| folder.join("csound/plugins64-6.0"))
            .find(|folder| folder.is_dir())?,
    };
    let ours = dirs::cache_dir()?.join("csound-performer").join("opcodes");
    std::fs::create_dir_all(&ours).ok()?;
    for entry in std::fs::read_dir(&theirs).ok()?.flatten() {
        if !entry.file_name().as_bytes().starts_with(b"librt") {
            // One that is there already, from an earlier run or another process, is as good.
            let _ = std::os::unix::fs::symlink(entry.path(), ours.join(entry.file_name()));
        }
    }
    std::ffi::CString::new(ours.into_os_string().into_encoded_bytes()).ok()
}

/// Elsewhere Csound's own folder is used.
#[cfg(not(target_os = "linux"))]
fn opcode_folder() -> Option<std::ffi::CString> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_reported_with_everything_tried_and_what_to_do() {
        let error = Library::load(&["nowhere/libcsound64.so".into(), "libm.so.6".into()]).err().unwrap();
        let text = error.to_string();
        for part in
            ["nowhere/libcsound64.so", "libm.so.6", "without csoundInitialize", "apt install", VARIABLE]
        {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }

    #[test]
    fn a_file_that_is_no_library_is_reported_and_not_used() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Library::load(&[file.path().to_owned()]).err().unwrap();
        assert_eq!(error.attempts.len(), 1);
    }

    #[test]
    fn only_csound_6_from_6_15_is_used() {
        assert!(check_version(6149).unwrap_err().contains("6.14, too old"));
        assert!(check_version(6150).is_ok());
        assert!(check_version(6181).is_ok());
        assert!(check_version(7000).unwrap_err().contains("7.00"));
    }
}
