//! Insureds with one severity and the same terms.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::grain::{Grain, cell};
use crate::loss::fitted::YearSeverity;
use crate::loss::plan::{GroundUp, Insured};
use crate::money::Cents;

/// Insureds with one severity and the same terms.
pub struct Group<'a> {
    /// One of them.
    pub insured: &'a Insured,
    /// Its loss.
    pub ground_up: GroundUp,
    scale: Scale,
    /// Σ p·scale.
    sum: f64,
    /// Each one's probability of being hit where the rate is one.
    pub probabilities: Vec<f64>,
}

/// Insureds by severity and terms. Of fitted severities those whose scales differ by little are taken together, at their mean.
pub fn groups<'a>(insureds: &'a [Insured], models: &[YearSeverity], grain: Grain) -> Vec<Group<'a>> {
    let mut found: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (insured, risk) in insureds.iter().flat_map(|insured| insured.risks.iter().map(move |risk| (insured, risk))) {
        let scale = Scale::of(&risk.ground_up, models, grain);
        let near = found.entry(hash(insured, &risk.ground_up, scale)).or_default();
        let own = Group { insured, ground_up: risk.ground_up, scale, sum: 0.0, probabilities: Vec::new() };
        let at = near.iter().copied().find(|at| groups[*at].like(&own)).unwrap_or_else(|| {
            groups.push(own);
            near.push(groups.len() - 1);
            groups.len() - 1
        });
        groups[at].probabilities.push(risk.probability);
        groups[at].sum += risk.probability * scale.factor;
    }
    groups.iter_mut().for_each(Group::at_mean_scale);
    groups
}

/// How large an insured's losses are against those of the model's reference.
#[derive(Clone, Copy)]
struct Scale {
    factor: f64,
    /// Power of revenue.
    elasticity: f64,
    cell: i64,
}

impl Scale {
    fn of(own: &GroundUp, models: &[YearSeverity], grain: Grain) -> Scale {
        match own {
            GroundUp::Fitted { model, ln_revenue, .. } => {
                let elasticity = models[*model as usize].elasticity();
                let factor = libm::exp(elasticity * ln_revenue);
                Scale { factor, elasticity, cell: cell(factor, grain.per_doubling) }
            }
            _ => Scale { factor: 1.0, elasticity: 0.0, cell: 0 },
        }
    }
}

impl Group<'_> {
    fn like(&self, other: &Group) -> bool {
        let (own, layers) = (&self.insured.layers, &other.insured.layers);
        let severity = match (&self.ground_up, &other.ground_up) {
            (GroundUp::Severity { severity: a, rate: r }, GroundUp::Severity { severity: b, rate: s }) => {
                a == b && r == s
            }
            (GroundUp::Fitted { model: a, rate: r, .. }, GroundUp::Fitted { model: b, rate: s, .. }) => {
                a == b && r == s && self.scale.cell == other.scale.cell
            }
            _ => false,
        };
        severity && own.len() == layers.len() && own.iter().zip(layers).all(|(a, b)| a.terms == b.terms)
    }

    fn at_mean_scale(&mut self) {
        if let GroundUp::Fitted { ln_revenue, .. } = &mut self.ground_up
            && self.scale.elasticity != 0.0
            && self.probabilities.len() > 1
        {
            let mean = self.sum / self.probabilities.iter().sum::<f64>();
            *ln_revenue = libm::log(mean) / self.scale.elasticity;
        }
    }
}

/// Of what differs most often.
fn hash(insured: &Insured, ground_up: &GroundUp, scale: Scale) -> u64 {
    let which = match ground_up {
        GroundUp::Severity { severity, .. } => severity.mu.to_bits(),
        GroundUp::Fitted { model, .. } => u64::from(*model),
        GroundUp::Hourly(hourly) => hourly.profit.to_bits(),
    };
    let terms = insured.layers.iter().map(|layer| (layer.terms.limit, layer.terms.retention, layer.terms.attachment));
    let terms: Vec<(Cents, Cents, Cents)> = terms.collect();
    BuildHasherDefault::<DefaultHasher>::default().hash_one((which, scale.cell, terms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::severity::Family;
    use crate::incidents::{Segment, SegmentSeverity};
    use crate::loss::fitted::FittedSeverity;
    use crate::loss::plan::Risk;

    /// Losses follow the square root of revenue: scales of 1.1 and 1.14, in one cell of an eighth of a doubling, are hit with 0.2
    /// and 0.6: taken together they lose 0.2·1.1 + 0.6·1.14 at the rate one. A scale of two is apart.
    #[test]
    fn insureds_taken_together_have_the_mean_of_their_scales() {
        let model = SegmentSeverity {
            segment: Segment::ALL,
            family: Family::Lognormal,
            at: vec![11.0, 0.4],
            threshold: 0.0,
            elasticity: 0.5,
            reference_revenue: 1e7,
            cap: None,
            covariance: Vec::new(),
            scale_log_error: 0.0,
            fitted_on: "all".into(),
            n: 40,
            uncensored: 30,
            weight: 1.0,
            parent: String::new(),
            source: "made".into(),
            note: String::new(),
        };
        let insured = |(scale, probability): (f64, f64)| {
            let ground_up = GroundUp::Fitted { model: 0, ln_revenue: 2.0 * libm::log(scale), rate: 1.0 };
            Insured { key: 1, layers: Vec::new(), risks: vec![Risk { peril: 0, probability, ground_up }] }
        };
        let insureds = [(1.1, 0.2), (2.0, 0.5), (1.14, 0.6)].map(insured);
        let models = [FittedSeverity::of(&model).central()];
        let found = groups(&insureds, &models, Grain { per_doubling: Some(8.0), bend: 1e-3 });
        let of = |group: &Group| match group.ground_up {
            GroundUp::Fitted { ln_revenue, .. } => (libm::exp(0.5 * ln_revenue), group.probabilities.clone()),
            _ => unreachable!(),
        };
        let [(together, both), (alone, one)] = [of(&found[0]), of(&found[1])];
        assert_eq!((found.len(), both, one), (2, vec![0.2, 0.6], vec![0.5]));
        assert!((0.8 * together - (0.2 * 1.1 + 0.6 * 1.14)).abs() < 1e-12 && (alone - 2.0).abs() < 1e-12, "{together}");
    }

    /// Of one median and one retention, but with another spread, cap or coinsurance: each is worked out by itself.
    #[test]
    fn insureds_of_other_severities_or_terms_are_not_taken_together() {
        use crate::loss::plan::Layer;
        use crate::loss::severity::CappedLognormal;
        use crate::portfolio::Terms;
        let severity = CappedLognormal { mu: 10.0, sigma: 1.0, cap: 1e6 };
        let insured = |severity: CappedLognormal, coinsurance: f64| {
            let ground_up = GroundUp::Severity { severity, rate: 1.0 };
            let layers = vec![Layer { policy: 0, terms: Terms::default().coinsurance(coinsurance) }];
            Insured { key: 1, layers, risks: vec![Risk { peril: 0, probability: 0.5, ground_up }] }
        };
        let insureds = [
            insured(severity, 0.0),
            insured(CappedLognormal { sigma: 2.0, ..severity }, 0.0),
            insured(CappedLognormal { cap: 2e6, ..severity }, 0.0),
            insured(severity, 0.2),
            insured(severity, 0.0),
        ];
        let found = groups(&insureds, &[], Grain { per_doubling: Some(8.0), bend: 0.01 });
        assert_eq!(found.iter().map(|own| own.probabilities.len()).collect::<Vec<_>>(), [2, 1, 1, 1]);
    }
}
