//! Rows of the fit report's tables, as people read them.

use serde::Serialize;

use super::super::html::percent;
use crate::fit::frequency::CountFamily;
use crate::incidents::interval::Interval;
use crate::incidents::{CauseShare, FrequencyModel, SegmentSeverity, VendorShare, YearLine, ratio};
use crate::money::thousands;

/// A figure with its interval, written out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranged {
    /// The figure.
    pub value: String,
    /// Its interval.
    pub range: String,
}

impl Ranged {
    /// Of a share.
    pub fn share(value: f64, ends: Interval) -> Ranged {
        Ranged::of(value, ends, percent)
    }

    fn of(value: f64, ends: Interval, write: impl Fn(f64) -> String) -> Ranged {
        let high = if ends.high.is_finite() { write(ends.high) } else { "no end".into() };
        Ranged { value: write(value), range: format!("{} to {high}", write(ends.low)) }
    }
}

/// A share of a whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShareLine {
    /// What it is a share of: a cause, a year, a band.
    pub name: String,
    /// Part.
    pub part: u64,
    /// Whole.
    pub of: u64,
    /// The share, as a number.
    pub number: f64,
    /// The share with its interval.
    pub share: Ranged,
}

impl ShareLine {
    /// Of a cause.
    pub fn cause(line: &CauseShare) -> ShareLine {
        ShareLine::new(line.cause.as_str(), line.incidents, line.of, line.share)
    }

    /// Of vendor-caused incidents.
    pub fn vendor(line: &VendorShare) -> ShareLine {
        ShareLine::new(&line.group, line.vendor, line.of, line.share)
    }

    fn new(name: &str, part: u64, of: u64, ends: Interval) -> ShareLine {
        let number = ratio(part, of);
        ShareLine { name: name.to_string(), part, of, number, share: Ranged::share(number, ends) }
    }
}

/// A year of the growth table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GrowthLine {
    /// Calendar year.
    pub year: i16,
    /// Incidents in the records.
    pub incidents: u64,
    /// Part of the year covered.
    pub part: String,
    /// Development factor.
    pub development: String,
    /// Expected of the whole year once all are reported.
    pub expected: String,
    /// Policy-years.
    pub policy_years: Option<String>,
    /// Frequency.
    pub frequency: Option<Ranged>,
    /// Growth from the year before.
    pub growth: Option<Ranged>,
    /// Growth of the frequency.
    pub frequency_growth: Option<Ranged>,
}

impl GrowthLine {
    /// Of a year.
    pub fn of(line: &YearLine) -> GrowthLine {
        let change = |(value, ends): (f64, Interval)| Ranged::of(value, ends, change);
        GrowthLine {
            year: line.year,
            incidents: line.incidents,
            part: percent(line.part),
            development: format!("{:.3}", line.development.factor),
            expected: few(line.expected()),
            policy_years: line.policy_years.map(few),
            frequency: line.frequency.map(|(value, ends)| Ranged::of(value, ends, rate)),
            growth: line.growth.map(change),
            frequency_growth: line.frequency_growth.map(change),
        }
    }
}

/// A ratio as a change: 1.67 is +67 %.
pub fn change(ratio: f64) -> String {
    change_to(ratio, 0)
}

/// A ratio as a change with so many decimals; what rounds to nothing has no sign.
pub fn change_to(ratio: f64, decimals: usize) -> String {
    let percent = (ratio - 1.0) * 100.0;
    if percent.abs() >= 999.5 {
        return format!("× {ratio:.1}");
    }
    let text = format!("{percent:+.decimals$} %");
    let nothing = !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if nothing { text[1..].to_string() } else { text }
}

/// Decimals of a percentage with which the ends of an interval can be told apart.
pub fn decimals(ends: Interval) -> usize {
    match ends.high - ends.low {
        width if width >= 0.03 => 0,
        width if width >= 0.003 => 1,
        _ => 2,
    }
}

