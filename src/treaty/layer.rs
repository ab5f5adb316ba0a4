//! A layer: what lies above an attachment, up to a limit.

use crate::money::Cents;

/// `limit` excess of `attachment`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Where it begins.
    pub attachment: Cents,
    /// How much of it there is.
    pub limit: Cents,
}

impl Layer {
    /// The layer that takes everything.
    pub const ALL: Layer = Layer { attachment: Cents::ZERO, limit: Cents::UNLIMITED };

    /// min((loss − attachment)⁺, limit): never more than the loss, never falling as the loss rises.
    pub fn of(self, loss: Cents) -> Cents {
        loss.above(self.attachment).min(self.limit)
    }
}
