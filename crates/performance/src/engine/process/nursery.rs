//! A nursery: a process of the engine program that has loaded libcsound and made one instance, and forks off
//! each engine of an untrusted piece. What is slow in an engine's start, Csound opening its opcode libraries, has
//! then happened already.
//!
//! The nursery never sees a piece. It gets an engine's three descriptors and forks; the engine makes an instance of
//! its own and goes on exactly as one that was started as a program does. That instance of the nursery is there
//! only so that the libraries stay loaded.
//!
//! An engine is a child of the *host*, whose thread started the nursery: the host collects it, and the
//! kernel ends it with the host, as any engine. So nothing depends on the nursery once the engine is there.
//!
//! Reading order: `words` (what host and nursery say), `attend` (the nursery), then the host's side: `key` (what a
//! nursery is good for), `client` (one nursery), `keeper` (the thread that starts them and sees them end), `pool`
//! (what an engine is asked of).

mod attend;
mod client;
mod keeper;
mod key;
mod pool;
mod words;

pub(crate) use attend::{ARGUMENT, Nursed, attend};
pub(crate) use key::Key;
pub use pool::Nurseries;
pub(crate) use pool::{Birth, Upbringing};
