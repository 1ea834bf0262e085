//! The least of a VST3 host on Linux: instances of any library's classes, what the host is told, a run loop.

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, c_void};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::thread::ThreadId;

use libloading::Library;
use vst3::Steinberg::Linux::{IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait, ITimerHandler};
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, IAudioProcessor, IAudioProcessorTrait, IComponent,
    IComponentHandler, IComponentHandlerTrait, IComponentTrait, IEditController, IEditControllerTrait,
    IUnitInfo, IUnitInfoTrait, ParamID, ParamValue, ParameterInfo, ProcessData, ProcessSetup, UnitInfo,
};
use vst3::Steinberg::{
    FUnknown, IBStream, IBStream_::IStreamSeekMode_, IBStreamTrait, IPlugFrame, IPlugFrameTrait, IPlugView,
    IPlugViewTrait, IPluginBaseTrait, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3,
    IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo2, PClassInfoW, ViewRect, int32, int64,
    kNotImplemented, kResultOk, kResultTrue, tresult,
};
use vst3::{Class, ComPtr, ComRef, ComWrapper, Interface};

/// The library of a bundle.
pub fn program(bundle: &Path) -> PathBuf {
    let name = bundle.file_stem().unwrap().to_string_lossy();
    bundle.join("Contents/x86_64-linux").join(format!("{name}.so"))
}

/// The library of the plugin's own bundle, built once.
pub fn plugin() -> PathBuf {
    program(&test_host::bundle::dev_bundle().unwrap().vst3)
}

/// What a library says of a class of its.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassOf {
    pub id: [u8; 16],
    pub name: String,
    pub wide_name: String,
    pub vendor: String,
    pub version: String,
    pub subcategories: String,
}

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

/// A text of C, of whatever length its field has.
fn narrow(field: &[c_char]) -> String {
    let bytes: Vec<u8> =
        field.iter().map(|unit| unit.to_ne_bytes()[0]).take_while(|byte| *byte != 0).collect();
    String::from_utf8(bytes).expect("a whole text")
}

pub(super) fn wide(field: &[u16]) -> String {
    let end = field.iter().position(|unit| *unit == 0).expect("a text that ends");
    String::from_utf16(&field[..end]).expect("a whole text")
}

/// A loaded library, which stays loaded.
pub struct Module {
    factory: ComPtr<IPluginFactory>,
}

impl Module {
    /// Loads it.
    pub fn load(program: &Path) -> Self {
        // SAFETY: as a host does it; the library is never unloaded.
        unsafe {
            let library = Box::leak(Box::new(Library::new(program).unwrap()));
            let entry: libloading::Symbol<unsafe extern "system" fn(*mut c_void) -> bool> =
                library.get(b"ModuleEntry").unwrap();
            assert!(entry(std::ptr::null_mut()), "the module does not begin");
            let factory: libloading::Symbol<unsafe extern "system" fn() -> *mut IPluginFactory> =
                library.get(b"GetPluginFactory").unwrap();
            Self { factory: ComPtr::from_raw(factory()).unwrap() }
        }
    }

    /// Its classes.
    pub fn classes(&self) -> Vec<ClassOf> {
        let (second, third): (ComPtr<IPluginFactory2>, ComPtr<IPluginFactory3>) =
            (self.factory.cast().unwrap(), self.factory.cast().unwrap());
        // SAFETY: the factory's own calls, with what may be written.
        unsafe {
            (0..self.factory.countClasses())
                .map(|index| {
                    let mut info: PClassInfo2 = std::mem::zeroed();
                    let mut in_wide: PClassInfoW = std::mem::zeroed();
                    assert_eq!(second.getClassInfo2(index, &mut info), kResultOk);
                    assert_eq!(third.getClassInfoUnicode(index, &mut in_wide), kResultOk);
                    assert_eq!(narrow(&info.category), "Audio Module Class");
                    ClassOf {
                        id: info.cid.map(|byte| byte.to_ne_bytes()[0]),
                        name: narrow(&info.name),
                        wide_name: wide(&in_wide.name),
                        vendor: narrow(&info.vendor),
                        version: narrow(&info.version),
                        subcategories: narrow(&info.subCategories),
                    }
                })
                .collect()
        }
    }
}

