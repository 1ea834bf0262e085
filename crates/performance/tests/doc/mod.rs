// What the examples in the documentation hide: a small piece and a thread that performs it.

/// Instrument 1 is a sine of amplitude p4 and frequency p5; instrument 2 writes the length of
/// its string p4 into the channel "letters". The score lasts 0.1 s, as long as nothing prolongs it.
const PIECE: &str = "<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1
chn_k \"brightness\", 3
instr 1
  a1 oscili p4, p5
  outs a1, a1
endin
instr 2
  Sword = p4
  iletters strlen Sword
  chnset iletters, \"letters\"
endin
</CsInstruments>
<CsScore>
f 0 0.1
</CsScore>
</CsoundSynthesizer>
";

/// A paused thread without a sound device. `None`, and a word about it, where libcsound is missing.
#[allow(dead_code, reason = "examples take what they need")]
pub fn thread() -> Option<csound_performance::PerformanceThread> {
    if test_host::tools::is_missing("libcsound", csound_library::Library::get().is_ok()) {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let piece = folder.path().join("piece.csd");
    std::fs::write(&piece, PIECE).unwrap();
    let mut csound = csound_library::Csound::new(csound_library::Io::Own).unwrap();
    csound.compile(&["csound", "-n", "-d", piece.to_str().unwrap()]).unwrap();
    csound.start().unwrap();
    Some(csound_performance::PerformanceThread::new(csound).unwrap())
}
