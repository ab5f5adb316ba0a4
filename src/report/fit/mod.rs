//! The report of `fit`: root causes, growth, the vendor's part, and the models with how well they fit.

mod coverage;
mod lines;
mod page;
mod plot;
mod sentences;
mod severity;
mod summary;

pub use page::fit_page;
pub use summary::{FitFacts, FitSummary, RefusedLine, summarise_fit};
