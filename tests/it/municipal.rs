//! Real DNS records of 39,300 public bodies: what the engine finds, against what simple rules find.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use serde_json::Value;

use crate::command::{json, rows, shared, stdout};

/// Rules as an analyst would write them in ten minutes: the count to reach, not the truth.
#[derive(Default)]
struct Naive {
    mimecast: bool,
    microsoft: bool,
}

fn naive(scan: &Path, tenants: &Path) -> HashMap<String, Naive> {
    let mut found: HashMap<String, Naive> = HashMap::new();
    let file = std::fs::File::open(scan).unwrap();
    let text = std::io::read_to_string(flate2::read::MultiGzDecoder::new(file)).unwrap();
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let host = record["host"].as_str().unwrap();
        let base = host.strip_prefix("autodiscover.").unwrap_or(host);
        let base = base.split("._domainkey.").last().unwrap();
        let values = |key: &str| {
            record[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_lowercase)
                .collect::<Vec<_>>()
        };
        let ends = |value: &str, suffix: &str| value == suffix || value.ends_with(&format!(".{suffix}"));
        let own = found.entry(base.to_string()).or_default();
        for mx in values("mx") {
            own.mimecast |= ["mimecast.com", "mimecast.co.za"].iter().any(|s| ends(&mx, s));
            own.microsoft |=
                ["mail.protection.outlook.com", "mx.microsoft", "mail.eo.outlook.com"].iter().any(|s| ends(&mx, s));
        }
        for txt in values("txt") {
            let spf = txt.starts_with("v=spf1");
            own.mimecast |= spf && (txt.contains("_netblocks.mimecast.com") || txt.contains("mim.ec"));
            own.microsoft |= spf && txt.contains("include:spf.protection.outlook.com") || txt.starts_with("ms=ms");
        }
        own.microsoft |= values("cname").iter().any(|c| c == "autodiscover.outlook.com" || ends(c, "onmicrosoft.com"));
    }
    for line in std::fs::read_to_string(tenants).unwrap().lines().skip(1) {
        found.entry(line.split(',').next().unwrap().to_string()).or_default().microsoft = true;
    }
    found
}

/// Runs the event over the municipal book as of a day, with these scan files of the folder.
fn run(data: &Path, scans: &[&str], as_of: &str, trials: &str, out: &Path) {
    let file = |name: &str| data.join(name).display().to_string();
    let mut arguments = vec!["run".to_string(), "--policies".into(), file("policies.csv.gz")];
    scans.iter().for_each(|scan| arguments.extend(["--scan".into(), file(scan)]));
    let event = ["--event", "mimecast-2021", "--as-of", as_of, "--seed", "1", "--trials", trials, "--out"];
    arguments.extend(event.map(str::to_string));
    arguments.push(out.display().to_string());
    stdout(&arguments);
}

