//! The reasons for which calls of the performance API are refused.

use std::time::Duration;

use super::command::Command;
use super::recorder::RecordError;
use super::shared;
use crate::engine::AnswerError;
use crate::engine::piece::live_text;

/// The reason for which a call was refused. Nothing of it has happened.
#[derive(thiserror::Error)]
pub enum PerformanceError {
    /// The queue is full; here is the command again, for
    /// [`Performance::send`](crate::Performance::send).
    #[error(
        "the performance's queue of commands is full: {} wait already; try again shortly",
        shared::COMMAND_CAPACITY
    )]
    QueueFull(Box<Command>),
    /// The text would not survive Csound's parser.
    #[error(transparent)]
    Text(#[from] live_text::TextError),
    /// The event cannot be an event.
    #[error("not a score event: {0}")]
    Event(&'static str),
    /// The time is not one.
    #[error("{0} is not a time in the score: give seconds from 0 upwards")]
    Time(f64),
    /// The recording could not be started.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// There is no running piece yet, so rate and channels are unknown.
    #[error("nothing is performed yet: load a piece first")]
    NoPiece,
    /// The host has not called for a while, so nothing is executed.
    #[error("the host does not process audio at the moment, so commands wait; start its audio and try again")]
    NotProcessing,
    /// What was asked for brought no result.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// There was no answer within this time.
    #[error("there was no answer within {} s; it may come yet", .0.as_secs_f64())]
    NoAnswer(Duration),
    /// The system gives no thread to tell of answers.
    #[error("no thread could be started that tells of answers: {0}")]
    Thread(String),
    /// The call waits for the performing thread, which is the caller.
    #[error("this call waits for the performing thread and cannot be made from it")]
    OnPerformingThread,
}

impl std::fmt::Debug for PerformanceError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PerformanceError({self})")
    }
}
