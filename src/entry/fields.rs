//! Texts for the fields of fixed length that hosts have for them: cut between characters where they are too long,
//! and with a zero behind them.

use std::ffi::c_char;

/// Writes a text as UTF-8. What is no character that can be shown becomes a space.
pub(super) fn put_utf8(field: &mut [c_char], text: &str) {
    let Some(room) = field.len().checked_sub(1) else { return };
    let mut length = 0;
    for character in text.chars().map(shown) {
        let mut bytes = [0; 4];
        let bytes = character.encode_utf8(&mut bytes).as_bytes();
        if length + bytes.len() > room {
            break;
        }
        for (place, byte) in field[length..].iter_mut().zip(bytes) {
            *place = c_char::from_ne_bytes([*byte]);
        }
        length += bytes.len();
    }
    field[length..].fill(0);
}

/// The text of a field, up to its end or the zero behind it.
pub(super) fn text_of(field: &[c_char]) -> String {
    let bytes: Vec<u8> =
        field.iter().map(|unit| unit.to_ne_bytes()[0]).take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes a text as UTF-16, in the same way.
pub(super) fn put_utf16(field: &mut [u16], text: &str) {
    let Some(room) = field.len().checked_sub(1) else { return };
    let mut length = 0;
    for character in text.chars().map(shown) {
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        if length + units.len() > room {
            break;
        }
        field[length..length + units.len()].copy_from_slice(units);
        length += units.len();
    }
    field[length..].fill(0);
}

fn shown(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf8(room: usize, text: &str) -> String {
        let mut field = vec![c_char::MAX; room];
        put_utf8(&mut field, text);
        let bytes: Vec<u8> = field.iter().map(|unit| unit.to_ne_bytes()[0]).collect();
        assert_eq!(bytes.last(), Some(&0), "{text}");
        let end = bytes.iter().position(|byte| *byte == 0).unwrap();
        String::from_utf8(bytes[..end].to_vec()).unwrap()
    }

    fn utf16(room: usize, text: &str) -> String {
        let mut field = vec![u16::MAX; room];
        put_utf16(&mut field, text);
        assert_eq!(field.last(), Some(&0), "{text}");
        let end = field.iter().position(|unit| *unit == 0).unwrap();
        String::from_utf16(&field[..end]).unwrap()
    }

    #[test]
    fn texts_of_any_length_are_cut_between_characters() {
        // Two, three and four bytes; one unit and two.
        let text = "\u{e9}\u{20ac}\u{1d11e}".repeat(200);
        for room in 1..300 {
            let (narrow, wide) = (utf8(room, &text), utf16(room, &text));
            assert!(text.starts_with(&narrow) && narrow.len() < room && narrow.len() + 4 >= room, "{room}");
            let units = wide.encode_utf16().count();
            assert!(text.starts_with(&wide) && units < room && units + 2 >= room, "{room}");
        }
        assert_eq!((utf8(7, "cutoff").as_str(), utf16(7, "cutoff").as_str()), ("cutoff", "cutoff"));
        put_utf8(&mut [], "a");
        put_utf16(&mut [], "a");
    }

    #[test]
    fn what_ends_a_text_or_breaks_a_line_becomes_a_space() {
        assert_eq!(utf8(20, "a\0b\nc"), "a b c");
        assert_eq!(utf16(20, "a\0b\nc"), "a b c");
    }
}
