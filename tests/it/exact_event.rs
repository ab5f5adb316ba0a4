//! The exact loss of one occurrence, against the simulation that goes through the same terms and against closed forms.

use blastradius::catalogue::Distribution;
use blastradius::fit::severity::Family;
use blastradius::incidents::{Segment, SegmentSeverity};
use blastradius::loss::exact::{ExactLoss, ExactLosses, exact_losses};
use blastradius::loss::fitted::FittedSeverity;
use blastradius::loss::outage::Hourly;
use blastradius::loss::severity::CappedLognormal;
use blastradius::loss::{GroundUp, Insured, Layer, Mode, Parameters, Peril, Plan, Risk, Shock, Simulation};
use blastradius::metrics::Curve;
use blastradius::money::Cents;
use blastradius::portfolio::{Coverage, Terms, Waiting, WaitingKind};
use blastradius::random::{Draws, Purpose};

use crate::command::{demo, json, program, results, rows, stdout};

const TRIALS: u32 = 40_000;

fn units(amount: f64) -> Cents {
    Cents::from_units(amount).unwrap()
}

/// A number of [0, 1) that belongs to an insured and a question.
fn dice(insured: u32, question: u32) -> f64 {
    Draws::new(7).stream(Purpose::Shock, insured, question).uniform()
}

fn peril(shock: Shock) -> Peril {
    let responding =
        vec![(Coverage::BusinessInterruption, 0.5), (Coverage::IncidentResponse, 0.3), (Coverage::Liability, 0.2)];
    Peril { id: "made".into(), vendor: String::new(), key: 5, shock, frequency: None, responding }
}

fn shock(affected: Distribution, hit: Distribution) -> Shock {
    Shock { affected, hit, outage: None, level: 0.0 }
}

/// A primary policy with retention, limit, coinsurance and a sublimit; every third insured has an excess layer too, every
/// seventh a second primary.
fn layers(at: u32, scale: f64) -> Vec<Layer> {
    let limit = [250_000.0, 1e6, 5e6][at as usize % 3] * scale;
    let mut primary = Terms {
        retention: units([10_000.0, 25_000.0][at as usize % 2] * scale),
        limit: units(limit),
        aggregate: units(2.0 * limit),
        ..Terms::default()
    }
    .coinsurance(if at.is_multiple_of(5) { 0.2 } else { 0.0 })
    .waiting(Waiting {
        hours: [8.0, 12.0][at as usize % 2],
        kind: if at % 4 < 2 { WaitingKind::Retention } else { WaitingKind::Qualifying },
        indemnity_hours: if at.is_multiple_of(6) { 48.0 } else { 8_760.0 },
    });
    primary.coverages[Coverage::Liability as usize].sublimit = units(limit / 10.0);
    let excess =
        Terms { retention: Cents::ZERO, attachment: units(limit), limit: units(limit / 2.0), share: 0.5, ..primary }
            .coinsurance(0.0);
    let mut terms = vec![primary];
    if at.is_multiple_of(3) {
        terms.push(excess);
    }
    if at.is_multiple_of(7) {
        terms.push(primary);
    }
    terms.into_iter().map(|terms| Layer { policy: at, terms }).collect()
}

fn plan(count: u32, shock: Shock, scale: f64, ground_up: impl Fn(u32) -> GroundUp) -> Plan {
    let insured = |at: u32| Insured {
        key: u64::from(at) + 1,
        risks: vec![Risk { peril: 0, probability: 0.02 + 0.97 * dice(at, 0).powi(3), ground_up: ground_up(at) }],
        layers: layers(at, scale),
    };
    let mut plan = Plan {
        perils: vec![peril(shock)],
        insureds: (0..count).map(insured).collect(),
        policies: (0..count as usize).collect(),
        models: Vec::new(),
    };
    plan.order().unwrap();
    plan
}

fn severity(at: u32, scale: f64) -> GroundUp {
    let mu = [9.5, 11.0, 12.5][at as usize % 3] + f64::ln(scale);
    GroundUp::Severity { severity: CappedLognormal { mu, sigma: 1.6, cap: 2e7 * scale }, rate: 1.0 }
}

