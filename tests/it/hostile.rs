//! Inputs that once cost rows in silence, or could.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{demo, json, program, run, stdout, text};

const HEADER: &str = "policy_id,insured_id,domains,currency,inception,expiry,limit";
const TERMS: &str = "USD,2020-06-01,2021-06-01,1000000";

/// A folder with a scan of acme.example (Mimecast and Microsoft 365) and beta.example (neither).
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk { dir: tempfile::tempdir().unwrap() };
        let line = |host: &str, mx: &str, spf: &str| {
            format!(
                r#"{{"host":"{host}","timestamp":"2021-01-10T00:00:00Z","status_code":"NOERROR","mx":["{mx}"],"txt":["v=spf1 {spf} -all"]}}"#
            )
        };
        let both = line("acme.example", "eu-smtp-inbound-1.mimecast.com", "include:spf.protection.outlook.com");
        desk.put("scan.jsonl", &format!("{both}\n{}\n", line("beta.example", "mx.beta.example", "mx")));
        desk
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn put(&self, name: &str, content: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn run(&self, policies: &str, scan: &str, more: &[&str]) -> (Option<i32>, String) {
        self.run_event("mimecast-2021", policies, scan, more)
    }

    fn run_event(&self, event: &str, policies: &str, scan: &str, more: &[&str]) -> (Option<i32>, String) {
        let arguments = [
            "run",
            "--policies",
            &self.path(policies),
            "--scan",
            &self.path(scan),
            "--event",
            event,
            "--trials",
            "500",
            "--out",
            &self.path("out"),
        ];
        let output = run(&[&arguments[..], more].concat());
        let told = text(&output.stderr);
        assert!(!told.contains("panicked"), "{told}");
        (output.status.code(), told)
    }

    /// Tier of each policy of the last run.
    fn tiers(&self) -> std::collections::BTreeMap<String, String> {
        let mut reader = csv::Reader::from_path(self.dir.path().join("out/exposure.csv")).unwrap();
        reader.records().map(|r| r.unwrap()).map(|r| (r[0].to_string(), r[4].to_string())).collect()
    }
}

#[test]
fn quotes_inside_cells_cost_no_other_row() {
    let desk = Desk::new();
    let name = |i: i32| match i {
        3 => "5\" Disk",
        20 => "\"open",
        43 => "7\" Tape",
        _ => "plain",
    };
    let rows: String = (0..60).map(|i| format!("P{i},I{i},acme.example,{TERMS},{}\n", name(i))).collect();
    desk.put("p.csv", &format!("{HEADER},insured_name\n{rows}"));
    assert_eq!(desk.run("p.csv", "scan.jsonl", &[]).0, Some(0));
    let input = &json(&desk.dir.path().join("out/manifest.json"))["inputs"][0];
    assert_eq!((input["rows"].as_u64(), input["used"].as_u64()), (Some(60), Some(59)), "{input}");
}

#[test]
fn a_book_without_usable_rows_is_refused() {
    let desk = Desk::new();
    for (name, content, part) in [
        ("header.csv", format!("{HEADER}\n"), "only a header"),
        ("returns.csv", format!("{HEADER}\rP1,I1,acme.example,{TERMS}\r"), "bare carriage return"),
        ("none.csv", format!("{HEADER}\nP1,I1,acme.example,USD,2020-06-01,2021-06-01,-5\n"), "none of its 1 rows"),
        ("quoted.csv", format!("{HEADER},\"note\nP1,I1,acme.example,{TERMS},x\n"), "in the header"),
        ("twice.csv", format!("{HEADER},limit\nP1,I1,acme.example,{TERMS},5\n"), "there twice"),
    ] {
        desk.put(name, &content);
        let (code, told) = desk.run(name, "scan.jsonl", &[]);
        assert_eq!(code, Some(2), "{name}: {told}");
        assert!(told.contains(part), "{name}: {told}");
    }
}