/// What the host is told by an instance.
#[derive(Default)]
struct Handler {
    told: RefCell<Vec<(i32, ThreadId)>>,
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
        self.told.borrow_mut().push((flags, std::thread::current().id()));
        let asked = self.asked.borrow().clone();
        if let Some(asked) = asked {
            // As most hosts do: in the call itself.
            self.heard.borrow_mut().push(params_of(&asked));
        }
        kResultOk
    }
}

/// A host's run loop, and a frame that has it: it never resizes.
#[derive(Default)]
pub struct Loop {
    handlers: RefCell<Vec<(*mut IEventHandler, c_int)>>,
    /// What opens an editor while it registers a handler, and the frame for that; once.
    opens: RefCell<Option<(ComPtr<IEditController>, ComPtr<IPlugFrame>)>>,
    opened: RefCell<Option<ComPtr<IPlugView>>>,
}

impl Loop {
    /// Tells everybody whose file can be read. On the thread of those who have registered.
    pub fn idle(&self) {
        let waiting = self.handlers.borrow().clone();
        for (handler, file) in waiting {
            // SAFETY: who has registered takes the file back before closing it.
            let borrowed = unsafe { BorrowedFd::borrow_raw(file) };
            let mut polled = [rustix::event::PollFd::new(&borrowed, rustix::event::PollFlags::IN)];
            let now = rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 };
            if rustix::event::poll(&mut polled, Some(&now)).unwrap() > 0 {
                // SAFETY: the handler is registered, so it is alive, and this is its thread.
                unsafe { ComRef::from_raw(handler).unwrap().onFDIsSet(file) };
            }
        }
    }
}

impl Class for Loop {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl IPlugFrameTrait for Loop {
    unsafe fn resizeView(&self, _: *mut IPlugView, _: *mut ViewRect) -> tresult {
        kResultOk
    }
}

impl IRunLoopTrait for Loop {
    unsafe fn registerEventHandler(&self, handler: *mut IEventHandler, file: c_int) -> tresult {
        self.handlers.borrow_mut().push((handler, file));
        let opens = self.opens.borrow_mut().take();
        if let Some((controller, frame)) = opens {
            // SAFETY: the instance's own calls, on its thread, with a frame that lives.
            let view = unsafe { ComPtr::from_raw(controller.createView(c"editor".as_ptr())) }.unwrap();
            // SAFETY: as above.
            assert_eq!(unsafe { view.setFrame(frame.as_ptr()) }, kResultOk);
            *self.opened.borrow_mut() = Some(view);
        }
        kResultOk
    }

    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        self.handlers.borrow_mut().retain(|(known, _)| *known != handler);
        kResultOk
    }

    unsafe fn registerTimer(&self, _: *mut ITimerHandler, _: u64) -> tresult {
        kNotImplemented
    }

    unsafe fn unregisterTimer(&self, _: *mut ITimerHandler) -> tresult {
        kNotImplemented
    }
}

