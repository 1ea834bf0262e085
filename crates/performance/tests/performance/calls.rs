//! Calls that the performing thread answers: code that is compiled or evaluated, and functions that it runs. By the
//! performance thread; `calls_in_blocks` has the host's driver.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use csound_performance::{AnswerError, PerformanceError};

use super::thread_bench::{HEADER, bench, is_isolated, read, steady};
use crate::common::libcsound_is_missing;
use test_host::testing::Random;

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

/// Wrong for either Csound. Of some, one of them prints an error and answers as if all were well.
const WRONG: [&str; 36] = [
    "a.b = 3",
    "i1 = a.b",
    "i1 = 3\ni1.b = 4",
    "struct Pt x:i, y:i\nj:Pt init 1, 2\nj.z = 3",
    "struct Pt x:i, y:i\nj@global:Pt init 1",
    "struct Few",
    "x:Nope init 1",
    "opcode foo(x:nope):(k)\nendop",
    "opcode foo, q, i\nendop",
    "opcode foo, k",
    "opcode foo, k, k, k\nendop",
    "opcode foo, k, k\na1 xin\nxout a1\nendop",
    "opcode foo, kk, k\nk1 xin\nxout k1\nendop",
    "kNo[0] = 3",
    "k2 = kNo[0]",
    "instr 5\nk1 = 3\nk2 = k1[0]\nendin",
    "instr 5\nS1 = \"x\" + 1\nendin",
    "instr 5\nout \"text\"\nendin",
    "instr 5\na1 nosuch 3\nendin",
    "instr 5\na1 = nosuch(3)\nendin",
    "instr 5\na1 = a2\nendin",
    "instr 5\ngoto nowhere\nendin",
    "instr 5\na1 = 1",
    "instr 5\ninstr 6\nendin\nendin",
    "instr 5a\nendin",
    "instr 0\nendin",
    "endin",
    "sin = 4",
    "sin(3) = 4",
    "i1 = sin(1, 2)",
    "i1, i2 sin 3",
    "3 = 4",
    "i1 = 3 ++ * 4",
    "giA ftgen 0, 0, 7, 999, 1",
    "giA table 3, 9999",
    "giA ftgen 0, 0, 0, 1, \"nosuch.wav\", 0, 0, 0",
];

#[test]
fn wrong_code_is_refused_with_csounds_words_and_the_piece_goes_on() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    bench.thread.play().unwrap();
    for wrong in WRONG {
        for why in [
            reasons(bench.thread.compile_orc(wrong).unwrap().wait(LIMIT)),
            reasons(bench.thread.eval_code(wrong).unwrap().wait(LIMIT)),
        ] {
            assert!(!why.contains("does not say why"), "{wrong}: {why}");
        }
        assert_eq!(bench.thread.eval_code("return 4").unwrap().wait(LIMIT).unwrap(), 4.0, "{wrong}");
    }
}

#[test]
fn text_that_csounds_reader_would_not_survive_is_refused_at_once() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    let long = format!("giA = 1 ;{}", "x".repeat(1 << 20));
    for text in [
        "/* x",
        "instr 2\nout oscili(1, 440\nendin",
        "giA = \"x",
        "giA =\n",
        "giA = 1/0",
        "return 1e308*10",
        "return 1/(2^2-4)",
        "",
        "\0",
        &long,
    ] {
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
fn no_constants_that_pass_end_csound() {
    if libcsound_is_missing() {
        return;
    }
    const NUMBERS: [&str; 14] = [
        "0",
        "1",
        "2",
        "10",
        "0.1",
        "0.3",
        "1e308",
        "1e-320",
        "4294967296",
        "-1",
        "5000",
        "(1-1)",
        "giB",
        "sin(0)",
    ];
    const OPERATORS: [&str; 12] = ["+", "-", "*", "/", "^", "%", "#", "*-", "-(-", "*(", "<", "&"];
    let bench = bench(HEADER, "giB = 2\ninstr 1\nendin\n", "f 0 3600");
    let mut random = Random::new(11);
    let mut passed = 0;
    for _ in 0..2000 {
        let mut code =
            String::from(["giA = ", "print ", "return ", "giA ftgen 0, 0, 4, -2, 1, -"][random.below(4)]);
        code += NUMBERS[random.below(NUMBERS.len())];
        let mut open = 0;
        for _ in 0..1 + random.below(5) {
            let operator = OPERATORS[random.below(OPERATORS.len())];
            open += operator.matches('(').count();
            code += operator;
            code += NUMBERS[random.below(NUMBERS.len())];
        }
        code += &")".repeat(open);
        let Ok(answer) = bench.thread.eval_code(&code) else { continue };
        passed += 1;
        if let Err(PerformanceError::Answer(error)) = answer.wait(LIMIT) {
            assert!(matches!(error, AnswerError::Csound(_) | AnswerError::NotANumber), "{code}: {error}");
        }
    }
    assert!(passed > 500, "{passed}");
    assert_eq!(bench.thread.eval_code("return giB").unwrap().wait(LIMIT).unwrap(), 2.0);
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
