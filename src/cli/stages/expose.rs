//! `expose`: who is in scope of an event.

use std::path::PathBuf;

use clap::Args;

use super::{EventOptions, RejectOptions, apart, finish, outputs};
use crate::cli::Done;
use crate::cli::config::rates;
use crate::exposure::{Scope, expose};
use crate::fault::Failure;
use crate::inventory::{Entry, INVENTORY};
use crate::portfolio::read_book;
use crate::run::write_file;
use crate::table::{Format, RejectLog, read_rows, write_table};

/// Who is in scope of an event.
#[derive(Args, Debug)]
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
    event: EventOptions,
    #[command(flatten)]
    rejects: RejectOptions,
}

impl ExposeStage {
    /// Runs the stage.
    pub fn run(self) -> Result<Done, Failure> {
        apart(&[&self.inventory, &self.policies], &outputs(&self.out, [&self.in_scope, &self.rejects.rejects]))?;
        let (catalogue, event, as_of) = self.event.resolve()?;
        let book = read_book(&self.policies, self.currency.as_deref(), &rates(&self.rate)?)?;
        let mut rejects: RejectLog = book.rejects.into_iter().collect();
        let (entries, _) = read_rows(&self.inventory, &INVENTORY, &mut rejects, Entry::read)?;
        if self.rejects.settle(rejects)? == Done::WithRejects {
            return Ok(Done::WithRejects);
        }
        let (exposures, in_scope) = expose(
            &Scope { event: &event, catalogue: &catalogue, as_of, rates: &book.rates },
            &book.policies,
            &entries,
        )?;
        if let Some(path) = &self.in_scope {
            write_file(path, |staged| write_table(staged, Format::of(path), &in_scope.draws))?;
        }
        let written = write_file(&self.out, |staged| write_table(staged, Format::of(&self.out), &exposures));
        finish(written?, &self.out, "policies in force")
    }
}
