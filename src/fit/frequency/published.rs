//! A negative binomial from published probabilities of at least one and at least two incidents in a year.
//!
//! With P(0) = (1 + β)⁻ʳ and P(1) = P(0)·r·β ÷ (1 + β), the ratio P(1) ÷ (−P(0)·ln P(0)) = β ÷ ((1 + β)·ln(1 + β)) falls from one to
//! nought as β rises from nought, so β follows by bisection and r = −ln P(0) ÷ ln(1 + β). Cyentia's table of incident
//! frequency (IRIS 2025) is made of such distributions: its third column follows from the first two.

use super::model::{CountFamily, Frequency};
use crate::fit::refusal::Refusal;

/// The count model of one policy-year with P(N ≥ 1) = `one` and P(N ≥ 2) = `two`.
///
/// # Errors
/// [`Refusal::Invalid`] unless 0 < `two` < `one` < 1; [`Refusal::Boundary`] where a second incident is rarer than a Poisson
/// process has it, which no negative binomial is.
pub fn from_probabilities(one: f64, two: f64) -> Result<Frequency, Refusal> {
    if !(one > 0.0 && one < 1.0) {
        let rule = "and must be between nought and one";
        return Err(Refusal::Invalid { row: 0, field: "P(at least one)", value: one, rule });
    }
    if !(two > 0.0 && two < one) {
        let rule = "and must be between nought and P(at least one)";
        return Err(Refusal::Invalid { row: 0, field: "P(at least two)", value: two, rule });
    }
    let (none, single) = (1.0 - one, one - two);
    let hazard = -libm::log1p(-one);
    let target = single / (none * hazard);
    if target >= 1.0 {
        return Err(Refusal::Boundary { towards: "fewer second incidents than a Poisson process has" });
    }
    let ratio = |beta: f64| beta / ((1.0 + beta) * libm::log1p(beta));
    let (mut low, mut high) = (libm::log(1e-12), libm::log(1e12));
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if ratio(libm::exp(middle)) > target { low = middle } else { high = middle }
    }
    let beta = libm::exp((low + high) / 2.0);
    let size = hazard / libm::log1p(beta);
    Ok(Frequency { family: CountFamily::NegativeBinomial, rate: size * beta, dispersion: beta })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cyentia Institute, *Information Risk Insights Study* (IRIS) 2025: probability of at least one, two and three incidents
    /// in a year, by revenue in US dollars: under 10M, 10M–100M, 100M–1B, 1B–10B, 10B–100B, over 100B.
    #[expect(clippy::approx_constant, reason = "published figures")]
    const IRIS_2025: [[f64; 3]; 6] = [
        [0.0748, 0.0083, 0.0010],
        [0.0838, 0.0125, 0.0021],
        [0.0999, 0.0194, 0.0043],
        [0.1513, 0.0454, 0.0156],
        [0.3126, 0.1244, 0.0529],
        [0.4343, 0.2045, 0.0989],
    ];

    fn printed(p: f64) -> i64 {
        (p * 1e4).round() as i64
    }

    /// The first two columns are rounded, each by up to 0.00005, which moves the third by up to 0.00008 (largest band). The
    /// fit to the figures as printed needs none of that room: rounded to four decimals it is the third column itself.
    #[test]
    fn a_negative_binomial_from_the_first_two_columns_gives_the_third_as_printed() {
        for [one, two, three] in IRIS_2025 {
            let model = from_probabilities(one, two).unwrap();
            assert!((model.at_least(1, 1.0) - one).abs() < 1e-12 && (model.at_least(2, 1.0) - two).abs() < 1e-12);
            assert_eq!(printed(model.at_least(3, 1.0)), printed(three), "{one} {two}");
        }
    }

    /// Nor does the Poisson with the first column give the second, whatever the first was before rounding.
    #[test]
    fn a_poisson_gives_neither_the_second_nor_the_third_column() {
        for [one, two, three] in IRIS_2025 {
            for before in [one - 5e-5, one, one + 5e-5] {
                let rate = -(1.0 - before).ln();
                let poisson = Frequency { family: CountFamily::Poisson, rate, dispersion: 0.0 };
                assert_ne!(printed(poisson.at_least(2, 1.0)), printed(two), "{one}");
                assert_ne!(printed(poisson.at_least(3, 1.0)), printed(three), "{one}");
            }
        }
    }

    #[test]
    fn what_no_negative_binomial_is_is_refused() {
        for (one, two, key) in
            [(0.1, 0.2, "invalid"), (1.0, 0.5, "invalid"), (0.1, 0.001, "boundary"), (f64::NAN, 0.1, "invalid")]
        {
            assert_eq!(from_probabilities(one, two).unwrap_err().key(), key, "{one} {two}");
        }
    }
}
