//! The published validation suite of Oasis LMF, case by case through `terms` and `reinsure`.
//!
//! All cases of a file go through the program at once: each is an account of its own, in a year of its own. Recoveries are
//! compared within 1.5e-3 of their size or 1.0, whichever is larger: expected values went through single precision.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{rows, shared, stdout};

/// In the place of "no limit", where the engine asks for one.
const NO_LIMIT: f64 = 1e12;
const CODES: [&str; 9] = ["NPBI", "CBI", "DIAS", "EXT", "FIN", "INRE", "LIA", "REG", "ENO"];

fn cases(name: &str) -> Option<Vec<Value>> {
    let text = fs::read_to_string(shared("oracles/oasis")?.join(name)).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn assert_recovery(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= (1.5e-3 * expected.abs()).max(1.0),
        "{what}: {found} where {expected} is expected"
    );
}

/// Buckets as coverages: one without terms of its own is a part of one coverage without terms.
fn coverages(case: &Value) -> Vec<(f64, f64, Option<f64>)> {
    let own = |b: &Value| (number(&b["gross"]), number(&b["ded"]), b["limit"].as_f64());
    let all: Vec<_> = list(&case["buckets"]).iter().map(own).collect();
    assert!(list(&case["buckets"]).iter().all(|b| b["franchise"] == false));
    if all.len() <= CODES.len() {
        return all;
    }
    let (plain, mut with): (Vec<_>, Vec<_>) = all.into_iter().partition(|b| b.1 == 0.0 && b.2.is_none());
    with.push((plain.iter().map(|b| b.0).sum(), 0.0, None));
    assert!(with.len() <= CODES.len());
    with
}

fn ground_up(cases: &[(usize, &Value)]) -> String {
    let mut text = "year,occurrence,insured_id,coverage,loss\n".to_string();
    for (year, case) in cases {
        for (code, (loss, ..)) in CODES.iter().zip(coverages(case)) {
            writeln!(text, "{year},1,case-{year},{code},{loss}").unwrap();
        }
    }
    text
}

/// Sums of a column of a table by the columns named.
fn sums(path: &Path, by: &[&str], column: &str) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    for row in rows(path) {
        let key = by.iter().map(|name| row[*name].as_str()).collect::<Vec<_>>().join("|");
        *sums.entry(key).or_default() += row[column].parse::<f64>().unwrap();
    }
    sums
}

fn assert_terms(dir: &Path, cases: &[(usize, &Value)], policies: &str) {
    let at = |name: &str| dir.join(name).display().to_string();
    fs::write(dir.join("policies.csv"), policies).unwrap();
    fs::write(dir.join("ground_up.csv"), ground_up(cases)).unwrap();
    stdout(&["terms", &at("ground_up.csv"), "--policies", &at("policies.csv"), "--out", &at("gross.csv"), "--strict"]);
    let by_case = sums(&dir.join("gross.csv"), &["year"], "gross");
    let by_policy = sums(&dir.join("gross.csv"), &["policy_id"], "gross");
    for (year, case) in cases {
        let id = case["id"].as_str().unwrap();
        assert_recovery(by_case[&year.to_string()], number(&case["expected_net"]), id);
        for (layer, expected) in case["expected_by_layer"].as_object().unwrap() {
            let policy = format!("case-{year}/P/{layer}");
            assert_recovery(by_policy[&policy], number(expected), &format!("{id}, layer {layer}"));
        }
    }
}

/// Every case, as OED cyber accounts: 138 of them, 57 with terms of the account.
#[test]
fn policy_terms_agree_with_oasis_through_oed_accounts() {
    let Some(cases) = cases("terms.jsonl") else { return };
    let mut text = "AccNumber,AccCurrency,PolNumber,LayerNumber,PolInceptionDate,PolExpiryDate,LayerParticipation,\
        LayerLimit,LayerAttachment,PolDed,PolLimit6All,AccDed6All,AccLimit6All,AccParticipation"
        .to_string();
    CODES.iter().for_each(|code| write!(text, ",PolDed{code},PolLimit{code}").unwrap());
    text.push('\n');
    let cases: Vec<(usize, &Value)> = (1..).zip(&cases).collect();
    for (year, case) in &cases {
        for (layer, l) in (1..).zip(list(&case["layers"])) {
            let account = &case["account"];
            let fields = [
                number(&l["share"]),
                l["limit"].as_f64().unwrap_or(NO_LIMIT),
                number(&l["attachment"]),
                number(&l["policy_ded"]),
                l["policy_limit"].as_f64().unwrap_or(0.0),
                account["ded"].as_f64().unwrap_or(0.0),
                account["limit"].as_f64().unwrap_or(0.0),
                account["share"].as_f64().unwrap_or(1.0),
            ];
            write!(text, "case-{year},USD,P,{layer},2026-01-01,2027-01-01").unwrap();
            fields.iter().for_each(|field| write!(text, ",{field}").unwrap());
            let mut own = coverages(case).into_iter().map(|(_, ded, limit)| (ded, limit.unwrap_or(0.0)));
            for (ded, limit) in CODES.iter().map(|_| own.next().unwrap_or_default()) {
                write!(text, ",{ded},{limit}").unwrap();
            }
            text.push('\n');
        }
    }
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(cases.len(), 138);
    assert_terms(dir.path(), &cases, &text);
    let cyber = cases.iter().find(|(_, case)| case["id"] == "cyber/CyberPort/C1/1").unwrap().0;
    assert_allocation_to_the_cent(&dir.path().join("gross.csv"), cyber);
}