/// A stream in memory.
#[derive(Default)]
struct Stream {
    bytes: RefCell<Vec<u8>>,
    at: Cell<usize>,
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, buffer: *mut c_void, count: int32, read: *mut int32) -> tresult {
        let bytes = self.bytes.borrow();
        let rest = &bytes[self.at.get().min(bytes.len())..];
        let count = rest.len().min(count as usize);
        // SAFETY: the caller's buffer has room for that.
        unsafe {
            buffer.cast::<u8>().copy_from_nonoverlapping(rest.as_ptr(), count);
            if !read.is_null() {
                read.write(count as i32);
            }
        }
        self.at.set(self.at.get() + count);
        kResultOk
    }

    unsafe fn write(&self, buffer: *mut c_void, count: int32, written: *mut int32) -> tresult {
        // SAFETY: the caller's bytes.
        let bytes = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), count as usize) };
        self.bytes.borrow_mut().extend_from_slice(bytes);
        if !written.is_null() {
            // SAFETY: the caller's.
            unsafe { written.write(count) };
        }
        kResultOk
    }

    unsafe fn seek(&self, to: int64, mode: int32, result: *mut int64) -> tresult {
        let from = match mode as u32 {
            IStreamSeekMode_::kIBSeekCur => self.at.get() as i64,
            IStreamSeekMode_::kIBSeekEnd => self.bytes.borrow().len() as i64,
            _ => 0,
        };
        self.at.set((from + to).max(0) as usize);
        if !result.is_null() {
            // SAFETY: the caller's.
            unsafe { result.write(self.at.get() as i64) };
        }
        kResultOk
    }

    unsafe fn tell(&self, at: *mut int64) -> tresult {
        // SAFETY: the caller's.
        unsafe { at.write(self.at.get() as i64) };
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
    controller: ComPtr<IEditController>,
    pub(super) processor: ComPtr<IAudioProcessor>,
    handler: ComWrapper<Handler>,
    run_loop: ComWrapper<Loop>,
    view: Option<ComPtr<IPlugView>>,
    has_frame: bool,
    is_active: bool,
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
            let mut made: *mut c_void = std::ptr::null_mut();
            let result = module.factory.createInstance(
                class.as_ptr().cast(),
                IComponent::IID.as_ptr().cast(),
                &mut made,
            );
            assert_eq!(result, kResultOk, "no instance");
            assert_eq!(factory.setHostContext(std::ptr::null_mut()), kResultOk);
            let component: ComPtr<IComponent> = ComPtr::from_raw(made.cast()).unwrap();
            if gives == Gives::InstanceAndCallsBack {
                let frame = run_loop.to_com_ptr::<IPlugFrame>().unwrap();
                *run_loop.opens.borrow_mut() = Some((component.cast().unwrap(), frame));
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
            let view = view.or_else(|| run_loop.opened.borrow_mut().take());
            let processor = component.cast().unwrap();
            let has_frame = view.is_some();
            Self { component, controller, processor, handler, run_loop, view, has_frame, is_active: false }
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
        let told = self.handler.told.take();
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
        stream.bytes.take()
    }

    /// Gives it a state.
    pub fn load(&self, state: &[u8]) {
        let stream = ComWrapper::new(Stream::default());
        *stream.bytes.borrow_mut() = state.to_vec();
        let as_stream = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: the instance's own call, with a stream that lives.
        assert_eq!(unsafe { self.component.setState(as_stream.as_ptr()) }, kResultOk);
    }

    /// Activates it, to render offline at 48 kHz in blocks of up to 512 frames.
    pub fn activate(&mut self) {
        let mut setup =
            ProcessSetup { processMode: 2, symbolicSampleSize: 0, maxSamplesPerBlock: 512, sampleRate: 48e3 };
        // SAFETY: the instance's own calls.
        unsafe {
            assert_eq!(self.processor.setupProcessing(&mut setup), kResultOk);
            assert_eq!(self.component.setActive(1), kResultOk);
            self.processor.setProcessing(1);
        }
        self.is_active = true;
    }

    /// The first channel of one block, as an instrument.
    pub fn block(&self, frames: usize) -> Vec<f32> {
        let (mut left, mut right) = (vec![f32::NAN; frames], vec![f32::NAN; frames]);
        let mut channels = [left.as_mut_ptr(), right.as_mut_ptr()];
        let mut output = AudioBusBuffers {
            numChannels: 2,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 { channelBuffers32: channels.as_mut_ptr() },
        };
        // SAFETY: all pointers are null or to what lives until the call returns.
        unsafe {
            let mut data: ProcessData = std::mem::zeroed();
            data.processMode = 2;
            data.numSamples = frames as i32;
            data.numOutputs = 1;
            data.outputs = &mut output;
            assert_eq!(self.processor.process(&mut data), kResultOk);
        }
        left
    }

    /// Does what the instance wants to be done on the main thread.
    pub fn idle(&self) {
        self.run_loop.idle();
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        *self.handler.asked.borrow_mut() = None;
        // SAFETY: the calls that end an instance, in their order.
        unsafe {
            if let Some(view) = self.view.take() {
                view.setFrame(std::ptr::null_mut());
            }
            if self.is_active {
                self.processor.setProcessing(0);
                self.component.setActive(0);
            }
            self.component.terminate();
        }
        if !std::thread::panicking() {
            // The shell leaves its own behind, which it has with a frame.
            let of_shell = usize::from(self.has_frame);
            assert_eq!(self.run_loop.handlers.borrow().len(), of_shell, "it waits where it is no more");
        }
    }
}
