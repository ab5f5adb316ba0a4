//! What a worker does with some insureds: walks, losses, policy terms, in columns over all of them.

use super::batch::{Batch, Run, prefetch};
use super::hit::{Loss, Settling, loss};
use super::plan::{Insured, Layer, Risk};
use super::scene::Scene;
use super::simulate::Claim;
use super::tally::{MOST, PAID, Tally, add_up};
use super::terms::first_claim::{FirstClaim, LARGEST, cents, pay};
use super::walk::{Stand, Walks};
use super::year::Amounts;
use super::yearly_paid::YearlyPaid;
use crate::money::Cents;
use crate::portfolio::CoverageTerms;
use crate::random::{Purpose, normal};

/// A worker's memory.
pub struct Desk<'a> {
    scene: &'a Scene<'a>,
    walks: Walks<'a>,
    batch: Batch,
    runs: Vec<Run>,
    guests: Vec<Guest>,
    /// By year of the slice, the last insured that was hit in it, by an even number of its own; one more after a second hit.
    visits: Vec<u16>,
    visitor: u16,
    /// Hits in years that hit the insured more than once.
    again: Vec<Hit>,
    /// What each layer pays of the hits of a run.
    paid: Vec<Vec<f64>>,
    by_layer: Vec<Cents>,
    /// Hits in the order of their occurrences.
    ordered: Vec<Hit>,
    first_claim: FirstClaim,
    settling: Settling,
    claims: Vec<Claim>,
    by_policy: Vec<(u32, Cents)>,
    /// What each layer pays and in which year.
    paid_in: Vec<Vec<(u32, Cents)>>,
    yearly: YearlyPaid,
}

/// An insured in the batch.
struct Guest {
    /// Its runs end here; they begin where those of the one before end.
    runs: usize,
    /// Likewise its hits in years with more than one.
    again: usize,
}

/// A hit by itself.
#[derive(Clone, Copy)]
struct Hit {
    /// Place of the occurrence in the calendar.
    at: u32,
    /// Which of the insured's risks.
    risk: u32,
    /// Uniform of its severity.
    u: f64,
}

/// Insureds whose risks and layers are on their way from memory while one is read.
const AHEAD: usize = 4;

/// Hits of a batch, or as many as the last insured's go beyond it.
const FULL: f64 = 400.0;

