//! The text itself: drawn, typed into, marked; its keys, and what they do.

use std::collections::BTreeMap;
use std::ops::Range;

use csound_language::Language;
use csound_language::edit::{Command, Edited, carry_out, partner};
use csound_language::help::{completion, signature};
use csound_language::mistakes::Mistake;
use egui::{Event, FontId, Id, Key, Modifiers, Panel, ScrollArea, TextEdit, TextStyle, Ui};

use super::completing::Answer;
use super::finding::{Bar, Wish};
use super::keys::{self, Deed};
use super::painter::Look;
use super::rows::{Marks, Rows};
use super::tools::ZOOM;
use super::words::{indent_before, name_at, word_before};
use super::{Source, cursor, outline, signing};
use crate::editor::model::{Action, SourceError, View};
use crate::editor::scene::{Place, Scene};
use crate::editor::theme;

/// Points behind the longest line, and around the text.
const BEHIND: f32 = 8.0;

/// One text, and where it is drawn.
#[derive(Clone, Copy)]
struct Sheet {
    file: usize,
    id: Id,
    language: Language,
}

impl Source {
    pub(super) fn text(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let file = self.file.min(self.texts.len() - 1);
        let language = self.language(scene, file);
        let id = ui.scope_id().with(("source", file));
        let sheet = Sheet { file, id, language };
        let selected = cursor::selected(ui.ctx(), id, &self.texts[file]);
        self.buffers[file].see(&self.texts[file], selected.clone());
        self.read(scene);
        self.take_keys(ui, scene, sheet);
        self.finding_bar(ui, scene, sheet);
        // Either may have changed a text.
        self.read(scene);
        self.strip(ui, scene, sheet);
        self.outline(ui, scene, sheet);
        self.manual.show(ui, scene);
        self.page(ui, scene, sheet);
    }

    /// Reads the texts that have changed.
    fn read(&mut self, scene: &Scene) {
        for file in 0..self.texts.len() {
            let language = self.language(scene, file);
            self.buffers[file].painter.read(&self.texts[file], language);
        }
    }

    /// The keys of the text, before the text takes them.
    fn take_keys(&mut self, ui: &mut Ui, scene: &mut Scene, sheet: Sheet) {
        let has_focus = ui.memory(|memory| memory.has_focus(sheet.id));
        if self.completing.is_open() {
            // Escape takes the focus before anybody is asked.
            let answer = self.completing.keys(ui, &self.texts[sheet.file]);
            if has_focus || matches!(answer, Answer::Closed) {
                self.take_answer(ui, sheet, answer);
            }
        }
        let in_bar = self.finding.bar != Bar::Closed;
        if !has_focus && !in_bar {
            // A dialog above it has the keys.
            let is_reached = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
            if is_reached && keys::finds(ui) {
                self.carry_out(ui, scene, sheet, Deed::Find);
            }
            return;
        }
        if has_focus {
            self.take_tab(ui, scene, sheet);
        }
        for deed in keys::pressed(ui) {
            self.carry_out(ui, scene, sheet, deed);
        }
        if has_focus {
            // What is left of Enter is no command.
            self.keep_indent(ui, sheet);
        }
    }

    /// Tab moves lines where several are selected.
    fn take_tab(&mut self, ui: &Ui, scene: &mut Scene, sheet: Sheet) {
        let pressed = |modifiers| ui.input_mut(|input| input.consume_key(modifiers, Key::Tab));
        let selected = cursor::selected(ui.ctx(), sheet.id, &self.texts[sheet.file]);
        if pressed(Modifiers::SHIFT) {
            self.carry_out(ui, scene, sheet, Deed::Lines(Command::Outdent));
        } else if self.texts[sheet.file][selected].contains('\n') && pressed(Modifiers::NONE) {
            self.carry_out(ui, scene, sheet, Deed::Lines(Command::Indent));
        }
    }

    /// Has a new line begin as the one does that it leaves.
    fn keep_indent(&self, ui: &Ui, sheet: Sheet) {
        let text = &self.texts[sheet.file];
        let begin = indent_before(text, cursor::selected(ui.ctx(), sheet.id, text).start);
        let is_enter = |event: &Event| match event {
            Event::Key { key: Key::Enter, modifiers, pressed: true, .. } => {
                modifiers.matches_logically(Modifiers::NONE)
            }
            _ => false,
        };
        ui.input_mut(|input| {
            // In its place: what is typed in the same frame stays before and behind it.
            for event in input.events.iter_mut().filter(|event| is_enter(event)) {
                *event = Event::Paste(format!("\n{begin}"));
            }
        });
    }

