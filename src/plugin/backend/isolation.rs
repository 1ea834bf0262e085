//! A piece's confinement and permissions, as the editor shows them.

use crate::editor::model::{Isolation, IsolationLevel, PermissionView};
use crate::permission::Permission;
use crate::plugin::control::engines;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::Network;
use crate::plugin::shared::locked::IsolationState;

/// The confinement of a piece, and all that the user may let it do.
pub(super) fn isolation_view(state: IsolationState) -> Isolation {
    let (level, explanation) = match state.plan {
        Some(Plan::InProcess) => (
            IsolationLevel::InHost,
            "It performs in the host's process and may do whatever the host may: a crash takes the host down.",
        ),
        Some(Plan::Isolated { trusted: true }) => (
            IsolationLevel::OwnProcess,
            "You trust this text: it performs in a process of its own and may do all that you may.",
        ),
        _ => (
            IsolationLevel::Confined,
            "It performs in a process of its own that starts no program and runs no code but Csound's. What \
             it writes goes with it, and it talks to nobody, unless you let it.",
        ),
    };
    let permissions = permission_views(&state).into();
    let IsolationState { granted, wants, asks, .. } = state;
    Isolation {
        level,
        trusted: granted.permissions.trusted,
        explanation: explanation.to_owned(),
        folders: granted.folders.into(),
        permissions,
        needs_trust: wants.programs,
        untrustable: granted.untrustable,
        libraries: granted.libraries.into(),
        asks_to_read: asks,
    }
}

/// The permissions that are shown: what the piece has, its own folder, and the network.
fn permission_views(state: &IsolationState) -> Vec<PermissionView> {
    let IsolationState { granted, wants, folder, .. } = state;
    let has = &granted.permissions;
    let mut views = Vec::new();
    let mut show = |permission, granted, wanted_by: &Option<String>, unavailable| {
        views.push(PermissionView { permission, granted, wanted_by: wanted_by.clone(), unavailable });
    };
    let own = folder.as_ref();
    for read in has.read.iter().chain(own.filter(|own| !has.read.contains(*own))) {
        show(Permission::Read(read.clone()), has.read.contains(read), &None, None);
    }
    for write in has.write.iter().chain(own.filter(|own| !has.write.contains(*own))) {
        let wanted_by = if own == Some(write) { &wants.writes } else { &None };
        show(Permission::Write(write.clone()), has.write.contains(write), wanted_by, None);
    }
    let machine = engines::offers_machine_network().err();
    show(Permission::MachineNetwork, has.network >= Network::Machine, &wants.network, machine);
    show(Permission::AnyNetwork, has.network == Network::Any, &None, None);
    views
}
