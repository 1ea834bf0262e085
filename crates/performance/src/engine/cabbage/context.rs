//! What the opcodes of a piece work on.

use std::ffi::{CStr, CString};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use csound_cabbage::store::Full;
use csound_cabbage::tree::{Small, TreeWidget};
use csound_cabbage::{Store, Tree, ValueRef, WidgetName, scan};
use csound_library::{Call, Csound, Graph, Level};

use super::aside::profiler::Profiles;
use super::exchange::{Exchange, empty_box};
use super::midi::notes::Held;
use super::midi::reader::Reading;
use super::signals::Signals;

/// Bytes of a text for which nothing has to be allocated.
const SCRATCH: usize = 64 << 10;

/// Numbers that opcodes keep of arrays.
const KEPT_NUMBERS: usize = 64 << 10;

/// The most values that are read of one text of identifiers.
const MOST_ARGUMENTS: usize = 64;

/// Strokes of a user's hand that are drawn in one turn.
const STROKES: usize = 16;

/// What the opcodes of a piece work on. Only the performing thread asks for it, so nobody ever waits.
pub(super) struct Context {
    work: Mutex<Work>,
    exchange: Arc<Exchange>,
}

/// The parts of it.
pub(super) struct Work {
    pub(super) tree: Tree,
    /// The piece's folder, from which the files are meant that it names.
    pub(super) home: Option<PathBuf>,
    /// What goes up to the host.
    filling: Box<Store>,
    /// True once there was no room for a change, and once that was told.
    has_lost: bool,
    has_told: bool,
    /// Widgets that the piece has made.
    made: u32,
    /// All data of the piece's own as JSON, and whether that holds.
    pub(super) json: String,
    pub(super) is_json_new: bool,
    /// A text while it is on its way.
    pub(super) scratch: Vec<u8>,
    /// Numbers of arrays, kept from k-cycle to k-cycle.
    kept: Vec<f64>,
    pub(super) held: Held,
    pub(super) profiles: Profiles,
    /// What readers of MIDI files read, by their place.
    pub(super) readings: Vec<Reading>,
    /// True once it was told that something is not there: web views, Bluetooth; that a text is no JSON.
    pub(super) told: [bool; 3],
    /// The signals that widgets show, if any does.
    signals: Option<Signals>,
}

impl Context {
    pub(super) fn new(tree: Tree, home: Option<PathBuf>) -> Self {
        let shows_signals = tree.widgets().iter().any(TreeWidget::is_of_signals);
        Self {
            work: Mutex::new(Work {
                made: tree.made(),
                json: String::new(),
                is_json_new: false,
                tree,
                home,
                filling: empty_box(),
                has_lost: false,
                has_told: false,
                scratch: Vec::with_capacity(SCRATCH),
                kept: Vec::with_capacity(KEPT_NUMBERS),
                held: Held::default(),
                profiles: Profiles::default(),
                readings: Vec::new(),
                told: [false; 3],
                signals: shows_signals.then(Signals::new),
            }),
            exchange: Arc::new(Exchange::new()),
        }
    }

    pub(super) fn exchange(&self) -> Arc<Exchange> {
        Arc::clone(&self.exchange)
    }

    /// Does something with it.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Work) -> T) -> Option<T> {
        // One that is held would be by this very thread, within a call: nothing does that. After a panic in one it
        // is used on.
        match self.work.try_lock() {
            Ok(mut work) => Some(act(&mut work)),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(act(&mut poisoned.into_inner())),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }

    /// Sends what was changed up.
    pub(super) fn send(&self) {
        self.with(|work| self.exchange.send(&mut work.filling));
    }

    /// Takes what the piece draws of a signal.
    pub(super) fn take_graph(&self, graph: Graph<'_>) {
        self.with(|work| {
            let Work { signals, tree, .. } = work;
            if let Some(signals) = signals {
                signals.take(tree, graph);
            }
        });
    }

    /// Draws what a user has drawn into tables.
    pub(super) fn draw_tables(&self, csound: &mut Csound) {
        for _ in 0..STROKES {
            let Some(stroke) = self.exchange.take_stroke() else { return };
            if let Some((table, guard)) = csound.table_mut(stroke.table) {
                // What cannot be drawn changes nothing: the host has said so already.
                let _ = stroke.draw(table, Some(guard));
            }
        }
    }

    /// Looks at the signals that are shown, after so many frames at this rate.
    pub(super) fn look_at_signals(&self, frames: usize, rate: f64) {
        self.with(|work| {
            if let Some(signals) = &mut work.signals {
                signals.look(&mut work.filling, frames, rate);
            }
        });
    }

    /// Takes a text of identifiers out of the channel that a widget hears on, and leaves it empty.
    pub(super) fn hear_ident(&self, csound: &Csound, ident: &Ident) {
        let Some(channel) = csound.text_channel(&ident.channel) else { return };
        self.with(|work| {
            let scratch = &mut work.scratch;
            scratch.clear();
            channel.read(&mut |said| scratch.extend_from_slice(said));
            if work.scratch.is_empty() {
                return;
            }
            channel.write(c"");
            let scratch = std::mem::take(&mut work.scratch);
            match &ident.own {
                Some(own) => work.set_identifiers(own, utf8(&scratch)),
                None => work.set_identifiers_of_ident(said(&ident.channel), utf8(&scratch)),
            }
            work.scratch = scratch;
        });
    }
}

/// A channel by which a widget hears of new identifiers.
pub(super) struct Ident {
    channel: CString,
    /// The channel by which it is known, if it has one.
    own: Option<String>,
}

impl Ident {
    /// That of a widget, if it has one.
    pub(super) fn of(widget: &TreeWidget) -> Option<Self> {
        let channel = CString::new(widget.ident.clone()?).ok()?;
        Some(Self { channel, own: widget.channels.first().cloned() })
    }
}

