//! What the browser of pieces shows: found on the disk within bounds, on a thread of its own.
//!
//! Reading order: [`head`] (what a piece says of itself), [`folders`] (the user's folders), [`scan`] (all of it).

pub mod folders;
pub mod head;
pub mod scan;
