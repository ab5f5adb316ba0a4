//! What must be on the disk before anything is said to be whole: a rename may reach it before what it renames.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::fault::Failure;

/// Waits until a file's bytes are on the disk.
///
/// # Errors
/// When it can't be read back, or the disk refuses it.
pub(super) fn sync_file(path: &Path) -> Result<(), Failure> {
    // Some systems sync only what may be written to.
    let file = File::options().read(true).write(true).open(path);
    file.and_then(|file| file.sync_all()).map_err(|e| Failure::io("keep on the disk", path, &e))
}

/// Waits until the names in a folder are on the disk, where the system can say so.
///
/// # Errors
/// When the disk refuses it.
pub(super) fn sync_folder(dir: &Path) -> Result<(), Failure> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| Failure::io("keep on the disk", dir, &e))
}

/// The same of all files and folders in `dir`, and of itself.
///
/// # Errors
/// When one can't be read back, or the disk refuses it.
pub(super) fn sync_tree(dir: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(dir).map_err(|e| Failure::io("read", dir, &e))? {
        let path = entry.map_err(|e| Failure::io("read", dir, &e))?.path();
        if path.is_dir() { sync_tree(&path)? } else { sync_file(&path)? }
    }
    sync_folder(dir)
}

/// Folders whose names have changed since they were last on the disk.
#[derive(Default)]
pub(super) struct Changed(BTreeSet<PathBuf>);

impl Changed {
    /// Notes that the file at `path` came or went.
    pub fn at(&mut self, path: &Path) {
        self.0.extend(path.parent().map(Path::to_path_buf));
    }

    /// Waits until all that changed is on the disk.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn sync(&mut self) -> Result<(), Failure> {
        // One that became empty may be gone: then its parent's names have changed, and are noted too.
        std::mem::take(&mut self.0)
            .iter()
            .filter(|dir| dir.as_os_str().is_empty() || dir.exists())
            .try_for_each(|dir| sync_folder(dir))
    }
}
