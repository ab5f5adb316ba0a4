//! The exact loss of an outage within a tenth of a per cent of what it is: where few insureds can be hit, or many that are the
//! same, all outcomes can be listed, each a function of the hours that rises.
//!
//! A tenth of a per cent is what the exact figures are held to. Of a loss that is exceeded with probability p it is checked at
//! both sides: P(L > 1.001·q) ≤ p ≤ P(L > 0.999·q), by bisection of the hours for each outcome.

use blastradius::catalogue::Distribution;
use blastradius::loss::exact::{ExactLoss, WithError, beta_nodes, exact_losses, uniform_nodes};
use blastradius::loss::outage::Hourly;
use blastradius::loss::{GroundUp, Insured, Layer, Mode, Parameters, Peril, Plan, Risk, Shock, Simulation};
use blastradius::metrics::Curve;
use blastradius::money::Cents;
use blastradius::portfolio::{Coverage, Terms, Waiting, WaitingKind};
use blastradius::random::normal;

const WITHIN: f64 = 1e-3;

const PERIODS: [f64; 5] = [20.0, 50.0, 100.0, 200.0, 1_000.0];

/// Policy terms as written by hand: all in units and hours.
#[derive(Clone, Copy)]
struct Policy {
    waiting: f64,
    kind: WaitingKind,
    indemnity: f64,
    retention: f64,
    limit: f64,
    attachment: f64,
    share: f64,
}

const PLAIN: Policy = Policy {
    waiting: 0.0,
    kind: WaitingKind::Retention,
    indemnity: 8_760.0,
    retention: 0.0,
    limit: f64::INFINITY,
    attachment: 0.0,
    share: 1.0,
};

impl Policy {
    fn terms(&self) -> Terms {
        let cents = |x: f64| if x.is_finite() { Cents::from_units(x).unwrap() } else { Cents::UNLIMITED };
        Terms {
            retention: cents(self.retention),
            limit: cents(self.limit),
            attachment: cents(self.attachment),
            share: self.share,
            ..Terms::default()
        }
        .waiting(Waiting { hours: self.waiting, kind: self.kind, indemnity_hours: self.indemnity })
    }

    fn pays(&self, an_hour: f64, hours: f64) -> f64 {
        let paid = match self.kind {
            _ if hours <= self.waiting => 0.0,
            WaitingKind::Qualifying => hours.min(self.indemnity),
            WaitingKind::Retention => (hours - self.waiting).min(self.indemnity),
        };
        (an_hour * paid - self.retention - self.attachment).clamp(0.0, self.limit) * self.share
    }
}

/// Insureds that are the same.
#[derive(Clone)]
struct Same {
    count: u64,
    probability: f64,
    an_hour: f64,
    second: f64,
    layers: Vec<Policy>,
}

impl Same {
    fn one(probability: f64, an_hour: f64, layers: &[Policy]) -> Same {
        Same { count: 1, probability, an_hour, second: 0.0, layers: layers.to_vec() }
    }

    fn hourly(&self) -> Hourly {
        Hourly { profit: self.an_hour, expense: 0.0, second: self.second, saves: SAVES }
    }

    /// What all its policies pay: together no more than the loss.
    fn pays(&self, hours: f64, helped: bool) -> f64 {
        let an_hour = if helped { self.an_hour * (1.0 - SAVES) } else { self.an_hour };
        self.layers.iter().map(|own| own.pays(an_hour, hours)).sum::<f64>().min(an_hour * hours)
    }
}

const SAVES: f64 = 0.75;

struct Case {
    name: &'static str,
    affected: Distribution,
    hit: Distribution,
    hours: (f64, f64),
    book: Vec<Same>,
}

impl Case {
    fn plan(&self) -> Plan {
        let shock = Shock { affected: self.affected, hit: self.hit, outage: Some(self.hours), level: 0.0 };
        let peril = Peril {
            id: "made".into(),
            vendor: String::new(),
            key: 5,
            shock,
            frequency: None,
            responding: vec![(Coverage::BusinessInterruption, 1.0)],
        };
        let (mut insureds, mut policy) = (Vec::new(), 0);
        for same in &self.book {
            for _ in 0..same.count {
                let layers = same.layers.iter().map(|own| {
                    policy += 1;
                    Layer { policy: policy - 1, terms: own.terms() }
                });
                let ground_up = GroundUp::Hourly(same.hourly());
                insureds.push(Insured {
                    key: insureds.len() as u64 + 1,
                    layers: layers.collect(),
                    risks: vec![Risk { peril: 0, probability: same.probability, ground_up }],
                });
            }
        }
        let mut plan =
            Plan { perils: vec![peril], insureds, policies: (0..policy as usize).collect(), models: Vec::new() };
        plan.order().unwrap();
        plan
    }
}

