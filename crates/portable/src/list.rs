//! Which opcode libraries go with a Csound. Only those whose licences were checked, and which a confined engine loads.

use csound_library::Generation;

/// Whether a library may be given away with a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayGo {
    /// It goes.
    Yes,
    /// It does not, and this is why, going on from "it".
    No(&'static str),
}

/// Csound 6.18 and its plugins, as Debian has them. All are of the LGPL, 2.1 or later, by the copyright files of
/// libcsound64-6.0 and csound-plugins; what they contain of others (Eigen: MPL 2.0, gmm++: LGPL 3 with the exception
/// for what is built with it) may go, too. What they need is judged by its own package.
const SIX: [&str; 20] = [
    "libampmidid.so",
    "libarrayops.so",
    "libbformdec2.so",
    "libchua.so",
    "libdeprecated.so",
    "libdoppler.so",
    "libfractalnoise.so",
    "libftsamplebank.so",
    "libimage.so",
    "liblfsr.so",
    "liblinear_algebra.so",
    "libmixer.so",
    "libmp3out.so",
    "libosc.so",
    "libpadsynth.so",
    "libpvsops.so",
    "libsignalflowgraph.so",
    "libstdutil.so",
    "libtrigenvsegs.so",
    "liburandom.so",
];

/// Those of Csound 7 that do not go. All others are built of Csound's own source (LGPL, 2.1 or later) and need
/// nothing but what every system has, which [`put`](crate::put) holds them to.
const NOT_OF_SEVEN: [(&str, &str); 8] = [
    ("libcontrol.so", "starts a program of its own for its windows"),
    ("libipmidi.so", "sends MIDI to the network"),
    ("libjoystick.so", "reads game controllers"),
    ("libpmidi.so", "opens MIDI devices"),
    ("librtalsa.so", "opens audio and MIDI devices"),
    ("librtjack.so", "talks to the JACK server"),
    ("libserial.so", "talks to devices on serial ports"),
    ("libsystem_call.so", "starts programs"),
];

/// The names of Csound 7's, without `lib` and `.so`.
const SEVEN: &str = "Vosim afilters ambicode1 ampmidid arrayops arrays babo bformdec2 bilbar buchla cellular compress \
    counter cpumeter crossfm date deprecated doppler emugens eqfil exciter fareygen fareyseq fractalnoise framebuffer \
    ftest ftsamplebank gammatone gendy grain4 harmon hrtfearly hrtferX hrtfopcodes hrtfreverb lfsr liveconv loscilx lufs \
    minmax mixer modmatrix mp3in newgabops osc padsynth_gen pan2 partikkel paulstretch phisem physmod pinker pitchtrack \
    platerev pvlock pvoc pvsopcodes pvsops quadbezier sc_noise scansyn scoreline scugens select sequencer sfont shape \
    signalflowgraph sockrecv socksend spectra squinewave stdopcodes stdutil sterrain tabaudio tabsum trigEnvSegs \
    ugakbari urandom vaops vbap wpfilters zak";

/// Whether an opcode library of this file name goes with a Csound of this generation.
pub fn may_go(generation: Generation, file: &str) -> MayGo {
    const UNKNOWN: MayGo = MayGo::No("is not on the list of those whose licences were checked");
    match generation {
        Generation::Six if SIX.contains(&file) => MayGo::Yes,
        Generation::Six if file == "libstkops.so" => {
            MayGo::No("brings clients of sound servers (ALSA, JACK, PulseAudio), which belong to a system")
        }
        Generation::Seven => {
            if let Some((_, why)) = NOT_OF_SEVEN.iter().find(|(name, _)| *name == file) {
                return MayGo::No(why);
            }
            let name = file.strip_prefix("lib").and_then(|name| name.strip_suffix(".so"));
            match name.is_some_and(|name| SEVEN.split_whitespace().any(|known| known == name)) {
                true => MayGo::Yes,
                false => UNKNOWN,
            }
        }
        Generation::Six => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_checked_goes() {
        for (generation, file) in [
            (Generation::Six, "libosc.so"),
            (Generation::Six, "libimage.so"),
            (Generation::Seven, "libstdopcodes.so"),
            (Generation::Seven, "libtrigEnvSegs.so"),
        ] {
            assert_eq!(may_go(generation, file), MayGo::Yes, "{file}");
        }
        for (generation, file) in [
            (Generation::Six, "libableton_link_opcodes.so"),
            (Generation::Six, "libfaustcsound.so"),
            (Generation::Six, "libstkops.so"),
            (Generation::Six, "librtjack.so"),
            (Generation::Six, "libmine.so"),
            (Generation::Six, "LIBOSC.SO"),
            (Generation::Seven, "libserial.so"),
            (Generation::Seven, "libtrigenvsegs.so"),
            (Generation::Seven, "stdopcodes"),
            (Generation::Seven, ""),
        ] {
            assert!(matches!(may_go(generation, file), MayGo::No(_)), "{file}");
        }
    }
}
