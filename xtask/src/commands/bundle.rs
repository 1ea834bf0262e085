//! `cargo xtask bundle`: the release bundles, which users install.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, ValueEnum};
use csound_library::{Generation, folder_beside, how_to_install, library_name};
use csound_portable::{Packages, Place};
use test_host::bundle::{
    Bundle, ENGINE, PACKAGE, Profile, build, bundle_engine, bundle_pieces, bundled, dev, is_fresh,
    library_name as plugin_library,
};
use test_host::project::{root, target_dir};
use test_host::vstpreset;

/// Whether a build says more than what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// It shows cargo's progress and what was bundled.
    No,
    /// It shows cargo's progress only where there is something to build.
    Yes,
}

/// What `cargo xtask bundle` is given.
#[derive(Args, Debug)]
pub struct BundleArgs {
    /// Build the dev profile, as tests do, into target/bundled-dev
    #[arg(long)]
    pub dev: bool,
    #[command(flatten)]
    inside: Inside,
}

/// Bundles that are built already, or the release bundles.
#[derive(Args, Debug, Default)]
pub struct BuiltBundle {
    /// The folder of bundles that are built already [default: the release bundles, built if need be]
    #[arg(long, value_name = "FOLDER")]
    pub bundle: Option<PathBuf>,
}

impl BuiltBundle {
    /// The bundles.
    ///
    /// # Errors
    /// They do not build, or are not in the folder.
    pub fn get(&self) -> Result<Bundle> {
        let Some(folder) = &self.bundle else { return release(Quiet::Yes) };
        let name = bundled(Profile::Release);
        let at = |path: &Path| folder.join(path.file_name().unwrap_or_default());
        let bundle = Bundle { clap: at(&name.clap), vst3: at(&name.vst3) };
        ensure!(bundle.clap.exists() && bundle.vst3.exists(), "there are no bundles in {}", folder.display());
        Ok(bundle)
    }
}

/// The Csound that goes into the bundles, if one does.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Inside {
    /// Csound goes with the plugin, which plays where none is installed [default of it: 6]
    #[arg(long, value_name = "GENERATION", num_args = 0..=1, default_missing_value = "6")]
    with_csound: Option<Which>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    #[value(name = "6")]
    Six,
    #[value(name = "7")]
    Seven,
    Both,
}

impl Inside {
    /// The generations that go with the plugin.
    pub fn generations(self) -> &'static [Generation] {
        match self.with_csound {
            None => &[],
            Some(Which::Six) => &[Generation::Six],
            Some(Which::Seven) => &[Generation::Seven],
            Some(Which::Both) => &Generation::ALL,
        }
    }

    /// True if there is any.
    pub fn is_wanted(self) -> bool {
        !self.generations().is_empty()
    }

    /// Puts them beside the CLAP and into the VST3 bundle, and takes away what was put there before.
    ///
    /// # Errors
    /// A Csound is not here, something that it needs or a licence text is missing, or it cannot be written.
    pub fn put_into(self, bundle: &Bundle) -> Result<()> {
        let folders = folders(bundle)?;
        for (generation, folder) in
            Generation::ALL.into_iter().flat_map(|one| folders.iter().map(move |to| (one, to)))
        {
            let inside = folder.join(folder_beside(generation));
            if inside.is_dir() && csound_portable::is_portable(&inside.join(library_name(generation))) {
                fs::remove_dir_all(&inside)
                    .with_context(|| format!("{} cannot be removed", inside.display()))?;
            }
        }
        for generation in self.generations() {
            let found = csound_library::installed().into_iter().find(|found| found.generation == *generation);
            let found = found.or_else(|| {
                test_host::tools::csound_7()
                    .filter(|_| *generation == Generation::Seven)
                    .map(|path| csound_library::Found { path, generation: Generation::Seven })
            });
            let found = found.ok_or_else(|| {
                anyhow!(
                    "{generation} is not here: install it ({}), or leave it out",
                    how_to_install(*generation)
                )
            })?;
            for folder in &folders {
                let (place, packages) = (Place::system(), Packages::system());
                let put = csound_portable::put(&found, &place, &packages, folder, &|| false)?;
                let glibc =
                    put.glibc.map_or(String::new(), |glibc| format!(", which needs glibc {glibc} or later"));
                println!("{generation} is in {}{glibc}", put.folder.display());
            }
        }
        Ok(())
    }
}

/// The folders of the libraries in both bundles.
fn folders(bundle: &Bundle) -> Result<Vec<PathBuf>> {
    let beside = bundle.clap.parent().context("the CLAP lies in no folder")?.to_owned();
    let contents = bundle.vst3.join("Contents");
    let programs =
        fs::read_dir(&contents).with_context(|| format!("{} cannot be read", contents.display()))?;
    let programs =
        programs.flatten().map(|entry| entry.path()).filter(|folder| folder.join(ENGINE).is_file());
    Ok(std::iter::once(beside).chain(programs).collect())
}

/// The CLAP and what belongs beside it: the engine program, the shipped pieces, and Csounds where they are inside.
pub fn beside_the_clap(bundle: &Bundle) -> Vec<PathBuf> {
    let folder = bundle.clap.parent().unwrap_or(Path::new("."));
    let csounds = Generation::ALL.map(|generation| folder.join(folder_beside(generation)));
    let all = [bundle.clap.clone(), bundle.engine(), bundle.pieces()].into_iter().chain(csounds);
    all.filter(|path| path.exists()).collect()
}

/// Runs `cargo xtask bundle`.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn run(args: &BundleArgs) -> Result<()> {
    let bundle = if args.dev { dev()? } else { release(Quiet::No)? };
    args.inside.put_into(&bundle)?;
    let presets = bundle.clap.with_file_name("presets");
    vstpreset::write_all(&presets)?;
    println!("CLAP: {}\nVST3: {}", bundle.clap.display(), bundle.vst3.display());
    println!("VST3 presets: {}", presets.display());
    Ok(())
}

/// Builds the release bundles, if there is anything new.
///
/// # Errors
/// The plugin does not build, or cannot be bundled.
pub fn release(quiet: Quiet) -> Result<Bundle> {
    build(Profile::Release, quiet == Quiet::Yes)?;
    let bundle = bundled(Profile::Release);
    let library = target_dir().join("release").join(plugin_library());
    let engine = target_dir().join("release").join(ENGINE);
    if quiet == Quiet::Yes && is_fresh(&library, &bundle.clap) && bundle.vst3.exists() {
        bundle_engine(&engine, &bundle)?;
        bundle_pieces(&bundle)?;
        return Ok(bundle);
    }
    // The bundler finds its settings in the current folder.
    let before = std::env::current_dir()?;
    std::env::set_current_dir(root())?;
    let bundled = nice_plug_xtask::bundle(&target_dir(), PACKAGE, &["--release".to_owned()], false);
    std::env::set_current_dir(before)?;
    bundled.context("the plugin cannot be bundled")?;
    bundle_engine(&engine, &bundle)?;
    bundle_pieces(&bundle)?;
    Ok(bundle)
}
