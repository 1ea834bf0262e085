//! `cargo xtask compare`: every piece below a folder through the csound command and through the plugin.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use csound_library::{Generation, VARIABLE};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use test_host::compare::scratch::Scratch;
use test_host::compare::verdict::Verdict;
use test_host::compare::{Comparison, oracle};
use test_host::render::DEFAULT_RATE;

use crate::commands::render;

/// Folders that hold no pieces of the user's.
const LEFT_OUT: [&str; 2] = [".git", "target"];

/// What `cargo xtask compare` is given.
#[derive(Args, Debug)]
pub struct CompareArgs {
    /// A folder with .csd files in it, at any depth, or one .csd
    pub folder: PathBuf,
    /// The Csound that plays: 6 or 7 [default: what a piece asks for in a comment, otherwise 6]
    #[arg(long, value_name = "6|7", value_parser = generation)]
    pub csound: Option<Generation>,
    /// The most that is played of a piece
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    pub seconds: f64,
    /// How long one performance may take by the clock, in seconds
    #[arg(long, value_name = "S", default_value_t = 60.0)]
    pub limit: f64,
    /// The sample rate in Hz
    #[arg(long, default_value_t = DEFAULT_RATE)]
    pub rate: u32,
    /// The seed of the plugin's block sizes [default: another one each time, which is printed]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Play a MIDI file on the beginnings of k-cycles, with the widgets' values set in both
    #[arg(long, value_name = "FILE.mid")]
    pub notes: Option<PathBuf>,
    /// Write the results as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Use the plugin that was built into this folder, such as target/bundled, and build nothing
    #[arg(long, value_name = "FOLDER")]
    pub bundle: Option<PathBuf>,
}

/// A piece below the folder, by what it was performed, and what was found.
type Compared = (PathBuf, Generation, Verdict);

/// Runs `cargo xtask compare`. It fails if a piece that the command performs differs or is refused.
///
/// # Errors
/// There is no piece, a file cannot be read or written, the csound command is missing, or the plugin does not build.
pub fn run(args: &CompareArgs) -> Result<ExitCode> {
    let usable = |number: f64| number.is_finite() && number > 0.0;
    ensure!(usable(args.seconds), "--seconds wants a length above 0");
    ensure!(usable(args.limit), "--limit wants a time above 0");
    ensure!((1000..=768_000).contains(&args.rate), "a rate of {} Hz cannot be rendered", args.rate);
    let (folder, pieces) = pieces_of(&args.folder)?;
    let read = |path: &PathBuf| fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    let comparison = Comparison {
        bundle: render::plugin(args.bundle.as_deref())?,
        generation: args.csound,
        rate: args.rate,
        seconds: args.seconds,
        limit: Duration::from_secs_f64(args.limit),
        seed: args.seed.unwrap_or_else(any_seed),
        notes: args.notes.as_ref().map(read).transpose()?,
    };
    println!("{} pieces below {}, --seed {}", pieces.len(), folder.display(), comparison.seed);
    let generations: BTreeSet<_> = pieces.iter().map(|piece| comparison.generation_of(piece)).collect();
    generations.iter().try_for_each(|generation| oracle::check(*generation))?;
    if let Some(libraries) = libraries(&generations)? {
        render::tell_the_plugin(VARIABLE, &libraries);
    }
    render::allow_folders(pieces.iter().filter_map(|piece| piece.parent()));
    let compared = compare_all(&comparison, &folder, &pieces)?;
    print!("{}", table(&compared));
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&as_json(&comparison, &folder, &compared))?;
        fs::write(path, text + "\n").with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(if is_well(&compared) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The libraries that the plugin is to look for, as [`VARIABLE`] takes them; none where it finds them itself.
fn libraries(generations: &BTreeSet<Generation>) -> Result<Option<OsString>> {
    let Some(seven) = oracle::library_7().filter(|_| generations.contains(&Generation::Seven)) else {
        return Ok(None);
    };
    let installed = csound_library::installed().into_iter();
    let six = installed.filter(|found| generations.contains(&found.generation)).map(|found| found.path);
    Ok(Some(std::env::join_paths(six.chain([seven]))?))
}

/// The generation that a number on the command line means.
fn generation(text: &str) -> Result<Generation> {
    match text.parse().ok().and_then(Generation::of_number) {
        Some(generation) => Ok(generation),
        None => bail!("pieces are compared by Csound 6 or 7, not by {text:?}"),
    }
}

fn any_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as u64 % 1_000_000
}

