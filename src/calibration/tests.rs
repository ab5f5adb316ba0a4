//! Domains drawn from the engine's own model, whose figures are known, and what is estimated of them.

use rayon::prelude::*;

use super::cells::{Cells, Reason, Sighting};
use super::estimate::{Fit, estimate};
use super::objective::{Free, Objective, anchor, read};
use super::reliability::{Bin, expected_error, reliability};
use super::study::kinds;
use super::{Estimated, half_lives};
use crate::catalogue::{Basis, Catalogue, Place, SignalRate};
use crate::inventory::{InventoryBuilder, Model, Pattern, ProductModel, Said, Values};
use crate::moment::Moment;
use crate::random::{Draws, Purpose};
use crate::scan::observation::{Kind, ObservationRef, Status, hash_of};

const DAY: jiff::civil::Date = jiff::civil::date(2026, 5, 31);

/// Microsoft 365 as the catalogue has it: MX and SPF in one group, autodiscover and the TXT token each in its own.
fn microsoft() -> ProductModel {
    let catalogue = Catalogue::load(None).unwrap().as_of(DAY);
    let model = Model::new(&catalogue, Moment::end_of(DAY));
    model.products[model.index("microsoft/365").unwrap() as usize].clone()
}

fn item(model: &ProductModel, kind: Kind) -> usize {
    model.items.iter().position(|item| item.kind == kind).unwrap()
}

/// Known figures, none of them the catalogue's but the anchor's false-positive rate, which an estimate holds.
struct Truth {
    model: ProductModel,
    values: Values,
    items: Vec<usize>,
}

impl Truth {
    fn new(prevalence: f64, dependence: f64, rates: &[(Kind, [f64; 2])]) -> Truth {
        let model = microsoft();
        let mut values = Values::central(&model);
        let items: Vec<usize> = rates.iter().map(|(kind, _)| item(&model, *kind)).collect();
        items.iter().zip(rates).for_each(|(item, (_, rates))| values.rates[*item] = *rates);
        let lead = anchor(&model, &items).unwrap();
        values.rates[lead][1] = model.items[lead].false_positive.value;
        values.prior = [prevalence; 2];
        values.dependence.iter_mut().for_each(|own| *own = dependence);
        Truth { model, values, items }
    }

    /// Four items in three groups.
    fn of_four(dependence: f64) -> Truth {
        let (mx, spf) = ((Kind::Mx, [0.8, 0.002]), (Kind::Spf, [0.85, 0.03]));
        Truth::new(0.3, dependence, &[mx, spf, (Kind::Autodiscover, [0.7, 0.004]), (Kind::Txt, [0.6, 0.05])])
    }

    /// What a domain shows: one decision for a group with the probability of its dependence, else each item on its own.
    fn pattern(&self, draws: &Draws, domain: u32) -> Pattern {
        let draw = |what: u32, of: usize| draws.pair(Purpose::Claim, domain, what, of as u64);
        let class = usize::from(draw(0, 0)[0] >= self.values.prior[0]);
        let said = |item: &usize| {
            let own = &self.model.items[*item];
            let [together, shared] = draw(1, own.group);
            let [alone, mut name] = draw(2, *item);
            let at = if together < self.values.dependence[own.group] { shared } else { alone };
            let level = (at < self.values.rates[*item][class]).then(|| {
                let passed = own.levels.iter().take_while(|share| {
                    name -= share[class];
                    name > 0.0
                });
                passed.count().min(own.levels.len() - 1) as u8
            });
            Said { item: *item as u8, level, age: 0 }
        };
        let mut said: Vec<Said> = self.items.iter().map(said).collect();
        said.sort_unstable();
        Pattern { behind: false, said }
    }

    fn patterns(&self, seed: u64, domains: u32) -> Vec<Pattern> {
        let draws = Draws::new(seed);
        (0..domains).map(|domain| self.pattern(&draws, domain)).collect()
    }

    /// How far an estimate lies from the truth, in its standard errors.
    fn distance(&self, which: Free, found: Estimated) -> f64 {
        (found.value - read(&self.values, which)) / found.error
    }
}

/// Patterns at domains of `clusters` suffixes, counted.
fn cells(model: &ProductModel, patterns: Vec<Pattern>, clusters: usize) -> Cells {
    let names: Vec<String> = (0..patterns.len()).map(|at| format!("d{at}.s{}.example", at % clusters)).collect();
    let sightings: Vec<Sighting> =
        names.iter().zip(patterns).map(|(domain, pattern)| Sighting { domain, pattern }).collect();
    Cells::of(&kinds(model), &sightings)
}

