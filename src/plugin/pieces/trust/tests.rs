use super::*;
use csound_performance::engine::piece::Source;

fn piece(text: &str, folder: Option<&Path>) -> Piece {
    let source = Source::OrcSco { orc: text.into(), sco: String::new() };
    Piece { name: "a.orc".into(), source, folder: folder.map(Path::to_owned) }
}

fn may(trust: &Trust, piece: &Piece) -> Permissions {
    trust.granted(piece).permissions
}

#[test]
fn trust_is_for_one_text_with_all_that_it_includes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    write("sub/one.inc", "#include \"two.inc\"\n");
    write("sub/two.inc", "instr 1\nendin\n");
    let text = "#include \"sub/one.inc\"\n";
    let here = piece(text, Some(folder.path()));
    let mut trust = Trust::default();
    assert!(!may(&trust, &here).trusted);
    trust.set_trusted(&here, true).unwrap();
    assert!(may(&trust, &here).trusted);
    write("sub/two.inc", "instr 2\nendin\n");
    assert!(!may(&trust, &here).trusted, "an included text changed");
    write("sub/two.inc", "instr 1\nendin\n");
    assert!(may(&trust, &here).trusted);
    write("two.inc", "instr 2\nendin\n");
    assert!(may(&trust, &here).trusted, "a file that Csound does not read came");
    fs::remove_file(folder.path().join("sub/two.inc")).unwrap();
    assert!(!may(&trust, &here).trusted, "another file is read in its place");
    fs::remove_file(folder.path().join("two.inc")).unwrap();
    assert!(!may(&trust, &here).trusted);
    let refused = trust.set_trusted(&here, true).unwrap_err().to_string();
    assert!(refused.contains("two.inc is not there") && refused.contains("sub/one.inc, line 1"), "{refused}");
    trust.set_trusted(&here, false).unwrap();
}

#[test]
fn trust_given_before_a_text_became_uncertain_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.inc");
    fs::write(&path, "").unwrap();
    let here = piece("#include \"x.inc\"\n", Some(folder.path()));
    let mut trust = Trust::default();
    fs::remove_file(&path).unwrap();
    // As a forged or older file could have it.
    trust.set(Pinned::of(&here), Permissions { trusted: true, ..Permissions::default() });
    assert!(!may(&trust, &here).trusted);
}

#[test]
fn choosing_a_file_opens_its_folder_to_what_was_read_and_to_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("sounds");
    fs::create_dir(&below).unwrap();
    let mut trust = Trust::default();
    let chosen = piece("x", Some(folder.path()));
    assert_eq!(trust.granted(&chosen).access(&chosen), FolderAccess::Asks(folder.path().to_owned()));
    trust.choose(&chosen);
    assert_eq!(trust.granted(&chosen).access(&chosen), FolderAccess::Granted);
    assert_eq!(may(&trust, &chosen).network, Network::None);
    let inside = piece("x", Some(&below));
    assert_eq!(trust.granted(&inside).access(&inside), FolderAccess::Granted);
    let other = piece("y", Some(folder.path()));
    assert_eq!(trust.granted(&other).access(&other), FolderAccess::Asks(folder.path().to_owned()));
    let elsewhere = piece("x", Some(Path::new("/usr")));
    assert_eq!(trust.granted(&elsewhere).access(&elsewhere), FolderAccess::Asks("/usr".into()));
}

#[test]
fn choosing_a_file_in_the_root_or_the_home_folder_opens_neither() {
    let mut trust = Trust::default();
    trust.choose(&piece("x", Some(Path::new("/"))));
    trust.choose(&piece("x", Some(&dirs::home_dir().unwrap())));
    assert_eq!(trust, Trust::default());
}

#[test]
fn an_edited_text_keeps_what_it_might_and_one_from_the_disk_only_reads_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let before = piece("x", Some(folder.path()));
    let mut trust = Trust::default();
    trust.choose(&before);
    trust.permit(&before, Permission::AnyNetwork).unwrap();
    trust.permit(&before, Permission::Write(folder.path().to_owned())).unwrap();
    trust.set_trusted(&before, true).unwrap();
    let edited = piece("y", Some(folder.path()));
    trust.edit(&before, &edited);
    assert_eq!(may(&trust, &edited), may(&trust, &before));
    let changed = piece("z", Some(folder.path()));
    trust.read_again(&before, &may(&trust, &before), &changed);
    let of_changed = may(&trust, &changed);
    assert_eq!(trust.granted(&changed).access(&changed), FolderAccess::Granted);
    assert!(of_changed.write.is_empty() && of_changed.network == Network::None && !of_changed.trusted);
    let foreign = piece("from a session", Some(folder.path()));
    trust.edit(&foreign, &piece("edited", Some(folder.path())));
    trust.read_again(&foreign, &may(&trust, &foreign), &piece("read again", Some(folder.path())));
    for text in ["edited", "read again"] {
        assert!(may(&trust, &piece(text, Some(folder.path()))).is_empty(), "{text}");
    }
}

