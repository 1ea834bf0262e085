//! An export's library in a CLAP or in a VST3 host, for what has to hold in both.

use std::fs;
use std::path::Path;

use test_host::host::{Block, Event, Host, Instance};
use test_host::session::error_of;

use crate::buses::{instances, vst3};
use crate::common::vst3::moves::Move;
use crate::common::vst3::{Gives, Instance as Vst3Instance, Mode, Module, program};

/// A library in a host that loads its only plugin.
pub(super) enum Loaded {
    Clap(Host),
    Vst3(Module),
}

/// An instance of it.
pub(super) enum Either {
    Clap(Box<Instance>),
    Vst3(Vst3Instance),
}

impl Loaded {
    /// Both formats of an export: the CLAP's library, and the VST3's bundle.
    pub(super) fn both(clap: &Path, bundle: &Path) -> [Self; 2] {
        [Self::Clap(Host::load(clap).unwrap()), Self::Vst3(Module::load(&program(bundle)))]
    }

    /// The same of files that the loader does not know, though it may have loaded what lay there: as a host has them that
    /// is started again.
    pub(super) fn both_new(clap: &Path, bundle: &Path) -> [Self; 2] {
        for file in [clap, &program(bundle)] {
            let copy = file.with_extension("copy");
            fs::copy(file, &copy).unwrap();
            fs::rename(&copy, file).unwrap();
        }
        Self::both(clap, bundle)
    }

    /// A new instance, which is not active.
    pub(super) fn instance(&self) -> Either {
        match self {
            Self::Clap(host) => {
                let [plugin] = &host.plugins()[..] else { panic!("{:?}", host.plugins()) };
                Either::Clap(Box::new(Instance::new(host, &plugin.id).unwrap()))
            }
            Self::Vst3(module) => {
                let [class] = &module.classes()[..] else { panic!("{:?}", module.classes()) };
                Either::Vst3(Vst3Instance::new(module, class.id, Gives::Nothing))
            }
        }
    }
}

impl Either {
    /// Activates it, to perform in a mode.
    pub(super) fn begin(&mut self, mode: Mode) {
        match self {
            Self::Clap(instance) => {
                instance.set_offline(mode == Mode::Offline).unwrap();
                instance.activate(48_000.0, 1, 512).unwrap();
                instance.settle().unwrap();
                instance.start().unwrap();
            }
            Self::Vst3(instance) => instance.activate_in(mode),
        }
    }

    /// Ends that. It can begin again.
    pub(super) fn cease(&mut self) {
        match self {
            Self::Clap(instance) => instance.deactivate(),
            Self::Vst3(instance) => instance.deactivate(),
        }
    }

    /// The first channel of a block of an instrument.
    pub(super) fn block(&mut self) -> Vec<f32> {
        match self {
            Self::Clap(instance) => {
                let block = Block { frames: 480, ..Block::default() };
                instance.process(block).unwrap().output.swap_remove(0)
            }
            Self::Vst3(instance) => instance.block(480),
        }
    }

    /// What an effect with a sidechain in stereo makes of four channels, in blocks of many sizes.
    pub(super) fn made_of(&mut self, given: &[Vec<f32>]) -> Vec<Vec<f32>> {
        match self {
            Self::Clap(instance) => instances::heard(instance, &given[..2], &given[2..]),
            Self::Vst3(instance) => vst3::heard(instance, &[2, 2], &[2], given),
        }
    }

    /// The frames by which that is late.
    pub(super) fn latency(&mut self) -> usize {
        match self {
            Self::Clap(instance) => instance.latency() as usize,
            Self::Vst3(instance) => instance.latency(),
        }
    }

    /// Moves a parameter.
    pub(super) fn set(&mut self, id: u32, value: f64) {
        match self {
            Self::Clap(instance) => drop(instance.flush(&[Event::param(0, id, value)]).unwrap()),
            // As hosts do: what shows it, and in a block what performs.
            Self::Vst3(instance) => {
                instance.set(id, value);
                instance.moved(1, &[Move { frame: 0, id, position: value }]);
            }
        }
    }

    /// Where it stands.
    pub(super) fn value(&mut self, id: u32) -> f64 {
        match self {
            Self::Clap(instance) => instance.param_value(id).unwrap(),
            Self::Vst3(instance) => instance.value(id),
        }
    }

    /// The state as a CLAP has it: with its length before it.
    pub(super) fn save(&mut self) -> Vec<u8> {
        match self {
            Self::Clap(instance) => instance.save_state().unwrap(),
            Self::Vst3(instance) => {
                let state = instance.save();
                [&(state.len() as u64).to_le_bytes(), &state[..]].concat()
            }
        }
    }

    /// Gives it such a state.
    pub(super) fn load(&mut self, state: &[u8]) {
        match self {
            Self::Clap(instance) => instance.load_state(state).unwrap(),
            Self::Vst3(instance) => instance.load(&state[size_of::<u64>()..]),
        }
    }

    /// Why its piece does not perform.
    pub(super) fn error(&mut self) -> Option<String> {
        error_of(&self.save()).unwrap()
    }
}
