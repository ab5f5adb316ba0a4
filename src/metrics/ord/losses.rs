//! SELT and SPLT: losses by event, and by period.

use super::columns::{DAY, EVENT, HOUR, MINUTE, MONTH, PERIOD, Placed, SUMMARY, WEIGHT, YEAR, whole};
use crate::money::Cents;
use crate::table::{Cell, Column, Kind, Record, Table, column};

const LOSS: Column = column("Loss", Kind::Money, "currency of the losses", true, "Loss; rows without one are left out");
const IMPACTED: Column = column(
    "ImpactedExposure",
    Kind::Money,
    "currency of the losses",
    false,
    "Exposure with a loss; blank where not known",
);

/// The sample event loss table.
pub const SELT: Table = Table {
    name: "SELT",
    meaning: "Open Results Data: sample event loss table. Each occurrence of an event in the simulated years is a sample of its loss.",
    columns: &[
        EVENT,
        SUMMARY,
        column(
            "SampleId",
            Kind::Integer32,
            "",
            true,
            "(sample − 1) · occurrences of the event + place of the occurrence among them",
        ),
        LOSS,
        IMPACTED,
    ],
};

/// The sample period loss table.
pub const SPLT: Table = Table {
    name: "SPLT",
    meaning: "Open Results Data: sample period loss table.",
    columns: &[
        PERIOD,
        WEIGHT,
        EVENT,
        YEAR,
        MONTH,
        DAY,
        HOUR,
        MINUTE,
        SUMMARY,
        column("SampleId", Kind::Integer32, "", true, "Counted from 1"),
        LOSS,
        IMPACTED,
    ],
};

/// Which event a number stands for.
pub const ORD_EVENTS: Table = Table {
    name: "ORD events",
    meaning: "Which event an EventId stands for.",
    columns: &[EVENT, column("event", Kind::Text, "", true, "Its name")],
};

/// A row of the SELT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventLoss {
    /// EventId.
    pub event: u32,
    /// SummaryId.
    pub summary: u32,
    /// SampleId.
    pub sample: u32,
    /// Loss.
    pub loss: Cents,
    /// ImpactedExposure.
    pub impacted: Option<Cents>,
}

/// A row of the SPLT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodLoss {
    /// Period, PeriodWeight, EventId and calendar.
    pub placed: Placed,
    /// SummaryId.
    pub summary: u32,
    /// SampleId.
    pub sample: u32,
    /// Loss.
    pub loss: Cents,
    /// ImpactedExposure.
    pub impacted: Option<Cents>,
}

/// An event's number and name.
#[derive(Clone, Debug, PartialEq)]
pub struct EventName {
    /// EventId.
    pub event: u32,
    /// Name.
    pub name: String,
}

fn money(amount: Option<Cents>) -> Cell {
    amount.map_or(Cell::Null, Cell::Money)
}

impl Record for EventLoss {
    const TABLE: Table = SELT;

    fn cells(&self) -> Vec<Cell> {
        let ids = [self.event, self.summary, self.sample].map(whole);
        ids.into_iter().chain([Cell::Money(self.loss), money(self.impacted)]).collect()
    }
}

impl Record for PeriodLoss {
    const TABLE: Table = SPLT;

    fn cells(&self) -> Vec<Cell> {
        let ids = [whole(self.summary), whole(self.sample)];
        let amounts = [Cell::Money(self.loss), money(self.impacted)];
        self.placed.cells().into_iter().chain(ids).chain(amounts).collect()
    }
}

impl Record for EventName {
    const TABLE: Table = ORD_EVENTS;

    fn cells(&self) -> Vec<Cell> {
        vec![whole(self.event), Cell::text(&self.name)]
    }
}
