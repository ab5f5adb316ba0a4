//! Draws of the shared figures, seen through the exposure of small books.

use std::collections::BTreeMap;

use super::*;
use crate::catalogue::{Basis, Figure, Parameter, Place, SignalRate};
use crate::exposure::{Exposure, Scope, Tier, expose};
use crate::inventory::{Declared, InventoryBuilder, declared_entries};
use crate::money::Cents;
use crate::portfolio::{Policy, Rates, domains, testing};
use crate::scan::observation::{Kind as RecordKind, ObservationRef, Status, hash_of};

const DAY: jiff::civil::Date = jiff::civil::date(2021, 1, 12);
const PRODUCTS: [&str; 2] = ["mimecast/email-security", "microsoft/365"];

/// A row of signal rates that keeps a figure's value, and gives it this spread.
fn row(parameter: Parameter, place: Place, value: f64, spread: f64) -> SignalRate {
    SignalRate {
        place,
        parameter,
        estimate: value,
        // The delta method the other way: the spread is that of log odds.
        standard_error: Some(spread * value * (1.0 - value)),
        basis: Basis::Estimated,
        domains: None,
        seen: None,
        source: "test".into(),
    }
}

/// The catalogue on the day, every figure of the two products with the spread that `spread` gives.
fn catalogue(spread: &dyn Fn(Parameter, &Figure) -> f64) -> Catalogue {
    let plain = Catalogue::load(None).unwrap().as_of(DAY);
    let model = Model::new(&plain, Moment::end_of(DAY));
    let mut rows = Vec::new();
    for id in PRODUCTS {
        let product = plain.product(id).unwrap();
        let own = &model.products[model.index(id).unwrap() as usize];
        let place = Place { product: id.into(), ..Place::default() };
        let mut add = |parameter: Parameter, place: Place, figure: &Figure| {
            rows.push(row(parameter, place, figure.value, spread(parameter, figure)));
        };
        add(Parameter::Prevalence, place.clone(), &own.prior);
        add(Parameter::PrevalenceBehind, place.clone(), &own.prior_behind);
        for item in &own.items {
            let place = Place::of_item(id, &product.signal[item.signals[0] as usize]);
            add(Parameter::Sensitivity, place.clone(), &item.sensitivity);
            add(Parameter::FalsePositive, place, &item.false_positive);
        }
        for group in &own.groups {
            add(Parameter::Dependence, Place { group: group.name.clone(), ..place.clone() }, &group.dependence);
        }
    }
    plain.with_rates(rows).as_of(DAY)
}

fn as_it_is(_: Parameter, figure: &Figure) -> f64 {
    figure.spread
}

/// Records of the book's domains: both products, one of them, neither; `d.example` was never scanned.
const RECORDS: [(&str, RecordKind, &str, &str); 7] = [
    ("a.example", RecordKind::Mx, "10", "eu-smtp-inbound-1.mimecast.com"),
    ("a.example", RecordKind::Spf, "include", "eu._netblocks.mimecast.com"),
    ("a.example", RecordKind::Autodiscover, "", "autodiscover.outlook.com"),
    ("b.example", RecordKind::Mx, "10", "b-example.mail.protection.outlook.com"),
    ("b.example", RecordKind::Spf, "include", "spf.protection.outlook.com"),
    ("c.example", RecordKind::Mx, "10", "mx.c.example"),
    ("c.example", RecordKind::Txt, "", "MS=ms12345678"),
];

/// Exposure and count of an insured a domain, and of one that lists two; with what insureds declare.
fn exposed(catalogue: &Catalogue, event: &str, answers: &[(&str, &str, bool)]) -> (Vec<Exposure>, InScope) {
    let builder = InventoryBuilder::new(catalogue, None, Moment::end_of(DAY));
    let mut adder = builder.adder();
    for (domain, kind, key, value) in RECORDS {
        let (observed_at, source, status) = (Moment::end_of(DAY), "test", Status::Found);
        let value_hash = hash_of(value);
        adder.take(&[ObservationRef {
            domain,
            host: domain,
            kind,
            key,
            value,
            observed_at,
            source,
            status,
            value_hash,
        }]);
    }
    drop(adder);
    let inventory = builder.finish();
    let mut entries = inventory.entries(&PRODUCTS.into());
    let answers: Vec<Declared> = answers
        .iter()
        .map(|(insured, product, yes)| Declared {
            insured_id: insured.to_string(),
            product: product.to_string(),
            yes: *yes,
            at: Moment::end_of(DAY),
        })
        .collect();
    entries.extend(declared_entries(&inventory.model, &answers));
    let books: [(&str, &[&str]); 5] = [
        ("A", &["a.example"]),
        ("B", &["b.example"]),
        ("C", &["c.example"]),
        ("D", &["d.example"]),
        ("E", &["b.example", "c.example"]),
    ];
    let mut policies: Vec<Policy> = books.iter().map(|(insured, hosts)| testing::policy(insured, hosts)).collect();
    domains::assign(&mut policies);
    exposed_of(catalogue, event, &policies, &entries)
}

fn exposed_of(catalogue: &Catalogue, event: &str, policies: &[Policy], entries: &[Entry]) -> (Vec<Exposure>, InScope) {
    let rates = Rates::new("USD", &BTreeMap::new()).unwrap();
    let event = catalogue.event(event).unwrap();
    expose(&Scope { event: &event, catalogue, as_of: DAY, rates: &rates }, policies, entries).unwrap()
}

