//! Moments in UTC, read as scanners write them.

use jiff::civil;

/// A moment in UTC, in whole seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// Reads an ISO 8601 time; without an offset it is UTC, without a time it is midnight UTC.
    pub fn parse(text: &str) -> Option<Moment> {
        let text = text.trim();
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Some(Moment(time.as_second()));
        }
        let utc =
            |time: civil::DateTime| jiff::tz::TimeZone::UTC.to_timestamp(time).ok().map(|t| Moment(t.as_second()));
        if let Ok(time) = text.trim_end_matches(" UTC").parse::<civil::DateTime>() {
            return utc(time);
        }
        utc(text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0))
    }

    /// The last second of a day: evidence of the as-of date itself is read.
    pub fn end_of(day: civil::Date) -> Moment {
        Moment(Moment::parse(&day.to_string()).map_or(0, |m| m.0) + 86_399)
    }

    /// `2026-04-28T06:50:40Z`.
    pub fn iso(self) -> String {
        jiff::Timestamp::from_second(self.0).map(|t| t.to_string()).unwrap_or_default()
    }

    /// `2026-04-28`.
    pub fn day(self) -> String {
        self.iso().chars().take(10).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanners_spell_time_in_several_ways() {
        for text in [
            "2026-04-28T06:50:40Z",
            "2026-04-28T06:50:40.123456Z",
            "2026-04-28T08:50:40+02:00",
            "2026-04-28T06:50:40",
            "2026-04-28 06:50:40",
            "2026-04-28 06:50:40 UTC",
            "2026-04-28T08:50:40.1+02:00",
        ] {
            assert_eq!(Moment::parse(text).map(Moment::iso).as_deref(), Some("2026-04-28T06:50:40Z"), "{text}");
        }
        assert_eq!(Moment::parse("2026-04-28").map(Moment::iso).as_deref(), Some("2026-04-28T00:00:00Z"));
        assert_eq!(Moment::parse("yesterday"), None);
    }
}
