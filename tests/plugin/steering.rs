//! What steers the plugin: parameters, messages and the host, each at its frame. And recordings that tests of that
//! look at.

mod automation;
mod messages;
mod offline;
mod remote_control;
mod standing;

use std::path::Path;
use std::time::Duration;

use test_host::host::Event;

use crate::common::bench::{Bench, session, state_with};

/// The clock's place in a block from which it is past `seconds`.
fn past(heard: &[f32], seconds: f64) -> Option<usize> {
    heard.iter().position(|sample| f64::from(*sample) * 1000.0 > seconds)
}

fn recording_into(folder: &Path) -> Vec<u8> {
    state_with(&session(), |_, own| own["recording_folder"] = folder.to_str().into())
}

/// Records `events` into a file and gives what was heard since the first of them, and the file. A
/// recording stands by a while after what it is for has changed: until one is as `is_wanted` says,
/// this tries again.
fn take(
    bench: &mut Bench,
    folder: &Path,
    blocks: &[(usize, Vec<Event>)],
    is_wanted: impl Fn(&hound::WavReader<std::io::BufReader<std::fs::File>>) -> bool,
) -> (Vec<f32>, std::path::PathBuf) {
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(150));
        let mut heard = Vec::new();
        for (frames, events) in blocks {
            heard.extend_from_slice(&bench.block(*frames, events).output[0]);
        }
        bench.play(4800);
        for _ in 0..40 {
            std::thread::sleep(Duration::from_millis(50));
            let Some(file) = std::fs::read_dir(folder).unwrap().flatten().next() else { continue };
            let wanted = hound::WavReader::open(file.path()).is_ok_and(|reader| is_wanted(&reader));
            if wanted {
                return (heard, file.path());
            }
        }
        for file in std::fs::read_dir(folder).unwrap().flatten() {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    panic!("no recording was as wanted");
}
