//! What the piece does when the host moves.

use test_host::testing::Random;

use super::*;

const RATE: f64 = 48_000.0;
const FRAMES: usize = 480;

/// A host at 48 kHz with blocks of 10 ms.
struct Host {
    transport: Transport,
    block: HostBlock,
    sync: Sync,
    offset: f64,
}

impl Host {
    fn new(seconds: f64) -> Self {
        let block = HostBlock {
            playing: true,
            seconds: Some(seconds),
            sample_rate: RATE,
            frames: FRAMES,
            ..HostBlock::default()
        };
        Self { transport: Transport::default(), block, sync: Sync::Host, offset: 0.0 }
    }

    /// Processes a block and moves on by it.
    fn process(&mut self) -> Vec<(usize, Move)> {
        let steps = self.transport.block(self.sync, self.offset, &self.block);
        if self.block.playing
            && let Some(seconds) = &mut self.block.seconds
        {
            *seconds += self.block.frames as f64 / RATE;
        }
        steps.iter().map(|step| (step.frame, step.action)).collect()
    }

    fn at(&mut self, seconds: f64) -> Vec<(usize, Move)> {
        self.block.seconds = Some(seconds);
        self.process()
    }

    /// Processes blocks that must ask for nothing.
    fn quietly(&mut self, blocks: usize) {
        for block in 0..blocks {
            assert_eq!(self.process(), [], "block {block}");
        }
    }
}

fn seek_and_play(frame: usize, seconds: f64) -> Vec<(usize, Move)> {
    vec![(frame, Move::Seek(seconds)), (frame, Move::Play)]
}

#[test]
fn the_piece_starts_where_the_host_does_and_pauses_with_it() {
    let mut host = Host::new(2.0);
    host.block.playing = false;
    assert_eq!(host.process(), [(0, Move::Pause)], "it may have played before");
    host.quietly(3);
    host.block.playing = true;
    assert_eq!(host.process(), seek_and_play(0, 2.0));
    host.quietly(1000);
    host.block.playing = false;
    assert_eq!(host.process(), [(0, Move::Pause)]);
    host.quietly(3);
    host.block.playing = true;
    assert_eq!(host.at(5.0), seek_and_play(0, 5.0));
}

#[test]
fn a_jump_either_way_seeks() {
    let mut host = Host::new(0.0);
    assert_eq!(host.process(), seek_and_play(0, 0.0));
    host.quietly(5);
    assert_eq!(host.at(100.0), [(0, Move::Seek(100.0))]);
    host.quietly(5);
    assert_eq!(host.at(1.0), [(0, Move::Seek(1.0))]);
    host.quietly(5);
}

#[test]
fn a_small_jump_seeks_once_it_is_sure() {
    let mut host = Host::new(0.0);
    host.process();
    host.quietly(5);
    *host.block.seconds.as_mut().unwrap() += 0.005;
    host.quietly(CERTAIN as usize - 1);
    let here = host.block.seconds.unwrap();
    assert_eq!(host.process(), [(0, Move::Seek(here))]);
    host.quietly(100);
}

#[test]
fn a_host_that_reports_roughly_is_followed_without_seeks() {
    let mut random = Random::new(1);
    let mut noise = move || random.unit() - 0.5;
    let reports: [&mut dyn FnMut(f64) -> f64; 5] = [
        &mut |seconds| (seconds * 1000.0).floor() / 1000.0,
        &mut |seconds| f64::from(seconds as f32),
        &mut |seconds| (seconds * RATE).round() / RATE,
        &mut |seconds| seconds + 0.0019 * noise(),
        // Blocks of a clock in ticks of 8 ms.
        &mut |seconds| (seconds / 0.008).floor() * 0.008,
    ];
    for (kind, report) in reports.into_iter().enumerate() {
        let mut transport = Transport::default();
        let mut block = Host::new(0.0).block;
        let mut seconds = 100.0;
        for number in 0..5000 {
            block.frames = if number < 2500 { 441 + number % 7 } else { 1 + number % 70 };
            block.seconds = Some(report(seconds));
            let steps = transport.block(Sync::Host, 0.0, &block).iter().count();
            assert_eq!(steps, if number == 0 { 2 } else { 0 }, "kind {kind}, block {number}");
            seconds += block.length();
        }
    }
}

