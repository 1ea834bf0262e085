//! The commands that keys are for, where the user may choose the keys.

/// Makes the commands with the names that the user's configuration keeps them by, which stay.
macro_rules! commands {
    ($($command:ident $name:literal,)*) => {
        /// A command whose keys the user may choose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::editor) enum KeyCommand {
            $($command,)*
        }

        impl KeyCommand {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$command,)*];

            /// The name that it is kept by.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$command => $name,)*
                }
            }
        }
    };
}

commands! {
    ShowChannels "show-channels",
    ShowEvents "show-events",
    ShowSource "show-source",
    ShowConsole "show-console",
    ShowSettings "show-settings",
    Browse "browse",
    Preview "preview",
    SavePreset "save-preset",
    Undo "undo",
    Redo "redo",
    PresetBefore "preset-before",
    NextPreset "next-preset",
    Larger "larger",
    Smaller "smaller",
    UsualSize "usual-size",
    Send "send",
    Apply "apply",
    Save "save",
    Complete "complete",
    Find "find",
    Replace "replace",
    FindNext "find-next",
    FindBefore "find-before",
    GoToLine "go-to-line",
    Definition "definition",
    Uses "uses",
    Manual "manual",
    TextBefore "text-before",
    NextText "next-text",
    Outline "outline",
    Comment "comment",
    IndentLess "indent-less",
    IndentMore "indent-more",
    Double "double",
    DeleteLines "delete-lines",
    MoveUp "move-up",
    MoveDown "move-down",
    LargerLetters "larger-letters",
    SmallerLetters "smaller-letters",
    UsualLetters "usual-letters",
    Wrap "wrap",
}

impl KeyCommand {
    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.name() == name)
    }
}
