//! Treaties on losses written by hand: what is ceded, what is set aside and what is told.

use crate::command::text;
use crate::own_losses::Bench;

const BOOK: &str = "\
policy_id,insured_id,domains,country,currency,inception,expiry,limit
A,I,,US,EUR,2026-01-01,2027-01-01,400000
B,I,,US,EUR,2026-01-01,2027-01-01,400000
";

const SURPLUS: &str = "\
[[treaty]]
name = \"Surplus\"
kind = \"surplus\"
risk = \"insured\"
retained_line = 500_000
lines = 2
";

/// What is said of `reinsure` on these losses, and whether it succeeded.
fn said(bench: &Bench, more: &str) -> (bool, String) {
    let output = bench.run(&format!("reinsure g.csv --programme p.toml --out n.csv --ceded c.csv{more}"));
    (output.status.success(), text(&output.stderr))
}

/// Retained 500,000; A and B of one insured with 400,000 each are 800,000: 3 ÷ 8 of each loss, though B comes with a later year
/// only, or is in the book alone: 375 of 1,000. In euro at 1.5 they are 1.2 M, of which 700,000 are ceded: 583.33 of 1,000, whatever
/// currency the row is in.
#[test]
fn a_surplus_knows_all_policies_of_a_risk_before_the_first_loss() {
    let both = "year,occurrence,policy_id,insured_id,sum_insured,gross\n1,1,A,I,400000,1000\n2,1,B,I,400000,1000\n";
    let one = "year,occurrence,policy_id,currency,gross\n1,1,A,USD,1000\n2,1,A,EUR,1000\n";
    let bench = Bench::new(&[("g.csv", both), ("p.toml", SURPLUS), ("book.csv", BOOK)]);
    bench.does("reinsure g.csv --programme p.toml --out n.csv");
    assert_eq!(bench.cells("n.csv", &["policy_id", "ceded"]), ["A 375", "B 375"]);
    let bench = Bench::new(&[("g.csv", one), ("p.toml", SURPLUS), ("book.csv", BOOK)]);
    bench.does("reinsure g.csv --policies book.csv --programme p.toml --rate EUR=1.5 --out n.csv");
    assert_eq!(bench.cells("n.csv", &["year", "gross", "ceded"]), ["1 1000 583.33", "2 1500 875"]);
}

#[test]
fn policies_without_a_sum_insured_are_told_once_a_surplus() {
    let gross =
        "year,occurrence,policy_id,sum_insured,gross\n1,1,A,,10\n1,1,B,,10\n1,2,A,,10\n1,2,C,1000000,10\n1,3,D,0,1\n";
    let bench = Bench::new(&[("g.csv", gross), ("p.toml", SURPLUS)]);
    let (done, told) = said(&bench, "");
    let warning =
        "p.toml:2: treaty \"Surplus\": 3 of 4 policies have no sum insured, such as \"A\": nothing is ceded for it";
    assert!(done && told.matches(warning).count() == 1, "{told}");
    assert_eq!(bench.cells("n.csv", &["policy_id", "ceded"]), ["A 0", "B 0", "A 0", "C 5", "D 0"]);
}

#[test]
fn a_loss_of_a_policy_that_is_not_in_the_book_is_set_aside() {
    let gross = "year,occurrence,policy_id,gross\n1,1,A,10\n1,1,A1,10\n";
    let treaty = "[[treaty]]\nname = 'Q'\nceded = 0.5\n";
    let bench = Bench::new(&[("g.csv", gross), ("p.toml", treaty), ("book.csv", BOOK)]);
    let (done, told) = said(&bench, " --policies book.csv --rate EUR=1.5 --rejects r.csv");
    assert!(done, "{told}");
    assert_eq!(bench.cells("n.csv", &["policy_id", "gross", "ceded"]), ["A 15 7.50"]);
    assert_eq!(
        bench.cells("r.csv", &["line", "column", "value", "rule", "hint"]),
        ["3 policy_id A1 not in the book did you mean `A`?"]
    );
}

/// An id is not taken apart on a guess: without the insured, OED's account is not known, and that is said.
#[test]
fn an_account_that_only_policy_ids_begin_with_is_told_to_be_missing() {
    let gross = "year,occurrence,policy_id,gross\n1,1,A/P/1,10\n";
    let treaty = "[[treaty]]\nname = 'Q'\nceded = 0.5\nscope = { insureds = ['A'] }\n";
    let bench = Bench::new(&[("g.csv", gross), ("p.toml", treaty)]);
    let (done, told) = said(&bench, "");
    assert!(
        done && told.contains("insureds = \"A\" matches no loss") && told.contains("without an insured_id"),
        "{told}"
    );
}

