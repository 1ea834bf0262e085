//! Files that are dragged from another program, by XDND, as file managers do.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

x11rb::atom_manager! {
    /// Names that XDND has on a server.
    Atoms: AtomsCookie {
        XdndAware,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndLeave,
        XdndDrop,
        XdndFinished,
        XdndSelection,
        XdndActionCopy,
        Uris: b"text/uri-list",
    }
}

/// The version of XDND.
const VERSION: u32 = 5;

/// For so long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A drag from a window of ours over a window of another program.
pub struct Drag {
    connection: RustConnection,
    atoms: Atoms,
    source: u32,
    target: u32,
    uris: String,
}

impl Drag {
    /// Begins to drag files over a window.
    ///
    /// # Errors
    /// The window takes no drops.
    pub fn begin(display: &str, target: u32, files: &[&Path]) -> Result<Self> {
        let (connection, number) =
            x11rb::connect(Some(display)).with_context(|| format!("no screen at {display}"))?;
        let root = connection.setup().roots[number].root;
        let atoms = Atoms::new(&connection)?.reply()?;
        let source = connection.generate_id()?;
        let (depth, kind) = (x11rb::COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_ONLY);
        let looks = CreateWindowAux::new();
        connection.create_window(
            depth,
            source,
            root,
            0,
            0,
            1,
            1,
            0,
            kind,
            x11rb::COPY_FROM_PARENT,
            &looks,
        )?;
        connection.set_selection_owner(source, atoms.XdndSelection, x11rb::CURRENT_TIME)?;
        let aware = connection.get_property(false, target, atoms.XdndAware, 4_u32, 0, 1)?.reply()?;
        ensure!(aware.value32().is_some_and(|mut versions| versions.next() >= Some(3)), "it takes no drops");
        let uris = files.iter().map(|file| format!("file://{}\r\n", file.display())).collect();
        let drag = Self { connection, atoms, source, target, uris };
        drag.send(drag.atoms.XdndEnter, [VERSION << 24, drag.atoms.Uris, 0, 0])?;
        Ok(drag)
    }

    /// Moves to a place of the screen. True: the window takes what is dragged.
    ///
    /// # Errors
    /// It does not answer.
    pub fn point(&self, x: u16, y: u16) -> Result<bool> {
        let place = u32::from(x) << 16 | u32::from(y);
        self.send(self.atoms.XdndPosition, [0, place, x11rb::CURRENT_TIME, self.atoms.XdndActionCopy])?;
        Ok(self.answer(self.atoms.XdndStatus)?[1] & 1 == 1)
    }

    /// Lets the files go where they are.
    ///
    /// # Errors
    /// The window does not answer.
    pub fn drop_files(self) -> Result<()> {
        self.send(self.atoms.XdndDrop, [0, x11rb::CURRENT_TIME, 0, 0])?;
        self.answer(self.atoms.XdndFinished).map(drop)
    }

    /// Leaves the window.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn leave(self) -> Result<()> {
        self.send(self.atoms.XdndLeave, [0; 4])
    }

    fn send(&self, kind: u32, [a, b, c, d]: [u32; 4]) -> Result<()> {
        let event = ClientMessageEvent::new(32, self.target, kind, [self.source, a, b, c, d]);
        self.connection.send_event(false, self.target, EventMask::NO_EVENT, event)?;
        Ok(self.connection.sync()?)
    }

    /// Waits for an answer, and says meanwhile what is dragged if the window asks.
    fn answer(&self, kind: u32) -> Result<[u32; 5]> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match self.connection.poll_for_event()? {
                Some(Event::ClientMessage(event)) if event.type_ == kind => {
                    return Ok(event.data.as_data32());
                }
                Some(Event::SelectionRequest(asked)) => self.tell(asked)?,
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        bail!("the window does not answer to a drag")
    }

    fn tell(&self, asked: SelectionRequestEvent) -> Result<()> {
        let SelectionRequestEvent { time, requestor, selection, target, property, .. } = asked;
        self.connection.change_property8(
            PropMode::REPLACE,
            requestor,
            property,
            target,
            self.uris.as_bytes(),
        )?;
        let response_type = SELECTION_NOTIFY_EVENT;
        let event =
            SelectionNotifyEvent { response_type, sequence: 0, time, requestor, selection, target, property };
        self.connection.send_event(false, requestor, EventMask::NO_EVENT, event)?;
        Ok(self.connection.sync()?)
    }
}
