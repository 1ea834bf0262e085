//! The blocks of a run, one right after the other or at the pace of a sound card, and the time that they take.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::job::{Run, Slice};
use super::pieces::RATE;
use super::usage::CpuMeter;

/// A sound card, as it were: it asks for a block when the one before has sounded.
pub struct Pace {
    period: Duration,
    next: Instant,
}

impl Pace {
    /// Blocks of `frames` frames, the first at once.
    pub fn new(frames: usize) -> Self {
        Self { period: Duration::from_secs_f64(frames as f64 / RATE), next: Instant::now() }
    }

    /// Waits until the next block is due. After a late one it goes on from then.
    pub fn wait(&mut self) {
        std::thread::sleep(self.next.saturating_duration_since(Instant::now()));
        self.next = (self.next + self.period).max(Instant::now());
    }
}

/// Performs the blocks of a run. At a sound card's pace one more comes first, which is not measured (a process that
/// was stopped begins slowly), and the time is that within the blocks.
///
/// # Errors
/// A block fails, or an engine has ended.
pub fn blocks(run: Run, cpu: &CpuMeter, mut block: impl FnMut() -> Result<()>) -> Result<Slice> {
    let count = run.frames / u64::from(run.block).max(1);
    let frames = count * u64::from(run.block);
    if !run.paced {
        let (before, began) = (cpu.read()?, Instant::now());
        for _ in 0..count {
            block()?;
        }
        let wall = began.elapsed().as_nanos() as u64;
        let cpu = (cpu.read()? - before).as_nanos() as u64;
        return Ok(Slice { frames, wall, cpu, blocks: Vec::new() });
    }
    let mut pace = Pace::new(run.block as usize);
    pace.wait();
    block()?;
    let mut blocks = Vec::with_capacity(usize::try_from(count)?);
    let before = cpu.read()?;
    for _ in 0..count {
        pace.wait();
        let began = Instant::now();
        block()?;
        blocks.push(began.elapsed().as_nanos() as u64);
    }
    let cpu = (cpu.read()? - before).as_nanos() as u64;
    Ok(Slice { frames, wall: blocks.iter().sum(), cpu, blocks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paced_run_performs_one_block_more_and_counts_the_blocks_own_time() {
        let cpu = CpuMeter::of_this_process();
        for (paced, expected) in [(false, 10), (true, 11)] {
            let mut performed = 0;
            let run = Run { frames: 640, block: 64, paced };
            let began = Instant::now();
            let slice = blocks(run, &cpu, || {
                performed += 1;
                Ok(())
            });
            let slice = slice.unwrap();
            assert_eq!((performed, slice.frames), (expected, 640));
            assert_eq!(slice.blocks.len(), if paced { 10 } else { 0 }, "the one before is not among them");
            // The pauses are not in it: ten of them, of 1.3 ms each.
            let passed = began.elapsed();
            assert!(Duration::from_nanos(slice.wall) <= passed);
            if paced {
                assert!(passed >= Duration::from_millis(12), "{passed:?}");
            }
        }
    }
}
