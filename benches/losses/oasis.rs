//! OasisLMF's tools on a job of the same size.

use std::path::{Path, PathBuf};
use std::process::Command;

use blastradius::catalogue::{Count, Distribution};
use blastradius::loss::severity::CappedLognormal;
use blastradius::loss::{GroundUp, Insured, Layer, Peril, Plan, Risk, Shock};
use blastradius::metrics::{Curve, PolicyYears};
use blastradius::money::Cents;
use blastradius::portfolio::{Coverage, Terms};

use super::measure::{Cost, measured};
use super::{RUNS, engine, line, ratio};

const POLICIES: u32 = 10_000;
const EVENTS: u32 = 10_000;
const HIT: u32 = 100;
/// Of Oasis, each event is sampled this often; start-up is what both have in common.
const SAMPLES: [(&str, [u32; 2]); 2] = [("portfolio", [10, 100]), ("policies", [10, 30])];
const RETURN_PERIODS: [f64; 5] = [1_000.0, 250.0, 100.0, 50.0, 10.0];

/// Prints both sides; the tools are installed where `install` says so and they are not there.
pub fn compare(install: bool) {
    println!(
        "\n{POLICIES} policies, {EVENTS} events, one a year on average, each hits {HIT}: lognormal, retention, limit"
    );
    let tools = tools(install);
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(python) = &tools {
        oasis(python, folder.path(), &["make", &POLICIES.to_string(), &EVENTS.to_string(), &HIT.to_string()]);
        // What the tools compile at their first start is not counted.
        for (perspective, _) in SAMPLES {
            oasis(python, folder.path(), &["run", "1", perspective]);
        }
    }
    let plan = plan();
    for (perspective, samples) in SAMPLES {
        let years = EVENTS * (samples[1] - samples[0]);
        let (claims, average, own) = ours(&plan, years, perspective == "policies");
        line(&format!("blastradius, curves of the {perspective}"), claims, own, "");
        let Some(python) = &tools else {
            println!("  OasisLMF skipped: not installed (`cargo bench --bench losses -- oasis` installs it)");
            continue;
        };
        let runs = samples.map(|samples| {
            let answer = oasis(python, folder.path(), &["run", &samples.to_string(), perspective]);
            let number = |key: &str| answer[key].as_f64().unwrap_or(f64::NAN);
            let (cost, sampled) = (
                Cost { seconds: number("seconds"), processor: number("processor") },
                f64::from(EVENTS * HIT * samples),
            );
            let ratio = ratio((claims, own), (sampled, cost));
            line(&format!("OasisLMF, {samples} samples, {:.0} curves", number("curves")), sampled, cost, &ratio);
            (sampled, cost, number("average"))
        });
        let [(few, begin, _), (many, all, theirs)] = runs;
        let cost = Cost { seconds: all.seconds - begin.seconds, processor: all.processor - begin.processor };
        line("OasisLMF, without start-up", many - few, cost, &ratio((claims, own), (many - few, cost)));
        if theirs.is_finite() {
            println!("    average of a year, after terms: blastradius {average:.0}, OasisLMF {theirs:.0}");
        }
    }
}

/// Claims, the average loss of a year, and the best cost.
fn ours(plan: &Plan, years: u32, every_policy: bool) -> (f64, f64, Cost) {
    let once = || {
        measured(|| {
            let mut by_policy = PolicyYears::new(if every_policy { plan.policies.len() } else { 0 });
            let simulation = engine::simulation(plan, years, every_policy);
            let each = |block: &blastradius::loss::Block| {
                if every_policy {
                    by_policy.add(block);
                }
                Ok(())
            };
            let projection = simulation.run(each).expect("a simulation");
            let curves = by_policy.each(0..by_policy.policies(), |_, curve| curve.points(&RETURN_PERIODS));
            assert!(curves.iter().all(|points| points.len() == RETURN_PERIODS.len()));
            let yearly: Vec<Cents> = projection.years.iter().map(|year| year.sum.gross).collect();
            let curve = Curve::new(&yearly);
            assert_eq!(curve.points(&RETURN_PERIODS).len(), RETURN_PERIODS.len());
            let claims: f64 = projection.years.iter().map(|year| f64::from(year.hits)).sum();
            (claims, curve.mean().value)
        })
    };
    let ((claims, average), mut cost) = once();
    for _ in 1..RUNS {
        cost = cost.best(once().1);
    }
    (claims, average, cost)
}

/// The same book as `oasis_peer.py` makes: four sizes of policies; one peril that reaches all.
fn plan() -> Plan {
    let (hit, sure) = (Distribution::Point(f64::from(HIT) / f64::from(POLICIES)), Distribution::Point(1.0));
    let peril = Peril {
        id: "event".into(),
        vendor: "event".into(),
        key: 1,
        shock: Shock { affected: sure, hit, outage: None, level: 0.5 },
        frequency: Some(Count::Poisson(1.0)),
        responding: vec![(Coverage::IncidentResponse, 1.0)],
    };
    let insured = |at: u32| {
        let size = (at % 4) as usize;
        let severity = CappedLognormal { mu: [10.0, 11.0, 12.0, 13.0][size], sigma: 1.8, cap: 1e8 };
        let risk = Risk { peril: 0, probability: 1.0, ground_up: GroundUp::Severity { severity, rate: 1.0 } };
        let terms = Terms {
            retention: Cents([5_000, 10_000, 50_000, 250_000][size] * 100),
            limit: Cents([1_000_000, 2_000_000, 5_000_000, 10_000_000][size] * 100),
            ..Terms::default()
        };
        let key = u64::from(at).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Insured { key, risks: vec![risk], layers: vec![Layer { policy: at, terms }] }
    };
    let mut plan = Plan {
        perils: vec![peril],
        insureds: (0..POLICIES).map(insured).collect(),
        policies: (0..POLICIES as usize).collect(),
        models: Vec::new(),
    };
    plan.order().expect("keys of their own");
    plan
}

fn oasis(python: &Path, folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/losses/oasis_peer.py");
    let output = Command::new(python).arg(script).arg(folder).args(arguments).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

/// The Python of an environment with the tools.
fn tools(install: bool) -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let folder = std::env::var_os("BLASTRADIUS_OASIS").map_or(home.join(".cache/blastradius-oasis"), PathBuf::from);
    let python = folder.join("bin/python");
    if !folder.join("bin/gulmc").exists() && install {
        let run = |command: &mut Command| command.status().is_ok_and(|status| status.success());
        let made = run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let filled = made && run(Command::new(&python).args(["-m", "pip", "install", "-q", "oasislmf", "pandas<3"]));
        filled.then_some(())?;
    }
    folder.join("bin/gulmc").exists().then_some(python)
}
