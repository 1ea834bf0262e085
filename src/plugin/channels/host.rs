//! Channels that tell of the host: the names that instruments made for Cabbage expect. Pure.

use csound_performance::engine::piece::channel_names::scan_channel_names;

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
    /// 1: this is a plugin.
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

/// Whether a name is the host's to write, so that it has no place in a channel bank.
pub fn is_reserved(name: &str) -> bool {
    name == FOLDER_CHANNEL || HostChannel::named(name).is_some()
}

/// Which channels of the host a piece reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostChannelsUsed {
    channels: u16,
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

/// The host's channels that the orchestra in `text` (or the orchestras of a CSD) reads by a literal
/// name, so that only those are written each k-cycle. One that the piece only writes is its own.
pub fn host_channels_used(text: &str) -> HostChannelsUsed {
    let mut used = HostChannelsUsed::default();
    for channel in scan_channel_names(text).into_iter().filter(|channel| channel.reads) {
        used.folder |= channel.name == FOLDER_CHANNEL;
        used.channels |= HostChannel::named(&channel.name).map_or(0, HostChannel::bit);
    }
    used
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
