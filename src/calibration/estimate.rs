//! Estimates with standard errors, as figures that the catalogue can use.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::Cells;
use super::objective::{Free, Maximum, Objective, anchor, logit};
use crate::catalogue::Basis;
use crate::fit::linear::{Matrix, add_outer, product as matrix_product};
use crate::inventory::{ProductModel, Values, likelihoods};
use crate::scan::observation::Kind;

/// Clusters below which domains are taken as independent of each other.
const CLUSTERS: usize = 10;

/// Share of its prior's standard deviation that an estimate must fall below to count as decided by data, and as decided in
/// part.
const DECIDED: [f64; 2] = [0.5, 0.9];

/// Rounds in which shares of levels and the other figures are estimated in turn.
const ROUNDS: usize = 4;

/// One figure's estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimated {
    /// Value.
    pub value: f64,
    /// Standard error.
    pub error: f64,
    /// What it rests on.
    pub basis: Basis,
}

/// What was estimated of one product.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The product's model with the estimates in place.
    pub model: ProductModel,
    /// Estimates of the free figures.
    pub figures: Vec<(Free, Estimated)>,
    /// Expected users among the domains.
    pub users: f64,
}

impl Fit {
    /// The estimate of one figure.
    pub fn figure(&self, which: Free) -> Option<Estimated> {
        self.figures.iter().find(|(own, _)| *own == which).map(|(_, e)| *e)
    }

    /// Prevalence: open, and behind a product in front.
    pub fn priors(&self) -> impl Iterator<Item = Estimated> {
        self.figures.iter().filter(|(which, _)| matches!(which, Free::Prior(_))).map(|(_, e)| *e)
    }

    /// For each item its name, sensitivity and false-positive rate.
    pub fn rates(&self) -> impl Iterator<Item = (&str, [Estimated; 2])> {
        let of = |item: usize, class: usize| {
            let held = &[&self.model.items[item].sensitivity, &self.model.items[item].false_positive][class];
            let held = Estimated {
                value: held.value,
                error: held.spread * held.value * (1.0 - held.value),
                basis: Basis::Assumed,
            };
            self.figure(Free::Rate(item, class)).or(self.figure(Free::Rate(item, 0)).map(|_| held))
        };
        let items = self.model.items.iter().enumerate();
        items.filter_map(move |(at, item)| Some((item.name.as_str(), [of(at, 0)?, of(at, 1)?])))
    }

    /// For each group of several items its name and dependence.
    pub fn dependences(&self) -> impl Iterator<Item = (&str, Estimated)> {
        self.figures.iter().filter_map(|(which, e)| match which {
            Free::Dependence(group) => Some((self.model.groups[*group].name.as_str(), *e)),
            _ => None,
        })
    }
}

/// Estimates a product's figures; nothing when they can't be told apart.
pub fn estimate(model: &ProductModel, cells: &Cells) -> Option<Fit> {
    if !cells.is_identifiable() {
        return None;
    }
    let catalogue = model;
    let mut model = catalogue.clone();
    let mut found: Option<Maximum> = None;
    for _ in 0..ROUNDS {
        let objective = Objective::new(&model, cells);
        found = best(&objective, found.as_ref());
        let values = objective.values(&found.as_ref()?.at);
        share_levels(&mut model, catalogue, cells, &values);
    }
    let maximum = found?;
    let objective = Objective::new(&model, cells);
    let values = objective.values(&maximum.at);
    if !is_of_users(&model, cells, &values) {
        return None;
    }
    let errors = robust(&objective, &maximum);
    // With more figures than shares of patterns that could be told apart, the prior of one decides the others.
    let enough = objective.free.len() <= shares_told(cells);
    let figure = |(at, which): (usize, &Free)| {
        let value = crate::inventory::probability(libm::exp(maximum.at[at]));
        let narrowed = (maximum.covariance[at][at] * objective.prior[at][1]).sqrt();
        let basis = match () {
            () if narrowed < DECIDED[0] && enough => Basis::Estimated,
            () if narrowed < DECIDED[1] => Basis::Partly,
            () => Basis::Assumed,
        };
        (*which, Estimated { value, error: errors[at] * value * (1.0 - value), basis })
    };
    let figures: Vec<(Free, Estimated)> = objective.free.iter().enumerate().map(figure).collect();
    let users =
        (0..cells.patterns.len()).map(|cell| cells.total(cell) * user_share(&model, cells, &values, cell)).sum();
    put(&mut model, &values);
    Some(Fit { model, figures, users })
}

/// How many shares of patterns a scan can tell: 2ⁿ − 1 of n items, open and behind a product in front.
fn shares_told(cells: &Cells) -> usize {
    let of = |behind: bool| {
        let own = cells.patterns.iter().filter(|pattern| pattern.behind == behind);
        let items: BTreeSet<u8> = own.flat_map(|pattern| pattern.said.iter().map(|said| said.item)).collect();
        (1usize << items.len().min(20)) - 1
    };
    of(false) + of(true)
}

/// Least share of its assumed sensitivity that the anchor must keep, and the MX records. Where it does not, the two classes
/// found are something else than users and others (customers of a hoster who names many senders, say).
const KEPT: f64 = 0.25;

