//! Colours as a `<Cabbage>` section writes them: names of CSS, hexadecimal digits, or numbers from 0
//! to 255. Pure.

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
    /// 0 is transparent, 255 opaque.
    pub alpha: u8,
}

impl Colour {
    /// An opaque colour from 0xRRGGBB.
    pub const fn opaque(code: u32) -> Self {
        let [_, red, green, blue] = code.to_be_bytes();
        Self { red, green, blue, alpha: 255 }
    }

    /// A colour by its name, in any case, by its digits behind a `#` (three, six, or eight with the
    /// alpha last, as CSS has them), or by numbers with commas between.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(digits) = text.strip_prefix('#') {
            return Self::from_digits(digits);
        }
        if text.contains(',') {
            let (mut numbers, mut count) = ([0.0; 4], 0);
            for number in text.split(',') {
                *numbers.get_mut(count)? = number.trim().parse().ok()?;
                count += 1;
            }
            return Self::from_numbers(&numbers[..count]);
        }
        if text.eq_ignore_ascii_case("transparent") {
            return Some(Self { alpha: 0, ..Self::opaque(0) });
        }
        let named = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        named.map(|(_, code)| Self::opaque(*code))
    }

    /// A colour from one number (grey), three (red, green, blue) or four (with alpha). What is
    /// beyond 0 to 255 is held to it.
    pub fn from_numbers(numbers: &[f64]) -> Option<Self> {
        // A cast from a float holds to the ends by itself.
        let part = |number: f64| number.round() as u8;
        let (red, green, blue, alpha) = match *numbers {
            [grey] => (grey, grey, grey, 255.0),
            [red, green, blue] => (red, green, blue, 255.0),
            [red, green, blue, alpha] => (red, green, blue, alpha),
            _ => return None,
        };
        Some(Self { red: part(red), green: part(green), blue: part(blue), alpha: part(alpha) })
    }

    fn from_digits(digits: &str) -> Option<Self> {
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let code = u32::from_str_radix(digits, 16).ok()?;
        match digits.len() {
            // Each digit stands for two of itself.
            3 => Some(Self::opaque(
                (code >> 8 & 0xF) * 0x11_0000 + (code >> 4 & 0xF) * 0x1100 + (code & 0xF) * 0x11,
            )),
            6 => Some(Self::opaque(code)),
            8 => Some(Self { alpha: code as u8, ..Self::opaque(code >> 8) }),
            _ => None,
        }
    }
}

