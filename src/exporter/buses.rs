//! The buses that an export begins with: as the user says, else as its last version had them, else as the piece's
//! `nchnls` and `nchnls_i` ask for.

use csound_export::{Buses, Kind, Known};

use super::request::Request;
use crate::layouts::{self, Asked};

/// The buses for a manifest: none where they are the usual ones of the kind.
///
/// # Errors
/// The user asks for buses that there are not; it says which there are.
pub(super) fn of(
    request: &Request,
    kind: Kind,
    last: Option<&Known>,
    asked: Asked,
) -> Result<Option<Buses>, String> {
    let layouts = layouts::of_kind(kind);
    let at = |place: usize| {
        let of = |is_input| layouts::channels(&layouts[place], is_input);
        Buses { inputs: of(true), outputs: of(false) }
    };
    let place = match (&request.inputs[..], &request.outputs[..]) {
        // Those of the other kind are none of this one's.
        ([], []) => match last.filter(|last| last.kind.is_none_or(|its| its == kind)) {
            Some(last) => return Ok(last.buses.clone()),
            None => asked.preferred(layouts).unwrap_or(0),
        },
        (inputs, outputs) => {
            let is_it = |place: &usize| {
                let Buses { inputs: ins, outputs: outs } = at(*place);
                (inputs.is_empty() || ins == inputs) && (outputs.is_empty() || outs == outputs)
            };
            (0..layouts.len()).find(is_it).ok_or_else(|| {
                let all: Vec<_> = (0..layouts.len()).map(|place| words(&at(place))).collect();
                format!("there are no such buses for this kind of plugin, but {}", all.join("; "))
            })?
        }
    };
    Ok((place > 0).then(|| at(place)))
}

/// Buses as `--inputs` and `--outputs` name them.
fn words(buses: &Buses) -> String {
    let list = |counts: &[u32]| counts.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    match &buses.inputs[..] {
        [] => format!("--outputs {}", list(&buses.outputs)),
        inputs => format!("--inputs {} --outputs {}", list(inputs), list(&buses.outputs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUAD: Asked = Asked { inputs: 4, outputs: 4 };

    fn of(
        kind: Kind,
        inputs: &[u32],
        outputs: &[u32],
        last: Option<Option<Buses>>,
    ) -> Result<Option<Buses>, String> {
        let request = Request { inputs: inputs.to_vec(), outputs: outputs.to_vec(), ..Request::default() };
        let last = last.map(|buses| Known { buses, ..Known::default() });
        super::of(&request, kind, last.as_ref(), QUAD)
    }

    fn buses(inputs: &[u32], outputs: &[u32]) -> Option<Buses> {
        Some(Buses { inputs: inputs.to_vec(), outputs: outputs.to_vec() })
    }

    #[test]
    fn the_user_goes_before_the_last_export_and_that_before_the_piece() {
        assert_eq!(of(Kind::Instrument, &[], &[], None), Ok(buses(&[], &[4])));
        assert_eq!(of(Kind::Effect, &[], &[], None), Ok(buses(&[4, 4], &[4])));
        assert_eq!(
            of(Kind::Instrument, &[], &[], Some(None)),
            Ok(None),
            "a last export that had the usual ones"
        );
        assert_eq!(of(Kind::Instrument, &[], &[], Some(buses(&[], &[8]))), Ok(buses(&[], &[8])));
        assert_eq!(of(Kind::Instrument, &[], &[2, 2, 2], Some(None)), Ok(buses(&[], &[2, 2, 2])));
        assert_eq!(of(Kind::Instrument, &[], &[2], None), Ok(None));
        assert_eq!(of(Kind::Effect, &[4, 2], &[], None), Ok(buses(&[4, 2], &[4])));
        assert_eq!(of(Kind::Effect, &[], &[1], None), Ok(buses(&[1, 1], &[1])));
    }

    #[test]
    fn a_plugin_that_becomes_the_other_kind_begins_with_buses_of_that_kind() {
        let last = Known { kind: Some(Kind::Effect), buses: buses(&[2, 2], &[2]), ..Known::default() };
        let of = |kind| super::of(&Request::default(), kind, Some(&last), QUAD);
        assert_eq!(of(Kind::Instrument), Ok(buses(&[], &[4])));
        assert_eq!(of(Kind::Effect), Ok(last.buses.clone()));
    }

    #[test]
    fn buses_that_there_are_not_are_refused_with_those_that_there_are() {
        for (kind, inputs, outputs) in [
            (Kind::Instrument, &[2][..], &[2][..]),
            (Kind::Instrument, &[], &[3]),
            (Kind::Effect, &[2, 2, 2], &[]),
        ] {
            let why = of(kind, inputs, outputs, None).unwrap_err();
            assert!(why.contains("--outputs 16"), "{why}");
        }
    }
}
