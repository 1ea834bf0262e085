//! Makes a piece a plugin of its own, on a thread of its own: its trial performances take seconds, and the control thread
//! has a performance to look after meanwhile. This is the one place where the plugin knows the exporter.

use std::io;
use std::path::PathBuf;

use csound_performance::engine::Abandoned;

use super::aside::{Aside, OUR_FAULT};
use crate::exporting::{ExportWish, Stands};

/// Begins with the piece of this file. Where it is given up, its thread and engines end; folders that are being moved to
/// their place are there.
///
/// # Errors
/// The system starts no thread.
pub(super) fn begin(piece: PathBuf, wish: ExportWish, given_up: Abandoned) -> io::Result<Aside<Stands>> {
    Aside::begin(
        "csound export",
        given_up,
        move |given_up| made::export(piece, &wish, given_up),
        || Stands::Failed(OUR_FAULT.into()),
    )
}

#[cfg(target_os = "linux")]
mod made {
    use std::path::PathBuf;
    use std::sync::Arc;

    use csound_performance::engine::Abandoned;

    use crate::exporter::{Prepared, Request, installed, prepare};
    use crate::exporting::{ExportWish, Exported, Findings, Stands};

    pub fn export(piece: PathBuf, wish: &ExportWish, given_up: &Abandoned) -> Stands {
        try_to(piece, wish, given_up).unwrap_or_else(Stands::Failed)
    }

    fn try_to(piece: PathBuf, wish: &ExportWish, given_up: &Abandoned) -> Result<Stands, String> {
        let prepared = prepare(&request(piece, wish), &installed()?, given_up)?;
        let found = findings(&prepared);
        if !wish.agreed.as_ref().is_some_and(|agreed| agreed.cover(&found)) {
            return Ok(Stands::Found(Arc::new(found)));
        }
        let mut notes = found.notes;
        let done = prepared.carry_out(&mut |note| notes.push(note.to_owned()))?;
        let needs = done.needs();
        let exported = Exported { name: done.manifest.name, clap: done.clap, vst3: done.vst3, needs, notes };
        Ok(Stands::Exported(Arc::new(exported)))
    }

    fn request(piece: PathBuf, wish: &ExportWish) -> Request {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.trim().is_empty());
        Request {
            piece,
            out: wish.out.clone(),
            name: given(&wish.name),
            vendor: given(&wish.vendor),
            id: given(&wish.id),
            version: given(&wish.version),
            kind: wish.kind,
            with: wish.with.clone(),
            show_source: wish.show_source,
            picture: wish.picture.clone(),
            with_csound: wish.with_csound,
            renames: wish.renames.clone(),
            performance_parameters: wish.performance_parameters,
            // What is there is found so, and the user asked about it before it is replaced.
            force: true,
            ..Request::default()
        }
    }

    fn findings(prepared: &Prepared) -> Findings {
        let manifest = prepared.manifest();
        let inside = if prepared.has_csound() { ", which goes with it" } else { "" };
        let csound = manifest.generation.map(|generation| format!("Csound {}{inside}", u8::from(generation)));
        let (gone, new) = prepared.gone_and_new();
        Findings {
            name: manifest.name.clone(),
            vendor: manifest.vendor.clone(),
            version: manifest.version.clone(),
            id: manifest.id.clone(),
            kind: Some(manifest.kind),
            csound: csound.unwrap_or_default(),
            parameters: manifest.parameters.iter().map(|found| found.channel.clone()).collect(),
            gone: gone.to_vec(),
            new: new.to_vec(),
            files: prepared.files().map(|file| file.display().to_string()).collect(),
            notes: prepared.notes().to_vec(),
            replaces: prepared.replaces().map(std::path::Path::to_owned),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod made {
    use std::path::PathBuf;

    use csound_performance::engine::Abandoned;

    use crate::exporting::{ExportWish, Stands};

    pub fn export(_: PathBuf, _: &ExportWish, _: &Abandoned) -> Stands {
        Stands::Failed("pieces are exported on Linux only so far".into())
    }
}
