//! `fit`: incident records in, models and a report out; and the loss stage that follows the models.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{demo, json, results, rows, run, shared, stdout, text};

/// Runs `fit` over these files into a folder of its own.
fn fit(files: &[&Path], more: &[&str], out: &Path) -> std::process::Output {
    let mut arguments: Vec<String> = vec!["fit".into()];
    arguments.extend(files.iter().map(|f| f.display().to_string()));
    arguments.extend(more.iter().map(|m| m.to_string()));
    arguments.extend(["--out".into(), out.display().to_string()]);
    run(&arguments)
}

/// Rows in are rows used and set aside, of every input of a manifest.
fn balanced(out: &Path) -> Vec<(u64, u64, u64)> {
    let manifest = json(&out.join("manifest.json"));
    let number = |input: &serde_json::Value, key: &str| input[key].as_u64().unwrap();
    let inputs = manifest["inputs"].as_array().unwrap().iter();
    let counts: Vec<_> = inputs.map(|i| (number(i, "rows"), number(i, "used"), number(i, "set_aside"))).collect();
    assert!(counts.iter().all(|(rows, used, aside)| *rows == used + aside), "{counts:?}");
    counts
}

/// No figure of a written table or page is what is no number.
fn only_numbers(out: &Path) {
    for (name, bytes) in results(out) {
        if name.ends_with(".csv") || name.ends_with(".json") || name.ends_with(".html") {
            let text = text(&bytes);
            for word in ["NaN", ",inf,", ",inf\n", ":inf", "-inf,"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
        }
    }
}

const HEADER: &str = "incident_id,date,report_date,cause,organisation,industry,annual_revenue,vendor_involved,currency,loss,retention,limit,status\n";

/// A folder with a table of `rows` below the header.
fn table(rows: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("claims.csv");
    fs::write(&path, format!("{HEADER}{rows}")).unwrap();
    let out = dir.path().join("out");
    (dir, path, out)
}

/// `n` losses that differ, of one cause.
fn losses(n: u32) -> String {
    (0..n)
        .map(|i| {
            let loss = 20_000.0 * (f64::from(i * 37 % 101) / 25.0).exp();
            format!("C{i},2020-{:02}-11,,email,Firm {i},62,9000000,no,USD,{loss:.2},10000,1000000,closed\n", i % 12 + 1)
        })
        .collect()
}

#[test]
fn the_demos_claims_are_told_as_the_founding_article_tells_its_own() {
    let (_keep, dir) = demo();
    let out = dir.join("fit");
    balanced(&out);
    only_numbers(&out);
    let summary = json(&out.join("summary.json"));
    assert!(
        summary["headline"].as_str().unwrap().starts_with("Email was the root cause of 5"),
        "{}",
        summary["headline"]
    );
    let growth = rows(&out.join("growth.csv"));
    let last = growth.last().unwrap();
    let number = |key: &str| last[key].parse::<f64>().unwrap();
    assert!(number("growth_low") < 1.67 && number("growth_high") > 1.67, "{last:?}");
    assert!(number("development_factor") > 1.05 && number("frequency_growth") < number("growth"), "{last:?}");
    let frequencies = rows(&out.join("frequency_models.csv"));
    let severities = rows(&out.join("severity_models.csv"));
    for list in [&frequencies, &severities] {
        assert!(list.len() > 100, "{}", list.len());
        let pulled = list.iter().filter(|r| r["weight"].parse::<f64>().is_ok_and(|w| (0.0..1.0).contains(&w))).count();
        assert!(pulled > 50 && list.iter().all(|r| !r["source"].is_empty()), "{pulled}");
    }
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    let lower = page.to_lowercase();
    assert!(!lower.contains("<script") && !lower.contains(" src=") && !lower.contains("url("));
    for part in ["Kolmogorov", "Mean excess", "Threshold stability", "BIC", "Quantiles (QQ)", "</svg>"] {
        assert!(page.contains(part), "{part} is not on the page");
    }
}

/// The demo's losses are told by coverage for about six in ten claims. Shares of a cause add up to one; emails cost no extortion, by
/// what is made, and an interval that none of some eighty had.
#[test]
fn losses_by_coverage_give_the_weights_of_an_event() {
    let (_keep, dir) = demo();
    let out = dir.join("fit");
    let shares = rows(&out.join("coverage_shares.csv"));
    let number = |row: &std::collections::BTreeMap<String, String>, key: &str| row[key].parse::<f64>().unwrap();
    for cause in ["all", "email", "ransomware"] {
        for share in ["mean_share", "loss_share"] {
            let own = shares.iter().filter(|r| r["cause"] == cause);
            let sum: f64 = own.map(|r| number(r, share)).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{cause}: {share} {sum}");
        }
    }
    let of = |cause: &str, coverage: &str| {
        shares.iter().find(|r| r["cause"] == cause && r["coverage"] == coverage).unwrap().clone()
    };
    let (none, most) = (of("email", "extortion"), of("email", "incident_response"));
    assert!(number(&none, "mean_share") == 0.0 && number(&none, "mean_share_high") > 0.01, "{none:?}");
    assert!(number(&most, "loss_share_low") < 0.45 && number(&most, "loss_share_high") > 0.3, "{most:?}");
    let summary = json(&out.join("summary.json"));
    let (told, losses) = (summary["told_by_coverage"].as_f64().unwrap(), summary["losses"].as_f64().unwrap());
    assert!((0.4..0.8).contains(&(told / losses)), "{told} of {losses}");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("losses are told by coverage") && page.contains("Share of losses"));
}

