//! Reads pictures for a panel from files of a piece: PNG, JPEG and SVG. A file may say anything, so what it may take
//! is bounded before it is looked at closely.

mod svg;

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, ImageReader, Limits};

use crate::bounded::read_bounded;
use crate::editor::model::Image;

/// Bytes of a file.
const LONGEST: u64 = 32 << 20;

/// Pixels of a picture, and of either side.
const MOST_PIXELS: u64 = 16 << 20;
const LONGEST_SIDE: u32 = 16_384;

/// Bytes that a decoder may take.
const MOST_MEMORY: u64 = 256 << 20;

/// Reads a picture that takes `room` bytes at most. One that has no size of its own in pixels gets about `size`.
///
/// # Errors
/// Why it cannot be shown, for a user to read.
pub fn read(path: &Path, size: [u32; 2], room: usize) -> Result<Image, String> {
    let longest = if is_svg(path) { svg::LONGEST } else { LONGEST };
    let bytes = read_bounded(path, longest).map_err(|error| error.to_string())?;
    match image::guess_format(&bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => pixels(&bytes, format, room),
        Ok(_) => Err(UNKNOWN.to_owned()),
        Err(_) if is_svg(path) => svg::read(&bytes, size).and_then(|image| match image.rgba.len() <= room {
            true => Ok(image),
            false => Err(NO_ROOM.to_owned()),
        }),
        Err(_) => Err(UNKNOWN.to_owned()),
    }
}

const NO_ROOM: &str = "the panel's other pictures take all the room that there is";
const UNKNOWN: &str = "it is no PNG, JPEG or SVG file";

fn is_svg(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"))
}

fn pixels(bytes: &[u8], format: ImageFormat, room: usize) -> Result<Image, String> {
    let says = |error: image::ImageError| format!("it is damaged, or not as it should be: {error}");
    let (width, height) =
        ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().map_err(says)?;
    if u64::from(width) * u64::from(height) > MOST_PIXELS || width.max(height) > LONGEST_SIDE {
        return Err(format!(
            "it has {width} x {height} pixels; at most {} million and {LONGEST_SIDE} either way are shown",
            MOST_PIXELS >> 20
        ));
    }
    if u64::from(width) * u64::from(height) * 4 > room as u64 {
        return Err(NO_ROOM.to_owned());
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let image = reader.decode().map_err(says)?.into_rgba8();
    Ok(Image { size: [width as usize, height as usize], rgba: image.into_raw() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: [u32; 2] = [32, 16];

    fn file(name: &str, bytes: &[u8]) -> Result<Image, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        read(&path, SMALL, 1 << 30)
    }

    fn encoded(format: ImageFormat, size: [u32; 2]) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = image::RgbImage::from_pixel(size[0], size[1], image::Rgb([200, 40, 20]));
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_are_read_whatever_they_are_called() {
        for (name, format) in
            [("a.png", ImageFormat::Png), ("b.jpg", ImageFormat::Jpeg), ("c", ImageFormat::Png)]
        {
            let image = file(name, &encoded(format, [5, 3])).unwrap();
            assert_eq!(image.size, [5, 3]);
            let near = |channel: usize, wanted: u8| image.rgba[channel].abs_diff(wanted) < 4;
            assert!(near(0, 200) && near(1, 40) && near(2, 20) && image.rgba[3] == 255, "{name}");
        }
    }

    #[test]
    fn what_is_damaged_huge_or_no_picture_is_refused_in_words() {
        let whole = encoded(ImageFormat::Png, [40, 40]);
        assert!(file("a.png", &whole[..60]).unwrap_err().contains("damaged"));
        assert_eq!(file("a.png", b"no picture at all").unwrap_err(), UNKNOWN);
        assert_eq!(file("a.svg", b"GIF89a.........").unwrap_err(), UNKNOWN);
        assert!(file("a.png", &encoded(ImageFormat::Png, [20_000, 1])).unwrap_err().contains("20000 x 1"));
        assert!(read(Path::new("/nowhere/a.png"), SMALL, 1 << 30).unwrap_err().contains("o such file"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.svg");
        // It has this length, and takes no room.
        std::fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
        assert!(read(&path, SMALL, 1 << 30).unwrap_err().contains("longer than"));
        assert!(read(folder.path(), SMALL, 1 << 30).unwrap_err().contains("ordinary file"));
    }
}
