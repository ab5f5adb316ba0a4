//! `terms` and `reinsure` on losses written by hand, as their user has them.

use std::fs;
use std::path::PathBuf;

use crate::command::{json, rows, run, stdout, text};

type Row = std::collections::BTreeMap<String, String>;

/// A folder with files in which the program is run.
pub struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    /// With these files, by name and content.
    pub fn new(files: &[(&str, &str)]) -> Bench {
        let bench = Bench { dir: tempfile::tempdir().unwrap() };
        files.iter().for_each(|(name, content)| fs::write(bench.path(name), content).unwrap());
        bench
    }

    /// Where a file is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs the program in the folder: names of files are as they are.
    pub fn run(&self, line: &str) -> std::process::Output {
        crate::command::program().current_dir(self.dir.path()).args(line.split(' ')).output().unwrap()
    }

    /// The same, which must succeed.
    pub fn does(&self, line: &str) {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
    }

    /// A table's cells of these columns, by row.
    pub fn cells(&self, name: &str, columns: &[&str]) -> Vec<String> {
        let cells = |row: Row| columns.iter().map(|c| row[*c].clone()).collect::<Vec<_>>().join(" ");
        rows(&self.path(name)).into_iter().map(cells).collect()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }
}

/// P1: 1 M, 1.5 M a year, retention 100,000, INRE deductible 10,000. P2: coinsurance 20 %, waiting 8 hours, qualifying;
/// annual sublimit of extortion 50,000. P3 and P4: two layers of one insured, 100 % and 50 %. P5: a wait of 8 hours that
/// is borne, an indemnity period of one day, a franchise of 10,000 in liability, most retention a year 30,000.
const POLICIES: &str = "\
policy_id,insured_id,domains,country,industry,currency,inception,expiry,limit,aggregate_limit,retention,attachment,share,coinsurance,waiting_hours,waiting_kind,indemnity_days,deductible_inre,sublimit_ext,annual_sublimits,deductible_lia,franchise,retention_aggregate
P1,I1,,US,622110,USD,2026-01-01,2027-01-01,1000000,1500000,100000,,,,,,,10000,,,,,
P2,I2,,GB,441110,GBP,2026-01-01,2027-01-01,5000000,,0,,,0.2,8,qualifying,,,50000,EXT,,,
P3,I3,,DE,,EUR,2026-01-01,2027-01-01,1000000,,,,,,,,,,,,,,
P4,I3,,DE,,EUR,2026-01-01,2027-01-01,1000000,,,1000000,0.5,,,,,,,,,,
P5,I5,,US,,USD,2026-01-01,2027-01-01,1000000,,20000,,,,8,retention,1,,,,10000,LIA,30000
";

const GROUND_UP: &str = "\
year,occurrence,policy_id,insured_id,coverage,loss,outage_hours
1,1,P1,,INRE,500000,
1,2,P1,,INRE,5000000,
1,3,P1,,INRE,600000,
1,3,P1,,liability,300000,
2,1,P2,,NPBI,200000,20
2,1,P2,,EXT,45000,
2,2,P2,,EXT,45000,
2,3,P2,,NPBI,200000,8
3,1,,I3,DIAS,1800000,
4,1,P5,,NPBI,200000,20
4,2,P5,,CBI,640000,64
4,3,P5,,LIA,10000,
4,4,P5,,LIA,10001,
";

/// By hand:
/// year 1: 500 − 10 − 100 = 390; limit 1,000; (590 + 300 − 100) = 790, of which 1,500 − 1,390 = 110 is left, allocated
/// 590 : 300 = 72,921.35 and 37,078.65.
/// year 2: 200 · 80 % + 45 · 80 % = 160 + 36; of the annual 50 of extortion 14 are left; an outage of 8 hours does not pass
/// a wait of 8.
/// year 3: 1,000 in the first layer, 800 · 50 % in the second.
/// year 4: 12 of 20 hours: 120 − 20 (of 30 a year: 10 are left); 64 hours − 8 = 56, of which 24 are indemnified: 240 − 10;
/// 10,000 is not above the franchise; 10,001 is, and no retention is left.
const GROSS: [&str; 14] = [
    "1 1 P1 INRE 390000",
    "1 2 P1 INRE 1000000",
    "1 3 P1 INRE 72921.35",
    "1 3 P1 LIA 37078.65",
    "2 1 P2 NPBI 160000",
    "2 1 P2 EXT 36000",
    "2 2 P2 EXT 14000",
    "2 3 P2 NPBI 0",
    "3 1 P3 DIAS 1000000",
    "3 1 P4 DIAS 400000",
    "4 1 P5 NPBI 100000",
    "4 2 P5 CBI 230000",
    "4 3 P5 LIA 0",
    "4 4 P5 LIA 10001",
];

