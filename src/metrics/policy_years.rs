//! Each policy's own yearly losses, in one pass over the simulation.

use rayon::prelude::*;

use super::Curve;
use crate::loss::Block;
use crate::money::Cents;

/// What each policy pays in each year, of a policy only the years in which it pays: memory follows the claims, 16 bytes each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyYears {
    /// By policy; years rise.
    policies: Vec<Vec<(u32, Cents)>>,
    years: usize,
}

impl PolicyYears {
    /// Nothing yet, for so many policies.
    pub fn new(policies: usize) -> PolicyYears {
        PolicyYears { policies: vec![Vec::new(); policies], years: 0 }
    }

    /// Adds the claims of a block of years, which is the next one. The simulation must keep claims.
    pub fn add(&mut self, block: &Block) {
        self.years += block.years.len();
        for claim in block.claims.iter().filter(|claim| claim.amounts.gross > Cents::ZERO) {
            let (year, gross) = (block.occurrences[claim.occurrence as usize].year, claim.amounts.gross);
            let own = &mut self.policies[claim.policy as usize];
            match own.last_mut() {
                Some((last, sum)) if *last == year => *sum += gross,
                _ => own.push((year, gross)),
            }
        }
    }

    /// The curve of a policy's yearly sums, over all years that were added.
    pub fn curve(&self, policy: usize) -> Curve {
        Curve::of_some(self.policies[policy].iter().map(|(_, gross)| *gross).collect(), self.years)
    }

    /// What `of` makes of each policy's curve, in the order of policies.
    pub fn each<T: Send>(&self, of: impl Fn(usize, Curve) -> T + Sync) -> Vec<T> {
        (0..self.policies.len()).into_par_iter().map(|policy| of(policy, self.curve(policy))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Amounts, Claim, Occurrence, YearLoss};

    fn block(years: std::ops::Range<u32>, claims: &[(u32, u32, i64)]) -> Block {
        let occurrence = |year| Occurrence { year, ..Occurrence::default() };
        let claim = |(at, (_, policy, units)): (usize, &(u32, u32, i64))| Claim {
            occurrence: at as u32,
            policy: *policy,
            coverage: None,
            amounts: Amounts { gross: Cents(units * 100), ..Amounts::default() },
        };
        Block {
            years: years.map(|year| YearLoss { year: year + 1, ..YearLoss::default() }).collect(),
            occurrences: claims.iter().map(|(year, _, _)| occurrence(*year)).collect(),
            claims: claims.iter().enumerate().map(claim).collect(),
            ..Block::default()
        }
    }

    /// By hand, over six years in two blocks: policy 0 pays 10 + 5 in year 1 and 7 in year 4, policy 1 pays 3 in year 5.
    #[test]
    fn each_policy_has_the_curve_of_its_own_yearly_sums() {
        let mut years = PolicyYears::new(3);
        years.add(&block(0..3, &[(1, 0, 10), (1, 1, 0), (1, 0, 5)]));
        years.add(&block(3..6, &[(4, 0, 7), (5, 1, 3)]));
        let dense = |units: [i64; 6]| Curve::new(&units.map(|x| Cents(x * 100)));
        let wanted = [dense([0, 15, 0, 0, 7, 0]), dense([0, 0, 0, 0, 0, 3]), dense([0; 6])];
        for (policy, wanted) in wanted.into_iter().enumerate() {
            let curve = years.curve(policy);
            assert_eq!(curve.years(), 6);
            let periods = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 7.0];
            assert_eq!(curve.points(&periods), wanted.points(&periods), "policy {policy}");
            assert_eq!(curve.mean().value, wanted.mean().value);
            assert_eq!(curve.probability_of_loss(), wanted.probability_of_loss());
            let (own, other) = (curve.standard_deviation(), wanted.standard_deviation());
            assert!((own.value - other.value).abs() < 1e-12, "policy {policy}: {own:?} {other:?}");
        }
    }
}
