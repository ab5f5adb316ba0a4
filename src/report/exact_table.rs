//! Reads the table of exact figures, so that a report made from tables sets them beside the simulated ones.

use std::path::Path;

use crate::fault::{Failure, Fault};
use crate::input::Intake;
use crate::loss::exact::{EXACT, ExactFigure, WithError};
use crate::table::{Fields, RejectLog, Row, read_rows};

const PERSPECTIVES: [&str; 2] = ["ground_up", "gross"];
const KINDS: [&str; 6] =
    ["mean", "standard_deviation", "probability_of_no_loss", "aep", "aep_tvar", "probability_beyond_grid"];

/// The exact figures of a table, as `run` and `project` write it.
///
/// # Errors
/// When the file can't be read or lacks a required column.
pub fn read_exact(path: &Path, rejects: &mut RejectLog) -> Result<(Vec<ExactFigure>, Intake), Failure> {
    read_rows(path, &EXACT, rejects, figure)
}

fn figure(row: &Row) -> (Option<ExactFigure>, Vec<Fault>) {
    let mut fields = Fields::new(row, &EXACT);
    let perspective = word(&mut fields, "perspective", &PERSPECTIVES);
    let kind = word(&mut fields, "kind", &KINDS);
    let return_period = fields.number("return_period");
    let mut number = |column: &str| {
        fields.required(column);
        fields.number(column).unwrap_or(0.0)
    };
    let figure = WithError { value: number("value"), error: number("error") };
    fields.finish(ExactFigure { perspective, kind, return_period, figure })
}

/// The word of a cell among those that are known.
fn word(fields: &mut Fields, column: &str, known: &[&'static str]) -> &'static str {
    let text = fields.text(column);
    let found = known.iter().copied().find(|word| *word == text);
    if found.is_none() {
        fields.refuse(column, &format!("must be one of {}", known.join(", ")), "");
    }
    found.unwrap_or_default()
}
