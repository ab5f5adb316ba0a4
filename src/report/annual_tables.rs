//! Reads the tables of simulated years, so that a report made from tables tells of an average year too.

use std::path::{Path, PathBuf};

use super::annual::{AnnualEvent, AnnualFacts, OccurrenceSum};
use crate::catalogue::{Catalogue, Event};
use crate::exposure::Exposure;
use crate::fault::Failure;
use crate::incidents::SeverityModels;
use crate::input::Intake;
use crate::loss::{LOSSES, OCCURRENCES, OccurrenceLoss, YEAR_EVENTS, YearEvent, YearLoss, used_models};
use crate::metrics::read_treaty_losses;
use crate::money::Cents;
use crate::table::{Format, RejectLog, read_rows};

/// How far a frequency may be from that of the event's file by rounding alone.
const ROUNDING: f64 = 1e-9;

/// The tables of simulated years in a folder, as `run` with `annual_years` and `project --mode catalogue` write them.
pub struct AnnualTables {
    events: PathBuf,
    losses: PathBuf,
    occurrences: PathBuf,
    ceded: Option<PathBuf>,
}

/// What events rest on.
pub struct Known<'a> {
    /// The event that the report is about.
    pub event: &'a Event,
    /// The others.
    pub catalogue: &'a Catalogue,
    /// Policies in force.
    pub exposures: &'a [Exposure],
    /// Severities fitted to incidents, where the losses were simulated with them.
    pub models: Option<&'a SeverityModels>,
}

impl AnnualTables {
    /// Those of a folder; nothing where one that is needed is not there.
    pub fn find(dir: &Path) -> Option<AnnualTables> {
        let table = |name: &str| Format::find(dir, name);
        let (events, losses, occurrences) = (table("events")?, table("losses")?, table("occurrences")?);
        Some(AnnualTables { events, losses, occurrences, ceded: table("ceded") })
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.events, &self.losses, &self.occurrences].into_iter().chain(&self.ceded).map(PathBuf::as_path)
    }

    /// What they hold, and the account of each.
    ///
    /// # Errors
    /// When a table can't be read, an event is not known, or they are not of one simulation.
    pub fn read<'a>(
        &self,
        known: &Known<'a>,
        rejects: &mut RejectLog,
    ) -> Result<(AnnualFacts<'a>, Vec<Intake>), Failure> {
        let (rows, of_events) = read_rows(&self.events, &YEAR_EVENTS, rejects, YearEvent::reader())?;
        let (years, of_years) = read_rows(&self.losses, &LOSSES, rejects, YearLoss::reader())?;
        let (losses, of_occurrences) = read_rows(&self.occurrences, &OCCURRENCES, rejects, OccurrenceLoss::read)?;
        let of_event = |loss: &OccurrenceLoss| {
            let event = rows.iter().position(|row| *row.event == *loss.event)?;
            let (year, event) = (loss.year - 1, event as u32);
            ((year as usize) < years.len()).then_some(OccurrenceSum { year, event, amounts: loss.amounts })
        };
        let occurrences: Option<Vec<OccurrenceSum>> = losses.iter().map(of_event).collect();
        let sum: Cents = losses.iter().map(|loss| loss.amounts.gross).sum();
        let whole: Cents = years.iter().map(|year| year.sum.gross).sum();
        let occurrences = occurrences.filter(|_| sum == whole && !years.is_empty()).ok_or_else(|| {
            let files = [&self.events, &self.losses, &self.occurrences].map(|path| path.display().to_string());
            Failure::new(format!("{}: not tables of one simulation", files.join(", ")))
                .hint("give the folder of one run, or of one `project --mode catalogue`")
        })?;
        let treaties = self.ceded.as_deref().map(|path| read_treaty_losses(path, years.len() as u32, rejects));
        let (treaties, of_ceded) = treaties.transpose()?.unzip();
        let events = rows.iter().map(|row| self.event(row, known)).collect::<Result<_, Failure>>()?;
        let left_out = known.catalogue.events_of_a_year(known.event).1;
        let intakes = [of_events, of_years, of_occurrences].into_iter().chain(of_ceded).collect();
        Ok((AnnualFacts { events, left_out, years, occurrences, treaties }, intakes))
    }

    /// An event by its id; a frequency that was fitted takes the place of its file's.
    fn event<'a>(&self, row: &YearEvent, known: &Known<'a>) -> Result<AnnualEvent<'a>, Failure> {
        let own = (row.event == known.event.id).then_some(known.event);
        let mut event = own.or_else(|| known.catalogue.events.get(&row.event)).cloned().ok_or_else(|| {
            Failure::new(format!("{}: event \"{}\" is not known", self.events.display(), row.event))
                .hint("give the folder with its file: --data DIR")
        })?;
        let other = |mean: f64| (row.frequency - mean).abs() > ROUNDING * mean;
        if let Some(frequency) = event.frequency.as_mut().filter(|frequency| other(frequency.mean)) {
            frequency.mean = row.frequency;
            frequency.source = "fitted to incident statistics".into();
        }
        let fitted = used_models(&event, known.exposures, known.models);
        Ok(AnnualEvent { event, in_scope: row.in_scope, fitted })
    }
}
