//! What the occurrences of a year use up, by hand.

use super::*;

/// Each line: a treaty, a year's losses and what it pays of each, in thousands, with where it comes from.
#[test]
fn annual_terms_across_occurrences() {
    let cases: [(&str, &str, &[i64], &[i64]); 7] = [
        (
            // Institute and Faculty of Actuaries, GI paper of September 2008, as explained to its students: 1 M excess of
            // 1 M with an aggregate deductible of 2 M; of five losses of 1.5 M, the fifth is the first to be recovered.
            "annual aggregate deductible",
            "kind = 'event_excess'\noccurrence_attachment = 1e6\noccurrence_limit = 1e6\nannual_deductible = 2e6",
            &[1_500, 1_500, 1_500, 1_500, 1_500],
            &[0, 0, 0, 0, 500],
        ),
        (
            // Chartered Insurance Institute, study text M97 *Reinsurance* (2018–19), example 5.15, p. 5/21: 2 M excess of 2 M
            // with one reinstatement; losses of 2.35 M, 3 M and 4 M are paid 0.35 M, 1 M and 2 M, and of a further 3 M the 0.65 M
            // that are left of 4 M.
            "an annual limit over occurrences, by one reinstatement",
            "kind = 'event_excess'\noccurrence_attachment = 2e6\noccurrence_limit = 2e6\nreinstatements = [0.0]",
            &[2_350, 3_000, 4_000, 3_000],
            &[350, 1_000, 2_000, 650],
        ),
        (
            // The same rule by the limit of a year: OED, *Reinsurance Types and Terms*, AggLimit.
            "aggregate limit across three occurrences: 400 + 400 leave 200 of 1,000",
            "kind = 'event_excess'\noccurrence_attachment = 100e3\noccurrence_limit = 400e3\nannual_limit = 1e6",
            &[600, 500, 900],
            &[400, 400, 200],
        ),
        (
            "no reinstatement: the limit once a year",
            "kind = 'event_excess'\noccurrence_attachment = 100e3\noccurrence_limit = 400e3\nreinstatements = []",
            &[300, 600, 900],
            &[200, 200, 0],
        ),
        (
            "aggregate excess 500 excess of 1,000: running sums 600, 1,300, 1,800",
            "kind = 'aggregate_excess'\nannual_deductible = 1e6\nannual_limit = 500e3",
            &[600, 700, 500],
            &[0, 300, 200],
        ),
        (
            "aggregate excess of what lies above 100 each occurrence",
            "kind = 'aggregate_excess'\noccurrence_attachment = 100e3\nannual_deductible = 500e3\nannual_limit = 1e6",
            &[50, 700, 400],
            &[0, 100, 300],
        ),
        (
            "quota share of 30 % with an annual limit of 500 (100 %)",
            "kind = 'quota_share'\nplaced = 0.3\nannual_limit = 500e3",
            &[400, 400],
            &[120, 30],
        ),
    ];
    for (what, terms, losses, paid) in cases {
        let programme = programme(&format!("[[treaty]]\nname = 'A'\n{terms}"));
        assert_eq!(ceded(&programme, "A", losses), in_thousands(paid), "{what}");
    }
}

/// 400 excess of 100: with 1,000 a year the third loss uses up what two have left; with one reinstatement the second; without a limit of
/// a year each loss of 500 or more uses up its occurrence. What takes everything is never used up. In thousands.
#[test]
fn a_treaty_is_exhausted_when_nothing_is_left_of_the_year_or_else_of_the_occurrence() {
    let layer = "kind = 'event_excess'\noccurrence_attachment = 100e3\noccurrence_limit = 400e3\n";
    let cases = [
        (format!("{layer}annual_limit = 1e6"), [600, 500, 300], [false, false, true]),
        (format!("{layer}reinstatements = [0.0]"), [600, 500, 300], [false, true, true]),
        (layer.to_string(), [600, 499, 500], [true, false, true]),
        ("kind = 'quota_share'\nceded = 0.3".to_string(), [600, 500, 300], [false; 3]),
    ];
    for (terms, losses, exhausted) in cases {
        let programme = programme(&format!("[[treaty]]\nname = 'A'\n{terms}"));
        let entries = (1..).zip(losses).map(|(occurrence, loss)| entry(occurrence, "P", k(loss))).collect();
        let result = Ledger::new(&programme, "USD").year(1, entries);
        let told: Vec<bool> = result.ceded.iter().map(|row| row.cession.exhausted).collect();
        assert_eq!(told, exhausted, "{terms}");
    }
}

