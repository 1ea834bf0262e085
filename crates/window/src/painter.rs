//! Paints what egui has drawn, with OpenGL.

use std::sync::Arc;

use baseview::WindowContext;
use baseview::gl::GlContext;
use egui::{ClippedPrimitive, Rgba, TexturesDelta};
use egui_glow::glow::{self, HasContext};

/// The colour behind everything.
const BACKGROUND: Rgba = Rgba::BLACK;

/// A window cannot be painted.
#[derive(Debug, thiserror::Error)]
pub enum PaintError {
    /// The window system gave the window no OpenGL.
    #[error("the window has no OpenGL")]
    NoOpenGl,
    /// OpenGL is too old or broken for egui.
    #[error("OpenGL cannot paint the window: {0}")]
    Unfit(String),
    /// The window system refuses.
    #[error("OpenGL fails: {0}")]
    Refused(#[from] baseview::Error),
    /// Drawing has panicked; the window closes and the host goes on.
    #[error("the window had an error while it was drawn")]
    Panicked,
}

/// OpenGL for one window.
pub(crate) struct Painter {
    context: GlContext,
    gl: Arc<glow::Context>,
    painter: egui_glow::Painter,
}

impl Painter {
    /// For the window's own thread.
    pub fn new(window: &WindowContext) -> Result<Self, PaintError> {
        let context = window.gl_context().ok_or(PaintError::NoOpenGl)?;
        // SAFETY: this is the window's thread, and no other context is current on it outside these functions.
        unsafe { context.make_current()? };
        // SAFETY: the context is current, and its own functions are what is loaded.
        let gl = unsafe { glow::Context::from_loader_function_cstr(|name| context.get_proc_address(name)) };
        let gl = Arc::new(gl);
        // No dithering: our grounds are even, and without a graphics card every pixel would pay for it.
        let painter = egui_glow::Painter::new(Arc::clone(&gl), "", None, false)
            .map_err(|error| PaintError::Unfit(error.to_string()));
        // SAFETY: it is this thread's, made current above.
        unsafe { context.make_not_current()? };
        Ok(Self { context, gl, painter: painter? })
    }

    /// The longest side of a texture, in pixels.
    pub fn longest_side(&self) -> usize {
        self.painter.max_texture_side()
    }

    /// Paints a frame of so many pixels and shows it.
    pub fn paint(
        &mut self,
        size: [u32; 2],
        pixels_per_point: f32,
        primitives: &[ClippedPrimitive],
        textures: &mut TexturesDelta,
    ) -> Result<(), PaintError> {
        // SAFETY: as in `new`.
        unsafe { self.context.make_current()? };
        self.clear();
        for (id, changes) in textures.set.drain() {
            for change in changes {
                self.painter.set_texture(id, &change);
            }
        }
        self.painter.paint_primitives(size, pixels_per_point, primitives);
        for id in textures.free.drain() {
            self.painter.free_texture(id);
        }
        let shown = self.context.swap_buffers();
        // SAFETY: as in `new`.
        unsafe { self.context.make_not_current()? };
        Ok(shown?)
    }

    fn clear(&self) {
        // SAFETY: the context is current: `paint` has made it so.
        unsafe {
            self.gl.clear_color(BACKGROUND.r(), BACKGROUND.g(), BACKGROUND.b(), BACKGROUND.a());
            self.gl.clear(glow::COLOR_BUFFER_BIT);
        }
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        // SAFETY: as in `new`; the window is still there, because its handler goes before it.
        let is_current = unsafe { self.context.make_current() }.is_ok();
        self.painter.destroy();
        if is_current {
            // SAFETY: made current above. A context that stays current goes with its thread.
            let _ = unsafe { self.context.make_not_current() };
        }
    }
}
