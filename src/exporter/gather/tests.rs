use super::*;
use crate::plugin::pieces::files::read_piece;

/// A home with a piece's folder in it, and files.
struct Home(tempfile::TempDir);

impl Home {
    fn with(files: &[(&str, &str)]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.at("piece")).unwrap();
        for (name, text) in files {
            let path = home.at(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        home
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(name)
    }

    /// What a text in the piece's folder needs, where `~` is the home.
    fn gather(&self, text: &str) -> Gathering {
        let path = self.at("piece/a.csd");
        fs::write(&path, self.whole(text)).unwrap();
        gather_from(&read_piece(&path).unwrap(), vec![self.at("samples")], &Abandoned::default()).unwrap()
    }

    fn whole(&self, text: &str) -> String {
        text.replace('~', self.0.path().canonicalize().unwrap().to_str().unwrap())
    }
}

fn orchestra(lines: &str) -> String {
    format!(
        "<CsoundSynthesizer>\n<CsInstruments>\n{lines}</CsInstruments>\n<CsScore>\n</CsScore>\n</CsoundSynthesizer>\n"
    )
}

fn copies(found: &Gathering) -> Vec<&str> {
    found.files.iter().map(|file| file.to.as_str()).collect()
}

#[test]
fn files_from_elsewhere_are_copied_and_named_so_in_the_text() {
    let home = Home::with(&[
        ("far/bell.wav", "bell"),
        ("near.wav", "near"),
        ("samples/kit.aif", "kit"),
        ("piece/in/own.wav", "own"),
        ("piece/whole.wav", "whole"),
        ("far/one.inc", "; code\n"),
    ]);
    let text = orchestra(
        "#include \"~/far/one.inc\"\na1 diskin \"~/far/bell.wav\"\na2 diskin \"../near.wav\"\na3 diskin \"kit.aif\"\n\
         a4 diskin \"in/own.wav\"\na5 diskin \"~/piece/whole.wav\"\na6 diskin \"~/far/bell.wav\" ; \"~/far/bell.wav\"\n\
         fout \"~/far/bell.wav\", 1, a1\nprints \"gone\"\na7 diskin \"gone.wav\"\na8 diskin \"~/far/gone.wav\"\n",
    );
    let found = home.gather(&text);
    assert_eq!(copies(&found), ["one.inc", "bell.wav", "near.wav", "kit.aif"]);
    assert_eq!(
        found.files[1],
        FileToCopy { from: home.at("far/bell.wav"), to: "bell.wav".into(), length: 4 }
    );
    let expected = orchestra(
        "#include \"one.inc\"\na1 diskin \"bell.wav\"\na2 diskin \"near.wav\"\na3 diskin \"kit.aif\"\n\
         a4 diskin \"in/own.wav\"\na5 diskin \"whole.wav\"\na6 diskin \"bell.wav\" ; \"~/far/bell.wav\"\n\
         fout \"~/far/bell.wav\", 1, a1\nprints \"gone\"\na7 diskin \"gone.wav\"\na8 diskin \"~/far/gone.wav\"\n",
    );
    assert_eq!(found.texts, [home.whole(&expected)]);
    assert_eq!(found.renames.len(), 5, "{:?}", found.renames);
    assert!(found.renames[1].contains("a.csd, line 4: ") && found.renames[1].ends_with("becomes bell.wav"));
    let notes = [
        "a.csd, line 12: gone.wav is not found".to_owned(),
        home.whole("a.csd, line 13: ~/far/gone.wav is not found"),
    ];
    assert_eq!(found.notes, notes);
    assert!(!home.at("piece/bell.wav").exists(), "nothing is written by a look");
    copy_files(&found, &Abandoned::default()).unwrap();
    assert_eq!(fs::read_to_string(home.at("piece/bell.wav")).unwrap(), "bell");
    // The collected piece reads nothing from elsewhere any more.
    let again = home.gather(&found.texts[0]);
    assert!(again.is_nothing(), "{again:?}");
}

#[test]
fn nothing_is_written_over_and_what_is_the_same_is_not_copied_again() {
    let home = Home::with(&[
        ("a/bell.wav", "one"),
        ("b/bell.wav", "two"),
        ("c/bell.wav", "here"),
        ("piece/bell.wav", "here"),
        ("piece/bell 2.wav", "another"),
    ]);
    let text = "a1 diskin \"~/a/bell.wav\"\na2 diskin \"~/b/bell.wav\"\na3 diskin \"~/c/bell.wav\"\n";
    let found = home.gather(&orchestra(text));
    assert_eq!(copies(&found), ["bell 3.wav", "bell 4.wav"]);
    assert!(
        found.texts[0]
            .contains("a1 diskin \"bell 3.wav\"\na2 diskin \"bell 4.wav\"\na3 diskin \"bell.wav\"\n")
    );
    // What has come since is not written over either, and then nothing is left of the others.
    fs::write(home.at("piece/bell 4.wav"), "mine").unwrap();
    let why = copy_files(&found, &Abandoned::default()).unwrap_err();
    assert!(why.contains("bell 4.wav") && why.contains("Nothing was collected"), "{why}");
    assert!(!home.at("piece/bell 3.wav").exists());
    for (name, text) in [("bell.wav", "here"), ("bell 2.wav", "another"), ("bell 4.wav", "mine")] {
        assert_eq!(fs::read_to_string(home.at("piece").join(name)).unwrap(), text);
    }
}

#[test]
fn what_an_included_file_names_elsewhere_is_told_and_the_midi_file_too() {
    let home = Home::with(&[("far/bell.wav", "bell"), ("far/tune.mid", "")]);
    fs::write(home.at("piece/own.inc"), home.whole("a1 diskin \"~/far/bell.wav\"\n")).unwrap();
    let text = orchestra("#include \"own.inc\"\n")
        .replace("<CsInstruments>", "<CsOptions>\n-F ../far/tune.mid\n</CsOptions>\n<CsInstruments>");
    let found = home.gather(&text);
    assert_eq!(copies(&found), ["bell.wav"]);
    assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
    assert!(
        found.notes[0].contains("own.inc, line 1") && found.notes[1].contains("tune.mid"),
        "{:?}",
        found.notes
    );
    assert_eq!(found.texts, [home.whole(&text)]);
}

#[test]
fn any_text_is_gone_through() {
    let home = Home::with(&[]);
    for text in [
        "",
        "\"",
        "\"\"",
        "\"/\"",
        "\"..\"",
        "\"~\"",
        "\"\u{1d11e}.wav\"",
        "\"a\\\\b.wav\"",
        "\"%s.wav\"",
        "\"/dev/zero\"",
    ] {
        let text = orchestra(&format!("S1 = {text}\n"));
        let found = home.gather(&text);
        assert!(found.is_nothing() && found.texts == [home.whole(&text)], "{text}: {found:?}");
    }
    let nowhere = Piece { name: "a.csd".into(), source: Source::Csd(String::new()), folder: None };
    assert_eq!(gather(&nowhere, &Abandoned::default()), Err(NO_FOLDER.to_owned()));
}

#[test]
fn a_look_that_is_given_up_ends_and_so_does_a_comparison_of_files() {
    let home = Home::with(&[("far/bell.wav", "bell"), ("piece/bell.wav", "bell")]);
    let path = home.at("piece/a.csd");
    fs::write(&path, home.whole(&orchestra("a1 diskin \"~/far/bell.wav\"\n"))).unwrap();
    let given_up = Abandoned::default();
    let [far, near] = [home.at("far/bell.wav"), home.at("piece/bell.wav")];
    assert!(is_same(&far, &near, &given_up).unwrap());
    given_up.abandon();
    assert!(!is_same(&far, &near, &given_up).unwrap());
    assert_eq!(gather(&read_piece(&path).unwrap(), &given_up), Err(GIVEN_UP.to_owned()));
}

#[test]
fn what_is_told_has_an_end_and_the_text_is_whole_all_the_same() {
    let home = Home::with(&[("far/bell.wav", "bell"), ("piece/bell.wav", "bell")]);
    let many = 3 * MOST_TOLD;
    let lines = |name: &str| format!("a1 diskin \"{name}\"\n").repeat(many);
    let gone: String = (0..many).map(|number| format!("a1 diskin \"gone{number}.wav\"\n")).collect();
    let found = home.gather(&orchestra(&format!("{}{gone}", lines("~/far/bell.wav"))));
    for told in [&found.renames, &found.notes] {
        assert_eq!(told.len(), MOST_TOLD + 1);
        assert!(told.last().unwrap().starts_with("and so on"), "{:?}", told.last());
    }
    assert_eq!(found.texts, [home.whole(&orchestra(&format!("{}{gone}", lines("bell.wav"))))]);
    assert!(found.files.is_empty());
}

#[test]
fn what_somebody_put_there_stays_where_a_copy_fails_before_it_begins() {
    let home = Home::with(&[("far/bell.wav", "bell")]);
    let found = home.gather(&orchestra("a1 diskin \"~/far/bell.wav\"\n"));
    fs::remove_file(home.at("far/bell.wav")).unwrap();
    fs::write(home.at("piece/bell.wav"), "mine").unwrap();
    let why = copy_files(&found, &Abandoned::default()).unwrap_err();
    assert!(why.contains("Nothing was collected"), "{why}");
    assert_eq!(fs::read_to_string(home.at("piece/bell.wav")).unwrap(), "mine");
}
