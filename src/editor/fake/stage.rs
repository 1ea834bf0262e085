//! A piece that is performed for show: each action has at once the outcome that it has in earnest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use csound_performance::engine::piece::live_text;

use super::activity;
use super::piece::FakePiece;
use super::presets::Presets;
use crate::chosen_keys::choose;
use crate::editor::model::*;
use crate::permission::{KeptText, Permission};

/// The Csound that there is, and the one that may be there as well.
const SIX: &str = "Csound 6.18.1";
const SEVEN: &str = "Csound 7.0.0";

/// The place of them.
const PLACE: &str = "/usr/lib/libcsound64.so.6.0";

/// The name of the piece that is shipped.
const SHIPPED: &str = "first.csd";

/// The files that there are, and the view of what performs.
#[derive(Default)]
pub(super) struct Stage {
    pub view: View,
    pub log: Vec<Action>,
    pub(super) pieces: Vec<FakePiece>,
    /// The texts of the piece's file, or as it was shipped.
    unedited: Vec<String>,
    /// There is a Csound 7 as well.
    pub has_seven: bool,
    /// The folders of what was exported.
    pub exported: std::collections::BTreeSet<PathBuf>,
    /// The lines that slots send, where they can be sent.
    lines: [String; SLOTS],
    presets: Presets,
    /// The folder of the manual.
    pub(super) manual: Option<PathBuf>,
    /// The texts of the piece's folder that are open.
    pub(super) open_texts: std::collections::BTreeSet<String>,
}

impl Stage {
    pub fn new(pieces: Vec<FakePiece>) -> Self {
        let mut view = View { saved: Saved { generation: 1, ..Saved::default() }, ..View::default() };
        view.piece.shipped = [Shipped { name: SHIPPED.into(), about: "A first instrument".into() }].into();
        Self { view, pieces, ..Self::default() }
    }

    pub fn carry_out(&mut self, action: Action) {
        if action.is_request() {
            self.view.refused = None;
        }
        match action {
            Action::Open(path) => self.open(&path),
            Action::OpenShipped(number) => self.open_shipped(number),
            Action::Gather(agreed) => self.gather(agreed),
            Action::CloseGathering => self.view.gathering = None,
            Action::LookAtCatalogue => self.look_at_catalogue(),
            Action::AddPieceFolder(folder) => self.set_piece_folder(&folder, true),
            Action::RemovePieceFolder(folder) => self.set_piece_folder(&folder, false),
            Action::Preview(of) => self.preview(of),
            Action::EndPreview => self.view.preview = None,
            Action::LookUp(name) => self.look_up(name),
            Action::ChooseManual(folder) => self.choose_manual(&folder),
            Action::ForgetManual(folder) => self.forget_manual(&folder),
            Action::CloseManual => self.view.manual = None,
            Action::ChooseKey(command, choice) => {
                choose(&mut Arc::make_mut(&mut self.view.keys).chords, command, choice);
            }
            Action::ResetKeys => self.view.keys = Arc::default(),
            Action::TakeDraft | Action::DropDraft => self.view.draft = None,
            Action::EditOutside(_) => self.edit_outside(),
            Action::LookAtFolder => self.show_texts(),
            Action::OpenText(name) => self.open_text(name),
            Action::CloseText(name) => self.close_text(&name),
            Action::SaveText { name, text, over } => self.save_text(&name, &text, over),
            Action::OpenPreset(id) => {
                self.view.refused = self.presets.carry_out(Action::LoadPreset(id), &mut self.view);
            }
            Action::Reload => self.reload(),
            Action::Compare => self.compare(),
            Action::StopComparing if self.view.csound.comparison == ComparisonView::UnderWay => {
                self.forget_comparison();
            }
            Action::Export(wish) => self.export(*wish),
            Action::CloseExport => self.view.exporting = None,
            Action::ReloadByItself(on) => self.set_state(|state| state.reload_by_itself = on),
            Action::Apply(texts) => self.apply(&texts),
            Action::Save(texts) => self.save(&texts),
            Action::SaveAs(path, texts) => self.save_as(&path, &texts),
            Action::Trust => self.trust(true),
            Action::Untrust => self.trust(false),
            Action::Permit(permission) => self.permit(permission, true),
            Action::Revoke(permission) => self.permit(permission, false),
            Action::RevokeKept(_, Some(permission)) => self.permit(permission, false),
            Action::RevokeKept(_, None) => self.trust(false),
            Action::AllowLibrary(name) => self.set_libraries(|libraries| libraries.push(name)),
            Action::RevokeLibrary(name) => {
                self.set_libraries(|libraries| libraries.retain(|known| *known != name))
            }
            Action::Remember(state) => self.view.saved.state = (*state).into(),
            Action::Report(why) => self.say(Importance::Error, None, &why),
            Action::ClearConsole => self.view.console.clear(),
            Action::ClearClips => self.view.picture.meters.iter_mut().for_each(|meter| meter.clipped = false),
            Action::LoadPreset(_)
            | Action::StepPreset(_)
            | Action::SavePreset { .. }
            | Action::RenamePreset { .. }
            | Action::DeletePreset(_)
            | Action::ImportPresets(_)
            | Action::OtherSide
            | Action::BackFromPreset
            | Action::Morph(_) => {
                self.view.refused = self.presets.carry_out(action, &mut self.view);
            }
            // They show nothing of themselves.
            Action::ShowInFolder(_)
            | Action::ShowOnline
            | Action::AskHostMenu(_)
            | Action::ChooseOfHost(..)
            | Action::PopUpHostMenu(..)
            | Action::Dismiss => {}
            other => self.perform(other),
        }
    }

