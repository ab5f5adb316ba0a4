//! Worked examples by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::source::Source;
use super::wording::resolve;
use super::*;
use crate::money::{Cents, Share};
use crate::portfolio::Rates;

mod laws;
mod refused;
mod year;

/// Thousands of units.
fn k(thousands: i64) -> Cents {
    Cents(thousands * 100_000)
}

fn programme(toml: &str) -> Programme {
    let rates = BTreeMap::from([("EUR".to_string(), 1.5)]);
    let rates = Rates::new("USD", &rates).unwrap();
    resolve(&Source::of_toml("test", toml), crate::catalogue::parse_toml("test", toml).unwrap(), &rates).unwrap()
}

fn entry(occurrence: i64, policy: &str, gross: Cents) -> Entry {
    let subject = Subject { policy_id: policy.into(), ..Subject::default() };
    Entry { occurrence, subject: Arc::new(subject), gross }
}

/// A year of occurrences of one loss each: ceded and reinstatement premium by occurrence, of the treaty called `name`.
fn year(programme: &Programme, name: &str, losses: &[Cents]) -> Vec<(Cents, Cents)> {
    let entries = (1..).zip(losses).map(|(occurrence, loss)| entry(occurrence, "P", *loss)).collect();
    let result = Ledger::new(programme, "USD").year(1, entries);
    let own = result.ceded.iter().filter(|row| &*row.treaty == name);
    own.map(|row| (row.cession.ceded, row.cession.reinstatement_premium)).collect()
}

fn ceded(programme: &Programme, name: &str, losses: &[i64]) -> Vec<Cents> {
    let losses: Vec<Cents> = losses.iter().map(|loss| k(*loss)).collect();
    year(programme, name, &losses).into_iter().map(|(ceded, _)| ceded).collect()
}

fn all_ceded(result: &YearResult) -> Cents {
    result.ceded.iter().map(|row| row.cession.ceded).sum()
}

fn in_thousands(amounts: &[i64]) -> Vec<Cents> {
    amounts.iter().map(|amount| k(*amount)).collect()
}

/// Chartered Insurance Institute, study text M97 *Reinsurance* (2018–19), example 5.16, p. 5/22: 100,000 excess of 100,000,
/// one reinstatement at 100 % as to time and pro rata as to amount. A loss of 150,000 costs the layer 50,000: of a deposit
/// premium of 10,000, 50,000 ÷ 100,000 · 10,000 = 5,000; of the adjusted premium of 12,000, 6,000.
#[test]
fn reinstatement_premium_is_pro_rata_as_to_amount() {
    for (premium, due) in [(10_000, 500_000), (12_000, 600_000)] {
        let programme = programme(&format!(
            "[[treaty]]\nname = 'A'\nkind = 'event_excess'\noccurrence_attachment = 100e3\noccurrence_limit = 100e3\n\
             reinstatements = [1.0]\npremium = {premium}"
        ));
        assert_eq!(year(&programme, "A", &[k(150)]), [(k(50), Cents(due))]);
    }
}

/// Limit 300, premium 60, reinstatements free, at 50 % and at 100 % (Mata 2000, formula for n reinstatements): losses to
/// the layer of 300, 300, 150, 300 and 300 are paid 300, 300, 150, 300 and 150, as 4 · 300 = 1,200 is all of the year.
/// Reinstated: the first 300 free, the second 300 at 50 % (30), the third 300 at 100 %: 150 ÷ 300 · 60 = 30, twice.
/// A placed share of 50 % halves both. In thousands.
#[test]
fn free_and_paid_reinstatements_are_used_up_in_their_order() {
    let text = "[[treaty]]\nname = 'A'\nkind = 'event_excess'\noccurrence_attachment = 200e3\noccurrence_limit = 300e3\n\
        reinstatements = [0.0, 0.5, 1.0]\npremium = 60e3\nplaced = ";
    let losses = [k(500), k(900), k(350), k(500), k(500)];
    let (paid, due) = ([300, 300, 150, 300, 150], [0, 30, 30, 30, 0]);
    let whole: Vec<_> = paid.into_iter().zip(due).map(|(paid, due)| (k(paid), k(due))).collect();
    assert_eq!(year(&programme(&format!("{text}1.0")), "A", &losses), whole);
    let half: Vec<_> = whole.iter().map(|(paid, due)| (Cents(paid.0 / 2), Cents(due.0 / 2))).collect();
    assert_eq!(year(&programme(&format!("{text}0.5")), "A", &losses), half);
}