#[test]
fn a_wrapper_that_splits_blocks_without_moving_on_is_no_host_that_jumps() {
    let mut host = Host::new(0.0);
    host.process();
    for _ in 0..100 {
        let begin = host.block.seconds;
        for frames in [100, 200, FRAMES - 300] {
            (host.block.seconds, host.block.frames) = (begin, frames);
            host.quietly(1);
        }
        host.block.seconds = begin.map(|begin| begin + FRAMES as f64 / RATE);
    }
}

#[test]
fn a_host_that_drifts_is_caught_up_with() {
    let mut host = Host::new(0.0);
    host.process();
    let mut seeks = 0;
    for _ in 0..10_000 {
        *host.block.seconds.as_mut().unwrap() += 1e-6;
        seeks += host.process().len();
    }
    assert!((5..=11).contains(&seeks), "{seeks}");
}

#[test]
fn the_piece_waits_for_its_time_and_begins_on_its_frame() {
    let mut host = Host::new(-0.025);
    host.block.playing = false;
    host.process();
    host.block.playing = true;
    host.quietly(2);
    assert_eq!(host.process(), seek_and_play(240, 0.0));
    host.quietly(10);
}

#[test]
fn the_offset_is_where_the_piece_begins_in_the_hosts_time() {
    let mut host = Host::new(9.995);
    host.offset = 10.0;
    let mut steps = vec![(0, Move::Pause)];
    steps.extend(seek_and_play(240, 0.0));
    assert_eq!(host.process(), steps);
    host.quietly(2);
    assert_eq!(host.at(12.0), [(0, Move::Seek(2.0))]);
    host.offset = 11.0;
    let here = host.block.seconds.unwrap();
    assert_eq!(host.process(), [(0, Move::Seek(here - 11.0))]);
    assert_eq!(host.at(3.0), [(0, Move::Pause)], "before its time");
    host.quietly(5);
    assert_eq!(host.at(11.5), seek_and_play(0, 0.5));
}

#[test]
fn a_frame_between_two_is_the_later_one() {
    let mut host = Host::new(-(100.25 / RATE));
    host.block.playing = false;
    host.process();
    host.block.playing = true;
    let steps = host.process();
    let [(101, Move::Seek(seconds)), (101, Move::Play)] = steps[..] else { panic!("{steps:?}") };
    assert!((seconds - 0.75 / RATE).abs() < 1e-12);
}

#[test]
fn the_end_of_a_loop_seeks_on_its_frame_and_not_again() {
    let mut host = Host::new(0.96);
    host.block.loop_seconds = Some((0.5, 0.995));
    assert_eq!(host.process(), seek_and_play(0, 0.96));
    host.quietly(2);
    let at = host.block.seconds.unwrap();
    assert!((at - 0.99).abs() < 1e-12);
    let steps = host.process();
    let [(240, Move::Seek(seconds))] = steps[..] else { panic!("{steps:?}") };
    assert!((seconds - 0.5).abs() < 1e-9);
    host.block.seconds = Some(0.505);
    host.quietly(40);
}

#[test]
fn a_loop_that_ends_with_a_block_is_a_jump_of_the_next() {
    let mut host = Host::new(0.98);
    host.block.loop_seconds = Some((0.5, 1.0));
    host.process();
    host.quietly(1);
    assert_eq!(host.at(0.5), [(0, Move::Seek(0.5))]);
    host.quietly(20);
}

#[test]
fn a_host_that_does_not_say_its_loop_or_leaves_it_is_followed_all_the_same() {
    let mut host = Host::new(0.99);
    host.process();
    assert_eq!(host.at(0.505), [(0, Move::Seek(0.505))]);
    let mut leaving = Host::new(0.99);
    leaving.block.loop_seconds = Some((0.5, 0.995));
    assert_eq!(leaving.process().len(), 3);
    assert_eq!(leaving.at(1.0), [(0, Move::Seek(1.0))]);
    leaving.quietly(10);
}

#[test]
fn a_loop_that_begins_before_the_piece_pauses_it_until_its_time() {
    let mut host = Host::new(0.991);
    host.offset = 0.5;
    host.block.loop_seconds = Some((0.498, 0.995));
    let steps = host.process();
    let [(0, Move::Seek(_)), (0, Move::Play), (192, Move::Pause), (288, Move::Seek(zero)), (288, Move::Play)] =
        steps[..]
    else {
        panic!("{steps:?}")
    };
    assert!(zero < 1e-9);
}

