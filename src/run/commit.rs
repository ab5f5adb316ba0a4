//! How results take the place of an earlier run's: all of them or none, whenever the run dies.
//!
//! Files are written to a staging folder. That it is renamed to `.commit` decides: before it, the output folder holds what it
//! held; after it, the new results are whole on the disk (files and folders are synced before) and only have to be put in their
//! places, which the next run into the folder does where this one dies. (A redo log of renames; each step may be done twice.)
//! Between the two the folder has no manifest, which says that it is not whole: that the old one is gone is on the disk before
//! any file takes its place, and all files are before the new one is.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::durable::{Changed, sync_folder, sync_tree};
use super::manifest::OutputFile;
use crate::fault::Failure;
use crate::input::sha256;

/// Results that are whole and not yet in their places.
const COMMIT: &str = ".commit";
/// The file whose presence says that a folder is complete.
pub(super) const LAST: &str = "manifest.json";
/// The manifest of the results that are replaced, until they are; in the folder of those that are not yet in their places.
const REPLACED: &str = ".replaced";

/// What a manifest says of the files beside it.
#[derive(Deserialize)]
struct Told {
    engine: String,
    #[serde(default)]
    command: String,
    outputs: Vec<OutputFile>,
}

impl Told {
    /// Nothing where the file is absent or no manifest of ours.
    fn read(path: &Path) -> Option<Told> {
        let told: Told = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        (told.engine == env!("CARGO_PKG_NAME")).then_some(told)
    }
}

/// One step; done twice it does no harm.
#[derive(Debug)]
enum Step {
    /// A file takes its place.
    Place { from: PathBuf, to: PathBuf },
    /// A file of an earlier run goes, if its bytes are still those that the run wrote; folders that it leaves empty go too.
    Remove { file: PathBuf, sha256: String },
}

/// That `dir` is free, or holds results of the same command: those of another would be neither replaced nor kept whole.
///
/// # Errors
/// When it holds results of another command, or a file of another program has the name of the manifest.
pub fn same_command(dir: &Path, command: &str) -> Result<(), Failure> {
    let path = dir.join(LAST);
    let refuse = |why: String| Err(Failure::new(why).hint("give --out a folder of its own"));
    match Told::read(&path) {
        Some(told) if told.command.is_empty() || told.command == command => Ok(()),
        Some(told) => refuse(format!("{} holds the results of `{}`", dir.display(), told.command)),
        None if path.exists() => {
            refuse(format!("{}: would be written over, and is no manifest of ours", path.display()))
        }
        None => Ok(()),
    }
}

/// Makes the files of `staging`, a folder within `dir`, the results of `dir`.
///
/// # Errors
/// When the disk refuses a step.
pub(super) fn commit(staging: &Path, dir: &Path) -> Result<(), Failure> {
    sync_tree(staging)?;
    fs::rename(staging, dir.join(COMMIT)).map_err(|e| Failure::io("write to", dir, &e))?;
    sync_folder(dir)?;
    finish(dir)
}

/// Finishes what a run that died had begun to put in place.
///
/// # Errors
/// When the disk refuses a step.
pub(super) fn finish(dir: &Path) -> Result<(), Failure> {
    let commit = dir.join(COMMIT);
    if !commit.is_dir() {
        return Ok(());
    }
    let mut changed = Changed::default();
    for step in steps(dir)? {
        let barrier = step.moves_manifest(dir);
        if barrier {
            changed.sync()?;
        }
        step.take(dir, &mut changed)?;
        if barrier {
            changed.sync()?;
        }
    }
    changed.sync()?;
    fs::remove_dir_all(&commit).map_err(|e| Failure::io("remove", &commit, &e))
}

/// What is left to do: the old manifest goes first, then what the earlier run of the command wrote and this one did not, and
/// the new manifest comes last.
fn steps(dir: &Path) -> Result<Vec<Step>, Failure> {
    let commit = dir.join(COMMIT);
    let (old, replaced) = (dir.join(LAST), commit.join(REPLACED));
    let mut steps = Vec::new();
    if let Some(new) = Told::read(&commit.join(LAST)) {
        let before = Told::read(if old.exists() { &old } else { &replaced });
        if old.exists() {
            steps.push(Step::Place { from: old, to: replaced });
        }
        let kept: BTreeSet<&str> = new.outputs.iter().map(|output| output.file.as_str()).collect();
        let stale = before.into_iter().filter(|before| before.command == new.command).flat_map(|told| told.outputs);
        let stale = stale.filter(|output| !kept.contains(output.file.as_str()) && inside(&output.file));
        steps.extend(stale.map(|output| Step::Remove { file: dir.join(output.file), sha256: output.sha256 }));
    }
    let mut names = names(&commit, Path::new(""))?;
    names.retain(|name| name != Path::new(REPLACED));
    names.sort_by_key(|name| (name == Path::new(LAST), name.clone()));
    steps.extend(names.into_iter().map(|name| Step::Place { from: commit.join(&name), to: dir.join(name) }));
    Ok(steps)
}

