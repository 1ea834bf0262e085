//! Each defect of the reference, cured. The numbers are those of the table in ARCHITECTURE.md.

use std::path::Path;
use std::process::Command as Process;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use csound_library::{Csound, Io};
use csound_performance::RecordState;
use csound_performance::command::COMMAND_CAPACITY;
use csound_performance::{Command, PField, PerformanceError, PerformanceThread, TimeBase};

use super::thread_bench::{
    Bench, HEADER, STEADY, closed, eventually, is_isolated, isolated_bench, read, steady,
};
use crate::common::{csd, libcsound_is_missing};

#[test]
fn defect_01_recording_keeps_its_place_among_the_other_commands() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    let empty = bench.path("empty.wav");
    bench.thread.record(&empty, 32, 1024).unwrap();
    bench.thread.play().unwrap();
    bench.thread.pause().unwrap();
    bench.thread.stop_record().unwrap();
    assert_eq!(read(&empty).1.len(), 0, "play and pause in a row perform nothing");

    // Queued while paused: it begins before the first k-cycle, and ends where the callback asks for it.
    let path = bench.path("out.wav");
    let performance = bench.thread.performance();
    let mut cycles = 0;
    let ten_cycles = move |_: &csound_performance::Cycle<'_>| {
        cycles += 1;
        if cycles == 10 {
            performance.send(Command::StopRecord).unwrap();
        }
    };
    bench.thread.set_process_callback(Some(Box::new(ten_cycles))).unwrap();
    bench.thread.record(&path, 32, 1024).unwrap();
    bench.thread.input_message("i 1 0 1 0.5").unwrap();
    bench.thread.play().unwrap();
    closed(&bench.thread.recording().unwrap());
    let (_, samples) = read(&path);
    assert_eq!(samples.len(), 2 * 10 * 32, "the ten k-cycles before it was to end");
    assert!(samples.chunks(2).all(|frame| frame == [0.5, 0.25]), "from its first frame on");
}

#[test]
fn defect_02_an_unwritable_path_is_an_error_and_everything_goes_on() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 0.2 0.5");
    assert!(matches!(bench.thread.record("/nowhere/out.wav", 16, 64), Err(PerformanceError::Record(_))));
    let path = bench.path("out.wav");
    bench.thread.record(&path, 16, 64).unwrap();
    bench.thread.play().unwrap();
    assert_eq!(bench.thread.join(), 2);
    assert_eq!(read(&path).1.len(), 2 * 9600);
}

#[test]
fn defect_03_stop_record_while_paused_closes_the_file_at_once() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 10 0.5");
    let path = bench.path("out.wav");
    bench.thread.record(&path, 16, 64).unwrap();
    bench.thread.stop_record().unwrap();
    assert_eq!(bench.thread.recording().unwrap().state(), RecordState::Closed);
    assert_eq!(read(&path).1.len(), 0);
}

#[test]
fn defect_04_join_without_stop_record_keeps_every_frame() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 2 0.5");
    let path = bench.path("out.wav");
    bench.thread.record(&path, 24, 64).unwrap();
    bench.thread.play().unwrap();
    let performance = bench.thread.performance();
    assert_eq!(bench.thread.join(), 2);
    closed(&performance.recording().unwrap());
    assert_eq!(read(&path).1.len(), 2 * 96_000);
}

#[test]
fn defect_05_a_natural_end_leaves_exactly_the_performed_frames() {
    if libcsound_is_missing() {
        return;
    }
    for bits in [16, 24, 32] {
        let bench = steady("i 1 0 2 0.5");
        let path = bench.path("out.wav");
        bench.thread.record(&path, bits, 64).unwrap();
        bench.thread.play().unwrap();
        let performance = bench.thread.performance();
        bench.thread.join();
        closed(&performance.recording().unwrap());
        let (spec, samples) = read(&path);
        assert_eq!((spec.channels, spec.sample_rate, u32::from(spec.bits_per_sample)), (2, 48_000, bits));
        assert_eq!(samples.len(), 2 * 96_000);
        assert!(samples.chunks(2).all(|frame| frame == [0.5, 0.25]));
        assert_eq!(performance.recording().unwrap().frames_lost(), 0);
    }
}

#[test]
fn defect_06_whole_frames_only_and_what_is_lost_is_counted() {
    if libcsound_is_missing() {
        return;
    }
    // The smallest ring; a thread that outruns the disk waits rather than loses, so either nothing
    // is lost or it is counted, and channels never swap.
    let bench = steady("i 1 0 5 0.5");
    let path = bench.path("out.wav");
    bench.thread.record(&path, 32, 1).unwrap();
    bench.thread.play().unwrap();
    let performance = bench.thread.performance();
    bench.thread.join();
    let recording = performance.recording().unwrap();
    closed(&recording);
    let (_, samples) = read(&path);
    assert_eq!(samples.len() as u64 / 2 + recording.frames_lost(), 5 * 48_000);
    assert!(samples.chunks(2).all(|frame| frame == [0.5, 0.25]));
}

