//! The contract.

use csound_performer::editor::model::*;
use csound_performer::permission::Permission;

use super::exporting::an_export_wants_a_file_with_the_text;
use super::held::{Held, Side, number, value};
use super::piece::{LEVEL_LINE, channels, layout, piece, slow, tone};

/// Holds a backend to it.
///
/// # Panics
/// It breaks it.
pub fn holds(side: &mut dyn Side) {
    let mut held = Held::new(side);
    nothing_is_offered_or_edited_outside(&mut held);
    pieces(&mut held);
    channels_are_set(&mut held);
    super::ranges::are_edited(&mut held);
    controllers_are_learned(&mut held);
    texts_are_applied_and_saved(&mut held);
    files_are_followed(&mut held);
    the_transport_moves(&mut held);
    super::activity::is_seen(&mut held);
    lines_are_answered(&mut held);
    slots_are_kept(&mut held);
    the_console_is_cleared(&mut held);
    super::presets::are_kept(&mut held);
    super::catalogue::is_looked_through(&mut held);
    super::preview::is_heard_and_ended(&mut held);
    super::manual::is_looked_up(&mut held);
    super::keys::are_chosen(&mut held);
    super::texts::are_opened_and_saved(&mut held);
    permissions_are_given_and_taken_back(&mut held);
    recordings_are_made(&mut held);
    keys_are_held(&mut held);
    settings_are_set(&mut held);
    csounds_are_shown(&mut held);
    opcodes_are_told(&mut held);
    a_comparison_wants_both_csounds(&mut held);
    the_editor_is_remembered(&mut held);
    an_export_wants_a_file_with_the_text(&mut held);
    super::gather::files_are_collected(&mut held);
    assert_eq!(held.missing(), [""; 0], "actions that the contract says nothing of");
}

/// Without a controller that moves.
fn controllers_are_learned(held: &mut Held) {
    let waits = |view: &View, name: Option<&str>| view.controllers.waiting.as_deref() == name;
    held.act(Action::LearnChannel("cutoff".into()));
    held.until("it waits", |view| waits(view, Some("cutoff")));
    held.act(Action::LearnChannel("c000".into()));
    held.until("another one waits", |view| waits(view, Some("c000")));
    held.act(Action::LearnChannel("c000".into()));
    held.until("it waits no longer", |view| waits(view, None));
    held.act(Action::LearnChannel("c129".into()));
    held.until("a channel without a parameter waits", |view| waits(view, Some("c129")));
    held.act(Action::ForgetChannel("cutoff".into()));
    held.act(Action::ForgetChannel("c129".into()));
    held.until("what forgets waits no longer", |view| waits(view, None));
    held.act(Action::LearnChannel("no such channel".into()));
    held.until("nobody waits", |view| waits(view, None) && view.controllers.learned.is_empty());
}

/// Before there is a piece.
fn nothing_is_offered_or_edited_outside(held: &mut Held) {
    held.act(Action::TakeDraft);
    held.act(Action::DropDraft);
    held.act(Action::EditOutside(None));
    held.until("there is no file to edit", |view| {
        let told = "the piece has no file that an editor could open: save it first";
        view.refused.as_deref() == Some(told)
    });
    assert_eq!(held.view().draft, None);
}

/// Holds a backend to it on a machine with both Csounds.
///
/// # Panics
/// It breaks it.
pub fn compares(side: &mut dyn Side) {
    let mut held = Held::new(side);
    let path = held.side.write("contract.csd", &piece("0.25"));
    held.act(Action::Open(path));
    held.until("both Csounds are found", |view| {
        view.state == State::Playing && view.csound.other().1.is_none()
    });
    for (opcode, kind, words) in [
        ("oscili", FindingKind::Different, "dBFS (channel 1"),
        ("poscil", FindingKind::Alike, "equal bit for bit for the first 10 s"),
    ] {
        held.apply(&tone(opcode));
        held.until("another piece is not compared yet", |view| {
            view.csound.comparison == ComparisonView::None
        });
        held.act(Action::ClearConsole);
        held.act(Action::Compare);
        held.until(opcode, |view| matches!(&view.csound.comparison, ComparisonView::Done { .. }));
        let ComparisonView::Done { told, kind: found } = held.view().csound.comparison.clone() else {
            return;
        };
        assert!(found == kind && told.contains(words), "{found:?} {told}");
        held.until("the console says so", |view| {
            view.console.lines().any(|line| line.text.contains(words) && line.importance == Importance::Note)
        });
        assert_eq!((&held.view().state, &held.view().refused), (&State::Playing, &None));
        held.act(Action::StopComparing);
        held.until("what is done stays", |view| view.csound.comparison != ComparisonView::None);
    }
    held.apply(&slow());
    held.act(Action::Compare);
    held.until("it takes long", |view| view.csound.comparison == ComparisonView::UnderWay);
    held.act(Action::StopComparing);
    held.until("it is given up", |view| view.csound.comparison == ComparisonView::None);
}

