//! What *Auto* has come to stays, whatever the host does and whatever becomes of the piece: a host's rate, an offline
//! render and a killed engine are no time to try the other Csound.

use std::path::Path;
use std::time::{Duration, Instant};

use csound_performer::plugin::pieces::files::read_piece;
use csound_performer::plugin::pieces::trust::Trust;
use rustix::process::Signal;
use serde_json::json;
use test_host::host::{Host, INSTRUMENT, Instance};
use test_host::processes::{children, is_alive, is_nursery};
use test_host::session::{AtEnd, Session, error_of, session_of};
use test_host::testing::{alone_with, both_csounds};
use test_host::tools::csound_is_missing;

use crate::common::bench::state_with;
use crate::common::{block, csd, plugin, signal};

/// What both Csounds take, and what only one of them does: by the number of that.
const BY_BOTH: &str = "klevel = 0.25\n";
const BY_ONE: [(u8, &str); 2] = [(6, "true = 1\nklevel = 0.25\n"), (7, "level:k = 0.25\nklevel = level\n")];

/// A piece whose orchestra is partly in another file.
struct Piece<'a> {
    folder: &'a Path,
}

impl Piece<'_> {
    fn new(folder: &Path) -> Piece<'_> {
        let body = "instr 1\n#include \"part.inc\"\nouts a(klevel), a(klevel)\nendin\n";
        let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 2\n", body, "i 1 0 3600\n");
        std::fs::write(folder.join("piece.csd"), text).unwrap();
        let piece = Piece { folder };
        // The user lets it read its folder, whatever is in it.
        for part in BY_ONE.map(|(_, part)| part).into_iter().chain([BY_BOTH]) {
            piece.becomes(part);
            let own = read_piece(&folder.join("piece.csd")).unwrap();
            Trust::change(|trust| {
                trust.choose(&own);
                Ok(())
            })
            .unwrap();
        }
        piece
    }

    fn becomes(&self, part: &str) {
        std::fs::write(self.folder.join("part.inc"), part).unwrap();
    }

    fn session(&self) -> Session {
        Session {
            at_end: AtEnd::Keep,
            csound: None,
            ..Session::from_file(&self.folder.join("piece.csd")).unwrap()
        }
    }
}

/// The engines of this process, each with the number of the Csound that it has loaded.
fn engines() -> Vec<(i32, u8)> {
    let living = children().into_iter().filter(|child| !is_nursery(*child) && is_alive(*child));
    living.filter_map(|child| csound_of(child).map(|csound| (child, csound))).collect()
}

/// The Csound of a process; none while it has not loaded one.
fn csound_of(process: i32) -> Option<u8> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let library = maps.lines().find(|line| line.contains("/libcsound64"))?;
    let number = library.split(".so.").nth(1)?.split('.').next()?;
    Some(number.parse().unwrap())
}

/// What is heard of an instance, and by which Csounds: no engine of another one may be there.
#[derive(Debug, PartialEq)]
struct Found {
    level: f32,
    csounds: Vec<u8>,
}

fn found(instance: &mut Instance) -> Found {
    for _ in 0..8 {
        block(instance, 512, &[]);
    }
    let level = block(instance, 512, &[]).output[0][511];
    Found { level, csounds: engines().into_iter().map(|(_, csound)| csound).collect() }
}

/// Something that a host does, or that happens.
#[derive(Clone, Copy, Debug)]
enum Change {
    Rate,
    Bounce,
    Killed,
}

/// An instance, and how it is performed.
struct Performed {
    instance: Instance,
    rate: f64,
    is_offline: bool,
}

impl Performed {
    fn new(host: &Host, state: &[u8]) -> Self {
        let mut instance = Instance::new(host, INSTRUMENT).unwrap();
        instance.load_state(state).unwrap();
        let mut performed = Self { instance, rate: 48_000.0, is_offline: false };
        performed.begin();
        performed
    }

