//! Models derived from the published figures: frequency by revenue band, severity by revenue band, sector and cause.

use serde::Serialize;

use super::derive::lognormal_of_quantiles;
use super::figures::{Figure, figures};
use crate::fit::frequency::{CountFamily, Frequency, from_probabilities};
use crate::table::{Cell, Kind, Record, Table, column};

/// The number of incidents a year of one organisation in a band of revenue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublishedFrequency {
    /// Band of revenue in US dollars, as the study has it.
    pub revenue: String,
    /// Least revenue of the band, US dollars.
    pub revenue_from: f64,
    /// Upper end of the band, where it has one.
    pub revenue_below: Option<f64>,
    /// Which of the study's editions.
    pub edition: String,
    /// Published P(at least 1, 2, 3 incidents in a year), as far as they are.
    pub published: Vec<f64>,
    /// Mean number a year.
    pub mean: f64,
    /// Size of the negative binomial: where the edition does not give it, that of the chosen one.
    pub size: f64,
    /// P(at least 3) of the negative binomial: the check, where the third figure is published.
    pub at_least_3: f64,
    /// Whether the engine takes it.
    pub chosen: bool,
    /// Why, or why not.
    pub reason: String,
    /// Source.
    pub source: String,
    /// Year.
    pub year: String,
    /// Grade.
    pub grade: String,
}

/// The table of published frequencies.
pub const PUBLISHED_FREQUENCIES: Table = Table {
    name: "published frequencies",
    meaning: "Negative binomial number of incidents in a year by revenue band, from published P(at least 1) and P(at least 2); P(at least 3) is the check.",
    columns: &[
        column("revenue", Kind::Text, "USD", true, "Band of revenue"),
        column("revenue_from", Kind::Number, "USD", true, "Least revenue"),
        column("revenue_below", Kind::Number, "USD", false, "Upper end"),
        column("edition", Kind::Text, "", true, "Edition of the study"),
        column("p_at_least_1", Kind::Share, "", true, "Published"),
        column("p_at_least_2", Kind::Share, "", false, "Published"),
        column("p_at_least_3", Kind::Share, "", false, "Published"),
        column("mean", Kind::Number, "a year", true, "Mean number of incidents"),
        column("size", Kind::Number, "", true, "Size of the negative binomial"),
        column("model_at_least_3", Kind::Share, "", true, "P(at least 3) of the negative binomial"),
        column("chosen", Kind::Text, "", true, "yes or no"),
        column("reason", Kind::Text, "", true, "Why, or why not"),
        column("source", Kind::Text, "", true, "Publisher and title"),
        column("year", Kind::Text, "", true, "Year"),
        column("grade", Kind::Text, "", true, "primary, press or second-hand"),
    ],
};

impl Record for PublishedFrequency {
    const TABLE: Table = PUBLISHED_FREQUENCIES;

    fn cells(&self) -> Vec<Cell> {
        let share = |at: usize| self.published.get(at).map_or(Cell::Null, |p| Cell::Number(*p));
        vec![
            Cell::text(&self.revenue),
            Cell::Number(self.revenue_from),
            self.revenue_below.map_or(Cell::Null, Cell::Number),
            Cell::text(&self.edition),
            share(0),
            share(1),
            share(2),
            Cell::Number(self.mean),
            Cell::Number(self.size),
            Cell::Number(self.at_least_3),
            Cell::text(if self.chosen { "yes" } else { "no" }),
            Cell::text(&self.reason),
            Cell::text(&self.source),
            Cell::text(&self.year),
            Cell::text(&self.grade),
        ]
    }
}

/// The bands of the study and their ends in US dollars.
const BANDS: [(&str, f64, Option<f64>); 6] = [
    ("<10M", 0.0, Some(1e7)),
    ("10M-100M", 1e7, Some(1e8)),
    ("100M-1B", 1e8, Some(1e9)),
    ("1B-10B", 1e9, Some(1e10)),
    ("10B-100B", 1e10, Some(1e11)),
    (">100B", 1e11, None),
];

/// Frequencies by band: both editions, the chosen one first of each band.
pub fn frequencies() -> Vec<PublishedFrequency> {
    let all = figures();
    let of = |band: &str, edition: &str, n: u32| {
        let begin = format!("P(at least {n} incident");
        let place = |f: &&Figure| {
            f.topic == "incident frequency"
                && f.segment == band
                && f.edition == edition
                && f.statistic.starts_with(&begin)
        };
        all.iter().find(place)
    };
    let mut rows = Vec::new();
    for (band, revenue_from, revenue_below) in BANDS {
        let member: Vec<&Figure> = (1..=3).filter_map(|n| of(band, "member table", n)).collect();
        let [one, two, ..] = member.as_slice() else { continue };
        let Ok(own) = from_probabilities(one.value, two.value) else { continue };
        let size = own.rate / own.dispersion;
        let row = |figures: &[&Figure], first: &Figure, mean: f64, at_least_3: f64| PublishedFrequency {
            revenue: band.to_string(),
            revenue_from,
            revenue_below,
            edition: first.edition.clone(),
            published: figures.iter().map(|f| f.value).collect(),
            mean,
            size,
            at_least_3,
            chosen: first.chosen == "yes",
            reason: first.reason.clone(),
            source: first.source.clone(),
            year: first.year.clone(),
            grade: first.grade.clone(),
        };
        rows.push(row(&member, one, own.rate, own.at_least(3, 1.0)));
        if let Some(other) = of(band, "public report, Figure 7", 1) {
            // With the size of the chosen edition: 1 − (1 + m ÷ r)^(−r) = P(at least 1).
            let mean = size * libm::expm1(-libm::log1p(-other.value) / size);
            let model = Frequency { family: CountFamily::NegativeBinomial, rate: mean, dispersion: mean / size };
            rows.push(row(&[other], other, mean, model.at_least(3, 1.0)));
        }
    }
    rows
}

