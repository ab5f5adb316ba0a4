//! The worst years up to a return period, each with its weight in the tail mean.

use crate::money::Cents;

/// Parts of a year that return periods are told apart to.
const PARTS: i128 = 1_000_000;

/// Sums of weighted losses stay below this.
const MOST: i128 = 1 << 124;

/// What each rank weighs in the tail mean of a return period.
///
/// With N years, rank i has the return period N ÷ i. Let k ranks lie above the return period R; the loss at R lies between
/// ranks k and k + 1, at a = (R − N ÷ (k + 1)) ÷ (N ÷ k − N ÷ (k + 1)) = k·(R·(k + 1) − N) ÷ N of the way. The tail mean is
/// (x₁ + … + x_k + a·x_k + (1 − a)·x_{k+1}) ÷ (k + 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankWeights {
    /// k: ranks above the return period.
    pub above: usize,
    /// a = `part` ÷ `of`, in [0, 1).
    pub part: i128,
    /// Denominator of a.
    pub of: i128,
}

impl RankWeights {
    /// The weights at `return_period` years of `n`; nothing when it is longer than the simulation or below a year.
    pub fn at(n: usize, return_period: f64) -> Option<RankWeights> {
        if !(1.0..=9e15).contains(&return_period) {
            return None;
        }
        let (years, period) = (n as i128 * PARTS, (return_period * PARTS as f64).round() as i128);
        if years < period {
            return None;
        }
        let above = (years - 1) / period;
        let (part, of) = reduced(above * (period * (above + 1) - years), years);
        Some(RankWeights { above: above as usize, part, of })
    }

    /// The loss at the return period, of those of ranks k and k + 1; where the lower is nought, so is it.
    pub fn between(&self, higher: f64, lower: f64) -> f64 {
        if self.above == 0 || lower == 0.0 { lower } else { lower + (higher - lower) * self.share() }
    }

    /// a as a number.
    pub fn share(&self) -> f64 {
        self.part as f64 / self.of as f64
    }
}

/// The years of a tail, with exactly the weights that they have in the tail mean. Years of equal loss share theirs
/// equally, so that it does not matter which of them comes first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tail {
    /// The return period.
    pub return_period: f64,
    /// Years with their weights in units of 1 ÷ `unit`, worst first; years count from nought.
    pub years: Vec<(u32, i128)>,
    /// What a weight of one is.
    pub unit: i128,
    /// Sum of all weights: (k + 1) · `unit`.
    pub total: i128,
    /// Loss at the return period, in cents; nought where the tail reaches years without a loss.
    pub loss: f64,
}

impl Tail {
    /// k + 1: ranks that it is the mean of.
    pub fn size(&self) -> f64 {
        self.total as f64 / self.unit as f64
    }

    /// The tail of `yearly` losses at a return period; nothing when that is longer than the simulation.
    pub fn of(yearly: &[Cents], return_period: f64) -> Option<Tail> {
        let ranks = RankWeights::at(yearly.len(), return_period)?;
        let k = ranks.above;
        let mut years: Vec<u32> = (0..yearly.len() as u32).collect();
        let order = |year: &u32| (std::cmp::Reverse(yearly[*year as usize]), *year);
        years.select_nth_unstable_by_key(k, order);
        let last = yearly[years[k] as usize];
        let least = last.max(Cents(1));
        let mut worst: Vec<u32> = (0..yearly.len() as u32).filter(|year| yearly[*year as usize] >= least).collect();
        worst.sort_unstable_by_key(order);
        // Ranks up to k weigh one, rank k has a more, rank k + 1 what is left; where the loss there is nought, so is all.
        let mut ties = Vec::new();
        if last >= least {
            ties.push((equal(&worst, yearly, k), ranks.of - ranks.part));
            if k > 0 && yearly[worst[k - 1] as usize] == last {
                ties[0].1 = ranks.of;
            } else if k > 0 {
                ties.push((equal(&worst, yearly, k - 1), ranks.part));
            }
        }
        let sum: i128 = worst.iter().map(|year| i128::from(yearly[*year as usize].0)).sum();
        let finest = (MOST / sum.max(1)).min(1 << 90);
        let higher = k.checked_sub(1).and_then(|at| worst.get(at)).map_or(last, |year| yearly[*year as usize]);
        let loss = ranks.between(higher.0 as f64, last.0 as f64);
        Some(weigh(&worst, &ties, &ranks, finest, Tail { return_period, loss, ..Tail::default() }))
    }
}

