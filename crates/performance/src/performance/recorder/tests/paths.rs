//! Paths and settings: refused at once, kept, overwritten as asked.

use super::*;

#[test]
fn a_path_that_cannot_be_is_an_error_at_once_and_leaves_nothing_behind() {
    let folder = folder();
    let file = folder.path().join("a file");
    fs::write(&file, "text").unwrap();
    let refusal = |path: &Path| {
        let error = open(options(path, BitDepth::Pcm16, 4), sound(2)).err().unwrap();
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

    use test_host::testing::alone_as_ordinary_user;

    // Root may write everywhere.
    let module = module_path!().split_once("::").unwrap().1;
    if !alone_as_ordinary_user(&format!("{module}::a_folder_that_may_not_be_written_is_an_error_at_once")) {
        return;
    }
    let folder = folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let path = folder.path().join("take.wav");
    let result = open(options(&path, BitDepth::Pcm16, 4), sound(2));
    assert!(matches!(result, Err(RecordError::NotAllowed { .. })));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let denied = create_error(path, ErrorKind::PermissionDenied.into());
    assert!(denied.to_string().contains("not allowed"), "{denied}");
}

#[test]
fn settings_that_cannot_be_are_errors_that_say_what_can() {
    let folder = folder();
    let path = folder.path().join("kept.wav");
    fs::write(&path, "old").unwrap();
    let refusal = |buffers, channels, sample_rate, ksmps| {
        let mut options = options(&path, BitDepth::Float32, buffers);
        options.overwrite = true;
        open(options, Sound { channels, sample_rate, ksmps }).err().unwrap()
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
    let error = open(options(&path, BitDepth::Pcm24, 4), sound(2)).err().unwrap();
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
    let (mut tap, recording) = open(options.clone(), sound(2)).unwrap();
    assert_eq!(read_floats(&path).1, [0.0_f32; 0]);
    write_marked(&mut tap, &recording, 2, 100);
    close(tap, &recording);
    assert_eq!(read_floats(&path).1, expected(2, 100));
    assert_eq!(recording.path(), path);
    // It makes a new one as well.
    options.path = folder.path().join("new.wav");
    drop(open(options, sound(2)).unwrap());
    assert_eq!(entries(folder.path()), 2);
}

#[test]
#[cfg(unix)]
fn what_is_overwritten_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("old.wav");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let mut options = options(&path, BitDepth::Float32, 4);
    options.overwrite = true;
    let (tap, recording) = open(options, sound(2)).unwrap();
    close(tap, &recording);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_recording_that_is_overwritten_while_it_goes_on_spoils_nothing() {
    let folder = folder();
    let path = folder.path().join("twice.wav");
    let (mut first_tap, first) = open_float(&path, 2, 4);
    first_tap.write(&marked(2, 500, 900), 0, 900);
    let mut options = options(&path, BitDepth::Float32, 4);
    options.overwrite = true;
    let (mut tap, recording) = open(options, sound(2)).unwrap();
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
    let error = open(options.clone(), sound(2)).err().unwrap();
    assert!(matches!(error, RecordError::Exists { .. }), "{error}");
    options.overwrite = true;
    let error = open(options, sound(2)).err().unwrap();
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
