//! How sure the figures are that all insureds share: draws of priors, error rates and dependence.
//!
//! A figure is normal on the scale of log odds. Each is drawn by Latin hypercube sampling: its draws are the midpoints of
//! equal slices of the distribution, in an order of its own, which depends on nothing but the figure's name (M. D. McKay,
//! R. J. Beckman, W. J. Conover, Technometrics 21, 1979).

use xxhash_rust::xxh3::xxh3_64;

use super::likelihood::Values;
use super::model::ProductModel;
use crate::random::{normal, philox};

/// Draws of the shared figures.
pub const DRAWS: usize = 200;

/// Which figures vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vary {
    /// All.
    All,
    /// Error rates and dependence of signals.
    Rates,
    /// Priors: what is known of those that were not looked at.
    Priors,
}

/// Standard normal values of one figure, one a draw.
fn scores(name: &str) -> Vec<f64> {
    let hash = xxh3_64(name.as_bytes());
    let mut order: Vec<(u64, usize)> = (0..DRAWS).map(|at| (philox(hash, [at as u64, 0])[0], at)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| normal::quantile((at as f64 + 0.5) / DRAWS as f64)).collect()
}

/// The values of a product's figures in each draw.
pub fn draws(id: &str, product: &ProductModel, vary: Vary) -> Vec<Values> {
    let mut values = vec![Values::central(product); DRAWS];
    let mut vary_one = |name: String, set: &dyn Fn(&mut Values, f64)| {
        values.iter_mut().zip(scores(&format!("{id} {name}"))).for_each(|(values, z)| set(values, z));
    };
    if vary != Vary::Rates {
        vary_one("prevalence".into(), &|v, z| v.prior[0] = product.prior.at(z));
        vary_one("prevalence behind".into(), &|v, z| v.prior[1] = product.prior_behind.at(z));
    }
    if vary != Vary::Priors {
        for (at, item) in product.items.iter().enumerate() {
            vary_one(format!("sensitivity {}", item.name), &|v, z| v.rates[at][0] = item.sensitivity.at(z));
            vary_one(format!("false positive {}", item.name), &|v, z| v.rates[at][1] = item.false_positive.at(z));
        }
        for (at, group) in product.groups.iter().enumerate() {
            vary_one(format!("dependence {}", group.name), &|v, z| v.dependence[at] = group.dependence.at(z));
        }
    }
    values
}
