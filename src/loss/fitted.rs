//! Severities fitted to incidents, with the uncertainty of their parameters.
//!
//! On request each year draws the parameters anew from their covariance, on the scale they were fitted on: what is not known
//! of them is shared by all insureds of the year, and moves their losses together. Models that took their shape from the same
//! losses share that draw; each segment has a draw of its own for its own scale. A draw is a function of the seed, the
//! year and the name of what is drawn, so that other insureds in the book move nothing.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::catalogue::Event;
use crate::exposure::Exposure;
use crate::fit::severity::{Family, Severity};
use crate::incidents::{Cause, Segment, SegmentSeverity, SeverityModels, band_of};
use crate::portfolio::{RevenueBand, sector};
use crate::random::{Draws, Purpose, normal};

/// A severity whose parameters are drawn, or taken as known where no error is given.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSeverity {
    family: Family,
    at: Vec<f64>,
    threshold: f64,
    elasticity: f64,
    cap: f64,
    /// The distribution at the estimates.
    central: Severity,
    /// Cholesky factor of the covariance, row by row; none where the parameters are taken as known.
    factor: Option<Vec<f64>>,
    scale_log_error: f64,
    /// Name of the parameters' draws.
    shared: u64,
    /// Name of the own scale's draw.
    own: u64,
}

impl FittedSeverity {
    /// The severity of a row of the table.
    pub fn of(model: &SegmentSeverity) -> FittedSeverity {
        FittedSeverity {
            family: model.family,
            at: model.at.clone(),
            threshold: model.threshold,
            elasticity: model.elasticity,
            cap: model.cap.unwrap_or(f64::INFINITY),
            central: model.severity(),
            factor: model.factor(),
            scale_log_error: model.scale_log_error,
            shared: xxh3_64(format!("parameters of {}", model.fitted_on).as_bytes()),
            own: xxh3_64(format!("scale of {}", model.segment).as_bytes()),
        }
    }

    /// The severity with its estimates.
    pub fn central(&self) -> YearSeverity {
        YearSeverity { severity: self.central, elasticity: self.elasticity, own: 0.0, cap: self.cap }
    }

    /// The severity with the parameters of this year.
    pub fn in_year(&self, draws: &Draws, year: u32) -> YearSeverity {
        let (severity, elasticity) = match &self.factor {
            None => (self.central, self.elasticity),
            Some(factor) => self.drawn(factor, draws, year),
        };
        let own = if self.scale_log_error > 0.0 {
            self.scale_log_error * normal::quantile(draws.pair(Purpose::Parameter, year, 0, self.own)[0])
        } else {
            0.0
        };
        YearSeverity { severity, elasticity, own, cap: self.cap }
    }

    /// Distribution and elasticity with this year's parameters.
    fn drawn(&self, factor: &[f64], draws: &Draws, year: u32) -> (Severity, f64) {
        let k = self.at.len();
        let pairs = (0..).flat_map(|n| draws.pair(Purpose::Parameter, year, n, self.shared));
        let z: Vec<f64> = pairs.take(k + 1).map(normal::quantile).collect();
        let error = |row: usize| {
            let begin = row * (row + 1) / 2;
            let cells = factor.get(begin..=begin + row).unwrap_or(&[]);
            cells.iter().zip(&z).map(|(l, z)| l * z).sum::<f64>()
        };
        let at: Vec<f64> = self.at.iter().enumerate().map(|(row, x)| x + error(row)).collect();
        (self.family.model(&at, self.threshold), self.elasticity + error(k))
    }
}

/// A severity with parameters: what one year's losses are drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearSeverity {
    severity: Severity,
    elasticity: f64,
    own: f64,
    cap: f64,
}

impl YearSeverity {
    /// The power of revenue that losses follow.
    pub fn elasticity(&self) -> f64 {
        self.elasticity
    }

