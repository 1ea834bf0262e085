use super::*;
use crate::plugin::presets::preset::{PieceOf, Preset, VERSION};

const CSD: &str = "; Bells\n; tags: metal\n<CsoundSynthesizer>\n</CsoundSynthesizer>\n";

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn look(places: &Places) -> (Vec<Entry>, Vec<String>) {
    let given_up = Abandoned::default();
    let mut scan = Scan::new(&given_up);
    scan.all(places);
    (scan.sorted(), scan.notes)
}

fn in_folder(folder: &Path) -> (Vec<Entry>, Vec<String>) {
    look(&Places { folders: vec![folder.to_owned()], ..Places::default() })
}

fn names(entries: &[Entry]) -> Vec<(Origin, &str)> {
    entries.iter().map(|entry| (entry.origin, entry.name.as_str())).collect()
}

#[test]
fn pieces_are_found_by_origin_and_name_and_what_was_opened_last_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (z, a) = (put(root, "z.csd", CSD), put(root, "deep/A.CSD", CSD));
    put(root, "b.orc", "; An orchestra\ninstr 1\nendin\n");
    put(root, "b.sco", "i 1 0 1");
    put(root, "notes.txt", "none");
    put(root, ".hidden/c.csd", CSD);
    put(root, "pack/one/p.csd", CSD);
    let packages = vec![Package { name: "pack".into(), folder: root.join("pack") }];
    let (entries, notes) = look(&Places {
        recent: vec![z.clone(), a, root.join("gone.csd")],
        folders: vec![root.join("deep"), root.to_owned()],
        packages,
        ..Places::default()
    });
    let expected = [
        (Origin::Recent, "z.csd"),
        (Origin::Recent, "A.CSD"),
        (Origin::Folder, "A.CSD"),
        (Origin::Folder, "b.orc"),
        (Origin::Folder, "p.csd"),
        (Origin::Folder, "z.csd"),
        (Origin::Package, "p.csd"),
    ];
    assert_eq!(names(&entries), expected);
    assert_eq!(notes, [""; 0]);
    assert_eq!((entries[0].about.as_str(), entries[0].tags.as_slice()), ("Bells", &["metal".to_owned()][..]));
    assert_eq!((&entries[0].opens, entries[0].place.as_str()), (&Opens::File(z), &*root.to_string_lossy()));
    assert_eq!((entries[3].about.as_str(), entries[6].place.as_str()), ("An orchestra", "pack"));
}

#[test]
fn presets_beside_pieces_and_of_the_user_are_found_and_damaged_ones_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let piece = put(folder.path(), "bells.csd", CSD);
    let of = Some(PieceOf { name: "bells.csd".into(), folder: None });
    let preset = |name: &str| Preset {
        version: VERSION,
        name: name.into(),
        tags: vec!["soft".into()],
        piece: of.clone(),
        ..Preset::default()
    };
    let beside = shelf::add_to(&folder.path().join("bells.presets"), &preset("Low")).unwrap();
    let users = folder.path().join("users");
    shelf::add_to(&users.join("first"), &preset("High")).unwrap();
    put(&users, "first/damaged.csdpreset", "{");
    let (entries, _) = look(&Places { recent: vec![piece], presets: Some(users), ..Places::default() });
    let found = [
        (Origin::Recent, "bells.csd"),
        (Origin::Preset, "damaged"),
        (Origin::Preset, "High"),
        (Origin::Preset, "Low"),
    ];
    assert_eq!(names(&entries), found);
    assert!(entries[1].trouble.as_ref().unwrap().contains("damaged.csdpreset cannot be read"));
    assert_eq!(entries[3].opens, Opens::Preset(PresetId { file: beside, key: None }));
    assert_eq!(
        (entries[3].place.as_str(), entries[3].tags.as_slice()),
        ("bells.csd", &["soft".to_owned()][..])
    );
}

#[test]
fn a_piece_that_never_ends_is_read_as_far_as_its_head() {
    let folder = tempfile::tempdir().unwrap();
    let endless = put(folder.path(), "endless.csd", CSD);
    fs::File::options().write(true).open(endless).unwrap().set_len(100 << 30).unwrap();
    let (entries, notes) = in_folder(folder.path());
    assert_eq!((entries[0].about.as_str(), &entries[0].trouble), ("Bells", &None));
    assert_eq!(notes, [""; 0]);
}

#[test]
#[cfg(unix)]
fn what_is_no_ordinary_file_is_told_and_not_waited_for() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(std::process::Command::new("mkfifo").arg(at("pipe.csd")).status().unwrap().success());
    symlink("/dev/zero", at("zero.csd")).unwrap();
    symlink(at("gone"), at("link.csd")).unwrap();
    // A link that leads back is not followed.
    symlink(folder.path(), at("loop")).unwrap();
    put(folder.path(), "none.csd", "a list of things to buy");
    let closed = put(folder.path(), "closed.csd", CSD);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let reads_all = fs::read(&closed).is_ok();
    let (entries, notes) = in_folder(folder.path());
    let told: Vec<_> =
        entries.iter().filter(|entry| entry.trouble.is_some()).map(|entry| &*entry.name).collect();
    let mut expected = vec!["closed.csd", "link.csd", "none.csd", "pipe.csd", "zero.csd"];
    expected.retain(|name| !(reads_all && *name == "closed.csd"));
    assert_eq!((told, entries.len(), notes), (expected, 5, Vec::new()));
}

#[test]
fn a_look_stops_at_its_bounds_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..4 {
        put(folder.path(), &format!("{number}.csd"), CSD);
    }
    let given_up = Abandoned::default();
    let places =
        Places { folders: vec![folder.path().to_owned(), folder.path().join("none")], ..Places::default() };
    let mut scan = Scan { pieces_left: 3, ..Scan::new(&given_up) };
    scan.all(&places);
    assert_eq!(scan.entries.len(), 3);
    assert!(scan.notes.iter().any(|note| note.contains("the others are left out")), "{:?}", scan.notes);
    assert!(scan.notes.iter().any(|note| note.contains("none cannot be looked through")), "{:?}", scan.notes);
    let mut scan = Scan { seen_left: 2, ..Scan::new(&given_up) };
    scan.all(&places);
    assert!(scan.notes.iter().any(|note| note.contains("there is too much")), "{:?}", scan.notes);
    let deep = (0..DEEPEST + 2).fold(PathBuf::new(), |deep, _| deep.join("d"));
    put(folder.path(), &deep.join("x.csd").to_string_lossy(), CSD);
    let (entries, notes) = in_folder(folder.path());
    assert_eq!(entries.len(), 4);
    assert!(notes.iter().any(|note| note.contains("lies too deep")), "{notes:?}");
    given_up.abandon();
    let mut scan = Scan::new(&given_up);
    scan.all(&places);
    assert_eq!(names(&scan.sorted()), []);
}
