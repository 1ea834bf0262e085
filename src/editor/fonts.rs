//! The system's fonts, for scripts that the editor's own fonts lack: Chinese, Japanese, Korean and all others.
//!
//! They are looked for when a character first needs one, by a thread of their own: the system may have hundreds of
//! them, and neither the window nor the host waits. Until one is found the character is a box, and so it stays where
//! the system has none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egui::epaint::text::{FallbackRequest, FontInsert, FontProvider};
use egui::{Context, FontData};
use fontdb::{Database, FaceInfo, Style, Weight};
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// What was looked for so far, for all windows.
static SEARCHES: Mutex<Searches> =
    Mutex::new(Searches { wanted: BTreeSet::new(), found: BTreeMap::new(), chosen: Vec::new(), runs: false });

/// Counts how often something was found, or was found missing.
static ANSWERS: AtomicU64 = AtomicU64::new(0);

/// What was looked for, and what is to be.
struct Searches {
    wanted: BTreeSet<char>,
    /// The fonts by their places in `chosen`. None: the system has no font with the character.
    found: BTreeMap<char, Option<usize>>,
    chosen: Vec<FontInsert>,
    /// Whether a thread looks for the wanted ones.
    runs: bool,
}

/// Asks the system for what a window's own fonts lack. A window asks once for each character, so it is to be given
/// these fonts anew when there are new [`answers`].
pub(super) fn install(context: &Context) {
    context.set_font_providers(vec![Arc::new(SystemFonts)]);
}

/// Counts the answers of the system: a window that has asked asks again when there are more.
pub(super) fn answers() -> u64 {
    ANSWERS.load(Ordering::Acquire)
}

fn searches() -> MutexGuard<'static, Searches> {
    SEARCHES.lock().unwrap_or_else(PoisonError::into_inner)
}

struct SystemFonts;

impl FontProvider for SystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let wanted = request.cluster.chars().next()?;
        let mut searches = searches();
        if let Some(found) = searches.found.get(&wanted) {
            return found.map(|index| searches.chosen[index].clone());
        }
        searches.wanted.insert(wanted);
        if !searches.runs {
            searches.runs = std::thread::Builder::new().name("csound fonts".into()).spawn(search).is_ok();
        }
        None
    }
}

/// Looks for all that is wanted, and for what is wanted meanwhile.
fn search() {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    loop {
        let (wanted, mut chosen) = {
            let mut searches = searches();
            let wanted = std::mem::take(&mut searches.wanted);
            searches.runs = !wanted.is_empty();
            (wanted, searches.chosen.clone())
        };
        if wanted.is_empty() {
            return;
        }
        let mut found = Vec::new();
        for character in wanted {
            // One font for a whole script, where it has it all.
            let mut place = chosen.iter().position(|font| has(font, character));
            if place.is_none()
                && let Some(font) = best(&fonts, character)
            {
                chosen.push(font);
                place = Some(chosen.len() - 1);
            }
            found.push((character, place));
        }
        let mut searches = searches();
        searches.found.extend(found);
        searches.chosen = chosen;
        ANSWERS.fetch_add(1, Ordering::Release);
    }
}

fn has(font: &FontInsert, character: char) -> bool {
    let bytes: &dyn AsRef<[u8]> = &*font.data.font;
    is_in(bytes.as_ref(), font.data.index, character)
}

fn is_in(bytes: &[u8], index: u32, character: char) -> bool {
    FontRef::from_index(bytes, index)
        .is_ok_and(|font| font.charmap().map(character).is_some_and(|glyph| glyph != GlyphId::NOTDEF))
}

/// The plainest font that has a character.
fn best(fonts: &Database, character: char) -> Option<FontInsert> {
    let mut faces: Vec<&FaceInfo> = fonts.faces().collect();
    faces.sort_by_key(|face| strangeness(face));
    faces.into_iter().find_map(|face| {
        let read = |bytes: &[u8], index| is_in(bytes, index, character).then(|| (bytes.to_vec(), index));
        let (bytes, index) = fonts.with_face_data(face.id, read)??;
        let data = FontData::from_blob(Arc::new(bytes), index);
        Some(FontInsert::new(&face.post_script_name, data, Vec::new()))
    })
}

/// What puts a font behind others: it is slanted, has serifs, is not of the usual weight. The name, at last, so that
/// it is the same one each time.
fn strangeness(face: &FaceInfo) -> (bool, bool, u16, &str) {
    let serif = face.post_script_name.contains("Serif");
    (face.style != Style::Normal, serif, face.weight.0.abs_diff(Weight::NORMAL.0), &face.post_script_name)
}
