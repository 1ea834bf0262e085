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
//! - **Another latency** is told on the host's main thread ([`super::relay`]).
//! - **Buses** are answered by us ([`super::buses`]), and what a host leaves out of a block is put in
//!   ([`super::padding`]).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::ChannelContext::{IInfoListener, IInfoListenerTrait};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IBStream, IPlugView, IPluginBaseTrait, TBool, TUID, int16, int32, kInvalidArgument,
    kResultFalse, kResultOk, tresult, uint32,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef};

use super::buses::Buses;
use super::padding::Padding;
use super::relay::Relay;
use super::run_loop::{Context, RunLoop};
use super::speakers::usual;
use super::titles::Titles;
use super::track::track_of;
use super::view;
use crate::entry::fields::put_utf16;
use crate::entry::naming::shown_at;
use crate::layouts;
use crate::plugin::shared::link::Link;
use crate::range::Range;

/// See the module.
pub(super) struct Door<P: Vst3Plugin> {
    shell: Wrapper<P>,
    titles: Arc<Titles>,
    run_loop: Arc<RunLoop>,
    /// What the host gave the factory to be known by.
    context: Option<Context>,
    buses: Buses,
    /// Frames of the largest block, once that is announced.
    largest: AtomicUsize,
    /// While the instance is active. The audio thread never waits for it.
    padding: Mutex<Option<Padding>>,
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
    /// Around the shell's object, whose instance has this link, with the layout at a place to begin with.
    pub fn new(shell: Wrapper<P>, link: Arc<Link>, context: Option<Context>, place: usize) -> Self {
        let titles = Arc::new(Titles::new(link));
        let run_loop = Arc::new(RunLoop::new(&titles));
        let caller = run_loop.caller();
        let menu_caller = caller.clone();
        // Without a run loop the host is told after its next call.
        titles.link.names.listen(Box::new(move || {
            let _ = caller.call();
        }));
        titles.link.menus.listen(Box::new(move || {
            let _ = menu_caller.call();
        }));
        let (menus, main) = (Arc::downgrade(&titles), std::thread::current().id());
        titles.link.menus.on_wish(Arc::new(move || {
            // Another thread never holds what is let go on the main thread.
            if std::thread::current().id() == main
                && let Some(titles) = menus.upgrade()
            {
                titles.offer_menu();
            }
        }));
        let door = Self {
            shell,
            titles,
            run_loop,
            context,
            buses: Buses::new(P::AUDIO_IO_LAYOUTS, place),
            largest: AtomicUsize::new(NOT_ANNOUNCED),
            padding: Mutex::new(None),
        };
        // It is one that the shell takes.
        let _ = door.tell_shell_of_buses();
        door
    }

    /// Has the shell and the instance take the buses as the host has chosen them.
    fn tell_shell_of_buses(&self) -> tresult {
        let layout = self.buses.of_shell();
        let arranged =
            |is_input| layouts::channels(&layout, is_input).into_iter().map(usual).collect::<Vec<_>>();
        let (mut inputs, mut outputs) = (arranged(true), arranged(false));
        let (ins, outs) = (inputs.len() as int32, outputs.len() as int32);
        self.titles.link.narrow_main.set(self.buses.narrow_main());
        // SAFETY: so many arrangements each; where there are none, nothing is read.
        unsafe { self.shell.setBusArrangements(inputs.as_mut_ptr(), ins, outputs.as_mut_ptr(), outs) }
    }

    fn padding(&self) -> MutexGuard<'_, Option<Padding>> {
        self.padding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The values of an exported piece's parameter: its channel's.
    fn range_of(&self, id: ParamID) -> Option<&Range> {
        self.titles.link.export.as_ref()?.range_of(id)
    }
}

impl<P: Vst3Plugin> Drop for Door<P> {
    fn drop(&mut self) {
        self.titles.link.names.leave();
        self.titles.link.menus.leave();
        self.run_loop.leave();
    }
}

