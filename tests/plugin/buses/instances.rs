//! A CLAP instance with a layout, and what is heard of it.

use test_host::host::{Block, Host, Instance, PortLayout};
use test_host::session::Session;

use super::{FRAMES, LARGEST, SIZES};
use crate::host;

/// Active, with the layout of this id.
pub fn with_layout(host: &Host, plugin: &str, session: &Session, layout: u32) -> Instance {
    let mut instance = Instance::new(host, plugin).unwrap();
    instance.set_offline(true).unwrap();
    instance.load_state(&session.state().unwrap()).unwrap();
    instance.select_layout(layout).unwrap();
    instance.activate(48_000.0, 1, LARGEST as u32).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    instance
}

/// The channels of all outputs, and so many frames more than are compared as the sound is late.
pub fn heard(instance: &mut Instance, main: &[Vec<f32>], sidechain: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut heard: Vec<Vec<f32>> = Vec::new();
    let end = FRAMES + instance.latency() as usize;
    let mut at = 0;
    for size in SIZES.into_iter().cycle() {
        let frames = size.min(end - at);
        if frames == 0 {
            return heard;
        }
        let part = |all: &[Vec<f32>]| -> Vec<Vec<f32>> {
            all.iter().map(|channel| channel[at..at + frames].to_vec()).collect()
        };
        let (main, sidechain) = (part(main), part(sidechain));
        let main: Vec<&[f32]> = main.iter().map(Vec::as_slice).collect();
        let sidechain: Vec<&[f32]> = sidechain.iter().map(Vec::as_slice).collect();
        let block = Block { frames, input: &main, sidechain: &sidechain, ..Block::default() };
        let played = instance.process(block).unwrap();
        let channels = played.output.into_iter().chain(played.further.into_iter().flatten());
        for (index, channel) in channels.enumerate() {
            if heard.len() == index {
                heard.push(Vec::new());
            }
            heard[index].extend(channel);
        }
        at += frames;
    }
    heard
}

/// The layouts of a plugin, as a new instance has them.
pub fn layouts(plugin: &str) -> Vec<PortLayout> {
    Instance::new(&host(), plugin).unwrap().layouts().unwrap()
}
