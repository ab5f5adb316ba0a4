//! The two commands of the README: the demo, and what it leaves.

use crate::command::{demo, json, run, text};

#[test]
fn the_demo_prints_ten_lines_and_says_where_the_report_is() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("demo");
    let output = run(&["demo", "--out", &out.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines: Vec<String> = text(&output.stdout).lines().map(str::to_string).collect();
    assert_eq!(lines.len(), 10, "{lines:#?}");
    let report = lines[9].strip_prefix("Report       ").expect("the last line names the report");
    assert!(std::path::Path::new(report).is_file(), "{report}");
}

#[test]
fn the_demo_book_meets_the_awkward_cases() {
    let (_keep, dir) = demo();
    let summary = json(&dir.join("results/summary.json"));
    let tier = |at: usize| summary["tiers"][at]["insureds"].as_u64().unwrap();
    assert!(summary["insureds"].as_u64().unwrap() >= 2_000);
    assert!(tier(0) >= 5 && tier(1) >= 1 && tier(2) >= 20 && tier(3) > 1_500, "{:?}", summary["tiers"]);
    let quality = &summary["quality"];
    for key in ["expired", "not_yet_incepted", "without_domain", "observations_after"] {
        assert!(quality[key].as_u64().unwrap() > 0, "{key}: {quality}");
    }
    assert!(quality["scanned_domains"].as_u64() < quality["domains"].as_u64());
    // The founding example: an insurer found under 2 % of its customers potentially affected.
    let share = summary["tiers"][0]["share_insureds"].as_f64().unwrap();
    assert!(share > 0.0 && share < 0.02, "{share}");
    for line in summary["market"].as_array().unwrap() {
        let (published, own) = (line["published"].as_f64().unwrap(), line["share"].as_f64().unwrap());
        assert!((own - published).abs() < 0.03, "{line}");
    }
}
