//! The thread that keeps a process's nurseries: it starts them, so that they end with it, notices when one has
//! ended by itself, and starts another for it.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use super::attend::name_of;
use super::client::Nursery;
use super::key::Key;
use crate::engine::process::platform::{self, Ended};

/// Nurseries that are kept at a time: those that were used last.
const MOST: usize = 3;

/// Ends of nurseries for one key within so long, of which so many are too many.
const WHILE: Duration = Duration::from_secs(60);
const TOO_MANY: usize = 3;

/// How often the list of children is read.
const READS: usize = 8;

/// What the keeper is asked.
pub(super) enum Request {
    /// A nursery for this key, if there is to be one.
    Find(Key, Sender<Option<Arc<Nursery>>>),
    /// This one has not answered.
    Failed(Arc<Nursery>),
    /// This one is to bear no more engines.
    Retire(Arc<Nursery>),
}

/// Keeps nurseries.
pub(super) struct Keeper {
    requests: Receiver<Request>,
    /// Readable when there is a request.
    bell: Arc<OwnedFd>,
    /// The one that was used last is the last.
    nurseries: Vec<Arc<Nursery>>,
    /// When nurseries ended by themselves, and what they were good for.
    ends: Vec<(Key, Instant)>,
}

impl Keeper {
    /// That is asked through `requests`, each with a ring of the bell.
    pub(super) fn new(requests: Receiver<Request>, bell: Arc<OwnedFd>) -> Self {
        Self { requests, bell, nurseries: Vec::new(), ends: Vec::new() }
    }

    /// Keeps nurseries until nobody is left to ask for one.
    pub(super) fn run(mut self) {
        loop {
            self.wait();
            loop {
                match self.requests.try_recv() {
                    Ok(request) => self.carry_out(request),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return self.end_all(),
                }
            }
            self.look_after();
        }
    }

    /// Waits for a request, or for a nursery's end.
    fn wait(&self) {
        let ends = self.nurseries.iter().map(|nursery| nursery.descriptor());
        let awaited: Vec<BorrowedFd<'_>> = std::iter::once(self.bell.as_fd()).chain(ends).collect();
        if platform::wait_for_any(&awaited).first().is_some_and(|rung| *rung) {
            // Counted up once for each ring.
            let _ = rustix::io::read(&*self.bell, &mut [0; 8]);
        }
    }

    fn carry_out(&mut self, request: Request) {
        match request {
            Request::Find(key, answer) => {
                self.look_after();
                // Nobody waits any more, at worst.
                let _ = answer.send(self.find(&key));
            }
            Request::Failed(nursery) => {
                if self.let_go(&nursery) {
                    self.ends.push((nursery.key().clone(), Instant::now()));
                }
            }
            Request::Retire(nursery) => {
                if self.let_go(&nursery) {
                    // The piece is started again, mostly.
                    self.start(nursery.key());
                }
            }
        }
    }

    fn find(&mut self, key: &Key) -> Option<Arc<Nursery>> {
        if let Some(at) = self.nurseries.iter().position(|nursery| nursery.is_good_for(key)) {
            let nursery = self.nurseries.remove(at);
            if nursery.is_unchanged() {
                self.nurseries.push(Arc::clone(&nursery));
                return Some(nursery);
            }
            end(&nursery);
        }
        self.start(key)
    }

    fn start(&mut self, key: &Key) -> Option<Arc<Nursery>> {
        self.ends.retain(|(_, end)| end.elapsed() < WHILE);
        if self.ends.iter().filter(|(other, _)| other == key).count() >= TOO_MANY {
            return None;
        }
        // Without one, engines start as programs do, and those say what is wrong.
        let nursery = Arc::new(Nursery::start(key).ok()?);
        if self.nurseries.len() >= MOST {
            end(&self.nurseries.remove(0));
        }
        self.nurseries.push(Arc::clone(&nursery));
        Some(nursery)
    }

    /// Collects nurseries that have ended by themselves. One that was killed is replaced at once.
    fn look_after(&mut self) {
        while let Some((at, ended)) = self.find_ended() {
            let nursery = self.nurseries.remove(at);
            self.ends.push((nursery.key().clone(), Instant::now()));
            end(&nursery);
            if matches!(ended, Ended::Signal(_)) {
                self.start(nursery.key());
            }
        }
    }

    fn find_ended(&self) -> Option<(usize, Ended)> {
        let mut nurseries = self.nurseries.iter().enumerate();
        nurseries.find_map(|(at, nursery)| nursery.ended().map(|ended| (at, ended)))
    }

    /// Ends a nursery, if it is one of these still.
    fn let_go(&mut self, nursery: &Arc<Nursery>) -> bool {
        let at = self.nurseries.iter().position(|other| Arc::ptr_eq(other, nursery));
        at.map(|at| end(&self.nurseries.remove(at))).is_some()
    }

    fn end_all(&mut self) {
        self.nurseries.drain(..).for_each(|nursery| end(&nursery));
    }
}

/// The children of this thread. The system's list can lack one while another ends, so it counts when it has come
/// twice.
fn children() -> String {
    let read = || {
        let list = format!("/proc/self/task/{}/children", platform::thread_number());
        fs::read_to_string(list).unwrap_or_default()
    };
    let mut last = read();
    for _ in 0..READS {
        let now = std::mem::replace(&mut last, read());
        if now == last {
            break;
        }
    }
    last
}

/// Ends a nursery, and an engine that it bore in its last moment and could tell nobody of. That engine is a child
/// of this thread by the name of its nursery: it gets another once it has heard from the host.
fn end(nursery: &Nursery) {
    nursery.end();
    let (told, name) = (nursery.told(), name_of(nursery.id().cast_unsigned()));
    let children = children();
    let children = children.split_whitespace().filter_map(|number| number.parse::<i32>().ok());
    for lost in children.filter(|number| !told.contains(number)) {
        let its_name = fs::read_to_string(format!("/proc/{lost}/comm")).unwrap_or_default();
        if its_name.trim_end() == name {
            platform::collect(lost);
        }
    }
}
