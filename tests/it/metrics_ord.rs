//! Tables of `metrics` by event and by period: against the tools of Open Results Data, and against rules written down once more.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::{demo, json, program, python, rows, stdout, text};
use crate::metrics::{done, made};

/// Cells of these columns as numbers; a blank one is none.
fn cells(csv: &Path, columns: &[&str]) -> Vec<Vec<f64>> {
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    rows(csv).iter().map(|row| columns.iter().map(|column| number(&row[*column])).collect()).collect()
}

/// The same rows in any order, each number within `tolerance` or a relative millionth.
fn same(name: &str, mut own: Vec<Vec<f64>>, mut expected: Vec<Vec<f64>>, tolerance: f64) {
    assert!(!own.is_empty());
    assert_eq!(own.len(), expected.len(), "{name}");
    let order = |a: &Vec<f64>, b: &Vec<f64>| {
        let rounded = |row: &[f64]| row.iter().map(|x| (x * 10.0).round()).collect::<Vec<f64>>();
        rounded(a).partial_cmp(&rounded(b)).unwrap()
    };
    own.sort_by(order);
    expected.sort_by(order);
    for (own, expected) in own.iter().zip(&expected) {
        let near = own.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance + 1e-6 * b.abs());
        assert!(near, "{name}: {own:?} {expected:?}");
    }
}

const PLACED: [&str; 7] = ["Period", "PeriodWeight", "EventId", "Year", "Month", "Day", "SummaryId"];
const MOMENTS: [&str; 4] = ["ChanceOfLoss", "MeanLoss", "SDLoss", "MaxLoss"];

/// The columns of a table that are compared.
fn columns(table: &str) -> Vec<&'static str> {
    let (placed, moments) = (PLACED.to_vec(), MOMENTS.to_vec());
    match table {
        "selt" => vec!["EventId", "SummaryId", "SampleId", "Loss"],
        "melt" => [vec!["EventId", "SummaryId", "SampleType", "EventRate"], moments].concat(),
        "qelt" => vec!["EventId", "SummaryId", "Quantile", "Loss"],
        "splt" => [placed, vec!["SampleId", "Loss"]].concat(),
        "mplt" => [placed, vec!["SampleType"], moments].concat(),
        _ => [placed, vec!["Quantile", "Loss"]].concat(),
    }
}

/// 24 periods and 3 samples through `eltpy` and `pltpy` (tests/independent/lecpy), which print two to six decimals.
#[test]
fn tables_by_event_and_period_are_those_of_the_tools_of_open_results_data() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/lecpy");
    let losses = fs::read_to_string(folder.join("losses.csv")).unwrap();
    let line = "losses.csv --years 24 --return-periods 2 --quantiles 0,0.1,0.25,0.5,0.8,1 --out out";
    let dir = done(&[("losses.csv", &losses)], line);
    for table in ["selt", "melt", "qelt", "splt", "mplt", "qplt"] {
        let (own, theirs) = (dir.path().join(format!("out/gross_{table}.csv")), folder.join(format!("{table}.csv")));
        let header = |path: &Path| fs::read_to_string(path).unwrap().lines().next().unwrap().to_string();
        assert_eq!(header(&own), header(&theirs), "columns and their order");
        same(table, cells(&own, &columns(table)), cells(&theirs, &columns(table)), 0.0051);
    }
}

