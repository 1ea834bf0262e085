//! All that a run of the benchmark has measured.

use serde::{Deserialize, Serialize};
use test_host::measure::job::{Crowd, EngineStart, Frames, HandOver, Stress, Throughput, Took};

use super::compare::Compared;
use super::instructions::Instructions;

/// On what was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many there are.
    pub processors: usize,
    /// The kernel's version.
    pub kernel: String,
    /// Other programs' share of the processors' time during the measurements, 0 to 1.
    pub others: f64,
    /// Whether less was measured than can be.
    pub quick: bool,
}

/// Everything that was measured; what was not is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// On what.
    pub machine: Machine,
    /// Everybody on every piece.
    pub compared: Vec<Compared>,
    /// The same beside busy programs, as many as there are processors.
    #[serde(default)]
    pub beside: Vec<Compared>,
    /// Instructions, where they can be counted.
    #[serde(default)]
    pub instructions: Vec<Instructions>,
    /// From the audio thread to an engine and back.
    pub hand_over: Vec<HandOver>,
    /// Engine processes, confined and trusted.
    #[serde(default)]
    pub start: Vec<EngineStart>,
    /// The same by Csound 7.
    #[serde(default)]
    pub start_by_seven: Vec<EngineStart>,
    /// The worst of blocks.
    pub stress: Vec<Stress>,
    /// Commands.
    pub queue: Vec<Throughput>,
    /// The editor.
    #[serde(default)]
    pub editor: Vec<Frames>,
    /// Reloads of an isolated piece, then of one in the host's process.
    pub reload: [Vec<Took>; 2],
    /// Instances with isolated pieces, with pieces in the host's process, with pipelined ones.
    pub instances: [Vec<Crowd>; 3],
    /// From the end of an engine to sound.
    pub kill: Option<Took>,
    /// The last three where engines come from no nursery.
    #[serde(default)]
    pub programs: Programs,
}

/// What was measured of isolated pieces whose engines are started as programs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Programs {
    /// Reloads.
    pub reload: Vec<Took>,
    /// Instances.
    pub instances: Vec<Crowd>,
    /// From the end of an engine to sound.
    pub kill: Option<Took>,
}
