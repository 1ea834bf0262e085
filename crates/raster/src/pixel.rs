//! The arithmetic of colours: premultiplied, a byte for each of blue, green, red and alpha, from the lowest byte up.
//!
//! Two of the four are counted at once, as the lanes of one number: a byte with eight bits of room above it.

use egui::Color32;

/// Nothing to be seen through.
pub const BLACK: u32 = 0xFF00_0000;

/// A texture's colour that changes nothing.
pub const WHITE: u32 = 0xFFFF_FFFF;

const LANES: u32 = 0x00FF_00FF;

pub fn of(colour: Color32) -> u32 {
    let [red, green, blue, alpha] = colour.to_array();
    u32::from_le_bytes([blue, green, red, alpha])
}

pub fn is_opaque(pixel: u32) -> bool {
    pixel >= BLACK
}

/// Lays one colour over another, as `above + below * (1 - alpha of above)`; what exceeds a byte is its most.
#[inline(always)]
pub fn over(above: u32, below: u32) -> u32 {
    let rest = 255 - (above >> 24);
    let even = capped((above & LANES) + share(below & LANES, rest));
    let odd = capped(((above >> 8) & LANES) + share((below >> 8) & LANES, rest));
    even | (odd << 8)
}

/// Each of two colours' parts by the other's.
#[inline(always)]
pub fn times(one: u32, other: u32) -> u32 {
    let (one, other) = (one.to_le_bytes(), other.to_le_bytes());
    let part = |at: usize| {
        let product = u32::from(one[at]) * u32::from(other[at]) + 0x80;
        ((product + (product >> 8)) >> 8) as u8
    };
    u32::from_le_bytes([part(0), part(1), part(2), part(3)])
}

/// Between four colours, of which two lie beside each other and two below them: from the left one so many of 256 parts to
/// the right one, and from above so many to below.
#[inline(always)]
pub fn between([left, right, low_left, low_right]: [u32; 4], across: u32, down: u32) -> u32 {
    let last = (across * down + 0x80) >> 8;
    let shares = [256 + last - across - down, across - last, down - last, last];
    let mix = |shift: u32| {
        let part = |of: u32, share: u32| ((of >> shift) & LANES) * share;
        let sum = part(left, shares[0]) + part(right, shares[1]) + part(low_left, shares[2]);
        ((sum + part(low_right, shares[3]) + 0x0080_0080) >> 8) & LANES
    };
    mix(0) | (mix(8) << 8)
}

/// So many of 255 parts of both lanes, rounded.
#[inline(always)]
fn share(lanes: u32, parts: u32) -> u32 {
    let product = lanes * parts + 0x0080_0080;
    ((product + ((product >> 8) & LANES)) >> 8) & LANES
}

/// Both lanes, each at most a byte's most.
#[inline(always)]
fn capped(lanes: u32) -> u32 {
    let beyond = lanes & 0x0100_0100;
    (lanes | (beyond - (beyond >> 8))) & LANES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes() -> impl Iterator<Item = u8> {
        (0..=255).step_by(3).chain([1, 127, 128, 254])
    }

    #[test]
    fn colours_are_laid_over_each_other_to_the_nearest() {
        for alpha in 0..=255_u8 {
            for below in bytes() {
                let above = [0, alpha / 2, alpha, alpha];
                let laid = over(u32::from_le_bytes(above), u32::from_le_bytes([below; 4])).to_le_bytes();
                for (laid, above) in laid.into_iter().zip(above) {
                    let exact = f64::from(above) + f64::from(below) * (1.0 - f64::from(alpha) / 255.0);
                    assert_eq!(f64::from(laid), exact.round().min(255.0), "{above} of {alpha} over {below}");
                }
            }
        }
    }

    #[test]
    fn light_that_is_added_ends_at_the_most() {
        let lit = over(u32::from_le_bytes([200, 10, 255, 0]), u32::from_le_bytes([100, 20, 255, 255]));
        assert_eq!(lit.to_le_bytes(), [255, 30, 255, 255]);
    }

    #[test]
    fn products_and_mixtures_are_near() {
        for one in bytes() {
            for other in bytes() {
                let (a, b) = (u32::from_le_bytes([one; 4]), u32::from_le_bytes([other; 4]));
                let exact = (f64::from(one) * f64::from(other) / 255.0).round();
                assert_eq!(f64::from(times(a, b).to_le_bytes()[2]), exact);
                for parts in [0, 1, 64, 128, 255, 256] {
                    let exact =
                        f64::from(one) + (f64::from(other) - f64::from(one)) * f64::from(parts) / 256.0;
                    for mixed in [between([a, b, a, b], parts, 77), between([a, a, b, b], 200, parts)] {
                        let mixed = mixed.to_le_bytes();
                        assert!(
                            mixed.iter().all(|part| (f64::from(*part) - exact).abs() <= 1.0),
                            "{one} {other}"
                        );
                    }
                }
            }
        }
    }
}
