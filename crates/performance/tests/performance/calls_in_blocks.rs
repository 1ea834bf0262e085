//! Calls that the performing thread answers, in a host's blocks: in their order with what else is asked for, on an
//! audio thread that never allocates, and where engines end, hang or are replaced. Once more as `calls_pipelined`, where
//! an engine performs while its host goes on.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use csound_performance::blocks::Seat;
use csound_performance::command::Command;
use csound_performance::engine::framing::Timing;
use csound_performance::engine::{EventKind, Purpose, ScoreEvent};
use csound_performance::{Answer, AnswerError, PerformanceError, TimeBase};

use super::blocks::{Bench, LARGEST, LEVEL, is_isolated, note, start};
use crate::common::{libcsound_is_missing, onset};

/// No test waits that long: what hangs fails.
const LIMIT: Duration = Duration::from_secs(60);

fn bench(ksmps: usize) -> Bench {
    let timing = match module_path!().contains("::calls_pipelined") {
        true => Timing::Pipelined,
        false => Timing::Exact,
    };
    Bench::new(start("--sample-accurate", ksmps, LEVEL, ""), timing)
}

/// Code that takes down either Csound in the k-cycle after it.
const CRASHES: &str =
    "instr 55\na1 delayr 1\na2 deltap 1e9\ndelayw a1\nout a2\nendin\nschedule 55, 0, 1\nreturn 1";

/// Code as a command for a frame of a block, and its answer.
fn code(bench: &Bench, text: &str, purpose: Purpose) -> (Command, Answer<f64>) {
    let (event, answer) = bench.performance().prepare_code(text, purpose).unwrap();
    (Command::Event(event), answer)
}

/// Performs until an answer is there.
fn answered<T: 'static>(bench: &mut Bench, answer: &Answer<T>) -> Result<T, AnswerError> {
    answered_after(bench, answer).0
}

/// The same, and how many blocks of 480 frames that took.
fn answered_after<T: 'static>(bench: &mut Bench, answer: &Answer<T>) -> (Result<T, AnswerError>, usize) {
    let began = Instant::now();
    for blocks in 1.. {
        bench.perform(480);
        if let Some(answer) = answer.get() {
            return (answer, blocks);
        }
        assert!(began.elapsed() < LIMIT, "it is never answered");
        std::thread::sleep(Duration::from_millis(1));
    }
    unreachable!("blocks can be counted")
}

#[test]
fn code_keeps_its_place_among_events_at_every_frame() {
    if libcsound_is_missing() {
        return;
    }
    for ksmps in [1, 7, 64] {
        let mut bench = bench(ksmps);
        bench.perform(4800);
        let mut at = 4800;
        for frame in 0..ksmps {
            let number = 100 + frame;
            let text = format!("instr {number}\nout a(0.25)\nendin\ngiNumber = {number}");
            let (compiles, compiled) = code(&bench, &text, Purpose::Compile);
            let (evaluates, evaluated) = code(&bench, "return giNumber", Purpose::Evaluate);
            let fields = vec![number as f64, 0.0, 0.001];
            let event = ScoreEvent { time_base: TimeBase::Now, opcode: b'i', fields, text: None };
            let event = Command::Event(EventKind::Score(Box::new(event)));
            let mut heard = vec![0.0; 1024];
            bench.block(&mut heard, &mut vec![(frame, compiles), (frame, event), (frame, evaluates)]);
            // What is later than this block by the timing.
            let later = bench.blocks.latency() + 1 - ksmps;
            heard.extend(bench.perform(later));
            // Code happens at the nearest boundary of a k-cycle, and nothing overtakes it.
            let past = (at + frame) % ksmps;
            let moved = if 2 * past >= ksmps { frame + (ksmps - past) % ksmps } else { frame };
            assert_eq!(onset(&heard), Some(moved + bench.blocks.latency()), "ksmps {ksmps} frame {frame}");
            let (first, some) = answered_after(&mut bench, &compiled);
            let (second, more) = answered_after(&mut bench, &evaluated);
            assert_eq!((first, second), (Ok(0.0), Ok(number as f64)));
            bench.perform(480 + frame);
            at += 1024 + later + 480 * (some + more + 1) + frame;
        }
    }
}