/// Open Exposure Data, *Reinsurance*, example 3: three lines above a retained line of 500,000 cede 50 % of a risk of 1 M and
/// 75 % of one of 2 M. M97, example 4.8, p. 4/11: five lines above 10 M of a risk of 100 M cede 50 %. A risk of 3 M is
/// beyond three lines: 1.5 ÷ 3; a risk up to the line is kept.
#[test]
fn a_surplus_cedes_what_lies_above_the_retained_line() {
    let cases = [
        (1_000, 500, 3, 0.5),
        (2_000, 500, 3, 0.75),
        (100_000, 10_000, 5, 0.5),
        (3_000, 500, 3, 0.5),
        (500, 500, 3, 0.0),
        (0, 500, 3, 0.0),
    ];
    for (sum_insured, line, lines, share) in cases {
        let found = surplus::ceded_share(k(sum_insured), k(line), k(line * lines));
        assert_eq!(found, Share::of_decimal(share).unwrap(), "{sum_insured} {line} {lines}");
    }
    let programme = programme(
        "[[treaty]]\nname = 'A'\nkind = 'surplus'\nretained_line = 500e3\nlines = 3\noccurrence_limit = 200e3",
    );
    let entry = |policy: &str, sum_insured: i64, gross: i64| {
        let subject = Subject { policy_id: policy.into(), sum_insured: Some(k(sum_insured)), ..Subject::default() };
        Entry { occurrence: 1, subject: Arc::new(subject), gross: k(gross) }
    };
    // 50 % of 100 and 75 % of 200 and 75 % of 400: 50 + 150 + 300 = 500, of which the event limit pays 200: 20, 60, 120.
    let result = Ledger::new(&programme, "USD")
        .year(1, vec![entry("A", 1_000, 100), entry("B", 2_000, 200), entry("C", 2_000, 400)]);
    let net: Vec<Cents> = result.net.iter().map(|row| row.net).collect();
    assert_eq!(net, in_thousands(&[80, 140, 280]));
}

/// Retained line 500, two lines. Two layers of one policy with 400 each, or two policies of one insured, are a risk of 800: 300 ÷
/// 800 of each loss of 100 is ceded. By itself, each is below the line. A third policy that has no loss counts: 1,200, of which
/// 700; and once, whatever its rows. In thousands.
#[test]
fn a_surplus_cedes_by_the_sum_insured_of_the_whole_risk() {
    let subject = |insured: &str, policy: &str, coverage, sum_insured| {
        let (insured_id, policy_id) = (insured.to_string(), policy.to_string());
        Arc::new(Subject { insured_id, policy_id, coverage, sum_insured, ..Subject::default() })
    };
    let whole = Some(k(400));
    let liability = Some(crate::portfolio::Coverage::Liability);
    for (risk, policies, foreseen, ceded) in [
        ("policy", ["X/P/1", "X/P/2"], vec![], k(75)),
        ("policy", ["A", "B"], vec![], Cents::ZERO),
        ("insured", ["A", "B"], vec![], k(75)),
        (
            "insured",
            ["A", "B"],
            vec![subject("X", "C", None, whole), subject("X", "C", liability, whole)],
            Cents(11_666_667),
        ),
        ("insured", ["A", "B"], vec![subject("Y", "C", None, whole), subject("X", "A", liability, None)], k(75)),
    ] {
        let programme = programme(&format!(
            "[[treaty]]\nname = 'A'\nkind = 'surplus'\nretained_line = 500e3\nlines = 2\nrisk = '{risk}'"
        ));
        let entry = |policy: &str| Entry { occurrence: 1, subject: subject("X", policy, None, whole), gross: k(100) };
        let mut ledger = Ledger::new(&programme, "USD");
        foreseen.iter().for_each(|subject| ledger.foresee(subject));
        let result = ledger.year(1, policies.map(entry).into());
        assert_eq!(result.ceded.first().map_or(Cents::ZERO, |row| row.cession.ceded), ceded, "{risk} {policies:?}");
    }
}

