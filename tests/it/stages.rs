//! The stages one by one give what the whole run gives, through Parquet and through CSV.

use std::fs;

use crate::command::{demo, json, rows, run, stdout, text};

#[test]
fn stages_one_by_one_agree_with_the_run() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let event = ["--event", "mimecast-2021"];
    for end in ["parquet", "csv"] {
        let table = |name: &str| at(&format!("{name}.{end}"));
        let scans = ["scan-dns.jsonl.gz", "scan-web.jsonl", "scan-zdns.jsonl"].map(&at);
        stdout(&[&["ingest".to_string()][..], &scans, &["--out".into(), table("observations")]].concat());
        stdout(
            &[
                &["inventory", &table("observations"), "--policies", &at("policies.csv"), "--out", &table("inventory")]
                    [..],
                &["--declared", &at("declared.csv"), "--reliability", &table("reliability")][..],
                &event[..],
            ]
            .concat(),
        );
        stdout(
            &[
                &["expose", &table("inventory"), "--policies", &at("policies.csv"), "--out", &table("exposure")][..],
                &["--in-scope", &table("in_scope")][..],
                &event[..],
            ]
            .concat(),
        );
        stdout(
            &[
                &["project", &table("exposure"), "--out", &at("projected")][..],
                if end == "csv" { &["--csv"] } else { &[] },
            ]
            .concat(),
        );
        let pages = [
            "report",
            &table("exposure"),
            "--losses",
            &table("projected/losses"),
            "--by-policy",
            &table("projected/losses_by_policy"),
            "--inventory",
            &table("inventory"),
            "--in-scope",
            &table("in_scope"),
            "--reliability",
            &table("reliability"),
            "--exact",
            &table("projected/exact"),
        ]
        .map(str::to_string);
        stdout(
            &[
                &pages[..],
                &["--out".into(), at("report.html"), "--summary".into(), at("summary.json")],
                &event.map(str::to_string),
            ]
            .concat(),
        );
        let (staged, whole) = (json(&dir.join("summary.json")), json(&dir.join("results/summary.json")));
        for key in [
            "tiers",
            "by_industry",
            "in_scope",
            "losses",
            "exact",
            "largest",
            "market",
            "headline",
            "assumptions",
            "reliability",
        ] {
            assert_eq!(staged[key], whole[key], "{key} through {end}");
        }
        assert!(whole["exact"]["lines"].as_array().unwrap().len() == 7, "{}", whole["exact"]);
        let [staged, whole] = ["report.html", "results/report.html"].map(|page| losses_section(&dir.join(page)));
        assert!(staged.contains("simulated and exact") && staged == whole, "the section of losses through {end}");
        if end == "csv" {
            assert_eq!(
                fs::read(dir.join("exposure.csv")).unwrap(),
                fs::read(dir.join("results/exposure.csv")).unwrap()
            );
        }
    }
}

/// Each stage tells beside its first file what it read and wrote, its flags after defaults, and nothing that a second run would tell
/// otherwise.
#[test]
fn every_stage_writes_a_manifest_beside_its_file() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let event = ["--event", "mimecast-2021"];
    let policies = at("policies.csv");
    let [observations, inventory, coverage, exposure, in_scope] =
        ["observations.csv", "inventory.csv", "coverage.csv", "exposure.csv", "in_scope.csv"].map(&at);
    let (page, summary, reject) = (at("page.html"), at("page.json"), at("rejects.csv"));
    let scans = ["scan-dns.jsonl.gz", "scan-web.jsonl", "scan-zdns.jsonl"].map(&at);
    let ingest = || {
        let options = ["--out".into(), observations.clone(), "--rejects".into(), reject.clone()];
        stdout(&[&["ingest".to_string()][..], &scans, &options].concat());
    };
    ingest();
    let own = ["inventory", &observations, "--policies", &policies, "--out", &inventory, "--coverage", &coverage];
    stdout(&[&own[..], &event].concat());
    let own = ["expose", &inventory, "--policies", &policies, "--out", &exposure, "--in-scope", &in_scope];
    stdout(&[&own[..], &event].concat());
    stdout(&["project", &exposure, "--years", "100", "--csv", "--out", &at("projected")]);
    let (losses, by_policy) = (at("projected/losses.csv"), at("projected/losses_by_policy.csv"));
    let own =
        ["report", &exposure, "--losses", &losses, "--by-policy", &by_policy, "--out", &page, "--summary", &summary];
    stdout(&[&own[..], &event].concat());
    let projected = json(&dir.join("projected/manifest.json"));
    assert_eq!(projected["configuration"]["event"], serde_json::json!(["mimecast-2021"]));
    let manifest = |file: &str| json(std::path::Path::new(&format!("{file}.manifest.json")));
    for (command, out, inputs, outputs) in [
        ("ingest", &observations, &scans[..], &[&reject, &observations][..]),
        ("inventory", &inventory, &[observations.clone(), policies.clone()][..], &[&inventory, &coverage]),
        ("expose", &exposure, &[inventory.clone(), policies.clone()], &[&exposure, &in_scope]),
        ("report", &page, &[exposure.clone(), losses.clone(), by_policy.clone()], &[&page, &summary]),
    ] {
        let told = manifest(out);
        assert_eq!(told["command"], command);
        let files = |key: &str| told[key].as_array().unwrap().iter().map(|f| f["file"].clone()).collect::<Vec<_>>();
        assert_eq!(files("inputs"), inputs, "{command}");
        assert_eq!(files("outputs"), outputs.iter().copied().cloned().collect::<Vec<_>>(), "{command}");
        for file in told["inputs"].as_array().unwrap().iter().chain(told["outputs"].as_array().unwrap()) {
            let path = std::path::Path::new(file["file"].as_str().unwrap());
            assert_eq!(file["sha256"], blastradius::input::sha256(path).unwrap(), "{command}: {file}");
        }
        for input in told["inputs"].as_array().unwrap() {
            let count = |key: &str| input[key].as_u64().unwrap();
            assert_eq!(count("rows"), count("used") + count("set_aside"), "{command}: {input}");
        }
        if command != "ingest" {
            assert_eq!(
                (&told["event"]["id"], &told["configuration"]["as_of"]),
                (&"mimecast-2021".into(), &"2021-01-12".into())
            );
            assert_eq!(told["catalogue"], json(&dir.join("results/manifest.json"))["catalogue"], "{command}");
        }
    }
    assert_eq!(manifest(&exposure)["configuration"]["currency"], "USD", "the one that most policies have");
    let before = fs::read(format!("{observations}.manifest.json")).unwrap();
    ingest();
    assert_eq!(fs::read(format!("{observations}.manifest.json")).unwrap(), before);
}