#[test]
fn the_audio_thread_allocates_and_frees_nothing_for_calls() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = bench(64);
    bench.perform(4800);
    let performance = bench.performance();
    let (send, told) = channel();
    let held = vec![1_u8; 1000];
    for round in 0..50 {
        // Each is sent before the block and let go of by this thread: what is freed, the block would free.
        let sum = performance.eval_code(&format!("return {round} + 1")).unwrap();
        drop(performance.eval_code("return 7").unwrap());
        drop(performance.compile_orc(&format!("instr {}\nendin", 200 + round)).unwrap());
        let wrong = performance.compile_orc("instr 8\nnonsense here\nendin").unwrap();
        let held = held.clone();
        let called = performance.request_callback(move |_| assert_eq!(held.len(), 1000)).unwrap();
        let send = send.clone();
        let telling = performance.eval_code("return 2").unwrap();
        let name = || std::thread::current().name().map(str::to_owned);
        telling.then(move |answer| send.send((name(), answer)).unwrap()).unwrap();
        bench.perform(480);
        assert_eq!(answered(&mut bench, &sum), Ok(f64::from(round) + 1.0));
        assert!(matches!(answered(&mut bench, &wrong), Err(AnswerError::Csound(_))));
        assert_eq!(answered(&mut bench, &called), Ok(()));
        let told = told.recv_timeout(LIMIT).unwrap();
        assert_eq!(told, (Some("csound answers".to_owned()), Ok(2.0)));
    }
}

#[test]
fn without_an_engine_or_a_host_the_caller_is_told() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = bench(64);
    let waiting = bench.performance().eval_code("return 5").unwrap();
    std::thread::sleep(Duration::from_millis(600));
    let refused = waiting.wait(LIMIT);
    assert!(matches!(refused, Err(PerformanceError::NotProcessing)), "{refused:?}");
    let refused = bench.performance().eval_code("return 5").unwrap().wait(Duration::from_millis(5));
    assert!(matches!(refused, Err(PerformanceError::NoAnswer(_))), "{refused:?}");
    assert_eq!(answered(&mut bench, &waiting), Ok(5.0), "it waited");

    bench.blocks.unseat();
    let nothing = bench.performance().compile_orc("giA = 1").unwrap();
    let called = bench.performance().request_callback(|_| panic!("nothing performs")).unwrap();
    assert_eq!(answered(&mut bench, &nothing), Err(AnswerError::NotPerforming));
    assert_eq!(answered(&mut bench, &called), Err(AnswerError::NotPerforming));
}

#[test]
fn what_is_paused_takes_code_and_runs_callbacks() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = bench(64);
    bench.perform(480);
    bench.performance().pause().unwrap();
    bench.perform(480);
    let value = bench.performance().eval_code("return 3").unwrap();
    let called = bench.performance().request_callback(|_| ()).unwrap();
    assert_eq!(answered(&mut bench, &value), Ok(3.0));
    assert_eq!(answered(&mut bench, &called), Ok(()));
}

#[test]
fn code_that_hangs_or_ends_its_engine_is_answered_and_so_is_what_waited_behind_it() {
    if libcsound_is_missing() || !is_isolated() {
        return;
    }
    // In real time: an engine that hangs is ended after two seconds.
    for ends in ["iNever = 0\nwhile iNever == 0 do\niNever = 0\nod", CRASHES] {
        let mut bench = bench(64);
        bench.perform(4800);
        let performance = bench.performance();
        let before = performance.eval_code("return 1").unwrap();
        assert_eq!(answered(&mut bench, &before), Ok(1.0));
        let open = [ends, "return 2", "return 3"].map(|text| performance.eval_code(text).unwrap());
        let began = Instant::now();
        while !bench.shared.has_engine_ended() {
            // A host in real time.
            bench.blocks.begin(480, false).finish(&mut [&mut [0.0; 480]]);
            std::thread::sleep(Duration::from_millis(5));
            assert!(began.elapsed() < LIMIT, "{ends}");
        }
        for answer in open {
            let answer = answered(&mut bench, &answer);
            assert!(
                matches!(answer, Err(AnswerError::EngineEnded | AnswerError::NotPerforming)),
                "{answer:?}"
            );
        }
        let late = performance.eval_code("return 4").unwrap();
        assert_eq!(answered(&mut bench, &late), Err(AnswerError::EngineEnded), "none took its place");
        // One that takes its place is another: code of the one before is none of its.
        let seat = Seat::new(start("", 64, LEVEL, ""), LARGEST);
        drop(bench.arrivals.force_push(Box::new(seat)));
        let again = performance.eval_code("return 5").unwrap();
        assert_eq!(answered(&mut bench, &again), Ok(5.0));
    }
}

