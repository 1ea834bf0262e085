//! Sections in the JSON of Cabbage 3: the same widgets by other names. Pure.
//!
//! A section is a list of objects, or an object with such a list as `widgets`. Each property is named by its path, such
//! as `bounds.left`; [`paths`] says which identifier that is here. [`section`] makes widgets of a section; what a piece
//! changes while it performs is read by [`scan`], without memory of its own.

pub mod paths;
pub mod scan;
pub mod section;
