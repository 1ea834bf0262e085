//! What was measured, as text and as JSON: the ratios first, the goals beside them. Pure but for the
//! two files.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use csound_library::Generation;

use super::chart;
use super::compare::{Compared, Who};
use super::goals::{Verdict, goals};
use super::instructions;
use super::results::{Machine, Results};
use test_host::measure::figures::{Latency, Spread};
use test_host::measure::job::{Crowd, EngineStart, Frames, HandOver, Stress, Throughput, Took, Way};
use test_host::measure::pieces::{COMPARED, KSMPS, RATE, Weight};

/// Bytes of a megabyte, as memory is counted.
const MEGABYTE: f64 = (1 << 20) as f64;

/// Writes `report.txt`, `report.json` and `chart.png` into a folder, over existing ones.
///
/// # Errors
/// They cannot be written.
pub fn write(folder: &Path, results: &Results) -> Result<()> {
    let cannot = || format!("the report cannot be written into {}", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    fs::write(folder.join("report.txt"), text(results)).with_context(cannot)?;
    fs::write(folder.join("report.json"), serde_json::to_vec_pretty(&json(results)?)?)
        .with_context(cannot)?;
    chart::write(&folder.join("chart.png"), results)
}

/// The results with the goals and their verdicts.
fn json(results: &Results) -> Result<serde_json::Value> {
    let mut json = serde_json::to_value(results)?;
    json["goals"] = serde_json::to_value(goals(results))?;
    Ok(json)
}

/// The report for a reader.
pub fn text(results: &Results) -> String {
    let sections = [
        ratios(&results.compared, ""),
        ratios(&results.beside, ", beside two busy programs"),
        instructions::section(&results.instructions),
        goals_section(results),
        hand_over(&results.hand_over),
        start(&results.start, ""),
        start(&results.start_by_seven, ", by Csound 7"),
        stress(&results.stress),
        queue(&results.queue),
        editor(&results.editor),
        reload(results),
        instances(&results.instances, &results.programs.instances),
        kill(results),
        about(&results.machine),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Lines under a title; nothing if there are none.
fn section(title: &str, lines: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = lines.into_iter().collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!("{title}\n{}\n", lines.join("\n")),
    }
}

fn ratios(compared: &[Compared], beside: &str) -> String {
    let mut text = String::new();
    let each = COMPARED.into_iter().flat_map(|piece| Generation::ALL.map(|generation| (piece, generation)));
    for (piece, generation) in each {
        let is_its = |row: &&Compared| row.piece == piece && row.generation == generation;
        let rows: Vec<&Compared> = compared.iter().filter(is_its).collect();
        let Some(raw) = rows.iter().find(|row| row.who == Who::Raw) else { continue };
        let title = format!(
            "{generation}, time over a raw loop of csoundPerformKsmps{beside}: {}, {}, ksmps {KSMPS}, {RATE} Hz\n  ({:.2} ns a frame, {:.2} % of \
             real time; median and quartiles of {} rounds)\n  {:36}{:>9}{:>19}{:>12}{:>12}",
            piece.name(),
            piece.description(),
            raw.per_frame.median,
            raw.per_frame.median * RATE * 1e-7,
            raw.per_frame.count,
            "",
            "time",
            "quartiles",
            "CPU time",
            "ns a frame",
        );
        let lines = rows.iter().map(|row| {
            let over_six = row.over_six.map(|spread| {
                format!("   CPU time over Csound 6: {:.3} ({})", spread.median, quartiles(spread, 3))
            });
            format!(
                "  {:36}{:9.4}{:>19}{:12.4}{:+12.2}{}",
                row.who.name(),
                row.wall.median,
                quartiles(row.wall, 4),
                row.cpu.median,
                row.beyond.median,
                over_six.unwrap_or_default()
            )
        });
        // Writing into a text cannot fail.
        let _ = writeln!(text, "{}", section(&title, lines));
    }
    text.trim_end().to_owned() + if text.is_empty() { "" } else { "\n" }
}

fn quartiles(spread: Spread, digits: usize) -> String {
    format!("{:.digits$} - {:.digits$}", spread.lower, spread.upper)
}

fn goals_section(results: &Results) -> String {
    let lines = goals(results).into_iter().map(|goal| {
        let verdict = match goal.verdict {
            Verdict::Met => "met",
            Verdict::FallsShort => "FALLS SHORT",
            Verdict::NotMeasured => "not measured",
        };
        format!("  {:66}{:>16}{:>16}  {verdict}", goal.what, goal.wanted, goal.measured)
    });
    let title = format!("Goals\n  {:66}{:>16}{:>16}", "", "goal", "measured");
    section(&title, lines)
}

fn latency(latency: &Latency) -> String {
    let Latency { median, p99, p999, worst, count } = latency;
    format!("{median:9.1}{p99:9.1}{p999:9.1}{worst:9.1}{count:9}")
}

const LATENCY_HEADS: &str = "   median      p99    p99.9    worst    count";

fn hand_over(rows: &[HandOver]) -> String {
    let title = format!(
        "Hand-over: a turn in an engine process beyond the same turn in this process, us\n  {:42}{LATENCY_HEADS}     late",
        ""
    );
    let line = |row: &HandOver| {
        let pace = if row.paced { "at a sound card's pace" } else { "in a row" };
        let name = format!("{} ({:.1} us a turn), {pace}", row.piece.name(), row.own);
        format!("  {name:42}{}{:9}", latency(&row.beyond), row.late)
    };
    section(&title, rows.iter().map(line))
}

fn start(rows: &[EngineStart], by: &str) -> String {
    let program = rows.first().map_or(0, |row| row.program);
    let title = format!(
        "From the start of an engine process to its first turn{by}, ms (the program has {program} bytes)\n  {:42}{TOOK_HEADS}{:>12}{:>12}",
        "", "MB, own", "MB, share"
    );
    let line = |row: &EngineStart| {
        let how = match row.way {
            Way::Nursery => "confined, from a nursery",
            Way::Program => "confined, as a program",
            Way::Trusted => "trusted, all opcode libraries",
        };
        let (own, share) = (row.own / MEGABYTE, row.share / MEGABYTE);
        format!("{}{own:12.1}{share:12.1}", took(&format!("{}, {how}", row.took.piece.name()), &row.took))
    };
    section(&title, rows.iter().map(line))
}

fn stress(rows: &[Stress]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let title = format!(
        "The audio thread's blocks of {} frames ({:.0} us), {}, us\n  Under stress others reload, record and send 10000 \
         events a second; a reloaded piece begins its notes anew in a block.\n  {:42}{LATENCY_HEADS} overruns     late",
        first.frames,
        first.frames as f64 / RATE * 1e6,
        if first.realtime { "real-time scheduling" } else { "normal priority" },
        ""
    );
    let line = |row: &Stress| {
        let name = format!(
            "{}, {}, {}",
            row.piece.name(),
            match (row.isolated, row.pipelined) {
                (true, true) => "pipelined",
                (true, false) => "isolated",
                (false, _) => "in-process",
            },
            if row.stressed { "stressed" } else { "quiet" },
        );
        let mut line = format!("  {name:42}{}{:9}{:9}", latency(&row.block), row.overruns, row.late);
        if row.stressed {
            let _ = write!(
                line,
                "  ({} reloads, {} events, {} frames recorded)",
                row.reloads, row.events, row.recorded
            );
        }
        line
    };
    section(&title, rows.iter().map(line))
}

fn queue(rows: &[Throughput]) -> String {
    let line = |row: &Throughput| {
        let spread = row.per_second.scaled(1e-6);
        let senders = if row.senders == 1 { "thread" } else { "threads" };
        let name = format!("{} from {} {senders}", row.what, row.senders);
        format!("  {name:42}{:9.2}{:>19}", spread.median, quartiles(spread, 2))
    };
    section("Commands through the queue, millions a second, with quartiles", rows.iter().map(line))
}

fn editor(rows: &[Frames]) -> String {
    let line = |row: &Frames| {
        format!("  {:42}{:9.0}{:>19}", row.what, row.per_second.median, quartiles(row.per_second, 0))
    };
    section(
        "Frames of the editor that one processor draws in a second, with quartiles",
        rows.iter().map(line),
    )
}

fn took(name: &str, took: &Took) -> String {
    let mut line = format!(
        "  {name:42}{:9.1}{:>19}{:9.1}{:9}",
        took.milliseconds.median,
        quartiles(took.milliseconds, 1),
        took.worst,
        took.milliseconds.count
    );
    if took.failed > 0 {
        let _ = write!(line, "  ({} times not within the time that was waited)", took.failed);
    }
    line
}

const TOOK_HEADS: &str = "   median          quartiles    worst    count";

fn reload(results: &Results) -> String {
    let title = format!("From a loaded state to its first block, ms\n  {:42}{TOOK_HEADS}", "");
    let ([isolated, in_process], programs) = (&results.reload, &results.programs.reload);
    let lines = |rows: &[Took], how: &str| -> Vec<String> {
        rows.iter().map(|row| took(&format!("{}, {how}", row.piece.name()), row)).collect()
    };
    let lines = [
        lines(isolated, "isolated"),
        lines(programs, "isolated, no nursery"),
        lines(in_process, "in-process"),
    ];
    section(&title, lines.concat())
}

fn instances(rows: &[Vec<Crowd>; 3], programs: &[Crowd]) -> String {
    let piece = rows.iter().flatten().next().map_or(Weight::Moderate, |crowd| crowd.piece);
    let title = format!(
        "Instances in one host, on one audio thread, blocks of 512: {}\n  {:24}{:>12}{:>19}{:>12}{:>12}{:>12}",
        piece.description(),
        "",
        "ns a frame",
        "quartiles",
        "CPU time",
        "host MB",
        "engine MB",
    );
    let lines = |rows: &[Crowd], how: &str| -> Vec<String> {
        let line = |crowd: &Crowd| {
            let name = format!("{} {how}", crowd.count);
            format!(
                "  {name:24}{:12.1}{:>19}{:12.1}{:12.1}{:12.1}",
                crowd.wall.median,
                quartiles(crowd.wall, 1),
                crowd.cpu.median,
                crowd.host / MEGABYTE,
                crowd.engine / MEGABYTE
            )
        };
        rows.iter().map(line).collect()
    };
    let note = "  (each figure is for one instance, with its part of the nursery; memory shared by several processes counts in \
         parts, PSS)";
    let [isolated, in_process, pipelined] = rows;
    let mut lines = [
        lines(isolated, "isolated"),
        lines(programs, "no nursery"),
        lines(in_process, "in-process"),
        lines(pipelined, "pipelined"),
    ]
    .concat();
    if !lines.is_empty() {
        lines.push(note.to_owned());
    }
    section(&title, lines)
}

fn kill(results: &Results) -> String {
    let title = format!("From kill -9 of an engine to sound, ms\n  {:42}{TOOK_HEADS}", "");
    let ways = [(&results.kill, "isolated"), (&results.programs.kill, "isolated, no nursery")];
    let line = |(row, how): (&Option<Took>, &str)| {
        row.as_ref().map(|row| took(&format!("{}, {how}", row.piece.name()), row))
    };
    section(&title, ways.into_iter().filter_map(line))
}

fn about(machine: &Machine) -> String {
    let Machine { processor, processors, kernel, others, quick } = machine;
    let mut lines = vec![
        format!(
            "  {processors} x {processor}, Linux {kernel}; other programs took {:.1} % of the processors' time",
            others * 100.0
        ),
        "  Everything is a release build and runs at normal priority, unless it says real-time. Ratios are of runs in \
         the same round."
            .to_owned(),
        "  Time is that of a loop of process calls without pause, of an offline render: it waits for the engine as in \
         real time, but without a bound."
            .to_owned(),
        "  CPU time counts all threads and processes; either side of a hand-over looks for the other a little before \
         it sleeps, and that counts."
            .to_owned(),
    ];
    if *quick {
        lines.push("  --quick: few repetitions.".to_owned());
    }
    section("How this was measured", lines)
}

#[cfg(test)]
mod tests {
    use super::super::instructions::Instructions;
    use super::super::results::Programs;
    use super::*;
    use test_host::measure::job::Counted;

    /// Made-up numbers for everything.
    fn made_up() -> Results {
        let spread = |median: f64| Spread { lower: median * 0.99, median, upper: median * 1.02, count: 40 };
        let latency = |median: f64| Latency {
            median,
            p99: median * 2.0,
            p999: median * 4.0,
            worst: median * 30.0,
            count: 100_000,
        };
        let whos = [Who::Raw, Who::RawBuffer, Who::InProcess(512), Who::Isolated(64), Who::Isolated(512)];
        let each =
            COMPARED.into_iter().flat_map(|piece| Generation::ALL.map(|generation| (piece, generation)));
        let compared = each.flat_map(|(piece, generation)| {
            whos.into_iter().enumerate().map(move |(at, who)| Compared {
                piece,
                generation,
                who,
                wall: spread(1.0 + 0.004 * at as f64),
                cpu: spread(1.0 + 0.008 * at as f64),
                per_frame: spread(100.0),
                beyond: spread(at as f64),
                over_six: (generation == Generation::Seven).then(|| spread(1.07)),
            })
        });
        let took = |piece| Took { piece, milliseconds: spread(50.0), worst: 80.0, failed: 1 };
        let crowd = |count| Crowd {
            count,
            piece: Weight::Moderate,
            wall: spread(3000.0),
            cpu: spread(3100.0),
            host: 1e6,
            engine: 2e7,
        };
        let start =
            |way| EngineStart { way, took: took(Weight::Trivial), program: 900_000, own: 8e6, share: 1e7 };
        let stress = |stressed| Stress {
            isolated: true,
            pipelined: false,
            stressed,
            realtime: false,
            piece: Weight::Trivial,
            frames: 128,
            block: latency(400.0),
            overruns: 2,
            late: 1,
            reloads: 9,
            events: 70_000,
            recorded: 300_000,
        };
        Results {
            machine: Machine { processor: "a processor".into(), processors: 2, ..Machine::default() },
            compared: compared.collect(),
            beside: Vec::new(),
            instructions: vec![Instructions {
                counted: Counted::Pipelined,
                frames: 512,
                host: 4.5,
                engine: Some(17.25),
            }],
            hand_over: [false, true]
                .map(|paced| HandOver {
                    piece: Weight::Empty,
                    frames: 64,
                    paced,
                    own: 0.5,
                    beyond: latency(if paced { 20.0 } else { 3.0 }),
                    late: 0,
                })
                .to_vec(),
            start: [Way::Nursery, Way::Program, Way::Trusted].map(start).to_vec(),
            start_by_seven: [Way::Nursery, Way::Program, Way::Trusted].map(start).to_vec(),
            stress: [false, true].map(stress).to_vec(),
            queue: vec![Throughput { what: "score events".into(), senders: 4, per_second: spread(5e6) }],
            editor: vec![Frames { what: "300 channels".into(), per_second: spread(500.0) }],
            reload: [vec![took(Weight::Trivial)], vec![took(Weight::Moderate)]],
            instances: [vec![crowd(1), crowd(32)], vec![crowd(1)], vec![crowd(1)]],
            kill: Some(took(Weight::Trivial)),
            programs: Programs {
                reload: vec![took(Weight::Trivial)],
                instances: vec![crowd(32)],
                kill: Some(took(Weight::Trivial)),
            },
        }
    }

    #[test]
    fn a_report_begins_with_the_ratios_and_says_what_falls_short() {
        let text = text(&made_up());
        assert!(text.starts_with("Csound 6, time over a raw loop of csoundPerformKsmps: trivial"), "{text}");
        for part in [
            "1.0120",
            "Csound 7, time over",
            "CPU time over Csound 6: 1.070",
            "Csound 7: CPU time over the raw loop",
            "first turn, by Csound 7",
            "FALLS SHORT",
            "  met",
            "not measured",
            "32 isolated",
            "(1 times not",
            "300 channels",
            "a processor",
            "trusted, all",
            "pipelined, blocks of 512",
            "17.25",
        ] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
        assert!(!text.contains("NaN") && text.lines().all(|line| line.len() < 200), "{text}");
    }

    #[test]
    fn what_was_not_measured_is_left_out() {
        let text = text(&Results::default());
        assert!(!text.contains("Hand-over:") && !text.contains("time over a raw loop of"), "{text}");
        assert!(text.starts_with("Goals") && !text.contains("FALLS SHORT"), "{text}");
    }

    #[test]
    fn the_files_are_written_and_the_json_holds_everything() {
        let folder = tempfile::tempdir().unwrap();
        for results in [Results::default(), made_up()] {
            write(folder.path(), &results).unwrap();
            let json = fs::read_to_string(folder.path().join("report.json")).unwrap();
            assert_eq!(serde_json::from_str::<Results>(&json).unwrap(), results);
            assert!(json.contains("\"verdict\""));
            let picture = fs::read(folder.path().join("chart.png")).unwrap();
            assert!(picture.starts_with(b"\x89PNG"));
            assert!(folder.path().join("report.txt").exists());
        }
    }
}