    fn carry_out(&mut self, ui: &Ui, scene: &mut Scene, sheet: Sheet, deed: Deed) {
        let selected = cursor::selected(ui.ctx(), sheet.id, &self.texts[sheet.file]);
        match deed {
            Deed::Apply => self.apply(scene),
            Deed::Save => self.save(scene),
            Deed::Evaluate => self.evaluate(ui, scene, sheet, &selected),
            Deed::Complete => self.complete(scene, sheet, selected.end, true),
            Deed::Undo | Deed::Redo => {
                let history = &mut self.buffers[sheet.file].history;
                let step = if deed == Deed::Undo { history.undo() } else { history.redo() };
                if let Some((text, selected)) = step {
                    self.texts[sheet.file] = text;
                    self.select(ui, sheet, selected);
                }
            }
            Deed::Find => self.finding.open(Bar::Find, &self.texts[sheet.file][selected]),
            Deed::Replace => self.finding.open(Bar::Replace, &self.texts[sheet.file][selected]),
            Deed::GoToLine => self.finding.open(Bar::Line, ""),
            Deed::Next | Deed::Previous => {
                let wish = self.finding.step(&selected, deed == Deed::Next);
                self.take_wish(ui, scene, sheet, wish);
            }
            Deed::Definition => self.go_to_definition(scene, sheet, &selected),
            Deed::Uses => {
                if let Some(name) = name_at(&self.texts[sheet.file], selected.end) {
                    self.finding.look_for_name(name);
                }
            }
            Deed::Lines(command) => {
                let edited = carry_out(command, &self.texts[sheet.file], selected.clone());
                self.become_text(ui, sheet, edited, selected);
            }
            Deed::Manual => self.look_up(scene, sheet, selected.end),
            Deed::TextBefore | Deed::NextText => {
                let count = self.texts.len();
                let by = if deed == Deed::NextText { 1 } else { count - 1 };
                self.file = (sheet.file + by) % count;
                self.completing.close();
                self.takes_focus = true;
            }
            Deed::Outline => scene.state.outline = !scene.state.outline,
            Deed::Wrap => scene.state.wrap = !scene.state.wrap,
            Deed::Larger => scene.state.source_zoom = (scene.state.source_zoom * 1.1).min(*ZOOM.end()),
            Deed::Smaller => scene.state.source_zoom = (scene.state.source_zoom / 1.1).max(*ZOOM.start()),
            Deed::UsualSize => scene.state.source_zoom = 1.0,
        }
    }

    fn evaluate(&mut self, ui: &Ui, scene: &mut Scene, sheet: Sheet, selected: &Range<usize>) {
        let now = ui.input(|input| input.time);
        let document = self.buffers[sheet.file].painter.document();
        self.evaluating.send(scene, (sheet.file, now), &self.texts[sheet.file], document, selected);
    }

    /// Opens the manual at the opcode at a byte, or closes it where it shows that already.
    fn look_up(&mut self, scene: &mut Scene, sheet: Sheet, at: usize) {
        let text = &self.texts[sheet.file];
        let opcodes = &scene.view.opcodes;
        let named = name_at(text, at);
        let known = named.filter(|name| opcodes.has(name)).map(str::to_owned);
        let document = self.buffers[sheet.file].painter.document();
        let within =
            || signature(text, at, document, &self.others(sheet.file), opcodes).map(|known| known.name);
        let name = known.or_else(within).or_else(|| named.map(str::to_owned)).unwrap_or_default();
        let shown = scene.view.manual.as_ref();
        scene.act(match shown.is_some_and(|manual| manual.sought == name) {
            true => Action::CloseManual,
            false => Action::LookUp(name),
        });
    }

    fn complete(&mut self, scene: &Scene, sheet: Sheet, at: usize, asked: bool) {
        let text = &self.texts[sheet.file];
        self.buffers[sheet.file].painter.read(text, sheet.language);
        let document = self.buffers[sheet.file].painter.document();
        let offered = completion(text, at, document, &self.others(sheet.file), &scene.view.opcodes, asked);
        self.completing.offer(offered);
    }

    fn take_answer(&mut self, ui: &Ui, sheet: Sheet, answer: Answer) {
        match answer {
            Answer::Nothing => {}
            Answer::Closed => self.takes_focus = true,
            Answer::Taken(completion, candidate) => {
                let selected = cursor::selected(ui.ctx(), sheet.id, &self.texts[sheet.file]);
                let mut text = self.texts[sheet.file].clone();
                let Some(begin) = text.get(..completion.range.start).map(str::len) else { return };
                if text.get(completion.range.clone()).is_none() {
                    return;
                }
                text.replace_range(completion.range, &candidate.text);
                let at = begin + candidate.cursor;
                self.become_text(ui, sheet, Edited { text, selection: at..at }, selected);
            }
        }
    }

