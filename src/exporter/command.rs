//! `csound-performer-engine export …`: from words to a request, and what came of it in words.

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::panic::catch_unwind;
use std::path::PathBuf;

use csound_export::Kind;
use csound_performance::engine::Abandoned;
use lexopt::prelude::*;

use super::installed::installed;
use super::making::export;
use super::request::{Done, Request};

const HELP: &str = "\
Makes a piece a plugin of its own: a folder with the CLAP, and a VST3 bundle

csound-performer-engine export PIECE -o FOLDER [options]

  PIECE                      a .csd, or an .orc with its .sco beside it
  -o, --out FOLDER           where the two folders go; it is made if it is not there
  --name NAME                the name in the DAW (the last export's, else the file's)
  --vendor VENDOR            who made it
  --id ID                    how DAWs know it for ever, such as org.example.bells
  --version VERSION          its version (1.0.0)
  --kind instrument|effect   whether it is played or is given sound
  --outputs N,N              channels of each output, such as 4 or 2,2,2 (as the piece's nchnls asks for)
  --inputs N,N               an effect's: channels of its input and of its sidechain, such as 2,2
  --with FILE                a file or folder that the piece reads, too; as often as you like
  --with-csound              Csound goes with it: it plays where none is installed
  --show-source              its editor shows the piece's text, console and permissions
  --picture PNG              a picture of it, for VST3 hosts
  --ids FILE                 where the ids of its parameters are kept (beside the piece)
  --rename OLD=NEW           the channel OLD of the last export is called NEW now; as often as you like
  --performance-parameters   the DAW sees play, record, and so on, as well
  --force                    replace an older export of the same id
";

/// Exports what the words say, which come from the engine program. The exit code: 0, or 1 if nothing was exported.
///
/// # Safety
/// `words` are so many strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn csound_performer_export(count: usize, words: *const *const c_char) -> c_int {
    let word = |index: usize| {
        // SAFETY: there are so many, by the caller's promise.
        let word = unsafe { CStr::from_ptr(*words.add(index)) };
        OsStr::from_bytes(word.to_bytes()).to_owned()
    };
    let words: Vec<OsString> = (0..count).map(word).collect();
    match catch_unwind(|| run(words)) {
        Ok(Ok(())) => 0,
        Ok(Err(why)) => {
            eprintln!("error: {why}");
            1
        }
        Err(_) => {
            eprintln!("error: Csound Performer failed while it exported; this is our fault");
            1
        }
    }
}

fn run(words: Vec<OsString>) -> Result<(), String> {
    let Some(request) = request(words).map_err(|error| format!("{error}. --help lists what there is"))?
    else {
        print!("{HELP}");
        return Ok(());
    };
    let given_up = Abandoned::default();
    give_up_when_asked(given_up.clone())?;
    let done = export(&request, &installed()?, &given_up, &mut |note| eprintln!("note: {note}"));
    // The engines hear a terminal's Ctrl-C as well, and how they end is not why.
    let why =
        |why| if given_up.is_abandoned() { "nothing was exported: it was given up".to_owned() } else { why };
    let done = done.map_err(why)?;
    print!("{}", told(&done));
    Ok(())
}

/// Ctrl-C, and whatever else asks the program to end, gives the export up, so that nothing of it stays; the second time
/// the program ends at once.
fn give_up_when_asked(given_up: Abandoned) -> Result<(), String> {
    let asked = move || {
        if given_up.is_abandoned() {
            std::process::exit(1);
        }
        given_up.abandon();
    };
    ctrlc::set_handler(asked).map_err(|error| format!("the system does not tell of Ctrl-C: {error}"))
}

/// What was exported, for people.
fn told(done: &Done) -> String {
    let Done { manifest, clap, vst3, .. } = done;
    let csound =
        manifest.generation.map_or(String::new(), |generation| format!(", Csound {}", u8::from(generation)));
    let names: Vec<_> = manifest.parameters.iter().map(|parameter| parameter.channel.as_str()).collect();
    let parameters = if names.is_empty() { "none of its own".to_owned() } else { names.join(", ") };
    format!(
        "exported {} {} ({}{csound})\nparameters: {parameters}\n{}\nCLAP: {}\nVST3: {}\n\
         Copy them into your folders for CLAP and VST3 (~/.clap, ~/.vst3), and let your DAW scan its plugins again.\n",
        manifest.name,
        manifest.version,
        manifest.id,
        done.needs(),
        clap.display(),
        vst3.display()
    )
}

