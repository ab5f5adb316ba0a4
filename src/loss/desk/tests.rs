use super::*;
use crate::catalogue::{Count, Distribution};
use crate::loss::calendar::{Calendar, Mode};
use crate::loss::headway::Headway;
use crate::loss::plan::{GroundUp, Peril, Plan, Shock};
use crate::loss::scene::used_classes;
use crate::loss::severity::CappedLognormal;
use crate::loss::simulate::{Parameters, Simulation};
use crate::portfolio::{Coverage, Terms};
use crate::random::{Draws, Stream};

/// A number from 0 to `n` − 1.
fn pick(stream: &mut Stream, n: u32) -> u32 {
    (stream.uniform() * f64::from(n)) as u32
}

/// One amount of a few, more often none.
fn amount(stream: &mut Stream, none: Cents) -> Cents {
    let some = [1_000, 50_000, 333_333, 1_234_567, 20_000_001];
    some.get(pick(stream, 12) as usize).map_or(none, |amount| Cents(*amount))
}

fn terms(stream: &mut Stream) -> Terms {
    let mut terms = Terms {
        limit: amount(stream, Cents::UNLIMITED),
        aggregate: amount(stream, Cents::UNLIMITED),
        retention: amount(stream, Cents::ZERO),
        attachment: amount(stream, Cents::ZERO),
        share: [1.0, 0.5, 0.123][pick(stream, 3) as usize],
        retention_aggregate: amount(stream, Cents::UNLIMITED),
        retention_franchise: pick(stream, 3) == 0,
        policy_limit: amount(stream, Cents::UNLIMITED),
        ..Terms::default()
    };
    for own in &mut terms.coverages {
        own.covered = pick(stream, 6) > 0;
        own.sublimit = amount(stream, Cents::UNLIMITED);
        own.deductible = amount(stream, Cents::ZERO);
        own.franchise = pick(stream, 3) == 0;
        own.annual_sublimit = pick(stream, 3) == 0;
        own.coinsurance = [0.0, 0.0, 0.1, 0.333][pick(stream, 4) as usize];
    }
    terms
}

/// Three events, and a few insureds with any terms.
fn plan(stream: &mut Stream) -> Plan {
    let point = Distribution::Point(1.0);
    let shock = Shock { affected: point, hit: Distribution::Uniform(0.0, 0.9), outage: None, level: 0.7 };
    let shares = [&[1.0][..], &[0.4, 0.6], &[0.35, 0.35, 0.3], &[]];
    let peril = |(key, share): (u64, usize)| Peril {
        id: key.to_string(),
        vendor: String::new(),
        key,
        shock,
        frequency: None,
        responding: Coverage::ALL.into_iter().skip(key as usize).zip(shares[share].iter().copied()).collect(),
    };
    let perils = [1, 2, 3].map(|key| (key, pick(stream, 4) as usize)).map(peril).to_vec();
    // In one book of five some losses are beyond what doubles hold to the cent.
    let (mu, cap) = if pick(stream, 5) == 0 { (28.0, 5e15) } else { (8.0, 5e6) };
    let severity = CappedLognormal { mu, sigma: 2.5, cap };
    let insureds = (0..12).map(|key| {
        let probability = 0.05 + 0.95 * stream.uniform();
        let risk = |peril| Risk { peril, probability, ground_up: GroundUp::Severity { severity, rate: 0.9 } };
        let layers = 0..1 + pick(stream, 3);
        let layer = |policy| Layer { policy: key as u32 * 3 + policy, terms: terms(stream) };
        Insured { key, layers: layers.map(layer).collect(), risks: (0..1 + key as u32 % 3).map(risk).collect() }
    });
    let insureds = insureds.collect();
    Plan { perils, insureds, policies: (0..36).collect(), models: Vec::new() }
}

/// 300 books of 12 insureds with any terms, 40 trials of three events: what is worked out side by side, with the machine's
/// widest vectors, and hits that share a year by themselves, is to the cent what each hit gives in order.
#[test]
fn side_by_side_comes_to_what_each_claim_in_order_does() {
    let (mut sums, mut paid) = (0, Cents::ZERO);
    for book in 0..300 {
        let plan = plan(&mut Draws::new(17).stream(Purpose::Bootstrap, book, 0));
        let (mode, parameters) = (Mode::Scenario, Parameters::Estimates);
        let simulation = Simulation {
            plan: &plan,
            mode,
            years: 0..40,
            seed: 5,
            parameters,
            reinsurance: None,
            claims: true,
            yearly_by_policy: true,
        };
        let draws = Draws::new(5);
        let calendar = Calendar::of(&plan, &draws, mode, 0..40);
        let used = used_classes(&plan);
        let tally = |in_order: bool| {
            let mut headway = Headway::new(&plan, plan.insureds.len(), false);
            let mut scene = Scene::new(&simulation, draws, (0, 0..40), &calendar, &used, &headway);
            scene.by_coverage = in_order;
            scene.claims = false;
            let mut tally = Tally::new(calendar.occurrences.len());
            Desk::new(&scene).task(0, &plan.insureds, &mut headway.stands()[0], &mut tally);
            tally.sums.pop();
            (tally.sums, tally.by_policy, tally.yearly)
        };
        let (together, each) = (tally(false), tally(true));
        assert_eq!(together, each, "book {book}");
        sums += each.0.iter().filter(|sum| sum.gross > Cents::ZERO).count();
        paid += each.0.iter().map(|sum| sum.gross).sum();
    }
    assert!(sums > 3_000 && paid > Cents(1_000_000_000), "{sums} occurrences that cost: {paid:?}");
}

