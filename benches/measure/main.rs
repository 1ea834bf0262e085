//! Measures what `cargo xtask bench` asks for, one job in one process: the plugin in the headless
//! host, and here what needs the library. Nothing to start by hand.

#[cfg(target_os = "linux")]
mod editor;
#[cfg(target_os = "linux")]
mod hand_over;
#[cfg(target_os = "linux")]
mod instructions;
#[cfg(target_os = "linux")]
mod panel;
#[cfg(target_os = "linux")]
mod queue;
#[cfg(target_os = "linux")]
mod raw_loop;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod stress;
#[cfg(target_os = "linux")]
mod thread;

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    use test_host::measure::job::Job;
    use test_host::measure::{plugin, scan};

    let Some(job) = std::env::args().nth(1).and_then(|job| serde_json::from_str(&job).ok()) else {
        println!("`cargo xtask bench` starts this program.");
        return Ok(());
    };
    match job {
        Job::RawLoop { piece, call } => raw_loop::serve(piece, call),
        Job::Plugin { bundle, piece, timing, count, offline } => {
            plugin::serve(&bundle, (piece, timing), count, offline)
        }
        Job::Thread { piece } => thread::serve(piece),
        Job::HandOver { engine, turns, paced } => hand_over::measure(engine, turns, paced),
        Job::Start { engine, times } => start::measure(engine, times),
        Job::Queue { commands, times } => queue::measure(commands, times),
        Job::Editor { frames } => editor::measure(frames),
        Job::Panel { frames } => panel::measure(frames),
        Job::Stress { seconds, timing } => stress::measure(seconds, timing),
        Job::Reload { bundle, times } => plugin::reload(&bundle, times),
        Job::Instances { bundle, piece, timing, count, seconds } => {
            plugin::instances(&bundle, (piece, timing), count, seconds)
        }
        Job::Instructions { engine, piece, counted, frames, blocks } => {
            instructions::perform(engine, piece, counted, frames, blocks)
        }
        Job::Busy => loop {
            std::hint::spin_loop();
        },
        Job::Scan { bundle } => scan::measure(&bundle),
        Job::Kill { bundle, times } => plugin::kill_engines(&bundle, times),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("Measurements are for Linux only.");
}

/// An error that may cross threads, as one with a handed-back command may not.
#[cfg(target_os = "linux")]
fn plain(error: csound_performance::PerformanceError) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}
