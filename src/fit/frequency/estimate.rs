//! A fitted frequency model with its uncertainty: what a later stage needs to draw from it.

use serde::Serialize;

use super::model::{CountFamily, Frequency};
use crate::fit::estimate::draw_normal;
use crate::fit::incomplete_gamma::quantile;
use crate::fit::linear::Matrix;
use crate::random::Stream;

/// Parameters on the unconstrained scale with their covariance. A plain record: it can be written to a table and read back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrequencyEstimate {
    /// Family.
    pub family: CountFamily,
    /// ln λ; then ln of the dispersion unless Poisson; then the trend δ where there is one.
    pub at: Vec<f64>,
    /// Their covariance, by rows, from the observed information.
    pub covariance: Matrix,
    /// Whether the last of `at` is a trend.
    pub has_trend: bool,
    /// The time at which λ is meant, in years; nought without trend.
    pub reference_time: f64,
    /// Policy-years without a single claim, where there was none; nought otherwise. The rate is then ½ ÷ this, the mean of
    /// the gamma distribution with shape ½ that Jeffreys' prior leaves after no claims (H. Jeffreys: *Theory of
    /// Probability*, 3rd ed., 1961, section 3.1), and draws are from it.
    pub claim_free_exposure: f64,
}

impl FrequencyEstimate {
    /// The model at the reference time.
    pub fn model(&self) -> Frequency {
        let dispersion =
            if self.family == CountFamily::Poisson { 0.0 } else { libm::exp(self.at[1].clamp(-60.0, 60.0)) };
        Frequency { family: self.family, rate: libm::exp(self.at[0].clamp(-300.0, 300.0)), dispersion }
    }

    /// The model at another time, in years.
    pub fn at_time(&self, time: f64) -> Frequency {
        let model = self.model();
        let slope = if self.has_trend { self.at[self.at.len() - 1] } else { 0.0 };
        Frequency { rate: model.rate * libm::exp(slope * (time - self.reference_time)), ..model }
    }

    /// The estimate with parameters drawn from their distribution and no uncertainty left. The same stream gives the same
    /// draw.
    pub fn draw(&self, stream: &mut Stream) -> FrequencyEstimate {
        let at = if self.claim_free_exposure > 0.0 {
            vec![libm::log(quantile(0.5, stream.uniform()) / self.claim_free_exposure)]
        } else {
            draw_normal(&self.at, &self.covariance, stream)
        };
        let n = at.len();
        FrequencyEstimate { at, covariance: vec![vec![0.0; n]; n], claim_free_exposure: 0.0, ..self.clone() }
    }
}