/// Whether a name leads to a file within its folder.
fn inside(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

impl Step {
    /// Whether the folder is whole no longer, or is whole again.
    fn moves_manifest(&self, dir: &Path) -> bool {
        let manifest = dir.join(LAST);
        matches!(self, Step::Place { from, to } if *from == manifest || *to == manifest)
    }

    fn take(&self, dir: &Path, changed: &mut Changed) -> Result<(), Failure> {
        match self {
            Step::Place { from, to } => {
                // Folders that are made on the way change those that they lie in.
                to.ancestors().take_while(|path| *path != dir).for_each(|path| changed.at(path));
                changed.at(from);
                if let Some(parent) = to.parent() {
                    fs::create_dir_all(parent).map_err(|e| Failure::io("make the folder", parent, &e))?;
                }
                fs::rename(from, to).map_err(|e| Failure::io("write", to, &e))
            }
            Step::Remove { file, sha256: told } => {
                if !file.is_file() || sha256(file)? != *told {
                    return Ok(());
                }
                match fs::remove_file(file) {
                    Err(e) if e.kind() != ErrorKind::NotFound => return Err(Failure::io("remove", file, &e)),
                    _ => {}
                }
                file.ancestors().take_while(|path| *path != dir).for_each(|path| changed.at(path));
                let folders = file.ancestors().skip(1).take_while(|folder| *folder != dir);
                // Only an empty folder can be removed.
                folders.take_while(|folder| fs::remove_dir(folder).is_ok()).for_each(drop);
                Ok(())
            }
        }
    }
}

/// The files of `root` under `folder` and its folders, by their path within `root`.
fn names(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let dir = root.join(folder);
    let mut all = Vec::new();
    for entry in fs::read_dir(&dir).map_err(|e| Failure::io("read", &dir, &e))?.flatten() {
        let name = folder.join(entry.file_name());
        if entry.path().is_dir() { all.extend(names(root, &name)?) } else { all.push(name) }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::output::OutputFolder;
    use super::*;

    /// Writes a run's files into a staging folder of `dir`, with their manifest, and gives the folder.
    fn staged(dir: &Path, command: &str, files: &[(&str, &str)]) -> OutputFolder {
        let folder = OutputFolder::open(dir, command).unwrap();
        let outputs: Vec<OutputFile> = files
            .iter()
            .map(|(name, content)| {
                let path = folder.path(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, content).unwrap();
                OutputFile { file: name.to_string(), rows: None, sha256: sha256(&path).unwrap() }
            })
            .collect();
        let manifest = serde_json::json!({ "engine": "blastradius", "command": command, "outputs": outputs });
        fs::write(folder.path(LAST), manifest.to_string()).unwrap();
        folder
    }

    /// Every file of a folder with its content.
    fn held(dir: &Path) -> BTreeMap<PathBuf, String> {
        let read = |name: PathBuf| (name.clone(), fs::read_to_string(dir.join(&name)).unwrap());
        names(dir, Path::new("")).unwrap().into_iter().filter(|name| name != Path::new(".lock")).map(read).collect()
    }

    const OLD: [(&str, &str); 4] = [("a", "old"), ("annual/b", "old"), ("annual/deep/c", "old"), ("ceded", "old")];
    const NEW: [(&str, &str); 3] = [("a", "new"), ("d", "new"), ("more/e", "new")];

    #[test]
    fn what_an_earlier_run_wrote_and_this_one_did_not_goes_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("policies.csv"), "mine").unwrap();
        staged(dir.path(), "run", &OLD).commit().unwrap();
        fs::write(dir.path().join("annual/notes.txt"), "mine").unwrap();
        fs::write(dir.path().join("ceded"), "edited").unwrap();
        staged(dir.path(), "run", &NEW).commit().unwrap();
        let mut left = held(dir.path());
        assert!(left.remove(Path::new(LAST)).unwrap().contains("more/e"));
        let told = [
            ("a", "new"),
            ("annual/notes.txt", "mine"),
            ("ceded", "edited"),
            ("d", "new"),
            ("more/e", "new"),
            ("policies.csv", "mine"),
        ];
        assert_eq!(left, told.map(|(name, content)| (PathBuf::from(name), content.to_string())).into());
        assert!(!dir.path().join("annual/deep").exists());
    }

    #[test]
    fn dying_after_any_step_leaves_the_new_results_once_the_next_run_opens_the_folder() {
        let whole = tempfile::tempdir().unwrap();
        staged(whole.path(), "run", &NEW).commit().unwrap();
        let after = |done: usize| {
            let dir = tempfile::tempdir().unwrap();
            staged(dir.path(), "run", &OLD).commit().unwrap();
            let folder = staged(dir.path(), "run", &NEW);
            fs::rename(folder.path(""), dir.path().join(COMMIT)).unwrap();
            let steps = steps(dir.path()).unwrap();
            for step in steps.iter().take(done) {
                step.take(dir.path(), &mut Changed::default()).unwrap();
                assert!(!dir.path().join(LAST).exists() || done == steps.len(), "whole too early");
            }
            drop(folder);
            // The next run fails before it has anything to write.
            drop(OutputFolder::open(dir.path(), "run").unwrap());
            assert_eq!(held(dir.path()), held(whole.path()), "after {done} steps");
            assert!(!dir.path().join("annual").exists() && !dir.path().join(COMMIT).exists());
            steps.len()
        };
        let all = after(0);
        assert_eq!(all, 8, "the old manifest, three files that go, three that come, the new manifest");
        (1..=all).for_each(|done| assert_eq!(after(done), all));
    }

    #[test]
    fn a_run_that_dies_before_its_files_are_whole_leaves_the_old_results() {
        let dir = tempfile::tempdir().unwrap();
        staged(dir.path(), "run", &OLD).commit().unwrap();
        let before = held(dir.path());
        drop(staged(dir.path(), "run", &NEW));
        assert_eq!(held(dir.path()), before);
    }

    /// What a rename says is whole must be on the disk: where a file can't be put there, the old results stay.
    #[cfg(unix)]
    #[test]
    fn results_that_can_t_be_kept_on_the_disk_are_not_committed() {
        let dir = tempfile::tempdir().unwrap();
        staged(dir.path(), "run", &OLD).commit().unwrap();
        let before = held(dir.path());
        let folder = staged(dir.path(), "run", &NEW);
        std::os::unix::fs::symlink("nowhere", folder.path("more/gone")).unwrap();
        let refused = folder.commit().unwrap_err();
        assert!(refused.message.contains("keep on the disk") && refused.message.contains("more/gone"), "{refused}");
        assert_eq!(held(dir.path()), before);
        assert!(!dir.path().join(COMMIT).exists());
    }

    #[test]
    fn a_manifest_names_no_file_outside_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        let (out, mine) = (dir.path().join("out"), dir.path().join("mine"));
        fs::create_dir(&out).unwrap();
        fs::write(&mine, "mine").unwrap();
        let absolute = mine.display().to_string();
        let named = |file: &str| serde_json::json!({ "file": file, "rows": null, "sha256": sha256(&mine).unwrap() });
        let outputs = [named("../mine"), named(&absolute), named("")];
        let manifest = serde_json::json!({ "engine": "blastradius", "command": "run", "outputs": outputs });
        fs::write(out.join(LAST), manifest.to_string()).unwrap();
        staged(&out, "run", &NEW).commit().unwrap();
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    }

    #[test]
    fn results_of_another_command_and_manifests_of_others_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        staged(dir.path(), "project", &OLD).commit().unwrap();
        let before = held(dir.path());
        let refused = OutputFolder::open(dir.path(), "metrics").err().expect("refused");
        assert!(refused.message.ends_with("holds the results of `project`"), "{refused}");
        assert!(refused.hint.contains("--out") && held(dir.path()) == before && !dir.path().join(".lock").exists());
        fs::write(dir.path().join(LAST), "{\"manifest_version\": 3}").unwrap();
        let refused = OutputFolder::open(dir.path(), "project").err().expect("refused");
        assert!(refused.message.contains("no manifest of ours"), "{refused}");
    }
}
