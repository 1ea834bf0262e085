//! Exported pieces, put together by hand: found, played, automated, saved and opened again, beside each other and
//! beside the plugin that takes any piece, in one host.

mod bare;
mod buses;
mod choices;
mod clap;
mod damaged;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod effect;
mod either;
mod exporter;
mod faults;
mod together;
mod versions;
mod vst3;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_host::bundle::{Bundle, ENGINE, dev_bundle};
use test_host::compare::oracle;
use test_host::testing::generation;

use crate::common::csd;

/// An export in a folder of its own, which goes with it.
struct Export {
    _folder: TempDir,
    /// The CLAP's folder.
    clap: PathBuf,
    /// The bundle.
    vst3: PathBuf,
}

/// The manifest of a piece with these parameters.
fn manifest(name: &str, kind: &str, parameters: Value) -> Value {
    json!({
        "csound_performer_export": 1, "name": name, "vendor": "Anna", "version": "1.2.3",
        "id": format!("org.example.{}", name.to_lowercase().replace(' ', "-")),
        "kind": kind, "features": ["stereo"], "piece": "piece.csd", "parameters": parameters,
    })
}

/// Writes whatever lies beside the library: the manifest, and the files.
fn put(folder: &Path, manifest: &str, files: &[(&str, &str)]) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("plugin.json"), manifest).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
}

impl Export {
    /// In both formats.
    fn new(name: &str, manifest: &str, files: &[(&str, &str)]) -> Self {
        let Bundle { clap, vst3 } = dev_bundle().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let clap_folder = folder.path().join(name);
        put(&clap_folder, manifest, files);
        fs::copy(&clap, clap_folder.join(format!("{name}.clap"))).unwrap();
        let engine = clap.with_file_name(ENGINE);
        fs::copy(&engine, clap_folder.join(ENGINE)).unwrap();
        let bundle = folder.path().join(format!("{name}.vst3"));
        let contents = bundle.join("Contents");
        put(&contents.join("Resources"), manifest, files);
        let programs = contents.join("x86_64-linux");
        fs::create_dir_all(&programs).unwrap();
        fs::copy(crate::common::vst3::program(&vst3), programs.join(format!("{name}.so"))).unwrap();
        fs::copy(&engine, programs.join(ENGINE)).unwrap();
        Self { _folder: folder, clap: clap_folder.join(format!("{name}.clap")), vst3: bundle }
    }
}

/// The first channel of what the csound command renders of a piece in a folder.
fn reference(folder: &Path) -> Vec<f32> {
    let out = folder.join("reference.wav");
    let mut command = oracle::command(generation(), 48_000, &out).unwrap();
    let rendered = command.arg("piece.csd").current_dir(folder).output().unwrap();
    assert!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
    let mut reference = hound::WavReader::open(out).unwrap();
    reference.samples::<f32>().step_by(2).map(Result::unwrap).collect()
}

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// An instrument that reads a file of its folder, and two channels whose ids the shell would take for one.
fn bells() -> Export {
    let body = "giwave ftgen 1, 0, 16, -23, \"values.txt\"\n\
        chn_k \"oscaa\", 1, 2, 0, 0, 2\nchn_k \"oscbB\", 1, 2, 0, 0, 2\n\
        instr 1\nkone chnget \"oscaa\"\nktwo chnget \"oscbB\"\nkstep chnget \"wave\"\n\
        a1 oscili 0.25, 440, 1\naone upsamp kone\natwo upsamp ktwo + 100 * kstep\n\
        outs a1 + aone, atwo\nendin\n";
    let text = csd("", HEADER, body, "i 1 0 1");
    let parameters = json!([
        { "key": 3, "channel": "oscaa", "module": "Osc/One", "range": { "max": 2, "unit": "Hz" } },
        { "key": 1, "channel": "oscbB", "module": "/Osc//Two/", "range": { "max": 2 } },
        { "key": 7, "channel": "wave", "name": "W\u{e4}ve \u{1d11e}",
          "range": { "kind": "items", "max": 2, "items": ["saw", "square", "sine"] } },
    ]);
    let mut manifest = manifest("Bells", "instrument", parameters);
    manifest["retired"] = json!([{ "key": 2, "channel": "old" }]);
    let values = "0 0.3 0.7 0.9 1 0.9 0.7 0.3 0 -0.3 -0.7 -0.9 -1 -0.9 -0.7 -0.3\n";
    Export::new("Bells", &manifest.to_string(), &[("piece.csd", &text), ("values.txt", values)])
}

/// An effect that gives half of what it hears.
fn half() -> Export {
    let body = "instr 1\nkgain chnget \"level\"\na1, a2 ins\nouts a1 * kgain, a2 * kgain\nendin\n";
    let text = csd("", HEADER, body, "i 1 0 3600");
    let parameters = json!([{ "key": 1, "channel": "level", "range": { "max": 1, "default": 0.5 } }]);
    // Its piece reads the channel only; the export says where it begins.
    let text = text.replace("instr 1\n", "chn_k \"level\", 1, 2, 0.5, 0, 1\ninstr 1\n");
    Export::new("Half", &manifest("Half", "effect", parameters).to_string(), &[("piece.csd", &text)])
}
