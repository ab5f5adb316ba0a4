//! Output folders and files: first written aside, then renamed, the manifest last.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::fault::Failure;

const STAGING: &str = ".staging-";
const LOCK: &str = ".lock";
/// The file whose presence says that a folder is complete.
const LAST: &str = "manifest.json";

/// A folder that results will appear in.
pub struct OutputFolder {
    dir: PathBuf,
    staging: TempDir,
    _lock: File,
}

impl OutputFolder {
    /// Opens `dir`, made when needed, and clears away what a killed run left.
    ///
    /// # Errors
    /// When it can't be written, or another run is writing to it.
    pub fn open(dir: &Path) -> Result<OutputFolder, Failure> {
        fs::create_dir_all(dir).map_err(|e| Failure::io("make the folder", dir, &e))?;
        let lock_path = dir.join(LOCK);
        let lock = File::create(&lock_path).map_err(|e| Failure::io("write", &lock_path, &e))?;
        lock.try_lock().map_err(|_| {
            Failure::new(format!("{}: another run is writing to this folder", dir.display()))
                .hint("wait for it, or give another --out")
        })?;
        for entry in fs::read_dir(dir).map_err(|e| Failure::io("read", dir, &e))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(STAGING) {
                fs::remove_dir_all(entry.path()).map_err(|e| Failure::io("remove", &entry.path(), &e))?;
            }
        }
        let staging =
            tempfile::Builder::new().prefix(STAGING).tempdir_in(dir).map_err(|e| Failure::io("write to", dir, &e))?;
        Ok(OutputFolder { dir: dir.to_path_buf(), staging, _lock: lock })
    }

    /// Where to write the file called `name` for now.
    pub fn path(&self, name: &str) -> PathBuf {
        self.staging.path().join(name)
    }

    /// Moves every file to its place. The old manifest goes first and the new one comes last, so that a folder with a
    /// manifest is whole.
    ///
    /// # Errors
    /// When a file can't be moved.
    pub fn commit(self) -> Result<(), Failure> {
        let old = self.dir.join(LAST);
        if old.exists() {
            fs::remove_file(&old).map_err(|e| Failure::io("replace", &old, &e))?;
        }
        let mut names: Vec<_> = fs::read_dir(self.staging.path())
            .map_err(|e| Failure::io("read", self.staging.path(), &e))?
            .flatten()
            .map(|e| e.file_name())
            .collect();
        names.sort_by_key(|name| (name == LAST, name.clone()));
        for name in names {
            let to = self.dir.join(&name);
            fs::rename(self.staging.path().join(&name), &to).map_err(|e| Failure::io("write", &to, &e))?;
        }
        let _ = fs::remove_file(self.dir.join(LOCK));
        Ok(())
    }
}

/// Writes one file whole or not at all: `write` fills a file beside it, which then takes its place.
///
/// # Errors
/// Those of `write`, or when the file can't be placed.
pub fn replace_file<T>(path: &Path, write: impl FnOnce(&Path) -> Result<T, Failure>) -> Result<T, Failure> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir).map_err(|e| Failure::io("make the folder", dir, &e))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let staged = tempfile::Builder::new()
        .prefix(".staging-")
        .suffix(&name)
        .tempfile_in(dir)
        .map_err(|e| Failure::io("write to", dir, &e))?;
    let result = write(staged.path())?;
    staged.persist(path).map_err(|e| Failure::io("write", path, &e.error))?;
    Ok(result)
}
