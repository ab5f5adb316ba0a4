//! Severity models: distribution function, quantile, limited expected value and mean of each family.
//!
//! Formulas of S. A. Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., 2012, appendix A; of the spliced model by
//! integrating its survival function, E min(X, x) = ∫₀ˣ S(t) dt.

use serde::Serialize;

use crate::fit::incomplete_gamma::{self, lower, upper};
use crate::fit::jet::Jet;
use crate::fit::special::{gamma, ln_normal_survival, normal_cdf};
use crate::random::normal;

/// A loss distribution; amounts in currency units, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum Severity {
    /// exp(μ + σ·Z).
    Lognormal {
        /// Logarithm of the median.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Gamma: mean shape × scale.
    Gamma {
        /// α.
        shape: f64,
        /// θ.
        scale: f64,
    },
    /// Weibull: S(x) = exp(−(x ÷ scale)^shape).
    Weibull {
        /// τ.
        shape: f64,
        /// θ.
        scale: f64,
    },
    /// Pareto of two parameters (type II, Lomax): S(x) = (1 + x ÷ scale)^(−shape).
    Pareto {
        /// α.
        shape: f64,
        /// θ.
        scale: f64,
    },
    /// Lognormal, truncated at the threshold, with weight `body_share`; above it a generalised Pareto.
    Spliced {
        /// μ of the body.
        mu: f64,
        /// σ of the body.
        sigma: f64,
        /// Where the tail begins, in currency units.
        threshold: f64,
        /// Probability of a loss at or below the threshold.
        body_share: f64,
        /// β, scale of excesses, in currency units.
        tail_scale: f64,
        /// ξ, shape of excesses: above nought a power law, 1 ÷ ξ its index.
        tail_shape: f64,
    },
}