fn pieces(held: &mut Held) {
    held.until("there is no piece", |view| view.state == State::Empty && view.saved.generation > 0);
    held.until("pieces are offered", |view| !view.piece.shipped.is_empty());
    held.act(Action::OpenShipped(0));
    let name = held.view().piece.shipped[0].name.clone();
    held.until("a shipped piece plays", |view| view.state == State::Playing && view.piece.name == name);
    assert_eq!((held.view().piece.path.clone(), held.view().source.unsaved), (None, false));
    assert_eq!(held.view().source.files.len(), 1);
    held.act(Action::Apply(vec![piece("0.125")]));
    held.until("one that was changed is not saved", |view| view.source.unsaved);

    let path = held.side.write("contract.csd", &piece("0.25"));
    let generation = held.view().source.generation;
    held.act(Action::Open(path.clone()));
    held.until("a piece plays", |view| view.state == State::Playing && view.piece.name == "contract.csd");
    held.until("its text is shown", |view| view.source.generation > generation && !view.source.unsaved);
    let view = held.view();
    assert_eq!(view.piece.path.as_ref(), Some(&path));
    assert_eq!(view.piece.recent.first(), Some(&path));
    assert_eq!(view.source.files[0].text, piece("0.25"));
    assert_eq!(
        (view.source.files[0].name.as_str(), view.source.files[0].language),
        ("contract.csd", Language::Csd)
    );

    for next in [Action::Dismiss, Action::ClearClips] {
        held.act(Action::Open("/no such folder/a.csd".into()));
        held.until("a file that is not there is refused", |view| view.refused.is_some());
        assert!(held.view().refused.as_deref().unwrap_or("").contains("/no such folder/a.csd"));
        assert_eq!((held.view().piece.name.as_str(), &held.view().state), ("contract.csd", &State::Playing));
        held.act(next);
        held.until("until it is read, or something else is asked for", |view| view.refused.is_none());
    }
    assert!(held.view().picture.meters.iter().all(|meter| !meter.clipped));
}

fn channels_are_set(held: &mut Held) {
    held.until("the channels are shown", |view| view.channels.len() == channels().len());
    for (shown, expected) in held.view().channels.iter().zip(channels()) {
        assert_eq!(*shown, expected);
    }
    assert_eq!(held.view().layout.as_deref(), Some(&layout()));
    held.until("they stand at their beginnings", |view| value(view, "cutoff") == 440.0);

    let cutoff = ParamRef::Bank(0);
    for position in [1.0, 0.5] {
        held.act(Action::BeginGesture(cutoff));
        held.act(Action::SetParam(cutoff, position));
        held.act(Action::EndGesture(cutoff));
        let value_there = held.view().channels[0].range.to_value(position);
        held.until("a parameter moves its channel", |view| value(view, "cutoff") == value_there);
    }
    held.act(Action::SetChannel("c129".into(), 0.5));
    held.until("one beyond the bank is set", |view| value(view, "c129") == 0.5);
    let before = held.value("cutoff");
    for name in ["cutoff", "seen", "no such channel"] {
        held.act(Action::SetChannel(name.into(), 0.75));
    }
    held.act(Action::SetChannel("c128".into(), 0.25));
    held.until("what has a parameter is not set beside it", |view| value(view, "c128") == 0.25);
    assert_eq!(held.value("cutoff"), before);
    assert_ne!(held.value("seen"), 0.75);
    held.act(Action::SetText("words".into(), "bright".into()));
    let text =
        |view: &View| view.channels.iter().find(|channel| channel.name == "words").unwrap().text.clone();
    held.until("a text is set", |view| text(view).as_deref() == Some("bright"));
}

