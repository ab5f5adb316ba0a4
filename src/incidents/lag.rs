//! Late reporting: which share of a year's incidents has been reported by the as-of date.
//!
//! An incident is in the records only if its report lag is no longer than the time since it happened (right truncation).
//! Turned around in time that is left truncation, which a product-limit estimate takes up: with n(t) incidents reported
//! after t months, of N(t) reported within t months among those that are at least t + 1 months old, the reverse hazard is
//! g(t) = n(t) ÷ N(t), and the share reported within t months of all reported ever is F(t) = Π over s ≥ t of (1 − g(s)).
//! J. D. Kalbfleisch, J. F. Lawless, *Regression models for right truncated data with applications to AIDS incubation
//! times and reporting lags*, Statistica Sinica 1 (1991); the same factors are those of a chain ladder on report months
//! (T. Mack, *Distribution-free calculation of the standard error of chain ladder reserve estimates*, ASTIN Bulletin 23,
//! 1993). The variance of ln F(t) is Σ over s ≥ t of g ÷ (N·(1 − g)) (Greenwood).

use jiff::civil::Date;

use super::incident::Incident;

/// Days of a month in which lags are counted.
const MONTH: f64 = 365.25 / 12.0;
/// Longest lag, in months: later reports are taken as none.
const LONGEST: usize = 120;
/// Fewest incidents with both dates from which lags are estimated.
const FEWEST: u64 = 30;

/// Shares reported by month of lag.
#[derive(Clone, Debug, PartialEq)]
pub struct Reporting {
    /// `within[t]`: share reported within t months of those ever reported; the first is 0, the last 1.
    pub within: Vec<f64>,
    /// Standard error of the logarithm of each.
    pub log_error: Vec<f64>,
    /// Incidents that they rest on.
    pub incidents: u64,
}

/// How much of what happened in a period has been reported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Development {
    /// Expected number ever reported ÷ number reported so far: at least 1.
    pub factor: f64,
    /// Standard error of its logarithm.
    pub log_error: f64,
}

impl Development {
    /// Nothing is late.
    pub const NONE: Development = Development { factor: 1.0, log_error: 0.0 };
}

impl Reporting {
    /// Shares reported, from the incidents that have both dates; nothing when there are fewer than 30 of them.
    pub fn of(incidents: &[Incident], as_of: Date) -> Option<Reporting> {
        let lags: Vec<(usize, usize)> = incidents
            .iter()
            .filter_map(|incident| {
                let (date, reported) = (incident.date?, incident.reported?);
                Some((months(date, reported)?, months(date, as_of)?))
            })
            .collect();
        if (lags.len() as u64) < FEWEST {
            return None;
        }
        let longest = lags.iter().map(|(lag, _)| *lag).max().unwrap_or(0).min(LONGEST);
        let (counts, at_risk) = counts(&lags, longest);
        let mut within = vec![1.0; longest + 2];
        let mut variance = vec![0.0; longest + 2];
        for t in (0..=longest).rev() {
            let (n, risk) = (counts[t] as f64, at_risk[t] as f64);
            let hazard = if risk > 0.0 { n / risk } else { 0.0 };
            // Share within t months, that is with lag 0 … t − 1. When all had lag t or nobody is at risk, the data do not
            // reach further down: what is left stays in the months below.
            within[t] = if t == 0 {
                0.0
            } else if hazard < 1.0 {
                within[t + 1] * (1.0 - hazard)
            } else {
                0.0
            };
            let own = if risk > 0.0 && hazard < 1.0 { hazard / (risk * (1.0 - hazard)) } else { 0.0 };
            variance[t] = variance[t + 1] + own;
        }
        Some(Reporting {
            within,
            log_error: variance.into_iter().map(f64::sqrt).collect(),
            incidents: lags.len() as u64,
        })
    }

    /// Share reported within `age` months, and the standard error of its logarithm; between months along a line.
    fn at(&self, age: f64) -> (f64, f64) {
        let last = self.within.len() - 1;
        let below = (age.max(0.0) as usize).min(last);
        let above = (below + 1).min(last);
        let part = (age - below as f64).clamp(0.0, 1.0);
        (self.within[below] + part * (self.within[above] - self.within[below]), self.log_error[above])
    }