/// Before a host has said how large its blocks are.
const NOT_ANNOUNCED: usize = usize::MAX;

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
        self.titles.menus.set_view(None);
        self.titles.set_handler(None);
        // SAFETY: the host's own call.
        unsafe { self.shell.terminate() }
    }
}

impl<P: Vst3Plugin> IComponentTrait for Door<P> {
    hand_on!(@one IComponentTrait fn getControllerClassId(class: *mut TUID) -> tresult);
    hand_on!(@one IComponentTrait fn setIoMode(mode: IoMode) -> tresult);
    hand_on!(@one IComponentTrait fn getBusCount(kind: MediaType, direction: BusDirection) -> int32);
    hand_on!(@one IComponentTrait fn getRoutingInfo(
        input: *mut RoutingInfo, output: *mut RoutingInfo) -> tresult);
    hand_on!(@one IComponentTrait fn activateBus(
        kind: MediaType, direction: BusDirection, index: int32, state: TBool) -> tresult);
    hand_on_and_tell! { IComponentTrait
        fn setState(state: *mut IBStream) -> tresult;
        fn getState(state: *mut IBStream) -> tresult;
    }

    unsafe fn getBusInfo(
        &self,
        kind: MediaType,
        direction: BusDirection,
        index: int32,
        info: *mut BusInfo,
    ) -> tresult {
        // The shell takes an index below zero for one of a further bus.
        // SAFETY: the host's own call.
        if info.is_null() || index < 0 || index >= unsafe { self.shell.getBusCount(kind, direction) } {
            return kInvalidArgument;
        }
        // SAFETY: as above.
        let result = unsafe { self.shell.getBusInfo(kind, direction, index, info) };
        if result != kResultOk || kind != MediaTypes_::kAudio as MediaType {
            return result;
        }
        // SAFETY: the shell has written to it.
        let info = unsafe { &mut *info };
        let (is_input, bus) = (direction == BusDirections_::kInput as BusDirection, index as usize);
        let layout = self.buses.present();
        if let Some(channels) = layouts::channels(&layout, is_input).get(bus) {
            info.channelCount = *channels as int32;
        }
        if !is_input && bus > 0 {
            info.flags &= !(BusInfo_::BusFlags_::kDefaultActive as uint32);
        }
        put_utf16(&mut info.name, &layouts::bus_name(&layout, is_input, bus));
        result
    }

    unsafe fn setActive(&self, state: TBool) -> tresult {
        let largest = self.largest.load(Ordering::Acquire);
        let is_on = state != 0 && largest != NOT_ANNOUNCED;
        *self.padding() = is_on.then(|| Padding::new(&self.buses, largest));
        // SAFETY: the host's own call.
        let result = unsafe { self.shell.setActive(state) };
        if result != kResultOk {
            *self.padding() = None;
        }
        self.titles.tell_after_call();
        result
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
            unsafe { view::watch(view, &self.run_loop, &self.titles) };
        }
        self.titles.tell_after_call();
        view
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: the host's object, or none.
        let host = unsafe { ComRef::from_raw(handler) }.map(|handler| handler.to_com_ptr());
        let relay = host.clone().and_then(|host| Relay::before(host, &self.titles, self.run_loop.caller()));
        let given = relay.as_ref().map_or(std::ptr::null_mut(), |relay| relay.as_ptr());
        // SAFETY: the host's own call, with an object that the shell holds from then on, or none.
        let result = unsafe { self.shell.setComponentHandler(given) };
        self.titles.set_handler(host);
        self.titles.tell_after_call();
        result
    }
}

