//! The events that can happen in simulated years.

use indexmap::IndexMap;

use super::plan::Plan;
use crate::exposure::Exposure;
use crate::fault::Fault;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column, once};

/// An event of simulated years.
#[derive(Clone, Debug, PartialEq)]
pub struct YearEvent {
    /// Its id.
    pub event: String,
    /// Whose product it is.
    pub vendor: String,
    /// Mean number of occurrences in a year, as they were simulated.
    pub frequency: f64,
    /// Expected number of insureds in scope: the sum over insureds of the highest probability of their policies.
    pub in_scope: f64,
}

/// The table of the events of simulated years.
pub const YEAR_EVENTS: Table = Table {
    name: "events of simulated years",
    meaning: "Events that can happen in the simulated years, those that never did among them.",
    columns: &[
        column("event", Kind::Text, "", true, "Event"),
        column("vendor", Kind::Text, "", false, "Its vendor"),
        column("frequency", Kind::Number, "occurrences a year", true, "Mean number of occurrences"),
        column("in_scope", Kind::Number, "insureds", true, "Expected number of insureds in scope, each once"),
    ],
};

impl Record for YearEvent {
    const TABLE: Table = YEAR_EVENTS;

    fn cells(&self) -> Vec<Cell> {
        let numbers = [self.frequency, self.in_scope].map(Cell::Number);
        [Cell::text(&self.event), Cell::text(&self.vendor)].into_iter().chain(numbers).collect()
    }
}

impl YearEvent {
    /// Reads one row: the event when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<YearEvent>, Vec<Fault>) {
        let mut fields = Fields::new(row, &YEAR_EVENTS);
        let mut number = |column: &str| {
            fields.required(column);
            fields.number(column).unwrap_or(0.0)
        };
        let (frequency, in_scope) = (number("frequency"), number("in_scope"));
        let (event, vendor) = (fields.required("event"), fields.text("vendor").to_string());
        fields.finish(YearEvent { event, vendor, frequency, in_scope })
    }

    /// Reads the rows of a table of events, each event once.
    pub fn reader() -> impl Fn(&Row) -> (Option<YearEvent>, Vec<Fault>) {
        once("event", |row: &YearEvent| row.event.clone(), YearEvent::read)
    }

    /// The events of a plan over `exposures`, in its order.
    pub fn of(plan: &Plan, exposures: &[Exposure]) -> Vec<YearEvent> {
        let mut insureds: Vec<IndexMap<&str, f64>> = vec![IndexMap::new(); plan.perils.len()];
        for exposure in exposures {
            let own = plan.perils.iter().position(|peril| peril.id == exposure.event);
            // A table of one event need not name it.
            let Some(insureds) = insureds.get_mut(own.unwrap_or(0)) else { continue };
            let highest = insureds.entry(&exposure.insured_id).or_insert(0.0);
            *highest = highest.max(exposure.probability);
        }
        let of = |(peril, insureds): (&super::Peril, IndexMap<&str, f64>)| YearEvent {
            event: peril.id.clone(),
            vendor: peril.vendor.clone(),
            frequency: peril.frequency.map_or(0.0, |count| count.mean()),
            in_scope: insureds.values().sum::<f64>() + 0.0,
        };
        plan.perils.iter().zip(insureds).map(of).collect()
    }
}
