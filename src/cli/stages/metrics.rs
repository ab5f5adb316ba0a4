//! `metrics`: figures, exceedance curves and contributions of simulated losses of one's own.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;

use super::{RETURN_PERIODS, apart, check_return_periods};
use crate::cli::config::start_threads;
use crate::cli::inputs::ended;
use crate::cli::{Done, Format, show};
use crate::fault::Failure;
use crate::input::Intake;
use crate::metrics::claims::{ContributionLine, read_contributions};
use crate::metrics::occurrences::{OccurrenceLosses, PERSPECTIVES};
use crate::metrics::ord::{Coded, EventName, MPLT, QPLT, Samples, average, ept, psept};
use crate::metrics::{Curve, Figure, YearLosses, figures, parameter_figures, read_treaties};
use crate::money::thousands;
use crate::run::{OutputFile, OutputFolder};
use crate::table::{Format as TableFormat, Record, RejectLog};

/// Quantiles of QELT and QPLT.
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// ORD's number of the only summary there is: all losses.
const ALL: u32 = 1;

/// Figures of simulated losses of your own: average, exceedance curves, tails, contributions, each with its sampling error.
///
/// Writes the tables metrics and contributions, and for each perspective the tables EPT, PSEPT, ALT, SPLT, MPLT, QPLT and (where
/// events are named) SELT, MELT and QELT of Open Results Data.
#[derive(Args, Debug, Serialize)]
pub struct MetricsStage {
    /// Losses by year and occurrence, with at least one of ground_up, gross and net: CSV or Parquet.
    #[arg(value_name = "LOSSES")]
    losses: PathBuf,
    /// Simulated years, those without a loss among them [default: the last year in the table].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    years: Option<u32>,
    /// Return periods, in years.
    #[arg(long, value_name = "YEARS", value_delimiter = ',', default_value = RETURN_PERIODS)]
    return_periods: Vec<f64>,
    /// Quantiles of the tables QELT and QPLT [default: 0.05,0.25,0.5,0.75,0.95; without samples no QPLT, since each quantile of a
    /// single loss is that loss].
    #[arg(long, value_name = "SHARES", value_delimiter = ',')]
    quantiles: Option<Vec<f64>>,
    /// Version of Open Results Data: 1 has numbers for EPCalc and EPType, 2 has text for EPMethod and EPType.
    #[arg(long, value_name = "VERSION", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    ord_version: u8,
    /// Claims by year, with columns to group them by: policy_id, industry, country, vendor and others, and with the
    /// occurrence for contributions to the largest one. Several files make one set.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    by_claim: Vec<PathBuf>,
    /// What treaties took, as `project` and `reinsure` write it: figures of each treaty.
    #[arg(long, value_name = "FILE")]
    ceded: Option<PathBuf>,
    /// The same years with parameters at their estimates, where those of LOSSES were drawn: tells apart what the spread owes
    /// to chance and what to not knowing the parameters.
    #[arg(long, value_name = "FILE")]
    estimates: Option<PathBuf>,
    /// Output folder.
    #[arg(long, value_name = "DIR", default_value = "blastradius-metrics")]
    out: PathBuf,
    /// How tables are written.
    #[arg(long, value_enum, default_value_t = Tables::Csv)]
    tables: Tables,
    /// Threads [default: all cores]. Results are the same for any number.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Make rejects an error (exit code 1): nothing is written when a row was set aside.
    #[arg(long)]
    strict: bool,
}

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Tables {
    /// Comma-separated text.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// A folder that tables are written to, and what was.
struct Results<'a> {
    folder: OutputFolder,
    stage: &'a MetricsStage,
    outputs: Vec<OutputFile>,
}

