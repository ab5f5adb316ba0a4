//! Incident statistics: from records and published figures to frequency and severity models.

mod cause;
mod coverage;
mod dispersion;
pub mod estimation;
mod exposure;
mod frequency;
mod growth;
mod hhs;
mod incident;
pub mod interval;
mod json;
mod lag;
mod loss;
mod model;
pub mod published;
mod read;
mod segment;
mod severities;
mod shares;
mod study;
mod veris;

pub use cause::Cause;
pub use coverage::{CoverageShare, CoverageShares, coverage_shares};
pub use dispersion::{Dispersion, Over};
pub use exposure::{POLICY_YEARS, PolicyYears, band_of, read_policy_years};
pub use frequency::{FrequencyModel, frequencies};
pub use growth::{YearLine, growth};
pub use incident::{INCIDENTS, Incident};
pub use lag::{Development, Reporting};
pub use loss::{Loss, Split};
pub use model::{SEVERITY_FILE, SEVERITY_MODELS, SegmentSeverity, SeverityModels};
pub use read::{Records, read_incidents};
pub use segment::Segment;
pub use severities::{FEWEST, OF_ITS_OWN, Severities, severities};
pub use shares::{CauseShare, VendorShare, causes, ratio, vendor_shares};
pub use study::{Candidate, SeverityStudy, TRIED};
