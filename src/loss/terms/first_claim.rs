//! The first claim of a policy's year, for many losses side by side.
//!
//! The same rules as [`super::claim`], of which nothing has been used up yet. Amounts are whole cents as doubles, exact below
//! [`LARGEST`], so that each step is one vector operation for [`LANES`] losses.

use crate::money::Cents;
use crate::portfolio::{Coverage, CoverageTerms, Terms};
use crate::random::{LANES, widest};

/// Losses (cents) from here on are not worked out side by side.
pub const LARGEST: f64 = (1u64 << 51) as f64;
/// 1.5 · 2⁵²: adding it rounds to a whole number.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The nearest whole number of one not below zero and below [`LARGEST`], halves up.
#[inline(always)]
pub fn nearest(x: f64) -> f64 {
    let whole = (x + ROUND) - ROUND;
    whole + if x - whole == 0.5 { 1.0 } else { 0.0 }
}

/// A whole number of cents.
#[inline(always)]
pub fn cents(whole: f64) -> Cents {
    Cents((whole + ROUND).to_bits() as i64 - ROUND.to_bits() as i64)
}

/// An amount; one that no loss reaches may be rounded.
fn double(amount: Cents) -> f64 {
    if amount == Cents::UNLIMITED { f64::INFINITY } else { amount.0 as f64 }
}

#[inline(always)]
fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn above(a: f64, floor: f64) -> f64 {
    let rest = a - floor;
    if rest > 0.0 { rest } else { 0.0 }
}

/// The amount times a factor of at most 1.
#[inline(always)]
fn scale(amount: f64, factor: f64) -> f64 {
    least(nearest(amount * factor), amount)
}

/// A coverage whose own terms change its part of the loss.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// Where its part of the loss begins and ends.
    from: f64,
    to: f64,
    deductible: f64,
    franchise: bool,
    /// What coinsurance leaves.
    left: f64,
    sublimit: f64,
}

impl Part {
    /// Nothing where the terms change nothing.
    fn of(own: &CoverageTerms, from: f64, to: f64) -> Option<Part> {
        let left = 1.0 - own.coinsurance;
        let plain = own.covered && own.sublimit == Cents::UNLIMITED && own.deductible == Cents::ZERO && left == 1.0;
        let sublimit = if own.covered { double(own.sublimit) } else { 0.0 };
        let part = Part { from, to, deductible: double(own.deductible), franchise: own.franchise, left, sublimit };
        (!plain).then_some(part)
    }

    #[inline(always)]
    fn covered(&self, losses: &[f64; LANES]) -> [f64; LANES] {
        let mut covered = *losses;
        if self.franchise {
            covered.iter_mut().for_each(|x| *x = if *x > self.deductible { *x } else { 0.0 });
        } else {
            covered.iter_mut().for_each(|x| *x = above(*x, self.deductible));
        }
        if self.left < 1.0 {
            covered.iter_mut().for_each(|x| *x = scale(*x, self.left));
        }
        covered.iter_mut().for_each(|x| *x = least(*x, self.sublimit));
        covered
    }
}

/// One policy's terms on the losses of one event.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstClaim {
    parts: [Part; Coverage::COUNT],
    len: usize,
    retention: f64,
    /// Most retention of the year.
    most_retained: f64,
    retention_franchise: bool,
    policy_limit: f64,
    attachment: f64,
    limit: f64,
    share: f64,
}

impl FirstClaim {
    /// Takes a policy's `terms`, for losses that fall on these coverages in these shares, which add up to 1.
    #[inline(always)]
    pub fn set(&mut self, terms: &Terms, responding: &[(Coverage, f64)]) {
        self.len = 0;
        self.retention = double(terms.retention);
        self.most_retained = double(terms.retention.min(terms.retention_aggregate));
        self.retention_franchise = terms.retention_franchise;
        self.policy_limit = double(terms.policy_limit);
        self.attachment = double(terms.attachment);
        self.limit = double(terms.limit.min(terms.aggregate));
        self.share = terms.share;
        if responding.is_empty() {
            // Whose loss no coverage has is paid by none.
            self.parts[0] = Part { to: f64::INFINITY, left: 1.0, ..Part::default() };
            self.len = 1;
        }
        let mut share = 0.0;
        for (at, (coverage, weight)) in responding.iter().enumerate() {
            let from = share;
            share += weight;
            let to = if at + 1 == responding.len() { f64::INFINITY } else { share };
            if let Some(part) = Part::of(&terms.coverages[*coverage as usize], from, to) {
                self.parts[self.len] = part;
                self.len += 1;
            }
        }
    }

    /// What the coverages bring in together: those without terms of their own as what lies between the others.
    #[inline(always)]
    fn covered(&self, losses: &[f64; LANES]) -> [f64; LANES] {
        let (mut sum, mut before) = ([0.0; LANES], [0.0; LANES]);
        for part in &self.parts[..self.len] {
            let (from, to) = (edge(losses, part.from), edge(losses, part.to));
            let mut own = [0.0; LANES];
            for lane in 0..LANES {
                own[lane] = to[lane] - from[lane];
            }
            let own = part.covered(&own);
            for lane in 0..LANES {
                sum[lane] += (from[lane] - before[lane]) + own[lane];
            }
            before = to;
        }
        for lane in 0..LANES {
            sum[lane] += losses[lane] - before[lane];
        }
        sum
    }

    #[inline(always)]
    fn layer(&self, covered: [f64; LANES]) -> [f64; LANES] {
        let mut paid = [0.0; LANES];
        for lane in 0..LANES {
            paid[lane] = above(covered[lane], self.most_retained);
        }
        if self.retention_franchise {
            for lane in 0..LANES {
                paid[lane] = if covered[lane] > self.retention { covered[lane] } else { paid[lane] };
            }
        }
        for x in &mut paid {
            *x = least(above(least(*x, self.policy_limit), self.attachment), self.limit);
        }
        if self.share != 1.0 {
            paid.iter_mut().for_each(|x| *x = scale(*x, self.share));
        }
        paid
    }
}

widest! {
    /// What a policy pays of each loss (cents, whole, from 0 to below [`LARGEST`]), `LANES` at a time.
    pub fn pay(claim: &FirstClaim, losses: &[f64], paid: &mut [f64]) {
        for (losses, paid) in losses.as_chunks::<LANES>().0.iter().zip(paid.as_chunks_mut::<LANES>().0) {
            *paid = claim.layer(claim.covered(losses));
        }
    }
}

/// The running total of the loss up to this share of it, to the cent; all of it at infinity.
#[inline(always)]
fn edge(losses: &[f64; LANES], share: f64) -> [f64; LANES] {
    let mut edge = *losses;
    if share == 0.0 {
        return [0.0; LANES];
    }
    if share < 1.0 {
        edge.iter_mut().for_each(|x| *x = scale(*x, share));
    }
    edge
}
