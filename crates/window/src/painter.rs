//! Paints what egui has drawn, with OpenGL; where that is a program too, the picture is drawn here and OpenGL shows it.

mod picture;

use std::sync::Arc;

use baseview::WindowContext;
use baseview::gl::GlContext;
use csound_raster::Raster;
use egui::{ClippedPrimitive, Rgba, TexturesDelta};
use egui_glow::glow::{self, HasContext};

use picture::Picture;

/// The colour behind everything.
const BACKGROUND: Rgba = Rgba::BLACK;

/// What OpenGL calls itself where a program plays it and no graphics card.
const PROGRAMS: [&str; 6] =
    ["llvmpipe", "softpipe", "swrast", "Software Rasterizer", "SwiftShader", "Apple Software Renderer"];

/// Who draws a window's picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// OpenGL where there is a graphics card, else this program.
    #[default]
    Best,
    /// OpenGL, whatever it is.
    OpenGl,
    /// This program.
    Processor,
}

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
    means: Means,
}

/// What the picture is drawn with.
enum Means {
    OpenGl(Box<egui_glow::Painter>),
    Processor(Raster, Picture),
}

impl Painter {
    /// For the window's own thread.
    pub fn new(window: &WindowContext, drawing: Drawing) -> Result<Self, PaintError> {
        let context = window.gl_context().ok_or(PaintError::NoOpenGl)?;
        // SAFETY: this is the window's thread, and no other context is current on it outside these functions.
        unsafe { context.make_current()? };
        // SAFETY: the context is current, and its own functions are what is loaded.
        let gl = unsafe { glow::Context::from_loader_function_cstr(|name| context.get_proc_address(name)) };
        let gl = Arc::new(gl);
        let means = Means::new(&gl, drawing);
        // SAFETY: it is this thread's, made current above.
        unsafe { context.make_not_current()? };
        Ok(Self { context, gl, means: means? })
    }

    /// The longest side of a texture, in pixels.
    pub fn longest_side(&self) -> usize {
        match &self.means {
            Means::OpenGl(painter) => painter.max_texture_side(),
            Means::Processor(..) => csound_raster::LONGEST_SIDE,
        }
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
        let changed =
            textures.set.drain().flat_map(|(id, changes)| changes.into_iter().map(move |one| (id, one)));
        match &mut self.means {
            Means::OpenGl(painter) => {
                clear(&self.gl);
                changed.for_each(|(id, change)| painter.set_texture(id, &change));
                painter.paint_primitives(size, pixels_per_point, primitives);
                textures.free.drain().for_each(|id| painter.free_texture(id));
            }
            Means::Processor(raster, picture) => {
                changed.for_each(|(id, change)| raster.set_texture(id, &change));
                let size = picture.fitting(size);
                raster.paint(size, pixels_per_point, primitives);
                textures.free.drain().for_each(|id| raster.free_texture(id));
                // SAFETY: the context is current, and the picture is of it.
                unsafe { picture.show(&self.gl, size, raster.pixels()) };
            }
        }
        let shown = self.context.swap_buffers();
        // SAFETY: as in `new`.
        unsafe { self.context.make_not_current()? };
        Ok(shown?)
    }
}

impl Means {
    /// For the context that is current. Where the picture cannot be shown otherwise, OpenGL draws it.
    fn new(gl: &Arc<glow::Context>, drawing: Drawing) -> Result<Self, PaintError> {
        // SAFETY: `Painter::new` has made the context current.
        let picture = || unsafe { Picture::new(gl) };
        let is_own = match drawing {
            Drawing::Best => is_program(gl),
            Drawing::OpenGl => false,
            Drawing::Processor => true,
        };
        if let Some(picture) = is_own.then(picture).flatten() {
            return Ok(Self::Processor(Raster::default(), picture));
        }
        // No dithering: our grounds are even, and without a graphics card every pixel would pay for it.
        let painter = egui_glow::Painter::new(Arc::clone(gl), "", None, false);
        painter
            .map(|painter| Self::OpenGl(Box::new(painter)))
            .map_err(|error| PaintError::Unfit(error.to_string()))
    }
}

/// Whether OpenGL is played by a program.
fn is_program(gl: &glow::Context) -> bool {
    // SAFETY: `Painter::new` has made the context current.
    let name = unsafe { gl.get_parameter_string(glow::RENDERER) };
    PROGRAMS.iter().any(|program| name.contains(program))
}

fn clear(gl: &glow::Context) {
    // SAFETY: the context is current: `paint` has made it so.
    unsafe {
        gl.clear_color(BACKGROUND.r(), BACKGROUND.g(), BACKGROUND.b(), BACKGROUND.a());
        gl.clear(glow::COLOR_BUFFER_BIT);
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        // SAFETY: as in `new`; the window is still there, because its handler goes before it.
        let is_current = unsafe { self.context.make_current() }.is_ok();
        match &mut self.means {
            Means::OpenGl(painter) => painter.destroy(),
            Means::Processor(_, picture) if is_current => {
                // SAFETY: the context is current, and the picture is of it.
                unsafe { picture.destroy(&self.gl) };
            }
            // It goes with its context.
            Means::Processor(..) => {}
        }
        if is_current {
            // SAFETY: made current above. A context that stays current goes with its thread.
            let _ = unsafe { self.context.make_not_current() };
        }
    }
}