impl<'a> Desk<'a> {
    /// For tasks in this scene.
    pub fn new(scene: &'a Scene<'a>) -> Desk<'a> {
        Desk {
            scene,
            walks: Walks::new(scene.block, &scene.guide, &scene.moments),
            batch: Batch::default(),
            runs: Vec::new(),
            guests: Vec::new(),
            visits: vec![0; scene.years.len()],
            visitor: 0,
            again: Vec::new(),
            paid: Vec::new(),
            by_layer: Vec::new(),
            ordered: Vec::new(),
            first_claim: FirstClaim::default(),
            settling: Settling::new(scene.by_coverage),
            claims: Vec::new(),
            by_policy: Vec::new(),
            paid_in: Vec::new(),
            yearly: YearlyPaid::default(),
        }
    }

    /// Adds the losses of some insureds to a tally. Their walks go on from where they stand, risk by risk, or begin
    /// where that is not told.
    pub fn task(&mut self, number: usize, insureds: &[Insured], mut stands: &mut [Stand], tally: &mut Tally) {
        self.by_policy.reserve(insureds.len());
        let mut rest = insureds;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(self.walk(rest, &mut stands));
            self.fill(now);
            self.batch.quantiles();
            self.losses(now);
            self.settle(now, tally);
            rest = later;
        }
        tally.by_policy.push(std::mem::take(&mut self.by_policy));
        if self.scene.claims {
            tally.claims.push((number, std::mem::take(&mut self.claims)));
        }
        if self.scene.yearly {
            tally.yearly.push((number, std::mem::take(&mut self.yearly)));
        }
    }

    /// Walks with insureds until a batch is full; says with how many. Moves their walks' stands, and leaves the others'.
    fn walk(&mut self, insureds: &[Insured], stands: &mut &mut [Stand]) -> usize {
        self.walks.clear();
        let mut next = stands.iter();
        let mut walking = 0;
        for (at, insured) in insureds.iter().enumerate() {
            if let Some(later) = insureds.get(at + AHEAD) {
                prefetch(&later.risks);
                prefetch(&later.layers);
            }
            for risk in &insured.risks {
                let stand = next.next().copied().unwrap_or_default();
                self.walks.add(self.scene.path(risk), insured.key, risk.probability, stand);
            }
            walking += 1;
            if self.walks.expected >= FULL {
                break;
            }
        }
        self.walks.go();
        let kept = stands.len().min(self.walks.len());
        let (now, later) = std::mem::take(stands).split_at_mut(kept);
        now.iter_mut().zip(self.walks.stands()).for_each(|(stand, moved)| *stand = moved);
        *stands = later;
        walking
    }

    /// Fills the batch with the hits in the years that are wanted.
    fn fill(&mut self, insureds: &[Insured]) {
        self.batch.clear();
        self.runs.clear();
        self.guests.clear();
        self.again.clear();
        let mut walk = 0;
        for insured in insureds {
            let begin = self.runs.len();
            for (risk, number) in insured.risks.iter().zip(0..) {
                self.hits(risk, number, walk);
                walk += 1;
            }
            if has_annual_terms(insured) && self.some_year_hits_twice(begin) {
                self.take_out(begin);
            }
            self.guests.push(Guest { runs: self.runs.len(), again: self.again.len() });
        }
    }

    /// Keeps what a walk met.
    fn hits(&mut self, risk: &Risk, number: u32, walk: usize) {
        let (scene, met) = (self.scene, self.walks.met(walk));
        let hazard = scene.path(risk).hazard;
        let rate = |place: u32| scene.calendar.occurrences[place as usize].rate;
        let keeps = |place: u32, u: f64| hazard.keeps(risk.probability, rate(place), u);
        let hits = self.batch.fill(&met, hazard.sure, keeps);
        if hits > 0 {
            self.runs.push(self.batch.run(number, hits, scene.nowhere()));
        }
    }

    /// Whether a year hits the insured whose runs begin here more than once; then `visits` says which.
    fn some_year_hits_twice(&mut self, begin: usize) -> bool {
        let year = |at: &u32| self.scene.moment(*at).year();
        let runs = &self.runs[begin..];
        // The hits of one run are in the order of years, and those of one year no further apart than its occurrences.
        if let [run] = runs {
            let most = self.scene.most_in_a_year(self.batch.at[run.begin as usize]);
            let same = |a: &u32, b: &u32| b - a < most && year(a) == year(b);
            if self.batch.at[run.hits()].is_sorted_by(|a, b| !same(a, b)) {
                return false;
            }
        }
        self.visitor = self.visitor.checked_add(2).unwrap_or_else(|| {
            self.visits.fill(0);
            2
        });
        let mut twice = false;
        for at in runs.iter().flat_map(|run| &self.batch.at[run.hits()]) {
            let visit = &mut self.visits[(self.scene.moment(*at).year() - self.scene.years.start) as usize];
            let again = *visit >= self.visitor;
            twice |= again;
            *visit = self.visitor + u16::from(again);
        }
        twice
    }

    /// Takes the hits in years with more than one out of the insured's runs.
    fn take_out(&mut self, begin: usize) {
        for run in &self.runs[begin..] {
            for lane in run.hits() {
                let at = self.batch.at[lane];
                let year = self.scene.moment(at).year() - self.scene.years.start;
                if self.visits[year as usize] > self.visitor {
                    self.again.push(Hit { at, risk: run.risk, u: self.batch.u[lane] });
                    self.batch.take_out(lane, self.scene.nowhere());
                }
            }
        }
    }

    fn losses(&mut self, insureds: &[Insured]) {
        let mut first = 0;
        for (insured, guest) in insureds.iter().zip(&self.guests) {
            for run in &mut self.runs[first..guest.runs] {
                let scene = self.scene;
                self.batch.losses(run, &insured.risks[run.risk as usize], |place| scene.models(place));
            }
            first = guest.runs;
        }
    }

    /// Takes the hits through the insureds' policies.
    fn settle(&mut self, insureds: &[Insured], tally: &mut Tally) {
        let (mut first, mut again) = (0, 0);
        for (at, insured) in insureds.iter().enumerate() {
            let (runs, repeated) = (first..self.guests[at].runs, again..self.guests[at].again);
            (first, again) = (runs.end, repeated.end);
            if runs.is_empty() {
                continue;
            }
            if self.scene.yearly && self.paid_in.len() < insured.layers.len() {
                self.paid_in.resize(insured.layers.len(), Vec::new());
            }
            self.by_layer.clear();
            self.by_layer.resize(insured.layers.len(), Cents::ZERO);
            self.ordered.clear();
            self.ordered.extend_from_slice(&self.again[repeated]);
            if self.runs[runs.clone()].iter().all(|run| self.side_by_side(insured, run)) {
                runs.for_each(|run| self.together(insured, self.runs[run], tally));
            } else {
                for run in &self.runs[runs] {
                    let hit = |lane: usize| Hit { at: self.batch.at[lane], risk: run.risk, u: self.batch.u[lane] };
                    self.ordered.extend(run.hits().map(hit).filter(|hit| hit.at != self.scene.nowhere()));
                }
            }
            self.in_order(insured, tally);
            for (layer, paid) in insured.layers.iter().zip(&mut self.paid_in) {
                self.yearly.push(layer.policy, paid);
            }
            let paid = insured.layers.iter().zip(&self.by_layer).filter(|(_, sum)| **sum > Cents::ZERO);
            self.by_policy.extend(paid.map(|(layer, sum)| (layer.policy, *sum)));
        }
    }

    /// Whether a run's hits may go through the insured's policies without a look at each coverage. Of several policies that pay
    /// for several coverages each coverage has a loss of its own that they pay no more than.
    fn side_by_side(&self, insured: &Insured, run: &Run) -> bool {
        let peril = &self.scene.simulation.plan.perils[insured.risks[run.risk as usize].peril as usize];
        run.largest < LARGEST && !self.scene.by_coverage && (insured.layers.len() == 1 || peril.responding.len() <= 1)
    }

    /// Takes a run's hits, each of another year, through the insured's policies side by side.
    fn together(&mut self, insured: &Insured, run: Run, tally: &mut Tally) {
        let peril = &self.scene.simulation.plan.perils[insured.risks[run.risk as usize].peril as usize];
        let (losses, layers) = (&self.batch.loss[run.lanes()], insured.layers.len());
        if self.paid.len() < layers {
            self.paid.resize(layers, Vec::new());
        }
        for (layer, paid) in insured.layers.iter().zip(&mut self.paid) {
            paid.resize(losses.len().max(paid.len()), 0.0);
            self.first_claim.set(&layer.terms, &peril.responding);
            pay(&self.first_claim, losses, paid);
        }
        let most = tally.most + run.largest;
        if let [paid] = &self.paid[..layers]
            && !self.scene.claims
            && most.max(run.largest * f64::from(run.len)) < MOST
        {
            tally.most = most;
            self.by_layer[0] +=
                add_up(&self.batch.at[run.begin as usize..], run.len as usize, losses, paid, &mut tally.sums);
            if let Some(paid_in) = self.paid_in.first_mut() {
                let paid = self.batch.at[run.hits()].iter().zip(paid).filter(|(_, paid)| **paid > 0.0);
                paid_in.extend(paid.map(|(at, paid)| (self.scene.moment(*at).year(), cents(*paid))));
            }
            return;
        }
        for (lane, hit) in run.hits().enumerate() {
            if self.batch.at[hit] == self.scene.nowhere() {
                continue;
            }
            let total = cents(self.batch.loss[hit]);
            self.settling.settled(total, self.paid[..layers].iter().map(|paid| cents(paid[lane])));
            self.tell(insured, self.batch.at[hit], total, tally);
        }
    }

    /// Takes the ordered hits through the insured's policies, once they are in order.
    fn in_order(&mut self, insured: &Insured, tally: &mut Tally) {
        if self.ordered.is_empty() {
            return;
        }
        let scene = self.scene;
        self.ordered.sort_unstable_by_key(|hit| scene.calendar.ranks[hit.at as usize]);
        self.settling.begin(insured);
        for at in 0..self.ordered.len() {
            let hit = self.ordered[at];
            let occurrence = &scene.calendar.occurrences[hit.at as usize];
            let peril = &scene.simulation.plan.perils[occurrence.peril as usize];
            let loss = self.loss(insured, hit);
            self.settling.settle(insured, peril, occurrence, loss);
            self.tell(insured, hit.at, loss.total, tally);
        }
    }

    /// The loss of one hit by itself.
    fn loss(&self, insured: &Insured, hit: Hit) -> Loss {
        let (risk, occurrence) = (&insured.risks[hit.risk as usize], &self.scene.calendar.occurrences[hit.at as usize]);
        let uniform = (hit.u, normal::quantile(hit.u));
        loss(&risk.ground_up, occurrence, self.scene.models(hit.at), uniform, |second| {
            let draws = &self.scene.perils[risk.peril as usize].draws;
            draws.pair(Purpose::Standby, occurrence.year, occurrence.number, insured.key)[0] < second
        })
    }

    /// Adds what was settled last to the sums, and to the claims where they are wanted.
    fn tell(&mut self, insured: &Insured, at: u32, total: Cents, tally: &mut Tally) {
        tally.most += total.0 as f64;
        let sum = &mut tally.sums[at as usize];
        sum.counts += 1;
        sum.ground_up += total;
        for (gross, by_layer) in self.settling.gross().iter().zip(&mut self.by_layer) {
            sum.counts += if *gross > Cents::ZERO { PAID } else { 0 };
            sum.gross += *gross;
            *by_layer += *gross;
        }
        let paid = self.settling.gross().iter().zip(&mut self.paid_in).filter(|(gross, _)| **gross > Cents::ZERO);
        paid.for_each(|(gross, paid)| paid.push((self.scene.moment(at).year(), *gross)));
        if self.scene.claims {
            let occurrence = self.scene.calendar.ranks[at as usize];
            self.settling.rows(total, |place, coverage, ground_up, gross| {
                let amounts = Amounts { ground_up, gross, net: gross };
                self.claims.push(Claim { occurrence, policy: insured.layers[place].policy, coverage, amounts });
            });
        }
    }
}

/// Whether what a policy of the insured pays can depend on what it paid before in the year.
fn has_annual_terms(insured: &Insured) -> bool {
    insured.layers.iter().any(|Layer { terms, .. }| {
        let sublimit = |own: &CoverageTerms| own.annual_sublimit && own.sublimit != Cents::UNLIMITED;
        terms.aggregate != Cents::UNLIMITED
            || terms.retention_aggregate != Cents::UNLIMITED
            || terms.coverages.iter().any(sublimit)
    })
}

#[cfg(test)]
mod tests;
