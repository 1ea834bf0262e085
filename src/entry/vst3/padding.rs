//! A copy of what a host gives to `process`, with as many buses and channels as the shell reads.
//!
//! The shell reads past the host's array where that has fewer buses than there are (it bounds the inputs by the number of
//! outputs), past a bus with fewer channels, and leaves out the whole block where an output is missing. Hosts do give
//! less: a bus that is switched off has no channels, or a null pointer. So what is missing is put in: silence for an
//! input, and for an output a place that nobody hears. Time passes in such a block as in any other.
//!
//! All memory is there before the first block.

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, ProcessData, SymbolicSampleSizes_,
};

use super::buses::{BusWidth, Buses};

/// See the module.
pub(super) struct Padding {
    inputs: Side,
    outputs: Side,
    /// What stands for every missing input.
    silence: Vec<f32>,
    /// What stands for a missing output, a row for each of the channels.
    unheard: Vec<f32>,
    largest: usize,
}

/// The buses of one direction.
struct Side {
    widths: Vec<BusWidth>,
    /// The channels of all buses, one behind the other.
    channels: Vec<*mut f32>,
    buses: Vec<AudioBusBuffers>,
}

// SAFETY: the pointers are used within one call of `fit`'s caller, to which they were given; each call writes all of them.
unsafe impl Send for Padding {}

impl Side {
    fn new(widths: Vec<BusWidth>) -> Self {
        let count = widths.iter().map(|width| width.shell).sum();
        let empty = || AudioBusBuffers {
            numChannels: 0,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 { channelBuffers32: std::ptr::null_mut() },
        };
        Self {
            channels: vec![std::ptr::null_mut(); count],
            buses: widths.iter().map(|_| empty()).collect(),
            widths,
        }
    }

    /// Takes the host's channels where there are any, and those that `missing` gives for their number elsewhere.
    ///
    /// # Safety
    /// `given` are so many buses, or null, as a host has them for `process`.
    unsafe fn fit(&mut self, given: *mut AudioBusBuffers, count: usize, missing: impl Fn(usize) -> *mut f32) {
        let mut first = 0;
        for (bus, width) in self.widths.iter().enumerate() {
            for channel in 0..width.shell {
                // SAFETY: the caller's.
                let theirs = unsafe { channel_of(given, count, bus, channel) };
                let is_theirs = channel < width.host && !theirs.is_null();
                self.channels[first + channel] = if is_theirs { theirs } else { missing(first + channel) };
            }
            let channels = self.channels[first..].as_mut_ptr();
            self.buses[bus] = AudioBusBuffers {
                numChannels: width.shell as i32,
                silenceFlags: 0,
                __field0: AudioBusBuffers__type0 { channelBuffers32: channels },
            };
            first += width.shell;
        }
    }
}

/// A channel that a host gives, or null where it gives none.
///
/// # Safety
/// `given` are so many buses, or null, as a host has them for `process`.
unsafe fn channel_of(given: *mut AudioBusBuffers, count: usize, bus: usize, channel: usize) -> *mut f32 {
    if given.is_null() || bus >= count {
        return std::ptr::null_mut();
    }
    // SAFETY: there are more buses than `bus`; a bus has so many pointers as it says, or none.
    unsafe {
        let bus = &*given.add(bus);
        let channels = bus.__field0.channelBuffers32;
        let is_there =
            usize::try_from(bus.numChannels).is_ok_and(|count| channel < count) && !channels.is_null();
        if is_there { channels.add(channel).read() } else { std::ptr::null_mut() }
    }
}

impl Padding {
    /// For the buses as they are, and blocks of up to `largest` frames.
    pub fn new(buses: &Buses, largest: usize) -> Self {
        let (inputs, outputs) = (Side::new(buses.widths(true)), Side::new(buses.widths(false)));
        let mut padding = Self { inputs, outputs, silence: Vec::new(), unheard: Vec::new(), largest };
        padding.resize(largest);
        padding
    }

    /// The same buses, in blocks of up to `largest` frames.
    pub fn resize(&mut self, largest: usize) {
        self.silence = vec![0.0; largest];
        self.unheard = vec![0.0; self.outputs.channels.len() * largest];
        self.largest = largest;
    }

    /// The data with all buses and channels. None where it is no block that was announced.
    ///
    /// # Safety
    /// `data` is a host's, for `process`. What comes of it is used within that call.
    ///
    /// # Realtime safety
    /// Safe.
    pub unsafe fn fit(&mut self, data: &ProcessData) -> Option<ProcessData> {
        let is_announced = usize::try_from(data.numSamples).is_ok_and(|frames| frames <= self.largest);
        if !is_announced || data.symbolicSampleSize != SymbolicSampleSizes_::kSample32 as i32 {
            return None;
        }
        let (ins, outs) = (data.numInputs.max(0) as usize, data.numOutputs.max(0) as usize);
        let (silence, unheard, largest) =
            (self.silence.as_mut_ptr(), self.unheard.as_mut_ptr(), self.largest);
        // SAFETY: the caller's. A row of `unheard` is there for each channel.
        unsafe {
            self.inputs.fit(data.inputs, ins, |_| silence);
            self.outputs.fit(data.outputs, outs, |channel| unheard.add(channel * largest));
        }
        Some(ProcessData {
            numInputs: self.inputs.buses.len() as i32,
            numOutputs: self.outputs.buses.len() as i32,
            inputs: self.inputs.buses.as_mut_ptr(),
            outputs: self.outputs.buses.as_mut_ptr(),
            ..*data
        })
    }

    /// Outputs that only the host has are silent, and none is marked as silent that is not. After the block: a host may
    /// have an input in the place of such an output.
    ///
    /// # Safety
    /// As [`fit`](Self::fit).
    ///
    /// # Realtime safety
    /// Safe.
    pub unsafe fn silence_rest(&self, data: &ProcessData) {
        let (given, count) = (data.outputs, data.numOutputs.max(0) as usize);
        let frames = data.numSamples.max(0) as usize;
        for bus in 0..if given.is_null() { 0 } else { count } {
            let ours = self.outputs.widths.get(bus).map_or(0, |width| width.host);
            // SAFETY: the caller's.
            let theirs = unsafe {
                let bus = &mut *given.add(bus);
                bus.silenceFlags = 0;
                bus.numChannels.max(0) as usize
            };
            for channel in ours..theirs {
                // SAFETY: the caller's; a channel has as many frames as the block.
                unsafe {
                    let samples = channel_of(given, count, bus, channel);
                    if !samples.is_null() {
                        samples.write_bytes(0, frames);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