/// Positions of the years that have the loss of the year at `rank`: from, to (exclusive).
fn equal(worst: &[u32], yearly: &[Cents], rank: usize) -> (usize, usize) {
    let loss = yearly[worst[rank] as usize];
    let from = worst.partition_point(|year| yearly[*year as usize] > loss);
    (from, worst.partition_point(|year| yearly[*year as usize] >= loss))
}

/// Gives each year its weight: one up to rank k, on average over years of equal loss, and a part of what `ties` bring. The
/// unit is their common denominator, or where sums of losses would not fit with it the `finest` that they fit with.
fn weigh(worst: &[u32], ties: &[((usize, usize), i128)], ranks: &RankWeights, finest: i128, tail: Tail) -> Tail {
    let (k, of) = (ranks.above, ranks.of);
    let share = |((from, to), extra): &((usize, usize), i128)| {
        let whole = k.clamp(*from, *to) - from;
        reduced(whole as i128 * of + extra, (to - from) as i128 * of)
    };
    let shares: Vec<(i128, i128)> = ties.iter().map(share).collect();
    let common = shares.iter().try_fold(1i128, |common, (_, of)| (common / gcd(common, *of)).checked_mul(*of));
    let unit = common.filter(|common| *common <= finest).unwrap_or(finest);
    let mut weights = vec![unit; worst.len()];
    for (((from, to), _), (part, of)) in ties.iter().zip(&shares) {
        weights[*from..*to].fill(scaled(unit, *part, *of));
    }
    let years = worst.iter().copied().zip(weights).collect();
    Tail { years, unit, total: (k as i128 + 1) * unit, ..tail }
}

/// `unit` · `part` ÷ `of`, rounded down, without the product of the three.
fn scaled(unit: i128, part: i128, of: i128) -> i128 {
    let (whole, rest) = (unit / of, unit % of);
    whole * part + rest.checked_mul(part).map_or_else(|| rest / of * part, |product| product / of)
}

fn reduced(part: i128, of: i128) -> (i128, i128) {
    let divisor = gcd(part, of).max(1);
    (part / divisor, of / divisor)
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(losses: &[i64]) -> Vec<Cents> {
        losses.iter().copied().map(Cents).collect()
    }

    /// By hand: ten years, once in four: ranks 1 and 2 have return periods 10 and 5, rank 3 has 3⅓; a = (4 − 3⅓) ÷ 1⅔ = 0.4.
    #[test]
    fn the_year_at_the_return_period_is_interpolated() {
        assert_eq!(RankWeights::at(10, 4.0), Some(RankWeights { above: 2, part: 2, of: 5 }));
        assert_eq!(RankWeights::at(10, 5.0), Some(RankWeights { above: 1, part: 0, of: 1 }));
        assert_eq!(RankWeights::at(10, 10.5), None);
        let tail = Tail::of(&cents(&[0, 7, 0, 9, 3, 0, 0, 0, 0, 0]), 4.0).unwrap();
        assert_eq!((tail.years, tail.unit, tail.total), (vec![(3, 5), (1, 7), (4, 3)], 5, 15));
    }

    /// Years 0, 2 and 3 have the same loss at ranks 2 to 4; ranks 2 and 3 weigh 1.4 and 0.6: two thirds each.
    #[test]
    fn years_of_equal_loss_share_their_weight() {
        let tail = Tail::of(&cents(&[7, 9, 7, 7, 3, 0, 0, 0, 0, 0]), 4.0).unwrap();
        assert_eq!((tail.years, tail.unit), (vec![(1, 3), (0, 2), (2, 2), (3, 2)], 3));
    }

    /// Two years of three without a loss, at a return period so short that all are in the tail: the year with a loss comes last.
    #[test]
    fn the_shortest_return_period_takes_all_years() {
        let tail = Tail::of(&[Cents(0), Cents(0), Cents(600)], 1.0).unwrap();
        assert_eq!(tail.years.iter().map(|(year, _)| *year).collect::<Vec<_>>(), [2]);
        assert_eq!((tail.years[0].1 * 3, tail.unit * 3), (tail.total, tail.total));
    }

    #[test]
    fn a_year_without_a_loss_weighs_nothing() {
        let tail = Tail::of(&cents(&[0, 9, 0, 7, 0, 0, 0, 0, 0, 0]), 4.0).unwrap();
        assert_eq!((tail.years, tail.total), (vec![(1, 1), (3, 1)], 3));
    }
}
