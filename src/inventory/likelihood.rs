//! What a pattern of findings is worth: the likelihood ratio of a product, from its items and how they depend.
//!
//! Given that the product is used (or not), groups are independent of each other. Within a group, with probability δ (the
//! *dependence*) its records are one decision, taken to be as alike as they can be: with U uniform, an item shows where U
//! lies below its rate. Otherwise each is set up on its own. So for items with rates r, seen S and not seen N,
//!
//! ```text
//! P(findings) = (1 − δ) · Π_S r · Π_N (1 − r)  +  δ · max(0, min_S r − max_N r)
//! ```
//!
//! with the minimum over nothing being 1 and the maximum 0. δ = 0 multiplies; δ near 1 counts a group about once, with its
//! strongest item. (A mixture of the independence and the comonotone copula: R. B. Nelsen, *An Introduction to Copulas*,
//! section 3.2; latent classes with dependence within a class: N. Dendukuri, L. Joseph, Biometrics 57, 2001.)
//!
//! Old evidence fades. Whether a domain uses a product is taken as a two-state chain in balance with the prior π: of those
//! that use it now, a = π + (1 − π)·2^(−age/half-life) used it then; of the others, b = π·(1 − 2^(−age/half-life)) did. So
//! a rate for the past becomes a·sens + (1 − a)·fpr for users of today and b·sens + (1 − b)·fpr for the others: fresh
//! evidence counts in full, ancient evidence says nothing.

use std::sync::LazyLock;

use super::model::{Model, ProductModel};

/// Ages are counted in this many steps to a half-life, rounded down.
pub const STEPS: f64 = 32.0;

/// What one item said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Said {
    /// Place of the item in the product.
    pub item: u8,
    /// The strongest level seen; none when it was looked for and not seen.
    pub level: Option<u8>,
    /// Age in steps.
    pub age: u16,
}

/// All that was found of one product at one domain: it decides the probability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    /// Whether a product in front hides this one's signals.
    pub behind: bool,
    /// Items that said something.
    pub said: Vec<Said>,
}

/// Values of a product's figures.
#[derive(Clone, Debug)]
pub struct Values {
    /// Prior, open and behind a product in front.
    pub prior: [f64; 2],
    /// For each item P(seen | used) and P(seen | not used).
    pub rates: Vec<[f64; 2]>,
    /// Dependence of each group.
    pub dependence: Vec<f64>,
}

impl Values {
    /// The central values.
    pub fn central(product: &ProductModel) -> Values {
        Values {
            prior: [product.prior.value, product.prior_behind.value],
            rates: product.items.iter().map(|i| [i.sensitivity.value, i.false_positive.value]).collect(),
            dependence: product.groups.iter().map(|g| g.dependence.value).collect(),
        }
    }

    /// The prior that a pattern starts from.
    pub fn prior_of(&self, pattern: &Pattern) -> f64 {
        self.prior[usize::from(pattern.behind)]
    }
}

/// Share that is left after these steps of age: 2^(−age/[`STEPS`]). Those of 64 half-lives are worked out once.
fn kept(age: u16) -> f64 {
    static KEPT: LazyLock<Vec<f64>> = LazyLock::new(|| (0..64 * STEPS as u16).map(left_after).collect());
    KEPT.get(usize::from(age)).copied().unwrap_or_else(|| left_after(age))
}

fn left_after(age: u16) -> f64 {
    libm::exp2(-f64::from(age) / STEPS)
}

/// An item's rates after its age, for users and others of today: of being seen at all, and of this level among the seen.
#[derive(Clone, Copy, Debug)]
pub struct Aged {
    seen: bool,
    rates: [f64; 2],
    level: [f64; 2],
}

