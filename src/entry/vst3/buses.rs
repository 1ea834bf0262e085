//! The buses of an instance, as a VST3 host sees them.
//!
//! The shell (nice-plug 0.4.2, `wrapper/vst3/wrapper.rs`) compares a sidechain with the arrangement of the main bus, so
//! it never takes one that is narrower or wider, and it changes the number of buses where a host asks with fewer. So we
//! answer the host. The number of buses is that of the instance's first layout, for ever; a host that names fewer means
//! the first ones. The shell is told of a layout that it takes and that holds what was asked for; where that is a wider
//! one, the rest of it is silent ([`super::padding`]), and the instance is told how many channels its main input has.

use std::sync::{Mutex, MutexGuard, PoisonError};

use nice_plug::prelude::AudioIOLayout;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::SpeakerArrangement;

use super::speakers::{channels, usual};
use crate::layouts;

/// See the module.
pub(super) struct Buses {
    layouts: &'static [AudioIOLayout],
    chosen: Mutex<Chosen>,
}

/// What the host has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chosen {
    /// The layout's place.
    place: usize,
    inputs: Vec<SpeakerArrangement>,
    outputs: Vec<SpeakerArrangement>,
}

/// The channels of a bus: the host's, and those that the shell has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BusWidth {
    pub host: usize,
    pub shell: usize,
}

impl Buses {
    /// With the layout at this place to begin with, or the first.
    pub fn new(layouts: &'static [AudioIOLayout], place: usize) -> Self {
        let place = if place < layouts.len() { place } else { 0 };
        let all = |is_input| {
            let layout = layouts.get(place).copied().unwrap_or_default();
            layouts::channels(&layout, is_input).into_iter().map(usual).collect()
        };
        Self { layouts, chosen: Mutex::new(Chosen { place, inputs: all(true), outputs: all(false) }) }
    }

    fn chosen(&self) -> MutexGuard<'_, Chosen> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn layout(&self, place: usize) -> AudioIOLayout {
        self.layouts.get(place).copied().unwrap_or_default()
    }

    /// The layout that the host has chosen.
    pub fn present(&self) -> AudioIOLayout {
        self.layout(self.chosen().place)
    }

    /// The arrangement of a bus.
    pub fn arrangement(&self, is_input: bool, bus: usize) -> Option<SpeakerArrangement> {
        let chosen = self.chosen();
        let all = if is_input { &chosen.inputs } else { &chosen.outputs };
        all.get(bus).copied()
    }

    /// Takes what the host asks for: arrangements of the first buses either way. Any other bus stays as it is where that
    /// goes with them. A further bus may be empty: the host has nothing on it. False, and nothing is changed, where no
    /// layout is like that.
    pub fn choose(&self, inputs: &[SpeakerArrangement], outputs: &[SpeakerArrangement]) -> bool {
        let mut chosen = self.chosen();
        let present = self.layout(chosen.place);
        let mut best = None;
        for (place, layout) in self.layouts.iter().enumerate() {
            let ins = agreement(layout, &present, true, inputs);
            let Some(kept) =
                ins.zip(agreement(layout, &present, false, outputs)).map(|(ins, outs)| ins + outs)
            else {
                continue;
            };
            if best.is_none_or(|(most, _)| kept > most) {
                best = Some((kept, place));
            }
        }
        let Some((_, place)) = best else { return false };
        let (before, layout) = (chosen.clone(), self.layout(place));
        let all = |is_input, given: &[SpeakerArrangement], before: &[SpeakerArrangement]| {
            let counts = layouts::channels(&layout, is_input).into_iter().enumerate();
            let of = |(bus, count): (usize, u32)| {
                let kept = before.get(bus).copied().filter(|kept| channels(*kept) == count);
                given.get(bus).copied().or(kept).unwrap_or_else(|| usual(count))
            };
            counts.map(of).collect()
        };
        *chosen = Chosen {
            place,
            inputs: all(true, inputs, &before.inputs),
            outputs: all(false, outputs, &before.outputs),
        };
        true
    }

    /// The layout that the shell is told of.
    pub fn of_shell(&self) -> AudioIOLayout {
        let present = self.present();
        let ins = layouts::channels(&present, true);
        let is_taken = ins.iter().all(|channels| *channels == ins[0]);
        let widest = ins.iter().copied().chain(layouts::outputs(&present)).max().unwrap_or(0);
        let wider = layouts::place_of(self.layouts, &vec![widest; ins.len()], &[widest]);
        if is_taken { present } else { wider.map_or(present, |place| self.layout(place)) }
    }

    /// The channels of the host's main input, where the shell's layout has more.
    pub fn narrow_main(&self) -> Option<usize> {
        let (present, of_shell) = (self.present().main_input_channels, self.of_shell().main_input_channels);
        present.filter(|_| present != of_shell).map(|channels| channels.get() as usize)
    }

    /// The widths of the inputs or the outputs.
    pub fn widths(&self, is_input: bool) -> Vec<BusWidth> {
        let host = layouts::channels(&self.present(), is_input);
        let shell = layouts::channels(&self.of_shell(), is_input);
        let width = |(host, shell): (u32, u32)| BusWidth { host: host as usize, shell: shell as usize };
        host.into_iter().zip(shell).map(width).collect()
    }
}

