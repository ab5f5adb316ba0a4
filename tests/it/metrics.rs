//! `metrics` on losses of one's own: against the tools of Open Results Data, against rules written down once more, by hand.

use std::fs;
use std::path::Path;
use std::process::Command;

use blastradius::random::{Draws, Purpose};

use crate::command::{json, program, python, results, rows, text};

/// Runs `metrics` in a folder that has these files, and gives the folder.
fn metrics(files: &[(&str, &str)], line: &str) -> (tempfile::TempDir, std::process::Output) {
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, content)| fs::write(dir.path().join(name), content).unwrap());
    let output = program().current_dir(dir.path()).arg("metrics").args(line.split(' ')).output().unwrap();
    (dir, output)
}

pub fn done(files: &[(&str, &str)], line: &str) -> tempfile::TempDir {
    let (dir, output) = metrics(files, line);
    assert!(output.status.success(), "{line}: {}", text(&output.stderr));
    dir
}

/// A table of numbers without its header.
fn numbers(table: &str) -> Vec<Vec<f64>> {
    table.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect()
}

fn same_rows(own: &Path, header: &str, expected: &[Vec<f64>], tolerance: f64) {
    let table = fs::read_to_string(own).unwrap();
    assert_eq!(table.lines().next(), Some(header));
    let mut own = numbers(&table);
    let mut expected = expected.to_vec();
    assert_eq!(own.len(), expected.len(), "{header}");
    let order = |row: &Vec<f64>| row[..row.len() - 1].iter().map(|x| (x * 1e3) as i64).collect::<Vec<_>>();
    own.sort_by_key(order);
    expected.sort_by_key(order);
    for (own, expected) in own.iter().zip(&expected) {
        let near = own.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0));
        assert!(near, "{header}: {own:?} {expected:?}");
    }
}

const EPT: &str = "SummaryId,EPCalc,EPType,ReturnPeriod,Loss";
const PSEPT: &str = "SummaryId,SampleId,EPType,ReturnPeriod,Loss";
const ALT: &str = "SummaryId,SampleType,MeanLoss,SDLoss";

/// 24 periods and 3 samples through `lecpy` and `aalpy` (tests/independent/lecpy), which compute in single precision.
#[test]
fn tables_are_those_of_the_tools_of_open_results_data() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/lecpy");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let dir = done(
        &[("losses.csv", &read("losses.csv"))],
        "losses.csv --years 24 --return-periods 2,3,4,5,7,10,12,24 --out out",
    );
    let out = dir.path().join("out");
    same_rows(&out.join("gross_ept.csv"), EPT, &numbers(&read("ept.csv")), 1e-6);
    same_rows(&out.join("gross_psept.csv"), PSEPT, &numbers(&read("psept.csv")), 1e-6);
    same_rows(&out.join("gross_alt.csv"), ALT, &numbers(&read("alt.csv")), 1e-6);
}

/// Made losses: some years have none, some several occurrences, some losses are equal; (losses, claims) as CSV.
pub fn made(years: u32, samples: u32) -> (String, String) {
    let draws = Draws::new(77);
    let mut losses = "year,occurrence,sample,event,date,ground_up,gross,net\n".to_string();
    let mut claims = "year,occurrence,sample,policy_id,industry,gross,ground_up,net\n".to_string();
    for sample in 1..=samples {
        for year in 1..=years {
            let mut stream = draws.stream(Purpose::Claim, year, sample);
            for occurrence in 1..=(stream.uniform() * 3.0) as u32 {
                let mut sums = [0i64; 3];
                for claim in 0..1 + (stream.uniform() * 4.0) as u32 {
                    let gross = (libm::exp(8.0 + 3.0 * stream.uniform()) * 100.0) as i64 / 5_000 * 5_000 + 7;
                    let amounts = [gross * 2, gross, gross / 3];
                    let [ground_up, gross, net] = amounts.map(|x| format!("{}.{:02}", x / 100, x % 100));
                    let policy = (stream.uniform() * 9.0) as u32 + claim;
                    claims +=
                        &format!("{year},{occurrence},{sample},P{policy},{},{gross},{ground_up},{net}\n", policy % 3);
                    (0..3).for_each(|at| sums[at] += amounts[at]);
                }
                let [ground_up, gross, net] = sums.map(|x| format!("{}.{:02}", x / 100, x % 100));
                let event = ["mail", "cloud", "vpn"][(stream.uniform() * 3.0) as usize];
                losses += &format!(
                    "{year},{occurrence},{sample},{event},2026-0{}-11,{ground_up},{gross},{net}\n",
                    occurrence + 2
                );
            }
        }
    }
    (losses, claims)
}

