use super::*;

/// A place with an export of one file in each format, and a stage with another one.
fn place_and_stage(out: &Path) -> (Place, Stage) {
    let (clap, vst3) = (out.join("A"), out.join("A.vst3"));
    let place = Place { out: out.to_owned(), clap, vst3, is_taken: true, old: None };
    for folder in [&place.clap, &place.vst3] {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("old"), "years").unwrap();
    }
    let stage = Stage::new(&place, "A").unwrap();
    for folder in [stage.clap(), stage.vst3()] {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("new"), "").unwrap();
    }
    (place, stage)
}

/// Moves folders, but for these times.
fn failing(times: &'static [usize]) -> impl FnMut(&Path, &Path) -> io::Result<()> {
    let mut count = 0;
    move |from, to| {
        count += 1;
        match times.contains(&count) {
            true => Err(io::Error::other("the disk is gone")),
            false => fs::rename(from, to),
        }
    }
}

fn holds(folder: &Path, name: &str) -> bool {
    folder.join(name).is_file()
}

/// Every folder below this one that has the old file in it.
fn olds(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let folders = entries.filter(|path| path.is_dir()).map(|path| olds(&path)).sum::<usize>();
    folders + usize::from(holds(folder, "old"))
}

#[test]
fn what_was_there_is_there_again_wherever_a_move_fails() {
    for times in [&[1][..], &[2], &[3], &[4]] {
        let out = tempfile::tempdir().unwrap();
        let (place, stage) = place_and_stage(out.path());
        let why = stage.publish_by(&place, &mut failing(times)).unwrap_err();
        assert!(why.contains("the disk is gone") && !why.contains("kept in"), "{why}");
        for folder in [&place.clap, &place.vst3] {
            assert!(holds(folder, "old") && !holds(folder, "new"), "{times:?}: {}", folder.display());
        }
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2, "{times:?}: nothing is left beside them");
    }
}

#[test]
fn what_cannot_be_put_back_is_kept_and_its_place_is_told() {
    // The way back begins with the third move, or later.
    for times in [&[2, 3][..], &[3, 4], &[3, 5], &[4, 5], &[4, 6], &[4, 7], &[4, 5, 6, 7]] {
        let out = tempfile::tempdir().unwrap();
        let (place, stage) = place_and_stage(out.path());
        let why = stage.publish_by(&place, &mut failing(times)).unwrap_err();
        let stage = out.path().join(why.split("kept in ").nth(1).unwrap().split(": ").next().unwrap());
        assert!(stage.is_dir(), "{why}");
        assert_eq!(olds(out.path()), 2, "{times:?}: {why}");
        let aside = ["clap", "vst3"].map(|name| stage.join("old").join(name));
        for aside in aside.iter().filter(|aside| aside.exists()) {
            assert!(why.contains(&aside.display().to_string()), "{times:?}: {why}");
        }
    }
}

#[test]
fn what_comes_to_the_place_meanwhile_is_not_moved_away() {
    let out = tempfile::tempdir().unwrap();
    let (place, stage) = place_and_stage(out.path());
    let why = stage.publish(&Place { is_taken: false, ..place.clone() }).unwrap_err();
    assert!(why.contains("meanwhile"), "{why}");
    assert!(holds(&place.clap, "old") && holds(&place.vst3, "old"));
    let (place, stage) = place_and_stage(out.path());
    stage.publish(&place).unwrap();
    assert!(holds(&place.clap, "new") && !holds(&place.clap, "old"));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2);
}

/// A copy that nobody waits for any more ends, however long the file is: the piece's, and the plugin's own.
#[test]
fn an_export_that_is_given_up_copies_no_more() {
    let out = tempfile::tempdir().unwrap();
    let long = out.path().join("long.wav");
    fs::File::create(&long).unwrap().set_len(1 << 26).unwrap();
    let installed = Installed { library: long.clone(), engine: long.clone() };
    let given_up = Abandoned::default();
    given_up.abandon();
    for files in [vec![(PathBuf::from("long.wav"), long.clone())], Vec::new()] {
        let place = Place::of(&out.path().join("exported"), "A", "org.example.a", false).unwrap();
        let stage = Stage::new(&place, "A").unwrap();
        let files = files.into_iter().collect();
        let collected = Collected { piece: "a.csd".into(), files, ..Collected::default() };
        let why = stage.fill(&installed, "{}", &collected, None, &given_up).unwrap_err();
        assert!(why.contains("given up"), "{why}");
    }
}