#[test]
fn the_naive_join_is_found_and_explained_and_no_row_is_lost() {
    let Some(data) = shared("data/municipal") else { return };
    let out = tempfile::tempdir().unwrap();
    let dir = out.path().join("out");
    run(&data, &["scan.dnsx.jsonl.gz", "tenants.csv"], "2026-05-31", "100000", &dir);
    let naive = naive(&data.join("scan.dnsx.jsonl.gz"), &data.join("tenants.csv"));
    let both: BTreeSet<&str> =
        naive.iter().filter(|(_, n)| n.mimecast && n.microsoft).map(|(d, _)| d.as_str()).collect();
    assert!(both.len() >= 155, "{}", both.len());

    // The inventory shows both products with evidence at each of them.
    let table = blastradius::table::TableFile::open(&dir.join("inventory.parquet")).unwrap();
    let columns = table.positions(["domain", "product", "standing", "evidence"]);
    let mut seen: HashMap<String, BTreeSet<String>> = HashMap::new();
    table
        .for_each(&columns, |_, row| {
            let row = row.unwrap();
            if row.cell(2) == "seen" {
                assert!(!row.cell(3).is_empty(), "{} has no evidence", row.cell(0));
                seen.entry(row.cell(0).to_string()).or_default().insert(row.cell(1).to_string());
            }
        })
        .unwrap();
    let complete =
        seen.values().filter(|p| p.contains("mimecast/email-security") && p.contains("microsoft/365")).count();
    assert!(complete >= 158, "{complete}");
    for domain in &both {
        let products = seen.get(*domain).unwrap_or_else(|| panic!("{domain} is not in the inventory"));
        assert!(
            products.contains("mimecast/email-security") && products.contains("microsoft/365"),
            "{domain}: {products:?}"
        );
    }

    // Every policy in force over one of them is exposed or possible, and nobody else is exposed.
    let policies = std::io::read_to_string(flate2::read::MultiGzDecoder::new(
        std::fs::File::open(data.join("policies.csv.gz")).unwrap(),
    ))
    .unwrap();
    let mut reader = csv::Reader::from_reader(policies.as_bytes());
    let listed: HashMap<String, String> =
        reader.records().map(|r| r.unwrap()).map(|r| (r[0].to_string(), r[3].to_string())).collect();
    let mut in_scope = 0;
    for row in rows(&dir.join("exposure.csv")) {
        let (tier, domain) = (row["tier"].as_str(), listed[&row["policy_id"]].as_str());
        if both.contains(domain) {
            assert!(matches!(tier, "exposed" | "possible"), "{domain} is {tier}");
            in_scope += 1;
        } else if !naive.get(domain).is_some_and(|n| n.mimecast) {
            assert!(tier != "exposed", "{domain} is exposed without any Mimecast record");
        }
    }
    assert!(in_scope >= 130, "{in_scope}");

    for input in json(&dir.join("manifest.json"))["inputs"].as_array().unwrap() {
        let count = |key: &str| input[key].as_u64().unwrap();
        assert_eq!(count("rows"), count("used") + count("set_aside"), "{input}");
        assert!(count("used") > 1_000, "{input}");
    }
}

#[test]
fn before_the_first_observation_nothing_is_known_of_anybody() {
    let Some(data) = shared("data/municipal") else { return };
    let out = tempfile::tempdir().unwrap();
    run(&data, &["scan.dnsx.jsonl.gz"], "2025-12-31", "100", out.path());
    let tiers = &json(&out.path().join("summary.json"))["tiers"];
    let insureds = |at: usize| tiers[at]["insureds"].as_u64().unwrap();
    assert!(insureds(2) > 1_000 && [0, 1, 3].into_iter().all(|at| insureds(at) == 0), "{tiers}");
}

/// The first record of the scan is of 2026-03-15.
#[test]
fn a_fortnight_before_the_first_record_nothing_is_known_either() {
    let Some(data) = shared("data/municipal") else { return };
    let out = tempfile::tempdir().unwrap();
    run(&data, &["scan.dnsx.jsonl.gz"], "2026-03-01", "100", out.path());
    let tiers = &json(&out.path().join("summary.json"))["tiers"];
    let insureds = |at: usize| tiers[at]["insureds"].as_u64().unwrap();
    assert!(insureds(2) > 30_000 && [0, 1, 3].into_iter().all(|at| insureds(at) == 0), "{tiers}");
}

const STUDIED: [&str; 4] =
    ["microsoft/365", "google/workspace", "mimecast/email-security", "proofpoint/email-protection"];

/// Calibrates products on the municipal scan, with these options more.
fn calibrate(data: &Path, products: &[&str], out: &Path, options: &[(&str, &Path)]) {
    let scan = data.join("scan.dnsx.jsonl.gz").display().to_string();
    let mut arguments = ["calibrate", &scan, "--as-of", "2026-05-31", "--out"].map(str::to_string).to_vec();
    arguments.push(out.display().to_string());
    products.iter().for_each(|id| arguments.extend(["--product".to_string(), id.to_string()]));
    options.iter().for_each(|(name, path)| arguments.extend([name.to_string(), path.display().to_string()]));
    stdout(&arguments);
}

