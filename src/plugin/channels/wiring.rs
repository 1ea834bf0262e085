//! Which channel of the piece stands at which index of the engine's list, and what those channels begin with.

use csound_performance::engine::READ_CHANNELS;
use csound_performance::engine::piece::{Piece, Source};

use super::bank::{self, ChannelBank, PARAMETERS};
use super::expressions::{self, Expression};
use super::host::{HostChannel, HostChannelsUsed, host_channels_used};
use super::offered::Offered;
use crate::user_input::InputChannel;

/// The first index of the channels that tell of the host.
pub const FIRST_OF_HOST: usize = READ_CHANNELS;

/// The first index of the channels that tell of the user.
pub const FIRST_OF_INPUT: usize = FIRST_OF_HOST + HostChannel::COUNT;

/// The first index of the bank's channels that have no parameter.
pub const FIRST_WITHOUT_PARAMETER: usize = FIRST_OF_INPUT + InputChannel::COUNT;

/// The first index of the channels of note expressions.
pub const FIRST_EXPRESSION: usize = FIRST_WITHOUT_PARAMETER + bank::FURTHER;

/// The first index of the channels that tell what is added to parameters for each note.
pub const FIRST_MODULATED: usize = FIRST_EXPRESSION + expressions::VOICES * Expression::ALL.len();

/// The index of a voice's channel, for one of the parameters that the piece reads for each note. Safe on an audio thread.
pub fn modulated_index(slot: usize, voice: u16) -> usize {
    FIRST_MODULATED + slot * expressions::VOICES + usize::from(voice).saturating_sub(1)
}

/// The index of the channel at a place of the bank, from 0. Safe on an audio thread.
pub fn index_of(place: usize) -> usize {
    if place < PARAMETERS { place } else { FIRST_WITHOUT_PARAMETER + place - PARAMETERS }
}

/// The channels of an engine by their index.
pub struct Wiring {
    /// The channels' names by index.
    pub names: Vec<Option<String>>,
    /// A bit for each of the host's channels that the piece reads.
    pub host_channels: u16,
    /// Which channels of the user it reads.
    pub used: HostChannelsUsed,
    /// If the piece reads the expressions of notes.
    pub expressions: bool,
    /// The places of the bank whose channels it reads for each note; none for those that no parameter drives.
    pub modulated: Vec<Option<usize>>,
}

impl Wiring {
    /// The bank's channels that have a parameter, then those that the piece writes, the host's, the user's, the
    /// rest of the bank's, those of expressions, and those of what is added to parameters for each note.
    pub fn of(piece: &Piece, offered: &Offered, bank: &ChannelBank) -> Self {
        let text = text_of(piece);
        let used = host_channels_used(text);
        let expressions = expressions::mentions_expressions(text);
        let mut names = bank.names();
        let more = names.split_off(PARAMETERS);
        names.extend(
            offered.outputs.iter().take(FIRST_OF_HOST - PARAMETERS).map(|(name, _)| Some(name.clone())),
        );
        names.resize(FIRST_OF_HOST, None);
        names.extend(HostChannel::ALL.map(|channel| used.has(channel).then(|| channel.name().to_owned())));
        let is_input = |channel: InputChannel| used.input & 1 << channel as u16 != 0;
        names.extend(InputChannel::ALL.map(|channel| is_input(channel).then(|| channel.name().to_owned())));
        debug_assert_eq!(names.len(), FIRST_WITHOUT_PARAMETER);
        names.extend(more);
        debug_assert_eq!(names.len(), FIRST_EXPRESSION);
        if expressions {
            names.extend(expressions::expression_channels().map(Some));
        }
        let read = expressions::modulated_channels(text);
        let place = |name: &&str| names[..PARAMETERS].iter().position(|known| known.as_deref() == Some(name));
        let modulated = read.iter().map(place).collect();
        for name in read {
            names.extend((1..=expressions::VOICES).map(|voice| Some(format!("note.{voice}.{name}"))));
        }
        let bit = |(number, channel)| u16::from(used.has(channel)) << number;
        let host_channels = HostChannel::ALL.into_iter().enumerate().map(bit).sum();
        Self { names, host_channels, used, expressions, modulated }
    }
}

/// The text in which a piece names its channels.
pub fn text_of(piece: &Piece) -> &str {
    match &piece.source {
        Source::Csd(csd) => csd,
        Source::OrcSco { orc, .. } => orc,
    }
}
