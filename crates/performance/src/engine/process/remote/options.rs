//! Options for the start of an engine process.

use std::path::PathBuf;
use std::time::Duration;

use super::HUNG_OFFLINE;
use super::program::half_the_memory;
use crate::engine::process::nursery::Nurseries;
use crate::engine::process::protocol::{Bounds, Confinement};
use crate::engine::spec::Abandoned;

/// Options for the start of an engine process.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The engine program; see [`program`](super::program()).
    pub program: PathBuf,
    /// The engine's confinement; `None` for a piece that the user trusts.
    pub confinement: Option<Confinement>,
    /// The bounds of the process.
    pub bounds: Bounds,
    /// The longest that the piece may take to compile and start.
    pub compile_limit: Duration,
    /// The longest that it may not get on with a turn while the host renders offline, beyond the time that
    /// a seek may take. In real time it is two seconds.
    pub offline_limit: Duration,
    /// Says that nobody waits for the piece any more.
    pub abandoned: Abandoned,
    /// Where the engine of a confined piece comes from; `None`: it is started as a program.
    pub nurseries: Option<Nurseries>,
    /// Every file that the piece opens to read is named on the console; see [`file_read`](super::file_read). Such an
    /// engine is started as a program.
    pub names_files: bool,
}

impl Options {
    /// For a confined engine with the usual bounds.
    pub fn new(program: PathBuf, confinement: Option<Confinement>) -> Self {
        let written = match &confinement {
            None => u64::MAX,
            Some(confinement) if confinement.writable.is_empty() => 256 << 20,
            // Recordings: six hours of stereo, as 32 bit floats at 48 kHz.
            Some(_) => 8 << 30,
        };
        let most = |most: u64| if confinement.is_some() { most } else { u64::MAX };
        let bounds = Bounds {
            memory: half_the_memory(),
            file: written,
            realtime: 200_000,
            written,
            files: most(4096),
            threads: most(64),
        };
        Self {
            program,
            confinement,
            bounds,
            compile_limit: Duration::from_secs(10),
            offline_limit: HUNG_OFFLINE,
            abandoned: Abandoned::default(),
            nurseries: Nurseries::if_wanted(),
            names_files: false,
        }
    }
}
