use std::path::Path;

use csound_language::manual::Part;

use super::*;

const WOBBLE: &str = r#"<h1>wobble</h1><p>wobble — Wobbles a signal.</p><h2>Syntax</h2><pre>ares wobble asig</pre>
<p>See <a href="examples/wobble.csd">wobble.csd</a>, <a href="../outside.csd">another</a>,
<a href="linked.csd">a link</a>, <a href="/etc/x.csd">a path</a> and <a href="https://x.org/x.csd">a far one</a>.</p>"#;

/// A manual of Csound 6 in a folder that has a piece beside it.
fn home() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().canonicalize().unwrap().join("manual");
    fs::create_dir_all(folder.join("examples")).unwrap();
    fs::write(folder.join("wobble.html"), WOBBLE).unwrap();
    fs::write(folder.join("Numbered.html"), "<h2>0shake</h2><p>0shake — Shakes it.</p>").unwrap();
    fs::write(folder.join("Chapter.html"), "<h1>How to wobble</h1><p>At length.</p>").unwrap();
    fs::write(folder.join("examples/wobble.csd"), "a piece").unwrap();
    fs::write(home.path().join("outside.csd"), "another").unwrap();
    (home, folder)
}

fn look(folder: &Path, sought: &str) -> Manual {
    let place = Place { generation: generation_of(folder), folder: folder.to_owned(), is_chosen: true };
    look_up(sought, Generation::Six, (Some(place), Vec::new()), None, &Abandoned::default())
}

fn page(manual: &Manual) -> (&Page, &[PathBuf]) {
    match &manual.found {
        Found::Page(page, examples) => (page, examples),
        other => panic!("{other:?}"),
    }
}

fn names(manual: &Manual) -> Vec<&str> {
    manual.entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn a_name_leads_to_its_page_with_the_examples_of_the_folder_alone() {
    let (home, folder) = home();
    #[cfg(unix)]
    std::os::unix::fs::symlink(home.path().join("outside.csd"), folder.join("linked.csd")).unwrap();
    let manual = look(&folder, "wobble");
    assert_eq!(names(&manual), ["0shake", "wobble"], "chapters describe no name");
    assert_eq!(manual.entries[1].about, "Wobbles a signal.");
    assert_eq!(manual.read, Some((Generation::Six, folder.clone())));
    let (shown, examples) = page(&manual);
    assert!(shown.parts.contains(&Part::Code("ares wobble asig".into())) && shown.is_whole);
    assert_eq!(shown.examples.len(), 5);
    assert_eq!(examples, [folder.join("examples/wobble.csd")]);
    let manual = look(&folder, "0shake");
    assert_eq!(page(&manual).0.about, "Shakes it.", "the file has another name");
    assert_eq!(manual.address(), "https://csound.com/docs/manual/Numbered.html");
    drop(home);
}

#[test]
fn an_example_may_be_packed_and_one_that_is_not_goes_first() {
    let (home, folder) = home();
    let example = |name: &str| folder.join("examples").join(name);
    fs::rename(example("wobble.csd"), example("wobble.csd.gz")).unwrap();
    assert_eq!(page(&look(&folder, "wobble")).1, [example("wobble.csd.gz")]);
    fs::write(example("wobble.csd"), "a piece").unwrap();
    assert_eq!(page(&look(&folder, "wobble")).1, [example("wobble.csd")]);
    drop(home);
}

#[test]
fn what_is_no_page_of_the_folder_is_told_and_not_read() {
    let (home, folder) = home();
    fs::write(home.path().join("secret.html"), "<p>secret — Not to be read").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(home.path().join("secret.html"), folder.join("stolen.html")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.join("endless.html")).unwrap();
        std::os::unix::fs::symlink("loop.html", folder.join("loop.html")).unwrap();
    }
    fs::create_dir(folder.join("nested.html")).unwrap();
    for odd in
        ["stolen", "secret", "../secret", "endless", "loop", "nested", "none", "\0", "a/../../secret", "Ü 1"]
    {
        let manual = look(&folder, odd);
        let Found::Nothing(why) = &manual.found else { panic!("{odd}: {:?}", manual.found) };
        assert_eq!(*why, format!("The manual has no page on {odd}"));
        assert_eq!(names(&manual), ["0shake", "wobble"]);
    }
    assert_eq!(look(&folder, "").found, Found::Nothing(NO_NAME.into()));
    let nothing = look_up("wobble", Generation::Six, (None, Vec::new()), None, &Abandoned::default());
    assert_eq!(nothing.found, Found::Nothing(NO_MANUAL.into()));
}

