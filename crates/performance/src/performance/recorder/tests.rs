use std::fs::{File, OpenOptions};
use std::io::{Cursor, ErrorKind, SeekFrom};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::file::create_new;
use super::writer::{Next, REFRESH_EVERY};
use super::*;

/// How long a test waits for what must come. It fails then, and only then.
const LIMIT: Duration = Duration::from_secs(20);

/// Tells a re-executed test that it is the child, and where to write.
const CHILD: &str = "CSOUND_PERFORMER_TEST_RECORDER_CHILD";

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn options(path: impl Into<PathBuf>, depth: BitDepth, buffers: usize) -> RecordOptions {
    RecordOptions { path: path.into(), depth, buffers, overwrite: false }
}

fn open_float(path: &Path, channels: usize, buffers: usize) -> (Tap, Recording) {
    open(options(path, BitDepth::Float32, buffers), channels, 48000, 32).unwrap()
}

/// A sample that names its frame and channel, exact in an f32 and below full scale for up to
/// 65536 frames of 16 channels.
fn mark(frame: usize, channel: usize) -> f32 {
    (frame * 16 + channel) as f32 / (1 << 20) as f32
}

/// The frame and the channel of a mark.
fn read_mark(sample: f32) -> (usize, usize) {
    let number = (sample * (1 << 20) as f32) as usize;
    (number / 16, number % 16)
}

fn marked(channels: usize, first: usize, frames: usize) -> Planes {
    let mut planes = Planes::new(channels, frames);
    for channel in 0..channels {
        for (frame, sample) in planes.channel_mut(channel).iter_mut().enumerate() {
            *sample = mark(first + frame, channel);
        }
    }
    planes
}

/// Writes marked frames in small pieces and never more than the ring has room for.
fn write_marked(tap: &mut Tap, recording: &Recording, channels: usize, frames: usize) {
    let planes = marked(channels, 0, frames);
    tap.write_waiting(&planes, 0, frames, LIMIT);
    assert_eq!(recording.frames_lost(), 0);
}

fn expected(channels: usize, frames: usize) -> Vec<f32> {
    (0..frames).flat_map(|frame| (0..channels).map(move |channel| mark(frame, channel))).collect()
}

fn read_floats(path: &Path) -> (WavSpec, Vec<f32>) {
    let mut reader = hound::WavReader::open(path).unwrap();
    (reader.spec(), reader.samples().map(Result::unwrap).collect())
}

fn read_numbers(path: &Path) -> (WavSpec, Vec<i32>) {
    let mut reader = hound::WavReader::open(path).unwrap();
    (reader.spec(), reader.samples().map(Result::unwrap).collect())
}

fn close(mut tap: Tap, recording: &Recording) {
    tap.finish();
    assert!(recording.wait_closed(LIMIT));
    assert_eq!(recording.state(), RecordState::Closed);
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LIMIT, "never came: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// This test binary again, running one test of this module as a child.
fn child(test: &str, argument: &Path) -> Command {
    let module = module_path!().split_once("::").unwrap().1;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("{module}::{test}"), "--nocapture", "--test-threads=1"]);
    command.env(CHILD, argument).stdout(Stdio::null()).stderr(Stdio::inherit());
    command
}

fn as_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// A file in memory that can be looked at while it is written, and whose disk can be made full.
#[derive(Clone, Default)]
struct Memory {
    bytes: Arc<Mutex<Cursor<Vec<u8>>>>,
    full: Arc<AtomicBool>,
}

impl Memory {
    fn frames(&self) -> u32 {
        self.reader().duration()
    }

    fn reader(&self) -> hound::WavReader<Cursor<Vec<u8>>> {
        let bytes = self.bytes.lock().unwrap().get_ref().clone();
        hound::WavReader::new(Cursor::new(bytes)).unwrap()
    }

