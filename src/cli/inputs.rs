//! `check` and `run --dry-run`: what would be read, and whether it is fit.

use std::path::Path;

use super::progress::Progress;
use super::{Done, Format, RunConfig, config, show};
use crate::exposure::{Scope, expose};
use crate::fault::{Failure, Outcome, Reject};
use crate::portfolio::read_book;
use crate::report::Quality;
use crate::run::{observe, quality};

/// Checks a book, with its scans when there are any.
pub fn check(file: Option<&Path>, flags: RunConfig, format: Format) -> Result<Done, Failure> {
    let config = RunConfig::load(file, flags)?;
    if config.scan.is_empty() || config.event.is_none() { book_alone(&config, format) } else { whole(config, format) }
}

/// The same, and what would be written.
pub fn dry_run(config: RunConfig, format: Format) -> Result<Done, Failure> {
    let (_, resolved) = config.clone().resolve()?;
    let done = whole(config, format)?;
    let out = resolved.out.unwrap_or_default();
    let state = if out.join("manifest.json").exists() { "its results would be replaced" } else { "it would be made" };
    eprintln!("dry run: nothing was written; results would go to {} ({state})", out.display());
    Ok(done)
}

fn whole(config: RunConfig, format: Format) -> Result<Done, Failure> {
    let (settings, _) = config.resolve()?;
    let progress = Progress::start();
    let book = read_book(&settings.policies, settings.currency.as_deref(), &settings.rates)?;
    let (inventory, scans) = observe(&settings, &book.policies, &|what| progress.say(what))?;
    let entries = inventory.entries(&settings.event.requires.products());
    let scope =
        Scope { event: &settings.event, catalogue: &settings.catalogue, as_of: settings.as_of, rates: &book.rates };
    let exposures = expose(&scope, &book.policies, &entries)?;
    let mut rejects: Vec<Reject> = book.rejects.iter().chain(scans.iter().flat_map(|s| &s.rejects)).cloned().collect();
    rejects.sort();
    let quality = quality(&settings, &book, &scans, &inventory, &exposures, &rejects);
    drop(progress);
    show_quality(&quality, &settings.as_of.to_string(), format)?;
    show::rejects(&rejects, 5);
    Ok(ended(settings.strict, &rejects))
}

/// Without scans or event: the book's rows alone.
fn book_alone(config: &RunConfig, format: Format) -> Result<Done, Failure> {
    let path = config.policies.as_deref().ok_or_else(|| {
        Failure::new("no policies given")
            .hint("--policies FILE; with --scan and --event also the scan coverage is checked")
    })?;
    let book = read_book(path, config.currency.as_deref(), &config::rates(&config.rate)?)?;
    match format {
        Format::Json => show::json(&book.intake)?,
        Format::Text => {
            let intake = &book.intake;
            let text = format!(
                "{}: {}; {} rows, {} used, {} set aside",
                intake.file, intake.format, intake.rows, intake.used, intake.set_aside
            );
            show::print(&text)?;
        }
    }
    show::rejects(&book.rejects, 20);
    Ok(ended(config.strict, &book.rejects))
}

fn show_quality(quality: &Quality, as_of: &str, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => show::json(quality),
        Format::Text => show::print(&show::quality(quality, as_of)),
    }
}

/// Rejects are an error only under `--strict`.
pub fn ended(strict: bool, rejects: &[Reject]) -> Done {
    let set_aside = rejects.iter().any(|r| r.fault.outcome == Outcome::SetAside);
    if strict && set_aside { Done::WithRejects } else { Done::Whole }
}