#[test]
fn of_a_page_of_a_hundred_megabytes_the_beginning_is_read() {
    let (_home, folder) = home();
    let path = folder.join("large.html");
    fs::write(&path, "<h1>large</h1><p>large — Too large.</p>").unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(100 << 20).unwrap();
    let manual = look(&folder, "large");
    let (shown, _) = page(&manual);
    assert_eq!((shown.about.as_str(), shown.is_whole), ("Too large.", false));
    fs::write(&path, format!("<p>large — Deep.</p>{}x", "<div><b>".repeat(1 << 20))).unwrap();
    assert_eq!(page(&look(&folder, "large")).0.about, "Deep.");
    fs::write(&path, b"<p>large \xe2\x80\x94 Odd \xff\xfe bytes.").unwrap();
    assert!(page(&look(&folder, "large")).0.about.starts_with("Odd"));
}

#[test]
fn pages_of_csound_7_are_named_by_their_files_or_folders() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().canonicalize().unwrap();
    fs::create_dir_all(folder.join("opcodes/wobble")).unwrap();
    fs::create_dir_all(folder.join("examples")).unwrap();
    let text = "<h1>Wobble<a>¶</a></h1><p>It wobbles.</p><a href='../../examples/w.csd'>w</a>";
    fs::write(folder.join("opcodes/wobble/index.html"), text).unwrap();
    fs::write(folder.join("examples/w.csd"), "a piece").unwrap();
    fs::write(folder.join("opcodes/shake.html"), format!("<nav>{}</nav>", "menu ".repeat(20_000))).unwrap();
    fs::write(folder.join("index.html"), "<p>home — not an opcode").unwrap();
    let manual = look(&folder, "wobble");
    assert_eq!(names(&manual), ["shake", "wobble"]);
    assert_eq!(manual.entries[1].about, "It wobbles.");
    assert_eq!(page(&manual).1, [folder.join("examples/w.csd")]);
    assert_eq!(manual.read.as_ref().map(|(of, _)| *of), Some(Generation::Seven));
}

#[test]
fn an_index_is_made_once_for_a_folder_and_not_at_all_once_it_is_given_up() {
    let (_home, folder) = home();
    let place = || Some(Place { generation: Generation::Six, folder: folder.clone(), is_chosen: false });
    let known: Arc<[Entry]> =
        [Entry { name: "known".into(), about: "Known.".into(), file: "wobble.html".into() }].into();
    let look = |known, given_up: &Abandoned| {
        look_up("known", Generation::Six, (place(), Vec::new()), known, given_up)
    };
    let manual = look(Some((folder.clone(), Arc::clone(&known))), &Abandoned::default());
    assert_eq!((names(&manual), page(&manual).0.name.as_str()), (vec!["known"], "wobble"));
    let elsewhere = look(Some((folder.join("examples"), known)), &Abandoned::default());
    assert_eq!(names(&elsewhere), ["0shake", "wobble"]);
    let given_up = Abandoned::default();
    given_up.abandon();
    assert_eq!(names(&look(None, &given_up)), [""; 0]);
}

/// Read where Debian's manual is installed: the form of real pages, without a word of them here.
#[test]
fn the_installed_manual_describes_its_opcodes() {
    let folder = Path::new("/usr/share/doc/csound-doc/html");
    if test_host::tools::is_forbidden("read the manual of csound-doc", has_pages(folder)) {
        return;
    }
    let manual = look(&folder.canonicalize().unwrap(), "oscili");
    let (shown, examples) = page(&manual);
    assert!(!shown.about.is_empty() && shown.is_whole && examples.len() == 1, "{shown:?}");
    assert!(manual.entries.len() > 1000, "{}", manual.entries.len());
}