impl Aged {
    /// The rates of what an item said, `prior` being the share that uses the product.
    pub fn of(product: &ProductModel, values: &Values, said: Said, prior: f64) -> Aged {
        let [used, unused] = values.rates[said.item as usize];
        let kept = kept(said.age);
        let then = [prior + (1.0 - prior) * kept, prior * (1.0 - kept)];
        let mixed = |used: f64, unused: f64| then.map(|share| share * used + (1.0 - share) * unused);
        let rates = mixed(used, unused);
        let Some(level) = said.level else { return Aged { seen: false, rates, level: [1.0; 2] } };
        let [among_used, among_unused] = product.items[said.item as usize].levels[level as usize];
        let own = mixed(used * among_used, unused * among_unused);
        Aged { seen: true, rates, level: [own[0] / rates[0], own[1] / rates[1]] }
    }

    /// Whether it was seen.
    pub fn seen(&self) -> bool {
        self.seen
    }

    /// Likelihood ratio on its own.
    pub fn ratio(&self) -> f64 {
        ratio(std::slice::from_ref(self), 0.0)
    }
}

/// Likelihood ratio of findings of one group.
pub fn ratio(group: &[Aged], dependence: f64) -> f64 {
    likelihood(group, dependence, 0) / likelihood(group, dependence, 1)
}

/// P(findings of one group | class), the class being 0 for users.
pub fn likelihood(group: &[Aged], dependence: f64, class: usize) -> f64 {
    let mut together = Together::default();
    group.iter().for_each(|item| together.add(item));
    together.likelihoods(dependence)[class]
}

/// The products and extremes that the likelihood of a group is made of, for each class.
struct Together {
    apart: [f64; 2],
    levels: [f64; 2],
    least: [f64; 2],
    most: [f64; 2],
}

impl Default for Together {
    fn default() -> Together {
        Together { apart: [1.0; 2], levels: [1.0; 2], least: [1.0; 2], most: [0.0; 2] }
    }
}

impl Together {
    fn add(&mut self, item: &Aged) {
        for class in 0..2 {
            let rate = item.rates[class];
            if item.seen {
                self.apart[class] *= rate;
                self.levels[class] *= item.level[class];
                self.least[class] = self.least[class].min(rate);
            } else {
                self.apart[class] *= 1.0 - rate;
                self.most[class] = self.most[class].max(rate);
            }
        }
    }

    fn likelihoods(&self, dependence: f64) -> [f64; 2] {
        [0, 1].map(|class| {
            let alike = (self.least[class] - self.most[class]).max(0.0);
            self.levels[class] * ((1.0 - dependence) * self.apart[class] + dependence * alike)
        })
    }
}

/// Likelihood ratio of a pattern.
pub fn evaluate(product: &ProductModel, values: &Values, pattern: &Pattern) -> f64 {
    let [used, unused] = likelihoods(product, values, pattern);
    used / unused
}

/// P(pattern | used) and P(pattern | not used).
pub fn likelihoods(product: &ProductModel, values: &Values, pattern: &Pattern) -> [f64; 2] {
    let prior = values.prior_of(pattern);
    let mut all = [1.0; 2];
    for (at, dependence) in values.dependence.iter().enumerate() {
        let mut together = None;
        for said in pattern.said.iter().filter(|s| product.items[s.item as usize].group == at) {
            together.get_or_insert_with(Together::default).add(&Aged::of(product, values, *said, prior));
        }
        if let Some(together) = together {
            let [used, unused] = together.likelihoods(*dependence);
            all = [all[0] * used, all[1] * unused];
        }
    }
    all
}

/// P(an item is seen | everything else that was found, the product being used as often as `prior` says).
///
/// `rest` is the pattern without the item; the item's age does not matter to a fresh look.
pub fn predict(product: &ProductModel, values: &Values, rest: &Pattern, item: u8) -> f64 {
    let prior = values.prior_of(rest);
    let without = likelihoods(product, values, rest);
    let [used, unused] = without;
    let mut with = rest.clone();
    with.said.push(Said { item, level: None, age: 0 });
    let [used_not, unused_not] = likelihoods(product, values, &with);
    let not_seen = prior * used_not + (1.0 - prior) * unused_not;
    let all = prior * used + (1.0 - prior) * unused;
    (1.0 - not_seen / all).clamp(0.0, 1.0)
}

