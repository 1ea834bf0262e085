//! Which opcodes there are: each signature with what it does when a note begins, and in each k-cycle.

use std::ffi::CStr;

use csound_library::{Call, OwnOpcode};

use super::aside::{absent, changed, profiler};
use super::midi::{notes, reader};
use super::{files, identifiers, presets, state, values};

type Does = Option<fn(&mut Call<'_>)>;

pub(super) const fn opcode(
    name: &'static CStr,
    results: &'static CStr,
    arguments: &'static CStr,
    init: Does,
    perform: Does,
) -> OwnOpcode {
    OwnOpcode { name, results, arguments, init, perform }
}

/// One that does the same at both times.
pub(super) const fn both(
    name: &'static CStr,
    results: &'static CStr,
    arguments: &'static CStr,
    act: fn(&mut Call<'_>),
) -> OwnOpcode {
    opcode(name, results, arguments, Some(act), Some(act))
}

/// One that acts when a note begins.
pub(super) const fn at_init(
    name: &'static CStr,
    results: &'static CStr,
    arguments: &'static CStr,
    act: fn(&mut Call<'_>),
) -> OwnOpcode {
    opcode(name, results, arguments, Some(act), None)
}

/// One that acts in each k-cycle.
pub(super) const fn at_k(
    name: &'static CStr,
    results: &'static CStr,
    arguments: &'static CStr,
    act: fn(&mut Call<'_>),
) -> OwnOpcode {
    opcode(name, results, arguments, None, Some(act))
}

/// All of them.
#[rustfmt::skip]
pub(super) static OPCODES: &[OwnOpcode] = &[
    both(c"cabbageGetValue", c"k", c"S", values::number),
    both(c"cabbageGetValue", c"k[]", c"S[]", values::numbers),
    at_init(c"cabbageGetValue", c"i", c"S", values::number),
    opcode(c"cabbageGetValue", c"kk", c"So", Some(values::number_with_trigger_at_init), Some(values::number_with_trigger)),
    opcode(c"cabbageGetValue", c"k[]k[]", c"S[]", Some(values::numbers_with_triggers_at_init), Some(values::numbers_with_triggers)),
    both(c"cabbageGetValue", c"S", c"S", values::text),
    both(c"cabbageGetValue", c"S[]", c"S[]", values::texts),
    opcode(c"cabbageGetValue", c"Sk", c"So", Some(values::text_with_trigger_at_init), Some(values::text_with_trigger)),
    opcode(c"cabbageGetValue", c"S[]k[]", c"S[]", Some(values::texts_with_triggers_at_init), Some(values::texts_with_triggers)),
    at_init(c"cabbageSetValue", c"", c"Si", values::set_number_at_init),
    at_k(c"cabbageSetValue", c"", c"SkP", values::set_number),
    at_init(c"cabbageSetValue", c"", c"SS", values::set_text_at_init),
    at_k(c"cabbageSetValue", c"", c"SSk", values::set_text),

    at_init(c"cabbageSet", c"", c"SW", identifiers::set_at_init),
    at_init(c"cabbageSet", c"", c"SSN", identifiers::set_at_init),
    both(c"cabbageSet", c"", c"kSS", identifiers::set),
    both(c"cabbageSet", c"", c"kSSM", identifiers::set),
    both(c"cabbageSet", c"", c"kSSk[]", identifiers::set_array),
    both(c"cabbageSet", c"", c"kSW", identifiers::set),
    both(c"cabbageGet", c"k[]", c"SS", identifiers::numbers),
    at_init(c"cabbageGet", c"i[]", c"SS", identifiers::numbers),
    both(c"cabbageGet", c"S[]", c"SS", identifiers::texts),
    both(c"cabbageGet", c"k", c"SS", identifiers::number),
    opcode(c"cabbageGet", c"kk", c"SS", Some(identifiers::number_with_trigger_at_init), Some(identifiers::number_with_trigger)),
    at_init(c"cabbageGet", c"i", c"SS", identifiers::number),
    opcode(c"cabbageGet", c"S", c"SS", Some(identifiers::text_at_init), Some(identifiers::text)),
    opcode(c"cabbageGet", c"Sk", c"S", Some(values::text_with_trigger_at_init), Some(values::text_with_trigger)),
    both(c"cabbageGet", c"S", c"S", values::text),
    opcode(c"cabbageGet", c"kk", c"S", Some(values::number_with_trigger_at_init), Some(values::number_with_trigger)),
    both(c"cabbageGet", c"k", c"S", values::number),
    at_init(c"cabbageCreate", c"", c"SS", identifiers::create),
    at_init(c"cabbageGetWidgetChannels", c"S[]", c"W", identifiers::widget_channels),

    opcode(c"cabbageChanged", c"Sk", c"S[]", Some(changed::begin), Some(changed::name)),
    opcode(c"cabbageChanged", c"kk", c"S[]", Some(changed::begin), Some(changed::index)),
    opcode(c"cabbageChanged", c"Sk", c"S[]kM", Some(changed::begin), Some(changed::name)),
    opcode(c"cabbageChanged", c"kk", c"S[]kM", Some(changed::begin), Some(changed::index)),

    at_init(c"cabbageCopyFile", c"", c"SW", files::copy),
    at_init(c"cabbageFindFiles", c"S[]", c"SW", files::find_at_init),
    opcode(c"cabbageFindFiles", c"S[]", c"kSW", Some(files::find_with_trigger_at_init), Some(files::find)),
    both(c"cabbageGetFilename", c"S", c"S", files::name),
    both(c"cabbageGetFilePath", c"S", c"S", files::folder),
    both(c"cabbageGetFileExtension", c"S", c"S", files::extension),
    both(c"cabbageGetFileNoExtension", c"S", c"S", files::name_without_extension),

    at_init(c"cabbageChannelStateSave", c"i", c"S", presets::save),
    at_k(c"cabbageChannelStateSave", c"k", c"S", presets::save),
    at_init(c"cabbageChannelStateRecall", c"i", c"S", presets::recall),
    at_k(c"cabbageChannelStateRecall", c"k", c"SO", presets::recall),
    at_k(c"cabbageChannelStateRecall", c"k", c"SS[]", presets::recall_but_some),
    at_k(c"cabbageSetStateValue", c"", c"Sk", state::set_number),
    at_init(c"cabbageSetStateValue", c"", c"Si", state::set_number),
    at_k(c"cabbageSetStateValue", c"", c"Sk[]", state::set_numbers),
    at_init(c"cabbageSetStateValue", c"", c"Si[]", state::set_numbers),
    at_k(c"cabbageSetStateValue", c"", c"SS", state::set_text),
    at_k(c"cabbageSetStateValue", c"", c"SS[]", state::set_texts),
    both(c"cabbageGetStateValue", c"k", c"S", state::number),
    at_init(c"cabbageGetStateValue", c"i", c"S", state::number),
    both(c"cabbageGetStateValue", c"k[]", c"S", state::numbers),
    at_init(c"cabbageGetStateValue", c"i[]", c"S", state::numbers),
    both(c"cabbageGetStateValue", c"S", c"S", state::text),
    both(c"cabbageGetStateValue", c"S[]", c"S", state::texts),
    at_k(c"cabbageHasStateData", c"k", c"", state::is_there),
    both(c"cabbageReadStateData", c"S", c"", state::read),
    at_init(c"cabbageWriteStateData", c"", c"iS", state::write_by_mode),
    at_init(c"cabbageWriteStateData", c"", c"S", state::write),

    both(c"cabbageMidiListener", c"k[]k[]k[]k", c"O", notes::listen),
    at_init(c"cabbageMidiSender", c"", c"", notes::send),
    opcode(c"cabbageMidiFileReader", c"k[]k[]k[]k[]kk", c"Sikkkko", Some(reader::begin), Some(reader::play)),
    at_init(c"cabbageMidiFileInfo", c"", c"S", reader::info),

    opcode(c"cabbageProfilerStart", c"", c"SS", Some(profiler::start_at_init), Some(profiler::start)),
    at_k(c"cabbageProfilerStop", c"k", c"SS", profiler::stop),
    at_k(c"cabbageProfilerPrint", c"", c"Sk", profiler::print),

    opcode(c"cabbageBluetooth", c"k", c"SS", Some(absent::bluetooth), Some(absent::nothing)),
    opcode(c"cabbageBleutooth", c"k", c"S", Some(absent::bluetooth), Some(absent::nothing)),
    opcode(c"cabbageWebSend", c"", c"kSSk", Some(absent::web), Some(absent::nothing)),
    opcode(c"cabbageWebSend", c"", c"SSi", Some(absent::web), Some(absent::nothing)),
    opcode(c"cabbageWebSend", c"", c"SSa", Some(absent::web), Some(absent::nothing)),
    opcode(c"cabbageWebSend", c"", c"kSSa", Some(absent::web), Some(absent::nothing)),
    opcode(c"cabbageWebSendArray", c"", c"kSSk[]", Some(absent::web), Some(absent::nothing)),
    at_init(c"cabbageWebSendArray", c"", c"SSi[]", absent::web),
    opcode(c"cabbageWebSendTable", c"", c"kSSi", Some(absent::web), Some(absent::nothing)),
    at_init(c"cabbageWebSendTable", c"", c"SSi", absent::web),
];
