use super::*;

fn manifest() -> Manifest {
    Manifest::read(
        br#"{
            "csound_performer_export": 1, "name": "Bells", "vendor": "Anna", "version": "1.0.0",
            "id": "org.example.bells", "kind": "instrument", "features": ["synthesizer", "stereo"],
            "piece": "bells/bells.csd", "generation": 7,
            "parameters": [
                { "key": 1, "channel": "cutoff", "module": "Filter",
                  "range": { "min": 20, "max": 20000, "default": 1000, "skew": 0.5, "unit": "Hz" } },
                { "key": 7, "channel": "wave", "name": "Wave", "range": { "kind": "items", "min": 1, "max": 2,
                  "default": 1, "items": ["saw", "square"] } }
            ],
            "retired": [{ "key": 2, "channel": "old" }], "later": 1
        }"#,
    )
    .unwrap()
}

#[test]
fn a_manifest_comes_back_as_it_was_written() {
    let manifest = manifest();
    let again = Manifest::read(manifest.write().unwrap().as_bytes()).unwrap();
    assert_eq!(again, manifest);
    assert_eq!(
        (manifest.parameters[0].shown_name(), manifest.parameters[1].shown_name()),
        ("cutoff", "Wave")
    );
    assert_eq!(manifest.parameters[1].id(), "p0007");
    assert_eq!(manifest.generation, Some(Generation::Seven));
    assert!(!manifest.performance_parameters && !manifest.show_source);
}

#[test]
fn modules_of_any_kind_become_sound_ones() {
    let shown =
        |module: &str| Parameter { module: module.into(), ..manifest().parameters[0].clone() }.shown_module();
    assert_eq!(shown("Filter / Env"), "Filter/Env");
    assert_eq!(shown("/a//b/ /"), "a/b");
    assert_eq!(shown(" // "), "");
}

#[test]
fn what_is_damaged_foreign_or_of_a_later_format_is_told_apart() {
    let read = |text: &str| Manifest::read(text.as_bytes()).unwrap_err();
    for damaged in
        ["", "{", "[]", "\"\"", "{\"csound_performer_export\":-1}", "{\"csound_performer_export\":1}"]
    {
        assert!(matches!(read(damaged), ManifestError::Damaged(_)), "{damaged}");
    }
    assert!(matches!(read("{\"name\":\"another\"}"), ManifestError::Foreign));
    assert!(
        ["[]", "[1]", "null", "7"]
            .map(|text| read(text).to_string())
            .iter()
            .all(|why| !why.contains("Marked"))
    );
    assert!(matches!(read("{\"csound_performer_export\":2}"), ManifestError::TooNew { found: 2 }));
    let long = " ".repeat(LONGEST as usize + 1);
    assert!(matches!(read(&long), ManifestError::TooLong));
    let deep = "[".repeat(100_000);
    assert!(matches!(read(&deep), ManifestError::Damaged(_)), "no nesting ends the stack");
}

/// A change, and a word of what is said of it.
type Fault = (fn(&mut Manifest), &'static str);

const FAULTS: [Fault; 38] = [
    (|m| m.name = " \n".into(), "name"),
    (|m| m.name = "a".repeat(1001), "name"),
    (|m| m.name = "a\0b".into(), "name"),
    (|m| m.vendor = "\u{1b}[1m".into(), "vendor"),
    (|m| m.version = "v".repeat(1001), "version"),
    (|m| m.id = String::new(), "id"),
    (|m| m.id = "with space".into(), "id"),
    (|m| m.id = "a".repeat(129), "id"),
    (|m| m.id = "csound-performer.instrument".into(), "id"),
    (|m| m.features = vec!["Big".into()], "feature"),
    (|m| m.features = vec!["a".into(); 33], "feature"),
    (|m| m.piece = String::new(), "piece"),
    (|m| m.piece = "../bells.csd".into(), "piece"),
    (|m| m.piece = "a/../../bells.csd".into(), "piece"),
    (|m| m.piece = "/etc/bells.csd".into(), "piece"),
    (|m| m.piece = "C:\\bells.csd".into(), "piece"),
    (|m| m.piece = "a\\..\\b.csd".into(), "piece"),
    (|m| m.piece = "a//b.csd".into(), "piece"),
    (|m| m.piece = "./b.csd".into(), "piece"),
    (|m| m.piece = "a/".into(), "piece"),
    (|m| m.parameters[0].key = 0, "key"),
    (|m| m.parameters[0].key = 10_000, "key"),
    (|m| m.parameters[1].key = 1, "key"),
    (|m| m.parameters[0].key = 2, "key"),
    (|m| m.parameters[1].channel = "cutoff".into(), "channel"),
    (|m| m.parameters[0].channel = String::new(), "channel"),
    (|m| m.retired[0].channel = "wave".into(), "channel"),
    (|m| m.parameters[0].range.min = 20_000.0, "range"),
    (|m| m.parameters[0].range.max = f64::INFINITY, "range"),
    (|m| m.parameters[0].range.default = 5.0, "range"),
    (|m| m.parameters[0].range.skew = 0.0, "range"),
    (|m| m.parameters[1].range.items.clear(), "range"),
    (|m| m.parameters[0].former = vec!["old".into()], "former"),
    (|m| m.parameters[0].former = vec!["wave".into()], "former"),
    (|m| m.parameters.iter_mut().for_each(|one| one.former = vec!["tone".into()]), "former"),
    (|m| m.parameters[0].former = vec!["a\nb".into()], "former"),
    (|m| m.parameters[0].former = (0..65).map(|number| number.to_string()).collect(), "former"),
    (|m| m.parameters = vec![m.parameters[0].clone(); 129], "parameters"),
];

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    for (number, (change, word)) in FAULTS.into_iter().enumerate() {
        let mut wrong = manifest();
        change(&mut wrong);
        let error = wrong.write().expect_err(&format!("fault {number}")).to_string();
        assert!(error.contains(word), "fault {number}: {error}");
        // JSON has no infinite numbers; all else is refused when it is read as well.
        let text = serde_json::to_string(&wrong).unwrap();
        assert!(Manifest::read(text.as_bytes()).is_err(), "fault {number}");
    }
}