fn simulation(plan: &Plan, trials: u32) -> Simulation<'_> {
    Simulation {
        plan,
        mode: Mode::Scenario,
        years: 0..trials,
        seed: 12,
        parameters: Parameters::Estimates,
        reinsurance: None,
        claims: false,
        yearly_by_policy: false,
    }
}

fn gross(plan: &Plan) -> ExactLoss {
    let start = std::time::Instant::now();
    let own = exact_losses(&simulation(plan, 1)).unwrap().unwrap().gross;
    println!("{} insureds: {:.2} s", plan.insureds.len(), start.elapsed().as_secs_f64());
    own
}

/// Rates with their weights: of a few insureds probabilities are polynomials that 16 nodes integrate exactly.
fn rates(case: &Case) -> Vec<(f64, f64)> {
    let many = case.book.iter().any(|same| same.count > 16);
    let (uniform, beta) = if many { (64, 200) } else { (16, 16) };
    let nodes = |share| -> Vec<(f64, f64)> {
        match share {
            Distribution::Point(x) => vec![(x, 1.0)],
            Distribution::Uniform(low, high) => {
                uniform_nodes(uniform).iter().map(|n| (low + (high - low) * n.value, n.weight)).collect()
            }
            Distribution::Beta(a, b) => beta_nodes(beta, a, b).iter().map(|n| (n.value, n.weight)).collect(),
        }
    };
    let (a, b) = (nodes(case.affected), nodes(case.hit));
    a.iter().flat_map(|(x, v)| b.iter().map(move |(y, w)| (x * y, v * w))).collect()
}

/// P(k of n) with probability q each, by logarithms.
fn binomial(n: u64, q: f64, k: u64) -> f64 {
    let (n, k) = (n as f64, k as f64);
    let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    let part = |count: f64, p: f64| if count == 0.0 { 0.0 } else { count * p.ln() };
    (choose + part(k, q) + part(n - k, 1.0 - q)).exp()
}

/// An outcome: how many claim each of the amounts, and how likely that is.
struct Outcome {
    counts: Vec<f64>,
    probability: f64,
}

/// Claims that a group can make: alone, then helped where it has a second provider.
fn kinds(same: &Same) -> usize {
    if same.second > 0.0 { 2 } else { 1 }
}

/// All outcomes that are not very unlikely.
fn outcomes(case: &Case) -> Vec<Outcome> {
    let rates = rates(case);
    let mut all = vec![(Vec::new(), rates.iter().map(|(_, weight)| *weight).collect::<Vec<f64>>())];
    for same in &case.book {
        let own: Vec<(Vec<f64>, Vec<f64>)> = choices(same, &rates);
        let mut next = Vec::new();
        for (counts, weights) in &all {
            for (more, parts) in &own {
                let weights: Vec<f64> = weights.iter().zip(parts).map(|(a, b)| a * b).collect();
                if weights.iter().sum::<f64>() > 1e-12 {
                    next.push(([counts.clone(), more.clone()].concat(), weights));
                }
            }
        }
        all = next;
    }
    all.into_iter().map(|(counts, weights)| Outcome { counts, probability: weights.iter().sum() }).collect()
}

/// Counts of a group's claims with their probabilities at each rate.
fn choices(same: &Same, rates: &[(f64, f64)]) -> Vec<(Vec<f64>, Vec<f64>)> {
    let at = |k: u64, part: f64| -> Vec<f64> {
        rates.iter().map(|(r, _)| part * binomial(same.count, r * same.probability, k)).collect()
    };
    if kinds(same) == 1 {
        return (0..=same.count).map(|k| (vec![k as f64], at(k, 1.0))).collect();
    }
    assert_eq!(same.count, 1);
    let second = same.second;
    vec![(vec![0.0, 0.0], at(0, 1.0)), (vec![1.0, 0.0], at(1, 1.0 - second)), (vec![0.0, 1.0], at(1, second))]
}

/// Amounts at many hours, evenly by their normal variable.
struct Listed {
    outcomes: Vec<Outcome>,
    z: Vec<f64>,
    amounts: Vec<Vec<f64>>,
}

