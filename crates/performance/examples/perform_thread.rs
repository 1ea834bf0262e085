//! Performs a piece on a thread of its own, as Csound's performance thread does:
//!
//! ```text
//! cargo run --example perform_thread -- pieces/oracle/tones.csd tones.wav
//! ```
//!
//! The piece is recorded into the WAV file as 24 bit PCM; a note of instrument 1 is added live.

use std::error::Error;
use std::path::Path;

use csound_library::{Csound, Io};
use csound_performance::{PerformanceThread, TimeBase};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(piece), Some(recording)) = (arguments.next(), arguments.next()) else {
        return Err("usage: perform_thread PIECE.csd RECORDING.wav".into());
    };

    // Csound plays by itself here: -n for no device; -odac for the sound card.
    let mut csound = Csound::new(Io::Own)?;
    csound.compile(&["csound", "-n", "-d", &piece])?;
    csound.start()?;

    // Paused at its start, so that what is queued now happens at the first k-cycle.
    let thread = PerformanceThread::new(csound)?;
    thread.record(Path::new(&recording), 24, 64)?;
    thread.score_event(TimeBase::Now, 'i', &[1.0, 0.1, 0.5, 0.2, 660.0])?;
    thread.play()?;

    let performance = thread.performance();
    let status = thread.join();
    performance.stop_record()?;
    println!("ended with {status} at {:.2} s; recorded into {recording}", performance.score_time());
    Ok(())
}