/// M97, example 5.3, p. 5/6: a first surplus of nine lines keeps 100,000 of each building of 1 M; an excess of 28.5 M above 1.5 M
/// protects what is kept. Of 25 total losses in one windstorm the surplus pays 25 · 900,000 = 22.5 M, the excess 2.5 M − 1.5 M.
#[test]
fn a_surplus_inures_to_the_benefit_of_an_excess_by_event() {
    let programme = programme(
        "[[treaty]]\nname = 'Surplus'\nkind = 'surplus'\nretained_line = 100e3\nlines = 9\n\
         [[treaty]]\nname = 'Event'\nkind = 'event_excess'\ninuring = 2\noccurrence_attachment = 1.5e6\noccurrence_limit = 28.5e6",
    );
    let building = |number: i64| {
        let policy_id = format!("building {number}");
        let subject = Subject { policy_id, sum_insured: Some(k(1_000)), ..Subject::default() };
        Entry { occurrence: 1, subject: Arc::new(subject), gross: k(1_000) }
    };
    let result = Ledger::new(&programme, "USD").year(1, (0..25).map(building).collect());
    let ceded: Vec<Cents> = result.ceded.iter().map(|row| row.cession.ceded).collect();
    assert_eq!(ceded, in_thousands(&[22_500, 1_000]));
}

/// M97, example 5.7, p. 5/9: 45 M excess of 5 M on losses of 8.34 M, 12 M and 50 M in one event. Each risk: 3.34 + 7 + 45 = 55.34 M.
/// Each event: 70.34 − 5 = 65.34 M, of which 45 M are bought.
#[test]
fn an_excess_is_by_risk_or_by_event() {
    for (kind, of, paid) in [("risk_excess", "risk", 55_340), ("event_excess", "occurrence", 45_000)] {
        let programme =
            programme(&format!("[[treaty]]\nname = 'A'\nkind = '{kind}'\n{of}_attachment = 5e6\n{of}_limit = 45e6"));
        let entries = [("X", 8_340), ("Y", 12_000), ("Z", 50_000)].map(|(risk, loss)| entry(1, risk, k(loss)));
        let result = Ledger::new(&programme, "USD").year(1, entries.into());
        assert_eq!(result.ceded[0].cession.ceded, k(paid), "{kind}");
    }
}

/// A per-risk or proportional treaty inures to the benefit of an excess by event by its lower number (OED, *Reinsurance*, example
/// 4). A loss of 1,000 and an excess of 400 above 300. Excess first: 400, then half of 600: net 300. Quota share first: 500,
/// then 200 above 300: net 300; ceded 500 and 200. Both at once: 400 of the whole and 500 of the whole: net 100.
#[test]
fn treaties_apply_in_inuring_order() {
    let text = |excess: u32, quota: u32| {
        format!(
            "[[treaty]]\nname = 'X'\nkind = 'event_excess'\ninuring = {excess}\noccurrence_attachment = 300e3\noccurrence_limit = 400e3\n\
             [[treaty]]\nname = 'Q'\nkind = 'quota_share'\ninuring = {quota}\nplaced = 0.5"
        )
    };
    for (excess, quota, x, q) in [(1, 2, 400, 300), (2, 1, 200, 500), (1, 1, 400, 500)] {
        let programme = programme(&text(excess, quota));
        assert_eq!(ceded(&programme, "X", &[1_000]), in_thousands(&[x]), "{excess} {quota}");
        assert_eq!(ceded(&programme, "Q", &[1_000]), in_thousands(&[q]), "{excess} {quota}");
    }
}

/// Per risk 100 excess of 100, at most 150 an occurrence. Risks of 150, 250 and 90 give 50, 100 and 0: 150. B's two rows
/// of 100 and 150 share 100 as 40 and 60. With a limit of 75, half: 25, 20 and 30.
#[test]
fn a_recovery_goes_back_to_risks_and_within_them_to_losses() {
    for (limit, net) in [(150, [100, 60, 90, 90]), (75, [125, 80, 120, 90])] {
        let programme = programme(&format!(
            "[[treaty]]\nname = 'A'\nkind = 'risk_excess'\nrisk_attachment = 100e3\nrisk_limit = 100e3\noccurrence_limit = {limit}e3"
        ));
        let at = |policy: &str, location: &str, gross: i64| {
            let subject = Subject { policy_id: policy.into(), location: location.into(), ..Subject::default() };
            Entry { occurrence: 1, subject: Arc::new(subject), gross: k(gross) }
        };
        let entries = vec![at("C", "", 90), at("B", "2", 150), at("A", "", 150), at("B", "1", 100)];
        let result = Ledger::new(&programme, "USD").year(1, entries);
        let found: Vec<Cents> = result.net.iter().map(|row| row.net).collect();
        assert_eq!(found, in_thousands(&net));
    }
}