const PLACE: [&str; 5] = ["year", "occurrence", "policy_id", "coverage", "gross"];

#[test]
fn terms_on_a_table_written_by_hand() {
    let bench = Bench::new(&[("policies.csv", POLICIES), ("losses.csv", GROUND_UP)]);
    bench.does("terms losses.csv --policies policies.csv --out gross.csv");
    assert_eq!(bench.cells("gross.csv", &PLACE), GROSS);
}

/// Coinsurance 20 % but none of extortion; a wait of 8 hours that is borne, of contingent business interruption 12 hours that
/// qualify, paid for a day. By hand, of outages of 20 hours and 200,000: (20 − 8) ÷ 20 · 200,000 · 80 % = 96,000; 200,000 · 80 %;
/// of one of 12 hours nothing; of one of 48 hours and 480,000, 24 hours · 10,000 · 80 %; extortion whole. The line of business
/// comes from the policy: a treaty on it takes half.
#[test]
fn a_coverage_has_coinsurance_and_a_wait_of_its_own_and_a_policy_its_line() {
    let bench = Bench::new(&[
        (
            "policies.csv",
            "policy_id,insured_id,domains,currency,inception,expiry,limit,aggregate_limit,coinsurance,coinsurance_ext,\
             waiting_hours,waiting_hours_cbi,waiting_kind_cbi,indemnity_days_cbi,line\n\
             P,I,,USD,2026-01-01,2027-01-01,1000000,9000000,0.2,0,8,12,qualifying,1,cyber\n",
        ),
        (
            "losses.csv",
            "year,occurrence,policy_id,coverage,loss,outage_hours\n1,1,P,NPBI,200000,20\n1,2,P,CBI,200000,20\n\
             1,3,P,CBI,120000,12\n1,4,P,CBI,480000,48\n1,5,P,EXT,1000,\n",
        ),
        (
            "programme.toml",
            "[[treaty]]\nname = \"half\"\nkind = \"quota_share\"\nceded = 0.5\nscope = { lines = [\"cyber\"] }\n",
        ),
    ]);
    bench.does("terms losses.csv --policies policies.csv --out gross.csv");
    let want = ["1 1 P NPBI 96000", "1 2 P CBI 160000", "1 3 P CBI 0", "1 4 P CBI 192000", "1 5 P EXT 1000"];
    assert_eq!(bench.cells("gross.csv", &PLACE), want);
    bench.does("reinsure gross.csv --policies policies.csv --programme programme.toml --out net.csv");
    assert_eq!(bench.cells("net.csv", &["occurrence", "net"]), ["1 48000", "2 80000", "3 0", "4 96000", "5 500"]);
}

/// Two policies of one insured, 100,000 a claim and a year; the second gives no liability. By hand, of 90,000 under incident
/// response both pay 45,000, twice in the year: 10,000 of each aggregate are left. Of a third loss, 60,000 of liability, the
/// first alone pays those 10,000.
#[test]
fn policies_of_one_insured_contribute_coverage_by_coverage_through_the_year() {
    let bench = Bench::new(&[
        (
            "policies.csv",
            "policy_id,insured_id,domains,currency,inception,expiry,limit,sublimit_lia\n\
             A,I,,USD,2026-01-01,2027-01-01,100000,\nB,I,,USD,2026-01-01,2027-01-01,100000,0\n",
        ),
        (
            "losses.csv",
            "year,occurrence,insured_id,coverage,loss\n1,1,I,INRE,90000\n1,2,I,INRE,90000\n1,3,I,LIA,60000\n",
        ),
    ]);
    bench.does("terms losses.csv --policies policies.csv --out gross.csv");
    let want = [
        "1 1 A INRE 45000",
        "1 1 B INRE 45000",
        "1 2 A INRE 45000",
        "1 2 B INRE 45000",
        "1 3 A LIA 10000",
        "1 3 B LIA 0",
    ];
    assert_eq!(bench.cells("gross.csv", &PLACE), want);
}

