//! The licences of what our programs are built of: a list, and the texts that each crate brings, with those of the
//! editor's fonts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use test_host::project::{cargo, root};

/// What our programs are.
const OURS: [&str; 2] = ["csound-performer", "csound-performance"];

/// Beginnings of the names of files with licences, in capitals. OFL and UFL are those of fonts.
const NAMES: [&str; 8] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE", "OFL", "UFL"];

/// How deep below a crate's folder they are looked for: the fonts have theirs beside them.
const DEEP: usize = 2;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Clone, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
    /// None: it is of this project.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// None: it is built into what needs it.
    kind: Option<String>,
}

/// Writes the list and the texts into a folder.
///
/// # Errors
/// Cargo does not say what we are built of, or nothing can be written.
pub(super) fn write(folder: &Path, with_standalone: bool) -> Result<()> {
    let packages = built_of(with_standalone)?;
    ensure!(!packages.is_empty(), "cargo says that we are built of nothing");
    let mut list = String::from(
        "What Csound Performer is built of. Each has its texts in a folder of its name; where it brings none, its \
         licence is one of those in the folder common.\n\n",
    );
    let common = folder.join("common");
    fs::create_dir_all(&common)?;
    fs::copy(root().join("LICENSE-APACHE"), common.join("Apache-2.0.txt"))?;
    for package in &packages {
        let Package { name, version, license, authors, repository, .. } = package;
        let texts = texts(package.manifest_path.parent().unwrap_or(Path::new("/")));
        let place = folder.join(format!("{name}-{version}"));
        for (text, from) in &texts {
            let to = place.join(text);
            fs::create_dir_all(to.parent().unwrap_or(&place))?;
            fs::copy(from, &to).with_context(|| format!("{} cannot be copied", from.display()))?;
        }
        let by = if authors.is_empty() { String::new() } else { format!(", by {}", authors.join(", ")) };
        let at = repository.as_ref().map_or(String::new(), |at| format!(", {at}"));
        let without = if texts.is_empty() { " (brings no text)" } else { "" };
        list += &format!(
            "{name} {version}: {}{by}{at}{without}\n",
            license.as_deref().unwrap_or("see its texts")
        );
    }
    fs::write(folder.join("LIST.txt"), list)
        .with_context(|| format!("{} cannot be written", folder.display()))
}

/// The crates that are built into our programs, sorted.
fn built_of(with_standalone: bool) -> Result<Vec<Package>> {
    let mut command = cargo();
    command.args(["metadata", "--format-version", "1", "--locked", "--filter-platform"]).arg(platform()?);
    if with_standalone {
        command.args(["--features", "csound-performer/standalone"]);
    }
    let said = command.output().context("cargo does not run")?;
    ensure!(said.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&said.stderr));
    let metadata: Metadata =
        serde_json::from_slice(&said.stdout).context("cargo metadata says something new")?;
    Ok(reached(metadata))
}

fn reached(metadata: Metadata) -> Vec<Package> {
    let nodes: BTreeMap<&str, &Node> =
        metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let is_own = |package: &&Package| package.source.is_none();
    let ours =
        metadata.packages.iter().filter(is_own).filter(|package| OURS.contains(&package.name.as_str()));
    let mut open: Vec<&str> = ours.map(|package| package.id.as_str()).collect();
    let mut seen: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(node) = open.pop().and_then(|id| nodes.get(id)) {
        for dependency in &node.deps {
            let is_built_in = dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
            if is_built_in && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    let foreign = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_some() && seen.contains(package.id.as_str()));
    let mut foreign: Vec<Package> = foreign.cloned().collect();
    foreign.sort_by(|one, next| (&one.name, &one.version).cmp(&(&next.name, &next.version)));
    foreign
}

/// The name that the compiler has for this system.
fn platform() -> Result<String> {
    let said = Command::new("rustc").arg("-vV").output().context("rustc does not run")?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what it builds for")?.to_owned())
}

/// The licence texts below a crate's folder, by their places in it.
fn texts(folder: &Path) -> BTreeMap<PathBuf, PathBuf> {
    fn add(folder: &Path, place: &Path, deep: usize, found: &mut BTreeMap<PathBuf, PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, place) = (entry.path(), place.join(entry.file_name()));
            let name = entry.file_name().to_string_lossy().to_uppercase();
            let is_code = path.extension().is_some_and(|end| end == "rs");
            if path.is_file() && !is_code && NAMES.iter().any(|known| name.starts_with(known)) {
                found.insert(place, path);
            } else if deep > 0 && path.is_dir() {
                add(&path, &place, deep - 1, found);
            }
        }
    }
    let mut found = BTreeMap::new();
    add(folder, Path::new(""), DEEP, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_listed_and_what_only_helps_to_build_or_test_is_not() {
        let package = |id: &str, source: Option<&str>| serde_json::json!({ "id": id, "name": id, "version": "1", "manifest_path": "/x/Cargo.toml", "source": source });
        let needs =
            |of: &str, kind: Option<&str>| serde_json::json!({ "pkg": of, "dep_kinds": [{ "kind": kind }] });
        let metadata = serde_json::json!({
            "packages": [package("csound-performer", None), package("own", None), package("deep", Some("r")),
                package("dev", Some("r")), package("build", Some("r")), package("unrelated", Some("r"))],
            "resolve": { "nodes": [
                { "id": "csound-performer", "deps": [needs("own", None), needs("dev", Some("dev")), needs("build", Some("build"))] },
                { "id": "own", "deps": [needs("deep", None)] },
                { "id": "deep", "deps": [] }, { "id": "dev", "deps": [] }, { "id": "build", "deps": [] },
                { "id": "unrelated", "deps": [] },
            ] },
        });
        let found = reached(serde_json::from_value(metadata).unwrap());
        assert_eq!(found.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(), ["deep"]);
    }
}