/// An event that hits everybody.
fn certain(key: u64, frequency: Option<Count>, outage: Option<(f64, f64)>) -> Peril {
    let point = Distribution::Point(1.0);
    let shock = Shock { affected: point, hit: point, outage, level: 0.0 };
    let responding = vec![(Coverage::BusinessInterruption, 1.0)];
    Peril { id: key.to_string(), vendor: String::new(), key, shock, frequency, responding }
}

/// One insured with these terms.
fn one(perils: Vec<Peril>, ground_up: GroundUp, terms: Terms) -> Plan {
    let risks = (0..perils.len() as u32).map(|peril| Risk { peril, probability: 1.0, ground_up }).collect();
    let insured = Insured { key: 7, risks, layers: vec![Layer { policy: 0, terms }] };
    Plan { perils, insureds: vec![insured], policies: vec![0], models: Vec::new() }
}

fn simulation(plan: &Plan, mode: Mode, years: std::ops::Range<u32>) -> Simulation<'_> {
    Simulation {
        plan,
        mode,
        years,
        seed: 5,
        parameters: Parameters::Estimates,
        reinsurance: None,
        claims: true,
        yearly_by_policy: false,
    }
}

/// Two events, each about twice a year, cost 100 whenever they happen, of which a policy pays 250 a year: whichever comes first
/// in time, the claims of a year pay 100, 100, 50 and then nothing. A part of the years has the same.
#[test]
fn the_occurrences_of_a_year_use_up_an_aggregate_in_order_of_time() {
    let hundred = CappedLognormal { mu: libm::log(100.0), sigma: 1e-12, cap: 1e9 };
    let often = |key| certain(key, Some(Count::Poisson(2.0)), None);
    let terms = Terms { aggregate: Cents(25_000), ..Terms::default() };
    let plan = one([1, 2].map(often).to_vec(), GroundUp::Severity { severity: hundred, rate: 1.0 }, terms);
    let told = |years: std::ops::Range<u32>| {
        let (mut rows, mut paid) = (Vec::new(), Vec::new());
        let each = |block: &crate::loss::Block| {
            rows.extend_from_slice(&block.years);
            let of = |claim: &Claim| (block.occurrences[claim.occurrence as usize], claim.amounts);
            paid.extend(block.claims.iter().map(of));
            Ok(())
        };
        simulation(&plan, Mode::Catalogue, years).run(each).unwrap();
        (rows, paid)
    };
    let (rows, paid) = told(0..200);
    assert!(paid.is_sorted_by_key(|(own, _)| (own.year, own.time)));
    for (row, year) in rows.iter().zip(0..) {
        let own: Vec<i64> = paid.iter().filter(|(own, _)| own.year == year).map(|(_, paid)| paid.gross.0).collect();
        let wanted: Vec<i64> =
            [10_000, 10_000, 5_000].into_iter().chain(std::iter::repeat(0)).take(own.len()).collect();
        assert_eq!(own, wanted, "year {year}");
        let (count, sum) = (own.len() as u32, Cents(own.iter().sum()));
        assert_eq!((row.year, row.occurrences, row.hits, row.claims), (year + 1, count, count, count.min(3)));
        assert_eq!((row.sum.ground_up, row.sum.gross, row.sum.net), (Cents(i64::from(count) * 10_000), sum, sum));
        assert_eq!(row.largest.gross, Cents(own.first().copied().unwrap_or(0)));
    }
    assert!(rows.iter().any(|row| row.occurrences > 3));
    let (part, of_part) = told(70..130);
    assert_eq!(part, rows[70..130]);
    assert!(paid.iter().filter(|(own, _)| (70..130).contains(&own.year)).eq(of_part.iter()));
}

/// Ten hours at 1,000 an hour, of which a second provider saves four fifths with probability a quarter: of 4,000 trials 1,000 cost
/// 2,000, within four standard deviations (27.4), the others 10,000.
#[test]
fn a_second_provider_stands_in_as_often_as_is_said() {
    use crate::loss::outage::Hourly;
    let hourly = GroundUp::Hourly(Hourly { profit: 1_000.0, expense: 0.0, second: 0.25, saves: 0.8 });
    let plan = one(vec![certain(1, None, Some((libm::log(10.0), 0.0)))], hourly, Terms::default());
    let years = simulation(&plan, Mode::Scenario, 0..4_000).run(|_| Ok(())).unwrap().years;
    let cost = |units: i64| years.iter().filter(|year| (year.sum.gross.0 - units * 100).abs() <= 1).count();
    let (helped, alone) = (cost(2_000), cost(10_000));
    assert!((890..=1_110).contains(&helped) && helped + alone == 4_000, "{helped} {alone}");
}
