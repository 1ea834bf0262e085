//! The tools that tests use where they are installed, and where everything is required, must.

use std::path::{Path, PathBuf};

use crate::project::target_dir;

/// Tests that find a tool missing fail instead of being skipped, where this is set.
pub const REQUIRE_VARIABLE: &str = "CSOUND_PERFORMER_REQUIRE";

/// If a test has to be skipped for want of a tool, which it says; where everything is required, that fails.
///
/// # Panics
/// The tool is missing and `CSOUND_PERFORMER_REQUIRE` is set.
pub fn is_missing(what: &str, found: bool) -> bool {
    if !found {
        assert!(std::env::var_os(REQUIRE_VARIABLE).is_none(), "{what} is not installed");
        println!("skipped: {what} is not installed (cargo xtask setup --test)");
    }
    !found
}

/// If a test has to be skipped because this user or this system may not do something, which it says. What
/// cannot be installed is not required.
pub fn is_forbidden(what: &str, may: bool) -> bool {
    if !may {
        println!("skipped: this user or this system may not {what}");
    }
    !may
}

/// If the csound command is missing, as [`is_missing`].
///
/// # Panics
/// As [`is_missing`].
pub fn csound_is_missing() -> bool {
    is_missing("the csound command", finds("csound"))
}

/// Whether a program is on the path.
pub fn finds(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether there is a font for Chinese and Japanese where Debian puts those that are usual.
pub fn finds_font() -> bool {
    let fonts = [
        "truetype/wqy/wqy-microhei.ttc",
        "opentype/noto/NotoSansCJK-Regular.ttc",
        "truetype/droid/DroidSansFallbackFull.ttf",
    ];
    fonts.iter().any(|font| Path::new("/usr/share/fonts").join(font).is_file())
}

/// The Python of the project's own environment, which has dawdreamer, numpy and ctcsound.
pub fn venv_python() -> PathBuf {
    venv_program("python")
}

/// A program in the project's Python environment; it may be missing.
pub fn venv_program(name: &str) -> PathBuf {
    venv().join("bin").join(name)
}

/// The opcode libraries of [`csound_7`].
pub fn opcodes_7() -> Option<PathBuf> {
    opcodes_beside(&csound_7()?)
}

/// The opcode libraries that a Python package brings with its libcsound; none where Csound looks for them itself.
pub fn opcodes_beside(library: &Path) -> Option<PathBuf> {
    let opcodes = library.parent()?.with_file_name("cycsound").join("plugins");
    opcodes.is_dir().then_some(opcodes)
}

/// The Csound 7 in the project's Python environment.
pub fn csound_7() -> Option<PathBuf> {
    let entries =
        |folder: PathBuf| folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let packages = entries(venv().join("lib")).map(|python| python.join("site-packages/cycsound.libs"));
    let mut libraries = packages.flat_map(entries);
    libraries.find(|path| path.to_str().is_some_and(|path| path.ends_with(".so.7.0")))
}

/// The Ardour on this machine, if it has the programs that need no screen: how their names begin.
pub fn ardour() -> Option<&'static str> {
    ["ardour8", "ardour7"].into_iter().find(|version| {
        let scanner = Path::new("/usr/lib").join(version).join("ardour-vst3-scanner");
        finds(&format!("{version}-lua")) && scanner.is_file()
    })
}

/// The folder of that environment.
pub fn venv() -> PathBuf {
    target_dir().join("venv")
}
