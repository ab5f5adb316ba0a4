//! The report as its reader sees it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::{demo, json, run, stdout, text};

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

/// Of one trial no error is known; of two the mean's is, but neither the upper end of a quantile nor anything of a tail.
#[test]
fn what_too_few_trials_leave_unknown_is_told_as_such() {
    let (_keep, dir) = demo();
    let config = dir.join("RUN.toml").display().to_string();
    for trials in ["1", "2"] {
        let out = dir.join(trials);
        let told = stdout(&["run", &config, "--trials", trials, "--out", &out.display().to_string()]);
        let summary = json(&out.join("summary.json"));
        let gross = &summary["losses"]["gross"];
        assert_eq!(gross["standard_error"].is_null(), trials == "1", "{gross}");
        assert_eq!(told.contains("standard error not known: too few trials"), trials == "1", "{told}");
        assert!(gross["tvar_99_standard_error"].is_null(), "{gross}");
        assert!(gross["quantiles"].as_array().unwrap().iter().all(|own| own["high"].is_null()), "{gross}");
        let page = fs::read_to_string(out.join("report.html")).unwrap();
        // Five quantiles and the tail mean, each of gross, ground-up and claims; of one trial the mean as well.
        let unknown = page.matches("not known: too few trials").count();
        assert_eq!(unknown, if trials == "1" { 21 } else { 18 });
    }
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

/// Tables of losses that were edited: the row is named with what was seen in it, the rule and a way out.
#[test]
fn a_report_of_losses_that_can_t_be_says_which_row_and_why() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let exposure = at("results/exposure.csv");
    stdout(&["project", &exposure, "--years", "2000", "--csv", "--out", &at("p")]);
    let report = || {
        let (losses, by_policy) = (at("p/losses.csv"), at("p/losses_by_policy.csv"));
        let own = ["report", &exposure, "--losses", &losses, "--by-policy", &by_policy, "--event", "mimecast-2021"];
        run(&[&own[..], &["--out", &at("page.html")]].concat())
    };
    assert!(report().status.success());
    fs::remove_file(dir.join("page.html")).unwrap();
    let place = |header: &str, name: &str| header.split(',').position(|own| own == name).unwrap();
    for (table, column, cell, told) in [
        ("losses.csv", "year", "1", "year = \"1\": is there twice"),
        ("losses.csv", "hits", "3.7", "hits = \"3.7\": not a whole number"),
        ("losses.csv", "ground_up", "0.00", "is more than ground_up (0)"),
        ("losses.csv", "net", "9000000000", "net = \"9000000000\": is more than gross"),
        ("losses.csv", "largest_gross", "9000000000", "largest_gross = \"9000000000\": is more than"),
        ("losses_by_policy.csv", "years", "2.5", "years = \"2.5\": not a whole number"),
    ] {
        let path = dir.join("p").join(table);
        let own = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> = own.lines().map(str::to_string).collect();
        // The last year or policy with a loss, so that the tables no longer add up without it.
        let gross = place(&lines[0], if table == "losses.csv" { "gross" } else { "total_gross" });
        let some = |line: &String| line.split(',').nth(gross).unwrap().parse().is_ok_and(|amount: f64| amount > 0.0);
        let row = lines.iter().rposition(some).unwrap();
        let mut cells: Vec<&str> = lines[row].split(',').collect();
        cells[place(&lines[0], column)] = cell;
        lines[row] = cells.join(",");
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let done = report();
        let said = text(&done.stderr);
        let named = said.contains(&format!("{table}:{}: ", row + 1)) && said.contains(told) && said.contains("hint: ");
        assert!(done.status.code() == Some(2) && named, "{table} {column}: {said}");
        assert!(!dir.join("page.html").exists());
        fs::write(&path, own).unwrap();
    }
}
