//! An instance in the VST3 host, on the thread that made it, and what the host is told by it.

use std::cell::RefCell;
use std::sync::Mutex;
use std::thread::ThreadId;

use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, IAudioProcessor, IAudioProcessorTrait, IComponent,
    IComponentHandler, IComponentHandlerTrait, IComponentTrait, IEditController, IEditControllerTrait,
    IUnitInfo, IUnitInfoTrait, ParamID, ParamValue, ParameterInfo, ProcessData, ProcessModes_, ProcessSetup,
    UnitInfo,
};
use vst3::Steinberg::{
    FUnknown, IBStream, IPlugFrame, IPlugView, IPlugViewTrait, IPluginBaseTrait, IPluginFactory3,
    IPluginFactory3Trait, int32, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComWrapper};

use super::module::{Module, wide};
use super::run_loop::Loop;
use super::stream::Stream;

/// The largest block.
pub const LARGEST: usize = 512;

/// What an instance says of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub id: u32,
    pub title: String,
    pub units: String,
    pub steps: i32,
    pub default: f64,
    pub flags: i32,
    pub unit: i32,
}

/// How a host performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    RealTime,
    Offline,
}

impl Mode {
    fn number(self) -> i32 {
        let mode = match self {
            Self::RealTime => ProcessModes_::kRealtime,
            Self::Offline => ProcessModes_::kOffline,
        };
        mode as i32
    }
}

/// Where an instance finds a run loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// The host has none.
    Nothing,
    /// The factory is told of it.
    Factory,
    /// The instance is.
    Instance,
    /// The instance is, and while it registers there the host opens an editor whose frame has a run loop as well.
    InstanceAndCallsBack,
    /// An editor's frame is.
    Frame,
}

/// What the host is told by an instance.
#[derive(Default)]
struct Handler {
    /// From whatever thread.
    told: Mutex<Vec<(i32, ThreadId)>>,
    /// The instance, to be asked for its parameters while it tells.
    asked: RefCell<Option<ComPtr<IEditController>>>,
    heard: RefCell<Vec<Vec<Param>>>,
}

impl Class for Handler {
    type Interfaces = (IComponentHandler,);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
        kResultOk
    }

    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        self.told.lock().unwrap().push((flags, std::thread::current().id()));
        let asked = self.asked.borrow().clone();
        if let Some(asked) = asked {
            // As most hosts do: in the call itself.
            self.heard.borrow_mut().push(params_of(&asked));
        }
        kResultOk
    }
}

fn params_of(controller: &ComPtr<IEditController>) -> Vec<Param> {
    // SAFETY: the instance's own calls, with what may be written.
    unsafe {
        (0..controller.getParameterCount())
            .map(|index| {
                let mut info: ParameterInfo = std::mem::zeroed();
                assert_eq!(controller.getParameterInfo(index, &mut info), kResultOk);
                Param {
                    id: info.id,
                    title: wide(&info.title),
                    units: wide(&info.units),
                    steps: info.stepCount,
                    default: info.defaultNormalizedValue,
                    flags: info.flags as i32,
                    unit: info.unitId,
                }
            })
            // Controllers of MIDI are parameters here.
            .filter(|param| !param.title.starts_with("MIDI Ch. "))
            .collect()
    }
}

/// An instance, on the thread that made it.
pub struct Instance {
    pub(super) component: ComPtr<IComponent>,
    pub(super) controller: ComPtr<IEditController>,
    pub(super) processor: ComPtr<IAudioProcessor>,
    handler: ComWrapper<Handler>,
    run_loop: ComWrapper<Loop>,
    view: Option<ComPtr<IPlugView>>,
    has_frame: bool,
    is_active: bool,
    mode: Mode,
}

