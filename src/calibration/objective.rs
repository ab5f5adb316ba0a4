//! The log posterior of a product's figures given counted patterns, and its maximum.
//!
//! Two classes of domains, users and others, in shares π and 1 − π; within a class the patterns have the probabilities of
//! [`crate::inventory`]'s likelihood, dependence within groups included. (Latent-class analysis: P. F. Lazarsfeld, N. W.
//! Henry, 1968; of tests without a gold standard: S. L. Hui, S. D. Walter, Biometrics 36, 1980.) Figures are free on the
//! scale of log odds (but for the false-positive rate of one item, which says what "used" means), each with a normal prior around the catalogue's own value, which data override where they can tell
//! (L. Joseph, T. W. Gyorkos, L. Coupal, American Journal of Epidemiology 141, 1995).
//!
//! Maximised by scoring with the outer product of the cells' scores (E. R. Berndt, B. H. Hall, R. E. Hall, J. A. Hausman,
//! Annals of Economic and Social Measurement 3, 1974), steps halved until the posterior rises.

use super::cells::Cells;
use crate::fit::linear::{Matrix, add_outer, inverse, times};
use crate::inventory::{ProductModel, Values, likelihoods, probability};

/// Standard deviations of the priors of log odds, wide: what the catalogue assumes is a start. Assumptions.
const PREVALENCE: f64 = 2.0;
const SENSITIVITY: f64 = 1.0;
const FALSE_POSITIVE: f64 = 1.5;
const DEPENDENCE: f64 = 1.5;
/// A questionnaire's or a labeller's error rates are known better than a signal's.
const LABEL: f64 = 0.5;

/// Which figure a free parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Free {
    /// Prior: 0 open, 1 behind a product in front.
    Prior(usize),
    /// Item and class: 0 sensitivity, 1 false-positive rate.
    Rate(usize, usize),
    /// Group.
    Dependence(usize),
}

/// The posterior of one product's figures.
pub struct Objective<'a> {
    pub product: &'a ProductModel,
    pub cells: &'a Cells,
    /// Free parameters.
    pub free: Vec<Free>,
    /// Centre and precision of each one's prior.
    pub prior: Vec<[f64; 2]>,
}

/// A maximum.
#[derive(Clone, Debug)]
pub struct Maximum {
    /// Log odds of the free parameters.
    pub at: Vec<f64>,
    /// Log posterior.
    pub value: f64,
    /// Inverse of the information: covariance if the model is right and domains are independent.
    pub covariance: Matrix,
}

