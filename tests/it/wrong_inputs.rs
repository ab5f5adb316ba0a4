//! One wrong input for each rule; what the user is told is a snapshot. None panics, none leaves half an output.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::command::{run, text};

const SCAN: &str = r#"{"host":"good-firm.example","status_code":"NOERROR","timestamp":"2021-01-10T06:50:40Z","mx":["mx.good-firm.example"],"txt":["v=spf1 mx -all"]}
"#;

/// A folder with a good scan and a good book, to which one wrong file is added.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { dir: tempfile::tempdir().unwrap() };
        bench.put("scan.jsonl", SCAN.as_bytes());
        let good: String =
            fs::read_to_string(fixture("bad_date.csv")).unwrap().lines().take(2).map(|l| format!("{l}\n")).collect();
        bench.put("policies.csv", good.as_bytes());
        bench
    }

    fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Runs the event over the inputs and says all that the user sees: exit code, standard error, rejects.
    fn told(&self, policies: &Path, scan: &Path, event: &str) -> String {
        let out = self.dir.path().join("out");
        let (policies, scan) = (policies.display().to_string(), scan.display().to_string());
        let output = run(&[
            "run",
            "--policies",
            &policies,
            "--scan",
            &scan,
            "--event",
            event,
            "--trials",
            "100",
            "--out",
            &out.display().to_string(),
        ]);
        let stderr = text(&output.stderr);
        assert!(!stderr.contains("panicked"), "{stderr}");
        let code = output.status.code().unwrap();
        assert_eq!(code == 0, out.join("manifest.json").exists(), "an output folder is whole or empty: {stderr}");
        let rejects = fs::read_to_string(out.join("rejects.csv")).unwrap_or_default();
        let told = format!("exit code {code}\n{stderr}{rejects}");
        told.replace(&self.dir.path().display().to_string(), "DIR")
            .replace(&fixture("").display().to_string(), "tests/wrong_inputs/")
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong_inputs").join(name)
}

fn snapshot(name: &str, told: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../wrong_inputs");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, told));
}

#[test]
fn wrong_policies() {
    let cases = [
        "missing_column",
        "bad_date",
        "negative_limit",
        "expiry_before_inception",
        "unknown_currency",
        "no_rate",
        "duplicate_policy_id",
        "one_cell_too_many",
        "unclosed_quote",
        "no_domain",
        "separators_in_a_number",
        "invalid_utf8",
        "empty_file",
    ];
    for case in cases {
        let bench = Bench::new();
        let scan = bench.dir.path().join("scan.jsonl");
        snapshot(case, &bench.told(&fixture(&format!("{case}.csv")), &scan, "mimecast-2021"));
    }
}

