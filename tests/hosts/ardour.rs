//! The VST3 in a whole DAW: Ardour, without a screen.
//!
//! A script makes a session with a piece, and automates a channel and `play`; notes are put into its
//! file. Ardour opens it, saves it with the playhead elsewhere, opens it again and exports it. Nothing
//! but Ardour's own file holds the piece by then. What it exports must be what was asked for, and
//! nothing else, from the first frame to the last.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::common::{csd, csound_is_missing, is_missing};

/// The session's name, and its folder's.
const NAME: &str = "session";

/// Frames that are exported.
pub(super) const LENGTH: usize = 144_000;

/// Ticks of a quarter note, half a second.
const TICKS: usize = 1920;

/// Which instructions Ardour may use: those of SSE2. With AVX-512, Ardour 7.3 writes beyond the ends of
/// its buffers: of 49 exports without any plugin, 16 crashed or had wrong samples; with SSE2 none of 400.
const INSTRUCTIONS: (&str, &str) = ("ARDOUR_FPU_FLAGS", "15");

/// How long any of Ardour's programs may take, in seconds. They take two or three.
const PATIENCE: &str = "100";

/// Notes: the frames of their beginning and end, and their velocity. The third is held through the
/// pause.
const NOTES: [(usize, usize, u8); 4] =
    [(12_000, 18_000, 100), (25_000, 37_500, 50), (40_000, 75_000, 127), (87_500, 93_750, 64)];

/// What the piece sounds like while it plays and its channel, automated by `session.lua`, is 0, and
/// how much the channel adds at 1.
const BASE: f32 = 0.25;
const LEVEL: f32 = 0.5;

/// Where the piece pauses and plays again.
const PAUSE: (usize, usize) = (48_000, 72_000);

/// The score has an event two seconds after its beginning, and this is its sound and its frames.
const EVENT: (usize, usize, f32) = (96_000, 480, 0.75);

/// The channel on the left; notes, the event of the score and controllers that nobody sent on the
/// right. All is constant between what happens, so that anything else is seen.
///
/// Ardour itself ends notes, pedals and controllers wherever its transport jumps.
fn piece(ksmps: usize) -> String {
    let body = format!(
        "massign 0, 2\nchn_k \"level\", 1, 2, 0.125, 0, 1\n\
         instr 1\nkmade init 0\n\
         again:\nkstatus, kchannel, kfirst, ksecond midiin\n\
         if kstatus == 176 && ksecond != 0 then\nkmade += 1\nendif\n\
         if kstatus == 208 || kstatus == 224 then\nkmade += 1\nendif\n\
         if kstatus != 0 kgoto again\n\
         klevel chnget \"level\"\naleft upsamp {BASE} + klevel * {LEVEL}\naright upsamp kmade\n\
         outs aleft, aright\nendin\n\
         instr 2\niloud ampmidi 0.5\nanote init iloud\nouts a(0), anote\nendin\n\
         instr 3\naevent init {}\nouts a(0), aevent\nendin\n",
        EVENT.2
    );
    let score = format!("i 1 0 3600\ni 3 {} {}", EVENT.0 as f64 / 48_000.0, EVENT.1 as f64 / 48_000.0);
    csd("--sample-accurate", &format!("sr = 48000\nksmps = {ksmps}\nnchnls = 2\n"), &body, &score)
}

/// Ardour's programs with a home of their own.
pub(super) struct Ardour {
    /// `ardour` and the number of the version, as the programs' names begin.
    version: &'static str,
    home: TempDir,
}