fn figure(fit: &Fit, which: Free) -> Estimated {
    fit.figure(which).unwrap()
}

/// 24 replications of 6,000 domains; the seeds are fixed. Of a normal error, 0.3 % lie more than three standard errors out;
/// 5 % leave room for the priors' pull and for errors that are not quite normal. So that wide errors do not
/// pass: of normal ones 68 % lie within one standard error, and here not more than 90 %.
#[test]
fn known_figures_are_found_within_their_standard_errors() {
    let truth = Truth::of_four(0.5);
    let of = |seed: u64| {
        let fit = estimate(&truth.model, &cells(&truth.model, truth.patterns(seed, 6_000), 40)).unwrap();
        assert_eq!(fit.figures.len(), 9, "prevalence, four sensitivities, three rates of others, one dependence");
        assert!((fit.users / 6_000.0 - figure(&fit, Free::Prior(0)).value).abs() < 0.01, "{}", fit.users);
        fit.figures
    };
    let all: Vec<(Free, Estimated)> = (0..24u64).into_par_iter().flat_map_iter(of).collect();
    let (dependence, rates): (Vec<_>, Vec<_>) = all.iter().partition(|(which, _)| matches!(which, Free::Dependence(_)));
    for (name, own) in [("rates", rates), ("dependence", dependence)] {
        let distances: Vec<f64> = own.iter().map(|(which, found)| truth.distance(*which, *found).abs()).collect();
        let share = |below: f64| distances.iter().filter(|d| **d < below).count() as f64 / distances.len() as f64;
        assert!(share(3.0) >= 0.95, "{name}: {} within three standard errors", share(3.0));
        assert!(share(1.0) <= 0.9, "{name}: {} within one: the errors are too wide", share(1.0));
    }
    let decided = |which: &Free| matches!(which, Free::Prior(_) | Free::Rate(_, 0));
    assert!(all.iter().all(|(which, found)| found.basis == Basis::Estimated || !decided(which)), "data decide them");
}

/// MX and SPF as one decision at nine of ten domains, and a weak token beside them. A fit that is told otherwise takes
/// domains that show neither for others, since two silences count twice.
#[test]
fn signals_taken_as_independent_give_a_worse_fit_and_another_prevalence() {
    let (mx, spf) = ((Kind::Mx, [0.7, 0.002]), (Kind::Spf, [0.7, 0.02]));
    let truth = Truth::new(0.3, 0.9, &[mx, spf, (Kind::Autodiscover, [0.5, 0.004]), (Kind::Txt, [0.6, 0.1])]);
    let cells = cells(&truth.model, truth.patterns(1, 20_000), 40);
    let group = truth.model.items[item(&truth.model, Kind::Mx)].group;
    let fit = estimate(&truth.model, &cells).unwrap();
    let found = figure(&fit, Free::Dependence(group));
    assert!((found.value - 0.9).abs() < 3.0 * found.error && found.error < 0.05, "{found:?}");

    let mut apart = fit.model.clone();
    apart.groups[group].dependence.value = 1e-6;
    let climb = |model: &ProductModel, is_forced: bool| {
        let mut objective = Objective::new(model, &cells);
        if is_forced {
            let at = objective.free.iter().position(|free| *free == Free::Dependence(group)).unwrap();
            objective.free.remove(at);
            objective.prior.remove(at);
        }
        let maximum = objective.maximise(objective.prior.iter().map(|[centre, _]| *centre).collect()).unwrap();
        (maximum.value, objective.values(&maximum.at).prior[0])
    };
    let ((value, prevalence), (forced, biased)) = (climb(&fit.model, false), climb(&apart, true));
    assert!(value - forced > 100.0, "log posterior {value} and {forced}");
    let error = figure(&fit, Free::Prior(0)).error;
    assert!((prevalence - 0.3).abs() < 3.0 * error && error < 0.01, "{prevalence} ± {error}");
    assert!((biased - 0.3).abs() > 0.03 && (biased - 0.3).abs() > 2.0 * (prevalence - 0.3).abs(), "{biased}");
}

#[test]
fn what_can_not_be_told_apart_is_not_estimated() {
    let truth = Truth::of_four(0.5);
    let patterns = truth.patterns(3, 2_000);
    let only = |kinds: &[Kind], domains: usize| -> Vec<Pattern> {
        let keep: Vec<u8> = kinds.iter().map(|kind| item(&truth.model, *kind) as u8).collect();
        let mut own = patterns[..domains].to_vec();
        own.iter_mut().for_each(|pattern| pattern.said.retain(|said| keep.contains(&said.item)));
        own
    };
    let is_estimated = |patterns| estimate(&truth.model, &cells(&truth.model, patterns, 40)).is_some();
    assert!(!is_estimated(only(&[Kind::Mx], 2_000)), "one signal has nothing to be set against");
    assert!(is_estimated(only(&[Kind::Mx, Kind::Txt], 2_000)));
    assert!(!is_estimated(only(&[Kind::Mx, Kind::Txt], 40)), "fewer than 30 domains show one");
    assert!(!is_estimated(Vec::new()));
}