    fn begin(&mut self) {
        self.instance.activate(self.rate, 1, 512).unwrap();
        self.instance.settle().unwrap();
        self.instance.start().unwrap();
    }

    fn again(&mut self) {
        self.instance.stop().unwrap();
        self.instance.deactivate();
        self.instance.set_offline(self.is_offline).unwrap();
        self.begin();
    }

    fn undergo(&mut self, change: Change) {
        match change {
            Change::Rate => {
                self.rate = if self.rate == 48_000.0 { 44_100.0 } else { 48_000.0 };
                self.again();
            }
            Change::Bounce => {
                // A bounce is rendered at a rate of its own.
                self.rate = if self.rate == 96_000.0 { 48_000.0 } else { 96_000.0 };
                self.is_offline = !self.is_offline;
                self.again();
            }
            Change::Killed => {
                let [(engine, _)] = engines()[..] else { panic!("{:?}", engines()) };
                signal(engine.cast_unsigned(), Signal::KILL);
                self.until("it has ended", |_| !is_alive(engine));
            }
        }
    }

    fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Instance) -> bool) {
        let began = Instant::now();
        while !is_so(&mut self.instance) {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
            block(&mut self.instance, 512, &[]);
            std::thread::sleep(Duration::from_millis(11));
        }
    }

    fn error(&mut self) -> Option<String> {
        error_of(&self.instance.save_state().unwrap()).unwrap()
    }
}

#[test]
fn no_rate_no_bounce_and_no_killed_engine_has_auto_try_the_other_csound() {
    let test = "csounds::kept::no_rate_no_bounce_and_no_killed_engine_has_auto_try_the_other_csound";
    let home = tempfile::tempdir().unwrap();
    let Some(both) = both_csounds().filter(|_| !csound_is_missing()) else { return };
    let environment = [
        (csound_library::VARIABLE, both.as_os_str()),
        ("CSOUND_PERFORMER_ISOLATION", "on".as_ref()),
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
    ];
    if !alone_with(test, &environment) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let piece = Piece::new(folder.path());
    let host = Host::load(plugin()).unwrap();
    for (csound, of_other) in [(6, BY_ONE[1].1), (7, BY_ONE[0].1)] {
        for change in [Change::Rate, Change::Bounce, Change::Killed] {
            let what = format!("Csound {csound}, {change:?}");
            piece.becomes(BY_BOTH);
            let state = state_with(&piece.session(), |_, own| {
                own["csound"] = "auto".into();
                own["csound_of_auto"] = csound.into();
            });
            let mut performed = Performed::new(&host, &state);
            let plays = Found { level: 0.25, csounds: vec![csound] };
            assert_eq!(found(&mut performed.instance), plays, "{what}: {:?}", performed.error());
            // The piece is as it was.
            performed.undergo(change);
            performed.until("it plays again", |instance| found(instance) == plays);
            // It fails by its Csound now, and only the other one would take it.
            piece.becomes(of_other);
            performed.undergo(change);
            performed.until("it is told", |instance| {
                error_of(&instance.save_state().unwrap()).unwrap().is_some_and(|why| why.contains("compile"))
            });
            // The engine from before may be there still, unused.
            let Found { level, csounds } = found(&mut performed.instance);
            assert_eq!(level, 0.0, "{what}: {:?}", performed.error());
            assert!(csounds.iter().all(|engine| *engine == csound), "{what}: {csounds:?}");
            let saved = session_of(&performed.instance.save_state().unwrap()).unwrap();
            assert_eq!(
                (&saved["csound"], &saved["csound_of_auto"]),
                (&json!("auto"), &json!(csound)),
                "{what}: {:?}",
                performed.error()
            );
            // Whoever opens the project finds it so, and once it is mended it plays by its own.
            piece.becomes(BY_BOTH);
            performed.undergo(Change::Rate);
            performed.until("it plays once it is mended", |instance| found(instance) == plays);
        }
    }
}