/// What is said of `reinsure` on a loss of 1,000 with an OED treaty of these columns and this scope, and what it cedes.
fn oed(columns: &str, row: &str, scope: &str) -> Result<String, String> {
    let info = format!("ReinsNumber,InuringPriority,{columns}\n1,1,{row}\n");
    let gross = "year,occurrence,policy_id,gross\n1,1,A,1000\n";
    let bench = Bench::new(&[("g.csv", gross), ("info.csv", &info), ("scope.csv", scope)]);
    let output = bench.run("reinsure g.csv --reins-info info.csv --reins-scope scope.csv --out n.csv");
    match output.status.success() {
        true => Ok(bench.cells("n.csv", &["ceded"]).concat()),
        false => Err(text(&output.stderr)),
    }
}

/// A quota share of half; and 300 excess of 200 of a loss of 1,000.
#[test]
fn oed_fields_that_ask_for_nothing_more_are_taken_as_they_are() {
    for (columns, row, scope, ceded) in [
        ("ReinsType,PlacedPercent", "QS,0.5", "ReinsNumber\n1\n", "500"),
        ("ReinsType,PlacedPercent", "QS,1", "ReinsNumber\n1\n", "1000"),
        ("ReinsType,PlacedPercent,CededPercent", "QS,0.5,0.4", "ReinsNumber,CededPercent\n1,0.4\n", "200"),
        ("ReinsType,PlacedPercent,CededPercent", "QS,0.5,0.4", "ReinsNumber,CededPercent\n1,1\n", "200"),
        ("ReinsType,PlacedPercent", "SS,1", "ReinsNumber,CededPercent\n1,0.4\n", "400"),
        ("ReinsType,PlacedPercent", "QS,0.5", "ReinsNumber,PortNumber\n1.0,7\n1,7.0\n1,\n", "500"),
        ("ReinsType,PlacedPercent,ReinsPeril", "QS,0.5,WW1;CC1", "ReinsNumber\n1\n", "500"),
        (
            "ReinsType,PlacedPercent,ReinsPeril,ReinsInceptionDate,ReinsExpiryDate,UseReinsDates,AttachmentBasis,AggPeriod,DeemedPercentPlaced,ReinsFXrate,OriginalCurrency,RateOfExchange,ReinsCurrency,OEDVersion",
            "QS,0.5,AA1,2018-01-01,2018-12-31,N,LO,365,0,1,USD,0,USD,4.0.0",
            "ReinsNumber,OEDVersion\n1,4.0.0\n",
            "500",
        ),
        (
            "ReinsType,PlacedPercent,OccLimit,OccAttachment,AggLimit,Reinstatement,ReinstatementCharge,ReinsPremium",
            "CXL,1,300,200,600,1,1,60",
            "ReinsNumber\n1\n",
            "300",
        ),
        ("ReinsType,PlacedPercent,OccLimit,ReinstatementCharge", "CXL,1,300,0", "ReinsNumber\n1\n", "300"),
        ("ReinsType,PlacedPercent,OccLimit,AggLimit,ReinsPremium", "CXL,1,300,500,60", "ReinsNumber\n1\n", "300"),
        ("ReinsType,PlacedPercent,ReinsPremium", "QS,0.5,60", "ReinsNumber\n1\n", "500"),
        ("ReinsType,PlacedPercent,CededPercent", "CXL,1,0.2", "ReinsNumber\n1\n", "200"),
        ("ReinsType,PlacedPercent,OccLimit", "PR,0.5,100", "ReinsNumber\n1\n", "50"),
        ("ReinsType,PlacedPercent,RiskAttachment,RiskLevel", "PR,1,400,POL", "ReinsNumber\n1\n", "600"),
    ] {
        assert_eq!(oed(columns, row, scope), Ok(ceded.to_string()), "{columns} {row} {scope}");
    }
}

