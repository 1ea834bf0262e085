//! Brings a picture of ours to a window, by OpenGL.

use egui_glow::glow::{self, HasContext, NativeFramebuffer, NativeTexture, PixelUnpackData};

/// A texture that is copied into the window as it is: no triangle is drawn, no pixel counted.
pub(super) struct Picture {
    texture: NativeTexture,
    frame: NativeFramebuffer,
    size: [u32; 2],
    /// The most pixels on a side that OpenGL can hold.
    longest: u32,
}

impl Picture {
    /// None where OpenGL cannot copy it.
    ///
    /// # Safety
    /// The context is current.
    pub unsafe fn new(gl: &glow::Context) -> Option<Self> {
        // Copying from one frame to another came with 3.0, and the small OpenGL of telephones may lack our order of bytes.
        if gl.version().major < 3 || gl.version().is_embedded {
            return None;
        }
        // SAFETY: the context is current, by this function's own demand.
        unsafe {
            let texture = gl.create_texture().ok()?;
            let Ok(frame) = gl.create_framebuffer() else {
                gl.delete_texture(texture);
                return None;
            };
            let longest = gl.get_parameter_i32(glow::MAX_TEXTURE_SIZE);
            Some(Self { texture, frame, size: [0; 2], longest: u32::try_from(longest).unwrap_or(0) })
        }
    }

    /// As much of a window's size as can be shown.
    pub fn fitting(&self, size: [u32; 2]) -> [u32; 2] {
        size.map(|side| side.min(self.longest).min(csound_raster::LONGEST_SIDE as u32))
    }

    /// Copies a picture of that size into the window: rows from above to below, bytes of blue, green, red and alpha.
    /// One of another length is not shown.
    ///
    /// # Safety
    /// The context is current, and it is the one that this was made in.
    pub unsafe fn show(&mut self, gl: &glow::Context, size: [u32; 2], pixels: &[u8]) {
        let [width, height] = size.map(|side| i32::try_from(side).unwrap_or(0));
        if width == 0 || height == 0 || pixels.len() != width as usize * height as usize * 4 {
            return;
        }
        let data = PixelUnpackData::Slice(Some(pixels));
        // SAFETY: the context is current and the names are its own, by this function's demands; OpenGL reads four
        // bytes for each of width times height pixels, which is how long they are.
        unsafe {
            gl.bind_texture(glow::TEXTURE_2D, Some(self.texture));
            gl.pixel_store_i32(glow::UNPACK_ALIGNMENT, 4);
            if self.size == size {
                let (level, at) = (0, 0);
                gl.tex_sub_image_2d(
                    glow::TEXTURE_2D,
                    level,
                    at,
                    at,
                    width,
                    height,
                    glow::BGRA,
                    glow::UNSIGNED_BYTE,
                    data,
                );
            } else {
                let (level, border, kind) = (0, 0, glow::RGBA8 as i32);
                gl.tex_image_2d(
                    glow::TEXTURE_2D,
                    level,
                    kind,
                    width,
                    height,
                    border,
                    glow::BGRA,
                    glow::UNSIGNED_BYTE,
                    data,
                );
                self.size = size;
            }
            gl.bind_texture(glow::TEXTURE_2D, None);
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, Some(self.frame));
            let (part, texture, level) = (glow::COLOR_ATTACHMENT0, Some(self.texture), 0);
            gl.framebuffer_texture_2d(glow::READ_FRAMEBUFFER, part, glow::TEXTURE_2D, texture, level);
            // OpenGL counts rows from below.
            let (buffers, filter) = (glow::COLOR_BUFFER_BIT, glow::NEAREST);
            gl.blit_framebuffer(0, height, width, 0, 0, 0, width, height, buffers, filter);
            gl.bind_framebuffer(glow::READ_FRAMEBUFFER, None);
        }
    }

    /// Gives back what OpenGL holds.
    ///
    /// # Safety
    /// As for [`show`](Self::show).
    pub unsafe fn destroy(&mut self, gl: &glow::Context) {
        // SAFETY: the context is current and the names are its own, by this function's demands.
        unsafe {
            gl.delete_framebuffer(self.frame);
            gl.delete_texture(self.texture);
        }
    }
}