#[test]
fn rows_in_any_order_and_parquet_give_the_same_bytes() {
    let mut lines: Vec<&str> = GROUND_UP.lines().collect();
    lines[1..].reverse();
    let bench = Bench::new(&[
        ("policies.csv", POLICIES),
        ("losses.csv", GROUND_UP),
        ("reversed.csv", &lines.join("\n")),
        ("programme.toml", PROGRAMME),
    ]);
    bench.does("terms losses.csv --policies policies.csv --out gross.csv");
    bench.does("terms reversed.csv --policies policies.csv --out reversed-gross.csv");
    assert_eq!(bench.bytes("gross.csv"), bench.bytes("reversed-gross.csv"));
    bench.does("terms reversed.csv --policies policies.csv --out gross.parquet");
    let rates = "--rate EUR=1.1 --rate GBP=1.25";
    let mut reversed: Vec<String> =
        fs::read_to_string(bench.path("gross.csv")).unwrap().lines().map(str::to_string).collect();
    reversed[1..].reverse();
    fs::write(bench.path("reversed-gross.csv"), reversed.join("\n")).unwrap();
    for (gross, net) in [("gross.csv", "a"), ("reversed-gross.csv", "b"), ("gross.parquet", "c")] {
        bench.does(&format!(
            "reinsure {gross} --programme programme.toml {rates} --out {net}.csv --ceded {net}-ceded.csv"
        ));
        assert_eq!(bench.bytes("a.csv"), bench.bytes(&format!("{net}.csv")), "{gross}");
        assert_eq!(bench.bytes("a-ceded.csv"), bench.bytes(&format!("{net}-ceded.csv")), "{gross}");
    }
}

/// A facultative 50 % of P2, a surplus above a line of 500,000, a cat layer in euro with a paid reinstatement, and an
/// aggregate excess for hospitals in the United States.
const PROGRAMME: &str = r#"
[[treaty]]
name = "Fac"
kind = "facultative"
placed = 0.5
scope = { policies = ["P2"] }

[[treaty]]
name = "Surplus"
kind = "surplus"
inuring = 2
retained_line = 500_000
lines = 1
scope = { countries = ["US", "DE"] }

[[treaty]]
name = "Cat"
kind = "event_excess"
inuring = 3
currency = "EUR"
occurrence_attachment = 100_000
occurrence_limit = 300_000
reinstatements = [1.0]
premium = 30_000
placed = 0.8

[[treaty]]
name = "Stop"
kind = "aggregate_excess"
inuring = 4
annual_deductible = 250_000
annual_limit = 1_000_000
scope = { industries = ["62"], countries = ["US"] }
"#;

/// By hand, in thousands of dollars (1 EUR = 1.1, 1 GBP = 1.25); the cat layer is 330 excess of 110, premium 33.
/// 1.1: 390; surplus 500 ÷ 1,000 = 195; cat 195 − 110 = 85 · 80 % = 68, premium 85 ÷ 330 · 33 · 80 % = 6.8; net 127, to the
///      aggregate excess 127 of 250.
/// 1.2: 1,000; 500; cat 500 − 110 = 390, at most 330: 264; premium: 245 of 330 are still to be reinstated once, but
///      reinstated is what is paid: 85 + 330 = 415 is more than 330: 245 ÷ 330 · 33 · 80 % = 19.6; net 236; aggregate
///      127 + 236 = 363 − 250 = 113.
/// 1.3: 110; 55; nothing above 110; aggregate 55.
/// 2.1: 160 + 36 GBP = 245; 122.5; cat 12.5 · 80 % = 10; premium 12.5 ÷ 330 · 33 · 80 % = 1.
/// 3.1: 1,000 EUR = 1,100 of a sum insured of 1,100, of which 500 are ceded; 400 EUR = 440 of a sum insured of 50 % of
///      1,100 = 550, of which 50 lie above the line: 440 · 50 ÷ 550 = 40.
const CEDED: [&str; 14] = [
    "1 1 Surplus 195000 0",
    "1 1 Cat 68000 6800",
    "1 1 Stop 0 0",
    "1 2 Surplus 500000 0",
    "1 2 Cat 264000 19600",
    "1 2 Stop 113000 0",
    "1 3 Surplus 55000 0",
    "1 3 Cat 0 0",
    "1 3 Stop 55000 0",
    "2 1 Fac 122500 0",
    "2 1 Cat 10000 1000",
    "2 2 Fac 8750 0",
    "2 2 Cat 0 0",
    "3 1 Surplus 540000 0",
];