/// 80,500 back to nine coverages of which 90,000, 75,000 and seven times 100,000 came in: 80,500 · 90/865 = 8,375.7225,
/// · 75/865 = 6,979.7688, · 100/865 = 9,306.3584. Rounded one by one these are 80,500.01; in cents that add up, one of
/// the seven has a cent less.
fn assert_allocation_to_the_cent(gross: &Path, year: usize) {
    let own = sums(gross, &["year", "coverage"], "gross");
    let parts = CODES.map(|code| (own[&format!("{year}|{code}")] * 100.0).round() as i64);
    assert_eq!(parts.iter().sum::<i64>(), 8_050_000);
    assert_eq!(parts[..2], [837_572, 697_977]);
    let mut rest = parts[2..].to_vec();
    rest.sort_unstable();
    assert_eq!(rest, [930_635, 930_636, 930_636, 930_636, 930_636, 930_636, 930_636]);
}

/// The cases without terms of the account or a limit under the layers, in the engine's own columns.
#[test]
fn policy_terms_agree_with_oasis_through_the_engines_columns() {
    let Some(cases) = cases("terms.jsonl") else { return };
    let mut text =
        "policy_id,insured_id,domains,currency,inception,expiry,limit,retention,attachment,share".to_string();
    let lower = CODES.map(str::to_lowercase);
    lower.iter().for_each(|code| write!(text, ",deductible_{code},sublimit_{code}").unwrap());
    text.push('\n');
    let plain = |case: &&Value| {
        case.get("account").is_none() && list(&case["layers"]).iter().all(|l| l["policy_limit"].is_null())
    };
    let cases: Vec<(usize, &Value)> = (1..).zip(cases.iter().filter(plain)).collect();
    for (year, case) in &cases {
        for (layer, l) in (1..).zip(list(&case["layers"])) {
            let limit = l["limit"].as_f64().unwrap_or(NO_LIMIT);
            write!(text, "case-{year}/P/{layer},case-{year},,USD,2026-01-01,2027-01-01,{limit}").unwrap();
            ["policy_ded", "attachment", "share"].iter().for_each(|key| write!(text, ",{}", number(&l[key])).unwrap());
            let mut own = coverages(case).into_iter();
            for (_, ded, limit) in CODES.iter().map(|_| own.next().unwrap_or_default()) {
                write!(text, ",{ded},{}", limit.map_or(String::new(), |limit| limit.to_string())).unwrap();
            }
            text.push('\n');
        }
    }
    assert_eq!(cases.len(), 79);
    assert_terms(tempfile::tempdir().unwrap().path(), &cases, &text);
}

/// Where a loss of a case belongs.
struct Item {
    insured: String,
    policy: String,
    location: String,
    gross: f64,
    expected: f64,
}

/// A treaty of a case with the places that it covers, and the share that it cedes of each.
struct Contract {
    name: String,
    terms: Value,
    covers: BTreeMap<(String, String, String), f64>,
}

