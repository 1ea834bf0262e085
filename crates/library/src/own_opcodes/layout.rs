//! How versions of Csound lay out what opcodes work on.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use super::error::OwnOpcodeError;
use super::memory::Memory;
use crate::library::Library;
use crate::library::functions::CSOUND;
use crate::stopwatch::LinkPlaces;
use crate::version::{Generation, display_whole};

/// What is different from one version to another. Offsets of functions are places in the table of pointers
/// with which an instance begins.
pub(crate) struct Layout {
    generation: Generation,
    /// The versions, as `csoundGetVersion` gives them. From 6.15 to 6.18.1 the headers declare the same.
    versions: &'static [c_int],
    /// Bytes before the places of the results in an opcode's block.
    pub(super) header: usize,
    /// The parts of an opcode's block that makes it a link of a chain.
    pub(crate) links: LinkPlaces,
    /// Bytes of a string as an element of an array.
    pub(super) text_member: usize,
    /// True if the size of a string is an `int`; it is a `size_t` otherwise.
    pub(super) has_int_size: bool,
    /// Csound's `Calloc`, `ReAlloc` and `Free`.
    memory: [usize; 3],
    /// Functions around those that are exported: they have to stand where they are expected.
    landmarks: &'static [(usize, &'static str)],
}

/// The layouts that are known.
static LAYOUTS: [Layout; 2] = [
    Layout {
        generation: Generation::Six,
        versions: &[6150, 6160, 6161, 6162, 6170, 6180, 6181],
        header: 48,
        links: LinkPlaces { perform: 3, text: 4, instance: 5 },
        text_member: 16,
        has_int_size: true,
        memory: [51, 52, 54],
        landmarks: &[
            (0, "csoundGetSr"),
            (16, "csoundGetEnv"),
            (22, "csoundSetMessageCallback"),
            (61, "csoundGetTable"),
            (62, "csoundTableLength"),
            (66, "csoundCreateGlobalVariable"),
            (76, "csoundCfgErrorCodeToString"),
        ],
    },
    Layout {
        generation: Generation::Seven,
        versions: &[7000],
        header: 64,
        links: LinkPlaces { perform: 4, text: 6, instance: 7 },
        text_member: 24,
        has_int_size: false,
        memory: [45, 47, 49],
        landmarks: &[
            (2, "csoundGet0dBFS"),
            (34, "csoundSetMessageCallback"),
            (39, "csoundGetTypePool"),
            (40, "csoundAddVariableType"),
            (55, "csoundGetTableArgs"),
            (58, "csoundCreateGlobalVariable"),
            (68, "csoundCfgErrorCodeToString"),
        ],
    },
];

impl Layout {
    /// The layout of a loaded Csound.
    ///
    /// # Errors
    /// Its version is not known, or it is built otherwise.
    ///
    /// # Safety
    /// The instance is alive.
    pub(crate) unsafe fn of(library: &Library, csound: *mut CSOUND) -> Result<&'static Self, OwnOpcodeError> {
        let (version, generation) = (library.version_number(), library.generation());
        let layout = LAYOUTS.iter().find(|layout| layout.versions.contains(&version));
        let Some(layout) = layout else {
            let known = LAYOUTS.iter().filter(|layout| layout.generation == generation);
            let known: Vec<_> =
                known.flat_map(|layout| layout.versions).map(|version| display_whole(*version)).collect();
            return Err(OwnOpcodeError::Version { version: display_whole(version), known: known.join(", ") });
        };
        // SAFETY: the caller's promise; the version is the layout's.
        let is_right = unsafe { layout.fits(library, csound) && layout.memory(csound).works() };
        if is_right { Ok(layout) } else { Err(OwnOpcodeError::Build { version: display_whole(version) }) }
    }

    /// True if the landmarks stand where they should, and the allocator is libcsound's own code.
    ///
    /// # Safety
    /// The instance is alive, and its version is the layout's: it is longer than the table.
    unsafe fn fits(&self, library: &Library, csound: *mut CSOUND) -> bool {
        // SAFETY: the caller's promise.
        let at = |place: usize| unsafe { function_at(csound, place) };
        let stands = |(place, symbol): &(usize, &str)| {
            let exported = library.symbol(symbol);
            !exported.is_null() && at(*place) == exported
        };
        self.landmarks.iter().all(stands) && self.memory.iter().all(|place| library.contains(at(*place)))
    }

    /// Csound's allocator.
    ///
    /// # Safety
    /// The instance is alive, and this is its layout.
    pub(super) unsafe fn memory(&self, csound: *mut CSOUND) -> Memory {
        // SAFETY: the caller's promise.
        unsafe { Memory::of(csound, self.memory.map(|place| function_at(csound, place))) }
    }
}

/// A pointer of the table with which an instance begins.
///
/// # Safety
/// The instance is alive and its table that long.
unsafe fn function_at(csound: *mut CSOUND, place: usize) -> *const c_void {
    // SAFETY: the caller's promise.
    NonNull::new(csound)
        .map_or(std::ptr::null(), |csound| unsafe { csound.cast::<*const c_void>().add(place).read() })
}
