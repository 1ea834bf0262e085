//! Calls that the performing thread answers: code that is compiled or evaluated, and functions that it runs. By the
//! performance thread; `calls_in_blocks` has the host's driver.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use csound_performance::{AnswerError, PerformanceError};

use super::thread_bench::{HEADER, bench, is_isolated, read, steady};
use crate::common::libcsound_is_missing;

/// No test waits that long: what hangs fails.
const LIMIT: Duration = Duration::from_secs(60);

/// Csound's reasons against code.
fn reasons(answer: Result<impl std::fmt::Debug, PerformanceError>) -> String {
    match answer {
        Err(PerformanceError::Answer(AnswerError::Csound(reasons))) => reasons,
        other => panic!("{other:?}"),
    }
}

#[test]
fn evaluated_code_gives_its_number_or_csounds_reasons() {
    if libcsound_is_missing() {
        return;
    }
    let bench = bench(HEADER, "giKnown = 20\ninstr 1\nendin\n", "f 0 3600");
    let eval = |code: &str| bench.thread.eval_code(code).unwrap().wait(LIMIT);
    for plays in [false, true] {
        if plays {
            bench.thread.play().unwrap();
        }
        assert_eq!(eval("return giKnown + 1").unwrap(), 21.0);
        assert_eq!(eval("return -0.25").unwrap(), -0.25);
        assert_eq!(eval("giThere = 5").unwrap(), 0.0, "without a return");
        assert_eq!(eval("return giThere").unwrap(), 5.0, "what was evaluated stays");
        assert!(reasons(eval("return nonsense")).contains("nonsense"));
        let fails = reasons(eval("iRead table 3, 777\nreturn 1"));
        assert!(fails.contains("777"), "a failed header: {fails}");
        let no_number = eval("return sqrt(-1)");
        assert!(matches!(no_number, Err(PerformanceError::Answer(AnswerError::NotANumber))), "{no_number:?}");
        assert_eq!(eval("return 3").unwrap(), 3.0, "it plays on");
    }
}

#[test]
fn compiled_instruments_are_there_for_what_was_sent_after_them() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 0.2");
    let path = bench.path("out.wav");
    bench.thread.record(&path, 32, 64).unwrap();
    let level = |number: u32, level: f64| format!("instr {number}\na1 = {level}\nouts a1, a1\nendin\n");
    let compiled = bench.thread.compile_orc(&level(7, 0.25)).unwrap();
    bench.thread.input_message("i 7 0 0.05").unwrap();
    let wrong = bench.thread.compile_orc("instr 8\nnonsense here\nendin").unwrap();
    let again = bench.thread.compile_orc(&level(9, 0.125)).unwrap();
    bench.thread.input_message("i 9 0.1 0.05").unwrap();
    bench.thread.play().unwrap();
    let performance = bench.thread.performance();
    bench.thread.join();
    compiled.wait(LIMIT).unwrap();
    let why = reasons(wrong.wait(LIMIT));
    assert!(why.contains("nonsense") || why.contains("syntax error"), "{why}");
    again.wait(LIMIT).unwrap();
    performance.stop_record().unwrap();
    let (_, samples) = read(&path);
    let at = |seconds: f64| samples[(seconds * 48_000.0) as usize * 2];
    assert_eq!((at(0.0), at(0.02), at(0.07), at(0.12)), (0.25, 0.25, 0.0, 0.125));
}

#[test]
fn text_that_csounds_reader_would_not_survive_is_refused_at_once() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    let long = format!("giA = 1 ;{}", "x".repeat(1 << 20));
    for text in
        ["/* x", "instr 2\nout oscili(1, 440\nendin", "giA = \"x", "giA =\n", "giA = 1/0", "", "\0", &long]
    {
        for refused in [bench.thread.compile_orc(text).map(drop), bench.thread.eval_code(text).map(drop)] {
            assert!(matches!(refused, Err(PerformanceError::Text(_))), "{text:.20}: {refused:?}");
        }
    }
    // The longest that is accepted comes through.
    let longest = format!("return 4 ;{}", "x".repeat((1 << 20) - 10));
    assert_eq!(longest.len(), 1 << 20);
    for _ in 0..3 {
        assert_eq!(bench.thread.eval_code(&longest).unwrap().wait(LIMIT).unwrap(), 4.0);
    }
}