/// The colours that CSS names, as 0xRRGGBB.
#[rustfmt::skip]
const NAMED: [(&str, u32); 148] = [
    ("aliceblue", 0xF0F8FF), ("antiquewhite", 0xFAEBD7), ("aqua", 0x00FFFF), ("aquamarine", 0x7FFFD4),
    ("azure", 0xF0FFFF), ("beige", 0xF5F5DC), ("bisque", 0xFFE4C4), ("black", 0x000000),
    ("blanchedalmond", 0xFFEBCD), ("blue", 0x0000FF), ("blueviolet", 0x8A2BE2), ("brown", 0xA52A2A),
    ("burlywood", 0xDEB887), ("cadetblue", 0x5F9EA0), ("chartreuse", 0x7FFF00), ("chocolate", 0xD2691E),
    ("coral", 0xFF7F50), ("cornflowerblue", 0x6495ED), ("cornsilk", 0xFFF8DC), ("crimson", 0xDC143C),
    ("cyan", 0x00FFFF), ("darkblue", 0x00008B), ("darkcyan", 0x008B8B), ("darkgoldenrod", 0xB8860B),
    ("darkgray", 0xA9A9A9), ("darkgreen", 0x006400), ("darkgrey", 0xA9A9A9), ("darkkhaki", 0xBDB76B),
    ("darkmagenta", 0x8B008B), ("darkolivegreen", 0x556B2F), ("darkorange", 0xFF8C00), ("darkorchid", 0x9932CC),
    ("darkred", 0x8B0000), ("darksalmon", 0xE9967A), ("darkseagreen", 0x8FBC8F), ("darkslateblue", 0x483D8B),
    ("darkslategray", 0x2F4F4F), ("darkslategrey", 0x2F4F4F), ("darkturquoise", 0x00CED1), ("darkviolet", 0x9400D3),
    ("deeppink", 0xFF1493), ("deepskyblue", 0x00BFFF), ("dimgray", 0x696969), ("dimgrey", 0x696969),
    ("dodgerblue", 0x1E90FF), ("firebrick", 0xB22222), ("floralwhite", 0xFFFAF0), ("forestgreen", 0x228B22),
    ("fuchsia", 0xFF00FF), ("gainsboro", 0xDCDCDC), ("ghostwhite", 0xF8F8FF), ("gold", 0xFFD700),
    ("goldenrod", 0xDAA520), ("gray", 0x808080), ("green", 0x008000), ("greenyellow", 0xADFF2F),
    ("grey", 0x808080), ("honeydew", 0xF0FFF0), ("hotpink", 0xFF69B4), ("indianred", 0xCD5C5C),
    ("indigo", 0x4B0082), ("ivory", 0xFFFFF0), ("khaki", 0xF0E68C), ("lavender", 0xE6E6FA),
    ("lavenderblush", 0xFFF0F5), ("lawngreen", 0x7CFC00), ("lemonchiffon", 0xFFFACD), ("lightblue", 0xADD8E6),
    ("lightcoral", 0xF08080), ("lightcyan", 0xE0FFFF), ("lightgoldenrodyellow", 0xFAFAD2), ("lightgray", 0xD3D3D3),
    ("lightgreen", 0x90EE90), ("lightgrey", 0xD3D3D3), ("lightpink", 0xFFB6C1), ("lightsalmon", 0xFFA07A),
    ("lightseagreen", 0x20B2AA), ("lightskyblue", 0x87CEFA), ("lightslategray", 0x778899), ("lightslategrey", 0x778899),
    ("lightsteelblue", 0xB0C4DE), ("lightyellow", 0xFFFFE0), ("lime", 0x00FF00), ("limegreen", 0x32CD32),
    ("linen", 0xFAF0E6), ("magenta", 0xFF00FF), ("maroon", 0x800000), ("mediumaquamarine", 0x66CDAA),
    ("mediumblue", 0x0000CD), ("mediumorchid", 0xBA55D3), ("mediumpurple", 0x9370DB), ("mediumseagreen", 0x3CB371),
    ("mediumslateblue", 0x7B68EE), ("mediumspringgreen", 0x00FA9A), ("mediumturquoise", 0x48D1CC), ("mediumvioletred", 0xC71585),
    ("midnightblue", 0x191970), ("mintcream", 0xF5FFFA), ("mistyrose", 0xFFE4E1), ("moccasin", 0xFFE4B5),
    ("navajowhite", 0xFFDEAD), ("navy", 0x000080), ("oldlace", 0xFDF5E6), ("olive", 0x808000),
    ("olivedrab", 0x6B8E23), ("orange", 0xFFA500), ("orangered", 0xFF4500), ("orchid", 0xDA70D6),
    ("palegoldenrod", 0xEEE8AA), ("palegreen", 0x98FB98), ("paleturquoise", 0xAFEEEE), ("palevioletred", 0xDB7093),
    ("papayawhip", 0xFFEFD5), ("peachpuff", 0xFFDAB9), ("peru", 0xCD853F), ("pink", 0xFFC0CB),
    ("plum", 0xDDA0DD), ("powderblue", 0xB0E0E6), ("purple", 0x800080), ("rebeccapurple", 0x663399),
    ("red", 0xFF0000), ("rosybrown", 0xBC8F8F), ("royalblue", 0x4169E1), ("saddlebrown", 0x8B4513),
    ("salmon", 0xFA8072), ("sandybrown", 0xF4A460), ("seagreen", 0x2E8B57), ("seashell", 0xFFF5EE),
    ("sienna", 0xA0522D), ("silver", 0xC0C0C0), ("skyblue", 0x87CEEB), ("slateblue", 0x6A5ACD),
    ("slategray", 0x708090), ("slategrey", 0x708090), ("snow", 0xFFFAFA), ("springgreen", 0x00FF7F),
    ("steelblue", 0x4682B4), ("tan", 0xD2B48C), ("teal", 0x008080), ("thistle", 0xD8BFD8),
    ("tomato", 0xFF6347), ("turquoise", 0x40E0D0), ("violet", 0xEE82EE), ("wheat", 0xF5DEB3),
    ("white", 0xFFFFFF), ("whitesmoke", 0xF5F5F5), ("yellow", 0xFFFF00), ("yellowgreen", 0x9ACD32),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_digits_and_numbers_are_colours() {
        let orange = Colour { red: 255, green: 165, blue: 0, alpha: 255 };
        for text in ["orange", " Orange ", "ORANGE", "#ffa500", "#FFA500FF", "255, 165,0"] {
            assert_eq!(Colour::from_text(text), Some(orange), "{text}");
        }
        assert_eq!(Colour::from_text("#fa0"), Some(Colour { red: 255, green: 170, blue: 0, alpha: 255 }));
        assert_eq!(Colour::from_text("#01020304"), Some(Colour { red: 1, green: 2, blue: 3, alpha: 4 }));
        assert_eq!(Colour::from_text("transparent").unwrap().alpha, 0);
        assert_eq!(Colour::from_numbers(&[255.0, 165.0, 0.0]), Some(orange));
        assert_eq!(Colour::from_numbers(&[7.0]), Some(Colour { red: 7, green: 7, blue: 7, alpha: 255 }));
        assert_eq!(
            Colour::from_numbers(&[300.0, -5.0, f64::NAN, 99.6]),
            Some(Colour { red: 255, green: 0, blue: 0, alpha: 100 })
        );
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for text in ["", "#", "#12", "#1234567", "#+12345", "#äöü", "notacolour", "1,2", "a,b,c"] {
            assert_eq!(Colour::from_text(text), None, "{text}");
        }
        assert_eq!(Colour::from_numbers(&[]), None);
        assert_eq!(Colour::from_numbers(&[1.0, 2.0]), None);
    }

    #[test]
    fn the_names_are_in_order_and_there_once() {
        assert!(NAMED.is_sorted_by(|one, other| one.0 < other.0));
    }
}
