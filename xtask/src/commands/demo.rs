//! `cargo xtask demo`: from a clone to sound in one command.

use std::f64::consts::PI;
use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::commands::bundle::{self, Quiet};
use crate::media::picture;
use test_host::midi;
use test_host::project::{root, target_dir};
use test_host::render::{RenderOptions, Rendered, SetChannel};

use crate::commands::render;
use crate::commands::setup::{self, Purpose};
use test_host::session::Session;
use test_host::wav;

/// The length, in seconds.
const SECONDS: f64 = 20.0;

/// The rate, in Hz.
const RATE: u32 = 48_000;

/// The channel of the demo piece that is moved as a DAW's automation would.
const CHANNEL: &str = "cutoff";

/// Its lowest and highest value, in Hz.
const SWEEP: (f64, f64) = (350.0, 6500.0);

/// Automation points of the sweep.
const POINTS: usize = 40;

/// What is quieter than this is taken for silence: -50 dB.
const AUDIBLE: f64 = 0.003;

/// What `cargo xtask demo` is given.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Do not install what is missing: say so and stop
    #[arg(long)]
    pub no_install: bool,
}

/// Runs `cargo xtask demo`.
///
/// # Errors
/// Something is missing and cannot be installed, the plugin does not build, or the piece does not
/// sound.
pub fn run(args: &DemoArgs) -> Result<()> {
    setup::prepare(Purpose::Demo, args.no_install)?;
    println!("Building the plugin; the first time this takes some minutes.");
    let bundle = bundle::release(Quiet::Yes)?;

    let pieces = root().join("pieces");
    let notes = pieces.join("demo.mid");
    let notes = fs::read(&notes).with_context(|| format!("{} cannot be read", notes.display()))?;
    let options = RenderOptions {
        seconds: Some(SECONDS),
        rate: RATE,
        channels: Some(2),
        events: midi::events(&notes, RATE.into())?,
        set: sweep(),
        ..RenderOptions::new(&bundle.clap, Session::from_file(&pieces.join("demo.csd"))?)
    };
    println!(
        "Playing pieces/demo.csd in {}: its score, {} MIDI messages, {POINTS} automation points.",
        bundle.clap.display(),
        options.events.len()
    );
    let rendered = render::render_with_bar(&options)?;
    ensure!(rendered.crash.is_none(), "the demo broke off: {}", rendered.crash.unwrap_or_default());
    check(&rendered)?;

    let folder = target_dir().join("demo");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let (sound, image) = (folder.join("demo.wav"), folder.join("demo.png"));
    wav::write(&sound, &rendered.samples, rendered.rate)?;
    let described = render::describe(&rendered);
    picture::write(&image, "pieces/demo.csd, performed by Csound Performer", &described, &rendered)?;
    println!("\n{}: {described}\n{}: what it looks like", sound.display(), image.display());
    println!("{NEXT}");
    Ok(())
}

const NEXT: &str = "
What next:
  cargo xtask install              puts the plugin into your CLAP and VST3 folders.
                                   Then look for Csound Performer (an instrument) and
                                   Csound Performer FX (an effect) in your DAW:
                                     CLAP: Bitwig Studio, REAPER, Qtractor, Zrythm
                                     VST3: Ardour 7 or later, Cubase, Ableton Live, Studio One
  cargo xtask run PIECE.csd        performs a piece of yours in a window of its own.
  cargo xtask render PIECE.csd     renders it through the plugin.";

/// A slow rise and fall, evenly spaced in pitch.
fn sweep() -> Vec<SetChannel> {
    let (low, high) = SWEEP;
    let point = |index: usize| {
        let phase = index as f64 / (POINTS - 1) as f64;
        let height = 0.5 - 0.5 * (2.0 * PI * phase).cos();
        SetChannel {
            name: CHANNEL.to_owned(),
            value: low * (high / low).powf(height),
            seconds: phase * SECONDS * 0.98,
        }
    };
    (0..POINTS).map(point).collect()
}

/// A demo that nobody can hear has failed.
fn check(rendered: &Rendered) -> Result<()> {
    ensure!(rendered.peak().is_finite(), "the demo's sound holds values that are no numbers");
    ensure!(rendered.rms() > AUDIBLE, "the demo rendered, but to silence ({})", render::describe(rendered));
    ensure!(
        (rendered.seconds() - SECONDS).abs() < 0.01,
        "the demo lasts {:.2} s, not {SECONDS} s",
        rendered.seconds()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sweep_rises_and_falls_within_the_piece() {
        let sweep = sweep();
        assert_eq!(sweep.len(), POINTS);
        assert!((sweep[0].value - SWEEP.0).abs() < 1e-6 && (sweep[POINTS - 1].value - SWEEP.0).abs() < 1e-6);
        assert!(sweep.iter().all(|point| point.seconds < SECONDS && point.value <= SWEEP.1));
        assert!(sweep[POINTS / 2].value > 6000.0);
    }

    fn rendered(value: f32) -> Rendered {
        let samples = vec![vec![value; (SECONDS * f64::from(RATE)) as usize]; 2];
        Rendered {
            samples,
            rate: RATE,
            latency: 0,
            midi_out: Vec::new(),
            ended: false,
            faults: Vec::new(),
            refusals: Vec::new(),
            crash: None,
        }
    }

    #[test]
    fn silence_and_broken_sound_are_no_demo() {
        assert!(check(&rendered(0.1)).is_ok());
        assert!(check(&rendered(0.0)).is_err());
        assert!(check(&rendered(f32::NAN)).is_err());
        let short = Rendered { samples: vec![vec![0.1; 48_000]], ..rendered(0.1) };
        assert!(check(&short).is_err());
    }
}