/// Each signal is predicted at one half of the domains with figures from the other half. Expected calibration error is the
/// mean distance of predicted and observed shares over the bins, each domain counting once; 0.05 is the bar of the brief.
#[test]
fn each_signal_is_predicted_from_the_others_about_as_often_as_it_is_there() {
    let Some(data) = shared("data/municipal") else { return };
    let out = tempfile::tempdir().unwrap();
    let table = out.path().join("reliability.csv");
    calibrate(&data, &STUDIED, &out.path().join("rates.csv"), &[("--reliability", &table)]);
    let mut sums: BTreeMap<(String, String), [f64; 3]> = BTreeMap::new();
    for row in rows(&table).into_iter().filter(|row| row["domains_with"] == "all") {
        let [domains, predicted, observed] =
            ["domains", "predicted", "observed"].map(|c| row[c].parse::<f64>().unwrap());
        let own = sums.entry((row["product"].clone(), row["held_out"].clone())).or_default();
        let add = [domains, domains * (predicted - observed).abs(), domains * observed];
        own.iter_mut().zip(add).for_each(|(sum, x)| *sum += x);
    }
    for product in STUDIED {
        let signals = sums.keys().filter(|(id, _)| id == product).count();
        assert!(signals >= 2, "{product}: {signals} signals");
    }
    for ((product, signal), [domains, distance, seen]) in sums {
        let error = distance / domains;
        assert!(domains > 10_000.0 && seen >= 1.0, "{product} {signal}: {domains} domains, {seen} show it");
        assert!(error <= 0.05, "{product} {signal}: {error}");
    }
}

/// The labels know of mimecast.com only: all 33 domains with MX in mimecast.co.za are labelled as having no such gateway.
#[test]
fn domains_whose_labels_miss_mimecast_in_south_africa_are_found() {
    let Some(data) = shared("data/municipal") else { return };
    let out = tempfile::tempdir().unwrap();
    let text = |name: &str| {
        let file = std::fs::File::open(data.join(name)).unwrap();
        std::io::read_to_string(flate2::read::MultiGzDecoder::new(file)).unwrap()
    };
    let missed: BTreeSet<String> = text("scan.dnsx.jsonl.gz")
        .lines()
        .filter(|line| line.contains("mimecast.co.za"))
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|record| record["mx"].to_string().contains("mimecast.co.za"))
        .map(|record| record["host"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(missed.len(), 33);
    let labels = text("labels.csv.gz");
    let mut table = "domain,product,answer\n".to_string();
    for record in csv::Reader::from_reader(labels.as_bytes()).records().map(Result::unwrap) {
        let answer = if &record[2] == "mimecast" { "yes" } else { "no" };
        assert!(answer == "no" || !missed.contains(&record[0]), "{record:?}");
        // Of the others only those in question: a table of all would be one of the same size as the scan.
        if answer == "yes" || missed.contains(&record[0]) {
            table += &format!("{},mimecast/email-security,{answer}\n", &record[0]);
        }
    }
    std::fs::write(out.path().join("labels.csv"), table).unwrap();
    let (labels, agreement) = (out.path().join("labels.csv"), out.path().join("agreement.csv"));
    let options = [("--labels", labels.as_path()), ("--agreement", &agreement)];
    calibrate(&data, &["mimecast/email-security"], &out.path().join("rates.csv"), &options);
    let found = rows(&agreement);
    let missed_by_labels: Vec<_> = found.iter().filter(|row| row["label"] == "no").collect();
    let mut domains = 0;
    for row in &missed_by_labels {
        assert_eq!((row["ours"].as_str(), row["agree"].as_str()), ("yes", "no"), "{row:?}");
        assert!(
            row["probability"].parse::<f64>().unwrap() >= 0.5 && row["evidence"].contains("mimecast.co.za"),
            "{row:?}"
        );
        assert!(missed.contains(&row["example"]), "{row:?}");
        domains += row["domains"].parse::<usize>().unwrap();
    }
    assert_eq!(domains, 33);
}
