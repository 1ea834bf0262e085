//! Paths, files and presets, and what a confined piece may do with them.

use csound_performance::engine::protocol::Confinement;

use crate::common::libcsound_is_missing;
use crate::subject::{Subject, both, spec_of, text};

#[test]
fn parts_of_a_path() {
    let orchestra = "instr 1\nSPath = \"/a/folder/sound one.tar.wav\"\nSName cabbageGetFilename SPath\nSFolder cabbageGetFilePath SPath\n\
        SEnding cabbageGetFileExtension SPath\nSStem cabbageGetFileNoExtension SPath\nSNone cabbageGetFileExtension \"/a/b\"\n\
        i1 strcmp SName, \"sound one.tar.wav\"\ni2 strcmp SFolder, \"/a/folder\"\ni3 strcmp SEnding, \".wav\"\n\
        i4 strcmp SStem, \"sound one.tar\"\ni5 strcmp SNone, \"\"\n\
        chnset abs(i1) + abs(i2) + abs(i3) + abs(i4) + abs(i5), \"wrong\"\nchnset 1, \"there\"\nendin";
    both("form size(9, 9)", orchestra, |piece| {
        piece.watch(&["wrong", "there"]);
        piece.cycles(1);
        assert_eq!(piece.all(&["wrong", "there"]), [0.0, 1.0]);
    });
}

#[test]
fn files_are_found_in_the_pieces_folder_and_not_where_it_may_not_look() {
    if libcsound_is_missing() {
        return;
    }
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("sounds")).unwrap();
    for name in ["b.wav", "a.WAV", "c.txt"] {
        std::fs::write(folder.path().join("sounds").join(name), "").unwrap();
    }
    std::fs::write(other.path().join("secret.wav"), "").unwrap();
    let orchestra = format!(
        "instr 1\nSFound[] cabbageFindFiles \"sounds\", \"files\", \"*.wav\"\nSFolders[] cabbageFindFiles \".\", \"directories\"\n\
         kOn chnget \"on\"\nSLater[] cabbageFindFiles kOn, \"sounds\", \"files\", \"*.txt\"\n\
         SOther[] cabbageFindFiles \"{}\", \"files\"\nSFirst = SFound[0]\nSName cabbageGetFilename SFirst\niIs strcmp SName, \"a.WAV\"\n\
         chnset lenarray(SFound), \"found\"\nchnset lenarray(SFolders), \"folders\"\nkLater lenarray SLater\nchnset kLater, \"later\"\n\
         chnset lenarray(SOther), \"other\"\nchnset iIs, \"is\"\nendin",
        other.path().display()
    );
    let spec = spec_of(text("form size(9, 9)", &orchestra), Some(folder.path()));
    let names = ["found", "folders", "later", "other", "is"];
    for (mut piece, sees) in
        [(Subject::here(&spec), 1.0), (Subject::there(&spec, Confinement::default()), 0.0)]
    {
        piece.watch(&["on", "found", "folders", "later", "other", "is"]);
        piece.cycles(1);
        assert_eq!(piece.all(&names), [2.0, 1.0, 0.0, sees, 0.0]);
        piece.set("on", 1.0);
        assert_eq!(piece.value("later"), 1.0);
    }
}

#[test]
fn files_are_copied_and_presets_saved_where_a_piece_may_write() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("one.txt"), "one").unwrap();
    let section = "form size(9, 9)\nrslider channel(\"gain\"), range(0, 1, 0)\nrslider channel(\"stays\"), range(0, 1, 0)\n\
        texteditor channel(\"word\")";
    let orchestra = "instr 1\ncabbageCopyFile \"copies\", \"one.txt\", \"gone.txt\"\nchnset 0.25, \"gain\"\nchnset 0.5, \"stays\"\n\
        chnset \"text\", \"word\"\niSaved cabbageChannelStateSave \"one.pre\"\nchnset 0, \"gain\"\nchnset 0, \"stays\"\n\
        kSaved init iSaved\nkTime timeinstk\nif kTime == 2 then\nSStay[] fillarray \"stays\"\n\
        kRead cabbageChannelStateRecall \"one.pre\", SStay\nendif\nchnset kSaved, \"saved\"\nchnset kRead, \"read\"\nendin";
    let spec = spec_of(text(section, orchestra), Some(folder.path()));
    let names = ["saved", "read", "gain", "stays"];
    let mut confined = Subject::there(&spec, Confinement::default());
    confined.watch(&names);
    confined.cycles(3);
    assert_eq!(confined.all(&names), [1.0, 1.0, 0.25, 0.0], "it has its preset while it performs");
    assert!(!folder.path().join("copies").exists() && !folder.path().join("one.pre").exists());
    let said = confined.console();
    assert!(said.contains("cabbageCopyFile") && said.contains("lost then: permit it to write"), "{said}");
    let writable = vec![folder.path().to_owned()];
    for is_confined in [true, false] {
        let permitted = Confinement { writable: writable.clone(), ..Confinement::default() };
        let mut piece = if is_confined { Subject::there(&spec, permitted) } else { Subject::here(&spec) };
        if is_confined {
            std::fs::create_dir(folder.path().join("copies")).unwrap();
        }
        piece.watch(&names);
        piece.cycles(3);
        assert_eq!(piece.all(&names), [1.0, 1.0, 0.25, 0.0]);
        let said = piece.console();
        let copy = std::fs::read_to_string(folder.path().join("copies/one.txt"));
        assert_eq!(copy.ok().as_deref(), Some("one"), "{said}");
        assert!(said.contains("gone.txt"), "{said}");
        let saved = std::fs::read_to_string(folder.path().join("one.pre")).unwrap();
        assert!(saved.contains("\"word\":\"text\""), "{saved}");
        std::fs::remove_file(folder.path().join("one.pre")).unwrap();
        std::fs::remove_dir_all(folder.path().join("copies")).unwrap();
    }
}