#[test]
fn a_host_without_a_place_is_played_along_with() {
    let mut host = Host::new(0.0);
    host.block.seconds = None;
    assert_eq!(host.process(), [(0, Move::Play)]);
    host.quietly(5);
    assert_eq!(host.at(3.0), [(0, Move::Seek(3.0))], "now it says where it is");
    host.block.seconds = None;
    host.quietly(5);
    host.block.playing = false;
    assert_eq!(host.process(), [(0, Move::Pause)]);
}

#[test]
fn places_in_frames_or_beats_will_do() {
    let mut block = Host::new(0.0).block;
    block.seconds = None;
    block.samples = Some(96_000);
    assert_eq!(block.place(), Some(2.0));
    block.samples = None;
    block.beats = Some(4.0);
    assert_eq!(block.place(), None);
    block.tempo = Some(120.0);
    assert_eq!(block.place(), Some(2.0));
    block.seconds = Some(f64::NAN);
    assert_eq!(block.place(), None);
}

#[test]
fn a_piece_that_is_free_is_left_alone_and_a_change_of_mode_moves_nothing() {
    let mut host = Host::new(0.0);
    host.sync = Sync::Free;
    host.quietly(5);
    assert_eq!(host.at(100.0), []);
    host.sync = Sync::Host;
    host.quietly(5);
    assert_eq!(host.at(50.0), [(0, Move::Seek(50.0))], "a jump is followed from now on");
    host.sync = Sync::Free;
    host.block.playing = false;
    host.quietly(5);
    host.sync = Sync::Host;
    host.quietly(5);
    host.block.playing = true;
    assert_eq!(host.at(7.0), seek_and_play(0, 7.0));
}

#[test]
fn after_forgetting_the_next_block_brings_the_piece_to_the_host() {
    let mut host = Host::new(4.0);
    host.process();
    host.quietly(1);
    host.transport.forget();
    let here = host.block.seconds.unwrap();
    assert_eq!(host.process(), seek_and_play(0, here));
}

#[test]
fn a_jump_is_met_at_every_block_size_with_the_piece_where_the_host_is() {
    let mut random = Random::new(5);
    let mut below = move |limit: usize| random.below(limit);
    let mut transport = Transport::default();
    let mut block = Host::new(0.0).block;
    let (mut host, mut piece, mut plays) = (0.0, 0.0, true);
    for number in 0..50_000 {
        block.frames = 1 + below(2048);
        match below(200) {
            0 => host = below(1_000_000) as f64 / RATE - 1.0,
            1 => block.playing = !block.playing,
            2 => block.loop_seconds = Some((host + 0.1, host + 0.3 + below(9) as f64)),
            3 => block.loop_seconds = None,
            _ => {}
        }
        block.seconds = Some(host);
        // The host wraps inside its blocks, at a frame.
        let mut left = block.frames;
        let mut wrapped = None;
        if block.playing
            && let Some((frame, begin)) = block.wrap(host)
        {
            wrapped = Some(begin);
            left -= frame;
        }
        let steps = transport.block(Sync::Host, 0.5, &block);
        let mut at = 0;
        for step in steps.iter() {
            assert!(step.frame < block.frames && step.frame >= at);
            piece += if plays { (step.frame - at) as f64 / RATE } else { 0.0 };
            at = step.frame;
            match step.action {
                Move::Seek(seconds) => piece = seconds,
                Move::Play => plays = true,
                Move::Pause => plays = false,
            }
        }
        piece += if plays { (block.frames - at) as f64 / RATE } else { 0.0 };
        if block.playing {
            host = wrapped.unwrap_or(host) + left as f64 / RATE;
            assert_eq!(plays, host - 0.5 > 1e-7, "block {number}: at {host}");
            assert!(!plays || (piece + 0.5 - host).abs() < 1e-6, "block {number}: {piece} at {host}");
        } else {
            assert!(!plays);
        }
    }
}

#[test]
fn nonsense_from_a_host_panics_nowhere() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 1e300, -1e300, 0.0, 1.0];
    for (first, second) in odd.iter().flat_map(|one| odd.map(|other| (*one, other))) {
        let mut transport = Transport::default();
        for frames in [0, 1, 4096] {
            let block = HostBlock {
                playing: true,
                seconds: Some(first),
                loop_seconds: Some((second, first)),
                tempo: Some(second),
                sample_rate: second,
                frames,
                ..HostBlock::default()
            };
            for step in transport.block(Sync::Host, second, &block).iter() {
                assert!(step.frame < frames.max(1));
                assert!(!matches!(step.action, Move::Seek(seconds) if seconds.is_nan() || seconds < 0.0));
            }
        }
    }
}
