//! What the project wants to reach, and whether it does. Pure.

use csound_library::Generation;
use serde::Serialize;

use super::compare::Who;
use super::results::Results;
use test_host::measure::job::{Crowd, EngineStart, HandOver, Took, Way};
use test_host::measure::pieces::Weight;

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
    let mut goals = ratios(results, Generation::Six);
    for paced in [false, true] {
        let is_it = |row: &&HandOver| row.piece == Weight::Empty && row.paced == paced;
        let row = results.hand_over.iter().find(is_it);
        let how = if paced { "at a sound card's pace" } else { "in a row" };
        goals.push(at_most(
            format!("hand-over {how}, median"),
            row.map(|row| row.beyond.median),
            10.0,
            " us",
            1,
        ));
        goals.push(at_most(
            format!("hand-over {how}, p99.9"),
            row.map(|row| row.beyond.p999),
            50.0,
            " us",
            1,
        ));
    }
    goals.extend(starts(results));
    goals.extend(ratios(results, Generation::Seven).into_iter().map(by_seven));
    goals.extend(engine_starts(&results.start_by_seven).map(by_seven));
    goals.push(back_within_a_second(results.kill.as_ref()));
    goals
}

/// A goal of Csound 7's: the same bounds, over a raw loop of the same library.
fn by_seven(goal: Goal) -> Goal {
    Goal { what: format!("Csound 7: {}", goal.what), ..goal }
}

/// Those for the time over a raw loop.
fn ratios(results: &Results, generation: Generation) -> Vec<Goal> {
    let rows = results.compared.iter().filter(|row| row.generation == generation);
    let compared = |piece: Weight, who: Who| rows.clone().find(|row| row.piece == piece && row.who == who);
    let mut goals = Vec::new();
    let bounds = [
        (Who::InProcess(64), 1.01),
        (Who::InProcess(512), 1.01),
        (Who::Isolated(64), 1.03),
        (Who::Isolated(512), 1.01),
    ];
    for (who, most) in bounds {
        let row = compared(Weight::Moderate, who);
        let what = |figure: &str| format!("{figure} over the raw loop: moderate, {}", who.name());
        goals.push(at_most(what("time"), row.map(|row| row.wall.median), most, "", 4));
        goals.push(at_most(what("CPU time"), row.map(|row| row.cpu.median), most, "", 4));
    }
    let trivial = compared(Weight::Trivial, Who::InProcess(512)).map(|row| row.beyond.median);
    let what = "time beyond the raw loop: trivial, plugin in-process, blocks of 512";
    goals.push(at_most(what.to_owned(), trivial, 2.0, " ns a frame", 2));
    goals
}

/// Goals of isolated pieces: how soon they are there, and what they take.
fn starts(results: &Results) -> Vec<Goal> {
    let median = |took: &Took| took.milliseconds.median;
    let loaded = |rows: &[Took]| rows.iter().find(|row| row.piece == Weight::Trivial).map(median);
    let takes = |rows: &[Crowd]| {
        rows.iter().find(|crowd| crowd.count == 32).map(|crowd| crowd.engine / (1 << 20) as f64)
    };
    let back = |row: &Option<Took>| row.as_ref().map(median);
    let programs = &results.programs;
    let goal = |what: &str, measured: Option<f64>, most: f64, unit: &str| {
        at_most(what.to_owned(), measured, most, unit, 1)
    };
    let mut goals = engine_starts(&results.start).to_vec();
    goals.extend([
        goal(
            "from a loaded state to the first block, trivial, isolated",
            loaded(&results.reload[0]),
            15.0,
            " ms",
        ),
        goal("memory of a piece, 32 instances, isolated", takes(&results.instances[0]), 8.0, " MB"),
        goal("the same without a nursery", takes(&programs.instances), 10.0, " MB"),
        goal("sound after kill -9, median", back(&results.kill), 30.0, " ms"),
        goal("the same without a nursery", back(&programs.kill), 100.0, " ms"),
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

fn back_within_a_second(kill: Option<&Took>) -> Goal {
    let worst = kill.map(|took| if took.failed == 0 { took.worst } else { f64::INFINITY });
    at_most("sound after kill -9, the longest".to_owned(), worst, 1000.0, " ms", 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_host::measure::figures::Spread;

    #[test]
    fn a_goal_is_met_missed_or_not_measured() {
        let mut results = Results::default();
        assert!(goals(&results).iter().all(|goal| goal.verdict == Verdict::NotMeasured));
        let mut took =
            Took { piece: Weight::Trivial, milliseconds: Spread::default(), worst: 900.0, failed: 0 };
        results.kill = Some(took.clone());
        assert_eq!(goals(&results).pop().unwrap().verdict, Verdict::Met);
        took.failed = 1;
        results.kill = Some(took);
        assert_eq!(goals(&results).pop().unwrap().verdict, Verdict::FallsShort);
    }
}
