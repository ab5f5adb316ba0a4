//! The same inputs give the same bytes: whatever the threads, whatever the order of the rows.

use std::fs;
use std::path::Path;

use crate::command::{demo, json, results, stdout};

fn outputs(dir: &Path, name: &str, arguments: &[&str]) -> Vec<(String, Vec<u8>)> {
    let (run, out) = (dir.join("RUN.toml"), dir.join(name));
    let (run, folder) = (run.display().to_string(), out.display().to_string());
    stdout(&[&["run", &run, "--out", &folder, "--trials", "20000"], arguments].concat());
    results(&out)
}

fn assert_same(left: &[(String, Vec<u8>)], right: &[(String, Vec<u8>)]) {
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(left), names(right));
    assert!(left.len() >= 9, "{:?}", names(left));
    for ((name, a), (_, b)) in left.iter().zip(right) {
        assert!(a == b, "{name} differs");
    }
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let (_keep, dir) = demo();
    assert_same(&outputs(&dir, "one", &["--threads", "1"]), &outputs(&dir, "two", &["--threads", "2"]));
}

/// A fixed shuffle: lines in the order of a hash of their text and place.
fn shuffled(lines: Vec<String>) -> Vec<String> {
    let mut keyed: Vec<(u64, String)> = lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| ((at as u64 + 7).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29), line))
        .collect();
    keyed.sort();
    keyed.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn shuffled_rows_give_the_same_bytes() {
    let (_keep, dir) = demo();
    let before = outputs(&dir, "before", &[]);
    let unpack = |name: &str| {
        let bytes = fs::read(dir.join(name)).unwrap();
        let mut text = String::new();
        match name.ends_with(".gz") {
            true => {
                std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut text).unwrap()
            }
            false => std::io::Read::read_to_string(&mut &bytes[..], &mut text).unwrap(),
        };
        text
    };
    for (name, header) in [
        ("policies.csv", 1),
        ("scan-dns.jsonl.gz", 0),
        ("scan-web.jsonl", 0),
        ("scan-zdns.jsonl", 0),
        ("declared.csv", 1),
    ] {
        let lines: Vec<String> = unpack(name).lines().map(str::to_string).collect();
        let (head, rows) = lines.split_at(header);
        let mixed = shuffled(rows.to_vec());
        assert_ne!(mixed, rows, "{name} is shuffled");
        // The plain text takes the place of the packed file: the packing is told by content.
        fs::write(dir.join(name), [head, &mixed].concat().join("\n") + "\n").unwrap();
    }
    assert_same(&before, &outputs(&dir, "after", &[]));
}

#[test]
fn another_insured_in_the_book_moves_no_other_policys_losses() {
    let (_keep, dir) = demo();
    let losses = |out: &Path| {
        let folder = dir.join("projected");
        let table = out.join("exposure.csv").display().to_string();
        stdout(&[
            "project",
            &table,
            "--event",
            "moveit-2023",
            "--trials",
            "5000",
            "--csv",
            "--out",
            &folder.display().to_string(),
        ]);
        fs::read_to_string(folder.join("losses_by_policy.csv"))
            .unwrap()
            .lines()
            .map(str::to_string)
            .collect::<std::collections::BTreeSet<_>>()
    };
    outputs(&dir, "small", &["--event", "moveit-2023"]);
    let before = losses(&dir.join("small"));
    let book = fs::read_to_string(dir.join("policies.csv")).unwrap();
    let header: Vec<&str> = book.lines().next().unwrap().split(',').collect();
    let cell = |name: &str| match name {
        "policy_id" => "P-NEW",
        "insured_id" => "I-NEW",
        "domains" => "brand-new-firm.example",
        "currency" => "USD",
        "inception" => "2020-06-01",
        "expiry" => "2021-06-01",
        "annual_revenue" => "40000000",
        "limit" => "5000000",
        "share" => "1",
        _ => "",
    };
    let row = header.iter().map(|name| cell(name)).collect::<Vec<_>>().join(",");
    fs::write(dir.join("policies.csv"), book + &row + "\n").unwrap();
    outputs(&dir, "large", &["--event", "moveit-2023"]);
    let after = losses(&dir.join("large"));
    assert!(before.is_subset(&after), "{:?}", before.difference(&after).take(3).collect::<Vec<_>>());
    assert_eq!(after.len(), before.len() + 1);
    let policies = |out: &str| json(&dir.join(out).join("summary.json"))["policies"].as_u64().unwrap();
    assert_eq!(policies("large"), policies("small") + 1);
}