impl MetricsStage {
    /// Runs the command.
    pub fn run(mut self, format: Format) -> Result<Done, Failure> {
        start_threads(self.threads)?;
        self.check()?;
        let mut rejects = RejectLog::default();
        let losses = OccurrenceLosses::read(&self.losses, self.years, &mut rejects)?;
        let mut inputs = vec![losses.intake.clone()];
        let (contributions, intakes) = if self.by_claim.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            read_contributions(&self.by_claim, &losses, &self.return_periods, &mut rejects)?
        };
        inputs.extend(intakes);
        if !contributions.is_empty() && contributions.iter().all(|line| line.kind != "oep_tvar") {
            tell!("claims have no column occurrence: no contributions to the largest occurrence");
        }
        let mut more = Vec::new();
        if let Some(path) = &self.ceded {
            let (figures, intake) = read_treaties(path, losses.years, &self.return_periods, &mut rejects)?;
            (more, inputs) = (figures, inputs.into_iter().chain([intake]).collect());
        }
        if let Some(path) = &self.estimates {
            let fixed = OccurrenceLosses::read(path, Some(losses.years), &mut rejects)?;
            for at in (0..3).filter(|at| losses.has[*at] && fixed.has[*at]) {
                let [fixed, drawn] = [&fixed, &losses].map(|own| own.yearly(at).sums);
                more.extend(parameter_figures(PERSPECTIVES[at], &fixed, &drawn, losses.samples as usize)?);
            }
            inputs.push(fixed.intake);
        }
        show::rejects(&rejects, 5);
        if ended(self.strict, &rejects) == Done::WithRejects {
            tell!("error: rows were set aside, and --strict makes that an error: nothing was written");
            return Ok(Done::WithRejects);
        }
        let mut results =
            Results { folder: OutputFolder::open(&self.out, "metrics")?, stage: &self, outputs: Vec::new() };
        let mut all = Vec::new();
        for at in (0..3).filter(|at| losses.has[*at]) {
            all.extend(results.perspective(&losses, at)?);
        }
        all.extend(more);
        results.table("metrics", &all)?;
        results.others(&losses, &contributions, &mut rejects)?;
        results.finish(&losses, &inputs)?;
        match format {
            Format::Json => show::json(&all)?,
            Format::Text => show::print(&self.text(&losses, &all))?,
        }
        Ok(Done::Whole)
    }

    /// Checks the return periods, and puts them in order.
    fn check(&mut self) -> Result<(), Failure> {
        let others = self.by_claim.iter().chain(&self.ceded).chain(&self.estimates);
        let read: Vec<&Path> = others.chain([&self.losses]).map(PathBuf::as_path).collect();
        apart(&read, &[&self.out])?;
        check_return_periods(&mut self.return_periods)?;
        if let Some(out) = self.quantiles.iter().flatten().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(Failure::new(format!("--quantiles: {out} is no quantile"))
                .hint("shares from 0 to 1, separated by commas: 0.5,0.95,0.99"));
        }
        Ok(())
    }

    fn text(&self, losses: &OccurrenceLosses, all: &[Figure]) -> String {
        let mut lines = vec![format!(
            "Years        {}{}{}",
            thousands(losses.years.into()),
            match losses.samples {
                1 => String::new(),
                samples => format!(" in {samples} samples, which errors take together by year"),
            },
            if self.years.is_none() { ", the last in the table: give --years where more were simulated" } else { "" },
        )];
        let longest = f64::from(losses.years) * f64::from(losses.samples);
        let beyond: Vec<String> =
            self.return_periods.iter().filter(|period| **period > longest).map(f64::to_string).collect();
        if !beyond.is_empty() {
            lines.push(format!("Left out     once in {} years: longer than the simulation", beyond.join(", ")));
        }
        let mut names: Vec<&str> = all.iter().map(|figure| figure.perspective.as_str()).collect();
        names.dedup();
        let first = |at: &usize| !names[..*at].contains(&names[*at]);
        for name in (0..names.len()).filter(first).map(|at| names[at]) {
            lines.extend(perspective_lines(name, all));
        }
        lines.push(format!("Tables       {}", self.out.display()));
        lines.join("\n")
    }
}

/// The figures of a perspective for reading.
fn perspective_lines(name: &str, all: &[Figure]) -> Vec<String> {
    let own: Vec<&Figure> = all.iter().filter(|figure| figure.perspective == name).collect();
    let error = |figure: &Figure| figure.standard_error.map_or("?".to_string(), thousands);
    let with_error = |figure: &Figure| format!("{} ± {}", thousands(figure.value), error(figure));
    let percent = |figure: &Figure| {
        let ends =
            [figure.low, figure.high].map(|end| end.map_or("?".to_string(), |end| format!("{:.2}", end * 100.0)));
        let error = figure.standard_error.map(|error| format!("± {:.2}", error * 100.0));
        let doubt = error.unwrap_or(format!("({} to {})", ends[0], ends[1]));
        format!("{:.2} % {doubt}", figure.value * 100.0)
    };
    let mut lines = Vec::new();
    for figure in &own {
        match figure.kind {
            "aal" => lines.push(format!("\n{name}: average annual loss {}", with_error(figure))),
            "standard_deviation" => lines.push(format!("  standard deviation {}", with_error(figure))),
            "process_variance" | "total_variance" | "parameter_variance" => {
                let words = figure.kind.replace('_', " ");
                lines.push(format!("  {words:<18} {}", with_error(figure)));
            }
            "reinstatement_premium" => lines.push(format!("  reinstatement premium {}", with_error(figure))),
            "probability_of_attaching" => lines.push(format!("  probability of attaching {}", percent(figure))),
            "probability_of_exhausting" => lines.push(format!("  probability of exhausting {}", percent(figure))),
            "probability_of_loss" => lines.push(format!("  probability of a loss {}", percent(figure))),
            _ => {}
        }
    }
    for (kind, tail, title) in [("aep", "aep_tvar", "year's sum"), ("oep", "oep_tvar", "largest occurrence")] {
        lines.push(format!("  {title:<19} {:>18}  {:<41}  mean beyond (± standard error)", "loss", "95 % interval"));
        let points = own.iter().filter(|f| f.kind == kind).zip(own.iter().filter(|f| f.kind == tail));
        lines.extend(points.map(|(loss, beyond)| {
            let high = loss.high.map_or("not known: too few years".to_string(), thousands);
            format!(
                "  1 in {:<14} {:>18}  {:<41}  {}",
                loss.return_period.unwrap_or(0.0),
                thousands(loss.value),
                format!("{} to {high}", thousands(loss.low.unwrap_or(0.0))),
                with_error(beyond)
            )
        }));
    }
    lines
}

