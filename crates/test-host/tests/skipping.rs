//! A test leaves early only where it says so through `test_host::tools`, or because it runs again in a process of its
//! own: a test that leaves for another reason passes without having looked at anything.
//!
//! What is looked at is the text of each `#[test]` function. A helper that returns early is not seen, nor is a test
//! of a program that has no harness.

use std::path::{Path, PathBuf};

use test_host::project::root;

/// What the condition names under which a test may leave.
const REASONS: &[&str] = &[
    // Through `tools`, which fails where everything is required.
    "missing",
    "is_forbidden",
    // It is run, or was run, in a process of its own, where it must pass.
    "alone",
    "in_a_process",
    "as_child",
    "var_os",
    // The library's unit tests get their instance or their library from here, and `tools` is asked there.
    "library()",
    "start(",
    "start_with(",
    "start_own(",
    "attempt(",
    "said(",
    // `tools` is asked in these.
    "ardour()",
    "csound()",
    "installed_in_a_bare_root(",
    // It runs in a root folder of its own, started by another test.
    "is_inside()",
];

/// All source files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The tests of a source, each as its lines.
fn tests(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<_> = text.lines().collect();
    let begins = lines.iter().enumerate().filter(|(_, line)| line.trim() == "#[test]");
    begins
        .map(|(at, attribute)| {
            let body = lines[at..].iter();
            body.take_while(|line| **line != format!("{:1$}}}", "", indent(attribute))).copied().collect()
        })
        .collect()
}

/// The line where the condition begins under which line `at` is reached.
fn condition(test: &[&str], at: usize) -> usize {
    let is_outer = |above: &usize| !test[*above].trim().is_empty() && indent(test[*above]) < indent(test[at]);
    let Some(opens) = (0..at).rev().find(is_outer) else { return at };
    // It may have been too long for one line.
    let goes_on = test[opens].trim_start().starts_with([')', '}', '{']);
    let begins = (0..opens).rev().find(|above| indent(test[*above]) == indent(test[opens]));
    if goes_on { begins.unwrap_or(opens) } else { opens }
}

/// How often a test leaves without one of the reasons.
fn unexplained(test: &[&str]) -> usize {
    let is_explained =
        |lines: &[&str]| lines.iter().any(|line| REASONS.iter().any(|reason| line.contains(reason)));
    let places = test.iter().enumerate();
    places
        .filter(|(at, line)| match line.trim() {
            "return;" => !is_explained(&test[condition(test, *at)..*at]),
            line => line.contains("else { return }") && !is_explained(&[line]),
        })
        .count()
}

#[test]
fn a_test_leaves_early_only_for_a_reason_that_is_told() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "crates", "xtask"] {
        sources(&root().join(folder), &mut files);
    }
    let (mut count, mut wrong) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let says_so = text.lines().filter(|line| line.contains("println!(\"skipped")).count();
        assert!(
            says_so == 0 || file.ends_with("tools.rs") || file.ends_with("skipping.rs"),
            "{}",
            file.display()
        );
        for test in tests(&text) {
            count += 1;
            let name = test.iter().find(|line| line.contains("fn ")).unwrap_or(&"").trim();
            if unexplained(&test) > 0 {
                wrong.push(format!("{}: {name}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 500, "only {count} tests were found");
}

#[test]
fn a_test_that_leaves_for_another_reason_is_found() {
    let text = "#[test]\nfn a() {\n    if busy() {\n        return;\n    }\n}\n\n\
                #[test]\nfn b() {\n    if is_missing(\"x\", false) {\n        return;\n    }\n}\n\n\
                #[test]\nfn c() {\n    let Some(x) = find() else { LEAVE };\n}\n";
    let text = text.replace("LEAVE", "return");
    let found: Vec<_> = tests(&text).iter().map(|test| unexplained(test)).collect();
    assert_eq!(found, [1, 0, 1]);
}
