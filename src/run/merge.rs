//! Parts of one projection, which ran apart, as the one that they are parts of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::losses::{LossManifest, seal};
use super::manifest::OutputFile;
use super::output::OutputFolder;
use crate::fault::{Failure, Fault};
use crate::loss::{CLAIMS, ClaimLoss, LOSSES, LOSSES_BY_POLICY, OCCURRENCES, OccurrenceLoss, PolicyLoss, YearLoss};
use crate::table::{Format, Record, Row, Table, TableWriter, read_every_row, write_table};
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
}

/// Puts parts together: their years must follow on one another, and all else must be the same.
///
/// # Errors
/// When parts are of several projections, overlap or leave a gap, or the disk refuses a file: then none appears.
pub fn merge_losses(dirs: &[PathBuf], folder: OutputFolder) -> Result<(u32, u32), Failure> {
    let mut parts = dirs.iter().map(|dir| Part::open(dir)).collect::<Result<Vec<Part>, Failure>>()?;
    parts.sort_by_key(|part| part.manifest.years);
    for pair in parts.windows(2) {
        follow(&pair[0], &pair[1])?;
    }
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

/// Rows of the parts one after the other.
fn chain<R: Record>(
    file: &str,
    parts: &[Part],
    to: &Path,
    table: &Table,
    read: impl Fn(&Row) -> (Option<R>, Vec<Fault>),
) -> Result<u64, Failure> {
    let mut writer = TableWriter::create(to, Format::of(to), R::TABLE)?;
    for part in parts {
        let (rows, _) = read_every_row(&part.dir.join(file), table, &read)?;
        writer.write_all(&rows)?;
    }
    writer.finish()
}

/// A table that is the same in every part.
fn same(file: &str, parts: &[Part], to: &Path) -> Result<u64, Failure> {
    let read = |part: &Part| {
        let path = part.dir.join(file);
        std::fs::read(&path).map_err(|e| Failure::io("read", &path, &e))
    };
    let content = parts.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    if content.windows(2).any(|two| two[0] != two[1]) {
        return Err(Failure::new(format!("{file} is not the same in all parts"))
            .hint("exact figures and events do not depend on the years: run the parts anew"));
    }
    std::fs::write(to, content.first().map_or(&[][..], Vec::as_slice)).map_err(|e| Failure::io("write", to, &e))?;
    let outputs = parts.iter().flat_map(|part| &part.manifest.outputs);
    Ok(outputs.filter(|output| output.file == file).find_map(|output| output.rows).unwrap_or(0))
}

/// Sums of the parts by policy, in the order of the first.
fn by_policy(file: &str, parts: &[Part], to: &Path) -> Result<u64, Failure> {
    let mut all: Vec<PolicyLoss> = Vec::new();
    for part in parts {
        let (rows, _) = read_every_row(&part.dir.join(file), &LOSSES_BY_POLICY, PolicyLoss::read)?;
        if all.is_empty() {
            all = rows;
            continue;
        }
        let more: BTreeMap<String, PolicyLoss> = rows.into_iter().map(|l| (l.policy_id.clone(), l)).collect();
        for loss in &mut all {
            let other = more.get(&loss.policy_id).ok_or_else(|| {
                Failure::new(format!("{}: policy {} is not in {file}", part.dir.display(), loss.policy_id))
            })?;
            loss.total += other.total;
            loss.years += other.years;
        }
    }
    write_table(to, Format::of(to), &all)
}
