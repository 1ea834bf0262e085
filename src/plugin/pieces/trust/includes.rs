//! What a text includes, as Csound 6.18 and Csound 7.00 read it. Pure.
//!
//! Found out with the csound command, and held to it by `tests/plugin/includes.rs`:
//!
//! - `#include` takes the next character for the quote and the text up to its next occurrence, in the
//!   same line, for the name; no macro is expanded in it. The rest of the line is dropped.
//! - `#includestr` takes a string, and expands macros in it.
//! - Both count anywhere in a line. They do not count in comments (`;`, `//`, `/* */`, in a score also
//!   `c` at a line's beginning), in strings, or in the body of a macro.
//! - `compilestr`, `evalstr` and `readscore` read includes in the text that they are given, and so do `create` and
//!   `createinstr` of Csound 7, which make an instrument of a text.
//!
//! What `#ifdef` leaves out is taken as included: that asks for trust once too often, never too seldom.
//! Where the text leaves a doubt about what is read, that is said: trust is refused then.

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Instruments.
    Orchestra,
    /// Events.
    Score,
}

/// A file that a text includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// Its name as written.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
}

/// Why it cannot be told what a text reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The line, from 1.
    pub line: usize,
    /// What is unclear there, to follow the line's number.
    pub why: String,
}

/// What is found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The files that it includes, in its order.
    pub includes: Vec<Include>,
    /// What cannot be told.
    pub doubts: Vec<Doubt>,
}

/// The word, whatever follows.
const INCLUDE: &[u8] = b"#include";

/// Opcodes that read code from a file, or run a program's text from one, while the piece plays.
const FROM_FILES: [&str; 8] =
    ["compileorc", "compilecsd", "pyexec", "pyexeci", "pyexect", "pylexec", "pylexeci", "pylexect"];

/// Opcodes that compile a string.
const FROM_STRINGS: [&str; 4] = ["compilestr", "evalstr", "readscore", "createinstr"];

/// An opcode of Csound 7 that compiles a string, and makes an instance of what is no string.
const OF_A_STRING_OR_NAME: &str = "create";

/// An opcode of Csound 7 that gives options to a Csound of the piece's own; some have it read code.
const OF_OPTIONS: &str = "setoption";

/// Finds what a text includes.
pub fn find(text: &[u8], language: Language) -> Found {
    let mut scan = Scan { text, at: 0, line: 1, language, found: Found::default() };
    scan.code();
    scan.found
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
    language: Language,
    found: Found,
}

