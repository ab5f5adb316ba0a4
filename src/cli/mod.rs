//! The command line: flags in, data on standard output, everything else on standard error.

/// A line on standard error. That nobody reads it, or that it is full, ends no command.
macro_rules! tell {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($line)*);
    }};
}

mod calibrate;
mod config;
mod explain;
mod fit;
mod inputs;
mod progress;
mod reference;
mod run;
mod show;
mod stages;
mod statistics;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::fault::Failure;

pub use config::RunConfig;

/// Which insureds does a vendor compromise reach, how sure are we, and what will it cost?
///
/// Exit codes: 0 done, 1 there were rejects under --strict, 2 could not run.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    /// How tables and answers are printed.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a made book and made scans, run an event over them, and say where the report is.
    Demo {
        /// Folder to write to.
        #[arg(long, value_name = "DIR", default_value = "blastradius-demo")]
        out: PathBuf,
    },
    /// From policies and scans to exposures, losses and a report.
    ///
    /// A value comes from its flag, else from RUN.toml, else from its default. Paths in RUN.toml are relative to its
    /// folder, paths in flags to the current one.
    Run {
        /// Configuration file; every key is also a flag.
        #[arg(value_name = "RUN.toml")]
        file: Option<PathBuf>,
        #[command(flatten)]
        config: Box<RunConfig>,
        /// Say what would be read and whether it is fit; write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// What of a book is usable, what was set aside and why, and how much of it was scanned for what the event needs.
    Check {
        /// Configuration file, as for run.
        #[arg(value_name = "RUN.toml")]
        file: Option<PathBuf>,
        #[command(flatten)]
        config: Box<RunConfig>,
    },
    /// Why one policy is in its tier: each record, the rule it met, and what was looked for and not found.
    Explain {
        /// The policy.
        policy_id: String,
        /// Configuration file, as for run.
        #[arg(value_name = "RUN.toml")]
        file: Option<PathBuf>,
        #[command(flatten)]
        config: Box<RunConfig>,
    },
    /// Error rates of signals, prevalence of products and dependence between signals, estimated from scans.
    ///
    /// Who uses what is not known, and need not be: signals of one product that should agree tell on each other. The result
    /// is a table that run, inventory and explain take with --signal-rates.
    Calibrate(Box<calibrate::Calibrate>),
    /// From incident or claim records to frequency and severity models, root causes and growth, each with its uncertainty.
    ///
    /// Reads the engine's incident table (CSV or Parquet), VERIS records (JSON, a folder of them, or the flat sample) and the
    /// breach export of the US HHS, told apart by content. run, project and report take what it writes with --models.
    Fit(fit::Fit),
    /// Stage 1: scanner output to observations.
    Ingest(stages::Ingest),
    /// Stage 2: observations to who uses what.
    Inventory(stages::InventoryStage),
    /// Stage 3: who is in scope of an event.
    Expose(stages::ExposeStage),
    /// Stage 4: losses of an event, or of years in which several events happen.
    ///
    /// Writes losses by year, by occurrence and by policy, on request each claim; with treaties also what each took. The
    /// same seed gives the same bytes for any number of threads, and in parts: --years 1..5000 and --years 5001..10000 in
    /// two runs, then merge.
    Project(Box<stages::Project>),
    /// Put the parts of a projection together that ran apart, year by year.
    Merge(stages::Merge),
    /// Stage 5: the report.
    Report(stages::ReportStage),
    Terms(stages::TermsStage),
    Reinsure(Box<stages::ReinsureStage>),
    /// Bring your own losses: exceedance curves, tails and contributions of simulated years.
    Metrics(Box<stages::MetricsStage>),
    /// The events that are known.
    Events {
        /// Folder with products, events or severities of your own.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// The products that are known: id, category, and the kinds of record that give them away.
    Products {
        /// Folder with products of your own.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Published figures that defaults rest on, each with source, year and grade, and the parameters derived from them.
    Statistics,
    /// The JSON schema of a file, or the columns of a table.
    Schema {
        /// What to describe [default: configuration, product, event and severity files].
        #[arg(value_enum)]
        what: Option<reference::Described>,
        /// Of tables, the one: "gross losses", or gross-losses.
        #[arg(value_name = "TABLE")]
        name: Option<String>,
    },
    /// Completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Everything was done.
    Whole,
    /// There were rejects, and `--strict` makes them an error.
    WithRejects,
}

/// Runs a command.
///
/// # Errors
/// When it could not be done.
pub fn run(cli: Cli) -> Result<Done, Failure> {
    let format = cli.format;
    match cli.command {
        Command::Demo { out } => run::demo(&out, format),
        Command::Run { file, config, dry_run } => run::run(file.as_deref(), *config, dry_run, format),
        Command::Check { file, config } => inputs::check(file.as_deref(), *config, format),
        Command::Explain { policy_id, file, config } => explain::explain(&policy_id, file.as_deref(), *config, format),
        Command::Calibrate(command) => command.run(format),
        Command::Fit(command) => command.run(format),
        Command::Ingest(stage) => stage.run(),
        Command::Inventory(stage) => stage.run(),
        Command::Expose(stage) => stage.run(),
        Command::Project(stage) => stage.run(),
        Command::Merge(stage) => stage.run(),
        Command::Report(stage) => stage.run(),
        Command::Terms(stage) => stage.run(),
        Command::Reinsure(stage) => stage.run(),
        Command::Metrics(stage) => stage.run(format),
        Command::Events { data } => reference::events(data.as_deref(), format),
        Command::Products { data } => reference::products(data.as_deref(), format),
        Command::Statistics => statistics::statistics(format),
        Command::Schema { what, name } => reference::schema(what, name.as_deref()),
        Command::Completions { shell } => reference::completions(shell),
    }
}
