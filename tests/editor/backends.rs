//! One contract for the editor's backends: the fake that its tests and pictures use, and the real one over an
//! instance with an engine. Whatever the editor relies on is said here once and holds for both.

mod activity;
mod catalogue;
mod contract;
mod exporting;
mod fake;
mod gather;
mod held;
pub mod instance;
mod keys;
mod kinds;
mod manual;
mod piece;
mod presets;
mod preview;
mod ranges;
mod texts;

use test_host::testing::both_csounds;

use crate::backend_bench::{alone, alone_with_csounds};

#[test]
fn the_fake_keeps_the_contract() {
    contract::holds(&mut fake::Fake::new());
}

#[test]
fn an_instance_keeps_the_contract() {
    if alone("backends::an_instance_keeps_the_contract") {
        contract::holds(&mut instance::Instance::new());
    }
}

#[test]
fn the_fake_compares_as_the_contract_says() {
    contract::compares(&mut fake::Fake::with_both_csounds());
}

#[test]
fn an_instance_compares_as_the_contract_says() {
    if alone_with_csounds("backends::an_instance_compares_as_the_contract_says", both_csounds()) {
        contract::compares(&mut instance::Instance::new());
    }
}

#[test]
fn the_fake_exports_as_the_contract_says() {
    exporting::exports(&mut fake::Fake::new());
}

#[test]
fn an_instance_exports_as_the_contract_says() {
    if exporting::alone("backends::an_instance_exports_as_the_contract_says") {
        exporting::exports(&mut instance::Instance::new());
    }
}

#[test]
fn an_export_that_is_given_up_leaves_nothing() {
    if exporting::alone("backends::an_export_that_is_given_up_leaves_nothing") {
        exporting::leaves_nothing(&mut instance::Instance::new());
    }
}

#[test]
fn a_sessions_text_that_was_not_saved_can_be() {
    if alone("backends::a_sessions_text_that_was_not_saved_can_be") {
        instance::a_sessions_text_that_was_not_saved_can_be();
    }
}

#[test]
fn the_hosts_bar_is_shown() {
    if alone("backends::the_hosts_bar_is_shown") {
        instance::the_hosts_bar_is_shown();
    }
}