fn hourly(at: u32) -> GroundUp {
    let profit = 50.0 * (8.0 * dice(at, 1)).exp2() * (3.0 * dice(at, 2)).exp();
    let second = if at.is_multiple_of(3) { 0.4 } else { 0.0 };
    GroundUp::Hourly(Hourly { profit, expense: profit / 20.0, second, saves: 0.8 })
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

fn exact(plan: &Plan) -> ExactLosses {
    exact_losses(&simulation(plan, 1)).unwrap().unwrap()
}

/// Within four standard errors; that of a quantile is a quarter of the width of its 95 % interval. The error that is told
/// is small against the figure.
fn agree(name: &str, simulated: &[Cents], exact: &ExactLoss) {
    let curve = Curve::new(simulated);
    let near = |what: &str, own: f64, error: f64, value: f64, told: f64| {
        println!("{name}: {what} {own:.4} exact {value:.4} ± {told:.4}: {:.2} standard errors", (own - value) / error);
        assert!((own - value).abs() <= 4.0 * error + told, "{name}: {what} {own} {value} {error}");
    };
    let (mean, deviation, none) = (exact.mean(), exact.standard_deviation(), exact.probability_of_nothing());
    near("mean", curve.mean().value, curve.mean().standard_error.unwrap(), mean.value, 0.0);
    let sd = curve.standard_deviation();
    near("sd", sd.value, sd.standard_error.unwrap(), deviation.value, 0.0);
    let some = curve.probability_of_loss();
    near("P(loss)", some.value, some.standard_error.unwrap(), 1.0 - none.value, none.error);
    assert!(mean.error <= 5e-4 * mean.value && deviation.error <= 1e-3 * deviation.value, "{mean:?} {deviation:?}");
    assert!(exact.aggregate.beyond() < 1e-4, "{}", exact.aggregate.beyond());
    for period in [5.0, 20.0, 100.0, 200.0] {
        let (point, (at, tail)) = (curve.at(period).unwrap(), exact.at(period));
        near(&format!("1 in {period}"), point.loss, (point.high.unwrap() - point.low) / 3.92, at.value, at.error);
        near(&format!("beyond {period}"), point.tail.value, point.tail.standard_error.unwrap(), tail.value, tail.error);
        assert!(tail.error <= 1e-3 * tail.value.max(1.0), "{name}, {period}: {tail:?}");
        assert!(at.error <= 1e-3 * at.value.max(1.0), "{name}, {period}: {at:?}");
    }
}

fn check(name: &str, plan: &Plan) -> ExactLosses {
    let start = std::time::Instant::now();
    let exact = exact(plan);
    println!("{name}: exact in {:.2} s", start.elapsed().as_secs_f64());
    let years = simulation(plan, TRIALS).run(|_| Ok(())).unwrap().years;
    let of = |gross: bool| years.iter().map(|y| if gross { y.sum.gross } else { y.sum.ground_up }).collect::<Vec<_>>();
    agree(&format!("{name}, gross"), &of(true), &exact.gross);
    agree(&format!("{name}, ground-up"), &of(false), &exact.ground_up);
    exact
}

#[test]
fn several_layers_and_coinsurance_under_uniform_and_beta_factors() {
    let shock = shock(Distribution::Uniform(0.2, 0.8), Distribution::Beta(2.0, 3.0));
    check("layers", &plan(60, shock, 1.0, |at| severity(at, 1.0)));
}

#[test]
fn many_insureds_that_share_a_severity_level() {
    let level = Shock { level: 0.6, ..shock(Distribution::Beta(3.0, 5.0), Distribution::Point(0.5)) };
    check("level", &plan(400, level, 1.0, |at| severity(at, 1.0)));
}

#[test]
fn an_outage_with_waiting_periods_and_second_providers() {
    let outage = |hit| Shock { outage: Some((2.5, 0.9)), ..shock(Distribution::Beta(4.0, 6.0), hit) };
    let small = plan(120, outage(Distribution::Point(0.6)), 1.0, hourly);
    let own = check("a small outage", &small).ground_up.mean();
    // E S = E r · E hours · Σ p · (profit · (1 − second · saves) + expense).
    let an_hour = |own: &Insured| match own.risks[0].ground_up {
        GroundUp::Hourly(h) => own.risks[0].probability * (h.profit * (1.0 - h.second * h.saves) + h.expense),
        _ => unreachable!(),
    };
    let hours = (2.5 + 0.9f64.powi(2) / 2.0).exp();
    let expected = 0.4 * 0.6 * hours * small.insureds.iter().map(an_hour).sum::<f64>();
    assert!((own.value / expected - 1.0).abs() < 1e-5, "{own:?} {expected}");
    check("a large outage", &plan(500, outage(Distribution::Uniform(0.1, 0.5)), 1.0, hourly));
}

#[test]
fn severities_fitted_to_incidents_by_revenue() {
    let model = |cap| SegmentSeverity {
        segment: Segment::ALL,
        family: Family::Lognormal,
        at: vec![11.0, 0.4],
        threshold: 0.0,
        elasticity: 0.5,
        reference_revenue: 1e7,
        cap,
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
    let shock = shock(Distribution::Beta(2.0, 2.0), Distribution::Point(0.3));
    let fitted = |at: u32| GroundUp::Fitted { model: at % 2, ln_revenue: 6.0 * dice(at, 3) - 3.0, rate: 0.9 };
    let mut plan = plan(300, shock, 1.0, fitted);
    plan.models = vec![FittedSeverity::of(&model(Some(1e7))), FittedSeverity::of(&model(Some(3e7)))];
    check("fitted", &plan);
}

/// E S = E r · Σ p · E min(X, cap), and of a cap alone E min(X, cap) has a closed form; with one insured and p = 1 the tail is
/// that of the severity: P(S > x) = r·P(X > x).
#[test]
fn without_terms_the_figures_are_those_of_closed_forms() {
    let shock = shock(Distribution::Beta(2.0, 6.0), Distribution::Uniform(0.4, 1.0));
    let mut plan = plan(30, shock, 1.0, |at| severity(at, 1.0));
    plan.insureds.iter_mut().for_each(|own| own.layers = vec![Layer { policy: 0, terms: Terms::default() }]);
    let mean = |own: &Insured| match own.risks[0].ground_up {
        GroundUp::Severity { severity, .. } => own.risks[0].probability * severity.mean(),
        _ => unreachable!(),
    };
    let expected = 0.25 * 0.7 * plan.insureds.iter().map(mean).sum::<f64>();
    let own = exact(&plan);
    for loss in [&own.gross, &own.ground_up] {
        assert!((loss.mean().value / expected - 1.0).abs() < 1e-4, "{} {expected}", loss.mean().value);
    }
    plan.insureds.truncate(1);
    plan.insureds[0].risks[0].probability = 1.0;
    plan.perils[0].shock.affected = Distribution::Point(0.5);
    plan.perils[0].shock.hit = Distribution::Point(0.4);
    let GroundUp::Severity { severity, .. } = plan.insureds[0].risks[0].ground_up else { unreachable!() };
    let own = exact(&plan).gross;
    assert!((own.probability_of_nothing().value - 0.8).abs() < 1e-6);
    for period in [10.0, 20.0, 100.0, 200.0] {
        let expected = severity.quantile(1.0 - 1.0 / (period * 0.2));
        let at = own.at(period).0;
        assert!((at.value / expected - 1.0).abs() < 1e-3 && at.error > 0.0, "{period}: {at:?} {expected}");
    }
}

/// Money times four is loss times four; insureds in another order are the same book.
#[test]
fn scale_and_order() {
    let shock = shock(Distribution::Beta(2.0, 6.0), Distribution::Uniform(0.4, 1.0));
    let own = exact(&plan(80, shock, 1.0, |at| severity(at, 1.0)));
    let scaled = exact(&plan(80, shock, 4.0, |at| severity(at, 4.0)));
    for (own, four) in [(&own.gross, &scaled.gross), (&own.ground_up, &scaled.ground_up)] {
        let near = |a: f64, b: f64, what: &str| assert!((a / (4.0 * b) - 1.0).abs() < 1e-3, "{what}: {a} {b}");
        near(four.mean().value, own.mean().value, "mean");
        near(four.standard_deviation().value, own.standard_deviation().value, "sd");
        near(four.at(100.0).0.value, own.at(100.0).0.value, "1 in 100");
        near(four.at(100.0).1.value, own.at(100.0).1.value, "TVaR");
    }
    let mut turned = plan(80, shock, 1.0, |at| severity(at, 1.0));
    turned.insureds.reverse();
    turned.order().unwrap();
    assert!(exact(&turned) == own);
}

#[test]
fn what_is_not_worked_out_says_why() {
    let shock = shock(Distribution::Point(0.5), Distribution::Point(0.4));
    let mut plan = plan(10, shock, 1.0, |at| severity(at, 1.0));
    let why = |simulation: &Simulation| exact_losses(simulation).unwrap().unwrap_err();
    assert!(why(&Simulation { mode: Mode::Catalogue, ..simulation(&plan, 1) }).contains("several occurrences"));
    plan.insureds.clear();
    assert!(why(&simulation(&plan, 1)).contains("Nobody"));
    plan.perils.push(plan.perils[0].clone());
    assert!(why(&simulation(&plan, 1)).contains("several events"));
}

/// The demo's book under two events whose losses are frequent, through the program.
#[test]
fn the_demo_is_simulated_as_it_is_worked_out() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    for (event, most) in [("moveit-2023", 4.0), ("crowdstrike-2024", 4.0)] {
        let out = at(event);
        stdout(&[
            "run",
            &at("RUN.toml"),
            "--event",
            event,
            "--as-of",
            "2021-01-12",
            "--trials",
            "100000",
            "--out",
            &out,
        ]);
        let check = json(&dir.join(event).join("summary.json"))["exact"].clone();
        assert!(check["refused"].is_null(), "{check}");
        let lines = check["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 7);
        for line in lines.iter().filter(|line| !line["difference"].is_null()) {
            println!("{event}: {line}");
            let told = line["error"].as_f64().unwrap() / line["standard_error"].as_f64().unwrap();
            assert!(line["difference"].as_f64().unwrap().abs() < most + told, "{event}: {line}");
            // Exact figures are held to a tenth of a per cent.
            let (error, exact) = (line["error"].as_f64().unwrap(), line["exact"].as_f64().unwrap());
            assert!(error <= 1e-3 * exact, "{event}: {line}");
        }
        let page = std::fs::read_to_string(dir.join(event).join("report.html")).unwrap();
        assert!(page.contains("simulated and exact"));
    }
    // The table, the same for one thread and for parts put together.
    let exposure = at("moveit-2023/exposure.parquet");
    let project = |threads: &str, years: &str, out: &str| {
        let rest = ["project", &exposure, "--csv", "--years", years, "--out", &at(out)].map(str::to_string);
        assert!(program().env("RAYON_NUM_THREADS", threads).args(rest).status().unwrap().success());
    };
    project("1", "1..200", "whole");
    project("2", "1..120", "first");
    project("2", "121..200", "second");
    stdout(&["merge", &at("first"), &at("second"), "--out", &at("merged")]);
    assert!(results(&dir.join("whole")) == results(&dir.join("merged")));
    let figures = rows(&dir.join("whole/exact.csv"));
    let of = |kind: &str, period: &str| {
        let row =
            figures.iter().find(|r| r["perspective"] == "gross" && r["kind"] == kind && r["return_period"] == period);
        row.unwrap_or_else(|| panic!("{kind} {period}"))["value"].parse::<f64>().unwrap()
    };
    assert!(of("aep", "100") <= of("aep_tvar", "100") && of("aep", "20") <= of("aep", "100"));
    let mean = json(&dir.join("moveit-2023/summary.json"))["exact"]["lines"][1]["exact"].as_f64().unwrap();
    assert!((of("mean", "") / mean - 1.0).abs() < 1e-9);
}
