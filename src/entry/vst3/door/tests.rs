use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::ComWrapper;

use super::*;
use crate::plugin::{Instrument, newest};

#[test]
fn an_instance_that_is_gone_is_told_of_nothing_though_its_threads_go_on() {
    let shell = Wrapper::<Instrument>::new();
    let link = newest::take().expect("an instance was made on this thread");
    let door = ComWrapper::new(Door::new(shell, Arc::clone(&link), None, 0));
    let caller = door.run_loop.caller();
    assert!(caller.holders() > 2, "the instance's own, those who are told of names and menus, and this one");
    drop(door);
    assert_eq!(caller.holders(), 1, "it is kept by what lives longer than the instance");
    link.names.note_values();
}
