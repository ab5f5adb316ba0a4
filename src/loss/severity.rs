//! Capped lognormal severity, fitted to published figures.

use crate::catalogue::{SeverityBand, SeverityModel};
use crate::random::{exp, normal};

/// min(exp(mu + sigma·Z), cap), in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CappedLognormal {
    /// Location: logarithm of the median.
    pub mu: f64,
    /// Scale, above zero.
    pub sigma: f64,
    /// Largest loss.
    pub cap: f64,
}

impl CappedLognormal {
    /// The loss at probability `u`.
    pub fn quantile(&self, u: f64) -> f64 {
        self.loss(u, 1.0)
    }

    /// The loss at probability `u` where all losses are `level` times as large, up to the cap.
    #[inline]
    pub fn loss(&self, u: f64, level: f64) -> f64 {
        self.at(normal::quantile(u), level)
    }

    /// The loss at the standard normal's `z`.
    #[inline]
    pub fn at(&self, z: f64, level: f64) -> f64 {
        (exp(self.mu + self.sigma * z) * level).min(self.cap)
    }

    /// E min(X, cap) = exp(mu + sigma²/2)·Φ((ln cap − mu − sigma²)/sigma) + cap·(1 − Φ((ln cap − mu)/sigma)).
    ///
    /// Klugman, Panjer, Willmot: *Loss Models*, 4th ed., appendix A.5.1 (limited expected value of the lognormal).
    pub fn mean(&self) -> f64 {
        let phi = |x: f64| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
        let z = (libm::log(self.cap) - self.mu) / self.sigma;
        libm::exp(self.mu + self.sigma * self.sigma / 2.0) * phi(z - self.sigma) + self.cap * (1.0 - phi(z))
    }

    /// The model of a band: spread from the ratio of its 95 % quantile to its median, level from the median, or from the
    /// mean after the cap by bisection (that mean rises with mu from 0 to the cap).
    pub fn of(band: &SeverityBand) -> CappedLognormal {
        let sigma = libm::log(band.p95_over_median) / normal::quantile(0.95);
        if let Some(median) = band.median {
            return CappedLognormal { mu: libm::log(median), sigma, cap: band.cap };
        }
        let mean = band.mean.unwrap_or(band.cap / 2.0);
        let (mut low, mut high) = (libm::log(mean) - 10.0 * sigma - sigma * sigma, libm::log(band.cap) + 10.0 * sigma);
        for _ in 0..200 {
            let mu = (low + high) / 2.0;
            if (CappedLognormal { mu, sigma, cap: band.cap }).mean() < mean { low = mu } else { high = mu }
        }
        CappedLognormal { mu: (low + high) / 2.0, sigma, cap: band.cap }
    }
}

/// The index of the band of `revenue` in US dollars.
pub fn band_of(model: &SeverityModel, revenue: f64) -> usize {
    let last = model.band.len() - 1;
    model.band.iter().position(|b| b.revenue_below.is_none_or(|top| revenue < top)).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::incidents::published::figures;

    #[test]
    fn every_shipped_band_gives_back_its_published_figures() {
        let catalogue = Catalogue::load(None).unwrap();
        for model in catalogue.severities.values() {
            for band in &model.band {
                let fitted = CappedLognormal::of(band);
                if let Some(mean) = band.mean {
                    assert!((fitted.mean() / mean - 1.0).abs() < 1e-9, "{} {}", model.id, band.source);
                }
                if let Some(median) = band.median {
                    assert!((fitted.quantile(0.5) / median - 1.0).abs() < 1e-12, "{} {}", model.id, band.source);
                    assert!(
                        (fitted.quantile(0.95) / median / band.p95_over_median - 1.0).abs() < 1e-9
                            || fitted.cap < median * band.p95_over_median
                    );
                }
            }
        }
    }

    /// The shipped models rest on the published figures of `data/statistics`, to the digit.
    #[test]
    fn the_shipped_models_agree_with_the_published_figures() {
        let figures = figures();
        let value = |topic: &str, segment: &str, statistic: &str| {
            let found = figures
                .iter()
                .find(|f| (f.topic.as_str(), f.segment.as_str(), f.statistic.as_str()) == (topic, segment, statistic));
            let figure = found.unwrap_or_else(|| panic!("{topic}, {segment}: no {statistic}"));
            assert_eq!(figure.chosen, "yes", "{figure:?}");
            figure.value
        };
        let spread =
            |segment: &str| value("incident severity", segment, "p95") / value("incident severity", segment, "p50");
        let catalogue = Catalogue::load(None).unwrap();
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-5;
        let claims = [
            ("<50M", "<100M"),
            ("50M-300M", "<100M"),
            ("300M-2B", "100M-1B"),
            ("2B-10B", "1B-10B"),
            ("10B-100B", ">10B"),
        ];
        assert_eq!(catalogue.severities["claims-2025"].band.len(), claims.len());
        for (band, (level, shape)) in catalogue.severities["claims-2025"].band.iter().zip(claims) {
            assert_eq!(band.mean, Some(value("claim severity", level, "mean incident cost")));
            assert_eq!(band.cap, value("claim severity", level, "maximum incident cost"));
            assert!(near(band.p95_over_median, spread(shape)), "{level}");
        }
        let incidents = [("<100M", "50M-300M"), ("100M-1B", "300M-2B"), ("1B-10B", "2B-10B"), (">10B", "10B-100B")];
        assert_eq!(catalogue.severities["incidents-2025"].band.len(), incidents.len());
        for (band, (level, cap)) in catalogue.severities["incidents-2025"].band.iter().zip(incidents) {
            assert_eq!(band.median, Some(value("incident severity", level, "p50")));
            assert_eq!(band.cap, value("claim severity", cap, "maximum incident cost"));
            assert!(near(band.p95_over_median, spread(level)), "{level}");
        }
    }

    #[test]
    fn the_mean_agrees_with_the_integral_of_the_quantile() {
        let severity = CappedLognormal { mu: 10.0, sigma: 1.97, cap: 1e7 };
        let n = 2_000_000;
        let integral =
            (0..n).map(|i| severity.quantile((f64::from(i) + 0.5) / f64::from(n))).sum::<f64>() / f64::from(n);
        assert!((integral / severity.mean() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_revenue_at_the_end_of_a_band_belongs_to_the_next() {
        let catalogue = Catalogue::load(None).unwrap();
        let model = &catalogue.severities["claims-2025"];
        let end = model.band[0].revenue_below.unwrap();
        assert_eq!([end - 0.01, end, 1e15].map(|revenue| band_of(model, revenue)), [0, 1, model.band.len() - 1]);
    }
}