#[test]
fn defect_07_recording_scales_the_file_and_never_touches_the_output() {
    if libcsound_is_missing() {
        return;
    }
    let text = csd("", HEADER, STEADY, "i 1 0 0.5 16384").replace("0dbfs = 1\n", "0dbfs = 32768\n");
    // Csound's own file belongs to an instance in this process.
    match is_isolated() {
        true => recording_is_scaled(isolated_bench(text)),
        false => recording_is_scaled_and_the_output_is_not(&text),
    }
}

fn recording_is_scaled(bench: Bench) {
    let recorded = bench.path("recorded.wav");
    bench.thread.record(&recorded, 32, 64).unwrap();
    bench.thread.play().unwrap();
    let performance = bench.thread.performance();
    bench.thread.join();
    closed(&performance.recording().unwrap());
    assert_half_a_second(&recorded);
}

fn recording_is_scaled_and_the_output_is_not(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let piece = folder.path().join("piece.csd");
    std::fs::write(&piece, text).unwrap();
    let own = folder.path().join("own.wav");
    let mut csound = Csound::new(Io::Own).unwrap();
    csound
        .compile(&["csound", "-W", "-f", "-d", "-o", own.to_str().unwrap(), piece.to_str().unwrap()])
        .unwrap();
    csound.start().unwrap();
    let thread = PerformanceThread::new(csound).unwrap();
    recording_is_scaled(Bench { thread, folder: tempfile::tempdir().unwrap() });
    // Csound's own file is finished when the instance goes.
    assert_half_a_second(&own);
}

fn assert_half_a_second(file: &Path) {
    let (_, samples) = read(file);
    assert_eq!(samples.len(), 2 * 24_000);
    assert!(samples.chunks(2).all(|frame| frame == [0.5, 0.25]));
}

#[test]
fn defect_08_a_killed_process_leaves_a_file_that_plays() {
    if libcsound_is_missing() {
        return;
    }
    if let Some(folder) = std::env::var_os("CSOUND_PERFORMER_TEST_KILL") {
        let bench = steady("i 1 0 3600 0.5");
        bench.thread.record(Path::new(&folder).join("out.wav"), 16, 64).unwrap();
        let pace = |_: &csound_performance::Cycle<'_>| std::thread::sleep(Duration::from_micros(300));
        bench.thread.set_process_callback(Some(Box::new(pace))).unwrap();
        bench.thread.play().unwrap();
        bench.thread.join();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", std::thread::current().name().unwrap()])
        .env("CSOUND_PERFORMER_TEST_KILL", folder.path())
        .spawn()
        .unwrap();
    let path = folder.path().join("out.wav");
    eventually("the header tells of frames", || {
        hound::WavReader::open(&path).is_ok_and(|reader| reader.duration() > 4800)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, samples) = read(&path);
    assert!(samples.len() > 2 * 4800);
}

#[test]
fn defect_09_other_bit_depths_are_an_error_that_names_the_supported() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 1 0.5");
    let error = bench.thread.record(bench.path("out.wav"), 20, 64).unwrap_err().to_string();
    for depth in ["16", "24", "32"] {
        assert!(error.contains(depth), "{error}");
    }
}

#[test]
fn defect_10_is_running_is_false_as_soon_as_the_performance_has_ended() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 0.1 0.5");
    bench.thread.play().unwrap();
    eventually("the end without a join", || !bench.thread.is_running());
    assert_eq!(bench.thread.status(), 2);
}

#[test]
fn defect_11_flush_waits_for_execution_and_is_an_error_from_the_callback() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 3600 0.5");
    for seconds in 1..50 {
        bench.thread.set_score_offset_seconds(f64::from(seconds)).unwrap();
        bench.thread.play().unwrap();
        bench.thread.flush_message_queue().unwrap();
        assert!(bench.thread.score_time() >= f64::from(seconds), "{seconds}");
    }
    let performance = bench.thread.performance();
    let refused = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&refused);
    let callback = move |_: &csound_performance::Cycle<'_>| {
        if matches!(performance.flush_message_queue(), Err(PerformanceError::OnPerformingThread)) {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    };
    bench.thread.set_process_callback(Some(Box::new(callback))).unwrap();
    eventually("the callback was refused", || refused.load(Ordering::Relaxed) > 0);
    bench.thread.set_process_callback(None).unwrap();
    bench.thread.stop().unwrap();
    bench.thread.flush_message_queue().unwrap();
}

