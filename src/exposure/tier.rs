//! From what was seen of each product to a word and a probability.
//!
//! The word follows the evidence, the probability the arithmetic. A product is *observed* (seen, and more likely used
//! than [`OBSERVED`]), *uncertain* (seen weakly), *not looked for* (or not where it would show), or *not found* (looked
//! for, and by that less likely used than [`NOT_FOUND`]). `all` takes the least of its parts, `any` the best; where some
//! parts of an `all` were observed and the rest not looked for, the whole is uncertain.

use std::collections::BTreeMap;

use crate::catalogue::{Advice, Condition};

/// Above this probability a product that was seen counts as observed. Assumption.
pub const OBSERVED: f64 = 0.8;

/// Below this probability a product that was looked for counts as not found. Assumption.
pub const NOT_FOUND: f64 = 0.1;

/// Looking that leaves more than this share of the prior odds says too little to call a product not found. Assumption.
pub const UNINFORMATIVE: f64 = 0.5;

/// What was seen of one product at an insured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Looked for, not found.
    NotFound,
    /// Not looked for, or not where it would show.
    NotLookedFor,
    /// Seen weakly.
    Uncertain,
    /// Seen.
    Observed,
}

/// How far an insured is in scope, in the words of reports. Orders from most to least exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Every requirement observed.
    Exposed,
    /// Some observed, the rest not observable or uncertain.
    Possible,
    /// Not scanned, or not for the kinds that matter.
    Unknown,
    /// Looked for, not found.
    Unlikely,
}

impl Tier {
    /// All, from most to least exposed.
    pub const ALL: [Tier; 4] = [Tier::Exposed, Tier::Possible, Tier::Unknown, Tier::Unlikely];

    /// The word used in tables and reports.
    pub fn as_str(self) -> &'static str {
        ["exposed", "possible", "unknown", "unlikely"][self as usize]
    }

    /// The tier of this word.
    pub fn parse(word: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|t| t.as_str() == word)
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        [
            "every requirement observed",
            "some observed, the rest not observable or uncertain",
            "not scanned, or not for the records that matter",
            "looked for, not found",
        ][self as usize]
    }
}

/// What to tell an insured of this tier.
pub fn advice(advice: &Advice, tier: Tier) -> &str {
    match tier {
        Tier::Exposed => &advice.exposed,
        Tier::Possible => &advice.possible,
        Tier::Unknown => &advice.unknown,
        Tier::Unlikely => &advice.unlikely,
    }
}

/// State and probability of each product of a condition.
pub type States<'a> = BTreeMap<&'a str, (State, f64)>;

/// The tier and probability of a condition, its products being independent of each other.
///
/// `models` are those of [`Condition::models`]; products without a state count as not looked for.
pub fn judge(condition: &Condition, models: &[u32], states: &States) -> (Tier, f64) {
    let tier = match state(condition, states) {
        State::Observed => Tier::Exposed,
        State::Uncertain => Tier::Possible,
        State::NotLookedFor => Tier::Unknown,
        State::NotFound => Tier::Unlikely,
    };
    let shares: Vec<f64> = condition.products().iter().map(|id| states.get(id).map_or(0.0, |s| s.1)).collect();
    (tier, share(models, &shares))
}

/// The probability of a condition with these models, its products being used with these probabilities.
pub fn share(models: &[u32], products: &[f64]) -> f64 {
    let of = |model: &u32| {
        products.iter().enumerate().map(|(at, p)| if model >> at & 1 == 1 { *p } else { 1.0 - p }).product::<f64>()
    };
    models.iter().map(of).sum::<f64>().clamp(0.0, 1.0)
}

fn state(condition: &Condition, states: &States) -> State {
    let each = |items: &[Condition]| -> Vec<State> { items.iter().map(|item| state(item, states)).collect() };
    match condition {
        Condition::Product(id) => states.get(id.as_str()).map_or(State::NotLookedFor, |s| s.0),
        Condition::Named(_) => State::NotLookedFor,
        Condition::Not(item) => match state(item, states) {
            State::Observed => State::NotFound,
            State::NotFound => State::Observed,
            other => other,
        },
        Condition::Any(items) => each(items).into_iter().max().unwrap_or(State::NotFound),
        Condition::All(items) => {
            let parts = each(items);
            match parts.iter().min().copied().unwrap_or(State::NotFound) {
                State::NotLookedFor if parts.iter().any(|p| *p > State::NotLookedFor) => State::Uncertain,
                least => least,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of two requirements: what was seen of each, and the tier.
    #[test]
    fn tiers_follow_from_what_was_seen_of_both_products() {
        use State::*;
        let both = Condition::All(vec![Condition::Product("a/x".into()), Condition::Product("b/y".into())]);
        let cases = [
            (Observed, Observed, Tier::Exposed),
            (Observed, Uncertain, Tier::Possible),
            (Observed, NotLookedFor, Tier::Possible),
            (Uncertain, NotLookedFor, Tier::Possible),
            (Uncertain, Uncertain, Tier::Possible),
            (NotLookedFor, NotLookedFor, Tier::Unknown),
            (Observed, NotFound, Tier::Unlikely),
            (NotLookedFor, NotFound, Tier::Unlikely),
        ];
        for (first, second, tier) in cases {
            for (x, y) in [(first, second), (second, first)] {
                let states = States::from([("a/x", (x, 0.5)), ("b/y", (y, 0.5))]);
                assert_eq!(judge(&both, &both.models().unwrap(), &states), (tier, 0.25), "{x:?} {y:?}");
            }
        }
    }

    #[test]
    fn a_second_provider_takes_an_insured_out_of_scope() {
        let only = Condition::All(vec![
            Condition::Product("a/dns".into()),
            Condition::Not(Box::new(Condition::Product("b/second".into()))),
        ]);
        let models = only.models().unwrap();
        let states = |second| States::from([("a/dns", (State::Observed, 0.9)), ("b/second", second)]);
        let (tier, p) = judge(&only, &models, &states((State::NotFound, 0.0)));
        assert_eq!((tier, (p * 100.0).round()), (Tier::Exposed, 90.0));
        assert_eq!(judge(&only, &models, &states((State::Observed, 1.0))), (Tier::Unlikely, 0.0));
    }
}
