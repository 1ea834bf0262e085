//! The manual at the cursor: an installed one, or one in a folder of the user's, found and read within bounds.
//!
//! Reading order: [`folders`] (where manuals are), [`pages`] (what is in one).

pub mod folders;
pub mod pages;
