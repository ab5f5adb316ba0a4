//! Output folders and files: first written aside, then put in their places, the manifest last.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::commit;
use super::durable::{sync_file, sync_folder};
use super::lock::Lock;
use super::manifest::OutputFile;
use crate::fault::Failure;
use crate::table::{Format, Record, Table, TableWriter};

const STAGING: &str = ".staging-";

/// A folder that results will appear in.
pub struct OutputFolder {
    dir: PathBuf,
    staging: TempDir,
    _lock: Lock,
}

impl OutputFolder {
    /// Opens `dir`, made when needed, for the results of `command`; finishes or clears away what a killed run left.
    ///
    /// # Errors
    /// When it can't be written, another run is writing to it, or it holds the results of another command.
    pub fn open(dir: &Path, command: &str) -> Result<OutputFolder, Failure> {
        let lock = Lock::take(dir)?;
        commit::finish(dir)?;
        commit::same_command(dir, command)?;
        for entry in fs::read_dir(dir).map_err(|e| Failure::io("read", dir, &e))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(STAGING) {
                let path = entry.path();
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|e| Failure::io("remove", &path, &e))?;
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

    /// Writes a whole table as the file called `name`, whose end says the format.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn table<R: Record>(&self, name: &str, records: &[R]) -> Result<OutputFile, Failure> {
        let mut stream = self.stream(name, R::TABLE)?;
        stream.writer.write_all(records)?;
        stream.close()
    }

    /// Begins a table that is written in blocks; its name may lie in a folder (`annual/losses.parquet`).
    ///
    /// # Errors
    /// When the file can't be made.
    pub fn stream(&self, name: &str, table: Table) -> Result<Stream, Failure> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| Failure::io("make the folder", parent, &e))?;
        }
        let writer = TableWriter::create(&path, Format::of(&path), table)?;
        Ok(Stream { name: name.to_string(), path, writer })
    }

    /// Puts every file in its place, the manifest last: a folder with a manifest is whole. What an earlier run of the command
    /// wrote by its manifest, and this one did not, goes.
    ///
    /// # Errors
    /// When a file can't be moved; the next run into the folder tries again.
    pub fn commit(self) -> Result<(), Failure> {
        commit::commit(self.staging.path(), &self.dir)
    }
}

/// A table on its way into a folder.
pub struct Stream {
    name: String,
    path: PathBuf,
    /// Takes its rows.
    pub writer: TableWriter,
}

impl Stream {
    /// Ends the table, and gives its entry in the manifest.
    ///
    /// # Errors
    /// When the disk refuses what is left.
    pub fn close(self) -> Result<OutputFile, Failure> {
        let written = OutputFile::of(&self.path, Some(self.writer.finish()?))?;
        Ok(OutputFile { file: self.name, ..written })
    }
}

/// Where to write the file at `path` for now: beside it, in its folder, which is made when needed.
pub(super) fn staged_beside(path: &Path) -> Result<PathBuf, Failure> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir).map_err(|e| Failure::io("make the folder", dir, &e))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(dir.join(format!("{STAGING}{name}")))
}

/// Writes one file whole or not at all: `write` fills a file beside it, which then takes its place, unless `write` gives
/// nothing. What a killed run left beside it is overwritten by the next.
///
/// # Errors
/// Those of `write`, or when the file can't be placed.
pub fn replace_file<T>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<Option<T>, Failure>,
) -> Result<Option<T>, Failure> {
    let staged = staged_beside(path)?;
    let place = |done: Option<T>| {
        if done.is_some() {
            sync_file(&staged)?;
            fs::rename(&staged, path).map_err(|e| Failure::io("write", path, &e))?;
            sync_folder(path.parent().unwrap_or(Path::new("")))?;
        }
        Ok(done)
    };
    let result = write(&staged).and_then(place);
    if !matches!(result, Ok(Some(_))) {
        let _ = fs::remove_file(&staged);
    }
    result
}

/// The same for a file that is always written.
///
/// # Errors
/// Those of `write`, or when the file can't be placed.
pub fn write_file<T>(path: &Path, write: impl FnOnce(&Path) -> Result<T, Failure>) -> Result<T, Failure> {
    let written = replace_file(path, |staged| write(staged).map(Some))?;
    written.ok_or_else(|| Failure::new(format!("{}: nothing was written", path.display())))
}
