//! Published figures: what the engine takes as defaults and what users need of the like, each with source, year and grade,
//! and the parameters derived from them.

mod derive;
mod figures;
mod models;

pub use derive::lognormal_of_quantiles;
pub use figures::{FIGURES, Figure, figures};
pub use models::{
    PUBLISHED_FREQUENCIES, PUBLISHED_SEVERITIES, PublishedFrequency, PublishedSeverity, frequencies, severities,
};