/// Ten recoveries of a tenth of the limit, each of which costs a cent, of which half is placed: together half of ten cents, whatever
/// half a cent is rounded to.
#[test]
fn reinstatement_premiums_of_a_year_add_up_to_that_of_its_total() {
    let own = Reinstatements { limit: Cents(1_000), premium: Cents(10), charges: vec![1_000_000_000] };
    let half = Share::of_decimal(0.5).unwrap();
    let due: Vec<i64> = (0..10).map(|at| own.premium_of(Cents(100 * at), Cents(100), half).0).collect();
    assert_eq!(due.iter().sum::<i64>(), 5, "{due:?}");
}

/// A quota share of 80 % and 400 excess of 300 (premium 60, one reinstatement at 100 %) of one number. Of 1,000 the quota share
/// takes 800: of the 400 that are due, 200 are left. They cost 200 ÷ 400 · 60 = 30, and 600 of the year's 800 are left. The
/// second 1,000: again 200 and 30. Of the third and fourth, 200 each and nothing, as both halves are reinstated: 800 are paid,
/// and the year is used up. A fifth is not paid. In thousands.
#[test]
fn what_an_earlier_treaty_of_the_same_number_takes_is_neither_paid_nor_charged_nor_used_up() {
    let programme = programme(
        "[[treaty]]\nname = 'Q'\nceded = 0.8\n[[treaty]]\nname = 'X'\nkind = 'event_excess'\noccurrence_attachment = 300e3\n\
         occurrence_limit = 400e3\nreinstatements = [1.0]\npremium = 60e3",
    );
    let entries = (1..=5).map(|occurrence| entry(occurrence, "P", k(1_000))).collect();
    let result = Ledger::new(&programme, "USD").year(1, entries);
    let own = result.ceded.iter().filter(|row| &*row.treaty == "X").map(|row| row.cession);
    let told: Vec<(Cents, Cents, bool)> = own.map(|c| (c.ceded, c.reinstatement_premium, c.exhausted)).collect();
    let due = [(200, 30, false), (200, 30, false), (200, 0, false), (200, 0, true), (0, 0, true)];
    assert_eq!(told, due.map(|(ceded, premium, exhausted)| (k(ceded), k(premium), exhausted)));
}

/// With a placed share of 50 %, 200 of the 400 are due; the quota share leaves 100, which is half of it: 200 at 100 %, half of
/// the limit, and 50 % of half of the premium: 15. In thousands.
#[test]
fn what_is_used_up_of_a_year_is_at_whole_shares() {
    let programme = programme(
        "[[treaty]]\nname = 'Q'\nceded = 0.9\n[[treaty]]\nname = 'X'\nkind = 'event_excess'\noccurrence_attachment = 300e3\n\
         occurrence_limit = 400e3\nreinstatements = [1.0]\npremium = 60e3\nplaced = 0.5",
    );
    assert_eq!(year(&programme, "X", &[k(1_000)]), [(k(100), k(15))]);
}

/// 100 excess of 100 each risk, at most 200 an event, two reinstatements at 100 % of 30. What is reinstated is the risk's 100: 300
/// a year. Three risks of 300 cost the event 300, of which 200 are paid: two limits, 2 · 30. The next event has two: 100 of 200
/// are left, and no reinstatement. Of an excess by event it is the event's limit: 600 a year. In thousands.
#[test]
fn an_excess_by_risk_reinstates_the_limit_of_a_risk() {
    let terms = "risk_attachment = 100e3\nrisk_limit = 100e3\noccurrence_limit = 200e3\nreinstatements = [1.0, 1.0]\npremium = 30e3";
    for (kind, annual, paid) in
        [("risk_excess", 300, [(200, 60), (100, 0)]), ("event_excess", 600, [(200, 30), (200, 30)])]
    {
        for limit in [String::new(), format!("annual_limit = {annual}e3")] {
            let programme = programme(&format!("[[treaty]]\nname = 'A'\nkind = '{kind}'\n{terms}\n{limit}"));
            let at = |occurrence: i64, policies: &'static str| {
                policies.split(' ').map(move |policy| entry(occurrence, policy, k(300)))
            };
            let entries = at(1, "A B C").chain(at(2, "A B")).collect();
            let result = Ledger::new(&programme, "USD").year(1, entries);
            let told = result.ceded.iter().map(|row| (row.cession.ceded, row.cession.reinstatement_premium));
            assert_eq!(told.collect::<Vec<_>>(), paid.map(|(paid, due)| (k(paid), k(due))), "{kind} {limit}");
        }
    }
}

/// A premium of one cent for a limit of three: a recovery of two reinstates two thirds, to the nearest cent one; of one, a third, nothing.
#[test]
fn a_reinstatement_premium_is_rounded_to_the_nearest_cent() {
    let own = Reinstatements { limit: Cents(3), premium: Cents(1), charges: vec![1_000_000_000] };
    assert_eq!([1, 2, 3].map(|recovered| own.premium(Cents(recovered)).0), [0, 1, 1]);
}
