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
    let gross = "year,occurrence,policy_id,sum_insured,gross\n1,1,A,,10\n1,1,B,,10\n1,2,A,,10\n1,2,C,1000000,10\n1,3,D,0,1\n";
    let bench = Bench::new(&[("g.csv", gross), ("p.toml", SURPLUS)]);
    let (done, told) = said(&bench, "");
    let warning = "p.toml:2: treaty \"Surplus\": 3 of 4 policies have no sum insured, such as \"A\": nothing is ceded for it";
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
    assert_eq!(bench.cells("n.csv", &["policy_id", "gross", "ceded"]), ["A 15 7.5"]);
    assert_eq!(
        bench.cells("r.csv", &["line", "column", "value", "rule", "hint"]),
        ["3 policy_id A1 not in the book did you mean `A`?"]
    );
}
