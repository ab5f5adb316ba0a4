//! A projection into a folder, whole or in parts, and parts put together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::loss_tables::LossTables;
use super::manifest::OutputFile;
use super::output::OutputFolder;
use super::pipeline::{configuration, json, text};
use crate::catalogue::{Catalogue, Event};
use crate::exposure::Exposure;
use crate::fault::Failure;
use crate::input::{Intake, sha256, sha256_of};
use crate::loss::exact::{ExactFigure, ExactLosses, exact_losses};
use crate::loss::{Block, Mode, Parameters, Projection, Simulation};
use crate::metrics::TreatyLosses;
use crate::table::Format;

/// What a projection was. Parts of one projection differ in `years` and `outputs`, and by the names of files in `configuration`.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct LossManifest {
    /// Engine.
    pub engine: String,
    /// Its version.
    pub version: String,
    /// `project`.
    pub command: String,
    /// Flags after defaults, but for the years and the folder.
    pub configuration: serde_json::Value,
    /// `scenario` or `catalogue`.
    pub mode: String,
    /// Seed of the simulation.
    pub seed: u64,
    /// `estimates`, or `drawn` anew for each year.
    pub parameters: String,
    /// Currency of results.
    pub currency: String,
    /// What one unit of other currencies is worth in it, as it was given.
    pub rates: BTreeMap<String, f64>,
    /// SHA-256 over the catalogue's files, severity models and those of `--data` among them.
    pub catalogue: String,
    /// Events, each with the SHA-256 of its figures.
    pub events: Vec<(String, String)>,
    /// Hash of each input's rows, whatever their order, or of a file's bytes.
    pub inputs: Vec<(String, String)>,
    /// First and last year, counted from 1.
    pub years: (u32, u32),
    /// Return periods of the policies' own curves, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub return_periods: Vec<f64>,
    /// What may not be what is meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Why there is no table of exact figures, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_exact: Option<String>,
    /// Files written.
    pub outputs: Vec<OutputFile>,
}

/// What a projection rests on, beside the simulation itself.
pub struct Basis<'a> {
    /// Severity models, among others.
    pub catalogue: &'a Catalogue,
    /// Events, as they were resolved.
    pub events: &'a [Event],
    /// Currency of results.
    pub currency: &'a str,
    /// Rates into it.
    pub rates: &'a BTreeMap<String, f64>,
    /// Tables that were read.
    pub inputs: Vec<Intake>,
    /// Files of treaties.
    pub treaties: Vec<&'a Path>,
}

impl LossManifest {
    /// Of a simulation on this basis, with these flags.
    ///
    /// # Errors
    /// When a file can't be read, or the flags have no JSON.
    pub fn new(simulation: &Simulation, basis: Basis, flags: &impl Serialize) -> Result<LossManifest, Failure> {
        let mut inputs: Vec<(String, String)> = basis.inputs.into_iter().map(|i| (i.format, i.content)).collect();
        inputs.sort();
        for file in basis.treaties {
            inputs.push(("treaties".into(), sha256(file)?));
        }
        let event = |event: &Event| Ok((event.id.clone(), sha256_of(json(event)?.as_bytes())));
        Ok(LossManifest {
            engine: "blastradius".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            command: "project".into(),
            configuration: configuration(flags)?,
            mode: if simulation.mode == Mode::Scenario { "scenario" } else { "catalogue" }.into(),
            seed: simulation.seed,
            parameters: if simulation.parameters == Parameters::Drawn { "drawn" } else { "estimates" }.into(),
            currency: basis.currency.into(),
            rates: basis.rates.clone(),
            catalogue: basis.catalogue.digest.clone(),
            events: basis.events.iter().map(event).collect::<Result<_, Failure>>()?,
            inputs,
            years: (simulation.years.start + 1, simulation.years.end),
            return_periods: Vec::new(),
            warnings: Vec::new(),
            not_exact: None,
            outputs: Vec::new(),
        })
    }

    /// The same without what parts differ in. What flags say of figures stands beside them, by content.
    pub fn common(&self) -> LossManifest {
        LossManifest { configuration: serde_json::Value::Null, years: (0, 0), outputs: Vec::new(), ..self.clone() }
    }
}

/// Simulated losses and their tables.
pub(super) struct Projected {
    pub projection: Projection,
    /// Of a scenario exact figures, or why there are none.
    pub exact: Option<Result<Vec<ExactFigure>, String>>,
    /// What treaties took, where there are any.
    pub treaties: Option<Vec<TreatyLosses>>,
    pub files: Vec<OutputFile>,
}

/// Where the tables of a simulation go.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub folder: &'a OutputFolder,
    /// What their names begin with: nothing, or a folder with its slash.
    pub under: &'static str,
    pub format: Format,
}

/// Simulates, works the losses of a scenario out exactly, and writes every table; `each` sees every block on the way.
pub(super) fn simulated(
    place: &Place,
    simulation: &Simulation,
    exposures: &[Exposure],
    return_periods: &[f64],
    mut each: impl FnMut(&Block),
) -> Result<Projected, Failure> {
    let mut tables = LossTables::open(*place, simulation, exposures, return_periods)?;
    let projection = simulation.run(|block| {
        each(block);
        tables.block(block)
    })?;
    let exact = if simulation.mode == Mode::Scenario { Some(exact_losses(simulation)?) } else { None };
    let exact = exact.map(|exact| exact.as_ref().map(ExactLosses::figures).map_err(String::clone));
    let (files, treaties) = tables.finish(&projection, exact.as_ref().and_then(|exact| exact.as_deref().ok()))?;
    Ok(Projected { projection, exact, treaties: simulation.reinsurance.map(|_| treaties), files })
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
    let place = Place { folder: &folder, under: "", format };
    let written = simulated(&place, simulation, exposures, &manifest.return_periods, |_| ())?;
    manifest.not_exact = written.exact.and_then(Result::err);
    manifest.outputs = written.files;
    seal(folder, &manifest)?;
    Ok((written.projection, manifest))
}

/// Writes the manifest and makes the folder's files appear.
pub(super) fn seal(folder: OutputFolder, manifest: &LossManifest) -> Result<PathBuf, Failure> {
    let path = text(&folder, "manifest.json", json(manifest)?)?;
    folder.commit()?;
    Ok(path)
}
