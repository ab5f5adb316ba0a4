//! What treaties take of the losses of one occurrence.
//!
//! Treaties of one inuring number see the same losses: what is left after all those with lower numbers. Of a treaty, with
//! xᵢ these losses and c the ceded share:
//!
//! ```text
//! risk r        Rᵣ = min((c · Σᵢ∈ᵣ xᵢ − risk attachment)⁺, risk limit)
//! occurrence    L  = min((Σᵣ Rᵣ − attachment)⁺, limit)
//! year          A  = min((Σ L so far − deductible)⁺ − (Σ L before − deductible)⁺, annual limit − paid before)
//! ceded         placed · A
//! ```
//!
//! The ceded amount goes back to risks in proportion to Rᵣ and within a risk in proportion to what was ceded of each loss,
//! to the cent. Several treaties of one number never take more of a loss than there is: the later takes what is left. What it
//! does not take it has not paid: its reinstatement premium and what is used of its year are of what it took.

use super::{Programme, Reach, Reinstatements, Treaty};
use crate::money::{Apportionment, Cents, Share};

/// What one treaty took of one occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cession {
    /// Position in the programme.
    pub treaty: usize,
    /// Losses in its scope that it saw.
    pub subject: Cents,
    /// Its loss from the occurrence after risk and occurrence terms, before annual ones (100 %).
    pub layer: Cents,
    /// What it pays: the placed share, after annual terms.
    pub ceded: Cents,
    /// Premium for reinstating what the occurrence used up (placed share).
    pub reinstatement_premium: Cents,
    /// Whether nothing is left of what the treaty pays in a year; where a year has no limit, of an occurrence.
    pub exhausted: bool,
}

/// What each treaty has used up of its annual terms.
#[derive(Clone, Debug, PartialEq)]
pub struct YearState {
    /// By treaty.
    used: Vec<Used>,
}

/// What one treaty has used up of its annual terms, at 100 %.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Used {
    /// Losses to the layer so far.
    losses: Cents,
    /// What it has paid of them.
    paid: Cents,
}

impl YearState {
    /// A year in which nothing has happened yet.
    pub fn new(programme: &Programme) -> YearState {
        YearState { used: vec![Used::default(); programme.treaties().len()] }
    }

    /// Begins the next year.
    pub fn begin(&mut self) {
        self.used.fill(Used::default());
    }
}

/// A loss that a treaty covers.
#[derive(Clone, Copy, Debug)]
struct Covered {
    /// Position of its risk among those that this occurrence met.
    rank: u32,
    /// Position in the occurrence.
    at: u32,
    /// The loss, as the treaty sees it.
    loss: Cents,
    /// Ceded share.
    share: Share,
}

/// A risk of this occurrence.
#[derive(Clone, Copy, Debug)]
struct Risk {
    /// Its number in the treaty's reach.
    number: u32,
    /// Its losses.
    losses: Cents,
    /// What is ceded of them, one by one.
    ceded: Cents,
    /// The share that is ceded of all of them, while it is the same: it is then taken of their sum, and rounded once.
    share: Option<Share>,
}

/// Memory held between occurrences: after the first few, none is allocated.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    before: Vec<Cents>,
    covered: Vec<Covered>,
    /// By risk of the treaty: its rank in this occurrence, plus one.
    ranks: Vec<u32>,
    met: Vec<Risk>,
    layers: Vec<Cents>,
    parts: Vec<Cents>,
    weights: Vec<Cents>,
    shares: Vec<Cents>,
    apportionment: Apportionment,
}

impl Workspace {
    /// Takes a programme through one occurrence. `subjects` and `gross` are its losses, each once, in a fixed order (cents
    /// that rounding leaves go to the first); `net` has their length and is written. One [`Cession`] for each treaty that
    /// covers a loss is added to `cessions`. The sum of `gross` must fit 63 bits.
    pub fn cede(
        &mut self,
        (programme, reaches): (&Programme, &[Reach]),
        year: &mut YearState,
        (subjects, gross): (&[u32], &[Cents]),
        net: &mut [Cents],
        cessions: &mut Vec<Cession>,
    ) {
        net.copy_from_slice(gross);
        let mut at = 0;
        for treaties in programme.treaties().chunk_by(|a, b| a.inuring == b.inuring) {
            self.before.clear();
            self.before.extend_from_slice(net);
            for treaty in treaties {
                let (reach, used) = (&reaches[at], &mut year.used[at]);
                if let Some(cession) = self.one(treaty, reach, used, subjects, net) {
                    cessions.push(Cession { treaty: at, ..cession });
                }
                at += 1;
            }
        }
    }

