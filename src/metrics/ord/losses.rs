//! SELT and SPLT: losses by event, and by period.

use jiff::civil::Date;

use crate::money::Cents;
use crate::table::{Cell, Column, Kind, Record, Table, column};

const EVENT: Column = column("EventId", Kind::Integer32, "", true, "Event; 0 where none is named");
const SUMMARY: Column = column("SummaryId", Kind::Integer32, "", true, "What the losses are summed over");
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
            "Occurrences of the event, counted from 1 in order of sample and period",
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
        column("Period", Kind::Integer32, "", true, "Simulated year"),
        column("PeriodWeight", Kind::Number, "", true, "Probability of the period: one over their number"),
        EVENT,
        column("Year", Kind::Integer32, "", false, "Of the occurrence"),
        column("Month", Kind::Integer32, "", false, "Of the occurrence"),
        column("Day", Kind::Integer32, "", false, "Of the occurrence"),
        column("Hour", Kind::Integer32, "", false, "Of the occurrence"),
        column("Minute", Kind::Integer32, "", false, "Of the occurrence"),
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
    /// Period.
    pub period: u32,
    /// PeriodWeight.
    pub weight: f64,
    /// EventId.
    pub event: u32,
    /// Day of the occurrence.
    pub date: Option<Date>,
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

fn whole(x: u32) -> Cell {
    Cell::Integer(x.into())
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
        let part = |part: fn(Date) -> i64| self.date.map_or(Cell::Null, |date| Cell::Integer(part(date)));
        let date = [part(|d| d.year().into()), part(|d| d.month().into()), part(|d| d.day().into())];
        [whole(self.period), Cell::Number(self.weight), whole(self.event)]
            .into_iter()
            .chain(date)
            .chain([Cell::Null, Cell::Null, whole(self.summary), whole(self.sample)])
            .chain([Cell::Money(self.loss), money(self.impacted)])
            .collect()
    }
}

impl Record for EventName {
    const TABLE: Table = ORD_EVENTS;

    fn cells(&self) -> Vec<Cell> {
        vec![whole(self.event), Cell::text(&self.name)]
    }
}
