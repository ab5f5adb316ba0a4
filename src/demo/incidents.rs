//! Made-up claims of the demo's insureds, 2017 to 2020, and the policy-years that they come from: what `fit` can be tried on.
//!
//! In the shape of the founding example's year: email is the root cause of about 54 % of the claims of 2020, and claims grow
//! by about two thirds from 2019 while the book grows by a third. All figures here are made up and say so in their source.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::book::{Book, Insured, plus};
use super::dice::Dice;
use crate::portfolio::{RevenueBand, sector};
use crate::random::normal;

/// Claims known on this day are in the table.
const KNOWN: Date = date(2020, 12, 31);

/// Year, share of the insureds already covered, claims a policy-year above the retention or not, share of email.
const YEARS: [(i16, f64, f64, f64); 4] =
    [(2017, 0.40, 0.055, 0.38), (2018, 0.52, 0.060, 0.42), (2019, 0.68, 0.068, 0.46), (2020, 0.92, 0.073, 0.54)];

/// Cause, weight among the causes that are not email, location of ln(loss) at a revenue of 8 million, vendor's share.
const CAUSES: [(&str, usize, f64, f64); 5] = [
    ("ransomware", 40, 11.9, 0.20),
    ("hacking", 25, 11.2, 0.30),
    ("funds transfer fraud", 15, 11.3, 0.02),
    ("error", 12, 9.9, 0.10),
    ("insider", 8, 10.4, 0.0),
];

/// Location of ln(loss) of email at a revenue of 8 million.
const EMAIL: f64 = 10.7;

/// Rows of the incident table and of the policy-years, the header first.
pub fn rows(book: &Book, dice: Dice) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let header = "incident_id date report_date cause organisation industry country annual_revenue vendor_involved currency \
                  loss loss_npbi loss_dias loss_ext loss_fin loss_inre loss_lia loss_reg retention limit status";
    let mut claims = vec![words(header)];
    let mut years: BTreeMap<(i16, String, &'static str), u64> = BTreeMap::new();
    for (year, covered, rate, email) in YEARS {
        for insured in &book.insureds {
            // Whoever is covered once stays.
            if dice.unit("covered since", insured.number) > covered {
                continue;
            }
            let revenue = insured.revenue_known.then_some(insured.revenue as f64);
            let band = RevenueBand::of(revenue).words();
            *years.entry((year, insured.company.naics.to_string(), band)).or_default() += 1;
            let size = libm::pow(insured.revenue as f64 / 8e6, 0.2).clamp(0.3, 4.0);
            if dice.unit(&format!("claim of {year}"), insured.number) < rate * size {
                claims.extend(claim(insured, year, email, dice));
            }
        }
    }
    let mut exposure = vec![words("year industry revenue_band policy_years")];
    exposure.extend(
        years
            .into_iter()
            .map(|((year, naics, band), n)| vec![year.to_string(), naics, band.to_string(), n.to_string()]),
    );
    (claims, exposure)
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_string).collect()
}

/// A claim, unless the loss stays below the retention or nobody knows of it yet.
fn claim(insured: &Insured, year: i16, email: f64, dice: Dice) -> Option<Vec<String>> {
    let id = insured.number;
    let draw = |what: &str| dice.unit(&format!("{what} of the claim of {year}"), id);
    let day = plus(Date::new(year, 1, 1).ok()?, ((draw("day") * 365.0) as i64).days());
    let reported = plus(day, ((-libm::log(draw("lag")) * 45.0) as i64).days());
    let other = CAUSES[dice.weighted(&format!("cause of the claim of {year}"), id, &CAUSES.map(|c| c.1))];
    let (cause, mu, vendor) = if draw("email") < email { ("email", EMAIL, 0.12) } else { (other.0, other.2, other.3) };
    let ln = mu + 0.3 * libm::log(insured.revenue as f64 / 8e6) + 1.4 * normal::quantile(draw("size"));
    let loss = libm::round(libm::exp(ln));
    let class = [(10_000_000, 5_000, 1_000_000), (50_000_000, 10_000, 1_000_000), (300_000_000, 50_000, 3_000_000)];
    let (_, retention, limit) =
        class.into_iter().find(|(below, ..)| insured.revenue < *below).unwrap_or((0, 250_000, 10_000_000));
    if loss <= f64::from(retention) || reported > KNOWN {
        return None;
    }
    let open = reported > date(2020, 9, 1) && draw("status") < 0.5;
    let known = loss.min(f64::from(retention + limit));
    // What is paid so far of an open claim does not tell how large it will be.
    let paid = f64::from(retention) * (1.5 + 20.0 * draw("paid"));
    let so_far = if open { known.min(libm::round(paid)) } else { known };
    let revenue = if insured.revenue_known { insured.revenue.to_string() } else { String::new() };
    let naics = insured.company.naics;
    debug_assert_ne!(sector(naics), "");
    let mut row = vec![
        format!("CLM-{id:05}-{year}"),
        day.to_string(),
        reported.to_string(),
        cause.to_string(),
        insured.company.name.clone(),
        naics.to_string(),
        insured.company.country.to_string(),
        revenue,
        if draw("vendor") < vendor { "yes" } else { "no" }.to_string(),
        "USD".to_string(),
        format!("{so_far:.0}"),
    ];
    row.extend(parts(cause, so_far, &draw));
    row.extend([retention.to_string(), limit.to_string(), if open { "open" } else { "closed" }.to_string()]);
    Some(row)
}

/// Share of claims whose loss is told by coverage.
const BY_COVERAGE: f64 = 0.6;

/// Cause and how its losses fall on business interruption, digital assets, extortion, financial fraud, incident response, liability
/// and regulatory.
const FALLS: [(&str, [f64; 7]); 6] = [
    ("email", [0.0, 0.0, 0.0, 0.25, 0.45, 0.20, 0.10]),
    ("ransomware", [0.40, 0.05, 0.25, 0.0, 0.30, 0.0, 0.0]),
    ("hacking", [0.05, 0.05, 0.0, 0.0, 0.45, 0.30, 0.15]),
    ("funds transfer fraud", [0.0, 0.0, 0.0, 0.90, 0.10, 0.0, 0.0]),
    ("error", [0.0, 0.0, 0.0, 0.0, 0.30, 0.60, 0.10]),
    ("insider", [0.0, 0.05, 0.0, 0.0, 0.50, 0.45, 0.0]),
];

/// A loss by coverage in whole dollars, or blanks.
fn parts(cause: &str, loss: f64, draw: &impl Fn(&str) -> f64) -> [String; 7] {
    let told = draw("told by coverage") < BY_COVERAGE;
    let Some((_, falls)) = FALLS.iter().find(|(name, _)| told && *name == cause) else { return Default::default() };
    let mut weights = *falls;
    for (n, weight) in weights.iter_mut().enumerate() {
        *weight *= -libm::log(draw(&format!("part {n}")));
    }
    let sum: f64 = weights.iter().sum();
    let mut dollars = weights.map(|w| libm::floor(loss * w / sum));
    // What rounding leaves goes to the largest part.
    let rest = loss - dollars.iter().sum::<f64>();
    if let Some(largest) = dollars.iter_mut().max_by(|a, b| a.total_cmp(b)) {
        *largest += rest;
    }
    dollars.map(|part| if part > 0.0 { format!("{part:.0}") } else { String::new() })
}
