//! What a host's scan of the plugin takes, in a process that does nothing else.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::job::{self, Scanned};
use super::usage::{engines, nurseries};
use crate::host::{Host, Instance};

/// Loads a bundle and reads what it offers, as a scan does, and then creates each plugin, as some hosts do for it.
///
/// # Errors
/// The bundle does not load, or a plugin cannot be created.
pub fn measure(bundle: &Path) -> Result<()> {
    let began = Instant::now();
    let host = Host::load(bundle)?;
    let plugins = host.plugins();
    let described = began.elapsed();
    ensure!(!plugins.is_empty(), "{} offers no plugin", bundle.display());
    for plugin in &plugins {
        drop(Instance::new(&host, &plugin.id)?);
    }
    let created = began.elapsed();
    let maps =
        std::fs::read_to_string("/proc/self/maps").context("the system does not tell what is loaded")?;
    job::answer(&Scanned {
        described: described.as_secs_f64() * 1000.0,
        created: created.as_secs_f64() * 1000.0,
        loads_csound: maps.lines().any(|line| line.contains("libcsound")),
        processes: engines().len() + nurseries().len(),
    })
}
