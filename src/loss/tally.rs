//! What tasks add up.

use super::simulate::{Claim, Sum};
use super::yearly_paid::YearlyPaid;
use crate::money::Cents;

/// Sums over insureds: whole cents, so that they do not depend on who came first.
pub struct Tally {
    /// By occurrence, and of none.
    pub sums: Vec<Sum>,
    /// Gross losses of policies, of each task.
    pub by_policy: Vec<Vec<(u32, Cents)>>,
    /// Claims by number of the task, each in the order of insureds.
    pub claims: Vec<(usize, Vec<Claim>)>,
    /// What policies pay in each year, by number of the task.
    pub yearly: Vec<(usize, YearlyPaid)>,
}

impl Tally {
    /// Nothing yet, for so many occurrences.
    pub fn new(occurrences: usize) -> Tally {
        let sums = vec![Sum::default(); occurrences + 1];
        Tally { sums, by_policy: Vec::new(), claims: Vec::new(), yearly: Vec::new() }
    }

    /// Both together.
    pub fn with(mut self, other: Tally) -> Tally {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            sum.hits += more.hits;
            sum.claims += more.claims;
            sum.amounts += more.amounts;
        }
        self.by_policy.extend(other.by_policy);
        self.claims.extend(other.claims);
        self.yearly.extend(other.yearly);
        self
    }
}
