//! Severity models as a table: what `fit` writes, the loss stage reads, and an actuary may edit row by row.

use std::collections::BTreeMap;
use std::path::Path;

use super::Cause;
use super::segment::Segment;
use crate::fault::{Failure, Fault};
use crate::fit::Link;
use crate::fit::covariance::{cholesky, triangle};
use crate::fit::severity::{Family, Severity};
use crate::input::Intake;
use crate::portfolio::RevenueBand;
use crate::table::{Cell, Fields, Format, Kind, Record, Row, Table, column, read_every_row};

/// The severity model of one segment: losses from ground up, in US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentSeverity {
    /// Whose losses.
    pub segment: Segment,
    /// Family.
    pub family: Family,
    /// Its parameters on the scale they were fitted on: [`Family::parameters`].
    pub at: Vec<f64>,
    /// Where the tail begins, of the spliced family; zero of others.
    pub threshold: f64,
    /// A loss grows with revenue to this power.
    pub elasticity: f64,
    /// Revenue at which the parameters hold, US dollars.
    pub reference_revenue: f64,
    /// Largest loss, where there is one.
    pub cap: Option<f64>,
    /// Covariance of `at` and, in the last row, of the elasticity: lower triangle, row by row. Empty: taken as known.
    pub covariance: Vec<f64>,
    /// Standard error of the logarithm of this segment's own scale, beside that of the parameters.
    pub scale_log_error: f64,
    /// The segment whose losses gave family, shape and covariance.
    pub fitted_on: String,
    /// Losses.
    pub n: u64,
    /// Of them known exactly.
    pub uncensored: u64,
    /// Credibility of the segment's own scale against its parent's, in [0, 1].
    pub weight: f64,
    /// The parent.
    pub parent: String,
    /// Where the figures come from.
    pub source: String,
    /// What a reader should know.
    pub note: String,
}

/// The table of severity models.
pub const SEVERITY_MODELS: Table = Table {
    name: "severity models",
    meaning: "One row a segment: the distribution of the loss of one incident from ground up, US dollars. Any row may be edited or added by hand.",
    columns: &[
        column("cause", Kind::Text, "", true, "Root cause, or all"),
        column("revenue_band", Kind::Text, "", true, "<10M, 10M-50M, 50M-300M, 300M-2B, 2B-10B, >10B, unknown, or all"),
        column("industry", Kind::Text, "", true, "Sector or NAICS code, or all"),
        column(
            "family",
            Kind::Text,
            "",
            true,
            "lognormal, gamma, weibull, pareto (Lomax) or spliced (lognormal body, generalised Pareto tail)",
        ),
        column("mu", Kind::Number, "ln USD", false, "Lognormal, spliced: mean of the logarithm"),
        column("sigma", Kind::Number, "", false, "Lognormal, spliced: standard deviation of the logarithm"),
        column("scale", Kind::Number, "USD", false, "Gamma, Weibull, Pareto: scale"),
        column("shape", Kind::Number, "", false, "Gamma, Weibull, Pareto: shape"),
        column("threshold", Kind::Number, "USD", false, "Spliced: where the tail begins"),
        column("body_share", Kind::Share, "", false, "Spliced: probability of a loss at or below the threshold"),
        column("tail_scale", Kind::Number, "USD", false, "Spliced: scale of excesses over the threshold"),
        column("tail_shape", Kind::Number, "", false, "Spliced: shape of excesses; from 1 on the mean is infinite"),
        column("elasticity", Kind::Number, "", false, "Losses grow with revenue to this power; 0 when blank"),
        column("reference_revenue", Kind::Number, "USD", false, "Revenue at which the parameters hold"),
        column("cap", Kind::Number, "USD", false, "Largest loss; blank: none"),
        column(
            "covariance",
            Kind::Text,
            "",
            false,
            "Of the parameters in the order of these columns (logarithms of sigma, scale, shape and tail_scale; logit of body_share), then of the elasticity: lower triangle, row by row, separated by spaces; blank: taken as known",
        ),
        column(
            "scale_log_error",
            Kind::Number,
            "",
            false,
            "Standard error of the logarithm of the segment's own scale",
        ),
        column("fitted_on", Kind::Text, "", false, "Segment whose losses gave family, shape and covariance"),
        column("n", Kind::Integer, "losses", false, "Losses of the segment"),
        column("uncensored", Kind::Integer, "losses", false, "Of them known exactly"),
        column(
            "weight",
            Kind::Share,
            "",
            false,
            "Credibility (Bühlmann–Straub) of the segment's own scale against its parent's",
        ),
        column("parent", Kind::Text, "", false, "The parent"),
        column("median", Kind::Number, "USD", false, "For reading: median at the reference revenue"),
        column("p95", Kind::Number, "USD", false, "For reading: 95 % quantile at the reference revenue"),
        column(
            "mean",
            Kind::Number,
            "USD",
            false,
            "For reading: mean at the reference revenue, after the cap; blank where it is infinite",
        ),
        column("source", Kind::Text, "", true, "Where the figures come from"),
        column("note", Kind::Text, "", false, "What a reader should know"),
    ],
};

