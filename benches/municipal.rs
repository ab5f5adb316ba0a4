//! One command from gzip files to the report, over real DNS records: seconds and peak memory of several runs.
//!
//! `cargo bench --bench municipal [-- FOLDER]`; FOLDER holds policies.csv.gz, scan.dnsx.jsonl.gz and tenants.csv, and is
//! the reference data beside the checkout by default. The limits are those that the project set itself: 20 s and 1 GiB.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

const RUNS: usize = 5;

fn main() {
    let given = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let folder =
        given.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/municipal"), PathBuf::from);
    if !folder.join("policies.csv.gz").exists() {
        println!("skipped: {} holds no policies.csv.gz", folder.display());
        return;
    }
    let file = |name: &str| folder.join(name).display().to_string();
    let out = tempfile::tempdir().expect("a temporary folder");
    let dir = out.path().join("out");
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_blastradius"))
            .args([
                "run",
                "--policies",
                &file("policies.csv.gz"),
                "--scan",
                &file("scan.dnsx.jsonl.gz"),
                "--scan",
                &file("tenants.csv"),
            ])
            .args([
                "--event",
                "mimecast-2021",
                "--as-of",
                "2026-05-31",
                "--seed",
                "1",
                "--out",
                &dir.display().to_string(),
            ])
            .output()
            .expect("the program starts");
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        let seconds = start.elapsed().as_secs_f64();
        let manifest: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join("manifest.json")).expect("manifest")).expect("JSON");
        let memory = manifest["peak_memory_bytes"].as_u64().unwrap_or(0) as f64 / f64::from(1 << 20);
        println!("{seconds:6.2} s   {memory:6.0} MiB   {}", manifest["timings"]);
        runs.push((seconds, memory));
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let memory = runs.iter().map(|r| r.1).fold(0.0, f64::max);
    println!(
        "best {:.2} s, median {:.2} s, worst {:.2} s; peak {memory:.0} MiB",
        runs[0].0,
        runs[RUNS / 2].0,
        runs[RUNS - 1].0
    );
    println!("of the limits: {:.2} of 20 s, {:.2} of 1 GiB", runs[RUNS / 2].0 / 20.0, memory / 1024.0);
}
