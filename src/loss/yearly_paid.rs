//! What policies pay in the years in which they pay.

use crate::money::Cents;

/// Of some policies, each one's yearly sums beside each other: 8 bytes a year in which it pays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct YearlyPaid {
    /// Position of the policy in the plan, and in how many years it pays.
    policies: Vec<(u32, u32)>,
    sums: Vec<Cents>,
}

impl YearlyPaid {
    /// Adds a policy by what it pays and in which year; forgets that.
    pub fn push(&mut self, policy: u32, paid: &mut Vec<(u32, Cents)>) {
        if !paid.is_sorted_by_key(|(year, _)| *year) {
            paid.sort_unstable_by_key(|(year, _)| *year);
        }
        let before = self.sums.len();
        let mut last = None;
        for (year, amount) in paid.drain(..) {
            match self.sums.last_mut() {
                Some(sum) if last == Some(year) => *sum += amount,
                _ => self.sums.push(amount),
            }
            last = Some(year);
        }
        if self.sums.len() > before {
            self.policies.push((policy, (self.sums.len() - before) as u32));
        }
    }

    /// Each policy with its yearly sums.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[Cents])> {
        let mut rest = &self.sums[..];
        self.policies.iter().map(move |(policy, years)| {
            let (own, others) = rest.split_at(*years as usize);
            rest = others;
            (*policy, own)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: policy 7 pays 5 in year 3 and 1 + 2 in year 1; policy 8 nothing; policy 9 pays 4 in year 3.
    #[test]
    fn what_is_paid_in_one_year_is_one_sum() {
        let (mut paid, amount) = (YearlyPaid::default(), |(year, cents)| (year, Cents(cents)));
        paid.push(7, &mut [(3, 5), (1, 1), (1, 2)].map(amount).to_vec());
        paid.push(8, &mut Vec::new());
        paid.push(9, &mut [(3, 4)].map(amount).to_vec());
        let all: Vec<(u32, Vec<Cents>)> = paid.iter().map(|(policy, sums)| (policy, sums.to_vec())).collect();
        assert_eq!(all, [(7, vec![Cents(3), Cents(5)]), (9, vec![Cents(4)])]);
    }
}