impl Record for SegmentSeverity {
    const TABLE: Table = SEVERITY_MODELS;

    fn cells(&self) -> Vec<Cell> {
        let number = |x: f64| if x.is_finite() { Cell::Number(x) } else { Cell::Null };
        let parameter = |name: &str| {
            let own = self.family.parameters().iter().zip(&self.at).find(|((n, _), _)| *n == name);
            own.map_or(Cell::Null, |((_, link), x)| number(link.natural(*x)))
        };
        let model = self.severity();
        let capped = |x: f64| number(self.cap.map_or(x, |cap| x.min(cap)));
        let mut cells = self.segment.cells().to_vec();
        cells.push(Cell::text(self.family.as_str()));
        cells.extend(["mu", "sigma", "scale", "shape"].map(parameter));
        cells.push(if self.family == Family::Spliced { number(self.threshold) } else { Cell::Null });
        cells.extend(["body_share", "tail_scale", "tail_shape"].map(parameter));
        cells.extend([number(self.elasticity), number(self.reference_revenue), self.cap.map_or(Cell::Null, number)]);
        let covariance: Vec<String> = self.covariance.iter().map(f64::to_string).collect();
        cells.extend([Cell::text(covariance.join(" ")), number(self.scale_log_error), Cell::text(&self.fitted_on)]);
        cells.extend([Cell::Integer(self.n as i64), Cell::Integer(self.uncensored as i64), number(self.weight)]);
        cells.extend([Cell::text(&self.parent), capped(model.quantile(0.5)), capped(model.quantile(0.95))]);
        let mean = self.cap.map_or(model.mean(), |cap| Some(model.limited_expected_value(cap)));
        cells.extend([mean.map_or(Cell::Null, number), Cell::text(&self.source), Cell::text(&self.note)]);
        cells
    }
}

impl SegmentSeverity {
    /// The distribution at the reference revenue, without the cap.
    pub fn severity(&self) -> Severity {
        self.family.model(&self.at, self.threshold)
    }

    /// Parameters in `covariance`: those of the family, and the elasticity where its variance is kept.
    pub fn dimension(&self) -> usize {
        triangle(self.covariance.len()).unwrap_or(0)
    }

    /// The Cholesky factor of the covariance, lower triangle row by row; nothing where the parameters are taken as known.
    pub fn factor(&self) -> Option<Vec<f64>> {
        cholesky(&self.covariance, self.dimension()).filter(|f| !f.is_empty())
    }

    /// Reads one row.
    pub fn read(row: &Row) -> (Option<SegmentSeverity>, Vec<Fault>) {
        let mut fields = Fields::new(row, &SEVERITY_MODELS);
        let segment = Segment::read(&mut fields);
        let word = fields.text("family").to_ascii_lowercase();
        let family = Family::parse(&word).unwrap_or_else(|| {
            let words = Family::ALL.map(Family::as_str).join(", ");
            fields.refuse("family", "no family of severities", &format!("families are {words}"));
            Family::Lognormal
        });
        let at = parameters(&mut fields, family);
        let threshold = if family == Family::Spliced { positive(&mut fields, "threshold") } else { 0.0 };
        let elasticity = signed(&mut fields, "elasticity").unwrap_or(0.0);
        let reference = fields.number("reference_revenue").unwrap_or(0.0);
        if elasticity != 0.0 && reference <= 0.0 {
            fields.refuse("reference_revenue", "an elasticity needs the revenue at which the parameters hold", "");
        }
        let cap = fields.number("cap");
        if cap == Some(0.0) {
            fields.refuse("cap", "must be above zero", "leave it blank where there is none");
        }
        let mut count = |column: &str| fields.number(column).map_or(0, |x| x as u64);
        let (n, uncensored) = (count("n"), count("uncensored"));
        let model = SegmentSeverity {
            segment,
            family,
            covariance: covariance(&mut fields, at.len()),
            at,
            threshold,
            elasticity,
            reference_revenue: if reference > 0.0 { reference } else { 1.0 },
            cap,
            scale_log_error: fields.number("scale_log_error").unwrap_or(0.0),
            fitted_on: fields.text("fitted_on").to_string(),
            n,
            uncensored,
            weight: fields.probability("weight").unwrap_or(1.0),
            parent: fields.text("parent").to_string(),
            source: fields.required("source"),
            note: fields.text("note").to_string(),
        };
        fields.finish(model)
    }
}