impl Instance {
    /// Of a class of the library's.
    pub fn new(module: &Module, class: [u8; 16], gives: Gives) -> Self {
        let (handler, run_loop) = (ComWrapper::new(Handler::default()), ComWrapper::new(Loop::default()));
        let known_by = run_loop.as_com_ref::<FUnknown>().unwrap().as_ptr();
        let gives_instance = gives == Gives::InstanceAndCallsBack;
        let if_given = |wanted| match gives == wanted || (wanted == Gives::Instance && gives_instance) {
            true => known_by,
            false => std::ptr::null_mut(),
        };
        // SAFETY: the calls that the interfaces ask of a host, in their order, on one thread.
        unsafe {
            let factory: ComPtr<IPluginFactory3> = module.factory.cast().unwrap();
            assert_eq!(factory.setHostContext(if_given(Gives::Factory)), kResultOk);
            let component = module.make(class);
            assert_eq!(factory.setHostContext(std::ptr::null_mut()), kResultOk);
            if gives == Gives::InstanceAndCallsBack {
                let frame = run_loop.to_com_ptr::<IPlugFrame>().unwrap();
                run_loop.open_while_registering(component.cast().unwrap(), frame);
            }
            assert_eq!(component.initialize(if_given(Gives::Instance)), kResultOk);
            let controller: ComPtr<IEditController> = component.cast().unwrap();
            let as_handler = handler.to_com_ptr::<IComponentHandler>().unwrap();
            assert_eq!(controller.setComponentHandler(as_handler.as_ptr()), kResultOk);
            let view = (gives == Gives::Frame).then(|| {
                let view = ComPtr::from_raw(controller.createView(c"editor".as_ptr())).unwrap();
                let frame = run_loop.to_com_ptr::<IPlugFrame>().unwrap();
                assert_eq!(view.setFrame(frame.as_ptr()), kResultOk);
                view
            });
            let view = view.or_else(|| run_loop.take_opened());
            let processor = component.cast().unwrap();
            let has_frame = view.is_some();
            Self {
                component,
                controller,
                processor,
                handler,
                run_loop,
                view,
                has_frame,
                is_active: false,
                mode: Mode::Offline,
            }
        }
    }

    /// Its parameters, without those for controllers of MIDI.
    pub fn params(&self) -> Vec<Param> {
        params_of(&self.controller)
    }

    /// Asks for them whenever it is told that something has changed, too.
    pub fn ask_when_told(&self) {
        *self.handler.asked.borrow_mut() = Some(self.controller.clone());
    }

    /// What it heard so.
    pub fn take_heard(&self) -> Vec<Vec<Param>> {
        self.handler.heard.take()
    }

    /// What it was told since the last call: the flags, and whether that was on this thread.
    pub fn take_told(&self) -> Vec<(i32, bool)> {
        let told = std::mem::take(&mut *self.handler.told.lock().unwrap());
        told.into_iter().map(|(flags, thread)| (flags, thread == std::thread::current().id())).collect()
    }

    /// The name of a unit, by its id.
    pub fn unit(&self, id: i32) -> Option<String> {
        let units: ComPtr<IUnitInfo> = self.component.cast().unwrap();
        // SAFETY: the instance's own calls, with what may be written.
        unsafe {
            (0..units.getUnitCount()).find_map(|index| {
                let mut info: UnitInfo = std::mem::zeroed();
                assert_eq!(units.getUnitInfo(index, &mut info), kResultOk);
                (info.id == id).then(|| wide(&info.name))
            })
        }
    }

    /// A parameter's position as it stands.
    pub fn value(&self, id: u32) -> f64 {
        // SAFETY: the instance's own call.
        unsafe { self.controller.getParamNormalized(id) }
    }

    /// Moves a parameter.
    pub fn set(&self, id: u32, position: f64) {
        // SAFETY: the instance's own call.
        assert_eq!(unsafe { self.controller.setParamNormalized(id, position) }, kResultOk);
    }

    /// The text of a position.
    pub fn text(&self, id: u32, position: f64) -> String {
        let mut text = [0; 128];
        // SAFETY: the instance's own call, with what may be written.
        assert_eq!(unsafe { self.controller.getParamStringByValue(id, position, &mut text) }, kResultOk);
        wide(&text)
    }

    /// The plain value of a position.
    pub fn plain(&self, id: u32, position: f64) -> f64 {
        // SAFETY: the instance's own call.
        unsafe { self.controller.normalizedParamToPlain(id, position) }
    }

    /// The state.
    pub fn save(&self) -> Vec<u8> {
        let stream = ComWrapper::new(Stream::default());
        let as_stream = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: the instance's own call, with a stream that lives.
        assert_eq!(unsafe { self.component.getState(as_stream.as_ptr()) }, kResultOk);
        stream.take()
    }