/// Two treaties of one number that together would pay more than the loss: the second takes what is left.
#[test]
fn no_more_is_ceded_than_there_is() {
    let programme = programme("[[treaty]]\nname = 'A'\nplaced = 0.7\n[[treaty]]\nname = 'B'\nplaced = 0.7");
    assert_eq!((ceded(&programme, "A", &[100]), ceded(&programme, "B", &[100])), (vec![k(70)], vec![k(30)]));
}

/// 1,000 EUR of attachment at 1.5 is 1,500 USD.
#[test]
fn amounts_of_a_treaty_are_in_its_currency() {
    let programme = programme(
        "currency = 'EUR'\n[[treaty]]\nname = 'A'\nkind = 'event_excess'\noccurrence_attachment = 1e6\noccurrence_limit = 1e6",
    );
    assert_eq!(ceded(&programme, "A", &[2_000, 9_000]), in_thousands(&[500, 1_500]));
}

#[test]
fn scopes_cover_what_meets_every_list() {
    let subject = Subject {
        insured_id: "I1".into(),
        policy_id: "I1/POL7/2".into(),
        coverage: Some(crate::portfolio::Coverage::Extortion),
        line: "SME".into(),
        industry: "622110".into(),
        country: "GB".into(),
        ..Subject::default()
    };
    let cases = [
        ("", true),
        ("policies = ['POL7']", true),
        ("policies = ['I1/POL7/2']", true),
        ("policies = ['POL8']", false),
        ("insureds = ['I1'], countries = ['US', 'GB']", true),
        ("insureds = ['I1'], countries = ['US']", false),
        ("coverages = ['extortion', 'liability']", true),
        ("coverages = ['liability']", false),
        ("industries = ['62']", true),
        ("industries = ['healthcare']", true),
        ("industries = ['621', 'retail']", false),
        ("lines = ['SME']", true),
        ("lines = ['LARGE']", false),
        ("locations = ['L']", false),
    ];
    for (scope, covered) in cases {
        let programme = programme(&format!("[[treaty]]\nname = 'A'\nplaced = 0.5\nscope = {{ {scope} }}"));
        let entry = Entry { occurrence: 1, subject: Arc::new(subject.clone()), gross: k(100) };
        let result = Ledger::new(&programme, "USD").year(1, vec![entry]);
        assert_eq!(result.net[0].net, k(if covered { 50 } else { 100 }), "{scope}");
    }
}

/// Losses of an occurrence: policy, location, loss.
fn occurrence(losses: &[(&str, &str, i64)]) -> Vec<Entry> {
    let one = |(policy, location, gross): &(&str, &str, i64)| {
        let insured_id = policy.split('/').next().unwrap_or_default().to_string();
        let subject =
            Subject { insured_id, policy_id: policy.to_string(), location: location.to_string(), ..Subject::default() };
        Entry { occurrence: 1, subject: Arc::new(subject), gross: k(*gross) }
    };
    losses.iter().map(one).collect()
}

/// By hand, what lies above 100 a risk. Policy 1 of account I has two layers, 80 + 70; its policy 2 has 90; account J has 60 under
/// each of two policies and no location. By policy 150 − 100 = 50; by account 240 − 100 and 120 − 100: 160; by location a of
/// I has 80 + 90: 70, and what has no location is by policy; all together 360 − 100.
#[test]
fn what_is_one_risk_is_what_the_level_says() {
    let losses = [("I/1/1", "a", 80), ("I/1/2", "b", 70), ("I/2/1", "a", 90), ("J/1/1", "", 60), ("J/2/1", "", 60)];
    for (level, taken) in [("policy", 50), ("insured", 160), ("location", 70), ("all", 260)] {
        let programme = programme(&format!(
            "[[treaty]]\nname = 'A'\nkind = 'risk_excess'\nrisk = '{level}'\nrisk_attachment = 100e3"
        ));
        let result = Ledger::new(&programme, "USD").year(1, occurrence(&losses));
        assert_eq!(all_ceded(&result), k(taken), "{level}");
    }
}