/// A lognormal through two published quantiles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublishedSeverity {
    /// What segments are of: revenue, sector or cause.
    pub segment_kind: String,
    /// Which segment.
    pub segment: String,
    /// Published median, US dollars.
    pub median: f64,
    /// Probability of the second quantile.
    pub probability: f64,
    /// Published second quantile, US dollars.
    pub quantile: f64,
    /// Location.
    pub mu: f64,
    /// Scale.
    pub sigma: f64,
    /// Source.
    pub source: String,
    /// Years.
    pub year: String,
    /// Grade.
    pub grade: String,
}

/// The table of published severities.
pub const PUBLISHED_SEVERITIES: Table = Table {
    name: "published severities",
    meaning: "Lognormals through two published quantiles of incident losses over all causes, or over one. Their means are not supported by data: use them with a cap.",
    columns: &[
        column("segment_kind", Kind::Text, "", true, "revenue, sector or cause"),
        column("segment", Kind::Text, "", true, "Which segment"),
        column("median", Kind::Number, "USD", true, "Published"),
        column("probability", Kind::Share, "", true, "Of the second quantile"),
        column("quantile", Kind::Number, "USD", true, "Published"),
        column("mu", Kind::Number, "ln USD", true, "Location"),
        column("sigma", Kind::Number, "", true, "Scale"),
        column("source", Kind::Text, "", true, "Publisher and title"),
        column("year", Kind::Text, "", true, "Years"),
        column("grade", Kind::Text, "", true, "primary, press or second-hand"),
    ],
};

impl Record for PublishedSeverity {
    const TABLE: Table = PUBLISHED_SEVERITIES;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.segment_kind),
            Cell::text(&self.segment),
            Cell::Number(self.median),
            Cell::Number(self.probability),
            Cell::Number(self.quantile),
            Cell::Number(self.mu),
            Cell::Number(self.sigma),
            Cell::text(&self.source),
            Cell::text(&self.year),
            Cell::text(&self.grade),
        ]
    }
}

/// Severities of every segment that has a median and a higher quantile.
pub fn severities() -> Vec<PublishedSeverity> {
    let all = figures();
    let medians = all.iter().filter(|f| f.topic == "incident severity" && f.statistic == "p50");
    let row = |median: &Figure| {
        let higher = all.iter().find(|f| {
            (&f.topic, &f.segment_kind, &f.segment, &f.source)
                == (&median.topic, &median.segment_kind, &median.segment, &median.source)
                && f.statistic != "p50"
        })?;
        let probability = higher.statistic.strip_prefix('p')?.parse::<f64>().ok()? / 100.0;
        let (mu, sigma) = lognormal_of_quantiles((0.5, median.value), (probability, higher.value))?;
        Some(PublishedSeverity {
            segment_kind: median.segment_kind.clone(),
            segment: median.segment.clone(),
            median: median.value,
            probability,
            quantile: higher.value,
            mu,
            sigma,
            source: median.source.clone(),
            year: median.year.clone(),
            grade: median.grade.clone(),
        })
    };
    medians.filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The study prints four decimals: rounded to them, a negative binomial through the first two columns gives the third in all
    /// six bands; a Poisson through the first gives it in none.
    #[test]
    fn the_third_column_of_the_frequency_table_follows_from_the_first_two() {
        let rows: Vec<PublishedFrequency> = frequencies().into_iter().filter(|f| f.chosen).collect();
        assert_eq!(rows.len(), 6);
        let printed = |p: f64| (p * 1e4).round() as i64;
        for row in rows {
            let (one, three) = (row.published[0], row.published[2]);
            assert_eq!(printed(row.at_least_3), printed(three), "{}", row.revenue);
            let rate = -libm::log(1.0 - one);
            let poisson = 1.0 - libm::exp(-rate) * (1.0 + rate + rate * rate / 2.0);
            assert_ne!(printed(poisson), printed(three), "{}", row.revenue);
        }
    }

    #[test]
    fn both_editions_are_carried_and_one_is_chosen() {
        let rows = frequencies();
        assert_eq!(rows.iter().filter(|f| f.chosen).count(), 6);
        let other: Vec<&PublishedFrequency> = rows.iter().filter(|f| !f.chosen).collect();
        assert_eq!(other.len(), 4);
        assert!(other.iter().all(|f| !f.reason.is_empty() && f.edition != "member table" && f.mean > 0.0));
        let largest = |chosen| rows.iter().find(|f| f.revenue == ">100B" && f.chosen == chosen).unwrap().mean;
        assert!(largest(true) > 2.0 * largest(false));
    }

    #[test]
    fn every_severity_goes_through_its_quantiles() {
        let all = severities();
        assert_eq!(all.len(), 18);
        for s in &all {
            let z = crate::random::normal::quantile(s.probability);
            assert!((libm::exp(s.mu) / s.median - 1.0).abs() < 1e-12, "{s:?}");
            assert!((libm::exp(s.mu + s.sigma * z) / s.quantile - 1.0).abs() < 1e-9, "{s:?}");
        }
    }
}
