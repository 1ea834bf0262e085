//! The caller's end of a recording: starts the recorder thread, reads how it goes, closes the file.

use std::fs;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::error::{BitDepth, RecordError, create_error};
use super::file::{check_path, create};
use super::link::Link;
use super::plan::Standby;
use super::writer::Recorder;

/// At most 15 bytes, or Linux cuts it.
const THREAD_NAME: &str = "csound recorder";

/// The state of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// It takes frames.
    Recording,
    /// It takes no more frames; those it has are being written.
    Closing,
    /// The file is complete.
    Closed,
    /// It ended early, for this reason. The file plays up to
    /// [`frames_written`](Recording::frames_written).
    Failed(String),
}

/// The caller's end of a recording: a handle to read it and to close it. When the last clone is
/// dropped, the file is closed as by [`close_now`](Self::close_now) and the recorder thread is
/// waited for, since a plugin may be unloaded afterwards: keep it until the performing thread has
/// finished if the last frame matters. Dropping it is not for a realtime thread.
#[derive(Clone)]
pub struct Recording {
    pub(super) group: Arc<Group>,
}

impl Recording {
    /// The file, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.group.path
    }

    /// The format of the samples.
    pub fn depth(&self) -> BitDepth {
        self.group.depth
    }

    /// Channels of the file.
    pub fn channels(&self) -> usize {
        self.group.channels
    }

    /// Frames a second.
    pub fn sample_rate(&self) -> u32 {
        self.group.sample_rate
    }

    /// Frames that the recorder thread has written. Exact once the recording has ended; after a
    /// failure, the frames that the file's header speaks of.
    pub fn frames_written(&self) -> u64 {
        // Relaxed, as are the lost ones: readings. Who has seen the end has seen it under the
        // mutex, and so sees the last of them.
        self.group.link.written.load(Ordering::Relaxed)
    }

    /// Frames that did not come into the file although they were performed before the recording
    /// ended: the ring was full, or the disk failed with them in it.
    pub fn frames_lost(&self) -> u64 {
        self.group.link.lost.load(Ordering::Relaxed)
    }

    /// The length of the file by now, in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames_written() as f64 / f64::from(self.group.sample_rate)
    }

    /// The state of the recording.
    pub fn state(&self) -> RecordState {
        let link = &self.group.link;
        // The end first: it sets `closing` too, so the other order could show "closing" only.
        match &*link.lock_end() {
            Some(Ok(())) => RecordState::Closed,
            Some(Err(reason)) => RecordState::Failed(reason.clone()),
            None if link.is_ending() => RecordState::Closing,
            None => RecordState::Recording,
        }
    }

    /// Succeeds if the recording went well so far, or to its end.
    ///
    /// # Errors
    /// [`RecordError::Ended`] if it ended early: the disk failed, or the file was full.
    pub fn result(&self) -> Result<(), RecordError> {
        match self.state() {
            RecordState::Failed(reason) => Err(RecordError::Ended { path: self.group.path.clone(), reason }),
            RecordState::Recording | RecordState::Closing | RecordState::Closed => Ok(()),
        }
    }

    /// Has the recorder thread write what is in the ring and close the file, although the
    /// performing thread has not finished it (a host that does not process). What is performed from
    /// now on is ignored. Does not wait.
    pub fn close_now(&self) {
        self.group.close_now();
    }

    /// Waits until the file is closed or the recording has failed, `timeout` at most. True if it came
    /// to that.
    pub fn wait_closed(&self, timeout: Duration) -> bool {
        let link = &self.group.link;
        let (end, _) = link
            .ended
            .wait_timeout_while(link.lock_end(), timeout, |end| end.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        end.is_some()
    }
}

/// The one thing behind all clones of a [`Recording`]. Owns the recorder thread.
pub(super) struct Group {
    pub(super) link: Arc<Link>,
    path: PathBuf,
    depth: BitDepth,
    channels: usize,
    sample_rate: u32,
    pub(super) thread: Option<JoinHandle<()>>,
}

impl Group {
    fn close_now(&self) {
        // Release: frames that the caller knows to be written are in the ring for whoever sees the
        // flag.
        self.link.closing.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.close_now();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was caught and reported there.
            let _ = thread.join();
        }
    }
}

/// The file of a recording that stands by.
impl Standby {
    /// Opens the file for what waits and what is to come. As for [`open`](super::open), an existing file is
    /// overwritten only if asked, and then as a whole. Not for a realtime thread.
    ///
    /// # Errors
    /// A [`RecordError`]; nothing was created or overwritten, and the tap writes into nothing.
    pub fn open(self, path: &Path, overwrite: bool) -> Result<Recording, RecordError> {
        let link = Arc::clone(&self.link);
        let opened = self.open_file(path, overwrite);
        if let Err(error) = &opened {
            link.end(Err(error.to_string()));
        }
        opened
    }

    fn open_file(self, path: &Path, overwrite: bool) -> Result<Recording, RecordError> {
        let path = check_path(path)?;
        let new = create(&path, overwrite)?;
        let opened = start(new.file, path.clone(), self).and_then(|recording| match &new.replaces {
            None => Ok(recording),
            Some(old) => match fs::rename(&new.at, old) {
                Ok(()) => Ok(recording),
                Err(error) => Err(create_error(path, error)),
            },
        });
        if opened.is_err() {
            // The error that is reported matters more than one of the tidying.
            let _ = fs::remove_file(&new.at);
        }
        opened
    }
}

pub(super) fn start<W>(file: W, path: PathBuf, standby: Standby) -> Result<Recording, RecordError>
where
    W: Write + Seek + Send + 'static,
{
    let plan = standby.plan;
    let link = Arc::clone(&standby.link);
    let recorder = match Recorder::new(file, standby) {
        Ok(recorder) => recorder,
        Err(source) => return Err(RecordError::Create { path, source }),
    };
    let thread = match thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(|| recorder.guarded()) {
        Ok(thread) => thread,
        Err(source) => return Err(RecordError::Thread { path, source }),
    };
    let group = Group {
        link,
        path,
        depth: plan.depth,
        channels: plan.channels,
        sample_rate: plan.sample_rate,
        thread: Some(thread),
    };
    Ok(Recording { group: Arc::new(group) })
}