#[test]
fn a_programme_on_a_table_written_by_hand() {
    let bench = Bench::new(&[("policies.csv", POLICIES), ("losses.csv", GROUND_UP), ("programme.toml", PROGRAMME)]);
    bench.does("terms losses.csv --policies policies.csv --out gross.csv");
    bench.does(
        "reinsure gross.csv --programme programme.toml --rate EUR=1.1 --rate GBP=1.25 --out net.csv --ceded ceded.csv",
    );
    let ceded = bench.cells("ceded.csv", &["year", "occurrence", "treaty", "ceded", "reinstatement_premium"]);
    assert_eq!(ceded[..CEDED.len()], CEDED);
    for row in rows(&bench.path("net.csv")) {
        let [gross, ceded, net] = ["gross", "ceded", "net"].map(|c| (row[c].parse::<f64>().unwrap() * 100.0).round());
        assert!(gross == ceded + net && net >= 0.0 && ceded >= 0.0, "{row:?}");
    }
    // What losses leave blank comes from the policies: three columns are enough.
    let plain: Vec<String> = GROSS.iter().map(|row| row.replace(' ', ",")).collect();
    let plain = format!("year,occurrence,policy_id,coverage,gross\n{}", plain.join("\n"));
    fs::write(bench.path("plain.csv"), plain).unwrap();
    bench.does(
        "reinsure plain.csv --policies policies.csv --programme programme.toml --rate EUR=1.1 --rate GBP=1.25 --out again.csv",
    );
    assert_eq!(bench.bytes("net.csv"), bench.bytes("again.csv"));
}

/// OED's annual and reinstatement fields: 300 excess of 200, one reinstatement at 50 % of a premium of 60, 90 % placed.
/// Losses of 400 and 600: 200 and 300 to the layer, of 600; reinstated 200 and 100: 200 ÷ 300 · 60 · 50 % · 90 % = 18, then 9.
/// The aggregate excess of Germany's losses: nothing.
#[test]
fn oed_reinsurance_files_with_reinstatements() {
    let info = "ReinsNumber,ReinsName,OccLimit,OccAttachment,AggLimit,AggAttachment,PlacedPercent,InuringPriority,ReinsType,Reinstatement,ReinstatementCharge,ReinsPremium\n\
        1,Cat,300,200,0,0,0.9,1,CXL,1,0.5,60\n2,Stop,0,0,50,10,1,2,AXL,,,\n";
    let scope = "ReinsNumber,PortNumber,AccNumber,CountryCode\n1,1,,\n2,1,,DE\n";
    let gross = "year,occurrence,policy_id,country,gross\n1,1,P,US,400\n1,2,P,US,600\n";
    let bench = Bench::new(&[("info.csv", info), ("scope.csv", scope), ("gross.csv", gross)]);
    bench.does("reinsure gross.csv --reins-info info.csv --reins-scope scope.csv --out net.csv --ceded ceded.csv");
    let ceded = bench.cells("ceded.csv", &["occurrence", "treaty", "layer", "ceded", "reinstatement_premium"]);
    assert_eq!(ceded, ["1 1 Cat 200 180 18", "2 1 Cat 300 270 9"]);
}

