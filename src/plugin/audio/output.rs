//! The last stage: gain and bypass, late by the reported latency as the sound is, so that what was
//! asked for a frame is heard at that frame.

use std::collections::VecDeque;

use csound_performance::engine::MAX_KSMPS;

use super::outgoing::Edge;

/// How long a change of gain or bypass takes, in seconds.
const RAMP_SECONDS: f64 = 0.010;

/// Most times that one block goes into or out of bypass: more come of blocks that are shorter than a fade.
const EDGES: usize = 64;

/// What holds from a frame on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Setting {
    /// Gain as a factor, 0 or more.
    gain: f32,
    /// 1 where the performance is heard, 0 where it is bypassed.
    heard: f32,
}

impl Setting {
    fn of(gain: f32, bypass: bool) -> Self {
        Self { gain, heard: if bypass { 0.0 } else { 1.0 } }
    }
}

/// Applies gain and bypass.
pub struct Output {
    /// Settings on their way, with the frames for which each holds.
    waiting: VecDeque<(usize, Setting)>,
    /// What is approached, and what is reached.
    target: Setting,
    present: Setting,
    /// How far `present` moves in a frame, of the whole way.
    step: f32,
    /// The largest latency: a k-cycle, and a block if the timing is pipelined.
    latest: usize,
    /// What the effect's input was, late by the latency.
    dry: Vec<VecDeque<f32>>,
    latency: usize,
    /// Where the last block went into bypass and out of it.
    edges: Vec<Edge>,
    /// What the last of all edges has told.
    told_heard: bool,
}

impl Default for Output {
    fn default() -> Self {
        let unity = Setting { gain: 1.0, heard: 1.0 };
        Self {
            waiting: VecDeque::new(),
            target: unity,
            present: unity,
            step: 1.0,
            latest: 0,
            dry: Default::default(),
            latency: 0,
            edges: Vec::with_capacity(EDGES),
            told_heard: true,
        }
    }
}

impl Output {
    /// Prepares for a host's rate, blocks of up to `largest` frames and a main input of so many channels. Not for the
    /// audio thread.
    pub fn activate(&mut self, sample_rate: f64, largest: usize, main_inputs: usize) {
        self.step = (1.0 / (sample_rate * RAMP_SECONDS).max(1.0)) as f32;
        self.latest = MAX_KSMPS + largest;
        // A block is at least a frame, so no more settings can wait than frames.
        self.waiting = VecDeque::with_capacity(self.latest + 1);
        let dry = || VecDeque::with_capacity(self.latest + largest);
        self.dry = std::iter::repeat_with(dry).take(main_inputs).collect();
        self.present = self.target;
        self.latency = 0;
    }

    /// Begins where the parameters stand, without a way there: an opened project is not heard before its own gain. Not for
    /// the audio thread.
    pub fn begin_at(&mut self, gain: f32, bypass: bool) {
        self.target = Setting::of(gain, bypass);
        self.present = self.target;
    }

