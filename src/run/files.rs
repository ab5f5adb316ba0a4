//! Results that are files of the user's own names: written whole or not at all, with a manifest beside the first of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::manifest::OutputFile;
use super::output::staged_beside;
use super::pipeline::{configuration, json};
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
        Ok(FileManifest { engine, version, command, configuration, warnings: vec![], inputs, outputs: vec![] })
    }
}

/// What was written to the files that take the places of `outs`: rows of each, and the manifest, to which they are added.
pub struct Written {
    /// Rows of each file, in the order of the files.
    pub rows: Vec<u64>,
    /// The manifest.
    pub manifest: FileManifest,
}

/// Where the manifest of a file lies: beside it, under its name with `.manifest.json` after it.
pub fn manifest_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".manifest.json");
    name.into()
}

/// `write` fills a file beside each of `outs`, which then take their places, unless it gives nothing. The manifest of an
/// earlier run goes first and the new one comes last: a file with a manifest is whole, and so are those that it names.
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
            manifest.outputs.push(OutputFile { file, rows: Some(*rows), sha256: sha256(staged)? });
        }
        fs::write(&staged_last, json(&manifest)?).map_err(|e| Failure::io("write", &staged_last, &e))?;
        if last.exists() {
            fs::remove_file(&last).map_err(|e| Failure::io("replace", &last, &e))?;
        }
        for (from, to) in staged.iter().map(PathBuf::as_path).zip(outs.iter().copied()).chain([(&*staged_last, &*last)])
        {
            fs::rename(from, to).map_err(|e| Failure::io("write", to, &e))?;
        }
        Ok(Some(rows))
    };
    let result = write(&staged).and_then(place);
    if !matches!(result, Ok(Some(_))) {
        staged.iter().chain([&staged_last]).for_each(|path| drop(fs::remove_file(path)));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: u64) -> Written {
        let flags = serde_json::json!({ "out": "net.csv" });
        Written { rows: vec![rows; 2], manifest: FileManifest::new("reinsure", &flags, Vec::new()).unwrap() }
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
}
