//! What the measuring program is asked to do, and what it answers. Both sides of the pipe use this.
//!
//! A job comes as the program's one argument. Answers are lines that begin with `MARK`; whatever
//! else a piece or a library prints is passed over. A *subject* answers [`READY`], then answers each
//! [`Run`] on its standard input with a [`Slice`].

use std::io::{BufRead, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::figures::{Latency, Spread};
use super::pieces::Weight;
use crate::session::Timing;

/// How a line that is an answer begins.
const MARK: char = '=';

/// What a subject answers once it can be measured.
pub const READY: &str = "ready";

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// A subject: a loop around libcsound and nothing else.
    RawLoop {
        /// The piece.
        piece: Weight,
        /// What is called.
        call: Call,
    },
    /// A subject: the plugin in the headless host.
    Plugin {
        /// The CLAP bundle.
        bundle: PathBuf,
        /// The piece.
        piece: Weight,
        /// When its k-cycles are performed.
        timing: Timing,
        /// Instances, each of which performs what is asked for, block by block in turns.
        count: usize,
        /// Whether they render offline, and so wait for an engine without a bound.
        offline: bool,
    },
    /// A subject: the library's performance thread.
    Thread {
        /// The piece.
        piece: Weight,
    },
    /// The time from an audio thread to an engine process and back: [`HandOver`]s.
    HandOver {
        /// The engine program.
        engine: PathBuf,
        /// Turns in a row.
        turns: usize,
        /// Turns at the pace of a sound card.
        paced: usize,
    },
    /// Starting engine processes: an [`EngineStart`] for each [`Way`].
    Start {
        /// The engine program.
        engine: PathBuf,
        /// How often each.
        times: usize,
    },
    /// Commands through the queue: [`Throughput`]s.
    Queue {
        /// Commands of each measurement.
        commands: usize,
        /// Measurements of each kind.
        times: usize,
    },
    /// The editor of a piece with much to show: [`Frames`] of each kind.
    Editor {
        /// How many.
        frames: usize,
    },
    /// A panel of many widgets in a window: one [`PanelFrames`].
    Panel {
        /// How many frames.
        frames: usize,
    },
    /// The audio thread's blocks while other threads do their worst: [`Stress`]es.
    Stress {
        /// Seconds of each measurement.
        seconds: f64,
        /// When k-cycles are performed.
        timing: Timing,
    },
    /// A host's scan of the plugin, in a process of its own: one [`Scanned`].
    Scan {
        /// The CLAP bundle.
        bundle: PathBuf,
    },
    /// Loading a piece into a plugin that plays: [`Took`]s.
    Reload {
        /// The CLAP bundle.
        bundle: PathBuf,
        /// How often.
        times: usize,
    },
    /// Some instances in one host: one [`Crowd`].
    Instances {
        /// The CLAP bundle.
        bundle: PathBuf,
        /// The piece of each.
        piece: Weight,
        /// When its k-cycles are performed.
        timing: Timing,
        /// How many.
        count: usize,
        /// Seconds to measure for.
        seconds: f64,
    },
    /// `kill -9` of engines that play: one [`Took`].
    Kill {
        /// The CLAP bundle.
        bundle: PathBuf,
        /// How often.
        times: usize,
    },
    /// Some blocks of a piece, for a program that counts instructions. No answer.
    Instructions {
        /// The engine program.
        engine: PathBuf,
        /// The piece.
        piece: Weight,
        /// What performs it.
        counted: Counted,
        /// Frames of a block.
        frames: usize,
        /// Blocks; 0 for a subject, which is asked.
        blocks: usize,
    },
    /// A busy program: takes all that it gets of a processor, until it is ended.
    Busy,
}

/// What instructions are counted of, on the host's thread and in the engine's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counted {
    /// The raw loop of `csoundPerformKsmps`.
    RawLoop,
    /// A host's blocks over an engine in its process.
    InProcess,
    /// A host's blocks over an engine process.
    Isolated,
    /// The same, pipelined.
    Pipelined,
}

/// What performs a k-cycle of the raw loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `csoundPerformKsmps`, with Csound's own (discarded) output.
    Ksmps,
    /// `csoundPerformBuffer` with a buffer of one k-cycle and the host's audio, as the engine does.
    Buffer,
}

/// What a subject is to perform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Frames; a multiple of `block`.
    pub frames: u64,
    /// Frames of one block, where the subject performs in blocks.
    pub block: u32,
    /// Whether blocks come at a sound card's pace, or one right after the other.
    #[serde(default)]
    pub paced: bool,
}

/// What a subject needed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Frames that were performed.
    pub frames: u64,
    /// Nanoseconds that went by; within the blocks, where they come at a sound card's pace.
    pub wall: u64,
    /// Nanoseconds of CPU time, of all threads and of all engine processes.
    pub cpu: u64,
    /// Nanoseconds of each block, where blocks come at a sound card's pace.
    #[serde(default)]
    pub blocks: Vec<u64>,
}

impl Slice {
    /// Nanoseconds that went by for each frame.
    pub fn wall_per_frame(&self) -> f64 {
        self.wall as f64 / self.frames.max(1) as f64
    }

    /// Nanoseconds of CPU time for each frame.
    pub fn cpu_per_frame(&self) -> f64 {
        self.cpu as f64 / self.frames.max(1) as f64
    }
}

/// How long a turn takes beyond the piece's own time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// The piece.
    pub piece: Weight,
    /// Frames of a turn.
    pub frames: usize,
    /// Whether the turns come at a sound card's pace, or one right after the other.
    pub paced: bool,
    /// The piece's own time for a turn, in this process: the median, in microseconds.
    pub own: f64,
    /// What is beyond it.
    pub beyond: Latency,
    /// Turns that were late.
    pub late: usize,
}