    /// Gives it a state.
    pub fn load(&self, state: &[u8]) {
        let stream = ComWrapper::new(Stream::of(state));
        let as_stream = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: the instance's own call, with a stream that lives.
        assert_eq!(unsafe { self.component.setState(as_stream.as_ptr()) }, kResultOk);
    }

    /// Activates it, to render offline at 48 kHz in blocks of up to [`LARGEST`] frames.
    pub fn activate(&mut self) {
        self.activate_in(Mode::Offline);
    }

    /// Activates it in a mode, otherwise so.
    pub fn activate_in(&mut self, mode: Mode) {
        self.mode = mode;
        let mut setup = ProcessSetup {
            processMode: mode.number(),
            symbolicSampleSize: 0,
            maxSamplesPerBlock: LARGEST as i32,
            sampleRate: 48e3,
        };
        // SAFETY: the instance's own calls.
        unsafe {
            assert_eq!(self.processor.setupProcessing(&mut setup), kResultOk);
            assert_eq!(self.component.setActive(1), kResultOk);
            self.processor.setProcessing(1);
        }
        self.is_active = true;
    }

    /// Deactivates it. It can be activated again.
    pub fn deactivate(&mut self) {
        if !std::mem::take(&mut self.is_active) {
            return;
        }
        // SAFETY: the instance's own calls.
        unsafe {
            self.processor.setProcessing(0);
            assert_eq!(self.component.setActive(0), kResultOk);
        }
    }

    /// The first channel of one block, as an instrument.
    pub fn block(&self, frames: usize) -> Vec<f32> {
        let [left, _] = self.heard(frames, |_| ());
        left
    }

    /// The same on a thread of its own, as hosts have them for sound.
    pub fn block_elsewhere(&self, frames: usize) -> Vec<f32> {
        let elsewhere = Elsewhere(self);
        std::thread::scope(|scope| scope.spawn(move || elsewhere.block(frames)).join().unwrap())
    }

    /// Both channels of one block, as an instrument, with what else a host gives: it has to live until this returns.
    pub(super) fn heard(&self, frames: usize, give: impl FnOnce(&mut ProcessData)) -> [Vec<f32>; 2] {
        let mut heard = [vec![f32::NAN; frames], vec![f32::NAN; frames]];
        let mut channels = heard.each_mut().map(|channel| channel.as_mut_ptr());
        let mut output = AudioBusBuffers {
            numChannels: 2,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 { channelBuffers32: channels.as_mut_ptr() },
        };
        let mut data = self.data(frames);
        data.numOutputs = 1;
        data.outputs = &mut output;
        give(&mut data);
        // SAFETY: all pointers are null or to what lives until the call returns.
        assert_eq!(unsafe { self.processor.process(&mut data) }, kResultOk);
        heard
    }

    /// A block of so many frames, with no buses.
    pub(super) fn data(&self, frames: usize) -> ProcessData {
        // SAFETY: numbers, and pointers that may be null.
        let mut data: ProcessData = unsafe { std::mem::zeroed() };
        data.processMode = self.mode.number();
        data.numSamples = frames as i32;
        data
    }

    /// Does what the instance wants to be done on the main thread.
    pub fn idle(&self) {
        self.run_loop.idle();
    }
}

/// An instance for a block on another thread.
struct Elsewhere<'a>(&'a Instance);

// SAFETY: blocks may be on any thread, and whoever begins one waits for it.
unsafe impl Send for Elsewhere<'_> {}

impl Elsewhere<'_> {
    fn block(self, frames: usize) -> Vec<f32> {
        self.0.block(frames)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        *self.handler.asked.borrow_mut() = None;
        self.deactivate();
        // SAFETY: the calls that end an instance, in their order.
        unsafe {
            if let Some(view) = self.view.take() {
                view.setFrame(std::ptr::null_mut());
            }
            self.component.terminate();
        }
        if !std::thread::panicking() {
            // The shell leaves its own behind, which it has with a frame.
            let of_shell = usize::from(self.has_frame);
            assert_eq!(self.run_loop.registered(), of_shell, "it waits where it is no more");
        }
    }
}
