//! Sends a part of the text into what plays: the instrument, the lines that are selected, or the line at the cursor.

use std::ops::{Range, RangeInclusive};

use csound_language::highlight::Section;
use csound_language::piece::Document;
use csound_performance::engine::piece::live_text;

use super::rows::begin_of;
use crate::editor::model::{Action, Reply};
use crate::editor::scene::Scene;

/// Seconds that what was sent is lit.
const LIT: f64 = 0.5;

/// What was sent last, and what came of it.
#[derive(Default)]
pub(super) struct Evaluating {
    sent: Option<Sent>,
}

struct Sent {
    file: usize,
    lines: RangeInclusive<usize>,
    at: f64,
    /// The replies that were there before, and those that are waited for.
    before: u64,
    awaited: u64,
    /// Why it was refused, and the line where.
    error: Option<(Option<usize>, String)>,
    answered: bool,
}

/// A part of the text.
struct Part {
    lines: RangeInclusive<usize>,
    text: String,
    is_score: bool,
}

impl Evaluating {
    /// Sends what is selected, or what stands around the cursor.
    pub fn send(
        &mut self,
        scene: &mut Scene,
        (file, now): (usize, f64),
        text: &str,
        document: &Document,
        selected: &Range<usize>,
    ) {
        let before = scene.view.reply.as_ref().map_or(0, |reply| reply.number);
        let found = part(text, document, selected);
        let mut sent = Sent { file, lines: 0..=0, at: now, before, awaited: 0, error: None, answered: false };
        match found {
            Err((line, why)) => {
                sent.lines = line..=line;
                sent.error = Some((Some(line), why));
            }
            Ok(part) => {
                sent.lines = part.lines.clone();
                sent.take(scene, &part);
            }
        }
        if let Some((_, why)) = &sent.error {
            scene.act(Action::Report(why.clone()));
        }
        self.sent = Some(sent);
    }

    /// Learns what came of it.
    pub fn follow(&mut self, reply: Option<&Reply>) {
        let (Some(sent), Some(reply)) = (&mut self.sent, reply) else { return };
        if sent.answered || reply.number <= sent.before {
            return;
        }
        sent.answered = reply.number >= sent.before + sent.awaited;
        if let Some(error) = &reply.error {
            sent.error = Some((sent.line_named_in(error), error.clone()));
            sent.answered = true;
        }
    }

    /// Forgets it: the text is another one.
    pub fn forget(&mut self) {
        self.sent = None;
    }

    /// The lines to light, whether that is an error, and the seconds that are left.
    pub fn lit(&self, file: usize, now: f64) -> Option<(RangeInclusive<usize>, bool, f64)> {
        let sent = self.sent.as_ref().filter(|sent| sent.file == file)?;
        let left = LIT - (now - sent.at);
        (left > 0.0).then(|| (sent.lines.clone(), sent.error.is_some(), left))
    }

    /// Why it was refused, and the line where.
    pub fn error(&self) -> Option<(usize, Option<usize>, &str)> {
        let sent = self.sent.as_ref()?;
        sent.error.as_ref().map(|(line, why)| (sent.file, *line, why.as_str()))
    }
}

impl Sent {
    fn take(&mut self, scene: &mut Scene, part: &Part) {
        if !part.is_score {
            self.awaited = 1;
            match live_text::check_orchestra(&part.text) {
                Ok(()) => scene.act(Action::SendOrchestra(part.text.clone())),
                Err(error) => self.refuse(part, &error.to_string()),
            }
            return;
        }
        // All of it, or nothing.
        let lines: Vec<_> = part.text.lines().enumerate().filter(|(_, line)| says_something(line)).collect();
        for (number, line) in &lines {
            if let Err(error) = live_text::check_score_line(line) {
                self.error = Some((Some(part.lines.start() + number), error.to_string()));
                return;
            }
        }
        self.awaited = lines.len() as u64;
        lines.into_iter().for_each(|(_, line)| scene.act(Action::SendLine(line.trim().to_owned())));
    }

    fn refuse(&mut self, part: &Part, why: &str) {
        let line = self.line_named_in(why).or(Some(*part.lines.start()));
        self.error = Some((line, why.to_owned()));
    }

    /// The line of the text that an error of what was sent names, if it lies in that.
    fn line_named_in(&self, error: &str) -> Option<usize> {
        let line = self.lines.start().checked_add(line_in(error)? - 1)?;
        self.lines.contains(&line).then_some(line)
    }
}

fn says_something(line: &str) -> bool {
    let code = line.split(';').next().unwrap_or_default().trim();
    !code.is_empty() && !code.starts_with("//")
}

/// The line that an error names, from 1.
fn line_in(error: &str) -> Option<usize> {
    let at = error.find("line ")?;
    let number = error[at + 5..].split(|next: char| !next.is_ascii_digit()).next()?;
    number.parse().ok().filter(|line| *line > 0)
}

