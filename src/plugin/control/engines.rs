//! Which kind of engine performs a piece, and making it. Isolated and confined, unless the user
//! trusts the piece; in this process only where the user wants that of a trusted piece, or of all.

use std::sync::Arc;

use csound_cabbage::Change;
use csound_cabbage::table::Stroke;
use csound_library::CsoundHandle;
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::piece::Piece;
#[cfg(target_os = "linux")]
use csound_performance::engine::protocol::{self, Confinement};
#[cfg(target_os = "linux")]
use csound_performance::engine::remote::{self, EngineHandle, RemoteEngine};
use csound_performance::engine::{
    Abandoned, ActiveInstrument, ConsoleLine, Engine, Exchange, PieceSpec, Shown, StartError,
};

use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::{FolderAccess, Granted, Network};

/// The environment variable that, set to `off`, performs every piece in the host's process.
const ISOLATION_VARIABLE: &str = "CSOUND_PERFORMER_ISOLATION";

/// What is known about a running engine from outside the audio thread.
#[derive(Clone)]
pub enum RunningEngine {
    /// It is in this process.
    Local(CsoundHandle, Option<Arc<Exchange>>),
    /// It is a process.
    #[cfg(target_os = "linux")]
    Remote(EngineHandle),
}

impl RunningEngine {
    /// What the engine said since the last call.
    pub fn drain(&self) -> Vec<ConsoleLine> {
        match self {
            Self::Local(csound, _) => {
                let mut lines = Vec::new();
                csound.drain_messages(|message| lines.push(ConsoleLine::from(message)));
                lines
            }
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.drain_console(),
        }
    }

    /// What the piece has changed of its widgets since the last call.
    pub fn take_changes(&self) -> Vec<Change> {
        match self {
            Self::Local(_, panel) => panel.as_ref().map(|panel| panel.take()).unwrap_or_default(),
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.take_changes(),
        }
    }

    /// Has the engine count the instruments that sound, or no longer. One in this process does not: it performs on the
    /// host's audio thread, which takes no memory.
    ///
    /// # Errors
    /// The engine is no more.
    pub fn count_active(&self, is_wanted: bool) -> std::io::Result<()> {
        match self {
            Self::Local(..) => Ok(()),
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.count_active(is_wanted),
        }
    }

    /// The instruments that sounded when it counted last.
    pub fn active(&self) -> Arc<[ActiveInstrument]> {
        match self {
            Self::Local(..) => Arc::default(),
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.active(),
        }
    }

    /// How the engine ended, once, if nobody asked it to.
    pub fn take_end(&self) -> Option<String> {
        match self {
            Self::Local(..) => None,
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.take_end(),
        }
    }

    /// Whether the engine has ended, whoever was told of it.
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Local(..) => false,
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.has_ended(),
        }
    }

    /// Score time in seconds after all that it has performed, where that is known apart from the audio thread.
    pub fn score_time(&self) -> Option<f64> {
        match self {
            Self::Local(..) => None,
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => Some(engine.score_time()),
        }
    }

    /// Has `tell` called once the engine has ended and [`RunningEngine::take_end`] says how.
    pub fn at_end(&self, tell: impl Fn() + Send + Sync + 'static) {
        match self {
            // What ends in this process ends the process.
            Self::Local(..) => drop(tell),
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.at_end(tell),
        }
    }

    /// Sets a string channel.
    ///
    /// # Errors
    /// The engine is no more.
    pub fn set_text(&self, name: &str, text: &str) -> std::io::Result<()> {
        match self {
            Self::Local(csound, _) => {
                // A piece without such a channel has no use for it.
                csound.set_string_channel(name, text);
                Ok(())
            }
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.set_string_channel(name, text),
        }
    }

    /// Has a stroke drawn into a table that the panel shows.
    ///
    /// # Errors
    /// The engine is no more.
    pub fn draw(&self, stroke: Stroke) -> std::io::Result<()> {
        match self {
            Self::Local(_, panel) => {
                // Where too many wait nothing performs, and nobody sees what is drawn.
                let _ = panel.as_ref().map(|panel| panel.draw(stroke));
                Ok(())
            }
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.draw(stroke),
        }
    }

    /// Ends an engine in a process of its own, without a report of that.
    pub fn end(&self) {
        match self {
            // What is in this process ends when it is dropped.
            Self::Local(..) => {}
            #[cfg(target_os = "linux")]
            Self::Remote(engine) => engine.end(),
        }
    }

    /// The Csound instance, where it lives in this process.
    pub fn csound(&self) -> Option<CsoundHandle> {
        match self {
            Self::Local(csound, _) => Some(csound.clone()),
            #[cfg(target_os = "linux")]
            Self::Remote(_) => None,
        }
    }
}

