//! What a fit says of its parameters: value, standard error, interval, and the criteria by which fits are compared.

use serde::Serialize;

use super::covariance::{cholesky, packed};
use super::linear::Matrix;
use crate::random::{Stream, normal};

/// z of a two-sided 90 % interval.
pub const Z_90: f64 = 1.644_853_626_951_472_7;

/// How an unconstrained parameter becomes the one that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// As it is.
    Identity,
    /// eˣ: parameters above nought.
    Log,
    /// 1 ÷ (1 + e⁻ˣ): shares.
    Logit,
}

impl Link {
    /// The parameter that people read.
    pub fn natural(self, x: f64) -> f64 {
        match self {
            Link::Identity => x,
            Link::Log => libm::exp(x),
            Link::Logit => 1.0 / (1.0 + libm::exp(-x)),
        }
    }

    /// Its derivative.
    fn slope(self, x: f64) -> f64 {
        let y = self.natural(x);
        match self {
            Link::Identity => 1.0,
            Link::Log => y,
            Link::Logit => y * (1.0 - y),
        }
    }
}

/// One parameter as people read it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name in the field.
    pub name: &'static str,
    /// Maximum-likelihood estimate.
    pub value: f64,
    /// Standard error by the delta method.
    pub standard_error: f64,
    /// Lower end of the 90 % interval: normal on the unconstrained scale, then transformed, so never outside the range.
    pub low: f64,
    /// Upper end of the 90 % interval.
    pub high: f64,
}

impl Parameter {
    /// From the estimate and variance on the unconstrained scale.
    pub fn new(name: &'static str, link: Link, at: f64, variance: f64) -> Parameter {
        let error = variance.max(0.0).sqrt();
        let end = |z: f64| link.natural(at + z * error).clamp(f64::MIN, f64::MAX);
        let standard_error = (link.slope(at) * error).min(f64::MAX);
        Parameter { name, value: link.natural(at), standard_error, low: end(-Z_90), high: end(Z_90) }
    }
}

/// Criteria by which fits to the same records are compared: less is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Criteria {
    /// Maximum of the log-likelihood.
    pub log_likelihood: f64,
    /// Free parameters.
    pub parameters: usize,
    /// Akaike: −2·L + 2·k (H. Akaike, IEEE Transactions on Automatic Control 19, 1974).
    pub aic: f64,
    /// Akaike's with the correction for small samples, + 2·k·(k + 1) ÷ (n − k − 1) (C. M. Hurvich, C.-L. Tsai, Biometrika 76,
    /// 1989); nothing when n ≤ k + 1.
    pub aicc: Option<f64>,
    /// Schwarz: −2·L + k·ln n (G. Schwarz, Annals of Statistics 6, 1978).
    pub bic: f64,
}

impl Criteria {
    /// Of a fit with `k` parameters to `n` records.
    pub fn new(log_likelihood: f64, k: usize, n: f64) -> Criteria {
        let (free, aic) = (k as f64, -2.0 * log_likelihood + 2.0 * k as f64);
        let rest = n - free - 1.0;
        let aicc = (rest > 0.0).then(|| aic + 2.0 * free * (free + 1.0) / rest);
        Criteria { log_likelihood, parameters: k, aic, aicc, bic: -2.0 * log_likelihood + free * libm::log(n) }
    }
}

/// A draw of the normal with this mean and covariance: mean + L·Z. A parameter without variance keeps its value.
pub fn draw_normal(mean: &[f64], covariance: &Matrix, stream: &mut Stream) -> Vec<f64> {
    let z: Vec<f64> = mean.iter().map(|_| normal::quantile(stream.uniform())).collect();
    let Some(lower) = cholesky(&packed(covariance), mean.len()) else { return mean.to_vec() };
    let error = |row: usize| {
        let begin = row * (row + 1) / 2;
        lower[begin..=begin + row].iter().zip(&z).map(|(l, z)| l * z).sum::<f64>()
    };
    mean.iter().enumerate().map(|(row, m)| m + error(row)).collect()
}
