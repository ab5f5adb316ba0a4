//! The report as one self-contained page: no network, no script; everything user-supplied is escaped.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};

use super::chart::exceedance;
use super::diagram::diagram;
use super::picture::colour;
use super::reliability::ReliabilityLine;
use super::summary::Summary;
use crate::fault::Failure;
use crate::loss::YearLoss;
use crate::money::{in_words, thousands};

const TEMPLATE: &str = include_str!("page.html");
/// What every page tells the browser first: no network, no script.
const HEAD: &str = include_str!("head.html");

/// The page of a summary and the losses of each trial.
///
/// # Errors
/// When the template or the chart fails.
pub fn page(summary: &Summary, trials: &[YearLoss]) -> Result<String, Failure> {
    let mut environment = environment(&summary.currency)?;
    environment.add_template("page.html", TEMPLATE).map_err(failed)?;
    let gross: Vec<f64> = trials.iter().map(|t| t.sum.gross.units()).collect();
    let net: Option<Vec<f64>> = summary.losses.net.as_ref().map(|_| trials.iter().map(|t| t.sum.net.units()).collect());
    let chart = exceedance(&gross, net.as_deref(), &summary.currency)?.map(Value::from_safe_string);
    let diagrams = diagrams(summary)?;
    let template = environment.get_template("page.html").map_err(failed)?;
    let page = template.render(context! { s => Value::from(Serde(summary)), chart, diagrams });
    page.map(|page| page + "\n").map_err(failed)
}

/// The style sheet of the page, for other pages.
pub(super) fn style() -> &'static str {
    let rest = TEMPLATE.split_once("<style>").map_or("", |(_, rest)| rest);
    rest.split_once("</style>").map_or("", |(style, _)| style)
}

pub(super) fn failed(e: minijinja::Error) -> Failure {
    Failure::new(format!("the report could not be made: {e}")).hint("this is a defect of blastradius: please report it")
}

/// Templates that escape whatever is put into them, with the filters and the head of reports.
pub(super) fn environment<'a>(currency: &str) -> Result<Environment<'a>, Failure> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(failed)?);
    let currency = currency.to_string();
    environment.add_filter("money", move |units: f64| in_words(&currency, units));
    environment.add_filter("percent", percent);
    environment.add_filter("count", thousands);
    environment.add_global("head", Value::from_safe_string(HEAD.to_string()));
    Ok(environment)
}

/// For each product with predicted signals: its name, its diagram, and each signal with its colour.
fn diagrams(summary: &Summary) -> Result<Vec<Value>, Failure> {
    let products = summary.reliability.chunk_by(|a, b| a.product == b.product);
    let of_product = |lines: &[ReliabilityLine]| {
        let picture = diagram(&lines.iter().collect::<Vec<_>>())?;
        let line =
            |(n, line): (usize, &ReliabilityLine)| context! { colour => colour(n), line => Value::from(Serde(line)) };
        let signals: Vec<Value> = lines.iter().enumerate().map(line).collect();
        Ok(context! { product => lines[0].product.clone(), picture => Value::from_safe_string(picture), signals })
    };
    products.map(of_product).collect()
}

/// `0.6 %`, with a second decimal for small shares; only nothing at all is `0 %`, and only all of it `100 %`.
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_string(),
        100.0 => "100 %".to_string(),
        p if p < 0.005 => "<0.01 %".to_string(),
        p if p < 0.095 => format!("{p:.2} %"),
        p if p >= 99.95 => ">99.9 %".to_string(),
        p => format!("{p:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_to_all() {
        let cases = [
            (0.0, "0 %"),
            (0.000_01, "<0.01 %"),
            (0.000_5, "0.05 %"),
            (0.5, "50.0 %"),
            (0.999_9, ">99.9 %"),
            (1.0, "100 %"),
        ];
        for (share, text) in cases {
            assert_eq!(percent(share), text);
        }
    }
}