/// What is to be sent, or the line where nothing can be, and why.
fn part(text: &str, document: &Document, selected: &Range<usize>) -> Result<Part, (usize, String)> {
    let line_of = |byte: usize| text[..byte].bytes().filter(|byte| *byte == b'\n').count();
    let (first, mut last) = (line_of(selected.start), line_of(selected.end));
    let is_selection = !selected.is_empty();
    if is_selection && last > first && text[..selected.end].ends_with('\n') {
        last -= 1;
    }
    let lines = match is_selection {
        true => first..=last,
        false => statement(document, first),
    };
    let section = document.section(*lines.start());
    let (begin, end) = (begin_of(text, *lines.start()), begin_of(text, *lines.end() + 1));
    let is_score = section == Some(Section::Score);
    if !is_score && section != Some(Section::Orchestra) {
        let why = "only instruments, orchestra code and score events can be sent into what plays: put the cursor into one";
        return Err((first, why.to_owned()));
    }
    // A part of one line is sent as it is.
    let said = if is_selection && first == last { &text[selected.clone()] } else { &text[begin..end] };
    if said.lines().all(|line| !says_something(line)) {
        return Err((first, "there is nothing in this line to send into what plays".to_owned()));
    }
    Ok(Part { lines, text: said.trim_end().to_owned(), is_score })
}

/// The instrument or opcode around a line, or the line with those that it goes on in.
fn statement(document: &Document, line: usize) -> RangeInclusive<usize> {
    if let Some(block) = document.block_around(line) {
        return block;
    }
    let (mut first, mut last) = (line, line);
    while first > 0 && document.goes_on(first - 1) {
        first -= 1;
    }
    while last + 1 < document.len() && document.goes_on(last) {
        last += 1;
    }
    first..=last
}

#[cfg(test)]
mod tests {
    use csound_language::Language;

    use super::*;

    const TEXT: &str = "gkA init 1\ngkB init 2,\n  3\ninstr 1\n  a1 in\nendin\n\n";

    fn sent(
        text: &str,
        language: Language,
        selected: Range<usize>,
    ) -> Result<(String, usize), (usize, String)> {
        let document = Document::of(text, language);
        part(text, &document, &selected).map(|part| (part.text, *part.lines.start()))
    }

    fn at(word: &str) -> Range<usize> {
        let at = TEXT.find(word).unwrap();
        at..at
    }

    #[test]
    fn the_instrument_the_statement_or_the_selection_is_sent() {
        let of = |selected| sent(TEXT, Language::Orchestra, selected);
        assert_eq!(of(at("a1 in")), Ok(("instr 1\n  a1 in\nendin".into(), 3)));
        assert_eq!(of(at("endin")), Ok(("instr 1\n  a1 in\nendin".into(), 3)));
        assert_eq!(of(at("gkA")), Ok(("gkA init 1".into(), 0)));
        assert_eq!(of(at("  3")), Ok(("gkB init 2,\n  3".into(), 1)));
        assert_eq!(of(0..3), Ok(("gkA".into(), 0)), "a part of a line");
        assert_eq!(of(2..14), Ok(("gkA init 1\ngkB init 2,".into(), 0)), "whole lines");
        assert!(of(TEXT.len() - 1..TEXT.len() - 1).is_err(), "an empty line");
    }

    #[test]
    fn what_is_neither_code_nor_score_is_not_sent() {
        let csd = "<CsoundSynthesizer>\n<CsOptions>\n-odac\n</CsOptions>\n<CsScore>\ni 1 0 1\n</CsScore>\n";
        let of = |word: &str| {
            let at = csd.find(word).unwrap();
            sent(csd, Language::Csd, at..at)
        };
        assert!(of("-odac").is_err_and(|(line, why)| line == 2 && why.contains("put the cursor")));
        assert_eq!(of("i 1 0"), Ok(("i 1 0 1".into(), 5)));
    }

    #[test]
    fn an_error_is_shown_in_what_was_sent_only() {
        let error = None;
        let sent = Sent { file: 0, lines: 3..=5, at: 0.0, before: 1, awaited: 1, error, answered: false };
        let mut evaluating = Evaluating { sent: Some(sent) };
        for (line, shown) in
            [("2", Some(4)), ("4", None), ("18446744073709551615", None), ("99999999999999999999", None)]
        {
            let error = format!("error in line {line}: no");
            evaluating.sent.as_mut().unwrap().answered = false;
            evaluating.follow(Some(&Reply { number: 2, error: Some(error.clone()), value: None }));
            assert_eq!(evaluating.error(), Some((0, shown, error.as_str())));
        }
    }

    #[test]
    fn errors_name_lines() {
        assert_eq!(line_in("syntax error in line 3: x"), Some(3));
        assert_eq!(line_in("no line here"), None);
        assert_eq!(line_in("line 0"), None);
    }
}