fn is_of_users(model: &ProductModel, cells: &Cells, values: &Values) -> bool {
    let items = cells.items();
    let anchor = anchor(model, &items);
    let leads = items.iter().filter(|item| anchor == Some(**item) || model.items[**item].kind == Kind::Mx);
    leads.into_iter().all(|item| values.rates[*item][0] >= KEPT * model.items[*item].sensitivity.value)
}

/// The better of two climbs: from the catalogue's own figures, or from where the last one ended; and from a prevalence like
/// the share of domains that show anything.
fn best(objective: &Objective, last: Option<&Maximum>) -> Option<Maximum> {
    let centre: Vec<f64> = objective.prior.iter().map(|[centre, _]| *centre).collect();
    if let Some(last) = last {
        return objective.maximise(last.at.clone());
    }
    let cells = objective.cells;
    let share = |behind: bool| {
        let own = || (0..cells.patterns.len()).filter(|cell| cells.patterns[*cell].behind == behind);
        let all: f64 = own().map(|cell| cells.total(cell)).sum();
        let showing = |cell: &usize| cells.patterns[*cell].said.iter().any(|s| s.level.is_some());
        (own().filter(showing).map(|cell| cells.total(cell)).sum::<f64>() + 0.5) / (all + 1.0)
    };
    let mut other = centre.clone();
    for (x, which) in other.iter_mut().zip(&objective.free) {
        if let Free::Prior(stratum) = which {
            *x = logit(share(*stratum == 1));
        }
    }
    let climbs = [centre, other].into_iter().filter_map(|start| objective.maximise(start));
    climbs.reduce(|a, b| if b.value > a.value { b } else { a })
}

/// P(used | pattern).
fn user_share(model: &ProductModel, cells: &Cells, values: &Values, cell: usize) -> f64 {
    let pattern = &cells.patterns[cell];
    let [used, unused] = likelihoods(model, values, pattern);
    let prior = values.prior_of(pattern);
    prior * used / (prior * used + (1.0 - prior) * unused).max(1e-300)
}

/// Domains that "a level is as frequent among others as among users" weighs like. Assumption: a rare name, which few domains
/// show or none, is worth as much as the item, and what the few happen to be shall not make it speak against the product.
const LEVELS_WEIGH: f64 = 30.0;

/// Shares of the levels of each item among users and others: those of the domains that show them, given who is probably a
/// user; among users with half a domain as the catalogue has it, among others with some domains as users are.
fn share_levels(model: &mut ProductModel, catalogue: &ProductModel, cells: &Cells, values: &Values) {
    let mut sums: Vec<Vec<[f64; 2]>> = model.items.iter().map(|i| vec![[0.0; 2]; i.levels.len()]).collect();
    for (cell, pattern) in cells.patterns.iter().enumerate() {
        let (users, total) = (user_share(model, cells, values, cell), cells.total(cell));
        for said in &pattern.said {
            if let Some(level) = said.level {
                let own = &mut sums[said.item as usize][level as usize];
                own[0] += total * users;
                own[1] += total * (1.0 - users);
            }
        }
    }
    for item in cells.items() {
        let own = &mut model.items[item].levels;
        let total = [0, 1].map(|class| sums[item].iter().map(|s| s[class]).sum::<f64>());
        for ((level, sum), prior) in own.iter_mut().zip(&sums[item]).zip(&catalogue.items[item].levels) {
            let used = (sum[0] + 0.5 * prior[0]) / (total[0] + 0.5);
            *level = [used, (sum[1] + LEVELS_WEIGH * used) / (total[1] + LEVELS_WEIGH)];
        }
    }
}

/// Standard errors of the log odds that hold where domains of one cluster are alike and where the model is not quite right
/// (H. White, Econometrica 50, 1982; K.-Y. Liang, S. L. Zeger, Biometrika 73, 1986).
fn robust(objective: &Objective, maximum: &Maximum) -> Vec<f64> {
    let n = objective.free.len();
    let naive = || (0..n).map(|i| maximum.covariance[i][i].sqrt()).collect();
    let scores = objective.scores(&maximum.at);
    let mut by_cluster: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (score, counts) in scores.iter().zip(&objective.cells.counts) {
        for (cluster, count) in counts {
            let sum = by_cluster.entry(*cluster).or_insert_with(|| vec![0.0; n]);
            sum.iter_mut().zip(score).for_each(|(sum, s)| *sum += *count as f64 * s);
        }
    }
    if by_cluster.len() < CLUSTERS {
        return naive();
    }
    let mut middle: Matrix = vec![vec![0.0; n]; n];
    let correction = by_cluster.len() as f64 / (by_cluster.len() - 1) as f64;
    by_cluster.values().for_each(|sum| add_outer(&mut middle, sum, correction));
    (0..n).for_each(|i| middle[i][i] += objective.prior[i][1]);
    let sandwich = matrix_product(&matrix_product(&maximum.covariance, &middle), &maximum.covariance);
    let naive: Vec<f64> = naive();
    (0..n).map(|i| sandwich[i][i].sqrt().max(naive[i])).collect()
}

/// Puts values in the place of a model's own.
fn put(model: &mut ProductModel, values: &Values) {
    (model.prior.value, model.prior_behind.value) = (values.prior[0], values.prior[1]);
    for (item, [used, unused]) in model.items.iter_mut().zip(&values.rates) {
        (item.sensitivity.value, item.false_positive.value) = (*used, *unused);
    }
    for (group, dependence) in model.groups.iter_mut().zip(&values.dependence) {
        group.dependence.value = *dependence;
    }
}
