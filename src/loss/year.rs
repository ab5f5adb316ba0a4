//! Losses of each simulated year.

use crate::fault::Fault;
use crate::money::Cents;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

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
        column("largest_ground_up", Kind::Money, MONEY, false, "The year's largest occurrence before any policy"),
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
        let mut count = |column: &str| fields.number(column).map_or(0, |x| x as u32);
        let (occurrences, hits, claims) = (count("occurrences"), count("hits"), count("claims"));
        let (ground_up, gross) = (fields.required_money("ground_up"), fields.required_money("gross"));
        let mut money = |column: &str, blank: Cents| fields.money(column).unwrap_or(blank);
        let net = money("net", gross);
        let largest = Amounts {
            ground_up: money("largest_ground_up", ground_up),
            gross: money("largest_gross", gross),
            net: money("largest_net", net),
        };
        let reinstatement_premium = money("reinstatement_premium", Cents::ZERO);
        let year = YearLoss {
            year,
            occurrences,
            hits,
            claims,
            sum: Amounts { ground_up, gross, net },
            largest,
            reinstatement_premium,
        };
        fields.finish(year)
    }
}