#[test]
fn an_included_file_that_the_user_writes_keeps_permissions_and_one_that_another_writes_only_reading() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().canonicalize().unwrap().join("a.inc");
    let here = piece("#include \"a.inc\"\n", Some(folder.path()));
    for (found, is_kept) in [("; mine\n", true), ("; theirs\n", false)] {
        fs::write(&file, "instr 1\nendin\n").unwrap();
        let mut trust = Trust::default();
        trust.choose(&here);
        trust.permit(&here, Permission::AnyNetwork).unwrap();
        trust.set_trusted(&here, true).unwrap();
        let before = Pinned::of(&here);
        fs::write(&file, found).unwrap();
        trust.edit_included(&before, &here, &file, "; mine\n");
        let after = may(&trust, &here);
        assert_eq!((after.trusted, after.network != Network::None), (is_kept, is_kept), "{found}");
        assert_eq!(trust.granted(&here).access(&here), FolderAccess::Granted);
    }
}

#[test]
fn an_edit_that_includes_another_file_has_to_be_trusted_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.inc"), "instr 1\nendin\n").unwrap();
    fs::write(folder.path().join("b.inc"), "instr 2\nendin\n").unwrap();
    let at = |text: &str| piece(text, Some(folder.path()));
    let mut trust = Trust::default();
    let before = at("#include \"a.inc\"\n");
    trust.set_trusted(&before, true).unwrap();
    for (text, trusted) in [
        ("gi1 = 1\n#include \"a.inc\"\n", true),
        ("gi1 = 2\n", true),
        ("#include \"a.inc\"\n#include \"b.inc\"\n", false),
        ("#include \"missing.inc\"\n", false),
    ] {
        trust.edit(&before, &at(text));
        assert_eq!(may(&trust, &at(text)).trusted, trusted, "{text}");
    }
}

#[test]
fn permissions_are_taken_back_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let here = piece("x", Some(folder.path()));
    let mut trust = Trust::default();
    let kinds = [
        Permission::Read(folder.path().to_owned()),
        Permission::Write(folder.path().to_owned()),
        Permission::AnyNetwork,
        Permission::MachineNetwork,
    ];
    kinds.iter().for_each(|kind| trust.permit(&here, kind.clone()).unwrap());
    trust.set_trusted(&here, true).unwrap();
    trust.set_trusted(&here, false).unwrap();
    assert!(!may(&trust, &here).trusted && may(&trust, &here).network == Network::Any);
    kinds.iter().for_each(|kind| trust.revoke(&here, kind));
    assert!(may(&trust, &here).is_empty());
    assert!(trust.texts.is_empty(), "nothing is kept of it");
}

#[test]
fn what_an_older_version_kept_is_asked_for_again_and_a_later_one_is_left_alone() {
    let old = br#"{"pieces":["2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"],"folders":["/srv"]}"#;
    assert_eq!(Trust::parse(old).unwrap(), Trust::default());
    assert!(Trust::parse(br#"{"version":3}"#).is_err());
    assert!(Trust::parse(b"{").is_err());
    assert!(Trust::parse(br#"{"version":2,"texts":7}"#).is_err());
    let mut trust = Trust::default();
    trust.permit(&piece("x", None), Permission::MachineNetwork).unwrap();
    trust.set_library("libmine.so", true).unwrap();
    assert_eq!(Trust::parse(&serde_json::to_vec(&trust).unwrap()).unwrap(), trust);
}

#[test]
fn the_oldest_texts_go_first_and_trusted_ones_last() {
    let mut trust = Trust::default();
    trust.set_trusted(&piece("trusted", None), true).unwrap();
    for number in 0..MOST_TEXTS {
        trust.permit(&piece(&number.to_string(), None), Permission::MachineNetwork).unwrap();
    }
    assert_eq!(trust.texts.len(), MOST_TEXTS);
    assert!(may(&trust, &piece("trusted", None)).trusted && may(&trust, &piece("0", None)).is_empty());
    assert!((serde_json::to_vec_pretty(&trust).unwrap().len() as u64) < LONGEST);
}

#[test]
fn libraries_are_named_by_their_files() {
    let mut trust = Trust::default();
    for name in ["", "../libx.so", "/tmp/libx.so", ".so"] {
        assert!(trust.set_library(name, true).is_err(), "{name}");
    }
    trust.set_library("libx.so", true).unwrap();
    assert_eq!(trust.granted(&piece("x", None)).libraries, ["libx.so"]);
    trust.set_library("libx.so", false).unwrap();
    assert_eq!(trust, Trust::default());
}
