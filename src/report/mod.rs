//! What people read: one summary of numbers, and pages made from it.

mod annual;
mod annual_tables;
mod assumptions;
mod chart;
mod check;
mod diagram;
mod exact_table;
mod fit;
mod headline;
mod html;
mod in_scope;
mod market;
mod picture;
mod quality;
mod reliability;
mod segments;
mod summarise;
mod summary;
mod treaties;

pub use annual::{Annual, AnnualEvent, AnnualFacts, OccurrenceSum};
pub use annual_tables::{AnnualTables, Known};
pub use exact_table::read_exact;
pub use fit::{FitFacts, FitSummary, RefusedLine, fit_page, summarise_fit};
pub use html::page;
pub use quality::{InputLine, KindCoverage, Looked, Quality, quality};
pub use segments::Segment;
pub use summarise::{Facts, summarise};
pub use summary::Summary;
pub use treaties::TreatyLine;
