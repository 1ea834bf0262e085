//! Which package of this machine a file was installed by: Debian's, or Python's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The source package that it is built of, and the version of that. The package's own where it is a Python's.
    pub source: (String, String),
    /// The files with its licences.
    pub licences: Vec<PathBuf>,
    /// Whose package it is.
    pub origin: Origin,
}

/// Whose packages they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Debian's.
    Debian,
    /// Ubuntu's, which have versions of their own.
    Ubuntu,
    /// Those of another system with Debian's packages, by its name.
    Other(String),
    /// Python's.
    Python,
}

impl Origin {
    /// By what a system says of itself, in its `os-release`.
    fn of(os_release: &str) -> Self {
        let value = |name: &str| {
            let line = os_release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
        };
        match value("ID").as_deref() {
            Some("debian") => Self::Debian,
            Some("ubuntu") => Self::Ubuntu,
            id => Self::Other(value("NAME").or(id.map(str::to_owned)).unwrap_or_default()),
        }
    }
}

/// The packages of a system.
#[derive(Clone, Debug)]
pub struct Packages {
    root: PathBuf,
}

impl Packages {
    /// Those of this system.
    pub fn system() -> Self {
        Self { root: "/".into() }
    }

    /// Those of the system in a folder. The files are still named as whole paths.
    pub fn below(root: PathBuf) -> Self {
        Self { root }
    }

    /// A text that Debian keeps once for all packages, such as `LGPL-2.1`.
    pub fn common_licence(&self, name: &str) -> Option<PathBuf> {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        let file = self.root.join("usr/share/common-licenses").join(name);
        (is_name && file.is_file()).then_some(file)
    }

    /// The packages of these files, as far as there are some.
    pub fn of(&self, files: &[PathBuf]) -> BTreeMap<PathBuf, Package> {
        let mut found = self.debian(files);
        for file in files.iter().filter(|file| !found.contains_key(*file)).collect::<Vec<_>>() {
            found.extend(python(file).map(|package| (file.clone(), package)));
        }
        found
    }

    fn debian(&self, files: &[PathBuf]) -> BTreeMap<PathBuf, Package> {
        // A file's name in the lists may leave out links, and the folder `/usr` that all lies in today.
        let mut wanted: BTreeMap<String, &PathBuf> = BTreeMap::new();
        for file in files {
            let real = file.canonicalize().unwrap_or_else(|_| file.clone());
            for path in [file.clone(), real] {
                let path = path.to_string_lossy().into_owned();
                let shorter = path.strip_prefix("/usr").unwrap_or(&path).to_owned();
                wanted.extend([(format!("/usr{shorter}"), file), (shorter, file), (path, file)]);
            }
        }
        let mut owners: BTreeMap<&PathBuf, String> = BTreeMap::new();
        let lists = fs::read_dir(self.root.join("var/lib/dpkg/info")).into_iter().flatten().flatten();
        for list in
            lists.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "list"))
        {
            let Ok(text) = fs::read_to_string(&list) else { continue };
            let name = list.file_stem().unwrap_or_default().to_string_lossy();
            let name = name.split(':').next().unwrap_or_default().to_owned();
            for file in text.lines().filter_map(|line| wanted.get(line)) {
                owners.entry(file).or_insert_with(|| name.clone());
            }
        }
        let status = fs::read_to_string(self.root.join("var/lib/dpkg/status")).unwrap_or_default();
        let os_release = ["etc/os-release", "usr/lib/os-release"]
            .iter()
            .find_map(|file| fs::read_to_string(self.root.join(file)).ok());
        let origin = Origin::of(&os_release.unwrap_or_default());
        let package = |name: &String| {
            let mut package = package_in(&status, name, &origin)?;
            package.licences.push(self.root.join("usr/share/doc").join(name).join("copyright"));
            package.licences.retain(|file| file.is_file());
            Some(package)
        };
        owners.iter().filter_map(|(file, name)| Some(((*file).clone(), package(name)?))).collect()
    }
}

/// What dpkg's list of packages says of one.
fn package_in(status: &str, name: &str, origin: &Origin) -> Option<Package> {
    let is_named = |paragraph: &&str| field(paragraph, "Package") == Some(name);
    let paragraph = status.split("\n\n").find(is_named)?;
    let version = field(paragraph, "Version")?.to_owned();
    let source = field(paragraph, "Source").unwrap_or(name);
    let source = match source.split_once(" (") {
        Some((source, version)) => (source.to_owned(), version.trim_end_matches(')').to_owned()),
        None => (source.to_owned(), version.clone()),
    };
    let origin = origin.clone();
    Some(Package { name: name.to_owned(), version, source, licences: Vec::new(), origin })
}