    /// The development of what happened from `from` up to `to`, evenly, as of a day.
    pub fn development(&self, from: Date, to: Date, as_of: Date) -> Development {
        const POINTS: u32 = 48;
        let (Some(oldest), Some(youngest)) = (age(from, as_of), age(to, as_of)) else { return Development::NONE };
        let (mut share, mut error) = (0.0, 0.0);
        for n in 0..POINTS {
            let age = youngest + (oldest - youngest) * (f64::from(n) + 0.5) / f64::from(POINTS);
            let (reported, log_error) = self.at(age);
            share += reported;
            error += reported * log_error;
        }
        if share < 1e-6 {
            return Development::NONE;
        }
        Development { factor: f64::from(POINTS) / share, log_error: error / share }
    }
}

/// By lag: incidents with it, and those with it or a shorter one, among the incidents old enough to show it in full.
fn counts(lags: &[(usize, usize)], longest: usize) -> (Vec<u64>, Vec<u64>) {
    // Sorted by age, each lag's risk set is a prefix sum over ages from t + 1 on.
    let mut by_age = vec![vec![0u64; longest + 1]; longest + 2];
    for (lag, age) in lags.iter().filter(|(lag, _)| *lag <= longest) {
        by_age[(*age).min(longest + 1)][*lag] += 1;
    }
    let mut old_enough = vec![0u64; longest + 1];
    let (mut exact, mut at_risk) = (vec![0; longest + 1], vec![0; longest + 1]);
    for t in (0..=longest).rev() {
        by_age[t + 1].iter().zip(&mut old_enough).for_each(|(own, sum)| *sum += own);
        exact[t] = old_enough[t];
        at_risk[t] = old_enough[..=t].iter().sum();
    }
    (exact, at_risk)
}

fn age(from: Date, to: Date) -> Option<f64> {
    let days = (to - from).get_days();
    (days >= 0).then(|| f64::from(days) / MONTH)
}

fn months(from: Date, to: Date) -> Option<usize> {
    age(from, to).map(|months| months as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::Cause;
    use crate::random::{Draws, Purpose};
    use jiff::ToSpan;
    use jiff::civil::date;

    fn made(n: u32, mean_months: f64, as_of: Date) -> (Vec<Incident>, u64) {
        let draws = Draws::new(7);
        let mut unreported = 0;
        let begin = date(2018, 1, 1);
        let made = (0..n).filter_map(|i| {
            let [when, lag] = draws.pair(Purpose::Claim, i, 0, 0);
            let day = begin + ((when * 730.0) as i32).days();
            let reported = day + ((-lag.ln() * mean_months * MONTH) as i32).days();
            let mut incident = Incident::new(day.year(), Cause::Unknown);
            (incident.date, incident.reported) = (Some(day), Some(reported));
            unreported += u64::from(reported > as_of && day.year() == 2019);
            (reported <= as_of).then_some(incident)
        });
        (made.collect(), unreported)
    }

    /// 20,000 incidents spread over two years, lags exponential with a mean of four months: of those of 2019, what is not
    /// reported at its end is foretold within two standard errors, where the raw count is short by a third.
    #[test]
    fn what_is_not_reported_yet_is_foretold() {
        let as_of = date(2019, 12, 31);
        let (known, unreported) = made(20_000, 4.0, as_of);
        let reporting = Reporting::of(&known, as_of).unwrap();
        let own = known.iter().filter(|i| i.year == 2019).count() as f64;
        let development = reporting.development(date(2019, 1, 1), date(2019, 12, 31), as_of);
        let truth = (own + unreported as f64) / own;
        assert!(truth > 1.3, "{truth}");
        let miss = (libm::log(development.factor / truth)).abs();
        assert!(miss < 2.0 * development.log_error + 0.03, "{development:?} {truth}");
        assert!(reporting.within.windows(2).all(|w| w[0] <= w[1] + 1e-12));
    }

    /// By hand: three incidents a year old, two reported in their first month and one in their second: within one month two
    /// thirds, within two all.
    #[test]
    fn shares_agree_with_a_count_by_hand() {
        let mut incidents = Vec::new();
        for n in 0..30 {
            let mut incident = Incident::new(2018, Cause::Unknown);
            incident.date = Some(date(2018, 1, 1));
            incident.reported = Some(if n % 3 == 0 { date(2018, 2, 10) } else { date(2018, 1, 10) });
            incidents.push(incident);
        }
        let reporting = Reporting::of(&incidents, date(2019, 6, 1)).unwrap();
        assert!((reporting.within[1] - 2.0 / 3.0).abs() < 1e-12 && reporting.within[2] == 1.0, "{reporting:?}");
        let old = reporting.development(date(2018, 1, 1), date(2018, 12, 31), date(2019, 6, 1));
        assert_eq!(old, Development { factor: 1.0, log_error: 0.0 });
        assert_eq!(Reporting::of(&incidents[..29], date(2019, 6, 1)), None);
    }
}