/// A rate a policy-year.
pub fn rate(x: f64) -> String {
    match x {
        0.0 => "0".into(),
        x if x >= 0.1 => format!("{:.1} %", x * 100.0),
        x => format!("{:.3} %", x * 100.0),
    }
}

/// A number with as many decimals as it needs.
pub fn few(x: f64) -> String {
    if x >= 100.0 || x == x.round() { thousands(x) } else { format!("{x:.1}") }
}

/// A frequency model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrequencyLine {
    /// Segment.
    pub segment: String,
    /// Incidents.
    pub incidents: u64,
    /// Policy-years.
    pub policy_years: String,
    /// Family.
    pub family: String,
    /// Own rate.
    pub own: Ranged,
    /// Weight.
    pub weight: String,
    /// Parent.
    pub parent: String,
    /// Rate after credibility.
    pub rate: Ranged,
    /// Trend.
    pub trend: String,
}

impl FrequencyLine {
    /// Of a model.
    pub fn of(model: &FrequencyModel) -> FrequencyLine {
        let own = model.fit.estimate.model();
        let family = match own.family {
            CountFamily::Poisson => "Poisson".to_string(),
            CountFamily::NegativeBinomial => format!("negative binomial, β {:.3}", own.dispersion),
            CountFamily::SharedNegativeBinomial => format!("negative binomial by year, α {:.3}", own.dispersion),
        };
        FrequencyLine {
            segment: model.segment.to_string(),
            incidents: model.incidents,
            policy_years: few(model.policy_years),
            family,
            own: Ranged::of(model.fit.rate.value, model.own(), rate),
            weight: format!("{:.2}", model.weight),
            parent: model.parent.map_or(String::new(), |p| p.to_string()),
            rate: Ranged::of(model.rate, model.interval(), rate),
            trend: model.trend.map_or(String::new(), |(slope, error)| {
                format!("{} ±{:.0} %", change(libm::exp(slope)), error * 100.0)
            }),
        }
    }
}

/// A severity model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeverityLine {
    /// Segment.
    pub segment: String,
    /// Losses.
    pub n: u64,
    /// Known exactly.
    pub uncensored: u64,
    /// Family.
    pub family: &'static str,
    /// Median at the reference revenue.
    pub median: String,
    /// 95 % quantile.
    pub p95: String,
    /// Mean.
    pub mean: String,
    /// Elasticity.
    pub elasticity: String,
    /// Weight.
    pub weight: String,
    /// Parent.
    pub parent: String,
    /// Error of the own scale beside those of the family's parameters; a dash where the family is the segment's own.
    pub scale_error: String,
}

impl SeverityLine {
    /// Of a model.
    pub fn of(model: &SegmentSeverity) -> SeverityLine {
        let severity = model.severity();
        SeverityLine {
            segment: model.segment.to_string(),
            n: model.n,
            uncensored: model.uncensored,
            family: model.family.as_str(),
            median: thousands(severity.quantile(0.5)),
            p95: thousands(severity.quantile(0.95)),
            mean: severity.mean().map_or("infinite".into(), thousands),
            elasticity: format!("{:.2}", model.elasticity),
            weight: format!("{:.2}", model.weight),
            parent: model.parent.clone(),
            scale_error: match model.scale_log_error {
                0.0 => "–".into(),
                error => format!("{:.0} %", libm::expm1(error) * 100.0),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_told_as_changes() {
        assert_eq!(change(1.67), "+67 %");
        assert_eq!(change(0.8), "-20 %");
        assert_eq!(change(25.0), "× 25.0");
        assert_eq!((change(0.999), change_to(1.0012, 1)), ("0 %".to_string(), "+0.1 %".to_string()));
        assert_eq!(decimals(Interval { low: 0.39, high: 0.395 }), 1);
        assert_eq!(rate(0.0148), "1.480 %");
        let open = Ranged::of(2.0, Interval { low: 1.5, high: f64::INFINITY }, change);
        assert_eq!(open.range, "+50 % to no end");
    }
}
