//! Count models: Poisson and two negative binomials.

use serde::Serialize;

/// A family of count models; see [`crate::fit::frequency`] for which negative binomial is which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountFamily {
    /// Variance m.
    Poisson,
    /// Variance m·(1 + β): independent policy-years.
    NegativeBinomial,
    /// Variance m + α·m²: policy-years of a cell share a factor.
    SharedNegativeBinomial,
}

impl CountFamily {
    /// All of them.
    pub const ALL: [CountFamily; 3] =
        [CountFamily::Poisson, CountFamily::NegativeBinomial, CountFamily::SharedNegativeBinomial];

    /// The word for tables and options.
    pub fn as_str(self) -> &'static str {
        match self {
            CountFamily::Poisson => "poisson",
            CountFamily::NegativeBinomial => "negative_binomial",
            CountFamily::SharedNegativeBinomial => "shared_negative_binomial",
        }
    }

    /// The family of a word of [`CountFamily::as_str`].
    pub fn parse(word: &str) -> Option<CountFamily> {
        CountFamily::ALL.into_iter().find(|family| family.as_str() == word)
    }
}

/// A count model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Frequency {
    /// Family.
    pub family: CountFamily,
    /// λ: claims a policy-year.
    pub rate: f64,
    /// β or α; nought for the Poisson.
    pub dispersion: f64,
}

impl Frequency {
    /// Mean of the count in `exposure` policy-years.
    pub fn mean(&self, exposure: f64) -> f64 {
        self.rate * exposure
    }

    /// Variance of the count in `exposure` policy-years.
    pub fn variance(&self, exposure: f64) -> f64 {
        let mean = self.mean(exposure);
        match self.family {
            CountFamily::Poisson => mean,
            CountFamily::NegativeBinomial => mean * (1.0 + self.dispersion),
            CountFamily::SharedNegativeBinomial => mean + self.dispersion * mean * mean,
        }
    }

    /// Size r and odds β of the negative binomial of the count in `exposure` policy-years, P(n) = Γ(n + r) ÷ (Γ(r)·n!)·
    /// (β ÷ (1 + β))ⁿ·(1 + β)⁻ʳ; nothing where it is Poisson.
    pub fn size_and_odds(&self, exposure: f64) -> Option<(f64, f64)> {
        let mean = self.mean(exposure);
        match self.family {
            _ if self.dispersion <= 0.0 => None,
            CountFamily::Poisson => None,
            CountFamily::NegativeBinomial => Some((mean / self.dispersion, self.dispersion)),
            CountFamily::SharedNegativeBinomial => Some((1.0 / self.dispersion, self.dispersion * mean)),
        }
    }

    /// P(N ≥ n) in `exposure` policy-years, by summing P(0), P(1), … up to n − 1; n is small.
    pub fn at_least(&self, n: u32, exposure: f64) -> f64 {
        let mean = self.mean(exposure);
        let (first, ratio): (f64, Box<dyn Fn(f64) -> f64>) = match self.size_and_odds(exposure) {
            None => (libm::exp(-mean), Box::new(move |k| mean / (k + 1.0))),
            Some((size, odds)) => {
                let share = odds / (1.0 + odds);
                (libm::exp(-size * libm::log1p(odds)), Box::new(move |k| share * (size + k) / (k + 1.0)))
            }
        };
        let (mut below, mut term) = (0.0, first);
        for k in 0..n {
            below += term;
            term *= ratio(f64::from(k));
        }
        (1.0 - below).max(0.0)
    }
}