fn texts_are_applied_and_saved(held: &mut Held) {
    let path = held.view().piece.path.clone().unwrap();
    let generation = held.view().source.generation;
    assert_eq!(held.apply(&piece("0.5")), []);
    held.until("a text that was applied can be saved", |view| view.source.unsaved);
    assert_eq!(held.side.read(&path), piece("0.25"), "it is not by itself");
    held.act(Action::Save(vec![piece("0.5")]));
    held.until("it is saved", |view| !view.source.unsaved);
    assert_eq!(held.side.read(&path), piece("0.5"));
    held.until("its file is known", |view| *view.source.saved == [piece("0.5")]);

    let errors = held.apply(&piece("broken +,"));
    assert!(errors.iter().any(|error| (error.file, error.line) == (0, Some(LEVEL_LINE))), "{errors:?}");
    assert!(errors.iter().any(|error| error.text.contains("syntax error")), "{errors:?}");
    held.until("it says so, and what plays plays on", |view| {
        view.source.failure.is_some()
            && view.state == State::Playing
            && view.transport.plays
            && view.source.unsaved
    });
    held.act(Action::Pause);
    held.until("that can be held", |view| view.state == State::Paused && view.source.failure.is_some());
    held.act(Action::Play);
    held.until("and played", |view| view.state == State::Playing && view.source.failure.is_some());
    assert_eq!(held.apply(&piece("0.75")), []);
    held.until("the mended text plays", |view| view.state == State::Playing && view.source.unsaved);
    assert_eq!(held.view().source.failure, None);
    assert_eq!(held.apply(&piece("0.5")), []);
    held.until("the file's own text is saved already", |view| !view.source.unsaved);

    held.apply(&piece("0.75"));
    held.until("it differs", |view| view.source.unsaved);
    held.act(Action::Reload);
    held.until("the file's text is back", |view| {
        view.source.files[0].text == piece("0.5") && !view.source.unsaved
    });
    assert!(held.view().source.generation > generation);

    let copy = path.with_file_name("copy.csd");
    held.apply(&piece("0.75"));
    held.act(Action::SaveAs(copy.clone(), vec![piece("0.75")]));
    held.until("the copy is the piece", |view| {
        view.piece.path.as_ref() == Some(&copy) && !view.source.unsaved
    });
    assert_eq!(held.view().piece.name, "copy.csd");
    assert_eq!((held.side.read(&copy), held.side.read(&path)), (piece("0.75"), piece("0.5")));
    held.act(Action::SaveAs(path.with_file_name("notes.txt"), vec![piece("0.5")]));
    held.until("what is no piece's file is not written", |view| view.refused.is_some());
    held.act(Action::Open(path));
    held.until("the first is open", |view| view.piece.name == "contract.csd" && view.state == State::Playing);
}

fn files_are_followed(held: &mut Held) {
    held.side.write("contract.csd", &piece("0.125"));
    held.until("a change is offered", |view| view.piece.changed_on_disk);
    held.act(Action::Reload);
    held.until("it is taken", |view| {
        !view.piece.changed_on_disk && view.source.files[0].text == piece("0.125") && !view.source.unsaved
    });
    held.act(Action::ReloadByItself(true));
    held.until("that is remembered", |view| view.saved.state.reload_by_itself);
    held.side.write("contract.csd", &piece("0.25"));
    held.until("it is read by itself", |view| view.source.files[0].text == piece("0.25"));
    held.act(Action::ReloadByItself(false));
    held.until("or not", |view| !view.saved.state.reload_by_itself && view.state == State::Playing);
}