/// What a file asks for and is not done is an error with its place and a way out.
#[test]
fn oed_fields_that_are_not_applied_are_refused() {
    let half = |column: &str| format!("ReinsType,PlacedPercent,{column}");
    let all = "ReinsNumber\n1\n";
    for (columns, row, scope, told) in [
        (half("ReinsPeril"), "QS,0.5,WW1;QEQ", all, "info.csv:2: ReinsPeril = \"WW1;QEQ\": names no peril"),
        (half("UseReinsDates"), "QS,0.5,Y", all, "UseReinsDates = \"Y\": dates of treaties are not applied"),
        (half("AttachmentBasis"), "QS,0.5,RA", all, "AttachmentBasis = \"RA\": risks attaching is not applied"),
        (half("DeemedPercentPlaced"), "QS,0.5,0.5", all, "DeemedPercentPlaced = \"0.5\": notional contracts"),
        (half("ReinsFXrate"), "QS,0.5,2", all, "ReinsFXrate = \"2\": not applied"),
        (half("RateOfExchange"), "QS,0.5,1.5", all, "RateOfExchange = \"1.5\": not applied"),
        (half("OriginalCurrency"), "QS,0.5,EUR", all, "OriginalCurrency = \"EUR\": another currency"),
        (half("OccLimt"), "QS,0.5,5", all, "info.csv:1: OccLimt = \"\": a column of this name is not read"),
        (half("LOB"), "QS,0.5,", "ReinsNumber,AccNumbr\n1,Z\n", "hint: did you mean `AccNumber`?"),
        (
            half("LOB"),
            "QS,0.5,",
            "ReinsNumber,PortNumber\n1,1\n1,2\n",
            "scope.csv:3: PortNumber = \"2\": other rows are of \"1\"",
        ),
        (half("LOB"), "SS,1,", all, "scope.csv:2: treaty \"1\": CededPercent = \"\": a surplus (SS) needs"),
        (half("CededPercent"), "SS,1,0.3", "ReinsNumber,CededPercent\n1,0.4\n", "the reinsurance info has another"),
        (
            half("LOB"),
            "QS,1,",
            "ReinsNumber,CededPercent\n1,0.3\n",
            "scope.csv:2: treaty \"1\": CededPercent = \"0.3\": in the scope",
        ),
        (half("OccLimit,ReinstatementCharge"), "CXL,1,300,1", all, "a charge without a number of reinstatements"),
        (half("OccLimit,ReinsPremium"), "CXL,1,300,60", all, "ReinsPremium = \"60\": a premium without a number"),
        (
            half("OccLimit,Reinstatement,ReinstatementCharge"),
            "CXL,1,300,1,100%",
            all,
            "ReinstatementCharge = \"100%\": not a charge",
        ),
        (
            half("OccLimit,Reinstatement,ReinstatementCharge"),
            "CXL,1,300,1,1",
            all,
            "info.csv:2: treaty \"1\": paid Reinstatement without a ReinsPremium",
        ),
        (
            half("OccLimit,AggLimit,Reinstatement"),
            "CXL,1,300,700,1",
            all,
            "1 Reinstatement of OccLimit = 300 and AggLimit = 700 do not agree",
        ),
        (half("RiskLimit,RiskLevel"), "PR,1,300,", all, "RiskLevel = \"\": blank beside RiskLimit"),
        (
            half("OccLimit"),
            "PR,1,300",
            all,
            "info.csv:2: treaty \"1\": an excess of loss by risk needs RiskAttachment or RiskLimit",
        ),
        (half("RiskLimit,RiskLevel"), "CXL,1,300,POL", all, "needs OccAttachment or OccLimit"),
        (
            half("LOB"),
            "FAC,1,",
            "ReinsNumber,AccNumber\n1,A\n",
            "a facultative treaty needs CededPercent or PlacedPercent",
        ),
        (half("LOB"), "QS,12,", all, "PlacedPercent = \"12\": a share lies in [0, 1]"),
        (half("LOB"), "QS,,", all, "PlacedPercent = \"\": required, and blank"),
    ] {
        let said = oed(&columns, row, scope).unwrap_err();
        assert!(said.contains(told) && said.contains("hint: "), "{columns} {row}: {said}");
    }
}

/// Every field that is read and every other of OED's own example has a right name.
#[test]
fn columns_of_oed_accounts_are_not_called_misspelt() {
    let header = "PortNumber,PortName,AccNumber,AccName,AccGroup,AccStatus,AccCurrency,PolNumber,PolStatus,PolInceptionDate,\
        PolExpiryDate,ProducerName,Underwriter,BranchName,LOB,PolPerilsCovered,PolGrossPremium,PolTax,PolBrokerage,\
        PolNetPremium,LayerNumber,LayerParticipation,LayerLimit,LayerAttachment,OEDVersion,StreetAddress,PostalCode,City,\
        IsPackage,StackedPolNumber,OSVendor,CloudVendor,EmailVendor,AreaName";
    let row = "1,,X,,,,USD,P,,2026-01-01,2027-01-01,,,,,,,,,,1,1,100000,0,,,,,,,,,,";
    let losses = "year,occurrence,insured_id,coverage,loss\n1,1,X,LIA,100\n";
    let bench = Bench::new(&[("a.csv", &format!("{header}\n{row}\n")), ("l.csv", losses)]);
    let output = bench.run("terms l.csv --policies a.csv --out g.csv");
    let told = text(&output.stderr);
    assert!(output.status.success() && !told.contains("is not read"), "{told}");
    let bench = Bench::new(&[("a.csv", &format!("{}\n{row}\n", header.replace("PolTax", "PolDd"))), ("l.csv", losses)]);
    let told = text(&bench.run("terms l.csv --policies a.csv --out g.csv").stderr);
    assert!(told.contains("PolDd = \"\": a column of this name is not read") && told.contains("`PolDed`"), "{told}");
}

