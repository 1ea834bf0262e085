//! The performance thread: the reference's behaviour.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use csound_library::{Csound, Io};
use csound_performance::PerformanceThread;

use super::thread_bench::{HEADER, bench, eventually, read, steady};
use crate::common::libcsound_is_missing;

#[test]
fn it_starts_paused_and_ends_with_two_at_the_end_of_the_score() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 0.5 0.5");
    std::thread::sleep(Duration::from_millis(30));
    assert!(bench.thread.is_running());
    assert_eq!((bench.thread.status(), bench.thread.frames()), (0, 0));
    bench.thread.play().unwrap();
    assert_eq!(bench.thread.join(), 2);
}

#[test]
fn stop_ends_with_one_and_calls_after_the_end_do_nothing() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 500 0.5");
    bench.thread.play().unwrap();
    bench.thread.stop().unwrap();
    let performance = bench.thread.performance();
    assert_eq!(bench.thread.join(), 1);
    performance.play().unwrap();
    performance.input_message("i 1 0 1 0.5").unwrap();
    performance.flush_message_queue().unwrap();
    assert!(!performance.is_running());
    assert_eq!(performance.status(), 1);
}

#[test]
fn exitnow_gives_its_code_and_an_unstarted_instance_minus_one() {
    if libcsound_is_missing() {
        return;
    }
    for (code, status) in [("0", 256), ("5", -5)] {
        let bench = bench(HEADER, &format!("instr 1\nexitnow {code}\nendin\n"), "i 1 0.1 1");
        bench.thread.play().unwrap();
        assert_eq!(bench.thread.join(), status);
    }
    let unstarted = PerformanceThread::new(Csound::new(Io::Own).unwrap()).unwrap();
    unstarted.play().unwrap();
    assert_eq!(unstarted.join(), -1);
}

#[test]
fn n_k_cycles_make_n_plus_one_callbacks_and_none_while_paused() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 0.5 0.5");
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let callback = move |_: &csound_performance::Cycle<'_>| {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    bench.thread.set_process_callback(Some(Box::new(callback))).unwrap();
    bench.thread.flush_message_queue().unwrap();
    assert!(bench.thread.process_callback());
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    bench.thread.play().unwrap();
    assert_eq!(bench.thread.join(), 2);
    assert_eq!(calls.load(Ordering::Relaxed), 24_000 / 32 + 1);
}

#[test]
fn messages_are_executed_while_paused() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 0.2");
    let path = bench.path("out.wav");
    bench.thread.input_message("i 1 0 0.1 0.25").unwrap();
    bench.thread.flush_message_queue().unwrap();
    bench.thread.record(&path, 32, 64).unwrap();
    bench.thread.play().unwrap();
    bench.thread.join();
    let (_, samples) = read(&path);
    assert_eq!((samples[0], samples[1]), (0.25, 0.125));
}

#[test]
fn a_seek_is_read_back_as_soon_as_it_is_executed() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 3600 0.5");
    for seconds in [5.0, 2.0] {
        bench.thread.set_score_offset_seconds(seconds).unwrap();
        bench.thread.flush_message_queue().unwrap();
        assert_eq!(bench.thread.score_time(), seconds, "it is paused there");
    }
}

#[test]
fn seeking_jumps_forward_and_back_and_past_the_end_ends() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 3000 0.5");
    bench.thread.play().unwrap();
    bench.thread.set_score_offset_seconds(2000.0).unwrap();
    eventually("forward", || bench.thread.score_time() >= 2000.0);
    bench.thread.set_score_offset_seconds(5.0).unwrap();
    eventually("back", || bench.thread.score_time() < 2000.0);
    bench.thread.set_score_offset_seconds(5000.0).unwrap();
    assert_eq!(bench.thread.join(), 2);
}

#[test]
fn an_existing_file_is_never_overwritten_unless_asked() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 1 0.5");
    let path = bench.path("out.wav");
    std::fs::write(&path, "precious").unwrap();
    assert!(bench.thread.record(&path, 16, 64).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}
