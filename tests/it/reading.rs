//! Inputs as they come: packings, Open Exposure Data, columns in any order.

use std::fs;
use std::io::Write;

use crate::command::{demo, json, run, shared, stdout, text};

#[test]
fn gzip_zstd_and_plain_are_told_apart_by_content() {
    let (_keep, dir) = demo();
    let plain = fs::read_to_string(dir.join("scan-web.jsonl")).unwrap();
    let (head, tail) = plain.split_at(plain.len() / 2);
    // Two gzip members in one file, as parallel scanners write them.
    let member = |part: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(part.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    fs::write(dir.join("a.dat"), [member(head), member(tail)].concat()).unwrap();
    fs::write(dir.join("b.dat"), zstd::encode_all(plain.as_bytes(), 1).unwrap()).unwrap();
    fs::write(dir.join("c.dat"), plain.replace('\n', "\r\n")).unwrap();
    let ingest = |name: &str| {
        let out = dir.join("out.csv").display().to_string();
        stdout(&["ingest", &dir.join(name).display().to_string(), "--out", &out]);
        fs::read_to_string(out).unwrap()
    };
    let want = ingest("scan-web.jsonl");
    assert!(want.lines().count() > 1_000);
    for name in ["a.dat", "b.dat", "c.dat"] {
        assert!(ingest(name) == want, "{name} differs");
    }
}

#[test]
fn the_oed_example_is_kept_and_its_two_faults_reported() {
    let Some(example) = shared("data/oed_cyber_account_example.csv") else { return };
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("scan.csv"), "domain,kind,value,observed_at\nwalmart.com,mx,mx.example,2020-05-01\n")
        .unwrap();
    let out = dir.path().join("out");
    let scan = dir.path().join("scan.csv").display().to_string();
    let example = example.display().to_string();
    let output = run(&[
        "run",
        "--policies",
        &example,
        "--scan",
        &scan,
        "--event",
        "mimecast-2021",
        "--as-of",
        "2020-06-30",
        "--out",
        &out.display().to_string(),
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rejects = fs::read_to_string(out.join("rejects.csv")).unwrap();
    for part in
        ["AnnualRevenue,,\"required by OED, and blank", "PolCoverage,BI,not a cyber coverage code; read as NPBI,kept"]
    {
        assert!(rejects.contains(part), "{part} is not in\n{rejects}");
    }
    let exposure = fs::read_to_string(out.join("exposure.csv")).unwrap();
    let row = exposure.lines().nth(1).expect("the row is kept");
    // 10 % of a layer of 10 M excess of 100 M, over coverages with limits and deductibles of their own.
    assert!(row.starts_with("C1/ABC12345,C1,Walmart Inc.,walmart.com,"), "{row}");
    assert!(
        row.contains(",10000000,5000000,1000000,")
            && row.contains(",10000000,50000,100000000,0.1,")
            && row.contains("NPBI sublimit 2000000 deductible 10000"),
        "{row}"
    );
    let input = &json(&out.join("manifest.json"))["inputs"][0];
    assert_eq!((input["rows"].as_u64(), input["used"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn policies_come_as_parquet_and_in_any_order_of_columns() {
    let (_keep, dir) = demo();
    let reversed: String = {
        let mut reader = csv::Reader::from_path(dir.join("policies.csv")).unwrap();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(reader.headers().unwrap().iter().rev()).unwrap();
        reader.records().for_each(|r| writer.write_record(r.unwrap().iter().rev()).unwrap());
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    };
    fs::write(dir.join("reversed.csv"), reversed).unwrap();
    let results = |policies: &str| {
        let out = dir.join("by-column");
        let config = dir.join("RUN.toml").display().to_string();
        stdout(&[
            "run",
            &config,
            "--policies",
            &dir.join(policies).display().to_string(),
            "--trials",
            "500",
            "--out",
            &out.display().to_string(),
        ]);
        fs::read(out.join("exposure.csv")).unwrap()
    };
    assert!(results("policies.csv") == results("reversed.csv"));
}