fn upper(z: f64) -> f64 {
    0.5 * libm::erfc(z / 2f64.sqrt())
}

impl Listed {
    fn of(case: &Case) -> Listed {
        let (mu, sigma) = case.hours;
        let z: Vec<f64> = (0..=32_000).map(|n| -8.0 + f64::from(n) / 2_000.0).collect();
        let amounts = |z: &f64| -> Vec<f64> {
            let hours = (mu + sigma * z).exp();
            let own = |same: &Same| (0..kinds(same)).map(|n| same.pays(hours, n == 1)).collect::<Vec<f64>>();
            case.book.iter().flat_map(own).collect()
        };
        Listed { outcomes: outcomes(case), amounts: z.iter().map(amounts).collect(), z }
    }

    fn loss(&self, outcome: &Outcome, at: usize) -> f64 {
        outcome.counts.iter().zip(&self.amounts[at]).map(|(count, amount)| count * amount).sum()
    }

    /// P(L > x): each outcome's from the hours on at which it is above x.
    fn above(&self, x: f64) -> f64 {
        let own = |outcome: &Outcome| {
            let (mut low, mut high) = (0, self.z.len() - 1);
            if self.loss(outcome, high) <= x {
                return 0.0;
            }
            while high - low > 1 {
                let middle = (low + high) / 2;
                if self.loss(outcome, middle) <= x { low = middle } else { high = middle }
            }
            let (a, b) = (self.loss(outcome, low), self.loss(outcome, high));
            let part = if b > a { ((x - a) / (b - a)).clamp(0.0, 1.0) } else { 0.5 };
            outcome.probability * upper(self.z[low] + part * (self.z[high] - self.z[low]))
        };
        self.outcomes.iter().map(own).sum()
    }

    /// E f(L), by the middles of every fourth pair of hours.
    fn mean(&self, f: impl Fn(f64) -> f64) -> f64 {
        let at = |n: usize| {
            let weight = upper(self.z[n - 2]) - upper(self.z[n + 2]);
            let own = |o: &Outcome| o.probability * f(self.loss(o, n));
            weight * self.outcomes.iter().map(own).sum::<f64>()
        };
        (2..self.z.len() - 2).step_by(4).map(at).sum()
    }
}

/// All figures within a tenth of a per cent of the listed outcomes', and told to be so. What is told is the difference to a
/// coarser computation: what a figure is off is of that size, but for the step of the listed hours (2·10⁻⁴ where a claim jumps).
fn check(case: &Case) {
    let plan = case.plan();
    let (own, listed) = (gross(&plan), Listed::of(case));
    println!("{}: {} outcomes", case.name, listed.outcomes.len());
    let near = |what: &str, own: WithError, value: f64| {
        let (off, told) = (own.value / value - 1.0, own.error / value);
        println!("{}: {what} {:.2}, is {value:.2}: off {off:.1e}, told {told:.1e}", case.name, own.value);
        assert!(off.abs() <= WITHIN && told <= WITHIN, "{}: {what} {own:?} {value}", case.name);
        assert!(off.abs() <= 3.0 * told + 2e-4, "{}: {what} {own:?} {value}", case.name);
    };
    let mean = listed.mean(|x| x);
    near("mean", own.mean(), mean);
    near("sd", own.standard_deviation(), (listed.mean(|x| x * x) - mean * mean).sqrt());
    for period in PERIODS {
        let (at, p) = (own.at(period).0, 1.0 / period);
        let [more, less] = [1.0 - WITHIN, 1.0 + WITHIN].map(|part| listed.above(part * at.value));
        println!("{}: 1 in {period} {:.2} told {:.1e}: {less} {p} {more}", case.name, at.value, at.error / at.value);
        assert!(less <= p && p <= more && at.error <= WITHIN * at.value, "{}: {period} {at:?}", case.name);
    }
    // The mean of the worst hundredth: q + E (L − q)⁺ ÷ p, for q the loss exceeded with probability p, or near it.
    let q = own.at(100.0).0.value;
    near("TVaR 99", own.at(100.0).1, q + 100.0 * listed.mean(|x| (x - q).max(0.0)));
}

const POINT: Distribution = Distribution::Point(1.0);

