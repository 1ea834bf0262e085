//! Opcodes of each kind of argument and result, as Csound 6 and Csound 7 call them.

use std::ffi::CStr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::testing::{library, perform, piece};
use crate::{CsoundError, Io};

/// A started instance with these opcodes, ksmps 10.
fn start_with(
    opcodes: &'static [OwnOpcode],
    context: Arc<dyn Any + Send + Sync>,
    orchestra: &str,
) -> Option<Csound> {
    library()?;
    let file = piece("", &format!("sr = 48000\nksmps = 10\nnchnls = 1\n0dbfs = 1\n{orchestra}"), "i1 0 10");
    let mut csound = Csound::new(Io::Host).unwrap();
    csound.add_opcodes(opcodes, context).unwrap();
    let path = file.path().to_str().unwrap();
    let started = csound.compile(&["csound", "-d", "-M0", "-Q0", path]).and_then(|()| csound.start());
    if let Err(error) = started {
        csound.handle().drain_messages(|message| println!("{}", message.text));
        panic!("{error}");
    }
    Some(csound)
}

fn opcode(
    name: &'static CStr,
    results: &'static CStr,
    arguments: &'static CStr,
    init: Option<fn(&mut Call<'_>)>,
    perform: Option<fn(&mut Call<'_>)>,
) -> OwnOpcode {
    OwnOpcode { name, results, arguments, init, perform }
}

fn leak(opcodes: Vec<OwnOpcode>) -> &'static [OwnOpcode] {
    opcodes.leak()
}

fn copied(text: &CStr) -> Vec<u8> {
    text.to_bytes().to_vec()
}

#[test]
fn arguments_of_each_kind_are_read_and_results_of_each_kind_are_given() {
    fn echo(call: &mut Call<'_>) {
        let mut said = copied(call.text(0));
        said.extend(format!("|{}|{}", call.number(1), call.count()).bytes());
        for index in 0..call.length(2) {
            said.push(b'|');
            said.extend(copied(call.text_in(2, index)));
        }
        let sum: f64 = (0..call.length(3)).map(|index| call.number_in(3, index)).sum();
        call.set_text(0, &said);
        call.set_number(1, sum);
    }
    let opcodes = leak(vec![opcode(c"ownEcho", c"Sk", c"SkS[]k[]", Some(echo), Some(echo))]);
    let orchestra = "instr 1\nSlist[] fillarray \"one\", \"zw\u{f6}lf\", \"\"\nklist[] fillarray 1, 2, 3.5\n\
        kone init 7\nSout, ksum ownEcho \"a text of more than eight\", kone, Slist, klist\n\
        chnset Sout, \"said\"\nchnset ksum, \"sum\"\nendin";
    let Some(mut csound) = start_with(opcodes, Arc::new(()), orchestra) else { return };
    perform(&mut csound, 2);
    let handle = csound.handle();
    assert_eq!(handle.string_channel("said").unwrap(), "a text of more than eight|7|4|one|zw\u{f6}lf|");
    assert_eq!(handle.control_channel("sum"), Some(6.5));
}

#[test]
fn any_number_of_arguments_and_numbers_among_texts() {
    fn list(call: &mut Call<'_>) {
        let mut said = Vec::new();
        for at in 0..call.count() {
            if call.is_text(at) {
                said.extend(copied(call.text(at)));
            } else {
                said.extend(format!("{}", call.number(at)).bytes());
            }
            said.push(b' ');
        }
        let name = c"listed";
        let text = std::ffi::CString::new(said).unwrap();
        call.text_channel(name).unwrap().write(&text);
    }
    let opcodes = leak(vec![opcode(c"ownList", c"", c"N", Some(list), None)]);
    let many: Vec<_> = (0..300).map(|number| number.to_string()).collect();
    let orchestra = format!(
        "gkglobal init 5\ninstr 1\nSvar = \"variable\"\nivar = 3\nkvar init 4\n\
         ownList \"literal\", 1.5, Svar, ivar, kvar, gkglobal, p1, {}, \"end\"\nendin",
        many.join(", ")
    );
    let Some(mut csound) = start_with(opcodes, Arc::new(()), &orchestra) else { return };
    perform(&mut csound, 1);
    let listed = csound.handle().string_channel("listed").unwrap();
    assert_eq!(listed, format!("literal 1.5 variable 3 4 5 1 {} end ", many.join(" ")));
}

#[test]
fn results_grow_and_shrink_and_are_csounds_to_copy_and_to_free() {
    fn grow(call: &mut Call<'_>) {
        let cycle = call.kept()[0];
        call.kept()[0] = cycle + 1.0;
        let length = if (cycle as usize).is_multiple_of(2) { 1 } else { 5 + cycle as usize };
        call.set_text_length(0, length);
        call.set_length(1, length);
        for index in 0..length {
            call.set_text_in(0, index, "x".repeat(length * 40 + index).as_bytes());
            call.set_number_in(1, index, index as f64);
        }
        call.set_text(2, "y".repeat(length * 50).as_bytes());
    }
    let opcodes = leak(vec![opcode(c"ownGrow", c"S[]k[]S", c"", Some(grow), Some(grow))]);
    let orchestra = "instr 1\nSlist[], klist[], Sone ownGrow\nklen lenarray Slist\nklen2 lenarray klist\n\
        klong strlenk Sone\nSlast strcpyk Sone\nSfirst = Slist[0]\nkfirst strlenk Sfirst\n\
        chnset klen, \"texts\"\nchnset klen2, \"numbers\"\nchnset klong, \"long\"\nchnset kfirst, \"first\"\n\
        if timeinstk() % 3 == 0 then\nschedulek 1, 0, 0.001\nendif\nendin";
    let Some(mut csound) = start_with(opcodes, Arc::new(()), orchestra) else { return };
    perform(&mut csound, 2);
    let read = |name: &str| csound.handle().control_channel(name).unwrap();
    assert_eq!(["texts", "numbers", "long", "first"].map(read), [1.0, 1.0, 50.0, 40.0]);
    for _ in 0..200 {
        perform(&mut csound, 1);
    }
    drop(csound);
}

#[test]
fn what_is_kept_is_of_each_place_and_what_is_worked_on_of_each_instance() {
    fn count(call: &mut Call<'_>) {
        call.context::<AtomicU64>().unwrap().fetch_add(1, Ordering::Relaxed);
        call.kept()[0] += call.number(0);
        let kept = call.kept()[0];
        call.set_number(0, kept);
    }
    fn begin(call: &mut Call<'_>) {
        *call.kept() = [0.0; KEPT];
    }
    let opcodes = leak(vec![opcode(c"ownCount", c"k", c"k", Some(begin), Some(count))]);
    let orchestra = "instr 1\nkone init 1\nktwo init 2\nka ownCount kone\nkb ownCount ktwo\n\
        chnset ka, \"a\"\nchnset kb, \"b\"\nendin";
    let context = Arc::new(AtomicU64::new(0));
    let Some(mut csound) = start_with(opcodes, context.clone(), orchestra) else { return };
    perform(&mut csound, 3);
    let read = |name: &str| csound.handle().control_channel(name).unwrap();
    assert_eq!((read("a"), read("b"), context.load(Ordering::Relaxed)), (3.0, 6.0, 6));
}

#[test]
fn variants_of_one_name_are_told_apart_by_their_types() {
    fn at_init(call: &mut Call<'_>) {
        call.set_number(0, 1.0);
    }
    fn at_k(call: &mut Call<'_>) {
        call.set_number(0, 2.0);
    }
    fn of_text(call: &mut Call<'_>) {
        call.set_text(0, b"three");
    }
    let opcodes = leak(vec![
        opcode(c"ownKind", c"k", c"S", None, Some(at_k)),
        opcode(c"ownKind", c"i", c"S", Some(at_init), None),
        opcode(c"ownKind", c"S", c"S", Some(of_text), Some(of_text)),
        opcode(c"ownKind", c"Sk", c"So", Some(of_text), Some(of_text)),
    ]);
    let orchestra = "instr 1\nione ownKind \"x\"\nktwo ownKind \"x\"\nSthree ownKind \"x\"\nSfour, kfour ownKind \"x\"\n\
        ifive = ownKind:i(\"x\")\nksix = ownKind:k(\"x\")\nchnset ione + ifive, \"i\"\nchnset ktwo + ksix, \"k\"\n\
        chnset Sthree, \"s\"\nchnset Sfour, \"sk\"\nendin";
    let Some(mut csound) = start_with(opcodes, Arc::new(()), orchestra) else { return };
    perform(&mut csound, 2);
    let handle = csound.handle();
    assert_eq!(["i", "k"].map(|name| handle.control_channel(name).unwrap()), [2.0, 4.0]);
    assert_eq!(["s", "sk"].map(|name| handle.string_channel(name).unwrap()), ["three", "three"]);
}

#[test]
fn channels_are_made_read_and_written_and_one_of_another_kind_is_none() {
    fn both(call: &mut Call<'_>) {
        let number = call.channel(call.text(0)).map_or(-1.0, |channel| channel.get());
        if let Some(channel) = call.channel(c"made") {
            channel.set(number + call.sample_rate() + f64::from(call.ksmps()));
        }
        let mut said = Vec::new();
        call.text_channel(c"words").unwrap().read(&mut |held| said.extend_from_slice(held));
        assert!(call.channel(c"words").is_none() && call.channel(c"").is_none());
        said.reverse();
        call.text_channel(c"back").unwrap().write(&std::ffi::CString::new(said).unwrap());
        call.tell(crate::Level::Warning, "told by an opcode");
    }
    let opcodes = leak(vec![opcode(c"ownBoth", c"", c"S", None, Some(both))]);
    let orchestra = "chnset \"abc\", \"words\"\ninstr 1\nownBoth \"given\"\nendin";
    let Some(mut csound) = start_with(opcodes, Arc::new(()), orchestra) else { return };
    csound.handle().set_control_channel("given", 2.0);
    perform(&mut csound, 2);
    let handle = csound.handle();
    assert_eq!(handle.control_channel("made"), Some(48_012.0));
    assert_eq!(handle.string_channel("back").unwrap(), "cba");
    let mut told = false;
    handle.drain_messages(|message| told |= message.text == "told by an opcode");
    assert!(told);
}

#[test]
fn a_panic_in_an_opcode_is_told_and_the_piece_goes_on() {
    fn fail(_call: &mut Call<'_>) {
        panic!("on purpose");
    }
    let opcodes = leak(vec![opcode(c"ownFail", c"", c"", None, Some(fail))]);
    let orchestra = "instr 1\nownFail\nchnset 1, \"on\"\nendin";
    let Some(mut csound) = start_with(opcodes, Arc::new(()), orchestra) else {
        return;
    };
    perform(&mut csound, 2);
    assert_eq!(csound.handle().control_channel("on"), Some(1.0));
}

#[test]
fn opcodes_are_added_once_and_before_the_piece() {
    if library().is_none() {
        return;
    }
    let mut csound = Csound::new(Io::Host).unwrap();
    assert_eq!(csound.add_opcodes(&[], Arc::new(())), Ok(()));
    assert_eq!(csound.add_opcodes(&[], Arc::new(())), Err(OwnOpcodeError::TooLate));
    let file = piece("", "instr 1\nendin", "");
    let mut csound = Csound::new(Io::Host).unwrap();
    let compiled: Result<(), CsoundError> = csound.compile(&["csound", file.path().to_str().unwrap()]);
    compiled.unwrap();
    assert_eq!(csound.add_opcodes(&[], Arc::new(())), Err(OwnOpcodeError::TooLate));
}

#[test]
fn elements_of_arrays_are_as_far_apart_as_csound_itself_has_them() {
    static STEPS: AtomicU64 = AtomicU64::new(0);
    fn look(call: &mut Call<'_>) {
        // SAFETY: the signature says that both are arrays.
        let [texts, numbers] =
            [0, 1].map(|at| unsafe { data::Array::elements(call.argument(at).unwrap().cast()).2 as u64 });
        STEPS.store(texts << 32 | numbers, Ordering::Relaxed);
    }
    let opcodes = leak(vec![opcode(c"ownLook", c"", c"S[]k[]", Some(look), None)]);
    let orchestra = "instr 1\nSlist[] init 3\nklist[] init 3\nownLook Slist, klist\nendin";
    let Some(mut csound) = start_with(opcodes, Arc::new(()), orchestra) else { return };
    perform(&mut csound, 1);
    // SAFETY: the instance is alive.
    let layout = unsafe { Layout::of(csound.library(), csound.raw()).unwrap() };
    assert_eq!(STEPS.load(Ordering::Relaxed), (layout.text_member as u64) << 32 | 8);
}