    /// Forgets what is on its way: after a host's reset, or for another latency.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn reset(&mut self, latency: usize) {
        self.waiting.clear();
        self.latency = latency.min(self.latest);
        for dry in &mut self.dry {
            dry.clear();
            // Within the capacity; before the first `activate` there is none.
            let room = self.latency.min(dry.capacity());
            dry.extend(std::iter::repeat_n(0.0, room));
        }
    }

    /// Takes the effect's input, before it is overwritten by the output.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take_input(&mut self, channel: usize, samples: &[f32]) {
        if let Some(dry) = self.dry.get_mut(channel) {
            let room = dry.capacity() - dry.len();
            dry.extend(samples.iter().take(room));
        }
    }

    /// Shapes a block of the performance's output with what was asked for these frames when they
    /// were the host's. `latency` is the reported one.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn shape(
        &mut self,
        output: &mut [&mut [f32]],
        frames: usize,
        gain: f32,
        bypass: bool,
        latency: usize,
    ) {
        if latency != self.latency {
            self.reset(latency);
        }
        self.edges.clear();
        let asked = Setting::of(gain, bypass);
        self.note_edge(0, self.target);
        let has_room = self.waiting.len() < self.waiting.capacity();
        match self.waiting.back_mut() {
            Some((left, last)) if *last == asked => *left += frames,
            _ if has_room => self.waiting.push_back((frames, asked)),
            _ => {}
        }
        let ahead: usize = self.waiting.iter().map(|(frames, _)| frames).sum();
        // What is asked now is heard once the latency has gone by; until then the old one holds.
        let mut hold = (latency + frames).saturating_sub(ahead).min(frames);
        let mut at = hold;
        self.span(output, 0, hold);
        while at < frames {
            let Some((left, setting)) = self.waiting.front_mut() else { break };
            hold = (*left).min(frames - at);
            *left -= hold;
            let (setting, done) = (*setting, *left == 0);
            if done {
                self.waiting.pop_front();
            }
            self.note_edge(at, setting);
            self.target = setting;
            self.span(output, at, hold);
            at += hold;
        }
        self.pass_dry(frames);
    }

    /// Where the last block went into bypass and out of it.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Notes if a setting that holds from a frame on goes into bypass, or out of it.
    fn note_edge(&mut self, at: usize, setting: Setting) {
        let heard = setting.heard > 0.0;
        if std::mem::replace(&mut self.told_heard, heard) != heard {
            // The last one decides how it goes on.
            self.edges.truncate(EDGES - 1);
            self.edges.push((at, heard));
        }
    }

    /// Frames for which one target holds.
    fn span(&mut self, output: &mut [&mut [f32]], at: usize, frames: usize) {
        if self.present == self.target && self.target == (Setting { gain: 1.0, heard: 1.0 }) {
            return;
        }
        let begin = self.present;
        // A single channel goes to both of a stereo pair, as the piece's does.
        let is_mono = self.dry.len() == 1;
        for (channel, samples) in output.iter_mut().enumerate() {
            let source = if is_mono && channel == 1 { 0 } else { channel };
            self.present = begin;
            for frame in at..at + frames {
                self.approach();
                let dry = self.dry.get(source).and_then(|dry| dry.get(frame)).copied().unwrap_or(0.0);
                let Setting { gain, heard } = self.present;
                samples[frame] = samples[frame] * gain * heard + dry * (1.0 - heard);
            }
        }
        if output.is_empty() {
            (0..frames).for_each(|_| self.approach());
        }
    }

    fn approach(&mut self) {
        let nearer = |present: f32, target: f32, step: f32| match (target - present).abs() <= step {
            true => target,
            false => present + step.copysign(target - present),
        };
        // A gain moves by parts of the way that is usual, so that a large one takes no longer.
        let reach = self.target.gain.max(self.present.gain).max(1.0);
        self.present.gain = nearer(self.present.gain, self.target.gain, self.step * reach);
        self.present.heard = nearer(self.present.heard, self.target.heard, self.step);
    }

    fn pass_dry(&mut self, frames: usize) {
        for dry in &mut self.dry {
            let passed = frames.min(dry.len());
            dry.drain(..passed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Performs blocks of ones with settings for each, and gives what is heard.
    fn heard(latency: usize, blocks: &[(usize, f32, bool)]) -> Vec<f32> {
        let mut output = Output::default();
        output.activate(1000.0, 64, 1);
        output.reset(latency);
        let mut heard = Vec::new();
        for (frames, gain, bypass) in blocks {
            let mut samples = vec![1.0; *frames];
            output.shape(&mut [&mut samples], *frames, *gain, *bypass, latency);
            heard.extend(samples);
        }
        heard
    }

    #[test]
    fn without_gain_and_bypass_nothing_is_touched() {
        assert!(heard(7, &[(10, 1.0, false), (3, 1.0, false)]).iter().all(|sample| *sample == 1.0));
    }

    #[test]
    fn it_begins_where_the_parameters_stand_and_tells_of_a_bypass_that_it_begins_with() {
        for (gain, bypass, expected) in [(0.5, false, 0.5), (2.0, true, 0.0), (1.0, false, 1.0)] {
            let mut output = Output::default();
            output.begin_at(gain, bypass);
            output.activate(1000.0, 64, 1);
            output.reset(7);
            for block in 0..3 {
                let mut samples = [1.0; 20];
                output.take_input(0, &[0.0; 20]);
                output.shape(&mut [&mut samples], 20, gain, bypass, 7);
                assert_eq!(samples, [expected; 20]);
                let edges: &[Edge] = if bypass && block == 0 { &[(0, false)] } else { &[] };
                assert_eq!(output.edges(), edges);
            }
        }
    }

    #[test]
    fn a_change_begins_at_its_frame_and_the_latency_later() {
        for latency in [0, 1, 7, 31, 100] {
            let heard = heard(latency, &[(20, 1.0, false), (5, 0.5, false), (200, 0.5, false)]);
            let begins = heard.iter().position(|sample| *sample < 1.0);
            assert_eq!(begins, Some(20 + latency), "latency {latency}");
            assert_eq!(heard[20 + latency + 10], 0.5);
            let steepest = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
            assert!(steepest <= 0.1 + 1e-6, "a step of {steepest}");
        }
    }

    #[test]
    fn what_is_later_than_a_k_cycle_by_a_block_keeps_its_place() {
        let latency = MAX_KSMPS - 1 + 64;
        let mut output = Output::default();
        output.activate(1000.0, 64, 1);
        output.reset(latency);
        // As many changes as there can be on their way.
        let mut heard = Vec::new();
        for frame in 0..2 * latency {
            output.take_input(0, &[frame as f32]);
            let mut samples = [1.0];
            let bypass = frame >= latency;
            let gain = if frame < 100 { 1.0 } else { 0.5 + (frame % 2) as f32 * 1e-3 };
            output.shape(&mut [&mut samples], 1, gain, bypass, latency);
            heard.push(samples[0]);
        }
        assert_eq!(heard.iter().position(|sample| *sample != 1.0), Some(latency + 100));
        for frame in 0..100 {
            output.take_input(0, &[0.0]);
            let mut samples = [1.0];
            output.shape(&mut [&mut samples], 1, 0.5, true, latency);
            assert_eq!(samples[0] == (latency + frame) as f32, frame >= 9, "the dry input of frame {frame}");
        }
    }

    #[test]
    fn an_effect_that_is_bypassed_passes_its_input_with_the_same_latency() {
        let mut output = Output::default();
        output.activate(1000.0, 64, 1);
        output.reset(5);
        let mut heard = Vec::new();
        for block in 0..20 {
            let input: Vec<f32> = (0..10).map(|frame| (block * 10 + frame) as f32).collect();
            output.take_input(0, &input);
            let mut samples = vec![9.0; 10];
            output.shape(&mut [&mut samples], 10, 1.0, true, 5);
            heard.extend(samples);
        }
        for (frame, sample) in heard.iter().enumerate().skip(30) {
            assert_eq!(*sample, (frame - 5) as f32);
        }
    }

    #[test]
    fn a_bypassed_instrument_is_silent() {
        let heard = heard(3, &[(10, 1.0, true), (50, 1.0, true)]);
        assert_eq!(heard[59], 0.0);
    }
}
