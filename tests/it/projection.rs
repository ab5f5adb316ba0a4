//! `project` and `merge`: scenario and catalogue mode, treaties, parts of a projection, and the laws that losses obey.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use blastradius::portfolio::sector;

use crate::command::{demo, json, program, results, rows, run, stdout, text};

const PROGRAMME: &str = r#"
[[treaty]]
name = "Quota share"
kind = "quota_share"
ceded = 0.2

[[treaty]]
name = "Event excess"
kind = "event_excess"
inuring = 2
occurrence_attachment = 500_000
occurrence_limit = 2_000_000
reinstatements = [1.0]
premium = 200_000

[[treaty]]
name = "Stop loss on interruption"
kind = "aggregate_excess"
inuring = 3
annual_deductible = 100_000
annual_limit = 10_000_000
scope = { coverages = ["business_interruption", "contingent_business_interruption"] }
"#;

pub const EVENTS: [&str; 3] = ["aws-us-east-1-2025", "crowdstrike-2024", "moveit-2023"];

/// Their vendors.
const VENDORS: [[&str; 2]; 3] =
    [["aws-us-east-1-2025", "Amazon Web Services"], ["crowdstrike-2024", "CrowdStrike"], ["moveit-2023", "Progress"]];

/// A demo's exposures to three events, and a programme.
pub struct Bench {
    _keep: tempfile::TempDir,
    pub dir: PathBuf,
}

impl Bench {
    pub fn new() -> Bench {
        let (keep, dir) = demo();
        let at = |name: &str| dir.join(name).display().to_string();
        stdout(&["run", &at("RUN.toml"), "--trials", "10", "--out", &at("r")]);
        for event in EVENTS {
            let (policies, out) = (at("policies.csv"), at(&format!("{event}.csv")));
            let day = ["--event", event, "--as-of", "2021-01-12", "--out", &out];
            stdout(&[&["expose", &at("r/inventory.parquet"), "--policies", &policies][..], &day].concat());
        }
        fs::write(dir.join("programme.toml"), PROGRAMME).unwrap();
        Bench { _keep: keep, dir }
    }

