//! The buses of an instance in the VST3 host: what it says of them, what it is asked for, and blocks in which the host
//! leaves out whatever it likes.

use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, BusDirection, BusDirections_, BusInfo, BusInfo_,
    IAudioProcessorTrait, IComponentTrait, MediaTypes_, SpeakerArrangement,
};
use vst3::Steinberg::{kResultOk, tresult};

use super::instance::Instance;
use super::module::wide;

/// What an instance says of a bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bus {
    pub name: String,
    pub channels: i32,
    pub is_active_at_first: bool,
    pub arrangement: SpeakerArrangement,
}

/// What a host leaves out of a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    Nothing,
    /// The array of channels.
    Array,
    /// One channel.
    Channel(usize),
}

/// A bus in a block.
#[derive(Clone, Debug)]
pub struct HostBus {
    pub samples: Vec<Vec<f32>>,
    pub lack: Lack,
}

/// The buses of a direction in a block.
pub enum Side<'a> {
    /// None, of which the host says that they are so many.
    Null(i32),
    /// These.
    Buses(&'a mut [HostBus]),
}

/// A direction.
pub fn direction(is_input: bool) -> BusDirection {
    (if is_input { BusDirections_::kInput } else { BusDirections_::kOutput }) as BusDirection
}

/// What a side is to the interface. The rows of pointers have to live as long as the buses.
fn buffers(side: &mut Side<'_>) -> (Vec<Vec<*mut f32>>, Vec<AudioBusBuffers>) {
    let Side::Buses(buses) = side else { return Default::default() };
    let mut rows: Vec<Vec<*mut f32>> = Vec::new();
    for HostBus { samples, lack } in buses.iter_mut() {
        let pointer = |(index, samples): (usize, &mut Vec<f32>)| {
            if *lack == Lack::Channel(index) { std::ptr::null_mut() } else { samples.as_mut_ptr() }
        };
        rows.push(samples.iter_mut().enumerate().map(pointer).collect());
    }
    let buffers = rows.iter_mut().zip(buses.iter()).map(|(row, bus)| AudioBusBuffers {
        numChannels: row.len() as i32,
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 {
            channelBuffers32: if bus.lack == Lack::Array { std::ptr::null_mut() } else { row.as_mut_ptr() },
        },
    });
    let buffers = buffers.collect();
    (rows, buffers)
}

impl Instance {
    /// Its buses.
    pub fn buses(&self, is_input: bool) -> Vec<Bus> {
        let (audio, direction) = (MediaTypes_::kAudio as i32, direction(is_input));
        // SAFETY: the instance's own calls, with what may be written.
        unsafe {
            let count = self.component.getBusCount(audio, direction);
            let bus = |index| {
                let mut info: BusInfo = std::mem::zeroed();
                let mut arrangement = 0;
                assert_eq!(self.component.getBusInfo(audio, direction, index, &mut info), kResultOk);
                assert_eq!(self.processor.getBusArrangement(direction, index, &mut arrangement), kResultOk);
                Bus {
                    name: wide(&info.name),
                    channels: info.channelCount,
                    is_active_at_first: info.flags & BusInfo_::BusFlags_::kDefaultActive != 0,
                    arrangement,
                }
            };
            for index in [-1, count, i32::MAX, i32::MIN] {
                let mut info: BusInfo = std::mem::zeroed();
                let mut arrangement = 0;
                assert_ne!(self.component.getBusInfo(audio, direction, index, &mut info), kResultOk);
                assert_ne!(self.processor.getBusArrangement(direction, index, &mut arrangement), kResultOk);
            }
            (0..count).map(bus).collect()
        }
    }

    /// The channels of its buses.
    pub fn widths(&self, is_input: bool) -> Vec<i32> {
        self.buses(is_input).iter().map(|bus| bus.channels).collect()
    }

    /// Asks for arrangements; none stands for a null pointer, with a number.
    pub fn arrange(
        &self,
        inputs: Result<&[SpeakerArrangement], i32>,
        outputs: Result<&[SpeakerArrangement], i32>,
    ) -> tresult {
        let parts = |given: Result<&[SpeakerArrangement], i32>| match given {
            Ok(given) => (given.as_ptr().cast_mut(), given.len() as i32),
            Err(count) => (std::ptr::null_mut(), count),
        };
        let ((inputs, ins), (outputs, outs)) = (parts(inputs), parts(outputs));
        // SAFETY: so many arrangements, or null.
        unsafe { self.processor.setBusArrangements(inputs, ins, outputs, outs) }
    }

    /// Frames from input to output.
    pub fn latency(&self) -> usize {
        // SAFETY: the instance's own call.
        unsafe { self.processor.getLatencySamples() as usize }
    }

    /// One block.
    pub fn process(&self, frames: usize, mut inputs: Side<'_>, mut outputs: Side<'_>) -> tresult {
        let ((_in_rows, mut ins), (_out_rows, mut outs)) = (buffers(&mut inputs), buffers(&mut outputs));
        let parts = |side: &Side<'_>, buffers: &mut Vec<AudioBusBuffers>| match side {
            Side::Null(count) => (std::ptr::null_mut(), *count),
            Side::Buses(_) => (buffers.as_mut_ptr(), buffers.len() as i32),
        };
        // SAFETY: all pointers are null or to what lives until the call returns.
        unsafe {
            let mut data = self.data(frames);
            (data.inputs, data.numInputs) = parts(&inputs, &mut ins);
            (data.outputs, data.numOutputs) = parts(&outputs, &mut outs);
            self.processor.process(&mut data)
        }
    }
}