    /// The text becomes another one, by one command.
    fn become_text(&mut self, ui: &Ui, sheet: Sheet, edited: Edited, before: Range<usize>) {
        let selection = self.put_text(sheet, edited, before);
        self.select(ui, sheet, selection);
    }

    /// The same without a selection, which it gives.
    fn put_text(&mut self, sheet: Sheet, edited: Edited, before: Range<usize>) -> Range<usize> {
        self.texts[sheet.file] = edited.text;
        self.buffers[sheet.file].see(&self.texts[sheet.file], before);
        self.buffers[sheet.file].painter.read(&self.texts[sheet.file], sheet.language);
        edited.selection
    }

    /// Selects this, gives the text the focus, and brings it into sight.
    fn select(&mut self, ui: &Ui, sheet: Sheet, selection: Range<usize>) {
        self.select_beside(ui, sheet, selection);
        self.takes_focus = true;
    }

    /// Selects this and brings it into sight; the focus stays where it is.
    fn select_beside(&mut self, ui: &Ui, sheet: Sheet, selection: Range<usize>) {
        self.completing.close();
        cursor::select(ui.ctx(), sheet.id, &self.texts[sheet.file], selection.clone());
        self.finding.stand(self.version(sheet), selection.clone());
        self.bring = Some(selection);
    }

    fn version(&self, sheet: Sheet) -> (usize, u64) {
        (sheet.file, self.buffers[sheet.file].painter.version())
    }

    fn go_to_definition(&mut self, scene: &mut Scene, sheet: Sheet, selected: &Range<usize>) {
        let Some(name) = name_at(&self.texts[sheet.file], selected.end) else { return };
        let files =
            std::iter::once(sheet.file).chain((0..self.buffers.len()).filter(|file| *file != sheet.file));
        let found = files.into_iter().find_map(|file| {
            let line = self.buffers[file].painter.document().definition(name)?.line;
            Some(Place { file, line })
        });
        if found.is_some() {
            *scene.go_to = found;
            return;
        }
        let included = self.included.iter().find_map(|included| {
            let line = included.document.definition(name)?.line;
            Some((included.text.name.clone(), line))
        });
        if let Some((file, line)) = included {
            self.open_text(&file, line);
        }
    }

    fn finding_bar(&mut self, ui: &mut Ui, scene: &mut Scene, sheet: Sheet) {
        let selected = cursor::selected(ui.ctx(), sheet.id, &self.texts[sheet.file]);
        let has_focus = ui.memory(|memory| memory.has_focus(sheet.id));
        let selected = self.finding.see(self.version(sheet), selected, has_focus);
        // What is typed leads to a place of it at once; the field keeps the focus.
        let at_hand = self.finding.follow(self.version(sheet), &self.texts[sheet.file], &selected);
        self.take_wish(ui, scene, sheet, at_hand);
        let wish = self.finding.show(ui, &self.texts[sheet.file], &selected);
        self.take_wish(ui, scene, sheet, wish);
    }

    fn take_wish(&mut self, ui: &Ui, scene: &mut Scene, sheet: Sheet, wish: Option<Wish>) {
        let selected = || cursor::selected(ui.ctx(), sheet.id, &self.texts[sheet.file]);
        match wish {
            None => {}
            Some(Wish::Show(place)) => self.bring = Some(place),
            // Whoever goes on with the keys of the bar has its focus.
            Some(Wish::Select(place)) => self.select_beside(ui, sheet, place),
            Some(Wish::Put(place, new)) => {
                let (before, mut text) = (selected(), self.texts[sheet.file].clone());
                text.replace_range(place.clone(), &new);
                let end = place.start + new.len();
                let selection = self.put_text(sheet, Edited { text, selection: end..end }, before);
                self.select_beside(ui, sheet, selection);
            }
            Some(Wish::Become(text)) => {
                let before = selected();
                let at = text.floor_char_boundary(before.start.min(text.len()));
                let selection = self.put_text(sheet, Edited { text, selection: at..at }, before);
                self.select_beside(ui, sheet, selection);
            }
            Some(Wish::Line(line)) => *scene.go_to = Some(Place { file: sheet.file, line }),
            Some(Wish::Close) => {
                let selected = self.finding.see(self.version(sheet), selected(), false);
                let selected = self.finding.at_end(selected);
                self.select(ui, sheet, selected);
            }
        }
    }