/// Each reason, by hand: 1,000 domains asked for MX and SPF, of which so many are asked for one more item and so many show it.
#[test]
fn items_that_tell_nothing_are_left_out_with_their_reason() {
    let truth = Truth::of_four(0.5);
    let cases = [
        (Kind::Txt, 500, 100, None),
        (Kind::Txt, 499, 100, Some(Reason::AskedFew)),
        (Kind::Txt, 1_000, 1_000, Some(Reason::OnlySeen)),
        (Kind::Txt, 200, 200, Some(Reason::OnlySeen)),
        (Kind::Txt, 1_000, 0, Some(Reason::NeverSeen)),
        (Kind::Cname, 1_000, 100, Some(Reason::Incomplete)),
        (Kind::Declared, 20, 10, None),
    ];
    for (kind, asked, seen, reason) in cases {
        let own = item(&truth.model, kind);
        let mut patterns = truth.patterns(4, 1_000);
        for (at, pattern) in patterns.iter_mut().enumerate() {
            pattern
                .said
                .retain(|said| [Kind::Mx, Kind::Spf].map(|k| item(&truth.model, k)).contains(&(said.item as usize)));
            if at < asked {
                pattern.said.push(Said { item: own as u8, level: (at < seen).then_some(0), age: 0 });
                pattern.said.sort_unstable();
            }
        }
        let cells = cells(&truth.model, patterns, 1);
        assert_eq!(cells.left_out[own], reason, "{kind:?}: {asked} asked, {seen} show it");
        assert_eq!(cells.asked[own], [asked as u64, seen as u64]);
        assert_eq!(cells.items().contains(&own), reason.is_none());
        assert!(cells.patterns.iter().all(|p| reason.is_none() || p.said.iter().all(|s| s.item as usize != own)));
        assert_eq!((0..cells.patterns.len()).map(|cell| cells.total(cell)).sum::<f64>(), 1_000.0);
    }
}

/// A tenth of the domains labelled, with few wrong labels. All domains are of one suffix, so that errors are the model's own.
#[test]
fn labels_of_some_domains_narrow_the_errors() {
    let truth = Truth::new(0.3, 0.5, &[(Kind::Spf, [0.95, 0.02]), (Kind::Txt, [0.75, 0.08])]);
    let label = item(&truth.model, Kind::Declared);
    let mut labelled = Truth { items: [&truth.items[..], &[label]].concat(), ..Truth::of_four(0.5) };
    labelled.values.rates.clone_from(&truth.values.rates);
    labelled.values.rates[label] = [0.95, truth.model.items[label].false_positive.value];
    let mut patterns = labelled.patterns(5, 10_000);
    let fit = |patterns: &[Pattern]| estimate(&truth.model, &cells(&truth.model, patterns.to_vec(), 1)).unwrap();
    patterns[1_000..].iter_mut().for_each(|pattern| pattern.said.retain(|said| said.item as usize != label));
    let with = fit(&patterns);
    patterns.iter_mut().for_each(|pattern| pattern.said.retain(|said| said.item as usize != label));
    let without = fit(&patterns);
    // What users show of the token is known already from those that also show SPF.
    let [spf, token] = [truth.items[0], truth.items[1]];
    for (which, most) in [(Free::Prior(0), 0.7), (Free::Rate(spf, 0), 0.7), (Free::Rate(token, 0), 1.0)] {
        let (narrow, wide) = (figure(&with, which), figure(&without, which));
        assert!(narrow.error < most * wide.error, "{which:?}: {narrow:?} {wide:?}");
        assert!(truth.distance(which, narrow).abs() < 3.0, "{which:?}: {narrow:?}");
    }
}

