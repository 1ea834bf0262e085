//! What widgets show of a signal that a piece displays: its waveform or its spectrum, as Csound's `display` and `dispfft`
//! draw them.

/// The identifier of a waveform: its values are how many samples it has, and what
/// [`table::sketch`](crate::table::sketch) makes of them.
pub const WAVEFORM: &str = "waveform";

/// The identifier of the first samples of a waveform of which the sketch shows only bounds, as they are: up to
/// [`MOST_SHOWN`](crate::table::MOST_SHOWN).
pub const SAMPLES: &str = "samples";

/// The identifier of a spectrum of magnitudes: as a waveform's, from 0 Hz up.
pub const SPECTRUM: &str = "spectrum";

/// The same in decibels.
pub const DECIBELS: &str = "decibels";

/// The name of a signal in Csound's caption of a graph, and the identifier of what the graph shows; `None` for what
/// is no signal's, such as a table's.
pub fn of_caption(caption: &str) -> Option<(&str, &'static str)> {
    let (_, said) = caption.split_once(", ")?;
    let is_of_bins = said.starts_with("pvs-signal ");
    let said = said.strip_prefix("pvs-signal ").or_else(|| said.strip_prefix("signal "))?;
    // What is too long for a caption has lost its end.
    let (name, rest) = said.split_once([':', ',']).unwrap_or((said, ""));
    let identifier = match rest.trim_start() {
        "fft (db):" => DECIBELS,
        rest if rest.starts_with("fft") || is_of_bins => SPECTRUM,
        _ => WAVEFORM,
    };
    let name = name.trim();
    (!name.is_empty()).then_some((name, identifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_tell_the_signal_and_what_is_shown_of_it() {
        for (caption, expected) in [
            ("instr 1, signal a1:", Some(("a1", WAVEFORM))),
            ("instr 12, signal kEnv:", Some(("kEnv", WAVEFORM))),
            ("instr 1, signal a1, fft (mag):", Some(("a1", SPECTRUM))),
            ("instr 1, signal gaOut, fft (db):", Some(("gaOut", DECIBELS))),
            ("instr 3, pvs-signal fsig:", Some(("fsig", SPECTRUM))),
            ("instr 1, signal aAVeryLongName", Some(("aAVeryLongName", WAVEFORM))),
            ("ftable 1:", None),
            ("instr 1, signal :", None),
            ("", None),
        ] {
            assert_eq!(of_caption(caption), expected, "{caption}");
        }
    }
}
