//! The fit report as one self-contained page: no network, no script; everything user-supplied is escaped.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::super::html::{environment, failed, style};
use super::super::picture::colour;
use super::plot::{Plot, Series, plot};
use super::severity::{compact, pictures};
use super::summary::{FitFacts, FitSummary};
use crate::fault::Failure;
use crate::incidents::{Cause, ratio};

const TEMPLATE: &str = include_str!("page.html");
/// Causes with a line of their own in the picture.
const DRAWN: usize = 5;

/// The page of a summary and the facts it was made from, for the pictures.
///
/// # Errors
/// When the template or a picture fails.
pub fn fit_page(summary: &FitSummary, facts: &FitFacts) -> Result<String, Failure> {
    let mut environment = environment("USD")?;
    environment.add_template("fit.html", TEMPLATE).map_err(failed)?;
    let (causes, drawn) = causes(facts)?;
    let names: Vec<Value> =
        (0..).zip(&drawn).map(|(n, cause)| context! { colour => colour(n), name => cause.as_str() }).collect();
    let mut studies = Vec::new();
    for study in &facts.severities.studies {
        let own: Vec<Value> = pictures(study)?
            .into_iter()
            .map(|(title, svg)| context! { title, picture => Value::from_safe_string(svg) })
            .collect();
        studies.push(own);
    }
    let template = environment.get_template("fit.html").map_err(failed)?;
    let page = template.render(context! {
        s => Value::from(Serde(summary)),
        style => Value::from_safe_string(style().to_string()),
        growth => growth(facts)?.map(Value::from_safe_string),
        causes => causes.map(Value::from_safe_string),
        names,
        studies,
    });
    page.map(|page| page + "\n").map_err(failed)
}

/// Shares of the commonest causes by year, with intervals: the picture and the causes drawn.
fn causes(facts: &FitFacts) -> Result<(Option<String>, Vec<Cause>), Failure> {
    let all = facts.causes.iter().filter(|c| c.year.is_none() && c.cause != Cause::Unknown);
    let drawn: Vec<Cause> = all.take(DRAWN).map(|c| c.cause).collect();
    let mut of: BTreeMap<i16, u64> = BTreeMap::new();
    facts.causes.iter().filter(|c| c.cause != Cause::Unknown).for_each(|c| {
        if let Some(year) = c.year {
            of.insert(year, c.of);
        }
    });
    let line = |(n, cause): (usize, &Cause)| {
        let points = of.iter().map(|(year, of)| {
            let own = facts.causes.iter().find(|c| c.year == Some(*year) && c.cause == *cause);
            let (hits, ends) = own.map_or((0, crate::incidents::interval::wilson(0, *of)), |c| (c.incidents, c.share));
            // Side by side, so that intervals of several causes can be told apart.
            let across = f64::from(*year) + (n as f64 - 2.0) * 0.06;
            (across, ratio(hits, *of), Some((ends.low, ends.high)))
        });
        Series { points: points.collect(), joined: true }
    };
    let picture = plot(&Plot {
        label: "Share of root causes by year".into(),
        x: "year".into(),
        y: "share of told causes".into(),
        size: (860, 340),
        x_number: |x| if (x - x.round()).abs() < 0.01 { format!("{x:.0}") } else { String::new() },
        y_number: |y| format!("{:.0} %", y * 100.0),
        diagonal: false,
        from_zero: true,
        series: drawn.iter().enumerate().map(line).collect(),
    })?;
    Ok((picture, drawn))
}

/// Expected incidents by year with their intervals, or the frequency where exposure is given.
fn growth(facts: &FitFacts) -> Result<Option<String>, Failure> {
    let by_frequency = facts.growth.iter().any(|line| line.frequency.is_some());
    let point = |line: &crate::incidents::YearLine| {
        if by_frequency {
            let (rate, ends) = line.frequency?;
            return Some((f64::from(line.year), rate, Some((ends.low, ends.high))));
        }
        let ends = crate::incidents::interval::count(line.incidents, line.dispersion);
        let per = line.development.factor / line.part.max(1e-9);
        Some((f64::from(line.year), line.expected(), Some((ends.low * per, ends.high * per))))
    };
    plot(&Plot {
        label: "Incidents by year".into(),
        x: "year".into(),
        y: if by_frequency { "incidents a policy-year" } else { "incidents of the whole year" }.into(),
        size: (860, 340),
        x_number: |x| if (x - x.round()).abs() < 0.01 { format!("{x:.0}") } else { String::new() },
        y_number: |y| if y >= 10.0 || y == y.round() { compact(y) } else { format!("{y:.3}") },
        diagonal: false,
        from_zero: true,
        series: vec![Series { points: facts.growth.iter().filter_map(point).collect(), joined: true }],
    })
}
