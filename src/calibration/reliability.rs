//! Whether probabilities mean what they say: one signal is taken away and predicted from the rest.

use super::cells::{Reason, Sighting};
use crate::fault::Fault;
use crate::inventory::{ProductModel, Values, predict};
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

/// Bins of predicted probability.
const BINS: usize = 10;

/// One bin of a reliability diagram.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Bin {
    /// Product.
    pub product: String,
    /// The signal that was taken away.
    pub held_out: String,
    /// Which domains: all that were asked, or those at which the rest shows the product.
    pub domains_with: String,
    /// Predicted probabilities from.
    pub from: f64,
    /// Predicted probabilities below.
    pub below: f64,
    /// Domains in it.
    pub domains: u64,
    /// Mean predicted probability that the signal is there.
    pub predicted: f64,
    /// Share of them that have it.
    pub observed: f64,
    /// Standard error of that share.
    pub standard_error: f64,
}

/// The reliability table.
pub const RELIABILITY: Table = Table {
    name: "reliability",
    meaning: "Each signal predicted from the others, and what was there: a row for each bin of predicted probability.",
    columns: &[
        column("product", Kind::Text, "", true, "Product id"),
        column("held_out", Kind::Text, "", true, "The signal that was taken away and predicted"),
        column(
            "domains_with",
            Kind::Text,
            "",
            true,
            "all: every domain asked for it and something else; rest seen: those at which another signal of the product was seen",
        ),
        column("from", Kind::Share, "", true, "Predicted probabilities from"),
        column("below", Kind::Share, "", true, "Predicted probabilities below (the last bin holds 1)"),
        column("domains", Kind::Integer, "domains", true, "Domains in the bin"),
        column("predicted", Kind::Share, "", true, "Mean predicted probability that the signal is there"),
        column("observed", Kind::Share, "", true, "Share of the domains that have it"),
        column("standard_error", Kind::Number, "share", false, "Standard error of that share"),
    ],
};

impl Record for Bin {
    const TABLE: Table = RELIABILITY;

    fn cells(&self) -> Vec<Cell> {
        let texts = [&self.product, &self.held_out, &self.domains_with].map(Cell::text);
        let numbers = [self.predicted, self.observed, self.standard_error].map(Cell::Number);
        let bounds = [Cell::Number(self.from), Cell::Number(self.below), Cell::Integer(self.domains as i64)];
        texts.into_iter().chain(bounds).chain(numbers).collect()
    }
}

impl Bin {
    /// Reads one row.
    pub fn read(row: &Row) -> (Option<Bin>, Vec<Fault>) {
        let mut fields = Fields::new(row, &RELIABILITY);
        let bin = Bin {
            product: fields.required("product"),
            held_out: fields.required("held_out"),
            domains_with: fields.required("domains_with"),
            from: fields.required_probability("from"),
            below: fields.required_probability("below"),
            domains: fields.optional_count("domains").unwrap_or(0),
            predicted: fields.required_probability("predicted"),
            observed: fields.required_probability("observed"),
            standard_error: fields.number("standard_error").unwrap_or(0.0),
        };
        fields.finish(bin)
    }
}

/// The bins of a product: each of its signals that was asked at a domain, predicted from what else was found there. Those
/// of `left_out` are not predicted: where they were asked says what was expected there.
pub fn reliability(id: &str, model: &ProductModel, left_out: &[Option<Reason>], sightings: &[Sighting]) -> Vec<Bin> {
    let values = Values::central(model);
    let mut bins = Vec::new();
    for (at, item) in model.items.iter().enumerate().filter(|(at, _)| left_out[*at].is_none()) {
        let mut sums = vec![[[0.0f64; 3]; BINS]; 2];
        for sighting in sightings {
            let Some(own) = sighting.pattern.said.iter().find(|s| s.item as usize == at) else { continue };
            let mut rest = sighting.pattern.clone();
            rest.said.retain(|s| s.item as usize != at);
            if rest.said.is_empty() {
                continue;
            }
            let p = predict(model, &values, &rest, at as u8);
            let bin = ((p * BINS as f64) as usize).min(BINS - 1);
            let shown = rest.said.iter().any(|s| s.level.is_some());
            for set in &mut sums[..1 + usize::from(shown)] {
                set[bin][0] += 1.0;
                set[bin][1] += p;
                set[bin][2] += f64::from(u8::from(own.level.is_some()));
            }
        }
        for (set, words) in sums.iter().zip(["all", "rest seen"]) {
            // What every answer shows, or none, was not looked for in earnest.
            let seen: f64 = set.iter().map(|s| s[2]).sum();
            if seen == 0.0 || set.iter().all(|s| s[0] == s[2]) {
                continue;
            }
            let filled = set.iter().enumerate().filter(|(_, s)| s[0] > 0.0);
            bins.extend(filled.map(|(bin, [domains, predicted, observed])| {
                let share = observed / domains;
                Bin {
                    product: id.to_string(),
                    held_out: item.name.clone(),
                    domains_with: words.to_string(),
                    from: bin as f64 / BINS as f64,
                    below: (bin + 1) as f64 / BINS as f64,
                    domains: *domains as u64,
                    predicted: predicted / domains,
                    observed: share,
                    standard_error: (share * (1.0 - share) / domains).sqrt(),
                }
            }));
        }
    }
    bins
}

/// Bins of two sets of domains together.
pub fn merged(first: Vec<Bin>, second: Vec<Bin>) -> Vec<Bin> {
    let mut all = first;
    for bin in second {
        let same =
            |b: &&mut Bin| b.held_out == bin.held_out && b.domains_with == bin.domains_with && b.from == bin.from;
        let Some(own) = all.iter_mut().find(same) else {
            all.push(bin);
            continue;
        };
        let (a, b) = (own.domains as f64, bin.domains as f64);
        let mean = |x: f64, y: f64| (a * x + b * y) / (a + b);
        own.predicted = mean(own.predicted, bin.predicted);
        own.observed = mean(own.observed, bin.observed);
        own.domains += bin.domains;
        own.standard_error = (own.observed * (1.0 - own.observed) / (a + b)).sqrt();
    }
    all.sort_by(|x, y| {
        (&x.held_out, &x.domains_with).cmp(&(&y.held_out, &y.domains_with)).then(x.from.total_cmp(&y.from))
    });
    all
}

/// Expected calibration error: the mean distance between predicted and observed, each domain counting once (M. P. Naeini,
/// G. F. Cooper, M. Hauskrecht, AAAI 2015).
pub fn expected_error<'a>(bins: impl IntoIterator<Item = &'a Bin>) -> f64 {
    let (mut domains, mut sum) = (0.0, 0.0);
    for bin in bins {
        domains += bin.domains as f64;
        sum += bin.domains as f64 * (bin.predicted - bin.observed).abs();
    }
    if domains > 0.0 { sum / domains } else { 0.0 }
}
