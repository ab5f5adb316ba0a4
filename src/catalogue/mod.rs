//! What the engine knows: products and their signals, events, severity models. Compiled in, and extended by `--data`.

mod condition;
mod event;
mod load;
mod matcher;
mod product;
mod severity;

pub use condition::Condition;
pub use event::{Advice, Distribution, Event, Factor, Outage, Response, Shape, Source};
pub use load::{Catalogue, parse_toml};
pub use matcher::{Matcher, SignalId, matches};
pub use product::{MarketShare, Match, Prior, Product, ProductFile, Signal};
pub use severity::{SeverityBand, SeverityModel};
