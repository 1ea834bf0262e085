//! A picture that this program draws, and the one that OpenGL draws of the same.

use std::f32::consts::TAU;
use std::time::{Duration, Instant};

use csound_window::baseview::dpi::LogicalSize;
use csound_window::{App, Drawing, HostSide, Press, Repaint, Settings, Whose};
use egui::{
    Align2, CentralPanel, Color32, ColorImage, Context, CornerRadius, FontId, Mesh, Painter, Pos2, Rect,
    Shape, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui, Vec2, pos2, vec2,
};
use test_host::screen::{Picture, Screen};

use crate::tests::{is_drawn, keep};

const SIZE: [f32; 2] = [420.0, 320.0];

/// How far a part of a colour may be beside the other's, of 255, and how many pixels of a thousand may be further: what
/// lies on the middle of a pixel falls to one side or the other.
const BESIDE: u8 = 3;
const OF_A_THOUSAND: usize = 4;

/// What is drawn: all that egui draws in its own ways.
struct Scene {
    picture: TextureHandle,
    tiles: TextureHandle,
}

impl Scene {
    fn new(context: &Context) -> Self {
        let pixel = |at: usize| {
            let (x, y) = ((at % 32) as u8, (at / 32) as u8);
            Color32::from_rgba_unmultiplied(x * 8, y * 8, 120, if (x + y) % 8 == 0 { 60 } else { 255 })
        };
        let image =
            ColorImage { size: [32, 32], pixels: (0..1024).map(pixel).collect(), ..Default::default() };
        let picture = context.load_texture("picture", image.clone(), TextureOptions::LINEAR);
        let tiles = context.load_texture("tiles", image, TextureOptions::NEAREST_REPEAT);
        Self { picture, tiles }
    }

    fn draw(&self, painter: &Painter) {
        let at =
            |x: f32, y: f32, width: f32, height: f32| Rect::from_min_size(pos2(x, y), vec2(width, height));
        painter.rect_filled(at(0.0, 0.0, SIZE[0], SIZE[1]), 0.0, Color32::from_rgb(30, 34, 48));
        let clear = Color32::from_rgba_unmultiplied(240, 90, 60, 110);
        let white = Stroke::new(1.5, Color32::WHITE);
        painter.rect(at(10.3, 10.6, 90.0, 60.0), CornerRadius::same(12), clear, white, StrokeKind::Middle);
        painter.circle(pos2(150.2, 44.9), 33.3, Color32::from_rgb(20, 120, 160), Stroke::new(3.0, clear));
        painter.circle_filled(pos2(170.0, 60.0), 14.0, clear);
        let turned = |step: usize| pos2(235.0, 45.0) + Vec2::angled(TAU * step as f32 / 7.0) * 34.0;
        let corners = (0..7).map(turned).collect();
        painter.add(Shape::convex_polygon(
            corners,
            Color32::from_rgb(90, 160, 60),
            Stroke::new(0.6, Color32::BLACK),
        ));
        let wave = (0..200).map(|at| pos2(10.0 + at as f32 * 2.0, 110.0 + (at as f32 * 0.21).sin() * 25.0));
        painter.add(Shape::line(wave.collect(), Stroke::new(2.0, Color32::LIGHT_YELLOW)));
        for (line, size) in [(0.0, 9.0), (14.0, 13.0), (33.0, 21.0)] {
            let words = "asig oscili 0.5, 440 ; ÄÖ 1/2";
            let left = pos2(10.0, 145.0 + line);
            painter.text(
                left,
                Align2::LEFT_TOP,
                words,
                FontId::proportional(size),
                Color32::from_rgb(250, 220, 170),
            );
        }
        let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(self.picture.id(), at(10.0, 215.0, 32.0, 32.0), whole, Color32::WHITE);
        painter.image(self.picture.id(), at(50.4, 213.7, 90.0, 70.0), whole, Color32::WHITE);
        painter.image(
            self.picture.id(),
            at(150.0, 215.0, 15.0, 17.0),
            whole,
            Color32::from_rgb(255, 180, 120),
        );
        let mut mesh = Mesh::with_texture(self.picture.id());
        mesh.add_rect_with_uv(at(190.0, 225.0, 60.0, 60.0), whole, Color32::from_white_alpha(170));
        mesh.rotate(egui::emath::Rot2::from_angle(0.6), pos2(220.0, 255.0));
        painter.add(mesh);
        let tiles = Rect::from_min_max(pos2(-0.6, 0.3), pos2(1.9, 2.2));
        painter.image(self.tiles.id(), at(280.0, 215.0, 120.3, 90.2), tiles, Color32::WHITE);
        let mut light = Mesh::default();
        light.add_colored_rect(at(300.0, 10.0, 100.0, 60.0), Color32::from_rgb_additive(120, 60, 200));
        light.vertices[1].color = Color32::TRANSPARENT;
        painter.add(light);
        let cut = painter.with_clip_rect(at(300.4, 80.3, 51.0, 40.0));
        cut.circle_filled(pos2(330.0, 110.0), 40.0, Color32::from_rgb(200, 60, 140));
    }
}