/// Commands through the queue in a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    /// Which commands.
    pub what: String,
    /// From how many threads.
    pub senders: usize,
    /// In a second.
    pub per_second: Spread,
}

/// Frames that the editor can draw in a second, on one processor and without a graphics card's part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frames {
    /// What it shows.
    pub what: String,
    /// In a second.
    pub per_second: Spread,
}

/// What a panel of many widgets takes in a window without a graphics card, all on one processor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PanelFrames {
    /// How many widgets.
    pub widgets: usize,
    /// Milliseconds of the processor for a frame in which everything moves, with what the screen takes for it.
    pub milliseconds: Spread,
    /// The same where OpenGL draws it, as a program.
    pub by_open_gl: Spread,
    /// Milliseconds until it is there anew after the piece has changed a widget.
    pub changed: Spread,
    /// Looks whether a frame is needed, while nothing changes.
    pub looks: usize,
    /// Frames that were drawn meanwhile.
    pub drawn: usize,
}

/// How the audio thread's blocks went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stress {
    /// The piece.
    pub piece: Weight,
    /// Whether the engine is a process of its own.
    pub isolated: bool,
    /// Whether it performs while the audio thread goes on.
    pub pipelined: bool,
    /// Whether another thread reloads, records and sends.
    pub stressed: bool,
    /// Whether the audio thread had real-time scheduling.
    pub realtime: bool,
    /// Frames of a block.
    pub frames: usize,
    /// How long a block took.
    pub block: Latency,
    /// Blocks that took longer than they sound.
    pub overruns: usize,
    /// Turns that became silence.
    pub late: u64,
    /// Times the piece was reloaded meanwhile.
    pub reloads: usize,
    /// Events that were sent meanwhile.
    pub events: usize,
    /// Frames that were recorded meanwhile.
    pub recorded: u64,
}

/// How long something took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Took {
    /// The piece.
    pub piece: Weight,
    /// Milliseconds.
    pub milliseconds: Spread,
    /// The longest, in milliseconds.
    pub worst: f64,
    /// How often it did not happen at all.
    pub failed: usize,
}

/// What a host's scan of the plugin took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scanned {
    /// Milliseconds until the plugins were described.
    pub described: f64,
    /// Milliseconds until each of them was created and gone again, too.
    pub created: f64,
    /// Whether Csound's library was loaded by then.
    pub loads_csound: bool,
    /// Processes that had been started.
    pub processes: usize,
}

/// How an engine process starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// Confined, forked by a nursery that is there.
    Nursery,
    /// Confined, as a program that loads Csound itself.
    Program,
    /// As a program, of a trusted piece: no confinement, and every opcode library there is.
    Trusted,
}

/// How an engine process starts and what it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineStart {
    /// How it starts.
    pub way: Way,
    /// From nothing to the first turn.
    pub took: Took,
    /// The size of the program, in bytes.
    pub program: u64,
    /// Memory of the process's own, in bytes: pages that nobody shares.
    pub own: f64,
    /// Its share of memory, in bytes (PSS).
    pub share: f64,
}

/// Some instances in one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crowd {
    /// How many.
    pub count: usize,
    /// The piece of each.
    pub piece: Weight,
    /// Nanoseconds of one instance's frame.
    pub wall: Spread,
    /// Nanoseconds of CPU time for one instance's frame.
    pub cpu: Spread,
    /// What the host grew by for each instance, in bytes of its share of memory (PSS).
    pub host: f64,
    /// What an engine process takes for each instance, likewise.
    pub engine: f64,
}

/// Gives an answer.
///
/// # Errors
/// Nobody listens.
pub fn answer(answer: &impl Serialize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{MARK}{}", serde_json::to_string(answer)?)?;
    Ok(out.flush()?)
}

/// The next answer; none at the end.
///
/// # Errors
/// The stream breaks, or the answer is of another kind.
pub fn next_answer<T: DeserializeOwned>(from: &mut impl BufRead) -> Result<Option<T>> {
    let mut line = String::new();
    while from.read_line(&mut line)? > 0 {
        // What a library has printed without a line end may stand before it.
        if let Some((_, answer)) = line.split_once(MARK).filter(|(_, answer)| answer.starts_with(['{', '"']))
        {
            let read = serde_json::from_str(answer.trim());
            return read.map(Some).with_context(|| format!("not the answer that was awaited: {answer}"));
        }
        line.clear();
    }
    Ok(None)
}

/// Answers the runs that are asked for on standard input, until its end.
///
/// # Errors
/// A run fails, or nobody listens.
pub fn serve(mut run: impl FnMut(Run) -> Result<Slice>) -> Result<()> {
    answer(&READY)?;
    for line in std::io::stdin().lock().lines() {
        answer(&run(serde_json::from_str(&line?)?)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_found_among_whatever_else_is_printed() {
        let mut said = "rtevent: T=3\n={\"frames\":32,\"wall\":5,\"cpu\":6}\nnoise ={\"frames\":1,\"wall\":2,\"cpu\":3}\n"
            .as_bytes();
        assert_eq!(
            next_answer(&mut said).unwrap(),
            Some(Slice { frames: 32, wall: 5, cpu: 6, blocks: vec![] })
        );
        assert_eq!(next_answer::<Slice>(&mut said).unwrap().unwrap().frames, 1);
        assert_eq!(next_answer::<Slice>(&mut said).unwrap(), None);
    }
}
