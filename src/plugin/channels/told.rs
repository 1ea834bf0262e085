//! Channels that are told once, before a piece starts: the machine, the time, the size of the panel and the user's
//! folders, by the names that instruments made for Cabbage expect. Of these a piece gets those that its text names.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::cabbage;
use super::reads::names_read;
use crate::user_input::{FILE_CHANNEL, MODIFIERS_CHANNEL, TEXT_CHANNEL, WIDGET_CHANNEL};

/// True in a program of our own, without a host.
static IS_STANDALONE: AtomicBool = AtomicBool::new(false);

/// True in such a program that no sound system plays.
static IS_UNHEARD: AtomicBool = AtomicBool::new(false);

/// Says that this process is the plugin's own program. Before an instance is made.
pub fn run_standalone() {
    IS_STANDALONE.store(true, Ordering::Relaxed);
}

/// Whether this process is the plugin's own program.
///
/// # Realtime safety
/// Safe.
pub fn is_standalone() -> bool {
    IS_STANDALONE.load(Ordering::Relaxed)
}

/// Says that nobody hears what this process performs: no sound system can be used. Before an instance is made.
pub fn perform_unheard() {
    IS_UNHEARD.store(true, Ordering::Relaxed);
}

/// Whether nobody hears what this process performs.
///
/// # Realtime safety
/// Safe.
pub fn is_unheard() -> bool {
    IS_UNHEARD.load(Ordering::Relaxed)
}

/// The channels with the user's folders.
const FOLDERS: [&str; 6] = [
    "USER_HOME_DIRECTORY",
    "USER_DESKTOP_DIRECTORY",
    "USER_MUSIC_DIRECTORY",
    "USER_APPLICATION_DATA_DIRECTORY",
    "USER_DOCUMENTS_DIRECTORY",
    "COMMON_DOCUMENTS_DIRECTORY",
];

/// The other channels that are told once, but for those of [`SYSTEMS`] and [`HOSTS`].
const OTHERS: [&str; 7] = [
    "SCREEN_WIDTH",
    "SCREEN_HEIGHT",
    "PRESET_STATE",
    "IS_A_STANDALONE",
    "SECONDS_SINCE_EPOCH",
    "CURRENT_DATE_TIME",
    "HOME_FOLDER_UID",
];

/// 1 on this system, as [`std::env::consts::OS`] calls it, else 0.
const SYSTEMS: [(&str, &str); 7] = [
    ("LINUX", "linux"),
    ("Linux", "linux"),
    ("MACOS", "macos"),
    ("Macos", "macos"),
    ("MAC", "macos"),
    ("WINDOWS", "windows"),
    ("Windows", "windows"),
];

/// 1 in the host in whose program's name this stands, in small letters, else 0.
const HOSTS: [(&str, &[&str]); 20] = [
    ("AbletonLive", &["ableton"]),
    ("AdobeAudition", &["audition"]),
    ("Ardour", &["ardour"]),
    ("Bitwig", &["bitwig"]),
    ("Cubase", &["cubase"]),
    ("FLStudio", &["fl studio", "fl64", "fl.exe"]),
    ("GarageBand", &["garageband"]),
    ("Garageband", &["garageband"]),
    ("LMMS", &["lmms"]),
    ("Logic", &["logic"]),
    ("MainStage", &["mainstage"]),
    ("Mainstage", &["mainstage"]),
    ("Nuendo", &["nuendo"]),
    ("Reaper", &["reaper"]),
    ("Renoise", &["renoise"]),
    ("Samplitude", &["samplitude"]),
    ("Sonar", &["sonar"]),
    ("StudioOne", &["studio one"]),
    ("Tracktion", &["tracktion", "waveform"]),
    ("Wavelab", &["wavelab"]),
];

/// Whether a channel is told once, and no piece would call a control of its own so.
pub fn is_told_once(name: &str) -> bool {
    FOLDERS.contains(&name) || OTHERS.contains(&name) || SYSTEMS.iter().any(|(system, _)| *system == name)
}

