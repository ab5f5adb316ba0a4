//! `fit`: incident records to models.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::config::{date, rates, start_threads};
use super::progress::Progress;
use super::{Done, Format, inputs, show};
use crate::fault::Failure;
use crate::report::FitSummary;
use crate::run::{FitSettings, OutputFolder, fit_incidents};

/// From incident or claim records to frequency and severity models.
#[derive(Args, Clone, Debug, Serialize)]
pub struct Fit {
    /// Incident records: files, or folders of VERIS records.
    #[arg(required = true, value_name = "FILE_OR_DIR")]
    incidents: Vec<PathBuf>,
    /// Policy-years (year, industry, revenue_band, policy_years), or the policies to derive them from. Without exposure
    /// there are counts and shares, and no frequencies.
    #[arg(long, value_name = "FILE")]
    exposure: Option<PathBuf>,
    /// Day of the look: what became known later is set aside [default: the latest day in the records].
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Rate of exchange into US dollars, such as EUR=1.08; may be given several times.
    #[arg(long, value_name = "CODE=RATE")]
    rate: Vec<String>,
    /// Output folder.
    #[arg(long, value_name = "DIR", default_value = "blastradius-fit")]
    out: PathBuf,
    /// Threads [default: all cores]. Results are the same for any number.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Make rejects an error (exit code 1): nothing is written when a row was set aside.
    #[arg(long)]
    strict: bool,
}

impl Fit {
    /// The command over these files, with defaults for everything else.
    pub fn over(incidents: PathBuf, exposure: PathBuf, out: PathBuf) -> Fit {
        Fit {
            incidents: vec![incidents],
            exposure: Some(exposure),
            as_of: None,
            rate: Vec::new(),
            out,
            threads: None,
            strict: false,
        }
    }

    /// Runs the command.
    pub fn run(self, format: Format) -> Result<Done, Failure> {
        match self.fitted()? {
            Some(summary) => {
                let report = self.out.join("report.html").display().to_string();
                match format {
                    Format::Json => show::json(&summary)?,
                    Format::Text => show::print(&text(&summary, &report))?,
                }
                Ok(Done::Whole)
            }
            None => Ok(Done::WithRejects),
        }
    }

    /// Fits and writes; nothing when rows were set aside under `--strict`.
    pub fn fitted(&self) -> Result<Option<FitSummary>, Failure> {
        let started = Instant::now();
        start_threads(self.threads)?;
        let settings = FitSettings {
            incidents: self.incidents.clone(),
            exposure: self.exposure.clone(),
            as_of: self.as_of.as_deref().map(|text| date("as_of", text)).transpose()?,
            rates: rates(&self.rate)?,
        };
        let folder = OutputFolder::open(&self.out, "fit")?;
        let progress = Progress::start(5);
        let mut fitted = fit_incidents(&settings, &|what| progress.say(what))?;
        if inputs::ended(self.strict, &fitted.rejects) == Done::WithRejects {
            drop(progress);
            show::rejects(&fitted.rejects, 20);
            tell!("error: rows were set aside, and --strict makes that an error: nothing was written");
            return Ok(None);
        }
        progress.say("writing results");
        let configuration =
            serde_json::to_value(self).map_err(|e| Failure::new(format!("cannot write the configuration: {e}")))?;
        let summary = fitted.summary();
        fitted.write(folder, &summary, configuration, started)?;
        drop(progress);
        show::rejects(&fitted.rejects, 5);
        Ok(Some(summary))
    }
}

fn text(summary: &FitSummary, report: &str) -> String {
    let mut lines = vec![format!("{} (as of {})", summary.title, summary.as_of)];
    let years = summary
        .years
        .map_or(String::new(), |(a, b)| if a == b { format!(" of {a}") } else { format!(" of {a} to {b}") });
    lines.push(format!(
        "Incidents    {}{years}; {} with a loss; {} policy-years",
        summary.incidents,
        summary.losses,
        summary.policy_years.round()
    ));
    lines.push(format!("Headline     {}", summary.headline));
    lines.extend(summary.sentences.iter().map(|s| format!("{:<12} {}", s.about, s.text)));
    lines.extend(summary.studies.iter().map(|study| {
        let taken = study.candidates.iter().find(|c| c.chosen).map_or("none", |c| c.family);
        format!("Severity     {}: {taken} from {} losses, {} known exactly", study.segment, study.n, study.uncensored)
    }));
    if summary.losses > 0 {
        let (told, open) = (summary.told_by_coverage, summary.open_by_coverage);
        lines.push(format!(
            "By coverage  {told} of {} losses are told by coverage, {open} of them open",
            summary.losses
        ));
    }
    lines.extend(summary.notes.iter().map(|note| format!("Note         {note}")));
    let refused = |r: &crate::report::RefusedLine| format!("No severity  {}: {}; {}", r.segment, r.why, r.hint);
    lines.extend(summary.refused.iter().map(refused));
    lines.push(format!("Report       {report}"));
    lines.join("\n")
}
