//! The editor's backend over an instance without a host.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use csound_performance::blocks::Blocks;
use csound_performance::engine::framing::Timing;
use csound_performer::editor::model::{Backend, View};
use csound_performer::permission::Permission;
use csound_performer::plugin::audio::preview::PreviewMixer;
use csound_performer::plugin::audio::steering::Steering;
use csound_performer::plugin::audio::sysex::SysEx;
use csound_performer::plugin::audio::transport::HostBlock;
use csound_performer::plugin::backend::InstanceBackend;
use csound_performer::plugin::control::Control;
use csound_performer::plugin::params::PerformerParams;
use csound_performer::plugin::session::{self, SavedPiece, Session};
use csound_performer::plugin::shared::link::Link;
use csound_performer::plugin::shared::locked::HostFormat;
use nice_plug::context::gui::{GuiContext, GuiContextInner};
use nice_plug::prelude::{BoolParam, NoteEvent, ParamPtr, PluginApi, PluginState};

use crate::common::{csd, libcsound_is_missing};

pub const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// An instance without a host: its control thread, and blocks that the test performs.
pub struct Bench {
    pub link: Arc<Link>,
    pub desk: Arc<InstanceBackend>,
    pub params: Arc<PerformerParams>,
    pub steering: Steering,
    pub offline: bool,
    pub blocks: Blocks,
    pub preview: PreviewMixer,
    pub host: HostBlock,
    pub view: View,
}

/// A host that sets what it is asked to set.
struct Host;

impl GuiContextInner for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }

    unsafe fn raw_begin_set_parameter(&self, _: ParamPtr) {}

    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        // SAFETY: the caller's parameters live as long as its backend.
        unsafe { param._internal_set_normalized_value(normalized) };
    }

    unsafe fn raw_end_set_parameter(&self, _: ParamPtr) {}

    fn get_state(&self) -> PluginState {
        unreachable!("the editor asks for no state")
    }

    fn set_state(&self, _: PluginState) {}

    fn request_restart(&self) {}
}

impl Bench {
    /// The host moves a switch of its own.
    pub fn set_in_host(&self, param: impl Fn(&PerformerParams) -> &BoolParam, on: bool) {
        let host = GuiContext::new(Arc::new(Host));
        host.param_setter().set_parameter(param(&self.params), on);
    }

    /// Opens an editor's window in a host that sets parameters.
    pub fn open_window(&self) {
        self.desk.opened(GuiContext::new(Arc::new(Host)));
    }

    pub fn new() -> Self {
        Self::of(Link::default())
    }

    pub fn of(link: Link) -> Self {
        let link = Arc::new(link);
        let params = Arc::new(PerformerParams::new(Arc::clone(&link)));
        test_host::bundle::refresh_engine().unwrap();
        let control = Arc::new(Control::new(Arc::clone(&link)));
        assert!(control.start());
        let format = HostFormat { sample_rate: 48_000.0, largest: 512, outputs: 2 };
        link.activate(format, params.start_options(), false);
        let mut blocks = Blocks::new(Arc::clone(&link.shared), Arc::clone(&link.arrivals));
        blocks.activate(48_000.0, 512, Timing::Exact);
        let desk = Arc::new(InstanceBackend::new(control, Arc::clone(&params)));
        let steering = Steering::new(Arc::clone(&link));
        let host = HostBlock { frames: 512, sample_rate: 48_000.0, ..HostBlock::default() };
        Self {
            link,
            desk,
            params,
            steering,
            offline: true,
            blocks,
            preview: PreviewMixer::default(),
            host,
            view: View::default(),
        }
    }

    pub fn play(&mut self) -> Vec<f32> {
        self.play_with(&[])
    }

    /// A block with these events of the host's.
    pub fn play_with(&mut self, events: &[NoteEvent<SysEx>]) -> Vec<f32> {
        let [left, _] = self.perform(events);
        left
    }

    pub fn perform(&mut self, events: &[NoteEvent<SysEx>]) -> [Vec<f32>; 2] {
        let (mut left, mut right) = (vec![0.0; 512], vec![0.0; 512]);
        if !self.blocks.has_engine() {
            self.blocks.activate(48_000.0, 512, Timing::Exact);
        }
        let wishes = self.params.wishes();
        self.steering.before_block(&wishes);
        self.link.requests.set_options(self.params.start_options());
        let mut block = self.blocks.begin(512, self.offline);
        self.steering.block(&mut block, &wishes, &self.host, events, PluginApi::Clap);
        let output: &mut [&mut [f32]] = &mut [&mut left, &mut right];
        block.finish(output);
        // The blocks wait for their engine; the host's clock goes on.
        self.preview.mix(&self.link.previews, output, 512, false);
        self.link.taps.take(output, 512, 48_000.0, Duration::ZERO);
        [left, right]
    }

    /// Plays and looks until the view shows it.
    pub fn until(&mut self, what: &str, there: impl Fn(&View, &[f32]) -> bool) {
        let began = Instant::now();
        loop {
            let heard = self.play();
            self.desk.follow();
            self.desk.fill(&mut self.view);
            if there(&self.view, &heard) {
                return;
            }
            let said = || self.link.console().into_iter().map(|line| line.text).collect::<Vec<_>>();
            assert!(began.elapsed() < Duration::from_secs(40), "{what}: {:?}, {:?}", self.view.state, said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Runs the test in a process of its own whose configuration is empty.
pub fn alone(test: &str) -> bool {
    if libcsound_is_missing() {
        return false;
    }
    let home = tempfile::tempdir().unwrap();
    crate::common::alone(test, "XDG_CONFIG_HOME", home.path().to_str().unwrap())
}

/// The same on a machine whose Csounds these are, as [`VARIABLE`](csound_library::VARIABLE)
/// takes them.
pub fn alone_with_csounds(test: &str, csounds: Option<std::ffi::OsString>) -> bool {
    let Some(csounds) = csounds.filter(|_| !libcsound_is_missing()) else { return false };
    let home = tempfile::tempdir().unwrap();
    let environment = [("XDG_CONFIG_HOME", home.path().as_os_str()), (csound_library::VARIABLE, &csounds)];
    test_host::testing::alone_with(test, &environment)
}

pub fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Whether the view shows that the piece may do this.
pub fn may(view: &View, permission: &Permission) -> bool {
    view.isolation.permissions.iter().any(|shown| shown.granted && shown.permission == *permission)
}

/// A piece that plays a level.
pub fn level(level: &str) -> String {
    csd("", HEADER, &format!("instr 1\nouts a({level}), a({level})\nendin\n"), "i 1 0 1000")
}

/// The state of a host whose session has this piece in this folder.
pub fn session_of(name: &str, folder: &Path, text: &str) -> std::collections::BTreeMap<String, String> {
    let source = csound_performance::engine::piece::Source::Csd(text.to_owned());
    let piece = csound_performance::engine::piece::Piece {
        name: name.to_owned(),
        source,
        folder: Some(folder.to_owned()),
    };
    let session = Session { piece: Some(SavedPiece::from(&piece)), ..Session::default() };
    [(session::FIELD.to_owned(), session.write())].into()
}

pub fn dirs_of_config() -> std::path::PathBuf {
    std::env::var_os("XDG_CONFIG_HOME").unwrap().into()
}
