//! Parts of one projection, which ran apart, as the one that they are parts of.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::losses::{LossManifest, seal};
use super::manifest::OutputFile;
use super::output::OutputFolder;
use crate::fault::{Failure, Fault};
use crate::input::sha256;
use crate::loss::{CLAIMS, ClaimLoss, LOSSES, LOSSES_BY_POLICY, OCCURRENCES, OccurrenceLoss, PolicyLoss, YearLoss};
use crate::table::{Format, Record, Row, Table, TableWriter, for_every_row, read_every_row, write_table};
use crate::treaty::{CEDED, CededLoss};

/// One part.
struct Part {
    dir: PathBuf,
    manifest: LossManifest,
}

impl Part {
    fn open(dir: &Path) -> Result<Part, Failure> {
        let path = dir.join("manifest.json");
        let text = std::fs::read_to_string(&path).map_err(|e| Failure::io("read", &path, &e))?;
        let manifest: LossManifest = serde_json::from_str(&text).map_err(|e| {
            Failure::new(format!("{}: not the manifest of a projection: {e}", path.display()))
                .hint("give the folders that `project --out` wrote")
        })?;
        Ok(Part { dir: dir.to_path_buf(), manifest })
    }

    /// That its tables are those that were written, byte for byte: one edited or cut short would change sums without a word.
    fn checked(&self) -> Result<(), Failure> {
        for OutputFile { file, sha256: told, .. } in &self.manifest.outputs {
            let path = self.dir.join(file);
            if Path::new(file).file_name() != Some(OsStr::new(file)) || sha256(&path)? != *told {
                return Err(Failure::new(format!(
                    "{}: not the file that the manifest beside it tells",
                    path.display()
                ))
                .hint("it was edited, cut short or not wholly copied: copy the folder again, or run the part anew"));
            }
        }
        Ok(())
    }
}

/// Puts parts together: their years must follow on one another, and all else must be the same.
///
/// # Errors
/// When parts are of several projections, overlap or leave a gap, a file is not what its part's manifest tells, or the disk refuses
/// one: then none appears.
pub fn merge_losses(dirs: &[PathBuf], folder: OutputFolder) -> Result<(u32, u32), Failure> {
    let mut parts = dirs.iter().map(|dir| Part::open(dir)).collect::<Result<Vec<Part>, Failure>>()?;
    parts.sort_by_key(|part| part.manifest.years);
    for pair in parts.windows(2) {
        follow(&pair[0], &pair[1])?;
    }
    parts.iter().try_for_each(Part::checked)?;
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return Err(Failure::new("no part given"));
    };
    let years = (first.manifest.years.0, last.manifest.years.1);
    let mut merged = LossManifest { years, outputs: Vec::new(), ..first.manifest.clone() };
    for OutputFile { file, .. } in &first.manifest.outputs {
        merged.outputs.push(one(file, &parts, &folder)?);
    }
    seal(folder, &merged)?;
    Ok(merged.years)
}

fn follow(a: &Part, b: &Part) -> Result<(), Failure> {
    let (first, second) = (a.dir.display(), b.dir.display());
    let names = |part: &Part| part.manifest.outputs.iter().map(|o| o.file.clone()).collect::<Vec<_>>();
    if a.manifest.common() != b.manifest.common() || names(a) != names(b) {
        return Err(Failure::new(format!("{first} and {second} are not parts of one projection"))
            .hint("parts must have the same exposure, events, models, data, treaties, rates, mode, seed and tables"));
    }
    let ((_, end), (begin, _)) = (a.manifest.years, b.manifest.years);
    if end + 1 != begin {
        return Err(Failure::new(format!("{first} ends with year {end}, {second} begins with year {begin}"))
            .hint("years must follow on one another"));
    }
    Ok(())
}

/// One table of all parts.
fn one(file: &str, parts: &[Part], folder: &OutputFolder) -> Result<OutputFile, Failure> {
    let to = folder.path(file);
    let name = file.split('.').next().unwrap_or_default();
    let rows = match name {
        "losses" => chain(file, parts, &to, &LOSSES, YearLoss::read)?,
        "occurrences" => chain(file, parts, &to, &OCCURRENCES, OccurrenceLoss::read)?,
        "ceded" => chain(file, parts, &to, &CEDED, CededLoss::read)?,
        "claims" => chain(file, parts, &to, &CLAIMS, ClaimLoss::read)?,
        "losses_by_policy" => by_policy(file, parts, &to)?,
        "exact" | "events" => same(file, parts, &to)?,
        "policy_metrics" => {
            return Err(Failure::new(format!("{file}: figures of parts can't be put together: each needs all years"))
                .hint("run `project --policy-metrics` over all years at once, or the parts without it"));
        }
        _ => return Err(Failure::new(format!("{file}: not a table of a projection"))),
    };
    OutputFile::of(&to, Some(rows))
}

/// Rows of the parts one after the other, each written as it is read: claims may be many.
fn chain<R: Record>(
    file: &str,
    parts: &[Part],
    to: &Path,
    table: &Table,
    read: impl Fn(&Row) -> (Option<R>, Vec<Fault>),
) -> Result<u64, Failure> {
    let mut writer = TableWriter::create(to, Format::of(to), R::TABLE)?;
    for part in parts {
        for_every_row(&part.dir.join(file), table, &read, |row| writer.write(&row))?;
    }
    writer.finish()
}

/// A table that is the same in every part.
fn same(file: &str, parts: &[Part], to: &Path) -> Result<u64, Failure> {
    let own = |part: &Part| part.manifest.outputs.iter().find(|output| output.file == file).cloned();
    let own: Vec<OutputFile> = parts.iter().filter_map(own).collect();
    if own.len() != parts.len() || own.windows(2).any(|two| two[0] != two[1]) {
        return Err(Failure::new(format!("{file} is not the same in all parts"))
            .hint("exact figures and events do not depend on the years: run the parts anew"));
    }
    let from = parts[0].dir.join(file);
    std::fs::copy(&from, to).map_err(|e| Failure::io("copy", &from, &e))?;
    Ok(own[0].rows.unwrap_or(0))
}

/// Sums of the parts by policy, in the order of the first.
fn by_policy(file: &str, parts: &[Part], to: &Path) -> Result<u64, Failure> {
    let mut all: IndexMap<String, PolicyLoss> = IndexMap::new();
    for (at, part) in parts.iter().enumerate() {
        let path = part.dir.join(file);
        let (rows, _) = read_every_row(&path, &LOSSES_BY_POLICY, PolicyLoss::read)?;
        let refuse = |policy: &str, rule: &str| {
            Err(Failure::new(format!("{}: policy {policy} {rule}", path.display()))
                .hint("all parts have the same policies, each once: run the parts anew"))
        };
        let mut own = BTreeSet::new();
        for row in &rows {
            if !own.insert(row.policy_id.as_str()) {
                return refuse(&row.policy_id, "is there twice");
            }
            match all.get_mut(&row.policy_id) {
                Some(sum) => {
                    sum.total += row.total;
                    sum.years += row.years;
                }
                None if at > 0 => return refuse(&row.policy_id, "is in no earlier part"),
                None => drop(all.insert(row.policy_id.clone(), row.clone())),
            }
        }
        if let Some(missing) = all.keys().find(|id| !own.contains(id.as_str())) {
            return refuse(missing, "is missing");
        }
    }
    write_table(to, Format::of(to), &all.into_values().collect::<Vec<_>>())
}
