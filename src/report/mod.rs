//! What people read: one summary of numbers, and pages made from it.

mod assumptions;
mod chart;
mod html;
mod segments;
mod summary;

pub use html::page;
pub use segments::Segment;
pub use summary::{Facts, InputLine, KindCoverage, Quality, RejectCount, Summary, summarise};
