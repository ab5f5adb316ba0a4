//! Incident statistics: from records and published figures to frequency and severity models.

mod cause;
mod exposure;
mod hhs;
mod incident;
pub mod interval;
mod json;
mod lag;
mod read;
mod trends;
mod veris;

pub use cause::Cause;
pub use exposure::{POLICY_YEARS, PolicyYears, read_policy_years};
pub use incident::{INCIDENTS, Incident, Loss};
pub use lag::{Development, Reporting};
pub use read::{Records, read_incidents};
pub use trends::{CauseShare, VendorShare, YearLine, causes, growth, ratio, vendor_shares};