    pub fn at(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    /// Projects the exposures named into a folder.
    pub fn project(&self, exposures: &[&str], arguments: &str, out: &str) -> PathBuf {
        let exposures: Vec<String> = exposures.iter().map(|name| self.at(&format!("{name}.csv"))).collect();
        let own = arguments.split_whitespace().map(|word| word.replace("DIR/", &self.at("")));
        let arguments: Vec<String> = ["project".to_string()]
            .into_iter()
            .chain(exposures)
            .chain(own)
            .chain(["--out".into(), self.at(out)])
            .collect();
        stdout(&arguments);
        self.dir.join(out)
    }
}

pub fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

fn cents(row: &BTreeMap<String, String>, column: &str) -> i64 {
    (number(row, column) * 100.0).round() as i64
}

fn sum(rows: &[BTreeMap<String, String>], column: &str) -> i64 {
    rows.iter().map(|row| cents(row, column)).sum()
}

#[test]
fn one_thread_two_threads_and_eight_parts_give_the_same_bytes() {
    let bench = Bench::new();
    let common = "--mode catalogue --programme DIR/programme.toml --claims";
    let whole = results(&bench.project(&EVENTS, &format!("{common} --years 20000"), "whole"));
    assert_eq!(whole.len(), 6, "{:?}", whole.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for threads in ["1", "2"] {
        let exposures = EVENTS.map(|event| bench.at(&format!("{event}.csv")));
        let (programme, out) = (bench.at("programme.toml"), bench.at(&format!("threads-{threads}")));
        let rest = ["--mode", "catalogue", "--programme", &programme, "--claims", "--years", "20000", "--out", &out];
        let done =
            program().env("RAYON_NUM_THREADS", threads).arg("project").args(&exposures).args(rest).output().unwrap();
        assert!(done.status.success(), "{}", text(&done.stderr));
        assert!(results(Path::new(&out)) == whole, "{threads} threads");
    }
    let parts: Vec<String> = (0..8)
        .map(|part| {
            let years = format!("--years {}..{}", part * 2_500 + 1, (part + 1) * 2_500);
            bench.project(&EVENTS, &format!("{common} {years}"), &format!("part-{part}")).display().to_string()
        })
        .collect();
    let mut merge = vec!["merge".to_string()];
    merge.extend(parts.iter().rev().cloned());
    merge.extend(["--out".into(), bench.at("merged")]);
    stdout(&merge);
    assert!(results(&bench.dir.join("merged")) == whole, "eight parts");
    let gap = run(&["merge", &parts[0], &parts[2], "--out", &bench.at("gap")]);
    assert!(text(&gap.stderr).contains("ends with year 2500") && gap.status.code() == Some(2), "{}", text(&gap.stderr));
    let other = bench.project(&EVENTS, &format!("{common} --years 2501..5000 --seed 2"), "other").display().to_string();
    let other = run(&["merge", &parts[0], &other, "--out", &bench.at("mixed")]);
    assert!(text(&other.stderr).contains("not parts of one projection"), "{}", text(&other.stderr));
    assert!(!bench.dir.join("mixed/losses.parquet").exists() && !bench.dir.join("gap/losses.parquet").exists());
}

/// Every row of every table: ground-up ≥ gross ≥ net ≥ 0; claims add up to occurrences, these to years; what treaties took
/// is what net lacks of gross.
#[test]
fn claims_occurrences_and_years_add_up_and_each_step_only_takes() {
    let bench = Bench::new();
    let exposures = EVENTS.map(|event| rows(&bench.dir.join(format!("{event}.csv"))));
    let words: BTreeMap<&str, [&str; 4]> = exposures
        .iter()
        .flatten()
        .map(|row| {
            let [policy, insured, industry, country, band] =
                ["policy_id", "insured_id", "industry", "country", "revenue_band"].map(|column| row[column].as_str());
            (policy, [insured, sector(industry), country, band])
        })
        .collect();
    let users: BTreeMap<&str, f64> =
        exposures[2].iter().map(|row| (row["insured_id"].as_str(), number(row, "probability"))).collect();
    let users = users.values().sum::<f64>();
    for mode in ["scenario", "catalogue"] {
        let arguments = format!("--mode {mode} --years 3000 --programme DIR/programme.toml --claims --csv");
        let out = bench.project(&EVENTS, &arguments, mode);
        let [years, occurrences, claims, ceded, by_policy] =
            ["losses", "occurrences", "claims", "ceded", "losses_by_policy"]
                .map(|t| rows(&out.join(format!("{t}.csv"))));
        for row in years.iter().chain(&occurrences).chain(&claims) {
            let [ground_up, gross, net] = ["ground_up", "gross", "net"].map(|column| cents(row, column));
            assert!(ground_up >= gross && gross >= net && net >= 0, "{row:?}");
        }
        assert!(sum(&years, "gross") > 0 && sum(&years, "net") < sum(&years, "gross"));
        for column in ["ground_up", "gross", "net"] {
            assert_eq!(sum(&years, column), sum(&claims, column), "{mode} {column}");
            assert_eq!(sum(&years, column), sum(&occurrences, column), "{mode} {column}");
        }
        assert_eq!(sum(&years, "gross"), sum(&by_policy, "total_gross"));
        let mut of_policies: BTreeMap<&str, i64> = BTreeMap::new();
        for row in &claims {
            *of_policies.entry(row["policy_id"].as_str()).or_default() += cents(row, "gross");
        }
        for row in &by_policy {
            let own = of_policies.remove(row["policy_id"].as_str()).unwrap_or(0);
            assert_eq!((cents(row, "total_gross"), row["years"].as_str()), (own, "3000"), "{mode}");
            assert!((number(row, "expected_gross") * 300_000.0 - own as f64).abs() <= 1e-9 * own as f64, "{row:?}");
        }
        assert!(of_policies.values().all(|gross| *gross == 0), "{mode}: claims of policies that are not told");
        assert_eq!(sum(&years, "gross") - sum(&years, "net"), sum(&ceded, "ceded"), "{mode}");
        assert_eq!(sum(&years, "reinstatement_premium"), sum(&ceded, "reinstatement_premium"), "{mode}");
        let by_occurrence = |rows: &[BTreeMap<String, String>], of: &dyn Fn(&BTreeMap<String, String>) -> i64| {
            let mut sums: BTreeMap<[String; 2], i64> = BTreeMap::new();
            for row in rows.iter().filter(|row| of(row) != 0) {
                *sums.entry(["year", "occurrence"].map(|column| row[column].clone())).or_default() += of(row);
            }
            sums
        };
        let gross = |row: &BTreeMap<String, String>| cents(row, "gross");
        assert_eq!(by_occurrence(&claims, &gross), by_occurrence(&occurrences, &gross), "{mode}");
        let taken = by_occurrence(&occurrences, &|row| cents(row, "gross") - cents(row, "net"));
        assert_eq!(by_occurrence(&ceded, &|row| cents(row, "ceded")), taken, "{mode}");
        for claim in &claims {
            let own = ["insured_id", "industry", "country", "revenue_band"].map(|column| claim[column].as_str());
            assert_eq!(own, words[claim["policy_id"].as_str()], "{mode}: {claim:?}");
        }
        // Of each insured's probability p a share r is hit: N(r) is Σ r·p on average, with no more than that as its variance.
        let of_event = occurrences.iter().filter(|row| row["event"] == "moveit-2023");
        let (hits, shares) = of_event
            .fold((0.0, 0.0), |(hits, shares), row| (hits + number(row, "hits"), shares + number(row, "hit_share")));
        let expected = shares * users;
        assert!((hits - expected).abs() <= 4.0 * expected.sqrt(), "{mode}: {hits} {expected}");
        let vendors: BTreeSet<[&str; 2]> =
            claims.iter().map(|row| ["event", "vendor"].map(|column| row[column].as_str())).collect();
        assert_eq!(vendors.into_iter().collect::<Vec<_>>(), VENDORS, "{mode}");
        let mut largest: BTreeMap<i64, i64> = BTreeMap::new();
        for row in &occurrences {
            let largest = largest.entry(number(row, "year") as i64).or_default();
            *largest = (*largest).max(cents(row, "gross"));
        }
        for row in &years {
            let year = number(row, "year") as i64;
            assert_eq!(cents(row, "largest_gross"), largest.get(&year).copied().unwrap_or(0), "{mode}, year {year}");
        }
    }
}

/// Two parts of 50 trials each, in CSV, and their merging: exit code and what was said.
fn two_parts(bench: &Bench) -> [PathBuf; 2] {
    ["1..50", "51..100"].map(|years| {
        let arguments = format!("--years {years} --csv");
        bench.project(&EVENTS[..1], &arguments, &format!("part-{years}"))
    })
}

fn merge(bench: &Bench, parts: &[PathBuf; 2], out: &str) -> (Option<i32>, String) {
    let parts = parts.each_ref().map(|part| part.display().to_string());
    let done = run(&["merge", &parts[0], &parts[1], "--out", &bench.at(out)]);
    let written = bench.dir.join(out).join("losses.csv").exists();
    assert_eq!(written, done.status.success(), "all or nothing");
    (done.status.code(), text(&done.stderr))
}

/// Edits a table of a part; with `told` its manifest too, as if the engine had written it.
fn edit(part: &Path, table: &str, told: bool, change: impl FnOnce(String) -> String) {
    let (path, manifest) = (part.join(table), part.join("manifest.json"));
    let before = blastradius::input::sha256(&path).unwrap();
    fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    if told {
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.contains(&before));
        fs::write(&manifest, text.replace(&before, &blastradius::input::sha256(&path).unwrap())).unwrap();
    }
}

/// Exact figures do not depend on which trials a part has.
#[test]
fn parts_whose_exact_figures_differ_are_not_put_together() {
    let bench = Bench::new();
    let parts = two_parts(&bench);
    assert_eq!(merge(&bench, &parts, "good").0, Some(0));
    let told = |dir: &Path| {
        let manifest = json(&dir.join("manifest.json"));
        let outputs = manifest["outputs"].as_array().unwrap();
        outputs.iter().find(|output| output["file"] == "exact.csv").unwrap().clone()
    };
    assert_eq!(told(&bench.dir.join("good")), told(&parts[0]), "rows and hash of a table that all parts share");
    edit(&parts[1], "exact.csv", true, |text| text.replacen(",gross,", ",net,", 1) + "\n");
    let (code, said) = merge(&bench, &parts, "bad");
    assert!(code == Some(2) && said.contains("exact.csv is not the same in all parts"), "{said}");
}

/// A table that is not the one that the part's manifest tells: one figure edited, or its last rows lost.
#[test]
fn a_part_whose_table_was_edited_or_cut_short_is_refused() {
    let bench = Bench::new();
    let parts = two_parts(&bench);
    for (at, table) in [(0, "losses.csv"), (1, "occurrences.csv"), (1, "losses_by_policy.csv")] {
        let path = parts[at].join(table);
        let own = fs::read(&path).unwrap();
        edit(&parts[at], table, false, |text| {
            let lines: Vec<&str> = text.lines().collect();
            lines[..lines.len() - 2].join("\n") + "\n"
        });
        let (code, said) = merge(&bench, &parts, "cut");
        let named = said.contains(&path.display().to_string()) && said.contains("hint: it was edited, cut short");
        assert!(code == Some(2) && named, "{table}: {said}");
        fs::write(&path, own).unwrap();
    }
    assert_eq!(merge(&bench, &parts, "whole").0, Some(0));
}

/// Each part has each policy once: sums over parts that do not are sums of something else.
#[test]
fn a_policy_that_one_part_alone_has_is_refused_and_not_left_out() {
    for (at, told) in [(0, "policy ghost is missing"), (1, "policy ghost is in no earlier part")] {
        let bench = Bench::new();
        let parts = two_parts(&bench);
        edit(&parts[at], "losses_by_policy.csv", true, |text| text + "ghost,12.00,50,0.24\n");
        let (code, said) = merge(&bench, &parts, "ghost");
        assert!(code == Some(2) && said.contains(told) && said.contains("hint:"), "{said}");
    }
    let bench = Bench::new();
    let parts = two_parts(&bench);
    edit(&parts[1], "losses_by_policy.csv", true, |text| text.clone() + text.lines().nth(1).unwrap() + "\n");
    let (code, said) = merge(&bench, &parts, "twice");
    assert!(code == Some(2) && said.contains("is there twice"), "{said}");
}

/// What parts are put together to says of itself what the whole does. Parts with another seed, event, treaty, rate, severity or table
/// are of another projection; years must not be there twice, nor be left out.
#[test]
fn parts_are_put_together_only_to_the_projection_that_they_are_of() {
    let bench = Bench::new();
    let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/events/aws-us-east-1-2025.toml");
    let event = fs::read_to_string(event).unwrap().replacen("mean = 0.2", "mean = 0.3", 1);
    fs::write(bench.dir.join("often.toml"), event).unwrap();
    fs::write(bench.dir.join("more.toml"), PROGRAMME.replacen("ceded = 0.2", "ceded = 0.3", 1)).unwrap();
    let common = "--mode catalogue --csv --programme DIR/programme.toml";
    let part = |arguments: &str, out: &str| bench.project(&EVENTS[..1], arguments, out).display().to_string();
    let first = part(&format!("{common} --years 1..500"), "first");
    let second = part(&format!("{common} --years 501..1000"), "second");
    let whole = part(&format!("{common} --years 1..1000"), "whole");
    stdout(&["merge", &first, &second, "--out", &bench.at("merged")]);
    assert_eq!(json(&bench.dir.join("merged/manifest.json")), json(&Path::new(&whole).join("manifest.json")));
    let told = json(&Path::new(&whole).join("manifest.json"));
    assert_eq!(told["configuration"]["event"], serde_json::json!([EVENTS[0]]), "flags after defaults: {told}");
    assert_eq!(told["rates"], serde_json::json!({}), "{told}");
    let severity = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/severity/claims-2025.toml");
    let severity = fs::read_to_string(severity).unwrap();
    fs::create_dir_all(bench.dir.join("own/severity")).unwrap();
    fs::write(bench.dir.join("own/severity/own.toml"), severity.replacen("cap = ", "cap = 2", 1)).unwrap();
    for (at, (arguments, told)) in [
        ("--years 501..1000 --seed 2", "not parts of one projection"),
        ("--years 501..1000 --event DIR/often.toml", "not parts of one projection"),
        ("--years 501..1000 --claims", "not parts of one projection"),
        ("--years 501..1000 --rate EUR=1.1", "not parts of one projection"),
        ("--years 501..1000 --data DIR/own", "not parts of one projection"),
        ("--years 501..1000 --programme DIR/more.toml", "not parts of one projection"),
        ("--years 500..1000", "ends with year 500"),
        ("--years 502..1000", "ends with year 500"),
    ]
    .into_iter()
    .enumerate()
    {
        let own = if arguments.contains("more.toml") {
            common.replace(" --programme DIR/programme.toml", "")
        } else {
            common.into()
        };
        let other = part(&format!("{own} {arguments}"), &format!("other-{at}"));
        let done = run(&["merge", &first, &other, "--out", &bench.at("never")]);
        assert!(
            done.status.code() == Some(2) && text(&done.stderr).contains(told),
            "{arguments}: {}",
            text(&done.stderr)
        );
        assert!(!bench.dir.join("never/losses.csv").exists(), "{arguments}");
    }
}

/// In scenario mode each trial has one occurrence of each event. In catalogue mode, of N years: the number of an event's
/// occurrences is Poisson with N × its frequency (0.2, 0.04 and 0.05), within four standard deviations; days rise within a
/// year and are spread evenly over it.
#[test]
fn occurrences_follow_their_frequencies_and_have_dates() {
    let bench = Bench::new();
    let trials = rows(&bench.project(&EVENTS, "--years 50 --csv", "s").join("occurrences.csv"));
    assert_eq!(trials.len(), 150);
    assert!(trials.iter().all(|row| row["day"].is_empty()));
    let n = 20_000.0;
    let out = bench.project(&EVENTS, "--mode catalogue --years 20000 --csv", "c");
    let occurrences = rows(&out.join("occurrences.csv"));
    for (event, frequency) in EVENTS.into_iter().zip([0.2, 0.04, 0.05]) {
        let found = occurrences.iter().filter(|row| row["event"] == event).count() as f64;
        assert!((found - n * frequency).abs() < 4.0 * (n * frequency).sqrt(), "{event}: {found}");
    }
    let place = |row: &BTreeMap<String, String>| ["year", "occurrence", "day"].map(|column| number(row, column) as i64);
    for pair in occurrences.windows(2) {
        let ([year, number, day], [next, after, later]) = (place(&pair[0]), place(&pair[1]));
        let right = if year == next { after == number + 1 && later >= day } else { next > year && after == 1 };
        assert!(right && (1..=365).contains(&day), "{pair:?}");
    }
    let mean = occurrences.iter().map(|row| number(row, "day")).sum::<f64>() / occurrences.len() as f64;
    let error = 365.0 / (12.0 * occurrences.len() as f64).sqrt();
    assert!((mean - 183.0).abs() < 4.0 * error, "{mean} ± {error}");
    let last = occurrences.iter().map(|row| number(row, "day") as i64).max();
    assert!(last > Some(360), "a year has 365 days: {last:?}");
    assert_eq!(rows(&out.join("losses.csv")).len(), 20_000, "years without an occurrence are there");
}

/// Two half-books, each insured in one of them, add up year by year to the whole, from the ground up and gross.
#[test]
fn two_half_books_are_the_whole() {
    let bench = Bench::new();
    let text = fs::read_to_string(bench.dir.join("moveit-2023.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let place = lines[0].split(',').position(|name| name == "insured_id").unwrap();
    for (name, half) in [("left", 0), ("right", 1)] {
        let own = |line: &&&str| line.split(',').nth(place).unwrap().bytes().map(u32::from).sum::<u32>() % 2 == half;
        let rows: Vec<&str> = lines[1..].iter().filter(own).copied().collect();
        assert!(rows.len() > 500, "{}", rows.len());
        fs::write(bench.dir.join(format!("{name}.csv")), format!("{}\n{}\n", lines[0], rows.join("\n"))).unwrap();
    }
    let [left, right, whole] = ["left", "right", "moveit-2023"]
        .map(|name| rows(&bench.project(&[name], "--years 2000 --csv", &format!("{name}-out")).join("losses.csv")));
    for ((left, right), whole) in left.iter().zip(&right).zip(&whole) {
        for column in ["ground_up", "gross"] {
            assert_eq!(cents(left, column) + cents(right, column), cents(whole, column), "{whole:?}");
        }
    }
}

/// The same book in a currency of which a hundred make a dollar: every result a hundred times as large, to the half cent a
/// claim that rounding takes.
#[test]
fn money_times_a_hundred_makes_every_result_a_hundred_times_as_large() {
    let bench = Bench::new();
    let mut reader = csv::Reader::from_path(bench.dir.join("moveit-2023.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(bench.dir.join("hundred.csv")).unwrap();
    writer.write_record(&header).unwrap();
    let money = ["limit", "premium", "limit_at_stake", "annual_revenue", "aggregate_limit", "retention", "attachment"];
    for record in reader.records().map(Result::unwrap) {
        let cells = header.iter().zip(&record).map(|(name, cell)| match name {
            "currency" => "JPY".to_string(),
            "coverage_terms" => cell
                .split(' ')
                .map(|word| {
                    word.trim_end_matches(';').parse::<f64>().map_or(word.to_string(), |x| {
                        format!("{}{}", x * 100.0, if word.ends_with(';') { ";" } else { "" })
                    })
                })
                .collect::<Vec<_>>()
                .join(" "),
            _ if money.contains(&name) && !cell.is_empty() => (cell.parse::<f64>().unwrap() * 100.0).to_string(),
            _ => cell.to_string(),
        });
        writer.write_record(cells).unwrap();
    }
    drop(writer);
    let plain = rows(&bench.project(&["moveit-2023"], "--years 2000 --csv", "plain").join("losses.csv"));
    let scaled = rows(&bench.project(&["hundred"], "--years 2000 --csv --rate USD=100", "scaled").join("losses.csv"));
    for (plain, scaled) in plain.iter().zip(&scaled) {
        for column in ["ground_up", "gross", "net"] {
            let error = (cents(plain, column) * 100 - cents(scaled, column)).abs() as f64;
            assert!(error <= 60.0 * (number(plain, "hits") * 9.0 + 1.0), "{column}: {plain:?} {scaled:?}");
        }
        assert_eq!((&plain["hits"], &plain["claims"]), (&scaled["hits"], &scaled["claims"]));
    }
}

/// A tenth of an incident a policy-year, of which a fifth comes through vendors: 0.02 hits a year an insured, whatever the
/// events' own frequencies; twice that where the table says twice. Within four standard errors of the simulation.
#[test]
fn events_are_as_frequent_as_incident_statistics_say() {
    let bench = Bench::new();
    let exposures = rows(&bench.dir.join("moveit-2023.csv"));
    let insureds =
        exposures.iter().map(|row| &row["insured_id"]).collect::<std::collections::BTreeSet<_>>().len() as f64;
    fs::create_dir(bench.dir.join("own")).unwrap();
    fs::write(bench.dir.join("own/vendor_share.csv"), "by,group,share\nall,all,0.2\n").unwrap();
    for rate in [0.1, 0.2] {
        let models = format!("cause,revenue_band,industry,rate\nall,all,all,{rate}\n");
        fs::write(bench.dir.join("own/frequency_models.csv"), models).unwrap();
        let arguments = "--mode catalogue --years 20000 --csv --frequencies DIR/own";
        let years = rows(&bench.project(&EVENTS, arguments, &format!("f-{rate}")).join("losses.csv"));
        let hits: Vec<f64> = years.iter().map(|row| number(row, "hits")).collect();
        let n = hits.len() as f64;
        let mean = hits.iter().sum::<f64>() / n;
        let error = (hits.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n / n).sqrt();
        assert!((mean - insureds * rate * 0.2).abs() < 4.0 * error, "{mean} ± {error}, {}", insureds * rate * 0.2);
    }
}

/// Whatever the table of a projection is called, an input of that name in its folder is not written over: neither is the manifest,
/// nor the event, the programme, models or frequencies by the rejects.
#[test]
fn what_a_projection_reads_is_not_written_over() {
    let bench = Bench::new();
    let all = "--programme DIR/programme.toml --claims --policy-metrics --years 20 --csv";
    let mut names = vec!["manifest.json".to_string()];
    for mode in ["scenario", "catalogue"] {
        let out = bench.project(&EVENTS[2..], &format!("{all} --mode {mode}"), mode);
        names.extend(results(&out).into_iter().map(|(name, _)| name));
    }
    assert!(names.len() == 1 + 2 * 7, "{names:?}");
    fs::create_dir(bench.dir.join("own")).unwrap();
    let exposure = fs::read(bench.dir.join("moveit-2023.csv")).unwrap();
    let refused = |read: &Path, arguments: &[&str]| {
        let before = fs::read(read).unwrap();
        let done = run(&[&["project"][..], arguments, &["--years", "20", "--csv"]].concat());
        let said = text(&done.stderr);
        assert!(done.status.code() == Some(2) && said.contains("would be written over"), "{arguments:?}: {said}");
        assert_eq!(fs::read(read).unwrap(), before, "{arguments:?}");
    };
    for name in names {
        let path = bench.dir.join("own").join(&name);
        fs::write(&path, &exposure).unwrap();
        refused(&path, &[&path.display().to_string(), "--out", &bench.at("own")]);
        fs::remove_file(&path).unwrap();
    }
    let table = bench.at("moveit-2023.csv");
    for (name, flag) in [
        ("severity_models.csv", "--models"),
        ("vendor_share.csv", "--frequencies"),
        ("frequency_models.csv", "--frequencies"),
        ("event.toml", "--event"),
        ("treaties.toml", "--programme"),
    ] {
        let path = bench.dir.join("own").join(name);
        fs::write(&path, "mine").unwrap();
        let (own, rejects) = (path.display().to_string(), bench.at(&format!("own/../own/{name}")));
        let given = if flag == "--frequencies" { bench.at("own") } else { own };
        refused(&path, &[&table, "--out", &bench.at("out"), flag, &given, "--rejects", &rejects]);
    }
}

#[test]
fn wrong_wishes_are_refused_in_words() {
    let bench = Bench::new();
    let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/events/moveit-2023.toml");
    let event = fs::read_to_string(event).unwrap();
    let without = event.split_once("[frequency]").unwrap();
    let rest = without.1.split_once("\n\n").unwrap().1;
    fs::write(bench.dir.join("once.toml"), format!("{}{rest}", without.0)).unwrap();
    fs::write(bench.dir.join("often.toml"), event.replace("mean = 0.05", "mean = -1")).unwrap();
    let (exposure, out) = (bench.at("moveit-2023.csv"), bench.at("out"));
    for (arguments, told) in [
        (vec!["--event", "once.toml", "--mode", "catalogue"], "no frequency"),
        (vec!["--event", "often.toml"], "frequency: mean must lie above 0"),
        (vec!["--event", "dyn-2016"], "exposure to event \"moveit-2023\", which is not simulated"),
        (vec!["--years", "7..3"], "a number from 1 to"),
        (vec!["--parameter-uncertainty"], "--models"),
        (vec!["--mode", "catalogue", "--frequencies", "nowhere"], "no frequency_models.csv in the folder"),
    ] {
        let arguments =
            arguments.iter().map(|word| if word.ends_with(".toml") { bench.at(word) } else { word.to_string() });
        let all: Vec<String> = ["project".into(), exposure.clone()]
            .into_iter()
            .chain(arguments)
            .chain(["--out".into(), out.clone()])
            .collect();
        let done = run(&all);
        assert!(done.status.code() == Some(2) && text(&done.stderr).contains(told), "{told}: {}", text(&done.stderr));
        assert!(!Path::new(&out).join("losses.parquet").exists());
    }
}
