use super::*;

const MADE: &str = r#"{ "csound_performer_export": 1, "name": "A", "id": "org.example.a", "kind": "effect",
    "version": "1", "piece": "a.csd" }"#;

/// A place with an export of one file in each format, and a stage with another one.
fn place_and_stage(out: &Path) -> (Place, Stage) {
    let (clap, vst3) = (out.join("A"), out.join("A.vst3"));
    for (folder, manifest) in [&clap, &vst3].into_iter().zip(manifests(&clap, &vst3)) {
        fs::create_dir_all(manifest.parent().unwrap()).unwrap();
        fs::write(manifest, MADE).unwrap();
        fs::write(folder.join("old"), "years").unwrap();
    }
    let place = Place::of(out, "A", "org.example.a", true).unwrap();
    assert_eq!(place.replaces(), Some(clap.as_path()));
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
        let why = stage.publish_by(&place, &Abandoned::default(), &mut failing(times)).unwrap_err();
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
        let why = stage.publish_by(&place, &Abandoned::default(), &mut failing(times)).unwrap_err();
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
    let why =
        stage.publish(&Place { olds: [None, None], ..place.clone() }, &Abandoned::default()).unwrap_err();
    assert!(why.contains("meanwhile") && why.contains("export again"), "{why}");
    assert!(holds(&place.clap, "old") && holds(&place.vst3, "old"));
    let (place, stage) = place_and_stage(out.path());
    stage.publish(&place, &Abandoned::default()).unwrap();
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

#[test]
fn what_another_export_has_put_there_meanwhile_is_not_replaced_and_no_half_of_it_either() {
    for changed in 0..2 {
        let out = tempfile::tempdir().unwrap();
        let (place, stage) = place_and_stage(out.path());
        let other = &manifests(&place.clap, &place.vst3)[changed];
        fs::write(other, MADE.replace("\"version\": \"1\"", "\"version\": \"2\"")).unwrap();
        let why = stage.publish(&place, &Abandoned::default()).unwrap_err();
        assert!(why.contains("has changed meanwhile") && why.contains("export again"), "{why}");
        assert!(holds(&place.clap, "old") && holds(&place.vst3, "old"));
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2);
    }
}

#[test]
fn folders_are_moved_one_export_after_another() {
    let out = tempfile::tempdir().unwrap();
    let (place, stage) = place_and_stage(out.path());
    let mine = turn::wait(out.path(), &Abandoned::default()).unwrap();
    std::thread::scope(|scope| {
        let moved = scope.spawn(|| stage.publish(&place, &Abandoned::default()));
        // It would have moved by now. Where this thread is late, nothing is seen, and nothing fails.
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(holds(&place.clap, "old") && holds(&place.vst3, "old"));
        drop(mine);
        moved.join().unwrap().unwrap();
    });
    assert!(holds(&place.clap, "new") && holds(&place.vst3, "new"));
}

#[test]
fn what_a_killed_export_has_left_goes_with_the_next_one_but_for_the_only_copy_of_an_older_one() {
    let out = tempfile::tempdir().unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let left = ["killed", "moving", "about-to"].map(|name| {
        let folder = out.path().join(format!("{UNFINISHED}{name}"));
        fs::create_dir_all(folder.join("A")).unwrap();
        folder
    });
    fs::create_dir_all(left[1].join(ASIDE).join("clap")).unwrap();
    fs::create_dir(left[2].join(ASIDE)).unwrap();
    for folder in &left {
        fs::File::open(folder).unwrap().set_modified(long_ago).unwrap();
    }
    let (_, under_way) = place_and_stage(out.path());
    fs::File::open(under_way.folder.path()).unwrap().set_modified(long_ago).unwrap();
    let (_, next) = place_and_stage(out.path());
    assert_eq!([0, 1, 2].map(|at: usize| left[at].exists()), [false, true, false]);
    let notes: Vec<_> = next.notes().collect();
    assert!(notes.len() == 1 && notes[0].contains(&left[1].join(ASIDE).display().to_string()), "{notes:?}");
    assert!(under_way.clap().exists(), "somebody is at it");
}

#[test]
fn an_export_that_fails_leaves_no_folder_that_was_made_for_it() {
    let out = tempfile::tempdir().unwrap();
    let place = Place::of(&out.path().join("a/b/c"), "A", "org.example.a", false).unwrap();
    let stage = Stage::new(&place, "A").unwrap();
    assert!(place.out.is_dir());
    drop(stage);
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0);
    // What was there, and what somebody else has put there, stays.
    fs::create_dir(out.path().join("a")).unwrap();
    let stage = Stage::new(&place, "A").unwrap();
    fs::write(out.path().join("a/b/mine"), "years").unwrap();
    drop(stage);
    assert!(out.path().join("a/b/mine").exists() && !place.out.exists());
}

#[test]
fn where_nothing_can_be_written_the_folder_is_named_and_not_the_unfinished_one() {
    let out = tempfile::tempdir().unwrap();
    let place = Place::of(&out.path().join("a"), "A", "org.example.a", false).unwrap();
    fs::write(&place.out, "a file by now").unwrap();
    let why = Stage::new(&place, "A").err().unwrap();
    assert!(why.contains(&format!("{} cannot be written to", place.out.display())), "{why}");
    assert!(!why.contains(UNFINISHED), "{why}");
}
