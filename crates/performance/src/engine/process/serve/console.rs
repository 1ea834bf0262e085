//! The console's end in the engine: each message goes out at once.

use std::os::fd::{BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use csound_library::Level;

use crate::engine::process::platform;
use crate::engine::process::protocol::level_to_byte;

/// The longest that a message waits for room on a full console while the piece compiles. While it performs,
/// none waits.
const CONSOLE_PATIENCE: Duration = Duration::from_millis(100);

/// The console's descriptor, for the callback that Csound's messages come through.
pub(super) static CONSOLE: AtomicI32 = AtomicI32::new(-1);

/// True if a message may wait for room on the console.
pub(super) static PATIENT: AtomicBool = AtomicBool::new(true);

/// Sends Csound's words out at once, so that the last before a crash are heard.
pub(super) fn say_on_console(level: Level, text: &[u8]) {
    const LONGEST: usize = 1024;
    let descriptor: RawFd = CONSOLE.load(Ordering::Acquire);
    // SAFETY: the descriptor is open for the process's whole life once it is stored.
    let socket = unsafe { BorrowedFd::borrow_raw(descriptor.max(0)) };
    for part in text.chunks(LONGEST - 1) {
        let mut packet = [0; LONGEST];
        packet[0] = level_to_byte(level);
        packet[1..=part.len()].copy_from_slice(part);
        let packet = &packet[..=part.len()];
        let began = Instant::now();
        while !platform::send_packet(socket, packet)
            && PATIENT.load(Ordering::Relaxed)
            && began.elapsed() < CONSOLE_PATIENCE
        {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
