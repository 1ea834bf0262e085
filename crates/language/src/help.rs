//! Help where the cursor is: what may be completed, and what the opcode there takes and gives.

mod complete;
mod cursor;
mod fuzzy;
mod signature;
mod snippets;

pub use complete::{Candidate, CandidateKind, Completion, completion};
pub use cursor::{Place, line_at, place_of};
pub use fuzzy::score;
pub use signature::{Form, Signature, signature};
pub use snippets::{SNIPPETS, Snippet};
