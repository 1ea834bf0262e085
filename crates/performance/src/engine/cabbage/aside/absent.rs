//! What cannot be here: web views and Bluetooth. A piece that uses them compiles, and the console says that they do
//! nothing.

use csound_library::{Call, Level};

use crate::engine::cabbage::context;

fn tell_once(call: &Call<'_>, which: usize, told: &str) {
    let Some(context) = context::of(call) else { return };
    if context.with(|work| std::mem::replace(&mut work.told[which], true)) == Some(false) {
        call.tell(Level::Warning, told);
    }
}

/// Web views.
pub(in crate::engine::cabbage) fn web(call: &mut Call<'_>) {
    tell_once(call, 0, "cabbageWebSend and its like do nothing here: there are no web views");
}

/// Bluetooth.
pub(in crate::engine::cabbage) fn bluetooth(call: &mut Call<'_>) {
    tell_once(call, 1, "cabbageBluetooth does nothing here: there is no Bluetooth");
}

/// Nothing more.
pub(in crate::engine::cabbage) fn nothing(_call: &mut Call<'_>) {}
