//! What tasks add up.

use super::batch::prefetch;
use super::simulate::{Claim, Sum};
use super::terms::first_claim::cents;
use super::year::Amounts;
use super::yearly_paid::YearlyPaid;
use crate::money::Cents;
use crate::random::{LANES, widest};

/// What insureds' losses from an occurrence add up to before treaties, in as few bytes as can be: each hit fetches one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gross {
    /// What was lost.
    pub ground_up: Cents,
    /// What policies pay.
    pub gross: Cents,
    /// Insureds with a loss, and [`PAID`] times the policies that pay.
    pub counts: u64,
}

/// A policy that pays, in [`Gross::counts`].
pub const PAID: u64 = 1 << 32;

impl Gross {
    #[inline(always)]
    fn add(&mut self, ground_up: i64, gross: i64, counts: u64) {
        self.ground_up.0 += ground_up;
        self.gross.0 += gross;
        self.counts += counts;
    }

    /// As what remains without treaties.
    pub fn sum(&self) -> Sum {
        let Gross { ground_up, gross, counts } = *self;
        let amounts = Amounts { ground_up, gross, net: gross };
        Sum { hits: counts as u32, claims: (counts >> 32) as u32, amounts }
    }
}

/// Losses (cents) that come to less add up without a look at the largest number.
pub const MOST: f64 = (1u64 << 62) as f64;

/// The sum of an occurrence, as far as there is one.
#[inline(always)]
fn of(sums: &[Gross], at: u32) -> &[Gross] {
    sums.get(at as usize..at as usize + 1).unwrap_or_default()
}

/// Hits whose sums are on their way from memory while one is added.
const SOON: usize = 2 * LANES;

widest! {
    /// Adds so many losses in whole cents and what a policy pays of them to their occurrences' sums, which stay below [`MOST`]; gives
    /// what it pays of all. Occurrences after theirs are those of the next losses.
    pub fn add_up(at: &[u32], hits: usize, losses: &[f64], paid: &[f64], sums: &mut [Gross]) -> Cents {
        let (ahead, at) = (&at[SOON.min(at.len())..], &at[..hits]);
        let (mut all, (groups, rest)) = ([0; LANES], at.as_chunks::<LANES>());
        let columns = losses.as_chunks::<LANES>().0.iter().zip(paid.as_chunks::<LANES>().0);
        for ((losses, paid), (at, begin)) in columns.zip(groups.iter().zip((0..).step_by(LANES))) {
            let soon = ahead.get(begin..begin + LANES).unwrap_or_default();
            soon.iter().for_each(|soon| prefetch(of(sums, *soon)));
            let (mut ground_up, mut gross, mut counts) = ([0; LANES], [0; LANES], [0; LANES]);
            for lane in 0..LANES {
                (ground_up[lane], gross[lane]) = (cents(losses[lane]).0, cents(paid[lane]).0);
                counts[lane] = if gross[lane] > 0 { PAID + 1 } else { 1 };
                all[lane] += gross[lane];
            }
            for lane in 0..LANES {
                sums[at[lane] as usize].add(ground_up[lane], gross[lane], counts[lane]);
            }
        }
        let others = groups.len() * LANES;
        for (lane, at) in (others..).zip(rest) {
            if let Some(soon) = ahead.get(lane) {
                prefetch(of(sums, *soon));
            }
            let (ground_up, gross) = (cents(losses[lane]).0, cents(paid[lane]).0);
            all[0] += gross;
            sums[*at as usize].add(ground_up, gross, if gross > 0 { PAID + 1 } else { 1 });
        }
        Cents(all.iter().sum())
    }
}

/// Sums over insureds: whole cents, so that they do not depend on who came first.
pub struct Tally {
    /// By occurrence, and of none.
    pub sums: Vec<Gross>,
    /// No occurrence's losses (cents) come to more.
    pub most: f64,
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
        let sums = vec![Gross::default(); occurrences + 1];
        Tally { sums, most: 0.0, by_policy: Vec::new(), claims: Vec::new(), yearly: Vec::new() }
    }

    /// Both together.
    pub fn with(mut self, other: Tally) -> Tally {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            sum.counts += more.counts;
            sum.ground_up += more.ground_up;
            sum.gross += more.gross;
        }
        self.most += other.most;
        self.by_policy.extend(other.by_policy);
        self.claims.extend(other.claims);
        self.yearly.extend(other.yearly);
        self
    }
}
