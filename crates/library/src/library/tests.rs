use std::process::Command;

#[cfg(target_os = "linux")]
use test_host::tools::is_missing;

use super::*;

fn refusal(candidates: &[PathBuf]) -> LoadError {
    Library::load(candidates, None).err().expect("no candidate is a usable Csound")
}

#[test]
fn what_is_missing_is_reported_with_everything_tried_and_what_to_do() {
    let text = refusal(&["nowhere/libcsound64.so".into(), "libm.so.6".into()]).to_string();
    for part in ["nowhere/libcsound64.so", "libm.so.6", "csoundGetVersion", "apt install", VARIABLE] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert!(text.starts_with("No Csound was found"), "{text}");
    for generation in Generation::ALL {
        let error =
            Library::load(&["nowhere/libcsound64.so".into()], Some(generation)).err().unwrap().to_string();
        assert!(error.starts_with(&format!("{generation} was not found")), "{error}");
        assert!(LoadError::tells_that_missing(&error, generation));
        assert!(!LoadError::tells_that_missing(&text, generation), "none is missed more than the other");
    }
}

#[test]
fn a_file_that_is_no_library_is_reported_and_not_used() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "not a library").unwrap();
    let error = refusal(&[file.path().to_owned()]);
    assert_eq!(error.attempts.len(), 1);
    assert_eq!(error.attempts[0].path, file.path());
    assert!(!error.attempts[0].found.is_empty());
}