impl<'a> Objective<'a> {
    /// The posterior given these cells.
    pub fn new(product: &'a ProductModel, cells: &'a Cells) -> Objective<'a> {
        let items = cells.items();
        let strata = [false, true].map(|behind| cells.patterns.iter().any(|p| p.behind == behind));
        let mut free: Vec<Free> = (0..2).filter(|s| strata[*s]).map(Free::Prior).collect();
        let anchor = anchor(product, &items);
        let rates = items.iter().flat_map(|item| [Free::Rate(*item, 0), Free::Rate(*item, 1)]);
        free.extend(rates.filter(|rate| anchor.is_none_or(|anchor| *rate != Free::Rate(anchor, 1))));
        let members = |group: usize| items.iter().filter(|item| product.items[**item].group == group).count();
        free.extend((0..product.groups.len()).filter(|group| members(*group) > 1).map(Free::Dependence));
        let central = Values::central(product);
        let prior = free.iter().map(|which| {
            let sd = match which {
                Free::Prior(_) => PREVALENCE,
                Free::Rate(item, _) if product.items[*item].kind == crate::scan::observation::Kind::Declared => LABEL,
                Free::Rate(_, 0) => SENSITIVITY,
                Free::Rate(..) => FALSE_POSITIVE,
                Free::Dependence(_) => DEPENDENCE,
            };
            [logit(read(&central, *which)), 1.0 / (sd * sd)]
        });
        let prior = prior.collect();
        Objective { product, cells, free, prior }
    }

    /// The figures at these log odds.
    pub fn values(&self, at: &[f64]) -> Values {
        let mut values = Values::central(self.product);
        for (which, x) in self.free.iter().zip(at) {
            let p = probability(libm::exp(*x));
            match which {
                Free::Prior(stratum) => values.prior[*stratum] = p,
                Free::Rate(item, class) => values.rates[*item][*class] = p,
                Free::Dependence(group) => values.dependence[*group] = p,
            }
        }
        values
    }

    /// Log probability of each pattern.
    fn logs(&self, at: &[f64]) -> Vec<f64> {
        let values = self.values(at);
        let log = |pattern: &crate::inventory::Pattern| {
            let [used, unused] = likelihoods(self.product, &values, pattern);
            let prior = values.prior_of(pattern);
            libm::log((prior * used + (1.0 - prior) * unused).max(1e-300))
        };
        self.cells.patterns.iter().map(log).collect()
    }

    /// Log posterior, up to a constant.
    pub fn value(&self, at: &[f64]) -> f64 {
        let likelihood: f64 = self.logs(at).iter().enumerate().map(|(cell, log)| self.cells.total(cell) * log).sum();
        likelihood
            - self
                .prior
                .iter()
                .zip(at)
                .map(|([centre, precision], x)| precision * (x - centre).powi(2) / 2.0)
                .sum::<f64>()
    }

    /// For each pattern, the gradient of its log probability, by central differences.
    pub fn scores(&self, at: &[f64]) -> Matrix {
        const STEP: f64 = 1e-4;
        let slope = |which: usize| {
            let moved = |by: f64| {
                let mut moved = at.to_vec();
                moved[which] += by;
                self.logs(&moved)
            };
            let (up, down) = (moved(STEP), moved(-STEP));
            up.iter().zip(down).map(|(up, down)| (up - down) / (2.0 * STEP)).collect::<Vec<f64>>()
        };
        let slopes: Vec<Vec<f64>> = (0..at.len()).map(slope).collect();
        (0..self.cells.patterns.len()).map(|cell| slopes.iter().map(|s| s[cell]).collect()).collect()
    }

    /// Information: the outer product of scores, and the priors' precision.
    pub fn information(&self, scores: &Matrix) -> Matrix {
        let n = self.free.len();
        let mut all = vec![vec![0.0; n]; n];
        scores.iter().enumerate().for_each(|(cell, score)| add_outer(&mut all, score, self.cells.total(cell)));
        (0..n).for_each(|i| all[i][i] += self.prior[i][1]);
        all
    }

    /// Climbs from `start` to a maximum.
    pub fn maximise(&self, start: Vec<f64>) -> Option<Maximum> {
        let (mut at, mut value) = (start.clone(), self.value(&start));
        for _ in 0..1_000 {
            let scores = self.scores(&at);
            let mut gradient: Vec<f64> =
                self.prior.iter().zip(&at).map(|([centre, precision], x)| -precision * (x - centre)).collect();
            for (cell, score) in scores.iter().enumerate() {
                gradient.iter_mut().zip(score).for_each(|(g, s)| *g += self.cells.total(cell) * s);
            }
            let step = times(&inverse(&self.information(&scores))?, &gradient);
            let gain: f64 = step.iter().zip(&gradient).map(|(s, g)| s * g).sum();
            let longest = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
            let mut scale = (2.0 / longest.max(1e-12)).min(1.0);
            let next = loop {
                let moved: Vec<f64> = at.iter().zip(&step).map(|(x, s)| x + scale * s).collect();
                let reached = self.value(&moved);
                if reached >= value {
                    break Some((moved, reached));
                }
                scale /= 2.0;
                if scale < 1e-6 {
                    break None;
                }
            };
            let Some((moved, reached)) = next else { break };
            let done = reached - value < 1e-9 && gain < 1e-7;
            (at, value) = (moved, reached);
            if done {
                break;
            }
        }
        let covariance = inverse(&self.information(&self.scores(&at)))?;
        Some(Maximum { at, value, covariance })
    }
}

/// The item that says what "used" means: of those that can be estimated, the one with the greatest likelihood ratio in the
/// catalogue. Its false-positive rate is held, else the two classes could be any two sorts of domains.
pub fn anchor(product: &ProductModel, items: &[usize]) -> Option<usize> {
    let strength = |item: &usize| product.items[*item].sensitivity.value / product.items[*item].false_positive.value;
    items.iter().copied().max_by(|a, b| strength(a).total_cmp(&strength(b)))
}

/// Log odds.
pub fn logit(p: f64) -> f64 {
    libm::log(crate::inventory::odds(p.clamp(1e-9, 1.0 - 1e-9)))
}

/// The value of a figure.
pub fn read(values: &Values, which: Free) -> f64 {
    match which {
        Free::Prior(stratum) => values.prior[stratum],
        Free::Rate(item, class) => values.rates[item][class],
        Free::Dependence(group) => values.dependence[group],
    }
}
