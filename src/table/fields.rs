//! Reading one row's cells, noting what is wrong and going on.

use jiff::civil::Date;

use super::{Kind, Row, Table};
use crate::fault::{Fault, Outcome};
use crate::moment::Moment;
use crate::money::Cents;
use crate::name::Name;

/// What to do about a number that is not whole.
const WHOLE: &str = "write digits alone, such as 12";

/// The cells of a row of a declared table, and the faults met in them.
pub struct Fields<'a> {
    row: &'a Row<'a>,
    table: &'a Table,
    /// Faults so far.
    pub faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    /// The fields of `row`.
    pub fn new(row: &'a Row<'a>, table: &'a Table) -> Fields<'a> {
        Fields { row, table, faults: Vec::new() }
    }

    /// Whether no fault sets the row aside so far.
    pub fn stand(&self) -> bool {
        self.faults.iter().all(|f| f.outcome == Outcome::Kept)
    }

    /// The row's value when no fault sets it aside, and all faults.
    pub fn finish<T>(self, value: T) -> (Option<T>, Vec<Fault>) {
        (self.stand().then_some(value), self.faults)
    }

    /// A probability in [0, 1]; nothing when blank.
    pub fn probability(&mut self, column: &str) -> Option<f64> {
        let share = self.number(column);
        if share.is_some_and(|p| p > 1.0) {
            self.refuse(column, "a probability lies in [0, 1]", "write 12 % as 0.12");
        }
        share
    }

    /// A probability that must be there.
    pub fn required_probability(&mut self, column: &str) -> f64 {
        if self.text(column).is_empty() {
            self.refuse(column, "required, and blank", "");
        }
        self.probability(column).unwrap_or(0.0)
    }

    /// A moment; nothing when blank.
    pub fn moment(&mut self, column: &str) -> Option<Moment> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let moment = Moment::parse(text);
        if moment.is_none() {
            self.refuse(column, "not a time", "write ISO 8601, such as 2026-05-31T12:00:00Z");
        }
        moment
    }

    /// An answer that must be there.
    pub fn yes_or_no(&mut self, column: &str) -> bool {
        let word = self.text(column).to_ascii_lowercase();
        let yes = matches!(word.as_str(), "yes" | "y" | "true" | "1");
        if !yes && !matches!(word.as_str(), "no" | "n" | "false" | "0") {
            self.refuse(column, "must be yes or no", "leave out the row of what was not answered");
        }
        yes
    }

    /// The insured's share of each loss, in [0, 1).
    pub fn coinsurance(&mut self, column: &str, blank: f64) -> f64 {
        match self.number(column) {
            Some(x) if x >= 1.0 => {
                self.refuse(column, "the insured's share lies in [0, 1)", "write 20 % as 0.2");
                0.0
            }
            other => other.unwrap_or(blank),
        }
    }

    /// The text at `column`; blank when absent.
    pub fn text(&self, column: &str) -> &'a str {
        self.table.position(column).map_or("", |at| self.row.cell(at))
    }

    /// Notes a fault that sets the row aside.
    pub fn refuse(&mut self, column: &str, rule: &str, hint: &str) {
        let fault = Fault::new(column, self.text(column), rule).hint(hint);
        self.faults.push(fault);
    }

    /// Notes a fault and keeps the row.
    pub fn warn(&mut self, column: &str, rule: &str, hint: &str) {
        let fault = Fault::new(column, self.text(column), rule).hint(hint).kept();
        self.faults.push(fault);
    }

    /// Text that must be there.
    pub fn required(&mut self, column: &str) -> String {
        if self.text(column).is_empty() {
            self.refuse(column, "required, and blank", "");
        }
        self.text(column).to_string()
    }

    /// A number of at least zero; nothing when blank.
    pub fn number(&mut self, column: &str) -> Option<f64> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match text.parse::<f64>() {
            Ok(x) if x.is_finite() && x >= 0.0 => Some(x),
            Ok(x) if x < 0.0 => {
                self.refuse(column, "must not be negative", "leave the cell blank where there is none");
                None
            }
            _ => {
                let share = self.table.columns.iter().any(|own| own.name == column && own.kind == Kind::Share);
                let hint = match share {
                    true => "write 12 % as 0.12",
                    false => "write 1250000 or 1250000.50, without separators or currency signs",
                };
                self.refuse(column, "not a number", hint);
                None
            }
        }
    }

    /// A whole number of at least zero that must be there.
    pub fn whole(&mut self, column: &str) -> i64 {
        match self.integer(column) {
            Some(number) if number >= 0 => return number,
            _ if self.text(column).is_empty() => self.refuse(column, "required, and blank", ""),
            _ => self.refuse(column, "not a whole number of at least zero", WHOLE),
        }
        0
    }

    /// A whole number of at least zero; nothing when blank.
    pub fn optional_whole(&mut self, column: &str) -> Option<u32> {
        match self.integer(column) {
            Some(number) if number >= 0 => match u32::try_from(number) {
                Ok(number) => return Some(number),
                Err(_) => self.refuse(column, "beyond the largest number", "numbers go up to 4294967295"),
            },
            _ if self.text(column).is_empty() => {}
            _ => self.refuse(column, "not a whole number of at least zero", WHOLE),
        }
        None
    }

    /// A whole number that counts from 1 and must be there; 1 where it is refused.
    pub fn counted(&mut self, column: &str) -> u32 {
        match self.integer(column) {
            Some(0) => self.refuse(column, "counts from 1", "the first is 1, not 0"),
            Some(number) if number > 0 => match u32::try_from(number) {
                Ok(number) => return number,
                Err(_) => self.refuse(column, "beyond the largest number", "numbers go up to 4294967295"),
            },
            _ if self.text(column).is_empty() => self.refuse(column, "required, and blank", ""),
            _ => self.refuse(column, "not a whole number from 1 on", WHOLE),
        }
        1
    }

    fn integer(&self, column: &str) -> Option<i64> {
        let text = self.text(column);
        text.strip_suffix(".0").unwrap_or(text).parse().ok()
    }

    /// An amount of at least zero; nothing when blank.
    pub fn money(&mut self, column: &str) -> Option<Cents> {
        self.number(column)?;
        let cents = Cents::parse(self.text(column));
        if cents.is_none() {
            self.refuse(column, "beyond the largest amount", "amounts go up to 90 thousand trillion");
        }
        cents
    }

    /// An amount that must be there.
    pub fn required_money(&mut self, column: &str) -> Cents {
        if self.text(column).is_empty() {
            self.refuse(column, "required, and blank", "");
        }
        self.money(column).unwrap_or_default()
    }

    /// A number that need not be right: what can't be read is noted and left out.
    pub fn optional_count(&mut self, column: &str) -> Option<u64> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let count = text.parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0).map(|x| x.round() as u64);
        if count.is_none() {
            self.warn(column, "not a count; left out", WHOLE);
        }
        count
    }

    /// A share in (0, 1]; `default` when blank.
    pub fn share(&mut self, column: &str, default: f64) -> f64 {
        match self.number(column) {
            Some(x) if x > 0.0 && x <= 1.0 => x,
            Some(_) => {
                self.refuse(column, "a share lies above 0 and not above 1", "write 12 % as 0.12");
                default
            }
            None => default,
        }
    }

    /// A date from 1900 to 2200 that must be there; a time of day after it (OED's smalldatetime) is left out.
    pub fn date(&mut self, column: &str) -> Option<Date> {
        let text = self.text(column);
        let day = text.parse::<Date>().ok().or_else(|| text.parse::<jiff::civil::DateTime>().ok().map(|t| t.date()));
        match day {
            Some(date) if (1900..=2200).contains(&date.year()) => return Some(date),
            Some(_) => self.refuse(column, "a year between 1900 and 2200 is needed", ""),
            None if text.is_empty() => self.refuse(column, "required, and blank", ""),
            None => self.refuse(column, "not a date", "write ISO 8601: 2026-05-31"),
        }
        None
    }

    /// Two dates in order. (When one can't be read, the row is set aside and what is given back does not matter.)
    pub fn period(&mut self, inception: &str, expiry: &str) -> (Date, Date) {
        match (self.date(inception), self.date(expiry)) {
            (Some(from), Some(to)) => {
                if to <= from {
                    let rule = format!("expiry is not after inception ({from})");
                    self.refuse(expiry, &rule, "are the two columns swapped?");
                }
                (from, to)
            }
            _ => (Date::MIN, Date::MIN),
        }
    }

    /// Hosts of a list, without a leading `www.`; what is no domain name is noted and left out.
    pub fn hosts(&mut self, column: &str) -> Vec<String> {
        let mut hosts = Vec::new();
        for part in self.text(column).split([';', ',', '|', ' ']).map(str::trim).filter(|p| !p.is_empty()) {
            match Name::parse(column, part) {
                Ok(name) => {
                    if crate::name::registrable(&name.host).is_none() {
                        let rule = "a public suffix; only records of this very name are used";
                        self.faults.push(
                            Fault::new(column, part, rule)
                                .hint("right for a town that owns it, wrong for co.uk")
                                .kept(),
                        );
                    }
                    hosts.push(name.without_www());
                }
                Err(mut fault) => {
                    fault.rule += "; this domain is left out";
                    self.faults.push(fault.kept());
                }
            }
        }
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// A NAICS code of 2 to 6 digits, or a sector of several such as 31-33, whose first stands for all; anything else is noted and
    /// left out.
    pub fn naics(&mut self, column: &str) -> String {
        let code = self.text(column).trim_end_matches(".0");
        let code = if ["31-33", "44-45", "48-49"].contains(&code) { &code[..2] } else { code };
        if code.is_empty() || (2..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) {
            return code.to_string();
        }
        self.warn(
            column,
            "not a NAICS code of 2 to 6 digits; left out",
            "write digits, of which the first two are enough, such as 511210 or 51",
        );
        String::new()
    }

    /// A two-letter country code; anything else is noted and left out.
    pub fn country(&mut self, column: &str) -> String {
        let code = self.text(column).to_ascii_uppercase();
        if code.is_empty() || code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            return code;
        }
        self.warn(column, "not a two-letter country code; left out", "use ISO 3166, such as GB");
        String::new()
    }
}
