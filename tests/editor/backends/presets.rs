//! What the contract says of presets.

use csound_performer::editor::model::*;

use super::held::{Held, value};

fn names(view: &View) -> Vec<&str> {
    view.presets.list.iter().map(|preset| preset.name.as_str()).collect()
}

fn words(view: &View) -> Option<&str> {
    view.channels.iter().find(|channel| channel.name == "words")?.text.as_deref()
}

fn chosen(view: &View) -> Option<&str> {
    Some(view.presets.chosen()?.name.as_str())
}

fn save(held: &mut Held, name: &str, tags: &[&str], replace: bool) {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    held.act(Action::SavePreset { name: name.into(), tags, replace });
}

/// Sets what presets keep: a parameter, a channel beyond the bank, a text and a slot.
fn set(held: &mut Held, position: f64, text: &str) {
    let param = ParamRef::Bank(0);
    held.act(Action::BeginGesture(param));
    held.act(Action::SetParam(param, position));
    held.act(Action::EndGesture(param));
    held.act(Action::SetChannel("c128".into(), position));
    held.act(Action::SetText("words".into(), text.into()));
    held.act(Action::SetSlot(0, format!("i 2 0 {position}")));
    stands(held, "it is set", position, text);
}

fn stands(held: &mut Held, what: &str, position: f64, text: &str) {
    let cutoff = held.view().channels[0].range.to_value(position);
    let slot = format!("i 2 0 {position}");
    held.until(what, |view| {
        (value(view, "cutoff") - cutoff).abs() < cutoff * 1e-6
            && value(view, "c128") == position
            && words(view) == Some(text)
            && view.slots[0].text == slot
    });
}

fn plays(held: &mut Held, what: &str, tuning: Option<&str>, mpe: f64) {
    held.until(what, |view| view.tuning.as_deref() == tuning && view.settings.of(Setting::Mpe) == mpe);
}

pub fn are_kept(held: &mut Held) {
    assert_eq!((names(held.view()), chosen(held.view())), (Vec::new(), None));
    held.act(Action::StepPreset(1));
    held.until("there is none to step to", |view| view.refused.is_some());
    set(held, 0.25, "dark");
    let tuning = held.side.write("low.kbm", "0\n0\n127\n69\n69\n432\n0\n");
    held.act(Action::Tune(Some(tuning)));
    held.act(Action::Set(Setting::Mpe, 1.0));
    plays(held, "it is tuned", Some("low.kbm"), 1.0);
    save(held, "Soft", &["pad", "warm"], false);
    held.until("it is there and chosen", |view| names(view) == ["Soft"] && chosen(view) == Some("Soft"));
    assert_eq!(held.view().presets.list[0].tags, ["pad", "warm"]);
    assert!(held.view().presets.list[0].is_own && held.view().refused.is_none());
    set(held, 0.75, "bright");
    held.act(Action::Tune(None));
    held.act(Action::Set(Setting::Mpe, 0.0));
    plays(held, "it is tuned otherwise", None, 0.0);
    save(held, "Hard", &[], false);
    held.until("both are there", |view| names(view) == ["Hard", "Soft"] && chosen(view) == Some("Hard"));

    let soft = held.view().presets.list[1].id.clone();
    held.act(Action::LoadPreset(soft.clone()));
    stands(held, "one is loaded", 0.25, "dark");
    plays(held, "with its tuning", Some("low.kbm"), 1.0);
    held.until("and chosen", |view| chosen(view) == Some("Soft") && view.presets.goes_back);
    held.act(Action::StepPreset(1));
    stands(held, "the next is the first again", 0.75, "bright");
    plays(held, "with equal steps", None, 0.0);
    held.act(Action::StepPreset(-1));
    stands(held, "and the one before the last", 0.25, "dark");

    // Nothing is replaced unasked.
    set(held, 0.5, "even");
    save(held, "Soft", &[], false);
    held.until("that is refused", |view| {
        view.refused.as_ref().is_some_and(|why| why.contains("Soft already"))
    });
    held.act(Action::BackFromPreset);
    stands(held, "back to how it was before it was loaded", 0.75, "bright");
    held.act(Action::BackFromPreset);
    stands(held, "and to what was made of it", 0.5, "even");
    save(held, "Soft", &["pad"], true);
    held.until("asked, it is", |view| view.refused.is_none() && view.presets.list[1].tags == ["pad"]);

    compare(held);
    change(held);
}

fn compare(held: &mut Held) {
    assert_eq!((held.view().presets.side, held.view().presets.has_other_side), (0, false));
    held.act(Action::Morph(0.5));
    held.until("there is nothing to morph with", |view| !view.presets.has_other_side);
    held.act(Action::OtherSide);
    held.until("the other side", |view| view.presets.side == 1 && view.presets.has_other_side);
    stands(held, "is alike at first", 0.5, "even");
    set(held, 1.0, "loud");
    held.act(Action::OtherSide);
    stands(held, "the first side", 0.5, "even");
    held.act(Action::OtherSide);
    stands(held, "the second side", 1.0, "loud");
    let range = held.view().channels[0].range.clone();
    held.act(Action::Morph(0.5));
    held.until("half-way", |view| {
        let cutoff = value(view, "cutoff");
        view.presets.share == 0.5
            && (range.to_normalized(cutoff) - 0.75).abs() < 1e-5
            && (value(view, "c128") - 0.75).abs() < 1e-9
            && words(view) == Some("loud")
    });
    held.act(Action::Morph(0.25));
    held.until("nearer to the first", |view| words(view) == Some("even"));
    held.act(Action::Morph(0.0));
    stands(held, "all the way", 0.5, "even");
    held.act(Action::Morph(1.0));
    stands(held, "and back", 1.0, "loud");
    held.act(Action::OtherSide);
    stands(held, "both sides are as they were", 0.5, "even");
}

fn change(held: &mut Held) {
    let hard = held.view().presets.list[0].id.clone();
    held.act(Action::RenamePreset { id: hard.clone(), name: "Soft".into(), tags: Vec::new() });
    held.until("a name is given once", |view| view.refused.is_some());
    held.act(Action::RenamePreset { id: hard, name: "Warm".into(), tags: vec!["b".into()] });
    held.until("renamed", |view| names(view) == ["Soft", "Warm"] && view.presets.list[1].tags == ["b"]);
    let warm = held.view().presets.list[1].id.clone();
    held.act(Action::LoadPreset(warm.clone()));
    stands(held, "it is the same preset", 0.75, "bright");
    held.act(Action::DeletePreset(warm.clone()));
    held.until("deleted", |view| names(view) == ["Soft"] && chosen(view).is_none());
    stands(held, "what it had set stays", 0.75, "bright");
    held.act(Action::LoadPreset(warm));
    held.until("it is not there any more", |view| view.refused.is_some());
    let snaps =
        held.side.write("From Cabbage.snaps", "{ \"cutoff\": 440.0, \"words\": \"x\", \"label3\": 0.0 }");
    held.act(Action::ImportPresets(snaps));
    held.until("imported", |view| names(view) == ["From Cabbage", "Soft"]);
    for _ in 0..2 {
        let id = held.view().presets.list[0].id.clone();
        held.act(Action::DeletePreset(id));
        let left = held.view().presets.list.len() - 1;
        held.until("they go", |view| view.presets.list.len() == left);
    }
}
