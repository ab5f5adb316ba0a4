//! Scopes of treaties that cover none of the book: said, and refused where what they name is no code that there is.

use std::cell::RefCell;
use std::fs;

use blastradius::cli::RunConfig;
use blastradius::run::{OutputFolder, assemble};

use crate::command::{demo, json, program, rows, text};

const GROSS: &str = "\
year,occurrence,policy_id,insured_id,coverage,industry,country,gross
1,1,P1,I1,EXT,622110,US,100
1,1,P2,I2,LIA,331110,DE,50
2,1,P1,I1,EXT,622110,US,10
";

const POLICIES: &str = "\
policy_id,insured_id,domains,country,industry,currency,inception,expiry,limit,sublimit_fin
P1,I1,,US,622110,USD,2026-01-01,2027-01-01,1000000,0
P9,I9,,FR,511210,USD,2026-01-01,2027-01-01,1000000,0
";

/// `reinsure` with a treaty of this scope on the losses above, in a folder of its own: exit code and what was said.
fn reinsure(scope: &str, more: &[&str]) -> (i32, String) {
    let dir = tempfile::tempdir().unwrap();
    let programme = format!("[[treaty]]\nname = \"A\"\nplaced = 0.5\n[treaty.scope]\n{scope}\n");
    for (name, content) in [("gross.csv", GROSS), ("policies.csv", POLICIES), ("p.toml", &programme)] {
        fs::write(dir.path().join(name), content).unwrap();
    }
    let line = ["reinsure", "gross.csv", "--programme", "p.toml", "--out", "net.csv"];
    let output = program().current_dir(dir.path()).args(line).args(more).output().unwrap();
    let written = dir.path().join("net.csv").exists();
    assert_eq!(written, output.status.success());
    (output.status.code().unwrap(), text(&output.stderr))
}

#[test]
fn a_scope_that_covers_no_loss_is_told_with_its_place_and_a_hint() {
    for (scope, told, hint) in [
        (
            "industries = [\n  \"51\",\n]",
            "p.toml:6: treaty \"A\": scope industries = \"51\" matches no loss",
            "331110, 622110",
        ),
        ("countries = ['fr']", "p.toml:5: treaty \"A\": scope countries = \"FR\" matches no loss", "DE, US"),
        ("policies = ['P11']", "scope policies = \"P11\" matches no loss", "did you mean `P1`?"),
        ("policies = ['P7', 'P8']", "scope policies = \"P7\" and 1 more match no loss", "did you mean"),
        ("insureds = ['I3']", "scope insureds = \"I3\" matches no loss", "did you mean `I1`?"),
        (
            "lines = []\ncoverages = ['REG']",
            "p.toml:6: treaty \"A\": scope coverages = \"regulatory\"",
            "extortion, liability",
        ),
        ("coverages = ['regulatory']", "scope coverages = \"regulatory\" matches no loss", "extortion, liability"),
        ("lines = ['SME']", "scope lines = \"SME\" matches no loss", "no line of business"),
        ("locations = ['L']", "scope locations = \"L\" matches no loss", "no location"),
        (
            "policies = ['P1']\ncountries = ['DE']",
            "p.toml:2: treaty \"A\": its scope as a whole covers no",
            "every list",
        ),
    ] {
        let (code, said) = reinsure(scope, &[]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("warning: ") && said.contains(told) && said.contains(hint), "{scope}: {said}");
    }
}

/// A policy without a loss is covered all the same; of a table of losses, an entry beside others that have losses is none to
/// wonder at.
#[test]
fn what_covers_some_of_the_book_is_not_told() {
    for scope in [
        "",
        "industries = ['31-33']",
        "industries = ['healthcare']",
        "industries = ['6']",
        "countries = ['us', 'FR']",
        "policies = ['P1', 'P8']",
        "coverages = ['extortion']",
    ] {
        let (code, said) = reinsure(scope, &[]);
        assert!(code == 0 && !said.contains("warning"), "{scope}: {said}");
    }
    for (scope, told) in [
        ("countries = ['FR']", None),
        ("industries = ['51']", None),
        ("coverages = ['regulatory', 'extortion', 'liability']", None),
        ("countries = ['US', 'IT']", Some("countries = \"IT\" matches no policy of this book")),
        ("coverages = ['extortion', 'financial_fraud']", Some("\"financial_fraud\" matches no policy of this book")),
    ] {
        let (code, said) = reinsure(scope, &["--policies", "policies.csv"]);
        assert_eq!((code, said.contains("warning")), (0, told.is_some()), "{scope}: {said}");
        assert!(told.is_none_or(|words| said.contains(words)), "{scope}: {said}");
    }
}

#[test]
fn what_is_no_code_is_refused_with_what_is_meant() {
    for (scope, told, hint) in [
        (
            "countries = ['UK']",
            "p.toml:5: treaty \"A\": scope countries = \"UK\" matches no loss",
            "did you mean `GB`?",
        ),
        ("countries = ['US', 'Germany']", "\"GERMANY\" matches no loss of this table, and is no two-letter", "DE, US"),
        ("industries = ['Healthcare']", "and is neither a NAICS code nor a sector", "did you mean `healthcare`?"),
        ("industries = ['9913']", "and is neither a NAICS code nor a sector", "331110, 622110"),
        ("coverages = ['extorsion']", "p.toml:5:14: unknown coverage `extorsion`", "did you mean `extortion`?"),
        ("coverages = ['LIA', 'EXX']", "p.toml:5:21: unknown coverage `EXX`", "did you mean `EXT`?"),
        ("coverages = ['fire']", "or `NPBI`, `contingent_business_interruption` or `CBI`, ", "`ENO`"),
        ("country = ['US']", "p.toml:5:1: unknown field `country`", "did you mean `countries`?"),
    ] {
        let (code, said) = reinsure(scope, &[]);
        assert_eq!(code, 2, "{scope}: {said}");
        assert!(said.contains(told) && said.contains(hint), "{scope}: {said}");
    }
}