/// Odds of a probability, and back.
pub fn odds(p: f64) -> f64 {
    p / (1.0 - p).max(f64::MIN_POSITIVE)
}

/// The probability of these odds.
pub fn probability(odds: f64) -> f64 {
    if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
}

impl Pattern {
    /// As tables have it: `behind | mx +0 | spf - @3`. Level 0 is the item's first signal; `@` is the age in steps.
    pub fn to_text(&self, product: &ProductModel) -> String {
        let said = |s: &Said| {
            let level = s.level.map_or("-".to_string(), |level| format!("+{level}"));
            let age = if s.age == 0 { String::new() } else { format!(" @{}", s.age) };
            format!("{} {level}{age}", product.items[s.item as usize].name)
        };
        let front = self.behind.then(|| "behind".to_string());
        front.into_iter().chain(self.said.iter().map(said)).collect::<Vec<_>>().join(" | ")
    }

    /// Reads what [`Pattern::to_text`] wrote; nothing when the product has no such items or levels.
    pub fn parse(text: &str, product: &ProductModel) -> Option<Pattern> {
        let mut pattern = Pattern::default();
        for part in text.split(" | ").filter(|p| !p.is_empty()) {
            if part == "behind" {
                pattern.behind = true;
                continue;
            }
            let (rest, age) = part.rsplit_once(" @").map_or((part, Some(0)), |(rest, age)| (rest, age.parse().ok()));
            let (name, level) = rest.rsplit_once(' ')?;
            let item = product.items.iter().position(|i| i.name == name)?;
            let level = match level.strip_prefix('+') {
                Some(number) => {
                    Some(number.parse::<u8>().ok().filter(|l| (*l as usize) < product.items[item].levels.len())?)
                }
                None if level == "-" => None,
                None => return None,
            };
            pattern.said.push(Said { item: item as u8, level, age: age? });
        }
        Some(pattern)
    }
}

/// Age in steps of evidence from `then`.
pub fn age(model: &Model, half_life: f64, then: crate::moment::Moment) -> u16 {
    let days = (model.as_of.0 - then.0).max(0) as f64 / 86_400.0;
    (days / half_life * STEPS).min(f64::from(u16::MAX)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(seen: bool, used: f64, unused: f64) -> Aged {
        Aged { seen, rates: [used, unused], level: [1.0; 2] }
    }

    proptest! {
        /// Over all patterns of a group the probabilities of each class add up to 1.
        #[test]
        fn a_groups_patterns_have_probabilities_that_add_up(
            rates in proptest::collection::vec((0.001..0.999f64, 0.001..0.999f64), 1..5),
            dependence in 0.0..1.0f64,
        ) {
            for class in 0..2 {
                let pattern = |bits: usize| -> Vec<Aged> {
                    rates.iter().enumerate().map(|(at, (u, n))| item(bits >> at & 1 == 1, *u, *n)).collect()
                };
                let sum: f64 = (0..1 << rates.len()).map(|bits| likelihood(&pattern(bits), dependence, class)).sum();
                prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
            }
        }

        /// More dependence never makes agreement count for more than independence does.
        #[test]
        fn dependence_never_strengthens_agreement(
            used in (0.5..0.99f64, 0.5..0.99f64), unused in (0.0001..0.1f64, 0.0001..0.1f64), dependence in 0.0..1.0f64,
        ) {
            let both = [item(true, used.0, unused.0), item(true, used.1, unused.1)];
            prop_assert!(ratio(&both, dependence) <= ratio(&both, 0.0) * (1.0 + 1e-12));
        }
    }

    #[test]
    fn full_dependence_counts_a_group_once() {
        let both = [item(true, 0.9, 0.001), item(true, 0.9, 0.001)];
        assert!((ratio(&both, 1.0) / 900.0 - 1.0).abs() < 1e-12);
        assert!((ratio(&both, 0.0) / 810_000.0 - 1.0).abs() < 1e-12);
    }
}
