use super::*;
use crate::random::{Draws, Purpose, Stream};

mod functions;
mod hard;
mod simulated;

/// The models that simulations are from.
pub const LOGNORMAL: Severity = Severity::Lognormal { mu: 12.0, sigma: 1.6 };
pub const GAMMA: Severity = Severity::Gamma { shape: 0.7, scale: 4e5 };
pub const WEIBULL: Severity = Severity::Weibull { shape: 0.6, scale: 2e5 };
pub const PARETO: Severity = Severity::Pareto { shape: 1.6, scale: 2e5 };
pub const SPLICED: Severity =
    Severity::Spliced { mu: 11.5, sigma: 1.3, threshold: 4e5, body_share: 0.8, tail_scale: 3e5, tail_shape: 0.5 };

/// Losses as claims have them: under policies whose retentions cut away a tenth or three tenths of all losses, or none; whose
/// limits cut one loss in seven, one in twenty, or none. Losses below the retention are never heard of.
pub fn claims(model: &Severity, n: usize, stream: &mut Stream, elasticity: f64) -> Vec<Loss> {
    let retentions = [0.0, model.quantile(0.1), model.quantile(0.3)];
    let limits = [model.quantile(0.85), model.quantile(0.95), f64::INFINITY];
    let mut out = Vec::new();
    while out.len() < n {
        let policy = (9.0 * stream.uniform()) as usize;
        let revenue_ratio = if elasticity == 0.0 { 1.0 } else { libm::exp(4.0 * stream.uniform() - 2.0) };
        let amount = model.quantile(stream.uniform()) * libm::pow(revenue_ratio, elasticity);
        if amount > retentions[policy % 3] {
            let loss = Loss { revenue_ratio, ..Loss::known(amount) };
            out.push(loss.above(retentions[policy % 3]).capped(limits[policy / 3]));
        }
    }
    out
}

pub fn stream(trial: u32, family: u32) -> Stream {
    Draws::new(20).stream(Purpose::Bootstrap, trial, family)
}
