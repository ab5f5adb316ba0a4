//! The account of an input file: no row is lost.

use std::path::Path;

use serde::Serialize;

use super::sha256;
use crate::fault::Failure;

/// What was read from one input file: rows in = rows used + rows set aside.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Intake {
    /// File as the user named it.
    pub file: String,
    /// What it was taken for.
    pub format: String,
    /// Rows or records in it.
    pub rows: u64,
    /// Rows used.
    pub used: u64,
    /// Rows in the rejects table that were not used.
    pub set_aside: u64,
    /// The time that records without one were given, where there were such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_given: Option<String>,
    /// SHA-256 of the file's bytes.
    pub sha256: String,
    /// Hash of the rows whatever their order.
    pub content: String,
}

impl Intake {
    /// Of a file every entry of which is used, or else nothing is: `rows` entries.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn whole(path: &Path, format: &str, rows: u64) -> Result<Intake, Failure> {
        let sha256 = sha256(path)?;
        Ok(Intake {
            file: path.display().to_string(),
            format: format.to_string(),
            rows,
            used: rows,
            set_aside: 0,
            time_given: None,
            content: sha256.clone(),
            sha256,
        })
    }

    /// Checks that no row was lost.
    ///
    /// # Errors
    /// When rows in and rows accounted for differ: a defect of the engine, never of the input.
    pub fn balanced(self) -> Result<Intake, Failure> {
        if self.rows == self.used + self.set_aside {
            return Ok(self);
        }
        let Intake { file, rows, used, set_aside, .. } = &self;
        Err(Failure::new(format!("{file}: {rows} rows in, {used} used and {set_aside} set aside: rows were lost"))
            .hint("this is a defect of blastradius: please report it with the file's first lines"))
    }
}
