//! What a piece has to sound like: the csound command for Csound 6, a program of a dozen lines over the same library for
//! Csound 7.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use csound_library::Generation;

use super::difference::Sound;
use super::notes::{self, Notes};
use super::scratch::Scratch;
use crate::project::root;
use crate::tools::{csound_7, finds, opcodes_beside, venv_python};
use crate::wav;

/// How often a running command is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// The longest reason that is kept of what Csound says, in bytes.
const LONGEST_REASON: usize = 400;

/// Bytes of a frame's sample in the command's file.
const SAMPLE: u64 = 4;

/// Why a piece with sections may not come to its end by Csound 7.
const STAYS_IN_SECTION: &str =
    "Csound 7.0 never leaves a section of the score (s) once MIDI or events come in";

/// What the command is to play.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// By which Csound.
    pub generation: Generation,
    /// The rate in Hz.
    pub rate: u32,
    /// The most that is played, in seconds.
    pub seconds: f64,
    /// How long the command may take.
    pub limit: Duration,
    /// MIDI to play, with the widgets' values set.
    pub notes: Option<&'a Notes>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A sound.
    Sound(Sound),
    /// None, and why.
    Nothing(String),
}

/// The command that renders a piece into a file of floats, to its end: what every comparison with Csound goes by. The
/// caller adds the piece. It shares no code with the project.
///
/// # Errors
/// There is none of this generation here; the error says what to install.
pub fn command(generation: Generation, rate: u32, output: &Path) -> Result<Command> {
    match generation {
        Generation::Six => {
            let mut command = Command::new("csound");
            command.args(["-W", "-f", "-d", "-r", &rate.to_string(), "-o"]).arg(output);
            Ok(command)
        }
        Generation::Seven => {
            let library = library_7().context(
                "Csound 7 is not installed: install it from csound.com, or `cargo xtask setup --test` brings one",
            )?;
            let own = venv_python();
            let mut command = Command::new(if own.is_file() { own } else { "python3".into() });
            command.arg(root().join("crates/test-host/python/oracle_seven.py")).arg(&library);
            command.arg(opcodes_beside(&library).unwrap_or_default());
            command.arg(rate.to_string()).arg(output);
            Ok(command)
        }
    }
}

/// The Csound 7 that is compared with: the one that an engine would find, otherwise the project's own.
pub fn library_7() -> Option<PathBuf> {
    let installed = csound_library::installed().into_iter();
    let seven = installed.filter(|found| found.generation == Generation::Seven).map(|found| found.path);
    seven.chain(csound_7()).next()
}

/// Makes sure that [`command`] performs by the generation that is named.
///
/// # Errors
/// There is none here, or the csound command is of another generation; the error says what to do.
pub fn check(generation: Generation) -> Result<()> {
    command(generation, 48_000, Path::new(""))?;
    if generation == Generation::Seven {
        return Ok(());
    }
    ensure!(finds("csound"), "the csound command is not installed: `cargo xtask setup --test` installs it");
    let said = Command::new("csound").arg("--version").output().context("csound does not run")?;
    let said = [said.stderr, said.stdout].concat();
    match version_in(&String::from_utf8_lossy(&said)) {
        Some(number) if number != generation.number() => bail!(
            "the csound command is of Csound {number}, and pieces are to be compared by {generation}: say --csound {number}, \
             or install Csound {}",
            generation.number()
        ),
        _ => Ok(()),
    }
}

/// The generation's number in what `csound --version` says.
fn version_in(said: &str) -> Option<u8> {
    said.split_once("Csound version ")?.1.split(['.', ' ']).next()?.parse().ok()
}

/// Plays a piece in a copy of its folder, which is afterwards as it was.
///
/// # Errors
/// The command does not start, or its file cannot be read.
pub fn play(piece: &Path, scratch: &mut Scratch, wanted: &Wanted) -> Result<Heard> {
    let heard = play_once(piece, scratch, wanted);
    scratch.restore().context("the copy of the folder cannot be restored")?;
    heard
}

