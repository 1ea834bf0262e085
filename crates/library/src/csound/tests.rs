use super::*;
use crate::testing::{attempt, library, perform, piece, start};

/// A started instance with Csound's own audio, which goes nowhere.
fn start_own(orchestra: &str, score: &str) -> Option<Csound> {
    library()?;
    let file = piece("", &format!("sr = 48000\nksmps = 10\nnchnls = 2\n0dbfs = 1\n{orchestra}"), score);
    let mut csound = Csound::new(Io::Own).unwrap();
    csound.compile(&["csound", "-d", "-n", file.path().to_str().unwrap()]).unwrap();
    csound.start().unwrap();
    Some(csound)
}

/// Performs until something but zero is returned.
fn perform_to_end(csound: &mut Csound) -> i32 {
    (0..100_000).map(|_| csound.perform_ksmps()).find(|result| *result != 0).unwrap()
}

fn is_silent(csound: &Csound) -> bool {
    csound.spout().iter().all(|sample| *sample == 0.0)
}

const NOTE: &str = "instr 1\nout linseg:a(0.5, 1, 0.5)\nendin";

#[test]
fn instances_and_handles_may_change_threads() {
    const fn send<T: Send>() {}
    const fn send_and_sync<T: Send + Sync>() {}
    send::<Csound>();
    send_and_sync::<CsoundHandle>();
    send_and_sync::<crate::ControlChannel>();
}

#[test]
fn spout_is_interleaved() {
    for nchnls in [1, 2, 4] {
        let outputs: String =
            (1..=nchnls).map(|channel| format!("outch {channel}, a1 + {channel}\n")).collect();
        let orchestra = format!(
            "sr = 48000\nksmps = 10\nnchnls = {nchnls}\n0dbfs = 1\ninstr 1\na1 = 100 * (phasor:a(kr) * ksmps)\n{outputs}endin"
        );
        let Some((mut csound, started)) = attempt(&orchestra, "i1 0 1") else { return };
        started.unwrap();
        assert_eq!((csound.ksmps(), csound.nchnls()), (10, nchnls));
        assert_eq!(csound.spout().len(), 10 * nchnls as usize);
        assert_eq!(csound.perform_ksmps(), 0);
        for (frame, samples) in csound.spout().chunks(nchnls as usize).enumerate() {
            for (channel, sample) in samples.iter().enumerate() {
                let expected = (100 * frame + channel + 1) as f64;
                assert!((sample - expected).abs() < 1e-6, "{nchnls}: {frame}/{channel} is {sample}");
            }
        }
    }
}

#[test]
fn spin_is_interleaved_and_reaches_the_piece_in_the_same_k_cycle() {
    let orchestra = "nchnls_i = 4\ninstr 1\na1, a2, a3, a4 inq\nouts a3, a1\nendin";
    let Some(mut csound) = start(orchestra, "i1 0 1") else { return };
    assert_eq!((csound.nchnls_input(), csound.spin().len()), (4, 40));
    for round in 0..3 {
        for (index, sample) in csound.spin().iter_mut().enumerate() {
            *sample = f64::from(round * 1000 + index as i32);
        }
        assert_eq!(csound.perform_ksmps(), 0);
        for (frame, samples) in csound.spout().chunks(2).enumerate() {
            let first = f64::from(round * 1000 + 4 * frame as i32);
            assert_eq!(samples, [first + 2.0, first]);
        }
    }
}

#[test]
fn before_the_start_there_is_no_audio() {
    if library().is_none() {
        return;
    }
    let mut csound = Csound::new(Io::Host).unwrap();
    assert!(csound.spin().is_empty() && csound.spout().is_empty());
    assert_eq!((csound.score_time(), csound.handle().ksmps()), (0.0, 0));
}

#[test]
fn one_call_performs_one_k_cycle_for_every_ksmps_and_channel_count() {
    for (ksmps, nchnls) in [(1, 1), (2, 2), (3, 4), (10, 2), (64, 1), (441, 2), (16384, 1)] {
        let orchestra = format!("sr = 48000\nksmps = {ksmps}\nnchnls = {nchnls}\ninstr 1\nendin");
        let Some((mut csound, started)) = attempt(&orchestra, "i1 0 10") else { return };
        started.unwrap();
        for cycle in 1..=5 {
            assert_eq!(csound.perform_ksmps(), 0);
            assert_eq!(csound.current_time_samples(), cycle * ksmps);
        }
    }
}

