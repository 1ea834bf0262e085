//! An instance as a VST3 host has it: a class of ours around the shell's, to which it hands on every call.
//!
//! What it does besides:
//!
//! - **Titles** of parameters are the names of the piece's channels, and the host is told where they change
//!   ([`super::titles`]). Ids, ranges and steps stay as the shell has them.
//! - **An exported piece's** parameters have the units and the plain values of their channels.
//! - **The process mode.** The shell reads it before it stores the one that it is given (nice-plug 0.4.2,
//!   `wrapper/vst3/wrapper.rs`), so a plugin that is set up for an export would believe to play in real time, and an
//!   export could begin while its piece is still being compiled. Given the same setup twice, it has the right mode
//!   after the second time; nothing else happens in that call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::ChannelContext::{IInfoListener, IInfoListenerTrait};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IBStream, IPlugView, IPluginBaseTrait, TBool, TUID, int16, int32, kInvalidArgument,
    kResultOk, tresult, uint32,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef};

use super::run_loop::{Context, RunLoop};
use super::titles::Titles;
use super::view;
use crate::entry::fields::put_utf16;
use crate::entry::naming::shown_at;
use crate::plugin::shared::link::Link;
use crate::range::Range;

/// See the module.
pub(super) struct Door<P: Vst3Plugin> {
    shell: Wrapper<P>,
    titles: Arc<Titles>,
    run_loop: Arc<RunLoop>,
    /// What the host gave the factory to be known by.
    context: Option<Context>,
}

