//! Who uses what, and how sure we are: observations against the catalogue, one probability a domain and product.

mod adder;
mod build;
mod declared;
mod draws;
pub mod evidence;
#[expect(clippy::module_inception, reason = "the inventory itself")]
mod inventory;
mod lately;
mod likelihood;
mod model;
mod pending;
mod posterior;
mod shard;
mod table;

pub use adder::Adder;
pub use build::InventoryBuilder;
pub use declared::{DECLARED, Declared, declared_entries, latest, read_declared};
pub use draws::{DRAWS, Vary, draws};
pub use evidence::{Evidence, Hit, Span};
pub use inventory::{Inventory, factor};
pub use likelihood::{Pattern, Said, Values, evaluate, likelihoods, odds, predict, probability};
pub use model::{ASSUMED_HALF_LIFE, Group, Item, Model, ProductModel};
pub use posterior::{Assessment, Finding, Fronts, ROUND_DAYS, Weighed, assess, gone, pattern, posterior};
pub use table::{Asked, COVERAGE, Entry, INVENTORY, Standing};
