//! What the project wants to reach, and whether it does. Pure.

use csound_library::Generation;
use serde::Serialize;

use super::compare::{Compared, Who};
use super::crowds::{Crowded, Many};
use super::results::{Parts, Results};
use test_host::measure::figures::Spread;
use test_host::measure::job::{Crowd, EngineStart, HandOver, PanelFrames, Scanned, Took, Way};
use test_host::measure::pieces::Weight;

/// Instances for which there are goals.
const MANY: usize = 32;

/// Whether a goal is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// It is.
    Met,
    /// It is not.
    FallsShort,
    /// Nobody has looked.
    NotMeasured,
}

/// A goal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// Of what.
    pub what: String,
    /// What is wanted.
    pub wanted: String,
    /// What was measured.
    pub measured: String,
    /// Whether that is enough.
    pub verdict: Verdict,
}

/// The goals, and how the results stand to them. Medians decide.
pub fn goals(results: &Results) -> Vec<Goal> {
    let mut goals = by(results, Generation::Six);
    goals.extend(scans(&results.scans));
    goals.extend(panels(results.panel.as_ref()));
    // The same bounds, over a raw loop of the same library.
    let by_seven = |goal: Goal| Goal { what: format!("Csound 7: {}", goal.what), ..goal };
    goals.extend(by(results, Generation::Seven).into_iter().map(by_seven));
    goals
}

/// Those of one Csound.
fn by(results: &Results, generation: Generation) -> Vec<Goal> {
    let parts = results.parts(generation);
    let mut goals = ratios(&results.compared, generation, "without pause");
    goals.push(trivial(&results.compared, generation));
    goals.extend(ratios(&results.paced, generation, "paced"));
    goals.extend(crowd(&results.crowds, generation));
    goals.extend(hand_overs(&parts.hand_over));
    goals.extend(starts(parts));
    goals
}

fn hand_overs(rows: &[HandOver]) -> Vec<Goal> {
    let mut goals = Vec::new();
    for paced in [true, false] {
        let row = rows.iter().find(|row| row.piece == Weight::Empty && row.paced == paced);
        let how = if paced { "at a sound card's pace" } else { "in a row" };
        let goal = |which: &str, measured: Option<f64>, most: f64| {
            at_most(format!("hand-over {how}, {which}"), measured, most, " us", 1)
        };
        goals.push(goal("median", row.map(|row| row.beyond.median), 5.0));
        goals.push(goal("p99.9", row.map(|row| row.beyond.p999), 50.0));
    }
    goals
}

/// Those for the time over a raw loop.
fn ratios(rows: &[Compared], generation: Generation, pace: &str) -> Vec<Goal> {
    let mut goals = Vec::new();
    let bounds = [
        (Who::InProcess(64), 1.01),
        (Who::InProcess(512), 1.01),
        (Who::Isolated(64), 1.03),
        (Who::Isolated(512), 1.01),
    ];
    for (who, most) in bounds {
        let row = find(rows, generation, Weight::Moderate, who);
        let what = |figure: &str| format!("{figure} over raw, {pace}: moderate, {}", who.name());
        goals.push(at_most(what("time"), row.map(|row| row.wall.median), most, "", 4));
        goals.push(at_most(what("CPU"), row.map(|row| row.cpu.median), most, "", 4));
    }
    goals
}

fn trivial(rows: &[Compared], generation: Generation) -> Goal {
    let row = find(rows, generation, Weight::Trivial, Who::InProcess(512));
    let what = "time beyond raw, without pause: trivial, plugin in-process, blocks of 512";
    at_most(what.to_owned(), row.map(|row| row.beyond.median), 2.0, " ns a frame", 2)
}

fn find(rows: &[Compared], generation: Generation, piece: Weight, who: Who) -> Option<&Compared> {
    rows.iter().find(|row| (row.generation, row.piece, row.who) == (generation, piece, who))
}