impl Ardour {
    /// Lets Ardour know these VST3 bundles and nothing else of this machine.
    pub(super) fn new(version: &'static str, bundles: &[&Path]) -> Self {
        let ardour = Self { version, home: tempfile::tempdir().unwrap() };
        let plugins = ardour.path(".vst3");
        std::fs::create_dir(&plugins).unwrap();
        let programs = Path::new("/usr/lib").join(version);
        for bundle in bundles {
            let there = plugins.join(bundle.file_name().unwrap());
            std::os::unix::fs::symlink(bundle, &there).unwrap();
            let mut scanner = ardour.command(&programs.join("ardour-vst3-scanner"));
            run(scanner.env("LD_LIBRARY_PATH", &programs).arg("-f").arg(&there));
        }
        let formats = ardour.path(".config").join(version).join("export");
        std::fs::create_dir_all(&formats).unwrap();
        for name in ["float.format", "float.preset"] {
            std::fs::copy(ours(name), formats.join(name)).unwrap();
        }
        // What was found counts only if it is newer than the plugin, in whole seconds.
        let known = ardour.path(".cache").join(version).join("vst");
        for entry in std::fs::read_dir(known).unwrap().flatten() {
            let file = std::fs::File::options().append(true).open(entry.path()).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_secs(86_400)).unwrap();
        }
        ardour
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A program with nothing of the user's around it: no settings, no screen, no piece.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("timeout");
        command.arg(PATIENCE).arg(program).current_dir(self.home.path()).env("HOME", self.home.path());
        for (name, folder) in
            [("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache"), ("XDG_DATA_HOME", ".local/share")]
        {
            command.env(name, self.path(folder));
        }
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "CSOUND_PERFORMER_PIECE", "CSOUND_PERFORMER_ENGINE"] {
            command.env_remove(name);
        }
        command.env("CSOUND_PERFORMER_WAIT", "offline").env(INSTRUCTIONS.0, INSTRUCTIONS.1);
        command
    }

    /// Runs `session.lua`.
    pub(super) fn script(&self, what: &str, piece: Option<&Path>) {
        let mut program = self.command(Path::new(&format!("{}-lua", self.version)));
        program.arg(ours("session.lua")).args([what, NAME, NAME, &LENGTH.to_string()]);
        if let Some(piece) = piece {
            program.env("CSOUND_PERFORMER_PIECE", piece);
        }
        let said = run(&mut program);
        assert!(said.lines().any(|line| line == "done"), "{said}");
    }

    /// What the session sounds like, channel by channel.
    ///
    /// Ardour's own program for this exports as soon as the session is loaded, before its engine has
    /// settled: of 468 exports two hung and six began 16 frames off. The script waits a little.
    pub(super) fn export(&self) -> Vec<Vec<f32>> {
        self.script("export", None);
        let (channels, rate) = test_host::wav::read(&self.path("export/session.wav")).unwrap();
        assert_eq!(rate, 48_000);
        channels
    }

    /// Writes the notes into the saved session.
    fn add_notes(&self) {
        let folder = self.path(NAME);
        std::fs::write(folder.join("interchange").join(NAME).join("midifiles/notes.mid"), midi_file())
            .unwrap();
        let file = folder.join(format!("{NAME}.ardour"));
        let session = std::fs::read_to_string(&file).unwrap();
        let source = "<Source name=\"notes.mid\" type=\"midi\" flags=\"\" id=\"900001\" origin=\"\"/>";
        let session = filled(&session, "<Sources/>", source);
        let session = filled(&session, "<Regions/>", &region(900_002, true));
        let (before, playlist) = session.split_once("<Playlist ").unwrap();
        let (playlist, after) = playlist.split_once("/>").unwrap();
        assert!(playlist.contains("type=\"midi\"") && !playlist.contains('>'), "{playlist}");
        let region = region(900_003, false);
        let session = format!("{before}<Playlist {playlist}>{region}</Playlist>{after}");
        std::fs::write(&file, session).unwrap();
    }
}

/// A file of ours beside this one.
fn ours(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts/ardour").join(name)
}

/// Runs a program that must succeed; what it said.
pub(super) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    said
}

/// A document with something in its one empty element `<Name/>`.
fn filled(document: &str, element: &str, inside: &str) -> String {
    assert_eq!(document.matches(element).count(), 1, "{element}");
    let name = element.trim_start_matches('<').trim_end_matches("/>");
    document.replace(element, &format!("<{name}>{inside}</{name}>"))
}

