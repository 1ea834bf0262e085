//! The least of a VST3 host on Linux: one instance with its editor in a window of ours.

use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::os::fd::BorrowedFd;
use std::path::Path;

use libloading::Library;
use vst3::Steinberg::Linux::{IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait, ITimerHandler};
use vst3::Steinberg::Vst::{
    IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentTrait, IEditController,
    IEditControllerTrait, ProcessSetup,
};
use vst3::Steinberg::{
    IPlugFrame, IPlugFrameTrait, IPlugView, IPlugViewTrait, IPluginBaseTrait, IPluginFactory,
    IPluginFactoryTrait, ViewRect, kNotImplemented, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComWrapper, Interface};

/// The instrument's class, as `src/plugin.rs` names it.
const CLASS: [u8; 16] = *b"CsndPerformerIns";

/// An instance whose editor is open. It is for one thread.
pub struct Editor {
    view: ComPtr<IPlugView>,
    component: ComPtr<IComponent>,
    frame: ComWrapper<Frame>,
    // Last: the code of all of the above.
    _library: Library,
}

/// What an editor sees of its host: it never resizes, and waits on files for the editor.
#[derive(Default)]
struct Frame {
    handlers: RefCell<Vec<(*mut IEventHandler, c_int)>>,
}

impl Class for Frame {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl IPlugFrameTrait for Frame {
    unsafe fn resizeView(&self, _view: *mut IPlugView, _size: *mut ViewRect) -> tresult {
        kResultOk
    }
}

impl IRunLoopTrait for Frame {
    unsafe fn registerEventHandler(&self, handler: *mut IEventHandler, file: c_int) -> tresult {
        self.handlers.borrow_mut().push((handler, file));
        kResultOk
    }

    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        self.handlers.borrow_mut().retain(|(known, _)| *known != handler);
        kResultOk
    }

    unsafe fn registerTimer(&self, _handler: *mut ITimerHandler, _milliseconds: u64) -> tresult {
        kNotImplemented
    }

    unsafe fn unregisterTimer(&self, _handler: *mut ITimerHandler) -> tresult {
        kNotImplemented
    }
}

impl Editor {
    /// Opens the editor of a new instance inside an X11 window.
    pub fn open(bundle: &Path, window: u32) -> Self {
        let name = bundle.file_stem().unwrap().to_string_lossy();
        let program = bundle.join("Contents/x86_64-linux").join(format!("{name}.so"));
        // SAFETY: the calls below are those that the VST3 interfaces ask of a host, in their order, on
        // one thread, with pointers to what lives until they return or, the window and the frame, until
        // the view is removed.
        unsafe {
            let library = Library::new(&program).unwrap();
            let entry: libloading::Symbol<unsafe extern "system" fn(*mut c_void) -> bool> =
                library.get(b"ModuleEntry").unwrap();
            assert!(entry(std::ptr::null_mut()), "the module does not begin");
            let factory: libloading::Symbol<unsafe extern "system" fn() -> *mut IPluginFactory> =
                library.get(b"GetPluginFactory").unwrap();
            let factory = ComPtr::from_raw(factory()).unwrap();
            let mut made: *mut c_void = std::ptr::null_mut();
            let result =
                factory.createInstance(CLASS.as_ptr().cast(), IComponent::IID.as_ptr().cast(), &mut made);
            assert_eq!(result, kResultOk, "no instance");
            let component: ComPtr<IComponent> = ComPtr::from_raw(made.cast()).unwrap();
            assert_eq!(component.initialize(std::ptr::null_mut()), kResultOk);
            let processor: ComPtr<IAudioProcessor> = component.cast().unwrap();
            let mut setup = ProcessSetup {
                processMode: 0,
                symbolicSampleSize: 0,
                maxSamplesPerBlock: 512,
                sampleRate: 48_000.0,
            };
            assert_eq!(processor.setupProcessing(&mut setup), kResultOk);
            assert_eq!(component.setActive(1), kResultOk);
            let controller: ComPtr<IEditController> = component.cast().unwrap();
            let view = ComPtr::from_raw(controller.createView(c"editor".as_ptr())).unwrap();
            let frame = ComWrapper::new(Frame::default());
            let as_frame = frame.to_com_ptr::<IPlugFrame>().unwrap();
            assert_eq!(view.setFrame(as_frame.as_ptr()), kResultOk);
            let kind = c"X11EmbedWindowID";
            assert_eq!(view.isPlatformTypeSupported(kind.as_ptr()), kResultOk);
            assert_eq!(view.attached(window as usize as *mut c_void, kind.as_ptr()), kResultOk);
            Self { view, component, frame, _library: library }
        }
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
        let waiting = self.frame.handlers.borrow().clone();
        for (handler, file) in waiting {
            // SAFETY: the editor takes its file back before it closes it.
            let borrowed = unsafe { BorrowedFd::borrow_raw(file) };
            let mut polled = [rustix::event::PollFd::new(&borrowed, rustix::event::PollFlags::IN)];
            let now = rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 };
            if rustix::event::poll(&mut polled, Some(&now)).unwrap() > 0 {
                // SAFETY: the handler is registered, so it is alive.
                let handler = unsafe { vst3::ComRef::from_raw(handler).unwrap() };
                // SAFETY: this is the thread of the view.
                unsafe { handler.onFDIsSet(file) };
            }
        }
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