fn play_once(piece: &Path, scratch: &Scratch, wanted: &Wanted) -> Result<Heard> {
    let place = scratch.place(piece)?;
    let folder = place.parent().unwrap_or(Path::new("/"));
    let (output, said) = (scratch.out().join("ref.wav"), scratch.out().join("said"));
    let mut command = command(wanted.generation, wanted.rate, &output)?;
    // Cards and ports that the piece names are not this machine's.
    command.args(["-+rtaudio=null", "-+rtmidi=null"]).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let mut name = OsString::from("./");
    name.push(place.file_name().unwrap_or_default());
    if let Some(notes) = wanted.notes {
        let file = scratch.out().join("notes.mid");
        fs::write(&file, &notes.file)?;
        command.arg("-F").arg(file);
        let text = notes::with_widgets_set(&String::from_utf8_lossy(&fs::read(&place)?));
        fs::write(&place, text)?;
    }
    command.arg(&name);
    if place.extension().is_some_and(|ending| ending == "orc") && place.with_extension("sco").exists() {
        command.arg(Path::new(&name).with_extension("sco"));
    }
    command
        .current_dir(folder)
        .env("TMPDIR", scratch.tmp())
        .stdin(Stdio::null())
        .stdout(File::create(&said)?)
        .stderr(OpenOptions::new().append(true).open(&said)?);
    let frames = (wanted.seconds * f64::from(wanted.rate)).round() as u64;
    let end = run(&mut command, scratch, &output, frames, wanted.limit)?;
    let reason = |otherwise: &str| reason(&fs::read(&said).unwrap_or_default(), otherwise);
    match end {
        End::Late => {
            let late = format!("the command is not done within {} s", wanted.limit.as_secs_f64());
            let text = fs::read(&place).unwrap_or_default();
            // What it is not done with is none of its errors.
            let hangs =
                wanted.generation == Generation::Seven && has_sections(&String::from_utf8_lossy(&text));
            Ok(Heard::Nothing(if hangs { format!("{late}: {STAYS_IN_SECTION}") } else { reason(&late) }))
        }
        End::Itself(status) if !status.success() => {
            Ok(Heard::Nothing(reason(&format!("the command ends with {status}"))))
        }
        End::Itself(_) if !output.exists() => Ok(Heard::Nothing(reason("the command writes no sound"))),
        End::Itself(_) => sound(&output, frames, true).map(Heard::Sound),
        End::Enough => {
            finish(&output)?;
            sound(&output, frames, false).map(Heard::Sound)
        }
    }
}

enum End {
    Itself(ExitStatus),
    Enough,
    Late,
}

fn run(command: &mut Command, scratch: &Scratch, output: &Path, frames: u64, limit: Duration) -> Result<End> {
    let mut child = scratch.start(command)?;
    let began = Instant::now();
    let end = loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Itself(status));
        }
        if has_frames(output, frames) {
            break End::Enough;
        }
        if began.elapsed() > limit {
            break End::Late;
        }
        std::thread::sleep(LOOK);
    };
    // It may have ended meanwhile.
    let _ = child.kill();
    child.wait()?;
    Ok(end)
}

/// Where the samples begin in a WAV file that may not be finished, and its channels.
fn data_of(file: &mut File) -> Option<(u64, u64)> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    Read::by_ref(file).take(4096).read_to_end(&mut head).ok()?;
    let number = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    let mut at = 12;
    let mut channels = 0;
    while let Some(name) = head.get(at..at + 4) {
        match name {
            b"fmt " => channels = u64::from(number(at + 8)? >> 16),
            b"data" => return (channels > 0).then_some((at as u64 + 8, channels)),
            _ => (),
        }
        at += 8 + number(at + 4)? as usize;
    }
    None
}

fn has_frames(output: &Path, frames: u64) -> bool {
    let Ok(mut file) = File::open(output) else { return false };
    let length = file.metadata().map_or(0, |found| found.len());
    data_of(&mut file).is_some_and(|(start, channels)| length >= start + (frames + 1) * channels * SAMPLE)
}

