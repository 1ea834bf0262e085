//! The host's notes that are down, with their ids: what an end that names no id is the end of. Pure; a table of a fixed
//! size.

use super::notes::Select;

/// Most notes that are known at a time; the oldest is forgotten first.
const MOST: usize = 256;

/// A note that is down.
#[derive(Clone, Copy, Debug)]
struct Down {
    channel: Option<u8>,
    key: Option<u8>,
    id: Option<i32>,
}

/// See the module.
pub struct Held(Vec<Down>);

impl Default for Held {
    fn default() -> Self {
        Self(Vec::with_capacity(MOST))
    }
}

impl Held {
    /// Whether none is down.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A note begins.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn on(&mut self, Select { channel, key, id }: Select) {
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push(Down { channel, key, id });
    }

    /// Notes end: the one with the id, else the oldest with channel and key; where one of these is any, all that are
    /// meant. Calls `end` with the ids of those that have one, and with the id that was named.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn off(&mut self, select: Select, end: &mut impl FnMut(i32)) {
        let is_one = select.channel.is_some() && select.key.is_some();
        self.end(select, if is_one { 1 } else { MOST }, end);
    }

    /// The same, of all that are meant.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn choke(&mut self, select: Select, end: &mut impl FnMut(i32)) {
        self.end(select, MOST, end);
    }

    /// All are over, or nobody knows of them any more.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    fn end(&mut self, select: Select, mut most: usize, end: &mut impl FnMut(i32)) {
        if let Some(id) = select.id {
            // Also of a note that is not known any more.
            end(id);
            if let Some(at) = self.0.iter().position(|down| down.id == Some(id)) {
                self.0.remove(at);
                return;
            }
        }
        self.0.retain(|down| {
            let is_meant = select.channel.is_none_or(|channel| down.channel == Some(channel))
                && select.key.is_none_or(|key| down.key == Some(key))
                && (select.id.is_none() || down.id.is_none());
            if most == 0 || !is_meant {
                return true;
            }
            most -= 1;
            down.id.into_iter().for_each(&mut *end);
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(channel: u8, key: u8, id: Option<i32>) -> Select {
        Select { channel: Some(channel), key: Some(key), id }
    }

    fn held(notes: &[Select]) -> Held {
        let mut held = Held::default();
        notes.iter().for_each(|note| held.on(*note));
        held
    }

    fn ended(act: impl FnOnce(&mut dyn FnMut(i32))) -> Vec<i32> {
        let mut ended = Vec::new();
        act(&mut |id| ended.push(id));
        ended
    }

    #[test]
    fn an_end_without_an_id_is_the_end_of_the_oldest_note_of_its_key_and_channel() {
        let mut held =
            held(&[at(0, 60, Some(1)), at(0, 64, Some(2)), at(0, 60, Some(3)), at(1, 60, Some(4))]);
        assert_eq!(ended(|mut end| held.off(at(0, 60, None), &mut end)), [1]);
        assert_eq!(ended(|mut end| held.off(at(0, 61, None), &mut end)), [0; 0]);
        assert_eq!(ended(|mut end| held.off(at(0, 60, Some(4)), &mut end)), [4], "the id goes before");
        let any_key = Select { channel: Some(0), key: None, id: None };
        assert_eq!(ended(|mut end| held.off(any_key, &mut end)), [2, 3]);
        assert!(held.is_empty());
    }

    #[test]
    fn a_choke_without_an_id_ends_all_of_its_key_and_an_id_that_no_note_has_means_one_without() {
        let mut held = held(&[at(0, 60, Some(1)), at(0, 60, None), at(0, 60, Some(2))]);
        assert_eq!(ended(|mut end| held.off(at(0, 60, Some(9)), &mut end)), [9]);
        assert_eq!(ended(|mut end| held.choke(at(0, 60, None), &mut end)), [1, 2]);
        assert!(held.is_empty());
    }

    #[test]
    fn the_table_neither_grows_nor_allocates() {
        let mut held = Held::default();
        nice_assert_no_alloc::assert_no_alloc(|| {
            for id in 0..1000 {
                held.on(at(0, 60, Some(id)));
            }
            held.off(at(0, 60, Some(5)), &mut |_| {});
        });
        let all = Select::default();
        let left = ended(|mut end| held.off(all, &mut end));
        assert_eq!((left.len(), left[0]), (MOST, 744));
        held.on(at(0, 1, None));
        held.forget();
        assert!(held.is_empty());
    }
}
