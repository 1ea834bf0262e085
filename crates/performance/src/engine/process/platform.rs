//! The services of the system that a host and its engine process need: shared memory, a way to wake each
//! other, a program to start and to watch. On Linux: a sealed memfd, futexes, socket pairs, a pidfd. Another
//! system has to bring these for engine processes there.

pub(crate) mod listener;
mod memory;
mod program;
mod scheduling;
mod sockets;

pub(crate) use memory::sleep_while;
pub use memory::{SharedMemory, wake};
pub use program::inherited;
pub(crate) use program::{Ended, Process};
pub use scheduling::{Scheduling, thread_number};
pub(crate) use scheduling::{processor, scheduling};
pub(crate) use sockets::{LISTENER_PACKET, Present, packet_pair, receive_packet, wait_for, write_within};
pub use sockets::{send_listener, send_packet};
