//! What a run was: enough to repeat it and to check that nothing was lost.

use std::path::Path;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::catalogue::Event;
use crate::fault::Failure;
use crate::input::{Intake, sha256};

/// The manifest of a run. All but `timings`, `peak_memory_bytes` and `threads` is the same for the same inputs.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// Engine.
    pub engine: &'static str,
    /// Its version.
    pub version: &'static str,
    /// `run`.
    pub command: &'static str,
    /// Configuration after defaults.
    pub configuration: serde_json::Value,
    /// Currency of results.
    pub currency: String,
    /// The event, as it was resolved.
    pub event: Event,
    /// SHA-256 over the catalogue's files, those of `--data` among them.
    pub catalogue: String,
    /// Seed of the simulation.
    pub seed: u64,
    /// What may not be what is meant.
    pub warnings: Vec<String>,
    /// Each input: rows in = rows used + rows set aside.
    pub inputs: Vec<Intake>,
    /// Row counts of the stages, in order.
    pub stages: Vec<(String, u64)>,
    /// Files written.
    pub outputs: Vec<OutputFile>,
    /// Threads used.
    pub threads: usize,
    /// Wall-clock milliseconds of each stage, in order.
    pub timings: Vec<StageTime>,
    /// Largest resident memory, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Name in the output folder.
    pub file: String,
    /// Rows, where it is a table.
    pub rows: Option<u64>,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl OutputFile {
    /// The entry of a file just written at `path`.
    ///
    /// # Errors
    /// When it can't be read back.
    pub fn of(path: &Path, rows: Option<u64>) -> Result<OutputFile, Failure> {
        let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(OutputFile { file, rows, sha256: sha256(path)? })
    }
}

/// How long a stage took.
#[derive(Clone, Debug, Serialize)]
pub struct StageTime {
    /// Stage.
    pub stage: &'static str,
    /// Milliseconds.
    pub milliseconds: u64,
}

impl StageTime {
    /// A stage that began then and ends now.
    pub fn since(stage: &'static str, began: Instant) -> StageTime {
        StageTime { stage, milliseconds: began.elapsed().as_millis() as u64 }
    }
}

/// Largest resident memory of this process so far, in bytes (Linux: `VmHWM`).
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