/// Whether a channel is told once where the piece has no control of this name: hosts have names that sound like one.
pub fn is_host_name(name: &str) -> bool {
    HOSTS.iter().any(|(host, _)| *host == name)
}

/// What a piece is told before it starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Control channels.
    pub numbers: Vec<(String, f64)>,
    /// String channels.
    pub texts: Vec<(String, String)>,
}

impl Told {
    /// What a piece of this text is told now. The user's folders are empty unless `may_know` says yes to them.
    pub fn at_start(text: &str, may_know: impl Fn(&Path) -> bool) -> Self {
        let program = std::env::current_exe().unwrap_or_default();
        let program = program.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let mut told = Self::default();
        for name in names_read(text) {
            if let Some(number) = number(&name, &program, text, &may_know) {
                told.numbers.push((name, number));
            } else if let Some(text) = text_told(&name, &may_know) {
                told.texts.push((name, text));
            }
        }
        told
    }
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn number(name: &str, program: &str, text: &str, may_know: &impl Fn(&Path) -> bool) -> Option<f64> {
    if let Some((_, system)) = SYSTEMS.iter().find(|(channel, _)| *channel == name) {
        return Some(flag(*system == std::env::consts::OS));
    }
    if let Some((_, known)) = HOSTS.iter().find(|(channel, _)| *channel == name) {
        return Some(flag(known.iter().any(|known| program.contains(known))));
    }
    let form = || cabbage::parse(text).form;
    match name {
        "SCREEN_WIDTH" => Some(form().map_or(0.0, |form| form.width)),
        "SCREEN_HEIGHT" => Some(form().map_or(0.0, |form| form.height)),
        // Nothing was done with presets yet.
        "PRESET_STATE" => Some(-1.0),
        "IS_A_STANDALONE" => Some(flag(is_standalone())),
        "SECONDS_SINCE_EPOCH" => {
            Some(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |passed| passed.as_secs() as f64))
        }
        "HOME_FOLDER_UID" => {
            Some(dirs::home_dir().filter(|home| may_know(home)).map_or(0.0, |home| id(&home)))
        }
        _ => None,
    }
}

/// The system's number of a folder; 0 where there is none.
#[cfg(unix)]
fn id(folder: &Path) -> f64 {
    use std::os::unix::fs::MetadataExt;
    folder.metadata().map_or(0.0, |found| found.ino() as f64)
}

/// Here folders have none.
#[cfg(not(unix))]
fn id(_folder: &Path) -> f64 {
    0.0
}

fn text_told(name: &str, may_know: &impl Fn(&Path) -> bool) -> Option<String> {
    match name {
        "CURRENT_DATE_TIME" => Some(jiff::Zoned::now().strftime("%a %b %e %H:%M:%S %Y").to_string()),
        // The newest of these come behind it.
        FILE_CHANNEL | TEXT_CHANNEL | MODIFIERS_CHANNEL | WIDGET_CHANNEL => Some(String::new()),
        name if FOLDERS.contains(&name) => {
            let known = folder(name).filter(|folder| may_know(folder));
            Some(known.map_or(String::new(), |folder| folder.display().to_string()))
        }
        _ => None,
    }
}

/// The folder of a channel, where the system has one.
fn folder(name: &str) -> Option<PathBuf> {
    match name {
        "USER_HOME_DIRECTORY" => dirs::home_dir(),
        "USER_DESKTOP_DIRECTORY" => dirs::desktop_dir(),
        "USER_MUSIC_DIRECTORY" => dirs::audio_dir(),
        "USER_APPLICATION_DATA_DIRECTORY" => dirs::config_dir(),
        "USER_DOCUMENTS_DIRECTORY" => dirs::document_dir(),
        "COMMON_DOCUMENTS_DIRECTORY" => dirs::public_dir(),
        _ => None,
    }
}

