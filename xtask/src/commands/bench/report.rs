//! What was measured, as text and as JSON: the ratios first, the goals beside them. Pure but for the
//! two files.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use csound_library::Generation;

use super::chart;
use super::compare::{Compared, Who};
use super::crowds::{self, Crowded};
use super::goals::{Verdict, goals};
use super::instructions;
use super::results::{Machine, Parts, Results};
use test_host::measure::figures::{Latency, Spread};
use test_host::measure::job::{
    Crowd, EngineStart, Frames, HandOver, PanelFrames, Scanned, Stress, Throughput, Took, Way,
};
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
        ratios(&results.compared, "block after block"),
        ratios(&results.paced, "at a sound card's pace"),
        ratios(&results.beside, "block after block beside two busy programs"),
        ratios(&results.beside_paced, "at a sound card's pace beside two busy programs"),
        crowds(&results.crowds),
        instructions::section(&results.instructions),
        goals_section(results),
        scans(&results.scans),
        queue(&results.queue),
        editor(&results.editor),
        panel(results.panel.as_ref()),
    ];
    let each = Generation::ALL.map(|generation| parts(results.parts(generation), generation));
    let sections = sections.into_iter().chain(each.into_iter().flatten()).chain([about(&results.machine)]);
    sections.filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What one Csound has for itself.
fn parts(parts: &Parts, by: Generation) -> [String; 6] {
    [
        hand_over(&parts.hand_over, by),
        start(&parts.start, by),
        stress(&parts.stress, by),
        reload(parts, by),
        instances(&parts.instances, &parts.programs.instances, by),
        kill(parts, by),
    ]
}

/// Lines under a title; nothing if there are none.
fn section(title: &str, lines: impl IntoIterator<Item = String>) -> String {
    let lines: Vec<String> = lines.into_iter().collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!("{title}\n{}\n", lines.join("\n")),
    }
}

fn ratios(compared: &[Compared], how: &str) -> String {
    let mut text = String::new();
    let each = COMPARED.into_iter().flat_map(|piece| Generation::ALL.map(|generation| (piece, generation)));
    for (piece, generation) in each {
        let is_its = |row: &&Compared| row.piece == piece && row.generation == generation;
        let rows: Vec<&Compared> = compared.iter().filter(is_its).collect();
        let is_raw = |row: &&&Compared| matches!(row.who, Who::Raw | Who::RawPaced(_));
        let Some(raw) = rows.iter().find(is_raw) else { continue };
        let title = format!(
            "Time by {generation} over a raw loop, {how}: {}, {}, ksmps {KSMPS}, {RATE} Hz\n  ({:.2} ns a frame, {:.2} % of \
             real time; median and quartiles of {} rounds)\n  {:36}{:>9}{:>19}{:>12}{:>12}{}",
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
            if raw.block.is_some() { "   p99.9 us a block" } else { "" },
        );
        let lines = rows.iter().map(|row| {
            let over_six = row.over_six.map(|spread| {
                format!("   CPU time over Csound 6: {:.3} ({})", spread.median, quartiles(spread, 3))
            });
            format!(
                "  {:36}{:9.4}{:>19}{:12.4}{:+12.2}{}{}",
                row.who.name(),
                row.wall.median,
                quartiles(row.wall, 4),
                row.cpu.median,
                row.beyond.median,
                row.block.map(|block| format!("{:19.1}", block.p999)).unwrap_or_default(),
                over_six.unwrap_or_default()
            )
        });
        // Writing into a text cannot fail.
        let _ = writeln!(text, "{}", section(&title, lines));
    }
    text.trim_end().to_owned() + if text.is_empty() { "" } else { "\n" }
}

fn crowds(rows: &[Crowded]) -> String {
    let title = format!(
        "Many in blocks of 512 over as many raw loops in processes of their own, one after the other: {}\n  \
         {:52}{:>9}{:>19}{:>12}{:>12}",
        crowds::PIECE.description(),
        "",
        "time",
        "quartiles",
        "CPU time",
        "ns a frame"
    );
    let line = |row: &Crowded| {
        let name = format!("{}, {} {}", row.generation, row.count, row.many.name());
        let (wall, cpu, per_frame) = (row.wall, row.cpu.median, row.per_frame.median);
        format!("  {name:52}{:9.4}{:>19}{cpu:12.4}{per_frame:12.1}", wall.median, quartiles(wall, 4))
    };
    section(&title, rows.iter().map(line))
}