/// What the engine processes of this host come from, where there are any. Starts nothing by itself: an instance
/// keeps it, so that the next engine is there as soon as the last.
pub struct Nurseries {
    #[cfg(target_os = "linux")]
    _kept: Option<remote::Nurseries>,
}

impl Nurseries {
    /// Those of this host, for all of its instances.
    pub fn of_this_process() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            _kept: remote::Nurseries::if_wanted(),
        }
    }
}

/// A started engine.
pub struct Made {
    /// The engine.
    pub engine: Box<dyn Engine>,
    /// What its piece showed.
    pub shown: Shown,
    /// For the console.
    pub running: RunningEngine,
}

/// Whether a piece can be let talk to programs on this machine alone, else why not.
///
/// # Errors
/// What this system lacks, for the user.
pub fn offers_machine_network() -> Result<(), String> {
    #[cfg(target_os = "linux")]
    return remote::offers_machine_network();
    #[cfg(not(target_os = "linux"))]
    Err("this system has no confined engines".to_owned())
}

/// How a piece is to be performed, by what the user lets it do and wants. `in_process` is the
/// instance's setting.
pub fn plan(granted: &Granted, in_process: bool) -> Plan {
    if std::env::var_os(ISOLATION_VARIABLE).is_some_and(|word| word == "off") {
        return Plan::InProcess;
    }
    match granted.permissions.trusted {
        true if in_process || !cfg!(target_os = "linux") => Plan::InProcess,
        trusted => Plan::Isolated { trusted },
    }
}

/// Whether a piece that is performed so performs in this process: also one that the user trusts, where there is no program
/// for one of its own.
pub fn is_in_process(plan: Plan) -> bool {
    match plan {
        Plan::InProcess => true,
        Plan::Isolated { trusted } => trusted && !has_program(),
    }
}

/// How long a piece may take, to start and while it performs.
#[derive(Clone, Debug)]
pub struct Patience {
    /// At most so long.
    pub limit: std::time::Duration,
    /// Once it performs offline, it may not get on for so long.
    pub hang: std::time::Duration,
    /// Until nobody waits for it any more. A piece in this process cannot be given up.
    pub abandoned: Abandoned,
}