#[test]
fn csv_parquet_and_any_number_of_threads_give_the_same() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name);
    let claims = at("incidents.csv");
    let years = at("policy_years.csv").display().to_string();
    let all = |threads: &str, out: &str| {
        let more = ["--exposure", &years, "--threads", threads];
        assert!(fit(&[&claims], &more, &at(out)).status.success());
        results(&at(out))
    };
    let (one, two) = (all("1", "one"), all("2", "two"));
    assert_eq!(one, two);
    // A table of policy-years that fit wrote itself, as Parquet, is read again.
    let parquet = at("one/policy_years.parquet").display().to_string();
    let output = fit(&[&claims], &["--exposure", &parquet], &at("three"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let tables = |out: &str| fs::read_to_string(at(out).join("growth.csv")).unwrap();
    assert_eq!(tables("one"), tables("three"));
}

/// The rows of a CSV as a Parquet file of texts.
fn as_parquet(csv: &Path, to: &Path) {
    use arrow::array::{ArrayRef, RecordBatch, StringArray};
    use std::sync::Arc;
    let mut reader = csv::Reader::from_path(csv).unwrap();
    let header = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |(at, name): (usize, &str)| {
        let cells: StringArray = records.iter().map(|r| Some(r[at].to_string()).filter(|c| !c.is_empty())).collect();
        (name.to_string(), Arc::new(cells) as ArrayRef, true)
    };
    let batch = RecordBatch::try_from_iter_with_nullable(header.iter().enumerate().map(column)).unwrap();
    let file = fs::File::create(to).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn incidents_in_parquet_are_those_in_csv() {
    let (_keep, dir) = demo();
    let (claims, copy) = (dir.join("incidents.csv"), dir.join("copy.parquet"));
    as_parquet(&claims, &copy);
    let tables = |from: &Path, out: &str| {
        let output = fit(&[from], &[], &dir.join(out));
        assert!(output.status.success(), "{}", text(&output.stderr));
        let own = fs::read_to_string(dir.join(out).join("severity_models.csv")).unwrap();
        own.replace(&from.display().to_string(), "FILE")
    };
    assert_eq!(tables(&claims, "csv"), tables(&copy, "parquet"));
}

#[test]
fn exposure_can_be_derived_from_policies() {
    let (_keep, dir) = demo();
    let policies = dir.join("policies.csv").display().to_string();
    let out = dir.join("derived");
    let output = fit(&[&dir.join("incidents.csv")], &["--exposure", &policies], &out);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let years: Vec<_> = rows(&out.join("policy_years.csv"));
    let of = |year: &str| {
        years.iter().filter(|r| r["year"] == year).map(|r| r["policy_years"].parse::<f64>().unwrap()).sum::<f64>()
    };
    // Policies of the demo's book began from January 2020 on: about half a year each of 2,400.
    assert!((1_000.0..1_500.0).contains(&of("2020")), "{}", of("2020"));
    assert_eq!(of("2021"), 0.0, "nothing is earned after the as-of date");
}

#[test]
fn the_loss_stage_follows_the_models_and_a_row_that_is_edited() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let config = at("RUN.toml");
    let before = results(&dir.join("results"));
    let with = |models: &str, out: &str| {
        stdout(&["run", &config, "--models", models, "--out", &at(out)]);
        json(&dir.join(out).join("summary.json"))
    };
    let mean = |summary: &serde_json::Value| summary["losses"]["ground_up"]["mean"].as_f64().unwrap();
    let fitted = with(&at("fit"), "fitted");
    let told = fitted["assumptions"].to_string();
    assert!(told.contains("fitted to incidents") && told.contains("incidents.csv") && told.contains("known exactly"));
    assert!(!told.contains("NetDiligence"), "the catalogue's severities are not used");
    assert_ne!(mean(&fitted), mean(&json(&dir.join("results/summary.json"))));
    // Every row a thousand times as large, by hand: so is every loss, before any policy.
    let table = dir.join("fit/severity_models.csv");
    let mut reader = csv::Reader::from_path(&table).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(dir.join("mine.csv")).unwrap();
    writer.write_record(&header).unwrap();
    for record in reader.records().map(Result::unwrap) {
        let cells: Vec<String> = header
            .iter()
            .zip(&record)
            .map(|(name, cell)| match (name, cell.parse::<f64>()) {
                ("mu", Ok(x)) => (x + 1_000f64.ln()).to_string(),
                ("scale" | "threshold" | "tail_scale", Ok(x)) => (x * 1_000.0).to_string(),
                _ => cell.to_string(),
            })
            .collect();
        writer.write_record(&cells).unwrap();
    }
    writer.flush().unwrap();
    let edited = with(&at("mine.csv"), "edited");
    assert!((mean(&edited) / mean(&fitted) / 1_000.0 - 1.0).abs() < 1e-6, "{} {}", mean(&edited), mean(&fitted));
    // One row of one's own for all is enough, and its parameters are taken as known where it gives no covariance.
    fs::write(
        dir.join("own.csv"),
        "cause,revenue_band,industry,family,mu,sigma,source\nall,all,all,lognormal,0,0.000001,an actuary's judgement\n",
    )
    .unwrap();
    let own = with(&at("own.csv"), "own");
    let hits = json(&dir.join("own/summary.json"));
    let note = own["assumptions"].to_string();
    assert!(note.contains("an actuary's judgement") && note.contains("taken as known"), "{note}");
    assert!(mean(&hits) > 0.0 && mean(&hits) < 20.0, "a loss of one dollar each: {}", mean(&hits));
    // project takes them, too, and gives what the run gave.
    stdout(&[
        "project",
        &at("fitted/exposure.csv"),
        "--event",
        "mimecast-2021",
        "--models",
        &at("fit"),
        "--csv",
        "--out",
        &at("p"),
    ]);
    let total = |list: Vec<std::collections::BTreeMap<String, String>>| {
        list.iter().map(|r| r["ground_up"].parse::<f64>().unwrap()).sum::<f64>() / list.len() as f64
    };
    assert!((total(rows(&dir.join("p/losses.csv"))) / mean(&fitted) - 1.0).abs() < 1e-9);
    // Without --models nothing has changed.
    stdout(&["run", &config, "--out", &at("again")]);
    assert_eq!(results(&dir.join("again")), before);
}

#[test]
fn an_event_that_names_its_cause_takes_that_causes_model() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let header = "cause,revenue_band,industry,family,mu,sigma,source";
    let models = format!("{header}\nall,all,all,lognormal,1,0.1,everything\nemail,all,all,lognormal,2,0.1,mailboxes\n");
    fs::write(dir.join("models.csv"), models).unwrap();
    let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/events/mimecast-2021.toml");
    let event = fs::read_to_string(event).unwrap();
    let with = |cause: &str| {
        let own = event.replacen("vendor = ", &format!("{cause}vendor = "), 1);
        fs::write(dir.join("own.toml"), own).unwrap();
        run(&["run", &at("RUN.toml"), "--event", &at("own.toml"), "--models", &at("models.csv"), "--out", &at("own")])
    };
    for (cause, source) in [("", "everything"), ("cause = \"business email compromise\"\n", "mailboxes")] {
        let output = with(cause);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let told = json(&dir.join("own/summary.json"))["assumptions"].to_string();
        let other = if source == "everything" { "mailboxes" } else { "everything" };
        assert!(told.contains(source) && !told.contains(other), "{told}");
    }
    let output = with("cause = \"gremlins\"\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cause = \"gremlins\": not known"), "{}", text(&output.stderr));
}

