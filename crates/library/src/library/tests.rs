use std::process::Command;

#[cfg(target_os = "linux")]
use test_host::tools::is_missing;

use super::*;

fn refusal(candidates: &[PathBuf]) -> LoadError {
    Library::load(candidates).err().expect("no candidate is a usable Csound")
}

#[test]
fn what_is_missing_is_reported_with_everything_tried_and_what_to_do() {
    let text = refusal(&["nowhere/libcsound64.so".into(), "libm.so.6".into()]).to_string();
    for part in ["nowhere/libcsound64.so", "libm.so.6", "csoundGetVersion", "apt install", VARIABLE] {
        assert!(text.contains(part), "{part} is not in: {text}");
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

#[test]
fn only_csound_6_from_6_15_is_used() {
    assert!(check_version(6149).unwrap_err().contains("6.14, too old"));
    assert!(check_version(6150).is_ok());
    assert!(check_version(6181).is_ok());
    assert!(check_version(7000).unwrap_err().contains("7.00"));
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
    let libraries = [6140, 6180, 7000].map(fake).into_iter().collect::<Option<Vec<_>>>();
    if is_missing("a C compiler, to build a false Csound with,", libraries.is_some()) {
        return;
    }
    let libraries = libraries.unwrap_or_default();
    // One cause, and one thing to do: what else was tried is of no interest then.
    let told = refusal(&["nowhere/libcsound64.so".into(), libraries[2].clone()]).to_string();
    assert!(
        told.starts_with(&*libraries[2].to_string_lossy()) && told.contains("Install Csound 6"),
        "{told}"
    );
    assert!(!told.contains("not found") && !told.contains("nowhere"), "{told}");
    let found: Vec<_> = refusal(&libraries).attempts.into_iter().map(|attempt| attempt.found).collect();
    assert!(found[0].contains("6.14, too old"), "{found:?}");
    assert!(found[1].contains("6.18, but without csoundInitialize"), "{found:?}");
    assert!(found[2].contains("7.00, whose API is another"), "{found:?}");
}

#[test]
fn the_users_variable_excludes_every_other_place() {
    let named = candidates(Some("/mine/libcsound64.so".into()), Some(Path::new("/")));
    assert_eq!(named, [PathBuf::from("/mine/libcsound64.so")]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_beside_this_code_comes_before_the_systems() {
    let folder = tempfile::tempdir().unwrap();
    let bundled = folder.path().join("libcsound64.so.6.0");
    assert_eq!(candidates(None, Some(folder.path()))[0], PathBuf::from("libcsound64.so.6.0"));
    std::fs::write(&bundled, "").unwrap();
    assert_eq!(candidates(None, Some(folder.path()))[0], bundled);
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
    assert_eq!(major, 6);
    assert!(minor >= 15);
    assert!(!library.path().as_os_str().is_empty());
}
