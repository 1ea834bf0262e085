//! Calls that the performing thread answers: orchestra code, and a function to be run between two k-cycles.

pub(crate) mod answer;

use std::ffi::CString;
use std::sync::Arc;

use super::Performance;
use super::command::{Command, Cycle, Request};
use super::error::PerformanceError;
use crate::engine::piece::live_text;
use crate::engine::{Code, EventKind, Purpose};
use answer::Answer;

impl Performance {
    /// Compiles orchestra code into the piece: instruments, opcodes, and what stands outside of them, which runs
    /// at once. It happens before a k-cycle, in order with all other commands: an event that is sent after it finds
    /// its instruments. The code is no part of the piece: what starts the piece anew, also after a crash, leaves it
    /// out.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use std::time::Duration;
    ///
    /// use csound_performance::PerformanceError;
    ///
    /// let bell = thread.compile_orc("instr 7\n outs oscili(p4, 660), oscili(p4, 880)\nendin")?;
    /// thread.input_message("i 7 0 0.2 0.5")?; // finds it
    /// bell.wait(Duration::from_secs(10))?;
    ///
    /// // Csound's own reasons. The piece performs as before.
    /// let wrong = thread.compile_orc("instr 8\n nonsense here\nendin")?;
    /// assert!(matches!(wrong.wait(Duration::from_secs(10)), Err(PerformanceError::Answer(_))));
    /// // What Csound's reader would not survive is refused at once.
    /// assert!(matches!(thread.compile_orc("/* never closed"), Err(PerformanceError::Text(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// An engine in a process of its own answers later than it performs, by the time of a message; in real time
    /// one that takes longer than its turn is late. An engine in this process compiles on the performing thread,
    /// which takes as long as Csound takes and allocates in it, and code that ends Csound ends this process: send
    /// it only what you trust, and expect a gap in the sound where a sound card waits.
    ///
    /// # Errors
    /// [`PerformanceError::Text`] for code that is not whole, or more than a mebibyte of it;
    /// [`PerformanceError::QueueFull`]. The [`Answer`] has those of Csound.
    pub fn compile_orc(&self, code: &str) -> Result<Answer<()>, PerformanceError> {
        self.take_code(code, Purpose::Compile, |_| ())
    }

    /// Evaluates orchestra code: compiles and runs it as [`compile_orc`](Self::compile_orc) does, and gives the
    /// number of its `return`, or 0 where it has none.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use std::sync::mpsc::channel;
    /// use std::time::Duration;
    ///
    /// let limit = Duration::from_secs(10);
    /// assert_eq!(thread.eval_code("return 2 + sqrt(4)")?.wait(limit)?, 4.0);
    ///
    /// let (send, receive) = channel();
    /// thread.eval_code("giTune = 440\nreturn giTune * 1.5")?.then(move |answer| drop(send.send(answer)))?;
    /// assert_eq!(receive.recv_timeout(limit)?, Ok(660.0));
    ///
    /// // Not a number is no result, and neither is an error of Csound's.
    /// assert!(thread.eval_code("return sqrt(-1)")?.wait(limit).is_err());
    /// assert!(thread.eval_code("return nonsense")?.wait(limit).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compile_orc`](Self::compile_orc).
    pub fn eval_code(&self, code: &str) -> Result<Answer<f64>, PerformanceError> {
        self.take_code(code, Purpose::Evaluate, |value| value)
    }

    /// Has `callback` called once, on the performing thread, before a k-cycle and in order with all other
    /// commands: the engine has been given what was sent before it. It is called while paused too. In a host's
    /// driver it has to be realtime safe. What it holds is
    /// freed elsewhere. The [`Answer`] says when it has been called, or
    /// that nothing performed when its turn came, and then it never is.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use std::time::Duration;
    ///
    /// let called = thread.request_callback(|cycle| {
    ///     assert_eq!(cycle.frames(), 0);
    ///     if let Some(csound) = cycle.csound() {
    ///         csound.set_control_channel("brightness", 0.5);
    ///     }
    /// })?;
    /// called.wait(Duration::from_secs(10))?;
    /// assert_eq!(thread.csound().unwrap().control_channel("brightness"), Some(0.5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn request_callback(
        &self,
        callback: impl FnMut(&Cycle<'_>) + Send + 'static,
    ) -> Result<Answer<()>, PerformanceError> {
        let (request, reply) = Request::new(callback);
        self.send(Command::Request(request))?;
        Ok(Answer::new(reply, Arc::clone(&self.shared), |_| ()))
    }

    /// Code as an event with its answer, for a driver that asks for it at a frame of its own.
    ///
    /// # Errors
    /// [`PerformanceError::Text`].
    pub fn prepare_code(
        &self,
        text: &str,
        purpose: Purpose,
    ) -> Result<(EventKind, Answer<f64>), PerformanceError> {
        self.prepare(text, purpose, |value| value)
    }

    fn take_code<T: 'static>(
        &self,
        text: &str,
        purpose: Purpose,
        of: fn(f64) -> T,
    ) -> Result<Answer<T>, PerformanceError> {
        let (event, answer) = self.prepare(text, purpose, of)?;
        self.send(Command::Event(event))?;
        Ok(answer)
    }

    fn prepare<T: 'static>(
        &self,
        text: &str,
        purpose: Purpose,
        of: fn(f64) -> T,
    ) -> Result<(EventKind, Answer<T>), PerformanceError> {
        live_text::check_orchestra(text)?;
        // What passed the check holds no NUL.
        let (code, reply) = Code::new(CString::new(text).unwrap_or_default(), purpose);
        Ok((EventKind::Code(code), Answer::new(reply, Arc::clone(&self.shared), of)))
    }
}