    /// The line below the text.
    fn strip(&mut self, ui: &mut Ui, scene: &mut Scene, sheet: Sheet) {
        let text = &self.texts[sheet.file];
        let at = cursor::selected(ui.ctx(), sheet.id, text).end;
        let line = text[..at].bytes().filter(|byte| *byte == b'\n').count();
        let buffer = &self.buffers[sheet.file];
        let typed = word_before(text, cursor::selected(ui.ctx(), sheet.id, text));
        // What Csound says of a line stands below, and is not said twice.
        let is_told = self.errors_of(scene.view, sheet.file).contains_key(&line);
        let mut mistakes = buffer.mistakes().iter().filter(|mistake| mistake.line == line && !is_told);
        let mistake = mistakes.find(|mistake| Some((mistake.line, mistake.at.start)) != typed);
        let mistake = mistake.map(|mistake| mistake.text.clone());
        let known =
            signature(text, at, buffer.painter.document(), &self.others(sheet.file), &scene.view.opcodes);
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(2, 2));
        let strip = Panel::bottom("source strip").frame(frame).resizable(false);
        let is_clicked = strip.show(ui, |ui| signing::show(ui, known.as_ref(), mistake.as_deref())).inner;
        if let Some(known) = known.filter(|_| is_clicked) {
            scene.act(Action::LookUp(known.name));
        }
    }

    fn outline(&mut self, ui: &mut Ui, scene: &mut Scene, sheet: Sheet) {
        if !scene.state.outline {
            return;
        }
        let document = self.buffers[sheet.file].painter.document();
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(4, 2));
        let clicked = Panel::right("outline")
            .frame(frame)
            .default_size(150.0)
            .show(ui, |ui| outline::show(ui, document))
            .inner;
        if let Some(line) = clicked {
            *scene.go_to = Some(Place { file: sheet.file, line });
        }
    }

    /// Looks for mistakes, with what the piece includes where all of that is known.
    fn check(&mut self, ui: &Ui, scene: &Scene, Sheet { file, language, .. }: Sheet) {
        let has_all = scene.view.folder.has_all_includes;
        let (before, rest) = self.buffers.split_at_mut(file);
        let Some((buffer, after)) = rest.split_first_mut() else { return };
        let others =
            before.iter().chain(&*after).map(|other| (other.painter.document(), other.painter.version()));
        let included = self.included.iter().map(|included| (&included.document, included.text.generation));
        let (known, versions): (Vec<_>, Vec<_>) = others.chain(included).filter(|_| has_all).unzip();
        let mix = |sum: u64, version| sum.wrapping_mul(1_000_003).wrapping_add(version + 1);
        let version = versions.into_iter().fold(0, mix);
        buffer.check(ui, &self.texts[file], language, &scene.view.opcodes, (&known, version));
    }

    /// Csound's errors in a text, by line from 0.
    fn errors_of<'a>(&self, view: &'a View, file: usize) -> BTreeMap<usize, &'a str> {
        let beside = file.checked_sub(self.own()).and_then(|number| self.beside.get(number));
        lines_with_errors(&view.source.errors, (file, beside.map(|beside| &*beside.name)))
    }

    fn page(&mut self, ui: &mut Ui, scene: &mut Scene, sheet: Sheet) {
        let Sheet { file, id, language } = sheet;
        self.check(ui, scene, sheet);
        let errors = self.errors_of(scene.view, file);
        let now = ui.input(|input| input.time);
        let palette = theme::palette(ui);
        let flash = self.evaluating.lit(file, now).map(|(lines, is_error, left)| {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(left));
            let colour = if is_error { palette.error } else { palette.good };
            (lines, theme::mix(palette.well, colour, theme::TINT))
        });
        let go_to = scene.go_to.take().filter(|place| place.file == file);
        let selected = cursor::selected(ui.ctx(), id, &self.texts[file]);
        let mut font = TextStyle::Monospace.resolve(ui.style());
        font.size *= scene.state.source_zoom.clamp(*ZOOM.start(), *ZOOM.end());
        let margin = margin(ui, self.buffers[file].painter.document().len(), &font);
        ui.painter().rect_filled(ui.available_rect_before_wrap(), theme::ROUND, palette.well);
        let wraps = scene.state.wrap;
        let bring = self.bring.take();
        // Where another text comes to the front in this frame, that one has it in the next.
        let is_front = file == self.file;
        let takes_focus = is_front && std::mem::take(&mut self.takes_focus);
        let had_focus = ui.memory(|memory| memory.has_focus(id));
        let (text, buffer) = (&mut self.texts[file], &mut self.buffers[file]);
        let area = if wraps { ScrollArea::vertical() } else { ScrollArea::both() };
        let changed = area.auto_shrink(false).id_salt(("scroll", file)).show(ui, |ui| {
            let behind = ui.painter().add(egui::Shape::Noop);
            let around = egui::Margin { left: margin as i8, right: BEHIND as i8, top: 4, bottom: 4 };
            let width = if wraps { ui.available_width() - margin - BEHIND } else { f32::INFINITY };
            let look = Look { font: font.clone(), width };
            let painter = &mut buffer.painter;
            let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _: f32| {
                painter.galley(ui, text.as_str(), language, &look, palette)
            };
            let output = TextEdit::multiline(text)
                .id(id)
                .code_editor()
                .frame(egui::Frame::new().inner_margin(around))
                .desired_width(if wraps { ui.available_width() } else { f32::INFINITY })
                .min_size(ui.available_size())
                .layouter(&mut layouter)
                .show(ui);
            let _ = output.response.response.clone().accessible_name("Text of the source");
            scene.laid.source_laid += buffer.painter.laid();
            let rows = Rows { galley: &output.galley, at: output.galley_pos, margin };
            let own = undoubled(buffer.mistakes(), &errors, word_before(text, selected.clone()));
            let brackets = Some(selected.clone()).filter(Range::is_empty);
            let brackets = brackets.and_then(|at| partner(text, at.start, buffer.painter.document()));
            let (found, current) = (self.finding.places(), self.finding.current());
            let marks = Marks { errors: &errors, mistakes: &own, brackets, found, current, flash };
            scene.laid.source_lines += rows.number(ui, &font, &marks, behind);
            rows.mark(ui, text, &marks);
            if let Some(place) = go_to {
                rows.show(ui, id, place, text);
            } else if let Some(place) = bring {
                if takes_focus && !had_focus {
                    // A text that has no focus yet has just let go of what was selected in it.
                    cursor::select(ui.ctx(), id, text, place.clone());
                }
                rows.bring(ui, text, place);
            }
            let now = cursor::selected(ui.ctx(), id, text);
            let word = rows.place(text, now.end..now.end);
            (output.response.changed(), now, word)
        });
        if takes_focus {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        let (changed, now, word) = changed.inner;
        self.follow_typing(ui, scene, sheet, (changed, selected, now), word);
    }

    /// What was typed, and what the list does then.
    fn follow_typing(
        &mut self,
        ui: &Ui,
        scene: &mut Scene,
        sheet: Sheet,
        (changed, before, now): (bool, Range<usize>, Range<usize>),
        word: egui::Rect,
    ) {
        let buffer = &mut self.buffers[sheet.file];
        if changed {
            self.evaluating.forget();
            buffer.history.see(&self.texts[sheet.file], before, true);
            let was_open = self.completing.is_open();
            let typed =
                ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Text(_))));
            match typed || was_open {
                true => self.complete(scene, sheet, now.end, false),
                false => self.completing.close(),
            }
        } else if before != now {
            buffer.history.rest();
            self.completing.follow(now.end);
        }
        let answer = self.completing.show(ui, word.left_bottom(), word.left_top());
        self.take_answer(ui, sheet, answer);
    }
}

