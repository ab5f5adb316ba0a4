//! An average year over all known events, as `run` simulates and tells it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use blastradius::exposure::{EXPOSURES, Exposure};
use blastradius::loss::{LOSSES, YearLoss};
use serde_json::Value;

use crate::command::{demo, json, results, run, stdout, text};

const EVENTS: [&str; 5] = ["aws-us-east-1-2025", "crowdstrike-2024", "dyn-2016", "mimecast-2021", "moveit-2023"];
const YEARS: &str = "20000";
const HALF: &str = "[[treaty]]\nname = \"Half\"\nkind = \"quota_share\"\nceded = 0.5\nrisk = \"all\"\n";

/// The demo with years beside its event, through a quota share of half.
fn years() -> (tempfile::TempDir, PathBuf) {
    let (keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    fs::write(dir.join("programme.toml"), HALF).unwrap();
    let treaties = ["--programme", &at("programme.toml"), "--annual-years", YEARS];
    stdout(&[&["run", &at("RUN.toml"), "--trials", "100", "--out", &at("r")][..], &treaties].concat());
    (keep, dir)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

fn yearly(dir: &Path) -> Vec<YearLoss> {
    blastradius::table::read_every_row(&dir.join("losses.parquet"), &LOSSES, YearLoss::read).expect("losses").0
}

/// The same tables, byte for byte, from the stages one by one: inventory and exposure for each event, then
/// `project --mode catalogue`.
#[test]
fn its_tables_are_those_of_the_stages_one_by_one() {
    let (_keep, dir) = years();
    let at = |name: &str| dir.join(name).display().to_string();
    let mut project = vec!["project".to_string()];
    let scans = ["scan-dns.jsonl.gz", "scan-web.jsonl", "scan-zdns.jsonl"].map(&at);
    let observations = at("observations.parquet");
    stdout(&[&["ingest".to_string()][..], &scans, &["--out".into(), observations.clone()]].concat());
    let (policies, declared) = (at("policies.csv"), at("declared.csv"));
    for event in EVENTS {
        let (inventory, out) = (at(&format!("{event}-inventory.parquet")), at(&format!("{event}.parquet")));
        let day = ["--event", event, "--as-of", "2021-01-12", "--policies", &policies];
        let own = ["inventory", &observations, "--declared", &declared, "--out", &inventory];
        stdout(&[&own[..], &day].concat());
        stdout(&[&["expose", &inventory, "--out", &out][..], &day].concat());
        project.push(out);
    }
    let rest = ["--mode", "catalogue", "--years", YEARS, "--programme", &at("programme.toml"), "--out", &at("p")];
    project.extend(rest.map(str::to_string));
    stdout(&project);
    let (own, staged) = (results(&dir.join("r/annual")), results(&dir.join("p")));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(
        names(&own),
        ["ceded.parquet", "events.parquet", "losses.parquet", "losses_by_policy.parquet", "occurrences.parquet"]
    );
    assert_eq!(names(&own), names(&staged));
    for ((name, own), (_, staged)) in own.iter().zip(&staged) {
        assert!(own == staged, "{name} differs");
    }
    // Insureds in scope count once, however many policies they have.
    let told = json(&dir.join("r/summary.json"))["annual"]["events"].clone();
    for (at, event) in EVENTS.into_iter().enumerate() {
        let table = dir.join(format!("{event}.parquet"));
        let (exposures, _) = blastradius::table::read_every_row(&table, &EXPOSURES, Exposure::read).unwrap();
        let insureds: BTreeMap<&str, f64> = exposures.iter().map(|e| (e.insured_id.as_str(), e.probability)).collect();
        assert!(insureds.len() < exposures.len() && told[at]["event"] == event, "{told}");
        let expected = insureds.values().sum::<f64>();
        assert!((number(&told[at]["in_scope"]) / expected - 1.0).abs() < 1e-9, "{event}: {expected} {told}");
    }
    let manifest = json(&dir.join("r/manifest.json"));
    for (name, _) in &own {
        let file = format!("annual/{name}");
        let told = manifest["outputs"].as_array().unwrap().iter().find(|output| output["file"] == *file);
        let hash = blastradius::input::sha256(&dir.join("r").join(&file)).unwrap();
        assert_eq!(told.map(|output| output["sha256"].as_str()), Some(Some(hash.as_str())), "{file}");
    }
}

/// The average is the mean of the table's years; 1 in 100 of 20,000 years is its 200th largest; parts of vendors add up to
/// average and tail mean; half of everything is ceded.
#[test]
fn its_figures_are_those_of_its_tables_and_parts_add_up() {
    let (_keep, dir) = years();
    let losses = yearly(&dir.join("r/annual"));
    let annual = &json(&dir.join("r/summary.json"))["annual"];
    let near = |a: f64, b: f64, what: &str| assert!((a - b).abs() <= 0.011, "{what}: {a} {b}");
    let mut gross: Vec<i64> = losses.iter().map(|year| year.sum.gross.0).collect();
    gross.sort_unstable_by(|a, b| b.cmp(a));
    let mean = gross.iter().sum::<i64>() as f64 / 100.0 / gross.len() as f64;
    assert!(gross.len() == 20_000 && mean > 0.0);
    near(number(&annual["gross"]["average"]["value"]), mean, "average");
    let hundred = &annual["gross"]["points"][1];
    assert_eq!(number(&hundred["return_period"]), 100.0);
    near(number(&hundred["loss"]), gross[199] as f64 / 100.0, "1 in 100");
    let vendors = annual["vendors"].as_array().unwrap();
    assert_eq!(vendors.len(), 5);
    let sum = |key: &str| vendors.iter().map(|v| number(&v[key]["value"])).sum::<f64>();
    near(sum("average"), mean, "parts of the average");
    near(sum("tail"), number(&hundred["tail"]["value"]), "parts of the tail");
    near(vendors.iter().map(|v| number(&v["share_of_tail"])).sum(), 1.0, "shares of the tail");
    let net = |of: &str| vendors.iter().map(|v| number(&v["net"][of]["value"])).sum::<f64>();
    near(net("average"), number(&annual["net"]["average"]["value"]), "parts of the net average");
    near(net("tail"), number(&annual["net"]["points"][1]["tail"]["value"]), "parts of the net tail");
    near(vendors.iter().map(|v| number(&v["net"]["share_of_tail"])).sum(), 1.0, "shares of the net tail");
    for vendor in vendors {
        // Of every occurrence half is ceded, rounded to a cent: so it is of each vendor's part, of up to five a year.
        let (gross, net) = (number(&vendor["tail"]["value"]), number(&vendor["net"]["tail"]["value"]));
        assert!((2.0 * net - gross).abs() <= 0.05, "{vendor}");
    }
    for year in &losses {
        let (gross, net) = (year.sum.gross.0, year.sum.net.0);
        assert!(gross >= net && net >= 0 && (2 * net - gross).abs() <= i64::from(year.occurrences), "{year:?}");
    }
    near(number(&annual["net"]["average"]["value"]) * 2.0, mean, "net");
    near(number(&annual["treaties"][0]["ceded"]["value"]) * 2.0, mean, "ceded");
    let page = fs::read_to_string(dir.join("r/report.html")).unwrap();
    for part in
        ["<h2>An average year</h2>", "Whose products make the bad years", "occurrences in a year", ">Net</th></tr>"]
    {
        assert!(page.contains(part), "{part} is not on the page");
    }
}

#[test]
fn without_the_key_there_is_no_year_and_a_year_number_out_of_range_is_refused() {
    let (_keep, dir) = demo();
    assert!(!dir.join("results/annual").exists());
    assert!(json(&dir.join("results/summary.json")).get("annual").is_none());
    assert!(!fs::read_to_string(dir.join("results/report.html")).unwrap().contains("An average year"));
    let config = dir.join("RUN.toml").display().to_string();
    let refused = run(&["run", &config, "--annual-years", "0", "--out", &dir.join("never").display().to_string()]);
    assert!(refused.status.code() == Some(2) && text(&refused.stderr).contains("annual_years = 0"));
    assert!(!dir.join("never").exists());
}

/// A run without years and treaties into the folder of one with both: what only the first wrote goes, what is the user's stays.
#[test]
fn results_of_an_earlier_run_that_were_not_asked_for_again_go() {
    let (_keep, dir) = years();
    let at = |name: &str| dir.join(name).display().to_string();
    fs::write(dir.join("r/notes.txt"), "mine").unwrap();
    assert!(dir.join("r/annual/ceded.parquet").exists() && dir.join("r/ceded.parquet").exists());
    stdout(&["run", &at("RUN.toml"), "--trials", "100", "--out", &at("r")]);
    stdout(&["run", &at("RUN.toml"), "--trials", "100", "--out", &at("fresh")]);
    assert!(!dir.join("r/annual").exists());
    fs::remove_file(dir.join("r/notes.txt")).expect("the note stayed");
    assert!(results(&dir.join("r")) == results(&dir.join("fresh")), "not what a run into a new folder leaves");
    let (exposure, into, run_folder) = (at("r/exposure.parquet"), at("p"), at("r"));
    let project = ["project", &exposure, "--years", "10", "--out"];
    stdout(&[&project[..], &[&into, "--csv", "--claims"]].concat());
    stdout(&[&project[..], &[&into]].concat());
    let names: Vec<String> = results(&dir.join("p")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["exact.parquet", "losses.parquet", "losses_by_policy.parquet", "occurrences.parquet"]);
    let mixed = run(&[&project[..], &[&run_folder]].concat());
    assert!(mixed.status.code() == Some(2) && text(&mixed.stderr).contains("holds the results of `run`"));
    let dry = run(&["run", &at("RUN.toml"), "--dry-run", "--out", &into]);
    assert!(dry.status.code() == Some(2) && text(&dry.stderr).contains("holds the results of `project`"));
}

/// The section on an average year, word for word, from the tables beside the losses or of a folder that is named.
#[test]
fn a_report_made_from_tables_tells_of_an_average_year_as_the_run_does() {
    let (_keep, dir) = years();
    let at = |name: &str| dir.join(name).display().to_string();
    let report = |losses: &str, more: &[&str]| {
        let (exposure, by_policy, ceded) =
            (at("r/exposure.parquet"), at("r/losses_by_policy.parquet"), at("r/ceded.parquet"));
        let (losses, page, summary) = (at(losses), at("page.html"), at("page.json"));
        let tables = ["report", &exposure, "--losses", &losses, "--by-policy", &by_policy, "--ceded", &ceded];
        let rest = ["--event", "mimecast-2021", "--out", &page, "--summary", &summary];
        run(&[&tables[..], &rest, more].concat())
    };
    let section = |page: &str| {
        let page = fs::read_to_string(dir.join(page)).unwrap();
        let from = page.find("<section id=\"annual\">")?;
        Some(page[from..].split("</section>").next().unwrap().to_string())
    };
    let told = section("r/report.html").expect("the run's own");
    let same = |output: std::process::Output| {
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(json(&dir.join("page.json"))["annual"], json(&dir.join("r/summary.json"))["annual"]);
        assert!(section("page.html").as_ref() == Some(&told));
    };
    same(report("r/losses.parquet", &[]));
    fs::create_dir(dir.join("apart")).unwrap();
    fs::copy(dir.join("r/losses.parquet"), dir.join("apart/losses.parquet")).unwrap();
    assert!(report("apart/losses.parquet", &[]).status.success() && section("page.html").is_none());
    same(report("apart/losses.parquet", &["--annual", &at("r/annual")]));
    let missing = report("apart/losses.parquet", &["--annual", &at("apart")]);
    assert!(missing.status.code() == Some(2) && text(&missing.stderr).contains("no tables events, losses and"));
    fs::copy(dir.join("r/losses.parquet"), dir.join("r/annual/losses.parquet")).unwrap();
    let mixed = report("r/losses.parquet", &[]);
    assert!(mixed.status.code() == Some(2) && text(&mixed.stderr).contains("not tables of one simulation"));
}