/// 100 of account I under its policy 1: whichever part comes first, named by account or by policy, says how much is ceded.
#[test]
fn the_first_part_of_a_scope_that_covers_a_loss_says_its_share() {
    let parts = ["ceded = 0.3\nscope = { insureds = ['I'] }", "ceded = 0.6\nscope = { policies = ['1'] }"];
    for (first, second, taken) in [(0, 1, 30), (1, 0, 60)] {
        let programme = programme(&format!(
            "[[treaty]]\nname = 'A'\nkind = 'surplus'\n[[treaty.cession]]\n{}\n[[treaty.cession]]\n{}",
            parts[first], parts[second]
        ));
        let result = Ledger::new(&programme, "USD").year(1, occurrence(&[("I/1/1", "", 100)]));
        assert_eq!(all_ceded(&result), k(taken), "{} first", parts[first]);
    }
}

/// One account is one risk, of whose policies 30 % and 60 % are ceded: of 100 each 30 + 60 = 90, of which the occurrence pays 45:
/// 15 and 30 go back to them.
#[test]
fn within_a_risk_each_loss_gets_back_in_proportion_to_what_is_ceded_of_it() {
    let programme = programme(
        "[[treaty]]\nname = 'A'\nkind = 'surplus'\nrisk = 'insured'\noccurrence_limit = 45e3\n\
         [[treaty.cession]]\nceded = 0.3\nscope = { policies = ['1'] }\n\
         [[treaty.cession]]\nceded = 0.6\nscope = { policies = ['2'] }",
    );
    let result = Ledger::new(&programme, "USD").year(1, occurrence(&[("I/1", "", 100), ("I/2", "", 100)]));
    let net: Vec<Cents> = result.net.iter().map(|row| row.net).collect();
    assert_eq!(net, in_thousands(&[85, 70]));
}

#[test]
fn a_loss_without_a_coverage_is_none_of_those_of_a_scope() {
    let programme =
        programme("[[treaty]]\nname = 'A'\nplaced = 0.5\nscope = { coverages = ['extortion', 'liability'] }");
    assert!(ceded(&programme, "A", &[100]).is_empty());
}

/// Each risk in excess of 100, on two losses of 150: two risks pay 50 each, one risk of 300 pays 200. Layers of one policy are one
/// risk where ids are those of OED accounts, and only there. In thousands.
#[test]
fn policies_are_one_risk_only_as_layers_of_one_oed_account() {
    for (risk, first, second, paid) in [
        ("policy", ["", "2026/CYB/001"], ["", "2026/CYB/002"], 100),
        ("insured", ["", "2026/CYB/001"], ["", "2026/CYB/002"], 100),
        ("insured", ["", "UK/001"], ["", "UK/002"], 100),
        ("policy", ["I", "2026/CYB/001"], ["I", "2026/CYB/002"], 100),
        ("policy", ["A", "A/P/1"], ["A", "A/P/2"], 200),
        ("policy", ["A", "A/P"], ["A", "A/P/2"], 200),
        ("policy", ["A/1", "A/1/P/1"], ["A/1", "A/1/P/2"], 200),
        ("policy", ["A", "A/P/x"], ["A", "A/P/y"], 100),
        ("policy", ["A", "A/P"], ["A", "A/Q"], 100),
        ("policy", ["A", "A/P/1"], ["A", "A/Q/1"], 100),
        ("policy", ["AB", "AB/P/1"], ["A", "AB/P/2"], 100),
        ("policy", ["A", "A/"], ["A", "A//1"], 100),
        ("insured", ["", "A"], ["A", "P"], 100),
        ("insured", ["A", "P"], ["A", "Q"], 200),
    ] {
        let programme = programme(&format!(
            "[[treaty]]\nname = 'A'\nrisk = '{risk}'\nkind = 'risk_excess'\nrisk_attachment = 100e3"
        ));
        let entry = |[insured, policy]: [&str; 2]| {
            let subject = Subject { insured_id: insured.into(), policy_id: policy.into(), ..Subject::default() };
            Entry { occurrence: 1, subject: Arc::new(subject), gross: k(150) }
        };
        let result = Ledger::new(&programme, "USD").year(1, vec![entry(first), entry(second)]);
        assert_eq!(result.ceded[0].cession.ceded, k(paid), "{risk}: {first:?} {second:?}");
    }
}
