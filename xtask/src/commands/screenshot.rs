//! `cargo xtask screenshot`: what the editor shows, in a real window, of a piece that plays.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::json;

use crate::commands::bundle::{self, Quiet};
use crate::commands::render;
use crate::commands::setup::{self, Purpose};
use test_host::bundle::dev;
use test_host::host::{Block, Host, INSTRUMENT, Instance, Transport};
use test_host::screen::{Screen, Xvfb};
use test_host::session::{AtEnd, Session};

/// The rate, in Hz, and the largest block, in frames.
const RATE: f64 = 48_000.0;
const BLOCK: usize = 512;

/// What `cargo xtask screenshot` is given.
#[derive(Args, Debug)]
pub struct ScreenshotArgs {
    /// The piece: a .csd, or an .orc with its .sco beside it
    pub piece: PathBuf,
    /// Where the picture goes, a .png
    #[arg(short, long)]
    pub output: PathBuf,
    /// The editor's size in pixels
    #[arg(long, value_parser = size, value_name = "WxH")]
    pub size: Option<(u32, u32)>,
    /// What is in front
    #[arg(long, value_enum, default_value_t)]
    pub show: Page,
    /// How long the piece plays before, in seconds
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// Use the dev bundles, as tests do
    #[arg(long)]
    pub dev: bool,
}

/// A page of the editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Page {
    /// The piece's controls
    #[default]
    Channels,
    /// Lines to send, and slots
    Events,
    /// The piece's text
    Source,
    /// What Csound says
    Console,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let parts =
        text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    parts
        .filter(|(width, height)| (100..=8000).contains(width) && (100..=8000).contains(height))
        .ok_or_else(|| "a size is WIDTHxHEIGHT in pixels, such as 960x640".to_owned())
}

/// Runs `cargo xtask screenshot`. No other thread may have been started: the editor finds its screen
/// by the environment.
///
/// # Errors
/// The plugin does not build, the piece does not play, there is no screen, or the picture cannot be
/// written.
pub fn run(args: &ScreenshotArgs) -> Result<()> {
    setup::prepare(Purpose::Screen, false)?;
    let bundle = if args.dev { dev()? } else { bundle::release(Quiet::Yes)? };
    let (server, display) = display()?;
    let editor = Some(json!({ "tab": format!("{:?}", args.show) }));
    let session = Session { at_end: AtEnd::Keep, editor, ..Session::from_file(&args.piece)? };
    render::allow_folders(session.folder.as_deref());
    let host = Host::load(&bundle.clap)?;
    let mut instance = Instance::new(&host, INSTRUMENT)?;
    instance.load_state(&session.state()?)?;
    instance.activate(RATE, 1, BLOCK as u32)?;
    instance.settle()?;
    instance.start()?;

    let screen = Screen::connect(&display)?;
    let (width, height) = args.size.unwrap_or((960, 640));
    let window = screen.window(width, height)?;
    instance.open_editor(window)?;
    instance.resize_editor(width, height)?;
    play(&mut instance, args.seconds)?;
    let picture = screen.picture(window)?;
    instance.close_editor()?;
    ensure!(picture.colours() > 2, "the editor shows nothing");
    picture.write(&args.output)?;
    println!("{}: {} x {} pixels", args.output.display(), picture.width, picture.height);
    drop((instance, host, screen, server));
    Ok(())
}

/// The screen that there is, else one in memory.
fn display() -> Result<(Option<Xvfb>, String)> {
    if let Some(display) = std::env::var("DISPLAY").ok().filter(|display| !display.is_empty()) {
        return Ok((None, display));
    }
    let server = Xvfb::start(1920, 1200)?;
    let display = server.display().to_owned();
    // SAFETY: no other thread has been started yet.
    unsafe {
        std::env::set_var("DISPLAY", &display);
        std::env::set_var("LIBGL_ALWAYS_SOFTWARE", "1");
    }
    Ok((Some(server), display))
}

/// Plays at the pace of a sound card.
fn play(instance: &mut Instance, seconds: f64) -> Result<()> {
    let began = Instant::now();
    let mut frames = 0;
    while (frames as f64) < seconds * RATE {
        let transport =
            Transport { playing: true, seconds: frames as f64 / RATE, tempo: 120.0, looped: None };
        instance.process(Block { frames: BLOCK, transport: Some(transport), ..Block::default() })?;
        instance.idle();
        frames += BLOCK;
        let due = Duration::from_secs_f64(frames as f64 / RATE);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_numbers() {
        assert_eq!(size("800x500"), Ok((800, 500)));
        for wrong in ["", "800", "x", "0x500", "800x99999", "a x b"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