#[test]
fn bad_rows_are_rejects_and_strict_writes_nothing() {
    let nasty = "\
year,occurrence,policy_id,insured_id,coverage,loss,outage_hours
1,1,P1,,INRE,1000,
1,1,P1,,INRE,-5,
1,1,P1,,INRE,NaN,
1,1,P1,,INRE,1e400,
1,1,P1,,INRE,80000000000000000,
1,x,P1,,INRE,5,
-1,1,P1,,INRE,5,
1,1,P1,,CYB,5,
1,1,Q1,,INRE,5,
1,1,,,INRE,5,
1,1,P1,,INRE
1,1,P1,,NPBI,5,-1
1,9223372036854775807,P1,,INRE,2000000,
";
    let bench = Bench::new(&[("policies.csv", POLICIES), ("losses.csv", nasty), ("programme.toml", PROGRAMME)]);
    let strict = bench.run("terms losses.csv --policies policies.csv --out gross.csv --strict");
    assert_eq!((strict.status.code(), bench.path("gross.csv").exists()), (Some(1), false), "{}", text(&strict.stderr));
    bench.does("terms losses.csv --policies policies.csv --out gross.csv --rejects rejects.csv");
    assert_eq!(
        bench.cells("rejects.csv", &["line", "rule"]),
        [
            "3 must not be negative",
            "4 not a number",
            "5 not a number",
            "6 the losses of the year add up to more than can be counted",
            "7 not a whole number of at least zero",
            "8 not a whole number of at least zero",
            "9 not a coverage",
            "10 not in the book",
            "11 neither a policy nor an insured is given",
            "12 5 cells where the header has 7",
            "13 must not be negative",
        ]
    );
    assert_eq!(bench.cells("gross.csv", &["occurrence", "gross"]), ["1 0", "9223372036854775807 1000000"]);
    let gross = "year,occurrence,policy_id,currency,gross\n1,1,P,USD,20000000000000000\n1,2,P,USD,20000000000000000\n1,3,P,JPY,5\n";
    fs::write(bench.path("huge.csv"), gross).unwrap();
    bench.does(
        "reinsure huge.csv --programme programme.toml --rate EUR=1.1 --out net.csv --rejects rejects.csv --ceded c.csv",
    );
    assert_eq!(
        bench.cells("rejects.csv", &["line", "rule"]),
        ["3 the losses of the year add up to more than can be counted", "4 no rate into the reporting currency USD",]
    );
    fs::remove_file(bench.path("net.csv")).unwrap();
    fs::remove_file(bench.path("c.csv")).unwrap();
    let strict =
        bench.run("reinsure huge.csv --programme programme.toml --rate EUR=1.1 --out net.csv --ceded c.csv --strict");
    assert_eq!(strict.status.code(), Some(1));
    assert!(!bench.path("net.csv").exists() && !bench.path("c.csv").exists());
}

#[test]
fn treaties_that_can_not_be_read_stop_the_run() {
    let gross = "year,occurrence,policy_id,gross\n1,1,P,400\n";
    let scope = "ReinsNumber,AccNumber,ReinsTag\n1,,\n";
    let info = "ReinsNumber,PlacedPercent,InuringPriority,ReinsType,OccFranchiseDed\n1,1,1,QS,\n";
    for (info, scope, rule) in [
        (info.replace("QS", "XXX"), scope.to_string(), "not a type of treaty"),
        (info.replace("QS,", "QS,5"), scope.to_string(), "OccFranchiseDed"),
        (info.replace(",1,1,QS", ",2,1,QS"), scope.to_string(), "PlacedPercent"),
        (info.to_string(), scope.replace("1,,", "1,,tag"), "ReinsTag"),
        (info.to_string(), scope.replace("1,,", "2,,"), "ReinsNumber 1 has no row"),
        (info.to_string(), format!("{scope}2,,\n"), "ReinsNumber 2 is not in"),
    ] {
        let bench = Bench::new(&[("gross.csv", gross), ("info.csv", &info), ("scope.csv", &scope)]);
        let output = bench.run("reinsure gross.csv --reins-info info.csv --reins-scope scope.csv --out net.csv");
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(rule) && !told.contains("panicked"), "{told}");
        assert!(!told.contains("set aside"), "every row counts: {told}");
        assert!(!bench.path("net.csv").exists());
    }
    let bench = Bench::new(&[("gross.csv", gross), ("p.toml", "[[treaty]]\nname = 'A'\nplacd = 1.0\n")]);
    let told = text(&bench.run("reinsure gross.csv --programme p.toml --out net.csv").stderr);
    assert!(told.contains("p.toml:3:1") && told.contains("did you mean `placed`?"), "{told}");
    assert_eq!(bench.run("reinsure gross.csv --out net.csv").status.code(), Some(2));
}

