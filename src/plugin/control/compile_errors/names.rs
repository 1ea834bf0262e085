//! The user's own file name in what Csound says: the engine compiles a copy in a folder of its own.

/// A text with the piece's own name for the engine's copy of it: `temporary` is the system's folder for those.
pub fn by_its_own_name(text: &str, temporary: &str, piece: &str) -> String {
    let stem = piece.rsplit_once('.').map_or(piece, |(stem, _)| stem);
    let temporary = temporary.trim_end_matches('/');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((from, to, ending)) = copy_in(rest, temporary, stem) {
        shown.push_str(&rest[..from]);
        match piece.to_ascii_lowercase().ends_with(ending) {
            true => shown.push_str(piece),
            false => shown.extend([stem, ending]),
        }
        rest = &rest[to..];
    }
    shown.push_str(rest);
    shown
}

/// Where the path of the copy stands, from and to, and its ending.
fn copy_in<'a>(text: &str, temporary: &str, stem: &str) -> Option<(usize, usize, &'a str)> {
    if temporary.is_empty() || stem.is_empty() {
        return None;
    }
    let from = text.find(&format!("{temporary}/csound-performer"))?;
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let found = [".csd", ".orc", ".sco"].into_iter().filter_map(|ending| {
        let at = text[from..].find(&format!("/{stem}{ending}")).or_else(|| {
            // The engine names a piece without a usable name itself.
            text[from..].find(&format!("/piece{ending}"))
        })?;
        let end = at + text[from + at..].find(ending)? + ending.len();
        Some((from, from + end, ending))
    });
    found.min_by_key(|(_, to, _)| *to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_copy_has_the_users_name() {
        let shown = |text| by_its_own_name(text, "/tmp", "my song.csd");
        assert_eq!(
            shown(
                " from file /tmp/csound-performer-0/28-R4/piece/my song.csd (1), line 10: /tmp/csound-performer-0/28-R4/piece/my song.csd"
            ),
            " from file my song.csd (1), line 10: my song.csd"
        );
        assert_eq!(shown("/tmp/csound-performer-0/28-R4/piece/my song.orc"), "my song.orc");
        for text in ["/tmp/other/my song.csd", "no path", "/tmp/csound-performer-0/out.wav"] {
            assert_eq!(shown(text), text);
        }
    }
}