#[test]
fn a_misspelt_column_is_noted() {
    let desk = Desk::new();
    desk.put("p.csv", &format!("{HEADER},retentoin\nP1,I1,acme.example,{TERMS},500000\n"));
    let (code, told) = desk.run("p.csv", "scan.jsonl", &[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("retentoin") && told.contains("did you mean `retention`?"), "{told}");
}

/// `revenue` is a part of `annual_revenue`; `note` is near to nothing that is read, and `premium` is read.
#[test]
fn a_column_whose_name_is_a_part_of_a_known_one_is_noted() {
    let desk = Desk::new();
    desk.put("p.csv", &format!("{HEADER},revenue,note,Aggregate-Limit-USD\nP1,I1,acme.example,{TERMS},500000,x,1\n"));
    let (code, told) = desk.run("p.csv", "scan.jsonl", &[]);
    assert_eq!(code, Some(0), "{told}");
    for (column, known) in [("revenue", "annual_revenue"), ("Aggregate-Limit-USD", "aggregate_limit")] {
        let noted = format!("{column} = \"\": a column of this name is not read (kept)");
        assert!(told.contains(&noted) && told.contains(&format!("did you mean `{known}`?")), "{told}");
    }
    assert!(!told.contains("note ="), "{told}");
}

#[test]
fn a_list_of_records_and_records_line_by_line_are_the_same() {
    let desk = Desk::new();
    desk.put("p.csv", &format!("{HEADER}\nP1,I1,acme.example,{TERMS}\nP2,I2,beta.example,{TERMS}\n"));
    let lines = fs::read_to_string(desk.path("scan.jsonl")).unwrap();
    desk.put("list.json", &format!("[\n{}\n]\n", lines.trim().replace('\n', ",\n")));
    for scan in ["scan.jsonl", "list.json"] {
        assert_eq!(desk.run("p.csv", scan, &[]).0, Some(0));
        let tiers = desk.tiers();
        assert_eq!((tiers["P1"].as_str(), tiers["P2"].as_str()), ("exposed", "unlikely"), "{scan}");
    }
}

#[test]
fn tab_separated_rows_may_end_in_a_blank_cell() {
    let desk = Desk::new();
    let row = format!("P1,I1,acme.example,{TERMS},").replace(',', "\t");
    desk.put("p.tsv", &format!("{}\tretention\n{row}\n", HEADER.replace(',', "\t")));
    let (code, told) = desk.run("p.tsv", "scan.jsonl", &["--strict"]);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn policies_of_one_insured_pay_together_no_more_than_its_loss() {
    let desk = Desk::new();
    let rows: String = (1..=2).map(|i| format!("P{i},I1,acme.example,{TERMS}\n")).collect();
    desk.put("p.csv", &format!("{HEADER}\n{rows}"));
    let event =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/events/mimecast-2021.toml")).unwrap();
    let (head, rest) = event.split_once("[frequency]").unwrap();
    let event = format!("{head}{}", &rest[rest.find("[affected]").unwrap()..]);
    let point = |line: &str| match line {
        line if line.starts_with("distribution") => Some("distribution = \"point\"\nvalue = 1.0".to_string()),
        line if line.starts_with("mean") || line.starts_with("sd") => None,
        line => Some(line.to_string()),
    };
    let event = desk.put("hot.toml", &event.lines().filter_map(point).collect::<Vec<_>>().join("\n"));
    let (code, told) = desk.run("p.csv", "scan.jsonl", &["--event", &event.display().to_string()]);
    assert_eq!(code, Some(2), "an option given twice is an error: {told}");
    let event = event.display().to_string();
    assert_eq!(desk.run_event(&event, "p.csv", "scan.jsonl", &[]).0, Some(0));
    stdout(&[
        "project",
        &desk.path("out/exposure.csv"),
        "--event",
        &event,
        "--trials",
        "20000",
        "--csv",
        "--out",
        &desk.path("projected"),
    ]);
    let mut reader = csv::Reader::from_path(desk.path("projected/losses.csv")).unwrap();
    let mut losses = 0;
    for record in reader.records().map(|r| r.unwrap()) {
        let (ground_up, gross): (f64, f64) = (record[4].parse().unwrap(), record[5].parse().unwrap());
        assert!(gross <= ground_up, "{record:?}");
        losses += usize::from(gross > 0.0);
    }
    assert!(losses > 15_000, "{losses}");
}

#[test]
fn what_lies_under_a_listed_public_suffix_is_not_the_insureds() {
    let desk = Desk::new();
    desk.put("p.csv", &format!("{HEADER}\nP1,I1,co.uk,{TERMS}\n"));
    let scan = fs::read_to_string(desk.path("scan.jsonl")).unwrap();
    desk.put("uk.jsonl", &scan.replace("acme.example", "victim.co.uk"));
    let (code, told) = desk.run("p.csv", "uk.jsonl", &[]);
    assert_eq!((code, desk.tiers()["P1"].as_str()), (Some(0), "unknown"), "{told}");
    assert!(told.contains("a public suffix"), "{told}");
}

#[test]
fn stages_tell_insureds_apart_whatever_their_currency() {
    let desk = Desk::new();
    desk.put(
        "p.csv",
        &format!(
            "{HEADER}\nP1,I1,a.state.gov.au,{}\nP2,I2,b.state.gov.au,{TERMS}\nP3,I3,c.example,{TERMS}\n",
            TERMS.replace("USD", "EUR")
        ),
    );
    let scan = fs::read_to_string(desk.path("scan.jsonl")).unwrap();
    desk.put("au.jsonl", &scan.replace("acme.example", "a.state.gov.au").replace("beta.example", "b.state.gov.au"));
    let money = ["--currency", "USD", "--rate", "EUR=1.1"];
    assert_eq!(desk.run("p.csv", "au.jsonl", &money).0, Some(0));
    let tiers = desk.tiers();
    assert_eq!((tiers["P1"].as_str(), tiers["P2"].as_str()), ("exposed", "unlikely"));
    let event = ["--event", "mimecast-2021"];
    stdout(
        &[
            &["inventory", &desk.path("au.jsonl"), "--policies", &desk.path("p.csv"), "--out", &desk.path("i.csv")],
            &event[..],
        ]
        .concat(),
    );
    stdout(
        &[
            &["expose", &desk.path("i.csv"), "--policies", &desk.path("p.csv"), "--out", &desk.path("e.csv")],
            &event[..],
            &money,
        ]
        .concat(),
    );
    assert_eq!(
        fs::read_to_string(desk.path("e.csv")).unwrap(),
        fs::read_to_string(desk.path("out/exposure.csv")).unwrap()
    );
}

#[test]
fn a_gateway_in_mx_leaves_what_is_behind_it_open() {
    let desk = Desk::new();
    desk.put("p.csv", &format!("{HEADER}\nP1,I1,acme.example,{TERMS}\n"));
    desk.put("mx.jsonl", "{\"host\":\"acme.example\",\"timestamp\":\"2021-01-10T00:00:00Z\",\"status_code\":\"NOERROR\",\"mx\":[\"eu-smtp-inbound-1.mimecast.com\"]}\n");
    assert_eq!(desk.run("p.csv", "mx.jsonl", &[]).0, Some(0));
    let mut reader = csv::Reader::from_path(desk.path("out/exposure.csv")).unwrap();
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!(&row[4], "possible");
    let told: serde_json::Value = serde_json::from_str(&stdout(&[
        "explain",
        "P1",
        "--policies",
        &desk.path("p.csv"),
        "--scan",
        &desk.path("mx.jsonl"),
        "--event",
        "mimecast-2021",
        "--format",
        "json",
    ]))
    .unwrap();
    let products = told["domains"][0]["products"].as_array().unwrap();
    let product: f64 = products.iter().map(|p| p["probability"].as_f64().unwrap()).product();
    let probability: f64 = row[5].parse().unwrap();
    assert!((probability - product).abs() < 1e-12 && probability > 0.4, "{probability} {product}");
    assert!(row[10].contains("hidden by a gateway"), "{}", &row[10]);
}

#[test]
fn explain_agrees_with_run_for_an_insured_with_several_policies() {
    let desk = Desk::new();
    desk.put(
        "p.csv",
        &format!(
            "{HEADER}\nP1,I1,acme.example,{TERMS}\nP2,I1,,{TERMS}\nP3,I3,beta.example,{}\n",
            TERMS.replace("1000000", "-1")
        ),
    );
    desk.run("p.csv", "scan.jsonl", &[]);
    assert_eq!(desk.tiers()["P2"], "exposed");
    let arguments = |id: &str| {
        [
            "explain".to_string(),
            id.into(),
            "--policies".into(),
            desk.path("p.csv"),
            "--scan".into(),
            desk.path("scan.jsonl"),
            "--event".into(),
            "mimecast-2021".into(),
        ]
    };
    assert!(stdout(&arguments("P2")).contains("exposed, probability"));
    let told = text(&run(&arguments("P3")).stderr);
    assert!(told.contains("set aside") && told.contains("must not be negative"), "{told}");
}

#[test]
fn a_damaged_parquet_file_is_a_failure_and_not_a_panic() {
    let (_keep, dir) = demo();
    let whole = fs::read(dir.join("results/inventory.parquet")).unwrap();
    let policies = dir.join("policies.csv").display().to_string();
    let out = dir.join("damaged.csv").display().to_string();
    let mut refused = 0;
    for step in 0..60 {
        let mut bytes = whole.clone();
        let at = bytes.len() * step / 60;
        bytes[at] ^= 0xff;
        let path = dir.join("damaged.parquet");
        fs::write(&path, bytes).unwrap();
        let output = run(&[
            "expose",
            &path.display().to_string(),
            "--policies",
            &policies,
            "--event",
            "mimecast-2021",
            "--out",
            &out,
        ]);
        assert!(matches!(output.status.code(), Some(0 | 2)), "byte {at}: {:?} {}", output.status, text(&output.stderr));
        refused += usize::from(output.status.code() == Some(2));
    }
    assert!(refused > 5, "{refused}");
}

#[test]
fn data_of_ones_own_adds_to_the_catalogue_and_replaces_in_it() {
    let desk = Desk::new();
    fs::create_dir_all(desk.dir.path().join("data/events")).unwrap();
    fs::create_dir_all(desk.dir.path().join("data/products")).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let event = fs::read_to_string(source.join("events/mimecast-2021.toml")).unwrap();
    desk.put(
        "data/events/own.toml",
        &event.replace("mimecast-2021", "own-2021").replace("\"microsoft/365\"", "\"own/mail\""),
    );
    desk.put(
        "data/products/own.toml",
        r#"[[product]]
id = "own/mail"
vendor = "Own"
name = "Mail"
category = "email hosting"
access = ["mail"]
prior = { share = 0.1, source = "assumption" }
[[product.signal]]
kind = "spf"
match = "suffix"
pattern = "protection.outlook.com"
group = "spf"
sensitivity = 0.9
false_positive = 0.001
rates_source = "assumption"
source = "own"
example = "spf.protection.outlook.com"
counter_example = "protection.outlook.com.evil.example"
"#,
    );
    desk.put("p.csv", &format!("{HEADER}\nP1,I1,acme.example,{TERMS}\n"));
    let data = desk.path("data");
    assert!(stdout(&["events", "--data", &data]).contains("own-2021"));
    assert_eq!(desk.run_event("own-2021", "p.csv", "scan.jsonl", &["--data", &data]).0, Some(0));
    assert_eq!(desk.tiers()["P1"], "exposed");
    let digest =
        |out: &str| json(&desk.dir.path().join(out).join("manifest.json"))["catalogue"].as_str().unwrap().to_string();
    let own = digest("out");
    desk.run("p.csv", "scan.jsonl", &[]);
    assert_ne!(digest("out"), own, "the manifest tells the catalogues apart");
}

/// A standard error that takes nothing (`/dev/full`): the command does what it does, with its exit code, and writes its file.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_error_ends_no_command() {
    let dir = tempfile::tempdir().unwrap();
    let policies =
        "policy_id,insured_id,domains,currency,inception,expiry,limit\nP,I,,USD,2026-01-01,2027-01-01,1000000\n";
    let losses = "year,occurrence,policy_id,coverage,loss\n1,1,P,EXT,1000\n1,2,Q,EXT,1000\n";
    std::fs::write(dir.path().join("policies.csv"), policies).unwrap();
    std::fs::write(dir.path().join("losses.csv"), losses).unwrap();
    let code = |losses: &str| {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let line = ["terms", losses, "--policies", "policies.csv", "--out", "gross.csv"];
        program().current_dir(dir.path()).args(line).stderr(full).status().unwrap().code()
    };
    assert_eq!(code("losses.csv"), Some(0));
    assert!(dir.path().join("gross.csv").exists());
    assert_eq!(code("none.csv"), Some(2));
}
