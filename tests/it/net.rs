//! What treaties leave of the losses, as the report tells it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{demo, json, results, stdout};

/// Half of everything is ceded, rounded once an occurrence; the name is one that must be escaped.
const HALF: &str = "[[treaty]]\nname = \"Half <b>\"\nkind = \"quota_share\"\nceded = 0.5\nrisk = \"all\"\n";

/// An event that hits many of the demo's insureds.
const EVENT: [&str; 4] = ["--event", "moveit-2023", "--as-of", "2021-01-12"];

fn with_programme(dir: &Path, programme: &str, out: &str) -> PathBuf {
    let at = |name: &str| dir.join(name).display().to_string();
    fs::write(dir.join("programme.toml"), programme).unwrap();
    let own = ["--programme", &at("programme.toml"), "--trials", "20000", "--out", &at(out)];
    stdout(&[&["run", &at("RUN.toml")][..], &own, &EVENT].concat());
    dir.join(out)
}

/// Gross and net of each trial, in cents.
fn trials(dir: &Path) -> Vec<(i64, i64)> {
    use blastradius::loss::{LOSSES, YearLoss};
    let (rows, _) =
        blastradius::table::read_every_row(&dir.join("losses.parquet"), &LOSSES, YearLoss::read).expect("losses");
    rows.iter().map(|row| (row.sum.gross.0, row.sum.net.0)).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

/// By hand: of a quota share of 50 % net is half of gross in each trial, to the cent that an odd number of cents leaves; the
/// mean and each quantile are half, and the treaty's recovery is the other half and attaches whenever there is a loss.
#[test]
fn a_quota_share_of_half_leaves_half_in_every_trial_and_on_every_page() {
    let (_keep, dir) = demo();
    let out = with_programme(&dir, HALF, "half");
    let trials = trials(&out);
    assert!(trials.len() == 20_000 && trials.iter().any(|(gross, _)| *gross > 0));
    for (gross, net) in trials {
        assert!(net >= 0 && gross >= net && (2 * net - gross).abs() <= 1, "{gross} {net}");
    }
    let summary = json(&out.join("summary.json"));
    let (gross, net, treaty) = (&summary["losses"]["gross"], &summary["losses"]["net"], &summary["treaties"][0]);
    let half = |whole: &Value, half: &Value| {
        assert!((2.0 * number(half) - number(whole)).abs() <= 0.01 + 1e-6, "{whole} {half}");
    };
    half(&gross["mean"], &net["mean"]);
    half(&gross["mean"], &treaty["ceded"]["value"]);
    for at in 0..5 {
        for key in ["value", "low", "high"] {
            half(&gross["quantiles"][at][key], &net["quantiles"][at][key]);
        }
    }
    assert_eq!(treaty["attaching"]["value"], gross["share_above_zero"]);
    assert_eq!((number(&treaty["exhausting"]["value"]), treaty["inuring"].as_u64()), (0.0, Some(1)));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    let words = summary["headline"]["loss"].as_str().unwrap();
    assert!(words.contains(" After reinsurance, USD ") && words.contains("is left on average"), "{words}");
    for part in ["Half &lt;b&gt;", "net, after reinsurance", "Treaties, in inuring order", ">Net</th>"] {
        assert!(page.contains(part), "{part} is not on the page");
    }
    assert!(!page.contains("Half <b>"), "a treaty's name is escaped");
}

/// By hand: a layer of 1 above nothing, used up by each loss of 1 or more: it pays its limit in each trial with a loss of
/// so much, and reinstating it at 100 % costs the whole premium each time.
#[test]
fn a_layer_that_each_loss_uses_up_is_exhausted_as_often_as_it_attaches() {
    let (_keep, dir) = demo();
    let layer = "[[treaty]]\nname = \"Layer\"\nkind = \"event_excess\"\noccurrence_attachment = 0\noccurrence_limit = 1\nreinstatements = [1.0]\npremium = 7\n";
    let out = with_programme(&dir, layer, "layer");
    let trials = trials(&out);
    let whole = trials.iter().filter(|(gross, _)| *gross >= 100).count() as f64 / trials.len() as f64;
    let treaty = &json(&out.join("summary.json"))["treaties"][0];
    assert!((number(&treaty["ceded"]["value"]) - whole).abs() < 1e-3, "{treaty} {whole}");
    assert!((number(&treaty["reinstatement_premium"]["value"]) - 7.0 * whole).abs() < 7e-3, "{treaty} {whole}");
    let words = json(&out.join("summary.json"))["headline"]["loss"].as_str().unwrap().to_string();
    assert!(words.contains("buying used-up cover again costs USD "), "{words}");
}

#[test]
fn without_treaties_no_page_speaks_of_net() {
    let (_keep, dir) = demo();
    for (name, bytes) in results(&dir.join("results")) {
        let text = String::from_utf8_lossy(&bytes);
        if name.ends_with(".html") || name == "summary.json" {
            for word in [">Net<", "<b>net</b>", "<b>Net</b>", "After reinsurance", "\"net\"", "\"treaties\"", "inuring"]
            {
                assert!(!text.contains(word), "{word} in {name}");
            }
        }
    }
}

/// The tables of a run, read back: the same numbers, and the same words of losses and treaties.
#[test]
fn a_report_from_tables_tells_net_and_treaties_as_the_run_does() {
    let (_keep, dir) = demo();
    let out = with_programme(&dir, HALF, "half");
    let table = |name: &str| out.join(format!("{name}.parquet")).display().to_string();
    let at = |name: &str| dir.join(name).display().to_string();
    let (losses, by_policy) = (table("losses"), table("losses_by_policy"));
    let (ceded, exact) = (table("ceded"), table("exact"));
    let own = ["report", &table("exposure"), "--losses", &losses, "--by-policy", &by_policy, "--ceded", &ceded];
    let written = ["--exact", &exact, "--out", &at("page.html"), "--summary", &at("page.json")];
    stdout(&[&own[..], &written, &EVENT].concat());
    let (staged, whole) = (json(&dir.join("page.json")), json(&out.join("summary.json")));
    for key in ["losses", "treaties", "exact"] {
        assert!(!whole[key].is_null(), "{key}");
        assert_eq!(staged[key], whole[key], "{key}");
    }
    let section = |page: &Path| {
        let text = fs::read_to_string(page).unwrap();
        let from = text.split_once("<section id=\"losses\">").unwrap().1;
        from.split_once("</section>").unwrap().0.to_string()
    };
    assert_eq!(section(&dir.join("page.html")), section(&out.join("report.html")));
}