/// One insured, hit with probability 0.3, 1,000 an hour: P(L > x) = 0.3·P(H > 8 + x ÷ 1,000), so that the loss exceeded with
/// probability p is 1,000·(h − 8), h the hours exceeded with probability p ÷ 0.3.
#[test]
fn one_insured_loses_what_its_hours_say() {
    let policy = Policy { waiting: 8.0, ..PLAIN };
    let book = vec![Same::one(0.6, 1_000.0, &[policy])];
    let case = Case { name: "one", affected: Distribution::Point(0.5), hit: POINT, hours: (2.4, 1.3), book };
    let own = gross(&case.plan());
    for period in PERIODS {
        let z = normal::quantile(1.0 - 1.0 / (0.3 * period));
        let expected = 1_000.0 * ((2.4 + 1.3 * z).exp() - 8.0);
        let at = own.at(period).0;
        assert!(
            (at.value / expected - 1.0).abs() < WITHIN && at.error < WITHIN * expected,
            "{period} {at:?} {expected}"
        );
    }
    check(&case);
}

#[test]
fn one_insured_with_a_limit_and_an_indemnity_period() {
    for (kind, limit, indemnity) in [
        (WaitingKind::Qualifying, 60_000.0, 8_760.0),
        (WaitingKind::Retention, f64::INFINITY, 120.0),
        (WaitingKind::Qualifying, f64::INFINITY, 120.0),
    ] {
        let policy = Policy { waiting: 12.0, kind, limit, indemnity, retention: 5_000.0, ..PLAIN };
        let book = vec![Same::one(0.5, 1_000.0, &[policy])];
        check(&Case {
            name: "limited",
            affected: Distribution::Uniform(0.2, 0.6),
            hit: POINT,
            hours: (2.4, 1.3),
            book,
        });
    }
}

/// Without a wait L = N·1,000·H, N binomial: the law given the hours is nearly a step.
#[test]
fn many_insureds_that_are_the_same() {
    let same = |count, probability, policy| Same { count, ..Same::one(probability, 1_000.0, &[policy]) };
    let wait = Policy { waiting: 8.0, retention: 2_500.0, limit: 100_000.0, ..PLAIN };
    let beta = Distribution::Beta(4.0, 6.0);
    for (name, affected, policy, probability) in [
        ("binomial", Distribution::Point(0.4), PLAIN, 0.8),
        ("binomial with terms", Distribution::Point(0.4), wait, 0.8),
        ("beta-binomial", beta, PLAIN, 1.0),
        ("beta-binomial with terms", beta, wait, 0.3),
    ] {
        let book = vec![same(2_400, probability, policy)];
        check(&Case { name, affected, hit: POINT, hours: (2.5, 1.2), book });
    }
}

#[test]
fn two_kinds_of_insureds_one_of_which_reaches_its_limit() {
    let waits = Policy { waiting: 8.0, retention: 1_000.0, ..PLAIN };
    let qualifies = Policy { waiting: 12.0, kind: WaitingKind::Qualifying, limit: 50_000.0, indemnity: 96.0, ..PLAIN };
    let book = vec![
        Same { count: 900, ..Same::one(0.9, 700.0, &[waits]) },
        Same { count: 300, ..Same::one(0.5, 2_000.0, &[qualifies]) },
    ];
    for affected in [Distribution::Point(0.3), Distribution::Uniform(0.25, 0.35)] {
        check(&Case { name: "two kinds", affected, hit: POINT, hours: (2.6, 1.1), book: book.clone() });
    }
}

/// Ten insureds with everything: both waits, indemnity, retention, limits, several layers, second providers.
#[test]
fn a_few_insureds_with_layers_and_second_providers() {
    let (mut book, tower) = (Vec::new(), |limit: f64, kind, waiting| {
        let primary = Policy { waiting, kind, retention: 4_000.0, limit, ..PLAIN };
        vec![primary, Policy { attachment: limit, retention: 0.0, limit: 2.0 * limit, share: 0.5, ..primary }]
    });
    for at in 0..9u32 {
        let kind = if at.is_multiple_of(2) { WaitingKind::Retention } else { WaitingKind::Qualifying };
        let mut layers =
            tower([20_000.0, 60_000.0, 250_000.0][at as usize % 3], kind, [6.0, 8.0, 12.0, 10.0][at as usize % 4]);
        if at == 4 {
            layers[0].indemnity = 72.0;
            layers.push(layers[0]);
        }
        let second = if at.is_multiple_of(4) { 0.35 } else { 0.0 };
        let an_hour = 300.0 * 1.7f64.powi(at as i32);
        book.push(Same { second, ..Same::one(0.1 + 0.09 * f64::from(at), an_hour, &layers) });
    }
    let shares = [
        (Distribution::Point(0.4), Distribution::Point(0.8)),
        (Distribution::Beta(22.0, 30.0), Distribution::Uniform(0.3, 0.9)),
        (Distribution::Uniform(0.1, 0.6), Distribution::Beta(2.0, 3.0)),
    ];
    for (affected, hit) in shares {
        check(&Case { name: "few", affected, hit, hours: (2.5, 1.26), book: book.clone() });
    }
}