#[test]
fn host_and_own_audio_give_the_same_samples() {
    let orchestra =
        "seed 1\ninstr 1\na1 vco2 0.3, 110\na2 moogladder a1, 900, 0.7\na3 noise 0.1, 0\nouts a2, a3\nendin";
    let score = "i1 0 0.5\ni1 0.1 0.2";
    let Some(mut host) = start(orchestra, score) else { return };
    let mut own = start_own(orchestra, score).unwrap();
    for _ in 0..2000 {
        assert_eq!((host.perform_ksmps(), own.perform_ksmps()), (0, 0));
        assert_eq!(host.spout(), own.spout());
    }
}

#[test]
fn host_audio_writes_no_file() {
    if library().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("written.wav");
    let orchestra = format!("sr = 48000\nksmps = 10\nnchnls = 2\n0dbfs = 1\n{NOTE}");
    let file = piece(&format!("-o {}", written.display()), &orchestra, "i1 0 0.1");
    let mut csound = Csound::new(Io::Host).unwrap();
    csound.compile(&["csound", "-d", "-M0", "-Q0", file.path().to_str().unwrap()]).unwrap();
    csound.start().unwrap();
    assert_eq!(perform_to_end(&mut csound), 2);
    drop(csound);
    assert!(!written.exists());
    assert!(!std::path::Path::new("test.wav").exists());
}

#[test]
fn own_audio_writes_the_file_that_the_options_name() {
    if library().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("written.wav");
    let file = piece("", &format!("sr = 48000\nksmps = 10\n0dbfs = 1\n{NOTE}"), "i1 0 0.1");
    let mut csound = Csound::new(Io::Own).unwrap();
    let args = ["csound", "-d", "-W", "-o", written.to_str().unwrap(), file.path().to_str().unwrap()];
    csound.compile(&args).unwrap();
    csound.start().unwrap();
    assert_eq!(perform_to_end(&mut csound), 2);
    drop(csound);
    assert!(written.metadata().unwrap().len() > 9600);
}

#[test]
fn an_instance_that_was_never_started_performs_nothing() {
    if library().is_none() {
        return;
    }
    let mut csound = Csound::new(Io::Host).unwrap();
    assert_eq!(csound.perform_ksmps(), -1);
    assert_eq!(csound.score_event(b'i', &[1.0, 0.0, 1.0]), -1);
    csound.input_message(c"i1 0 1");
    csound.rewind_score();
    assert!(!csound.is_started());
}

#[test]
fn a_failed_compilation_is_an_error_and_leaves_nothing_to_perform() {
    let Some((mut csound, result)) = attempt("instr 1\nnonsense here\nendin", "i1 0 1") else { return };
    assert!(matches!(result, Err(CsoundError::Compile(_))));
    assert!(matches!(csound.start(), Err(CsoundError::NotCompiled)));
    assert!(matches!(csound.compile(&["csound", "x.csd"]), Err(CsoundError::AlreadyCompiled)));
    assert!(matches!(csound.compile_orc(c"instr 1\nendin"), Err(CsoundError::NotCompiled)));
    assert_eq!(csound.perform_ksmps(), -1);
    let mut lines = 0;
    csound.handle().drain_messages(|_| lines += 1);
    assert!(lines > 0);
}

#[test]
fn a_missing_file_and_a_nul_are_errors() {
    if library().is_none() {
        return;
    }
    let compiled = |args: &[&str]| Csound::new(Io::Host).unwrap().compile(args);
    assert!(matches!(compiled(&["csound", "nowhere.csd"]), Err(CsoundError::Compile(_))));
    assert!(matches!(compiled(&["csound", "a\0b"]), Err(CsoundError::Argument)));
    assert!(matches!(compiled(&[]), Err(CsoundError::Argument)));
}

#[test]
fn a_ksmps_that_csound_cannot_start_with_is_an_error() {
    let Some((mut csound, result)) = attempt("sr = 48000\nksmps = 100000\ninstr 1\nendin", "i1 0 1") else {
        return;
    };
    assert!(result.is_err());
    assert_eq!(csound.perform_ksmps(), -1);
}

#[test]
fn orchestra_and_score_may_come_as_text() {
    if library().is_none() {
        return;
    }
    let mut csound = Csound::new(Io::Host).unwrap();
    csound
        .compile_orc(c"sr = 48000\nksmps = 10\n0dbfs = 1\ninstr 1\nout linseg:a(0.5, 1, 0.5)\nendin")
        .unwrap();
    csound.read_score(c"i1 0 0.1").unwrap();
    csound.start().unwrap();
    assert_eq!(csound.perform_ksmps(), 0);
    assert!(!is_silent(&csound));
    assert_eq!(perform_to_end(&mut csound), 2);
}

