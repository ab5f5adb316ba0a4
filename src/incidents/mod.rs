//! Incident statistics: from records and published figures to frequency and severity models.

mod cause;
mod covariance;
pub mod estimation;
mod exposure;
mod frequency;
mod hhs;
mod incident;
pub mod interval;
mod json;
mod lag;
mod model;
pub mod published;
mod read;
mod segment;
mod severities;
mod study;
mod trends;
mod veris;

pub use cause::Cause;
pub use exposure::{POLICY_YEARS, PolicyYears, band_of, read_policy_years};
pub use frequency::{FrequencyModel, frequencies};
pub use incident::{INCIDENTS, Incident, Loss};
pub use lag::{Development, Reporting};
pub use model::{SEVERITY_FILE, SEVERITY_MODELS, SegmentSeverity, SeverityModels};
pub use read::{Records, read_incidents};
pub use segment::Segment;
pub use severities::{FEWEST, OF_ITS_OWN, Severities, severities};
pub use study::{Candidate, SeverityStudy, TRIED};
pub use trends::{CauseShare, VendorShare, YearLine, causes, growth, ratio, vendor_shares};