/// Starts a piece.
///
/// # Errors
/// [`StartError`]; whatever else performs is not touched.
pub fn make(
    spec: &PieceSpec,
    plan: Plan,
    granted: &Granted,
    patience: Patience,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Made, StartError> {
    let Plan::Isolated { trusted } = plan else { return in_process(spec, console) };
    if !trusted && let FolderAccess::Asks(folder) = granted.access(&spec.piece) {
        console(ConsoleLine::note(format!(
            "{} may not read {} yet: allow the folder if the piece needs files from it",
            spec.piece.name,
            folder.display()
        )));
    }
    isolated(spec, trusted, granted, patience, console)
}

/// Starts a piece in a process of its own that is confined whatever the user lets the piece do, to be looked at.
/// It writes into the engine's folder alone, and talks to nobody: what performs may be doing both.
///
/// # Errors
/// [`StartError`]; whatever else performs is not touched.
pub fn make_to_look_at(
    spec: &PieceSpec,
    granted: &Granted,
    patience: Patience,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Made, StartError> {
    isolated(spec, false, &that_only_reads(granted, &spec.piece), patience, console)
}

/// What a piece may read by its permissions, and nothing else of them. One that is trusted reads its folder.
fn that_only_reads(granted: &Granted, piece: &Piece) -> Granted {
    let mut granted = granted.clone();
    let may_read_its_own = granted.permissions.trusted;
    let permissions = &mut granted.permissions;
    permissions.read.append(&mut permissions.write);
    permissions.read.extend(piece.folder.clone().filter(|_| may_read_its_own));
    permissions.network = Network::None;
    permissions.trusted = false;
    granted
}

/// Whether pieces can perform in processes of their own: there is a program for that.
pub fn has_program() -> bool {
    #[cfg(target_os = "linux")]
    return remote::program().is_some();
    #[cfg(not(target_os = "linux"))]
    false
}

fn in_process(spec: &PieceSpec, console: &mut dyn FnMut(ConsoleLine)) -> Result<Made, StartError> {
    let started = LocalEngine::start(spec, console)?;
    let running = RunningEngine::Local(started.engine.handle(), started.engine.panel());
    Ok(Made { engine: Box::new(started.engine), shown: started.shown, running })
}

#[cfg(target_os = "linux")]
fn isolated(
    spec: &PieceSpec,
    trusted: bool,
    granted: &Granted,
    patience: Patience,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Made, StartError> {
    let Some(program) = remote::program() else {
        return without_a_program(spec, trusted, console);
    };
    let confinement = (!trusted).then(|| confinement(granted));
    let Patience { limit, hang, abandoned } = patience;
    let options = remote::Options {
        compile_limit: limit,
        offline_limit: hang,
        abandoned,
        ..remote::Options::new(program, confinement)
    };
    let started = RemoteEngine::start(spec, &options, console)?;
    let running = RunningEngine::Remote(started.engine.handle());
    Ok(Made { engine: Box::new(started.engine), shown: started.shown, running })
}

/// What an engine is told of what its piece may do.
#[cfg(target_os = "linux")]
fn confinement(granted: &Granted) -> Confinement {
    Confinement {
        readable: granted.readable(),
        writable: granted.permissions.write.iter().cloned().collect(),
        network: match granted.permissions.network {
            Network::None => protocol::Network::None,
            // Where that cannot be had, it is not more.
            Network::Machine if offers_machine_network().is_err() => protocol::Network::None,
            Network::Machine => protocol::Network::Machine,
            Network::Any => protocol::Network::Any,
        },
        libraries: granted.libraries.clone(),
        ..Confinement::default()
    }
}

#[cfg(not(target_os = "linux"))]
fn isolated(
    spec: &PieceSpec,
    trusted: bool,
    _granted: &Granted,
    _patience: Patience,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Made, StartError> {
    without_a_program(spec, trusted, console)
}

/// Without an engine program only a trusted piece performs, in this process.
fn without_a_program(
    spec: &PieceSpec,
    trusted: bool,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Made, StartError> {
    if trusted {
        console(ConsoleLine::note("there is no engine program: the piece performs in the host's process"));
        return in_process(spec, console);
    }
    Err(StartError::Process(format!(
        "{} stays silent: the program csound-performer-engine, in which pieces perform safely, is not beside \
         the plugin. Install Csound Performer again, or trust the piece to perform it in the host",
        spec.piece.name
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_piece_performs_in_the_hosts_process() {
        let mut granted = Granted::default();
        for in_process in [false, true] {
            assert_eq!(plan(&granted, in_process), Plan::Isolated { trusted: false });
        }
        granted.permissions.trusted = true;
        assert_eq!(plan(&granted, true), Plan::InProcess);
        if cfg!(target_os = "linux") {
            assert_eq!(plan(&granted, false), Plan::Isolated { trusted: true });
        }
    }

    #[test]
    fn what_is_looked_at_only_reads_what_it_may() {
        let piece = Piece {
            name: "a.csd".into(),
            source: csound_performance::engine::piece::Source::Csd(String::new()),
            folder: Some("/srv/piece".into()),
        };
        let mut granted = Granted { libraries: vec!["libx.so".into()], ..Granted::default() };
        granted.permissions.read.insert("/srv/sounds".into());
        granted.permissions.write.insert("/srv/song".into());
        granted.permissions.network = Network::Any;
        let mut expected = Granted { libraries: granted.libraries.clone(), ..Granted::default() };
        expected.permissions.read.extend(["/srv/sounds".into(), "/srv/song".into()]);
        assert_eq!(that_only_reads(&granted, &piece), expected);
        granted.permissions.trusted = true;
        expected.permissions.read.insert("/srv/piece".into());
        assert_eq!(that_only_reads(&granted, &piece), expected);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_engine_is_told_each_permission_and_no_more() {
        assert_eq!(confinement(&Granted::default()), Confinement::default());
        let mut granted = Granted { libraries: vec!["libx.so".into()], ..Granted::default() };
        granted.permissions.read.insert("/srv/sounds".into());
        granted.permissions.write.insert("/srv/song".into());
        granted.permissions.network = Network::Any;
        let told = confinement(&granted);
        assert_eq!(told.readable, [std::path::PathBuf::from("/srv/sounds")]);
        assert_eq!(told.writable, [std::path::PathBuf::from("/srv/song")]);
        assert_eq!((told.network, told.libraries), (protocol::Network::Any, granted.libraries));
    }
}