#[test]
fn code_can_be_added_and_evaluated_while_playing() {
    let Some(mut csound) = start("giValue = 20\ninstr 1\nendin", "i1 0 10") else { return };
    assert_eq!(csound.perform_ksmps(), 0);
    assert_eq!(csound.eval(c"return giValue + 1").unwrap(), 21.0);
    csound.compile_orc(c"instr 7\nout linseg:a(0.5, 1, 0.5)\nendin").unwrap();
    assert!(matches!(csound.compile_orc(c"instr 8\nnonsense here\nendin"), Err(CsoundError::Code)));
    assert!(matches!(csound.eval(c"return nonsense"), Err(CsoundError::Code)));
    csound.read_score(c"i7 0 1").unwrap();
    perform(&mut csound, 2);
    assert!(!is_silent(&csound));
}

#[test]
fn events_and_messages_start_notes() {
    let Some(mut csound) = start(NOTE, "f0 10") else { return };
    perform(&mut csound, 2);
    assert!(is_silent(&csound));
    assert_eq!(csound.score_event(b'i', &[1.0, 0.0, 0.001]), 0);
    perform(&mut csound, 1);
    assert!(!is_silent(&csound));
    perform(&mut csound, 10);
    assert!(is_silent(&csound));
    csound.input_message(c"i1 0 0.001");
    perform(&mut csound, 1);
    assert!(!is_silent(&csound));
}

#[test]
fn more_p_fields_than_csound_holds_are_refused() {
    let Some(mut csound) = start(NOTE, "f0 10") else { return };
    let mut fields = vec![0.0; MAX_P_FIELDS];
    fields[0] = 1.0;
    assert_eq!(csound.score_event(b'i', &fields), 0);
    perform(&mut csound, 2);
    fields.push(0.0);
    assert_eq!(csound.score_event(b'i', &fields), -1);
}

#[test]
fn the_score_time_can_be_moved_both_ways() {
    let Some(mut csound) = start(NOTE, "i1 0 100") else { return };
    perform(&mut csound, 1);
    csound.set_score_offset_seconds(10.0);
    perform(&mut csound, 1);
    assert!((csound.score_time() - 10.0).abs() < 0.01, "{}", csound.score_time());
    assert_eq!(csound.current_time_samples(), csound.handle().score_time().mul_add(48000.0, 0.5) as i64);
    csound.set_score_offset_seconds(0.0);
    perform(&mut csound, 1);
    assert!(csound.score_time() < 0.01, "{}", csound.score_time());
}

#[test]
fn after_the_end_of_the_score_it_can_be_rewound_and_goes_on_by_single_k_cycles() {
    let Some(mut csound) = start(NOTE, "i1 0 0.01") else { return };
    for _ in 0..3 {
        assert_eq!(perform_to_end(&mut csound), 2);
        assert_eq!(csound.perform_ksmps(), 2);
        csound.set_score_offset_seconds(0.0);
        csound.rewind_score();
        for cycle in 1..=5 {
            assert_eq!(csound.perform_ksmps(), 0);
            assert_eq!(csound.current_time_samples(), 10 * cycle);
            assert!(!is_silent(&csound));
        }
    }
}

const EXIT: &str = "instr 1\nexitnow p4\nendin";

#[test]
fn a_piece_that_ends_csound_says_how_and_is_left_alone_then() {
    for (code, result) in [(0, 256), (5, -5)] {
        for own in [false, true] {
            let score = format!("i1 0.01 1 {code}\nf0 10");
            let Some(mut csound) = (if own { start_own(EXIT, &score) } else { start(EXIT, &score) }) else {
                return;
            };
            assert_eq!(perform_to_end(&mut csound), result);
            assert_eq!(csound.perform_ksmps(), result);
            assert_eq!(csound.score_event(b'i', &[1.0, 0.0, 1.0]), -1);
            csound.input_message(c"i1 0 1");
            assert!(matches!(csound.eval(c"return 1"), Err(CsoundError::Exited(code)) if code == result));
        }
    }
}

#[inline(never)]
fn perform_deeper(csound: &mut Csound, depth: usize) -> i32 {
    let room = std::hint::black_box([depth; 100]);
    let result = if depth == 0 { perform_to_end(csound) } else { perform_deeper(csound, depth - 1) };
    std::hint::black_box(room);
    result
}

#[test]
fn a_piece_can_end_csound_on_another_thread_and_at_another_depth_than_it_began() {
    let Some(mut csound) = start(EXIT, "i1 0.01 1 5\nf0 10") else { return };
    perform(&mut csound, 3);
    let (mut csound, result) = std::thread::spawn(move || {
        let result = perform_deeper(&mut csound, 30);
        (csound, result)
    })
    .join()
    .unwrap();
    assert_eq!(result, -5);
    // On this thread Csound's own lock is not free: nothing here may wait for it.
    csound.input_message(c"i1 0 1");
    csound.set_score_offset_seconds(1.0);
    drop(csound);
}