/// What the words ask for; none where they ask for help.
fn request(words: Vec<OsString>) -> Result<Option<Request>, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(words);
    let (mut request, mut piece, mut out) = (Request::default(), None::<PathBuf>, None::<PathBuf>);
    while let Some(word) = parser.next()? {
        match word {
            Short('h') | Long("help") => return Ok(None),
            Short('o') | Long("out") => out = Some(parser.value()?.into()),
            Long("name") => request.name = Some(parser.value()?.string()?),
            Long("vendor") => request.vendor = Some(parser.value()?.string()?),
            Long("id") => request.id = Some(parser.value()?.string()?),
            Long("version") => request.version = Some(parser.value()?.string()?),
            Long("kind") => request.kind = Some(parser.value()?.parse_with(kind)?),
            Long("inputs") => request.inputs = parser.value()?.parse_with(widths)?,
            Long("outputs") => request.outputs = parser.value()?.parse_with(widths)?,
            Long("with") => request.with.push(parser.value()?.into()),
            Long("with-csound") => request.with_csound = true,
            Long("show-source") => request.show_source = true,
            Long("picture") => request.picture = Some(parser.value()?.into()),
            Long("ids") => request.ids = Some(parser.value()?.into()),
            Long("rename") => request.renames.push(parser.value()?.parse_with(rename)?),
            Long("performance-parameters") => request.performance_parameters = true,
            Long("force") => request.force = true,
            Value(path) if piece.is_none() => piece = Some(path.into()),
            other => return Err(other.unexpected()),
        }
    }
    let missing = |what: &str| lexopt::Error::from(what.to_owned());
    // As a variable of a script is that was never set.
    let named = |path: &PathBuf| !path.as_os_str().is_empty();
    let (piece, out) = (piece.filter(named), out.filter(named));
    request.piece = piece.ok_or_else(|| missing("name the piece that is to be exported"))?;
    request.out = out.ok_or_else(|| missing("name the folder for the plugin by -o FOLDER"))?;
    Ok(Some(request))
}

fn kind(word: &str) -> Result<Kind, String> {
    match word {
        "instrument" => Ok(Kind::Instrument),
        "effect" => Ok(Kind::Effect),
        _ => Err("a plugin is an instrument or an effect".into()),
    }
}

/// The old name and the new one.
fn rename(words: &str) -> Result<(String, String), String> {
    let names = words.split_once('=').map(|(old, new)| (old.trim(), new.trim()));
    match names {
        Some((old, new)) if !old.is_empty() && !new.is_empty() && old != new => {
            Ok((old.to_owned(), new.to_owned()))
        }
        _ => Err(format!("{words:?} is no old and new name of a channel, such as cutoff=frequency")),
    }
}

/// The channels of buses.
fn widths(words: &str) -> Result<Vec<u32>, String> {
    let width = |word: &str| word.trim().parse().ok();
    let widths: Option<Vec<u32>> = words.split(',').map(width).collect();
    widths.ok_or_else(|| format!("{words:?} are no numbers of channels, such as 2,2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Option<Request>, String> {
        request(words.iter().map(OsString::from).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn words_become_a_request_or_are_refused_with_what_is_wrong() {
        let request = of(&["--kind", "effect", "a.csd", "-o", "out", "--with=x", "--with", "y", "--force"])
            .unwrap()
            .unwrap();
        assert_eq!((request.kind, request.force), (Some(Kind::Effect), true));
        assert_eq!(request.with, [PathBuf::from("x"), PathBuf::from("y")]);
        assert_eq!(of(&["a.csd", "-o", "out", "--outputs", "2, 2"]).unwrap().unwrap().outputs, [2, 2]);
        assert_eq!(of(&["--help"]), Ok(None));
        for (words, why) in [
            (&["a.csd"][..], "-o FOLDER"),
            (&["-o", "out"], "name the piece"),
            (&["", "-o", "out"], "name the piece"),
            (&["a.csd", "-o", ""], "-o FOLDER"),
            (&["a.csd", "b.csd", "-o", "out"], "b.csd"),
            (&["a.csd", "-o", "out", "--kind", "drum"], "an instrument or an effect"),
            (&["a.csd", "-o", "out", "--nonsense"], "--nonsense"),
            (&["a.csd", "-o", "out", "--outputs", "2,"], "such as 2,2"),
            (&["a.csd", "-o", "out", "--rename", "cutoff"], "such as cutoff=frequency"),
            (&["a.csd", "-o", "out", "--rename", "=new"], "such as cutoff=frequency"),
            (&["a.csd", "-o"], "-o"),
        ] {
            let told = of(words).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
