//! Keys that are not ours go to the host.
//!
//! On X11 a key goes to one window, here ours, and no further: a window that does not want it has to send it to the
//! host's itself. baseview tells what a key means and not how the server said it, so the server is asked to tell it
//! twice, here once more over a connection of our own. The order is the same, which is how the two are matched.
//!
//! A host may send back what it does not want either. What somebody has sent is marked by the server, and is never
//! passed on: that is what keeps a key from going round for ever.

use std::collections::VecDeque;

use baseview::WindowContext;
use keyboard_types::{KeyState, KeyboardEvent};
use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt, EventMask, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, KeyButMask,
    KeyPressEvent,
};
use x11rb::rust_connection::RustConnection;

use super::places;
use crate::keys::Accent;

/// The server's mark of what a program has sent.
const SENT: u8 = 0x80;

/// The first of the two bits of a key's state that say which layout is in use.
const LAYOUT: u16 = 13;

/// Keys that are waited for at most: more than anybody presses before they are looked at.
const MOST: usize = 256;

/// Windows around ours at most, from the host's to the screen itself.
const DEEPEST: usize = 64;

/// A window, and a connection of our own to its server that is told of its keys.
pub(crate) struct Passing {
    connection: RustConnection,
    window: u32,
    keys: VecDeque<KeyPressEvent>,
}

/// What the server said of a key.
#[derive(Clone, Copy)]
pub(crate) struct Heard {
    key: KeyPressEvent,
    /// A release that is none: the key is still down and repeats itself, which the server tells as a release and a
    /// press in one moment.
    pub repeats: bool,
}

impl Passing {
    /// None where the server cannot be reached again: the host gets no keys then.
    pub fn from(window: &WindowContext) -> Option<Self> {
        let window = super::number(window)?;
        let (connection, _) = x11rb::connect(None).ok()?;
        let keys = ChangeWindowAttributesAux::new().event_mask(EventMask::KEY_PRESS | EventMask::KEY_RELEASE);
        connection.change_window_attributes(window, &keys).ok()?.check().ok()?;
        Some(Self { connection, window, keys: VecDeque::new() })
    }

    /// A key has reached our window: what the server said of it.
    pub fn hear(&mut self, event: &KeyboardEvent) -> Option<Heard> {
        // A broken connection ends the window itself too.
        self.try_to_hear(event).ok().flatten()
    }

    /// Sends the host a key that is not ours.
    pub fn pass_on(&self, heard: &Heard) {
        if heard.key.response_type & SENT == 0 {
            // As above.
            let _ = self.send(heard.key);
        }
    }

    /// The accent of a dead key, which baseview says to write nothing.
    pub fn accent(&self, heard: &Heard) -> Option<Accent> {
        // As above.
        self.symbol(heard.key).ok().flatten().and_then(Accent::of_symbol)
    }

    /// What a key means with what else is held. Of the layouts that can be switched between, the server tells the first
    /// two in this way: for each a place without and with Shift, and behind those the same with AltGr.
    fn symbol(&self, key: KeyPressEvent) -> Result<Option<u32>, ReplyError> {
        let state = u16::from(key.state);
        let is_held = |mask: KeyButMask| usize::from(state & u16::from(mask) != 0);
        let layout = usize::from(state >> LAYOUT & 3);
        if layout > 1 {
            return Ok(None);
        }
        let place = 4 * is_held(KeyButMask::MOD5) + 2 * layout + is_held(KeyButMask::SHIFT);
        let mapping = self.connection.get_keyboard_mapping(key.detail, 1)?.reply()?;
        Ok(mapping.keysyms.get(place).copied())
    }

    fn try_to_hear(&mut self, event: &KeyboardEvent) -> Result<Option<Heard>, ReplyError> {
        self.listen()?;
        let kind = if event.state == KeyState::Down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT };
        let lies_there = |number| places::code(number).is_none_or(|place| place == event.code);
        let is_it = |key: &KeyPressEvent| key.response_type & !SENT == kind && lies_there(key.detail);
        let Some(at) = self.keys.iter().position(is_it) else { return Ok(None) };
        // Those before it were lost on the way.
        let Some(key) = self.keys.drain(..=at).next_back() else { return Ok(None) };
        let next = self.keys.front().filter(|next| next.response_type & !SENT == KEY_PRESS_EVENT);
        let repeats = kind == KEY_RELEASE_EVENT
            && next.is_some_and(|next| (next.detail, next.time) == (key.detail, key.time));
        Ok(Some(Heard { key, repeats }))
    }

    /// Takes what the server has told until now: once it answers, all that came before is here.
    fn listen(&mut self) -> Result<(), ReplyError> {
        self.connection.get_input_focus()?.reply()?;
        while let Some(event) = self.connection.poll_for_event()? {
            if let Event::KeyPress(key) | Event::KeyRelease(key) = event
                && key.event == self.window
            {
                self.keys.push_back(key);
            }
        }
        while self.keys.len() > MOST {
            self.keys.pop_front();
        }
        Ok(())
    }

    fn send(&self, key: KeyPressEvent) -> Result<(), ReplyError> {
        let kind = key.response_type;
        let wants = if kind == KEY_PRESS_EVENT { EventMask::KEY_PRESS } else { EventMask::KEY_RELEASE };
        let Some((window, mask)) = self.receiver(wants)? else { return Ok(()) };
        let place =
            self.connection.translate_coordinates(key.root, window, key.root_x, key.root_y)?.reply()?;
        let sent = KeyPressEvent {
            response_type: kind,
            event: window,
            child: self.window,
            event_x: place.dst_x,
            event_y: place.dst_y,
            ..key
        };
        self.connection.send_event(false, window, mask, sent)?;
        Ok(self.connection.flush()?)
    }

    /// The nearest window around ours that somebody listens to for such keys, and how to reach it. Where nobody
    /// does, the program that the host's window is of: by an empty mask an event goes there. None: no host is there.
    fn receiver(&self, wants: EventMask) -> Result<Option<(u32, EventMask)>, ReplyError> {
        let tree = self.connection.query_tree(self.window)?.reply()?;
        let (parent, root) = (tree.parent, tree.root);
        if parent == root {
            return Ok(None);
        }
        let mut window = parent;
        for _ in 0..DEEPEST {
            if window == root {
                break;
            }
            let heard = self.connection.get_window_attributes(window)?.reply()?.all_event_masks;
            if heard.contains(wants) {
                return Ok(Some((window, wants)));
            }
            window = self.connection.query_tree(window)?.reply()?.parent;
        }
        Ok(Some((parent, EventMask::NO_EVENT)))
    }
}