/// Those for many instances.
fn crowd(rows: &[Crowded], generation: Generation) -> [Goal; 2] {
    let is_it = |row: &&Crowded| (row.generation, row.count, row.many) == (generation, MANY, Many::Isolated);
    let row = rows.iter().find(is_it);
    let what = |figure: &str| format!("{figure} of {MANY} instances, isolated, over {MANY} raw loops");
    [
        at_most(what("time"), row.map(|row| row.wall.median), 1.05, "", 4),
        at_most(what("CPU"), row.map(|row| row.cpu.median), 1.05, "", 4),
    ]
}

/// Those of a host's scan.
fn scans(scans: &[Scanned]) -> Vec<Goal> {
    let times = (!scans.is_empty()).then(|| Spread::of(scans.iter().map(|scan| scan.described)).median);
    let most = |of: fn(&Scanned) -> usize| scans.iter().map(of).max().map(|most| most as f64);
    vec![
        at_most("a scan of the plugin, median".to_owned(), times, 10.0, " ms", 1),
        at_most("processes that a scan starts".to_owned(), most(|scan| scan.processes), 0.0, "", 0),
        at_most(
            "Csound libraries that a scan loads".to_owned(),
            most(|scan| usize::from(scan.loads_csound)),
            0.0,
            "",
            0,
        ),
    ]
}

/// Those of a panel: thirty frames a second of one processor.
fn panels(panel: Option<&PanelFrames>) -> [Goal; 3] {
    let goal = |what: &str, measured: Option<f64>, most: f64, unit: &str| {
        at_most(what.to_owned(), measured, most, unit, 1)
    };
    let of = |figure: fn(&PanelFrames) -> f64| panel.map(figure);
    [
        goal(
            "a frame of a panel of 300 widgets, in software",
            of(|row| row.milliseconds.median),
            33.0,
            " ms",
        ),
        goal("the panel after a change by the piece", of(|row| row.changed.median), 33.0, " ms"),
        goal("frames of it in which nothing changes", of(|row| row.drawn as f64), 0.0, ""),
    ]
}

/// Goals of isolated pieces: how soon they are there, and what they take.
fn starts(parts: &Parts) -> Vec<Goal> {
    let median = |took: &Took| took.milliseconds.median;
    let loaded = |rows: &[Took]| rows.iter().find(|row| row.piece == Weight::Trivial).map(median);
    let takes = |rows: &[Crowd]| {
        rows.iter().find(|crowd| crowd.count == MANY).map(|crowd| crowd.engine / (1 << 20) as f64)
    };
    // A kill after which no sound came is no time.
    let back = |row: &Option<Took>, of: fn(&Took) -> f64| {
        row.as_ref().map(|took| if took.failed == 0 { of(took) } else { f64::INFINITY })
    };
    let programs = &parts.programs;
    let goal = |what: &str, measured: Option<f64>, most: f64, unit: &str| {
        at_most(what.to_owned(), measured, most, unit, 1)
    };
    let mut goals = engine_starts(&parts.start).to_vec();
    goals.extend([
        goal("from a loaded state to sound, trivial, isolated", loaded(&parts.reload[0]), 15.0, " ms"),
        goal("the same without a nursery", loaded(&programs.reload), 25.0, " ms"),
        goal("memory of a piece, 32 instances, isolated", takes(&parts.instances[0]), 8.0, " MB"),
        goal("the same without a nursery", takes(&programs.instances), 10.0, " MB"),
        goal("sound after kill -9, median", back(&parts.kill, median), 30.0, " ms"),
        goal("the same without a nursery", back(&programs.kill, median), 100.0, " ms"),
        goal("sound after kill -9, the longest", back(&parts.kill, |took| took.worst), 1000.0, " ms"),
    ]);
    goals
}

/// Goals for the start of an engine's process.
fn engine_starts(rows: &[EngineStart]) -> [Goal; 2] {
    let started = |way: Way| {
        let start = rows.iter().find(|start| start.way == way);
        start.map(|start| start.took.milliseconds.median)
    };
    let goal = |what: &str, way: Way, most: f64| at_most(what.to_owned(), started(way), most, " ms", 1);
    [
        goal("start of an engine process from a nursery, trivial", Way::Nursery, 15.0),
        goal("the same as a program", Way::Program, 25.0),
    ]
}