/// Whether a piece that may read these folders may know of `folder`: it is one of them, or lies in one, or one lies in
/// it.
pub fn knows_of(readable: &[PathBuf], folder: &Path) -> bool {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    readable.iter().any(|readable| {
        let readable = readable.canonicalize().unwrap_or_else(|_| readable.clone());
        readable.starts_with(&whole) || whole.starts_with(&readable)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::channels::host::is_reserved;

    fn told(orchestra: &str, may_know: bool) -> Told {
        let text = format!(
            "<Cabbage>\nform size(321, 123)\n</Cabbage>\n<CsoundSynthesizer>\n<CsInstruments>\n{orchestra}\n\
             </CsInstruments>\n</CsoundSynthesizer>\n"
        );
        let mut told = Told::at_start(&text, |_| may_know);
        told.numbers.sort_by(|one, other| one.0.cmp(&other.0));
        told.texts.sort();
        told
    }

    #[test]
    fn a_piece_is_told_what_its_text_names_and_no_more() {
        assert_eq!(told("instr 1\nk1 chnget \"cutoff\"\nendin", true), Told::default());
        let found = told(
            "instr 1\nk1 chnget \"SCREEN_WIDTH\"\ni2 cabbageGetValue \"LINUX\"\nS3 cabbageGet \"CURRENT_DATE_TIME\"\n\
             SMany[] fillarray \"SCREEN_HEIGHT\", \"PRESET_STATE\"\nchnset 1, \"IS_A_STANDALONE\"\n\
             ; k1 chnget \"WINDOWS\"\nk4 chnget \"Reaper\"\nendin",
            true,
        );
        let numbers: Vec<_> = found.numbers.iter().map(|(name, number)| (name.as_str(), *number)).collect();
        let linux = flag(cfg!(target_os = "linux"));
        let expected = [
            ("LINUX", linux),
            ("PRESET_STATE", -1.0),
            ("Reaper", 0.0),
            ("SCREEN_HEIGHT", 123.0),
            ("SCREEN_WIDTH", 321.0),
        ];
        assert_eq!(numbers, expected);
        let [(name, date)] = found.texts.as_slice() else { panic!("{found:?}") };
        // Such as `Sun Jan 10 09:36:02 2021`.
        assert_eq!(
            (name.as_str(), date.len(), date.split_whitespace().count()),
            ("CURRENT_DATE_TIME", 24, 5)
        );
    }

    #[test]
    fn folders_of_the_user_are_empty_until_the_piece_may_know_of_them() {
        let orchestra = "instr 1\nS1 chnget \"USER_HOME_DIRECTORY\"\nk2 chnget \"HOME_FOLDER_UID\"\nendin";
        let home = dirs::home_dir().map_or(String::new(), |home| home.display().to_string());
        assert_eq!(told(orchestra, true).texts, [("USER_HOME_DIRECTORY".to_owned(), home)]);
        let unknown = told(orchestra, false);
        assert_eq!(unknown.texts, [("USER_HOME_DIRECTORY".to_owned(), String::new())]);
        assert_eq!(unknown.numbers, [("HOME_FOLDER_UID".to_owned(), 0.0)]);
        let known = |readable: &str| knows_of(&[readable.into()], Path::new("/no home/ada"));
        assert!(known("/no home/ada") && known("/no home/ada/music") && known("/no home"));
        assert!(!known("/no home/adam") && !known("/elsewhere") && !knows_of(&[], Path::new("/no home/ada")));
    }

    #[test]
    fn a_program_tells_the_host_by_its_name() {
        let of = |program: &str, name: &str| number(name, program, "", &|_: &Path| false);
        assert_eq!(of("reaper", "Reaper"), Some(1.0));
        assert_eq!((of("bitwig studio", "Bitwig"), of("bitwig studio", "Ardour")), (Some(1.0), Some(0.0)));
        assert_eq!(of("reaper", "cutoff"), None);
        assert!(is_reserved("LINUX") && is_reserved("USER_MUSIC_DIRECTORY") && !is_reserved("Logic"));
    }
}
