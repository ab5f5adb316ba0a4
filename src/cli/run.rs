//! `run` and `demo`.

use std::path::Path;
use std::time::Instant;

use super::fit::Fit;
use super::progress::Progress;
use super::{Done, Format, RunConfig, inputs, show};
use crate::fault::Failure;
use crate::run::{OutputFolder, assemble, write_all};

/// From files to the report.
pub fn run(file: Option<&Path>, flags: RunConfig, dry_run: bool, format: Format) -> Result<Done, Failure> {
    let config = RunConfig::load(file, flags)?;
    if dry_run {
        return inputs::dry_run(config, format);
    }
    let started = Instant::now();
    let (settings, config) = config.resolve()?;
    let out = config.out.clone().unwrap_or_default();
    let folder = OutputFolder::open(&out, "run")?;
    let progress = Progress::start(settings.scans.len() + 6);
    let mut run = assemble(&settings, &folder, &|what| progress.say(what))?;
    if settings.strict && run.seen.rejects.set_aside() > 0 {
        drop(progress);
        show::rejects(&run.seen.rejects, 20);
        tell!(
            "error: rows were set aside, and --strict makes that an error: nothing was written\n  hint: without --strict, rejects.csv lists them all"
        );
        return Ok(Done::WithRejects);
    }
    progress.say("writing results");
    let configuration =
        serde_json::to_value(&config).map_err(|e| Failure::new(format!("cannot write the configuration: {e}")))?;
    write_all(folder, &settings, &mut run, configuration, started)?;
    drop(progress);
    show::rejects(&run.seen.rejects, 5);
    show::warnings(&run.warnings);
    if run.seen.exposures.is_empty() {
        tell!(
            "warning: no policy is in force on {}\n  hint: --as-of DATE asks what the event would do on another day",
            settings.as_of
        );
    }
    show::headline(&run.summary, &out.join("report.html").display().to_string(), format)?;
    Ok(Done::Whole)
}

/// Writes the demo's inputs, and runs the event over them.
pub fn demo(out: &Path, format: Format) -> Result<Done, Failure> {
    let written = crate::demo::write(out)?;
    let (incidents, years) = crate::demo::write_incidents(out)?;
    let models = out.join("fit");
    Fit::over(incidents, years, models.clone()).fitted()?;
    tell!("made claims and fitted them: {}", models.join("report.html").display());
    tell!("made a book and scans in {}; running {}", out.display(), written.run.display());
    run(Some(&written.run), RunConfig::default(), false, format)
}
