//! Parameters that a VST3 host moves within a block, and controllers of MIDI, which are parameters there.

use vst3::Steinberg::Vst::{
    CtrlNumber, IMidiMapping, IMidiMappingTrait, IParamValueQueue, IParamValueQueueTrait, IParameterChanges,
    IParameterChangesTrait, ParamID, ParamValue,
};
use vst3::Steinberg::{int16, int32, kInvalidArgument, kNotImplemented, kResultOk, tresult};
use vst3::{Class, ComPtr, ComWrapper};

use super::instance::Instance;

/// A parameter's position at a frame of the block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    pub frame: u32,
    pub id: u32,
    pub position: f64,
}

/// The moves of one parameter, by their frames.
struct Queue {
    id: ParamID,
    points: Vec<(u32, f64)>,
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }

    unsafe fn getPointCount(&self) -> int32 {
        self.points.len() as i32
    }

    unsafe fn getPoint(&self, index: int32, frame: *mut int32, position: *mut ParamValue) -> tresult {
        let Some(point) = usize::try_from(index).ok().and_then(|index| self.points.get(index)) else {
            return kInvalidArgument;
        };
        // SAFETY: the caller's.
        unsafe {
            frame.write(point.0 as i32);
            position.write(point.1);
        }
        kResultOk
    }

    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kNotImplemented
    }
}

/// The moves of a block.
pub struct Changes(Vec<ComPtr<IParamValueQueue>>);

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        self.0.len() as i32
    }

    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let found = usize::try_from(index).ok().and_then(|index| self.0.get(index));
        found.map_or(std::ptr::null_mut(), ComPtr::as_ptr)
    }

    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

impl Changes {
    /// A queue for each parameter, as hosts give them.
    pub fn of(moves: &[Move]) -> ComPtr<IParameterChanges> {
        let mut queues: Vec<Queue> = Vec::new();
        for Move { frame, id, position } in moves.iter().copied() {
            match queues.iter_mut().find(|queue| queue.id == id) {
                Some(queue) => queue.points.push((frame, position)),
                None => queues.push(Queue { id, points: vec![(frame, position)] }),
            }
        }
        let queues = queues.into_iter().map(|queue| ComWrapper::new(queue).to_com_ptr().unwrap());
        ComWrapper::new(Self(queues.collect())).to_com_ptr().unwrap()
    }
}

impl Instance {
    /// Both channels of one block, as an instrument, in which parameters move.
    pub fn moved(&self, frames: usize, moves: &[Move]) -> [Vec<f32>; 2] {
        let changes = Changes::of(moves);
        self.heard(frames, |data| data.inputParameterChanges = changes.as_ptr())
    }

    /// The parameter that stands for a controller of a MIDI channel: 0 to 127, then the pressure and the bend.
    pub fn controller(&self, channel: u8, number: u8) -> u32 {
        let mapping: ComPtr<IMidiMapping> = self.controller.cast().unwrap();
        let mut id = 0;
        // SAFETY: the instance's own call, with what may be written.
        let told = unsafe {
            mapping.getMidiControllerAssignment(0, int16::from(channel), number as CtrlNumber, &mut id)
        };
        assert_eq!(told, kResultOk, "controller {number} of channel {channel}");
        id
    }
}
