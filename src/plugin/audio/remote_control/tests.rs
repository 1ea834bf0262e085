//! What messages ask for, and which make no sense.

use test_host::testing::Random;

use super::*;

/// A remote control on channel 16.
fn remote() -> RemoteControl {
    let mut remote = RemoteControl::default();
    remote.set_channel(Some(15));
    remote
}

fn asked(bytes: &[u8]) -> Option<Remote> {
    let mut remote = remote();
    let asked = remote.message(bytes);
    assert_eq!(remote.malformed(), 0, "{bytes:02X?}");
    asked
}

fn is_malformed(bytes: &[u8]) -> bool {
    let mut remote = remote();
    remote.message(bytes).is_none() && remote.malformed() == 1
}

fn locate(time: [u8; 5]) -> Vec<u8> {
    [&[0xF0, 0x7F, 0x7F, 0x06, 0x44, 0x06, 0x01][..], &time, &[0xF7]].concat()
}

fn line(text: &[u8]) -> Vec<u8> {
    [&[0xF0, 0x7D, 0x43, 0x53][..], text, &[0xF7]].concat()
}

#[test]
fn machine_control_moves_the_performance_whatever_the_device_number() {
    for device in [0, 0x10, 0x7F] {
        let command = |command| asked(&[0xF0, 0x7F, device, 0x06, command, 0xF7]);
        assert_eq!(command(0x01), Some(Remote::Stop));
        assert_eq!(command(0x02), Some(Remote::Play));
        assert_eq!(command(0x03), Some(Remote::DeferredPlay));
        assert_eq!(command(0x06), Some(Remote::RecordStrobe));
        assert_eq!(command(0x07), Some(Remote::RecordExit));
        assert_eq!(command(0x09), Some(Remote::Pause));
    }
}

#[test]
fn midi_start_begins_again_and_continue_goes_on_from_a_stop() {
    assert_eq!(asked(&[0xFA]), Some(Remote::Restart));
    assert_eq!(asked(&[0xFB]), Some(Remote::Play));
    assert_eq!(asked(&[0xFC]), Some(Remote::Pause));
}

#[test]
fn a_locate_is_at_the_frames_its_rate_says() {
    let at = |time| match asked(&locate(time)) {
        Some(Remote::Locate(seconds)) => seconds,
        other => panic!("{other:?}"),
    };
    let close = |time, seconds: f64| assert!((at(time) - seconds).abs() < 1e-9, "{time:?}: {}", at(time));
    close([0, 0, 0, 0, 0], 0.0);
    close([1, 2, 3, 12, 0], 3723.5);
    close([0x20 | 1, 2, 3, 5, 50], 3723.22);
    close([0x60 | 1, 2, 3, 15, 0], 3723.5);
    // Ten minutes of drop frames are 17982 frames, and almost exactly ten minutes.
    close([0x40, 10, 0, 0, 0], 17_982.0 * 1001.0 / 30_000.0);
    close([0x40, 1, 0, 2, 0], 1800.0 * 1001.0 / 30_000.0);
}

#[test]
fn flags_in_a_locate_are_not_taken_for_time() {
    assert_eq!(asked(&locate([0, 0x40, 0x40 | 1, 0x20, 0x7F])), Some(Remote::Locate(1.0)));
    assert_eq!(asked(&locate([0, 1, 0, 0x40 | 1, 0])), Some(Remote::Locate(0.0)), "a negative time");
}

#[test]
fn an_impossible_time_is_malformed() {
    for time in [
        [24, 0, 0, 0, 0],
        [0, 60, 0, 0, 0],
        [0, 0, 60, 0, 0],
        [0, 0, 0, 24, 0],
        [0x20, 0, 0, 25, 0],
        [0, 0, 0, 0, 100],
    ] {
        assert!(is_malformed(&locate(time)), "{time:?}");
    }
}