    fn perform(&mut self, action: Action) {
        let view = &mut self.view;
        match action {
            Action::Play => view.state = State::Playing,
            Action::Pause if view.state == State::Playing => view.state = State::Paused,
            Action::Stop => view.state = State::Ended,
            Action::Restart => self.restart(),
            Action::Seek(seconds) => view.transport.time = seconds,
            Action::Set(setting, value) => {
                view.settings.set(setting, value);
                if setting == Setting::Csound {
                    self.choose_csound(value as usize);
                }
            }
            Action::Tune(path) => {
                let name = |path: std::path::PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
                view.tuning = path.and_then(name);
            }
            Action::FollowHost(follows) => view.transport.follows_host = follows,
            Action::Record(on) => self.record(on),
            Action::RecordInto(folder) => view.recording.folder = Some(folder),
            Action::SetParam(ParamRef::Bank(index), position) => self.set(index, position),
            Action::SetChannel(name, value) => self.set_by_name(&name, value),
            Action::SetText(name, text) => self.set_text(&name, text),
            Action::EditRange(name, edited) => self.edit_range(&name, edited.as_ref()),
            Action::SendLine(line) => self.send(&line),
            Action::SendOrchestra(text) => self.reply(live_text::check_orchestra(&text).err()),
            Action::Evaluate(text) => self.evaluate(&text),
            Action::SetSlot(slot, text) => self.set_slot(slot, text),
            Action::TriggerSlot(slot) => self.trigger(slot),
            Action::LearnSlot(slot) => self.learn(slot),
            Action::LearnChannel(name) => self.learn_channel(name, false),
            Action::ForgetChannel(name) => self.learn_channel(name, true),
            Action::ForgetSlot(slot) => view.slots[slot].learned = None,
            Action::NoteOn { key, .. } => view.held |= 1 << key,
            Action::NoteOff { key } => view.held &= !(1 << key),
            // Gestures are the host's.
            _ => {}
        }
    }

    // ---- The piece and its files

    fn known(&self, path: &Path) -> Option<FakePiece> {
        self.pieces.iter().find(|piece| piece.path == path).cloned()
    }

    pub fn file(&self, path: &Path) -> Option<String> {
        Some(self.known(path)?.files.first()?.text.clone())
    }