/// Such a file would end the process that loads it.
#[cfg(target_os = "linux")]
#[test]
fn a_csound_that_is_cut_short_and_a_folder_are_told_and_not_loaded() {
    if is_missing("libcsound", Library::get().is_ok()) {
        return;
    }
    let whole = std::fs::read(Library::get().unwrap().file().unwrap()).unwrap();
    let place = tempfile::tempdir().unwrap();
    let generation = Library::get().unwrap().generation();
    let cut = place.path().join(format!("libcsound64.so.{}", generation.api()));
    std::fs::write(&cut, &whole[..100_000]).unwrap();
    let told = Library::load(&[place.path().to_owned(), cut.clone()], Some(generation)).err().unwrap();
    assert!(told.attempts[0].found.starts_with("it is a folder"), "{told}");
    let found = &told.attempts[1].found;
    assert!(found.contains("is cut short: 100000 of "), "{told}");
    // It is what matters of all that was tried, and another Csound is no reason to call this one missing.
    let text = told.to_string();
    assert!(text.starts_with(&*cut.to_string_lossy()) && text.contains("cannot be loaded"), "{text}");
    assert!(text.contains(&format!("Install {generation} again")), "{text}");
    assert!(!LoadError::tells_that_missing(&text, generation), "{text}");
    assert!(installed::version_of(&cut).unwrap_err().contains("cut short"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_csound_that_is_too_old_or_lacks_a_symbol_is_called_by_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let fake = |version: i32| {
        let (source, library) = (folder.path().join("fake.c"), folder.path().join(format!("{version}.so")));
        std::fs::write(&source, format!("int csoundGetVersion(void) {{ return {version}; }}")).unwrap();
        let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
        built.is_ok_and(|status| status.success()).then_some(library)
    };
    let libraries = [6140, 6180, 7000, 8000].map(fake).into_iter().collect::<Option<Vec<_>>>();
    if is_missing("a C compiler, to build a false Csound with,", libraries.is_some()) {
        return;
    }
    let libraries = libraries.unwrap_or_default();
    // One cause, and one thing to do: what else was tried is of no interest then.
    let told = refusal(&["nowhere/libcsound64.so".into(), libraries[3].clone()]).to_string();
    assert!(
        told.starts_with(&*libraries[3].to_string_lossy()) && told.contains("Install Csound 6 or Csound 7"),
        "{told}"
    );
    assert!(!told.contains("not found") && !told.contains("nowhere"), "{told}");
    let found: Vec<_> = refusal(&libraries).attempts.into_iter().map(|attempt| attempt.found).collect();
    assert!(found[0].contains("6.14, too old"), "{found:?}");
    assert!(found[1].contains("6.18, but without csoundCreate"), "{found:?}");
    assert!(found[2].contains("7.00, but without csoundCreate"), "{found:?}");
    assert!(found[3].contains("8.00, whose API is another"), "{found:?}");
    // A Csound of the other generation is called by its version as well.
    let other = Library::load(&libraries[2..3], Some(Generation::Six)).err().unwrap();
    let told = other.to_string();
    assert!(told.contains("is Csound 7.00, and Csound 6 is needed. Install Csound 6 beside it"), "{told}");
}

#[test]
fn the_users_variable_names_one_or_more_paths_and_excludes_every_other_place() {
    let named = |variable: OsString| candidates(Some(variable), Some(Path::new("/")), None);
    let (six, seven) = (PathBuf::from("/mine/libcsound64.so"), PathBuf::from("/mine/7/libcsound64.so"));
    assert_eq!(named(six.clone().into()), std::slice::from_ref(&six));
    assert_eq!(named(std::env::join_paths([&six, &seven]).unwrap()), [six, seven]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_beside_this_code_comes_before_the_systems_and_six_before_seven() {
    let folder = tempfile::tempdir().unwrap();
    let found = |generation| candidates(None, Some(folder.path()), generation);
    let name = |name: &str| PathBuf::from(name);
    assert_eq!(found(None)[..2], [name("libcsound64.so.6.0"), name("libcsound64.so")]);
    assert_eq!(found(Some(Generation::Seven))[0], name("libcsound64.so.7.0"));
    assert!(found(None).contains(&name("libcsound64.so.7.0")));
    assert!(!found(Some(Generation::Seven)).contains(&name("libcsound64.so.6.0")));
    let put = |path: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "").unwrap();
        path
    };
    let bundled = put("libcsound64.so.7.0");
    assert_eq!(found(Some(Generation::Seven))[0], bundled);
    let in_folder = put("csound7/libcsound64.so.7.0");
    assert_eq!(found(Some(Generation::Seven))[..2], [in_folder, bundled]);
    assert_eq!(found(Some(Generation::Six))[0], name("libcsound64.so.6.0"));
}

#[cfg(unix)]
#[test]
fn this_code_knows_the_folder_it_is_in() {
    let folder = own_folder().unwrap();
    assert_eq!(folder.canonicalize().unwrap(), std::env::current_exe().unwrap().parent().unwrap());
}

#[test]
fn the_installed_csound_is_loaded_once_and_says_its_version() {
    let Some(library) = crate::testing::library() else { return };
    assert!(std::ptr::eq(library, Library::get().unwrap()));
    let (major, minor, _) = library.version();
    match library.generation() {
        Generation::Six => assert!(major == 6 && minor >= 15),
        Generation::Seven => assert_eq!(major, 7),
    }
    assert!(!library.path().as_os_str().is_empty());
}

#[test]
fn a_process_has_one_generation_and_says_so_when_the_other_is_asked_for() {
    let Some(library) = crate::testing::library() else { return };
    let [mine, other] = match library.generation() {
        Generation::Six => [Generation::Six, Generation::Seven],
        Generation::Seven => [Generation::Seven, Generation::Six],
    };
    assert!(std::ptr::eq(library, Library::of(Some(mine)).unwrap()));
    let told = Library::of(Some(other)).err().unwrap().to_string();
    let said = format!("{other} cannot be loaded: this process performs by Csound {}.", mine.number());
    assert!(told.starts_with(&said), "{told}");
}

#[test]
fn the_library_that_is_loaded_is_among_those_that_are_installed() {
    let Some(library) = crate::testing::library() else { return };
    let found = installed::installed();
    let mine = found.iter().find(|found| found.generation == library.generation()).unwrap();
    let file = file_of(library.operations.address()).unwrap();
    assert_eq!(mine.path.canonicalize().unwrap(), file.canonicalize().unwrap());
    assert_eq!(installed::version_of(&mine.path).unwrap(), library.version());
}
