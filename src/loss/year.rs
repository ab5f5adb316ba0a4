//! Losses of each simulated year.

use crate::fault::Fault;
use crate::money::Cents;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column, once};

/// One amount from the ground up, after policy terms, and after reinsurance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Losses of the insureds before any policy.
    pub ground_up: Cents,
    /// What the policies pay.
    pub gross: Cents,
    /// What treaties leave of it.
    pub net: Cents,
}

impl std::ops::AddAssign for Amounts {
    fn add_assign(&mut self, other: Amounts) {
        self.ground_up += other.ground_up;
        self.gross += other.gross;
        self.net += other.net;
    }
}

impl Amounts {
    /// The larger of each.
    pub fn max(self, other: Amounts) -> Amounts {
        Amounts {
            ground_up: self.ground_up.max(other.ground_up),
            gross: self.gross.max(other.gross),
            net: self.net.max(other.net),
        }
    }
}

/// Columns of sums, or of one occurrence or claim.
pub(super) const AMOUNTS: [&str; 3] = ["ground_up", "gross", "net"];

/// Columns of the largest occurrence.
const LARGEST: [&str; 3] = ["largest_ground_up", "largest_gross", "largest_net"];

impl Amounts {
    /// Amounts of these columns; what is blank is `blank` from the ground up and gross, and gross is net.
    fn read(fields: &mut Fields, columns: [&str; 3], blank: [Cents; 2]) -> Amounts {
        let gross = fields.money(columns[1]).unwrap_or(blank[1]);
        let ground_up = fields.money(columns[0]).unwrap_or(blank[0].max(gross));
        let amounts = Amounts { ground_up, gross, net: fields.money(columns[2]).unwrap_or(gross) };
        amounts.ordered(fields, columns);
        amounts
    }

    /// Amounts of [`AMOUNTS`], of which gross must be there; what is blank is gross.
    pub(super) fn of_row(fields: &mut Fields) -> Amounts {
        fields.required(AMOUNTS[1]);
        Amounts::read(fields, AMOUNTS, [Cents::ZERO; 2])
    }

    /// Policies and treaties only take: ground-up ≥ gross ≥ net.
    fn ordered(&self, fields: &mut Fields, columns: [&str; 3]) {
        let steps = [(0, self.ground_up, self.gross), (1, self.gross, self.net)];
        for (at, more, less) in steps {
            if less > more && fields.stand() {
                let rule = format!("is more than {} ({more})", columns[at]);
                fields.refuse(columns[at + 1], &rule, "ground-up ≥ gross ≥ net: are two columns swapped?");
            }
        }
    }
}

/// Losses of one year; in scenario mode of one trial, in which the event happens once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearLoss {
    /// Counted from 1.
    pub year: u32,
    /// Occurrences of events.
    pub occurrences: u32,
    /// Insureds with a loss, counted once an occurrence.
    pub hits: u32,
    /// Policies that pay, counted once an occurrence.
    pub claims: u32,
    /// The year's sums.
    pub sum: Amounts,
    /// The year's largest occurrence, each amount on its own.
    pub largest: Amounts,
    /// Premium for reinstating treaties.
    pub reinstatement_premium: Cents,
}

const MONEY: &str = "reporting currency";

/// The table of years.
pub const LOSSES: Table = Table {
    name: "losses",
    meaning: "Simulated losses: one row a year (in scenario mode a trial in which the event happens once); every year is there, also those without a loss.",
    columns: &[
        column("year", Kind::Integer, "", true, "Simulated year, or trial, counted from 1"),
        column("occurrences", Kind::Integer, "", false, "Occurrences of events"),
        column("hits", Kind::Integer, "insureds", false, "Insureds with a loss, counted once an occurrence"),
        column("claims", Kind::Integer, "policies", false, "Policies that pay, counted once an occurrence"),
        column("ground_up", Kind::Money, MONEY, true, "Losses before any policy, the year's sum"),
        column("gross", Kind::Money, MONEY, true, "What the policies pay, the year's sum"),
        column("net", Kind::Money, MONEY, false, "What treaties leave of it, the year's sum; gross when blank"),
        column(
            "largest_ground_up",
            Kind::Money,
            MONEY,
            false,
            "The year's largest occurrence before any policy; the sum when blank, which it may be in a year of one",
        ),
        column("largest_gross", Kind::Money, MONEY, false, "The year's largest occurrence, what the policies pay"),
        column("largest_net", Kind::Money, MONEY, false, "The year's largest occurrence, what treaties leave"),
        column("reinstatement_premium", Kind::Money, MONEY, false, "Premium for reinstating treaties"),
    ],
};

impl Record for YearLoss {
    const TABLE: Table = LOSSES;

    fn cells(&self) -> Vec<Cell> {
        let counts = [self.year, self.occurrences, self.hits, self.claims].map(|n| Cell::Integer(n.into()));
        let of = |a: &Amounts| [a.ground_up, a.gross, a.net].map(Cell::Money);
        counts
            .into_iter()
            .chain(of(&self.sum))
            .chain(of(&self.largest))
            .chain([Cell::Money(self.reinstatement_premium)])
            .collect()
    }
}

