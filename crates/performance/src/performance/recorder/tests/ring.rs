//! The ring between the threads: losses, waiting, standing by.

use super::*;

#[test]
fn a_full_ring_loses_whole_frames_and_counts_them() {
    let (mut tap, mut recorder, memory) = by_hand(plan(3, 1));
    tap.write(&marked(3, 0, 1000), 0, 1000);
    tap.write(&marked(3, 1000, 1000), 0, 1000);
    assert_eq!(lost(&recorder), 976);
    tap.write(&marked(3, 2000, 5), 0, 5);
    assert_eq!(lost(&recorder), 981);
    assert_eq!(recorder.turn(recorder.refreshed), Next::Again);
    tap.write(&marked(3, 3000, 1024), 0, 1024);
    tap.finish();
    assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
    let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
    let wanted: Vec<f32> = (0..1024)
        .chain(3000..4024)
        .flat_map(|frame| (0..3).map(move |channel| mark(frame, channel)))
        .collect();
    assert_eq!(samples, wanted);
    assert_eq!((written(&recorder), lost(&recorder)), (2048, 981));
}

#[test]
fn after_losses_in_a_race_with_the_recorder_thread_the_channels_keep_their_order() {
    let folder = folder();
    let path = folder.path().join("race.wav");
    let (mut tap, recording) = open_float(&path, 3, 1);
    let mut sent = 0;
    // More than the ring in one call, so that something is lost however fast the disk is.
    for frames in [1500, 37, 700, 1, 1300].into_iter().cycle().take(60) {
        tap.write(&marked(3, sent, frames), 0, frames);
        sent += frames;
        thread::sleep(Duration::from_millis(1));
    }
    assert!(sent < 65536);
    close(tap, &recording);
    let (_, samples) = read_floats(&path);
    let mut last = None;
    for frame in samples.chunks_exact(3) {
        let marks = [read_mark(frame[0]), read_mark(frame[1]), read_mark(frame[2])];
        let number = marks[0].0;
        assert_eq!(marks, [(number, 0), (number, 1), (number, 2)]);
        assert!(last < Some(number), "frames are in order");
        last = Some(number);
    }
    assert_eq!(samples.len() % 3, 0);
    assert_eq!(samples.len() as u64 / 3, recording.frames_written());
    assert_eq!(recording.frames_written() + recording.frames_lost(), sent as u64);
    assert!(recording.frames_lost() > 0);
}

#[test]
fn a_waiting_write_gives_up_where_the_disk_takes_nothing() {
    let (mut tap, recorder, _) = by_hand(plan(1, 1));
    tap.write_waiting(&marked(1, 0, 3000), 0, 3000, Duration::from_millis(20));
    assert_eq!(recorder.waiting(), 1024);
    assert_eq!(lost(&recorder), 1976);
}

#[test]
fn a_recording_that_stands_by_keeps_what_comes_before_its_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let planes = Planes::new(2, 100);
    let (mut tap, standby) = stand_by(BitDepth::Float32, 1, sound(2)).unwrap();
    assert!(!standby.is_begun());
    tap.write(&planes, 0, 100);
    assert!(standby.is_begun() && standby.is_for(BitDepth::Float32, 1, sound(2)));
    assert!(!standby.is_for(BitDepth::Float32, 2, sound(2)), "a ring of another size");
    assert!(!standby.is_for(BitDepth::Pcm16, 1, sound(2)));
    let path = folder.path().join("take.wav");
    let recording = standby.open(&path, false).unwrap();
    tap.write(&planes, 0, 50);
    tap.finish();
    assert!(recording.wait_closed(Duration::from_secs(20)));
    assert_eq!((recording.frames_written(), recording.frames_lost()), (150, 0));
    assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 150);
}

#[test]
fn what_does_not_fit_before_the_file_is_there_is_counted_and_a_bad_path_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let planes = Planes::new(2, 2000);
    let (mut tap, standby) = stand_by(BitDepth::Pcm16, 1, sound(2)).unwrap();
    tap.write(&planes, 0, 2000);
    tap.finish();
    let recording = standby.open(&folder.path().join("take.wav"), false).unwrap();
    assert!(recording.wait_closed(Duration::from_secs(20)));
    assert_eq!((recording.frames_written(), recording.frames_lost()), (1024, 976));
    let (mut tap, standby) = stand_by(BitDepth::Pcm16, 1, sound(2)).unwrap();
    tap.write(&planes, 0, 10);
    assert!(standby.open(Path::new("/nowhere/take.wav"), false).is_err());
    tap.write(&planes, 0, 10);
}
