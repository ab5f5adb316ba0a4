//! Results that are files of the user's own names: written whole or not at all, with a manifest beside the first of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::durable::{Changed, sync_file};
use super::manifest::OutputFile;
use super::output::staged_beside;
use super::pipeline::{configuration, json};
use crate::catalogue::{Catalogue, Event};
use crate::fault::Failure;
use crate::input::{Intake, sha256};

/// What a run into files was.
#[derive(Clone, Debug, Serialize)]
pub struct FileManifest {
    /// Engine.
    pub engine: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The command.
    pub command: &'static str,
    /// Its flags after defaults.
    pub configuration: serde_json::Value,
    /// The event that it is about, as it was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// SHA-256 over the catalogue's files, those of `--data` among them, where it was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
    /// What may not be what is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Each input: rows in = rows used + rows set aside.
    pub inputs: Vec<Intake>,
    /// Files written, as the user named them.
    pub outputs: Vec<OutputFile>,
}

impl FileManifest {
    /// Of a command with these flags, before it has written anything.
    ///
    /// # Errors
    /// When the flags have no JSON.
    pub fn new(command: &'static str, flags: &impl Serialize, inputs: Vec<Intake>) -> Result<FileManifest, Failure> {
        let configuration = configuration(flags)?;
        let (engine, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        Ok(FileManifest {
            engine,
            version,
            command,
            configuration,
            event: None,
            catalogue: None,
            warnings: Vec::new(),
            inputs,
            outputs: Vec::new(),
        })
    }

    /// The same of a command about this event.
    pub fn about(self, event: &Event, catalogue: &Catalogue) -> FileManifest {
        FileManifest { event: Some(event.clone()), catalogue: Some(catalogue.digest.clone()), ..self }
    }
}

/// What was written to the files that take the places of `outs`: rows of each, and the manifest, to which they are added.
pub struct Written {
    /// Rows of each file that is a table, in the order of the files.
    pub rows: Vec<Option<u64>>,
    /// The manifest.
    pub manifest: FileManifest,
}

/// Where the manifest of a file lies: beside it, under its name with `.manifest.json` after it.
pub fn manifest_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".manifest.json");
    name.into()
}

/// Files that `write` fills beside `outs` take their places together, or where one can't, those before it are again as they were.
///
/// No file system renames several files at once: a machine that stops on the way leaves new and old ones, each whole, the old
/// ones of those replaced under `.replaced-NAME`, and no manifest. The manifest of an earlier run goes first and the new one comes
/// last: a file with a manifest is whole, and so are those that it names. Where `write` gives nothing, nothing changes.
///
/// # Errors
/// Those of `write`, or when a file can't be placed.
pub fn replace_files(
    outs: &[&Path],
    write: impl FnOnce(&[PathBuf]) -> Result<Option<Written>, Failure>,
) -> Result<Option<Vec<u64>>, Failure> {
    let last = manifest_of(outs.first().ok_or_else(|| Failure::new("no file to write"))?);
    let staged = outs.iter().map(|out| staged_beside(out)).collect::<Result<Vec<PathBuf>, Failure>>()?;
    let staged_last = staged_beside(&last)?;
    let place = |written: Option<Written>| {
        let Some(Written { rows, mut manifest }) = written else { return Ok(None) };
        for ((out, staged), rows) in outs.iter().zip(&staged).zip(&rows) {
            let file = out.display().to_string();
            manifest.outputs.push(OutputFile { file, rows: *rows, sha256: sha256(staged)? });
        }
        fs::write(&staged_last, json(&manifest)?).map_err(|e| Failure::io("write", &staged_last, &e))?;
        let files = staged.iter().map(PathBuf::as_path).zip(outs.iter().copied()).chain([(&*staged_last, &*last)]);
        place_all(&files.collect::<Vec<_>>(), &last)?;
        Ok(Some(rows.into_iter().flatten().collect()))
    };
    let result = write(&staged).and_then(place);
    if !matches!(result, Ok(Some(_))) {
        staged.iter().chain([&staged_last]).for_each(|path| drop(fs::remove_file(path)));
    }
    result
}

/// Puts files in their places, the last of which is the manifest's: all of them or none.
fn place_all(files: &[(&Path, &Path)], last: &Path) -> Result<(), Failure> {
    files.iter().try_for_each(|(from, _)| sync_file(from))?;
    let (mut before, mut changed) = (Vec::new(), Changed::default());
    let mut place = || {
        before.push(Before::of(last, |at, old| fs::rename(at, old))?);
        changed.at(last);
        for (from, to) in files {
            if *to == last || before.len() == 1 {
                changed.sync()?;
            }
            // A second name, so that there is no moment without the file; where a file system has none, another.
            before.push(Before::of(to, |at, old| fs::hard_link(at, old).or_else(|_| fs::rename(at, old)))?);
            fs::rename(from, to).map_err(|e| Failure::io("write", to, &e))?;
            changed.at(to);
        }
        changed.sync()
    };
    let placed = place();
    let settle: fn(&Before) = if placed.is_ok() { Before::forget } else { Before::put_back };
    before.iter().rev().for_each(settle);
    placed
}