impl YearLoss {
    /// Reads one row of a loss table, the engine's own or the user's: the year when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<YearLoss>, Vec<Fault>) {
        let mut fields = Fields::new(row, &LOSSES);
        let year = fields.counted("year");
        let mut count = |column: &str| fields.optional_whole(column).unwrap_or(0);
        let (occurrences, hits, claims) = (count("occurrences"), count("hits"), count("claims"));
        fields.required(AMOUNTS[0]);
        let sum = Amounts::of_row(&mut fields);
        let largest = YearLoss::largest(&mut fields, &sum, occurrences);
        let reinstatement_premium = fields.money("reinstatement_premium").unwrap_or_default();
        fields.finish(YearLoss { year, occurrences, hits, claims, sum, largest, reinstatement_premium })
    }

    /// The largest occurrence: no more than the year's sum, and the sum itself where it is blank, which it may be in a year of one
    /// occurrence alone. (Of net, gross is what is blank where the year's net is.)
    fn largest(fields: &mut Fields, sum: &Amounts, occurrences: u32) -> Amounts {
        let sums = [sum.ground_up, sum.gross, sum.net];
        let of_gross = fields.text(AMOUNTS[2]).is_empty();
        let untold =
            |at: &usize| fields.text(LARGEST[*at]).is_empty() && sums[*at] > Cents::ZERO && !(*at == 2 && of_gross);
        if let Some(at) = (0..3).find(untold).filter(|_| occurrences > 1 && fields.stand()) {
            let rule = format!("blank, in a year of {occurrences} occurrences");
            fields.refuse(
                LARGEST[at],
                &rule,
                "give the year's largest occurrence, or leave out the column occurrences",
            );
        }
        let mut largest = Amounts::read(fields, LARGEST, [sum.ground_up, sum.gross]);
        if fields.text(LARGEST[2]).is_empty() && !of_gross {
            largest.net = sum.net.min(largest.gross);
        }
        for (at, own) in [largest.ground_up, largest.gross, largest.net].into_iter().enumerate() {
            if fields.stand() && own > sums[at] {
                let rule = format!("is more than {}, the year's sum ({})", AMOUNTS[at], sums[at]);
                fields.refuse(LARGEST[at], &rule, "one occurrence is a part of its year");
            }
        }
        largest
    }

    /// Reads the rows of a loss table, each year once.
    pub fn reader() -> impl Fn(&Row) -> (Option<YearLoss>, Vec<Fault>) {
        once("year", |loss: &YearLoss| loss.year, YearLoss::read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CLAIMS, ClaimLoss, LOSSES_BY_POLICY, OCCURRENCES, OccurrenceLoss, PolicyLoss};
    use super::*;
    use crate::portfolio::Coverage;

    /// Reads a row written as `column=value column=value …`.
    fn row<T>(
        table: &Table,
        text: &str,
        read: impl Fn(&Row) -> (Option<T>, Vec<Fault>),
    ) -> Result<T, (String, String, String)> {
        let cells: Vec<String> = text.split(' ').map(|part| part.split_once('=').unwrap().1.to_string()).collect();
        let names: Vec<&str> = text.split(' ').map(|part| part.split_once('=').unwrap().0).collect();
        assert!(names.iter().all(|name| table.position(name).is_some()), "{text}");
        let columns: Vec<Option<usize>> =
            table.header().map(|own| names.iter().position(|name| *name == own)).collect();
        let (value, faults) = read(&Row::new(&cells, &columns));
        value.ok_or_else(|| {
            let way_out = !faults[0].hint.is_empty() || faults[0].rule.starts_with("required");
            assert!(faults.len() == 1 && way_out, "{text}: {faults:?}");
            (faults[0].column.clone(), faults[0].value.clone(), faults[0].rule.clone())
        })
    }

    fn refused<T: std::fmt::Debug>(result: Result<T, (String, String, String)>, column: &str, value: &str, rule: &str) {
        let (own, seen, why) = result.unwrap_err();
        assert_eq!((own.as_str(), seen.as_str()), (column, value), "{why}");
        assert!(why.contains(rule), "{column}: {why}");
    }

    #[test]
    fn no_row_of_losses_has_more_after_policies_or_treaties_than_before() {
        let year = |text: &str| row(&LOSSES, &format!("year=1 {text}"), YearLoss::read);
        let occurrence = |text: &str| row(&OCCURRENCES, &format!("year=1 occurrence=1 {text}"), OccurrenceLoss::read);
        let claim = |text: &str| row(&CLAIMS, &format!("year=1 occurrence=1 policy_id=P {text}"), ClaimLoss::read);
        let gross = "ground_up=100 gross=100.01";
        refused(year(gross), "gross", "100.01", "more than ground_up (100)");
        refused(occurrence(gross), "gross", "100.01", "more than ground_up (100)");
        refused(claim(gross), "gross", "100.01", "more than ground_up (100)");
        let net = "ground_up=100 gross=50 net=60";
        refused(year(net), "net", "60", "more than gross (50)");
        refused(occurrence(net), "net", "60", "more than gross (50)");
        refused(claim(net), "net", "60", "more than gross (50)");
        let blank = Amounts { ground_up: Cents(5_000), gross: Cents(5_000), net: Cents(5_000) };
        assert_eq!(claim("gross=50").unwrap().amounts, blank, "what is not told is not less than what is");
        assert_eq!(occurrence("ground_up=50 gross=50").unwrap().amounts, blank);
        refused(occurrence("gross=50"), "ground_up", "", "required");
        refused(year("gross=50"), "ground_up", "", "required");
        refused(claim("ground_up=50"), "gross", "", "required");
    }

    #[test]
    fn the_largest_occurrence_is_a_part_of_its_year_and_told_where_there_are_several() {
        let year = |text: &str| row(&LOSSES, &format!("year=1 {text}"), YearLoss::read);
        let one = year("occurrences=1 ground_up=100 gross=50 net=20").unwrap();
        assert_eq!(one.largest, one.sum);
        let untold = year("ground_up=100 gross=50").unwrap();
        assert_eq!(untold.largest, untold.sum);
        let two = "occurrences=2 ground_up=100 gross=50";
        refused(year(two), "largest_ground_up", "", "blank, in a year of 2 occurrences");
        refused(
            year(&format!("{two} net=20 largest_ground_up=60 largest_gross=30")),
            "largest_net",
            "",
            "blank, in a year",
        );
        let net = year(&format!("{two} largest_ground_up=60 largest_gross=30")).unwrap();
        assert_eq!(net.largest, Amounts { ground_up: Cents(6_000), gross: Cents(3_000), net: Cents(3_000) });
        let more = format!("{two} largest_ground_up=101 largest_gross=30");
        refused(year(&more), "largest_ground_up", "101", "more than ground_up, the year's sum (100)");
        let swapped = format!("{two} largest_ground_up=10 largest_gross=30");
        refused(year(&swapped), "largest_gross", "30", "more than largest_ground_up (10)");
        assert!(year("occurrences=0 ground_up=0 gross=0").is_ok());
    }

    #[test]
    fn counts_are_whole_days_are_of_a_year_and_coverages_are_known() {
        let loss = "ground_up=1 gross=1";
        let year = |text: &str| row(&LOSSES, &format!("year=1 {loss} {text}"), YearLoss::read);
        refused(year("hits=3.7"), "hits", "3.7", "not a whole number");
        refused(year("occurrences=-1"), "occurrences", "-1", "not a whole number");
        refused(year("claims=4294967296"), "claims", "4294967296", "beyond the largest");
        assert_eq!(year("hits=3.0").unwrap().hits, 3);
        let occurrence =
            |text: &str| row(&OCCURRENCES, &format!("year=1 occurrence=1 {loss} {text}"), OccurrenceLoss::read);
        refused(occurrence("day=400"), "day", "400", "no day of a year");
        refused(occurrence("day=0"), "day", "0", "no day of a year");
        refused(occurrence("hit_share=1.5"), "hit_share", "1.5", "[0, 1]");
        refused(occurrence("claims=0.5"), "claims", "0.5", "not a whole number");
        assert_eq!(occurrence("day=365").unwrap().day, Some(365));
        let claim =
            |text: &str| row(&CLAIMS, &format!("year=1 occurrence=1 policy_id=P {loss} {text}"), ClaimLoss::read);
        refused(claim("coverage=EXTRA"), "coverage", "EXTRA", "not a coverage");
        assert_eq!(claim("coverage=EXT").unwrap().coverage, Some(Coverage::Extortion));
        assert_eq!(claim("coverage=").unwrap().coverage, None);
        let policy =
            |text: &str| row(&LOSSES_BY_POLICY, &format!("policy_id=P total_gross=1 {text}"), PolicyLoss::read);
        refused(policy("years=2.5"), "years", "2.5", "not a whole number");
        assert_eq!(policy("years=10").unwrap().years, 10);
    }

    #[test]
    fn a_year_or_a_policy_that_is_there_twice_is_set_aside() {
        let years = YearLoss::reader();
        let year = |text: &str| row(&LOSSES, &format!("{text} ground_up=1 gross=1"), &years);
        assert!(year("year=1").is_ok() && year("year=2").is_ok());
        refused(year("year=1"), "year", "1", "is there twice");
        let policies = PolicyLoss::reader();
        let policy = |id: &str| row(&LOSSES_BY_POLICY, &format!("policy_id={id} total_gross=1 years=1"), &policies);
        assert!(policy("P").is_ok() && policy("Q").is_ok());
        refused(policy("P"), "policy_id", "P", "is there twice");
    }
}
