//! The editor's backend over [`Link`]: what it sees of an instance, and what its actions do.

mod activity;
mod comparison;
mod controllers;
mod files;
mod isolation;
mod memory;
mod panel;
mod panel_finish;
mod panel_graph;
mod panel_layout;
mod panel_of;
mod panel_traces;
mod presets;
mod preview;
mod ranges;
mod settings;
mod view;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use csound_cabbage::table::Stroke;
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::BoolParam;

use csound_performance::engine::{Abandoned, ConsoleLine, Purpose};
use csound_performance::{PerformanceError, RecordState};

use crate::editor::model::{Action, Backend, EditorState, ParamRef, View};
use crate::gathering::Gathers;
use crate::plugin::audio::transport::Sync;
use crate::plugin::channels::bank;
use crate::plugin::control::Control;
use crate::plugin::params::{ChannelParam, PerformerParams};
use crate::plugin::pieces;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::errand::{
    CatalogueErrand, Change, DraftErrand, Errand, KeyErrand, ManualErrand, PresetErrand, TextErrand,
};
use crate::plugin::shared::host_menus::MenuWish;
use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::code::Sender;
use crate::plugin::shared::remembered;
use crate::plugin::slots::event_slots::SlotText;
use crate::user_input::{InputChannel, UserInput};
use memory::Memory;

pub use panel_of::panel_of;

/// The backend of one instance.
pub struct InstanceBackend {
    control: Arc<Control>,
    link: Arc<Link>,
    params: Arc<PerformerParams>,
    memory: Mutex<Memory>,
}

impl InstanceBackend {
    /// The backend over an instance's control thread and parameters.
    pub fn new(control: Arc<Control>, params: Arc<PerformerParams>) -> Self {
        params.attach();
        Self { link: Arc::clone(control.link()), control, params, memory: Mutex::default() }
    }

