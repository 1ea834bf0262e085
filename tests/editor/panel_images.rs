//! Pictures on a panel: files in the place of images, and controls that are drawn in some.

use csound_performer::editor::model::*;
use egui::{Color32, vec2};

use crate::panels::{Panel, SCALE};

const RED: [u8; 4] = [220, 20, 20, 255];
const GREEN: [u8; 4] = [20, 220, 20, 255];
const BLUE: [u8; 4] = [20, 20, 220, 255];

/// A picture of these rows.
fn rows(rows: &[[u8; 4]]) -> Image {
    let pixels = rows.iter().flat_map(|colour| colour.repeat(8 * 8));
    Image { size: [8, 8 * rows.len()], rgba: pixels.collect() }
}

fn images(list: Vec<(&str, Image)>) -> std::sync::Arc<Images> {
    list.into_iter().map(|(name, image)| (name.to_owned(), Some(image.into()))).collect::<Images>().into()
}

fn panel(lines: &str, list: Vec<(&str, Image)>) -> Panel {
    let mut panel = Panel::of([300, 200], lines);
    let images = images(list);
    panel.desk.backend.change(|view| view.images = images.clone());
    panel.desk.steps(10);
    panel
}

/// The colour at a place of the form.
fn colour(panel: &Panel, left: f32, top: f32) -> Color32 {
    let at = vec2(left, top) * SCALE;
    panel.picture().at(at.x as usize, at.y as usize)
}

fn is(colour: Color32, wanted: [u8; 4]) -> bool {
    colour.to_array().iter().zip(wanted).all(|(one, other)| one.abs_diff(other) < 12)
}

#[test]
fn an_image_fills_its_bounds_with_its_file_and_one_that_is_gone_says_its_name() {
    let lines =
        "image bounds(10, 10, 100, 60), file(\"a.png\")\nimage bounds(150, 10, 100, 60), file(\"gone.png\")";
    let mut shown = panel(lines, vec![("a.png", rows(&[RED, BLUE]))]);
    assert!(is(colour(&shown, 60.0, 15.0), RED) && is(colour(&shown, 105.0, 65.0), BLUE));
    let before = shown.part([150.0, 10.0, 100.0, 60.0]);
    shown.desk.backend.change(|view| {
        let mut images = (*view.images).clone();
        images.insert("gone.png".into(), None);
        view.images = images.into();
    });
    shown.desk.steps(3);
    let after = shown.part([150.0, 10.0, 100.0, 60.0]);
    assert!(after.distance(&before).1 > 0.01, "a frame with its name");
    shown.desk.backend.change(|view| view.images = images(vec![("a.png", rows(&[GREEN]))]));
    shown.desk.steps(3);
    assert!(is(colour(&shown, 60.0, 15.0), GREEN), "another picture under the name is shown");
}

#[test]
fn a_film_strip_shows_the_frame_of_the_value() {
    let strip = || vec![("k.png", rows(&[RED, GREEN, BLUE]))];
    let ways = ["filmstrip(\"k.png\", 3)", "imgfile(\"Slider\", \"k.png\"), filmstrip(3)"];
    for (value, wanted) in [(0.0, RED), (0.5, GREEN), (1.0, BLUE)] {
        for says in ways {
            let line =
                format!("rslider bounds(10, 10, 90, 90), channel(\"k\"), range(0, 1, {value}), {says}");
            let shown = panel(&line, strip());
            assert!(is(colour(&shown, 55.0, 55.0), wanted), "{line}: {:?}", colour(&shown, 55.0, 55.0));
        }
    }
    let across = Image { size: [16, 8], rgba: [RED.repeat(8), BLUE.repeat(8)].concat().repeat(8) };
    let line = "vslider bounds(10, 10, 90, 90), channel(\"k\"), range(0, 1, 1), filmstrip(\"k.png\", 2, \"horizontal\")";
    let shown = panel(line, vec![("k.png", across)]);
    assert!(is(colour(&shown, 55.0, 55.0), BLUE));
}

#[test]
fn buttons_and_sliders_are_drawn_in_their_pictures() {
    let skins = || vec![("on.png", rows(&[GREEN])), ("off.png", rows(&[RED])), ("hand.png", rows(&[BLUE]))];
    let button =
        "bounds(10, 10, 90, 60), channel(\"b\"), imgfile(\"Off\", \"off.png\"), imgfile(\"On\", \"on.png\")";
    for kind in ["button", "checkbox"] {
        for (value, wanted) in [(0, RED), (1, GREEN)] {
            let shown = panel(&format!("{kind} {button}, value({value})"), skins());
            assert!(is(colour(&shown, 55.0, 40.0), wanted), "{kind} {value}");
        }
    }
    let slider = "hslider bounds(10, 10, 200, 90), channel(\"s\"), range(0, 1, 0.5), imgfile(\"Slider\", \"hand.png\"), \
                  imgfile(\"Background\", \"off.png\")";
    let shown = panel(slider, skins());
    assert!(is(colour(&shown, 110.0, 55.0), BLUE), "the hand");
    assert!(is(colour(&shown, 20.0, 55.0), RED), "the ground");
    let turned = |value: f64| {
        let half = rows(&[GREEN, BLUE]);
        let line = format!(
            "rslider bounds(10, 10, 90, 90), channel(\"k\"), range(0, 1, {value}), imgfile(\"Slider\", \"hand.png\")"
        );
        panel(&line, vec![("hand.png", half)])
    };
    assert!(is(colour(&turned(0.5), 55.0, 40.0), GREEN), "in the middle it points up");
    assert!(is(colour(&turned(1.0), 70.0, 45.0), GREEN), "at the end to the right");
    assert!(is(colour(&turned(0.0), 40.0, 45.0), GREEN), "at the beginning to the left");
}