/// 40,000 domains: where a bin holds n of them, its share errs by √(p(1 − p) ÷ n), at most 0.008 for the tenth of them in a
/// bin, and far less over all. With the sensitivity of SPF at half of what it is, its predictions must be off.
#[test]
fn the_models_own_data_lie_on_the_diagonal() {
    let truth = Truth::of_four(0.5);
    let names: Vec<String> = (0..40_000).map(|at| format!("d{at}.example")).collect();
    let patterns = truth.patterns(6, 40_000);
    let sightings: Vec<Sighting> =
        names.iter().zip(patterns).map(|(domain, pattern)| Sighting { domain, pattern }).collect();
    let cells = Cells::of(&kinds(&truth.model), &sightings);
    let error = |values: &Values, held_out: Kind, domains_with: &str| {
        let mut model = truth.model.clone();
        (model.prior.value, model.prior_behind.value) = (values.prior[0], values.prior[1]);
        for (item, [used, unused]) in model.items.iter_mut().zip(&values.rates) {
            (item.sensitivity.value, item.false_positive.value) = (*used, *unused);
        }
        model.groups.iter_mut().zip(&values.dependence).for_each(|(group, own)| group.dependence.value = *own);
        let bins = reliability("microsoft/365", &model, &cells.left_out, &sightings);
        let name = &model.items[item(&model, held_out)].name;
        let own: Vec<&Bin> =
            bins.iter().filter(|bin| bin.held_out == *name && bin.domains_with == domains_with).collect();
        assert!(own.len() > 1 && own.iter().map(|bin| bin.domains).sum::<u64>() > 10_000, "{held_out:?}: {own:?}");
        expected_error(own)
    };
    for held_out in [Kind::Mx, Kind::Spf, Kind::Autodiscover, Kind::Txt] {
        for domains_with in ["all", "rest seen"] {
            let own = error(&truth.values, held_out, domains_with);
            assert!(own < 0.01, "{held_out:?}, {domains_with}: {own}");
        }
    }
    let mut wrong = truth.values.clone();
    wrong.rates[item(&truth.model, Kind::Spf)][0] /= 2.0;
    assert!(error(&wrong, Kind::Spf, "all") > 0.05, "{}", error(&wrong, Kind::Spf, "all"));
}

/// Half-life of MX records at 5,000 domains that are looked at on these days, each leaving Mimecast after an exponential
/// lifetime of the half-life 900 days.
fn half_life_seen(days: &[i64]) -> SignalRate {
    let catalogue = Catalogue::load(None).unwrap().as_of(DAY);
    let builder = InventoryBuilder::new(&catalogue, None, Moment::end_of(DAY));
    let (draws, start) = (Draws::new(8), Moment::parse("2024-01-01").unwrap().0);
    let mut adder = builder.adder();
    for at in 0..5_000u32 {
        let domain = format!("d{at}.example");
        let lifetime = -900.0 * draws.pair(Purpose::Claim, at, 0, 0)[0].log2();
        for day in days {
            let value = if (*day as f64) < lifetime { "eu-smtp-inbound-1.mimecast.com" } else { "mx.other.example" };
            adder.take(&[ObservationRef {
                domain: &domain,
                host: &domain,
                kind: Kind::Mx,
                key: "10",
                value,
                observed_at: Moment(start + day * 86_400),
                source: "test",
                status: Status::Found,
                value_hash: hash_of(value),
            }]);
        }
    }
    drop(adder);
    let rates = half_lives(&builder.finish(), "test");
    let mx = Place { kind: Some(Kind::Mx), ..Place::default() };
    rates.into_iter().find(|rate| rate.place == mx).unwrap()
}

/// A record that went counts half of the time between two looks, an error of (ln 2 · days ÷ half-life)² ÷ 12 for one
/// interval: below 1 % here, a third of a standard error.
#[test]
fn two_rounds_of_scans_give_the_half_life_of_exponential_lifetimes() {
    let found = half_life_seen(&[0, 300]);
    let error = found.standard_error.unwrap();
    assert_eq!((found.basis, found.domains), (Basis::Estimated, Some(5_000)));
    assert!(error < 40.0 && (found.estimate - 900.0).abs() < 3.0 * error, "{found:?}");
}

/// The same lifetimes looked at every 60 days for two years.
#[test]
fn many_rounds_of_scans_give_the_half_life_of_exponential_lifetimes() {
    let found = half_life_seen(&(0..13).map(|round| round * 60).collect::<Vec<i64>>());
    let error = found.standard_error.unwrap();
    assert_eq!(found.basis, Basis::Estimated);
    assert!(error < 40.0 && (found.estimate - 900.0).abs() < 3.0 * error, "{found:?}");
}

/// Fewer than 20 records that went say nothing: the catalogue's figure stays.
#[test]
fn records_that_all_stay_leave_the_half_life_as_it_was() {
    let found = half_life_seen(&[0, 1]);
    assert_eq!((found.basis, found.standard_error), (Basis::Assumed, None));
    let catalogue = Catalogue::load(None).unwrap();
    assert_eq!(found.estimate, catalogue.rates.half_life(Kind::Mx).unwrap().estimate);
}
