//! Results as tables of Open Results Data (ORD).
//!
//! Names, order and types of columns are those of `ORD_Data_Types.csv` of the Open Data Standards. Version 1, which today's
//! tools read and write, has integer codes: EPCalc 2 full uncertainty, 3 per-sample mean, 4 sample mean (1, the analytical mean,
//! is not simulated); EPType 1 OEP, 2 its TVaR, 3 AEP, 4 its TVaR; SampleType 2 sampled. Version 2 has text in EPT and PSEPT:
//! EPMethod (in the place of EPCalc) S_FULL, S_PSMN, S_MEAN; EPType OEP, TVAR_OEP, AEP, TVAR_AEP. A set of tables is of one
//! perspective; a period is a year. Losses are written as 64-bit floats: 32 bits lose the cents.

mod average;
mod columns;
mod day;
mod exceedance;
mod losses;
mod moments;
mod quantiles;
mod samples;

pub use average::{ALT, AverageLoss, average};
pub use columns::Placed;
pub use day::OrdDay;
pub use exceedance::{Coded, EPT, EPT_2, Exceedance, PSEPT, PSEPT_2, SampleExceedance, ept, psept};
pub use losses::{EventLoss, EventName, ORD_EVENTS, PeriodLoss, SELT, SPLT};
pub use moments::{EventMoments, MELT, MPLT, Moments, PeriodMoments};
pub use quantiles::{EventQuantile, PeriodQuantile, QELT, QPLT, quantiles_of};
pub use samples::{SampleLoss, Samples};
