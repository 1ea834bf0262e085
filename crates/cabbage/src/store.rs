//! Identifiers with their values in a fixed room: what stands there is replaced by what is newer, and nothing is
//! allocated after it is made.

use std::collections::HashMap;
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher};

use crate::value::{Change, Value, ValueRef, WidgetName};

/// Bytes before the parts of a record: its whole length (4), its length in use (4), the name's length (2), the
/// identifier's length (2), a number (4), the kind of name (1), whether it is a list (1), the values (2).
const HEAD: usize = 20;

/// The place of a record that is being moved.
const NOWHERE: usize = usize::MAX;

/// The most values of an identifier.
pub const MOST_VALUES: usize = 4096;

/// A record's address: the kind of name, the name, its number, the identifier.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key<'a> {
    kind: u8,
    name: &'a str,
    number: u32,
    identifier: &'a str,
}

/// There was no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Hashes are hashed already.
#[derive(Clone, Default)]
struct AsTheyAre;

impl BuildHasher for AsTheyAre {
    type Hasher = Same;

    fn build_hasher(&self) -> Same {
        Same(0)
    }
}

struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// See the module.
pub struct Store {
    bytes: Vec<u8>,
    /// Where the record with a hash begins.
    places: HashMap<u64, usize, AsTheyAre>,
    /// Bytes that no record holds any more.
    dead: usize,
    most_records: usize,
}

