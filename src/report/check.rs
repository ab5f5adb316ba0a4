//! Simulation and exact computation side by side.

use serde::Serialize;

use crate::loss::exact::{ExactFigure, WithError};
use crate::metrics::{Curve, Estimate, Point};
use crate::money::Cents;

/// One figure of the gross loss, simulated and exact.
#[derive(Clone, Debug, Serialize)]
pub struct CheckLine {
    /// What it is.
    pub figure: String,
    /// Simulated.
    pub simulated: f64,
    /// Its standard error; of a quantile the width of its 95 % interval over 3.92.
    pub standard_error: Option<f64>,
    /// Exact.
    pub exact: f64,
    /// What grid and nodes may make of it.
    pub error: f64,
    /// Simulated less exact, in standard errors.
    pub difference: Option<f64>,
}

/// The check, or why there is none.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Why there is none.
    pub refused: Option<String>,
    /// Figures of the gross loss.
    pub lines: Vec<CheckLine>,
}

/// The check of simulated gross losses.
pub fn check(gross: &[Cents], exact: Result<&[ExactFigure], &str>) -> Check {
    match exact {
        Ok(exact) => Check { refused: None, lines: lines(&Curve::new(gross), exact) },
        Err(reason) => Check { refused: Some(reason.to_string()), lines: Vec::new() },
    }
}

/// A line of each figure that the table of exact figures has.
fn lines(curve: &Curve, exact: &[ExactFigure]) -> Vec<CheckLine> {
    let of = |kind: &str, period: Option<f64>| {
        let own = |f: &&ExactFigure| f.perspective == "gross" && f.kind == kind && f.return_period == period;
        exact.iter().find(own).map(|f| f.figure)
    };
    let some = of("probability_of_no_loss", None).map(|none| WithError { value: 1.0 - none.value, ..none });
    let mut lines: Vec<CheckLine> = [
        ("Probability of a loss", curve.probability_of_loss().estimate(), some),
        ("Mean", curve.mean(), of("mean", None)),
        ("Standard deviation", curve.standard_deviation(), of("standard_deviation", None)),
    ]
    .into_iter()
    .filter_map(|(figure, simulated, exact)| Some(line(figure, simulated, exact?)))
    .collect();
    for period in [20.0, 100.0, 200.0] {
        if let Some((point, exact)) = curve.at(period).zip(of("aep", Some(period))) {
            lines.push(line(&format!("1 in {period}"), quantile(&point), exact));
        }
    }
    let tail = curve.at(100.0).zip(of("aep_tvar", Some(100.0)));
    lines.extend(tail.map(|(point, exact)| line("TVaR 99", point.tail, exact)));
    lines
}

/// The interval of 95 % has a width of 3.92 standard errors.
fn quantile(point: &Point) -> Estimate {
    let error = point.high.map(|high| (high - point.low) / 3.92);
    Estimate { value: point.loss, standard_error: error }
}

fn line(figure: &str, simulated: Estimate, exact: WithError) -> CheckLine {
    let error = simulated.standard_error;
    CheckLine {
        figure: figure.to_string(),
        simulated: simulated.value,
        standard_error: error,
        exact: exact.value,
        error: exact.error,
        difference: error.filter(|error| *error > 0.0).map(|error| (simulated.value - exact.value) / error),
    }
}
