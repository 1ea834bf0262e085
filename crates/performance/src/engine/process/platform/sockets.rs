//! The sockets between a host and its engine.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

/// The two ends of the console: whole packets, kept by the system when the writer has ended.
///
/// # Errors
/// The system's error.
pub(crate) fn packet_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let kind = SocketType::SEQPACKET;
    Ok(rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?)
}

/// One packet, if one waits: its length, 0 at the end, and the descriptor that came with it.
///
/// # Errors
/// `WouldBlock` if none waits.
pub(crate) fn receive_packet(socket: &OwnedFd, into: &mut [u8]) -> io::Result<(usize, Option<OwnedFd>)> {
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut room);
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let received = rustix::net::recvmsg(socket, &mut [IoSliceMut::new(into)], &mut ancillary, flags)?;
    let mut came = None;
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            // More than one is not what we send: those go with the loop.
            came = descriptors.last();
        }
    }
    Ok((received.bytes, came))
}

/// The first byte of the packet that an engine's listener comes with.
pub(crate) const LISTENER_PACKET: u8 = 0xFF;

/// Sends a listener to the host, on the console, and closes it here.
///
/// # Errors
/// The system's error.
pub fn send_listener(console: BorrowedFd<'_>, listener: OwnedFd) -> io::Result<()> {
    send_with(console, &[LISTENER_PACKET], &[listener.as_fd()])
}

/// The most descriptors that go with one packet.
const MOST_DESCRIPTORS: usize = 3;

/// Sends one packet with descriptors. It waits for room.
///
/// # Errors
/// The system's error.
pub(crate) fn send_with(
    socket: BorrowedFd<'_>,
    packet: &[u8],
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut room);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("too many descriptors for one packet"));
    }
    let send = || rustix::net::sendmsg(socket, &[IoSlice::new(packet)], &mut ancillary, SendFlags::NOSIGNAL);
    rustix::io::retry_on_intr(send)?;
    Ok(())
}

/// Receives one packet and what came with it, waiting for it: its length, 0 at the end.
///
/// # Errors
/// The system's error.
pub(crate) fn receive_with(socket: BorrowedFd<'_>, into: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut room);
    let receive = || {
        let flags = RecvFlags::CMSG_CLOEXEC;
        rustix::net::recvmsg(socket, &mut [IoSliceMut::new(into)], &mut ancillary, flags)
    };
    let received = rustix::io::retry_on_intr(receive)?;
    let mut came = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            came.extend(descriptors);
        }
    }
    Ok((received.bytes, came))
}

/// Sends one packet if there is room for it.
///
/// # Realtime safety
/// One system call; never waits.
pub fn send_packet(socket: BorrowedFd<'_>, packet: &[u8]) -> bool {
    rustix::net::send(socket, packet, SendFlags::DONTWAIT | SendFlags::NOSIGNAL).is_ok()
}

/// Reads what a stream has, and never waits: what is there may be nothing that can be read.
pub(crate) struct Present<'a>(pub &'a UnixStream);

impl io::Read for Present<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (read, _) = rustix::net::recv(self.0, into, RecvFlags::DONTWAIT)?;
        Ok(read)
    }
}

/// Writes all of these bytes to a stream, or fails after `limit`; what was written until then was.
///
/// # Errors
/// The other side has not taken them in time, or the system's error.
pub(crate) fn write_within(stream: &UnixStream, mut bytes: &[u8], limit: Duration) -> io::Result<()> {
    let until = Instant::now() + limit;
    while !bytes.is_empty() {
        match rustix::net::send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                let mut polled = [PollFd::new(stream, PollFlags::OUT)];
                // An interrupted wait is looked at again.
                let _ = rustix::event::poll(&mut polled, Some(&timespec(left)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until one of the descriptors has something to read or is at its end; which.
pub(crate) fn wait_for<const N: usize>(descriptors: [BorrowedFd<'_>; N], limit: Duration) -> [bool; N] {
    let mut polled = descriptors.map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN));
    // An interrupted wait is one that saw nothing.
    if rustix::event::poll(&mut polled, Some(&timespec(limit))).is_err() {
        return [false; N];
    }
    polled.map(|descriptor| !descriptor.revents().is_empty())
}

/// Waits without end until one of the descriptors has something to read or is at its end; which.
pub(crate) fn wait_for_any(descriptors: &[BorrowedFd<'_>]) -> Vec<bool> {
    let polled = descriptors.iter().map(|descriptor| PollFd::from_borrowed_fd(*descriptor, PollFlags::IN));
    let mut polled: Vec<_> = polled.collect();
    // An interrupted wait is one that saw nothing.
    if rustix::event::poll(&mut polled, None).is_err() {
        return vec![false; descriptors.len()];
    }
    polled.iter().map(|descriptor| !descriptor.revents().is_empty()).collect()
}

pub(super) fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: i64::from(duration.subsec_nanos()) }
}
