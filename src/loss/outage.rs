//! Business interruption by the hour, and what a waiting period leaves of it.

use crate::portfolio::WaitingKind;

/// Hours of an outage that the policy pays for.
///
/// *Qualifying*: once the outage lasts longer than the wait, every hour counts from the first minute. *Retention*: the
/// hours of the wait are borne by the insured. Both end with the indemnity period, which begins when the wait is over
/// (retention) or with the outage (qualifying).
pub fn payable_hours(outage: f64, waiting: f64, kind: WaitingKind, indemnity: f64) -> f64 {
    match kind {
        _ if outage <= waiting => 0.0,
        WaitingKind::Qualifying => outage.min(indemnity),
        WaitingKind::Retention => (outage - waiting).min(indemnity),
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
        for (outage, waiting, kind, indemnity, hours) in cases {
            assert_eq!(
                payable_hours(outage, waiting, kind, indemnity),
                hours,
                "{outage} {waiting} {kind:?} {indemnity}"
            );
        }
    }

    /// 87.6 million a year at 40 % margin earns 4,000 an hour; half depends on the vendor, half of that is lost: 1,000.
    #[test]
    fn an_hour_of_interruption() {
        assert!((hourly_loss(87_600_000.0, 0.4, 0.5, 0.5) - 1_000.0).abs() < 1e-9);
    }
}
