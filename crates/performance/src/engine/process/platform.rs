//! What a host and its engine process need of the system: shared memory, a way to wake each other,
//! a program to start and to watch. On Linux: a sealed memfd, futexes, socket pairs, a pidfd. This is
//! what another system has to bring for engine processes there.

pub mod listener;
mod memory;
mod program;
mod scheduling;
mod sockets;

pub use memory::{SharedMemory, sleep_while, wake};
pub use program::{Ended, Process, inherited};
pub use scheduling::{Scheduling, processor, scheduling, thread_number};
pub use sockets::{
    LISTENER_PACKET, Present, packet_pair, receive_packet, send_listener, send_packet, wait_for, write_within,
};
