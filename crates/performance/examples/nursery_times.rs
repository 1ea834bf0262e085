use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::*;
use std::time::Instant;
fn main() {
    let text = "<CsoundSynthesizer>\n<CsInstruments>\nsr=48000\nksmps=32\nnchnls=2\n0dbfs=1\ninstr 1\na1 oscili 0.2, 440\nouts a1,a1\nendin\n</CsInstruments>\n<CsScore>\ni1 0 100\n</CsScore></CsoundSynthesizer>";
    let spec = PieceSpec::new(
        Piece { name: "p.csd".into(), source: Source::Csd(text.into()), folder: None },
        48000.0,
    );
    let options = Options::new(std::env::args().nth(1).unwrap().into(), Some(Confinement::default()));
    let mut all = Vec::new();
    for _ in 0..12 {
        let began = Instant::now();
        let mut lines = Vec::new();
        let e = RemoteEngine::start(&spec, &options, &mut |l| lines.push((began.elapsed(), l.text)));
        let took = began.elapsed();
        let e = e.unwrap().engine;
        let id = e.handle().process_id();
        if all.is_empty() {
            println!("{:?}", std::fs::read_to_string(format!("/proc/{id}/comm")));
            for l in lines {
                println!("{:?}", l);
            }
            let ch = std::process::Command::new("ps").args(["-eo", "pid,ppid,comm,args"]).output().unwrap();
            for l in String::from_utf8_lossy(&ch.stdout).lines().filter(|l| l.contains("csound-perf")) {
                println!("{l}");
            }
        }
        all.push(took);
        drop(e);
    }
    println!("{all:?}");
}