fn region(id: usize, whole_file: bool) -> String {
    let length = 8 * TICKS;
    format!(
        "<Region name=\"notes\" id=\"{id}\" type=\"midi\" opaque=\"1\" start=\"b0\" length=\"b{length}@b0\" \
         whole-file=\"{}\" source-0=\"900001\" master-source-0=\"900001\"/>",
        u8::from(whole_file)
    )
}

/// The notes as a standard MIDI file, at the 120 quarter notes a minute that Ardour begins with.
fn midi_file() -> Vec<u8> {
    let tick = |frame: usize| {
        assert_eq!(frame * TICKS % 24_000, 0, "{frame} is on no tick");
        frame * TICKS / 24_000
    };
    let mut events: Vec<(usize, [u8; 3])> = Vec::new();
    for (key, (begin, end, velocity)) in (60..).zip(NOTES) {
        events.push((tick(begin), [0x90, key, velocity]));
        events.push((tick(end), [0x80, key, 64]));
    }
    events.sort();
    let mut track = Vec::new();
    let mut now = 0;
    for (at, message) in events {
        let delta = at - now;
        now = at;
        // Two bytes of seven bits each hold every distance here.
        track.extend([0x80 | u8::try_from(delta >> 7).unwrap(), (delta & 0x7F) as u8]);
        track.extend(message);
    }
    track.extend([0, 0xFF, 0x2F, 0]);
    let mut file = b"MThd\0\0\0\x06\0\0\0\x01".to_vec();
    file.extend((TICKS as u16).to_be_bytes());
    file.extend(b"MTrk");
    file.extend((track.len() as u32).to_be_bytes());
    file.extend(track);
    file
}

/// A change: between which frames, and to what.
#[derive(Clone, Copy, Debug)]
struct Change {
    earliest: usize,
    latest: usize,
    to: f32,
}

impl Change {
    fn near(frame: usize, off: usize, to: f32) -> Self {
        Self { earliest: frame.saturating_sub(off), latest: frame + off, to }
    }
}

/// The frames at which a channel changes, with what it changes to. Before the first there is silence.
fn changes(samples: &[f32]) -> Vec<(usize, f32)> {
    let mut last = 0.0;
    let mut changes = Vec::new();
    for (frame, sample) in samples.iter().copied().enumerate() {
        if sample != last {
            changes.push((frame, sample));
            last = sample;
        }
    }
    changes
}

fn assert_changes(what: &str, samples: &[f32], expected: &[Change]) {
    let heard = changes(samples);
    let shown = &heard[..heard.len().min(20)];
    assert_eq!(heard.len(), expected.len(), "{what}: {shown:?} is not {expected:?}");
    for ((frame, value), change) in heard.iter().zip(expected) {
        let timely = (change.earliest..=change.latest).contains(frame);
        let right = (value - change.to).abs() < 1e-6;
        assert!(timely && right, "{what}: {frame}, {value} is not {change:?} in {heard:?}");
    }
}

/// What has to be heard. Ardour makes up for the latency where it plays notes, earlier by as much. It
/// does not where it automates and where it says how far it is: this comes later by the latency.
fn check(heard: &[Vec<f32>], ksmps: usize) {
    let latency = ksmps - 1;
    // Except for score events, what happens inside a k-cycle happens at its nearer end.
    let off = ksmps / 2;
    let automated = |frame: usize, to: f32| Change::near(frame + latency, off, to);
    let left = [
        // Ardour may begin before the session does, so that latencies are over by then.
        Change { earliest: 0, latest: latency + off, to: BASE + 0.5 * LEVEL },
        automated(24_000, BASE + LEVEL),
        automated(36_000, BASE),
        automated(PAUSE.0, 0.0),
        automated(PAUSE.1, BASE),
    ];
    let mut right: Vec<_> = NOTES
        .iter()
        .flat_map(|(begin, end, velocity)| {
            [(*begin, f32::from(*velocity) / 256.0), (*end, 0.0)].map(|(at, to)| Change::near(at, off, to))
        })
        .collect();
    let held = f32::from(NOTES[2].2) / 256.0;
    right.extend([automated(PAUSE.0, 0.0), automated(PAUSE.1, held)]);
    // The score waits with the piece.
    let event = EVENT.0 + PAUSE.1 - PAUSE.0;
    let scored = |frame: usize, to: f32| Change::near(frame + latency, latency, to);
    right.extend([scored(event, EVENT.2), scored(event + EVENT.1, 0.0)]);
    right.sort_by_key(|change| change.earliest);
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].len(), LENGTH);
    assert_changes("left", &heard[0], &left);
    assert_changes("right", &heard[1], &right);
}

