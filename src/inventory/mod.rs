//! Who uses what, and how sure we are: observations against the catalogue, one probability a domain and product.

mod build;
mod evidence;
mod posterior;
mod table;

pub use build::{Inventory, InventoryBuilder};
pub use evidence::{DomainEvidence, Hit, Span};
pub use posterior::{Assessment, Finding, ROUND_DAYS, Weighed, assess};
pub use table::{Asked, COVERAGE, Entry, INVENTORY, Standing};
