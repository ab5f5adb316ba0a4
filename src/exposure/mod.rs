//! Who is in scope of an event: the inventory against the event's condition, for each policy in force.

mod evaluate;
mod in_scope;
mod own_terms;
mod table;
mod tier;
mod uses;

pub use evaluate::{Scope, expose};
pub use in_scope::{Draw, IN_SCOPE, InScope};
pub use table::{EXPOSURES, Exposure};
pub use tier::{NOT_FOUND, OBSERVED, State, Tier, UNINFORMATIVE, advice, judge};
