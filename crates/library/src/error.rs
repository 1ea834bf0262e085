//! Why an instance does not do what it was asked.

use super::library::LoadError;

/// Why an instance does not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CsoundError {
    /// There is no library.
    #[error(transparent)]
    Library(#[from] LoadError),
    /// `csoundCreate` gave nothing.
    #[error("Csound could not be created; the system may be out of memory")]
    Create,
    /// An argument held a NUL.
    #[error("an option or file name of the piece holds a NUL character, which Csound cannot take")]
    Argument,
    /// The compiler said no. Its messages say why.
    #[error("Csound could not compile the piece (code {0}); its messages say where")]
    Compile(i32),
    /// An instance compiles one piece, once.
    #[error("this Csound instance has compiled a piece already; another piece needs another instance")]
    AlreadyCompiled,
    /// Compilation failed, so there is nothing to start.
    #[error("the piece was not compiled, so it cannot start")]
    NotCompiled,
    /// Starting failed. The messages say why.
    #[error("Csound could not start the piece (code {0}); its messages say why")]
    Start(i32),
    /// The system has no memory for performing.
    #[error("the piece cannot be performed, because the system gives no memory for it ({0})")]
    Memory(std::io::Error),
    /// Orchestra code did not compile, or failed while it ran. The messages say why.
    #[error("Csound does not take the orchestra code; its messages say why")]
    Code,
    /// A score was refused. The messages say why.
    #[error("Csound does not take the score (code {0}); its messages say why")]
    Score(i32),
    /// The piece has ended Csound.
    #[error("the piece has ended Csound (code {0}); it has to be started anew")]
    Exited(i32),
}
