//! All that a run of the benchmark has measured.

use csound_library::Generation;
use serde::{Deserialize, Serialize};
use test_host::measure::job::{
    Crowd, EngineStart, Frames, HandOver, PanelFrames, Scanned, Stress, Throughput, Took,
};

use super::compare::Compared;
use super::crowds::Crowded;
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
    /// Megabytes of memory.
    #[serde(default)]
    pub memory: u64,
    /// The load of the last minute before the measurements, and after them.
    #[serde(default)]
    pub load: [f64; 2],
    /// Other programs' share of the processors' time during the measurements, 0 to 1.
    pub others: f64,
    /// The programs that took most of it, each with its share.
    #[serde(default)]
    pub busiest: Vec<(String, f64)>,
    /// Whether less was measured than can be.
    pub quick: bool,
    /// Whether the tests' build was measured, which says nothing about a release.
    #[serde(default)]
    pub dev: bool,
}

/// Everything that was measured; what was not is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// On what.
    pub machine: Machine,
    /// Everybody on every piece, block after block without pause, by each Csound.
    pub compared: Vec<Compared>,
    /// The same at a sound card's pace.
    #[serde(default)]
    pub paced: Vec<Compared>,
    /// The first beside busy programs, as many as there are processors.
    #[serde(default)]
    pub beside: Vec<Compared>,
    /// The second beside them.
    #[serde(default)]
    pub beside_paced: Vec<Compared>,
    /// Instances in one host, beside as many raw loops, by each Csound.
    #[serde(default)]
    pub crowds: Vec<Crowded>,
    /// Instructions, where they can be counted.
    #[serde(default)]
    pub instructions: Vec<Instructions>,
    /// A host's scans of the plugin.
    #[serde(default)]
    pub scans: Vec<Scanned>,
    /// Commands.
    pub queue: Vec<Throughput>,
    /// The editor.
    #[serde(default)]
    pub editor: Vec<Frames>,
    /// A panel.
    #[serde(default)]
    pub panel: Option<PanelFrames>,
    /// The rest, by Csound 6.
    #[serde(default)]
    pub six: Parts,
    /// And by Csound 7.
    #[serde(default)]
    pub seven: Parts,
}

impl Results {
    /// What was measured by one Csound, beside the comparisons.
    pub fn parts(&self, generation: Generation) -> &Parts {
        match generation {
            Generation::Six => &self.six,
            Generation::Seven => &self.seven,
        }
    }
}

/// What was measured by one Csound, beside the comparisons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// From the audio thread to an engine and back.
    pub hand_over: Vec<HandOver>,
    /// Engine processes, confined and trusted.
    pub start: Vec<EngineStart>,
    /// The worst of blocks.
    pub stress: Vec<Stress>,
    /// Reloads of an isolated piece, then of one in the host's process.
    pub reload: [Vec<Took>; 2],
    /// Memory of instances with isolated pieces, with pieces in the host's process, with pipelined ones.
    pub instances: [Vec<Crowd>; 3],
    /// From the end of an engine to sound.
    pub kill: Option<Took>,
    /// The last three where engines come from no nursery.
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
