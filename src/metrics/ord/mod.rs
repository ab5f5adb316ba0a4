//! Results as tables of Open Results Data (ORD).
//!
//! Names, order and types of columns are those of `ORD_Data_Types.csv` of the Open Data Standards, with the integer codes
//! of version 1 that today's tools read and write: EPCalc 2 full uncertainty, 3 per-sample mean, 4 sample mean (1, the
//! analytical mean, is not simulated); EPType 1 OEP, 2 its TVaR, 3 AEP, 4 its TVaR; SampleType 2 sampled. A set of tables is
//! of one perspective; a period is a year. Losses are written as 64-bit floats: 32 bits lose the cents.

mod average;
mod exceedance;
mod losses;

pub use average::{ALT, AverageLoss, average};
pub use exceedance::{EPT, Exceedance, PSEPT, SampleExceedance, ept, psept};
pub use losses::{EventLoss, EventName, ORD_EVENTS, PeriodLoss, SELT, SPLT};
