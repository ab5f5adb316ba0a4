//! When an occurrence was: year, month and day.

use jiff::civil::Date;

use crate::table::Cell;

/// Lengths of the months in a year of 365 days, as simulated years have.
const MONTHS: [u16; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The day of an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrdDay {
    /// The calendar's year; the simulated one where only the day of the year is known.
    pub year: u32,
    /// From 1.
    pub month: u8,
    /// Of the month, from 1.
    pub day: u8,
}

impl OrdDay {
    /// Of a date.
    pub fn of_date(date: Date) -> OrdDay {
        OrdDay { year: date.year().max(0) as u32, month: date.month() as u8, day: date.day() as u8 }
    }

    /// Of day 1 to 365 of a simulated year; nothing for others.
    pub fn of_day(year: u32, day: u16) -> Option<OrdDay> {
        let mut left = day;
        for (days, month) in MONTHS.into_iter().zip(1..) {
            if (1..=days).contains(&left) {
                return Some(OrdDay { year, month, day: left as u8 });
            }
            left = left.checked_sub(days)?;
        }
        None
    }
}

/// Year, Month, Day, Hour and Minute: what is not known is blank.
pub(super) fn cells(calendar: Option<OrdDay>) -> [Cell; 5] {
    let part = |of: fn(OrdDay) -> i64| calendar.map_or(Cell::Null, |own| Cell::Integer(of(own)));
    [part(|c| c.year.into()), part(|c| c.month.into()), part(|c| c.day.into()), Cell::Null, Cell::Null]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_a_year_have_their_month() {
        let of = |day: u16| OrdDay::of_day(7, day).map(|c| (c.year, c.month, c.day));
        assert_eq!(
            [1, 31, 32, 59, 60, 365].map(of),
            [(7, 1, 1), (7, 1, 31), (7, 2, 1), (7, 2, 28), (7, 3, 1), (7, 12, 31)].map(Some)
        );
        assert_eq!([0, 366, u16::MAX].map(of), [None; 3]);
        assert!((1..=365).map(of).all(|day| day.is_some()));
    }
}