#[test]
fn a_wrong_table_of_models_is_refused_in_words() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let header = "cause,revenue_band,industry,family,mu,sigma,covariance,source";
    let cases = [
        ("all,all,all,lognormal,11,-1,,me", "sigma"),
        ("all,all,all,lognormall,11,1,,me", "families are"),
        ("all,all,all,lognormal,11,1,1 5 1,me", "covariance"),
        ("all,all,all,lognormal,11,1,,", "source"),
        ("all,huge,all,lognormal,11,1,,me", "revenue_band"),
        ("gremlins,all,all,lognormal,11,1,,me", "cause"),
        ("email,all,all,lognormal,11,1,,me", "add a row with cause, revenue_band and industry all"),
        ("all,all,all,lognormal,11,1,,me\nall,all,all,lognormal,12,1,,me", "two models for all"),
        ("", "there is no model in it"),
    ];
    for (row, part) in cases {
        fs::write(dir.join("wrong.csv"), format!("{header}\n{row}\n")).unwrap();
        let output = run(&["run", &at("RUN.toml"), "--models", &at("wrong.csv"), "--out", &at("never")]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(part) && !told.contains("panicked"), "{part} is not in {told}");
        assert!(!dir.join("never/manifest.json").exists());
    }
}

#[test]
fn hard_losses_give_a_model_with_an_honest_width_or_a_refusal_in_words() {
    let row = |i: u32, loss: &str, more: &str| format!("C{i},2020-03-04,,email,Firm,62,,no,USD,{loss},{more}\n");
    let many = |loss: &str, more: &str| (0..40).map(|i| row(i, loss, more)).collect::<String>();
    let cases = [
        (many("", ",,"), "there are no records"),
        (row(1, "50000", "0,,closed"), "needs at least"),
        (many("50000", "0,,closed"), "nothing tells their spread"),
        (many("90000", "0,50000,closed"), "all 40 losses are censored"),
        (many("90000", "0,,open"), "all 40 losses are censored"),
    ];
    for (rows, part) in cases {
        let (_keep, path, out) = table(&rows);
        let output = fit(&[&path], &[], &out);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let told = text(&output.stdout);
        assert!(told.contains(part), "{part} is not in {told}");
        assert_eq!(fs::read_to_string(out.join("severity_models.csv")).unwrap().lines().count(), 1);
        only_numbers(&out);
    }
    // One absurd outlier, and a segment of one record: models with numbers in all their cells.
    let (_keep, path, out) = table(&(losses(60) + &row(99, "8e15", "10000,,closed")));
    let output = fit(&[&path], &[], &out);
    assert!(output.status.success(), "{}", text(&output.stderr));
    only_numbers(&out);
    let models = rows(&out.join("severity_models.csv"));
    assert!(models.iter().all(|m| m["covariance"].split(' ').all(|x| x.parse::<f64>().is_ok_and(f64::is_finite))));
}