#[test]
fn a_handle_outlives_the_owner() {
    let Some(csound) = start("chnset 3, \"three\"\ninstr 1\nendin", "i1 0 1") else { return };
    let (handle, channel) = (csound.handle(), csound.control_channel(c"three").unwrap());
    drop(csound);
    assert_eq!(handle.control_channel("three"), Some(3.0));
    assert_eq!((handle.ksmps(), handle.nchnls(), handle.nchnls_input()), (10, 2, 2));
    assert_eq!((handle.sample_rate(), handle.zero_dbfs()), (48000.0, 1.0));
    assert_eq!(handle.version().0, i32::from(handle.generation().number()));
    drop(handle);
    channel.set(4.0);
    assert_eq!(channel.get(), 4.0);
}

#[test]
fn it_is_known_whether_events_are_sample_accurate() {
    let Some(library) = library() else { return };
    let _ = library;
    for (options, accurate) in [("", false), ("--sample-accurate", true)] {
        let file = piece(options, "instr 1\nendin", "");
        let mut csound = Csound::new(Io::Host).unwrap();
        csound.compile(&["csound", "-d", file.path().to_str().unwrap()]).unwrap();
        assert_eq!(csound.is_sample_accurate(), accurate);
    }
}

/// Pthread keys that this process can still create.
#[cfg(target_os = "linux")]
fn free_keys() -> usize {
    let mut keys = Vec::new();
    loop {
        let mut key = 0;
        // SAFETY: the key's place is ours, and there is no destructor.
        if unsafe { libc::pthread_key_create(&raw mut key, None) } != 0 {
            break;
        }
        keys.push(key);
    }
    let count = keys.len();
    for key in keys {
        // SAFETY: the key was just created here.
        unsafe { libc::pthread_key_delete(key) };
    }
    count
}

#[cfg(target_os = "linux")]
#[test]
fn four_hundred_instances_after_each_other_leave_no_pthread_keys_behind() {
    let Some(first) = start(NOTE, "i1 0 1") else { return };
    let before = free_keys();
    for _ in 0..400 {
        let mut csound = start(NOTE, "i1 0 1").unwrap();
        assert_eq!(csound.perform_ksmps(), 0);
    }
    // Instances with devices, of tests that run meanwhile, take a few.
    assert!(before - free_keys() < 50, "{before} keys before, {} after", free_keys());
    drop(first);
}

#[test]
fn instances_are_made_and_go_while_others_play() {
    let Some(mut playing) = start(NOTE, "i1 0 100") else { return };
    let others = std::thread::spawn(|| {
        for _ in 0..20 {
            let mut csound = start(NOTE, "i1 0 1").unwrap();
            perform(&mut csound, 100);
        }
    });
    while !others.is_finished() {
        perform(&mut playing, 1);
        assert!(!is_silent(&playing));
        if playing.score_time() > 90.0 {
            playing.set_score_offset_seconds(0.0);
        }
    }
    others.join().unwrap();
}

#[test]
fn statements_of_every_kind_are_events() {
    let orchestra = "instr 1\nchnset active:k(2), \"notes\"\nendin\ninstr 2\nendin";
    let Some(mut csound) = start(orchestra, "i1 0 100") else { return };
    let notes = csound.control_channel(c"notes").unwrap();
    let hand_over = |csound: &mut Csound, opcode, fields: &[f64]| {
        assert_eq!(csound.score_event(opcode, fields), 0);
        perform(csound, 2);
    };
    hand_over(&mut csound, b'i', &[2.0, 0.0, -1.0]);
    assert_eq!(notes.get(), 1.0);
    // Muted, an instrument takes no more notes.
    hand_over(&mut csound, b'q', &[2.0, 0.0, 0.0]);
    hand_over(&mut csound, b'i', &[2.5, 0.0, -1.0]);
    assert_eq!(notes.get(), 1.0);
    hand_over(&mut csound, b'q', &[2.0, 0.0, 1.0]);
    hand_over(&mut csound, b'i', &[2.5, 0.0, -1.0]);
    assert_eq!(notes.get(), 2.0);
    hand_over(&mut csound, b'f', &[7.0, 0.0, 16.0, 10.0, 1.0]);
    assert_eq!(csound.eval(c"return ftlen(7)").unwrap(), 16.0);
    assert_eq!(csound.score_event(b'e', &[0.0]), 0);
    assert_eq!(perform_to_end(&mut csound), 2);
}