    fn one(
        &mut self,
        treaty: &Treaty,
        reach: &Reach,
        used: &mut Used,
        subjects: &[u32],
        net: &mut [Cents],
    ) -> Option<Cession> {
        let subject = self.gather(treaty, reach, subjects);
        if subject == Cents::ZERO {
            return None;
        }
        self.layers.clear();
        let ceded = |risk: &Risk| risk.share.map_or(risk.ceded, |share| share.of(risk.losses));
        self.layers.extend(self.met.iter().map(|risk| treaty.risk.of(ceded(risk))));
        let layer = treaty.occurrence.of(self.layers.iter().copied().sum());
        let above = |losses: Cents| losses.above(treaty.annual.attachment);
        let added = above(used.losses + layer) - above(used.losses);
        let due = added.min(treaty.annual.limit - used.paid);
        let asked = treaty.placed.of(due);
        let ceded = self.take(asked, net);
        let paid = if ceded == asked { due } else { Share::ratio(ceded, asked).unwrap_or(Share::NONE).of(due) };
        let premium = |r: &Reinstatements| r.premium_of(used.paid, paid, treaty.placed);
        let reinstatement_premium = treaty.reinstatements.as_ref().map_or(Cents::ZERO, premium);
        used.losses += layer;
        used.paid += paid;
        let exhausted = match (treaty.annual.limit, treaty.occurrence.limit) {
            (Cents::UNLIMITED, Cents::UNLIMITED) => false,
            (Cents::UNLIMITED, of_occurrence) => layer == of_occurrence && paid == due,
            (of_year, _) => used.paid == of_year,
        };
        Some(Cession { treaty: 0, subject, layer, ceded, reinstatement_premium, exhausted })
    }

    /// Sums the covered losses by risk, and gives the sum of all.
    fn gather(&mut self, treaty: &Treaty, reach: &Reach, subjects: &[u32]) -> Cents {
        self.covered.clear();
        self.met.clear();
        self.ranks.resize(self.ranks.len().max(reach.risks()), 0);
        let mut subject = Cents::ZERO;
        for (at, (number, loss)) in subjects.iter().zip(&self.before).enumerate() {
            let Some(risk) = reach.risk_of(*number).filter(|_| *loss > Cents::ZERO) else { continue };
            let share = reach.share(treaty, *number);
            let rank = &mut self.ranks[risk as usize];
            if *rank == 0 {
                self.met.push(Risk { number: risk, losses: Cents::ZERO, ceded: Cents::ZERO, share: Some(share) });
                *rank = self.met.len() as u32;
            }
            let met = &mut self.met[*rank as usize - 1];
            met.losses += *loss;
            met.ceded += share.of(*loss);
            met.share = met.share.filter(|same| *same == share);
            self.covered.push(Covered { rank: *rank - 1, at: at as u32, loss: *loss, share });
            subject += *loss;
        }
        self.met.iter().for_each(|risk| self.ranks[risk.number as usize] = 0);
        subject
    }

    /// Takes `ceded` from the losses in proportion, and gives what there was to take.
    fn take(&mut self, ceded: Cents, net: &mut [Cents]) -> Cents {
        if ceded == Cents::ZERO {
            return Cents::ZERO;
        }
        self.parts.clear();
        self.parts.resize(self.layers.len(), Cents::ZERO);
        self.apportionment.divide(ceded, &self.layers, &mut self.parts);
        if self.met.len() > 1 && self.met.len() < self.covered.len() {
            self.covered.sort_unstable_by_key(|c| (c.rank, c.at));
        }
        let mut taken = Cents::ZERO;
        for losses in self.covered.chunk_by(|a, b| a.rank == b.rank) {
            let (part, risk) = (self.parts[losses[0].rank as usize], self.met[losses[0].rank as usize]);
            let weight = |c: &Covered| if risk.share.is_some() { c.loss } else { c.share.of(c.loss) };
            self.weights.clear();
            self.weights.extend(losses.iter().map(weight));
            self.shares.clear();
            self.shares.resize(losses.len(), Cents::ZERO);
            self.apportionment.divide(part, &self.weights, &mut self.shares);
            for (loss, share) in losses.iter().zip(&self.shares) {
                let left = &mut net[loss.at as usize];
                let own = (*share).min(*left);
                *left = *left - own;
                taken += own;
            }
        }
        taken
    }
}
