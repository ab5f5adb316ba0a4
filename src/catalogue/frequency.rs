//! How often an event happens in a year.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Catalogue, Event};

/// Annual frequency of an event like this one.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// How the number of occurrences in a year is distributed.
    pub distribution: CountShape,
    /// Mean number of occurrences in a year.
    pub mean: f64,
    /// `negative_binomial`: variance of the number in a year, above the mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variance: Option<f64>,
    /// Where it comes from; `assumption` when no source supports it.
    pub source: String,
}

/// Families of a yearly count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountShape {
    /// Occurrences are independent of each other.
    Poisson,
    /// Occurrences cluster in years.
    NegativeBinomial,
}

/// The distribution of a yearly count, its parameters checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Count {
    /// With this mean.
    Poisson(f64),
    /// Size r and odds β: mean rβ, variance rβ(1 + β).
    NegativeBinomial {
        /// r.
        size: f64,
        /// β.
        odds: f64,
    },
}

/// Largest mean of a year: each occurrence is simulated, and an event that happens more often is attrition.
pub const LARGEST_MEAN: f64 = 100.0;

impl Frequency {
    /// The distribution, when its parameters make one.
    ///
    /// # Errors
    /// A sentence on what is missing or out of range.
    pub fn checked(&self) -> Result<Count, String> {
        if !(self.mean > 0.0 && self.mean <= LARGEST_MEAN) {
            return Err(format!("mean must lie above 0 and at most at {LARGEST_MEAN}"));
        }
        match (self.distribution, self.variance) {
            (CountShape::Poisson, None) => Ok(Count::Poisson(self.mean)),
            (CountShape::Poisson, Some(_)) => Err("a Poisson needs `mean`, and nothing else".into()),
            (CountShape::NegativeBinomial, Some(variance)) if variance > self.mean && variance <= 1e6 => {
                let odds = variance / self.mean - 1.0;
                Ok(Count::NegativeBinomial { size: self.mean / odds, odds })
            }
            (CountShape::NegativeBinomial, _) => {
                Err("a negative binomial needs `variance` above its `mean`, and at most 1e6".into())
            }
        }
    }
}

impl Count {
    /// Its mean.
    pub fn mean(self) -> f64 {
        match self {
            Count::Poisson(mean) => mean,
            Count::NegativeBinomial { size, odds } => size * odds,
        }
    }

    /// The count with `factor` times the mean, and the same variance over mean.
    pub fn times(self, factor: f64) -> Count {
        match self {
            Count::Poisson(mean) => Count::Poisson(mean * factor),
            Count::NegativeBinomial { size, odds } => Count::NegativeBinomial { size: size * factor, odds },
        }
    }

    /// The smallest n with P(N ≤ n) ≥ u, by adding up probabilities from P(0) on.
    ///
    /// p₀ = e^−λ, pₙ = pₙ₋₁·λ ÷ n; p₀ = (1 + β)^−r, pₙ = pₙ₋₁·(r + n − 1) ÷ n·β ÷ (1 + β) (Klugman, Panjer, Willmot: *Loss
    /// Models*, 4th ed., appendix B.2: the (a, b, 0) class).
    pub fn quantile(self, u: f64) -> u32 {
        self.quantiles()(u)
    }

    /// The same for many probabilities.
    pub fn quantiles(self) -> impl Fn(f64) -> u32 {
        let (none, a, b) = match self {
            Count::Poisson(mean) => (libm::exp(-mean), 0.0, mean),
            Count::NegativeBinomial { size, odds } => {
                let a = odds / (1.0 + odds);
                (libm::exp(-size * libm::log1p(odds)), a, (size - 1.0) * a)
            }
        };
        move |u| {
            let (mut n, mut sum, mut mass) = (0u32, none, none);
            while sum < u && n < MOST {
                n += 1;
                mass *= a + b / f64::from(n);
                sum += mass;
            }
            n
        }
    }
}

/// Occurrences of one event in one year that are never passed: far beyond what [`LARGEST_MEAN`] and its variance reach in
/// 10⁷ years, but for a negative binomial that is all variance.
const MOST: u32 = 10_000;

impl Catalogue {
    /// The events that can happen in a year, by id, `own` in the place of the catalogue's; and the titles of the others, which
    /// have no frequency.
    pub fn events_of_a_year(&self, own: &Event) -> (Vec<Event>, Vec<String>) {
        let others = self.events.values().filter(|event| event.id != own.id);
        let mut events: Vec<Event> = others.chain([own]).cloned().collect();
        events.sort_by(|a, b| a.id.cmp(&b.id));
        let (with, without): (Vec<Event>, Vec<Event>) = events.into_iter().partition(|event| event.frequency.is_some());
        (with, without.into_iter().map(|event| event.title).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frequency(distribution: CountShape, mean: f64, variance: Option<f64>) -> Frequency {
        Frequency { distribution, mean, variance, source: "assumption".into() }
    }

    /// By hand: Poisson(½) has e^−½ = 0.6065 at 0 and 0.9098 up to 1; a negative binomial of mean 1 and variance 2 is
    /// geometric: ½, ¾, ⅞.
    #[test]
    fn quantiles_add_up_probabilities() {
        let poisson = frequency(CountShape::Poisson, 0.5, None).checked().unwrap();
        assert_eq!([0.6, 0.61, 0.909, 0.91].map(|u| poisson.quantile(u)), [0, 1, 1, 2]);
        let geometric = frequency(CountShape::NegativeBinomial, 1.0, Some(2.0)).checked().unwrap();
        assert_eq!([0.49, 0.51, 0.74, 0.76, 0.87, 0.88].map(|u| geometric.quantile(u)), [0, 1, 1, 2, 2, 3]);
    }

    /// Mean and variance over an even grid of probabilities: both within 1 % of what was asked for.
    #[test]
    fn counts_have_their_mean_and_variance() {
        for (shape, mean, variance) in [
            (CountShape::Poisson, 0.02, 0.02),
            (CountShape::Poisson, 100.0, 100.0),
            (CountShape::NegativeBinomial, 0.3, 0.9),
            (CountShape::NegativeBinomial, 40.0, 400.0),
        ] {
            let given = (shape == CountShape::NegativeBinomial).then_some(variance);
            let count = frequency(shape, mean, given).checked().unwrap();
            let n = 200_000;
            let counts = (0..n).map(|i| f64::from(count.quantile((f64::from(i) + 0.5) / f64::from(n))));
            let (sum, squares) = counts.fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
            let (m, v) = (sum / f64::from(n), squares / f64::from(n) - (sum / f64::from(n)).powi(2));
            assert!((m / mean - 1.0).abs() < 0.01 && (v / variance - 1.0).abs() < 0.01, "{shape:?} {m} {v}");
            assert!((count.mean() / mean - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_no_frequency_is_refused() {
        for (shape, mean, variance) in [
            (CountShape::Poisson, 0.0, None),
            (CountShape::Poisson, 101.0, None),
            (CountShape::Poisson, f64::NAN, None),
            (CountShape::Poisson, 1.0, Some(1.0)),
            (CountShape::NegativeBinomial, 1.0, None),
            (CountShape::NegativeBinomial, 1.0, Some(1.0)),
            (CountShape::NegativeBinomial, 1.0, Some(f64::INFINITY)),
        ] {
            assert!(frequency(shape, mean, variance).checked().is_err(), "{shape:?} {mean} {variance:?}");
        }
    }
}
