//! Counts with exposure: Poisson and negative binomial by maximum likelihood, and a log-linear trend.
//!
//! A year's count over exposure e has mean μ = λ·e. The negative binomial has variance μ + α·μ² (NB2: a year's rate varies with
//! coefficient of variation √α and is shared by all exposure of the year, so that α does not shrink as a book grows).
//! A. C. Cameron, P. K. Trivedi, *Regression Analysis of Count Data*, 2nd ed., sections 3.2, 3.3 and 3.4.

use crate::fit::Refusal;
use crate::fit::special::chi_squared_1_survival;

/// A count and what it is out of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    /// Events.
    pub events: f64,
    /// Exposure, above nought.
    pub exposure: f64,
    /// Time, for the trend.
    pub time: f64,
}

/// Poisson and negative binomial fitted to the same counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountFit {
    /// Rate a unit of exposure, of the chosen family.
    pub rate: f64,
    /// Standard error of its logarithm; infinite when nothing was counted.
    pub log_error: f64,
    /// α of the negative binomial; nought where it is Poisson.
    pub dispersion: f64,
    /// Log-likelihood of the Poisson.
    pub poisson: f64,
    /// Log-likelihood of the negative binomial.
    pub negative_binomial: f64,
    /// p-value of Poisson against negative binomial: half that of χ² with one degree, α being at the edge of its range.
    pub p_value: f64,
}

impl CountFit {
    /// Whether the negative binomial was chosen: where the likelihoods differ at the 5 % level.
    pub fn is_negative_binomial(&self) -> bool {
        self.dispersion > 0.0
    }
}

/// Fits both families and chooses by likelihood.
///
/// # Errors
/// [`Refusal::NoData`] without exposure.
pub fn fit_counts(counts: &[Count]) -> Result<CountFit, Refusal> {
    let exposure: f64 = counts.iter().map(|c| c.exposure).sum();
    if counts.is_empty() || !(exposure.is_finite() && exposure > 0.0) {
        return Err(Refusal::NoData);
    }
    let events: f64 = counts.iter().map(|c| c.events).sum();
    let rate = events / exposure;
    if events == 0.0 {
        return Ok(CountFit {
            rate,
            log_error: f64::INFINITY,
            dispersion: 0.0,
            poisson: 0.0,
            negative_binomial: 0.0,
            p_value: 1.0,
        });
    }
    let poisson = log_likelihood(counts, rate, 0.0);
    let (alpha, lambda) = best_dispersion(counts, rate);
    let negative_binomial = log_likelihood(counts, lambda, alpha).max(poisson);
    let p_value = 0.5 * chi_squared_1_survival(2.0 * (negative_binomial - poisson));
    let (rate, dispersion) = if p_value < 0.05 && counts.len() > 1 { (lambda, alpha) } else { (rate, 0.0) };
    let information: f64 = counts.iter().map(|c| rate * c.exposure / (1.0 + dispersion * rate * c.exposure)).sum();
    Ok(CountFit { rate, log_error: 1.0 / information.sqrt(), dispersion, poisson, negative_binomial, p_value })
}

/// Σ ln P(n): of the Poisson where α is nought.
fn log_likelihood(counts: &[Count], rate: f64, alpha: f64) -> f64 {
    let term = |c: &Count| {
        let mu = rate * c.exposure;
        let factorial = libm::lgamma(c.events + 1.0);
        if alpha == 0.0 {
            return c.events * libm::log(mu) - mu - factorial;
        }
        let r = 1.0 / alpha;
        libm::lgamma(c.events + r) - libm::lgamma(r) - factorial - r * libm::log1p(alpha * mu)
            + c.events * (libm::log(alpha * mu) - libm::log1p(alpha * mu))
    };
    counts.iter().map(term).sum()
}

/// α and its λ of highest likelihood: golden section over ln α, λ solved at each.
fn best_dispersion(counts: &[Count], start: f64) -> (f64, f64) {
    let at = |ln: f64| {
        let alpha = libm::exp(ln);
        let rate = rate_at(counts, alpha, start);
        (log_likelihood(counts, rate, alpha), alpha, rate)
    };
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    // Below e⁻¹⁵ the likelihood can't be told from Poisson's; above e³ a year says next to nothing of the next.
    let (mut low, mut high) = (-15.0, 3.0);
    let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut fa, mut fb) = (at(a).0, at(b).0);
    for _ in 0..100 {
        if fa > fb {
            (high, b, fb) = (b, a, fa);
            a = high - GOLDEN * (high - low);
            fa = at(a).0;
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + GOLDEN * (high - low);
            fb = at(b).0;
        }
    }
    let (_, alpha, rate) = at((low + high) / 2.0);
    (alpha, rate)
}