fn compare_all(comparison: &Comparison, folder: &Path, pieces: &[PathBuf]) -> Result<Vec<Compared>> {
    let mut scratch = Scratch::of(folder)?;
    let bar = ProgressBar::new(pieces.len() as u64);
    let style = ProgressStyle::with_template("{pos}/{len} {wide_bar} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut compared = Vec::new();
    for piece in pieces {
        let name = piece.strip_prefix(folder).unwrap_or(piece);
        bar.set_message(name.display().to_string());
        compared.push((name.to_owned(), comparison.generation_of(piece), comparison.of(piece, &mut scratch)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(compared)
}

/// The folder, and the pieces in it in order; of a single piece the folder that it lies in.
fn pieces_of(named: &Path) -> Result<(PathBuf, Vec<PathBuf>)> {
    let whole = named.canonicalize().with_context(|| format!("{} is not there", named.display()))?;
    if whole.is_file() {
        let folder = whole.parent().context("a piece without a folder")?.to_owned();
        return Ok((folder, vec![whole]));
    }
    let mut found = Vec::new();
    find_pieces(&whole, &mut found).with_context(|| format!("{} cannot be read", whole.display()))?;
    found.sort();
    ensure!(!found.is_empty(), "there is no .csd below {}", named.display());
    Ok((whole, found))
}

fn find_pieces(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() && LEFT_OUT.iter().all(|left_out| entry.file_name() != *left_out) {
            find_pieces(&path, found)?;
        } else if path.is_file() && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csd"))
        {
            found.push(path);
        }
    }
    Ok(())
}

/// If nothing that the command performs, twice alike, is another thing in the plugin.
fn is_well(compared: &[Compared]) -> bool {
    !compared.iter().any(|(.., verdict)| matches!(verdict, Verdict::Differs(_) | Verdict::Refused { .. }))
}

/// A line for each piece, and the sums.
fn table(compared: &[Compared]) -> String {
    let width =
        compared.iter().map(|(name, ..)| name.display().to_string().chars().count()).max().unwrap_or(0);
    let mut text = format!("{:width$}  Csound  {:16}  details\n", "piece", "verdict");
    for (name, generation, verdict) in compared {
        let name = name.display().to_string();
        let number = generation.number();
        let line = format!("{name:width$}  {number:6}  {:16}  {}", verdict.name(), verdict.details());
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let count = |name: &&str| compared.iter().filter(|(.., verdict)| verdict.name() == *name).count();
    let sums: Vec<_> = Verdict::NAMES.iter().map(|name| format!("{} {name}", count(name))).collect();
    text + &format!("{}\n", sums.join(", "))
}

fn as_json(comparison: &Comparison, folder: &Path, compared: &[Compared]) -> Value {
    let piece = |(name, generation, verdict): &Compared| {
        let mut entry = json!({ "piece": name.to_string_lossy(), "generation": generation.number() });
        if let (Some(entry), Ok(Value::Object(verdict))) =
            (entry.as_object_mut(), serde_json::to_value(verdict))
        {
            entry.extend(verdict);
        }
        entry
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "folder": folder.to_string_lossy(),
        "rate": comparison.rate,
        "seconds": comparison.seconds,
        "seed": comparison.seed,
        "notes": comparison.notes.is_some(),
        "pieces": compared.iter().map(piece).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_host::compare::verdict::{Difference, Equal};

    fn compared() -> Vec<Compared> {
        let equal = Verdict::Equal(Equal { frames: 10, silent: false, not_numbers: 0 });
        let differs = Verdict::Differs(Difference { samples: 1, peak: 1.0, ..Difference::at(5, 0, 1000) });
        vec![("deep/a.csd".into(), Generation::Six, equal), ("b.csd".into(), Generation::Seven, differs)]
    }

    #[test]
    fn a_table_has_a_line_for_each_piece_and_the_sums() {
        let lines: Vec<_> = table(&compared()).lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "piece       Csound  verdict           details");
        assert_eq!(lines[1], "deep/a.csd       6  equal");
        assert!(lines[2].starts_with("b.csd            7  differs           from 0.0050 s"), "{}", lines[2]);
        assert_eq!(lines[3], "1 equal, 1 differs, 0 refused, 0 not deterministic, 0 does not perform");
    }

    #[test]
    fn only_what_the_plugin_does_otherwise_is_a_failure() {
        let refused = |why: &str| (PathBuf::new(), Generation::Six, Verdict::Refused { why: why.into() });
        let failed = (PathBuf::new(), Generation::Six, Verdict::DoesNotPerform { why: String::new() });
        assert!(!is_well(&compared()) && !is_well(&[refused("")]));
        assert!(is_well(&[compared()[0].clone(), failed]));
    }

    #[test]
    fn json_names_the_piece_the_generation_and_the_verdict() {
        let comparison = Comparison {
            bundle: PathBuf::new(),
            generation: None,
            rate: 48_000,
            seconds: 10.0,
            limit: Duration::from_secs(1),
            seed: 7,
            notes: None,
        };
        let json = as_json(&comparison, Path::new("pieces"), &compared());
        assert_eq!((json["seed"].as_u64(), json["folder"].as_str()), (Some(7), Some("pieces")));
        let piece = &json["pieces"][1];
        assert_eq!((piece["piece"].as_str(), piece["generation"].as_u64()), (Some("b.csd"), Some(7)));
        assert_eq!((piece["verdict"].as_str(), piece["frame"].as_u64()), (Some("differs"), Some(5)));
    }

    #[test]
    fn the_generation_is_6_or_7() {
        assert_eq!(generation("6").unwrap(), Generation::Six);
        assert_eq!(generation("7").unwrap(), Generation::Seven);
        assert!(generation("5").is_err() && generation("seven").is_err());
    }

    #[test]
    fn pieces_are_found_at_any_depth() {
        let folder = tempfile::tempdir().unwrap();
        assert!(pieces_of(folder.path()).is_err());
        fs::create_dir_all(folder.path().join("deep/.git")).unwrap();
        for name in ["b.csd", "a.orc", "deep/A.CSD", "deep/.git/c.csd"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let (whole, found) = pieces_of(folder.path()).unwrap();
        assert_eq!(found, [whole.join("b.csd"), whole.join("deep/A.CSD")]);
        assert_eq!(pieces_of(&found[1]).unwrap().0, whole.join("deep"));
    }
}