#[test]
fn what_the_tables_and_the_programme_hold_can_be_looked_up() {
    let tables = stdout(&["schema", "tables"]);
    for table in ["ground-up losses", "gross losses", "net losses", "ceded losses", "OED reinsurance info"] {
        assert!(tables.contains(table), "{table}");
    }
    assert!(stdout(&["schema", "programme"]).contains("annual_deductible"));
    for (name, table) in [("gross-losses", "gross losses"), ("OED reinsurance scope", "OED reinsurance scope")] {
        let one: serde_json::Value = serde_json::from_str(&stdout(&["schema", "tables", name])).unwrap();
        assert_eq!(one["table"], table);
    }
    let told = text(&run(&["schema", "tables", "gross-loss"]).stderr);
    assert!(told.contains("did you mean `gross losses`?"), "{told}");
    assert_eq!(run(&["schema", "programme", "gross losses"]).status.code(), Some(2));
    for (command, told) in [("terms", "All policies are taken as in force"), ("reinsure", "docs/treaties.md")] {
        let help = stdout(&[command, "--help"]);
        assert!(help.contains(told) && help.contains("Bring your own losses"), "{help}");
    }
}

/// By hand, in thousands. P6: coinsurance before sublimit, 100 · 80 % = 80, at most 60. P7, half of 100 a year: 80 and the 20
/// that are left of 100 % of the layer; the next year begins anew. P8 and half of P9 see a loss of 90 from the ground up:
/// they would pay 90 and 45, and contribute 90 ÷ 135 of it.
#[test]
fn what_the_first_table_does_not_tell_apart() {
    let policies = "\
policy_id,insured_id,domains,currency,inception,expiry,limit,share,coinsurance,sublimit_ext
P6,I6,,USD,2026-01-01,2027-01-01,1000000,,0.2,60000
P7,I7,,USD,2026-01-01,2027-01-01,100000,0.5,,
P8,I8,,USD,2026-01-01,2027-01-01,1000000,,,
P9,I8,,USD,2026-01-01,2027-01-01,1000000,0.5,,
";
    let losses = "\
year,occurrence,policy_id,insured_id,coverage,loss
1,1,P6,,EXT,100000
1,1,P7,,EXT,80000
1,2,P7,,EXT,80000
2,1,P7,,EXT,80000
2,1,,I8,EXT,90000
";
    let bench = Bench::new(&[("policies.csv", policies), ("losses.csv", losses)]);
    bench.does("terms losses.csv --policies policies.csv --out gross.csv");
    assert_eq!(
        bench.cells("gross.csv", &["year", "occurrence", "policy_id", "gross"]),
        ["1 1 P6 60000", "1 1 P7 40000", "1 2 P7 10000", "2 1 P7 40000", "2 1 P8 60000", "2 1 P9 30000"]
    );
}

/// A surplus cedes 30 % of A and 60 % of B, each 100; of the 110 that are left, a reinsurer has 40 % of half of a quota share: 22.
#[test]
fn shares_by_risk_and_a_share_of_a_treaty() {
    let programme = r#"
[[treaty]]
name = "Surplus"
kind = "surplus"
[[treaty.cession]]
ceded = 0.3
scope = { policies = ["A"] }
[[treaty.cession]]
ceded = 0.6
scope = { policies = ["B"] }

[[treaty]]
name = "Quota"
inuring = 2
placed = 0.5
treaty_share = 0.4
"#;
    let gross = "year,occurrence,policy_id,gross\n1,1,A,100\n1,1,B,100\n";
    let bench = Bench::new(&[("gross.csv", gross), ("programme.toml", programme)]);
    bench.does("reinsure gross.csv --programme programme.toml --out net.csv --ceded ceded.csv");
    assert_eq!(bench.cells("net.csv", &["policy_id", "net"]), ["A 56", "B 32"]);
    assert_eq!(bench.cells("ceded.csv", &["treaty", "ceded"]), ["Surplus 90", "Quota 22"]);
}

