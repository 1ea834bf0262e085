//! Disks that fail, and files that are full.

use super::*;

#[cfg(target_os = "linux")]
struct FillsUp {
    file: File,
    device: File,
    full: Arc<AtomicBool>,
}

#[cfg(target_os = "linux")]
impl Write for FillsUp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let full = self.full.load(Ordering::SeqCst);
        if full { self.device.write(bytes) } else { self.file.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(target_os = "linux")]
impl Seek for FillsUp {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_fills_up_fails_the_recording_with_the_reason() {
    let folder = folder();
    let path = folder.path().join("fills.wav");
    let full = Arc::new(AtomicBool::new(false));
    let file = FillsUp {
        file: create_new(&path).unwrap(),
        device: OpenOptions::new().write(true).open("/dev/full").unwrap(),
        full: Arc::clone(&full),
    };
    let (mut tap, standby) = stand_by_plan(plan(2, 1));
    let recording = start(file, path.clone(), standby).unwrap();
    tap.write(&marked(2, 0, 800), 0, 800);
    eventually("the header is refreshed", || hound::WavReader::open(&path).unwrap().duration() == 800);
    full.store(true, Ordering::SeqCst);
    tap.write(&marked(2, 800, 50), 0, 50);
    assert!(recording.wait_closed(LIMIT));
    let RecordState::Failed(reason) = recording.state() else { panic!("it went well") };
    assert!(reason.contains("the disk is full"), "{reason}");
    let error = recording.result().unwrap_err().to_string();
    assert!(error.contains("fills.wav") && error.contains(&reason), "{error}");
    tap.write(&marked(2, 850, 500), 0, 500);
    tap.write_waiting(&marked(2, 850, 5000), 0, 5000, LIMIT);
    tap.finish();
    recording.close_now();
    assert_eq!((recording.frames_written(), recording.frames_lost()), (800, 50));
    assert_eq!(read_floats(&path).1, expected(2, 800));
}

#[test]
fn after_a_failure_the_file_is_as_the_last_header_says_even_if_the_disk_recovers() {
    let (mut tap, mut recorder, memory) = by_hand(plan(2, 16));
    let began = recorder.refreshed;
    tap.write(&marked(2, 0, 1000), 0, 1000);
    assert_eq!(recorder.turn(began + REFRESH_EVERY), Next::Again);
    memory.full.store(true, Ordering::SeqCst);
    // More than the file's buffer holds, so that the disk is asked within the frames.
    tap.write(&marked(2, 1000, 15000), 0, 15000);
    assert_eq!(recorder.turn(began + REFRESH_EVERY), Next::Ended);
    memory.full.store(false, Ordering::SeqCst);
    let reason = ended(&recorder).unwrap().unwrap_err();
    assert!(reason.contains("the disk is full"), "{reason}");
    assert_eq!((written(&recorder), lost(&recorder)), (1000, 15000));
    drop(recorder);
    assert_eq!(memory.frames(), 1000);
    let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
    assert_eq!(samples, expected(2, 1000));
}

#[test]
fn a_disk_that_fails_at_the_very_end_is_reported() {
    let (mut tap, mut recorder, memory) = by_hand(plan(2, 1));
    tap.write(&marked(2, 0, 100), 0, 100);
    memory.full.store(true, Ordering::SeqCst);
    tap.finish();
    assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
    assert!(ended(&recorder).unwrap().is_err());
    assert_eq!((written(&recorder), lost(&recorder)), (0, 100));
    assert_eq!(memory.frames(), 0);
}

#[test]
fn a_wav_file_is_closed_before_it_outgrows_its_format() {
    let mut plan = plan(2, 1);
    plan.max_frames = 1500;
    let (mut tap, mut recorder, memory) = by_hand(plan);
    tap.write(&marked(2, 0, 1000), 0, 1000);
    assert_eq!(recorder.turn(recorder.refreshed), Next::Again);
    tap.write(&marked(2, 1000, 500), 0, 500);
    assert_eq!(recorder.turn(recorder.refreshed), Next::Again);
    tap.write(&marked(2, 1500, 7), 0, 7);
    assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
    let reason = ended(&recorder).unwrap().unwrap_err();
    assert!(reason.contains("4 GiB"), "{reason}");
    tap.write(&marked(2, 1507, 7), 0, 7);
    assert_eq!((written(&recorder), lost(&recorder)), (1500, 7));
    let samples: Vec<f32> = memory.reader().samples().map(Result::unwrap).collect();
    assert_eq!(samples, expected(2, 1500));
}

#[test]
fn a_recording_that_ends_just_at_the_limit_is_closed_in_peace() {
    let mut plan = plan(2, 1);
    plan.max_frames = 1000;
    let (mut tap, mut recorder, memory) = by_hand(plan);
    tap.write(&marked(2, 0, 1000), 0, 1000);
    tap.finish();
    assert_eq!(recorder.turn(recorder.refreshed), Next::Ended);
    assert_eq!(ended(&recorder), Some(Ok(())));
    assert_eq!(memory.frames(), 1000);
}

#[test]
fn the_limit_of_every_kind_of_file_fits_its_32_bits() {
    for depth in [BitDepth::Pcm16, BitDepth::Pcm24, BitDepth::Float32] {
        for channels in [1, 2, 3, 16, MAX_CHANNELS] {
            let plan = Plan::new(depth, 1, Sound { ksmps: 1, ..sound(channels) }).unwrap();
            let frame_bytes = u64::from(depth.bits() / 8) * channels as u64;
            let bytes = plan.max_frames * frame_bytes + HEADER_BYTES;
            assert!(bytes <= MAX_FILE_BYTES && bytes + frame_bytes > MAX_FILE_BYTES);
        }
    }
}
