//! What the engine knows: products and their signals, events, severity models. Compiled in, and extended by `--data`.

mod condition;
mod event;
mod frequency;
mod literal;
mod load;
mod matcher;
mod outage;
mod product;
mod rates;
mod severity;

pub use condition::Condition;
pub use event::{Advice, Distribution, Event, Factor, Level, Response, Shape, Source};
pub use frequency::{Count, CountShape, Frequency, LARGEST_MEAN};
pub use load::{Catalogue, parse_toml};
pub use matcher::{Matcher, SignalId};
pub use outage::{Outage, Redundancy};
pub use product::{LeftOut, LeftOutFile, MarketShare, Match, Prior, Product, ProductFile, SegmentPrior, Signal};
pub use rates::{
    ASSUMED_DEPENDENCE, ASSUMED_FALSE_POSITIVE_SPREAD, ASSUMED_SPREAD, Basis, Figure, Parameter, Place, SIGNAL_RATES,
    SignalRate, SignalRates,
};
pub use severity::{SeverityBand, SeverityModel};

/// A day as text: TOML writes it with quotes or without.
///
/// # Errors
/// When it is neither text nor a date.
pub fn day_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match serde::Deserialize::deserialize(deserializer)? {
        toml::Value::String(text) => Ok(text),
        toml::Value::Datetime(day) => Ok(day.to_string()),
        other => Err(serde::de::Error::custom(format!("a day is needed, such as 2026-05-31; found {other}"))),
    }
}
