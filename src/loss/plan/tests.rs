//! Plans of a few exposures, by hand.

use std::collections::BTreeMap;

use super::*;
use crate::exposure::{Scope, expose};
use crate::fit::severity::Family;
use crate::incidents::Segment;
use crate::money::Cents;
use crate::portfolio::{Policy, Rates, testing};
use crate::table::{Format, write_table};

/// By hand: 0.2 times a year, and 0.1 times with three times that as its variance; of those in scope half is affected and of
/// these 40 % are hit: (0.2·1.5 + 0.1·0.25)·0.2 = 0.065 hits a year. Twice as many: both events twice as often, the
/// variance of the second still three times its mean.
#[test]
fn events_are_made_more_frequent_by_one_factor() {
    let (half, some) = (Distribution::Point(0.5), Distribution::Point(0.4));
    let peril = |key: u64, count: Count| Peril {
        id: key.to_string(),
        vendor: String::new(),
        key,
        shock: Shock { affected: half, hit: some, outage: None, level: 0.0 },
        frequency: Some(count),
        responding: Vec::new(),
    };
    let clustered = |mean: f64| Count::NegativeBinomial { size: mean / 2.0, odds: 2.0 };
    let ground_up = GroundUp::Hourly(Hourly { profit: 1.0, expense: 0.0, second: 0.0, saves: 0.0 });
    let insured = |key: u64, of: &[(u32, f64)]| Insured {
        key,
        risks: of
            .iter()
            .map(|(peril, probability)| Risk { peril: *peril, probability: *probability, ground_up })
            .collect(),
        layers: Vec::new(),
    };
    let mut plan = Plan {
        perils: vec![peril(1, Count::Poisson(0.2)), peril(2, clustered(0.1))],
        insureds: vec![insured(1, &[(0, 0.5)]), insured(2, &[(0, 1.0), (1, 0.25)])],
        policies: Vec::new(),
        models: Vec::new(),
    };
    let factor = plan.scale_frequencies(0.13).unwrap();
    assert!((factor - 2.0).abs() < 1e-12, "{factor}");
    let [Some(Count::Poisson(mean)), Some(Count::NegativeBinomial { size, odds })] =
        [plan.perils[0].frequency, plan.perils[1].frequency]
    else {
        panic!("{:?}", plan.perils)
    };
    assert!((mean - 0.4).abs() < 1e-12 && (size - 0.1).abs() < 1e-12 && odds == 2.0, "{mean} {size} {odds}");
}

/// A dollar is half a euro. Revenue of 40 M euro is 80 M dollars: the second band of the shipped severities, whose losses are in
/// dollars, half as many euro.
#[test]
fn severities_are_in_dollars_and_losses_in_the_reporting_currency() {
    let catalogue = Catalogue::load(None).unwrap();
    let event = catalogue.event("mimecast-2021").unwrap();
    let rates = Rates::new("EUR", &BTreeMap::from([("USD".to_string(), 0.5)])).unwrap();
    let scope = Scope { event: &event, catalogue: &catalogue, as_of: jiff::civil::date(2021, 1, 12), rates: &rates };
    let policy =
        Policy { currency: "EUR".into(), revenue: Some(Cents(4_000_000_000)), ..testing::policy("I", &["a.example"]) };
    let (mut exposures, _) = expose(&scope, &[policy], &[]).unwrap();
    exposures[0].probability = 0.5;
    let plan = Plan::new(std::slice::from_ref(&event), &catalogue, &exposures, rates.dollars().unwrap(), None).unwrap();
    let GroundUp::Severity { severity, rate } = plan.insureds[0].risks[0].ground_up else { panic!("no severity") };
    let model = &catalogue.severities[event.severity.as_ref().unwrap()];
    assert_eq!((severity, rate), (CappedLognormal::of(&model.band[1]), 0.5));
    // Of a severity fitted to incidents the reference is in dollars too: 80 M are four times 20 M.
    let fitted = SegmentSeverity {
        segment: Segment::ALL,
        family: Family::Lognormal,
        at: vec![11.0, 0.4],
        threshold: 0.0,
        elasticity: 0.5,
        reference_revenue: 2e7,
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
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("severity_models.csv");
    write_table(&path, Format::of(&path), &[fitted]).unwrap();
    let models = SeverityModels::read(&path).unwrap();
    let plan = Plan::new(std::slice::from_ref(&event), &catalogue, &exposures, 2.0, Some(&models)).unwrap();
    let GroundUp::Fitted { ln_revenue, rate, .. } = plan.insureds[0].risks[0].ground_up else { panic!("not fitted") };
    assert!((ln_revenue - libm::log(4.0)).abs() < 1e-12 && rate == 0.5, "{ln_revenue} {rate}");
}