/// What a page says of losses.
fn losses_section(page: &std::path::Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    let section = text.split_once("<section id=\"losses\">").unwrap().1;
    section.split_once("</section>").unwrap().0.to_string()
}

#[test]
fn an_inventory_of_ones_own_is_enough() {
    let (_keep, dir) = demo();
    let at = |name: &str| dir.join(name).display().to_string();
    let in_force = rows(&dir.join("results/exposure.csv"));
    let alone =
        |domain: &str| in_force.iter().filter(|row| row["domains"].split(';').any(|own| own == domain)).count() == 1;
    let domain = in_force.iter().map(|row| row["domains"].clone()).find(|domain| alone(domain)).unwrap();
    fs::write(
        dir.join("mine.csv"),
        format!("domain,product,probability\n{domain},mimecast/email-security,0.9\n{domain},microsoft/365,0.95\n"),
    )
    .unwrap();
    stdout(&[
        "expose",
        &at("mine.csv"),
        "--policies",
        &at("policies.csv"),
        "--event",
        "mimecast-2021",
        "--out",
        &at("mine-exposure.csv"),
    ]);
    let exposure = fs::read_to_string(dir.join("mine-exposure.csv")).unwrap();
    let exposed: Vec<&str> = exposure.lines().filter(|line| line.contains(",exposed,")).collect();
    assert_eq!(exposed.len(), 1, "{exposed:?}");
    assert!(exposed[0].contains(&domain) && exposed[0].contains(",exposed,0.855,"), "{exposed:?}");
}

#[test]
fn explain_shows_records_rules_and_the_arithmetic() {
    let (_keep, dir) = demo();
    let exposure = fs::read_to_string(dir.join("results/exposure.csv")).unwrap();
    let policy = exposure.lines().nth(1).unwrap().split(',').next().unwrap();
    let config = dir.join("RUN.toml").display().to_string();
    let told = stdout(&["explain", policy, &config]);
    for part in [
        "exposed, probability",
        "Mimecast Email Security: mx ends in mimecast",
        "looked for, not found",
        "hidden by a gateway",
        "prior",
        "Advice:",
        "dnsx",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    let answer: serde_json::Value =
        serde_json::from_str(&stdout(&["explain", policy, &config, "--format", "json"])).unwrap();
    assert_eq!(answer["tier"], "exposed");
    let unknown = run(&["explain", "POL-0078", &config]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("is not among"), "{}", text(&unknown.stderr));
}

#[test]
fn check_and_dry_run_write_nothing() {
    let (_keep, dir) = demo();
    let config = dir.join("RUN.toml").display().to_string();
    let other = dir.join("never").display().to_string();
    let checked = stdout(&["check", &config]);
    for part in ["policies in force", "Scan coverage", "autodiscover", "rows"] {
        assert!(checked.contains(part), "{part} is not in\n{checked}");
    }
    assert_eq!(stdout(&["run", &config, "--dry-run", "--out", &other]), checked);
    assert!(!dir.join("never").exists());
}

#[test]
fn flags_win_over_the_file_and_the_manifest_says_what_was_used() {
    let (_keep, dir) = demo();
    let config = dir.join("RUN.toml").display().to_string();
    let out = dir.join("flagged");
    stdout(&["run", &config, "--seed", "7", "--trials", "1000", "--out", &out.display().to_string()]);
    let manifest = json(&out.join("manifest.json"));
    assert_eq!((manifest["seed"].as_u64(), manifest["configuration"]["trials"].as_u64()), (Some(7), Some(1000)));
    assert_eq!(manifest["configuration"]["event"], "mimecast-2021");
    assert_eq!(manifest["configuration"]["as_of"], "2021-01-12");
}

#[test]
fn what_can_be_looked_up() {
    assert!(stdout(&["events"]).contains("dyn-2016"));
    for (what, part) in
        [("run", "as_of"), ("product", "signal"), ("event", "requires"), ("severity", "band"), ("tables", "policy_id")]
    {
        let schema: serde_json::Value = serde_json::from_str(&stdout(&["schema", what])).unwrap();
        assert!(schema.to_string().contains(part), "{what}");
    }
    let all: serde_json::Value = serde_json::from_str(&stdout(&["schema"])).unwrap();
    assert!(all["run"]["properties"]["policies"].is_object() && all["event"].is_object());
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(&["completions", shell]).contains("blastradius"));
    }
}
