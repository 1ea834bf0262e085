//! Which opcodes there are, with their signatures, for a section in JSON.

use csound_library::OwnOpcode;

use super::{files, identifiers};
use crate::engine::cabbage::aside::absent;
use crate::engine::cabbage::signatures::{at_init, at_k, both, opcode};
use crate::engine::cabbage::{presets, values};

/// All of them.
#[rustfmt::skip]
pub(in crate::engine::cabbage) static OPCODES: &[OwnOpcode] = &[
    at_init(c"cabbageSetValue", c"", c"Si", values::set_number_at_init),
    at_k(c"cabbageSetValue", c"", c"SkP", values::set_number),
    at_init(c"cabbageGetValue", c"i", c"S", values::number),
    both(c"cabbageGetValue", c"k", c"S", values::number),
    both(c"cabbageGetValue", c"S", c"S", values::text),
    opcode(c"cabbageGetValue", c"kk", c"So", Some(values::number_with_trigger_at_init), Some(values::number_with_trigger)),
    opcode(c"cabbageGetValue", c"Sk", c"So", Some(values::text_with_trigger_at_init), Some(values::text_with_trigger)),

    at_init(c"cabbageSet", c"", c"SW", identifiers::set_at_init),
    at_k(c"cabbageSet", c"", c"kSSW", identifiers::set),
    at_k(c"cabbageSet", c"", c"kSS", identifiers::set),
    at_init(c"cabbageSet", c"", c"SSM", identifiers::set_at_init),
    at_k(c"cabbageSet", c"", c"kSSM", identifiers::set),
    at_init(c"cabbageSet", c"", c"SSi[]", identifiers::set_numbers_at_init),
    at_k(c"cabbageSet", c"", c"kSSk[]", identifiers::set_numbers),
    at_init(c"cabbageSet", c"", c"SSS[]", identifiers::set_texts_at_init),
    at_init(c"cabbageGet", c"S[]", c"SS", super::super::identifiers::texts),
    at_init(c"cabbageGet", c"i", c"SS", identifiers::number),
    both(c"cabbageGet", c"k", c"SW", identifiers::number),
    both(c"cabbageGet", c"S", c"SS", identifiers::text),
    opcode(c"cabbageGet", c"Sk", c"SS", Some(identifiers::text_with_trigger_at_init), Some(identifiers::text_with_trigger)),
    at_init(c"cabbageHasKey", c"i", c"SS", identifiers::has),
    both(c"cabbageHasKey", c"k", c"SW", identifiers::has),
    at_init(c"cabbageCreate", c"", c"S", identifiers::create),
    at_init(c"cabbageDump", c"", c"So", identifiers::dump_at_init),
    at_k(c"cabbageDump", c"", c"kSo", identifiers::dump),
    at_init(c"cabbageGetWidgets", c"S[]", c"", identifiers::widgets),

    at_init(c"cabbageSaveState", c"", c"S", presets::save),
    at_init(c"cabbageSaveState", c"", c"SS[]", presets::save),
    at_init(c"cabbageLoadState", c"", c"S", presets::recall),
    at_init(c"cabbageGetFiles", c"S[]", c"SS", files::list),
    at_init(c"cabbageCreateFileName", c"S", c"SS", files::new_name),
    at_init(c"cabbageJoinPath", c"S", c"SW", files::join),

    at_init(c"cabbageSendMessage", c"", c"S", absent::web),
    at_k(c"cabbageSendMessage", c"", c"kS", absent::web),
];
