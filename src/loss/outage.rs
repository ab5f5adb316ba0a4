//! Business interruption by the hour, and what a waiting period leaves of it.

use crate::portfolio::{Waiting, WaitingKind};

/// What an insured loses in an hour of an outage, in units of the reporting currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hourly {
    /// Gross profit.
    pub profit: f64,
    /// Extra expense, from the first minute.
    pub expense: f64,
    /// Probability that a second provider stands in.
    pub second: f64,
    /// Share of the interruption that it then saves.
    pub saves: f64,
}

impl Hourly {
    /// Interruption and extra expense of an outage of `hours`, a second provider standing in or not.
    pub fn loss(&self, hours: f64, stands_in: bool) -> (f64, f64) {
        let left = if stands_in { 1.0 - self.saves } else { 1.0 };
        (self.profit * hours * left, self.expense * hours)
    }
}

/// Hours of an outage that the policy pays for.
///
/// *Qualifying*: once the outage lasts longer than the wait, every hour counts from the first minute. *Retention*: the
/// hours of the wait are borne by the insured. Both end with the indemnity period, which begins when the wait is over
/// (retention) or with the outage (qualifying).
pub fn payable_hours(outage: f64, waiting: &Waiting) -> f64 {
    let Waiting { hours, kind, indemnity_hours } = *waiting;
    match kind {
        _ if outage <= hours => 0.0,
        WaitingKind::Qualifying => outage.min(indemnity_hours),
        WaitingKind::Retention => (outage - hours).min(indemnity_hours),
    }
}

/// Gross profit lost in one hour: revenue a year × gross margin ÷ 8,760 h × dependency × impact.
pub fn hourly_loss(revenue: f64, gross_margin: f64, dependency: f64, impact: f64) -> f64 {
    revenue * gross_margin / 8_760.0 * dependency * impact
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, an outage of 20 hours and a wait of 8: qualifying pays 20, retention 12; with 5 hours of indemnity, 5 each.
    #[test]
    fn both_kinds_of_waiting_period() {
        let (qualifying, retention) = (WaitingKind::Qualifying, WaitingKind::Retention);
        let cases = [
            (20.0, 8.0, qualifying, 8_760.0, 20.0),
            (20.0, 8.0, retention, 8_760.0, 12.0),
            (8.0, 8.0, qualifying, 8_760.0, 0.0),
            (8.0, 8.0, retention, 8_760.0, 0.0),
            (20.0, 8.0, qualifying, 5.0, 5.0),
            (20.0, 8.0, retention, 5.0, 5.0),
            (20.0, 0.0, retention, 8_760.0, 20.0),
        ];
        for (outage, hours, kind, indemnity_hours, paid) in cases {
            let waiting = Waiting { hours, kind, indemnity_hours };
            assert_eq!(payable_hours(outage, &waiting), paid, "{outage} {waiting:?}");
        }
    }

    /// By hand: 1,000 of profit and 50 of expense an hour, ten hours; a second provider that saves four fifths leaves 2,000.
    #[test]
    fn a_second_provider_saves_interruption_and_not_expense() {
        let hourly = Hourly { profit: 1_000.0, expense: 50.0, second: 0.3, saves: 0.8 };
        let ((alone, expense), (helped, same)) = (hourly.loss(10.0, false), hourly.loss(10.0, true));
        assert_eq!((alone, expense, same), (10_000.0, 500.0, 500.0));
        assert!((helped - 2_000.0).abs() < 1e-9);
    }

    /// 87.6 million a year at 40 % margin earns 4,000 an hour; half depends on the vendor, half of that is lost: 1,000.
    #[test]
    fn an_hour_of_interruption() {
        assert!((hourly_loss(87_600_000.0, 0.4, 0.5, 0.5) - 1_000.0).abs() < 1e-9);
    }
}