/// The root of Σ (n − λe) ÷ (1 + αλe), which falls as λ rises: bisection on ln λ.
fn rate_at(counts: &[Count], alpha: f64, start: f64) -> f64 {
    let score = |rate: f64| {
        counts.iter().map(|c| (c.events - rate * c.exposure) / (1.0 + alpha * rate * c.exposure)).sum::<f64>()
    };
    let (mut low, mut high) = (libm::log(start) - 12.0, libm::log(start) + 12.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if score(libm::exp(middle)) > 0.0 { low = middle } else { high = middle }
    }
    libm::exp((low + high) / 2.0)
}

/// A log-linear trend λ(t) = λ₀·e^(βt): β, and its standard error widened where counts are more spread than Poisson
/// (quasi-likelihood: Pearson's χ² ÷ degrees of freedom, never below one). Nothing with fewer than three counts or events.
pub fn trend(counts: &[Count]) -> Option<(f64, f64)> {
    let events: f64 = counts.iter().map(|c| c.events).sum();
    if counts.len() < 3 || events < 3.0 {
        return None;
    }
    let centre = counts.iter().map(|c| c.time).sum::<f64>() / counts.len() as f64;
    let exposure: f64 = counts.iter().map(|c| c.exposure).sum();
    let (mut a, mut b) = (libm::log(events / exposure), 0.0);
    for _ in 0..50 {
        let [g0, g1, h00, h01, h11] = sums(counts, centre, a, b);
        let determinant = h00 * h11 - h01 * h01;
        if !(determinant > 1e-12 * h00 * h11) {
            return None;
        }
        let step = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
        a += step[0].clamp(-1.0, 1.0);
        b += step[1].clamp(-1.0, 1.0);
        if step[0].abs() + step[1].abs() < 1e-12 {
            break;
        }
    }
    let [_, _, h00, h01, h11] = sums(counts, centre, a, b);
    let pearson: f64 = counts
        .iter()
        .map(|c| {
            let mu = c.exposure * libm::exp(a + b * (c.time - centre));
            (c.events - mu) * (c.events - mu) / mu
        })
        .sum();
    let spread = (pearson / (counts.len() as f64 - 2.0)).max(1.0);
    let error = (spread * h00 / (h00 * h11 - h01 * h01)).sqrt();
    (b.is_finite() && error.is_finite() && b.abs() < 20.0).then_some((b, error))
}

/// Gradient and information of the log-linear Poisson at level `a` and slope `b`.
fn sums(counts: &[Count], centre: f64, a: f64, b: f64) -> [f64; 5] {
    let mut out = [0.0; 5];
    for c in counts {
        let t = c.time - centre;
        let mu = c.exposure * libm::exp(a + b * t);
        let own = [c.events - mu, (c.events - mu) * t, mu, mu * t, mu * t * t];
        out.iter_mut().zip(own).for_each(|(sum, x)| *sum += x);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(events: &[f64]) -> Vec<Count> {
        events.iter().zip(0..).map(|(e, t)| Count { events: *e, exposure: 100.0, time: f64::from(t) }).collect()
    }

    #[test]
    fn even_counts_are_poisson_and_wild_ones_are_not() {
        let even = fit_counts(&counts(&[20.0, 22.0, 19.0, 21.0, 18.0])).unwrap();
        assert!(!even.is_negative_binomial() && (even.rate - 0.2).abs() < 1e-12 && even.p_value == 0.5);
        assert!((even.log_error - 0.1).abs() < 1e-12);
        let wild = fit_counts(&counts(&[5.0, 60.0, 12.0, 90.0, 20.0])).unwrap();
        assert!(wild.is_negative_binomial() && wild.log_error > 2.0 * (1.0f64 / 187.0).sqrt(), "{wild:?}");
        // The likelihood is flat at the maximum: a tenth more or less dispersion lowers it.
        let at =
            |factor: f64| log_likelihood(&counts(&[5.0, 60.0, 12.0, 90.0, 20.0]), wild.rate, wild.dispersion * factor);
        assert!(at(1.0) >= at(1.1) && at(1.0) >= at(0.9) && (at(1.0) - wild.negative_binomial).abs() < 1e-9);
    }

    #[test]
    fn nothing_counted_has_no_finite_error_and_no_exposure_no_model() {
        let none = fit_counts(&counts(&[0.0, 0.0])).unwrap();
        assert!(none.rate == 0.0 && none.log_error.is_infinite());
        assert_eq!(fit_counts(&[]), Err(Refusal::NoData));
        assert_eq!(trend(&counts(&[1.0, 2.0])), None);
        assert_eq!(trend(&counts(&[0.0, 0.0, 0.0])), None);
    }

    /// Counts that double each year have a slope of ln 2, without error beyond Poisson's.
    #[test]
    fn a_doubling_is_a_slope_of_ln_2() {
        let (slope, error) = trend(&counts(&[10.0, 20.0, 40.0, 80.0])).unwrap();
        assert!((slope - std::f64::consts::LN_2).abs() < 1e-9 && error > 0.05 && error < 0.15, "{slope} {error}");
    }
}
