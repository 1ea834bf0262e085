//! The Debian package, made by dpkg-deb without root. It puts the plugin where Debian's hosts look.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use csound_portable::{Elf, Packages, Place, is_everywhere};
use test_host::bundle::ENGINE;

use super::tree::{Release, STANDALONE};
use super::{copy, files_below};

/// What windows need, which is loaded when one opens.
const FOR_WINDOWS: &str = "libgl1, libx11-xcb1, libxcursor1, libxkbcommon-x11-0";

/// Csound, where it is not inside.
const CSOUND: &str = "libcsound64-6.0, csound-plugins";

/// Writes the package into a folder; where it is.
pub(super) fn write(release: &Release, scratch: &Path, out: &Path, date: u64) -> Result<PathBuf> {
    let root = scratch.join("debian");
    fs::create_dir(&root)?;
    lay(release, &root)?;
    let machine = machine()?;
    let control = control(release, &root, &machine)?;
    let folder = root.join("DEBIAN");
    fs::create_dir(&folder)?;
    fs::write(folder.join("control"), control)?;
    let path = out.join(format!("csound-performer_{}_{machine}.deb", env!("CARGO_PKG_VERSION")));
    let said = Command::new("dpkg-deb")
        .args(["--root-owner-group", "-Zxz", "-z2", "--build"])
        .args([&root, &path])
        .env("SOURCE_DATE_EPOCH", date.to_string())
        .output()
        .context("dpkg-deb does not start")?;
    ensure!(said.status.success(), "dpkg-deb makes no package: {}", String::from_utf8_lossy(&said.stderr));
    Ok(path)
}

/// Lays everything out as it will lie on the system.
fn lay(release: &Release, root: &Path) -> Result<()> {
    let to = |path: &str| root.join("usr").join(path);
    let from = |path: &str| release.folder.join(path);
    let has_standalone = from("bin").is_dir();
    for file in release.beside_the_clap() {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        copy(&file, &to("lib/clap").join(&name))?;
        // The standalone finds its engine and a Csound beside itself.
        let is_hosts = name.ends_with(".clap") || file == release.pieces();
        if has_standalone && !is_hosts {
            copy(&file, &to("lib/csound-performer").join(&name))?;
        }
    }
    copy(&from("vst3"), &to("lib/vst3"))?;
    copy(&from("presets"), &to("share/vst3/presets"))?;
    if has_standalone {
        copy(&from("bin"), &to("lib/csound-performer"))?;
        let start = to("bin").join(STANDALONE);
        fs::create_dir_all(to("bin"))?;
        fs::write(&start, format!("#!/bin/sh\nexec /usr/lib/csound-performer/{STANDALONE} \"$@\"\n"))?;
        super::set_mode(&start)?;
    }
    copy(&from("pieces"), &to("share/csound-performer/pieces"))?;
    let doc = to("share/doc/csound-performer");
    for name in
        ["README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs", "licences"]
    {
        copy(&from(name), &doc.join(name))?;
    }
    fs::write(doc.join("copyright"), copyright(&from("LICENSE-MIT"))?)?;
    // Everybody may read what a package brings, whoever made it.
    for folder in folders_below(root)? {
        use std::os::unix::fs::PermissionsExt;

        fs::set_permissions(&folder, PermissionsExt::from_mode(0o755))?;
    }
    Ok(())
}

fn folders_below(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let files = files_below(root)?;
    Ok(files.iter().flat_map(|file| file.ancestors().skip(1)).map(|folder| root.join(folder)).collect())
}

fn copyright(mit: &Path) -> Result<String> {
    let mit = fs::read_to_string(mit).with_context(|| format!("{} cannot be read", mit.display()))?;
    Ok(format!(
        "Csound Performer is under the MIT licence, below, or under the Apache licence 2.0\n\
         (/usr/share/common-licenses/Apache-2.0), at your choice. The licences of all that it is built of are in the\n\
         folder licences beside this file.\n\n{mit}"
    ))
}

/// Debian's name for this kind of machine.
fn machine() -> Result<String> {
    let said = Command::new("dpkg").arg("--print-architecture").output();
    match said.ok().filter(|said| said.status.success()) {
        Some(said) => Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned()),
        None => match std::env::consts::ARCH {
            "x86_64" => Ok("amd64".into()),
            "aarch64" => Ok("arm64".into()),
            other => bail!("Debian's name for {other} is not known"),
        },
    }
}

fn control(release: &Release, root: &Path, machine: &str) -> Result<String> {
    let size: u64 = files_below(root)?
        .iter()
        .filter_map(|file| fs::metadata(root.join(file)).ok())
        .map(|about| about.len())
        .sum();
    let recommends =
        if release.has_csound() { FOR_WINDOWS.to_owned() } else { format!("{CSOUND}, {FOR_WINDOWS}") };
    Ok(format!(
        "Package: csound-performer\n\
         Version: {}\n\
         Architecture: {machine}\n\
         Maintainer: Csound Performer contributors\n\
         Installed-Size: {}\n\
         Depends: {}\n\
         Recommends: {recommends}\n\
         Section: sound\n\
         Priority: optional\n\
         Description: plays any Csound piece in a DAW (CLAP, VST3)\n \
          A CLAP and a VST3 plugin, an instrument and an effect, and a standalone, which play Csound\n \
          pieces in confined processes of their own. A piece becomes a plugin of its own, too.\n",
        env!("CARGO_PKG_VERSION"),
        size.div_ceil(1024),
        depends(release, root)?,
    ))
}

/// The packages of what our programs need, by this machine's lists. What they need of glibc is exact.
fn depends(release: &Release, root: &Path) -> Result<String> {
    let place = Place::system();
    let mut needed = BTreeSet::new();
    let programs = [
        "lib/clap/Csound Performer.clap".to_owned(),
        format!("lib/clap/{ENGINE}"),
        format!("lib/csound-performer/{STANDALONE}"),
    ];
    for program in programs.iter().map(|name| root.join("usr").join(name)).filter(|program| program.is_file())
    {
        let elf = Elf::of(&program)?;
        for name in elf.needs.iter().filter(|name| !is_everywhere(name)) {
            let file = place.find(name, &program, &elf.folders);
            needed.insert(
                file.with_context(|| format!("{} needs {name}, which is not here", program.display()))?,
            );
        }
    }
    let needed: Vec<PathBuf> = needed.into_iter().collect();
    let owners = Packages::system().of(&needed);
    let names: BTreeSet<String> = owners.values().map(|package| package.name.clone()).collect();
    let glibc = release.glibc.map_or("libc6".to_owned(), |glibc| format!("libc6 (>= {glibc})"));
    let all = [glibc, "libgcc-s1".to_owned()].into_iter().chain(names);
    Ok(all.collect::<Vec<_>>().join(", "))
}
