//! The arithmetic, by hand.

use super::super::InventoryBuilder;
use super::*;
use crate::catalogue::{Basis, Catalogue, Parameter, Place, SignalRate, SignalRates};
use crate::scan::observation::{ObservationRef, Status, hash_of};
use std::collections::BTreeSet;

const DAY: i64 = 86_400;

/// A catalogue with one product's figures as given, whatever has been estimated since.
fn catalogue(product: &str, figures: &[(Parameter, &str, Option<Kind>, f64)]) -> Catalogue {
    let row = |(parameter, group, kind, estimate): &(Parameter, &str, Option<Kind>, f64)| SignalRate {
        place: Place { product: product.into(), group: (*group).into(), kind: *kind, ..Place::default() },
        parameter: *parameter,
        estimate: *estimate,
        standard_error: None,
        basis: Basis::Estimated,
        domains: None,
        seen: None,
        source: "test".into(),
    };
    let half_life = row(&(Parameter::HalfLife, "", Some(Kind::Mx), 1_000.0));
    let half_life = SignalRate { place: Place { kind: Some(Kind::Mx), ..Place::default() }, ..half_life };
    let rates = figures.iter().map(row).chain([half_life]).collect();
    let plain = Catalogue { rates: SignalRates::default(), ..Catalogue::load(None).unwrap() };
    plain.with_rates(rates).as_of(jiff::civil::date(2026, 5, 31))
}

/// Mimecast: prior 0.03; MX 0.9 and 0.0005; SPF 0.8 and 0.002; dependence 0.5.
fn mimecast() -> Catalogue {
    use Parameter::{Dependence, FalsePositive, Prevalence, Sensitivity};
    let (mail, mx, spf) = ("mail routing", Some(Kind::Mx), Some(Kind::Spf));
    catalogue(
        "mimecast/email-security",
        &[
            (Prevalence, "", None, 0.03),
            (Sensitivity, mail, mx, 0.9),
            (FalsePositive, mail, mx, 0.0005),
            (Sensitivity, mail, spf, 0.8),
            (FalsePositive, mail, spf, 0.002),
            (Dependence, mail, None, 0.5),
        ],
    )
}

/// Records of one domain (day, kind, key, value; a blank value is an empty answer), weighed for one product at the end
/// of `day`: probability, factors of the items that said something, and what was found in letters.
fn weighed(
    catalogue: &Catalogue,
    product: &str,
    day: i64,
    records: &[(i64, Kind, &str, &str)],
) -> (f64, Vec<f64>, String) {
    let builder = InventoryBuilder::new(catalogue, None, Moment(day * DAY));
    let mut adder = builder.adder();
    for (day, kind, key, value) in records {
        adder.take(&[ObservationRef {
            domain: "firma.example",
            host: "firma.example",
            kind: *kind,
            key,
            value,
            observed_at: Moment(day * DAY),
            source: "test",
            status: if value.is_empty() { Status::Empty } else { Status::Found },
            value_hash: hash_of(value),
        }]);
    }
    drop(adder);
    let inventory = builder.finish();
    let evidence = inventory.evidence("firma.example").unwrap();
    let model = &inventory.model;
    let fronts = Fronts::of(model, &evidence);
    let assessment = assess(model, model.index(product).unwrap(), &fronts, &evidence);
    let letters: BTreeSet<char> =
        assessment.items.iter().map(|w| w.finding.word().chars().next().unwrap_or(' ')).collect();
    let spoke = assessment.items.iter().filter(|w| w.weight != 1.0).map(|w| w.weight).collect();
    (assessment.probability, spoke, letters.into_iter().collect())
}

fn odds_of(p: f64) -> f64 {
    p / (1.0 - p)
}

const MX: (i64, Kind, &str, &str) = (0, Kind::Mx, "10", "eu-smtp-inbound-1.mimecast.com");
const SPF: (i64, Kind, &str, &str) = (0, Kind::Spf, "include", "eu._netblocks.mimecast.com");

/// The share of an item's first signal among what is seen at users, and at others: the catalogue's.
fn first_level(catalogue: &Catalogue, kind: Kind) -> [f64; 2] {
    let product = catalogue.product("mimecast/email-security").unwrap();
    let own = || product.signal.iter().filter(|s| s.group == "mail routing" && s.kind == kind);
    let first = own().next().unwrap();
    let sum = |of: fn(&crate::catalogue::Signal) -> f64| own().map(of).sum::<f64>();
    [first.sensitivity / sum(|s| s.sensitivity), first.false_positive / sum(|s| s.false_positive)]
}

