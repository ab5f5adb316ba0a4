//! Figures estimated from the demo's scans, and what they and the insureds' own answers change.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{demo, json, rows, run, stdout, text};

const SCANS: [&str; 3] = ["scan-dns.jsonl.gz", "scan-web.jsonl", "scan-zdns.jsonl"];

/// The demo's folder with a table of figures in it, as of the day of its event.
fn calibrated() -> (tempfile::TempDir, PathBuf) {
    let (keep, dir) = demo();
    let scans = SCANS.map(|name| at(&dir, name));
    let end = ["--as-of", "2021-01-12", "--out"].map(str::to_string);
    let told = stdout(&[&["calibrate".to_string()][..], &scans, &end, &[at(&dir, "rates.csv")]].concat());
    assert!(told.contains("microsoft/365: used by "), "{told}");
    assert!(told.contains("Not identifiable"), "{told}");
    (keep, dir)
}

fn at(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

/// The inventory of the demo's book, with these options more: domain and product with probability.
fn inventory(dir: &Path, options: &[&str]) -> Vec<((String, String), f64)> {
    let scans = SCANS.map(|name| at(dir, name));
    let (policies, out) = (at(dir, "policies.csv"), at(dir, "inventory.csv"));
    let fixed = ["--policies", &policies, "--event", "mimecast-2021", "--out", &out].map(str::to_string);
    let options: Vec<String> = options.iter().map(|option| option.to_string()).collect();
    stdout(&[&["inventory".to_string()][..], &scans, &fixed, &options].concat());
    let found = rows(&dir.join("inventory.csv"));
    found
        .into_iter()
        .map(|r| ((r["domain"].clone(), r["product"].clone()), r["probability"].parse().unwrap()))
        .collect()
}

#[test]
fn calibrated_figures_are_a_table_that_moves_the_probabilities() {
    let (_keep, dir) = calibrated();
    let table = rows(&dir.join("rates.csv"));
    let learnt = |row: &&std::collections::BTreeMap<String, String>| row["basis"] != "assumed";
    let of = |parameter: &str| table.iter().filter(learnt).filter(|row| row["parameter"] == parameter).count();
    assert!(of("prevalence") >= 5 && of("sensitivity") >= 5, "{} {}", of("prevalence"), of("sensitivity"));
    // Two signals tell three shares of patterns, and have four figures: data alone can't decide them.
    let two =
        table.iter().find(|r| r["product"] == "godaddy/workspace-email" && r["parameter"] == "prevalence").unwrap();
    assert_ne!(two["basis"], "estimated", "{two:?}");
    for row in table.iter().filter(learnt) {
        let [estimate, error] = ["estimate", "standard_error"].map(|name| row[name].parse::<f64>().unwrap());
        assert!(estimate > 0.0 && error > 0.0 && row["source"].contains("as of 2021-01-12"), "{row:?}");
    }
    let (before, after) = (inventory(&dir, &[]), inventory(&dir, &["--signal-rates", &at(&dir, "rates.csv")]));
    let places = |rows: &[((String, String), f64)]| rows.iter().map(|(place, _)| place.clone()).collect::<Vec<_>>();
    assert_eq!(places(&before), places(&after), "figures move probabilities, not what was found");
    let moved = |product: &str| {
        let own = before.iter().zip(&after).filter(|((place, _), _)| place.1 == product);
        own.map(|((_, before), (_, after))| (before - after).abs()).fold(0.0, f64::max)
    };
    assert!(moved("microsoft/365") > 0.05, "{}", moved("microsoft/365"));
    // What could not be told apart stays the catalogue's.
    assert_eq!(moved("progress/moveit-transfer"), 0.0);
}

/// A row that breaks a rule, the column of the rule, and a word of the hint.
#[test]
fn a_wrong_figure_is_named_with_its_place_and_nothing_is_written() {
    let (_keep, dir) = demo();
    let cases = [
        ("microsoft/356,prevalence,0.2", "product = \"microsoft/356\"", "did you mean `microsoft/365`?"),
        ("microsoft/365,prevalence,1.5", "estimate = \"1.5\"", "hint: "),
        ("microsoft/365,prevalence,0", "estimate = \"0\"", "hint: "),
        ("microsoft/365,sensitivty,0.2", "parameter = \"sensitivty\"", "known are: prevalence"),
        ("microsoft/365,prevalence,many", "estimate = \"many\"", "hint: "),
    ];
    let mut wrong = Vec::new();
    for (row, place, hint) in cases {
        let file = dir.join("wrong.csv");
        fs::write(&file, format!("product,parameter,estimate\ngoogle/workspace,prevalence,0.1\n{row}\n")).unwrap();
        let (run_file, out) = (at(&dir, "RUN.toml"), at(&dir, "never"));
        let output = run(&["run", &run_file, "--signal-rates", &at(&dir, "wrong.csv"), "--out", &out]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(!dir.join("never").exists());
        let parts = [format!("{}:3: ", file.display()), place.to_string(), hint.to_string()];
        wrong.extend(
            parts.into_iter().filter(|part| !told.contains(part)).map(|part| format!("{row}: no {part} in {told}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn answers_that_can_not_be_used_are_set_aside_and_named() {
    let (_keep, dir) = demo();
    let insured = rows(&dir.join("policies.csv"))[0]["insured_id"].clone();
    let good = format!("{insured},mimecast/email-security,yes,2020-12-01");
    let cases = [
        ("INS-NOBODY,microsoft/365,yes,2020-12-01".to_string(), "insured_id", "INS-NOBODY"),
        (format!("{insured},microsoft/356,yes,2020-12-01"), "product", "microsoft/356"),
        (format!("{insured},microsoft/365,maybe,2020-12-01"), "answer", "maybe"),
        (format!("{insured},microsoft/365,yes,1.12.2020"), "date", "1.12.2020"),
    ];
    let lines: Vec<&str> = std::iter::once(good.as_str()).chain(cases.iter().map(|(line, ..)| line.as_str())).collect();
    fs::write(dir.join("answers.csv"), format!("insured_id,product,answer,date\n{}\n", lines.join("\n"))).unwrap();
    let (answers, rejects) = (at(&dir, "answers.csv"), at(&dir, "rejects.csv"));
    inventory(&dir, &["--declared", &answers, "--rejects", &rejects]);
    let found: Vec<_> = rows(&dir.join("rejects.csv")).into_iter().filter(|row| row["file"] == answers).collect();
    assert_eq!(found.len(), cases.len(), "{found:?}");
    for (at, (row, (_, column, value))) in found.iter().zip(&cases).enumerate() {
        // The header and the good answer stand before the first.
        assert_eq!(row["line"], (at + 3).to_string(), "{row:?}");
        assert_eq!((row["column"].as_str(), row["value"].as_str()), (*column, *value));
        assert!(row["outcome"] == "set aside" && !row["rule"].is_empty(), "{row:?}");
    }
    let inventory = rows(&dir.join("inventory.csv"));
    let declared: Vec<_> = inventory.iter().filter(|row| !row["insured_id"].is_empty()).collect();
    assert_eq!(declared.len(), 1, "{declared:?}");
    assert!(declared[0]["evidence"].starts_with("declared yes (2020-12-01)"), "{declared:?}");
}

/// The demo's scans begin on 2021-01-08, and its policies of 2020 are in force on 2020-12-01. Its questionnaires are older,
/// and are left out.
#[test]
fn before_the_first_scan_every_insured_is_unknown() {
    let (_keep, dir) = demo();
    let config = fs::read_to_string(dir.join("RUN.toml")).unwrap();
    fs::write(dir.join("EARLY.toml"), config.replace("declared = \"declared.csv\"", "")).unwrap();
    let (file, out) = (at(&dir, "EARLY.toml"), at(&dir, "early"));
    stdout(&["run", &file, "--as-of", "2020-12-01", "--trials", "100", "--out", &out]);
    let summary = json(&dir.join("early/summary.json"));
    let insureds = |at: usize| summary["tiers"][at]["insureds"].as_u64().unwrap();
    assert_eq!(summary["tiers"][2]["tier"], "unknown");
    assert!(insureds(2) > 1_000 && [0, 1, 3].into_iter().all(|at| insureds(at) == 0), "{}", summary["tiers"]);
    let tiers: Vec<String> = rows(&dir.join("early/exposure.csv")).into_iter().map(|row| row["tier"].clone()).collect();
    assert!(tiers.len() >= insureds(2) as usize && tiers.iter().all(|tier| tier == "unknown"));
}