#[test]
fn hard_rows_are_set_aside_or_noted_with_file_line_and_rule() {
    let wrong = "\
B1,31.5.2020,,email,Firm,62,,no,USD,50000,,,closed
B2,2020-05-31,,email,Firm,62,,no,USD,-5,,,closed
B3,2020-05-31,,email,Firm,62,,no,USD,60000,10000,50000,maybe
B4,2020-05-31,,email,Firm,62,,no,XYZ,50000,,,closed
B5,2020-05-31,,email,Firm,62,,no,GBP,50000,,,closed
B6,2020-05-31,,email,Firm,62
C3,2020-05-31,,email,Firm,62,,no,USD,1,,,closed
B7,2020-05-31,,gremlins,Firm,62,,no,USD,20000,90000,,closed
B8,2020-05-31,2019-01-01,email,Firm,9x,,perhaps,USD,5000000,10000,1000000,closed
";
    let (_keep, path, out) = table(&(losses(50) + wrong));
    let output = fit(&[&path], &[], &out);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(balanced(&out), [(59, 52, 7)]);
    let rejects = rows(&out.join("rejects.csv"));
    let of = |line: &str, outcome: &str| {
        let own = rejects.iter().filter(|r| r["line"] == line && r["outcome"] == outcome);
        own.map(|r| r["rule"].clone()).collect::<Vec<_>>()
    };
    for (line, rule) in [
        ("52", "not a date"),
        ("53", "must not be negative"),
        ("54", "must be open or closed"),
        ("55", "unknown currency"),
        ("56", "no rate into US dollars"),
        ("57", "6 cells where the header has 13"),
        ("58", "duplicate incident id"),
    ] {
        assert!(of(line, "set aside").iter().any(|r| r.contains(rule)), "{line} {rule}: {rejects:?}");
    }
    for (line, rule) in [
        ("59", "not a cause that is known"),
        ("59", "not above the retention"),
        ("60", "above retention and limit together"),
        ("60", "before the incident"),
        ("60", "neither yes nor no"),
    ] {
        assert!(of(line, "kept").iter().any(|r| r.contains(rule)), "{line} {rule}: {rejects:?}");
    }
    let strict = fit(&[&path], &["--strict"], &out.with_extension("strict"));
    assert_eq!(strict.status.code(), Some(1));
    assert!(!out.with_extension("strict").join("manifest.json").exists());
    // With a rate the pounds are used; a byte-order mark and semicolons change nothing.
    let semicolons = format!("\u{feff}{HEADER}{}", losses(50)).replace(',', ";");
    fs::write(&path, semicolons).unwrap();
    assert!(fit(&[&path], &["--rate", "GBP=1.3"], &out).status.success());
    assert_eq!(balanced(&out), [(50, 50, 0)]);
}