/// Standard deviation of the draws, the central one apart.
fn deviation(in_scope: &InScope, of: fn(&Draw) -> f64) -> f64 {
    let values: Vec<f64> = in_scope.draws[1..].iter().map(of).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

#[test]
fn figures_without_spread_give_the_same_count_in_every_draw() {
    let (_, in_scope) = exposed(&catalogue(&|_, _| 0.0), "mimecast-2021", &[("D", PRODUCTS[0], true)]);
    let central = in_scope.draws[0];
    assert_eq!(in_scope.draws.len(), DRAWS + 1);
    for draw in &in_scope.draws {
        let own = [draw.expected, draw.variance, draw.rates_alone, draw.priors_alone];
        let want = [central.expected, central.variance, central.expected, central.expected];
        // Log odds go through exp and back: equal but for rounding.
        assert!(own.iter().zip(want).all(|(x, y)| (x - y).abs() < 1e-9), "{draw:?} {central:?}");
    }
    assert!(central.expected > 0.1 && central.variance > 0.01, "{central:?}");
}

#[test]
fn the_central_count_is_the_sum_of_the_exposures_probabilities() {
    let catalogue = catalogue(&as_it_is);
    for event in ["mimecast-2021", "crowdstrike-2024", "moveit-2023"] {
        for answers in [&[][..], &[("D", PRODUCTS[0], true), ("B", PRODUCTS[1], false), ("E", PRODUCTS[0], true)]] {
            let (exposures, in_scope) = exposed(&catalogue, event, answers);
            assert_eq!(exposures.len(), 5);
            let sum: f64 = exposures.iter().map(|e| e.probability).sum();
            let each: f64 = exposures.iter().map(|e| e.probability * (1.0 - e.probability)).sum();
            let central = in_scope.draws[0];
            for own in [central.expected, central.rates_alone, central.priors_alone] {
                assert!((own - sum).abs() < 1e-9, "{event}: {central:?} {sum}");
            }
            assert!((central.variance - each).abs() < 1e-9, "{event}: {central:?} {each}");
        }
    }
}

#[test]
fn an_unsure_sensitivity_widens_what_rates_alone_decide_and_leaves_the_priors() {
    let wide = |parameter: Parameter, figure: &Figure| {
        if parameter == Parameter::Sensitivity { 4.0 * figure.spread } else { figure.spread }
    };
    let (_, before) = exposed(&catalogue(&as_it_is), "mimecast-2021", &[]);
    let (_, after) = exposed(&catalogue(&wide), "mimecast-2021", &[]);
    let rates = [&before, &after].map(|own| deviation(own, |d| d.rates_alone));
    assert!(rates[1] > 1.2 * rates[0] && rates[0] > 0.0, "{rates:?}");
    let priors = |own: &InScope| own.draws.iter().map(|d| d.priors_alone).collect::<Vec<f64>>();
    assert_eq!(priors(&before), priors(&after));
    assert!(deviation(&before, |d| d.priors_alone) > 0.0);
}

/// B has Microsoft 365 and D was not scanned: what they declare of Mimecast moves their own probability alone.
#[test]
fn an_insureds_own_answer_raises_or_lowers_its_probability() {
    let catalogue = catalogue(&as_it_is);
    let of = |answers: &[(&str, &str, bool)]| -> BTreeMap<String, f64> {
        let (exposures, _) = exposed(&catalogue, "mimecast-2021", answers);
        exposures.into_iter().map(|e| (e.insured_id, e.probability)).collect()
    };
    let silent = of(&[]);
    for insured in ["B", "C", "D", "E"] {
        let (yes, no) = (of(&[(insured, PRODUCTS[0], true)]), of(&[(insured, PRODUCTS[0], false)]));
        let [yes_now, before, no_now] = [&yes, &silent, &no].map(|all| all[insured]);
        assert!(yes_now > 2.0 * before && no_now < before / 2.0, "{insured}: {yes_now} {before} {no_now}");
        for other in silent.keys().filter(|other| *other != insured) {
            assert_eq!((yes[other], no[other]), (silent[other], silent[other]), "{other}");
        }
    }
}

/// The shares are those of the catalogue's segments: USD 7.1 billion and more in the US, and below 25 million.
#[test]
fn an_unscanned_insured_has_the_share_of_its_kind_and_is_told_its_source() {
    let catalogue = Catalogue::load(None).unwrap().as_of(DAY);
    let falcon = catalogue.product("crowdstrike/falcon").unwrap();
    let policy = |revenue: Option<i64>| Policy { revenue: revenue.map(Cents), ..testing::policy("X", &["x.example"]) };
    let cases = [
        (Some(1_000_000_000_000), 0.57, "57 % of its kind (US, revenue from USD 7,100 million; CrowdStrike by way of"),
        (Some(1_000_000_000), 0.02, "2 % of its kind (revenue below USD 25 million; Guy Carpenter, August 2024"),
        (None, 0.022, "2.2 % of all organisations (assumption: the shares by size below"),
    ];
    for (revenue, share, words) in cases {
        let (_, segment) = falcon.prior_of("44", "US", revenue.map(|cents| cents as f64 / 100.0));
        assert_eq!(segment.map_or(falcon.prior.share, |s| s.share), share, "the catalogue's share is the test's");
        let (exposures, in_scope) = exposed_of(&catalogue, "crowdstrike-2024", &[policy(revenue)], &[]);
        let own = &exposures[0];
        assert!((own.probability - share).abs() < 1e-9, "{revenue:?}: {}", own.probability);
        assert!((in_scope.draws[0].expected - share).abs() < 1e-9);
        assert_eq!(own.tier, Tier::Unknown);
        let told = format!("CrowdStrike Falcon: can't be seen from outside; used by {words}");
        assert!(own.not_found.starts_with(&told), "{}", own.not_found);
        assert_eq!(own.evidence, "");
    }
}
