//! What a piece may not touch.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use crate::attempts::*;

/// A file and a process that a piece may not touch, and how they stand.
pub struct Victims {
    pub host: std::process::Child,
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
        Self { host, secret, datagrams }
    }

    /// All that can be told of them.
    pub fn state(&mut self) -> String {
        let found = std::fs::metadata(&self.secret).unwrap();
        let process = format!("/proc/{}", self.host.id());
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
        let lines = status.lines().filter(|line| line.starts_with("Cpus_allowed"));
        let scheduling = std::fs::read_to_string(format!("{process}/stat")).unwrap();
        let nice: Vec<&str> = scheduling.split(' ').skip(17).take(2).collect();
        format!(
            "{:?} {:?} {:o} {} {} {} {:?} {:?} {nice:?} {} {:?} {:?}",
            self.host.try_wait().unwrap(),
            std::fs::read_to_string(&self.secret).unwrap(),
            found.mode(),
            found.uid(),
            found.mtime_nsec(),
            found.nlink(),
            lines.collect::<Vec<_>>(),
            std::fs::read_to_string(format!("{process}/limits")).unwrap(),
            std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default().lines().count(),
            std::fs::read_to_string("/proc/sysvipc/msg").unwrap_or_default().lines().count(),
            self.datagrams.recv(&mut [0; 16]).is_ok(),
        )
    }
}

impl Drop for Victims {
    fn drop(&mut self) {
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}
