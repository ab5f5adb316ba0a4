//! Severity fits to a million made claims against SciPy, which maximises the same likelihood in the same run.
//!
//! `cargo bench --bench fit [-- ROWS]` (at most 200,000 of the spliced family). Claims are behind three retentions and three limits, or with revenue besides, so that no two
//! records share a term. Seconds are of the fit alone: starts, search, covariance. SciPy runs with its fastest functions
//! (`scipy.special` over whole columns) and L-BFGS-B from moments; `BLASTRADIUS_PYTHON`, the tests' environment in the cache
//! folder, or the system's Python must have it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use blastradius::fit::severity::{Elasticity, Family, Loss, Options, Sample, Severity, Threshold, fit};
use blastradius::random::{Draws, Purpose};

const ROWS: usize = 1_000_000;
const RUNS: usize = 3;
/// Rows of the spliced family, whose five or six parameters take SciPy long.
const SPLICED: usize = 200_000;

fn main() {
    let given = std::env::args().skip(1).find_map(|argument| argument.replace(['_', ','], "").parse().ok());
    let rows = given.unwrap_or(ROWS);
    let python = python();
    if python.is_none() {
        println!("SciPy skipped: no python3 with scipy (set BLASTRADIUS_PYTHON)");
    }
    let lognormal = Severity::Lognormal { mu: 12.0, sigma: 1.6 };
    let gamma = Severity::Gamma { shape: 0.7, scale: 4e5 };
    let weibull = Severity::Weibull { shape: 0.6, scale: 2e5 };
    let pareto = Severity::Pareto { shape: 1.6, scale: 2e5 };
    println!("{rows} records      read s   fit s  records/s    SciPy s  SciPy is slower by  log-likelihoods differ by");
    for revenue in [false, true] {
        compare(Family::Lognormal, &lognormal, rows, revenue, python.as_deref());
        compare(Family::Gamma, &gamma, rows, revenue, python.as_deref());
        compare(Family::Weibull, &weibull, rows, revenue, python.as_deref());
        compare(Family::Pareto, &pareto, rows, revenue, python.as_deref());
        compare(Family::Spliced, &pareto, rows.min(SPLICED), revenue, python.as_deref());
    }
}

/// One family, ours at its best of three and SciPy once.
fn compare(family: Family, model: &Severity, rows: usize, revenue: bool, python: Option<&Path>) {
    let losses = made(model, rows, revenue);
    let elasticity = if revenue { Elasticity::Free } else { Elasticity::None };
    let options = Options { elasticity, threshold: Threshold::Quantile(0.9) };
    let (mut read, mut seconds, mut log_likelihood, mut place) = (f64::INFINITY, f64::INFINITY, f64::NAN, [0.0; 2]);
    for _ in 0..RUNS {
        let start = Instant::now();
        let sample = Sample::new(&losses).expect("good losses");
        read = read.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let found = fit(&sample, family, &options).expect("a maximum");
        seconds = seconds.min(start.elapsed().as_secs_f64());
        log_likelihood = found.criteria.log_likelihood;
        place = [found.estimate.threshold, found.estimate.elasticity()];
    }
    let name = format!("{}{}", family.as_str(), if revenue { ", revenue" } else { "" });
    print!("{name:<20} {read:>6.2}  {seconds:>6.2}  {:>9.0}", rows as f64 / seconds);
    match python {
        Some(python) => {
            let (theirs, value) = scipy(python, family, &losses, revenue, place);
            let ratio = theirs / seconds;
            println!("    {theirs:>7.1}  {ratio:>16.0} x  {:>24.1e}", (log_likelihood / value - 1.0).abs());
        }
        None => println!(),
    }
}

/// Claims as an insurer has them: cut by the policy's limit, unheard of below its retention.
fn made(model: &Severity, rows: usize, revenue: bool) -> Vec<Loss> {
    let retentions = [0.0, model.quantile(0.1), model.quantile(0.3)];
    let limits = [model.quantile(0.85), model.quantile(0.95), f64::INFINITY];
    let mut stream = Draws::new(1).stream(Purpose::Bootstrap, 0, 0);
    let mut out = Vec::with_capacity(rows);
    while out.len() < rows {
        let revenue_ratio = if revenue { libm::exp(4.0 * stream.uniform() - 2.0) } else { 1.0 };
        let amount = model.quantile(stream.uniform()) * libm::pow(revenue_ratio, 0.3);
        let policy = (9.0 * stream.uniform()) as usize;
        if amount > retentions[policy % 3] {
            let loss = Loss { revenue_ratio, ..Loss::known(amount) };
            out.push(loss.above(retentions[policy % 3]).capped(limits[policy / 3]));
        }
    }
    out
}

/// Seconds and maximum of SciPy; of the spliced family with our threshold and the elasticity that it moves with, which we search
/// and SciPy is given.
fn scipy(python: &Path, family: Family, losses: &[Loss], revenue: bool, place: [f64; 2]) -> (f64, f64) {
    let folder = tempfile::tempdir().expect("a folder");
    type Column = (&'static str, fn(&Loss) -> f64);
    let columns: [Column; 4] = [
        ("amount", |l| l.amount),
        ("truncation", |l| l.truncation),
        ("censored", |l| f64::from(u8::from(l.censored))),
        ("revenue_ratio", |l| l.revenue_ratio),
    ];
    for (name, of) in columns {
        let bytes: Vec<u8> = losses.iter().flat_map(|l| of(l).to_le_bytes()).collect();
        std::fs::write(folder.path().join(name), bytes).expect("a column");
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/fit/likelihood.py");
    let elasticity = if revenue { "free" } else { "none" };
    let given = [libm::log(place[0].max(1e-300)), place[1]].map(|x| x.to_string());
    let output =
        Command::new(python).args([script, family.as_str(), elasticity]).arg(folder.path()).args(given).output();
    let output = output.expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |key: &str| answer[key].as_f64().unwrap_or(f64::NAN);
    (number("seconds"), number("log_likelihood"))
}

/// A Python that has SciPy.
fn python() -> Option<PathBuf> {
    let has = |python: &PathBuf| {
        let check = Command::new(python).args(["-c", "import scipy"]).stderr(Stdio::null()).status();
        check.is_ok_and(|status| status.success())
    };
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let own = home.join(".cache/blastradius-python/bin/python");
    let given = std::env::var_os("BLASTRADIUS_PYTHON").map(PathBuf::from);
    given.into_iter().chain([own, PathBuf::from("python3")]).find(has)
}
