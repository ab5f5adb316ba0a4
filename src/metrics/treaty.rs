//! What a treaty pays, what its reinstatements cost, and how often it is reached.

use serde::Serialize;

use super::estimate::{Estimate, Share};
use crate::money::Cents;

/// A treaty's simulated years: one entry a year in each.
#[derive(Clone, Copy, Debug)]
pub struct TreatyYears<'a> {
    /// Recovered in the year.
    pub recovered: &'a [Cents],
    /// Reinstatement premium due in the year.
    pub reinstatement_premium: &'a [Cents],
    /// Whether a loss reached it.
    pub attached: &'a [bool],
    /// Whether nothing of it is left at the end of the year.
    pub exhausted: &'a [bool],
}

/// Figures of a treaty, each with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TreatyFigures {
    /// Expected recovery a year, in currency units.
    pub ceded: Estimate,
    /// Expected reinstatement premium a year, in currency units.
    pub reinstatement_premium: Estimate,
    /// Expected recovery less reinstatement premium; the two move together, so that its error is not that of either.
    pub ceded_less_premium: Estimate,
    /// Probability of a year in which it pays.
    pub attaching: Share,
    /// Probability of a year in which it is used up.
    pub exhausting: Share,
}

/// The figures of a treaty's years.
pub fn treaty_figures(years: TreatyYears) -> TreatyFigures {
    let pairs = years.recovered.iter().zip(years.reinstatement_premium);
    let less: Vec<Cents> = pairs.map(|(recovered, premium)| *recovered - *premium).collect();
    TreatyFigures {
        ceded: Estimate::mean(years.recovered),
        reinstatement_premium: Estimate::mean(years.reinstatement_premium),
        ceded_less_premium: Estimate::mean(&less),
        attaching: Share::of(years.attached.iter().copied()),
        exhausting: Share::of(years.exhausted.iter().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 100 excess of 100 with one reinstatement at 50 of premium: years with no loss, 150, 250, 200 and 150.
    #[test]
    fn a_layer_over_four_years() {
        let figures = treaty_figures(TreatyYears {
            recovered: &[0, 5_000, 20_000, 10_000].map(Cents),
            reinstatement_premium: &[0, 2_500, 5_000, 5_000].map(Cents),
            attached: &[false, true, true, true],
            exhausted: &[false, false, true, false],
        });
        assert_eq!((figures.ceded.value, figures.reinstatement_premium.value), (87.5, 31.25));
        assert_eq!(figures.ceded_less_premium.value, 56.25);
        assert_eq!((figures.attaching.value, figures.exhausting.value), (0.75, 0.25));
        // Recovered 0, 50, 200, 100: squares about 87.5 add up to 21,875; √(21,875 ÷ 3 ÷ 4).
        assert!((figures.ceded.standard_error.unwrap() - (21_875.0f64 / 12.0).sqrt()).abs() < 1e-9);
        assert_eq!(figures.attaching.standard_error, Some((0.1875f64 / 4.0).sqrt()));
        // Less premium 0, 25, 150, 50: squares about 56.25 add up to 12,968.75.
        assert!((figures.ceded_less_premium.standard_error.unwrap() - (12_968.75f64 / 12.0).sqrt()).abs() < 1e-9);
    }
}
