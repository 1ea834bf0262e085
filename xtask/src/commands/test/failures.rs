//! What failed in a run of tests, and what it said, from the lines that cargo prints: repeated at the end, because
//! the place where a test failed is thousands of lines above it.

/// As many lines of one failed test are repeated.
const LINES_OF_ONE: usize = 30;

/// As many bytes of all are repeated.
const BYTES_OF_ALL: usize = 20_000;

/// Failed tests, found in the output of `cargo test`.
#[derive(Debug, Default)]
pub struct Failures {
    names: Vec<String>,
    /// If lines are the names of a program's failed tests.
    is_list: bool,
    said: Vec<String>,
    /// Lines that the section of one failed test may still have; none outside of such a section.
    room: Option<usize>,
}

impl Failures {
    /// Takes one line that a test program printed, without its end.
    pub fn line(&mut self, line: &str) {
        // A test that prints past its program's capture has words between its name and its fate: the list counts.
        if let Some(name) = line.strip_prefix("    ").filter(|_| self.is_list) {
            self.names.push(name.to_owned());
        }
        self.is_list = line == "failures:" || self.is_list && line.starts_with("    ");
        if line.starts_with("---- ") && line.ends_with(" stdout ----") {
            self.room = Some(LINES_OF_ONE);
        } else if line == "failures:" || line.starts_with("test ") {
            self.room = None;
        }
        if let Some(room) = self.room.as_mut().filter(|room| **room > 0) {
            *room -= 1;
            self.said.push(line.to_owned());
        }
    }

    /// The failed tests' own words, then their names; nothing where none failed.
    pub fn text(&self) -> String {
        let said = self.said.join("\n");
        let end = said.char_indices().map(|(at, _)| at).find(|at| *at >= BYTES_OF_ALL).unwrap_or(said.len());
        let names: String = self.names.iter().map(|name| format!("\n  {name}")).collect();
        match self.names.is_empty() {
            true => said[..end].to_owned(),
            false => format!("{}\n\nFailed tests:{names}", &said[..end]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(output: &str) -> String {
        let mut failures = Failures::default();
        output.lines().for_each(|line| failures.line(line));
        failures.text()
    }

    #[test]
    fn nothing_is_said_of_tests_that_hold() {
        assert_eq!(failures("running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed\n"), "");
    }

    #[test]
    fn each_failed_test_is_named_with_its_own_words() {
        let one = "running 2 tests\ntest a::b ... FAILED\ntest c ... ok\n\nfailures:\n\n---- a::b stdout ----\n\
            thread 'a::b' panicked at tests/a.rs:3:5:\nit is 3\n\nfailures:\n    a::b\n\ntest result: FAILED. 1 passed\n";
        let other = "test d ... FAILED\nfailures:\n---- d stdout ----\nno room\nfailures:\n    d\n";
        assert_eq!(
            failures(&(one.to_owned() + other)),
            "---- a::b stdout ----\nthread 'a::b' panicked at tests/a.rs:3:5:\nit is 3\n\n\
             ---- d stdout ----\nno room\n\nFailed tests:\n  a::b\n  d"
        );
    }

    #[test]
    fn much_is_cut_and_all_names_stay() {
        let talk = "\u{e4}\n".repeat(10_000);
        let of = |name: &str| format!("---- {name} stdout ----\n{talk}failures:\n    {name}\n");
        let text = failures(&(of("a") + &of("b")));
        assert_eq!(text.matches('\u{e4}').count(), 2 * (LINES_OF_ONE - 1));
        let long = format!("---- a stdout ----\n{}\nfailures:\n    a\n", "\u{e4}".repeat(100_000));
        let text = failures(&long);
        assert!(text.len() < BYTES_OF_ALL + 100, "{}", text.len());
        assert!(text.ends_with("Failed tests:\n  a"));
    }
}
