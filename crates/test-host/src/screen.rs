//! A screen in memory (Xvfb), windows on it, and what they show.

mod drag;
mod listener;

use std::io::{BufRead, BufReader, BufWriter};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, CreateWindowAux, ImageFormat, PropMode, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub use drag::Drag;
pub use listener::{Heard, Listener};

/// An X server without a screen, for as long as this lives.
pub struct Xvfb {
    server: Child,
    display: String,
}

impl Xvfb {
    /// Starts a server whose screen has this many pixels.
    ///
    /// # Errors
    /// There is no Xvfb, or it does not start.
    pub fn start(width: u32, height: u32) -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{width}x{height}x24")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb does not start: `cargo xtask setup` installs it")?;
        let mut number = String::new();
        if let Some(out) = server.stdout.take() {
            BufReader::new(out).read_line(&mut number)?;
        }
        let xvfb = Self { server, display: format!(":{}", number.trim()) };
        ensure!(!number.trim().is_empty(), "Xvfb ends at once");
        Ok(xvfb)
    }

    /// The server's name, for the environment variable `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        // It has nothing to save.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A connection to an X server.
pub struct Screen {
    connection: RustConnection,
    root: u32,
    visual: u32,
}

impl Screen {
    /// Connects to a server, by its name.
    ///
    /// # Errors
    /// It cannot be reached.
    pub fn connect(display: &str) -> Result<Self> {
        let (connection, number) =
            x11rb::connect(Some(display)).with_context(|| format!("no screen at {display}"))?;
        let screen = &connection.setup().roots[number];
        let (root, visual) = (screen.root, screen.root_visual);
        Ok(Self { connection, root, visual })
    }

    /// Opens an empty window, to put an editor into. It goes with the connection.
    ///
    /// # Errors
    /// The server says no.
    pub fn window(&self, width: u32, height: u32) -> Result<u32> {
        let window = self.connection.generate_id()?;
        let (width, height) = (u16::try_from(width)?, u16::try_from(height)?);
        let depth = x11rb::COPY_DEPTH_FROM_PARENT;
        let looks = CreateWindowAux::new().background_pixel(0);
        let kind = WindowClass::INPUT_OUTPUT;
        self.connection.create_window(
            depth,
            window,
            self.root,
            0,
            0,
            width,
            height,
            0,
            kind,
            self.visual,
            &looks,
        )?;
        self.connection.map_window(window)?;
        self.connection.sync()?;
        Ok(window)
    }

    /// Closes a window.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn close(&self, window: u32) -> Result<()> {
        self.connection.destroy_window(window)?;
        self.connection.sync()?;
        Ok(())
    }

    /// Says on the server how large the user wants everything: the desktop's settings for all programs.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn set_dots_per_inch(&self, dots: u32) -> Result<()> {
        let (kind, text) = (AtomEnum::RESOURCE_MANAGER, format!("Xft.dpi:\t{dots}\n"));
        self.connection.change_property8(
            PropMode::REPLACE,
            self.root,
            kind,
            AtomEnum::STRING,
            text.as_bytes(),
        )?;
        Ok(self.connection.sync()?)
    }

    /// The windows that lie on the screen itself and are shown.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn windows(&self) -> Result<Vec<u32>> {
        let children = self.connection.query_tree(self.root)?.reply()?.children;
        let viewable = x11rb::protocol::xproto::MapState::VIEWABLE;
        let shown = |window: &u32| {
            let seen = self.connection.get_window_attributes(*window).ok().and_then(|sent| sent.reply().ok());
            seen.is_some_and(|seen| seen.map_state == viewable)
        };
        Ok(children.into_iter().filter(shown).collect())
    }

    /// What the screen shows where a window is.
    ///
    /// # Errors
    /// The window is gone.
    pub fn picture(&self, window: u32) -> Result<Picture> {
        let place = self.connection.get_geometry(window)?.reply()?;
        let all = u32::MAX;
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, window, 0, 0, place.width, place.height, all)?
            .reply()
            .context("the window shows nothing: it is not on the screen")?;
        ensure!(matches!(image.depth, 24 | 32), "the screen has {} bits a pixel", image.depth);
        let rgb = image.data.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
        Ok(Picture { width: place.width.into(), height: place.height.into(), rgb })
    }
}

/// Pixels, line by line from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green and blue of each pixel.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// How many colours it has.
    pub fn colours(&self) -> usize {
        let mut colours: Vec<&[u8]> = self.rgb.chunks_exact(3).collect();
        colours.sort_unstable();
        colours.dedup();
        colours.len()
    }

    /// Writes a PNG file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let cannot = || format!("{} cannot be written", path.display());
        let file = std::fs::File::create(path).with_context(cannot)?;
        let mut encoder = png::Encoder::new(BufWriter::new(file), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().with_context(cannot)?;
        writer.write_image_data(&self.rgb).with_context(cannot)?;
        writer.finish().with_context(cannot)
    }
}