#[test]
fn words_of_the_trade_are_told_what_they_are_called_here() {
    for (terms, hint) in [
        ("attachment = 5", "`occurrence_attachment` is of each occurrence"),
        ("limit = 5", "`risk_limit` of each risk"),
        ("share = 0.3", "`ceded` is the share before other terms"),
        ("retention = 5", "`retained_line` of a sum insured"),
        ("aad = 5", "did you mean `annual_deductible`?"),
        ("kind = 'cat_xl'", "did you mean `event_excess`?"),
        ("kind = 'stop_loss'", "did you mean `aggregate_excess`?"),
        ("placd = 0.3", "did you mean `placed`?"),
        ("ceded = '30%'", "write 12 % as 0.12"),
        ("reinstatements = 2", "a list with the charge of each"),
        ("inuring = 1.5", "a whole number"),
        ("scope = { policies = 'A' }", "a list of texts"),
        ("occurrence_limit = 'x'", "amounts are digits"),
    ] {
        let bench = Bench::new(&[
            ("g.csv", "year,occurrence,policy_id,gross\n1,1,A,10\n"),
            ("p.toml", &format!("[[treaty]]\nname = 'A'\n{terms}\n")),
        ]);
        let (done, told) = said(&bench, "");
        assert!(!done && told.contains("p.toml:3:") && told.contains(hint), "{terms}: {told}");
    }
}

#[test]
fn losses_that_can_not_be_right_are_set_aside() {
    let treaty = "[[treaty]]\nname = 'Q'\nceded = 0.5\nscope = { countries = ['GB'] }\n";
    let industry = "[[treaty]]\nname = 'Q'\nceded = 0.5\nscope = { industries = ['62'] }\n";
    let gross = "year,occurrence,policy_id,country,industry,ground_up,gross\n\
        1,1,A,GB,62,10,10\n1,1,B,UK,62,10,10\n1,1,C,GB,Healthcare,10,10\n1,1,D,GB,62,9,10\n";
    for (treaty, column, rule) in
        [(treaty, "3 country UK", "did you mean `GB`?"), (industry, "4 industry Healthcare", "write digits")]
    {
        let bench = Bench::new(&[("g.csv", gross), ("p.toml", treaty)]);
        let (done, told) = said(&bench, " --rejects r.csv");
        let rejects = bench.cells("r.csv", &["line", "column", "value"]);
        assert!(done && told.contains(rule), "{told}");
        assert_eq!(rejects, [column, "5 gross 10"], "{told}");
    }
}

/// Blocks of the page with the name of a file are that file: those before the commands are their inputs, those after them what
/// they write.
#[test]
fn the_example_of_the_page_on_treaties_is_what_the_program_does() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/treaties.md");
    let page = std::fs::read_to_string(page).unwrap();
    let block = |text: &str| {
        let (info, rest) = text.split_once('\n').unwrap();
        (info.split(' ').nth(1).unwrap_or(info).to_string(), rest.to_string())
    };
    let blocks: Vec<(String, String)> = page.split("```").skip(1).step_by(2).map(block).collect();
    let at = blocks.iter().position(|(name, _)| name == "sh").unwrap();
    let files: Vec<(&str, &str)> = blocks[..at].iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let bench = Bench::new(&files);
    let (commands, mut checked) = (&blocks[at].1, 0);
    for line in commands.lines().filter_map(|line| line.strip_prefix("blastradius ")) {
        bench.does(line);
        for (name, text) in blocks[at + 1..].iter().filter(|(name, _)| line.contains(&format!(" {name}"))) {
            assert_eq!(&std::fs::read_to_string(bench.path(name)).unwrap(), text, "{line}");
            checked += 1;
        }
    }
    let text = |name: &str| &blocks.iter().find(|(own, _)| own == name).unwrap().1;
    for kind in ["facultative", "surplus", "quota_share", "risk_excess", "event_excess", "aggregate_excess"] {
        assert!(text("programme.toml").contains(&format!("kind = \"{kind}\"")), "{kind}");
    }
    assert_eq!((checked, text("own_gross.csv").lines().count(), text("ground_up.csv").lines().count()), (4, 4, 4));
}
