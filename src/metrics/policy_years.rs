//! Each policy's own yearly losses, in one pass over the simulation.

use std::ops::Range;

use rayon::prelude::*;

use super::Curve;
use crate::loss::Block;
use crate::money::Cents;

/// What each policy pays in each year: memory follows the years in which it pays, 8 bytes each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyYears {
    /// By policy, the sums of years in which it pays.
    policies: Vec<Vec<Cents>>,
    years: usize,
}

impl PolicyYears {
    /// Nothing yet, for so many policies.
    pub fn new(policies: usize) -> PolicyYears {
        PolicyYears { policies: vec![Vec::new(); policies], years: 0 }
    }

    /// Adds a block of years. The simulation must keep yearly sums by policy.
    pub fn add(&mut self, block: &Block) {
        self.years += block.years.len();
        for (policy, sums) in block.yearly.iter().flat_map(|yearly| yearly.iter()) {
            self.policies[policy as usize].extend_from_slice(sums);
        }
    }

    /// Policies.
    pub fn policies(&self) -> usize {
        self.policies.len()
    }

    /// The curve of a policy's yearly sums, over all years that were added.
    pub fn curve(&self, policy: usize) -> Curve {
        Curve::of_some(self.policies[policy].clone(), self.years)
    }

    /// What `of` makes of each of these policies' curves, in the order of policies.
    pub fn each<T: Send>(&self, policies: Range<usize>, of: impl Fn(usize, Curve) -> T + Sync) -> Vec<T> {
        policies.into_par_iter().map(|policy| of(policy, self.curve(policy))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{YearLoss, YearlyPaid};

    fn block(years: std::ops::Range<u32>, paid: &[(u32, &[(u32, i64)])]) -> Block {
        let mut yearly = YearlyPaid::default();
        for (policy, paid) in paid {
            yearly.push(*policy, &mut paid.iter().map(|(year, units)| (*year, Cents(units * 100))).collect());
        }
        let years = years.map(|year| YearLoss { year: year + 1, ..YearLoss::default() }).collect();
        Block { years, yearly: vec![yearly], ..Block::default() }
    }

    /// By hand, over six years in two blocks: policy 0 pays 10 + 5 in year 1 and 7 in year 4, policy 1 pays 3 in year 5.
    #[test]
    fn each_policy_has_the_curve_of_its_own_yearly_sums() {
        let mut years = PolicyYears::new(3);
        years.add(&block(0..3, &[(0, &[(1, 10), (1, 5)])]));
        years.add(&block(3..6, &[(0, &[(4, 7)]), (1, &[(5, 3)])]));
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
