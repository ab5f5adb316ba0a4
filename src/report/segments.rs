//! Insureds by industry, revenue band and country: each insured once, however many policies it has.

use polars::prelude::*;
use serde::Serialize;

use crate::exposure::{Exposure, Tier};
use crate::fault::Failure;
use crate::portfolio::sector;

/// Insureds of one segment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// Name of the segment.
    pub name: String,
    /// Insureds.
    pub insureds: u64,
    /// Insureds by tier, in the order of [`Tier::ALL`].
    pub tiers: [u64; 4],
    /// Share of the segment's insureds that are exposed.
    pub share_exposed: f64,
    /// Limit at stake of all insureds, units of the reporting currency.
    pub limit: f64,
    /// Limit at stake of the exposed.
    pub limit_exposed: f64,
    /// Premium of all insureds.
    pub premium: f64,
    /// Premium of the exposed.
    pub premium_exposed: f64,
}

/// One row an insured: tier, industry and country of its most exposed policy, band of its largest revenue, money summed
/// over its policies.
pub fn insureds(exposures: &[Exposure]) -> LazyFrame {
    let text = |of: &dyn Fn(&Exposure) -> String| exposures.iter().map(of).collect::<Vec<_>>();
    let number = |of: &dyn Fn(&Exposure) -> f64| exposures.iter().map(of).collect::<Vec<_>>();
    let frame = df!(
        "insured_id" => text(&|e| e.insured_id.clone()),
        "policy_id" => text(&|e| e.policy_id.clone()),
        "industry" => text(&|e| sector(&e.industry).to_string()),
        "revenue" => number(&|e| e.revenue.map_or(-1.0, |r| r.units())),
        "revenue_band" => text(&|e| e.revenue_band.clone()),
        "country" => text(&|e| if e.country.is_empty() { "unknown".to_string() } else { e.country.clone() }),
        "tier" => exposures.iter().map(|e| e.tier as u32).collect::<Vec<_>>(),
        "limit" => number(&|e| e.limit_at_stake.units()),
        "premium" => number(&|e| e.premium.units()),
    );
    let of_most_exposed = |name: &str| col(name).sort_by([col("tier"), col("policy_id")], Default::default()).first();
    let largest = SortMultipleOptions::default().with_order_descending_multi([true, false]);
    frame
        .unwrap_or_default()
        .lazy()
        .sort(["insured_id", "policy_id"], Default::default())
        .group_by_stable([col("insured_id")])
        .agg([
            of_most_exposed("industry"),
            of_most_exposed("country"),
            col("revenue_band").sort_by([col("revenue"), col("policy_id")], largest).first(),
            col("tier").min(),
            col("limit").sum(),
            col("premium").sum(),
        ])
}

/// The segments by `column` of [`insureds`], largest number of exposed first.
///
/// # Errors
/// When the table engine fails: a defect, since the table is made here.
pub fn by(insureds: &LazyFrame, column: &str) -> Result<Vec<Segment>, Failure> {
    let in_tier = |tier: Tier| col("tier").eq(lit(tier as u32));
    let exposed = |name: &str, alias: &str| col(name).filter(in_tier(Tier::Exposed)).sum().alias(alias);
    let mut aggregates = vec![
        len().cast(DataType::Int64).alias("insureds"),
        col("limit").sum(),
        col("premium").sum(),
        exposed("limit", "limit_exposed"),
        exposed("premium", "premium_exposed"),
    ];
    aggregates.extend(Tier::ALL.map(|tier| in_tier(tier).sum().cast(DataType::Int64).alias(tier.as_str())));
    let frame = insureds.clone().group_by_stable([col(column)]).agg(aggregates).collect().map_err(table_engine)?;
    let mut segments = rows(&frame, column).map_err(table_engine)?;
    segments.sort_by(|a, b| b.tiers.cmp(&a.tiers).then(b.insureds.cmp(&a.insureds)).then(a.name.cmp(&b.name)));
    Ok(segments)
}

fn rows(frame: &DataFrame, column: &str) -> PolarsResult<Vec<Segment>> {
    let names = frame.column(column)?.str()?;
    let number = |name: &str, row: usize| -> PolarsResult<i64> { Ok(frame.column(name)?.i64()?.get(row).unwrap_or(0)) };
    let money =
        |name: &str, row: usize| -> PolarsResult<f64> { Ok(frame.column(name)?.f64()?.get(row).unwrap_or(0.0)) };
    (0..frame.height())
        .map(|row| {
            let mut tiers = [0; 4];
            for tier in Tier::ALL {
                tiers[tier as usize] = number(tier.as_str(), row)? as u64;
            }
            let insureds = number("insureds", row)? as u64;
            Ok(Segment {
                name: names.get(row).unwrap_or("").to_string(),
                insureds,
                tiers,
                share_exposed: tiers[0] as f64 / insureds.max(1) as f64,
                limit: money("limit", row)?,
                limit_exposed: money("limit_exposed", row)?,
                premium: money("premium", row)?,
                premium_exposed: money("premium_exposed", row)?,
            })
        })
        .collect()
}

/// A failure of the table engine.
pub fn table_engine(error: PolarsError) -> Failure {
    Failure::new(format!("the table engine failed: {error}")).hint("this is a defect of blastradius: please report it")
}
