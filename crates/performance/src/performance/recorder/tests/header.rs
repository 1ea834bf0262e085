//! The file's header while the recording goes on.

use super::*;

#[test]
fn the_header_is_refreshed_every_half_second_although_nothing_more_comes() {
    let (mut tap, mut recorder, memory) = by_hand(plan(2, 1));
    let began = recorder.refreshed;
    assert_eq!(memory.frames(), 0);
    tap.write(&marked(2, 0, 700), 0, 700);
    assert_eq!(recorder.turn(began + Duration::from_millis(10)), Next::Again);
    assert_eq!(memory.frames(), 0);
    assert_eq!(recorder.turn(began + Duration::from_millis(500)), Next::Again);
    assert_eq!(memory.frames(), 700);
    tap.write(&marked(2, 700, 300), 0, 300);
    assert_eq!(recorder.turn(began + Duration::from_millis(990)), Next::Again);
    assert_eq!(memory.frames(), 700);
    assert_eq!(recorder.turn(began + Duration::from_millis(1000)), Next::Again);
    assert_eq!(memory.frames(), 1000);
    let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
    assert_eq!(samples, expected(2, 1000));
}

#[test]
fn a_file_in_the_making_can_be_copied_and_read() {
    let folder = folder();
    let (path, copy) = (folder.path().join("take.wav"), folder.path().join("copy.wav"));
    let (mut tap, recording) = open_float(&path, 2, 1);
    assert_eq!(read_floats(&path).1, [0.0_f32; 0]);
    for frames in [1000, 1500] {
        let done = recording.frames_written() as usize;
        tap.write(&marked(2, done, frames - done), 0, frames - done);
        eventually("the header is refreshed", || {
            fs::copy(&path, &copy).unwrap();
            hound::WavReader::open(&copy).unwrap().duration() as usize == frames
        });
        assert_eq!(read_floats(&copy).1, expected(2, frames));
        assert_eq!(recording.state(), RecordState::Recording);
    }
    close(tap, &recording);
}

#[test]
#[cfg(unix)]
fn a_killed_process_leaves_a_file_that_plays_up_to_there() {
    if let Some(path) = as_child() {
        return record_until_killed(&path);
    }
    let folder = folder();
    let path = folder.path().join("killed.wav");
    let name = "a_killed_process_leaves_a_file_that_plays_up_to_there";
    let mut process = child(module_path!(), name, &path).spawn().unwrap();
    let mut seen = 0;
    let came = (0..2000).any(|_| {
        thread::sleep(Duration::from_millis(10));
        seen = hound::WavReader::open(&path).map_or(0, |reader| reader.duration());
        seen > 0
    });
    // On unix this is signal 9: no handler, no destructor.
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(came, "the child recorded nothing");
    let (spec, samples) = read_floats(&path);
    assert_eq!(spec.channels, 2);
    assert!(samples.len() >= 2 * seen as usize);
    assert_eq!(samples, expected(2, samples.len() / 2));
}

fn record_until_killed(path: &Path) {
    let (mut tap, _recording) = open_float(path, 2, 8);
    for turn in 0..6000 {
        tap.write(&marked(2, turn * 10, 10), 0, 10);
        thread::sleep(Duration::from_millis(10));
    }
}