fn the_transport_moves(held: &mut Held) {
    held.act(Action::Seek(50.0));
    held.until("it is there", |view| view.transport.time >= 50.0 && view.transport.time < 60.0);
    held.act(Action::Restart);
    held.until("it begins again", |view| view.state == State::Playing && view.transport.time < 10.0);
    held.act(Action::Pause);
    held.until("it holds still", |view| view.state == State::Paused);
    held.act(Action::Seek(50.0));
    held.until("it goes there all the same", |view| view.transport.time >= 50.0);
    held.act(Action::Restart);
    held.until("it still holds still", |view| view.state == State::Paused);
    held.act(Action::Play);
    held.until("it plays from its beginning", |view| {
        view.state == State::Playing && view.transport.time < 10.0
    });
    held.act(Action::Stop);
    held.until("it is over", |view| view.state == State::Ended);
    held.act(Action::Play);
    held.until("it plays once more", |view| view.state == State::Playing);
    held.act(Action::Stop);
    held.until("it is over again", |view| view.state == State::Ended);
    held.act(Action::Restart);
    held.until("it plays from its beginning", |view| {
        view.state == State::Playing && view.transport.time < 10.0
    });
    held.act(Action::FollowHost(true));
    held.until("it follows the host", |view| view.transport.follows_host);
    held.act(Action::FollowHost(false));
    held.until("it is on its own", |view| !view.transport.follows_host);
    held.act(Action::Play);
    held.until("it plays again", |view| view.state == State::Playing);
}

fn lines_are_answered(held: &mut Held) {
    assert_eq!(held.answer(Action::SendLine("i 2 0 1".into())), None);
    held.until("what Csound says of it has its time", |view| {
        let is_now = |line: &Line| line.at.is_some_and(|at| at >= 0.0 && at <= view.transport.time + 1.0);
        view.console.lines().any(|line| is_now(line) && line.text.contains("new alloc"))
    });
    let ours = |line: &Line| line.importance == Importance::Note && line.at.is_some();
    assert!(!held.view().console.lines().any(ours), "what is ours was said by no piece");
    assert!(held.answer(Action::SendLine("i 2 0 [1+".into())).is_some());
    assert_eq!(held.answer(Action::SendOrchestra("giOne = 1".into())), None);
    assert!(held.answer(Action::SendOrchestra("instr 8\nprints \"open\nendin".into())).is_some());
    let value = |held: &Held| held.view().reply.as_ref().and_then(|reply| reply.value);
    assert_eq!(value(held), None, "what is compiled gives no number");
    assert_eq!(held.answer(Action::Evaluate("return 2.5".into())), None);
    assert_eq!(value(held), Some(2.5));
    assert_eq!(held.answer(Action::Evaluate("giTwo = 2".into())), None);
    assert_eq!(value(held), Some(0.0), "without a return");
    assert!(held.answer(Action::Evaluate("return nonsense".into())).is_some());
    assert_eq!(value(held), None);
    assert!(held.answer(Action::Evaluate("return \"open".into())).is_some());
    let before = number(held.view());
    held.act(Action::Pause);
    held.until("it holds still", |view| view.state == State::Paused);
    assert_eq!(held.answer(Action::Evaluate("return -4".into())), None);
    assert_eq!((value(held), number(held.view())), (Some(-4.0), before + 1), "also while it holds still");
    let before = number(held.view());
    held.act(Action::Play);
    held.until("it plays", |view| view.state == State::Playing);
    assert_eq!(number(held.view()), before, "only lines, code and slots are answered");
}

fn slots_are_kept(held: &mut Held) {
    assert_eq!(held.answer(Action::SetSlot(3, "i 2 0 0.1".into())), None);
    held.until("the line is kept", |view| view.slots[3].text == "i 2 0 0.1" && view.slots[3].error.is_none());
    assert!(held.answer(Action::SetSlot(3, "i 2 0 [1+".into())).is_some());
    held.until("a bad one stays to be mended", |view| {
        view.slots[3].text == "i 2 0 [1+" && view.slots[3].error.is_some()
    });
    assert!(held.answer(Action::TriggerSlot(3)).is_some(), "and is not sent");
    assert_eq!(held.answer(Action::SetSlot(3, "i 2 0 0.2".into())), None);
    held.until("it is mended", |view| view.slots[3].text == "i 2 0 0.2" && view.slots[3].error.is_none());
    let next = held.view().console.next();
    let printed = |view: &View| {
        let lines = (next..view.console.next()).filter_map(|number| view.console.line(number));
        // Csound 7 gives what `prints` prints no level, so that it is not told from what Csound says itself.
        lines
            .into_iter()
            .any(|line| line.importance == Importance::Print || line.text.starts_with("instrument 2"))
    };
    assert_eq!(held.answer(Action::TriggerSlot(3)), None);
    held.until("it is sent", printed);

    held.act(Action::LearnSlot(3));
    held.until("a slot waits for a message", |view| view.slots[3].learning);
    held.act(Action::LearnSlot(4));
    held.until("one at a time", |view| view.slots[4].learning && !view.slots[3].learning);
    held.act(Action::LearnSlot(4));
    held.until("none does", |view| !view.slots[4].learning);
    held.act(Action::ForgetSlot(4));
    held.until("none was learned", |view| view.slots[4].learned.is_none());
}

