//! Keys while the host's transport stands, and the score that waits meanwhile.

use test_host::host::{Block, Event, Transport};
use test_host::session::{AtEnd, Session};

use crate::common::bench::{Bench, KSMPS, header, session, with_parameter};
use crate::common::{csd, libcsound_is_missing};

/// A bench whose piece follows the host's transport, which stands at `seconds`.
struct Standing {
    bench: Bench,
    seconds: f64,
}

impl Standing {
    fn new(session: &Session) -> Self {
        let state = with_parameter(session, "sync", serde_json::json!({ "string": "host" }));
        let mut new = Self { bench: Bench::with_state(&state), seconds: 0.0 };
        new.step(false, &[]);
        new
    }

    /// One block.
    fn step(&mut self, playing: bool, events: &[Event]) -> Vec<Vec<f32>> {
        let transport = Transport { playing, seconds: self.seconds, tempo: 90.0, looped: None };
        let block = Block { frames: 480, transport: Some(transport), events, ..Block::default() };
        if playing {
            self.seconds += 0.01;
        }
        self.bench.instance.process(block).unwrap().output
    }

    fn steps(&mut self, playing: bool, count: usize) -> Vec<Vec<f32>> {
        let mut heard = vec![Vec::new(); 2];
        for _ in 0..count {
            for (heard, block) in heard.iter_mut().zip(self.step(playing, &[])) {
                heard.extend(block);
            }
        }
        heard
    }
}

/// The level of a key that is struck hardest.
const LEVEL: f32 = 127.0 / 128.0 * 0.5;

fn is_silent(samples: &[f32]) -> bool {
    samples.iter().all(|sample| *sample == 0.0)
}

fn on(frame: u32) -> Event {
    Event::midi(frame, [0x90, 60, 127])
}

fn off(frame: u32) -> Event {
    Event::midi(frame, [0x80, 60, 0])
}

#[test]
fn keys_play_while_the_transport_stands_and_the_score_waits() {
    if libcsound_is_missing() {
        return;
    }
    let (mut played, mut untouched) = (Standing::new(&session()), Standing::new(&session()));
    let heard = played.step(false, &[on(7 * KSMPS as u32)]);
    assert!(heard[1][..7 * KSMPS + KSMPS - 1].iter().all(|sample| *sample == 0.0));
    assert!(heard[1][8 * KSMPS] > 0.0 && heard[1][479] == LEVEL, "on its k-cycle");
    assert!(is_silent(&heard[0]), "the score waits");
    let heard = played.steps(false, 20);
    assert!(heard[1].iter().all(|sample| *sample == LEVEL) && is_silent(&heard[0]));
    played.step(false, &[off(0)]);
    assert!(is_silent(&played.steps(false, 20)[1]));
    untouched.steps(false, 42);
    let [played, untouched] = [&mut played, &mut untouched].map(|bench| bench.steps(true, 100));
    assert!(untouched[0].iter().any(|sample| *sample > 0.0));
    assert!(played == untouched, "the score begins as if nobody had played");
}

#[test]
fn the_score_goes_on_where_it_waited() {
    if libcsound_is_missing() {
        return;
    }
    let mut standing = Standing::new(&session());
    standing.steps(true, 100);
    standing.step(false, &[]);
    assert!(is_silent(&standing.step(false, &[])[0]));
    let heard = standing.step(false, &[on(0)]);
    assert!(heard[1][479] == LEVEL && is_silent(&heard[0]), "what the score had begun is not heard");
    standing.step(false, &[off(0)]);
    standing.steps(false, 10);
    let heard = standing.steps(true, 2);
    let clock = f64::from(heard[0][959]) * 1000.0;
    assert!((clock - 1.02).abs() < 0.002, "it goes on at {clock}");
    standing.seconds = 30.0;
    let heard = standing.steps(true, 2);
    let clock = f64::from(heard[0][959]) * 1000.0;
    assert!((clock - 30.02).abs() < 0.002, "it follows to {clock}");
}

#[test]
fn what_the_header_began_sounds_before_and_after_the_start() {
    if libcsound_is_missing() {
        return;
    }
    let body = "massign 0, 2\nga1 init 0\nschedule 9, 0, -1\ninstr 1\nga1 += 0.25\nendin\n\
        instr 2\nga1 += 0.5\nendin\ninstr 9\nouts ga1, ga1\nga1 = 0\nendin\n";
    let text = csd("", &header(KSMPS), body, "i 1 0 0.05\ni 1 0.1 1\ne");
    let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("mixer.csd", text) };
    let mut standing = Standing::new(&session);
    standing.step(false, &[on(0)]);
    let heard = standing.steps(false, 300);
    assert!(heard[0].iter().all(|sample| *sample == 0.5), "only the key is heard, and goes on");
    standing.step(false, &[off(0)]);
    assert!(is_silent(&standing.steps(false, 3)[0]));
    let heard = standing.steps(true, 12);
    let at = |seconds: f64| heard[0][(seconds * 48_000.0) as usize + KSMPS];
    assert_eq!([at(0.0), at(0.04), at(0.07), at(0.11)], [0.25, 0.25, 0.0, 0.25]);
}

#[test]
fn a_score_with_an_end_waits_and_begins_with_the_transport() {
    if libcsound_is_missing() {
        return;
    }
    for at_end in [AtEnd::Stop, AtEnd::Loop] {
        for (rest, is_heard) in [("i 1 60 1\n", true), ("", false)] {
            let body = "massign 0, 2\ninstr 1\na1 = 0.25\na2 = 0\nouts a1, a2\nendin\n\
                instr 2\na1 = 0\na2 = 0.5\nouts a1, a2\nendin\n";
            let text = csd("", &header(KSMPS), body, &format!("i 1 0 0.05\n{rest}e"));
            let mut standing = Standing::new(&Session { at_end, ..Session::from_csd("short.csd", text) });
            let heard = standing.step(false, &[on(0)]);
            assert!(is_silent(&heard[0]) && (heard[1][479] == 0.5 || !is_heard));
            standing.step(false, &[off(0)]);
            assert!(is_silent(&standing.steps(false, 100)[0]));
            assert_eq!(standing.steps(true, 3)[0][1000], 0.25, "{at_end:?} {rest:?}");
        }
    }
}

#[test]
fn without_the_hosts_transport_a_paused_piece_has_no_keys() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(960);
    let pause = [bench.set(0, "play", 0.0)];
    bench.block(480, &pause);
    bench.block(480, &[on(0)]);
    assert!(is_silent(&bench.play(960)[1]));
}