impl Store {
    /// Room for so many bytes and records.
    pub fn new(bytes: usize, records: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            places: HashMap::with_capacity_and_hasher(records, AsTheyAre),
            dead: 0,
            most_records: records,
        }
    }

    /// True if nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
        self.dead = 0;
    }

    /// Puts the values of an identifier in the place of those that were there.
    ///
    /// # Errors
    /// [`Full`]: what was there stays.
    pub fn put<'v>(
        &mut self,
        widget: &WidgetName,
        identifier: &str,
        is_list: bool,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> Result<(), Full> {
        let (kind, name, number) = widget.parts();
        self.put_at(Key { kind, name, number, identifier }, is_list, values)
    }

    /// The same for a widget that is known by its channel.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_of<'v>(
        &mut self,
        channel: &str,
        identifier: &str,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> Result<(), Full> {
        self.put_at(Key { kind: b'c', name: channel, number: 0, identifier }, false, values)
    }

    /// The same for a widget that is known by the channel on which it hears of new identifiers.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_ident<'v>(
        &mut self,
        ident: &str,
        identifier: &str,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> Result<(), Full> {
        self.put_at(Key { kind: b'i', name: ident, number: 0, identifier }, false, values)
    }

    /// The same for data of the piece's own.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_state<'v>(
        &mut self,
        key: &str,
        is_list: bool,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> Result<(), Full> {
        self.put_at(Key { kind: b's', name: "", number: 0, identifier: key }, is_list, values)
    }

    /// The same for a signal that the piece displays.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn put_signal<'v>(
        &mut self,
        name: &str,
        identifier: &str,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> Result<(), Full> {
        self.put_at(Key { kind: b'g', name, number: 0, identifier }, true, values)
    }

    fn put_at<'v>(
        &mut self,
        key: Key<'_>,
        is_list: bool,
        values: impl Iterator<Item = ValueRef<'v>> + Clone,
    ) -> Result<(), Full> {
        let (Ok(name), Ok(identifier)) = (u16::try_from(key.name.len()), u16::try_from(key.identifier.len()))
        else {
            return Err(Full);
        };
        let sizes = values.clone().map(|value| match value {
            ValueRef::Number(_) => 9,
            ValueRef::Text(text) => 5 + text.len(),
        });
        let (count, of_values) =
            sizes.fold((0_usize, 0_usize), |(count, sum), size| (count + 1, sum.saturating_add(size)));
        let used = (HEAD + key.name.len() + key.identifier.len()).saturating_add(of_values);
        if count > MOST_VALUES || used > self.bytes.capacity() {
            return Err(Full);
        }
        let at = self.place_for(key, used)?;
        self.write_u32(at + 4, used as u32);
        self.bytes[at + 8..at + 10].copy_from_slice(&name.to_le_bytes());
        self.bytes[at + 10..at + 12].copy_from_slice(&identifier.to_le_bytes());
        self.write_u32(at + 12, key.number);
        self.bytes[at + 16] = key.kind;
        self.bytes[at + 17] = u8::from(is_list);
        self.bytes[at + 18..at + HEAD].copy_from_slice(&(count as u16).to_le_bytes());
        let mut end = at + HEAD;
        end = self.write(end, key.name.as_bytes());
        end = self.write(end, key.identifier.as_bytes());
        for value in values {
            end = match value {
                ValueRef::Number(number) => {
                    let end = self.write(end, &[0]);
                    self.write(end, &number.to_le_bytes())
                }
                ValueRef::Text(text) => {
                    let end = self.write(end, &[1]);
                    let end = self.write(end, &(text.len() as u32).to_le_bytes());
                    self.write(end, text.as_bytes())
                }
            };
        }
        Ok(())
    }

    /// The place of a record that takes so many bytes: where it was, or at the end.
    fn place_for(&mut self, key: Key<'_>, used: usize) -> Result<usize, Full> {
        let hash = hash(key);
        let before = self.places.get(&hash).copied();
        if let Some(at) = before.filter(|at| self.read_u32(*at) as usize >= used) {
            return Ok(at);
        }
        if before.is_none() && self.places.len() >= self.most_records {
            return Err(Full);
        }
        let freed = before.map_or(0, |at| self.read_u32(at) as usize);
        if self.bytes.len() - self.dead - freed + used > self.bytes.capacity() {
            return Err(Full);
        }
        if let Some(at) = before {
            self.dead += self.read_u32(at) as usize;
            // It keeps its place in the table, which so never grows.
            self.places.insert(hash, NOWHERE);
        }
        // A little more, for a text that grows.
        let mut whole = used.next_multiple_of(32);
        if self.bytes.len() + whole > self.bytes.capacity() {
            self.close_up();
            whole = whole.min(self.bytes.capacity() - self.bytes.len());
        }
        let at = self.bytes.len();
        self.bytes.resize(at + whole, 0);
        self.write_u32(at, whole as u32);
        self.places.insert(hash, at);
        Ok(at)
    }

    /// Moves the records together.
    fn close_up(&mut self) {
        let (mut from, mut to) = (0, 0);
        while from < self.bytes.len() {
            let whole = self.read_u32(from) as usize;
            let hash = hash(self.key_at(from));
            if self.places.get(&hash) == Some(&from) {
                self.bytes.copy_within(from..from + whole, to);
                self.places.insert(hash, to);
                to += whole;
            }
            from += whole;
        }
        self.bytes.truncate(to);
        self.dead = 0;
    }

    fn write(&mut self, at: usize, bytes: &[u8]) -> usize {
        let end = at + bytes.len();
        self.bytes[at..end].copy_from_slice(bytes);
        end
    }

    fn write_u32(&mut self, at: usize, number: u32) {
        self.write(at, &number.to_le_bytes());
    }

    fn read_u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes[at..at + 4].try_into().unwrap_or_default())
    }

    fn read_u16(&self, at: usize) -> usize {
        usize::from(u16::from_le_bytes(self.bytes[at..at + 2].try_into().unwrap_or_default()))
    }

    fn key_at(&self, at: usize) -> Key<'_> {
        let name_at = at + HEAD;
        let identifier_at = name_at + self.read_u16(at + 8);
        let end = identifier_at + self.read_u16(at + 10);
        let text =
            |range: std::ops::Range<usize>| std::str::from_utf8(&self.bytes[range]).unwrap_or_default();
        Key {
            kind: self.bytes[at + 16],
            name: text(name_at..identifier_at),
            number: self.read_u32(at + 12),
            identifier: text(identifier_at..end),
        }
    }

    /// The values of an identifier of a widget that is known by its channel.
    pub fn get(&self, channel: &str, identifier: &str) -> Option<Values<'_>> {
        self.values_of(Key { kind: b'c', name: channel, number: 0, identifier })
    }

    /// The values of data of the piece's own.
    pub fn state(&self, key: &str) -> Option<Values<'_>> {
        self.values_of(Key { kind: b's', name: "", number: 0, identifier: key })
    }

    fn values_of(&self, key: Key<'_>) -> Option<Values<'_>> {
        let at = *self.places.get(&hash(key))?;
        (self.key_at(at) == key).then(|| self.values_at(at))
    }

    fn values_at(&self, at: usize) -> Values<'_> {
        let begin = at + HEAD + self.read_u16(at + 8) + self.read_u16(at + 10);
        Values {
            bytes: &self.bytes[begin..at + self.read_u32(at + 4) as usize],
            count: self.read_u16(at + 18),
            is_list: self.bytes[at + 17] != 0,
        }
    }

    /// Everything in it, as changes, in the order in which it was first put there.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        let mut next = 0;
        std::iter::from_fn(move || {
            loop {
                let at = next;
                if at >= self.bytes.len() {
                    return None;
                }
                next += self.read_u32(at) as usize;
                let key = self.key_at(at);
                if self.places.get(&hash(key)) == Some(&at) {
                    return Some(self.change_at(at, key));
                }
            }
        })
    }

    /// True if there is data of a piece's own. Allocates nothing.
    pub fn has_states(&self) -> bool {
        self.places.values().any(|at| self.key_at(*at).kind == b's')
    }

    fn change_at(&self, at: usize, key: Key<'_>) -> Change {
        let values = self.values_at(at);
        let widget = match key.kind {
            b'i' => WidgetName::Ident(key.name.to_owned()),
            b's' => WidgetName::State,
            b'n' => WidgetName::New(key.number),
            b't' => WidgetName::Table(key.number),
            b'g' => WidgetName::Signal(key.name.to_owned()),
            _ => WidgetName::Channel(key.name.to_owned()),
        };
        let identifier = key.identifier.to_owned();
        let values_there: Vec<Value> = values.map(ValueRef::to_value).collect();
        Change { widget, identifier, is_list: values.is_list, values: values_there }
    }
}

fn hash(key: Key<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key.kind, key.number, key.name, key.identifier).hash(&mut hasher);
    hasher.finish()
}

/// The values of an identifier, where they lie.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    bytes: &'a [u8],
    count: usize,
    /// True if they are a list, also where there is one of them.
    pub is_list: bool,
}

impl<'a> Values<'a> {
    /// True if they are these.
    pub fn says<'v>(mut self, mut others: impl Iterator<Item = ValueRef<'v>>) -> bool {
        loop {
            match (self.next(), others.next()) {
                (None, None) => return true,
                (Some(own), Some(other)) if own == other => {}
                _ => return false,
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = ValueRef<'a>;

    fn next(&mut self) -> Option<ValueRef<'a>> {
        self.count = self.count.checked_sub(1)?;
        let (kind, rest) = self.bytes.split_first()?;
        if *kind == 0 {
            let (number, rest) = rest.split_first_chunk::<8>()?;
            self.bytes = rest;
            return Some(ValueRef::Number(f64::from_le_bytes(*number)));
        }
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.bytes = rest;
        Some(ValueRef::Text(std::str::from_utf8(text).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests;
