//! What it costs to reinstate a limit that losses have used up.

use crate::money::{Cents, Share};

/// Reinstatements of a limit, pro rata as to amount and at 100 % as to time.
#[derive(Clone, Debug, PartialEq)]
pub struct Reinstatements {
    /// The limit that is reinstated.
    pub limit: Cents,
    /// The treaty's premium (100 %).
    pub premium: Cents,
    /// The charge for each reinstatement, in order, in billionths of the premium: 0 is free, 10⁹ is "at 100 %".
    pub charges: Vec<u64>,
}

/// Billionths in a whole.
const BILLION: i128 = 1_000_000_000;

impl Reinstatements {
    /// The most that the treaty pays in a year: the limit and each of its reinstatements.
    pub fn annual_limit(&self) -> Cents {
        let times = self.charges.len() as i64 + 1;
        Cents(self.limit.0.saturating_mul(times))
    }

    /// The premium due once `recovered` (100 %, above the annual deductible) has been paid in the year:
    /// Σₖ cₖ · P · min((recovered − (k − 1)·l)⁺, l) ÷ l for the reinstatements k = 1 … n of a limit l, to the cent.
    ///
    /// B. Sundt, *On excess of loss reinsurance with reinstatements*, Bulletin of the Swiss Association of Actuaries
    /// 1991, 51–66; A. J. Mata, *Pricing excess of loss reinsurance with reinstatements*, ASTIN Bulletin 30 (2000), 349–368.
    pub fn premium(&self, recovered: Cents) -> Cents {
        if self.limit <= Cents::ZERO || self.premium == Cents::ZERO {
            return Cents::ZERO;
        }
        let mut left = recovered;
        let mut due: i128 = 0;
        for charge in &self.charges {
            let reinstated = left.min(self.limit);
            left = left.above(self.limit);
            // Premium × amount fits 126 bits; the charge comes after the division's remainder is kept apart.
            let whole = i128::from(self.premium.0) * i128::from(reinstated.0);
            let (quotient, rest) = (whole / i128::from(self.limit.0), whole % i128::from(self.limit.0));
            let charge = i128::from(*charge);
            due += quotient * charge + rest * charge / i128::from(self.limit.0);
        }
        Cents(i64::try_from((due + BILLION / 2) / BILLION).unwrap_or(i64::MAX))
    }

    /// What a recovery of `more` after `before` costs, of which `placed` is the part that was placed.
    pub fn premium_of(&self, before: Cents, more: Cents, placed: Share) -> Cents {
        placed.of(self.premium(before + more)) - placed.of(self.premium(before))
    }
}