/// Each risk of a contract that stands alone: its losses come in two coverages, of which neither is a risk of its own.
fn single(year: usize, case: &Value) -> (Vec<Item>, Vec<Contract>) {
    let terms = case["contract"].clone();
    let level = terms["risk_level"].as_str().unwrap();
    let item = |(at, risk): (usize, &Value)| Item {
        insured: if level == "ACC" { format!("case-{year}-{at}") } else { format!("case-{year}") },
        policy: if level == "POL" { format!("P{at}") } else { "P".into() },
        location: if level == "LOC" { format!("L{at}") } else { String::new() },
        gross: number(&risk["gross"]),
        expected: number(&risk["gross"]) - number(&risk["expected_net"]),
    };
    let items: Vec<Item> = list(&case["risks"]).iter().enumerate().map(item).collect();
    let ceded = number(&terms["ceded"]);
    let covers = items.iter().map(|i| ((i.insured.clone(), i.policy.clone(), i.location.clone()), ceded)).collect();
    (items, vec![Contract { name: format!("{year}"), terms, covers }])
}

fn programme(year: usize, case: &Value) -> (Vec<Item>, Vec<Contract>) {
    let place = |i: &Value| {
        let text = |key: &str| i[key].as_str().unwrap().to_string();
        (format!("{year}-{}", text("account")), text("policy"), text("location"))
    };
    let items = list(&case["items"]);
    let by_number: BTreeMap<i64, &Value> = items.iter().map(|i| (i["i"].as_i64().unwrap(), i)).collect();
    let contract = |c: &Value| {
        let share = |at: &Value| c["surplus_ceded"].get(at.to_string()).map_or(number(&c["ceded"]), number);
        let covers = list(&c["scope"]).iter().map(|at| (place(by_number[&at.as_i64().unwrap()]), share(at)));
        Contract {
            name: format!("{year}-{}", c["reins"].as_str().unwrap()),
            terms: c.clone(),
            covers: covers.collect(),
        }
    };
    let contracts = list(&case["contracts"]).iter().map(contract).collect();
    let item = |i: &Value| {
        let (insured, policy, location) = place(i);
        let gross = number(&i["gross"]);
        Item { insured, policy, location, gross, expected: gross - number(&i["expected_net"]) }
    };
    (items.iter().map(item).collect(), contracts)
}

/// Losses of all cases as a table, with each row's expected recovery. `split` puts each loss under two coverages.
fn write_gross(path: &Path, cases: &[(Vec<Item>, Vec<Contract>)], split: bool) -> Vec<(String, f64, f64)> {
    let mut text = "year,occurrence,insured_id,policy_id,location,coverage,gross\n".to_string();
    let mut expected = Vec::new();
    for (year, (items, _)) in (1..).zip(cases) {
        let mut met: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        for item in items {
            let seen = met.entry((&item.insured, &item.policy, &item.location)).or_default();
            let Item { insured, policy, location, gross, .. } = item;
            let parts: &[f64] = if split { &[0.375, 0.625] } else { &[1.0] };
            for part in parts {
                let code = CODES[*seen];
                *seen += 1;
                let loss = gross * part;
                writeln!(text, "{year},1,{insured},{insured}/{policy},{location},{code},{loss:.2}").unwrap();
                let key = format!("{year}|{insured}|{insured}/{policy}|{location}|{code}");
                expected.push((key, item.expected * part, loss));
            }
        }
    }
    fs::write(path, text).unwrap();
    expected
}

/// The engine's kind of a contract: an excess of loss without an attachment or limit of its own is a share of every loss.
fn kind(terms: &Value) -> &'static str {
    let has = |fields: [&str; 2]| fields.iter().any(|field| number(&terms[field]) > 0.0);
    match terms["type"].as_str().unwrap() {
        "CXL" if !has(["occ_att", "occ_limit"]) => "quota_share",
        "PR" if !has(["risk_att", "risk_limit"]) => "quota_share",
        "QS" => "quota_share",
        "SS" => "surplus",
        "PR" => "risk_excess",
        "FAC" => "facultative",
        "CXL" => "event_excess",
        other => panic!("{other}"),
    }
}

fn write_toml(path: &Path, contracts: &[&Contract]) {
    let mut text = String::new();
    for Contract { name, terms, covers } in contracts {
        let kind = kind(terms);
        let risk = match terms["risk_level"].as_str().unwrap() {
            "ACC" => "insured",
            "POL" => "policy",
            "LOC" => "location",
            _ => "all",
        };
        write!(text, "[[treaty]]\nname = \"{name}\"\nkind = \"{kind}\"\nrisk = \"{risk}\"\n").unwrap();
        for (key, field) in [
            ("inuring", "inuring"),
            ("placed", "placed"),
            ("treaty_share", "treaty_share"),
            ("risk_attachment", "risk_att"),
            ("risk_limit", "risk_limit"),
            ("occurrence_attachment", "occ_att"),
            ("occurrence_limit", "occ_limit"),
        ] {
            let given = terms[field].as_f64().filter(|x| *x != 0.0 || !key.ends_with("limit"));
            given.into_iter().for_each(|x| writeln!(text, "{key} = {x}").unwrap());
        }
        for ((insured, policy, location), ceded) in covers {
            writeln!(text, "[[treaty.cession]]\nceded = {ceded}").unwrap();
            writeln!(
                text,
                "scope = {{ insureds = [\"{insured}\"], policies = [\"{policy}\"], locations = [\"{location}\"] }}"
            )
            .unwrap();
        }
    }
    fs::write(path, text).unwrap();
}