impl<P: Vst3Plugin> IAudioProcessorTrait for Door<P> {
    hand_on!(@one IAudioProcessorTrait fn canProcessSampleSize(size: int32) -> tresult);
    hand_on!(@one IAudioProcessorTrait fn getLatencySamples() -> uint32);
    hand_on!(@one IAudioProcessorTrait fn setProcessing(state: TBool) -> tresult);
    hand_on!(@one IAudioProcessorTrait fn getTailSamples() -> uint32);

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        // The mode is stored by the first, and read by the second.
        // SAFETY: the host's own call.
        match unsafe { self.shell.setupProcessing(setup) } {
            result if result == kResultOk => {
                // SAFETY: the shell has read it.
                let largest = unsafe { (*setup).maxSamplesPerBlock };
                let largest = usize::try_from(largest).unwrap_or(0);
                self.largest.store(largest, Ordering::Release);
                if let Some(padding) = &mut *self.padding() {
                    padding.resize(largest);
                }
                // SAFETY: as above.
                unsafe { self.shell.setupProcessing(setup) }
            }
            result => result,
        }
    }

    unsafe fn setBusArrangements(
        &self,
        inputs: *mut SpeakerArrangement,
        input_count: int32,
        outputs: *mut SpeakerArrangement,
        output_count: int32,
    ) -> tresult {
        // SAFETY: the host's own arguments.
        let asked = unsafe { arrangements(inputs, input_count).zip(arrangements(outputs, output_count)) };
        let Some((inputs, outputs)) = asked else { return kInvalidArgument };
        if self.buses.choose(&inputs, &outputs) { self.tell_shell_of_buses() } else { kResultFalse }
    }

    unsafe fn getBusArrangement(
        &self,
        direction: BusDirection,
        index: int32,
        arrangement: *mut SpeakerArrangement,
    ) -> tresult {
        let is_input = direction == BusDirections_::kInput as BusDirection;
        let is_known = is_input || direction == BusDirections_::kOutput as BusDirection;
        let bus = usize::try_from(index).ok().filter(|_| is_known && !arrangement.is_null());
        let Some(found) = bus.and_then(|bus| self.buses.arrangement(is_input, bus)) else {
            return kInvalidArgument;
        };
        // SAFETY: not null; the host's own.
        unsafe { arrangement.write(found) };
        kResultOk
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        if data.is_null() {
            return kInvalidArgument;
        }
        if self.largest.load(Ordering::Acquire) == NOT_ANNOUNCED {
            return kResultFalse;
        }
        // SAFETY: the host's own, not null.
        let given = unsafe { &*data };
        if given.numSamples == 0 {
            // Parameters only: the shell looks at no bus.
            // SAFETY: the host's own call.
            return unsafe { self.shell.process(data) };
        }
        // Nobody else has it while an instance processes.
        let Ok(mut padding) = self.padding.try_lock() else { return kResultFalse };
        let Some(padding) = padding.as_mut() else { return kResultFalse };
        // SAFETY: as above; it is used in this call.
        match unsafe { padding.fit(given) } {
            // SAFETY: the host's own call, with all that the shell reads.
            Some(mut whole) => unsafe {
                let result = self.shell.process(&raw mut whole);
                padding.silence_rest(given);
                result
            },
            None => kInvalidArgument,
        }
    }
}

/// The arrangements that a host gives; none where it says that there are some and gives no place.
///
/// # Safety
/// `given` are so many, or null.
unsafe fn arrangements(given: *const SpeakerArrangement, count: int32) -> Option<Vec<SpeakerArrangement>> {
    match usize::try_from(count).ok()? {
        0 => Some(Vec::new()),
        _ if given.is_null() => None,
        // SAFETY: the caller's.
        count => Some(unsafe { std::slice::from_raw_parts(given, count) }.to_vec()),
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

impl<P: Vst3Plugin> IInfoListenerTrait for Door<P> {
    unsafe fn setChannelContextInfos(&self, list: *mut IAttributeList) -> tresult {
        if list.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the host's own, not null.
        let track = unsafe { track_of(list) };
        // A panic of ours leaves it as it was.
        let _ = catch_unwind(AssertUnwindSafe(|| self.titles.link.note_track(track)));
        kResultOk
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