/// What was at a place before a file took it.
struct Before {
    at: PathBuf,
    /// Where that is now.
    old: Option<PathBuf>,
}

impl Before {
    /// What is at a place now, under another name that `keep` gives it.
    fn of(at: &Path, keep: impl FnOnce(&Path, &Path) -> io::Result<()>) -> Result<Before, Failure> {
        let there = fs::symlink_metadata(at).ok();
        if there.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(Failure::new(format!("cannot write {}: there is a folder of this name", at.display()))
                .hint("give the file another name"));
        }
        let name = at.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let old = there.map(|_| at.with_file_name(format!("{REPLACED}{name}")));
        if let Some(old) = &old {
            let _ = fs::remove_file(old);
            keep(at, old).map_err(|e| Failure::io("replace", at, &e))?;
        }
        Ok(Before { at: at.to_path_buf(), old })
    }

    fn put_back(&self) {
        match &self.old {
            Some(old) => {
                let _ = fs::rename(old, &self.at);
                // Two names of one file stay two names.
                let _ = fs::remove_file(old);
            }
            None => drop(fs::remove_file(&self.at)),
        }
    }

    fn forget(&self) {
        self.old.iter().for_each(|old| drop(fs::remove_file(old)));
    }
}

/// What the names of files that are being replaced begin with.
const REPLACED: &str = ".replaced-";

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: u64) -> Written {
        let flags = serde_json::json!({ "out": "net.csv" });
        Written { rows: vec![Some(rows); 2], manifest: FileManifest::new("reinsure", &flags, Vec::new()).unwrap() }
    }

    #[test]
    fn files_appear_together_with_their_manifest_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a.csv"), dir.path().join("more/b.csv"));
        let all = || [a.clone(), b.clone(), manifest_of(&a)].map(|path| fs::read_to_string(path).ok());
        let fill = |staged: &[PathBuf], text: &str| staged.iter().for_each(|path| fs::write(path, text).unwrap());
        let outs = [a.as_path(), b.as_path()];
        for failed in [Ok(None), Err(Failure::new("full"))] {
            let result = replace_files(&outs, |staged| {
                fill(staged, "half");
                failed.clone().map(|none: Option<u8>| none.map(|_| written(0)))
            });
            assert_eq!(result, failed.map(|_| None));
            assert_eq!(all(), [None, None, None]);
            assert_eq!(fs::read_dir(dir.path().join("more")).unwrap().count(), 0);
        }
        for (rows, text) in [(1, "one"), (2, "two")] {
            let fill = |staged: &[PathBuf]| {
                fill(staged, text);
                Ok(Some(written(rows)))
            };
            assert_eq!(replace_files(&outs, fill).unwrap(), Some(vec![rows; 2]));
            let [one, two, manifest] = all().map(Option::unwrap);
            let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
            assert!(one == text && two == text && manifest["outputs"][1]["rows"] == rows, "{manifest}");
            assert_eq!(manifest["outputs"][0]["sha256"], sha256(&a).unwrap());
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "nothing else is left");
    }

    /// The second file, or the manifest, can't take its place: the first is what it was, and so is the manifest beside it.
    #[test]
    fn where_one_file_can_t_be_placed_none_is() {
        let dir = tempfile::tempdir().unwrap();
        let [a, b, c] = ["a.csv", "b.csv", "c.csv"].map(|name| dir.path().join(name));
        let write = |outs: &[&Path], text: &str, rows| {
            replace_files(outs, |staged| {
                staged.iter().for_each(|path| fs::write(path, text).unwrap());
                Ok(Some(written(rows)))
            })
        };
        write(&[&a, &b], "old", 1).unwrap();
        fs::create_dir(&c).unwrap();
        fs::write(c.join("mine"), "mine").unwrap();
        let held = || {
            let files =
                fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
            let mut held: Vec<(PathBuf, String)> =
                files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
            held.sort();
            held
        };
        let before = held();
        assert_eq!(before.len(), 3, "{before:?}");
        for outs in [[&a, &c], [&b, &c], [&c, &a]] {
            let refused = write(&outs.map(PathBuf::as_path), "new", 2).unwrap_err();
            assert!(
                refused.message.contains("there is a folder of this name") && !refused.hint.is_empty(),
                "{refused}"
            );
            assert_eq!(held(), before);
        }
        fs::create_dir(manifest_of(&b)).unwrap();
        write(&[&b, &a], "new", 2).unwrap_err();
        assert_eq!((held(), fs::read_to_string(c.join("mine")).unwrap().as_str()), (before, "mine"));
        write(&[&a, &b], "new", 2).unwrap();
        assert_eq!(held().len(), 3, "nothing else is left");
    }
}