    /// Whether the plugin lets the user do this: an exported piece keeps to itself, and to its panel if its manifest
    /// says so.
    fn permits(&self, action: &Action) -> bool {
        let Some(export) = &self.link.export else { return true };
        let opens = matches!(
            action,
            Action::Open(_)
                | Action::OpenShipped(_)
                | Action::SaveAs(..)
                | Action::Save(_)
                | Action::SaveText { .. }
                | Action::EditOutside(_)
                | Action::Export(_)
                | Action::Gather(_)
                | Action::LookAtCatalogue
                | Action::AddPieceFolder(_)
                | Action::OpenPreset(_)
                | Action::Preview(_)
        );
        let edits = matches!(
            action,
            Action::Apply(_)
                | Action::Reload
                | Action::SendOrchestra(_)
                | Action::Evaluate(_)
                | Action::Trust
                | Action::Permit(_)
                | Action::LookUp(_)
                | Action::ChooseManual(_)
                | Action::LookAtFolder
                | Action::OpenText(_)
        );
        !opens && (!edits || export.manifest.show_source)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn param(&self, ParamRef::Bank(index): ParamRef) -> Option<&ChannelParam> {
        self.params.channels.get(index).filter(|_| index < bank::PARAMETERS)
    }

    /// Tells the host of a gesture.
    fn touch(&self, param: ParamRef, tell: impl FnOnce(&GuiContext, &ChannelParam)) {
        let host = self.memory().host.clone();
        if let (Some(host), Some(param)) = (host, self.param(param)) {
            tell(&host, param);
        }
    }

    /// Moves a parameter, and its channel even where the parameter stands there already: a channel that nobody
    /// has set stands where the piece begins, wherever its parameter does.
    fn set_param(&self, param: ParamRef, position: f32) {
        let ParamRef::Bank(index) = param;
        let stands = self.param(param).is_some_and(|param| param.position() == position);
        self.touch(param, |host, param| param.set(&host.param_setter(), position));
        if stands {
            self.link.bank.moved_to(index, position);
        }
    }

    /// Moves the parameters whose channels the piece has set, where nobody else has moved them since. Parameters are
    /// the host's, so this takes an open editor.
    fn carry_out_moves(&self) {
        if self.memory().host.is_none() {
            return;
        }
        for (index, (value, before)) in self.link.take_moves() {
            let Some((_, range)) = self.link.bank.channel(index) else { continue };
            let position = range.to_normalized(value) as f32;
            let param = ParamRef::Bank(index);
            let stands = self.param(param).is_some_and(|param| param.position() == position);
            if !stands && self.link.bank.value(index) == before {
                self.touch(param, |host, param| {
                    let setter = host.param_setter();
                    param.begin(&setter);
                    param.set(&setter, position);
                    param.end(&setter);
                });
            }
        }
    }

    /// Sets a switch of the host's, as a gesture.
    fn switch(&self, param: impl Fn(&PerformerParams) -> &BoolParam, on: bool) {
        let host = self.memory().host.clone();
        if let Some(host) = host {
            let (setter, param) = (host.param_setter(), param(&self.params));
            setter.begin_set_parameter(param);
            setter.set_parameter(param, on);
            setter.end_set_parameter(param);
        }
    }

    fn follow_host(&self, follows: bool) {
        let host = self.memory().host.clone();
        let sync = if follows { Sync::Host } else { Sync::Free };
        if let Some(host) = host {
            let (setter, param) = (host.param_setter(), &self.params.sync);
            setter.begin_set_parameter(param);
            setter.set_parameter(param, sync);
            setter.end_set_parameter(param);
        }
    }

    /// Plays or pauses, and lets the host's parameter follow. The performance is told as well as the host:
    /// the parameter may stand there already (the piece was stopped, or has ended), and then its change would
    /// not come; where it does come, the second command finds the piece as it is wanted.
    fn play(&self, on: bool) {
        let performance = self.link.performance();
        self.done(if on { performance.play() } else { performance.pause() });
        if self.params.play.value() != on {
            self.switch(|params| &params.play, on);
        }
    }

    /// Records. Where no recording stands by yet, the audio thread begins one as soon as one does.
    fn record(&self, on: bool) {
        if on && self.link.session().recording_folder.is_none() {
            return self.refuse("nothing is recorded: choose a folder for recordings first".to_owned());
        }
        let recording = self.link.performance().recording();
        let records = recording.is_some_and(|recording| recording.state() == RecordState::Recording);
        self.link.recording_asked.store(on && !records, Ordering::Release);
        self.switch(|params| &params.record, on);
    }

    /// Where a recording could not be made or broke off, the host's parameter does not say that one is.
    fn follow_recordings(&self) {
        let failed = self.link.failed_recordings.load(Ordering::Acquire);
        let before = std::mem::replace(&mut self.memory().failed_recordings, failed);
        if before != failed && self.params.record.value() {
            self.switch(|params| &params.record, false);
        }
    }

    /// Whether there is something to follow.
    fn owes_host(&self) -> bool {
        let known = self.memory().failed_recordings;
        known != self.link.failed_recordings.load(Ordering::Acquire)
            || self.link.has_wishes()
            || self.link.has_owed()
            || self.link.has_moves()
            || self.link.learned.has_moves()
    }

    fn record_into(&self, folder: &Path) {
        self.link.set_recording_folder(folder);
    }

    fn set_slot(&self, slot: usize, line: String) {
        let Some(place) = self.memory().unsendable.get_mut(slot).map(std::mem::take) else { return };
        drop(place);
        let error = self.link.slots.set(slot, SlotText { line: line.clone(), absolute: false }).err();
        let error = error.map(|error| error.to_string());
        if let Some(why) = &error {
            self.report(&format!("slot {}: {why}", slot + 1));
        }
        let mut memory = self.memory();
        memory.unsendable[slot] = error.clone().map(|why| (line, why));
        memory.answer(error, None);
        memory.looked = None;
    }

    fn trigger_slot(&self, slot: usize) {
        let typed = self.memory().unsendable.get(slot).and_then(|typed| typed.clone());
        if let Some((_, why)) = typed {
            return self.answer(Some(why));
        }
        if let Some(text) = self.link.slots.texts().get(slot).filter(|text| !text.line.is_empty()) {
            self.sent(self.link.performance().input_message(&text.line));
        }
    }

    fn tell(&self, input: UserInput) {
        let before = std::mem::replace(&mut self.memory().input, input.clone());
        self.link.tell_of_input(&input, &before);
    }

    fn remember(&self, state: EditorState) {
        if let Ok(value) = serde_json::to_value(&state) {
            self.link.remember_editor(value);
        }
        self.memory().state = Arc::new(state);
    }

    /// Has the control thread do what reads or writes files.
    fn ask(&self, errand: Errand) {
        self.control.start();
        self.link.ask(errand);
    }

    /// Changes what the piece that the editor shows may do.
    fn change(&self, change: Change) {
        if let Some(piece) = self.memory().piece.as_ref().and_then(SavedPiece::piece) {
            self.ask(Errand::Change(piece, change));
        }
    }

    /// Tells the user why an action could not be carried out, here and on the console.
    fn refuse(&self, why: String) {
        self.report(&why);
        self.memory().refused = Some(why);
    }

    /// Tells the user if it could not be done.
    fn done<E: std::fmt::Display>(&self, outcome: Result<(), E>) {
        if let Err(error) = outcome {
            self.refuse(error.to_string());
        }
    }

    /// Writes an error to the console.
    fn report(&self, why: &str) {
        self.link.log(vec![ConsoleLine::error(why)]);
    }

    fn answer(&self, error: Option<String>) {
        if let Some(why) = &error {
            self.report(why);
        }
        self.memory().answer(error, None);
    }

    /// Sends orchestra code; what comes of it is answered later.
    fn send_code(&self, code: &str, purpose: Purpose) {
        self.control.start();
        if let Err(why) = self.link.send_code(code, purpose, Sender::Editor) {
            self.answer(Some(why));
        }
    }

    fn sent(&self, result: Result<(), PerformanceError>) {
        self.answer(result.err().map(|error| error.to_string()));
    }

    /// A key of the on-screen keyboard, on the first channel. It goes the way of the host's notes.
    fn play_note(&self, status: u8, key: u8, velocity: u8) {
        let bit = 1_u128 << (key & 0x7F);
        let mut memory = self.memory();
        memory.held = if status == 0x90 { memory.held | bit } else { memory.held & !bit };
        drop(memory);
        // A full queue drops it, as a MIDI port would.
        let _ = self.link.keys.push([status, key & 0x7F, velocity & 0x7F]);
    }
}

impl Backend for InstanceBackend {
    fn fill(&self, view: &mut View) {
        self.fill_view(view);
        view.owes_host = self.owes_host();
    }