impl Severity {
    /// P(X ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match *self {
            Severity::Lognormal { mu, sigma } => normal_cdf((libm::log(x) - mu) / sigma),
            Severity::Gamma { shape, scale } => lower(shape, x / scale),
            Severity::Spliced { mu, sigma, threshold, body_share, .. } if x <= threshold => {
                let cdf = |x: f64| ln_normal_survival(Jet::<0>::constant((mu - libm::log(x)) / sigma)).value;
                body_share * libm::exp(cdf(x) - cdf(threshold))
            }
            _ => 1.0 - self.survival(x),
        }
    }

    /// P(X > x), exact far out where 1 − P(X ≤ x) is not.
    pub fn survival(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 1.0;
        }
        match *self {
            Severity::Lognormal { mu, sigma } => normal_cdf((mu - libm::log(x)) / sigma),
            Severity::Gamma { shape, scale } => upper(shape, x / scale),
            Severity::Weibull { shape, scale } => libm::exp(-libm::pow(x / scale, shape)),
            Severity::Pareto { shape, scale } => libm::exp(-shape * libm::log1p(x / scale)),
            Severity::Spliced { threshold, body_share, tail_scale, tail_shape, .. } if x > threshold => {
                (1.0 - body_share) * pareto_survival((x - threshold) / tail_scale, tail_shape)
            }
            Severity::Spliced { .. } => 1.0 - self.cdf(x),
        }
    }

    /// The loss at probability `u` in (0, 1).
    pub fn quantile(&self, u: f64) -> f64 {
        match *self {
            Severity::Lognormal { mu, sigma } => libm::exp(mu + sigma * normal::quantile(u)),
            Severity::Gamma { shape, scale } => scale * incomplete_gamma::quantile(shape, u),
            Severity::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-u), 1.0 / shape),
            Severity::Pareto { shape, scale } => scale * libm::expm1(-libm::log1p(-u) / shape),
            Severity::Spliced { mu, sigma, threshold, body_share, tail_scale, tail_shape } => {
                if u <= body_share {
                    let below = normal_cdf((libm::log(threshold) - mu) / sigma);
                    let p = u / body_share * below;
                    // Where the body lies wholly above its threshold no probability is left to divide.
                    let z = if p > 0.0 { normal::quantile(p) } else { f64::NEG_INFINITY };
                    return libm::exp(mu + sigma * z).clamp(0.0, threshold);
                }
                let w = libm::log((1.0 - body_share) / (1.0 - u));
                threshold + tail_scale * expm1_over(tail_shape * w) * w
            }
        }
    }

    /// E min(X, limit): the mean of what a policy with this limit pays from the ground up.
    pub fn limited_expected_value(&self, limit: f64) -> f64 {
        if limit <= 0.0 {
            return 0.0;
        }
        if limit == f64::INFINITY {
            return self.mean().unwrap_or(f64::INFINITY);
        }
        match *self {
            Severity::Lognormal { mu, sigma } => {
                let z = (libm::log(limit) - mu) / sigma;
                let body = libm::exp(mu + sigma * sigma / 2.0 + ln_cdf(z - sigma));
                body + limit * normal_cdf(-z)
            }
            Severity::Gamma { shape, scale } => {
                shape * scale * lower(shape + 1.0, limit / scale) + limit * upper(shape, limit / scale)
            }
            Severity::Weibull { shape, scale } => {
                let power = libm::pow(limit / scale, shape);
                scale * gamma(1.0 + 1.0 / shape) * lower(1.0 + 1.0 / shape, power) + limit * libm::exp(-power)
            }
            Severity::Pareto { shape, scale } => pareto_limited(limit, scale / shape, 1.0 / shape),
            Severity::Spliced { mu, sigma, threshold, body_share, tail_scale, tail_shape } => {
                let at = limit.min(threshold);
                let body = Severity::Lognormal { mu, sigma };
                let below = normal_cdf((libm::log(threshold) - mu) / sigma);
                let body = at - body_share / below * (at - body.limited_expected_value(at));
                body + (1.0 - body_share) * pareto_limited((limit - threshold).max(0.0), tail_scale, tail_shape)
            }
        }
    }

    /// The mean; nothing where it is infinite.
    pub fn mean(&self) -> Option<f64> {
        let mean = match *self {
            Severity::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Severity::Gamma { shape, scale } => shape * scale,
            Severity::Weibull { shape, scale } => scale * gamma(1.0 + 1.0 / shape),
            Severity::Pareto { shape, scale } if shape > 1.0 => scale / (shape - 1.0),
            Severity::Spliced { threshold, body_share, tail_scale, tail_shape, .. } if tail_shape < 1.0 => {
                self.limited_expected_value(threshold) + (1.0 - body_share) * tail_scale / (1.0 - tail_shape)
            }
            Severity::Pareto { .. } | Severity::Spliced { .. } => return None,
        };
        mean.is_finite().then_some(mean)
    }

    /// The distribution of `factor`·X.
    pub fn scaled(&self, factor: f64) -> Severity {
        let ln = libm::log(factor);
        match *self {
            Severity::Lognormal { mu, sigma } => Severity::Lognormal { mu: mu + ln, sigma },
            Severity::Gamma { shape, scale } => Severity::Gamma { shape, scale: scale * factor },
            Severity::Weibull { shape, scale } => Severity::Weibull { shape, scale: scale * factor },
            Severity::Pareto { shape, scale } => Severity::Pareto { shape, scale: scale * factor },
            Severity::Spliced { mu, sigma, threshold, body_share, tail_scale, tail_shape } => Severity::Spliced {
                mu: mu + ln,
                sigma,
                threshold: threshold * factor,
                body_share,
                tail_scale: tail_scale * factor,
                tail_shape,
            },
        }
    }
}

fn ln_cdf(z: f64) -> f64 {
    ln_normal_survival(Jet::<0>::constant(-z)).value
}

/// (1 + ξ·w)^(−1/ξ); nought beyond the end that a shape below nought has.
fn pareto_survival(w: f64, xi: f64) -> f64 {
    if 1.0 + xi * w <= 0.0 {
        return 0.0;
    }
    libm::exp(-w * Jet::<0>::constant(xi * w).ln_1p_over().value)
}

/// ∫₀ˣ (1 + ξ·t ÷ β)^(−1/ξ) dt = β·ℓ·(e^((ξ − 1)·ℓ) − 1) ÷ ((ξ − 1)·ℓ), ℓ = ln(1 + ξx ÷ β) ÷ ξ.
fn pareto_limited(x: f64, beta: f64, xi: f64) -> f64 {
    let x = if xi < 0.0 { x.min(-beta / xi * (1.0 - 1e-15)) } else { x };
    let l = x / beta * Jet::<0>::constant(xi * x / beta).ln_1p_over().value;
    beta * l * expm1_over((xi - 1.0) * l)
}

/// (eˣ − 1) ÷ x, which is one at nought.
fn expm1_over(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 + x / 2.0 } else { libm::expm1(x) / x }
}