#[test]
fn ten_thousand_calls_are_answered_each_by_its_own_number() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    bench.thread.play().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut answers = Vec::new();
    for number in 0..10_000 {
        let answer = loop {
            match bench.thread.eval_code(&format!("return {number}")) {
                Ok(answer) => break answer,
                Err(PerformanceError::QueueFull(_)) => std::thread::sleep(Duration::from_millis(1)),
                Err(error) => panic!("{error}"),
            }
        };
        if number % 2 == 0 {
            answers.push((number, answer));
        } else {
            let told = Arc::clone(&told);
            answer.then(move |answer| told.lock().unwrap().push((number, answer))).unwrap();
        }
    }
    for (number, answer) in answers {
        assert_eq!(answer.wait(LIMIT).unwrap(), f64::from(number));
    }
    let all = || told.lock().unwrap().len() == 5000;
    super::thread_bench::eventually("all are told", all);
    for (number, answer) in told.lock().unwrap().drain(..) {
        assert_eq!(answer, Ok(f64::from(number)));
    }
}

#[test]
fn a_requested_callback_runs_once_between_two_k_cycles_in_its_order() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 0.1");
    let here = std::thread::current().id();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = |word: &'static str| {
        let seen = Arc::clone(&seen);
        move |cycle: &csound_performance::Cycle<'_>| {
            assert_ne!(std::thread::current().id(), here);
            assert_eq!(cycle.frames() % 32, 0);
            assert_eq!(cycle.csound().is_some(), !is_isolated());
            let value = cycle.csound().and_then(|csound| csound.control_channel("told"));
            seen.lock().unwrap().push((word, value.unwrap_or(0.0)));
        }
    };
    let first = bench.thread.request_callback(note("before")).unwrap();
    let code = bench.thread.eval_code("chnset 3, \"told\"\nreturn 1").unwrap();
    let second = bench.thread.request_callback(note("after")).unwrap();
    first.wait(LIMIT).unwrap();
    second.wait(LIMIT).unwrap();
    assert_eq!(code.wait(LIMIT).unwrap(), 1.0);
    let told = if is_isolated() { 0.0 } else { 3.0 };
    assert_eq!(*seen.lock().unwrap(), [("before", 0.0), ("after", told)], "while it is paused");
    let third = bench.thread.request_callback(note("playing")).unwrap();
    bench.thread.play().unwrap();
    bench.thread.performance().join().unwrap();
    third.wait(LIMIT).unwrap();
    let late = bench.thread.request_callback(note("never")).unwrap();
    assert!(matches!(late.wait(LIMIT), Err(PerformanceError::Answer(AnswerError::NotPerforming))));
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[test]
fn calls_at_and_after_the_end_are_answered() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    bench.thread.play().unwrap();
    bench.thread.flush_message_queue().unwrap();
    bench.thread.stop().unwrap();
    let performance = bench.thread.performance();
    let mut open: Vec<_> = (0..50).map(|_| performance.eval_code("return 1").unwrap()).collect();
    bench.thread.join();
    open.extend((0..50).map(|_| performance.eval_code("return 1").unwrap()));
    let (send, receive) = channel();
    performance.compile_orc("giA = 1").unwrap().then(move |answer| send.send(answer).unwrap()).unwrap();
    for answer in open {
        let answer = answer.wait(LIMIT);
        assert!(matches!(answer, Err(PerformanceError::Answer(AnswerError::NotPerforming))), "{answer:?}");
    }
    assert_eq!(receive.recv_timeout(LIMIT), Ok(Err(AnswerError::NotPerforming)));
}

#[test]
fn the_performing_thread_cannot_wait_for_itself_and_a_panic_in_a_callback_is_its_own() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    let performance = bench.thread.performance();
    let (send, receive) = channel();
    let asked = move |_: &csound_performance::Cycle<'_>| {
        let answer = performance.eval_code("return 1").unwrap();
        send.send(answer.wait(LIMIT)).unwrap();
    };
    bench.thread.request_callback(asked).unwrap().wait(LIMIT).unwrap();
    let refused = receive.recv_timeout(LIMIT).unwrap();
    assert!(matches!(refused, Err(PerformanceError::OnPerformingThread)), "{refused:?}");

    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    bench.thread.eval_code("return 1").unwrap().then(|_| panic!("on purpose")).unwrap();
    let count = move |_| counted.store(1, Ordering::Relaxed);
    bench.thread.eval_code("return 1").unwrap().then(count).unwrap();
    super::thread_bench::eventually("the next is told", || calls.load(Ordering::Relaxed) == 1);
}
