//! Logarithms of severity densities.

use crate::fit::severity::Severity;

/// ½ ln 2π.
const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// ln f(x), x above zero.
///
/// S. A. Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., appendix A; of the spliced model the lognormal truncated
/// at the threshold with its share, and the generalised Pareto above with the rest.
pub fn log_density(model: &Severity, x: f64) -> f64 {
    let ln = libm::log(x);
    match *model {
        Severity::Lognormal { mu, sigma } => {
            let z = (ln - mu) / sigma;
            -ln - libm::log(sigma) - HALF_LN_TWO_PI - z * z / 2.0
        }
        Severity::Gamma { shape, scale } => {
            (shape - 1.0) * ln - x / scale - shape * libm::log(scale) - libm::lgamma(shape)
        }
        Severity::Weibull { shape, scale } => {
            let z = ln - libm::log(scale);
            libm::log(shape) - ln + shape * z - libm::exp(shape * z)
        }
        Severity::Pareto { shape, scale } => {
            libm::log(shape) - libm::log(scale) - (shape + 1.0) * libm::log1p(x / scale)
        }
        Severity::Spliced { mu, sigma, threshold, body_share, .. } if x <= threshold => {
            let body = Severity::Lognormal { mu, sigma };
            libm::log(body_share) + log_density(&body, x) - libm::log(body.cdf(threshold).max(1e-300))
        }
        Severity::Spliced { threshold, body_share, tail_scale, tail_shape, .. } => {
            let w = (x - threshold) / tail_scale;
            let t = tail_shape * w;
            // (1 + 1 ÷ ξ)·ln(1 + ξw), which is w where ξ is nought, and outside the support below any number.
            let power = if t.abs() < 1e-9 {
                w * (1.0 + tail_shape)
            } else if t <= -1.0 {
                f64::INFINITY
            } else {
                (1.0 + 1.0 / tail_shape) * libm::log1p(t)
            };
            (libm::log1p(-body_share) - libm::log(tail_scale) - power).max(-1e6)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The density is the slope of the distribution function: central differences agree to six digits.
    #[test]
    fn the_density_is_the_slope_of_the_distribution() {
        let spliced = |tail_shape| Severity::Spliced {
            mu: 10.0,
            sigma: 1.0,
            threshold: 60_000.0,
            body_share: 0.8,
            tail_scale: 50_000.0,
            tail_shape,
        };
        let models = [
            Severity::Lognormal { mu: 10.0, sigma: 1.2 },
            Severity::Gamma { shape: 0.7, scale: 40_000.0 },
            Severity::Weibull { shape: 0.8, scale: 40_000.0 },
            Severity::Pareto { shape: 1.7, scale: 40_000.0 },
            spliced(0.6),
            spliced(0.0),
            spliced(-0.2),
        ];
        for model in models {
            for x in [5_000.0, 30_000.0, 90_000.0, 150_000.0] {
                let h = x * 1e-4;
                let slope = (model.cdf(x + h) - model.cdf(x - h)) / (2.0 * h);
                assert!((libm::exp(log_density(&model, x)) / slope - 1.0).abs() < 1e-6, "{model:?} at {x}");
            }
        }
    }
}