    /// The loss in US dollars at probability `u` of an insured with this logarithm of revenue over the reference, where all
    /// losses are `level` times as large, up to the cap.
    pub fn loss(&self, u: f64, ln_revenue: f64, level: f64) -> f64 {
        let loss = self.severity.quantile(u) * libm::exp(self.elasticity * ln_revenue + self.own);
        (loss * level).min(self.cap)
    }
}

/// A model and the policies in force whose losses it gives.
#[derive(Clone, Copy, Debug)]
pub struct UsedModel<'a> {
    /// The row of the table.
    pub model: &'a SegmentSeverity,
    /// Policies.
    pub policies: u64,
}

/// The models that the losses of these exposures rest on, by segment; none where the event is an outage.
pub fn used_models<'a>(
    event: &Event,
    exposures: &[Exposure],
    models: Option<&'a SeverityModels>,
) -> Vec<UsedModel<'a>> {
    let Some(models) = models.filter(|_| event.outage.is_none()) else { return Vec::new() };
    let cause = event.cause.as_deref().and_then(|cause| Cause::parse(cause).ok());
    let mut used: BTreeMap<Segment, UsedModel> = BTreeMap::new();
    for exposure in exposures {
        let band = band_of(&exposure.revenue_band).unwrap_or(RevenueBand::Unknown);
        if let Ok(model) = models.choose(cause, band, sector(&exposure.industry)) {
            used.entry(model.segment).or_insert(UsedModel { model, policies: 0 }).policies += 1;
        }
    }
    used.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(covariance: Vec<f64>, scale_log_error: f64) -> SegmentSeverity {
        SegmentSeverity {
            segment: Segment::ALL,
            family: Family::Lognormal,
            at: vec![11.0, 0.5],
            threshold: 0.0,
            elasticity: 0.5,
            reference_revenue: 1e6,
            cap: None,
            covariance,
            scale_log_error,
            fitted_on: "all".into(),
            n: 40,
            uncensored: 30,
            weight: 1.0,
            parent: String::new(),
            source: "made".into(),
            note: String::new(),
        }
    }

    /// Known parameters: the median is e¹¹, and at four times the reference revenue, with an elasticity of a half, twice that.
    #[test]
    fn without_errors_the_loss_is_the_quantile() {
        let (severity, draws) = (FittedSeverity::of(&model(Vec::new(), 0.0)), Draws::new(1));
        let (plain, larger) =
            (severity.in_year(&draws, 3).loss(0.5, 0.0, 1.0), severity.central().loss(0.5, 4f64.ln(), 1.0));
        assert!((plain / 11f64.exp() - 1.0).abs() < 1e-9 && (larger / plain - 2.0).abs() < 1e-9);
    }

    /// Over many years the logarithm of the median has the variance of μ and of the own scale together: 0.04 + 0.09, within
    /// 5 % at 20,000 draws (standard error of a variance: 1 %). Within one trial it is the same for everybody.
    #[test]
    fn the_parameters_vary_between_years_as_their_covariance_says() {
        let (severity, draws) = (FittedSeverity::of(&model(vec![0.04, 0.0, 0.02], 0.3)), Draws::new(1));
        let logs: Vec<f64> = (0..20_000).map(|t| severity.in_year(&draws, t).loss(0.5, 0.0, 1.0).ln() - 11.0).collect();
        let variance = logs.iter().map(|x| x * x).sum::<f64>() / logs.len() as f64;
        assert!((variance / 0.13 - 1.0).abs() < 0.05, "{variance}");
        assert_eq!(severity.in_year(&draws, 7), severity.in_year(&draws, 7));
    }

    /// The median is e¹¹, a cap half as much above it: a level of 1.2 raises it by a fifth, a level of 2 up to the cap.
    #[test]
    fn a_level_raises_losses_up_to_the_cap() {
        let median = 11f64.exp();
        let capped = SegmentSeverity { cap: Some(1.5 * median), ..model(Vec::new(), 0.0) };
        let own = FittedSeverity::of(&capped).central();
        let times = [1.0, 1.2, 2.0].map(|level| own.loss(0.5, 0.0, level) / median);
        assert!(times.iter().zip([1.0, 1.2, 1.5]).all(|(a, b)| (a - b).abs() < 1e-9), "{times:?}");
    }

    /// Errors of μ of 0.2 and of the elasticity of 0.1, correlated by −½: at e times the reference revenue the logarithm of the median is
    /// μ + elasticity, with the variance 0.04 + 0.01 − 2·½·0.2·0.1 = 0.03; at the reference revenue 0.04. Within 5 % at 20,000 draws.
    #[test]
    fn parameters_are_drawn_with_their_correlation() {
        let covariance = vec![0.04, 0.0, 1e-6, -0.01, 0.0, 0.01];
        let (severity, draws) = (FittedSeverity::of(&model(covariance, 0.0)), Draws::new(1));
        for (ln_revenue, variance) in [(0.0, 0.04), (1.0, 0.03)] {
            let log = |year| severity.in_year(&draws, year).loss(0.5, ln_revenue, 1.0).ln() - 11.0 - 0.5 * ln_revenue;
            let found = (0..20_000).map(|year| log(year) * log(year)).sum::<f64>() / 20_000.0;
            assert!((found / variance - 1.0).abs() < 0.05, "{ln_revenue}: {found}");
        }
    }

    #[test]
    fn models_that_took_their_shape_from_the_same_losses_share_its_draw() {
        let of = |cause: Option<Cause>, fitted_on: &str| {
            let (segment, fitted_on) = (Segment { cause, ..Segment::ALL }, fitted_on.into());
            FittedSeverity::of(&SegmentSeverity { segment, fitted_on, ..model(vec![0.04, 0.0, 0.02], 0.0) })
        };
        let draws = Draws::new(1);
        let all = of(None, "all").in_year(&draws, 3);
        assert_eq!(of(Some(Cause::Ransomware), "all").in_year(&draws, 3), all);
        assert_ne!(of(Some(Cause::Ransomware), "ransomware").in_year(&draws, 3), all);
    }

    /// All occurrences of a year have the parameters of that year, occurrences of another year others; at their estimates all have
    /// the same.
    #[test]
    fn parameters_are_drawn_once_a_year() {
        use crate::catalogue::{Count, Distribution};
        use crate::loss::calendar::{Calendar, Mode};
        use crate::loss::headway::Headway;
        use crate::loss::plan::{Peril, Plan, Shock};
        use crate::loss::scene::{Scene, used_classes};
        use crate::loss::simulate::{Parameters, Simulation};
        let point = Distribution::Point(1.0);
        let peril = Peril {
            id: "made".into(),
            vendor: String::new(),
            key: 1,
            shock: Shock { affected: point, hit: point, outage: None, level: 0.0 },
            frequency: Some(Count::Poisson(3.0)),
            responding: Vec::new(),
        };
        let models = vec![FittedSeverity::of(&model(vec![0.04, 0.0, 0.02], 0.3))];
        let plan = Plan { perils: vec![peril], insureds: Vec::new(), policies: Vec::new(), models };
        let (mode, draws, used) = (Mode::Catalogue, Draws::new(1), used_classes(&plan));
        let calendar = Calendar::of(&plan, &draws, mode, 0..30);
        for parameters in [Parameters::Drawn, Parameters::Estimates] {
            let simulation = Simulation {
                plan: &plan,
                mode,
                years: 0..30,
                seed: 1,
                parameters,
                reinsurance: None,
                claims: false,
                yearly_by_policy: false,
            };
            let scene = Scene::new(&simulation, draws, (0, 0..30), &calendar, &used, &Headway::new(&plan, 1, false));
            for (place, pair) in calendar.occurrences.windows(2).enumerate() {
                let same = scene.models(place as u32) == scene.models(place as u32 + 1);
                let one = parameters == Parameters::Estimates || pair[0].year == pair[1].year;
                assert_eq!(same, one, "{parameters:?}: {pair:?}");
            }
        }
    }
}
