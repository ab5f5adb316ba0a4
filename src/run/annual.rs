//! Simulated years over all events that are known, beside the one that a run is about.

use super::losses::{Place, Projected, simulated};
use super::manifest::OutputFile;
use super::output::OutputFolder;
use super::pipeline::{Seen, Settings};
use crate::catalogue::Event;
use crate::exposure::{Exposure, Scope, expose};
use crate::fault::Failure;
use crate::inventory::Entry;
use crate::loss::{Mode, Plan, Reinsurance, Simulation, YearEvent, used_models};
use crate::report::{AnnualEvent, AnnualFacts, OccurrenceSum};
use crate::table::Format;
use crate::treaty::Programme;

/// Where its tables go, within the folder of the run.
const FOLDER: &str = "annual/";

/// Simulates `years` years of all events with a frequency, through treaties where there are any, and writes the tables that
/// `project --mode catalogue` writes of the same exposures.
///
/// # Errors
/// When no event has a frequency, an event can't be evaluated, or the disk refuses a table.
pub(super) fn annual<'a>(
    settings: &'a Settings,
    seen: &Seen,
    programme: Option<&Programme>,
    folder: &OutputFolder,
    years: u32,
) -> Result<(AnnualFacts<'a>, Vec<OutputFile>), Failure> {
    let (events, left_out) = settings.catalogue.events_of_a_year(&settings.event);
    if events.is_empty() {
        return Err(Failure::new("annual_years: no event has a frequency, so none can happen in a year")
            .hint("give an event's file a [frequency] with distribution, mean and source"));
    }
    let (mut exposures, mut told) = (Vec::new(), Vec::new());
    for event in &events {
        let own = exposures_to(event, settings, seen)?;
        let fitted = used_models(event, &own, settings.models.as_ref());
        told.push(AnnualEvent { event: event.clone(), in_scope: 0.0, fitted });
        exposures.extend(own);
    }
    exposures.sort_by(|a: &Exposure, b| Exposure::order(a, b).then(a.event.cmp(&b.event)));
    let dollars = seen.book.rates.dollars()?;
    let plan = Plan::new(&events, &settings.catalogue, &exposures, dollars, settings.models.as_ref())?;
    for (told, row) in told.iter_mut().zip(YearEvent::of(&plan, &exposures)?) {
        told.in_scope = row.in_scope;
    }
    let reinsurance = programme.map(|programme| Reinsurance::new(programme, &plan, &exposures));
    let simulation = Simulation {
        plan: &plan,
        mode: Mode::Catalogue,
        years: 0..years,
        seed: settings.seed,
        parameters: settings.parameters,
        reinsurance: reinsurance.as_ref(),
        claims: false,
        yearly_by_policy: false,
    };
    let mut occurrences = Vec::new();
    let place = Place { folder, under: FOLDER, format: Format::Parquet };
    let Projected { projection, treaties, files, .. } = simulated(&place, &simulation, &exposures, &[], |block| {
        let sums = block.occurrences.iter().zip(&block.sums);
        occurrences.extend(sums.map(|(o, sum)| OccurrenceSum { year: o.year, event: o.peril, amounts: sum.amounts }));
    })?;
    Ok((AnnualFacts { events: told, left_out, years: projection.years, occurrences, treaties }, files))
}

/// Exposures to an event, on the day and by the evidence of the run; without the words that only people read.
fn exposures_to(event: &Event, settings: &Settings, seen: &Seen) -> Result<Vec<Exposure>, Failure> {
    let products = event.products();
    let mut entries: Vec<Entry> = seen.inventory.entries(&products);
    entries.extend(seen.answers.iter().filter(|entry| products.contains(entry.product.as_str())).cloned());
    let Settings { catalogue, as_of, .. } = settings;
    let scope = Scope { event, catalogue, as_of: *as_of, rates: &seen.book.rates };
    let (mut exposures, _) = expose(&scope, &seen.book.policies, &entries)?;
    for exposure in &mut exposures {
        (exposure.evidence, exposure.not_found) = (String::new(), String::new());
        (exposure.domains, exposure.shared_domains) = (Vec::new(), Vec::new());
    }
    Ok(exposures)
}