/// The Ardour on this machine.
pub(super) fn ardour() -> Option<&'static str> {
    let version = test_host::tools::ardour();
    (!is_missing("Ardour", version.is_some()) && !csound_is_missing()).then_some(version).flatten()
}

fn a_session_is_exported_as_it_was_made(ksmps: usize) {
    let Some(version) = ardour() else { return };
    let bundle = test_host::bundle::dev_bundle().unwrap();
    let ardour = Ardour::new(version, &[&bundle.vst3]);
    let file = ardour.path("piece.csd");
    std::fs::write(&file, piece(ksmps)).unwrap();
    ardour.script("new", Some(&file));
    std::fs::remove_file(&file).unwrap();
    ardour.add_notes();
    check(&ardour.export(), ksmps);
    ardour.script("again", None);
    check(&ardour.export(), ksmps);
}

#[test]
fn a_session_in_ardour_is_exported_as_it_was_made() {
    a_session_is_exported_as_it_was_made(64);
}

#[test]
fn a_session_in_ardour_is_exported_to_the_frame_where_a_piece_is() {
    a_session_is_exported_as_it_was_made(1);
}

#[test]
fn ardour_finds_a_shipped_preset_and_keeps_its_piece() {
    let Some(version) = ardour() else { return };
    let bundle = test_host::bundle::dev_bundle().unwrap();
    let heard = |what: &str| {
        let ardour = Ardour::new(version, &[&bundle.vst3]);
        let presets = ardour.path(".vst3/presets").join(test_host::vstpreset::VENDOR);
        test_host::vstpreset::write_all(&presets).unwrap();
        ardour.script(what, None);
        std::fs::remove_dir_all(&presets).unwrap();
        ardour.export()
    };
    let is_silent = |channels: &[Vec<f32>]| channels.iter().flatten().all(|sample| sample.abs() < 1e-4);
    assert!(is_silent(&heard("plain")), "a new instance is silent");
    assert!(!is_silent(&heard("preset")), "the piece of the preset plays, from Ardour's own file");
}

#[test]
fn each_output_of_the_instrument_with_eight_has_its_own_sound_in_ardour() {
    let Some(version) = ardour() else { return };
    let bundle = test_host::bundle::dev_bundle().unwrap();
    let ardour = Ardour::new(version, &[&bundle.vst3]);
    let level = |channel: usize| channel as f32 / 32.0;
    let outputs: String =
        (1..=16).map(|channel| format!("outch {channel}, a({})\n", level(channel))).collect();
    let piece =
        csd("", "sr = 48000\nksmps = 64\nnchnls = 16\n", &format!("instr 1\n{outputs}endin\n"), "i 1 0 3600");
    let file = ardour.path("piece.csd");
    std::fs::write(&file, piece).unwrap();
    ardour.script("wide", Some(&file));
    std::fs::remove_file(&file).unwrap();
    let heard = ardour.export();
    assert_eq!(heard.len(), 16);
    for (channel, samples) in (1..).zip(&heard) {
        let begins = Change { earliest: 0, latest: 2 * 64, to: level(channel) };
        assert_changes(&format!("channel {channel}"), samples, &[begins]);
    }
}