fn write_oed(info: &Path, scope: &Path, contracts: &[&Contract]) {
    let mut infos = "ReinsNumber,CededPercent,RiskLimit,RiskAttachment,OccLimit,OccAttachment,PlacedPercent,\
        InuringPriority,ReinsType,RiskLevel,TreatyShare\n"
        .to_string();
    let mut scopes = "ReinsNumber,AccNumber,PolNumber,LocNumber,CededPercent\n".to_string();
    for Contract { name, terms, covers } in contracts {
        // Of a surplus the ceded share stands in the scope, of other types in the reinsurance info.
        let surplus = terms["type"] == "SS";
        let of_all = if surplus { String::new() } else { number(&terms["ceded"]).to_string() };
        let own = ["risk_limit", "risk_att", "occ_limit", "occ_att", "placed", "inuring"];
        write!(infos, "{name},{of_all}").unwrap();
        own.iter().for_each(|key| write!(infos, ",{}", number(&terms[key])).unwrap());
        let [kind, level] = ["type", "risk_level"].map(|key| terms[key].as_str().unwrap());
        writeln!(infos, ",{kind},{level},{}", terms["treaty_share"].as_f64().unwrap_or(1.0)).unwrap();
        for ((insured, policy, location), ceded) in covers {
            let ceded = if surplus { ceded.to_string() } else { String::new() };
            writeln!(scopes, "{name},{insured},{policy},{location},{ceded}").unwrap();
        }
    }
    fs::write(info, infos).unwrap();
    fs::write(scope, scopes).unwrap();
}

fn assert_reinsured(file: &str, many: usize, of: impl Fn(usize, &Value) -> (Vec<Item>, Vec<Contract>), split: bool) {
    let Some(cases) = cases(file) else { return };
    assert_eq!(cases.len(), many);
    let made: Vec<_> = (1..).zip(&cases).map(|(year, case)| of(year, case)).collect();
    let keep = tempfile::tempdir().unwrap();
    let at = |name: &str| keep.path().join(name).display().to_string();
    let expected = write_gross(&keep.path().join("gross.csv"), &made, split);
    let contracts: Vec<&Contract> = made.iter().flat_map(|(_, contracts)| contracts).collect();
    write_toml(&keep.path().join("programme.toml"), &contracts);
    write_oed(&keep.path().join("info.csv"), &keep.path().join("scope.csv"), &contracts);
    let (toml, info, scope) = (at("programme.toml"), at("info.csv"), at("scope.csv"));
    let ways = [vec!["--programme", &toml], vec!["--reins-info", &info, "--reins-scope", &scope]];
    for way in ways {
        let (gross, net) = (at("gross.csv"), at("net.csv"));
        stdout(&[vec!["reinsure", &gross, "--out", &net, "--strict"], way].concat());
        let by_case = sums(&keep.path().join("net.csv"), &["year"], "ceded");
        for (year, case) in (1..).zip(&cases) {
            let recovery = number(&case["gross"]) - number(&case["expected_net"]);
            assert_recovery(by_case[&format!("{year}")], recovery, case["id"].as_str().unwrap());
        }
        let by = ["year", "insured_id", "policy_id", "location", "coverage"];
        let by_row = sums(&keep.path().join("net.csv"), &by, "ceded");
        for (row, recovery, gross) in &expected {
            // The expected net of a row is a single-precision number near its gross loss: two units in its last place.
            let tolerance = (1.5e-3 * recovery).max(1.0) + gross * f64::from(f32::EPSILON) * 2.0;
            assert!((by_row[row] - recovery).abs() <= tolerance, "{row}: {} where {recovery} is expected", by_row[row]);
        }
    }
}

#[test]
fn single_contracts_agree_with_oasis_through_toml_and_oed() {
    assert_reinsured("reinsurance.jsonl", 34, single, true);
}

#[test]
fn programmes_agree_with_oasis_through_toml_and_oed() {
    assert_reinsured("programmes.jsonl", 14, programme, false);
}
