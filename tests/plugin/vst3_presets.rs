//! The presets that a VST3 host finds beside its plugins.

use std::collections::BTreeMap;

use crate::common::libcsound_is_missing;
use crate::common::vst3::buses::Side;
use crate::common::vst3::{Gives, Instance, Module, plugin};

/// Where a preset's state begins: behind `VST3`, a version, a class of 32 digits and the place of the list.
const HEAD: usize = 48;

#[test]
fn each_shipped_preset_is_one_of_the_class_that_it_names_and_lies_in_its_folder() {
    if libcsound_is_missing() {
        return;
    }
    let module = Module::load(&plugin());
    let folder = tempfile::tempdir().unwrap();
    let mut counts = BTreeMap::new();
    for path in test_host::vstpreset::write_all(folder.path()).unwrap() {
        let bytes = std::fs::read(&path).unwrap();
        let digits = std::str::from_utf8(&bytes[8..40]).unwrap();
        let class: Vec<u8> =
            (0..16).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect();
        let classes = module.classes();
        let class = classes.iter().find(|known| known.id[..] == class[..]).expect("a class of ours");
        assert!(path.parent().unwrap().ends_with(&class.name), "{}: {}", path.display(), class.name);
        *counts.entry(class.name.clone()).or_insert(0) += 1;
        let end = u64::from_le_bytes(bytes[40..HEAD].try_into().unwrap()) as usize;
        let mut instance = Instance::new(&module, class.id, Gives::Nothing);
        instance.load(&bytes[HEAD..end]);
        instance.activate();
        let saved = String::from_utf8(instance.save()).unwrap();
        assert!(saved.contains("CsoundSynthesizer"), "{}: its piece", path.display());
        assert_eq!(instance.process(0, Side::Null(0), Side::Null(0)), 0, "{}", path.display());
    }
    let counts: Vec<_> = counts.into_iter().collect();
    let expected = [("Csound Performer", 6), ("Csound Performer FX", 3), ("Csound Performer Multi-out", 6)];
    assert_eq!(counts, expected.map(|(name, count)| (name.to_owned(), count)));
}