    fn follow(&self) {
        self.follow_recordings();
        self.carry_out_wishes();
        self.tell_of_presets();
        self.carry_out_moves();
        self.carry_out_learned();
    }

    fn act(&self, action: Action) {
        if action.is_request() {
            self.memory().refused = None;
        }
        if !self.permits(&action) {
            return self.refuse("this plugin performs its own piece and no other".to_owned());
        }
        let performance = self.link.performance();
        match action {
            Action::Open(path) => self.ask(Errand::Open(path)),
            Action::Gather(agreed) => {
                // What stood before is no answer to this.
                let mut locked = self.link.lock();
                locked.give_up_gathering();
                locked.gathering = Some((Gathers::UnderWay, Abandoned::default()));
                drop(locked);
                self.ask(Errand::Gather(agreed));
            }
            Action::CloseGathering => {
                self.link.lock().give_up_gathering();
                self.memory().looked = None;
            }
            Action::LookAtCatalogue => self.ask(Errand::Catalogue(CatalogueErrand::Look)),
            Action::AddPieceFolder(path) => self.ask(Errand::Catalogue(CatalogueErrand::Add(path))),
            Action::RemovePieceFolder(path) => self.ask(Errand::Catalogue(CatalogueErrand::Remove(path))),
            Action::Preview(of) => self.preview(of),
            Action::EndPreview => self.end_preview(),
            Action::LookUp(name) => self.ask(Errand::Manual(ManualErrand::LookUp(name))),
            Action::ChooseManual(folder) => self.ask(Errand::Manual(ManualErrand::Choose(folder))),
            Action::ForgetManual(folder) => self.ask(Errand::Manual(ManualErrand::Forget(folder))),
            Action::CloseManual => {
                self.link.lock().close_manual();
                self.memory().looked = None;
            }
            Action::ChooseKey(command, choice) => self.ask(Errand::Keys(KeyErrand::Choose(command, choice))),
            Action::ResetKeys => self.ask(Errand::Keys(KeyErrand::Reset)),
            Action::ShowOnline => self.show_online(),
            Action::OpenPreset(id) => self.preset(PresetErrand::Open(id)),
            Action::Reload => self.ask(Errand::Reload),
            Action::Compare => self.ask(Errand::Compare),
            Action::StopComparing => self.link.lock().give_up_comparison(),
            Action::Export(wish) => self.ask(Errand::Export(wish)),
            Action::CloseExport => {
                self.link.lock().give_up_export();
                self.memory().looked = None;
            }
            Action::Apply(texts) => self.apply(&texts),
            Action::OpenShipped(number) => {
                if let Some(piece) = pieces::files::shipped(number) {
                    self.ask(Errand::Load(piece));
                }
            }
            Action::Trust => self.change(Change::Trusted(true)),
            Action::Untrust => self.change(Change::Trusted(false)),
            Action::Permit(permission) => self.change(Change::Permit(permission)),
            Action::Revoke(permission) => self.change(Change::Revoke(permission)),
            Action::RevokeKept(id, permission) => self.ask(Errand::RevokeKept(id, permission)),
            Action::AllowLibrary(name) => self.ask(Errand::SetLibrary { name, allowed: true }),
            Action::RevokeLibrary(name) => self.ask(Errand::SetLibrary { name, allowed: false }),
            Action::Play => self.play(true),
            Action::Pause => self.play(false),
            Action::Stop => self.done(performance.stop()),
            Action::Restart => self.link.shared.ask_for_renewal(),
            Action::Record(on) => self.record(on),
            Action::RecordInto(folder) => self.record_into(&folder),
            Action::Set(setting, value) => self.set_setting(setting, value),
            Action::Tune(path) => self.ask(Errand::Tune(path)),
            Action::FollowHost(follows) => self.follow_host(follows),
            Action::SetText(name, text) => {
                self.link.set_channel_text(&name, &text);
                // A choice shows at once what was chosen.
                self.memory().looked = None;
            }
            Action::EditRange(name, edited) => self.edit_range(&name, edited.as_ref()),
            Action::SetSlot(slot, line) => self.set_slot(slot, line),
            Action::TriggerSlot(slot) => self.trigger_slot(slot),
            Action::SendOrchestra(code) => self.send_code(&code, Purpose::Compile),
            Action::Evaluate(code) => self.send_code(&code, Purpose::Evaluate),
            Action::Save(texts) => {
                if let Some(path) = self.path() {
                    self.save(&path, texts, false);
                }
            }
            Action::SaveAs(path, texts) => self.save(&path, texts, true),
            Action::ShowInFolder(path) => self.show_in_folder(&path),
            Action::ClearClips => self.memory().clipped = Default::default(),
            Action::Seek(seconds) => self.done(performance.set_score_offset_seconds(seconds)),
            Action::LoadPreset(id) => self.preset(PresetErrand::Load(id)),
            Action::StepPreset(by) => self.preset(PresetErrand::Step(by)),
            Action::SavePreset { name, tags, replace } => {
                self.preset(PresetErrand::Save { name, tags, replace });
            }
            Action::RenamePreset { id, name, tags } => self.preset(PresetErrand::Rename { id, name, tags }),
            Action::DeletePreset(id) => self.preset(PresetErrand::Delete(id)),
            Action::ImportPresets(path) => self.preset(PresetErrand::Import(path)),
            Action::OtherSide => self.preset(PresetErrand::OtherSide),
            Action::BackFromPreset => self.preset(PresetErrand::Back),
            Action::Morph(share) => self.preset(PresetErrand::Morph(share)),
            Action::SendLine(line) => self.sent(performance.input_message(&line)),
            Action::NoteOn { key, velocity } => self.play_note(0x90, key, velocity),
            Action::NoteOff { key } => self.play_note(0x80, key, 0),
            Action::BeginGesture(param) => {
                self.touch(param, |host, param| param.begin(&host.param_setter()));
            }
            Action::SetParam(param, position) => self.set_param(param, position as f32),
            Action::EndGesture(param) => {
                self.touch(param, |host, param| param.end(&host.param_setter()));
            }
            Action::Tell(input) => self.tell(*input),
            Action::Remember(state) => self.remember(*state),
            Action::ReloadByItself(on) => {
                let state = EditorState { reload_by_itself: on, ..(*self.memory().state).clone() };
                self.remember(state);
            }
            Action::SetChannel(name, value) => {
                self.link.bank.set(&name, value);
            }
            Action::DrawTable { table, places, values } => self.link.draw(Stroke { table, places, values }),
            Action::AskHostMenu(of) => self.link.menus.wish(MenuWish::Offer(of)),
            Action::ChooseOfHost(of, number) => self.link.menus.wish(MenuWish::Choose(of, number)),
            Action::PopUpHostMenu(of, at) => self.link.menus.wish(MenuWish::PopUp(of, at)),
            Action::LookAtFolder => self.ask(Errand::Text(TextErrand::Look)),
            Action::OpenText(name) => self.ask(Errand::Text(TextErrand::Open(name))),
            Action::CloseText(name) => self.ask(Errand::Text(TextErrand::Close(name))),
            Action::SaveText { name, text, over } => {
                self.ask(Errand::Text(TextErrand::Save { name, text, over }));
            }
            Action::TakeDraft => self.ask(Errand::Draft(DraftErrand::Take)),
            Action::DropDraft => self.ask(Errand::Draft(DraftErrand::Drop)),
            Action::EditOutside(name) => self.edit_outside(name.as_deref()),
            Action::LearnChannel(name) => self.learn(&name, false),
            Action::ForgetChannel(name) => self.learn(&name, true),
            Action::LearnSlot(slot) => self.link.learning.wait_or_cancel(slot),
            Action::ForgetSlot(slot) => self.link.learning.forget(slot),
            Action::Report(why) => self.report(&why),
            // Every request does that.
            Action::Dismiss => {}
            Action::ClearConsole => self.memory().clears = true,
        }
    }

    fn opened(&self, context: GuiContext) {
        // What a host was told of on its main thread is no gesture of this window's.
        drop(self.link.take_owed());
        self.memory().host = Some(context);
        // Pieces are loaded before the host activates the instance, too.
        self.control.start();
        if let Some(piece) = remembered::opened(|| self.link.has_errands()) {
            self.memory().named = Some(piece);
        }
        // Another instance may have changed them.
        self.link.ask(Errand::Keys(KeyErrand::Read));
        self.link.taps.watch(true);
        self.link.input.set(InputChannel::EditorOpen, 1.0);
    }

    fn closed(&self) {
        let host = self.memory().host.take();
        if let Some(host) = host {
            remembered::closed(&host);
        }
        self.end_preview();
        self.link.taps.watch(false);
        self.link.input.set(InputChannel::EditorOpen, 0.0);
        self.link.shared.watch_channels(false);
    }
}
