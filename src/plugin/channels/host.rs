//! Channels that tell of the host: the names that instruments made for Cabbage expect. Pure.

use super::reads::names_read;
use super::told::is_told_once;
use crate::user_input::{
    FILE_CHANNEL, InputChannel, InputWanted, MODIFIERS_CHANNEL, WIDGET_CHANNEL, is_input_channel,
};

/// The string channel that holds the piece's folder, without a slash at its end: pieces append one
/// and a file's name. It is set once, before the piece starts.
pub const FOLDER_CHANNEL: &str = "CSD_PATH";

/// A control channel that tells of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostChannel {
    /// Quarter notes a minute.
    Tempo,
    /// The place in quarter notes. (Cabbage's documentation calls it the last bar's beginning; what
    /// Cabbage sets is the place.)
    Beats,
    /// 1 while the host plays, else 0.
    Playing,
    /// 1 while the host records, else 0.
    Recording,
    /// The place in seconds.
    Seconds,
    /// The place in frames.
    Samples,
    /// Beats in a bar.
    SignatureNumerator,
    /// Which note a beat is.
    SignatureDenominator,
    /// Frames of the largest block.
    BufferSize,
    /// Frames a second.
    SampleRate,
    /// 1 in a host, 0 in the plugin's own program.
    IsPlugin,
    /// 1 while the host bypasses the plugin, else 0.
    Bypassed,
}

impl HostChannel {
    /// How many there are.
    pub const COUNT: usize = 12;

    /// All of them, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Tempo,
        Self::Beats,
        Self::Playing,
        Self::Recording,
        Self::Seconds,
        Self::Samples,
        Self::SignatureNumerator,
        Self::SignatureDenominator,
        Self::BufferSize,
        Self::SampleRate,
        Self::IsPlugin,
        Self::Bypassed,
    ];

    /// The channel's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tempo => "HOST_BPM",
            Self::Beats => "HOST_PPQ_POS",
            Self::Playing => "IS_PLAYING",
            Self::Recording => "IS_RECORDING",
            Self::Seconds => "TIME_IN_SECONDS",
            Self::Samples => "TIME_IN_SAMPLES",
            Self::SignatureNumerator => "TIME_SIG_NUM",
            Self::SignatureDenominator => "TIME_SIG_DENOM",
            Self::BufferSize => "HOST_BUFFER_SIZE",
            Self::SampleRate => "SAMPLE_RATE",
            Self::IsPlugin => "IS_A_PLUGIN",
            Self::Bypassed => "IS_BYPASSED",
        }
    }

    /// The channel with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Whether a name is ours to write, so that it has no place in a channel bank.
pub fn is_reserved(name: &str) -> bool {
    name == FOLDER_CHANNEL
        || HostChannel::named(name).is_some()
        || is_input_channel(name)
        || is_told_once(name)
}

/// Which channels of the host, and of the user, a piece reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostChannelsUsed {
    channels: u16,
    /// A bit for each of [`InputChannel::ALL`].
    pub input: u16,
    /// What it is told of the user.
    pub wanted: InputWanted,
    /// Whether it reads [`FOLDER_CHANNEL`].
    pub folder: bool,
}

impl HostChannelsUsed {
    /// Whether it reads this one.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn has(&self, channel: HostChannel) -> bool {
        self.channels & channel.bit() != 0
    }

    /// Those that it reads.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn iter(&self) -> impl Iterator<Item = HostChannel> {
        let used = *self;
        HostChannel::ALL.into_iter().filter(move |channel| used.has(*channel))
    }
}

/// The host's channels and those of the user that a piece reads by a literal name, so that only those are written.
/// One that the piece only writes is its own.
pub fn host_channels_used(text: &str) -> HostChannelsUsed {
    let names = names_read(text);
    let is_read = |name: &str| names.contains(name);
    let bit_of_input = |channel: &InputChannel| 1 << *channel as u16;
    let input = InputChannel::ALL.iter().filter(|channel| is_read(channel.name())).map(bit_of_input).sum();
    HostChannelsUsed {
        channels: HostChannel::ALL
            .into_iter()
            .filter(|channel| is_read(channel.name()))
            .map(HostChannel::bit)
            .sum(),
        input,
        wanted: InputWanted {
            input: input & !bit_of_input(&InputChannel::EditorOpen) != 0
                || is_read(MODIFIERS_CHANNEL)
                || is_read(WIDGET_CHANNEL),
            files: is_read(FILE_CHANNEL),
        },
        folder: is_read(FOLDER_CHANNEL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_has_its_number_and_name() {
        for (number, channel) in HostChannel::ALL.into_iter().enumerate() {
            assert_eq!(channel as usize, number);
            assert_eq!(HostChannel::named(channel.name()), Some(channel));
            assert!(is_reserved(channel.name()));
        }
        assert!(is_reserved("CSD_PATH"));
        assert!(!is_reserved("cutoff"));
    }

    #[test]
    fn only_what_a_piece_reads_is_used() {
        let used = host_channels_used(
            "instr 1\nktempo chnget \"HOST_BPM\"\nkplay = chnget:k(\"IS_PLAYING\")\nSpath chnget \"CSD_PATH\"\n\
             chnset 1, \"TIME_IN_SECONDS\"\nkx chnget \"cutoff\"\n; chnget \"SAMPLE_RATE\"\nendin",
        );
        assert_eq!(used.iter().collect::<Vec<_>>(), [HostChannel::Tempo, HostChannel::Playing]);
        assert!(used.folder);
        assert_eq!(host_channels_used(""), HostChannelsUsed::default());
    }

    #[test]
    fn a_csds_orchestra_is_what_is_looked_at() {
        let used = host_channels_used(
            "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nk1 chnget \"HOST_PPQ_POS\"\nendin\n</CsInstruments>\n\
             <CsScore>\n</CsScore>\n</CsoundSynthesizer>\n",
        );
        assert_eq!(used.iter().collect::<Vec<_>>(), [HostChannel::Beats]);
        assert!(!used.folder);
    }
}
