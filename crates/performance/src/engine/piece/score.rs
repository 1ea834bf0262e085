//! Holding a score open. Pure.
//!
//! Csound ends a performance with its score, unless the score waits for something far away: it then
//! writes `f0` with a time thousands of years on, as it does itself if there is no score.

/// The statement that holds a score open: 25000 years.
const FAR: &str = "f 0 800000000000.0";

/// The score with its end taken away and no line moved.
pub fn hold_open(score: &str) -> String {
    let mut comment = false;
    let mut repeats = false;
    let mut at = 0;
    for line in score.split_inclusive('\n') {
        let code = code_of(line, &mut comment);
        let mut characters = code.trim_start().chars();
        let (first, second) = (characters.next(), characters.next());
        let statement = second.is_none_or(|next| next.is_whitespace() || next.is_ascii_digit());
        match first {
            Some('e') if statement => {
                let breaks: String = score[at..].chars().filter(|character| *character == '\n').collect();
                return format!("{}{}{breaks}", &score[..at], held(repeats));
            }
            Some('r') if statement => repeats = true,
            Some('s') if statement => repeats = false,
            _ => {}
        }
        at += line.len();
    }
    let separator = if score.is_empty() || score.ends_with('\n') { "" } else { "\n" };
    format!("{score}{separator}{}\n", held(repeats))
}

/// True if a score may have a statement by which time goes on unheard, as far as its text tells.
pub(super) fn advances(score: &str) -> bool {
    let mut comment = false;
    score.lines().any(|line| {
        let code = code_of(line, &mut comment);
        // Macros and loops can make any statement.
        code.trim_start().starts_with('a') || code.contains(['$', '{', '#', '@'])
    })
}

/// True if a score has more than one section, as far as its text tells.
pub(crate) fn has_sections(score: &str) -> bool {
    let mut comment = false;
    score.lines().any(|line| {
        let code = code_of(line, &mut comment);
        let mut characters = code.trim_start().chars();
        let (first, second) = (characters.next(), characters.next());
        let is_statement = second.is_none_or(|next| next.is_whitespace() || next.is_ascii_digit());
        matches!(first, Some('s' | 'r' | 'n')) && is_statement
    })
}

/// A repeated section is closed first: the far statement would be repeated with it.
fn held(repeats: bool) -> String {
    if repeats { format!("s\n{FAR}") } else { FAR.to_owned() }
}

/// A line without its comments. A block comment may begin before the line and end after it.
fn code_of(line: &str, comment: &mut bool) -> String {
    let mut code = String::new();
    let mut rest = line;
    loop {
        if *comment {
            let Some(end) = rest.find("*/") else { return code };
            *comment = false;
            rest = &rest[end + 2..];
        }
        let ends = [rest.find(';'), rest.find("//")].into_iter().flatten().min();
        let begins = rest.find("/*").filter(|begin| ends.is_none_or(|end| *begin < end));
        match begins {
            Some(begin) => {
                code.push_str(&rest[..begin]);
                *comment = true;
                rest = &rest[begin + 2..];
            }
            None => {
                code.push_str(&rest[..ends.unwrap_or(rest.len())]);
                return code;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_taken_away_and_what_follows_it_too() {
        assert_eq!(hold_open("i1 0 1\ne\ni2 0 1\n"), format!("i1 0 1\n{FAR}\n\n"));
        assert_eq!(hold_open("i1 0 1\n  e 5 ; five more\n"), format!("i1 0 1\n{FAR}\n"));
    }

    #[test]
    fn sections_are_told_from_everything_else() {
        for one in ["i1 0 1\ns\ni1 0 1", "s", "  s 5", "r3\ni1 0 1", "n name", "/* */ s"] {
            assert!(has_sections(one), "{one}");
        }
        for none in ["i1 0 1\ne", "", "; s", "/*\ns\n*/", "i1 0 1 \"\n\" s", "sine"] {
            assert!(!has_sections(none), "{none}");
        }
    }

    #[test]
    fn a_score_without_an_end_gets_the_statement_behind_it() {
        assert_eq!(hold_open("i1 0 1"), format!("i1 0 1\n{FAR}\n"));
        assert_eq!(hold_open(""), format!("{FAR}\n"));
    }

    #[test]
    fn an_e_in_a_comment_is_no_end() {
        let score = "/* \ne\n*/ i1 0 1 ; e\n; e\n";
        assert_eq!(hold_open(score), format!("{score}{FAR}\n"));
    }

    #[test]
    fn a_repeated_last_section_is_closed_first() {
        assert_eq!(hold_open("r 3\ni1 0 1\n"), format!("r 3\ni1 0 1\ns\n{FAR}\n"));
        assert_eq!(hold_open("r 3\ni1 0 1\ns\ni1 0 2\n"), format!("r 3\ni1 0 1\ns\ni1 0 2\n{FAR}\n"));
    }
}
