//! A window as a host has it around an editor, which hears keys.

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ConnectionExt, CreateWindowAux, EventMask, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, KeyPressEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// The server's mark of what a program has sent.
const SENT: u8 = 0x80;

/// A host's window, with a connection of its own.
pub struct Listener {
    connection: RustConnection,
    window: u32,
}

/// A key that a window has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What it means without Shift, as X11 numbers that.
    pub meaning: u32,
    /// Pressed, else let go.
    pub pressed: bool,
    /// A program has sent it; else it comes from the keyboard.
    pub sent: bool,
    /// The window that it says to be for is this one.
    pub is_addressed: bool,
    event: [u8; 32],
}

impl Listener {
    /// Opens a window of black.
    ///
    /// # Errors
    /// The server cannot be reached, or says no.
    pub fn open(display: &str, width: u16, height: u16) -> Result<Self> {
        let (connection, number) =
            x11rb::connect(Some(display)).with_context(|| format!("no screen at {display}"))?;
        let screen = &connection.setup().roots[number];
        let window = connection.generate_id()?;
        let keys = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
        let looks = CreateWindowAux::new().background_pixel(0).event_mask(keys);
        let (depth, kind) = (x11rb::COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT);
        let (root, visual) = (screen.root, screen.root_visual);
        connection.create_window(depth, window, root, 0, 0, width, height, 0, kind, visual, &looks)?;
        connection.map_window(window)?;
        connection.sync()?;
        Ok(Self { connection, window })
    }

    /// Its number on the server.
    pub fn window(&self) -> u32 {
        self.window
    }

    /// The editor's window that lies in it.
    ///
    /// # Errors
    /// There is none.
    pub fn editor(&self) -> Result<u32> {
        let children = self.connection.query_tree(self.window)?.reply()?.children;
        children.first().copied().context("no editor lies in the window")
    }

    /// What it has heard since this was asked last.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn heard(&self) -> Result<Vec<Heard>> {
        self.connection.sync()?;
        let mut heard = Vec::new();
        while let Some(event) = self.connection.poll_for_event()? {
            if let Event::KeyPress(key) | Event::KeyRelease(key) = event {
                heard.push(self.understand(key)?);
            }
        }
        Ok(heard)
    }

    fn understand(&self, key: KeyPressEvent) -> Result<Heard> {
        let meanings = self.connection.get_keyboard_mapping(key.detail, 1)?.reply()?.keysyms;
        Ok(Heard {
            meaning: meanings.first().copied().unwrap_or(0),
            pressed: key.response_type & !SENT == KEY_PRESS_EVENT,
            sent: key.response_type & SENT != 0,
            is_addressed: key.event == self.window,
            event: key.into(),
        })
    }

    /// Sends a key to the editor that lies in it, as hosts do with what they do not want: to those who listen, or
    /// to the program alone.
    ///
    /// # Errors
    /// There is no editor.
    pub fn send_back(&self, heard: &Heard, to_listeners: bool) -> Result<()> {
        let editor = self.editor()?;
        let (kind, mask) = match heard.pressed {
            true => (KEY_PRESS_EVENT, EventMask::KEY_PRESS),
            false => (KEY_RELEASE_EVENT, EventMask::KEY_RELEASE),
        };
        let mut event = heard.event;
        event[0] = kind;
        // The window that it is for stands there.
        event[12..16].copy_from_slice(&editor.to_ne_bytes());
        let mask = if to_listeners { mask } else { EventMask::NO_EVENT };
        self.connection.send_event(false, editor, mask, event)?;
        Ok(self.connection.sync()?)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It would go with the connection too.
        let _ = self.connection.destroy_window(self.window);
        let _ = self.connection.flush();
    }
}
