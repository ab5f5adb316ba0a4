//! `project --policy-metrics`: the figures of each policy's own yearly losses.

use std::collections::BTreeMap;

use crate::command::{rows, run, text};
use crate::projection::{Bench, EVENTS, number};

/// Every policy's average, spread, probability, curve and tail are those of its claims, added up by year and ranked here:
/// with 4,000 years, rank 40 is once in 100 years, and 4 in 1,000; the tail mean is of the ranks above and of that one.
#[test]
fn each_policy_has_the_figures_of_its_own_claims() {
    let bench = Bench::new();
    let arguments = "--mode scenario --years 4000 --claims --csv --policy-metrics --return-periods 1000,100";
    let out = bench.project(&EVENTS, arguments, "with-claims");
    let mut yearly: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for claim in rows(&out.join("claims.csv")) {
        let year = yearly.entry(claim["policy_id"].clone()).or_default().entry(claim["year"].clone()).or_default();
        *year += number(&claim, "gross");
    }
    let mut figures: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for row in rows(&out.join("policy_metrics.csv")) {
        let name = format!("{} {}", row["kind"], row["return_period"]);
        assert!(figures.entry(row["policy_id"].clone()).or_default().insert(name, number(&row, "value")).is_none());
    }
    let policies = rows(&out.join("losses_by_policy.csv"));
    assert_eq!(figures.len(), policies.len());
    let mut beyond = 0;
    for policy in policies {
        let (own, n) = (&figures[&policy["policy_id"]], 4_000.0);
        let mut sums: Vec<f64> =
            yearly.get(&policy["policy_id"]).into_iter().flat_map(|y| y.values().copied()).collect();
        sums.retain(|sum| *sum > 0.0);
        let years = sums.len() as f64;
        sums.resize(4_000, 0.0);
        sums.sort_by(|a, b| b.total_cmp(a));
        let close = |name: &str, wanted: f64| {
            assert!((own[name] - wanted).abs() <= 1e-6 * wanted.max(1.0), "{policy:?} {name}: {} {wanted}", own[name]);
        };
        let mean = sums.iter().sum::<f64>() / n;
        close("aal ", mean);
        close("aal ", number(&policy, "expected_gross"));
        close("probability_of_loss ", years / n);
        close("standard_deviation ", (sums.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt());
        for (period, rank) in [(100, 40), (1000, 4)] {
            close(&format!("aep {period}"), sums[rank - 1]);
            close(&format!("aep_tvar {period}"), sums[..rank].iter().sum::<f64>() / rank as f64);
        }
        beyond += usize::from(sums[39] > 0.0);
    }
    assert!(beyond > 10, "{beyond} policies with a loss once in 100 years");
}

/// The table does not depend on whether claims are kept, nor on what is done with treaties.
#[test]
fn the_same_figures_come_without_claims() {
    let bench = Bench::new();
    let table = |arguments: &str, out: &str| {
        let common = "--mode catalogue --years 3000 --csv --policy-metrics";
        let folder = bench.project(&EVENTS, &format!("{common} {arguments}"), out);
        std::fs::read_to_string(folder.join("policy_metrics.csv")).unwrap()
    };
    let plain = table("", "plain");
    assert!(plain.lines().count() > 100, "{plain}");
    assert_eq!(plain, table("--claims", "claims"));
    assert_eq!(plain, table("--programme DIR/programme.toml", "treaties"));
}

#[test]
fn figures_of_parts_are_refused_with_what_to_do() {
    let bench = Bench::new();
    let exposure = bench.at("moveit-2023.csv");
    let project = |years: &str, out: &str| {
        run(&["project", &exposure, "--policy-metrics", "--years", years, "--out", &bench.at(out)])
    };
    let later = project("11..20", "later");
    assert!(text(&later.stderr).contains("give --years N, all years at once"), "{}", text(&later.stderr));
    assert!(!bench.dir.join("later").exists());
    let periods = run(&["project", &exposure, "--policy-metrics", "--return-periods", "0.5", "--out", &bench.at("p")]);
    assert!(text(&periods.stderr).contains("0.5 is no return period"), "{}", text(&periods.stderr));
    assert!(project("1..10", "first").status.success());
    bench.project(&["moveit-2023"], "--years 11..20", "second");
    let merged = run(&["merge", &bench.at("first"), &bench.at("second"), "--out", &bench.at("merged")]);
    assert!(!merged.status.success() && !bench.dir.join("merged").exists(), "{}", text(&merged.stderr));
}
