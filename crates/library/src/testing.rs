//! Csounds for the tests of this crate.

use std::io::Write;

use test_host::tools::is_missing;

use crate::{Csound, CsoundError, Generation, Io, Library};

/// The library, for tests that need it. Without it they are skipped, and say so; if everything is
/// required they fail.
pub(crate) fn library() -> Option<&'static Library> {
    let library = Library::get().ok();
    if is_missing("libcsound", library.is_some()) { None } else { library }
}

/// A process loads one Csound, so that the tests of this program run again in another one.
#[test]
fn everything_here_holds_over_csound_7() {
    if test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(Library::get().unwrap().generation(), Generation::Seven);
    }
}

/// A piece's file, of the given parts.
pub(crate) fn piece(options: &str, orchestra: &str, score: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".csd").tempfile().unwrap();
    write!(
        file,
        "<CsoundSynthesizer>\n<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>\n{orchestra}\n\
         </CsInstruments>\n<CsScore>\n{score}\n</CsScore>\n</CsoundSynthesizer>\n"
    )
    .unwrap();
    file
}

/// An instance for the host, and whether it compiled and started.
pub(crate) fn attempt(orchestra: &str, score: &str) -> Option<(Csound, Result<(), CsoundError>)> {
    library()?;
    let file = piece("", orchestra, score);
    let path = file.path().to_str().unwrap();
    let mut csound = Csound::new(Io::Host).unwrap();
    let result = csound.compile(&["csound", "-d", "-M0", "-Q0", path]).and_then(|()| csound.start());
    Some((csound, result))
}

/// A started instance, ksmps 10, two channels, 0dbfs 1.
pub(crate) fn start(orchestra: &str, score: &str) -> Option<Csound> {
    let header = "sr = 48000\nksmps = 10\nnchnls = 2\n0dbfs = 1\n";
    let (csound, result) = attempt(&format!("{header}{orchestra}"), score)?;
    if let Err(error) = result {
        csound.handle().drain_messages(|message| println!("{}", message.text));
        panic!("{error}");
    }
    Some(csound)
}

/// Performs, and gives what MIDI the piece sent.
pub(crate) fn perform(csound: &mut Csound, cycles: usize) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    for _ in 0..cycles {
        assert_eq!(csound.perform_ksmps(), 0);
        sent.extend(std::iter::from_fn(|| csound.pop_midi_out()).map(|message| message.bytes().to_vec()));
    }
    sent
}
