//! What a piece may not touch.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};

use crate::attempts::*;
use crate::common::{csd, engines};

/// A file and processes that a piece may not touch, and how they stand.
pub struct Victims {
    pub host: std::process::Child,
    /// The engine of another piece, from the same nursery where there is one.
    sibling: RemoteEngine,
    pub secret: PathBuf,
    pub datagrams: std::net::UdpSocket,
}

impl Victims {
    pub fn new() -> Self {
        let secret = folder().join("secret");
        std::fs::write(&secret, "the password is 1234\n").unwrap();
        let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        datagrams.set_nonblocking(true).unwrap();
        let host = Command::new("sleep").arg("600").spawn().unwrap();
        std::fs::write(folder().join("plan"), "").unwrap();
        engines::keep_nurseries();
        let engine = PathBuf::from(std::env::var_os("CSOUND_PERFORMER_ENGINE").unwrap());
        let confinement = Confinement { readable: vec![folder()], ..Confinement::default() };
        let options = Options::new(engine, Some(confinement));
        let body = "instr 1\na1 = 0.25\nout a1\nendin\n";
        let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 1\n", body, "i 1 0 3600");
        let sibling = RemoteEngine::start(&engines::spec(text), &options, &mut |_| ()).unwrap().engine;
        Self { host, sibling, secret, datagrams }
    }

    /// The processes: a host, an engine, and what has borne that.
    pub fn processes(&self) -> Vec<u32> {
        let nurseries = engines::nurseries();
        let others = nurseries.into_iter().chain([self.sibling.handle().process_id()]);
        [self.host.id()].into_iter().chain(others.map(i32::cast_unsigned)).collect()
    }

    /// All that can be told of them.
    pub fn state(&mut self) -> String {
        let found = std::fs::metadata(&self.secret).unwrap();
        let (outcome, output) = engines::turn(&mut self.sibling, 8, &mut [], true);
        format!(
            "{:?} {:?} {:o} {} {} {} {:?} {} {:?} {:?} {} {} {:?}",
            self.host.try_wait().unwrap(),
            std::fs::read_to_string(&self.secret).unwrap(),
            found.mode(),
            found.uid(),
            found.mtime_nsec(),
            found.nlink(),
            self.processes().into_iter().map(state_of).collect::<Vec<_>>(),
            std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default().lines().count(),
            std::fs::read_to_string("/proc/sysvipc/msg").unwrap_or_default().lines().count(),
            self.datagrams.recv(&mut [0; 16]).is_ok(),
            outcome.performed,
            outcome.engine_ended,
            output.channel(0)[200],
        )
    }
}

/// What can be told of a process: its processors, its niceness and its limits.
fn state_of(process: u32) -> String {
    let folder = format!("/proc/{process}");
    let status = std::fs::read_to_string(format!("{folder}/status")).unwrap();
    let processors: Vec<_> = status.lines().filter(|line| line.starts_with("Cpus_allowed")).collect();
    let scheduling = std::fs::read_to_string(format!("{folder}/stat")).unwrap();
    // The name may have spaces.
    let after = scheduling.rsplit(')').next().unwrap();
    let nice: Vec<&str> = after.split(' ').skip(16).take(2).collect();
    let limits = std::fs::read_to_string(format!("{folder}/limits"));
    // Another user's, where a nursery or an engine has made itself unreadable.
    format!("{process} {processors:?} {nice:?} {:?}", limits.map_err(|error| error.kind()))
}

impl Drop for Victims {
    fn drop(&mut self) {
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}