impl<P: Vst3Plugin> Class for Door<P> {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IMidiMapping,
        INoteExpressionController,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl<P: Vst3Plugin> Door<P> {
    /// Around the shell's object, whose instance has this link.
    pub fn new(shell: Wrapper<P>, link: Arc<Link>, context: Option<Context>) -> Self {
        let titles = Arc::new(Titles::new(link));
        let run_loop = Arc::new(RunLoop::new(&titles));
        let caller = run_loop.caller();
        titles.link.names.listen(Box::new(move || caller.call()));
        Self { shell, titles, run_loop, context }
    }

    /// The values of an exported piece's parameter: its channel's.
    fn range_of(&self, id: ParamID) -> Option<&Range> {
        self.titles.link.export.as_ref()?.range_of(id)
    }
}

impl<P: Vst3Plugin> Drop for Door<P> {
    fn drop(&mut self) {
        self.titles.link.names.leave();
        self.run_loop.leave();
    }
}

/// Hands on the calls of an interface.
macro_rules! hand_on {
    ($interface:ident { $(fn $name:ident($($value:ident: $kind:ty),*) $(-> $result:ty)?;)* }) => {
        impl<P: Vst3Plugin> $interface for Door<P> {
            $(hand_on!(@one $interface fn $name($($value: $kind),*) $(-> $result)?);)*
        }
    };
    (@one $interface:ident fn $name:ident($($value:ident: $kind:ty),*) $(-> $result:ty)?) => {
        unsafe fn $name(&self, $($value: $kind),*) $(-> $result)? {
            // SAFETY: the host's own call and arguments, for the function that it means.
            unsafe { $interface::$name(&self.shell, $($value),*) }
        }
    };
}

/// The same, and tells the host of titles that have changed.
macro_rules! hand_on_and_tell {
    ($interface:ident $(fn $name:ident($($value:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(unsafe fn $name(&self, $($value: $kind),*) -> $result {
            // SAFETY: the host's own call and arguments, for the function that it means.
            let result = unsafe { $interface::$name(&self.shell, $($value),*) };
            self.titles.tell_after_call();
            result
        })*
    };
}

impl<P: Vst3Plugin> IPluginBaseTrait for Door<P> {
    unsafe fn initialize(&self, context: *mut FUnknown) -> tresult {
        // SAFETY: the host's own call.
        let result = unsafe { self.shell.initialize(context) };
        if result == kResultOk {
            // SAFETY: the host's object, or none.
            self.run_loop.enter(unsafe { ComRef::from_raw(context) }, self.context.as_ref());
        }
        result
    }

    unsafe fn terminate(&self) -> tresult {
        self.run_loop.leave();
        self.titles.set_handler(None);
        // SAFETY: the host's own call.
        unsafe { self.shell.terminate() }
    }
}

impl<P: Vst3Plugin> IComponentTrait for Door<P> {
    hand_on!(@one IComponentTrait fn getControllerClassId(class: *mut TUID) -> tresult);
    hand_on!(@one IComponentTrait fn setIoMode(mode: IoMode) -> tresult);
    hand_on!(@one IComponentTrait fn getBusCount(kind: MediaType, direction: BusDirection) -> int32);
    hand_on!(@one IComponentTrait fn getBusInfo(
        kind: MediaType, direction: BusDirection, index: int32, info: *mut BusInfo) -> tresult);
    hand_on!(@one IComponentTrait fn getRoutingInfo(
        input: *mut RoutingInfo, output: *mut RoutingInfo) -> tresult);
    hand_on!(@one IComponentTrait fn activateBus(
        kind: MediaType, direction: BusDirection, index: int32, state: TBool) -> tresult);
    hand_on_and_tell! { IComponentTrait
        fn setActive(state: TBool) -> tresult;
        fn setState(state: *mut IBStream) -> tresult;
        fn getState(state: *mut IBStream) -> tresult;
    }
}

impl<P: Vst3Plugin> IEditControllerTrait for Door<P> {
    hand_on_and_tell! { IEditControllerTrait
        fn setComponentState(state: *mut IBStream) -> tresult;
        fn setState(state: *mut IBStream) -> tresult;
        fn getState(state: *mut IBStream) -> tresult;
        fn getParamStringByValue(id: ParamID, value: ParamValue, text: *mut String128) -> tresult;
        fn getParamValueByString(id: ParamID, text: *mut TChar, value: *mut ParamValue) -> tresult;
        fn getParamNormalized(id: ParamID) -> ParamValue;
        fn setParamNormalized(id: ParamID, value: ParamValue) -> tresult;
    }

    unsafe fn normalizedParamToPlain(&self, id: ParamID, value: ParamValue) -> ParamValue {
        match self.range_of(id) {
            Some(range) => range.to_value(value),
            // SAFETY: the host's own call.
            None => unsafe { self.shell.normalizedParamToPlain(id, value) },
        }
    }

    unsafe fn plainParamToNormalized(&self, id: ParamID, value: ParamValue) -> ParamValue {
        match self.range_of(id) {
            Some(range) => range.to_normalized(value),
            // SAFETY: the host's own call.
            None => unsafe { self.shell.plainParamToNormalized(id, value) },
        }
    }

    // While a host lists its parameters it is not told that they have changed.
    hand_on!(@one IEditControllerTrait fn getParameterCount() -> int32);

    unsafe fn getParameterInfo(&self, index: int32, info: *mut ParameterInfo) -> tresult {
        // SAFETY: the host's own call. The shell takes one index too many.
        if index < 0 || index >= unsafe { self.shell.getParameterCount() } {
            return kInvalidArgument;
        }
        // SAFETY: as above.
        let result = unsafe { self.shell.getParameterInfo(index, info) };
        if result != kResultOk {
            return result;
        }
        // SAFETY: the shell has written to it.
        let info = unsafe { &mut *info };
        // A panic of ours leaves the shell's answer.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if let Some(shown) = shown_at(&self.titles.link, index as usize) {
                put_utf16(&mut info.title, &shown.name);
                put_utf16(&mut info.shortTitle, &shown.name);
            }
            if let Some(range) = self.range_of(info.id) {
                put_utf16(&mut info.units, &range.unit);
            }
        }));
        result
    }

