//! Insureds of a large book whose claims or probabilities differ by little, taken together.

use std::collections::BTreeMap;

use super::conditional::{Cell, Claim};

/// How finely insureds are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grain {
    /// Cells of amounts within a doubling; each amount on its own without it.
    pub per_doubling: Option<f64>,
    /// Strata of each halving of a severity's upper tail.
    pub strata: usize,
}

/// The number of an amount's cell.
pub fn cell(x: f64, per_doubling: Option<f64>) -> i64 {
    match per_doubling {
        Some(_) if x <= 0.0 => i64::MIN,
        Some(per) => (libm::log2(x) * per).floor() as i64,
        None => x.to_bits() as i64,
    }
}

/// Probabilities in cells: from an eighth on of a sixty-fourth (coarser, a thirty-second), below it of a twelfth of themselves.
pub fn cells(probabilities: &[f64], grain: Grain) -> Vec<Cell> {
    let mut sums: BTreeMap<i64, (f64, u64)> = BTreeMap::new();
    for p in probabilities {
        let cell = match grain.per_doubling {
            Some(per) if *p >= 0.125 => (*p * (4.0 * per).max(32.0)) as i64,
            own => cell(*p, own.map(|_| 8.0)),
        };
        let (sum, count) = sums.entry(cell).or_default();
        *sum += p;
        *count += 1;
    }
    let one = |(sum, insureds): (f64, u64)| Cell { probability: (sum / insureds as f64).min(1.0), insureds };
    sums.into_values().map(one).collect()
}

/// What an insured claims of an outage: alone, or with a second provider that stands in with probability `second`.
#[derive(Clone, Copy)]
pub struct Two {
    /// Without a second provider.
    pub alone: f64,
    /// With one.
    pub helped: f64,
    /// Probability that it stands in.
    pub second: f64,
}

impl Two {
    /// E Xᵏ.
    pub fn mean(&self, power: i32) -> f64 {
        (1.0 - self.second) * self.alone.powi(power) + self.second * self.helped.powi(power)
    }

    /// Its cell.
    pub fn key(&self, grain: Grain) -> (i64, i64, i64) {
        let second = cell(self.second, grain.per_doubling.map(|_| 32.0));
        (cell(self.alone, grain.per_doubling), cell(self.helped, grain.per_doubling), second)
    }
}

/// Insureds whose claims are near each other.
#[derive(Default)]
pub struct Gathered {
    alone: f64,
    helped: f64,
    weight: f64,
    second: f64,
    probabilities: Vec<f64>,
}

impl Gathered {
    /// One more.
    pub fn add(&mut self, p: f64, two: Two) {
        self.alone += p * (1.0 - two.second) * two.alone;
        self.helped += p * two.second * two.helped;
        self.weight += p;
        self.second += p * two.second;
        self.probabilities.push(p);
    }

    /// All of them with one claim, whose mean is that of theirs.
    pub fn claim(self, grain: Grain) -> Claim {
        let second = self.second / self.weight;
        let alone = self.weight - self.second;
        let mut amounts = Vec::new();
        if alone > 0.0 {
            amounts.push((self.alone / alone, 1.0 - second));
        }
        if self.second > 0.0 {
            amounts.push((self.helped / self.second, second));
        }
        Claim { amounts, cells: cells(&self.probabilities, grain) }
    }
}
