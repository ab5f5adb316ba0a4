//! The headline as sentences, for a reader without the jargon.

use super::summary::{Headline, Losses, TierLine};
use crate::money::{in_words, thousands};

/// The sentences of these numbers; `in_scope` is mean, lower and upper end of the 90 % interval.
pub fn headline(tiers: &[TierLine], in_scope: [f64; 3], losses: &Losses, currency: &str) -> Headline {
    let count: u64 = tiers.iter().map(|t| t.insureds).sum();
    match tiers {
        [exposed, possible, unknown, _] if count > 0 => Headline {
            exposure: exposure(exposed, count, currency),
            loss: loss(losses, currency),
            confidence: confidence(in_scope, [exposed, possible, unknown]),
            action: action([exposed, possible, unknown]),
        },
        _ => nobody(),
    }
}

fn number(n: u64) -> String {
    thousands(n as f64)
}

fn exposure(exposed: &TierLine, count: u64, currency: &str) -> String {
    let (own, share) = (number(exposed.insureds), exposed.share_insureds * 100.0);
    let are = if exposed.insureds == 1 { "is" } else { "are" };
    let at_stake = in_words(currency, exposed.limit);
    format!("{own} of {} insureds ({share:.1} %) {are} exposed; {at_stake} of limit is at stake.", number(count))
}

fn loss(losses: &Losses, currency: &str) -> String {
    let chance = losses.gross.share_above_zero * 100.0;
    if chance == 0.0 {
        let trials = thousands(losses.gross.trials as f64);
        return format!("In {trials} simulated runs of the event no policy paid anything.");
    }
    let chance = if chance < 0.095 { format!("{chance:.2} %") } else { format!("{chance:.1} %") };
    let hundred = losses.gross.quantiles.iter().find(|q| q.probability == 0.99).map_or(0.0, |q| q.value);
    let hundred = match hundred {
        0.0 => "and nothing in 99 of 100 cases".to_string(),
        amount => format!("and {} or more one time in a hundred", in_words(currency, amount)),
    };
    let mean = in_words(currency, losses.gross.mean);
    format!("The expected loss to our policies is {mean}, {hundred}; the chance of any loss is {chance}.")
}

fn confidence(in_scope: [f64; 3], [exposed, possible, unknown]: [&TierLine; 3]) -> String {
    let [mean, low, high] = in_scope.map(|x| thousands(x.round()));
    format!(
        "Counting every insured with its probability, {mean} are in scope (90 % interval {low} to {high}): {} were seen with everything the event needs, {} with a part of it, and {} could not be judged because the records that matter were not scanned.",
        number(exposed.insureds),
        number(possible.insureds),
        number(unknown.insureds)
    )
}

fn action([exposed, possible, unknown]: [&TierLine; 3]) -> String {
    let first = match (exposed.insureds, possible.insureds) {
        (0, 0) => "Nobody is known to be exposed.".to_string(),
        (0, possible) => format!("Nobody is exposed for certain. Ask the {} possible first.", number(possible)),
        (exposed, 0) => format!("Call the {} exposed first.", number(exposed)),
        (exposed, possible) => {
            format!("Call the {} exposed first, then ask the {} possible.", number(exposed), number(possible))
        }
    };
    match unknown.insureds {
        0 => first,
        n => format!("{first} Scan or ask the {} unknown.", number(n)),
    }
}

fn nobody() -> Headline {
    Headline {
        exposure: "No policy of the book is in force on this day.".into(),
        loss: "There is nothing to project.".into(),
        confidence: "Every policy has expired or has not yet incepted.".into(),
        action: "Ask again with a day on which the book is in force (--as-of).".into(),
    }
}
