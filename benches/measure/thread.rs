//! The library's performance thread, as fast as it can.

use std::time::{Duration, Instant};

use anyhow::Result;
use csound_performance::PerformanceThread;
use test_host::measure::job::{self, Call, Slice};
use test_host::measure::pieces::Weight;
use test_host::measure::usage::CpuMeter;

use super::plain;

/// How often the thread's progress is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// A subject: a thread that plays meanwhile.
pub fn serve(piece: Weight) -> Result<()> {
    let (csound, _folder) = super::raw_loop::start(piece, Call::Ksmps)?;
    let thread = PerformanceThread::new(csound)?;
    let cpu = CpuMeter::new()?;
    job::serve(|run| {
        let first = thread.frames();
        thread.play().map_err(plain)?;
        // It looks for commands once a millisecond while it is paused; that is not measured.
        while thread.frames() == first {
            std::thread::sleep(LOOK);
        }
        let (before, began, from) = (cpu.read()?, Instant::now(), thread.frames());
        while thread.frames() < from + run.frames as i64 {
            std::thread::sleep(LOOK);
        }
        let (wall, frames) = (began.elapsed(), thread.frames() - from);
        let cpu = cpu.read()? - before;
        thread.pause().map_err(plain)?;
        thread.flush_message_queue().map_err(plain)?;
        Ok(Slice {
            frames: frames as u64,
            wall: wall.as_nanos() as u64,
            cpu: cpu.as_nanos() as u64,
            blocks: Vec::new(),
        })
    })
}
