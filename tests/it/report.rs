//! The report as its reader sees it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::{demo, json, run, text};

#[test]
fn the_page_needs_no_network_and_no_script_and_escapes_names() {
    let (_keep, dir) = demo();
    let page =
        fs::read_to_string(dir.join("results/report.html")).unwrap().replace('\u{a0}', " ").replace("&nbsp;", " ");
    let lower = page.to_lowercase();
    assert!(
        !lower.contains("<script")
            && !lower.contains(" src=")
            && !lower.contains("<link")
            && !lower.contains("@import")
            && !lower.contains("url(")
    );
    assert!(page.contains("&lt;script&gt;"), "the demo's hostile name is shown escaped");
    let summary = json(&dir.join("results/summary.json"));
    for part in [
        summary["headline"]["exposure"].as_str().unwrap(),
        summary["origin"]["inputs"].as_str().unwrap(),
        "blastradius",
    ] {
        assert!(page.contains(part), "{part} is not on the page");
    }
    let table = fs::read_to_string(dir.join("results/exposure.csv")).unwrap();
    assert!(table.contains(",'=Acme&Sons,"), "a formula sign is shielded in the spreadsheet");
}

#[test]
fn the_numbers_of_the_summary_add_up() {
    let (_keep, dir) = demo();
    let summary = json(&dir.join("results/summary.json"));
    let sum = |list: &str, key: &str| {
        summary[list].as_array().unwrap().iter().map(|line| line[key].as_f64().unwrap()).sum::<f64>()
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{a} {b}");
    for list in ["tiers", "by_industry", "by_revenue_band", "by_country"] {
        near(sum(list, "insureds"), summary["insureds"].as_f64().unwrap());
        near(sum(list, "limit"), summary["limit"].as_f64().unwrap());
        near(sum(list, "premium"), summary["premium"].as_f64().unwrap());
    }
    near(sum("tiers", "expected_gross"), summary["losses"]["gross"]["mean"].as_f64().unwrap());
    let mut exposed = std::collections::BTreeSet::new();
    let mut reader = csv::Reader::from_path(dir.join("results/exposure.csv")).unwrap();
    reader
        .records()
        .map(|r| r.unwrap())
        .filter(|r| &r[4] == "exposed")
        .for_each(|r| exposed.extend([r[1].to_string()]));
    assert_eq!(summary["tiers"][0]["insureds"].as_u64(), Some(exposed.len() as u64));
    let quantiles = summary["losses"]["gross"]["quantiles"].as_array().unwrap();
    assert!(quantiles.windows(2).all(|w| w[0]["value"].as_f64() <= w[1]["value"].as_f64()));
}

/// Chromium, where it is installed.
fn browser() -> Option<&'static str> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .find(|p| Path::new(p).exists());
    if found.is_none() {
        eprintln!("skipped: no Chromium is installed");
    }
    found
}

#[test]
fn a_browser_shows_the_headline_and_the_picture() {
    let Some(browser) = browser() else { return };
    let (_keep, dir) = demo();
    let page = dir.join("results/report.html");
    let chromium = |arguments: &[String]| {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(browser);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ]);
        command.args(["--disable-component-update", "--disable-sync", "--hide-scrollbars"]);
        command
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(arguments)
            .arg(format!("file://{}", page.display()));
        command.output().expect("the browser starts")
    };
    let dom =
        String::from_utf8_lossy(&chromium(&["--dump-dom".into()]).stdout).replace('\u{a0}', " ").replace("&nbsp;", " ");
    let headline = json(&dir.join("results/summary.json"))["headline"]["exposure"].as_str().unwrap().to_string();
    assert!(dom.contains(&headline), "the headline is not on the page");
    for width in [1200, 420] {
        let shot = dir.join(format!("{width}.png"));
        chromium(&[format!("--window-size={width},1400"), format!("--screenshot={}", shot.display())]);
        let picture = fs::read(&shot).expect("a screenshot");
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000, "{width}: {} bytes", picture.len());
    }
}

/// Each table that the page is made from, and the manifest beside it, is safe from the page, its numbers and the rejects.
#[test]
fn what_a_report_reads_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let (exposure, losses, by_policy) = (at("exposure.csv"), at("losses.csv"), at("by_policy.csv"));
    let flags = ["--inventory", "--in-scope", "--reliability", "--exact", "--ceded", "--models", "--signal-rates"];
    for file in ["exposure.csv", "losses.csv", "by_policy.csv", "severity_models.csv", "table.csv"] {
        fs::write(dir.path().join(file), "mine").unwrap();
    }
    fs::create_dir(dir.path().join("annual")).unwrap();
    for file in ["events.csv", "losses.csv", "occurrences.csv", "ceded.csv"] {
        fs::write(dir.path().join("annual").join(file), "mine").unwrap();
    }
    let refused = |more: &[&str]| {
        let common = ["report", &exposure, "--losses", &losses, "--by-policy", &by_policy, "--event", "mimecast-2021"];
        let done = run(&[&common[..], more].concat());
        let said = text(&done.stderr);
        assert!(done.status.code() == Some(2) && said.contains("would be written over"), "{more:?}: {said}");
    };
    let (table, page) = (at("table.csv"), at("page.html"));
    for flag in flags {
        refused(&[flag, &table, "--out", &table]);
        refused(&[flag, &table, "--out", &page, "--rejects", &table]);
    }
    refused(&["--models", &at(""), "--out", &page, "--summary", &at("severity_models.csv")]);
    for file in ["annual/events.csv", "annual/losses.csv", "annual/occurrences.csv", "annual/ceded.csv", "losses.csv"] {
        refused(&["--out", &page, "--summary", &at(file)]);
    }
    refused(&["--out", &page, "--summary", &at("page.html.manifest.json")]);
    refused(&["--out", &page, "--summary", &at("annual/../page.html")]);
}