fn the_console_is_cleared(held: &mut Held) {
    let notes = |view: &View| {
        let mut lines = view.console.lines();
        lines.any(|line| line.importance == Importance::Note && line.text.contains("performing at 48000 Hz"))
    };
    held.until("the plugin's own notes are told from Csound's", notes);
    let is_error = |line: &Line| line.importance == Importance::Error;
    let at_line = |line: &Line| is_error(line) && line.source_line == Some(LEVEL_LINE);
    assert!(held.view().console.lines().any(at_line), "an error leads to its line");
    let told =
        |view: &View, what: &str| view.console.lines().any(|at| is_error(at) && at.text.contains(what));
    held.act(Action::Report("what the editor could not do".into()));
    held.until("the editor's own errors are there", |view| told(view, "what the editor could not do"));
    let (clears, next) = (held.view().console.clears(), held.view().console.next());
    held.act(Action::ClearConsole);
    held.until("it is empty", |view| view.console.clears() > clears && !notes(view));
    assert!(held.view().console.first() >= next, "numbers go on");
}

fn permissions_are_given_and_taken_back(held: &mut Held) {
    let folder = held.view().piece.path.clone().unwrap().parent().unwrap().to_owned();
    let writes = Permission::Write(folder);
    let may = |view: &View| {
        view.isolation.permissions.iter().any(|shown| shown.granted && shown.permission == writes)
    };
    held.until("it is confined", |view| view.isolation.level == IsolationLevel::Confined && !may(view));
    held.act(Action::Permit(writes.clone()));
    held.until("it may write", may);
    held.act(Action::Revoke(writes.clone()));
    held.until("it may not", |view| !may(view));
    held.act(Action::Permit(writes.clone()));
    let kept = |view: &View| {
        let found = view.kept.iter().find(|text| text.permissions.contains(&writes));
        found.map(|text| (text.id.clone(), text.piece.clone()))
    };
    held.until("what it may do is listed", |view| kept(view).is_some());
    let (id, piece) = kept(held.view()).unwrap();
    assert!(piece.ends_with("contract.csd"), "{piece}");
    held.act(Action::RevokeKept(id.clone(), Some(writes.clone())));
    held.until("and taken back there", |view| kept(view).is_none() && !may(view));
    held.act(Action::Trust);
    let trusts = |view: &View| view.kept.iter().any(|text| text.trusted);
    held.until("trust is listed", |view| view.isolation.trusted && trusts(view));
    held.act(Action::RevokeKept(id, None));
    held.until("and taken back", |view| !view.isolation.trusted && !trusts(view));
    held.act(Action::AllowLibrary("libmine.so".into()));
    held.until("a library is allowed", |view| {
        view.isolation.libraries.iter().any(|name| name == "libmine.so")
    });
    held.act(Action::RevokeLibrary("libmine.so".into()));
    held.until("it is not", |view| view.isolation.libraries.is_empty());
    held.act(Action::Trust);
    held.until("it is trusted", |view| {
        view.isolation.trusted
            && view.isolation.level == IsolationLevel::OwnProcess
            && view.state == State::Playing
    });
    held.act(Action::Untrust);
    held.until("it is not", |view| {
        !view.isolation.trusted
            && view.isolation.level == IsolationLevel::Confined
            && view.state == State::Playing
    });
    assert_eq!(held.view().isolation.asks_to_read, None, "a folder that was chosen is not asked for");
}