/// How many buses that are not given a layout leaves as they are at present; none where it is not what is given, or has
/// another number of buses.
fn agreement(
    layout: &AudioIOLayout,
    present: &AudioIOLayout,
    is_input: bool,
    given: &[SpeakerArrangement],
) -> Option<usize> {
    let (these, those) = (layouts::channels(layout, is_input), layouts::channels(present, is_input));
    if these.len() != those.len() || given.len() > these.len() {
        return None;
    }
    let mut kept = 0;
    for (bus, (this, that)) in these.iter().zip(&those).enumerate() {
        match given.get(bus).map(|given| channels(*given)) {
            // Nothing is on it: what it would have does not matter.
            Some(0) if bus > 0 => kept += usize::from(this == that),
            Some(wanted) if wanted == *this => {}
            Some(_) => return None,
            None => kept += usize::from(this == that),
        }
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layouts::{EFFECT, INSTRUMENT, MULTI_OUT};

    fn counts(buses: &Buses) -> (Vec<u32>, Vec<u32>) {
        (layouts::channels(&buses.present(), true), layouts::channels(&buses.present(), false))
    }

    fn ask(buses: &Buses, inputs: &[u32], outputs: &[u32]) -> bool {
        let all = |counts: &[u32]| counts.iter().copied().map(usual).collect::<Vec<_>>();
        buses.choose(&all(inputs), &all(outputs))
    }

    /// What the shell makes of a question, as it has it.
    fn shell_takes(inputs: &[u32], outputs: &[u32]) -> Option<AudioIOLayout> {
        let is_it = |layout: &&AudioIOLayout| {
            layouts::inputs(layout).count() == inputs.len()
                && layouts::inputs(layout).all(|channels| channels == inputs[0])
                && layouts::outputs(layout).eq(outputs.iter().copied())
        };
        EFFECT.iter().find(is_it).copied()
    }

    #[test]
    fn every_layout_with_a_sidechain_can_be_had_and_the_shell_takes_what_it_is_told() {
        let buses = Buses::new(EFFECT, 0);
        for layout in EFFECT.iter().filter(|layout| !layout.aux_input_ports.is_empty()) {
            let (ins, outs) = (layouts::channels(layout, true), layouts::channels(layout, false));
            assert!(ask(&buses, &ins, &outs), "{}", layout.name());
            assert_eq!(counts(&buses), (ins, outs));
            let told = buses.of_shell();
            let (told_in, told_out) = (layouts::channels(&told, true), layouts::channels(&told, false));
            assert_eq!(shell_takes(&told_in, &told_out), Some(told), "{}", layout.name());
            for width in buses.widths(true).into_iter().chain(buses.widths(false)) {
                assert!(width.host <= width.shell, "{}", layout.name());
            }
        }
    }

    #[test]
    fn a_host_that_names_fewer_buses_means_the_first_ones() {
        let buses = Buses::new(EFFECT, 0);
        assert!(ask(&buses, &[], &[]));
        assert_eq!(counts(&buses), (vec![2, 2], vec![2]));
        assert!(ask(&buses, &[4], &[4]));
        assert_eq!(counts(&buses), (vec![4, 2], vec![4]), "the sidechain is as it was");
        assert!(ask(&buses, &[1], &[1]));
        assert_eq!((counts(&buses), buses.narrow_main()), ((vec![1, 2], vec![1]), Some(1)));
        assert!(ask(&buses, &[2, 0], &[2]), "nothing is on the sidechain");
        assert_eq!((counts(&buses), buses.narrow_main()), ((vec![2, 2], vec![2]), None));
        assert_eq!((buses.arrangement(true, 1), buses.arrangement(true, 2)), (Some(usual(0)), None));
        let multi = Buses::new(INSTRUMENT, MULTI_OUT);
        for count in 0..=8 {
            assert!(ask(&multi, &[], &vec![2; count]));
        }
        assert!(ask(&multi, &[], &[2, 0, 0, 2]));
        assert_eq!(counts(&multi), (vec![], vec![2; 8]));
    }

    #[test]
    fn what_no_layout_has_is_refused_and_changes_nothing() {
        let buses = Buses::new(EFFECT, 0);
        for (ins, outs) in
            [(&[3][..], &[3][..]), (&[2, 2, 2], &[2]), (&[2], &[2, 2]), (&[0], &[0]), (&[2, 6], &[2])]
        {
            assert!(!ask(&buses, ins, outs), "{ins:?} {outs:?}");
            assert_eq!(counts(&buses), (vec![2, 2], vec![2]));
        }
        let instrument = Buses::new(INSTRUMENT, 0);
        assert!(!ask(&instrument, &[], &[2, 2]), "it has one bus, for ever");
        assert!(!ask(&Buses::new(INSTRUMENT, MULTI_OUT), &[], &[4]));
        assert!(ask(&instrument, &[], &[6]));
        assert_eq!(counts(&instrument), (vec![], vec![6]));
    }
}
