//! The least of a VST3 host on Linux: one instance with its editor in a window of ours.

use std::ffi::c_void;
use std::path::Path;

use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, IAudioProcessor, IAudioProcessorTrait, IComponent,
    IComponentHandler, IComponentTrait, IEditController, IEditControllerTrait, ProcessData, ProcessSetup,
};
use vst3::Steinberg::{
    IBStream, IPlugFrame, IPlugView, IPlugViewTrait, IPluginBaseTrait, ViewRect, kResultOk,
};
use vst3::{ComPtr, ComWrapper};

use crate::common::vst3::moves::{Changes, Move};
use crate::common::vst3::{INSTRUMENT, Loop, Module, Stream, program};

/// An instance whose editor is open. It is for one thread.
pub struct Editor {
    view: ComPtr<IPlugView>,
    component: ComPtr<IComponent>,
    frame: ComWrapper<Loop>,
}

impl Editor {
    /// Opens the editor of a new instance inside an X11 window.
    pub fn open(bundle: &Path, window: u32) -> Self {
        Self::open_in(bundle, window, None)
    }

    /// The same with a state, in a host that hears what the instance tells.
    pub fn open_in(bundle: &Path, window: u32, host: Option<(&[u8], ComPtr<IComponentHandler>)>) -> Self {
        let component = Module::load(&program(bundle)).make(INSTRUMENT);
        // SAFETY: the calls below are those that the VST3 interfaces ask of a host, in their order, on
        // one thread, with pointers to what lives until they return or, the window and the frame, until
        // the view is removed.
        unsafe {
            assert_eq!(component.initialize(std::ptr::null_mut()), kResultOk);
            if let Some((state, handler)) = host {
                let controller: ComPtr<IEditController> = component.cast().unwrap();
                assert_eq!(controller.setComponentHandler(handler.as_ptr()), kResultOk);
                let stream = ComWrapper::new(Stream::of(state)).to_com_ptr::<IBStream>().unwrap();
                assert_eq!(component.setState(stream.as_ptr()), kResultOk);
            }
            let processor: ComPtr<IAudioProcessor> = component.cast().unwrap();
            let mut setup = ProcessSetup {
                processMode: 0,
                symbolicSampleSize: 0,
                maxSamplesPerBlock: 512,
                sampleRate: 48_000.0,
            };
            assert_eq!(processor.setupProcessing(&mut setup), kResultOk);
            assert_eq!(component.setActive(1), kResultOk);
            // Not all take note of it.
            processor.setProcessing(1);
            let controller: ComPtr<IEditController> = component.cast().unwrap();
            let view = ComPtr::from_raw(controller.createView(c"editor".as_ptr())).unwrap();
            let frame = ComWrapper::new(Loop::default());
            let as_frame = frame.to_com_ptr::<IPlugFrame>().unwrap();
            assert_eq!(view.setFrame(as_frame.as_ptr()), kResultOk);
            let kind = c"X11EmbedWindowID";
            assert_eq!(view.isPlatformTypeSupported(kind.as_ptr()), kResultOk);
            assert_eq!(view.attached(window as usize as *mut c_void, kind.as_ptr()), kResultOk);
            Self { view, component, frame }
        }
    }

    /// A block of sound, as a host's audio thread asks for it.
    pub fn play(&self) {
        self.play_while(&[]);
    }

    /// The same while the host moves parameters.
    pub fn play_while(&self, moves: &[Move]) {
        const FRAMES: usize = 480;
        let processor: ComPtr<IAudioProcessor> = self.component.cast().unwrap();
        let mut heard = [[0.0_f32; FRAMES]; 2];
        let mut channels = heard.each_mut().map(|channel| channel.as_mut_ptr());
        let mut output = AudioBusBuffers {
            numChannels: 2,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 { channelBuffers32: channels.as_mut_ptr() },
        };
        let changes = Changes::of(moves);
        // SAFETY: numbers, and pointers that are null or to what lives until the call returns.
        unsafe {
            let mut data: ProcessData = std::mem::zeroed();
            data.numSamples = FRAMES as i32;
            data.numOutputs = 1;
            data.outputs = &mut output;
            data.inputParameterChanges = changes.as_ptr();
            assert_eq!(processor.process(&mut data), kResultOk);
        }
    }

    /// A parameter's position as the host reads it.
    pub fn value(&self, id: u32) -> f64 {
        let controller: ComPtr<IEditController> = self.component.cast().unwrap();
        // SAFETY: the instance's own call.
        unsafe { controller.getParamNormalized(id) }
    }

    /// The state.
    pub fn save(&self) -> Vec<u8> {
        let stream = ComWrapper::new(Stream::default());
        let as_stream = stream.to_com_ptr::<IBStream>().unwrap();
        // SAFETY: the instance's own call, with a stream that lives.
        assert_eq!(unsafe { self.component.getState(as_stream.as_ptr()) }, kResultOk);
        stream.take()
    }

    /// The editor's size in pixels.
    pub fn size(&self) -> (i32, i32) {
        let mut rect = ViewRect { left: 0, top: 0, right: 0, bottom: 0 };
        // SAFETY: the view is there, and so is what it writes to.
        assert_eq!(unsafe { self.view.getSize(&mut rect) }, kResultOk);
        (rect.right - rect.left, rect.bottom - rect.top)
    }

    /// Gives the editor a size, as a host does whose window was dragged.
    pub fn resize(&self, width: i32, height: i32) {
        let mut rect = ViewRect { left: 0, top: 0, right: width, bottom: height };
        // SAFETY: as above.
        assert_eq!(unsafe { self.view.onSize(&mut rect) }, kResultOk);
    }

    /// Does what the editor wants to be done on the host's main thread.
    pub fn idle(&self) {
        self.frame.idle();
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // SAFETY: the view was attached, and the instance active.
        unsafe {
            self.view.removed();
            self.view.setFrame(std::ptr::null_mut());
            self.component.setActive(0);
            self.component.terminate();
        }
    }
}