/// The mistakes of lines in which Csound has not found an error itself, and not of a word that may be being typed.
fn undoubled(
    mistakes: &[Mistake],
    errors: &BTreeMap<usize, &str>,
    typed: Option<(usize, usize)>,
) -> Vec<Mistake> {
    let is_told = |mistake: &&Mistake| {
        !errors.contains_key(&mistake.line) && Some((mistake.line, mistake.at.start)) != typed
    };
    mistakes.iter().filter(is_told).cloned().collect()
}

/// The errors of a text by line, from 0: of one of the piece's own by its number, or of one beside them by its name.
fn lines_with_errors<'a>(
    errors: &'a [SourceError],
    (file, beside): (usize, Option<&str>),
) -> BTreeMap<usize, &'a str> {
    let here = errors.iter().filter(|error| match beside {
        Some(name) => error.included.as_deref() == Some(name),
        None => error.included.is_none() && error.file == file,
    });
    here.filter_map(|error| Some((error.line?.max(1) as usize - 1, error.text.as_str()))).collect()
}

/// Room for the line numbers.
fn margin(ui: &Ui, lines: usize, font: &FontId) -> f32 {
    let digit = ui.fonts_mut(|fonts| fonts.glyph_width(font, '0'));
    let digits = lines.max(100).ilog10() as f32 + 1.0;
    (digits * digit + 20.0).min(f32::from(i8::MAX))
}
