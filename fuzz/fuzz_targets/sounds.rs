//! `sounds` for a fuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| csound_performer_fuzz::sounds(bytes));
