//! How a recording ends.

use super::*;

#[test]
fn a_tap_dropped_without_finish_leaves_every_frame_in_the_file() {
    let folder = folder();
    let path = folder.path().join("dropped.wav");
    let (mut tap, recording) = open_float(&path, 2, 4);
    let planes = marked(2, 0, 3000);
    tap.write(&planes, 0, 3000);
    drop(tap);
    assert!(recording.wait_closed(LIMIT));
    assert_eq!(recording.state(), RecordState::Closed);
    assert_eq!(read_floats(&path).1, expected(2, 3000));
}

#[test]
fn what_is_written_after_finish_is_not_in_the_file() {
    let folder = folder();
    let path = folder.path().join("finished.wav");
    let (mut tap, recording) = open_float(&path, 2, 4);
    tap.write(&marked(2, 0, 321), 0, 321);
    tap.finish();
    tap.write(&marked(2, 321, 50), 0, 50);
    tap.write_waiting(&marked(2, 321, 50), 0, 50, LIMIT);
    assert!(recording.wait_closed(LIMIT));
    assert_eq!(read_floats(&path).1, expected(2, 321));
    assert_eq!(recording.frames_lost(), 0);
}

#[test]
fn close_now_closes_the_file_although_the_tap_is_alive() {
    let folder = folder();
    let path = folder.path().join("idle.wav");
    let (mut tap, recording) = open_float(&path, 2, 4);
    assert_eq!(recording.state(), RecordState::Recording);
    assert!(!recording.wait_closed(Duration::from_millis(1)));
    tap.write(&marked(2, 0, 2500), 0, 2500);
    recording.close_now();
    assert_ne!(recording.state(), RecordState::Recording);
    assert!(recording.wait_closed(LIMIT));
    assert_eq!(recording.state(), RecordState::Closed);
    assert!(recording.result().is_ok());
    tap.write(&marked(2, 2500, 2500), 0, 2500);
    tap.finish();
    recording.close_now();
    assert_eq!(read_floats(&path).1, expected(2, 2500));
    assert_eq!((recording.frames_written(), recording.frames_lost()), (2500, 0));
}

#[test]
fn dropping_the_last_handle_closes_the_file_and_ends_the_thread_while_the_tap_lives() {
    let folder = folder();
    let path = folder.path().join("unloaded.wav");
    let (mut tap, recording) = open_float(&path, 2, 4);
    let link = Arc::downgrade(&recording.group.link);
    tap.write(&marked(2, 0, 2000), 0, 2000);
    let clone = recording.clone();
    drop(recording);
    assert_eq!(clone.state(), RecordState::Recording);
    drop(clone);
    // The tap's is the only one left: the thread's went with the thread.
    assert_eq!(link.strong_count(), 1);
    tap.write(&marked(2, 2000, 2000), 0, 2000);
    assert_eq!(read_floats(&path).1, expected(2, 2000));
    drop(tap);
    assert_eq!(read_floats(&path).1, expected(2, 2000));
}

#[test]
fn a_recorder_that_breaks_down_is_reported_and_keeps_nobody_waiting() {
    struct Panics(Cursor<Vec<u8>>, u32);

    impl Write for Panics {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 += 1;
            assert!(self.1 < 6, "this panic belongs to the test");
            self.0.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Panics {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    let file = Panics(Cursor::default(), 0);
    let (mut tap, standby) = stand_by_plan(plan(1, 64));
    let recording = start(file, "panics.wav".into(), standby).unwrap();
    let planes = marked(1, 0, 60000);
    eventually("the recorder breaks down", || {
        tap.write(&planes, 0, 60000);
        recording.wait_closed(Duration::from_millis(5))
    });
    assert!(matches!(recording.state(), RecordState::Failed(_)));
}

#[test]
#[cfg(target_os = "linux")]
fn a_hundred_recordings_leave_no_thread_behind() {
    // In a process of its own, where no other test starts threads.
    let Some(folder) = as_child() else {
        let folder = folder();
        let name = "a_hundred_recordings_leave_no_thread_behind";
        assert!(child(module_path!(), name, folder.path()).status().unwrap().success());
        assert_eq!(entries(folder.path()), 100);
        return;
    };
    let threads = || fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    for number in 0..100 {
        let path = free_name(&folder, "take");
        let (mut tap, recording) = open_float(&path, 2, 1);
        tap.write(&marked(2, 0, number), 0, number);
        // A joined thread may be listed for a moment.
        eventually("there is one more thread", || threads() == before + 1);
        match number % 3 {
            0 => close(tap, &recording),
            1 => drop(tap),
            _ => recording.close_now(),
        }
        drop(recording);
        assert_eq!(read_floats(&path).1, expected(2, number));
    }
    eventually("the threads are gone", || threads() == before);
}
