//! Insureds of a large book whose claims or probabilities differ by little, taken together.

use std::collections::BTreeMap;

use super::conditional::{Cell, Claim};

/// How finely insureds are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grain {
    /// Cells of amounts within a doubling; each amount on its own without it.
    pub per_doubling: Option<f64>,
    /// Part of an amount by which a severity may bend in a stretch of probability.
    pub bend: f64,
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
        Claim { amounts, spread: false, cells: cells(&self.probabilities, grain) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EACH: Grain = Grain { per_doubling: None, bend: 0.01 };

    /// By hand: two insureds of a half and one of 0.02 are two cells; told apart by twelfths of themselves, 0.0200 and 0.0202 are one
    /// with their mean.
    #[test]
    fn a_cell_has_the_mean_of_its_probabilities() {
        let told = |probabilities: &[f64], grain| {
            cells(probabilities, grain).iter().map(|own| (own.probability, own.insureds)).collect::<Vec<_>>()
        };
        assert_eq!(told(&[0.5, 0.02, 0.5], EACH), [(0.02, 1), (0.5, 2)]);
        let near = told(&[0.0200, 0.0202], Grain { per_doubling: Some(16.0), ..EACH });
        assert!(near.len() == 1 && (near[0].0 - 0.0201).abs() < 1e-12 && near[0].1 == 2, "{near:?}");
    }

    /// By hand: hit with 0.2 and 0.6, alone 100 and 104, with a second provider 10 and 20, which stands in with a quarter and a half. Taken
    /// together they lose on average what they lose apart: 0.2·(75 + 2.5) + 0.6·(52 + 10) = 52.7.
    #[test]
    fn insureds_taken_together_keep_their_mean() {
        let two = [(0.2, 100.0, 10.0, 0.25), (0.6, 104.0, 20.0, 0.5)];
        let mut gathered = Gathered::default();
        let mut apart = 0.0;
        for (p, alone, helped, second) in two {
            let own = Two { alone, helped, second };
            apart += p * own.mean(1);
            gathered.add(p, own);
        }
        let claim = gathered.claim(EACH);
        assert!((apart - 52.7).abs() < 1e-12, "{apart}");
        assert!((0.8 * claim.mean(|x| x) - 52.7).abs() < 1e-12, "{claim:?}");
        assert_eq!(claim.cells.iter().map(|cell| cell.insureds).sum::<u64>(), 2);
    }
}