#[test]
fn what_can_not_be_read_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let cases = [
        (put("empty.csv", ""), "the file is empty"),
        (put("header.csv", HEADER), "there is no incident in it"),
        (put("other.csv", "a,b\n1,2\n"), "required column \"date\" is missing"),
        (put("bars.csv", "date|cause\n2020-01-01|email\n"), "required column \"date\" is missing"),
        (put("cut.json", "[{\"timeline\": {\"incident\": {\"year\": 2020}}}, {\"tim"), "not a whole JSON array"),
        (put("cut2.json", "{\"timeline\": {\"incident\": {\"ye"), "none of 1 records can be used"),
        (put("bad.csv", &format!("{HEADER}x,y,z,,,,,,,,,,\n")), "none of 1 records can be used"),
        (dir.path().join("missing.csv"), "No such file"),
        (put("broken.parquet", "PAR1 and nothing else PAR1"), "not a readable Parquet file"),
    ];
    for (path, part) in cases {
        let out = dir.path().join("out");
        let output = fit(&[&path], &[], &out);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(part) && !told.contains("panicked"), "{part} is not in {told}");
        assert!(!out.exists(), "{part}: something was left behind");
    }
}

#[test]
fn veris_records_are_read_one_by_one_as_a_list_as_lines_and_as_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let record = |id: u32, actor: &str, action: &str| {
        format!(
            "{{\"incident_id\": \"V{id}\", \"security_incident\": \"Confirmed\", \"timeline\": {{\"incident\": {{\"year\": 2019, \"month\": 4}}}}, \
             \"victim\": {{\"victim_id\": \"<script>alert(1)</script>\", \"industry\": \"622110\"}}, \"actor\": {{\"{actor}\": {{}}}}, \"action\": {action}}}"
        )
    };
    let phished = "{\"social\": {\"variety\": [\"Phishing\"], \"vector\": [\"Email\"]}}";
    let (a, b) =
        (record(1, "external", phished), record(2, "partner", "{\"error\": {\"variety\": [\"Misdelivery\"]}}"));
    let near = record(3, "external", phished).replace("Confirmed", "Near miss");
    fs::write(dir.path().join("list.json"), format!("[{a},\n{b},{near}]")).unwrap();
    fs::write(dir.path().join("lines.jsonl"), format!("{a}\n{b}\n{{\"broken\": \n{near}\n")).unwrap();
    fs::write(dir.path().join("one.json"), a.replace(", ", ",\n")).unwrap();
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    for (name, text) in
        [("1.json", a.as_str()), ("2.JSON", &b), ("3.json", &near), ("4.json", "{\"cut"), ("notes.txt", "x")]
    {
        fs::write(folder.join(name), text).unwrap();
    }
    let cases = [("list.json", (3, 2, 1)), ("lines.jsonl", (4, 2, 2)), ("one.json", (1, 1, 0)), ("folder", (4, 2, 2))];
    for (name, counts) in cases {
        let out = dir.path().join(format!("out-{name}"));
        let output = fit(&[&dir.path().join(name)], &[], &out);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        assert_eq!(balanced(&out), [counts], "{name}");
        let causes = rows(&out.join("causes.csv"));
        assert!(causes.iter().any(|c| c["cause"] == "email"), "{name}: {causes:?}");
        if counts.1 == 2 {
            let vendors = rows(&out.join("vendor_share.csv"));
            assert_eq!((vendors[0]["vendor"].as_str(), vendors[0]["of"].as_str()), ("1", "2"), "{name}");
        }
        assert!(!fs::read_to_string(out.join("report.html")).unwrap().contains("<script"));
    }
}

