//! The thread that keeps a process's nurseries: it starts them, so that they end with it, notices when one has
//! ended by itself, and starts another for it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};
use std::{fs, io};

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
    /// Nurseries that have ended, and for whose lost engines nobody could look yet.
    unsearched: Vec<Arc<Nursery>>,
}

impl Keeper {
    /// That is asked through `requests`, each with a ring of the bell.
    pub(super) fn new(requests: Receiver<Request>, bell: Arc<OwnedFd>) -> Self {
        Self { requests, bell, nurseries: Vec::new(), ends: Vec::new(), unsearched: Vec::new() }
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
            self.end(nursery);
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
            let oldest = self.nurseries.remove(0);
            self.end(oldest);
        }
        self.nurseries.push(Arc::clone(&nursery));
        Some(nursery)
    }

    /// Collects nurseries that have ended by themselves. One that was killed is replaced at once.
    fn look_after(&mut self) {
        self.unsearched.retain(|nursery| !end_lost_engines(nursery));
        while let Some((at, ended)) = self.find_ended() {
            let nursery = self.nurseries.remove(at);
            let key = nursery.key().clone();
            self.ends.push((key.clone(), Instant::now()));
            self.end(nursery);
            if matches!(ended, Ended::Signal(_)) {
                self.start(&key);
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
        let found = at.map(|at| self.nurseries.remove(at));
        found.map(|nursery| self.end(nursery)).is_some()
    }

    fn end_all(&mut self) {
        for nursery in std::mem::take(&mut self.nurseries) {
            self.end(nursery);
        }
        self.unsearched.retain(|nursery| !end_lost_engines(nursery));
    }

    /// Ends a nursery, and an engine that it bore in its last moment and could tell nobody of.
    fn end(&mut self, nursery: Arc<Nursery>) {
        nursery.end();
        if !end_lost_engines(&nursery) {
            self.unsearched.push(nursery);
        }
    }
}

/// The children of this thread, if they can be read. The system's list can lack one while another ends, so it
/// counts when it has come twice.
fn children() -> io::Result<String> {
    let read = || fs::read_to_string(format!("/proc/self/task/{}/children", platform::thread_number()));
    let mut last = read()?;
    for _ in 0..READS {
        let now = std::mem::replace(&mut last, read()?);
        if now == last {
            break;
        }
    }
    Ok(last)
}

/// Ends engines that a nursery, which has ended, could tell nobody of. Such an engine is a child of this thread by
/// the name of its nursery: it gets another once it has heard from the host. False if nobody could look, for want of
/// descriptors.
fn end_lost_engines(nursery: &Nursery) -> bool {
    let (told, name) = (nursery.told(), name_of(nursery.id().cast_unsigned()));
    let children = match children() {
        Ok(children) => children,
        // This kernel has no such list.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return true,
        Err(_) => return false,
    };
    let children = children.split_whitespace().filter_map(|number| number.parse::<i32>().ok());
    let mut all = true;
    for lost in children.filter(|number| !told.contains(number)) {
        match fs::read_to_string(format!("/proc/{lost}/comm")) {
            Ok(its_name) if its_name.trim_end() == name => all &= platform::end_child(lost),
            Ok(_) => {}
            // It has ended, and the host has collected it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => all = false,
        }
    }
    all
}
