//! The made scenario in NumPy, and whether it comes to the same.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use blastradius::metrics::Estimate;

use super::engine::Result;
use super::measure::Cost;

/// What NumPy took, and the average and standard deviation of its yearly losses.
pub struct Peer {
    pub cost: Cost,
    pub hits: f64,
    pub ground_up: [Estimate; 2],
    pub gross: [Estimate; 2],
}

/// Runs `years` years over the book in `folder`, `how` being `walk` or `flip`.
pub fn run(python: &Path, folder: &Path, years: u32, how: &str) -> Peer {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/losses/numpy_peer.py");
    let output = Command::new(python).arg(script).arg(folder).args([&years.to_string(), how]).output();
    let output = output.expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    let two = |key: &str| {
        let at = |place: usize| number(&answer[key][place]);
        [(0, 1), (2, 3)].map(|(value, error)| Estimate { value: at(value), standard_error: Some(at(error)) })
    };
    Peer {
        cost: Cost { seconds: number(&answer["seconds"]), processor: number(&answer["processor"]) },
        hits: number(&answer["hits"]),
        ground_up: two("ground_up"),
        gross: two("gross"),
    }
}

/// Prints both sides' figures, and how many standard errors lie between them.
pub fn compare(ours: &Result, peer: &Peer, years: u32) {
    println!("    {:<32} {:>16} {:>16}  standard errors between", "figure of a year", "blastradius", "NumPy");
    let line = |name: &str, own: Estimate, other: Estimate| {
        let squares: f64 = [own, other].iter().map(|e| e.standard_error.unwrap_or(f64::NAN).powi(2)).sum();
        let apart = (own.value - other.value) / squares.sqrt();
        println!("    {name:<32} {:>16.1} {:>16.1}  {apart:>6.2}", own.value, other.value);
    };
    let rate = |hits: f64| hits / f64::from(years);
    // The number of hits of a year has a spread much like that of the loss: its error is taken from our years.
    let error = Some(ours.hits.standard_error.unwrap_or(f64::NAN));
    line("claims", ours.hits, Estimate { value: rate(peer.hits), standard_error: error });
    for (name, own, other) in [("ground-up", &ours.ground_up, &peer.ground_up), ("gross", &ours.gross, &peer.gross)] {
        line(&format!("{name}, average"), own.mean(), other[0]);
        line(&format!("{name}, standard deviation"), own.standard_deviation(), other[1]);
    }
}

/// A Python that has NumPy.
pub fn python() -> Option<PathBuf> {
    let has = |python: &PathBuf| {
        let check = Command::new(python).args(["-c", "import numpy"]).stderr(Stdio::null()).status();
        check.is_ok_and(|status| status.success())
    };
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let own = home.join(".cache/blastradius-python/bin/python");
    let given = std::env::var_os("BLASTRADIUS_PYTHON").map(PathBuf::from);
    given.into_iter().chain([own, PathBuf::from("python3")]).find(has)
}
