//! A plugin's library as a VST3 host loads it, and its classes.

use std::ffi::{c_char, c_void};
use std::path::{Path, PathBuf};

use libloading::Library;
use vst3::Steinberg::Vst::IComponent;
use vst3::Steinberg::{
    IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3, IPluginFactory3Trait,
    IPluginFactoryTrait, PClassInfo2, PClassInfoW, kResultOk,
};
use vst3::{ComPtr, Interface};

/// The instrument's class, as `src/plugin.rs` names it.
pub const INSTRUMENT: [u8; 16] = *b"CsndPerformerIns";

/// The library of a bundle.
pub fn program(bundle: &Path) -> PathBuf {
    let name = bundle.file_stem().unwrap().to_string_lossy();
    bundle.join("Contents/x86_64-linux").join(format!("{name}.so"))
}

/// The library of the plugin's own bundle, built once.
pub fn plugin() -> PathBuf {
    program(&test_host::bundle::dev_bundle().unwrap().vst3)
}

/// What a library says of a class of its.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassOf {
    pub id: [u8; 16],
    pub name: String,
    pub wide_name: String,
    pub vendor: String,
    pub version: String,
    pub subcategories: String,
}

/// A text of C, of whatever length its field has.
fn narrow(field: &[c_char]) -> String {
    let bytes: Vec<u8> =
        field.iter().map(|unit| unit.to_ne_bytes()[0]).take_while(|byte| *byte != 0).collect();
    String::from_utf8(bytes).expect("a whole text")
}

/// A text of 16-bit units.
pub fn wide(field: &[u16]) -> String {
    let end = field.iter().position(|unit| *unit == 0).expect("a text that ends");
    String::from_utf16(&field[..end]).expect("a whole text")
}

/// A loaded library, which stays loaded.
pub struct Module {
    pub(super) factory: ComPtr<IPluginFactory>,
}

impl Module {
    /// Loads it.
    pub fn load(program: &Path) -> Self {
        // SAFETY: as a host does it; the library is never unloaded.
        unsafe {
            let library = Box::leak(Box::new(Library::new(program).unwrap()));
            let entry: libloading::Symbol<unsafe extern "system" fn(*mut c_void) -> bool> =
                library.get(b"ModuleEntry").unwrap();
            assert!(entry(std::ptr::null_mut()), "the module does not begin");
            let factory: libloading::Symbol<unsafe extern "system" fn() -> *mut IPluginFactory> =
                library.get(b"GetPluginFactory").unwrap();
            Self { factory: ComPtr::from_raw(factory()).unwrap() }
        }
    }

    /// Its classes.
    pub fn classes(&self) -> Vec<ClassOf> {
        let (second, third): (ComPtr<IPluginFactory2>, ComPtr<IPluginFactory3>) =
            (self.factory.cast().unwrap(), self.factory.cast().unwrap());
        // SAFETY: the factory's own calls, with what may be written.
        unsafe {
            (0..self.factory.countClasses())
                .map(|index| {
                    let mut info: PClassInfo2 = std::mem::zeroed();
                    let mut in_wide: PClassInfoW = std::mem::zeroed();
                    assert_eq!(second.getClassInfo2(index, &mut info), kResultOk);
                    assert_eq!(third.getClassInfoUnicode(index, &mut in_wide), kResultOk);
                    assert_eq!(narrow(&info.category), "Audio Module Class");
                    ClassOf {
                        id: info.cid.map(|byte| byte.to_ne_bytes()[0]),
                        name: narrow(&info.name),
                        wide_name: wide(&in_wide.name),
                        vendor: narrow(&info.vendor),
                        version: narrow(&info.version),
                        subcategories: narrow(&info.subCategories),
                    }
                })
                .collect()
        }
    }
    /// A new object of one of its classes, which is not initialised.
    pub fn make(&self, class: [u8; 16]) -> ComPtr<IComponent> {
        let mut made: *mut c_void = std::ptr::null_mut();
        // SAFETY: the factory's own call, with what may be written; what it has made is ours.
        unsafe {
            let (class, wanted) = (class.as_ptr().cast(), IComponent::IID.as_ptr().cast());
            assert_eq!(self.factory.createInstance(class, wanted, &mut made), kResultOk, "no instance");
            ComPtr::from_raw(made.cast()).unwrap()
        }
    }
}