#[test]
fn keys_programs_and_a_controller_of_the_remote_channel_are_commands() {
    for (key, command) in [
        (24, Remote::TogglePause),
        (25, Remote::Stop),
        (26, Remote::Restart),
        (27, Remote::ToggleRecord),
        (36, Remote::Slot(0)),
        (51, Remote::Slot(15)),
    ] {
        assert_eq!(asked(&[0x9F, key, 1]), Some(command));
    }
    assert_eq!(asked(&[0xCF, 0]), Some(Remote::Slot(0)));
    assert_eq!(asked(&[0xCF, 15]), Some(Remote::Slot(15)));
    assert_eq!(asked(&[0xBF, 20, 0]), Some(Remote::OffsetPercent(0.0)));
    assert_eq!(asked(&[0xBF, 20, 127]), Some(Remote::OffsetPercent(100.0)));
}

#[test]
fn what_ends_a_key_or_means_nothing_is_taken_silently() {
    let others = [
        &[0x9F, 36, 0][..],
        &[0x8F, 36, 64],
        &[0x9F, 28, 100],
        &[0x9F, 52, 100],
        &[0xBF, 64, 127],
        &[0xCF, 16],
        &[0xDF, 9],
        &[0xEF, 0, 64],
    ];
    for bytes in others {
        assert_eq!(asked(bytes), None, "{bytes:02X?}");
    }
}

#[test]
fn other_channels_belong_to_the_piece() {
    let remote = remote();
    assert!(remote.is_for_remote(15));
    assert!(!remote.is_for_remote(0));
    assert_eq!(asked(&[0x90, 36, 100]), None);
    let mut off = RemoteControl::default();
    assert!((0..=255).all(|channel| !off.is_for_remote(channel)));
    off.set_channel(Some(16));
    assert!((0..=255).all(|channel| !off.is_for_remote(channel)));
    assert_eq!(off.message(&[0x9F, 36, 100]), None);
    assert_eq!(off.message(&[0xFB]), Some(Remote::Play));
}

#[test]
fn a_score_line_is_taken_as_it_came() {
    let Some(Remote::Line(found)) = asked(&line(b"i \"bell\" 0 1 440")) else { panic!("no line") };
    assert_eq!(found.as_str(), "i \"bell\" 0 1 440");
    let longest = line(&[b'a'; LONGEST_LINE]);
    assert_eq!(longest.len(), LONGEST_MESSAGE);
    assert!(matches!(asked(&longest), Some(Remote::Line(_))));
}

#[test]
fn a_line_that_is_empty_too_long_or_not_printable_is_malformed() {
    for text in [&b""[..], &[b'a'; LONGEST_LINE + 1], b"i1 0 1\n", b"i1\t0", b"\x7F"] {
        assert!(is_malformed(&line(text)), "{text:?}");
    }
}

#[test]
fn orchestra_code_may_have_several_lines_and_says_what_is_wanted_of_it() {
    let message = |head: u8, text: &[u8]| [&[0xF0, 0x7D, 0x43, head][..], text, &[0xF7]].concat();
    for (head, purpose) in [(b'O', Purpose::Compile), (b'E', Purpose::Evaluate)] {
        let Some(Remote::Line(found)) = asked(&message(head, b"instr 2\r\n\tout 0\nendin")) else {
            panic!("no code")
        };
        assert_eq!((found.as_str(), found.purpose()), ("instr 2\r\n\tout 0\nendin", Some(purpose)));
        assert!(matches!(asked(&message(head, &[b'a'; LONGEST_LINE])), Some(Remote::Line(_))));
        for text in [&b""[..], &[b'a'; LONGEST_LINE + 1], b"a\0", b"\x7F"] {
            assert!(is_malformed(&message(head, text)), "{text:?}");
        }
    }
    let Some(Remote::Line(line)) = asked(&line(b"i 1 0 1")) else { panic!("no line") };
    assert_eq!(line.purpose(), None);
}

