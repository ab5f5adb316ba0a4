//! The events that can happen in simulated years.

use indexmap::IndexMap;

use super::plan::{ByName, Peril, Plan};
use crate::exposure::Exposure;
use crate::fault::{Failure, Fault};
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
    ///
    /// # Errors
    /// When an exposure is of none of them.
    pub fn of(plan: &Plan, exposures: &[Exposure]) -> Result<Vec<YearEvent>, Failure> {
        let names = ByName::of(&plan.perils);
        let mut insureds: Vec<IndexMap<&str, f64>> = vec![IndexMap::new(); plan.perils.len()];
        for exposure in exposures {
            let highest = insureds[names.find(exposure)?].entry(&exposure.insured_id).or_insert(0.0);
            *highest = highest.max(exposure.probability);
        }
        let of = |(peril, insureds): (&Peril, IndexMap<&str, f64>)| YearEvent {
            event: peril.id.clone(),
            vendor: peril.vendor.clone(),
            frequency: peril.frequency.map_or(0.0, |count| count.mean()),
            in_scope: insureds.values().sum::<f64>() + 0.0,
        };
        Ok(plan.perils.iter().zip(insureds).map(of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Distribution;
    use crate::exposure::EXPOSURES;
    use crate::loss::Shock;

    fn peril(id: &str) -> Peril {
        let point = Distribution::Point(1.0);
        let shock = Shock { affected: point, hit: point, outage: None, level: 0.0 };
        Peril { id: id.into(), vendor: String::new(), key: 0, shock, frequency: None, responding: Vec::new() }
    }

    fn plan(ids: &[&str]) -> Plan {
        let perils = ids.iter().map(|id| peril(id)).collect();
        Plan { perils, insureds: Vec::new(), policies: Vec::new(), models: Vec::new() }
    }

    /// Insured, event and probability.
    fn exposure([insured, event, probability]: [&str; 3]) -> Exposure {
        let given = [
            ("policy_id", insured),
            ("insured_id", insured),
            ("event", event),
            ("probability", probability),
            ("tier", "possible"),
            ("currency", "USD"),
            ("limit", "1000"),
        ];
        let cells: Vec<String> = given.iter().map(|(_, cell)| cell.to_string()).collect();
        let at = |name: &str| given.iter().position(|(own, _)| *own == name);
        let columns: Vec<Option<usize>> = EXPOSURES.header().map(at).collect();
        let (exposure, faults) = Exposure::read(&Row::new(&cells, &columns));
        exposure.unwrap_or_else(|| panic!("{faults:?}"))
    }

    #[test]
    fn an_exposure_counts_for_the_event_that_it_names_and_for_no_other() {
        let rows = [["I", "a", "0.5"], ["I", "a", "0.25"], ["J", "a", "0.125"], ["I", "b", "1"]].map(exposure);
        let in_scope = |plan: &Plan, rows: &[Exposure]| {
            YearEvent::of(plan, rows).map(|events| events.iter().map(|event| event.in_scope).collect::<Vec<_>>())
        };
        assert_eq!(in_scope(&plan(&["b", "a", "c"]), &rows), Ok(vec![1.0, 0.625, 0.0]));
        let unknown = in_scope(&plan(&["a", "c"]), &rows).unwrap_err();
        assert!(unknown.message.contains("exposure to event \"b\", which is not simulated"), "{unknown}");
        let unnamed = [exposure(["I", "", "0.5"])];
        assert_eq!(in_scope(&plan(&["a"]), &unnamed), Ok(vec![0.5]), "a table of one event need not name it");
        assert!(in_scope(&plan(&["a", "b"]), &unnamed).is_err(), "one of several must");
    }
}
