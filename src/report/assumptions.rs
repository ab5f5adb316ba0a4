//! Everything in a result that rests on a figure, with its source; what no source supports says "assumption".

use serde::Serialize;

use crate::catalogue::{Catalogue, Distribution, Event, Factor};
use crate::exposure::tier_thresholds;
use crate::loss::plan::ASSUMED_REVENUE;

/// One figure that results rest on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assumption {
    /// What it is.
    pub what: String,
    /// Its value.
    pub value: String,
    /// Where it comes from.
    pub source: String,
    /// What a reader should know of it.
    pub note: String,
}

/// The figures behind an event's exposure and losses.
pub fn list(event: &Event, catalogue: &Catalogue) -> Vec<Assumption> {
    let entry = |what: &str, value: String, source: &str, note: &str| Assumption {
        what: what.to_string(),
        value,
        source: source.to_string(),
        note: note.to_string(),
    };
    let mut list = Vec::new();
    for product in event.requires.products().into_iter().filter_map(|id| catalogue.product(id)) {
        let name = catalogue.product_name(&product.id);
        let value = format!("{:.2} %", product.prior.share * 100.0);
        list.push(entry(
            &format!("{name}: share of organisations that use it, before anything is looked at"),
            value,
            &product.prior.source,
            "",
        ));
        let mut rates: Vec<&str> = product.signal.iter().map(|s| s.rates_source.as_str()).collect();
        rates.sort_unstable();
        rates.dedup();
        if !rates.is_empty() {
            let value = format!("{} signals", product.signal.len());
            list.push(entry(
                &format!("{name}: how often its signals are seen where it is used, and where it is not"),
                value,
                &rates.join("; "),
                "",
            ));
        }
    }
    list.push(entry(
        "Share of customers in scope who were affected",
        words(&event.affected),
        &event.affected.source,
        &event.affected.note,
    ));
    list.push(entry("Share of the affected who had a loss", words(&event.hit), &event.hit.source, &event.hit.note));
    if let Some(outage) = &event.outage {
        let value = format!("median {} h, 95 % within {} h", outage.median_hours, outage.p95_hours);
        list.push(entry("Duration of the outage", value, &outage.source, "The same for all insureds of one trial."));
        let value = format!(
            "{:.0} % × {:.0} % × {:.0} %",
            outage.gross_margin * 100.0,
            outage.dependency * 100.0,
            outage.impact * 100.0
        );
        list.push(entry(
            "Gross margin × dependency on the product × impact while it is down",
            value,
            &outage.source,
            "",
        ));
    }
    if let Some(model) = event.severity.as_ref().and_then(|id| catalogue.severities.get(id)) {
        for band in &model.band {
            let top =
                band.revenue_below.map_or("and larger".to_string(), |t| format!("below USD {:.0} million", t / 1e6));
            let level = band
                .mean
                .map_or_else(|| format!("median {:.0}", band.median.unwrap_or(0.0)), |m| format!("mean {m:.0}"));
            let value = format!("{level}, at most {:.0}", band.cap);
            list.push(entry(&format!("Loss of a hit insured, USD, revenue {top}"), value, &band.source, &model.note));
        }
    }
    let value = format!("USD {:.0} million", ASSUMED_REVENUE / 1e6);
    list.push(entry("Revenue of an insured that gives none", value, "assumption", ""));
    for part in &event.coverage {
        let value = format!("{:.0} %", part.weight * 100.0);
        list.push(entry(&format!("Part of the loss that falls under {}", part.name.words()), value, &part.source, ""));
    }
    for (what, behind) in
        event.requires.products().into_iter().filter_map(|id| Some((id, catalogue.product(id)?.prior_behind.as_ref()?)))
    {
        let name = catalogue.product_name(what);
        list.push(entry(
            &format!("{name}: the same share among organisations behind an email gateway, which hides it"),
            format!("{:.2} %", behind.share * 100.0),
            &behind.source,
            "",
        ));
    }
    let (observed, not_found) = tier_thresholds();
    let value = format!("above {:.0} % observed, below {:.0} % not found", observed * 100.0, not_found * 100.0);
    list.push(entry("Probability at which a product counts as observed or as not found", value, "assumption", ""));
    list
}

fn words(factor: &Factor) -> String {
    let percent = |x: f64| format!("{} %", (x * 1e4).round() / 100.0);
    match factor.checked() {
        Ok(Distribution::Point(x)) => percent(x),
        Ok(Distribution::Uniform(low, high)) => format!("between {} and {}", percent(low), percent(high)),
        Ok(Distribution::Beta(a, b)) => format!("{} on average, beta({a:.2}, {b:.2})", percent(a / (a + b))),
        Err(rule) => rule,
    }
}