/// By hand, but for which of several names an MX host ends in (a factor of its own). MX alone: 0.9 ÷ 0.0005 = 1,800. Both: (½·0.9·0.8 + ½·0.8) ÷ (½·0.0005·0.002 + ½·0.0005) = 3,032.9…, not
/// 1,800 × 400. SPF seen and MX not: (½·0.8·0.1) ÷ (½·0.002·0.9995 + ½·0.0015) = 22.9: MX's silence counts. The hosted
/// SPF, a group of its own, was asked for with SPF and not seen: (1 − s) ÷ (1 − f).
#[test]
fn signals_of_one_group_do_not_multiply() {
    let catalogue = mimecast();
    let of = |records: &[_]| weighed(&catalogue, "mimecast/email-security", 0, records);
    let prior = odds_of(0.03);
    let [mx_name, spf_name] = [Kind::Mx, Kind::Spf].map(|kind| {
        let [used, unused] = first_level(&catalogue, kind);
        used / unused
    });
    let (alone, ..) = of(&[MX]);
    assert!((odds_of(alone) / prior / mx_name / 1_800.0 - 1.0).abs() < 1e-9, "{alone}");
    let product = catalogue.product("mimecast/email-security").unwrap();
    let hosted = product.signal.iter().find(|s| s.group == "hosted SPF").unwrap();
    let silent = (1.0 - hosted.sensitivity) / (1.0 - hosted.false_positive);
    let both = (0.5 * 0.72 + 0.5 * 0.8) / (0.5 * 1e-6 + 0.5 * 0.0005) * mx_name * spf_name;
    let (p, factors, _) = of(&[MX, SPF]);
    assert!((odds_of(p) / prior / both / silent - 1.0).abs() < 1e-9, "{p}");
    assert!((factors.iter().product::<f64>() / both / silent - 1.0).abs() < 1e-9, "the factors multiply: {factors:?}");
    let spf_only = (0.5 * 0.8 * 0.1) / (0.5 * 0.002 * 0.9995 + 0.5 * 0.0015) * spf_name;
    let (p, ..) = of(&[(0, Kind::Mx, "10", "mx.firma.example"), SPF]);
    assert!((odds_of(p) / prior / spf_only / silent - 1.0).abs() < 1e-9, "{p}");
}

#[test]
fn a_gateway_hides_the_mailbox_host_and_lowers_nothing() {
    let catalogue = catalogue("microsoft/365", &[(Parameter::PrevalenceBehind, "", None, 0.5)]);
    let behind = [MX, (0, Kind::Spf, "", "")];
    let (p, factors, letters) = weighed(&catalogue, "microsoft/365", 0, &behind[..1]);
    assert!((p - 0.5).abs() < 1e-9 && letters.contains('h') && factors.is_empty(), "{p} {letters} {factors:?}");
    let (p, ..) = weighed(&catalogue, "microsoft/365", 0, &[(0, Kind::Mx, "10", "mx.firma.example")]);
    assert!(p < 0.05, "{p}");
}

#[test]
fn a_record_that_a_later_answer_no_longer_holds_is_gone() {
    let catalogue = mimecast();
    let of = |records: &[_]| weighed(&catalogue, "mimecast/email-security", 400, records);
    let (p, _, letters) = of(&[MX, (400, Kind::Mx, "10", "aspmx.l.google.com")]);
    assert!(p < 0.03 && letters.contains('g'), "{p} {letters}");
    let (p, _, letters) = of(&[MX, (1, Kind::Mx, "10", "other.firma.example")]);
    assert!(p > 0.5 && letters.contains('s'), "answers of one round stand side by side: {p} {letters}");
}

/// By hand, half-life 1,000 days: after 1,000 the chain keeps ½. Of users of today 0.03 + 0.97·½ = 0.515 used it then,
/// of others 0.015. With s and f the rates of the name seen: (0.515·s + 0.485·f) ÷ (0.015·s + 0.985·f).
#[test]
fn old_evidence_fades() {
    let catalogue = mimecast();
    let at = |day: i64| odds_of(weighed(&catalogue, "mimecast/email-security", day, &[MX]).0) / odds_of(0.03);
    let [used, unused] = first_level(&catalogue, Kind::Mx);
    let (s, f) = (0.9 * used, 0.0005 * unused);
    let want = (0.515 * s + 0.485 * f) / (0.015 * s + 0.985 * f);
    assert!((at(1_000) / want - 1.0).abs() < 1e-9, "{} {want}", at(1_000));
    assert!(at(0) > at(200) && at(200) > at(1_000) && at(1_000) > at(40_000), "monotone");
    assert!((at(40_000) - 1.0).abs() < 1e-3, "ancient evidence says nothing: {}", at(40_000));
}

#[test]
fn a_gateway_that_is_gone_hides_nothing() {
    let catalogue = catalogue("microsoft/365", &[]);
    let later = [MX, (400, Kind::Mx, "10", "mx.firma.example"), (400, Kind::Spf, "", "")];
    let (p, _, letters) = weighed(&catalogue, "microsoft/365", 400, &later);
    assert!(p < 0.05 && !letters.contains('h'), "{p} {letters}");
}

#[test]
fn hosted_spf_hides_the_senders_behind_it() {
    let catalogue = catalogue("google/workspace", &[]);
    let hosted = [(0, Kind::Spf, "include", "firma.example._nspf.vali.email")];
    let (_, _, letters) = weighed(&catalogue, "google/workspace", 0, &hosted);
    assert!(letters.contains('h'), "{letters}");
}

#[test]
fn another_question_is_not_this_one() {
    let catalogue = catalogue("microsoft/365", &[]);
    let (_, _, letters) = weighed(&catalogue, "microsoft/365", 0, &[(0, Kind::Dkim, "google", "")]);
    assert_eq!(letters, "n", "the selector of somebody else");
    let page = [(0, Kind::Http, "title", "Welcome"), (0, Kind::Cve, "x", "CVE-2020-1")];
    let (_, factors, _) = weighed(&catalogue, "progress/moveit-transfer", 0, &page);
    assert!(factors.is_empty(), "a web page of another host");
}

/// A token alone: plausible, not certain.
#[test]
fn a_token_alone_makes_microsoft_365_plausible() {
    let catalogue = catalogue("microsoft/365", &[]);
    let (p, ..) = weighed(&catalogue, "microsoft/365", 0, &[(0, Kind::Txt, "", "MS=ms12345678")]);
    assert!((0.4..0.9).contains(&p), "{p}");
}
