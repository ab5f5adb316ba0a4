//! The book: policies read, checked and brought to one form, from the engine's own columns or Open Exposure Data.

mod book;
mod by_hash;
mod codes;
mod coverage;
pub mod currency;
pub mod domains;
mod native;
mod oed;
mod policy;

pub use book::{Book, read_book, read_hosts};
pub use codes::{country_meant, is_country, is_naics, naics_range, sector_names};
pub use coverage::Coverage;
pub use currency::Rates;
pub use native::POLICIES;
#[cfg(test)]
pub(crate) use policy::testing;
pub use policy::{AccountTerms, CoverageTerms, Policy, RevenueBand, Terms, Waiting, WaitingKind, sector};
