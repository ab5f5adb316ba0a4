//! Running the program and looking at what it left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program, with colours and the environment's thread settings off.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_blastradius"));
    command.env_remove("RAYON_NUM_THREADS").env_remove("POLARS_MAX_THREADS");
    command
}

/// Runs the program with these arguments.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Output {
    program().args(arguments).output().expect("the program starts")
}

/// Runs the program, which must succeed, and gives its standard output.
pub fn stdout<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The demo's inputs and results in a folder of their own.
pub fn demo() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("demo");
    stdout(&["demo", "--out", &path.display().to_string()]);
    (dir, path)
}

/// Every file of a results folder but the manifest, by name.
pub fn results(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(dir)
        .expect("results")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.is_file() && path.file_name().is_some_and(|n| n != "manifest.json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// A JSON file.
pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

/// A folder of the reference data, or nothing (said on standard error) where it is absent.
pub fn shared(what: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(what);
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some(path)
}

/// A Python that can import these: of `BLASTRADIUS_PYTHON`, of the tests' own environment, or of the system.
pub fn python(modules: &str) -> Option<PathBuf> {
    let import = format!("import {modules}");
    let has = |python: &PathBuf| {
        Command::new(python).args(["-c", &import]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let own = cache.or_else(home).map(|cache| cache.join("blastradius-python/bin/python"));
    let given = std::env::var_os("BLASTRADIUS_PYTHON").map(PathBuf::from);
    given.into_iter().chain(own).chain([PathBuf::from("python3")]).find(has)
}

/// The rows of a CSV, by the names of their columns.
pub fn rows(csv: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(csv).unwrap();
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|r| header.iter().map(str::to_string).zip(r.unwrap().iter().map(str::to_string)).collect())
        .collect()
}
