//! The rejects table.

use super::{Cell, Column, Kind, Record, Table};
use crate::fault::Reject;

/// A reject as a row of a table.
pub struct RejectRow<'a>(pub &'a Reject);

impl Record for RejectRow<'_> {
    const TABLE: Table = Table {
        name: "rejects",
        meaning: "What was set aside or noted, with its place and the rule it broke.",
        columns: &[
            Column { name: "file", kind: Kind::Text, unit: "", required: true, meaning: "File as it was named" },
            Column {
                name: "line",
                kind: Kind::Integer,
                unit: "",
                required: true,
                meaning: "Line, or row of a Parquet file, from 1",
            },
            Column {
                name: "column",
                kind: Kind::Text,
                unit: "",
                required: false,
                meaning: "Column or key; blank for the whole row",
            },
            Column { name: "value", kind: Kind::Text, unit: "", required: false, meaning: "Value seen" },
            Column { name: "rule", kind: Kind::Text, unit: "", required: true, meaning: "Rule that was broken" },
            Column {
                name: "outcome",
                kind: Kind::Text,
                unit: "",
                required: true,
                meaning: "set aside, or kept (the row is used)",
            },
            Column { name: "hint", kind: Kind::Text, unit: "", required: false, meaning: "A way out" },
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let Reject { file, line, fault } = self.0;
        vec![
            Cell::text(file),
            Cell::Integer(*line as i64),
            Cell::text(&fault.column),
            Cell::text(&fault.value),
            Cell::text(&fault.rule),
            Cell::text(fault.outcome.as_str()),
            Cell::text(&fault.hint),
        ]
    }
}