#[test]
fn wrong_scans() {
    let bench = Bench::new();
    let policies = bench.dir.path().join("policies.csv");
    snapshot("malformed_json_line", &bench.told(&policies, &fixture("malformed_json_line.jsonl"), "mimecast-2021"));

    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    (0..2_000).for_each(|_| packed.write_all(SCAN.as_bytes()).unwrap());
    let packed = packed.finish().unwrap();
    let bench = Bench::new();
    let truncated = bench.put("truncated.jsonl.gz", &packed[..packed.len() / 2]);
    snapshot("truncated_gzip", &bench.told(&policies, &truncated, "mimecast-2021"));

    let bench = Bench::new();
    let mut long = SCAN.as_bytes().to_vec();
    long.extend_from_slice(br#"{"host":"bad-firm.example","status_code":"NOERROR","txt":[""#);
    long.resize(100 << 20, b'x');
    long.push(b'\n');
    let long = bench.put("long_line.jsonl", &long);
    snapshot("hundred_megabyte_line", &bench.told(&policies, &long, "mimecast-2021"));

    let bench = Bench::new();
    let nothing = bench.put("notes.txt", b"Scanned everything on Monday.\nNothing unusual.\n");
    snapshot("not_a_scan", &bench.told(&policies, &nothing, "mimecast-2021"));
    let missing = bench.dir.path().join("scan.json");
    snapshot("no_such_file", &bench.told(&policies, &missing, "mimecast-2021"));
}

#[test]
fn wrong_events() {
    for case in ["unknown_product", "contradiction", "cycle", "unknown_condition", "weights", "impossible_share"] {
        let bench = Bench::new();
        let at = |name: &str| bench.dir.path().join(name);
        snapshot(
            case,
            &bench.told(
                &at("policies.csv"),
                &at("scan.jsonl"),
                &fixture(&format!("{case}.toml")).display().to_string(),
            ),
        );
    }
    let bench = Bench::new();
    let at = |name: &str| bench.dir.path().join(name);
    snapshot("unknown_event", &bench.told(&at("policies.csv"), &at("scan.jsonl"), "mimecast-2012"));
}

#[test]
fn wrong_configurations() {
    let told = |arguments: &[&str]| {
        let output = run(arguments);
        let stderr = text(&output.stderr).replace(&fixture("").display().to_string(), "tests/wrong_inputs/");
        format!("exit code {}\n{stderr}", output.status.code().unwrap())
    };
    let file = fixture("unknown_key.toml").display().to_string();
    snapshot("unknown_key", &told(&["run", &file]));
    snapshot("no_scan", &told(&["run", "--policies", "p.csv", "--event", "mimecast-2021"]));
    snapshot(
        "not_a_day",
        &told(&["run", "--policies", "p.csv", "--scan", "s.jsonl", "--event", "mimecast-2021", "--as-of", "31.5.2026"]),
    );
    snapshot(
        "not_a_rate",
        &told(&["run", "--policies", "p.csv", "--scan", "s.jsonl", "--event", "mimecast-2021", "--rate", "EUR"]),
    );
}

#[test]
fn under_strict_a_reject_is_an_error_and_nothing_is_written() {
    let bench = Bench::new();
    let out = bench.dir.path().join("out");
    let (policies, scan) = (fixture("bad_date.csv"), bench.dir.path().join("scan.jsonl"));
    let arguments = [
        "run",
        "--policies",
        &policies.display().to_string(),
        "--scan",
        &scan.display().to_string(),
        "--event",
        "mimecast-2021",
        "--out",
        &out.display().to_string(),
    ]
    .map(str::to_string);
    let strict = run(&[&arguments[..], &["--strict".to_string()]].concat());
    assert_eq!(strict.status.code(), Some(1), "{}", text(&strict.stderr));
    assert!(text(&strict.stderr).contains("bad_date.csv:3: inception"), "{}", text(&strict.stderr));
    assert!(!out.join("exposure.csv").exists() && !out.join("manifest.json").exists());
    assert_eq!(run(&arguments).status.code(), Some(0));
}

/// The first row's fault ends the run, so it is not "set aside"; its way out is the run's.
#[test]
fn where_no_row_can_be_used_the_first_is_told_with_its_hint_and_as_no_reject() {
    let bench = Bench::new();
    let good = fs::read_to_string(bench.dir.path().join("policies.csv")).unwrap();
    let bad = good.replace("2020-06-01", "01/06/2020");
    let (policies, scan) = (bench.put("bad.csv", bad.as_bytes()), bench.dir.path().join("scan.jsonl"));
    let told = bench.told(&policies, &scan, "mimecast-2021");
    assert!(told.contains("none of its 1 rows can be used; the first: DIR/bad.csv:2: inception"), "{told}");
    let incidents = bench.put("incidents.csv", b"incident_id,date,cause\n1,yesterday,ransomware\n");
    let noise = bench.put("noise.jsonl", b"{\"host\":\"a.example\",\"timestamp\":\"yesterday\",\"mx\":[]}\n");
    let said = |arguments: &[&str]| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let out = bench.dir.path().join("o.parquet").display().to_string();
    let fitted = said(&["fit", &incidents.display().to_string(), "--out", &out]);
    let read = said(&["ingest", &noise.display().to_string(), "--out", &out]);
    for told in [&told, &fitted, &read] {
        assert!(told.contains("; the first: ") && !told.contains("(set aside)"), "{told}");
        let lines: Vec<&str> = told.lines().filter(|line| line.contains("hint: ")).collect();
        assert!(lines.len() == 1 && lines[0].contains("ISO 8601"), "{told}");
    }
}
