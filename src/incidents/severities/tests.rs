use super::*;
use crate::incidents::study::{Candidate, INDISTINCT};
use crate::incidents::{Cause, Loss as Amount};
use crate::random::{Draws, Purpose, normal};

/// Lognormal losses of `n` incidents above a retention of 10,000, open or cut at 500,000.
fn made(n: u32, cause: Cause, mu: f64, revenue: f64, from: u32) -> Vec<Incident> {
    let draws = Draws::new(4);
    (from..from + n)
        .filter_map(|i| {
            let z = normal::quantile(draws.pair(Purpose::Claim, i, 0, 0)[0]);
            let amount = libm::exp(mu + 1.2 * z);
            let loss = Amount { amount: amount.min(5e5), retention: 1e4, censored: amount > 5e5 };
            let own = Incident { loss: Some(loss), revenue: Some(revenue), ..Incident::new(2020, cause) };
            (amount > 1e4).then_some(own)
        })
        .collect()
}

fn of(severities: &Severities, segment: Segment) -> &SegmentSeverity {
    severities.models.iter().find(|m| m.segment == segment).unwrap()
}

fn cause(cause: Cause) -> Segment {
    Segment { cause: Some(cause), ..Segment::ALL }
}

/// Two causes with a thousand losses each, one with forty and one with three: the large ones keep their own level
/// (lognormal within three standard errors of the truth, median within a quarter); the thin ones lean on all, the thinner the more.
#[test]
fn large_causes_stand_alone_and_thin_ones_lean_on_all() {
    let mut incidents = made(1_500, Cause::Email, 10.5, 2e7, 0);
    incidents.extend(made(1_500, Cause::Ransomware, 12.0, 2e7, 5_000));
    incidents.extend(made(40, Cause::Error, 11.5, 2e7, 9_000));
    incidents.extend(made(3, Cause::Insider, 13.0, 2e7, 9_900));
    let found = severities(&incidents, "made");
    assert!(found.refused.is_empty(), "{:?}", found.refused);
    for (own, mu) in [(Cause::Email, 10.5), (Cause::Ransomware, 12.0)] {
        let model = of(&found, cause(own));
        assert_eq!(model.weight, 1.0);
        assert!((model.severity().quantile(0.5) / libm::exp(mu) - 1.0).abs() < 0.25, "{model:?}");
        let study = found.studies.iter().find(|s| s.segment == cause(own)).unwrap();
        let lognormal = &study.candidates.iter().find(|c| c.family == Family::Lognormal).unwrap().result;
        let fit = &lognormal.as_ref().unwrap().estimate;
        assert!((fit.at[0] - mu).abs() < 3.0 * fit.covariance[0][0].sqrt(), "{fit:?}");
        let best = study.candidates.iter().filter_map(Candidate::bic).fold(f64::INFINITY, f64::min);
        assert!(study.candidates[study.chosen].bic().unwrap() <= best + INDISTINCT);
    }
    let (error, insider) = (of(&found, cause(Cause::Error)), of(&found, cause(Cause::Insider)));
    assert!(insider.weight < error.weight && error.weight < 1.0, "{} {}", insider.weight, error.weight);
    assert!(insider.scale_log_error > error.scale_log_error && error.scale_log_error > 0.05);
    assert!(found.studies.iter().all(|s| s.goodness.is_some() && !s.mean_excess.is_empty() && !s.quantiles.is_empty()));
}

/// Losses that grow with revenue to the power 0.5.
#[test]
fn the_elasticity_of_revenue_is_found() {
    let mut incidents = Vec::new();
    for (n, revenue) in [1e6f64, 1e7, 1e8, 1e9].into_iter().enumerate() {
        incidents.extend(made(600, Cause::Email, 9.5 + 0.5 * (revenue / 1e6).ln(), revenue, n as u32 * 1_000));
    }
    let found = severities(&incidents, "made");
    let root = of(&found, Segment::ALL);
    assert!((root.elasticity - 0.5).abs() < 0.07, "{}", root.elasticity);
    // The smallest are hidden by the retention: the mean of what is seen lies above that of what was made, 3.2e7.
    assert!((3e7..1e8).contains(&found.reference_revenue), "{}", found.reference_revenue);
}

#[test]
fn hard_data_give_an_honest_width_or_a_refusal_in_words() {
    let amount = |x: f64, censored| Amount { amount: x, retention: 0.0, censored };
    let incident = |loss| Incident { loss: Some(loss), ..Incident::new(2020, Cause::Email) };
    let all = |losses: Vec<Amount>| severities(&losses.into_iter().map(incident).collect::<Vec<_>>(), "made");
    let refused = |found: &Severities| found.refused.first().map(|(_, r)| r.key());
    assert_eq!(refused(&all(Vec::new())), Some("no data"));
    assert_eq!(refused(&all(vec![amount(5e4, false)])), Some("too few"));
    assert_eq!(refused(&all(vec![amount(5e4, true); 50])), Some("all censored"));
    assert_eq!(refused(&all(vec![amount(5e4, false); 50])), Some("all equal"));
    let mut outlier: Vec<Amount> = (1..60).map(|n| amount(1e4 * f64::from(n), false)).collect();
    outlier.push(amount(1e17, false));
    let found = all(outlier);
    let model = of(&found, Segment::ALL);
    assert!(model.at.iter().chain(&model.covariance).all(|x| x.is_finite()), "{model:?}");
    // A segment whose losses are all censored leans on its parent, upwards, and is less sure of itself.
    let mut censored = made(400, Cause::Email, 11.0, 2e7, 0);
    censored.extend(made(400, Cause::Ransomware, 12.0, 2e7, 1_000));
    censored.extend((0..4).map(|_| Incident { cause: Cause::Error, ..incident(amount(4e5, true)) }));
    let found = severities(&censored, "made");
    let (own, all) = (of(&found, cause(Cause::Error)), of(&found, Segment::ALL));
    assert!(own.at[0] > all.at[0] && own.scale_log_error.is_finite(), "{own:?}");
}

/// Causes whose losses are alike have no variance between them as estimated: the thin one leans on all altogether, and is as wide
/// as causes may still lie apart: less sure of its scale than the large ones, and of a width that losses of one year can't hide.
#[test]
fn a_thin_cause_beside_others_like_it_has_a_width_of_its_own() {
    let causes = [(90, Cause::Email), (90, Cause::Ransomware), (90, Cause::Hacking), (3, Cause::Insider)];
    let found = |book: u32| {
        let own = |(at, (n, cause)): (u32, (u32, Cause))| made(n, cause, 11.0, 2e7, book * 10_000 + at * 1_000);
        let found = severities(&(0..).zip(causes).flat_map(own).collect::<Vec<_>>(), "made");
        [Cause::Insider, Cause::Email].map(|own| of(&found, cause(own)).clone())
    };
    // In about half of such books the estimate is nought.
    let alike = |[thin, large]: &[SegmentSeverity; 2]| (thin.weight, large.weight) == (0.0, 0.0);
    let [thin, large] = (0..20).map(found).find(alike).expect("a book without variance between causes, as estimated");
    assert!(thin.scale_log_error > 0.05 && thin.scale_log_error > 1.1 * large.scale_log_error, "{thin:?} {large:?}");
    assert!(large.scale_log_error > 0.0 && thin.scale_log_error < 0.5);
}
