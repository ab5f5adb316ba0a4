//! What each treaty pays, what it costs, and how often it is reached.

use serde::Serialize;

use crate::metrics::{Estimate, TreatyFigures, TreatyLosses};

/// One treaty; each figure with its standard error.
#[derive(Clone, Debug, Serialize)]
pub struct TreatyLine {
    /// Its name.
    pub treaty: String,
    /// Its place: lower numbers come first.
    pub inuring: u32,
    /// Its figures: of one occurrence of the event, or of a year.
    #[serde(flatten)]
    pub figures: TreatyFigures,
    /// Expected recovery over the expected gross loss; nothing where that is nought.
    pub share_of_gross: Option<f64>,
}

/// The lines of treaties, in inuring order; `gross` is the expected gross loss.
pub fn lines(treaties: &[TreatyLosses], gross: f64) -> Vec<TreatyLine> {
    let mut treaties: Vec<&TreatyLosses> = treaties.iter().collect();
    treaties.sort_by(|a, b| (a.inuring, &a.name).cmp(&(b.inuring, &b.name)));
    let line = |treaty: &TreatyLosses| {
        let figures = treaty.figures();
        let share_of_gross = (gross > 0.0).then(|| figures.ceded.value / gross);
        TreatyLine { treaty: treaty.name.clone(), inuring: treaty.inuring, figures, share_of_gross }
    };
    treaties.into_iter().map(line).collect()
}

/// What is still due for reinstating all of them together.
pub fn reinstatement(lines: &[TreatyLine]) -> f64 {
    let premium = |line: &TreatyLine| -> Estimate { line.figures.reinstatement_premium };
    lines.iter().map(|line| premium(line).value).sum::<f64>() + 0.0
}
