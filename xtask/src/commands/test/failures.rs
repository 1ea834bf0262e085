//! What failed in a run of tests, and what it said, from the lines that cargo prints: repeated at the end, because
//! the place where a test failed is thousands of lines above it.

/// As many lines of one failed test are repeated.
const LINES_OF_ONE: usize = 30;

/// As many bytes of all are repeated.
const BYTES_OF_ALL: usize = 20_000;

/// Characters of one program's end that are repeated.
const LONGEST_OF_ONE: usize = 300;

/// Failed tests, found in the output of `cargo test`.
#[derive(Debug, Default)]
pub struct Failures {
    names: Vec<String>,
    /// If lines are the names of a program's failed tests.
    is_list: bool,
    /// Programs that ended otherwise than by a failed test.
    programs: Vec<String>,
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

    /// Takes how a program ended that [`ended_badly`].
    pub fn program(&mut self, ended: String) {
        self.programs.push(ended);
    }

    /// The failed tests' own words, then their names, then the programs that ended badly; nothing where none did.
    pub fn text(&self) -> String {
        let programs: String = self.programs.iter().map(|program| format!("\n  {program}")).collect();
        match self.programs.is_empty() {
            true => self.text_of_tests(),
            false => format!("{}\n\nPrograms that ended before their end:{programs}", self.text_of_tests()),
        }
    }

    fn text_of_tests(&self) -> String {
        let said = self.said.join("\n");
        let end = said.char_indices().map(|(at, _)| at).find(|at| *at >= BYTES_OF_ALL).unwrap_or(said.len());
        let names: String = self.names.iter().map(|name| format!("\n  {name}")).collect();
        match self.names.is_empty() {
            true => said[..end].to_owned(),
            false => format!("{}\n\nFailed tests:{names}", &said[..end]),
        }
    }
}

/// How a program ended, if this line of cargo's tells of one that ended otherwise than by a failed test: by a
/// signal, or with a code of its own. Such a program names no failed test.
pub fn ended_badly(line: &str) -> Option<String> {
    let how = line.trim_start().strip_prefix("process didn't exit successfully: ")?;
    (!how.ends_with("(exit status: 101)")).then(|| how.chars().take(LONGEST_OF_ONE).collect())
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

    #[test]
    fn a_program_that_was_killed_is_named() {
        let killed = "  process didn't exit successfully: `/a/cabbage-12 --x` (signal: 6, SIGABRT: process abort signal)";
        let failed = "  process didn't exit successfully: `/a/cabbage-12` (exit status: 101)";
        assert_eq!((ended_badly(failed), ended_badly("error: test failed")), (None, None));
        let mut failures = Failures::default();
        failures.program(ended_badly(killed).unwrap());
        let text = failures.text();
        assert!(
            text.ends_with("\n  `/a/cabbage-12 --x` (signal: 6, SIGABRT: process abort signal)"),
            "{text}"
        );
    }
}
