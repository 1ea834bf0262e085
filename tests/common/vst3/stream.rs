//! A state on its way between a VST3 host and an instance.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;

use vst3::Class;
use vst3::Steinberg::{
    IBStream, IBStream_::IStreamSeekMode_, IBStreamTrait, int32, int64, kResultOk, tresult,
};

/// A stream in memory.
#[derive(Default)]
pub struct Stream {
    bytes: RefCell<Vec<u8>>,
    at: Cell<usize>,
}

impl Stream {
    /// From whose beginning these bytes are read.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: RefCell::new(bytes.to_vec()), at: Cell::new(0) }
    }

    /// All its bytes.
    pub fn take(&self) -> Vec<u8> {
        self.bytes.take()
    }
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, buffer: *mut c_void, count: int32, read: *mut int32) -> tresult {
        let bytes = self.bytes.borrow();
        let rest = &bytes[self.at.get().min(bytes.len())..];
        let count = rest.len().min(count as usize);
        // SAFETY: the caller's buffer has room for that.
        unsafe {
            buffer.cast::<u8>().copy_from_nonoverlapping(rest.as_ptr(), count);
            if !read.is_null() {
                read.write(count as i32);
            }
        }
        self.at.set(self.at.get() + count);
        kResultOk
    }

    unsafe fn write(&self, buffer: *mut c_void, count: int32, written: *mut int32) -> tresult {
        // SAFETY: the caller's bytes.
        let bytes = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), count as usize) };
        self.bytes.borrow_mut().extend_from_slice(bytes);
        if !written.is_null() {
            // SAFETY: the caller's.
            unsafe { written.write(count) };
        }
        kResultOk
    }

    unsafe fn seek(&self, to: int64, mode: int32, result: *mut int64) -> tresult {
        let from = match mode as u32 {
            IStreamSeekMode_::kIBSeekCur => self.at.get() as i64,
            IStreamSeekMode_::kIBSeekEnd => self.bytes.borrow().len() as i64,
            _ => 0,
        };
        self.at.set((from + to).max(0) as usize);
        if !result.is_null() {
            // SAFETY: the caller's.
            unsafe { result.write(self.at.get() as i64) };
        }
        kResultOk
    }

    unsafe fn tell(&self, at: *mut int64) -> tresult {
        // SAFETY: the caller's.
        unsafe { at.write(self.at.get() as i64) };
        kResultOk
    }
}
