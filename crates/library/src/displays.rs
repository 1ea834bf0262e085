//! The graphs that a piece's `display` and `dispfft` draw, handed to the host instead of a window of Csound's.

use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;

use csound_sys::WINDAT;

use super::callbacks::Host;
use super::csound::Csound;
use super::library::Library;
use super::library::functions::CSOUND;

/// Bytes of a graph's caption, its NUL among them.
const CAPTION: usize = 60;

/// What a graph begins with, the same in all versions of both generations.
#[repr(C)]
struct Head {
    window: usize,
    values: *const f64,
    count: i32,
    caption: [c_char; CAPTION],
}

/// A graph, for the time of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Graph<'a> {
    /// Csound's words for it, such as `instr 1, signal a1, fft (mag):`. Of a long one the beginning.
    pub caption: &'a [u8],
    /// What it shows.
    pub values: &'a [f64],
}

type Take = Box<dyn Fn(Graph<'_>) + Send + Sync>;

/// Where the graphs of an instance go.
#[derive(Default)]
pub(super) struct Displays(OnceLock<Take>);

impl Csound {
    /// Has the piece's graphs given to `take`, on the thread that performs or compiles, while it does so: it takes no
    /// call of this instance. Before [`compile`](Self::compile), among whose arguments `-d` must not be then; once.
    pub fn take_graphs(&mut self, take: impl Fn(Graph<'_>) + Send + Sync + 'static) {
        // The first stays.
        let _ = self.shared().host.displays.0.set(Box::new(take));
        let functions = &self.library().functions;
        // SAFETY: the instance is alive and nothing is compiled; the callbacks take the host data for its `Host`,
        // which outlives it.
        unsafe {
            (functions.is_graphable)(self.raw(), 1);
            (functions.make_graph)(self.raw(), Some(make));
            (functions.draw_graph)(self.raw(), Some(draw));
            (functions.kill_graph)(self.raw(), Some(kill));
            (functions.exit_graph)(self.raw(), Some(exit));
        }
    }
}

extern "C" fn make(_: *mut CSOUND, _: *mut WINDAT, _: *const c_char) {}

extern "C" fn kill(_: *mut CSOUND, _: *mut WINDAT) {}

extern "C" fn exit(_: *mut CSOUND) -> c_int {
    0
}

/// Csound draws a graph. Called on the thread that performs or compiles.
extern "C" fn draw(csound: *mut CSOUND, graph: *mut WINDAT) {
    let Some(library) = Library::loaded() else { return };
    // SAFETY: Csound calls with a live instance; the host data is its `Host`, which is shared only.
    let Some(host) = (unsafe { (library.functions.host_data)(csound).cast::<Host>().as_ref() }) else {
        return;
    };
    // SAFETY: Csound gives a graph of its own, which it changes again only after the call.
    let Some(head) = (unsafe { graph.cast::<Head>().as_ref() }) else { return };
    let Some(take) = host.displays.0.get() else { return };
    let count = usize::try_from(head.count).unwrap_or(0);
    if head.values.is_null() || !head.values.is_aligned() {
        return;
    }
    // SAFETY: Csound says how many values there are, in memory of its own, which stays as it is for the call.
    let values = unsafe { std::slice::from_raw_parts(head.values, count) };
    let caption = head.caption.map(|letter| letter as u8);
    let caption = CStr::from_bytes_until_nul(&caption).map_or(&caption[..], CStr::to_bytes);
    take(Graph { caption, values });
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::Io;
    use crate::testing::{library, piece};

    #[test]
    fn what_a_piece_displays_is_given_with_its_caption() {
        if library().is_none() {
            return;
        }
        let orchestra = "sr = 48000\nksmps = 64\nnchnls = 1\n0dbfs = 1\ninstr 1\na1 oscili 0.5, 1000\n\
            k1 line 0, 1, 1\ndisplay a1, 0.01\ndisplay k1, 0.01\ndispfft a1, 0.02, 512\nout a1\nendin\n";
        let file = piece("", orchestra, "i 1 0 0.1");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let mut csound = Csound::new(Io::Host).unwrap();
        let keep = Arc::clone(&taken);
        csound.take_graphs(move |graph| {
            let caption = String::from_utf8_lossy(graph.caption).into_owned();
            keep.lock().unwrap().push((caption, graph.values.to_vec()));
        });
        csound.compile(&["csound", "-M0", "-Q0", file.path().to_str().unwrap()]).unwrap();
        csound.start().unwrap();
        while csound.perform_ksmps() == 0 {}
        let taken = taken.lock().unwrap();
        let of = |words: &str| {
            taken.iter().filter(|(caption, _): &&(String, _)| caption.contains(words)).collect::<Vec<_>>()
        };
        let (waves, spectra, lines) = (of("signal a1:"), of("signal a1, fft (mag)"), of("signal k1"));
        assert!(waves.len() >= 8 && spectra.len() >= 3 && lines.len() >= 8, "{taken:?}");
        assert_eq!(waves[0].1.len(), 480);
        assert!(waves[0].1.iter().any(|value| *value > 0.45));
        let spectrum = &spectra[2].1;
        let loudest =
            (0..spectrum.len()).max_by(|one, other| spectrum[*one].total_cmp(&spectrum[*other])).unwrap();
        assert!(loudest.abs_diff(1000 * 512 / 48_000) <= 1, "{loudest} of {}", spectrum.len());
    }
}