#[test]
fn tables_by_event_and_period_agree_with_rules_written_down_once_more() {
    let Some(python) = python("numpy, pandas") else {
        eprintln!("skipped: no Python with numpy and pandas (set BLASTRADIUS_PYTHON)");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/independent/moments.py");
    for (years, samples) in [(37, 4), (90, 1)] {
        let quantiles = "0,0.05,0.333,0.5,0.77,0.9,1";
        let line = format!("losses.csv --years {years} --return-periods 2 --quantiles {quantiles} --out out");
        let dir = done(&[("losses.csv", &made(years, samples).0)], &line);
        let output = Command::new(&python)
            .arg(script)
            .arg(dir.path().join("losses.csv"))
            .args([years.to_string(), samples.to_string()])
            .args(quantiles.split(','))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for table in ["melt", "qelt", "mplt", "qplt"] {
            let expected: Vec<Vec<f64>> = serde_json::from_value(theirs[table].clone()).unwrap();
            same(table, cells(&dir.path().join(format!("out/gross_{table}.csv")), &columns(table)), expected, 1e-9);
        }
        // Rates and means of events add up to the average annual loss.
        let melt = cells(&dir.path().join("out/gross_melt.csv"), &["EventRate", "MeanLoss"]);
        let metrics = rows(&dir.path().join("out/metrics.csv"));
        let aal = metrics.iter().find(|row| row["perspective"] == "gross" && row["kind"] == "aal").unwrap();
        let aal: f64 = aal["value"].parse().unwrap();
        assert!((melt.iter().map(|row| row[0] * row[1]).sum::<f64>() / aal - 1.0).abs() < 1e-12);
    }
}

#[test]
fn version_two_has_text_for_the_codes_and_the_same_numbers() {
    let (losses, _) = made(40, 3);
    let of = |version: u8| {
        let line = format!("losses.csv --years 40 --return-periods 2,10 --ord-version {version} --out out");
        let dir = done(&[("losses.csv", &losses)], &line);
        let read = |table: &str| fs::read_to_string(dir.path().join(format!("out/gross_{table}.csv"))).unwrap();
        [read("ept"), read("psept")]
    };
    let ([ept, psept], [named_ept, named_psept]) = (of(1), of(2));
    assert!(named_ept.starts_with("SummaryId,EPMethod,EPType,ReturnPeriod,Loss\n1,S_FULL,OEP,10,"), "{named_ept}");
    assert!(named_psept.starts_with("SummaryId,SampleId,EPType,ReturnPeriod,Loss\n1,1,OEP,10,"), "{named_psept}");
    let kinds = ["OEP", "TVAR_OEP", "AEP", "TVAR_AEP"];
    let text = |line: &str, methods: bool| {
        let mut cells: Vec<String> = line.split(',').map(str::to_string).collect();
        let at: usize = cells[2].parse().unwrap();
        cells[2] = kinds[at - 1].to_string();
        if methods {
            let calculation: usize = cells[1].parse().unwrap();
            cells[1] = ["S_FULL", "S_PSMN", "S_MEAN"][calculation - 2].to_string();
        }
        cells.join(",")
    };
    for (numbers, named, methods) in [(&ept, &named_ept, true), (&psept, &named_psept, false)] {
        let expected: Vec<String> = numbers.lines().skip(1).map(|line| text(line, methods)).collect();
        assert_eq!(named.lines().skip(1).collect::<Vec<_>>(), expected);
    }
}

/// `project` tells the day of a simulated year, and `metrics` its month and day.
#[test]
fn days_of_a_projection_are_in_the_calendar_of_period_tables() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let (inventory, policies, exposure) = (at("results/inventory.parquet"), at("policies.csv"), at("aws.csv"));
    let event = ["--event", "aws-us-east-1-2025"];
    let expose = ["expose", &inventory, "--policies", &policies, "--as-of", "2021-01-12", "--out", &exposure];
    stdout(&[&expose[..], &event].concat());
    let years = ["--mode", "catalogue", "--years", "400", "--csv", "--out", &at("p")];
    stdout(&[&["project", &exposure][..], &event, &years].concat());
    let out = at("m");
    stdout(&["metrics", &at("p/occurrences.csv"), "--years", "400", "--return-periods", "10", "--out", &out]);
    let occurrences = cells(&dir.join("p/occurrences.csv"), &["year", "day", "ground_up"]);
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut expected: Vec<Vec<f64>> = Vec::new();
    for row in occurrences.iter().filter(|row| row[2] > 0.0) {
        let (mut month, mut day) = (0, row[1] as i32);
        while day > lengths[month] {
            (day, month) = (day - lengths[month], month + 1);
        }
        expected.push(vec![row[0], row[0], month as f64 + 1.0, f64::from(day), row[2]]);
    }
    assert!(expected.len() > 10, "{}", expected.len());
    let found = cells(&dir.join("m/ground_up_splt.csv"), &["Period", "Year", "Month", "Day", "Loss"]);
    same("splt", found, expected, 0.0);
    assert!(!dir.join("m/gross_qplt.csv").exists(), "of one sample each quantile is the loss");
    assert_eq!(json(&dir.join("m/manifest.json"))["configuration"]["ord_version"], 1);
}

#[test]
fn a_day_or_a_quantile_that_there_is_none_of_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let losses = "year,occurrence,day,gross\n1,1,366,5\n1,2,365,5\n2,1,x,5\n2,2,,5\n";
    fs::write(dir.path().join("losses.csv"), losses).unwrap();
    let run = |line: &str| program().current_dir(dir.path()).args(line.split(' ')).output().unwrap();
    let output = run("metrics losses.csv --years 3 --return-periods 2 --out out");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rules: Vec<String> = rows(&dir.path().join("out/rejects.csv"))
        .iter()
        .map(|row| format!("{} {}", row["line"], row["rule"]))
        .collect();
    assert_eq!(rules, ["2 no day of a year of 365 days", "4 not a whole number of at least zero"]);
    let output = run("metrics losses.csv --years 3 --quantiles 0.5,1.5 --out out");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--quantiles: 1.5 is no quantile"), "{}", text(&output.stderr));
}
