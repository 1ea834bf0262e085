//! Under which name and in which module a host shows a parameter.

use crate::plugin::params::place_at;
use crate::plugin::shared::link::Link;

/// The module of the channel bank, as the shell has it.
const BANK: &str = "Channels";

/// How a host shows a parameter.
pub(super) struct HostName {
    pub name: String,
    /// Its parts have `/` between them.
    pub module: String,
}

/// How the parameter at this index of the host's list is shown, where its channel says so.
pub(super) fn shown_at(link: &Link, index: usize) -> Option<HostName> {
    let place = place_at(link.export.as_deref(), index)?;
    let shown = link.names.shown().get(place)?.clone()?;
    // A name of which nothing is to be seen is none.
    let name = Some(shown.name).filter(|name| !name.trim().is_empty())?;
    let module = match (&link.export, shown.group.is_empty()) {
        // Its parameters are its channels: no module says so.
        (Some(_), _) => shown.group,
        (None, true) => BANK.to_owned(),
        (None, false) => format!("{BANK}/{}", shown.group),
    };
    Some(HostName { name, module })
}
