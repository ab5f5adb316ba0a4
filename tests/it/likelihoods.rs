//! Fits against SciPy and statsmodels on the same data in the same run.

use std::fmt::Write as _;
use std::process::Command;

use blastradius::fit::Parameter;
use blastradius::fit::frequency::{self, Cell, CountFamily, Frequency};
use blastradius::fit::severity::{self, Elasticity, Family, Loss, Options, Sample, Severity, Threshold};
use blastradius::random::{Draws, Purpose, Stream};

use crate::command::python;

/// What is compared.
struct Case {
    name: String,
    about: serde_json::Value,
    data: String,
    log_likelihood: f64,
    parameters: Vec<Parameter>,
}

const THRESHOLD: f64 = 4e5;

fn models() -> [(Family, Severity); 5] {
    let spliced = Severity::Spliced {
        mu: 11.5,
        sigma: 1.3,
        threshold: THRESHOLD,
        body_share: 0.8,
        tail_scale: 3e5,
        tail_shape: 0.5,
    };
    [
        (Family::Lognormal, Severity::Lognormal { mu: 12.0, sigma: 1.6 }),
        (Family::Gamma, Severity::Gamma { shape: 0.7, scale: 4e5 }),
        (Family::Weibull, Severity::Weibull { shape: 0.6, scale: 2e5 }),
        (Family::Pareto, Severity::Pareto { shape: 1.6, scale: 2e5 }),
        (Family::Spliced, spliced),
    ]
}

/// Losses of a model: plain, or behind retentions and limits and with weights, or with revenue besides.
fn losses(model: &Severity, manner: &str, stream: &mut Stream) -> Vec<Loss> {
    let mut out = Vec::new();
    while out.len() < 700 {
        let revenue_ratio = if manner == "revenue" { libm::exp(3.0 * stream.uniform() - 1.5) } else { 1.0 };
        let amount = model.quantile(stream.uniform()) * libm::pow(revenue_ratio, 0.4);
        let policy = (9.0 * stream.uniform()) as usize;
        let loss = Loss { revenue_ratio, weight: 1.0 + (policy % 2) as f64, ..Loss::known(amount) };
        if manner == "plain" {
            out.push(Loss { weight: 1.0, ..loss });
            continue;
        }
        let retention = [0.0, model.quantile(0.1), model.quantile(0.3)][policy % 3];
        let limit = [model.quantile(0.7), model.quantile(0.95), f64::INFINITY][policy / 3];
        if amount > retention {
            out.push(loss.above(retention).capped(limit));
        }
    }
    out
}

fn severity_case(family: Family, model: &Severity, manner: &str, at: u32) -> Case {
    let losses = losses(model, manner, &mut Draws::new(8).stream(Purpose::Bootstrap, at, 0));
    let free = manner == "revenue";
    let elasticity = if free { Elasticity::Free } else { Elasticity::None };
    let options = Options { elasticity, threshold: Threshold::At(THRESHOLD) };
    let found = severity::fit(&Sample::new(&losses).unwrap(), family, &options).unwrap();
    let mut data = "amount,truncation,censored,weight,revenue_ratio\n".to_string();
    for l in &losses {
        let censored = u8::from(l.censored);
        writeln!(data, "{:e},{:e},{censored},{},{:e}", l.amount, l.truncation, l.weight, l.revenue_ratio).unwrap();
    }
    let name = format!("{}-{manner}", family.as_str());
    Case {
        about: serde_json::json!({
            "name": name, "kind": "severity", "family": family.as_str(), "elasticity": free, "threshold": THRESHOLD,
        }),
        name,
        data,
        log_likelihood: found.criteria.log_likelihood,
        parameters: found.parameters,
    }
}

fn count_case(family: CountFamily, dispersion: f64) -> Case {
    let mut stream = Draws::new(9).stream(Purpose::Bootstrap, family as u32, 0);
    let mut cells = Vec::new();
    let mut data = "claims,exposure,time\n".to_string();
    for row in 0..300u32 {
        let (exposure, time) = (2.0 + f64::from(7 * row % 19), f64::from(2020 + row % 5));
        let model = Frequency { family, rate: 0.2 * libm::exp(0.1 * (time - 2024.0)), dispersion };
        let u = stream.uniform();
        let claims = (0u32..).find(|n| 1.0 - model.at_least(n + 1, exposure) >= u).unwrap();
        writeln!(data, "{claims},{exposure},{time}").unwrap();
        cells.push(Cell { claims: u64::from(claims), exposure, time });
    }
    let options = frequency::Options { trend_at: Some(2024.0), family: Some(family) };
    let found = frequency::fit(&cells, &options).unwrap();
    let criteria = found.candidates.iter().find(|c| c.family == family).unwrap().criteria;
    let slope = found.trend.unwrap().slope;
    let name = format!("counts-{}", family.as_str());
    Case {
        about: serde_json::json!({"name": name, "kind": "counts", "family": family.as_str(), "trend_at": 2024.0}),
        name,
        data,
        log_likelihood: criteria.log_likelihood,
        parameters: [found.rate].into_iter().chain(found.dispersion).chain([slope]).collect(),
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (family, model) in models() {
        for manner in ["plain", "policies", "revenue"] {
            // The spliced model's thresholds move with its elasticity: it maximises no one likelihood.
            if (family, manner) != (Family::Spliced, "revenue") {
                cases.push(severity_case(family, &model, manner, cases.len() as u32));
            }
        }
    }
    cases.push(count_case(CountFamily::Poisson, 0.0));
    cases.push(count_case(CountFamily::NegativeBinomial, 0.8));
    cases.push(count_case(CountFamily::SharedNegativeBinomial, 0.6));
    cases
}

/// Maxima to 1e-6, parameters to 1e-4 of themselves (of one, for those that may be nought).
#[test]
fn maxima_and_parameters_agree_with_an_independent_implementation() {
    let Some(python) = python("scipy, statsmodels") else {
        eprintln!("skipped: no Python with SciPy and statsmodels (set BLASTRADIUS_PYTHON)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let cases = cases();
    let about: Vec<&serde_json::Value> = cases.iter().map(|case| &case.about).collect();
    std::fs::write(folder.path().join("cases.json"), serde_json::to_string(&about).unwrap()).unwrap();
    for case in &cases {
        std::fs::write(folder.path().join(format!("{}.csv", case.name)), &case.data).unwrap();
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/independent/likelihoods.py");
    let output = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(cases.len() >= 10);
    let mut off = Vec::new();
    for case in &cases {
        let answer = &answers[&case.name];
        let theirs = answer["log_likelihood"].as_f64().unwrap();
        let likelihood = case.log_likelihood / theirs - 1.0;
        println!("{}: log-likelihood {} theirs {theirs}: {likelihood:.1e}", case.name, case.log_likelihood);
        off.extend((likelihood.abs() > 1e-6).then(|| format!("{} {} {theirs}", case.name, case.log_likelihood)));
        let parameters: Vec<f64> = answer["parameters"].as_array().unwrap().iter().filter_map(|x| x.as_f64()).collect();
        assert_eq!(parameters.len(), case.parameters.len(), "{}", case.name);
        for (own, theirs) in case.parameters.iter().zip(parameters) {
            let far = (own.value - theirs).abs() / theirs.abs().max(if own.value.abs() < 1.0 { 0.1 } else { 1.0 });
            println!("  {}: {} theirs {theirs}: {far:.1e}", own.name, own.value);
            off.extend((far > 1e-4).then(|| format!("{} {}: {} {theirs}", case.name, own.name, own.value)));
        }
    }
    assert!(off.is_empty(), "{off:#?}");
}