impl Results<'_> {
    fn name(&self, name: &str) -> String {
        let format = if self.stage.tables == Tables::Csv { TableFormat::Csv } else { TableFormat::Parquet };
        format!("{name}.{}", format.end())
    }

    fn table<R: Record>(&mut self, name: &str, rows: &[R]) -> Result<(), Failure> {
        self.outputs.push(self.folder.table(&self.name(name), rows)?);
        Ok(())
    }

    /// Writes the tables of a perspective and gives its figures.
    fn perspective(&mut self, losses: &OccurrenceLosses, at: usize) -> Result<Vec<Figure>, Failure> {
        let (name, return_periods) = (PERSPECTIVES[at], &self.stage.return_periods);
        let YearLosses { sums, largest, .. } = &losses.yearly(at);
        let samples = losses.samples as usize;
        let (aep, oep) = (Curve::of_samples(sums, samples), Curve::of_samples(largest, samples));
        let whole = ept(ALL, sums, largest, samples, return_periods);
        let each = psept(ALL, sums, largest, samples, return_periods);
        if self.stage.ord_version == 1 {
            self.table(&format!("{name}_ept"), &whole)?;
            self.table(&format!("{name}_psept"), &each)?;
        } else {
            self.table(&format!("{name}_ept"), &whole.into_iter().map(Coded).collect::<Vec<_>>())?;
            self.table(&format!("{name}_psept"), &each.into_iter().map(Coded).collect::<Vec<_>>())?;
        }
        self.table(&format!("{name}_alt"), &[average(ALL, &aep)])?;
        self.losses(losses, at)?;
        Ok(figures(name, &aep, &oep, return_periods))
    }

    /// The tables of a perspective by period and by event.
    fn losses(&mut self, losses: &OccurrenceLosses, at: usize) -> Result<(), Failure> {
        let name = PERSPECTIVES[at];
        let samples = Samples::new(losses.samples_of(at), (losses.years, losses.samples), ALL);
        let quantiles = self.stage.quantiles.as_deref().unwrap_or(&QUANTILES);
        self.table(&format!("{name}_splt"), &samples.splt())?;
        let of_one = losses.samples == 1 && self.stage.quantiles.is_none();
        self.periods(name, &samples, if of_one { &[] } else { quantiles })?;
        if losses.events.is_empty() {
            return Ok(());
        }
        let (selt, melt, qelt) = samples.by_event(quantiles);
        self.table(&format!("{name}_selt"), &selt)?;
        self.table(&format!("{name}_melt"), &melt)?;
        self.table(&format!("{name}_qelt"), &qelt)
    }

    /// MPLT and QPLT, row by row.
    fn periods(&mut self, name: &str, samples: &Samples, quantiles: &[f64]) -> Result<(), Failure> {
        let stream = |table: &str, columns| self.folder.stream(&self.name(&format!("{name}_{table}")), columns);
        let mut mplt = stream("mplt", MPLT)?;
        let mut qplt = (!quantiles.is_empty()).then(|| stream("qplt", QPLT)).transpose()?;
        samples.by_period(quantiles, |moments, rows| {
            mplt.writer.write(&moments)?;
            qplt.as_mut().map_or(Ok(()), |qplt| qplt.writer.write_all(&rows))
        })?;
        self.outputs.push(mplt.close()?);
        self.outputs.extend(qplt.map(|qplt| qplt.close()).transpose()?);
        Ok(())
    }

    /// The tables that are not of one perspective.
    fn others(
        &mut self,
        losses: &OccurrenceLosses,
        contributions: &[ContributionLine],
        rejects: &mut RejectLog,
    ) -> Result<(), Failure> {
        if !contributions.is_empty() {
            self.table("contributions", contributions)?;
        }
        if !losses.events.is_empty() {
            let of = |(event, name): &(u32, String)| EventName { event: *event, name: name.clone() };
            self.table("ord_events", &losses.events.iter().map(of).collect::<Vec<_>>())?;
        }
        let path = self.folder.path("rejects.csv");
        let written = rejects.write(&path, TableFormat::Csv)?;
        self.outputs.push(OutputFile::of(&path, Some(written))?);
        Ok(())
    }

    /// Writes the manifest, and puts everything in its place.
    fn finish(self, losses: &OccurrenceLosses, inputs: &[Intake]) -> Result<(), Failure> {
        let manifest = json!({
            "engine": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "command": "metrics",
            "configuration": self.stage,
            "years": losses.years,
            "samples": losses.samples,
            "inputs": inputs,
            "outputs": self.outputs,
        });
        let path = self.folder.path("manifest.json");
        let text = crate::run::json(&manifest)?;
        std::fs::write(&path, text).map_err(|e| Failure::io("write", &path, &e))?;
        self.folder.commit()
    }
}
