//! The host's run loop: what calls an instance on the main thread when another thread wants it to.
//!
//! VST3 has one on Linux only, and hosts give it by what they give a factory or an instance to know them by
//! (`setHostContext`, `initialize`), or by the frame of an open editor only. It watches a socket; a byte in there
//! makes it call.

use nice_plug::wrapper::vst3::vst3::ComPtr;
use nice_plug::wrapper::vst3::vst3::Steinberg::FUnknown;

/// What a host gave to be known by.
pub(super) type Context = ComPtr<FUnknown>;

#[cfg(all(unix, not(target_os = "macos")))]
pub(super) use linux::{Caller, RunLoop};
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) use without::{Caller, RunLoop};

#[cfg(all(unix, not(target_os = "macos")))]
mod linux {
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

    use nice_plug::wrapper::vst3::vst3::Steinberg::FUnknown;
    use nice_plug::wrapper::vst3::vst3::Steinberg::Linux::{
        FileDescriptor, IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait,
    };
    use nice_plug::wrapper::vst3::vst3::Steinberg::kResultOk;
    use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef, ComWrapper};

    use super::Context;
    use crate::entry::vst3::titles::Titles;

    /// An instance's place in the host's run loop, once it has one.
    pub struct RunLoop {
        titles: Weak<Titles>,
        entered: Mutex<Option<Entered>>,
        /// It is entering one. The host may call us while it is told of the handler, so no lock is held then.
        is_entering: AtomicBool,
        caller: Caller,
    }

    struct Entered {
        run_loop: ComPtr<IRunLoop>,
        handler: ComPtr<IEventHandler>,
        /// It goes with an editor's frame.
        is_of_frame: bool,
    }

    /// Asks for a call, from any thread.
    #[derive(Clone, Default)]
    pub struct Caller(Arc<Mutex<Option<UnixStream>>>);

    impl Caller {
        /// True if there is a run loop that calls.
        pub fn call(&self) -> bool {
            let socket = lock(&self.0);
            let Some(mut socket) = socket.as_ref() else { return false };
            // A full socket has calls to come.
            let _ = socket.write(&[1]);
            true
        }

        /// Whether there is a run loop that calls.
        pub fn has_somebody(&self) -> bool {
            lock(&self.0).is_some()
        }

        /// How many there are of it.
        #[cfg(test)]
        pub fn holders(&self) -> usize {
            Arc::strong_count(&self.0)
        }
    }

    /// What the run loop calls.
    struct Handler {
        titles: Weak<Titles>,
        socket: UnixStream,
    }

    impl Class for Handler {
        type Interfaces = (IEventHandler,);
    }

    impl IEventHandlerTrait for Handler {
        unsafe fn onFDIsSet(&self, _: FileDescriptor) {
            let mut bytes = [0; 64];
            while (&self.socket).read(&mut bytes).is_ok_and(|count| count == bytes.len()) {}
            if let Some(titles) = self.titles.upgrade() {
                titles.tell();
            }
        }
    }

    impl RunLoop {
        pub fn new(titles: &Arc<Titles>) -> Self {
            Self {
                titles: Arc::downgrade(titles),
                entered: Mutex::default(),
                is_entering: AtomicBool::new(false),
                caller: Caller::default(),
            }
        }

        pub fn caller(&self) -> Caller {
            self.caller.clone()
        }

        /// Enters the run loop that one of these has. On the main thread.
        pub fn enter(&self, given: Option<ComRef<'_, FUnknown>>, context: Option<&Context>) {
            let of_given = given.and_then(|given| given.cast::<IRunLoop>());
            if let Some(run_loop) = of_given.or_else(|| context?.cast::<IRunLoop>()) {
                self.enter_this(run_loop, false);
            }
        }

        /// An editor's frame has come, or gone. On the main thread.
        pub fn frame(&self, frame: Option<ComRef<'_, FUnknown>>) {
            let is_of_frame = lock(&self.entered).as_ref().is_some_and(|entered| entered.is_of_frame);
            if is_of_frame {
                self.leave();
                // What it would have told.
                if let Some(titles) = self.titles.upgrade() {
                    titles.tell();
                }
            }
            if let Some(run_loop) = frame.and_then(|frame| frame.cast::<IRunLoop>()) {
                self.enter_this(run_loop, true);
            }
            if let Some(titles) = self.titles.upgrade() {
                titles.tell_after_call();
            }
        }

        fn enter_this(&self, run_loop: ComPtr<IRunLoop>, is_of_frame: bool) {
            if lock(&self.entered).is_some() || self.is_entering.swap(true, Ordering::AcqRel) {
                return;
            }
            let registered = self.register(run_loop, is_of_frame);
            // Not any more if the host had it leave meanwhile.
            let is_wanted = self.is_entering.swap(false, Ordering::AcqRel);
            match registered {
                Some((entered, socket)) if is_wanted => {
                    *lock(&self.entered) = Some(entered);
                    *lock(&self.caller.0) = Some(socket);
                }
                Some((entered, _)) => entered.leave(),
                None => {}
            }
        }

        /// Registers a handler. What comes with it makes the run loop call it.
        fn register(&self, run_loop: ComPtr<IRunLoop>, is_of_frame: bool) -> Option<(Entered, UnixStream)> {
            // Not an event counter: some hosts watch sockets only.
            let (ours, theirs) = UnixStream::pair().ok()?;
            ours.set_nonblocking(true).ok()?;
            theirs.set_nonblocking(true).ok()?;
            let watched = theirs.as_raw_fd();
            let handler = ComWrapper::new(Handler { titles: self.titles.clone(), socket: theirs });
            let handler = handler.to_com_ptr::<IEventHandler>()?;
            // SAFETY: the host's object, on its main thread; the handler owns the socket.
            if unsafe { run_loop.registerEventHandler(handler.as_ptr(), watched) } != kResultOk {
                return None;
            }
            Some((Entered { run_loop, handler, is_of_frame }, ours))
        }

        /// Leaves it. On the main thread.
        pub fn leave(&self) {
            self.is_entering.store(false, Ordering::Release);
            *lock(&self.caller.0) = None;
            let entered = lock(&self.entered).take();
            if let Some(entered) = entered {
                entered.leave();
            }
        }
    }

    impl Entered {
        fn leave(self) {
            // SAFETY: the host's object, on its main thread, with what was registered there.
            let _ = unsafe { self.run_loop.unregisterEventHandler(self.handler.as_ptr()) };
        }
    }

    fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
mod without {
    use std::sync::Arc;

    use nice_plug::wrapper::vst3::vst3::ComRef;
    use nice_plug::wrapper::vst3::vst3::Steinberg::FUnknown;

    use super::Context;
    use crate::entry::vst3::titles::Titles;

    /// There is none.
    pub struct RunLoop;

    /// Asks for nothing.
    #[derive(Clone)]
    pub struct Caller;

    impl Caller {
        pub fn call(&self) {}

        pub fn has_somebody(&self) -> bool {
            false
        }
    }

    impl RunLoop {
        pub fn new(_: &Arc<Titles>) -> Self {
            Self
        }

        pub fn caller(&self) -> Caller {
            Caller
        }

        pub fn enter(&self, _: Option<ComRef<'_, FUnknown>>, _: Option<&Context>) {}

        pub fn frame(&self, _: Option<ComRef<'_, FUnknown>>) {}

        pub fn leave(&self) {}
    }
}