/// What the opcodes of this instance work on.
pub(super) fn of<'a>(call: &Call<'a>) -> Option<&'a Context> {
    call.context::<Context>()
}

/// A text, up to what is no UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// A text of Csound's.
pub(super) fn said(text: &CStr) -> &str {
    utf8(text.to_bytes())
}

impl Work {
    /// Sets an identifier of a widget, here and up at the host. What it says already is not said again, but for the
    /// number of a table: that may have other contents.
    pub(super) fn set<'v>(
        &mut self,
        channel: &str,
        identifier: &str,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) {
        let Some(small) = Small::of(identifier) else { return };
        let stands = self.tree.get(channel, small.as_str()).is_some_and(|before| before.says(values.clone()));
        if !stands || small.as_str().starts_with("tablenumber") {
            self.say(channel, small, values);
        }
    }

    /// The same, also where it stands.
    pub(super) fn say<'v>(
        &mut self,
        channel: &str,
        small: Small,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) {
        let put = self.tree.set(channel, small.as_str(), values.clone());
        let put = put.and_then(|()| match is_of_bounds(&small) {
            true => self.filling.put_of(channel, "bounds", numbers(&self.tree.bounds(channel))),
            false => self.filling.put_of(channel, small.as_str(), values),
        });
        self.count(put);
    }

    /// Sets the identifiers that a text names.
    pub(super) fn set_identifiers(&mut self, channel: &str, text: &str) {
        for (identifier, inside) in scan::identifiers(text) {
            let (values, count) = values(inside);
            self.set(channel, identifier, values[..count].iter().copied());
        }
    }

    fn set_identifiers_of_ident(&mut self, ident: &str, text: &str) {
        for (identifier, inside) in scan::identifiers(text) {
            let (values, count) = values(inside);
            let values = values[..count].iter().copied();
            let Some(small) = Small::of(identifier) else { continue };
            if self.tree.get(ident, small.as_str()).is_some_and(|before| before.says(values.clone())) {
                continue;
            }
            let put = self.tree.set(ident, small.as_str(), values.clone());
            let put = put.and_then(|()| match is_of_bounds(&small) {
                true => self.filling.put_ident(ident, "bounds", numbers(&self.tree.bounds(ident))),
                false => self.filling.put_ident(ident, small.as_str(), values),
            });
            self.count(put);
        }
    }

    /// Shows a table at the host; false if there is no room for it.
    pub(super) fn show_table<'v>(
        &mut self,
        number: u32,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> bool {
        self.filling.put(&WidgetName::Table(number), "", true, values).is_ok()
    }

    /// Makes a widget, here and up at the host; true if it is new.
    pub(super) fn create(&mut self, kind: &str, identifiers: &str) -> bool {
        if !self.tree.create(kind, identifiers) {
            return false;
        }
        let widget = WidgetName::New(self.made);
        self.made += 1;
        let put = self.filling.put(&widget, kind.trim(), false, [ValueRef::Text(identifiers)].into_iter());
        self.count(put);
        true
    }

    /// Sets data of the piece's own, here and up at the host.
    pub(super) fn set_state<'v>(
        &mut self,
        key: &str,
        is_list: bool,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) {
        self.is_json_new = false;
        let put = self.tree.store().put_state(key, is_list, values.clone());
        let put = put.and_then(|()| self.filling.put_state(key, is_list, values));
        self.count(put);
    }

    fn count(&mut self, put: Result<(), Full>) {
        self.has_lost |= put.is_err();
    }

    /// Tells once that changes were lost.
    pub(super) fn tell_of_losses(&mut self, call: &Call<'_>) {
        if self.has_lost && !std::mem::replace(&mut self.has_told, true) {
            let told = "the piece changes more of its widgets than there is room for: some changes are lost";
            call.tell(Level::Warning, told);
        }
    }

    /// Numbers that an opcode keeps of an array of this length: where they begin, if there is room. `kept` is what
    /// the opcode keeps itself; its first two numbers are used for that.
    pub(super) fn kept_at(&mut self, kept: &mut [f64], length: usize) -> Option<usize> {
        let (begin, room) = (kept[0] as usize, kept[1] as usize);
        if begin > 0 && length <= room {
            return Some(begin - 1);
        }
        let at = self.kept.len();
        if at + length > self.kept.capacity() {
            return None;
        }
        self.kept.resize(at + length, 0.0);
        (kept[0], kept[1]) = ((at + 1) as f64, length as f64);
        Some(at)
    }

    /// Numbers from there on.
    pub(super) fn kept(&mut self, at: usize, length: usize) -> &mut [f64] {
        self.kept.get_mut(at..at + length).unwrap_or_default()
    }
}

/// True for the identifiers that move or stretch a widget: the host hears where it is then.
fn is_of_bounds(small: &Small) -> bool {
    matches!(small.as_str(), "pos" | "size" | "left" | "top" | "width" | "height")
}

fn numbers(numbers: &[f64]) -> impl Iterator<Item = ValueRef<'static>> + Clone + '_ {
    numbers.iter().map(|number| ValueRef::Number(*number))
}

/// The values between the parentheses of an identifier, and how many there are.
fn values(inside: &str) -> ([ValueRef<'_>; MOST_ARGUMENTS], usize) {
    let mut values = [ValueRef::Number(0.0); MOST_ARGUMENTS];
    let mut count = 0;
    for (value, argument) in values.iter_mut().zip(scan::arguments(inside)) {
        *value = argument.number().map_or(ValueRef::Text(argument.text), ValueRef::Number);
        count += 1;
    }
    (values, count)
}
