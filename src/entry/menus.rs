//! The numbers by which hosts know the parameters that menus are of.

use csound_export::numeric_id;

use crate::host_menu::MenuOf;
use crate::identity::Exported;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::params::PerformerParams;
use crate::plugin::shared::link::Link;

/// What the user is told where the host does not do what was chosen.
pub(super) const REFUSED: &str = "the host has not done what was chosen of its menu";

/// The number by which a host knows a parameter, if it has it.
pub(super) fn number_of(link: &Link, of: MenuOf) -> Option<u32> {
    let export = link.export.as_deref();
    match (of, export) {
        (MenuOf::Channel(place), Some(export)) => {
            export.parameters().nth(place).map(|(parameter, _)| numeric_id(&parameter.id()))
        }
        (MenuOf::Channel(place), None) => {
            (place < PARAMETERS).then(|| numeric_id(&format!("c{:03}", place + 1)))
        }
        (MenuOf::Event(slot), _) => own(export, &format!("event_{}", slot + 1)),
        (MenuOf::Own(id), _) => own(export, id),
    }
}

fn own(export: Option<&Exported>, id: &str) -> Option<u32> {
    PerformerParams::knows(export, id).then(|| numeric_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_by_the_numbers_of_their_ids() {
        let link = Link::default();
        let known = [MenuOf::Channel(0), MenuOf::Channel(127), MenuOf::Event(15), MenuOf::Own("gain")];
        let numbers = ["c001", "c128", "event_16", "gain"].map(|id| Some(numeric_id(id)));
        assert_eq!(known.map(|of| number_of(&link, of)), numbers);
        for of in [MenuOf::Channel(128), MenuOf::Event(16), MenuOf::Own("csound"), MenuOf::Own("mpe")] {
            assert_eq!(number_of(&link, of), None, "{of:?}");
        }
    }
}