/// Thirty-five thousand insureds, each loss nearly certain given the hours and the rate: in seconds, and within four standard
/// errors of ten thousand trials.
#[test]
fn a_book_of_thirty_five_thousand() {
    let own = |at: u32| {
        let waiting = [8.0, 12.0][at as usize % 2];
        let policy = Policy { waiting, limit: 200_000.0 * f64::from(at % 9 + 1), retention: 5_000.0, ..PLAIN };
        Same::one(f64::from(at % 20 + 1) / 20.0, 50.0 * 1.07f64.powi((at * 37 % 101) as i32), &[policy])
    };
    let book: Vec<Same> = (0..35_000).map(own).collect();
    for affected in [Distribution::Beta(16.0, 22.0), Distribution::Point(0.42)] {
        let hit = Distribution::Point(0.5);
        simulated(&Case { name: "many", affected, hit, hours: (2.5, 1.26), book: book.clone() }, 10_000);
    }
}

/// A book whose outcomes can't be listed: a hundred thousand trials, within four standard errors; that of a quantile is a quarter
/// of the width of its 95 % interval (3.92 standard errors).
#[test]
fn a_book_of_a_thousand_is_as_it_is_simulated() {
    let mut book = Vec::new();
    for at in 0..1_000u32 {
        let kind = if at % 3 == 0 { WaitingKind::Qualifying } else { WaitingKind::Retention };
        let limit = [50_000.0, 250_000.0, 1e6][at as usize % 3];
        let primary =
            Policy { waiting: [6.0, 8.0, 12.0, 24.0][at as usize % 4], kind, retention: 2_500.0, limit, ..PLAIN };
        let excess = Policy { retention: 0.0, attachment: limit, share: 0.5, ..primary };
        let layers = if at % 5 == 0 { vec![primary, excess] } else { vec![primary] };
        let an_hour = 100.0 * (1.0 + f64::from(at * 37 % 101)).powf(1.2);
        let second = if at % 7 == 0 { 0.4 } else { 0.0 };
        book.push(Same { second, ..Same::one(f64::from(at % 20 + 1) / 20.0, an_hour, &layers) });
    }
    for affected in [Distribution::Beta(16.0, 22.0), Distribution::Point(0.42)] {
        let case =
            Case { name: "thousand", affected, hit: Distribution::Point(0.5), hours: (2.5, 1.26), book: book.clone() };
        simulated(&case, 100_000);
    }
}

fn simulated(case: &Case, trials: u32) {
    let plan = case.plan();
    let own = gross(&plan);
    let years = simulation(&plan, trials).run(|_| Ok(())).unwrap().years;
    let losses: Vec<Cents> = years.iter().map(|year| year.sum.gross).collect();
    let curve = Curve::new(&losses);
    let near = |what: &str, simulated: f64, error: f64, exact: WithError| {
        let told = exact.error / exact.value;
        println!(
            "{what} {simulated:.0} exact {:.0}, told {told:.1e}: {:.2} standard errors",
            exact.value,
            (simulated - exact.value) / error
        );
        assert!(
            (simulated - exact.value).abs() <= 4.0 * error && told <= WITHIN,
            "{what}: {simulated} {error} {exact:?}"
        );
    };
    near("mean", curve.mean().value, curve.mean().standard_error.unwrap(), own.mean());
    near(
        "sd",
        curve.standard_deviation().value,
        curve.standard_deviation().standard_error.unwrap(),
        own.standard_deviation(),
    );
    for period in PERIODS {
        let point = curve.at(period).unwrap();
        near(&format!("1 in {period}"), point.loss, (point.high.unwrap() - point.low) / 3.92, own.at(period).0);
        near(&format!("beyond {period}"), point.tail.value, point.tail.standard_error.unwrap(), own.at(period).1);
    }
}
