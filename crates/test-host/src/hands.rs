//! Hands on a screen in memory: a mouse and a keyboard, which programs cannot tell from real ones.

use std::time::Duration;

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
    MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// The time between two movements of a hand. Programs look at the mouse once a frame.
const MOVEMENT: Duration = Duration::from_millis(30);

/// Keys that have names of their own, as X11 numbers what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The end of the line.
    End = 0xff57,
    /// Return.
    Enter = 0xff0d,
    /// Leaves.
    Escape = 0xff1b,
}

const SHIFT: u32 = 0xffe1;

/// A mouse and a keyboard.
pub struct Hands {
    connection: RustConnection,
    root: u32,
    /// The first code of a key, and what each key means without and with shift.
    first: u8,
    meanings: Vec<[u32; 2]>,
}

impl Hands {
    /// Takes the mouse and the keyboard of a server, by its name.
    ///
    /// # Errors
    /// It cannot be reached, or has no keyboard.
    pub fn on(display: &str) -> Result<Self> {
        let (connection, number) =
            x11rb::connect(Some(display)).with_context(|| format!("no screen at {display}"))?;
        let setup = connection.setup();
        let (root, first, last) = (setup.roots[number].root, setup.min_keycode, setup.max_keycode);
        let mapping = connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let each = usize::from(mapping.keysyms_per_keycode).max(1);
        let meaning = |key: &[u32]| [key[0], key.get(1).copied().unwrap_or(0)];
        let meanings = mapping.keysyms.chunks_exact(each).map(meaning).collect();
        Ok(Self { connection, root, first, meanings })
    }

    /// Gives the key of a code other meanings, without and with Shift, and tells those that it had. Programs and hands
    /// learn of it when they come next.
    ///
    /// # Errors
    /// The server refuses.
    pub fn give_meanings(display: &str, code: u8, meanings: [u32; 2]) -> Result<[u32; 2]> {
        let (connection, _) =
            x11rb::connect(Some(display)).with_context(|| format!("no screen at {display}"))?;
        let before = connection.get_keyboard_mapping(code, 1)?.reply()?.keysyms;
        connection.change_keyboard_mapping(1, code, 2, &meanings)?.check()?;
        Ok([0, 1].map(|at| before.get(at).copied().unwrap_or(0)))
    }

    /// Puts the mouse to a place of the screen, in pixels.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn point(&self, x: i16, y: i16) -> Result<()> {
        self.send(MOTION_NOTIFY_EVENT, 0, x, y)
    }

    /// Presses the mouse's first button, or lets it go.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn press(&self, down: bool) -> Result<()> {
        self.button(1, down)
    }

    fn button(&self, number: u8, down: bool) -> Result<()> {
        self.send(if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, number, 0, 0)
    }

    /// Clicks at a place.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn click(&self, x: i16, y: i16) -> Result<()> {
        self.point(x, y)?;
        self.press(true)?;
        self.press(false)
    }

    /// Clicks at a place with the button that opens menus.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn click_secondary(&self, x: i16, y: i16) -> Result<()> {
        self.point(x, y)?;
        self.button(3, true)?;
        self.button(3, false)
    }

    /// Turns the wheel towards the user by so many notches, where the mouse is.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn wheel_down(&self, notches: usize) -> Result<()> {
        (0..notches).try_for_each(|_| {
            self.button(5, true)?;
            self.button(5, false)
        })
    }

    /// Presses a key by what it means without or with shift, or lets it go.
    ///
    /// # Errors
    /// The connection is broken, or no key means that.
    pub fn hold(&self, meaning: u32, down: bool) -> Result<()> {
        let found = self.meanings.iter().position(|means| means.contains(&meaning));
        let code = found.with_context(|| format!("no key means {meaning:#x}"))? + usize::from(self.first);
        self.send(if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT }, u8::try_from(code)?, 0, 0)
    }

    /// Presses and lets go a key with a name.
    ///
    /// # Errors
    /// As [`Hands::hold`].
    pub fn key(&self, key: Key) -> Result<()> {
        self.hold(key as u32, true)?;
        self.hold(key as u32, false)
    }

    /// Writes a text of plain letters and signs.
    ///
    /// # Errors
    /// As [`Hands::hold`].
    pub fn write(&self, text: &str) -> Result<()> {
        for letter in text.chars() {
            // X11 numbers these as Unicode does.
            let meaning = u32::from(letter);
            let shifted = !self.meanings.iter().any(|[plain, _]| *plain == meaning);
            if shifted {
                self.hold(SHIFT, true)?;
            }
            self.hold(meaning, true)?;
            self.hold(meaning, false)?;
            if shifted {
                self.hold(SHIFT, false)?;
            }
        }
        Ok(())
    }

    fn send(&self, event: u8, detail: u8, x: i16, y: i16) -> Result<()> {
        self.connection.xtest_fake_input(event, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)?.check()?;
        self.connection.sync()?;
        std::thread::sleep(MOVEMENT);
        Ok(())
    }
}
