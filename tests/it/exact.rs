//! Aggregate distributions by Fourier inversion, against another engine's and against simulation.

use blastradius::fit::severity::Severity;
use blastradius::loss::exact::{
    Aggregate, Frequency, Grid, GridDistribution, Risk, beta_nodes, compound, product, scenario,
};
use blastradius::loss::terms::{Year, settle};
use blastradius::metrics::Curve;
use blastradius::money::Cents;
use blastradius::portfolio::{Coverage, Terms};
use blastradius::random::beta::beta;
use blastradius::random::{Draws, Purpose, Stream};

const PERIODS: [f64; 3] = [20.0, 100.0, 200.0];

/// A row of the table that `tests/independent/aggregate_cases.py` wrote.
struct Case {
    name: String,
    frequency: Frequency,
    severity: Severity,
    retention: f64,
    limit: f64,
    aggregate_limit: f64,
    mean: f64,
    sd: f64,
    /// VaR and TVaR at 95, 99 and 99.5 %.
    tail: [(f64, f64); 3],
}

fn cases() -> Vec<Case> {
    let table = include_str!("../independent/aggregate_cases.csv");
    table.lines().skip(2).map(case).collect()
}

fn case(line: &str) -> Case {
    let cells: Vec<&str> = line.split(',').collect();
    let number = |at: usize| cells[at].parse::<f64>().unwrap();
    let limit = |at: usize| if cells[at].is_empty() { f64::INFINITY } else { number(at) };
    let frequency = match cells[0] {
        "poisson" => Frequency::Poisson { mean: number(1) },
        "negative_binomial" => Frequency::NegativeBinomial { mean: number(1), shape: number(2) },
        "binomial" => Frequency::Binomial { trials: number(1) as u64, probability: number(2) },
        other => panic!("{other}"),
    };
    let severity = if cells[3] == "pareto" {
        Severity::Pareto { shape: number(4), scale: number(5) }
    } else {
        let variance = (1.0 + number(5) * number(5)).ln();
        Severity::Lognormal { mu: number(4).ln() - variance / 2.0, sigma: variance.sqrt() }
    };
    Case {
        name: cells[..9].join(" "),
        frequency,
        severity,
        retention: number(6),
        limit: limit(7),
        aggregate_limit: limit(8),
        mean: number(10),
        sd: number(11),
        tail: [12, 14, 16].map(|at| (number(at), number(at + 1))),
    }
}

/// The same by inversion here, on a grid of another step.
fn exact(case: &Case) -> Aggregate {
    let top = case.mean + 40.0 * case.sd;
    let claim =
        GridDistribution::layer(Grid::reaching(top, 1 << 17).unwrap(), &case.severity, case.retention, case.limit);
    let sum = compound(&case.frequency, &claim);
    if case.aggregate_limit.is_finite() { sum.paid(|s| s.min(case.aggregate_limit)) } else { sum }
}

#[test]
fn compounds_agree_with_another_engine_within_a_tenth_of_a_percent() {
    let cases = cases();
    assert!(cases.len() >= 9);
    for case in &cases {
        let own = exact(case);
        let near = |a: f64, b: f64, what: &str| {
            println!("{}: {what} {a:.0} theirs {b:.0}: {:.1e}", case.name, a / b - 1.0);
            assert!((a / b - 1.0).abs() < 1e-3, "{}: {what} {a} {b}", case.name);
        };
        near(own.mean(), case.mean, "mean");
        near(own.standard_deviation(), case.sd, "sd");
        for (period, (var, tvar)) in PERIODS.into_iter().zip(case.tail) {
            let (q, beyond) = own.at(period);
            near(q, var, "VaR");
            near(beyond, tvar, "TVaR");
        }
        assert!(own.beyond() < 1e-6 && own.mean_error().abs() < 1e-5, "{} {}", own.beyond(), own.mean_error());
    }
}

/// A number of claims by inversion of the distribution function: P(k) = P(k − 1)·(a + b ÷ k) (*Loss Models*, 4th ed., section 6.5).
fn count(frequency: &Frequency, u: f64) -> u32 {
    let (mut mass, a, b) = match *frequency {
        Frequency::Poisson { mean } => ((-mean).exp(), 0.0, mean),
        Frequency::NegativeBinomial { mean, shape } => {
            let p = mean / (mean + shape);
            ((1.0 - p).powf(shape), p, (shape - 1.0) * p)
        }
        Frequency::Binomial { trials, probability } => {
            let odds = probability / (1.0 - probability);
            ((1.0 - probability).powf(trials as f64), -odds, (trials as f64 + 1.0) * odds)
        }
    };
    let (mut upto, mut k) = (mass, 0);
    while u > upto && k < 10_000 {
        k += 1;
        mass *= a + b / f64::from(k);
        upto += mass;
    }
    k
}

fn cents(units: f64) -> Cents {
    if units.is_finite() { Cents::from_units(units).unwrap() } else { Cents::UNLIMITED }
}

