//! Simulation and exact computation side by side.

use serde::Serialize;

use crate::loss::exact::{ExactLoss, WithError};
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
pub fn check(gross: &[Cents], exact: Result<&ExactLoss, &str>) -> Check {
    match exact {
        Ok(exact) => Check { refused: None, lines: lines(&Curve::new(gross), exact) },
        Err(reason) => Check { refused: Some(reason.to_string()), lines: Vec::new() },
    }
}

fn lines(curve: &Curve, exact: &ExactLoss) -> Vec<CheckLine> {
    let none = exact.probability_of_nothing();
    let some = WithError { value: 1.0 - none.value, ..none };
    let mut lines = vec![
        line("Probability of a loss", curve.probability_of_loss(), some),
        line("Mean", curve.mean(), exact.mean()),
        line("Standard deviation", curve.standard_deviation(), exact.standard_deviation()),
    ];
    for period in [20.0, 100.0, 200.0] {
        if let Some(point) = curve.at(period) {
            lines.push(line(&format!("1 in {period}"), quantile(&point), exact.at(period).0));
        }
    }
    lines.extend(curve.at(100.0).map(|point| line("TVaR 99", point.tail, exact.at(100.0).1)));
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