    unsafe fn createView(&self, name: FIDString) -> *mut IPlugView {
        // SAFETY: the host's own call.
        let view = unsafe { self.shell.createView(name) };
        if !view.is_null() {
            // SAFETY: the shell has just made it.
            unsafe { view::watch(view, &self.run_loop) };
        }
        self.titles.tell_after_call();
        view
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: the host's own call.
        let result = unsafe { self.shell.setComponentHandler(handler) };
        // SAFETY: the host's object, or none.
        self.titles.set_handler(unsafe { ComRef::from_raw(handler) }.map(|handler| handler.to_com_ptr()));
        self.titles.tell_after_call();
        result
    }
}

impl<P: Vst3Plugin> IAudioProcessorTrait for Door<P> {
    hand_on!(@one IAudioProcessorTrait fn setBusArrangements(inputs: *mut SpeakerArrangement, input_count: int32,
        outputs: *mut SpeakerArrangement, output_count: int32) -> tresult);
    hand_on!(@one IAudioProcessorTrait fn getBusArrangement(
        direction: BusDirection, index: int32, arrangement: *mut SpeakerArrangement) -> tresult);
    hand_on!(@one IAudioProcessorTrait fn canProcessSampleSize(size: int32) -> tresult);
    hand_on!(@one IAudioProcessorTrait fn getLatencySamples() -> uint32);
    hand_on!(@one IAudioProcessorTrait fn setProcessing(state: TBool) -> tresult);
    hand_on!(@one IAudioProcessorTrait fn process(data: *mut ProcessData) -> tresult);
    hand_on!(@one IAudioProcessorTrait fn getTailSamples() -> uint32);

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        // The mode is stored by the first, and read by the second.
        // SAFETY: the host's own call.
        match unsafe { self.shell.setupProcessing(setup) } {
            // SAFETY: as above.
            result if result == kResultOk => unsafe { self.shell.setupProcessing(setup) },
            result => result,
        }
    }
}

hand_on! { IMidiMappingTrait {
    fn getMidiControllerAssignment(bus: int32, channel: int16, controller: CtrlNumber, id: *mut ParamID) -> tresult;
}}

hand_on! { INoteExpressionControllerTrait {
    fn getNoteExpressionCount(bus: int32, channel: int16) -> int32;
    fn getNoteExpressionInfo(bus: int32, channel: int16, index: int32, info: *mut NoteExpressionTypeInfo) -> tresult;
    fn getNoteExpressionStringByValue(bus: int32, channel: int16, id: NoteExpressionTypeID,
        value: NoteExpressionValue, text: *mut String128) -> tresult;
    fn getNoteExpressionValueByString(bus: int32, channel: int16, id: NoteExpressionTypeID, text: *const TChar,
        value: *mut NoteExpressionValue) -> tresult;
}}

hand_on! { IProcessContextRequirementsTrait {
    fn getProcessContextRequirements() -> uint32;
}}

hand_on! { IUnitInfoTrait {
    fn getUnitCount() -> int32;
    fn getUnitInfo(index: int32, info: *mut UnitInfo) -> tresult;
    fn getProgramListCount() -> int32;
    fn getProgramListInfo(index: int32, info: *mut ProgramListInfo) -> tresult;
    fn getProgramName(list: ProgramListID, program: int32, name: *mut String128) -> tresult;
    fn getProgramInfo(list: ProgramListID, program: int32, attribute: CString, value: *mut String128) -> tresult;
    fn hasProgramPitchNames(list: ProgramListID, program: int32) -> tresult;
    fn getProgramPitchName(list: ProgramListID, program: int32, pitch: int16, name: *mut String128) -> tresult;
    fn getSelectedUnit() -> UnitID;
    fn selectUnit(unit: UnitID) -> tresult;
    fn getUnitByBus(kind: MediaType, direction: BusDirection, bus: int32, channel: int32, unit: *mut UnitID)
        -> tresult;
    fn setUnitProgramData(list: int32, program: int32, data: *mut IBStream) -> tresult;
}}

hand_on! { IInfoListenerTrait {
    fn setChannelContextInfos(list: *mut IAttributeList) -> tresult;
}}