fn signed(fields: &mut Fields, column: &str) -> Option<f64> {
    let text = fields.text(column);
    if text.is_empty() {
        return None;
    }
    let number = text.parse::<f64>().ok().filter(|x| x.is_finite());
    if number.is_none() {
        fields.refuse(column, "not a number", "write 10.7 or -0.25");
    }
    number
}

fn positive(fields: &mut Fields, column: &str) -> f64 {
    match fields.number(column) {
        Some(x) if x > 0.0 => x,
        _ => {
            fields.refuse(column, "the family needs it, above zero", "");
            1.0
        }
    }
}

/// The family's parameters, on the scale they are fitted on.
fn parameters(fields: &mut Fields, family: Family) -> Vec<f64> {
    let one = |(name, link): &(&'static str, Link)| match link {
        Link::Identity => signed(fields, name).unwrap_or_else(|| {
            fields.refuse(name, "the family needs it", "");
            0.0
        }),
        Link::Log => libm::log(positive(fields, name)),
        Link::Logit => match fields.number(name) {
            Some(p) if p > 0.0 && p < 1.0 => libm::log(p) - libm::log1p(-p),
            _ => {
                fields.refuse(name, "the family needs a share between 0 and 1", "");
                0.0
            }
        },
    };
    family.parameters().iter().map(one).collect()
}

/// Reads a lower triangle for `k` parameters, or `k` and the elasticity, and checks that it is a covariance.
fn covariance(fields: &mut Fields, k: usize) -> Vec<f64> {
    let text = fields.text("covariance");
    let cells: Vec<f64> = text.split_whitespace().filter_map(|x| x.parse().ok()).collect();
    let whole = cells.len() == text.split_whitespace().count() && cells.iter().all(|x: &f64| x.is_finite());
    let size = triangle(cells.len());
    let fits = cells.is_empty() || size == Some(k) || size == Some(k + 1);
    if whole && fits && cholesky(&cells, size.unwrap_or(0)).is_some() {
        return cells;
    }
    let rule = format!("not the lower triangle of a covariance of {k} parameters, or {} with the elasticity", k + 1);
    fields.refuse("covariance", &rule, "leave it blank to take the parameters as known");
    Vec::new()
}

/// Severity models by segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SeverityModels {
    rows: BTreeMap<Segment, SegmentSeverity>,
    /// The account of their file.
    pub intake: Intake,
}

/// The name of the table in a folder that `fit` writes.
pub const SEVERITY_FILE: &str = "severity_models";

impl SeverityModels {
    /// Reads a table of severity models, or the one in a folder that `fit` wrote: the CSV, where there are both, since
    /// that is the one that people edit.
    ///
    /// # Errors
    /// When it can't be read, a row breaks a rule (a figure is never left out in silence), or two rows are of one segment.
    pub fn read(path: &Path) -> Result<SeverityModels, Failure> {
        let file = match path.is_dir() {
            true => Format::find(path, SEVERITY_FILE).ok_or_else(|| {
                Failure::new(format!("{}: no {SEVERITY_FILE}.csv in the folder", path.display()))
                    .hint("`blastradius fit` writes it where incidents have losses")
            })?,
            false => path.to_path_buf(),
        };
        let (rows, intake) = read_every_row(&file, &SEVERITY_MODELS, SegmentSeverity::read)?;
        let mut models = BTreeMap::new();
        for row in rows {
            if let Some(twice) = models.insert(row.segment, row) {
                return Err(Failure::new(format!("{}: two models for {}", file.display(), twice.segment))
                    .hint("one row a segment"));
            }
        }
        if models.is_empty() {
            return Err(Failure::new(format!("{}: there is no model in it", file.display())));
        }
        Ok(SeverityModels { rows: models, intake })
    }

    /// The model of an insured hit by a cause: its finest segment that has one.
    ///
    /// # Errors
    /// When no row covers it.
    pub fn choose(
        &self,
        cause: Option<Cause>,
        band: RevenueBand,
        industry: &'static str,
    ) -> Result<&SegmentSeverity, Failure> {
        let found = Segment::lookup(cause, band, industry).into_iter().find_map(|place| self.rows.get(&place));
        found.ok_or_else(|| {
            let told = Segment { cause, band: Some(band), industry: Some(industry) };
            Failure::new(format!("{}: no severity model for {told}", self.intake.file))
                .hint("add a row with cause, revenue_band and industry all: it stands for whatever has none of its own")
        })
    }

    /// All of them, by segment.
    pub fn iter(&self) -> impl Iterator<Item = &SegmentSeverity> {
        self.rows.values()
    }
}

#[cfg(test)]
mod tests;