impl App for Scene {
    fn ui(&mut self, ui: &mut Ui) {
        CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.draw(ui.painter()));
    }

    fn whose(&self, _: &Context, _: &Press) -> Whose {
        Whose::Ours
    }

    fn is_typing(&self) -> bool {
        false
    }
}

/// The scene in a window.
fn picture(screen: &Screen, drawing: Drawing) -> Picture {
    let before = screen.windows().unwrap();
    let size = LogicalSize::new(f64::from(SIZE[0]), f64::from(SIZE[1]));
    let settings = Settings::alone("A picture", size, drawing);
    let ties = (Repaint::default(), HostSide::default());
    let window = csound_window::open(settings, ties, None, |context, _| Ok(Scene::new(context))).unwrap();
    window.show().unwrap();
    let began = Instant::now();
    let (mut last, mut same) = (None, 0);
    // Until it stays as it is.
    let seen = loop {
        std::thread::sleep(Duration::from_millis(50));
        assert!(began.elapsed() < Duration::from_secs(30), "{drawing:?}: nothing is drawn");
        let ours = screen.windows().unwrap().into_iter().find(|window| !before.contains(window));
        let Some(seen) = ours.and_then(|window| screen.picture(window).ok()).filter(is_drawn) else {
            continue;
        };
        same = if last.as_ref() == Some(&seen) { same + 1 } else { 0 };
        if same == 3 {
            break seen;
        }
        last = Some(seen);
    };
    window.close();
    seen
}

pub fn a_picture_of_ours_is_the_one_of_opengl(screen: &Screen) {
    let [ours, by_open_gl] = [Drawing::Processor, Drawing::OpenGl].map(|drawing| picture(screen, drawing));
    keep(&ours, "drawn-here.png");
    keep(&by_open_gl, "drawn-by-opengl.png");
    assert_eq!((ours.width, ours.height), (by_open_gl.width, by_open_gl.height));
    let pixels = ours.rgb.chunks_exact(3).zip(by_open_gl.rgb.chunks_exact(3));
    let beside = |(one, other): &(&[u8], &[u8])| one.iter().zip(*other).any(|(a, b)| a.abs_diff(*b) > BESIDE);
    let (count, apart) = (pixels.len(), pixels.filter(beside).count());
    println!("{apart} of {count} pixels differ");
    assert!(apart * 1000 <= count * OF_A_THOUSAND, "{apart} of {count} pixels differ");
    // Without a graphics card it is ours that is shown.
    assert!(picture(screen, Drawing::Best) == ours, "OpenGL is a program here, and it draws");
    assert!(by_open_gl != ours, "both pictures are OpenGL's, or both ours");
}