fn at_most(what: String, measured: Option<f64>, most: f64, unit: &str, digits: usize) -> Goal {
    let verdict = match measured {
        Some(measured) if measured <= most => Verdict::Met,
        Some(_) => Verdict::FallsShort,
        None => Verdict::NotMeasured,
    };
    let measured = measured.map_or("-".to_owned(), |measured| format!("{measured:.digits$}{unit}"));
    Goal { what, wanted: format!("<= {most}{unit}"), measured, verdict }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_missed_or_not_measured() {
        let mut results = Results::default();
        assert!(goals(&results).iter().all(|goal| goal.verdict == Verdict::NotMeasured));
        let mut took =
            Took { piece: Weight::Trivial, milliseconds: Spread::default(), worst: 900.0, failed: 0 };
        let verdict = |results: &Results| {
            let goals = goals(results);
            goals.iter().find(|goal| goal.what == "sound after kill -9, the longest").unwrap().verdict
        };
        results.six.kill = Some(took.clone());
        assert_eq!(verdict(&results), Verdict::Met);
        took.failed = 1;
        results.six.kill = Some(took);
        assert_eq!(verdict(&results), Verdict::FallsShort);
    }

    #[test]
    fn a_scan_that_starts_or_loads_anything_falls_short() {
        let clean = Scanned { described: 2.0, created: 5.0, loads_csound: false, processes: 0 };
        let verdicts = |scan| scans(&[clean, scan]).into_iter().map(|goal| goal.verdict).collect::<Vec<_>>();
        let (met, short) = (Verdict::Met, Verdict::FallsShort);
        assert_eq!(verdicts(clean), [met, met, met]);
        assert_eq!(verdicts(Scanned { processes: 1, ..clean }), [met, short, met]);
        assert_eq!(verdicts(Scanned { loads_csound: true, ..clean }), [met, met, short]);
        assert_eq!(verdicts(Scanned { described: 30.0, ..clean }), [short, met, met]);
    }

    #[test]
    fn each_csound_and_each_pace_has_its_own_goals() {
        let spread = |median: f64| Spread { median, count: 1, ..Spread::default() };
        let row = |generation, wall: f64| Compared {
            piece: Weight::Moderate,
            generation,
            who: Who::Isolated(64),
            wall: spread(wall),
            cpu: spread(1.0),
            per_frame: spread(1.0),
            beyond: spread(0.0),
            over_six: None,
            block: None,
        };
        let results = Results {
            compared: vec![row(Generation::Six, 1.02), row(Generation::Seven, 1.04)],
            paced: vec![row(Generation::Six, 1.05)],
            crowds: vec![Crowded {
                generation: Generation::Seven,
                count: MANY,
                many: Many::Isolated,
                wall: spread(1.2),
                cpu: spread(1.04),
                per_frame: spread(1.0),
            }],
            ..Results::default()
        };
        let goals = goals(&results);
        let verdict = |what: &str| goals.iter().find(|goal| goal.what == what).unwrap().verdict;
        let time = "over raw, without pause: moderate, plugin isolated, blocks of 64";
        assert_eq!(verdict(&format!("time {time}")), Verdict::Met);
        assert_eq!(verdict(&format!("Csound 7: time {time}")), Verdict::FallsShort);
        let paced = time.replace("without pause", "paced");
        assert_eq!(verdict(&format!("time {paced}")), Verdict::FallsShort);
        assert_eq!(verdict(&format!("CPU {paced}")), Verdict::Met);
        assert_eq!(verdict(&format!("Csound 7: CPU {paced}")), Verdict::NotMeasured);
        let many = "of 32 instances, isolated, over 32 raw loops";
        assert_eq!(verdict(&format!("Csound 7: time {many}")), Verdict::FallsShort);
        assert_eq!(verdict(&format!("Csound 7: CPU {many}")), Verdict::Met);
        assert_eq!(verdict(&format!("CPU {many}")), Verdict::NotMeasured);
    }
}
