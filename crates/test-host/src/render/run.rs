//! A rendering in progress.

use std::time::Instant;

use anyhow::{Result, bail, ensure};

use super::RenderOptions;
use crate::host::{Block, Event, EventBody, Instance};

/// A piece that has not ended by itself after this time needs `--seconds`.
const LONGEST_SECONDS: f64 = 20.0 * 60.0;

/// A rendering in progress.
pub(super) struct Run<'a> {
    pub(super) instance: Instance,
    pub(super) options: &'a RenderOptions,
    pub(super) events: Vec<(u64, EventBody)>,
    pub(super) latency: u32,
    /// Channels of the main input, behind which the sidechain's are.
    pub(super) main_inputs: usize,
    pub(super) rendered: Vec<Vec<f32>>,
    pub(super) midi_out: Vec<(u64, Vec<u8>)>,
}

impl Run<'_> {
    /// Plays `length` frames, or to the end of the piece. True if it ended by itself.
    pub(super) fn play(
        &mut self,
        length: Option<u64>,
        progress: &mut impl FnMut(u64, Option<u64>),
    ) -> Result<bool> {
        let latency = u64::from(self.latency);
        let longest = (LONGEST_SECONDS * f64::from(self.options.rate)) as u64;
        // The output is late by the latency, so the input goes on for as long.
        let mut end = length.map(|frames| frames + latency);
        let mut ended = false;
        let mut position = 0;
        let began = Instant::now();
        for size in self.options.block.sizes() {
            let frames = end.map_or(u64::from(size), |end| (end - position).min(size.into()));
            if frames == 0 {
                break;
            }
            let plays = self.block(position, frames as usize)?;
            position += frames;
            if !plays && !ended {
                ended = true;
                end = end.or(Some(position + latency));
            }
            ensure!(
                end.is_some() || position < longest,
                "{} has not ended after {} minutes: give a length with --seconds",
                self.options.session.name,
                LONGEST_SECONDS / 60.0
            );
            let limit = self.options.limit.filter(|limit| began.elapsed() > *limit);
            if let Some(limit) = limit {
                bail!("the plugin is not done within {} s", limit.as_secs_f64());
            }
            self.instance.idle();
            ensure!(
                !self.instance.wants_restart(),
                "the piece's latency changed in the middle of the rendering"
            );
            progress(position, end);
        }
        Ok(ended)
    }

    /// Plays one block. False once the piece has ended.
    fn block(&mut self, position: u64, frames: usize) -> Result<bool> {
        let inputs: Vec<Vec<f32>> =
            self.options.input.iter().map(|channel| slice(channel, position, frames)).collect();
        let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        let (main, sidechain) = inputs.split_at(inputs.len().min(self.main_inputs));
        let due = self.events.partition_point(|(frame, _)| *frame < position + frames as u64);
        let events: Vec<Event> = self
            .events
            .drain(..due)
            .map(|(frame, body)| Event { frame: (frame - position) as u32, body })
            .collect();
        let played = self.instance.process(Block {
            frames,
            input: main,
            sidechain,
            events: &events,
            transport: None,
        })?;
        for event in &played.events {
            let frame = position + u64::from(event.frame);
            if let (Some(message), Some(frame)) =
                (event.body.midi_bytes(), frame.checked_sub(self.latency.into()))
            {
                self.midi_out.push((frame, message));
            }
        }
        self.rendered.resize(played.output.len(), Vec::new());
        let early = u64::from(self.latency).saturating_sub(position).min(frames as u64) as usize;
        for (rendered, channel) in self.rendered.iter_mut().zip(&played.output) {
            rendered.extend_from_slice(&channel[early..]);
        }
        Ok(played.is_playing())
    }
}

/// The part of an input that a block hears, silence after its end.
fn slice(channel: &[f32], position: u64, frames: usize) -> Vec<f32> {
    let begin = usize::try_from(position).unwrap_or(usize::MAX).min(channel.len());
    let end = begin.saturating_add(frames).min(channel.len());
    let mut part = channel[begin..end].to_vec();
    part.resize(frames, 0.0);
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_followed_by_silence() {
        let input = [1.0, 2.0, 3.0];
        assert_eq!(slice(&input, 0, 2), [1.0, 2.0]);
        assert_eq!(slice(&input, 2, 3), [3.0, 0.0, 0.0]);
        assert_eq!(slice(&input, 9, 2), [0.0, 0.0]);
    }
}