/// A year's claims through the policy terms.
fn year(case: &Case, terms: &Terms, stream: &mut Stream) -> Cents {
    let mut used = Year::new(terms);
    let mut losses = [Cents::ZERO; Coverage::COUNT];
    (0..count(&case.frequency, stream.uniform()))
        .map(|_| {
            losses[Coverage::IncidentResponse as usize] = cents(case.severity.quantile(stream.uniform()));
            settle(terms, &losses, &mut used).gross
        })
        .sum()
}

/// Mean, standard deviation, VaR and TVaR of a simulation within four of its standard errors of the exact ones; that of a VaR is
/// a quarter of the width of its 95 % interval (3.92 standard errors), and at least a step of the grid. A tenth of a per cent is
/// always allowed, which is what the exact ones are held to: where an aggregate limit is reached about as often as the tail is
/// long, a sample's tail is nearly all limit and shows no spread.
fn within_four_errors(name: &str, yearly: &[Cents], exact: &Aggregate) {
    let curve = Curve::new(yearly);
    let near = |own: f64, error: f64, exact: f64, what: &str| {
        println!("{name}: {what} {own:.0} exact {exact:.0}: {:.2} standard errors", (own - exact) / error);
        assert!((own - exact).abs() <= 4.0 * error + exact * 1e-3, "{name}: {what} {own} {exact} {error}");
    };
    near(curve.mean().value, curve.mean().standard_error.unwrap(), exact.mean(), "mean");
    let sd = curve.standard_deviation();
    near(sd.value, sd.standard_error.unwrap(), exact.standard_deviation(), "sd");
    for period in PERIODS {
        let point = curve.at(period).unwrap();
        let (q, beyond) = exact.at(period);
        let error = (point.high.unwrap() - point.low) / 3.92;
        near(point.loss, error.max(exact.grid.step / 4.0), q, "VaR");
        let error = point.tail.standard_error.unwrap();
        near(point.tail.value, error.max(exact.grid.step / 4.0), beyond, "TVaR");
    }
}

#[test]
fn simulation_through_terms_agrees_with_the_exact_distribution() {
    let draws = Draws::new(20_210_112);
    for (number, case) in cases().iter().enumerate() {
        let terms = Terms {
            retention: cents(case.retention),
            limit: cents(case.limit),
            aggregate: cents(case.aggregate_limit),
            ..Terms::default()
        };
        let simulated = |t| year(case, &terms, &mut draws.stream(Purpose::Claim, t, number as u32));
        let yearly: Vec<Cents> = (0..60_000).map(simulated).collect();
        within_four_errors(&case.name, &yearly, &exact(case));
    }
}

/// 300 insureds of three sizes with probabilities from 0.02 to 0.98; affected and hit shares that are beta; each with a layer.
#[test]
fn a_scenario_with_shared_factors_agrees_with_its_simulation() {
    let sizes = [(9.0, 100_000.0), (10.5, 400_000.0), (12.0, 1_000_000.0)];
    let severity = |size: usize| Severity::Lognormal { mu: sizes[size].0, sigma: 1.6 };
    let grid = Grid::reaching(100e6, 1 << 16).unwrap();
    let claims: Vec<GridDistribution> =
        (0..3).map(|size| GridDistribution::layer(grid, &severity(size), 10_000.0, sizes[size].1)).collect();
    let insureds: Vec<(f64, usize)> =
        (0..300).map(|i| (0.02 + 0.96 * f64::from(i % 30) / 29.0, i as usize % 3)).collect();
    let risks: Vec<Risk> = insureds.iter().map(|(p, size)| Risk { probability: *p, claim: &claims[*size] }).collect();
    let rates = product(&beta_nodes(24, 4.0, 12.0), &beta_nodes(24, 2.0, 3.0));
    let exact = scenario(&risks, &rates).unwrap();
    assert!(exact.mean_error().abs() < 1e-9 && exact.beyond() < 1e-9);
    let terms = |size: usize| Terms { retention: cents(10_000.0), limit: cents(sizes[size].1), ..Terms::default() };
    let terms = [0, 1, 2].map(terms);
    let draws = Draws::new(8);
    let occurrence = |t: u32| -> Cents {
        let mut shared = draws.stream(Purpose::Shock, t, 0);
        let rate = beta(&mut shared, 4.0, 12.0) * beta(&mut shared, 2.0, 3.0);
        let mut own = draws.stream(Purpose::Claim, t, 1);
        let mut hit = |(p, size): &(f64, usize)| {
            let mut losses = [Cents::ZERO; Coverage::COUNT];
            if own.uniform() < rate * p {
                losses[Coverage::IncidentResponse as usize] = cents(severity(*size).quantile(own.uniform()));
            }
            settle(&terms[*size], &losses, &mut Year::new(&terms[*size])).gross
        };
        insureds.iter().map(&mut hit).sum()
    };
    let yearly: Vec<Cents> = (0..20_000).map(occurrence).collect();
    within_four_errors("scenario", &yearly, &exact);
    let spared = yearly.iter().filter(|loss| **loss == Cents::ZERO).count() as f64 / 20_000.0;
    let p = exact.probability_of_nothing();
    assert!((spared - p).abs() < 4.0 * (p * (1.0 - p) / 20_000.0).sqrt(), "{spared} {p}");
}
