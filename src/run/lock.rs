//! One run at a time into a folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::fault::Failure;

const LOCK: &str = ".lock";

/// The lock of a folder: gone with the run, however it ends.
pub(super) struct Lock {
    path: PathBuf,
    made: bool,
    _file: File,
}

impl Lock {
    /// Takes the lock of `dir`, which is made when needed.
    ///
    /// A run takes the file away while it holds the lock. Who opened the file before that can lock it afterwards, and then holds
    /// a lock on what nobody else can see: so the file that is locked must still be the one at the path, or all begins anew.
    ///
    /// # Errors
    /// When another run has it, or the folder can't be written.
    pub fn take(dir: &Path) -> Result<Lock, Failure> {
        let path = dir.join(LOCK);
        loop {
            let made = !dir.exists();
            fs::create_dir_all(dir).map_err(|e| Failure::io("make the folder", dir, &e))?;
            let file = match File::create(&path) {
                Ok(file) => file,
                // The run that made the folder has just taken it away.
                Err(_) if !dir.exists() => continue,
                Err(e) => return Err(Failure::io("write", &path, &e)),
            };
            file.try_lock().map_err(|_| {
                Failure::new(format!("{}: another run is writing to this folder", dir.display()))
                    .hint("wait for it, or give another --out")
            })?;
            if is_at(&file, &path) {
                return Ok(Lock { path, made, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        // A run that made the folder and wrote nothing takes it away again: only an empty one can be removed.
        if let Some(dir) = self.path.parent().filter(|_| self.made) {
            let _ = fs::remove_dir(dir);
        }
    }
}

/// Whether an open file is the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |(own, there): (fs::Metadata, fs::Metadata)| (own.dev(), own.ino()) == (there.dev(), there.ino());
    file.metadata().ok().zip(fs::metadata(path).ok()).is_some_and(same)
}

/// Where an open file can't be taken away, it is.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Four threads open, lock and unlock one folder again and again: never do two hold it.
    #[test]
    fn no_two_runs_hold_a_folder_however_often_it_changes_hands() {
        let keep = tempfile::tempdir().unwrap();
        let dir = keep.path().join("out");
        let (holders, taken) = (AtomicU32::new(0), AtomicU32::new(0));
        let run = || {
            while taken.load(Ordering::SeqCst) < 1_000 {
                let Ok(lock) = Lock::take(&dir) else { continue };
                assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two runs at once");
                taken.fetch_add(1, Ordering::SeqCst);
                std::thread::yield_now();
                holders.fetch_sub(1, Ordering::SeqCst);
                drop(lock);
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(run))));
        assert!(Lock::take(&dir).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_taken_away_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let path = dir.path().join(LOCK);
        let opened_before = File::options().write(true).open(&path).unwrap();
        assert!(is_at(&opened_before, &path) && opened_before.try_lock().is_err());
        drop(first);
        opened_before.try_lock().unwrap();
        assert!(!is_at(&opened_before, &path), "gone");
        let other = Lock::take(dir.path()).unwrap();
        assert!(!is_at(&opened_before, &path) && is_at(&other._file, &path), "another");
        assert!(Lock::take(dir.path()).is_err());
    }
}