#[test]
fn an_offline_render_goes_on_after_code_that_ends_its_engine_and_does_not_repeat_it() {
    if libcsound_is_missing() || !is_isolated() {
        return;
    }
    let mut bench = bench(64);
    bench.perform(4800);
    let (ends, answer) = code(&bench, CRASHES, Purpose::Evaluate);
    let mut fresh = vec![Box::new(Seat::new(start("", 64, LEVEL, "i 1 0 10 0.5"), LARGEST))];
    let mut heard = vec![0.0; 4096];
    let mut revivals = 0;
    let mut revive = || {
        revivals += 1;
        fresh.pop()
    };
    // The first block asks for it; where the sound comes later, it is in the next.
    for ends in [Some(ends), None] {
        bench.blocks.collect_with(&mut revive);
        let mut block = bench.blocks.begin(4096, true);
        assert!(ends.is_none_or(|ends| block.ask(1024, ends).is_ok()));
        block.finish_with(&mut [&mut heard], &mut revive);
        if bench.blocks.latency() < 4096 {
            assert_eq!(heard[4095], 0.5, "another plays on");
        }
    }
    assert_eq!(revivals, 1, "the code is not done again");
    assert_eq!(heard[4095], 0.5, "another plays on");
    assert_eq!(answered(&mut bench, &answer), Err(AnswerError::EngineEnded));
}

#[test]
fn an_engine_that_is_replaced_leaves_nobody_waiting() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = bench(64);
    bench.perform(4800);
    for _ in 0..10 {
        let performance = bench.performance();
        let mut open = Vec::new();
        for _ in 0..20 {
            open.push(performance.eval_code("return 1").unwrap());
        }
        bench.perform(64);
        drop(bench.arrivals.force_push(Box::new(Seat::new(start("", 64, LEVEL, ""), LARGEST))));
        for _ in 0..20 {
            open.push(performance.eval_code("return 1").unwrap());
        }
        for answer in open {
            let answer = answered(&mut bench, &answer);
            assert!(matches!(answer, Ok(1.0) | Err(AnswerError::EngineEnded)), "{answer:?}");
        }
    }
}

#[test]
fn slow_code_makes_an_engine_late_and_nothing_is_lost() {
    if libcsound_is_missing() || !is_isolated() {
        return;
    }
    let mut bench = bench(64);
    bench.perform(4800);
    let performance = bench.performance();
    let slow = "iCount = 0\nwhile iCount < 10000000 do\niCount += 1\nod\nreturn iCount";
    let slow = performance.eval_code(slow).unwrap();
    let (mut block, mut heard) = (vec![(0, note(-1.0, 0.25))], [0.0; 480]);
    for (frame, command) in block.drain(..) {
        performance.send(command).unwrap();
        assert_eq!(frame, 0);
    }
    let after = performance.eval_code("return 9").unwrap();
    let began = Instant::now();
    while slow.get().is_none() || after.get().is_none() || heard[479] != 0.25 {
        bench.blocks.begin(480, false).finish(&mut [&mut heard]);
        std::thread::sleep(Duration::from_millis(5));
        assert!(began.elapsed() < LIMIT, "{:?} {:?} {}", slow.get(), after.get(), heard[479]);
    }
    assert_eq!((slow.get(), after.get()), (Some(Ok(10_000_000.0)), Some(Ok(9.0))));
}