#[test]
fn a_row_of_an_oed_scope_that_covers_nothing_is_told_by_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let info = "ReinsNumber,ReinsName,PlacedPercent,InuringPriority,ReinsType\n1,Q,0.5,1,QS\n";
    for (country, code, told) in [
        ("FR", 0, "warning: scope.csv:4: treaty \"1 Q\": scope CountryCode = \"FR\" matches no loss"),
        ("UK", 2, "error: scope.csv:4: treaty \"1 Q\": scope CountryCode = \"UK\" matches no loss"),
    ] {
        let scope = format!("ReinsNumber,CountryCode\n1,\n\n1,{country}\n");
        for (name, content) in [("gross.csv", GROSS), ("info.csv", info), ("scope.csv", &scope)] {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let line = "reinsure gross.csv --reins-info info.csv --reins-scope scope.csv --out net.csv";
        let output = program().current_dir(dir.path()).args(line.split(' ')).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

/// The book of the demo is in one country, and its policies have no line of business.
#[test]
fn run_and_project_keep_warnings_in_manifest_summary_and_report() {
    let (_keep, dir) = demo();
    let written = |scope: &str| {
        let text = format!("[[treaty]]\nname = \"Cat\"\nplaced = 0.5\nscope = {{ {scope} }}\n");
        fs::write(dir.join("programme.toml"), text).unwrap();
    };
    let run = |line: &str| program().current_dir(&dir).args(line.split(' ')).output().unwrap();
    written("lines = [\"<i>SME\"]");
    let told = "treaty \"Cat\": scope lines = \"<i>SME\" matches no policy of this book";
    let settings = fs::read_to_string(dir.join("RUN.toml")).unwrap();
    fs::write(dir.join("RUN.toml"), format!("programme = \"programme.toml\"\n{settings}")).unwrap();
    let output = run("run RUN.toml --trials 10 --out r");
    let said = text(&output.stderr);
    assert!(output.status.success() && said.contains(&format!("warning: programme.toml:4: {told}")), "{said}");
    for file in ["r/manifest.json", "r/summary.json"] {
        assert_eq!(json(&dir.join(file))["warnings"], serde_json::json!([told]), "{file}");
    }
    let page = fs::read_to_string(dir.join("r/report.html")).unwrap();
    let escaped = "Treaty &quot;Cat&quot;: scope lines = &quot;&lt;i&gt;SME&quot; matches no policy of this book.";
    assert!(page.contains(escaped) && page.contains("Check the treaties") && !page.contains("<i>SME"));
    let without = fs::read_to_string(dir.join("results/report.html")).unwrap();
    assert!(!without.contains("Check the treaties"));
    let project = "project r/exposure.csv --event mimecast-2021 --years 10 --programme programme.toml --out p";
    let output = run(project);
    let said = text(&output.stderr);
    assert!(output.status.success() && said.contains(&format!("warning: programme.toml:4: {told}")), "{said}");
    assert_eq!(json(&dir.join("p/manifest.json"))["warnings"], serde_json::json!([told]));
    written("countries = [\"EN\"]");
    let output = run(project);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is no two-letter code of ISO 3166"), "{}", text(&output.stderr));
}

/// A code covers what its name does.
#[test]
fn coverages_are_named_in_words_or_by_codes_of_open_exposure_data() {
    let net = |scope: &str| {
        let dir = tempfile::tempdir().unwrap();
        let programme = format!("[[treaty]]\nname = \"A\"\nplaced = 0.5\n[treaty.scope]\ncoverages = {scope}\n");
        for (name, content) in [("gross.csv", GROSS), ("p.toml", &programme)] {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let line = "reinsure gross.csv --programme p.toml --out net.csv";
        let output = program().current_dir(dir.path()).args(line.split(' ')).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let nets = rows(&dir.path().join("net.csv")).into_iter().map(|row| row["net"].clone());
        nets.collect::<Vec<String>>().join(" ")
    };
    for (scope, told) in [
        ("['EXT']", "50 50 5"),
        ("['extortion']", "50 50 5"),
        ("['lia']", "100 25 10"),
        ("['LIA', 'extortion']", "50 25 5"),
    ] {
        assert_eq!(net(scope), told, "{scope}");
    }
}

/// A code that there is none of is told of before any trial is simulated.
#[test]
fn a_run_tells_of_an_impossible_scope_before_it_simulates() {
    let (_keep, dir) = demo();
    let programme = "[[treaty]]\nname = \"A\"\nplaced = 0.5\n[treaty.scope]\ncountries = ['XX']\n";
    fs::write(dir.join("programme.toml"), programme).unwrap();
    let flags = RunConfig { programme: Some(dir.join("programme.toml")), ..RunConfig::default() };
    let (settings, _) = RunConfig::load(Some(&dir.join("RUN.toml")), flags).unwrap().resolve().unwrap();
    let folder = OutputFolder::open(&dir.join("never"), "run").unwrap();
    let steps = RefCell::new(Vec::new());
    let refused = assemble(&settings, &folder, &|step| steps.borrow_mut().push(step.to_string())).err().unwrap();
    assert!(refused.message.contains("scope countries = \"XX\" matches no policy"), "{refused}");
    let steps = steps.into_inner();
    assert_eq!(steps.last().map(String::as_str), Some("finding who is in scope"), "{steps:?}");
}
