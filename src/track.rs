//! The track of the host that an instance is on, as far as the host tells. Pure; beside plugin and editor.

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// Its name.
    pub name: Option<String>,
    /// Red, green and blue.
    pub colour: Option<[u8; 3]>,
}

/// The string channel with the track's name; empty where the host tells none.
pub const NAME_CHANNEL: &str = "TRACK_NAME";

/// The string channel with the track's colour, such as `#30a0ff`; empty where the host tells none.
pub const COLOUR_CHANNEL: &str = "TRACK_COLOUR";

impl Track {
    /// What a piece reads of it.
    pub fn texts(&self) -> [(String, String); 2] {
        let colour = self.colour.map(|[red, green, blue]| format!("#{red:02x}{green:02x}{blue:02x}"));
        [
            (NAME_CHANNEL.to_owned(), self.name.clone().unwrap_or_default()),
            (COLOUR_CHANNEL.to_owned(), colour.unwrap_or_default()),
        ]
    }
}

/// Whether a channel is one of the track's.
pub fn is_track_channel(name: &str) -> bool {
    name == NAME_CHANNEL || name == COLOUR_CHANNEL
}

/// Whether a piece's text names channels of the track.
pub fn reads_track(text: &str) -> bool {
    [NAME_CHANNEL, COLOUR_CHANNEL].iter().any(|name| text.contains(name))
}
