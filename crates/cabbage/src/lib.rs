//! Cabbage's widgets as an engine and its host both know them. Pure: no threads, clocks or files.
//!
//! A `<Cabbage>` section describes widgets, each by identifiers with values: `bounds(10, 10, 70, 70)`. A piece
//! reads and changes them while it performs; every change is an identifier of a widget with its new values.
//!
//! Reading order: [`text`] (from a section to its words), [`json`] (from one in JSON to the same), [`scan`] (the same
//! of a single text, without memory of its own), [`value`] (values and changes), [`store`] (identifiers with their
//! values in a fixed room), [`mod@array`] (one line for several widgets), [`tree`] (the widgets of a piece, for an engine),
//! [`table`] (what is shown of a table, and edits of one), [`signal`] (what is shown of a signal), [`changes`] (what
//! was changed, for a host), [`colour`].

pub mod array;
pub mod changes;
pub mod colour;
pub mod json;
pub mod scan;
pub mod signal;
pub mod store;
pub mod table;
pub mod text;
pub mod tree;
pub mod value;
pub mod warning;

pub use changes::Changes;
pub use store::Store;
pub use tree::Tree;
pub use value::{Change, Value, ValueRef, WidgetName};