    pub fn write_file(&mut self, path: &Path, text: &str) {
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.path == path) {
            text.clone_into(&mut piece.files[0].text);
        } else {
            self.pieces.push(FakePiece::csd(path, text));
        }
        self.show_texts();
        if self.view.piece.path.as_deref() == Some(path) {
            self.view.piece.changed_on_disk = true;
            let is_kept = self.view.source.unsaved || self.view.saved.state.draft.is_some();
            if self.view.saved.state.reload_by_itself && !is_kept {
                self.reload();
            }
        }
    }

    fn open(&mut self, path: &Path) {
        let Some(piece) = self.known(path) else {
            let why = format!("{} could not be read: there is no such file", path.display());
            self.view.refused = Some(why);
            return;
        };
        let old = self.view.piece.recent.iter().filter(|known| *known != path);
        self.view.piece.recent = std::iter::once(path.to_owned()).chain(old.cloned()).collect();
        self.view.piece.path = Some(path.to_owned());
        self.show(piece);
    }

    fn open_shipped(&mut self, number: usize) {
        if self.view.piece.shipped.get(number).is_some() {
            self.view.piece.path = None;
            self.show(FakePiece::csd(SHIPPED, "<CsoundSynthesizer>"));
        }
    }

    fn show(&mut self, piece: FakePiece) {
        self.presets.forget(&mut self.view);
        let view = &mut self.view;
        view.piece.name = file_name(&piece.path);
        view.channels = piece.channels.into();
        view.values = view.channels.iter().map(|channel| channel.range.default).collect();
        view.layout = piece.layout.map(Into::into);
        view.score = piece.score.into();
        view.transport.length = piece.length;
        let chosen = view.settings.of(Setting::Csound) as usize;
        self.choose_csound(chosen);
        self.say(Importance::Note, None, "performing at 48000 Hz");
        self.take(piece.files);
    }

    /// Performs texts from a file.
    fn take(&mut self, files: Vec<SourceFile>) {
        self.set_unedited(files.iter().map(|file| file.text.clone()).collect());
        self.forget_comparison();
        let source = &mut self.view.source;
        source.generation += 1;
        source.files = files.into();
        source.errors = [].into();
        source.failure = None;
        source.unsaved = false;
        self.view.instruments = activity::instruments(&self.view);
        self.view.piece.changed_on_disk = false;
        self.view.transport.time = 0.0;
        self.view.state = State::Playing;
        self.show_texts();
    }

    fn forget_comparison(&mut self) {
        self.view.csound.comparison = ComparisonView::None;
    }

    fn set_unedited(&mut self, texts: Vec<String>) {
        self.view.source.saved = texts.clone().into();
        self.unedited = texts;
    }

    fn reload(&mut self) {
        if let Some(piece) = self.view.piece.path.clone().and_then(|path| self.known(&path)) {
            self.take(piece.files);
        }
    }

    fn apply(&mut self, texts: &[String]) {
        let broken = |file: usize, text: &str| {
            let lines = text.lines().enumerate().filter(|(_, line)| line.contains("broken"));
            let error = |(line, _): (usize, &str)| SourceError {
                file,
                included: None,
                line: Some(line as u32 + 1),
                text: "syntax error, unexpected T_IDENT".into(),
            };
            lines.map(error).collect::<Vec<_>>()
        };
        let errors: Vec<_> = texts.iter().enumerate().flat_map(|(file, text)| broken(file, text)).collect();
        for error in &errors {
            let line = error.line.unwrap_or(1);
            self.say(Importance::Error, error.line, &format!("error: {}, line {line}", error.text));
        }
        // What plays plays on.
        self.view.source.failure = errors.first().map(|error| error.text.clone());
        if errors.is_empty() {
            self.view.state = State::Playing;
            self.replace(texts);
        }
        self.view.source.unsaved = self.unedited != texts;
        self.view.source.errors = errors.into();
        self.view.source.answered += 1;
    }

    fn replace(&mut self, texts: &[String]) {
        self.forget_comparison();
        let old = self.view.source.files.iter().cloned();
        let new = old.zip(texts).map(|(file, text)| SourceFile { text: text.clone(), ..file });
        self.view.source.files = new.collect();
        self.view.instruments = activity::instruments(&self.view);
        self.show_texts();
    }

    pub(super) fn save(&mut self, texts: &[String]) {
        let Some(path) = self.view.piece.path.clone() else { return };
        let is_its_text = self.view.source.files.iter().map(|file| &file.text).eq(texts);
        self.replace(texts);
        let files = self.view.source.files.to_vec();
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.path == path) {
            piece.files.clone_from(&files);
        }
        if !is_its_text {
            return self.take(files);
        }
        self.set_unedited(texts.to_vec());
        self.view.source.unsaved = false;
        self.view.piece.changed_on_disk = false;
    }

    fn save_as(&mut self, path: &Path, texts: &[String]) {
        let is_piece = path.extension().is_some_and(|ending| ending == "csd" || ending == "orc");
        if !is_piece {
            self.view.refused = Some(format!("{} is no piece", path.display()));
            return;
        }
        self.pieces.push(FakePiece { path: path.to_owned(), ..FakePiece::default() });
        self.view.piece.path = Some(path.to_owned());
        self.view.piece.name = file_name(path);
        self.save(texts);
    }

    fn set_state(&mut self, change: impl FnOnce(&mut EditorState)) {
        let mut state = (*self.view.saved.state).clone();
        change(&mut state);
        self.view.saved.state = state.into();
    }

    /// The Csound 6 performs, which is alone on most machines.
    fn choose_csound(&mut self, index: usize) {
        let csound = &mut self.view.csound;
        let installed = |name: &str| InstalledView { name: name.into(), place: PLACE.into() };
        let others = [SEVEN].into_iter().filter(|_| self.has_seven);
        csound.installed = Some(std::iter::once(SIX).chain(others).map(installed).collect());
        csound.performing = Some(SIX.into());
        self.view.opcodes = super::opcodes::opcodes();
        let csound = &mut self.view.csound;
        csound.named = Some(if index == 2 { "Csound 7" } else { "Csound 6" }.into());
    }

    /// A text with `oscili` differs, one with `while` takes for ever.
    fn compare(&mut self) {
        let csound = &mut self.view.csound;
        if let (_, Some(why)) = csound.other() {
            self.view.refused = Some(why);
            return;
        }
        let text: String = self.view.source.files.iter().map(|file| file.text.as_str()).collect();
        csound.comparison = match () {
            () if text.contains("while") => ComparisonView::UnderWay,
            () if text.contains("oscili") => ComparisonView::Done {
                told: format!(
                    "{SIX} and {SEVEN} differ from 0.001 s on (channel 1), by at most -99.0 dBFS (channel 1, at 3.210 s), \
                     within the first 10 s"
                ),
                kind: FindingKind::Different,
            },
            () => ComparisonView::Done {
                told: format!("{SIX} and {SEVEN} are equal bit for bit for the first 10 s"),
                kind: FindingKind::Alike,
            },
        };
        if let ComparisonView::Done { told, .. } = csound.comparison.clone() {
            self.say(Importance::Note, None, &told);
        }
    }

    // ---- Its permissions

    fn trust(&mut self, trusted: bool) {
        let isolation = &mut self.view.isolation;
        if let Some(why) = isolation.untrustable.clone().filter(|_| trusted) {
            self.view.refused = Some(why);
            return;
        }
        isolation.trusted = trusted;
        isolation.level = if trusted { IsolationLevel::OwnProcess } else { IsolationLevel::Confined };
        self.keep();
    }

    /// One text is kept: the present one.
    fn keep(&mut self) {
        let isolation = &self.view.isolation;
        let granted = isolation.permissions.iter().filter(|shown| shown.granted);
        let kept = KeptText {
            id: "present".into(),
            piece: self.view.piece.name.clone(),
            trusted: isolation.trusted,
            permissions: granted.map(|shown| shown.permission.clone()).collect(),
        };
        let is_kept = kept.trusted || !kept.permissions.is_empty();
        self.view.kept = Some(kept).filter(|_| is_kept).into_iter().collect();
    }

    fn permit(&mut self, permission: Permission, granted: bool) {
        let isolation = &mut self.view.isolation;
        isolation.asks_to_read.take_if(|asked| permission == Permission::Read(asked.clone()));
        let mut permissions = isolation.permissions.to_vec();
        match permissions.iter_mut().find(|shown| shown.permission == permission) {
            Some(shown) => shown.granted = granted && shown.unavailable.is_none(),
            None => {
                permissions.push(PermissionView { permission, granted, wanted_by: None, unavailable: None })
            }
        }
        isolation.permissions = permissions.into();
        self.keep();
    }

    fn set_libraries(&mut self, change: impl FnOnce(&mut Vec<String>)) {
        let mut libraries = self.view.isolation.libraries.to_vec();
        change(&mut libraries);
        self.view.isolation.libraries = libraries.into();
    }

    // ---- Its performance

    /// A piece that is paused stays so, one that is over plays.
    fn restart(&mut self) {
        self.view.transport.time = 0.0;
        if self.view.state == State::Ended {
            self.view.state = State::Playing;
        }
    }

    fn record(&mut self, on: bool) {
        let recording = &mut self.view.recording;
        let Some(folder) = &recording.folder else { return };
        recording.active = on;
        if on {
            recording.path = Some(folder.join("take.wav"));
            recording.format = "24 bit · 48 kHz · 2 channels".into();
            recording.seconds = 0.0;
        }
    }

    // ---- Lines and slots

    fn reply<E: std::fmt::Display>(&mut self, error: Option<E>) {
        let number = self.view.reply.as_ref().map_or(0, |reply| reply.number) + 1;
        self.view.reply = Some(Reply { number, error: error.map(|error| error.to_string()), value: None });
    }

    /// The number of a code that is `return` and a number, else 0, which is what code without a return gives.
    fn evaluate(&mut self, text: &str) {
        let checked = live_text::check_orchestra(text);
        let number =
            text.trim().strip_prefix("return").map_or(Ok(0.0), |number| number.trim().parse::<f64>());
        match (checked, number) {
            (Err(error), _) => self.reply(Some(error)),
            (Ok(()), Err(_)) => self.reply(Some("syntax error")),
            (Ok(()), Ok(number)) => {
                self.reply::<String>(None);
                if let Some(reply) = &mut self.view.reply {
                    reply.value = Some(number);
                }
            }
        }
    }

    fn set_slot(&mut self, slot: usize, text: String) {
        let wrong = live_text::check_score_line(&text).err().filter(|_| !text.trim().is_empty());
        let error = wrong.map(|error| error.to_string());
        if error.is_none() {
            self.lines[slot].clone_from(&text);
        }
        self.view.slots[slot].error.clone_from(&error);
        self.view.slots[slot].text = text;
        self.reply(error);
    }

    fn send(&mut self, line: &str) {
        let error = live_text::check_score_line(line).err();
        if error.is_none() {
            self.say(Importance::Print, None, &format!("new alloc for {line}"));
        }
        self.reply(error);
    }

    fn trigger(&mut self, slot: usize) {
        match self.view.slots[slot].error.clone() {
            Some(error) => self.reply(Some(error)),
            None => self.send(&self.lines[slot].clone()),
        }
    }

    fn say(&mut self, importance: Importance, source_line: Option<u32>, text: &str) {
        let plays = self.view.state == State::Playing && importance != Importance::Note;
        let at = plays.then_some(self.view.transport.time);
        self.view.console.push(Line { importance, source_line, at, text: text.into() });
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
