//! A host with an instance whose present piece plays, in the tests of what is heard over that.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nice_assert_no_alloc::assert_no_alloc;
use nice_plug::context::process::SendEventError;
use test_host::testing::csd;

use crate::catalogue::Opens;
use crate::editor::model::{Action, Backend, View};
use crate::plugin::backend::InstanceBackend;
use crate::plugin::*;
use crate::preview::{Preview, Stands};

pub const BLOCK: usize = 512;

pub const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// What the host tells and hears.
struct Context(Transport);

impl ProcessContext<Instrument> for Context {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    fn execute_background(&self, (): ()) {}

    fn execute_gui(&self, (): ()) {}

    fn transport(&self) -> &Transport {
        &self.0
    }

    fn next_event(&mut self) -> Option<NoteEvent<SysEx>> {
        None
    }

    fn try_send_event(&mut self, _: NoteEvent<SysEx>) -> Result<(), (NoteEvent<SysEx>, SendEventError)> {
        Ok(())
    }

    fn set_latency_samples(&self, _: u32) {}

    fn request_restart(&self) {}

    fn set_current_voice_capacity(&self, _: u32) {}
}

impl ActivateContext<Instrument> for Context {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    fn execute(&self, (): ()) {}

    fn set_latency_samples(&self, _: u32) {}

    fn set_current_voice_capacity(&self, _: u32) {}
}

/// An instance whose present piece performs in this process, where no block of it comes too late.
pub struct Daw {
    pub core: Core,
    pub desk: InstanceBackend,
    context: Context,
    pub view: View,
    folder: tempfile::TempDir,
    pub heard: Vec<f32>,
    pub status: ProcessStatus,
}

/// The present piece: no two of its frames are alike. It knows a channel `mine`.
fn present() -> String {
    csd(
        "",
        HEADER,
        "instr 1\nkmine chnget \"mine\"\na1 oscili 0.2, 221\na2 rand 0.05, 0.3\nouts a1 + a2, a1\nendin\n",
        "i 1 0 1000",
    )
}

/// A piece that plays a level.
pub fn level(level: &str, seconds: u32) -> String {
    csd(
        "",
        HEADER,
        &format!("instr 1\naout = {level}\nouts aout, aout\nendin\n"),
        &format!("i 1 0 {seconds}"),
    )
}

impl Daw {
    pub fn new(offline: bool) -> Self {
        test_host::bundle::refresh_engine().unwrap();
        let core = Core::new(false);
        let desk = InstanceBackend::new(Arc::clone(&core.control), Arc::clone(&core.params));
        let folder = tempfile::tempdir().unwrap();
        let mut daw = Self {
            core,
            desk,
            context: Context(Transport::new(48_000.0)),
            view: View::default(),
            folder,
            heard: Vec::new(),
            status: ProcessStatus::Normal,
        };
        let path = daw.write("present.csd", &present());
        daw.core.control.start();
        daw.desk.act(Action::Open(path));
        daw.wait("it is read", |daw| daw.core.link.session().piece.is_some());
        daw.activate(offline);
        daw.wait("it is built", |daw| !daw.core.link.arrivals.is_empty() || daw.core.blocks.has_engine());
        daw
    }

    pub fn activate(&mut self, offline: bool) {
        let process_mode = if offline { ProcessMode::Offline } else { ProcessMode::Realtime };
        let config = BufferConfig {
            sample_rate: 48_000.0,
            min_buffer_size: None,
            max_buffer_size: BLOCK as u32,
            process_mode,
        };
        assert!(self.core.activate::<Instrument>(&layouts::INSTRUMENT[0], &config, &mut self.context));
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn wait(&mut self, what: &str, there: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !there(self) {
            assert!(began.elapsed() < Duration::from_secs(20), "{what}: {:?}", self.core.link.console());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A block, in which nothing is allocated or freed.
    pub fn block(&mut self) -> [Vec<f32>; 2] {
        let (mut left, mut right) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
        let mut buffer = Buffer::default();
        // SAFETY: both slices have as many frames as are said, and outlive the buffer.
        unsafe { buffer.set_slices(BLOCK, |slices| *slices = vec![&mut left[..], &mut right[..]]) };
        let mut aux = AuxiliaryBuffers { inputs: &mut [], outputs: &mut [] };
        let Self { core, context, .. } = self;
        let status = assert_no_alloc(|| core.process::<Instrument>(&mut buffer, &mut aux, context));
        drop(buffer);
        self.status = status;
        self.heard.extend_from_slice(&left);
        [left, right]
    }

    /// A block in its time.
    pub fn play(&mut self) {
        self.block();
        self.desk.fill(&mut self.view);
        std::thread::sleep(Duration::from_secs_f64(BLOCK as f64 / 48_000.0));
    }

    pub fn until(&mut self, what: &str, there: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !there(self) {
            assert!(began.elapsed() < Duration::from_secs(30), "{what}: {:?}", self.view.preview);
            self.play();
        }
    }

    pub fn preview(&mut self, path: &Path) {
        self.desk.act(Action::Preview(Opens::File(path.to_owned())));
        self.desk.fill(&mut self.view);
        assert!(self.view.preview.as_ref().is_some_and(|preview| preview.stands == Stands::Starting));
    }

    /// Previews a piece of this text until it is heard.
    pub fn hear(&mut self, name: &str, text: &str) -> PathBuf {
        let path = self.write(name, text);
        self.preview(&path);
        self.until("it is heard", Self::is_heard);
        path
    }

    pub fn is_heard(&self) -> bool {
        let is_heard =
            |preview: &Preview| matches!(preview.stands, Stands::Heard { seconds, .. } if seconds > 0.0);
        self.view.preview.as_ref().is_some_and(is_heard)
    }

    /// What is wrong with a preview that is over.
    pub fn trouble_of(&mut self, text: &str) -> String {
        let path = self.write("trouble.csd", text);
        self.preview(&path);
        self.until("it is over", |daw| {
            daw.view.preview.as_ref().is_some_and(|preview| preview.stands == Stands::Over)
        });
        self.view.preview.as_ref().and_then(|preview| preview.trouble.clone()).unwrap()
    }

    pub fn is_over(&self) -> bool {
        !self.core.preview.is_heard() && self.view.preview.is_none()
    }

    /// What was heard beside the present piece, which is to be as it is alone.
    pub fn beside(&self) -> Vec<f32> {
        let mut alone = Self::new(true);
        while alone.heard.len() < self.heard.len() {
            alone.block();
        }
        self.heard
            .iter()
            .zip(&alone.heard)
            .map(|(heard, alone)| if heard == alone { 0.0 } else { heard - alone })
            .collect()
    }
}