fn recordings_are_made(held: &mut Held) {
    assert_eq!(held.view().recording, RecordingView::default());
    let folder = held.view().piece.path.clone().unwrap().parent().unwrap().to_owned();
    for action in Question::RecordInto.answered(folder.clone()) {
        held.act(action);
    }
    held.until("it records", |view| view.recording.active);
    let recording = &held.view().recording;
    assert_eq!(recording.folder.as_ref(), Some(&folder));
    assert_eq!(recording.path.as_ref().and_then(|path| path.parent()), Some(&*folder));
    assert_eq!(recording.format, "24 bit · 48 kHz · 2 channels");
    held.act(Action::Record(false));
    held.until("the recording is done", |view| !view.recording.active);
    assert!(held.view().recording.path.is_some() && held.view().recording.error.is_none());
}

fn keys_are_held(held: &mut Held) {
    held.act(Action::NoteOn { key: 60, velocity: 100 });
    held.act(Action::NoteOn { key: 127, velocity: 1 });
    held.until("both are down", |view| view.held == 1 << 60 | 1 << 127);
    held.act(Action::NoteOff { key: 60 });
    held.until("one is", |view| view.held == 1 << 127);
    held.act(Action::NoteOff { key: 127 });
    held.until("none is", |view| view.held == 0);
}

fn settings_are_set(held: &mut Held) {
    for setting in Setting::ALL {
        let (least, greatest) = setting.kind().ends();
        for value in [greatest, least] {
            held.act(Action::Set(setting, value));
            held.until(setting.id(), |view| view.settings.of(setting) == value);
        }
    }
    let scale = held.side.write("even.scl", "even\n1\n2/1\n");
    held.act(Action::Tune(Some(scale)));
    held.until("the tuning is named", |view| view.tuning.as_deref() == Some("even.scl"));
    held.act(Action::Tune(None));
    held.until("and given up", |view| view.tuning.is_none());
    held.act(Action::Set(Setting::Gain, -6.5));
    held.until("a gain between", |view| (view.settings.of(Setting::Gain) + 6.5).abs() < 1e-3);
}

fn csounds_are_shown(held: &mut Held) {
    held.until("what performs, and all that there are", |view| {
        let CsoundView { performing, named, installed, .. } = &view.csound;
        let (Some(performing), Some(installed)) = (performing, installed) else { return false };
        let is_there =
            installed.iter().any(|csound| csound.name == *performing && csound.place.is_absolute());
        is_there && named.as_ref().is_some_and(|named| performing.starts_with(named))
    });
    let before = held.view().csound.clone();
    held.act(Action::Set(Setting::Csound, 2.0));
    held.until("the Csound that is chosen", |view| view.csound.named.as_deref() == Some("Csound 7"));
    held.act(Action::Set(Setting::Csound, 0.0));
    held.until("and what Auto comes to", |view| view.csound == before && view.state == State::Playing);
}

fn a_comparison_wants_both_csounds(held: &mut Held) {
    let (other, missing) = held.view().csound.other();
    held.act(Action::Compare);
    match missing {
        Some(why) => {
            assert!(why.contains(&format!("{other} is not installed here")), "{why}");
            held.until("it is refused", |view| view.refused.is_some());
            let refused = held.view().refused.clone().unwrap();
            assert!(refused.contains(&format!("{other} is not installed here")), "{refused}");
            assert_eq!(held.view().csound.comparison, ComparisonView::None);
        }
        None => held.until("it begins", |view| view.csound.comparison != ComparisonView::None),
    }
    held.act(Action::StopComparing);
    held.until("none is under way", |view| view.csound.comparison != ComparisonView::UnderWay);
}

fn opcodes_are_told(held: &mut Held) {
    held.until("the opcodes of Csound are told", |view| view.opcodes.has("oscili"));
    let forms = held.view().opcodes.get("oscili").to_vec();
    assert!(forms.iter().any(|form| form.results == "a" && form.arguments.starts_with("kk")), "{forms:?}");
    assert!(!held.view().opcodes.has("oscilli"));
}

fn the_editor_is_remembered(held: &mut Held) {
    let generation = held.view().saved.generation;
    let state = EditorState { keyboard: true, tab: Tab::Console, octave: 5, ..EditorState::default() };
    held.act(Action::Remember(Box::new(state.clone())));
    held.until("it is kept", |view| *view.saved.state == state);
    assert_eq!(held.view().saved.generation, generation, "no session was loaded");
}
