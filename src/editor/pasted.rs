//! Files that are pasted as a text. Pure.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// The path in a text that was pasted, as file managers copy it.
pub(super) fn pasted_path(event: &egui::Event) -> Option<PathBuf> {
    let (egui::Event::Paste(text) | egui::Event::Text(text)) = event else { return None };
    let path = match text.trim().strip_prefix("file://") {
        Some(address) => PathBuf::from(&*percent_decode_str(address).decode_utf8_lossy()),
        None => PathBuf::from(text.trim()),
    };
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files_become_paths() {
        let path = |text: &str| pasted_path(&egui::Event::Paste(text.to_owned()));
        assert_eq!(path("file:///a%20b/%C3%A4.csd\n"), Some("/a b/ä.csd".into()));
        assert_eq!(path("/100%/x.csd"), Some("/100%/x.csd".into()));
        assert_eq!(path("file:///100%/%zz.csd"), Some("/100%/%zz.csd".into()));
        assert_eq!(path("x.csd"), None);
    }
}
