//! Lines of which nothing is said: macros make of them what they like.

/// What is known of each line.
#[derive(Default)]
pub struct Skipped {
    lines: Vec<bool>,
    /// There are conditions: what stands in one part may be begun in another.
    pub has_conditions: bool,
}

impl Skipped {
    /// Whether nothing is said of a line.
    pub fn has(&self, line: usize) -> bool {
        self.lines.get(line).copied().unwrap_or(false)
    }
}

/// The lines of macros and conditions.
pub fn skipped(lines: &[&str]) -> Skipped {
    let mut found = Skipped { lines: vec![false; lines.len()], has_conditions: false };
    let (mut in_macro, mut conditions) = (false, 0_usize);
    for (number, line) in lines.iter().enumerate() {
        if in_macro {
            found.lines[number] = true;
            in_macro = !ends_macro(line);
            continue;
        }
        let directive = line.trim_start().strip_prefix('#').map(str::trim_start).unwrap_or_default();
        let is = |word: &str| directive.starts_with(word);
        if is("define") {
            found.lines[number] = true;
            let body = directive.split_once('#').map(|(_, body)| body);
            in_macro =
                body.is_some_and(|body| !ends_macro(body)) || body.is_none() && has_body(lines, number);
        } else if is("ifdef") || is("ifndef") || is("if ") {
            conditions += 1;
            found.has_conditions = true;
            found.lines[number] = true;
        } else if is("end") && conditions > 0 {
            conditions -= 1;
            found.lines[number] = true;
        }
        found.lines[number] |= conditions > 0 || line.contains('$') || !directive.is_empty();
    }
    found
}

/// Whether the body of a macro ends in a line: `#`, not `\#`.
fn ends_macro(line: &str) -> bool {
    let mut before = ' ';
    for next in line.chars() {
        if next == '#' && before != '\\' {
            return true;
        }
        before = next;
    }
    false
}

/// Whether the body of a macro begins in the next line.
fn has_body(lines: &[&str], number: usize) -> bool {
    lines.get(number + 1).is_some_and(|next| next.trim_start().starts_with('#'))
}
