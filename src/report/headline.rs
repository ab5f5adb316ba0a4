//! The headline as sentences, for a reader without the jargon.

use super::in_scope::InScopeLine;
use super::summary::{Headline, Losses, TierLine};
use crate::money::{in_words, thousands};

/// The sentences of these numbers; `reinstatement` is what reinstating treaties costs on average.
pub fn headline(
    tiers: &[TierLine],
    in_scope: &InScopeLine,
    losses: &Losses,
    reinstatement: f64,
    currency: &str,
) -> Headline {
    let count: u64 = tiers.iter().map(|t| t.insureds).sum();
    match tiers {
        [exposed, possible, unknown, _] if count > 0 => Headline {
            exposure: exposure(exposed, in_scope, count, currency),
            loss: loss(losses, currency) + &after_reinsurance(losses, reinstatement, currency),
            confidence: confidence(in_scope, [exposed, possible, unknown]),
            action: action([exposed, possible, unknown]),
        },
        _ => nobody(),
    }
}

fn number(n: u64) -> String {
    thousands(n as f64)
}

/// "412 insureds exposed (1.9 % of the book; 90 % interval 371 to 498, of which the scan shows 365 directly)".
fn exposure(exposed: &TierLine, in_scope: &InScopeLine, count: u64, currency: &str) -> String {
    let expected = in_scope.expected.round();
    let share = in_scope.expected / count as f64 * 100.0;
    let share = if share > 0.0 && share < 0.05 { "under 0.1".to_string() } else { format!("{share:.1}") };
    let noun = if expected == 1.0 { "insured" } else { "insureds" };
    let directly = match exposed.insureds {
        0 => "the scan shows none directly".to_string(),
        n => format!("of which the scan shows {} directly", number(n)),
    };
    let at_stake = in_words(currency, exposed.limit);
    let limit = if exposed.insureds == 0 { String::new() } else { format!(" with {at_stake} of limit at stake") };
    format!(
        "{} {noun} exposed ({share} % of the book; 90 % interval {}–{}, {directly}{limit}).",
        thousands(expected),
        thousands(in_scope.low),
        thousands(in_scope.high)
    )
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

/// What is left after reinsurance: a sentence that follows on the gross one; none where there is none, or no loss.
fn after_reinsurance(losses: &Losses, reinstatement: f64, currency: &str) -> String {
    let Some(net) = losses.net.as_ref().filter(|_| losses.gross.share_above_zero > 0.0) else { return String::new() };
    if net.share_above_zero == 0.0 {
        return " After reinsurance, nothing is left.".to_string();
    }
    let hundred = net.quantiles.iter().find(|q| q.probability == 0.99).map_or(0.0, |q| q.value);
    let hundred = match hundred {
        0.0 => "and nothing in 99 of 100 cases".to_string(),
        amount => format!("and {} or more one time in a hundred", in_words(currency, amount)),
    };
    let again = match reinstatement {
        0.0 => String::new(),
        premium => format!("; buying used-up cover again costs {} more on average", in_words(currency, premium)),
    };
    format!(" After reinsurance, {} is left on average, {hundred}{again}.", in_words(currency, net.mean))
}

fn confidence(in_scope: &InScopeLine, [exposed, possible, unknown]: [&TierLine; 3]) -> String {
    let seen = format!(
        "{} were seen with everything the event needs, {} with a part of it, and {} could not be judged because the records that matter were not scanned.",
        number(exposed.insureds),
        number(possible.insureds),
        number(unknown.insureds)
    );
    let one = |deviation: f64| {
        if deviation < 9.5 { format!("±{deviation:.1}") } else { format!("±{}", thousands(deviation.round())) }
    };
    let parts = match (in_scope.rates, in_scope.priors) {
        (Some(rates), Some(priors)) => format!(
            " The number is uncertain by {} for each insured's own doubt, {} for how reliable the signals are, and {} for what was not scanned.",
            one(in_scope.own),
            one(rates),
            one(priors)
        ),
        _ => String::new(),
    };
    format!("{seen}{parts}")
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