/// Gives the file of a command that was ended the lengths that its header lacks.
fn finish(output: &Path) -> Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(output)?;
    let (start, channels) = data_of(&mut file).context("the command's file has no sound in it")?;
    let length = file.metadata()?.len() - start;
    let whole = length - length % (channels * SAMPLE);
    file.set_len(start + whole)?;
    for (at, value) in [(4, start + whole - 8), (start - 4, whole)] {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&u32::try_from(value)?.to_le_bytes())?;
    }
    Ok(())
}

fn sound(output: &Path, frames: u64, ended: bool) -> Result<Sound> {
    let (mut samples, rate) = wav::read(output)?;
    ensure!(!samples.is_empty(), "the command's file has no channels");
    let is_cut = samples[0].len() as u64 > frames;
    for channel in &mut samples {
        channel.truncate(usize::try_from(frames)?);
    }
    Ok(Sound { samples, rate, ended: ended && !is_cut })
}

/// If the score of a CSD has a statement that ends a section before the end.
fn has_sections(csd: &str) -> bool {
    let score = csd.split_once("<CsScore").map_or("", |(_, score)| score);
    let is_section = |line: &str| {
        let mut statement = line.trim_start().chars();
        statement.next() == Some('s') && !statement.next().is_some_and(char::is_alphabetic)
    };
    score.lines().any(is_section)
}

/// What Csound said of an error, or else `otherwise`.
fn reason(said: &[u8], otherwise: &str) -> String {
    let said = String::from_utf8_lossy(said).replace("\x1b[m", "");
    let is_told = |line: &&str| {
        let line = line.to_ascii_lowercase();
        line.contains("error") && !line.contains("0 errors in performance") || line.contains("cannot")
    };
    let told: Vec<&str> = said.lines().map(str::trim).filter(is_told).take(3).collect();
    if told.is_empty() {
        return otherwise.to_owned();
    }
    let mut reason = format!("{otherwise}: {}", told.join("; "));
    let end = (0..=LONGEST_REASON.min(reason.len())).rev().find(|end| reason.is_char_boundary(*end));
    reason.truncate(end.unwrap_or(0));
    reason
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_cut_off_is_read_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        wav::write(&path, &[vec![0.1, 0.2, 0.3], vec![0.4, 0.5, 0.6]], 48_000).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let (start, channels) = data_of(&mut File::open(&path).unwrap()).unwrap();
        assert_eq!((bytes.len() as u64 - start, channels), (24, 2));
        // As Csound leaves it: no lengths, and half a frame at the end.
        let start = start as usize;
        bytes[start - 4..start].fill(0);
        bytes.truncate(bytes.len() - 6);
        fs::write(&path, bytes).unwrap();
        assert!(has_frames(&path, 1) && !has_frames(&path, 2));
        finish(&path).unwrap();
        let sound = sound(&path, 9, false).unwrap();
        assert_eq!((sound.samples, sound.ended), (vec![vec![0.1, 0.2], vec![0.4, 0.5]], false));
    }

    #[test]
    fn the_generation_is_read_from_what_the_command_says_of_itself() {
        assert_eq!(version_in("--Csound version 6.18 (double samples) 2022-11-24"), Some(6));
        assert_eq!(version_in("noise\n--Csound version 7.0 (double samples)"), Some(7));
        assert_eq!(version_in("no such command"), None);
    }

    #[test]
    fn sections_are_found_in_the_score() {
        let piece =
            |score: &str| format!("<CsInstruments>\ns\n</CsInstruments>\n<CsScore>\n{score}\n</CsScore>");
        assert!(has_sections(&piece("i 1 0 1\n s\ni 1 0 1")) && has_sections(&piece("s 4")));
        assert!(!has_sections(&piece("i 1 0 1\n; s\nsomething")) && !has_sections("s"));
    }

    #[test]
    fn the_reason_is_csounds_own() {
        let said = b"\x1b[m0 errors in performance\nerror: no such opcode\nfine\n";
        assert_eq!(reason(said, "it fails"), "it fails: error: no such opcode");
        assert_eq!(reason(b"fine", "it fails"), "it fails");
    }
}