fn scans(rows: &[Scanned]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |name: &str, of: fn(&Scanned) -> f64| {
        let spread = Spread::of(rows.iter().map(of));
        format!("  {name:42}{:9.1}{:>19}{:9}", spread.median, quartiles(spread, 1), spread.count)
    };
    let lines = [
        line("the library is loaded and described", |scan| scan.described),
        line("and each plugin created once", |scan| scan.created),
    ];
    section("A host's scan of the plugin in a process of its own, ms, with quartiles", lines)
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

fn hand_over(rows: &[HandOver], by: Generation) -> String {
    let title = format!(
        "Hand-over by {by}: a turn in an engine process beyond the same turn in this process, us\n  {:42}{LATENCY_HEADS}     late",
        ""
    );
    let line = |row: &HandOver| {
        let pace = if row.paced { "at a sound card's pace" } else { "in a row" };
        let name = format!("{} ({:.1} us a turn), {pace}", row.piece.name(), row.own);
        format!("  {name:42}{}{:9}", latency(&row.beyond), row.late)
    };
    section(&title, rows.iter().map(line))
}

fn start(rows: &[EngineStart], by: Generation) -> String {
    let program = rows.first().map_or(0, |row| row.program);
    let title = format!(
        "From the start of an engine process to its first turn, by {by}, ms (the program has {program} bytes)\n  {:42}{TOOK_HEADS}{:>12}{:>12}",
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

fn stress(rows: &[Stress], by: Generation) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let title = format!(
        "The audio thread's blocks of {} frames ({:.0} us), by {by}, {}, us\n  Under stress others reload, record and send 10000 \
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

fn panel(row: Option<&PanelFrames>) -> String {
    let lines = |row: &PanelFrames| {
        let line = |what: &str, spread: Spread| {
            format!("  {what:42}{:9.2}{:>19}", spread.median, quartiles(spread, 2))
        };
        [
            line("a frame, ms of one processor", row.milliseconds),
            line("the same drawn by OpenGL", row.by_open_gl),
            line("after a change by the piece, ms", row.changed),
            format!("  {:42}{:9} of {} looks", "frames in which nothing changes", row.drawn, row.looks),
        ]
    };
    let widgets = row.map_or(0, |row| row.widgets);
    let title = format!("A panel of {widgets} widgets in a window without a graphics card, with quartiles");
    section(&title, row.into_iter().flat_map(lines))
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

fn reload(parts: &Parts, by: Generation) -> String {
    let title = format!("From a loaded state to its first block, by {by}, ms\n  {:42}{TOOK_HEADS}", "");
    let ([isolated, in_process], programs) = (&parts.reload, &parts.programs.reload);
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

fn instances(rows: &[Vec<Crowd>; 3], programs: &[Crowd], by: Generation) -> String {
    let piece = rows.iter().flatten().next().map_or(Weight::Moderate, |crowd| crowd.piece);
    let title = format!(
        "Instances in one host, on one audio thread, by {by}, blocks of 512: {}\n  {:24}{:>12}{:>19}{:>12}{:>12}{:>12}",
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

fn kill(parts: &Parts, by: Generation) -> String {
    let title = format!("From kill -9 of an engine to sound, by {by}, ms\n  {:42}{TOOK_HEADS}", "");
    let ways = [(&parts.kill, "isolated"), (&parts.programs.kill, "isolated, no nursery")];
    let line = |(row, how): (&Option<Took>, &str)| {
        row.as_ref().map(|row| took(&format!("{}, {how}", row.piece.name()), row))
    };
    section(&title, ways.into_iter().filter_map(line))
}

fn about(machine: &Machine) -> String {
    let Machine { processor, processors, kernel, memory, load, others, busiest, quick, dev } = machine;
    let named = busiest.iter().map(|(name, share)| format!("{name} {:.0} %", share * 100.0));
    let named = named.collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!("  {processors} x {processor}, {memory} MB, Linux {kernel}"),
        format!(
            "  Other programs took {:.1} % of the processors' time{}{named} (load {:.1} before, {:.1} after)",
            others * 100.0,
            if named.is_empty() { "" } else { ": " },
            load[0],
            load[1]
        ),
        "  Everything runs at normal priority, unless it says real-time. Ratios are of runs in the same round."
            .to_owned(),
        "  Block after block: a loop of process calls without pause, of an offline render, which waits for the engine as in \
         real time, but without a bound."
            .to_owned(),
        "  At a sound card's pace time is that within the process calls, in real time, over the raw loop in blocks of \
         as many frames."
            .to_owned(),
        "  CPU time counts all threads and processes; either side of a hand-over looks for the other a little before \
         it sleeps, and that counts."
            .to_owned(),
    ];
    let build = match dev {
        true => "  --dev: the tests' build, with assertions. Its figures say nothing about a release.",
        false => "  Everything is a release build.",
    };
    lines.push(build.to_owned());
    if *quick {
        lines.push("  --quick: few repetitions.".to_owned());
    }
    section("How this was measured", lines)
}

#[cfg(test)]
mod tests;
