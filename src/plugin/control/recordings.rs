//! Recordings off the audio thread: one stands by, its file is opened once it has begun, and how it ended is
//! told.

use std::path::Path;
use std::sync::atomic::Ordering;

use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::Piece;
use csound_performance::recorder::{self, Standby};
use csound_performance::{BitDepth, RecordState, Recording};

use crate::plugin::shared::link::Link;

/// See the module.
#[derive(Default)]
pub struct Recordings {
    /// The other end of the tap that stands by.
    standby: Option<Standby>,
    /// Why none could, as the console was told.
    refused: Option<String>,
    /// Those that were begun and have not ended, as far as was looked.
    begun: Vec<Recording>,
    /// Recordings that had nowhere to go, as far as was told.
    unready: u64,
}

impl Recordings {
    /// Keeps a recording standing by, once there is a folder for it, and opens the file of one that
    /// the audio thread has begun.
    pub fn keep_ready(&mut self, link: &Link, piece: Option<&Piece>) {
        self.report(link);
        let folder = link.lock().session.recording_folder.clone();
        if let (Some(standby), Some(folder)) = (self.standby.take_if(|standby| standby.is_begun()), &folder) {
            self.open(link, standby, folder, piece);
        }
        let unready = link.unready.load(Ordering::Relaxed);
        let before = std::mem::replace(&mut self.unready, unready);
        if unready > before && folder.is_none() {
            link.fail_recording("nothing is recorded: choose a folder for recordings first".to_owned());
        }
        let (Some(_), Some(format)) = (folder, link.shared.running_format()) else {
            return;
        };
        let (bits, buffers) = link.requests.recording();
        let Ok(depth) = BitDepth::from_bits(bits) else { return };
        let sound = format.sound();
        if let Some(standby) = &self.standby {
            // A tap that the audio thread has taken stays as it is, although it may not have begun.
            if standby.is_for(depth, buffers, sound) || link.standby.pop().is_none() {
                return;
            }
            self.standby = None;
        }
        match recorder::stand_by(depth, buffers, sound) {
            Ok((tap, standby)) => {
                drop(link.standby.force_push(Box::new(tap)));
                self.standby = Some(standby);
            }
            Err(error) => {
                let refused = error.to_string();
                if unready > before {
                    return link.fail_recording(refused);
                }
                if self.refused.replace(refused.clone()).is_none_or(|before| before != refused) {
                    link.log(vec![ConsoleLine::error(refused)]);
                }
            }
        }
    }

    /// Says how recordings ended, where they failed.
    fn report(&mut self, link: &Link) {
        let mut failed: Vec<String> = Vec::new();
        self.begun.retain(|recording| match recording.state() {
            RecordState::Recording | RecordState::Closing => true,
            RecordState::Closed => false,
            RecordState::Failed(reason) => {
                let path = recording.path().display();
                failed.push(format!("the recording {path} broke off: {reason}"));
                false
            }
        });
        failed.into_iter().for_each(|why| link.fail_recording(why));
    }

    /// Names the file after the piece, the date and the time.
    fn open(&mut self, link: &Link, standby: Standby, folder: &Path, piece: Option<&Piece>) {
        let piece = piece.map_or("recording", |piece| piece.name.as_str());
        let stem = Path::new(piece).file_stem().unwrap_or_default().to_string_lossy();
        let now = jiff::Zoned::now().strftime("%Y-%m-%d %H-%M-%S").to_string();
        let path = recorder::free_name(folder, &format!("{stem} {now}"));
        match standby.open(&path, false) {
            Ok(recording) => {
                link.log(vec![ConsoleLine::note(format!("recording into {}", path.display()))]);
                self.begun.push(recording.clone());
                link.performance().adopt_recording(recording);
            }
            Err(error) => {
                if !folder.is_dir() {
                    // The next press asks for another one.
                    link.lock().session.recording_folder.take_if(|known| known == folder);
                }
                link.fail_recording(format!("nothing is recorded: {error}"));
            }
        }
    }
}
