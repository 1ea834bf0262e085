//! One nursery, as the host sees it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::attend::ARGUMENT;
use super::key::{Key, Seen};
use super::words::{FromNursery, ToNursery, receive, send};
use crate::engine::process::folder::EngineFolder;
use crate::engine::process::platform::{self, Ended, Process, Program};
use crate::engine::process::protocol;

/// The longest that a nursery may take to load Csound, and to bear an engine.
const PREPARING: Duration = Duration::from_secs(5);
const BEARING: Duration = Duration::from_secs(2);

/// The pause between two looks while the host waits for a nursery.
const LOOK: Duration = Duration::from_millis(20);

/// The same while another engine is being born, which takes about that long.
const IN_TURN: Duration = Duration::from_millis(1);

/// Numbers of engines that are kept in mind: those whose birth may be under way.
const REMEMBERED: usize = 1024;

/// The reason for which a nursery bore no engine.
#[derive(Debug)]
pub(super) enum Failure {
    /// It has ended, or makes no sense.
    Gone,
    /// It does not answer.
    Mute,
    /// It says that it cannot.
    Refused,
    /// It bore one that could not be taken over, and that has been ended.
    Lost,
    /// Nobody waits for the engine any more.
    Abandoned,
}

/// One nursery.
pub(crate) struct Nursery {
    key: Key,
    process: Process,
    conversation: Mutex<Conversation>,
    /// What it was made from, once it has said so; the engine program itself before that.
    program: Seen,
    seen: OnceLock<Vec<Seen>>,
    /// Its engines load their opcode libraries from in here, so it goes with the last of them.
    _folder: EngineFolder,
}

struct Conversation {
    socket: OwnedFd,
    is_ready: bool,
    /// Engines whose numbers the host was told.
    told: Vec<i32>,
}

impl Nursery {
    /// Starts a nursery, which gets ready by itself.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn start(key: &Key) -> io::Result<Self> {
        let folder = EngineFolder::new()?;
        let (socket, its_socket) = platform::packet_pair()?;
        let program = Program {
            file: key.program(),
            argument: Some(ARGUMENT),
            folder: folder.path(),
            environment: key.environment(),
        };
        let seen = Seen::now(key.program().to_owned());
        let process = Process::start(&program, [its_socket, platform::nothing()?, platform::nothing()?])?;
        let prepare = ToNursery::Prepare { version: protocol::VERSION, generation: key.generation() };
        let nursery = Self {
            key: key.clone(),
            process,
            conversation: Mutex::new(Conversation { socket, is_ready: false, told: Vec::new() }),
            program: seen,
            seen: OnceLock::new(),
            _folder: folder,
        };
        let told = send(&nursery.conversation().socket, &prepare, &[]);
        told.inspect_err(|_| nursery.end())?;
        Ok(nursery)
    }

    /// True if engines of this key can be its own: nothing that it was made from has changed since.
    pub(super) fn is_good_for(&self, key: &Key) -> bool {
        self.key == *key
    }

    /// True if what it was made from is still what is there.
    pub(super) fn is_unchanged(&self) -> bool {
        let seen = self.seen.get().map(Vec::as_slice).unwrap_or_default();
        self.program.is_unchanged() && seen.iter().all(Seen::is_unchanged)
    }

    /// What it is good for.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// The number of its process.
    pub(super) fn id(&self) -> i32 {
        self.process.id()
    }

    /// Readable once it has ended.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.process.descriptor()
    }

    /// How it ended, if it has. Collects it.
    pub(super) fn ended(&self) -> Option<Ended> {
        self.process.ended()
    }

    /// Ends it and collects it. Its engines do not notice.
    pub(super) fn end(&self) {
        // One that the kernel holds up bears no engine any more.
        let _ = self.process.end();
    }

    /// Engines whose numbers the host was told.
    pub(super) fn told(&self) -> Vec<i32> {
        self.conversation().told.clone()
    }

    /// Has it bear an engine with these descriptors.
    ///
    /// # Errors
    /// [`Failure`]; there is no engine then that could become the caller's.
    pub(super) fn bear(
        &self,
        descriptors: [BorrowedFd<'_>; 3],
        is_abandoned: &dyn Fn() -> bool,
    ) -> Result<Process, Failure> {
        let mut conversation = self.conversation_unless(is_abandoned)?;
        if !conversation.is_ready {
            match conversation.answer(PREPARING, is_abandoned)? {
                (FromNursery::Ready { seen }, _) => {
                    self.seen.get_or_init(|| seen.into_iter().map(Seen::now).collect());
                    conversation.is_ready = true;
                }
                (FromNursery::Failed(_), _) => return Err(Failure::Refused),
                (FromNursery::Born(_), _) => return Err(Failure::Gone),
            }
        }
        send(&conversation.socket, &ToNursery::Bear, &descriptors).map_err(|_| Failure::Gone)?;
        match conversation.answer(BEARING, &|| false)? {
            (FromNursery::Born(number), mut descriptors) => {
                let process = descriptors.pop().and_then(|descriptor| Process::of(number, descriptor));
                if process.is_none() && !platform::end_child(number) {
                    return Err(Failure::Gone);
                }
                conversation.remember(number);
                // This process had no room for the engine's descriptor, mostly.
                process.ok_or(Failure::Lost)
            }
            (FromNursery::Failed(_), _) => Err(Failure::Refused),
            (FromNursery::Ready { .. }, _) => Err(Failure::Gone),
        }
    }

    fn conversation(&self) -> MutexGuard<'_, Conversation> {
        self.conversation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, as long as somebody waits for it: another may wait for a nursery that gets ready.
    fn conversation_unless(
        &self,
        is_abandoned: &dyn Fn() -> bool,
    ) -> Result<MutexGuard<'_, Conversation>, Failure> {
        loop {
            match self.conversation.try_lock() {
                Ok(conversation) => return Ok(conversation),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if is_abandoned() => return Err(Failure::Abandoned),
                Err(TryLockError::WouldBlock) => std::thread::sleep(IN_TURN),
            }
        }
    }
}

impl Conversation {
    fn remember(&mut self, number: i32) {
        self.told.push(number);
        let over = self.told.len().saturating_sub(REMEMBERED);
        self.told.drain(..over);
    }

    /// Waits for the answer.
    fn answer(
        &self,
        limit: Duration,
        is_abandoned: &dyn Fn() -> bool,
    ) -> Result<(FromNursery, Vec<OwnedFd>), Failure> {
        let until = Instant::now() + limit;
        loop {
            let [answered] = platform::wait_for([self.socket.as_fd()], LOOK);
            if answered {
                // Its end, and what makes no sense, are one to whoever wants an engine.
                return receive(&self.socket).ok().flatten().ok_or(Failure::Gone);
            }
            if is_abandoned() {
                return Err(Failure::Abandoned);
            }
            if Instant::now() > until {
                return Err(Failure::Mute);
            }
        }
    }
}
