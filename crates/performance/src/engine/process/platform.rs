//! The services of the system that a host and its engine process need: shared memory, a way to wake each
//! other, a program to start and to watch. On Linux: a sealed memfd, futexes, socket pairs, a pidfd. Another
//! system has to bring these for engine processes there.

mod beginning;
mod birth;
pub(crate) mod listener;
mod memory;
mod own;
mod program;
mod scheduling;
mod sockets;

pub use beginning::inherited;
pub(crate) use beginning::{inherit, inherited_socket, nothing};
pub(crate) use birth::{Forked, fork_beside, threads};
pub(crate) use memory::sleep_while;
pub use memory::{SharedMemory, wake};
pub(crate) use own::{empty_output, end_with_parent, leave, restore_environment, set_name, settle_in};
pub(crate) use program::{Ended, Process, Program, end_child};
pub use scheduling::{Scheduling, thread_number};
pub(crate) use scheduling::{processor, scheduling};
pub(crate) use sockets::{
    LISTENER_PACKET, Present, packet_pair, receive_packet, receive_with, send_with, wait_for, wait_for_any,
    write_within,
};
pub use sockets::{send_listener, send_packet};