/// Beside the file that the user named: flags, every input with its account, every output with its hash; the same bytes again
/// for the same run. A run that writes nothing leaves the earlier one's files and manifest.
#[test]
fn terms_and_reinsure_write_a_manifest_beside_their_table() {
    let treaty = "[[treaty]]\nname = \"A\"\nplaced = 0.5\nscope = { policies = ['P1', 'P77'] }\n";
    let bad = format!("{GROUND_UP}x,1,P1,,INRE,1,\n");
    let bench = Bench::new(&[("policies.csv", POLICIES), ("g.csv", GROUND_UP), ("bad.csv", &bad), ("p.toml", treaty)]);
    let hash = |name: &str| blastradius::input::sha256(&bench.path(name)).unwrap();
    let of = |value: &serde_json::Value, key: &str| -> Vec<String> {
        value.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_string()).collect()
    };
    let terms = "terms bad.csv --policies policies.csv --rejects r.csv --out gross.csv";
    let rates = "--rate GBP=1.3 --rate EUR=1.1";
    let reinsure =
        format!("reinsure gross.csv --policies policies.csv --programme p.toml --ceded c.csv --out net.csv {rates}");
    for (line, out, inputs, outputs) in [
        (terms, "gross.csv", vec!["bad.csv", "policies.csv"], vec!["r.csv", "gross.csv"]),
        (&reinsure, "net.csv", vec!["gross.csv", "policies.csv", "p.toml"], vec!["net.csv", "c.csv"]),
    ] {
        bench.does(line);
        let name = format!("{out}.manifest.json");
        let manifest = json(&bench.path(&name));
        assert_eq!(manifest["engine"], "blastradius");
        assert_eq!(manifest["command"], line.split(' ').next().unwrap());
        assert_eq!(manifest["configuration"]["out"], out);
        for (told, names) in [(&manifest["inputs"], inputs), (&manifest["outputs"], outputs)] {
            assert_eq!(of(told, "file"), names);
            assert_eq!(of(told, "sha256"), names.iter().map(|name| hash(name)).collect::<Vec<_>>());
        }
        let rows = &manifest["inputs"][0];
        assert_eq!(rows["rows"].as_u64(), Some(rows["used"].as_u64().unwrap() + rows["set_aside"].as_u64().unwrap()));
        let before = bench.bytes(&name);
        bench.does(line);
        assert!(before == bench.bytes(&name), "another run, other bytes");
    }
    let warnings = &json(&bench.path("net.csv.manifest.json"))["warnings"];
    assert!(warnings[0].as_str().unwrap().contains("P77"), "{warnings}");
    let before = (bench.bytes("gross.csv"), bench.bytes("gross.csv.manifest.json"));
    assert_eq!(bench.run(&format!("{terms} --strict")).status.code(), Some(1));
    assert!(before == (bench.bytes("gross.csv"), bench.bytes("gross.csv.manifest.json")));
    bench.does("metrics net.csv --out m");
    assert_eq!(json(&bench.path("m/manifest.json"))["command"], "metrics");
}

/// A loss that is one policy's is seen by no other of its insured. One of an insured with policies in several currencies is set aside,
/// and so is a loss in another currency than its policy's.
#[test]
fn a_loss_is_its_policys_own_and_in_its_currency() {
    let policies = "\
policy_id,insured_id,domains,currency,inception,expiry,limit
A,I,,USD,2026-01-01,2027-01-01,1000
B,I,,USD,2026-01-01,2027-01-01,1000
C,J,,USD,2026-01-01,2027-01-01,1000
D,J,,EUR,2026-01-01,2027-01-01,1000
";
    let losses = "\
year,occurrence,policy_id,insured_id,coverage,loss,currency
1,1,A,,INRE,100,
1,2,,I,INRE,100,USD
1,3,,J,INRE,100,
1,4,C,,INRE,100,EUR
";
    let bench = Bench::new(&[("policies.csv", policies), ("losses.csv", losses)]);
    bench.does("terms losses.csv --policies policies.csv --out gross.csv --rejects rejects.csv");
    assert_eq!(bench.cells("gross.csv", &PLACE), ["1 1 A INRE 100", "1 2 A INRE 50", "1 2 B INRE 50"]);
    assert_eq!(
        bench.cells("rejects.csv", &["line", "rule"]),
        ["4 the insured's policies are in several currencies", "5 the policy is in USD"]
    );
}

/// A policy's sum insured of 1,000 euro is 1,100 dollars, of which 550 lie above the line: half of a row in dollars is ceded, and half
/// of one in euro, which is 110 dollars.
#[test]
fn a_sum_insured_is_in_the_policys_currency_whatever_that_of_the_row() {
    let policies = "policy_id,insured_id,domains,currency,inception,expiry,limit\n\
        A,I,,EUR,2026-01-01,2027-01-01,1000\n";
    let gross = "year,occurrence,policy_id,currency,gross\n1,1,A,USD,100\n1,2,A,EUR,100\n";
    let programme = "[[treaty]]\nname = 'A'\nkind = 'surplus'\nretained_line = 550\nlines = 1\n";
    let bench = Bench::new(&[("policies.csv", policies), ("gross.csv", gross), ("p.toml", programme)]);
    bench.does("reinsure gross.csv --policies policies.csv --programme p.toml --rate EUR=1.1 --out net.csv");
    assert_eq!(bench.cells("net.csv", &["occurrence", "gross", "net"]), ["1 100 50", "2 110 55"]);
}

