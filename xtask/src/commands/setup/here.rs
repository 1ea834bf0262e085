//! Whether a thing that is needed is here already, told by looking for it.

use super::*;

pub(super) fn has_libcsound() -> bool {
    let named = std::env::var_os(csound_library::VARIABLE).unwrap_or_default();
    if std::env::split_paths(&named).any(|path| path.is_file()) {
        return true;
    }
    has_library("libcsound64.so.6.0")
}

pub(super) fn has_pkg_config() -> bool {
    finds("pkg-config")
}

pub(super) fn has_alsa() -> bool {
    succeeds("pkg-config", &["--exists", "alsa"])
}

pub(super) fn has_jack() -> bool {
    succeeds("pkg-config", &["--exists", "jack"])
}

/// Mesa's drivers are found by their folder: no linker knows them.
pub(super) fn has_dri() -> bool {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    folders.chain([PathBuf::from("/usr/lib")]).any(|folder| folder.join("dri/swrast_dri.so").exists())
}

pub(super) fn has_x11_xcb() -> bool {
    has_library("libX11-xcb.so.1")
}

pub(super) fn has_xcursor() -> bool {
    has_library("libXcursor.so.1")
}

pub(super) fn has_xkbcommon() -> bool {
    has_library("libxkbcommon-x11.so.0")
}

pub(super) fn has_xvfb() -> bool {
    finds("Xvfb")
}

pub(super) fn has_dbus() -> bool {
    !cfg!(target_os = "linux") || finds("dbus-daemon")
}

pub(super) fn has_at_spi() -> bool {
    !cfg!(target_os = "linux") || Path::new("/usr/share/dbus-1/services/org.a11y.Bus.service").is_file()
}

pub(super) fn has_libgl() -> bool {
    has_library("libGL.so.1")
}

pub(super) fn has_glib() -> bool {
    has_library("libglib-2.0.so.0")
}

/// Whether the system's linker knows a library. Where there is no such list (macOS, Windows) nothing
/// can be installed from here either: who needs the library says that it is missing.
pub(super) fn has_library(name: &str) -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    // Not on an ordinary user's path.
    let programs = ["/sbin/ldconfig", "/usr/sbin/ldconfig", "ldconfig"];
    let mut lists = programs.into_iter().filter_map(|program| output(program, &["-p"]));
    lists.any(|list| list.lines().any(|line| line.split_whitespace().next() == Some(name)))
}

pub(super) fn has_csound() -> bool {
    finds("csound")
}

/// Told by the one with the Python opcodes, which the tests of what a piece may do use.
pub(super) fn has_opcode_libraries() -> bool {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders = folders.chain([PathBuf::from("/usr/lib"), PathBuf::from("/usr/local/lib")]);
    !cfg!(target_os = "linux") || folders.any(|folder| folder.join("csound/plugins64-6.0/libpy.so").exists())
}

pub(super) fn has_ctcsound() -> bool {
    python_finds(system_python(), "ctcsound")
}

pub(super) fn has_venv() -> bool {
    python_finds(system_python(), "ensurepip")
}

pub(super) fn has_ardour() -> bool {
    ardour().is_some()
}

pub(super) fn has_ip() -> bool {
    finds("ip") || Path::new("/usr/sbin/ip").exists()
}

pub(super) fn has_valgrind() -> bool {
    finds("valgrind")
}

pub(super) fn has_rustfmt() -> bool {
    succeeds("cargo", &["fmt", "--version"])
}

pub(super) fn has_clippy() -> bool {
    succeeds("cargo", &["clippy", "--version"])
}

pub(super) fn has_venv_packages() -> bool {
    let python = venv_python();
    PYTHON_PACKAGES.iter().all(|package| {
        let name = package.split("==").next().unwrap_or(package);
        python_finds(&python, name)
    })
}

pub(super) fn has_venv_programs() -> bool {
    PYTHON_PROGRAMS.iter().all(|(_, program)| venv_program(program).exists())
}
