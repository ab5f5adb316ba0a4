//! A made-up book and made-up scans of it, on which the engine can be tried: the evening of the Mimecast event of
//! January 2021.
//!
//! Nothing in it is anybody's: names are put together from syllables, domains end in `.example` (RFC 2606), addresses are
//! those kept for documentation (RFC 5737). Shares of mail hosts are the published ones. The files are the same bytes on
//! every machine: draws are counter-based, and there is no clock.

mod book;
mod dice;
mod incidents;
mod mail;
mod names;
mod policies;
mod records;
mod scan;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

use crate::fault::Failure;
use crate::run::write_file;

/// The files of a demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The policy table.
    pub policies: PathBuf,
    /// Scans.
    pub scans: Vec<PathBuf>,
    /// Answers of insureds.
    pub declared: PathBuf,
    /// The run configuration that names them all.
    pub run: PathBuf,
}

/// Writes the demo into `dir`, which is made when it isn't there.
///
/// # Errors
/// When the folder or a file in it can't be written.
pub fn write(dir: &Path) -> Result<Written, Failure> {
    let (book, run) = (dir.join("policies.csv"), dir.join("RUN.toml"));
    if book.exists() && std::fs::read_to_string(&run).ok().as_deref() != Some(RUN) {
        return Err(Failure::new(format!(
            "{}: a book that is not the demo's: it would be written over",
            book.display()
        ))
        .hint("give the demo a folder of its own: --out"));
    }
    std::fs::create_dir_all(dir).map_err(|e| Failure::io("create", dir, &e))?;
    let dice = dice::Dice::new(2021);
    let book = book::book(dice);
    let put = |name: &str, bytes: std::io::Result<Vec<u8>>| {
        let path = dir.join(name);
        let bytes = bytes.map_err(|e| Failure::io("write", &path, &e))?;
        write_file(&path, |staged| std::fs::write(staged, &bytes).map_err(|e| Failure::io("write", &path, &e)))?;
        Ok(path)
    };
    Ok(Written {
        policies: put("policies.csv", table(&policies::rows(&book, dice)))?,
        scans: vec![
            put("scan-dns.jsonl.gz", gzip(&lines(&scan::dns(&book))))?,
            put("scan-web.jsonl", Ok(lines(&scan::web(&book, dice))))?,
            put("scan-zdns.jsonl", Ok(lines(&scan::mx_only(&book))))?,
        ],
        declared: put("declared.csv", table(&scan::declared(&book, dice)))?,
        run: put("RUN.toml", Ok(RUN.into()))?,
    })
}

/// Writes made-up claims of the demo's insureds and their policy-years beside the book: `incidents.csv` and
/// `policy_years.csv`.
///
/// # Errors
/// When one of them can't be written.
pub fn write_incidents(dir: &Path) -> Result<(PathBuf, PathBuf), Failure> {
    let dice = dice::Dice::new(2021);
    let (claims, years) = incidents::rows(&book::book(dice), dice);
    let put = |name: &str, rows: &[Vec<String>]| {
        let path = dir.join(name);
        let bytes = table(rows).map_err(|e| Failure::io("write", &path, &e))?;
        write_file(&path, |staged| std::fs::write(staged, &bytes).map_err(|e| Failure::io("write", &path, &e)))?;
        Ok(path)
    };
    Ok((put("incidents.csv", &claims)?, put("policy_years.csv", &years)?))
}

/// The run configuration; paths are relative to its folder.
const RUN: &str = r#"# A run over the demo's made-up book. Paths are relative to this file.

# The book: one row a policy.
policies = "policies.csv"

# What was seen from outside. Formats are told apart by content.
scan = ["scan-dns.jsonl.gz", "scan-web.jsonl", "scan-zdns.jsonl"]

# What insureds answered to questionnaires.
declared = "declared.csv"

# What happened: an event of the catalogue, or a file of your own.
event = "mimecast-2021"

# The day to judge by: policies in force on it, evidence up to its end. The scans also hold later lines.
as_of = "2021-01-12"

# The same seed gives the same bytes.
seed = 1

# Folder for the results.
out = "results"
"#;

fn table(rows: &[Vec<String>]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|e| e.into_error())
}

fn lines(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\n"]).flatten().copied().collect()
}

/// gzip without time and file name, and with the operating system said to be unknown.
fn gzip(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::default());
    encoder.write_all(text)?;
    encoder.finish()
}
