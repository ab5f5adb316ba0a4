//! `check` and `run --dry-run`: what would be read, and whether it is fit.

use std::path::Path;

use serde_json::json;

use super::progress::Progress;
use super::{Done, Format, RunConfig, config, show};
use crate::fault::Failure;
use crate::portfolio::read_book;
use crate::run::{Settings, look, same_command};
use crate::table::RejectLog;

/// Checks a book, with its scans when there are any.
pub fn check(file: Option<&Path>, flags: RunConfig, format: Format) -> Result<Done, Failure> {
    let config = RunConfig::load(file, flags)?;
    // Scan coverage is coverage for an event: with scans, the event is needed.
    if config.scan.is_empty() { book_alone(&config, format) } else { whole(&config.resolve()?.0, format) }
}

/// The same, and what would be written.
pub fn dry_run(config: RunConfig, format: Format) -> Result<Done, Failure> {
    let (settings, config) = config.resolve()?;
    let out = config.out.unwrap_or_default();
    same_command(&out, "run")?;
    let done = whole(&settings, format)?;
    let state = if out.join("manifest.json").exists() { "its results would be replaced" } else { "it would be made" };
    tell!("dry run: nothing was written; results would go to {} ({state})", out.display());
    Ok(done)
}

fn whole(settings: &Settings, format: Format) -> Result<Done, Failure> {
    let progress = Progress::start(settings.scans.len() + 3);
    let seen = look(settings, &|what| progress.say(what))?;
    drop(progress);
    match format {
        Format::Json => show::json(&json!({ "quality": seen.quality, "rejects": show::listed(&seen.rejects) }))?,
        Format::Text => show::print(&show::quality(&seen.quality, &settings.as_of.to_string()))?,
    }
    show::rejects(&seen.rejects, 5);
    Ok(ended(settings.strict, &seen.rejects))
}

/// Without scans or event: the book's rows alone.
fn book_alone(config: &RunConfig, format: Format) -> Result<Done, Failure> {
    let path = config.policies.as_deref().ok_or_else(|| {
        Failure::new("no policies given")
            .hint("--policies FILE; with --scan and --event also the scan coverage is checked")
    })?;
    let book = read_book(path, config.currency.as_deref(), &config::rates(&config.rate)?)?;
    let rejects: RejectLog = book.rejects.iter().cloned().collect();
    match format {
        Format::Json => show::json(&json!({ "input": book.intake, "rejects": show::listed(&rejects) }))?,
        Format::Text => {
            let intake = &book.intake;
            let text = format!(
                "{}: {}; {} rows, {} used, {} set aside",
                intake.file, intake.format, intake.rows, intake.used, intake.set_aside
            );
            show::print(&text)?;
        }
    }
    show::rejects(&rejects, 20);
    Ok(ended(config.strict, &rejects))
}

/// Rejects are an error only under `--strict`.
pub fn ended(strict: bool, rejects: &RejectLog) -> Done {
    if strict && rejects.set_aside() > 0 { Done::WithRejects } else { Done::Whole }
}