#[test]
fn a_hostile_file_name_runs_no_script() {
    let (_keep, path, out) = table(&losses(30));
    let hostile = path.with_file_name("<img onerror=alert(1)>&=cmd.csv");
    fs::rename(&path, &hostile).unwrap();
    assert!(fit(&[&hostile], &[], &out).status.success());
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(!page.contains("<img") && page.contains("&lt;img onerror"));
}

/// Real breaches of 2009 to 2024: every row is used, and the figures are those that a count by hand gives.
#[test]
fn breaches_reported_to_the_us_health_department() {
    let Some(path) = shared("data/incidents/hhs_ocr_2009-2024.csv.gz") else { return };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let output = fit(&[&path], &[], &out);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(balanced(&out), [(5_371, 5_371, 0)]);
    only_numbers(&out);
    let vendors = rows(&out.join("vendor_share.csv"));
    assert_eq!((vendors[0]["vendor"].as_str(), vendors[0]["of"].as_str()), ("1547", "5371"));
    let growth = rows(&out.join("growth.csv"));
    let of = |year: &str| growth.iter().find(|g| g["year"] == year).unwrap().clone();
    assert_eq!((of("2021")["incidents"].as_str(), of("2023")["incidents"].as_str()), ("715", "315"));
    // The export begins on 21 October 2009: the first year counts as a fifth, and 2010 is no elevenfold growth.
    assert!(of("2010")["growth"].parse::<f64>().unwrap() < 3.0);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("a fall in them may be none"), "the export's last years are short, and the page says so");
    // Breaches come in clusters, by their months: the interval of growth is the wider for it, and the Poisson's beside it.
    let (of, number) = (of("2021"), |key: &str| of("2021")[key].parse::<f64>().unwrap());
    assert!(number("dispersion") > 1.5 && page.contains("times their mean"), "{of:?}");
    assert!(
        number("growth_low") < number("growth_poisson_low") && number("growth_poisson_high") < number("growth_high")
    );
    assert!(page.contains("Frequency needs exposure"));
}

#[test]
fn a_thousand_veris_incidents() {
    let Some(path) = shared("data/incidents/veris_sample_1000.csv") else { return };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let output = fit(&[&path], &[], &out);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(balanced(&out), [(1_000, 1_000, 0)]);
    only_numbers(&out);
    let told = text(&output.stdout);
    assert!(told.contains("3 different known amounts, and the model needs at least 10"), "{told}");
    let causes = rows(&out.join("causes.csv"));
    let error = causes.iter().find(|c| c["year"].is_empty() && c["cause"] == "error").unwrap();
    assert_eq!(error["incidents"], "215");
}

#[test]
fn published_figures_are_printed_with_source_and_choice() {
    let told = stdout(&["statistics"]);
    for part in [
        "member table",
        "public report, Figure 7",
        "no: one figure for four of six bands",
        "NetDiligence",
        "second-hand",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    let all: serde_json::Value = serde_json::from_str(&stdout(&["statistics", "--format", "json"])).unwrap();
    assert_eq!(all["frequencies"].as_array().unwrap().iter().filter(|f| f["chosen"] == true).count(), 6);
    assert!(all["figures"].as_array().unwrap().iter().all(|f| !f["source"].as_str().unwrap().is_empty()));
}
