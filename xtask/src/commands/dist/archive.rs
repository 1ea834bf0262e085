//! The archive: a .tar.gz that is the same, byte for byte, for the same files and date.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::tree::{Release, is_run};
use super::{files_below, tree};

/// Writes the archive into a folder; where it is.
pub(super) fn write(release: &Release, out: &Path, date: u64) -> Result<PathBuf> {
    let path = out.join(format!("{}.tar.gz", tree::name()));
    let cannot = || format!("{} cannot be written", path.display());
    let file = BufWriter::new(File::create(&path).with_context(cannot)?);
    let packed = GzBuilder::new().mtime(0).write(file, Compression::default());
    let mut archive = Builder::new(packed);
    for file in files_below(&release.folder)? {
        let from = release.folder.join(&file);
        let mut content = File::open(&from).with_context(|| format!("{} cannot be read", from.display()))?;
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(content.metadata()?.len());
        header.set_mode(if is_run(&file) { 0o755 } else { 0o644 });
        header.set_mtime(date);
        archive
            .append_data(&mut header, Path::new(&tree::name()).join(&file), &mut content)
            .with_context(cannot)?;
    }
    let packed = archive.into_inner().with_context(cannot)?;
    let file = packed.finish().with_context(cannot)?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?.sync_all()?;
    Ok(path)
}