    fn check(&self) -> io::Result<()> {
        match self.full.load(Ordering::SeqCst) {
            true => Err(ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        self.bytes.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.lock().unwrap().seek(to)
    }
}

fn plan(channels: usize, buffers: usize) -> Plan {
    Plan::new(BitDepth::Float32, buffers, channels, 48000, 32).unwrap()
}

/// A recorder to be stepped by hand: no thread, no clock.
fn by_hand(plan: Plan) -> (Tap, Recorder<Memory>, Memory) {
    let memory = Memory::default();
    let (tap, standby) = stand_by_plan(plan);
    (tap, Recorder::new(memory.clone(), standby).unwrap(), memory)
}

fn ended(recorder: &Recorder<Memory>) -> Option<Result<(), String>> {
    recorder.link.lock_end().clone()
}

fn written(recorder: &Recorder<Memory>) -> u64 {
    recorder.link.written.load(Ordering::SeqCst)
}

fn lost(recorder: &Recorder<Memory>) -> u64 {
    recorder.link.lost.load(Ordering::SeqCst)
}

#[test]
fn the_ends_can_go_where_they_belong() {
    fn is_send<T: Send>() {}
    fn is_handle<T: Clone + Send + Sync>() {}
    is_send::<Tap>();
    is_handle::<Recording>();
}

#[test]
fn only_three_depths_exist_and_the_error_names_them() {
    for (bits, depth) in [(16, BitDepth::Pcm16), (24, BitDepth::Pcm24), (32, BitDepth::Float32)] {
        assert_eq!(BitDepth::try_from(bits).unwrap(), depth);
        assert_eq!(depth.bits(), bits);
    }
    for bits in [0, 8, 15, 20, 64, u32::MAX] {
        let message = BitDepth::from_bits(bits).unwrap_err().to_string();
        for word in [&bits.to_string(), "16", "24", "32"] {
            assert!(message.contains(word), "{message}");
        }
    }
}

#[test]
fn a_file_holds_exactly_the_frames_that_were_written() {
    let folder = folder();
    for frames in [0, 1, 31, 1024, 1025, 48000] {
        let path = folder.path().join(format!("{frames}.wav"));
        let (mut tap, recording) = open_float(&path, 2, 4);
        write_marked(&mut tap, &recording, 2, frames);
        close(tap, &recording);
        assert_eq!(read_floats(&path).1, expected(2, frames));
        assert_eq!(recording.frames_written(), frames as u64);
        assert_eq!(recording.seconds(), frames as f64 / 48000.0);
    }
}

#[test]
fn three_and_sixteen_channels_keep_their_order_through_many_turns_of_the_ring() {
    let folder = folder();
    for channels in [1, 3, 16] {
        let path = folder.path().join(format!("{channels}.wav"));
        let (mut tap, recording) = open_float(&path, channels, 1);
        write_marked(&mut tap, &recording, channels, 10007);
        close(tap, &recording);
        let (spec, samples) = read_floats(&path);
        assert_eq!(usize::from(spec.channels), channels);
        assert_eq!(spec.sample_rate, 48000);
        assert_eq!(samples, expected(channels, 10007));
    }
}

#[test]
fn only_the_asked_span_of_the_planes_is_recorded() {
    let folder = folder();
    let path = folder.path().join("span.wav");
    let (mut tap, recording) = open_float(&path, 1, 1);
    let planes = marked(1, 0, 10);
    tap.write(&planes, 3, 4);
    tap.write(&planes, 8, 100);
    tap.write(&planes, 11, 1);
    tap.write(&planes, usize::MAX, usize::MAX);
    close(tap, &recording);
    let frames: Vec<usize> = read_floats(&path).1.into_iter().map(|s| read_mark(s).0).collect();
    assert_eq!(frames, [3, 4, 5, 6, 8, 9]);
    assert_eq!(recording.frames_lost(), 0);
}

#[test]
fn missing_channels_are_silent_and_extra_ones_left_out() {
    let folder = folder();
    let path = folder.path().join("three.wav");
    let (mut tap, recording) = open_float(&path, 3, 1);
    tap.write(&marked(3, 0, 2), 0, 2);
    tap.write(&marked(1, 2, 2), 0, 2);
    tap.write(&marked(5, 4, 2), 0, 2);
    tap.write(&Planes::new(0, 0), 0, 2);
    close(tap, &recording);
    let mut frames = expected(3, 6);
    for silent in [7, 8, 10, 11] {
        frames[silent] = 0.0;
    }
    assert_eq!(read_floats(&path).1, frames);
}

/// What `csound -W -s` and `csound -W -3` (6.18) wrote for `out` of these.
const FROM_CSOUND: [(f32, i32, i32); 18] = [
    (0.0, 0, 0),
    (0.5 / 32768.0, 0, 128),
    (-0.5 / 32768.0, -1, -128),
    (1.5 / 32768.0, 1, 384),
    (-1.5 / 32768.0, -2, -384),
    (2.5 / 32768.0, 2, 640),
    (0.4999 / 32768.0, 0, 127),
    (0.75 / 32768.0, 0, 192),
    (-0.75 / 32768.0, -1, -192),
    (1.0, 32767, 8388607),
    (-1.0, -32768, -8388608),
    (1.5, 32767, 8388607),
    (-1.5, -32768, -8388608),
    (32767.5 / 32768.0, 32767, 8388480),
    (0.25, 8192, 2097152),
    (32767.4 / 32768.0, 32767, 8388454),
    (0.1, 3276, 838860),
    (-0.1, -3277, -838861),
];

fn one_channel(samples: &[f32]) -> Planes {
    let mut planes = Planes::new(1, samples.len());
    planes.channel_mut(0).copy_from_slice(samples);
    planes
}

fn record_samples(path: &Path, depth: BitDepth, samples: &[f32]) {
    let (mut tap, recording) = open(options(path, depth, 1), 1, 44100, 10).unwrap();
    let planes = one_channel(samples);
    tap.write(&planes, 0, samples.len());
    // Recording does not touch what it records.
    assert_eq!(bits_of(planes.channel(0)), bits_of(samples));
    close(tap, &recording);
}

#[test]
fn files_of_16_and_24_bits_hold_the_numbers_that_csound_writes() {
    let folder = folder();
    let samples = FROM_CSOUND.map(|row| row.0);
    for (depth, numbers) in
        [(BitDepth::Pcm16, FROM_CSOUND.map(|row| row.1)), (BitDepth::Pcm24, FROM_CSOUND.map(|row| row.2))]
    {
        let path = folder.path().join(format!("{}.wav", depth.bits()));
        record_samples(&path, depth, &samples);
        let (spec, found) = read_numbers(&path);
        assert_eq!(found, numbers);
        assert_eq!(u32::from(spec.bits_per_sample), depth.bits());
        assert_eq!(spec.sample_format, SampleFormat::Int);
        assert_eq!((spec.channels, spec.sample_rate), (1, 44100));
    }
}

#[test]
fn files_of_32_bits_hold_the_samples_bit_for_bit() {
    let folder = folder();
    let path = folder.path().join("float.wav");
    let samples = [0.0, -0.0, 1.0, -1.0, 7.25, -1e30, f32::MAX, 1e-40, 0.1];
    record_samples(&path, BitDepth::Float32, &samples);
    let (spec, found) = read_floats(&path);
    assert_eq!(bits_of(&found), bits_of(&samples));
    assert_eq!((spec.bits_per_sample, spec.sample_format), (32, SampleFormat::Float));
}

fn bits_of(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|sample| sample.to_bits()).collect()
}

#[test]
fn samples_that_are_not_finite_become_zero_at_every_depth() {
    let folder = folder();
    let samples = [0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.5];
    for depth in [BitDepth::Pcm16, BitDepth::Pcm24] {
        let path = folder.path().join(format!("{}.wav", depth.bits()));
        record_samples(&path, depth, &samples);
        let half = 1 << (depth.bits() - 2);
        assert_eq!(read_numbers(&path).1, [half, 0, 0, 0, -half]);
    }
    let path = folder.path().join("float.wav");
    record_samples(&path, BitDepth::Float32, &samples);
    assert_eq!(read_floats(&path).1, [0.5, 0.0, 0.0, 0.0, -0.5]);
}

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
    let mut process = child(name, &path).spawn().unwrap();
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

#[test]
fn a_path_that_cannot_be_is_an_error_at_once_and_leaves_nothing_behind() {
    let folder = folder();
    let file = folder.path().join("a file");
    fs::write(&file, "text").unwrap();
    let refusal = |path: &Path| {
        let error = open(options(path, BitDepth::Pcm16, 4), 2, 48000, 32).err().unwrap();
        (error.to_string(), error)
    };
    let (text, error) = refusal(&folder.path().join("none").join("take.wav"));
    assert!(matches!(error, RecordError::NoFolder { .. }), "{text}");
    assert!(text.contains("none"), "{text}");
    assert!(matches!(refusal(&file.join("take.wav")).1, RecordError::NotAFolder { .. }));
    assert!(matches!(refusal(&file.join("in/take.wav")).1, RecordError::NotAFolder { .. }));
    assert!(matches!(refusal(folder.path()).1, RecordError::IsFolder { .. }));
    assert!(matches!(refusal(&folder.path().join("take.wav/")).1, RecordError::NoName { .. }));
    assert!(matches!(refusal(Path::new("")).1, RecordError::NoName { .. }));
    assert!(matches!(refusal(Path::new("..")).1, RecordError::IsFolder { .. }));
    let long = refusal(&folder.path().join("long".repeat(100)));
    assert!(matches!(long.1, RecordError::Create { .. }), "{}", long.0);
    assert_eq!(entries(folder.path()), 1);
}

#[test]
#[cfg(unix)]
fn a_folder_that_may_not_be_written_is_an_error_at_once() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let path = folder.path().join("take.wav");
    if File::create(&path).is_ok() {
        println!("skipped: this user may write everywhere");
    } else {
        let result = open(options(&path, BitDepth::Pcm16, 4), 2, 48000, 32);
        assert!(matches!(result, Err(RecordError::NotAllowed { .. })));
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let denied = create_error(path, ErrorKind::PermissionDenied.into());
    assert!(denied.to_string().contains("not allowed"), "{denied}");
}

#[test]
fn settings_that_cannot_be_are_errors_that_say_what_can() {
    let folder = folder();
    let path = folder.path().join("kept.wav");
    fs::write(&path, "old").unwrap();
    let refusal = |buffers, channels, rate, ksmps| {
        let mut options = options(&path, BitDepth::Float32, buffers);
        options.overwrite = true;
        open(options, channels, rate, ksmps).err().unwrap()
    };
    assert!(matches!(refusal(4, 0, 48000, 32), RecordError::Channels { given: 0 }));
    assert!(matches!(refusal(4, 257, 48000, 32), RecordError::Channels { given: 257 }));
    assert!(matches!(refusal(4, 2, 0, 32), RecordError::SampleRate { .. }));
    assert!(matches!(refusal(4, 256, u32::MAX, 32), RecordError::SampleRate { .. }));
    assert!(matches!(refusal(0, 2, 48000, 32), RecordError::Buffers { most: 1024, .. }));
    assert!(matches!(refusal(1025, 2, 48000, 32), RecordError::Buffers { most: 1024, .. }));
    assert!(matches!(refusal(17, 256, 48000, 16384), RecordError::Buffers { most: 16, .. }));
    assert!(matches!(refusal(1, 2, 48000, usize::MAX), RecordError::Buffers { most: 0, .. }));
    assert_eq!(fs::read(&path).unwrap(), b"old", "a wrong setting costs no file");
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn an_existing_file_is_kept() {
    let folder = folder();
    let path = folder.path().join("kept.wav");
    fs::write(&path, "precious").unwrap();
    let error = open(options(&path, BitDepth::Pcm24, 4), 2, 48000, 32).err().unwrap();
    assert!(matches!(error, RecordError::Exists { .. }));
    assert!(error.to_string().contains("kept.wav"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
}

#[test]
fn an_existing_file_is_overwritten_when_asked() {
    let folder = folder();
    let path = folder.path().join("old.wav");
    fs::write(&path, vec![7; 100_000]).unwrap();
    let mut options = options(&path, BitDepth::Float32, 4);
    options.overwrite = true;
    let (mut tap, recording) = open(options.clone(), 2, 48000, 32).unwrap();
    assert_eq!(read_floats(&path).1, [0.0_f32; 0]);
    write_marked(&mut tap, &recording, 2, 100);
    close(tap, &recording);
    assert_eq!(read_floats(&path).1, expected(2, 100));
    assert_eq!(recording.path(), path);
    // It makes a new one as well.
    options.path = folder.path().join("new.wav");
    drop(open(options, 2, 48000, 32).unwrap());
    assert_eq!(entries(folder.path()), 2);
}

#[test]
fn a_recording_that_is_overwritten_while_it_goes_on_spoils_nothing() {
    let folder = folder();
    let path = folder.path().join("twice.wav");
    let (mut first_tap, first) = open_float(&path, 2, 4);
    first_tap.write(&marked(2, 500, 900), 0, 900);
    let mut options = options(&path, BitDepth::Float32, 4);
    options.overwrite = true;
    let (mut tap, recording) = open(options, 2, 48000, 32).unwrap();
    write_marked(&mut tap, &recording, 2, 300);
    close(tap, &recording);
    close(first_tap, &first);
    assert_eq!(read_floats(&path).1, expected(2, 300));
    assert_eq!(entries(folder.path()), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_is_not_recorded_into() {
    let mut options = options("/dev/full", BitDepth::Pcm16, 4);
    let error = open(options.clone(), 2, 48000, 32).err().unwrap();
    assert!(matches!(error, RecordError::Exists { .. }), "{error}");
    options.overwrite = true;
    let error = open(options, 2, 48000, 32).err().unwrap();
    assert!(matches!(error, RecordError::NotAFile { .. }), "{error}");
    assert!(Path::new("/dev/full").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_from_the_start_is_an_error_at_once() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let error = start(full, "take.wav".into(), stand_by_plan(plan(2, 1)).1).err().unwrap();
    assert!(error.to_string().contains("the disk is full"), "{error}");
}

/// A file whose writes go to the full device once it is told so.
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
            let plan = Plan::new(depth, 1, channels, 48000, 1).unwrap();
            let frame_bytes = u64::from(depth.bits() / 8) * channels as u64;
            let bytes = plan.max_frames * frame_bytes + HEADER_BYTES;
            assert!(bytes <= MAX_FILE_BYTES && bytes + frame_bytes > MAX_FILE_BYTES);
        }
    }
}

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
        assert!(child(name, folder.path()).status().unwrap().success());
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

#[test]
fn a_recording_that_stands_by_keeps_what_comes_before_its_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let planes = Planes::new(2, 100);
    let (mut tap, standby) = stand_by(BitDepth::Float32, 1, 2, 48_000, 32).unwrap();
    assert!(!standby.is_begun());
    tap.write(&planes, 0, 100);
    assert!(standby.is_begun() && standby.is_for(BitDepth::Float32, 1, 2, 48_000, 32));
    assert!(!standby.is_for(BitDepth::Float32, 2, 2, 48_000, 32), "a ring of another size");
    assert!(!standby.is_for(BitDepth::Pcm16, 1, 2, 48_000, 32));
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
    let (mut tap, standby) = stand_by(BitDepth::Pcm16, 1, 2, 48_000, 32).unwrap();
    tap.write(&planes, 0, 2000);
    tap.finish();
    let recording = standby.open(&folder.path().join("take.wav"), false).unwrap();
    assert!(recording.wait_closed(Duration::from_secs(20)));
    assert_eq!((recording.frames_written(), recording.frames_lost()), (1024, 976));
    let (mut tap, standby) = stand_by(BitDepth::Pcm16, 1, 2, 48_000, 32).unwrap();
    tap.write(&planes, 0, 10);
    assert!(standby.open(Path::new("/nowhere/take.wav"), false).is_err());
    tap.write(&planes, 0, 10);
}

#[test]
fn a_free_name_counts_up_and_can_be_a_file() {
    let folder = folder();
    for name in ["take.wav", "take 2.wav", "take 3.wav"] {
        let path = free_name(folder.path(), "take");
        assert_eq!(path, folder.path().join(name));
        fs::write(path, "").unwrap();
    }
    assert_eq!(free_name(folder.path(), "a/b:c?"), folder.path().join("a_b_c_.wav"));
    assert_eq!(free_name(folder.path(), " "), folder.path().join("recording.wav"));
    assert_eq!(free_name(folder.path(), ".."), folder.path().join("...wav"));
}
