//! `expose`: who is in scope of an event.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{EventOptions, RejectOptions, apart_with_manifest, finish, outputs};
use crate::cli::Done;
use crate::cli::config::rates;
use crate::exposure::{Scope, expose};
use crate::fault::Failure;
use crate::inventory::{Entry, INVENTORY};
use crate::portfolio::read_book;
use crate::run::{FileManifest, Written, replace_files};
use crate::table::{Format, RejectLog, read_rows, write_table};

/// Who is in scope of an event.
///
/// Beside FILE of --out lies FILE.manifest.json: flags, inputs and outputs with hashes.
#[derive(Args, Debug, Serialize)]
pub struct ExposeStage {
    /// Inventory, as `inventory` writes it, or one of your own (domain, product, probability).
    #[arg(value_name = "FILE")]
    inventory: PathBuf,
    /// Policies.
    #[arg(long, value_name = "FILE")]
    policies: PathBuf,
    /// Exposure: Parquet, or CSV when the name ends in .csv.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write how many insureds are in scope, in each draw of the figures that all insureds share.
    #[arg(long, value_name = "FILE")]
    in_scope: Option<PathBuf>,
    /// Currency of results [default: the one that most policies have].
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Rate of exchange into it, such as EUR=1.08.
    #[arg(long, value_name = "CODE=RATE")]
    rate: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    event: EventOptions,
    #[command(flatten)]
    #[serde(flatten)]
    rejects: RejectOptions,
}

impl ExposeStage {
    /// Runs the stage.
    pub fn run(mut self) -> Result<Done, Failure> {
        let read: Vec<&Path> = [&*self.inventory, &*self.policies].into_iter().chain(self.event.files()).collect();
        apart_with_manifest(&read, &outputs(&self.out, [&self.in_scope, &self.rejects.rejects]))?;
        let (catalogue, event, as_of) = self.event.resolve()?;
        let book = read_book(&self.policies, self.currency.as_deref(), &rates(&self.rate)?)?;
        let mut rejects: RejectLog = book.rejects.iter().cloned().collect();
        let (entries, intake) = read_rows(&self.inventory, &INVENTORY, &mut rejects, Entry::read)?;
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let (exposures, in_scope) = expose(
            &Scope { event: &event, catalogue: &catalogue, as_of, rates: &book.rates },
            &book.policies,
            &entries,
        )?;
        self.currency.get_or_insert_with(|| book.rates.reporting.clone());
        let inputs = [intake, book.intake].into_iter().chain(self.event.intake(&catalogue)?).collect();
        let mut manifest = FileManifest::new("expose", &self, inputs)?.about(&event, &catalogue);
        manifest.outputs.extend(self.rejects.written()?);
        let written = replace_files(&outputs(&self.out, [&self.in_scope]), |staged| {
            let mut rows = vec![Some(write_table(&staged[0], Format::of(&staged[0]), &exposures)?)];
            if let Some(path) = staged.get(1) {
                rows.push(Some(write_table(path, Format::of(path), &in_scope.draws)?));
            }
            Ok(Some(Written { rows, manifest }))
        })?;
        written.map_or(Ok(Done::WithRejects), |rows| finish(rows[0], &self.out, "policies in force"))
    }
}