#[test]
fn defect_12_a_flood_of_messages_is_bounded_and_hands_commands_back() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("i 1 0 3600 0.5");
    // The performing thread takes nothing until each sender has been refused.
    let (inside, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (entered, waited_for) = (Arc::clone(&inside), Arc::clone(&refused));
    let hold = move |_: &csound_performance::Cycle<'_>| {
        entered.fetch_add(1, Ordering::Relaxed);
        while waited_for.load(Ordering::Relaxed) < 4 {
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    bench.thread.set_process_callback(Some(Box::new(hold))).unwrap();
    bench.thread.play().unwrap();
    eventually("the performing thread is held", || inside.load(Ordering::Relaxed) > 0);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (performance, refused) = (bench.thread.performance(), Arc::clone(&refused));
            std::thread::spawn(move || {
                let (mut taken_at_first, mut handed_back) = (0, 0);
                for number in 0..20_000 {
                    let mut sent = performance.toggle_pause();
                    while let Err(PerformanceError::QueueFull(command)) = sent {
                        if handed_back == 0 {
                            taken_at_first = number;
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        handed_back += 1;
                        std::thread::yield_now();
                        sent = performance.send(*command);
                    }
                    sent.unwrap();
                }
                (taken_at_first, handed_back)
            })
        })
        .collect();
    let results: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(results.iter().all(|(_, handed_back)| *handed_back > 0), "{results:?}");
    let taken: usize = results.iter().map(|(taken, _)| taken).sum();
    assert!((1..=COMMAND_CAPACITY).contains(&taken), "{taken} were taken while nothing was executed");
    bench.thread.flush_message_queue().unwrap();
    assert_eq!(bench.thread.phase(), csound_performance::Phase::Playing, "an even number of toggles");
}

#[test]
fn defect_13_string_p_fields_work() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3600");
    bench.thread.play().unwrap();
    let fields = [PField::from(2.0), 0.0.into(), 0.1.into(), "42.5".into()];
    bench.thread.score_event(TimeBase::Now, 'i', &fields).unwrap();
    // Isolated, there is no instance to ask, but the bank's channels.
    if let Some(csound) = bench.thread.csound() {
        return eventually("the string arrived", || csound.control_channel("said") == Some(42.5));
    }
    assert!(is_isolated());
    let said = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&said);
    let callback = move |cycle: &csound_performance::Cycle<'_>| {
        let mut values = [0.0];
        cycle.read_channels(&mut values);
        heard.store((values[0] * 2.0) as usize, Ordering::Relaxed);
    };
    bench.thread.set_process_callback(Some(Box::new(callback))).unwrap();
    eventually("the string arrived", || said.load(Ordering::Relaxed) == 85);
}

#[test]
fn defect_14_late_absolute_events_are_shortened_and_counted() {
    if libcsound_is_missing() {
        return;
    }
    let bench = steady("f 0 3");
    let path = bench.path("out.wav");
    let performance = bench.thread.performance();
    let callback = move |cycle: &csound_performance::Cycle<'_>| {
        if cycle.score_time() >= 1.0 {
            performance.pause().unwrap();
        }
    };
    bench.thread.set_process_callback(Some(Box::new(callback))).unwrap();
    bench.thread.play().unwrap();
    let paused = || bench.thread.phase() == csound_performance::Phase::Paused;
    eventually("it pauses at one second", || bench.thread.score_time() >= 1.0 && paused());
    bench.thread.set_process_callback(None).unwrap();
    bench.thread.record(&path, 32, 64).unwrap();
    // At 0.5 s for 2 s: half a second late. At 0.5 s for 0.1 s: over before it could begin.
    bench.thread.score_event(TimeBase::Start, 'i', &[1.0, 0.5, 2.0, 0.5]).unwrap();
    bench.thread.score_event(TimeBase::Start, 'i', &[1.0, 0.5, 0.1, 0.9]).unwrap();
    bench.thread.flush_message_queue().unwrap();
    assert_eq!(bench.thread.troubles().late_events, 2);
    let late = bench.thread.score_time() - 0.5;
    bench.thread.play().unwrap();
    let performance = bench.thread.performance();
    bench.thread.join();
    closed(&performance.recording().unwrap());
    let (_, samples) = read(&path);
    assert!(samples.chunks(2).all(|frame| frame[0] == 0.5 || frame[0] == 0.0), "the second event is dropped");
    let sounding = samples.chunks(2).filter(|frame| frame[0] == 0.5).count() as f64 / 48_000.0;
    assert!((sounding - (2.0 - late)).abs() < 0.002, "{sounding} s of {}", 2.0 - late);
}

#[test]
fn defect_15_denormals_are_flushed_on_the_performing_thread_only() {
    if libcsound_is_missing() {
        return;
    }
    let halved = || std::hint::black_box(std::hint::black_box(f64::MIN_POSITIVE) / 2.0);
    let before = halved();
    let bench = steady("i 1 0 0.1 0.5");
    let inside = Arc::new(AtomicUsize::new(usize::MAX));
    let seen = Arc::clone(&inside);
    let callback = move |_: &csound_performance::Cycle<'_>| {
        seen.store(halved().to_bits() as usize, Ordering::Relaxed);
    };
    bench.thread.set_process_callback(Some(Box::new(callback))).unwrap();
    bench.thread.play().unwrap();
    bench.thread.join();
    assert_eq!(inside.load(Ordering::Relaxed), 0, "flushed while performing");
    assert_eq!(halved(), before, "the caller's thread is as it was");
    assert!(before > 0.0);
}
