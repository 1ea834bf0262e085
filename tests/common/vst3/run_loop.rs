//! A host's run loop on Linux.

use std::cell::RefCell;
use std::ffi::c_int;
use std::os::fd::BorrowedFd;

use vst3::Steinberg::Linux::{IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait, ITimerHandler};
use vst3::Steinberg::Vst::{IEditController, IEditControllerTrait};
use vst3::Steinberg::{
    IPlugFrame, IPlugFrameTrait, IPlugView, IPlugViewTrait, ViewRect, kNotImplemented, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComRef};

/// A host's run loop, and a frame that has it: it never resizes.
#[derive(Default)]
pub struct Loop {
    handlers: RefCell<Vec<(*mut IEventHandler, c_int)>>,
    /// What opens an editor while it registers a handler, and the frame for that; once.
    opens: RefCell<Option<(ComPtr<IEditController>, ComPtr<IPlugFrame>)>>,
    opened: RefCell<Option<ComPtr<IPlugView>>>,
}

impl Loop {
    /// Opens an editor while a handler is registered: the next one.
    pub fn open_while_registering(&self, controller: ComPtr<IEditController>, frame: ComPtr<IPlugFrame>) {
        *self.opens.borrow_mut() = Some((controller, frame));
    }

    /// The editor that was opened so.
    pub fn take_opened(&self) -> Option<ComPtr<IPlugView>> {
        self.opened.borrow_mut().take()
    }

    /// How many handlers are registered.
    pub fn registered(&self) -> usize {
        self.handlers.borrow().len()
    }

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
