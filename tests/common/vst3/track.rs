//! The track of the VST3 host.

use std::ffi::{CStr, c_void};

use vst3::Steinberg::Vst::ChannelContext::{
    IInfoListener, IInfoListenerTrait, kChannelColorKey, kChannelNameKey,
};
use vst3::Steinberg::Vst::{IAttributeList, IAttributeListTrait, TChar};
use vst3::Steinberg::{FIDString, int64, kResultFalse, kResultOk, tresult, uint32};
use vst3::{Class, ComPtr, ComWrapper};

use super::instance::Instance;

/// What a host tells of a track.
struct Told {
    name: Vec<u16>,
    colour: int64,
}

impl Class for Told {
    type Interfaces = (IAttributeList,);
}

fn is(id: FIDString, key: FIDString) -> bool {
    // SAFETY: texts of the interface.
    unsafe { CStr::from_ptr(id) == CStr::from_ptr(key) }
}

impl IAttributeListTrait for Told {
    unsafe fn setInt(&self, _: FIDString, _: int64) -> tresult {
        kResultFalse
    }

    unsafe fn getInt(&self, id: FIDString, value: *mut int64) -> tresult {
        if !is(id, kChannelColorKey) {
            return kResultFalse;
        }
        // SAFETY: the caller's.
        unsafe { value.write(self.colour) };
        kResultOk
    }

    unsafe fn setFloat(&self, _: FIDString, _: f64) -> tresult {
        kResultFalse
    }

    unsafe fn getFloat(&self, _: FIDString, _: *mut f64) -> tresult {
        kResultFalse
    }

    unsafe fn setString(&self, _: FIDString, _: *const TChar) -> tresult {
        kResultFalse
    }

    unsafe fn getString(&self, id: FIDString, text: *mut TChar, size: uint32) -> tresult {
        if !is(id, kChannelNameKey) || (size as usize) < self.name.len() * 2 {
            return kResultFalse;
        }
        // SAFETY: the caller's place has room for that.
        unsafe { text.copy_from_nonoverlapping(self.name.as_ptr(), self.name.len()) };
        kResultOk
    }

    unsafe fn setBinary(&self, _: FIDString, _: *const c_void, _: uint32) -> tresult {
        kResultFalse
    }

    unsafe fn getBinary(&self, _: FIDString, _: *mut *const c_void, _: *mut uint32) -> tresult {
        kResultFalse
    }
}

impl Instance {
    /// Tells the instance of its track: a name, and a colour as alpha, red, green, blue.
    pub fn set_track(&self, name: &str, colour: u32) {
        let name = name.encode_utf16().chain([0]).collect();
        let told = ComWrapper::new(Told { name, colour: colour.into() });
        let listener: ComPtr<IInfoListener> = self.component.cast().unwrap();
        let list = told.to_com_ptr::<IAttributeList>().unwrap();
        // SAFETY: the instance's own call, with a list that lives; it refuses none.
        unsafe {
            assert_eq!(listener.setChannelContextInfos(list.as_ptr()), kResultOk);
            assert_ne!(listener.setChannelContextInfos(std::ptr::null_mut()), kResultOk);
        }
    }
}
