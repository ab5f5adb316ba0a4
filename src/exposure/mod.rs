//! Who is in scope of an event: the inventory against the event's condition, for each policy in force.

mod evaluate;
mod table;
mod tier;

pub use evaluate::{Scope, expose};
pub use table::{EXPOSURES, Exposure};
pub use tier::{NOT_FOUND, OBSERVED, State, Tier, UNINFORMATIVE, advice, judge};