impl Scan<'_> {
    fn rest(&self) -> &[u8] {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn doubt(&mut self, why: impl Into<String>) {
        self.found.doubts.push(Doubt { line: self.line, why: why.into() });
    }

    /// Goes on by so many bytes, and counts the lines in them.
    fn skip(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        self.line += self.text[self.at..end].iter().filter(|byte| **byte == b'\n').count();
        self.at = end;
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.skip(blanks);
    }

    /// To the end of the line, which either character ends for a comment.
    fn skip_comment(&mut self) {
        let len = self.rest().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        self.skip(len.unwrap_or(usize::MAX - self.at));
    }

    /// Behind `end`, or to the end of the text.
    fn skip_past(&mut self, end: &[u8]) {
        let found = self.rest().windows(end.len()).position(|window| window == end);
        self.skip(found.map_or(usize::MAX - self.at, |found| found + end.len()));
    }

    fn code(&mut self) {
        let mut begins_line = true;
        while let Some(byte) = self.peek() {
            let rest = self.rest();
            let is_comment = matches!(rest, [b';', ..] | [b'/', b'/', ..])
                || (byte == b'c' && begins_line && self.language == Language::Score);
            begins_line = matches!(byte, b'\n' | b'\r') || (begins_line && matches!(byte, b' ' | b'\t'));
            match rest {
                _ if is_comment => self.skip_comment(),
                [b'/', b'*', ..] => {
                    self.skip(2);
                    self.skip_past(b"*/");
                }
                [b'\\', ..] => self.escape(),
                [b'"', ..] => drop(self.string()),
                [b'{', b'{', ..] if self.language == Language::Orchestra => drop(self.long_string()),
                [b'#', ..] => self.directive(),
                [b'$', ..] => self.macro_call(),
                [byte, ..] if is_word(*byte) => self.word(),
                _ => self.skip(1),
            }
        }
    }

    /// A backslash: it takes what follows for itself, or carries the line on.
    fn escape(&mut self) {
        let blanks = self.rest()[1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match self.text.get(self.at + 1 + blanks) {
            Some(b';') => self.skip_comment(),
            Some(b'\n' | b'\r') => self.skip(blanks + 2),
            _ => self.skip(2),
        }
    }

    /// A string in one line; what is in it.
    fn string(&mut self) -> Option<Vec<u8>> {
        let mut len = 1;
        loop {
            match self.rest().get(len) {
                Some(b'"') => break,
                Some(b'\\')
                    if self.rest().get(len + 1).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) =>
                {
                    len += 2;
                }
                Some(b'\n' | b'\r') | None => {
                    self.doubt("a string is not closed in its line");
                    self.skip(len);
                    return None;
                }
                Some(_) => len += 1,
            }
        }
        let inside = self.rest()[1..len].to_vec();
        self.skip(len + 1);
        Some(inside)
    }

    /// A string in double braces, over as many lines as it likes; what is in it.
    fn long_string(&mut self) -> Option<Vec<u8>> {
        let Some(len) = self.rest()[2..].windows(2).position(|window| window == b"}}") else {
            // Without an end it is none for Csound.
            self.skip(2);
            return None;
        };
        let inside = self.rest()[2..2 + len].to_vec();
        self.skip(len + 4);
        Some(inside)
    }

    fn directive(&mut self) {
        let after = self.rest()[1..].trim_ascii_start();
        if self.rest().starts_with(b"#includestr") {
            self.skip(INCLUDE.len() + 3);
            self.included_string();
        } else if self.rest().starts_with(INCLUDE) {
            self.skip(INCLUDE.len());
            self.included();
        } else if after.starts_with(b"define") {
            let blanks = self.rest().len() - after.len();
            self.skip(blanks + "define".len());
            self.definition();
        } else {
            self.skip(1);
        }
    }

    fn included(&mut self) {
        self.skip_blanks();
        let line_len = self.rest().iter().position(|byte| *byte == b'\n');
        let line = &self.rest()[..line_len.unwrap_or(self.rest().len())];
        let end = line.first().and_then(|quote| line[1..].iter().position(|byte| byte == quote));
        match end {
            Some(end) => self.take_name(line[1..=end].to_vec()),
            // Csound warns and reads on behind the line.
            None if line_len.is_some() && !line.is_empty() => {}
            None => self.doubt("an #include names no file"),
        }
        self.skip_past(b"\n");
    }

    fn included_string(&mut self) {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return self.doubt("an #includestr is not followed by a name in quotes");
        }
        let Some(name) = self.string() else { return };
        if name.iter().any(|byte| matches!(byte, b'$' | b'\\')) {
            return self.doubt("the name after #includestr is made by a macro; write the file's name itself");
        }
        self.take_name(name);
        self.skip_past(b"\n");
    }

    fn take_name(&mut self, name: Vec<u8>) {
        match String::from_utf8(name) {
            Ok(name) if !name.is_empty() && !name.contains(char::is_control) => {
                self.found.includes.push(Include { name, line: self.line });
            }
            _ => self.doubt("the name of an included file cannot be read"),
        }
    }

    /// Passes a macro's definition. Its body is read where it is used.
    fn definition(&mut self) {
        self.skip_blanks();
        let name = self.rest().iter().take_while(|byte| is_word(**byte)).count();
        self.skip(name);
        if self.peek() == Some(b'(') {
            self.skip_past(b")");
        }
        loop {
            match self.rest() {
                [b'#', ..] => break self.skip(1),
                [b';', ..] | [b'/', b'/', ..] => self.skip_comment(),
                [b'/', b'*', ..] => self.skip_past(b"*/"),
                [byte, ..] if byte.is_ascii_whitespace() => self.skip(1),
                // Csound fails the piece here.
                _ => return self.doubt("a macro's definition has no body between # and #"),
            }
        }
        let mut len = 0;
        loop {
            match self.rest().get(len) {
                Some(b'#') => break,
                Some(b'\\') => len += 2,
                Some(_) => len += 1,
                None => return self.doubt("a macro's definition has no end"),
            }
        }
        let body = self.rest()[..len].to_vec();
        if !quotes(&body).is_multiple_of(2) {
            self.doubt("a macro holds half of a string");
        }
        let inside = find(&body, self.language);
        let above = self.line - 1;
        self.found
            .doubts
            .extend(inside.doubts.into_iter().map(|doubt| Doubt { line: doubt.line + above, ..doubt }));
        self.skip(len + 1);
    }

    /// A macro's use. What it is given is read as it is, whatever it looks like.
    fn macro_call(&mut self) {
        let name = self.rest()[1..].iter().take_while(|byte| is_word(**byte) || **byte == b'`').count();
        let dot = usize::from(self.rest().get(1 + name) == Some(&b'.'));
        self.skip(1 + name + dot);
        if name == 0 || self.peek() != Some(b'(') {
            return;
        }
        let mut depth = 0;
        let mut len = 0;
        let given = loop {
            match self.rest().get(len) {
                Some(b'(') => depth += 1,
                Some(b')') if depth == 1 => break &self.rest()[1..len],
                Some(b')') => depth -= 1,
                Some(b'\n' | b'\r' | b'\\' | b';') | None => {
                    return self.doubt("a macro is given something that can be read in two ways");
                }
                Some(_) => {}
            }
            len += 1;
        };
        let has = |what: &[u8]| given.windows(what.len()).any(|window| window == what);
        if !quotes(given).is_multiple_of(2) || [INCLUDE, b"//", b"/*", b"{{"].into_iter().any(has) {
            self.doubt("a macro is given something that can be read in two ways");
        }
        self.skip(len + 1);
    }

    /// A word: some opcodes compile what they are given.
    fn word(&mut self) {
        let len = self.rest().iter().take_while(|byte| is_word(**byte)).count();
        let word = String::from_utf8_lossy(&self.rest()[..len]).into_owned();
        self.skip(len);
        if self.language == Language::Score {
            return;
        }
        if FROM_FILES.contains(&word.as_str()) {
            self.doubt(format!(
                "{word} reads code from a file while the piece plays; include the file instead"
            ));
        } else if FROM_STRINGS.contains(&word.as_str())
            || (word == OF_A_STRING_OR_NAME && self.is_given_a_string())
        {
            self.compiled_string(&word);
        } else if word == OF_OPTIONS {
            self.doubt(format!("{word} gives options to another Csound, which may read code by them"));
        }
    }

    /// Whether an opcode that stands here is given a text: one that is written, or a variable for one.
    fn is_given_a_string(&self) -> bool {
        let given = self.rest().trim_ascii_start();
        let given = given.strip_prefix(b":InstrDef").unwrap_or(given).trim_ascii_start();
        let given = given.strip_prefix(b"(").unwrap_or(given).trim_ascii_start();
        let name = &given[..given.iter().take_while(|byte| is_word(**byte)).count()];
        let declares = |types: &[u8]| {
            let declaration = [name, types].concat();
            self.text.windows(declaration.len()).any(|window| window == declaration)
        };
        let is_declared = !name.is_empty() && (declares(b":S") || declares(b"@global:S"));
        given.starts_with(b"\"")
            || given.starts_with(b"{{")
            || given.starts_with(b"S")
            || given.starts_with(b"gS")
            || is_declared
    }

    fn compiled_string(&mut self, word: &str) {
        // `evalstr:i(`, or blanks.
        let is_between = |byte: &&u8| b" \t(:aikS".contains(byte);
        let skipped = if self.rest().starts_with(b":InstrDef") { b":InstrDef".len() } else { 0 };
        let between = skipped + self.rest()[skipped..].iter().take_while(is_between).count();
        self.skip(between);
        let line = self.line;
        let text = match self.rest() {
            [b'"', ..] => self.string(),
            [b'{', b'{', ..] => self.long_string(),
            _ => None,
        };
        let why = match text {
            Some(text) if text.windows(INCLUDE.len()).any(|window| window == INCLUDE) => {
                format!("{word} compiles a text that includes a file; include the file in the piece itself")
            }
            Some(text) => {
                let inside = find(&text, self.language).doubts.into_iter();
                self.found.doubts.extend(inside.map(|doubt| Doubt { line, ..doubt }));
                return;
            }
            None => format!("{word} compiles a text that is only known while the piece plays"),
        };
        self.found.doubts.push(Doubt { line, why });
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many quotes stand in a text, without those behind a backslash.
fn quotes(text: &[u8]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'"' => count += 1,
            _ => {}
        }
        at += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, language: Language) -> Vec<String> {
        let found = find(text.as_bytes(), language);
        assert_eq!(found.doubts, [], "{text}");
        found.includes.into_iter().map(|include| include.name).collect()
    }

    #[test]
    fn included_names_are_found_in_every_spelling() {
        let text = "#include \"a b.inc\"\n  #include\t/c.inc/ and more\n#includestr \"d.inc\"\n\
                    #include <open\ngi1 = 1 #includexe.incx\n#include $f$\n";
        for language in [Language::Orchestra, Language::Score] {
            assert_eq!(names(text, language), ["a b.inc", "c.inc", "d.inc", "e.inc", "f"]);
        }
    }

    #[test]
    fn comments_strings_and_macros_include_nothing() {
        let hidden = "; #include \"a\"\n// #include \"a\"\n/* #include \"a\"\n#include \"a\" */\n\
                      prints \"#include \\\" #include\"\n#define M #; \\#include \"a\"#\n\\; #include \"a\"\n";
        for language in [Language::Orchestra, Language::Score] {
            assert_eq!(names(hidden, language), [""; 0]);
        }
        assert_eq!(names("prints {{\n#include \"a\"\n}}\n", Language::Orchestra), [""; 0]);
        assert_eq!(names("  c #include \"a\"\n", Language::Score), [""; 0]);
        let after = "#define M #a ; b# #include \"x\"\n/* / */ #include \"y\"\n\"\\\\\" #include \"z\"\n";
        assert_eq!(names(after, Language::Orchestra), ["x", "y", "z"]);
        assert_eq!(names("; a\r#include \"x\"\n", Language::Orchestra), ["x"]);
    }

    #[test]
    fn what_cannot_be_told_is_a_doubt_with_its_line() {
        let doubtful = [
            "#define N #a#\n#includestr \"$N..inc\"\n",
            "\n#includestr SName\n",
            "\n#include",
            "\n#include \"\"\n",
            "\nprints \"open\n",
            "\n#define Q #\"#\n",
            "\n$M(; \") #include \"x\"\n",
            "\n$M(#include \"x\"\n)",
            "\nires compileorc \"x.orc\"\n",
            "\nires compilecsd SName\n",
            "\nires compilestr SCode\n",
            "\nires evalstr {{ #include \"x\"\n }}\n",
            "\nires = evalstr:i(\"#include /x/\")\n",
            "\nires = readscore(SLines)\n",
            "\n#define C # compileorc Sa #\n",
            "\npyexeci \"x.py\"\n",
            "\nd:InstrDef = create(SCode)\n",
            "\ndef:InstrDef = create(code) ; code:S\n",
            "\nd:InstrDef = create:InstrDef({{ #include \"x\"\n }})\n",
            "\nd:InstrDef createinstr SCode\n",
            "\ni1 = compilestr(cs, SCode)\n",
            "\ni1 = setoption(cs, \"-@x\")\n",
        ];
        for text in doubtful {
            let doubts = find(text.as_bytes(), Language::Orchestra).doubts;
            assert!(doubts.first().is_some_and(|doubt| doubt.line == 2), "{text}: {doubts:?}");
        }
        let clear =
            "ires compilestr {{ instr 2\nendin }}\nires = evalstr:i(\"return 1\")\n$PLAY(\"a.wav\")\n";
        assert_eq!(find(clear.as_bytes(), Language::Orchestra), Found::default());
        let objects =
            "v:Instr = create(Voice)\no:Opcode = create(oscili)\nd:InstrDef = create(\"prints {{a}}\")\n";
        assert_eq!(find(objects.as_bytes(), Language::Orchestra), Found::default());
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        let pieces: [&[u8]; 12] = [
            b"#include",
            b"#includestr",
            b"\"",
            b"\\",
            b"{{",
            b"}}",
            b"#define M #",
            b"$M(",
            b"\n",
            b"/*",
            b"\xff",
            b"evalstr",
        ];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let text = [first, second, third].concat();
                    find(&text, Language::Orchestra);
                    find(&text, Language::Score);
                }
            }
        }
    }
}