/// Losses of policy 1 (line X, 100) and policy 2 (line Y, 200) of one account, then 300 of policy 1. What a treaty takes of each
/// occurrence, and what its reinstatements cost.
#[test]
fn each_field_of_oed_reinsurance_files_says_its_own() {
    let gross =
        "year,occurrence,insured_id,policy_id,line,gross\n1,1,A,A/1/1,X,100\n1,1,A,A/2/1,Y,200\n1,2,A,A/1/1,X,300\n";
    let everything = "1,,,";
    for (terms, scope, want) in [
        // 50 % of 50 % of 40 %.
        ("ReinsType=QS,CededPercent=0.5,PlacedPercent=0.5,TreatyShare=0.4", everything, "30 0 30 0"),
        // 250 excess of 200: of 300, then of 600.
        ("ReinsType=AXL,AggAttachment=200,AggLimit=250", everything, "100 0 150 0"),
        // Above 150: of the account, or of each policy.
        ("ReinsType=PR,RiskAttachment=150,RiskLevel=ACC", everything, "150 0 150 0"),
        ("ReinsType=PR,RiskAttachment=150,RiskLevel=POL", everything, "50 0 150 0"),
        ("ReinsType=PR,RiskAttachment=150,RiskLevel=POL,RiskLimit=40", everything, "40 0 40 0"),
        ("ReinsType=QS", "1,,Y,", "200 0"),
        // A surplus has a share for each row.
        ("ReinsType=SS", "1,1,,0.5\n1,2,,0.25", "100 0 150 0"),
        // 100 euro are 110 dollars.
        ("ReinsType=CXL,OccAttachment=100,ReinsCurrency=EUR", everything, "190 0 190 0"),
        // 200 excess of 100, premium 60: not reinstated; once and free; twice, both at 50 % or the second at
        // 100 %.
        ("ReinsType=CXL,OccAttachment=100,OccLimit=200,ReinsPremium=60,Reinstatement=0", everything, "200 0 0 0"),
        ("ReinsType=CXL,OccAttachment=100,OccLimit=200,ReinsPremium=60,Reinstatement=1", everything, "200 0 200 0"),
        (
            "ReinsType=CXL,OccAttachment=100,OccLimit=200,ReinsPremium=60,Reinstatement=2,ReinstatementCharge=0.5",
            everything,
            "200 30 200 30",
        ),
        (
            "ReinsType=CXL,OccAttachment=100,OccLimit=200,ReinsPremium=60,Reinstatement=2,ReinstatementCharge=0.5;1",
            everything,
            "200 30 200 60",
        ),
    ] {
        let fields: std::collections::BTreeMap<&str, &str> =
            [("ReinsNumber", "1"), ("PlacedPercent", "1"), ("InuringPriority", "1")]
                .into_iter()
                .chain(terms.split(',').map(|field| field.split_once('=').unwrap()))
                .collect();
        let line = |cells: Vec<&str>| cells.join(",");
        let info =
            format!("{}\n{}\n", line(fields.keys().copied().collect()), line(fields.values().copied().collect()));
        let scope = format!("ReinsNumber,PolNumber,LOB,CededPercent\n{scope}\n");
        let bench = Bench::new(&[("gross.csv", gross), ("info.csv", &info), ("scope.csv", &scope)]);
        bench.does(
            "reinsure gross.csv --reins-info info.csv --reins-scope scope.csv --rate EUR=1.1 --out net.csv --ceded c.csv",
        );
        assert_eq!(bench.cells("c.csv", &["ceded", "reinstatement_premium"]).join(" "), want, "{terms}");
    }
    let info = "ReinsNumber,PlacedPercent,InuringPriority,ReinsType,AggPeriod\n1,1,1,QS,30\n";
    let bench = Bench::new(&[("gross.csv", gross), ("info.csv", info), ("scope.csv", "ReinsNumber\n1\n")]);
    let told =
        text(&bench.run("reinsure gross.csv --reins-info info.csv --reins-scope scope.csv --out net.csv").stderr);
    assert!(told.contains("AggPeriod") && told.contains("only a year is applied"), "{told}");
}
