//! A portable Csound: a folder with libcsound, its opcode libraries and all that these need, which lies beside a plugin
//! and plays where no Csound is installed.
//!
//! ```text
//! csound6/                     csound7/ for the other generation
//!   libcsound64.so.6.0
//!   libsndfile.so.1 …          what it needs, but for what every system has
//!   libraries.txt              these, in the order in which they are loaded
//!   csound/plugins64-6.0/      opcode libraries that are on the list
//!   licences/                  a text for each package that something was taken from
//!   SOURCES.txt                what came from where, and what whoever passes it on has to do
//! ```
//!
//! Reading order: `list` (which opcode libraries), `elf` and `needs` (what they need), `packages` and `licences` (whose
//! they are), `sources` (what is said of it), `copy`, `put` (the folder).

mod copy;
mod elf;
mod licences;
mod list;
mod needs;
mod packages;
mod put;
mod sources;

pub use copy::copy;
pub use elf::{Elf, ElfError, Glibc};
pub use list::{MayGo, may_go};
pub use needs::{Place, is_everywhere};
pub use packages::{Package, Packages};
pub use put::{Contents, PortableError, SOURCES, is_portable, put};