fn field<'a>(paragraph: &'a str, name: &str) -> Option<&'a str> {
    paragraph.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::trim)
}

/// The Python package that has a file on its record.
fn python(file: &Path) -> Option<Package> {
    let real = file.canonicalize().ok()?;
    let is_site = |folder: &&Path| {
        folder.file_name().is_some_and(|name| name == "site-packages" || name == "dist-packages")
    };
    let site = real.ancestors().find(is_site)?;
    let record = format!("{},", real.strip_prefix(site).ok()?.display());
    let about = fs::read_dir(site).ok()?.flatten().map(|entry| entry.path()).find(|folder| {
        let text = fs::read_to_string(folder.join("RECORD")).unwrap_or_default();
        folder.extension().is_some_and(|end| end == "dist-info")
            && text.lines().any(|line| line.starts_with(&record))
    })?;
    let (name, version) = about.file_stem()?.to_str()?.rsplit_once('-')?;
    let mut licences: Vec<PathBuf> = [about.clone(), about.join("licenses")]
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            path.is_file()
                && ["LICENSE", "LICENCE", "COPYING", "NOTICE"].iter().any(|word| name.starts_with(word))
        })
        .collect();
    licences.sort();
    let named = (name.to_owned(), version.to_owned());
    Some(Package {
        name: named.0.clone(),
        version: named.1.clone(),
        source: named,
        licences,
        origin: Origin::Python,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_package_with_version_source_and_licence() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("var/lib/dpkg/info/liba1:amd64.list", "/.\n/lib/x/liba.so.1\n");
        put("var/lib/dpkg/info/libb.list", "/usr/lib/x/libb.so\n");
        put("var/lib/dpkg/info/libb.md5sums", "/usr/lib/x/libc.so\n");
        put(
            "var/lib/dpkg/status",
            "Package: libb\nVersion: 1\n\nPackage: liba1\nSource: a (2:1.0-1)\nVersion: 2:1.0-1+b2\n",
        );
        put("usr/share/doc/liba1/copyright", "free");
        put("usr/share/common-licenses/LGPL-2.1", "LGPL");
        let packages = Packages::below(root.path().to_owned());
        let files = ["/usr/lib/x/liba.so.1", "/usr/lib/x/libb.so", "/usr/lib/x/libc.so"].map(PathBuf::from);
        let found = packages.of(&files);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[&files[0]].origin, Origin::Other(String::new()), "it does not say");
        let a = &found[&files[0]];
        assert_eq!((a.name.as_str(), a.version.as_str()), ("liba1", "2:1.0-1+b2"));
        assert_eq!(a.source, ("a".to_owned(), "2:1.0-1".to_owned()));
        assert_eq!(a.licences, [root.path().join("usr/share/doc/liba1/copyright")]);
        assert_eq!((found[&files[1]].licences.len(), found[&files[1]].source.0.as_str()), (0, "libb"));
        assert!(packages.common_licence("LGPL-2.1").is_some());
        assert_eq!(packages.common_licence("../../../etc/passwd"), None);
    }

    #[test]
    fn a_system_says_whose_packages_it_has() {
        for (text, expected) in [
            ("NAME=\"Debian GNU/Linux\"\nID=debian\n", Origin::Debian),
            ("ID=\"ubuntu\"\nID_LIKE=debian\n", Origin::Ubuntu),
            (
                "NAME='Linux Mint'\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                Origin::Other("Linux Mint".into()),
            ),
            ("ID=x\n", Origin::Other("x".into())),
            ("", Origin::Other(String::new())),
        ] {
            assert_eq!(Origin::of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_file_of_a_python_package_is_known_by_its_record() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("lib/site-packages");
        for (path, text) in [
            ("thing.libs/libthing.so", ""),
            ("other.so", ""),
            ("thing-1.2.dist-info/RECORD", "thing.libs/libthing.so,sha256=x,0\n"),
            ("thing-1.2.dist-info/licenses/LICENSE", "MIT"),
        ] {
            let path = site.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let packages = Packages::below(folder.path().join("none"));
        let files = [site.join("thing.libs/libthing.so"), site.join("other.so")];
        let found = packages.of(&files);
        assert_eq!(found.len(), 1);
        let thing = &found[&files[0]];
        assert_eq!(
            (thing.name.as_str(), thing.version.as_str(), &thing.origin),
            ("thing", "1.2", &Origin::Python)
        );
        assert_eq!(thing.licences.len(), 1);
    }
}
