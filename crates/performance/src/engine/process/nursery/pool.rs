//! The nurseries of this process, for whoever starts an engine.

use std::fmt;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use super::client::{Failure, Nursery};
use super::keeper::{Keeper, Request};
use super::key::Key;
use crate::engine::process::platform::Process;
use crate::engine::spec::Abandoned;

/// The environment variable that, set to `off`, has every engine started as a program.
const VARIABLE: &str = "CSOUND_PERFORMER_NURSERY";

/// The longest wait for the keeper, which starts a process at most.
const KEEPER_LIMIT: Duration = Duration::from_secs(5);

/// The nurseries that this process's engines come from: small processes that have Csound loaded, from which an
/// engine is forked in a fraction of the time that a program takes to load it. There is none before the first
/// engine, and none is left when the last clone of this and the last engine are gone: whoever starts engines one
/// after another keeps a clone.
#[derive(Clone)]
pub struct Nurseries(Arc<Shared>);

struct Shared {
    running: Mutex<Option<Running>>,
}

/// The keeper's thread.
struct Running {
    requests: Option<Sender<Request>>,
    bell: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

static CURRENT: Mutex<Weak<Shared>> = Mutex::new(Weak::new());

impl Nurseries {
    /// Those of this process. Starts nothing.
    pub fn of_this_process() -> Self {
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = current.upgrade().unwrap_or_else(|| {
            let shared = Arc::new(Shared { running: Mutex::default() });
            *current = Arc::downgrade(&shared);
            shared
        });
        Self(shared)
    }

    /// The same; `None` if the user's environment says that there are to be none
    /// (`CSOUND_PERFORMER_NURSERY=off`).
    pub fn if_wanted() -> Option<Self> {
        let off = std::env::var_os(VARIABLE).is_some_and(|word| word == "off");
        (!off).then(Self::of_this_process)
    }

    /// Has a nursery bear an engine with these descriptors.
    pub(crate) fn bear(&self, key: &Key, descriptors: [BorrowedFd<'_>; 3], abandoned: &Abandoned) -> Birth {
        let Some(nursery) = self.find(key) else { return Birth::None };
        let failure = match nursery.bear(descriptors, &|| abandoned.is_abandoned()) {
            Ok(process) => return Birth::Done(process, Upbringing { nurseries: self.clone(), nursery }),
            Err(failure) => failure,
        };
        match failure {
            // It ends by itself, or goes on getting ready. A program will say the same, and more.
            Failure::Refused | Failure::Abandoned => Birth::None,
            Failure::Lost => Birth::Failed { is_worth_another: false },
            Failure::Gone | Failure::Mute => {
                let is_asked = self.ask(Request::Failed(nursery)).is_some();
                Birth::Failed { is_worth_another: is_asked && matches!(failure, Failure::Gone) }
            }
        }
    }

    fn find(&self, key: &Key) -> Option<Arc<Nursery>> {
        let (answer, answered) = channel();
        self.ask(Request::Find(key.clone(), answer))?;
        answered.recv_timeout(KEEPER_LIMIT).ok().flatten()
    }

    /// `None` if there is no keeper to be asked.
    fn ask(&self, request: Request) -> Option<()> {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            *running = Running::start().ok();
        }
        running.as_ref()?.ask(request)
    }
}

impl Running {
    fn start() -> io::Result<Self> {
        let bell = rustix::event::eventfd(0, rustix::event::EventfdFlags::CLOEXEC)?;
        let bell = Arc::new(bell);
        let (requests, asked) = channel();
        let keeper = Keeper::new(asked, Arc::clone(&bell));
        let thread =
            std::thread::Builder::new().name("csound nurseries".into()).spawn(move || keeper.run())?;
        Ok(Self { requests: Some(requests), bell, thread: Some(thread) })
    }

    fn ask(&self, request: Request) -> Option<()> {
        self.requests.as_ref()?.send(request).ok()?;
        self.ring()
    }

    fn ring(&self) -> Option<()> {
        rustix::io::write(&*self.bell, &1_u64.to_ne_bytes()).ok().map(drop)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.requests = None;
        self.ring();
        if let Some(thread) = self.thread.take() {
            // A panic there was told; the nurseries have ended with the thread.
            let _ = thread.join();
        }
    }
}

/// What came of asking for an engine.
pub(crate) enum Birth {
    /// An engine has begun.
    Done(Process, Upbringing),
    /// There is no nursery that can.
    None,
    /// The birth has failed, and an engine may have begun that nobody knows: its descriptors are not for another.
    Failed {
        /// True if another nursery may do better.
        is_worth_another: bool,
    },
}

/// What an engine owes to its nursery: as long as it is there, the keeper's thread is, with which the kernel would
/// end it.
pub(crate) struct Upbringing {
    nurseries: Nurseries,
    nursery: Arc<Nursery>,
}

impl Upbringing {
    /// The engine crashed. Its siblings would have the same layout in memory, of which whoever made it crash may
    /// have learnt: no other comes from this nursery.
    pub(crate) fn crashed(&self) {
        // Without a keeper there are no siblings to come.
        let _ = self.nurseries.ask(Request::Retire(Arc::clone(&self.nursery)));
    }
}

impl PartialEq for Nurseries {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Nurseries {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Nurseries")
    }
}
