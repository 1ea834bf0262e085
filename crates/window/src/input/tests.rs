use baseview::dpi::PhysicalSize;
use keyboard_types::Modifiers as Held;

use super::*;

fn at(x: f64, y: f64) -> PhysicalPosition<f64> {
    PhysicalPosition::new(x, y)
}

fn take(input: &mut Input, scale: f64, zoom: f32) -> RawInput {
    input.take(1.0, WindowSize::from_physical(PhysicalSize::new(1600, 1000), scale), zoom)
}

#[test]
fn everything_is_in_points_of_the_scale_and_the_zoom() {
    let mut input = Input::new(4096);
    let raw = take(&mut input, 2.0, 1.25);
    assert_eq!(raw.screen_rect.unwrap().size(), vec2(640.0, 400.0));
    assert_eq!(raw.viewports[&ViewportId::ROOT].native_pixels_per_point, Some(2.0), "egui knows its zoom");
    assert_eq!(raw.max_texture_side, Some(4096));
    input.pointer(MouseEvent::CursorMoved { position: at(250.0, 100.0), modifiers: Held::empty() });
    let raw = take(&mut input, 2.0, 1.25);
    assert_eq!(raw.events, [Event::PointerMoved(pos2(100.0, 40.0))]);
    assert_eq!(raw.max_texture_side, Some(4096));
}

#[test]
fn files_are_where_the_drag_is() {
    let mut input = Input::new(4096);
    take(&mut input, 1.0, 1.0);
    let path = PathBuf::from("/sounds/kick.wav");
    let (data, modifiers) = (DropData::Files(vec![path.clone()]), Held::empty());
    assert!(input.pointer(MouseEvent::DragEntered {
        position: at(10.0, 20.0),
        modifiers,
        data: data.clone()
    }));
    assert!(input.pointer(MouseEvent::DragMoved { position: at(30.0, 40.0), modifiers, data: data.clone() }));
    let raw = take(&mut input, 1.0, 1.0);
    assert_eq!(raw.events, [(10.0, 20.0), (30.0, 40.0)].map(|(x, y)| Event::PointerMoved(pos2(x, y))));
    assert_eq!(raw.hovered_files[0].path.as_ref(), Some(&path));
    assert!(raw.dropped_files.is_empty());
    assert_eq!(take(&mut input, 1.0, 1.0).hovered_files.len(), 1, "until it goes");
    assert!(input.pointer(MouseEvent::DragDropped {
        position: at(50.0, 60.0),
        modifiers,
        data: data.clone()
    }));
    let raw = take(&mut input, 1.0, 1.0);
    assert_eq!(raw.events, [Event::PointerMoved(pos2(50.0, 60.0))]);
    assert_eq!(raw.dropped_files[0].path(), path);
    assert!(raw.hovered_files.is_empty());
    let endless = File(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    assert!(
        egui::DroppedFile::bytes(&endless).is_err_and(|why| why.contains("Cargo.toml")),
        "by its path only"
    );
    assert!(take(&mut input, 1.0, 1.0).dropped_files.is_empty(), "once");
    input.pointer(MouseEvent::DragEntered { position: at(1.0, 1.0), modifiers, data });
    input.pointer(MouseEvent::DragLeft);
    assert!(take(&mut input, 1.0, 1.0).hovered_files.is_empty());
}

#[test]
fn buttons_and_modifiers_come_in_their_order() {
    let mut input = Input::new(4096);
    take(&mut input, 1.0, 1.0);
    input.pointer(MouseEvent::ButtonPressed { button: MouseButton::Left, modifiers: Held::empty() });
    assert!(take(&mut input, 1.0, 1.0).events.is_empty(), "nobody knows where it is");
    input.pointer(MouseEvent::CursorMoved { position: at(5.0, 6.0), modifiers: Held::SHIFT });
    input.pointer(MouseEvent::ButtonPressed { button: MouseButton::Right, modifiers: Held::SHIFT });
    assert!(input.moves_focus);
    let (pos, modifiers) = (pos2(5.0, 6.0), Modifiers::SHIFT);
    let pressed = Event::PointerButton { pos, button: PointerButton::Secondary, pressed: true, modifiers };
    let raw = take(&mut input, 1.0, 1.0);
    assert_eq!(raw.events, [Event::ModifiersChanged(modifiers), Event::PointerMoved(pos), pressed]);
    assert!(!input.moves_focus);
    input.pointer(MouseEvent::CursorLeft);
    assert_eq!(take(&mut input, 1.0, 1.0).events, [Event::PointerGone]);
}

#[test]
fn a_window_without_the_keyboard_says_so() {
    let mut input = Input::new(4096);
    assert!(take(&mut input, 1.0, 1.0).focused);
    assert_eq!(input.window(&WindowEvent::Unfocused), Some(false));
    let raw = take(&mut input, 1.0, 1.0);
    assert_eq!((raw.focused, raw.events), (false, vec![Event::WindowFocused(false)]));
    input.key(Key::A, None, true, false);
    assert!(take(&mut input, 1.0, 1.0).focused, "a key came, whatever was said");
    assert_eq!(input.window(&WindowEvent::WillClose), None);
}
