//! On a system on which nothing is installed: no Csound, no compiler, no network, nothing of our source. Only the
//! plugin's own files, glibc and libgcc_s.

use std::fs;
use std::process::Output;

use csound_library::installed;
use csound_portable::{Packages, Place, put};
use test_host::bundle::{ENGINE, dev_bundle};
use test_host::host::Host;

use super::clap::{begun, heard};
use super::exporter::{VALUES, bells};
use super::reference;
use crate::common::bare::{Bare, is_inside};
use crate::common::{csound_is_missing, generation, libcsound_is_missing};
use crate::error_of;

const FRAMES: usize = 24_000;
const ID: &str = "org.example.b";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A bare root with the plugin installed, with Csound inside it or without, and a piece.
fn installed_in_a_bare_root(with_csound: bool) -> Option<Bare> {
    let bare = Bare::new()?;
    let clap = dev_bundle().unwrap().clap;
    bare.put(&clap, "installed/Csound Performer.clap");
    bare.put(&clap.with_file_name(ENGINE), &format!("installed/{ENGINE}"));
    bare.needs_of(&clap);
    bare.needs_of(&clap.with_file_name(ENGINE));
    if with_csound {
        let found = installed().into_iter().find(|found| found.generation == generation()).unwrap();
        put(&found, &Place::system(), &Packages::system(), &bare.at("installed"), &|| false).unwrap();
    }
    for (name, text) in [
        ("piece.csd", bells("chn_k \"oscbB\", 1, 2, 0, 0, 2").as_str()),
        ("lib/more.inc", "giwave ftgen 1, 0, 16, -23, \"lib/values.txt\"\n"),
        ("lib/values.txt", VALUES),
        ("part1.txt", VALUES),
    ] {
        let file = bare.at("piece").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    Some(bare)
}

fn export(bare: &Bare, words: &[&str]) -> Output {
    let mut command = bare.command(&format!("/installed/{ENGINE}"));
    command.args(["export", "/piece/piece.csd", "-o", "/out", "--name", "Bells", "--id", ID]).args(words);
    command.output().unwrap()
}

/// The first channel, and what the plugin says is wrong, of the export in a bare root.
fn plays(bare: &Bare) -> (Vec<f32>, String) {
    let output = bare.test("exports::bare::in_a_bare_root_an_export_is_played_by_the_tests_host");
    assert!(output.status.success(), "{}", said(&output));
    let samples = fs::read(bare.at("heard")).unwrap();
    let samples =
        samples.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    (samples, fs::read_to_string(bare.at("error")).unwrap())
}

/// Only in there; what it hears it leaves in files.
#[test]
fn in_a_bare_root_an_export_is_played_by_the_tests_host() {
    if !is_inside() {
        return;
    }
    let mut instance = begun(&Host::load("/out/Bells/Bells.clap").unwrap(), ID);
    let heard = heard(&mut instance, FRAMES, &[]);
    let bytes: Vec<u8> = heard[0].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    fs::write("/heard", bytes).unwrap();
    fs::write("/error", error_of(&mut instance).unwrap_or_default()).unwrap();
}

#[test]
fn an_export_with_csound_inside_is_made_and_plays_where_nothing_is_installed_as_the_csound_command_does() {
    if libcsound_is_missing() || csound_is_missing() {
        return;
    }
    let Some(bare) = installed_in_a_bare_root(true) else { return };
    let output = export(&bare, &["--with-csound"]);
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("Csound is inside; the system needs glibc 2."), "{told}");
    assert!(told.contains("SOURCES.txt"), "{told}");
    let folder = format!("csound{}", generation().number());
    for place in ["out/Bells", "out/Bells.vst3/Contents/x86_64-linux"] {
        for file in ["SOURCES.txt", "libraries.txt", "licences"] {
            assert!(bare.at(&format!("{place}/{folder}/{file}")).exists(), "{place}: {file}");
        }
    }
    // Nothing of where it was made is needed.
    fs::remove_dir_all(bare.at("installed")).unwrap();
    let piece = bare.at("piece");
    fs::write(piece.join("piece.csd"), bells("").replace("i 1 0 3600", "i 1 0 1")).unwrap();
    let expected = reference(&piece);
    fs::remove_dir_all(&piece).unwrap();
    let (heard, error) = plays(&bare);
    assert_eq!(error, "");
    assert_eq!(heard[31..], expected[..FRAMES - 31]);
    assert!(heard.iter().any(|sample| sample.abs() > 0.1));

    // Without it: silence, and words.
    fs::remove_dir_all(bare.at("out/Bells").join(folder)).unwrap();
    let (heard, error) = plays(&bare);
    assert!(heard.iter().all(|sample| *sample == 0.0));
    let name = generation().to_string();
    assert!(error.contains(&format!("{name} was not found")) && error.contains("Install it"), "{error}");
}

#[test]
fn where_the_only_csound_is_inside_the_plugin_it_goes_with_the_export_unasked() {
    if libcsound_is_missing() {
        return;
    }
    let Some(bare) = installed_in_a_bare_root(true) else { return };
    let output = export(&bare, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("Csound is inside"), "{}", said(&output));
}

#[test]
fn without_any_csound_an_export_is_refused_with_what_to_install() {
    let Some(bare) = installed_in_a_bare_root(false) else { return };
    let output = export(&bare, &["--with-csound"]);
    let told = said(&output);
    assert!(!output.status.success() && !bare.at("out").exists(), "{told}");
    assert!(told.contains("there is no Csound here") && told.contains("Install it"), "{told}");
}
