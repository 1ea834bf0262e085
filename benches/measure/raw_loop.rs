//! A loop around libcsound and nothing else: what everything is compared with.

use anyhow::Result;
use csound_library::{Csound, FlushDenormals, Io};
use tempfile::TempDir;
use test_host::measure::job::{self, Call};
use test_host::measure::pace;
use test_host::measure::pieces::{KSMPS, RATE, Weight};
use test_host::measure::usage::CpuMeter;

/// A subject: k-cycles one after the other.
pub fn serve(piece: Weight, call: Call) -> Result<()> {
    let (mut csound, _folder) = start(piece, call)?;
    // As the plugin does, so that both compute with the same processor.
    let _denormals = FlushDenormals::new();
    let cpu = CpuMeter::new()?;
    job::serve(|run| {
        let cycles = run.block as usize / KSMPS;
        pace::blocks(run, &cpu, || {
            for _ in 0..cycles {
                let end = csound.perform_ksmps();
                anyhow::ensure!(end == 0, "the piece has ended ({end})");
            }
            Ok(())
        })
    })
}

/// An instance with the engine's options; with Csound's own output, that goes nowhere.
pub fn start(piece: Weight, call: Call) -> Result<(Csound, TempDir)> {
    let folder = TempDir::with_prefix("csound-performer-bench-")?;
    let path = folder.path().join("piece.csd");
    std::fs::write(&path, piece.csd())?;
    let (io, options) = match call {
        Call::Ksmps => (Io::Own, &["-n"][..]),
        Call::Buffer => (Io::Host, &["-M0", "-Q0"][..]),
    };
    let rate = format!("-r{RATE}");
    let path = path.to_string_lossy().into_owned();
    let mut args = vec!["csound", &rate, "-d"];
    args.extend(options);
    args.push(&path);
    let mut csound = Csound::new(io)?;
    csound.compile(&args)?;
    csound.start()?;
    Ok((csound, folder))
}