#[test]
fn tables_agree_with_rules_written_down_once_more() {
    let Some(python) = python("numpy, pandas") else {
        eprintln!("skipped: no Python with numpy and pandas (set BLASTRADIUS_PYTHON)");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/independent/exceedance.py");
    for (years, samples) in [(37, 4), (500, 1), (211, 10)] {
        let periods = "1,1.3,1.5,1.7,2,2.5,3,4.4,5,9,10,20,36.9,37,100,250,499.5,500,2000";
        let line = format!("losses.csv --years {years} --return-periods {periods} --out out");
        let dir = done(&[("losses.csv", &made(years, samples).0)], &line);
        let counts = [years.to_string(), samples.to_string()];
        let output = Command::new(&python)
            .arg(script)
            .arg(dir.path().join("losses.csv"))
            .args(counts)
            .args(periods.split(','))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for (table, header) in [("ept", EPT), ("psept", PSEPT), ("alt", ALT)] {
            let expected: Vec<Vec<f64>> = serde_json::from_value(theirs[table].clone()).unwrap();
            same_rows(&dir.path().join(format!("out/gross_{table}.csv")), header, &expected, 1e-9);
        }
    }
}

/// The figure of a kind at a return period.
fn value(table: &[std::collections::BTreeMap<String, String>], perspective: &str, kind: &str, period: &str) -> f64 {
    let of = |row: &&std::collections::BTreeMap<String, String>| {
        (row["perspective"].as_str(), row["kind"].as_str(), row["return_period"].as_str())
            == (perspective, kind, period)
    };
    table.iter().find(of).unwrap_or_else(|| panic!("{perspective} {kind} {period}"))["value"].parse().unwrap()
}

#[test]
fn contributions_add_up_to_the_tail_mean_to_the_cent() {
    let (losses, claims) = made(400, 2);
    let files = [("losses.csv", losses.as_str()), ("claims.csv", claims.as_str())];
    let line = "losses.csv --years 400 --return-periods 7,10,100,150 --by-claim claims.csv --out out";
    let dir = done(&files, line);
    let table = rows(&dir.path().join("out/metrics.csv"));
    let parts = rows(&dir.path().join("out/contributions.csv"));
    let mut sums: std::collections::BTreeMap<[String; 4], i64> = Default::default();
    let mut averages: std::collections::BTreeMap<[String; 4], f64> = Default::default();
    for part in &parts {
        let key = ["perspective", "kind", "return_period", "dimension"].map(|column| part[column].clone());
        let amount: f64 = part["contribution"].parse().unwrap();
        assert_ne!(part["group"], "(unexplained)");
        let error: Option<f64> = part["standard_error"].parse().ok();
        // Claims that go sample after sample have no errors of averages, nor do 400 years tell that of a tail of once in a hundred.
        let blank = amount == 0.0 || key[1] == "aal" || key[2].len() == 3;
        assert!(error.map_or(blank, |error| error >= 0.0), "{part:?}");
        if key[1] == "aal" {
            *averages.entry(key).or_default() += amount;
        } else {
            *sums.entry(key).or_default() += (amount * 100.0).round() as i64;
        }
    }
    assert_eq!((sums.len(), averages.len()), (3 * 4 * 2 * 2, 3 * 2));
    for ([perspective, kind, period, _], sum) in sums {
        let tail = value(&table, &perspective, &kind, &period);
        assert_eq!(sum, (tail * 100.0).round() as i64, "{perspective} {period}");
    }
    for ([perspective, ..], sum) in averages {
        let aal = value(&table, &perspective, "aal", "");
        assert!((sum / aal - 1.0).abs() < 1e-12, "{sum} {aal}");
    }
}

/// By hand: two years of two. Year 1: occurrence 1 has 50 (A 30, B 20), occurrence 2 has 40 (B). Year 2: 60 in occurrence 7 (A 10,
/// B 50) and as much in occurrence 9 (A): the first of equal ones counts. The mean of both years' largest is 55: A (30 + 10) ÷ 2, B
/// (20 + 50) ÷ 2; of their sums 105: A 50, B 55.
#[test]
fn contributions_to_the_largest_occurrence_are_of_its_claims_alone() {
    let claims = "year,occurrence,policy_id,gross\n1,1,A,30\n1,1,B,20\n1,2,B,40\n2,9,A,60\n2,7,A,10\n2,7,B,50\n";
    let line = "claims.csv --years 2 --return-periods 1 --by-claim claims.csv --out out";
    let of = |claims: &str, dir: &tempfile::TempDir| {
        assert!(!claims.is_empty());
        let tails = rows(&dir.path().join("out/contributions.csv"));
        let row = |row: std::collections::BTreeMap<String, String>| {
            format!("{} {} {}", row["kind"], row["group"], row["contribution"])
        };
        tails.into_iter().map(row).collect::<Vec<String>>()
    };
    let found = of(claims, &done(&[("claims.csv", claims)], line));
    let expected = ["aal A 50", "aal B 55", "aep_tvar A 50", "aep_tvar B 55", "oep_tvar A 20", "oep_tvar B 35"];
    assert_eq!(found, expected);
    // Claims that do not name their occurrence have the average and the sum alone, and that is said.
    let without = "year,policy_id,gross\n1,A,30\n1,B,60\n2,A,70\n2,B,50\n";
    let (dir, output) = metrics(
        &[("claims.csv", claims), ("without.csv", without)],
        &line.replace("by-claim claims", "by-claim without"),
    );
    assert_eq!(of(without, &dir), expected[..4]);
    assert!(text(&output.stderr).contains("no column occurrence"), "{}", text(&output.stderr));
}

/// By hand: of 100 in year 1 and 60 in year 2 claims explain 70 (B) and 60 (A). A claim of a sample that there is none of does not
/// count; where one of two files does not name occurrences, nothing is told of the largest.
#[test]
fn what_no_claim_explains_is_told_and_claims_of_other_samples_are_set_aside() {
    let losses = "year,occurrence,gross\n1,1,100\n2,1,60\n";
    let (one, other) =
        ("year,occurrence,sample,policy_id,gross\n1,1,,B,70\n1,1,2,B,5\n", "year,policy_id,gross\n2,A,60\n");
    let files = [("losses.csv", losses), ("one.csv", one), ("other.csv", other)];
    let dir = done(&files, "losses.csv --years 2 --return-periods 1,2 --by-claim one.csv other.csv --out out");
    let found: Vec<String> = rows(&dir.path().join("out/contributions.csv"))
        .iter()
        .map(|row| ["kind", "return_period", "group", "contribution"].map(|column| row[column].as_str()).join(" "))
        .collect();
    let expected = [
        "aal  A 30",
        "aal  B 35",
        "aep_tvar 1 A 30",
        "aep_tvar 1 B 35",
        "aep_tvar 1 (unexplained) 15",
        "aep_tvar 2 A 0",
        "aep_tvar 2 B 70",
        "aep_tvar 2 (unexplained) 30",
    ];
    assert_eq!(found, expected);
    let rejects = rows(&dir.path().join("out/rejects.csv"));
    let told: Vec<[&str; 2]> = rejects.iter().map(|row| [row["line"].as_str(), row["rule"].as_str()]).collect();
    assert_eq!(told, [["3", "is beyond the 1 samples of the losses"]]);
}

/// In any order of claims the contributions are the same; errors of those to the average need each year's claims together.
#[test]
fn errors_of_contributions_to_the_average_are_blank_where_claims_are_not_in_order() {
    let losses = "year,occurrence,gross\n1,1,30\n2,1,50\n3,1,10\n";
    let claims = ["1,A,30\n", "2,A,20\n", "2,B,30\n", "3,B,10\n"];
    let of = |order: [usize; 4]| {
        let claims = format!("year,policy_id,gross\n{}", order.map(|at| claims[at]).concat());
        let files = [("losses.csv", losses), ("claims.csv", claims.as_str())];
        let dir = done(&files, "losses.csv --years 5 --return-periods 2 --by-claim claims.csv --out out");
        let table = rows(&dir.path().join("out/contributions.csv"));
        let averages = table.iter().filter(|row| row["kind"] == "aal").cloned();
        let told = averages.map(|row| !row["standard_error"].is_empty()).collect::<Vec<_>>();
        (told, table.into_iter().map(|row| row["contribution"].clone()).collect::<Vec<_>>())
    };
    let (in_order, mixed) = (of([0, 1, 2, 3]), of([3, 2, 1, 0]));
    assert_eq!((in_order.0, mixed.0), (vec![true; 2], vec![false; 2]));
    assert_eq!(in_order.1, mixed.1);
}

/// By hand: 4 years. In year 1 a treaty pays 100 and is used up, and what a second occurrence reinstates costs 25 on top of 50; in
/// year 3 a loss does not reach it; in year 4, the last, it pays 60. Years 0 and 5 are not among them. What another treaty takes
/// after it, which the table tells first, is told after it.
#[test]
fn figures_of_a_treaty_are_of_all_occurrences_of_a_year() {
    let losses = "year,occurrence,gross\n1,1,200\n3,1,20\n4,1,90\n";
    let ceded = "year,occurrence,treaty,inuring,currency,subject,layer,ceded,reinstatement_premium,exhausted\n\
        1,1,After,2,USD,100,10,10,0,0\n1,1,Cat,1,USD,200,100,100,50,1\n1,2,Cat,1,USD,30,0,0,25,0\n\
        3,1,Cat,1,USD,20,0,0,0,0\n4,1,Cat,1,USD,90,60,60,30,0\n\
        5,1,Cat,1,USD,90,60,60,30,0\n0,1,Cat,1,USD,90,60,60,30,0\n";
    let line = "losses.csv --years 4 --return-periods 4 --ceded ceded.csv --out out";
    let (dir, output) = metrics(&[("losses.csv", losses), ("ceded.csv", ceded)], line);
    assert!(text(&output.stderr).contains("2 rows set aside"), "{}", text(&output.stderr));
    let table = rows(&dir.path().join("out/metrics.csv"));
    let figure = |kind: &str| value(&table, "ceded: Cat", kind, "");
    assert_eq!((figure("aal"), figure("reinstatement_premium")), (40.0, 105.0 / 4.0));
    assert_eq!(figure("ceded_less_premium"), (160.0 - 105.0) / 4.0);
    assert_eq!((figure("probability_of_attaching"), figure("probability_of_exhausting")), (0.5, 0.25));
    // Recovery less premium by year: 25, 0, 0 and 30 about 13.75, s² = 256.25: the lower end, 13.75 − 1.96 · √(256.25 ÷ 4), is a loss.
    let less =
        table.iter().find(|row| row["perspective"] == "ceded: Cat" && row["kind"] == "ceded_less_premium").unwrap();
    let low: f64 = less["low"].parse().unwrap();
    assert!((low - (13.75 - 1.959_963_984_54 * (256.25f64 / 4.0).sqrt())).abs() < 1e-8, "{low}");
    let mut perspectives: Vec<&str> = table.iter().map(|row| row["perspective"].as_str()).collect();
    perspectives.dedup();
    assert_eq!(perspectives, ["gross", "ceded: Cat", "ceded: After"]);
}

/// By hand: with parameters drawn years lose 0, 3 and 9, with their estimates 1, 3 and 5: means 4 and 3, variances 21 and 4, which
/// parameters make 17 of. Other years can't be set beside them.
#[test]
fn the_spread_that_parameters_make_is_told_apart() {
    let [drawn, fixed] = ["2,1,3\n3,1,9\n", "1,1,1\n2,1,3\n3,1,5\n"].map(|own| format!("year,occurrence,gross\n{own}"));
    let files = [("drawn.csv", drawn.as_str()), ("fixed.csv", fixed.as_str())];
    let dir = done(&files, "drawn.csv --years 3 --return-periods 2 --estimates fixed.csv --out out");
    let table = rows(&dir.path().join("out/metrics.csv"));
    let figure = |kind: &str| value(&table, "gross", kind, "");
    assert_eq!((figure("aal"), figure("aal_at_estimates")), (4.0, 3.0));
    let near = |kind: &str, variance: f64| assert!((figure(kind) - variance).abs() < 1e-9, "{kind} {}", figure(kind));
    near("process_variance", 4.0);
    near("total_variance", 21.0);
    near("parameter_variance", 17.0);
    // Differences 12, 1 and 21 have the variance 602 ÷ 6: 17 − 1.96 · √(602 ÷ 6 ÷ 3) is above nought, and the error is told so too.
    let parameter = table.iter().find(|row| row["kind"] == "parameter_variance").unwrap();
    let low: f64 = parameter["low"].parse().unwrap();
    assert!((low - (17.0 - 1.959_963_984_54 * (602.0f64 / 18.0).sqrt())).abs() < 1e-8, "{low}");
}

/// One year of ten has a loss: its interval, 10 ± 1.96 · 10, ends at nought. Nine of ten: Wilson's interval is 0.595 85 to 0.982 12, the
/// tabled one. All of ten do not make it certain: from 10 ÷ (10 + z²) = 0.722 47.
#[test]
fn an_interval_of_a_figure_keeps_within_what_the_figure_can_be() {
    let of = |years: std::ops::RangeInclusive<u32>| {
        let losses = years.map(|year| format!("{year},1,100\n")).collect::<String>();
        let files = [("losses.csv", format!("year,occurrence,gross\n{losses}"))];
        let files = files.each_ref().map(|(name, content)| (*name, content.as_str()));
        let dir = done(&files, "losses.csv --years 10 --return-periods 2 --out out");
        rows(&dir.path().join("out/metrics.csv"))
    };
    let figure = |table: &[std::collections::BTreeMap<String, String>], kind: &str| {
        let row = table.iter().find(|row| row["kind"] == kind).unwrap();
        ["value", "standard_error", "low", "high"].map(|column| row[column].parse::<f64>().unwrap())
    };
    let one = of(3..=3);
    let [aal, error, low, high] = figure(&one, "aal");
    assert_eq!((aal, error, low), (10.0, 10.0, 0.0));
    assert!((high - 29.599_639_845_4).abs() < 1e-8, "{high}");
    let [share, error, low, high] = figure(&of(1..=9), "probability_of_loss");
    assert!(share == 0.9 && (error - 0.009f64.sqrt()).abs() < 1e-12, "{error}");
    assert!((low - 0.595_85).abs() < 1e-5 && (high - 0.982_12).abs() < 1e-5, "{low} {high}");
    let all = of(1..=10);
    let row = all.iter().find(|row| row["kind"] == "probability_of_loss").unwrap();
    assert_eq!((row["standard_error"].as_str(), row["high"].as_str()), ("", "1"));
    assert!((row["low"].parse::<f64>().unwrap() - 0.722_47).abs() < 1e-5, "{row:?}");
}

/// By hand: three years of 10, 40 and 60 in one sample and 20, 20 and 30 in the other: as six years they have the mean 30 and its tails,
/// but its error is of the years' means 15, 30 and 45, √(225 ÷ 3). So is that of a policy that pays all of it, where claims come by
/// years; sample after sample they do not.
#[test]
fn errors_take_samples_of_a_year_together() {
    let lines = ["1,1,1,P,10\n", "1,1,2,P,20\n", "2,1,1,P,40\n", "2,1,2,P,20\n", "3,1,1,P,60\n", "3,1,2,P,30\n"];
    let of = |order: [usize; 6]| {
        let table = format!("year,occurrence,sample,policy_id,gross\n{}", order.map(|at| lines[at]).concat());
        let line = "losses.csv --years 3 --return-periods 3,6 --by-claim losses.csv --out out";
        done(&[("losses.csv", &table)], line)
    };
    let by_year = of([0, 1, 2, 3, 4, 5]);
    let table = rows(&by_year.path().join("out/metrics.csv"));
    assert_eq!((value(&table, "gross", "aal", ""), value(&table, "gross", "aep", "6")), (30.0, 60.0));
    let error: f64 = table.iter().find(|row| row["kind"] == "aal").unwrap()["standard_error"].parse().unwrap();
    assert!((error - 75f64.sqrt()).abs() < 1e-9, "{error}");
    let average = |dir: &tempfile::TempDir| {
        let parts = rows(&dir.path().join("out/contributions.csv"));
        let own = parts.into_iter().find(|row| row["kind"] == "aal").unwrap();
        (own["contribution"].clone(), own["standard_error"].parse::<f64>().ok())
    };
    let (own, error) = average(&by_year);
    assert!(own == "30" && (error.unwrap() - 75f64.sqrt()).abs() < 1e-9, "{own} {error:?}");
    assert_eq!(average(&of([0, 2, 4, 1, 3, 5])), ("30".to_string(), None));
}

/// "7" and "007" are two events: numbers that would be equal are no numbers of events, and all get theirs by name. Where all differ they
/// keep their own.
#[test]
fn every_event_has_a_number_of_its_own() {
    for (names, expected) in [
        (["7", "007", "12"], [["1", "007"], ["2", "12"], ["3", "7"]]),
        (["7", "5", "12"], [["5", "5"], ["7", "7"], ["12", "12"]]),
    ] {
        let lines: String = names.iter().zip(1..).map(|(name, at)| format!("{at},1,{name},{at}00\n")).collect();
        let losses = format!("year,occurrence,event,gross\n{lines}");
        let dir = done(&[("losses.csv", &losses)], "losses.csv --years 4 --return-periods 2 --out out");
        let told = rows(&dir.path().join("out/ord_events.csv"));
        let told: Vec<[&str; 2]> = told.iter().map(|row| [row["EventId"].as_str(), row["event"].as_str()]).collect();
        assert_eq!(told, expected);
        let rates = rows(&dir.path().join("out/gross_melt.csv"));
        assert!(rates.len() == 3 && rates.iter().all(|row| row["EventRate"] == "0.25"), "{rates:?}");
    }
}

/// The losses of claims given as such are those of their occurrences, also where they name several events.
#[test]
fn rows_of_one_occurrence_are_added_up() {
    let whole = "year,occurrence,gross\n1,1,30\n1,2,5\n3,1,12\n";
    let parts = "year,occurrence,gross\n1,1,10\n3,1,12\n1,1,20\n1,2,5\n";
    let events = "year,occurrence,event,gross\n1,1,mail,10\n3,1,mail,12\n1,1,cloud,20\n1,2,mail,5\n";
    let line = "losses.csv --years 4 --return-periods 2,4 --out out";
    let [whole, parts, events] = [whole, parts, events].map(|losses| {
        let dir = done(&[("losses.csv", losses)], line);
        ["metrics.csv", "gross_ept.csv"].map(|name| fs::read(dir.path().join("out").join(name)).unwrap())
    });
    assert_eq!(whole, parts);
    assert_eq!(whole, events);
}

#[test]
fn rows_in_any_order_any_number_of_threads_and_parquet_give_the_same_bytes() {
    let (losses, claims) = made(150, 2);
    let mut lines: Vec<&str> = losses.lines().collect();
    lines[1..].reverse();
    let reversed = lines.join("\n");
    let line = "losses.csv --years 150 --return-periods 3,10,50 --by-claim claims.csv --out out";
    let of = |losses: &str, line: &str| {
        let dir = done(&[("losses.csv", losses), ("claims.csv", &claims)], line);
        results(&dir.path().join("out"))
    };
    let first = of(&losses, line);
    assert_eq!(first.len(), 3 * 9 + 4, "{:?}", first.iter().map(|(name, _)| name).collect::<Vec<_>>());
    assert!(first == of(&reversed, line) && first == of(&losses, &format!("{line} --threads 1")));
    // Parquet out, and what was written as Parquet read again.
    let parquet =
        done(&[("losses.csv", &losses)], "losses.csv --years 150 --tables parquet --return-periods 3,10,50 --out out");
    let table = parquet.path().join("out/gross_splt.parquet");
    assert!(fs::metadata(table).unwrap().len() > 0);
}

#[test]
fn scaling_money_scales_every_figure() {
    let of = |factor: i64| {
        let lines = (1..=60i64).map(|year| format!("{},1,{}\n", year, year * year % 37 * 1_000 * factor));
        let losses = format!("year,occurrence,net\n{}", lines.collect::<String>());
        let dir = done(&[("losses.csv", &losses)], "losses.csv --years 80 --return-periods 2,3,5,20,80 --out out");
        rows(&dir.path().join("out/metrics.csv"))
    };
    let (one, seven) = (of(1), of(7));
    assert_eq!(one.len(), 3 + 4 * 5);
    for (a, b) in one.iter().zip(&seven).filter(|(a, _)| a["kind"] != "probability_of_loss") {
        for column in ["value", "standard_error", "low", "high"] {
            let [x, y] = [a, b].map(|row| row[column].parse::<f64>().unwrap_or(0.0));
            assert!((x * 7.0 - y).abs() < 1e-9 * y.abs() + 1e-9, "{a:?} {b:?}");
        }
    }
}

#[test]
fn what_is_read_says_what_a_person_reads() {
    let (losses, _) = made(400, 1);
    let (_dir, output) =
        metrics(&[("losses.csv", &losses)], "losses.csv --years 1000 --return-periods 10,100,5000 --out out");
    let said = text(&output.stdout);
    for words in [
        "Years        1,000",
        "once in 5000 years: longer",
        "gross: average annual loss",
        "1 in 100",
        "largest occurrence",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// Each row that can't be used, with the rule it broke; the others count.
#[test]
fn rows_that_cannot_be_used_are_set_aside_with_their_rule() {
    let losses = "year,occurrence,ground_up,gross\n1,1,10,5\n0,1,10,5\n9,1,10,5\n2,1,ten,5\n2,1,10,\n3,x,10,5\n2,2,5,10\n4,1,-3,0\n4,2,7,7\n";
    let line = "losses.csv --years 4 --return-periods 2 --out out";
    let (dir, output) = metrics(&[("losses.csv", losses)], line);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let out = dir.path().join("out");
    let rejects: Vec<String> = rows(&out.join("rejects.csv"))
        .iter()
        .map(|r| format!("{} {} {:?}: {} ({})", r["line"], r["column"], r["value"], r["rule"], r["outcome"]))
        .collect();
    assert_eq!(
        rejects,
        [
            r#"3 year "0": counts from 1 (set aside)"#,
            r#"4 year "9": is beyond the 4 years (set aside)"#,
            r#"5 ground_up "ten": not a number (set aside)"#,
            r#"6 gross "": required, and blank (set aside)"#,
            r#"7 occurrence "x": not a whole number of at least zero (set aside)"#,
            r#"8 gross "10": is above ground_up (kept)"#,
            r#"9 ground_up "'-3": must not be negative (set aside)"#,
        ]
    );
    let manifest = json(&out.join("manifest.json"));
    let input = &manifest["inputs"][0];
    let said = text(&output.stderr);
    assert!(
        said.contains("hint: write digits alone, such as 12") && said.contains("6 rows set aside, 1 noted"),
        "{said}"
    );
    assert_eq!([&input["rows"], &input["used"], &input["set_aside"]].map(|n| n.as_u64().unwrap()), [9, 3, 6]);
    let (dir, output) = metrics(&[("losses.csv", losses)], &format!("{line} --strict"));
    assert_eq!(output.status.code(), Some(1));
    assert!(!dir.path().join("out").join("metrics.csv").exists());
}

#[test]
fn a_bad_year_has_one_message_and_a_hint() {
    for (year, rule, hint) in [
        ("0", "counts from 1", "the first is 1, not 0"),
        ("x", "not a whole number from 1 on", "write digits alone, such as 12"),
        ("-1", "not a whole number from 1 on", "write digits alone, such as 12"),
        ("1.5", "not a whole number from 1 on", "write digits alone, such as 12"),
        ("5000000000", "beyond the largest number", "numbers go up to 4294967295"),
        ("", "required, and blank", ""),
        ("5", "is beyond the 4 years", "say with --years how many years were simulated"),
    ] {
        let losses = format!("year,occurrence,gross\n{year},1,5\n1,1,5\n");
        let dir = done(&[("losses.csv", &losses)], "losses.csv --years 4 --return-periods 2 --out out");
        let rejects = rows(&dir.path().join("out/rejects.csv"));
        let told: Vec<[&str; 2]> = rejects.iter().map(|row| [row["rule"].as_str(), row["hint"].as_str()]).collect();
        assert_eq!(told, [[rule, hint]], "{year}");
    }
}

#[test]
fn what_is_no_table_of_losses_is_refused_with_a_way_out() {
    let good = "year,occurrence,gross\n1,1,5\n";
    let cases = [
        ("year,gross\n1,5\n", "losses.csv", "occurrence"),
        ("year,occurrence,loss\n1,1,5\n", "losses.csv", "none of the columns ground_up, gross and net"),
        ("year,occurrence,gross\n", "losses.csv", "no loss can be used"),
        ("year,occurrence,gross\n4000000000,1,5\n", "losses.csv", "too many"),
        (good, "losses.csv --return-periods 0.5", "is no return period"),
        (good, "losses.csv --by-claim nothing.csv", "nothing.csv"),
        (good, "losses.csv --by-claim losses.csv", "no column to group claims by"),
        (good, "none.csv", "none.csv"),
    ];
    for (losses, line, words) in cases {
        let (dir, output) = metrics(&[("losses.csv", losses)], &format!("{line} --out out"));
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(words) && said.contains("hint:"), "{line}: {said}");
        assert!(!dir.path().join("out").exists(), "{line}");
    }
}
