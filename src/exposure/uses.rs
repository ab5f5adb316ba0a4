//! What is known of a product's use at one insured: its domains' evidence, its own answers, and what is usual for its kind.

use super::tier::{NOT_FOUND, OBSERVED, State, States, UNINFORMATIVE};
use crate::inventory::{Entry, Standing, odds, probability};

/// A product at an insured.
#[derive(Clone, Debug)]
pub struct Use<'a> {
    /// Rows of its domains.
    pub domains: Vec<&'a Entry>,
    /// Whether it has a domain without a row, or no domain.
    pub unasked: bool,
    /// The row of its own answer.
    pub declared: Option<&'a Entry>,
    /// The product's general prior.
    pub general: f64,
    /// Odds of the prior of organisations of the insured's kind over those of the general one.
    pub shift: f64,
}

impl Use<'_> {
    /// State and probability: those of the domain with the most of each. Domains of one insured depend on each other, so a
    /// second one without evidence makes nothing likelier.
    ///
    /// A domain's posterior is moved to the prior of the insured's kind, and the insured's answer counts on top: both are
    /// factors of the odds.
    pub fn state(&self) -> (State, f64) {
        let prior_odds = |entry: &Entry| odds(entry.prior.unwrap_or(self.general));
        let answer = self.declared.map_or(1.0, |own| odds(own.probability) / prior_odds(own));
        let rows = self.domains.iter().map(|entry| {
            let before = prior_odds(entry) * self.shift;
            let after = odds(entry.probability) * self.shift * answer;
            (self.state_of(self.standing(Some(entry.standing)), before, after), probability(after))
        });
        let unasked = self.unasked.then(|| {
            let before = odds(self.general) * self.shift;
            (self.state_of(self.standing(None), before, before * answer), probability(before * answer))
        });
        let each: Vec<(State, f64)> = rows.chain(unasked).collect();
        let state = each.iter().map(|(state, _)| *state).max().unwrap_or(State::NotLookedFor);
        (state, each.iter().map(|(_, p)| *p).fold(0.0, f64::max))
    }

    /// What was found at a domain (nothing when it was not asked) together with what the insured says.
    fn standing(&self, domain: Option<Standing>) -> Option<Standing> {
        match (domain, self.declared.map(|own| own.standing)) {
            (Some(Standing::Seen), _) | (_, Some(Standing::Seen)) => Some(Standing::Seen),
            (_, Some(Standing::NotSeen)) => Some(Standing::NotSeen),
            (domain, _) => domain,
        }
    }

    /// Not seen is *not found* only where the looking itself made the product much less likely.
    fn state_of(&self, standing: Option<Standing>, before: f64, after: f64) -> State {
        match standing {
            Some(Standing::Seen) if probability(after) >= OBSERVED => State::Observed,
            Some(Standing::Seen) => State::Uncertain,
            Some(Standing::NotSeen) if probability(after) < NOT_FOUND && after <= UNINFORMATIVE * before => {
                State::NotFound
            }
            _ => State::NotLookedFor,
        }
    }
}

/// The products of an event's condition at an insured, by id.
pub type Uses<'a> = Vec<(&'a str, Use<'a>)>;

/// Their states.
pub fn states<'a>(uses: &Uses<'a>) -> States<'a> {
    uses.iter().map(|(id, own)| (*id, own.state())).collect()
}
