//! The engine program: performs one piece for a host that started it. Nothing for a user to start.

#[cfg(target_os = "linux")]
mod files;

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    if let Err(error) = csound_performance::engine::serve::run() {
        eprintln!("csound-performer-engine: {error}. This program is started by Csound Performer.");
    }
    #[cfg(not(target_os = "linux"))]
    eprintln!("There are no engine processes on this system yet: pieces perform in the host.");
    std::process::ExitCode::FAILURE
}