#[test]
fn what_is_for_others_is_not_counted() {
    for bytes in [
        &[0xF0, 0x41, 1, 2, 3, 0xF7][..],
        &[0xF0, 0x7D, 0x43, 0x54, 0xF7],
        &[0xF0, 0x7E, 0x7F, 6, 1, 0xF7],
        &[0xF0, 0x7F, 0x7F, 0x01, 0x01, 1, 2, 3, 4, 0xF7],
        &[0xF0, 0x7F, 0x7F, 0x06, 0x05, 0xF7],
        &[0xF0, 0x7F, 0x7F, 0x06, 0x44, 0x02, 0x00, 0x08, 0xF7],
        &[0xF2, 0, 0],
        &[0xF8],
        &[0xFE],
    ] {
        assert_eq!(asked(bytes), None, "{bytes:02X?}");
    }
}

#[test]
fn what_is_not_whole_is_counted() {
    for bytes in [
        &[][..],
        &[60],
        &[0x9F],
        &[0x9F, 36],
        &[0x9F, 36, 100, 0],
        &[0x9F, 36, 0x80],
        &[0xCF, 1, 2],
        &[0xFA, 0],
        &[0xF4],
        &[0xF7],
        &[0xF0],
        &[0xF0, 0xF7],
        &[0xF0, 0x7F, 0x7F, 0x06, 0x02],
        &[0xF0, 0x7F, 0x7F, 0x06, 0xF7],
        &[0xF0, 0x7F, 0x7F, 0x06, 0x02, 0x02, 0xF7],
        &[0xF0, 0x7F, 0x7F, 0x06, 0x44, 0x06, 0x01, 0, 0, 0, 0, 0xF7],
        &[0xF0, 0x7F, 0x7F, 0x06, 0x80, 0xF7],
    ] {
        assert!(is_malformed(bytes), "{bytes:02X?}");
    }
}

/// What a message is by MIDI alone, in other words than the reader's.
fn is_whole(bytes: &[u8]) -> bool {
    let data = |count: usize| bytes.len() == count + 1 && bytes[1..].iter().all(|byte| *byte < 128);
    match bytes.first() {
        Some(0xF0) => {
            bytes.len() > 2
                && bytes.last() == Some(&0xF7)
                && bytes[1..bytes.len() - 1].iter().all(|byte| *byte < 128)
        }
        Some(0xF2) => data(2),
        Some(0xF1 | 0xF3) => data(1),
        Some(0xF6 | 0xF8 | 0xFA | 0xFB | 0xFC | 0xFE | 0xFF) => data(0),
        Some(status @ 0x80..=0xEF) => data(if (0xC0..0xE0).contains(status) { 1 } else { 2 }),
        _ => false,
    }
}

#[test]
fn of_random_bytes_what_is_no_message_is_counted_and_nothing_panics() {
    let mut random = Random::new(3);
    let mut below = |limit: usize| random.below(limit);
    let seeds =
        [locate([1, 2, 3, 4, 5]), line(b"i 1 0 1"), vec![0x9F, 36, 100], vec![0xF0, 0x7F, 1, 6, 2, 0xF7]];
    let (mut remote, mut asked) = (remote(), 0);
    for _ in 0..20_000 {
        let mut bytes = match below(3) {
            0 => (0..below(24)).map(|_| below(256) as u8).collect(),
            _ => seeds[below(seeds.len())].clone(),
        };
        for _ in 0..below(3) {
            let at = below(bytes.len() + 1);
            match below(3) {
                0 => bytes.insert(at, below(256) as u8),
                1 if at < bytes.len() => bytes[at] = below(256) as u8,
                _ => bytes.truncate(at),
            }
        }
        let before = remote.malformed();
        let found = remote.message(&bytes);
        let counted = remote.malformed() - before;
        asked += usize::from(found.is_some());
        assert!(counted == 0 || found.is_none());
        if !is_whole(&bytes) {
            assert_eq!((found, counted), (None, 1), "{bytes:02X?}");
        }
        match found {
            Some(Remote::Locate(seconds)) => assert!((0.0..86_400.0 * 1.002).contains(&seconds)),
            Some(Remote::Slot(slot)) => assert!(slot < usize::from(SLOTS)),
            Some(Remote::OffsetPercent(percent)) => assert!((0.0..=100.0).contains(&percent)),
            _ => {}
        }
    }
    assert!(asked > 1000, "{asked}");
}
