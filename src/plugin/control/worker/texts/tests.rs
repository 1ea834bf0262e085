//! What is known of a folder, while its files change.

use csound_performance::engine::piece::Source;

use super::*;

/// A piece in a folder with a text `part.orc`, and what is known of it.
struct Bench {
    home: tempfile::TempDir,
    folder: Folder,
}

impl Bench {
    fn new(orc: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let piece = Piece {
            name: "a.orc".into(),
            source: Source::OrcSco { orc: orc.into(), sco: String::new() },
            folder: Some(home.path().to_owned()),
        };
        let mut bench = Self { home, folder: Folder::default() };
        bench.write("part.orc", b"gkOne init 1\n");
        bench.folder.take(Some(SavedPiece::from(&piece)));
        bench
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.home.path().join(name), bytes).unwrap();
    }

    /// Looks as the worker does: only where something is behind. What was told.
    fn look(&mut self) -> Vec<String> {
        if !self.folder.is_behind() {
            return Vec::new();
        }
        self.folder.find_included();
        self.folder.read()
    }
}

#[test]
fn an_open_text_whose_file_cannot_be_read_any_more_stays_and_is_told_once() {
    let mut bench = Bench::new("");
    bench.folder.open.insert("part.orc".into());
    assert_eq!(bench.folder.read(), [""; 0]);
    bench.write("part.orc", b"no text\0");
    assert_eq!(bench.look(), ["part.orc is no text"]);
    assert_eq!(bench.look(), [""; 0], "it is told once");
    // As at any other wish for the folder.
    assert_eq!(bench.folder.read(), [""; 0]);
    let shown = bench.folder.shown();
    let text = shown.text("part.orc").unwrap();
    assert_eq!((&*text.text, text.is_open), ("gkOne init 1\n", true));
    bench.write("part.orc", b"gkTwo init 2\n");
    assert_eq!(bench.look(), [""; 0]);
    assert_eq!(&*bench.folder.shown().text("part.orc").unwrap().text, "gkTwo init 2\n");
    assert!(bench.folder.known[0].unread.is_none());
}

#[test]
fn what_could_never_be_read_is_closed() {
    let mut bench = Bench::new("");
    bench.write("part.orc", b"no text\0");
    bench.folder.open.insert("part.orc".into());
    assert_eq!(bench.folder.read(), ["part.orc is no text"]);
    assert!(bench.folder.open.is_empty() && bench.folder.shown().read.is_empty());
}

#[test]
fn an_include_that_cannot_be_read_is_missing_and_read_again_once_its_file_changes() {
    let mut bench = Bench::new("#include \"part.orc\"\n");
    bench.write("part.orc", &vec![b' '; 5 << 20]);
    bench.folder.find_included();
    assert_eq!(bench.folder.included.0, ["part.orc"]);
    bench.folder.read();
    assert!(!bench.folder.shown().has_all_includes);
    assert!(!bench.folder.is_behind(), "it is not read again as it stands");
    bench.write("part.orc", b"gkTwo init 2\n");
    assert!(bench.folder.is_behind());
    bench.look();
    let shown = bench.folder.shown();
    assert!(shown.has_all_includes && shown.text("part.orc").is_some());
    bench.write("part.orc", &vec![b' '; 5 << 20]);
    bench.look();
    assert!(!bench.folder.shown().has_all_includes && !bench.folder.is_behind());
}

#[test]
fn no_more_of_what_the_piece_includes_is_shown_than_the_window_looks_through_at_once() {
    let mut bench = Bench::new("#include \"part.orc\"\n#include \"long.orc\"\n#include \"longer.orc\"\n");
    bench.write("long.orc", &vec![b' '; MOST_INCLUDED / 2]);
    bench.write("longer.orc", &vec![b' '; MOST_INCLUDED / 2]);
    bench.folder.find_included();
    bench.folder.read();
    let shown = bench.folder.shown();
    let bytes: usize = shown.read.iter().map(|text| text.text.len()).sum();
    assert!(bytes <= MOST_INCLUDED && shown.read.len() == 2 && !shown.has_all_includes);
    bench.folder.open.insert("longer.orc".into());
    bench.folder.read();
    let shown = bench.folder.shown();
    assert!(shown.read.len() == 3 && shown.has_all_includes, "what is open is shown in any case");
}
