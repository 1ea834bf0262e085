//! The Csounds of this machine, as `cargo xtask setup --list` tells them.

use std::path::Path;

use csound_library::{Found, Generation, VARIABLE, how_to_install, installed, version_of};

use test_host::tools::csound_7;

/// A line for each that the plugin would find from here, the one of the tests, and those that are missing.
pub(super) fn csounds() -> Vec<String> {
    let found = installed();
    let tests = csound_7().filter(|tests| !found.iter().any(|found| is_same(&found.path, tests)));
    let mut lines = lines(&found, |path| version_of(path).map(name));
    lines.extend(std::env::var(VARIABLE).ok().filter(|set| !set.is_empty()).as_deref().map(only_there));
    lines.extend(tests.map(|path| {
        let told = version_of(&path).map_or_else(|why| format!("Csound 7 ({why})"), name);
        format!("{told}: {} (for the tests; the plugin takes it where {VARIABLE} names it)", path.display())
    }));
    lines
}

fn name((major, minor, patch): (i32, i32, i32)) -> String {
    format!("Csound {major}.{minor}.{patch}")
}

/// What the user may have forgotten: a Csound that is installed elsewhere is not seen then.
fn only_there(set: &str) -> String {
    format!("{VARIABLE} is set: Csound is looked for at {set} only")
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().is_some_and(|real| other.canonicalize().is_ok_and(|other| other == real))
}

/// What is found in the order in which it would be tried, and how the rest is installed.
fn lines(found: &[Found], version: impl Fn(&Path) -> Result<String, String>) -> Vec<String> {
    let here = found.iter().map(|found| {
        let name = version(&found.path)
            .unwrap_or_else(|why| format!("{} (cannot be used: {why})", found.generation));
        format!("{name}: {}", found.path.display())
    });
    let is_missing = |generation: &Generation| found.iter().all(|found| found.generation != *generation);
    let missing = Generation::ALL.into_iter().filter(is_missing);
    here.chain(
        missing.map(|generation| format!("{generation}: not installed ({})", how_to_install(generation))),
    )
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_with_version_and_place_and_what_is_missing_with_the_way_to_it() {
        let six = Found { path: "/lib/libcsound64.so.6.0".into(), generation: Generation::Six };
        let told = lines(std::slice::from_ref(&six), |_| Ok("Csound 6.18.1".into()));
        assert_eq!(told[0], "Csound 6.18.1: /lib/libcsound64.so.6.0");
        assert!(
            told[1].starts_with("Csound 7: not installed (") && told[1].contains("csound.com"),
            "{told:?}"
        );
        assert_eq!(told.len(), 2);
        let broken = lines(&[six], |_| Err("no such symbol".into()));
        assert_eq!(broken[0], "Csound 6 (cannot be used: no such symbol): /lib/libcsound64.so.6.0");
        assert_eq!(lines(&[], |_| Ok(String::new())).len(), 2);
        assert_eq!(only_there("/x"), "CSOUND_PERFORMER_LIBCSOUND is set: Csound is looked for at /x only");
    }
}
