//! A projection into a folder, whole or in parts, and parts put together.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::loss_tables::LossTables;
use super::manifest::OutputFile;
use super::output::OutputFolder;
use super::pipeline::{json, text};
use crate::catalogue::Event;
use crate::exposure::Exposure;
use crate::fault::Failure;
use crate::input::{Intake, sha256, sha256_of};
use crate::loss::exact::{ExactLosses, exact_losses};
use crate::loss::{Mode, Parameters, Projection, Simulation};
use crate::table::Format;

/// What a projection was. Parts of one projection differ in `years` and `outputs` alone.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct LossManifest {
    /// Engine.
    pub engine: String,
    /// Its version.
    pub version: String,
    /// `project`.
    pub command: String,
    /// `scenario` or `catalogue`.
    pub mode: String,
    /// Seed of the simulation.
    pub seed: u64,
    /// `estimates`, or `drawn` anew for each year.
    pub parameters: String,
    /// Currency of results.
    pub currency: String,
    /// Events, each with the SHA-256 of its figures.
    pub events: Vec<(String, String)>,
    /// Hash of each input's rows, whatever their order, or of a file's bytes.
    pub inputs: Vec<(String, String)>,
    /// First and last year, counted from 1.
    pub years: (u32, u32),
    /// What may not be what is meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Why there is no table of exact figures, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_exact: Option<String>,
    /// Files written.
    pub outputs: Vec<OutputFile>,
}

impl LossManifest {
    /// Of a simulation over these inputs; `treaties` are files.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn new<'a>(
        simulation: &Simulation,
        events: &[Event],
        currency: &str,
        inputs: Vec<Intake>,
        treaties: impl Iterator<Item = &'a Path>,
    ) -> Result<LossManifest, Failure> {
        let mut hashes: Vec<(String, String)> = inputs.into_iter().map(|i| (i.format, i.content)).collect();
        hashes.sort();
        for file in treaties {
            hashes.push(("treaties".into(), sha256(file)?));
        }
        let event = |event: &Event| Ok((event.id.clone(), sha256_of(json(event)?.as_bytes())));
        Ok(LossManifest {
            engine: "blastradius".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            command: "project".into(),
            mode: if simulation.mode == Mode::Scenario { "scenario" } else { "catalogue" }.into(),
            seed: simulation.seed,
            parameters: if simulation.parameters == Parameters::Drawn { "drawn" } else { "estimates" }.into(),
            currency: currency.into(),
            events: events.iter().map(event).collect::<Result<_, Failure>>()?,
            inputs: hashes,
            years: (simulation.years.start + 1, simulation.years.end),
            warnings: Vec::new(),
            not_exact: None,
            outputs: Vec::new(),
        })
    }

    /// The same without what parts differ in.
    pub fn common(&self) -> LossManifest {
        LossManifest { years: (0, 0), outputs: Vec::new(), ..self.clone() }
    }
}

/// Simulated losses; of a scenario exact ones or why there are none; and their tables.
pub(super) type Projected = (Projection, Option<Result<ExactLosses, String>>, Vec<OutputFile>);

/// Simulates, works the losses of a scenario out exactly, and writes every table.
pub(super) fn simulated(
    folder: &OutputFolder,
    format: Format,
    simulation: &Simulation,
    exposures: &[Exposure],
) -> Result<Projected, Failure> {
    let mut tables = LossTables::open(folder, format, simulation, exposures)?;
    let projection = simulation.run(|block| tables.block(block))?;
    let exact = if simulation.mode == Mode::Scenario { Some(exact_losses(simulation)?) } else { None };
    let outputs = tables.finish(&projection, exact.as_ref().and_then(|exact| exact.as_ref().ok()))?;
    Ok((projection, exact, outputs))
}

/// The same into a folder of its own, with the manifest.
///
/// # Errors
/// When the disk refuses one: then none appears.
pub fn project_losses(
    folder: OutputFolder,
    format: Format,
    simulation: &Simulation,
    exposures: &[Exposure],
    mut manifest: LossManifest,
) -> Result<(Projection, LossManifest), Failure> {
    let (projection, exact, outputs) = simulated(&folder, format, simulation, exposures)?;
    manifest.not_exact = exact.and_then(Result::err);
    manifest.outputs = outputs;
    seal(folder, &manifest)?;
    Ok((projection, manifest))
}

/// Writes the manifest and makes the folder's files appear.
pub(super) fn seal(folder: OutputFolder, manifest: &LossManifest) -> Result<PathBuf, Failure> {
    let path = text(&folder, "manifest.json", json(manifest)?)?;
    folder.commit()?;
    Ok(path)
}
