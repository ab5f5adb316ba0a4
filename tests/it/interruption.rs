//! Killed at any moment, a run leaves no half-written output and can be started again.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::command::{demo, json, program, stdout};

/// Every visible file is whole: JSON parses, CSV and HTML end as they should, Parquet has its closing mark, and a folder
/// with a manifest holds exactly what the manifest says.
fn assert_whole(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if entry.is_dir() || name.starts_with('.') {
            continue;
        }
        let bytes = fs::read(&entry).unwrap();
        let end = |mark: &[u8]| assert!(bytes.ends_with(mark), "{name} is cut short");
        match entry.extension().and_then(|e| e.to_str()) {
            Some("parquet") => end(b"PAR1"),
            Some("html") => end(b"</html>\n"),
            Some("json") => drop(json(&entry)),
            Some("csv") => end(b"\n"),
            other => panic!("{name}: unexpected {other:?}"),
        }
    }
    let manifest = dir.join("manifest.json");
    if manifest.exists() {
        for output in json(&manifest)["outputs"].as_array().unwrap() {
            let path = dir.join(output["file"].as_str().unwrap());
            let now = blastradius::input::sha256(&path).unwrap();
            assert_eq!(
                output["sha256"].as_str(),
                Some(now.as_str()),
                "{} is not what the manifest says",
                path.display()
            );
        }
    }
}

#[test]
fn a_killed_run_leaves_nothing_half_written_and_can_be_started_again() {
    let (_keep, dir) = demo();
    let run = dir.join("RUN.toml");
    let out = dir.join("killed");
    let mut cut_off = 0;
    for step in 0..40u64 {
        let mut child = program()
            .args(["run", &run.display().to_string(), "--out", &out.display().to_string(), "--seed", &step.to_string()])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(10 + step * 9));
        let _ = child.kill();
        cut_off += u32::from(!child.wait().unwrap().success());
        if out.exists() {
            assert_whole(&out);
        }
    }
    assert!(cut_off >= 10, "only {cut_off} runs were cut off: the test saw too little");
    stdout(&["run", &run.display().to_string(), "--out", &out.display().to_string()]);
    assert_whole(&out);
    assert!(out.join("manifest.json").exists());
    let left: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .filter(|n| n.to_string_lossy().starts_with(".staging"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
