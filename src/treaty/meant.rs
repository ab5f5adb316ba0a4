//! What is meant by words of the trade that a programme file does not have.

use crate::fault::Failure;

/// Words that people write, and what they mean here. The first that is met counts.
const WORDS: [(&[&str], &str); 13] = [
    (
        &["attachment", "excess", "deductible", "priority", "xs"],
        "`occurrence_attachment` is of each occurrence, `risk_attachment` of each risk, `annual_deductible` of a year",
    ),
    (
        &["retention"],
        "`occurrence_attachment` is kept of each occurrence, `risk_attachment` of each risk, `annual_deductible` of a year, `retained_line` of a sum insured",
    ),
    (
        &["limit", "capacity", "layer", "cover"],
        "`occurrence_limit` is of each occurrence, `risk_limit` of each risk, `annual_limit` of a year",
    ),
    (
        &["share", "quota", "percent", "cession_rate", "ceded_percent", "participation"],
        "`ceded` is the share before other terms, `placed` the share after them, `treaty_share` one reinsurer's",
    ),
    (&["aad", "aggregate_deductible", "agg_attachment", "aggregate_attachment"], "did you mean `annual_deductible`?"),
    (&["aal", "aggregate_limit", "agg_limit"], "did you mean `annual_limit`?"),
    (&["reinstatement"], "did you mean `reinstatements`? a list of charges, such as [1.0] for one at 100 %"),
    (&["retained", "line", "retention_line"], "did you mean `retained_line`?"),
    (
        &["cat_xl", "catxl", "cat", "cxl", "cat_excess", "catastrophe", "xl", "xol", "excess_of_loss", "event_xl"],
        "did you mean `event_excess`?",
    ),
    (&["stop_loss", "sl", "axl", "aggregate", "aggregate_xl", "agg_xl"], "did you mean `aggregate_excess`?"),
    (&["per_risk", "pr", "risk_xl", "wxl", "working_xl", "per_risk_excess"], "did you mean `risk_excess`?"),
    (&["qs", "proportional"], "did you mean `quota_share`?"),
    (
        &["fac", "ss", "surplus_share"],
        "kinds are quota_share surplus risk_excess facultative event_excess aggregate_excess",
    ),
];

/// What a value must look like, by key.
const VALUES: [(&[&str], &str); 5] = [
    (&["ceded", "placed", "treaty_share"], "write 12 % as 0.12"),
    (&["reinstatements"], "a list with the charge of each: [1.0, 1.0] is two at 100 % of the premium, [] none"),
    (&["inuring"], "a whole number: the first to apply has 1"),
    (&["cession"], "begin each with a line [[treaty.cession]], under which are ceded and scope"),
    (
        &["policies", "insureds", "locations", "coverages", "lines", "countries", "industries", "scope"],
        "a list of texts: scope = { policies = [\"P1\", \"P2\"] }",
    ),
];

/// The failure to read a programme file with what is meant as its hint.
pub fn meant(failure: Failure, file: &str, text: &str) -> Failure {
    let hint = match failure.message.split_once("unknown ").and_then(|(_, rest)| rest.split('`').nth(1)) {
        Some(word) => of(&WORDS, &word.to_lowercase().replace([' ', '-'], "_")),
        None if failure.message.contains("missing field `treaty`") => Some("each treaty begins with a line [[treaty]]"),
        None => written(&failure.message, file, text).and_then(|line| {
            let keys = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
            keys.rev().find_map(|key| of(&VALUES, key))
        }),
    };
    match hint {
        Some(hint) => failure.hint(hint),
        None if failure.hint.is_empty() => failure
            .hint("amounts are digits, such as 1_000_000; texts stand in quotes; see `blastradius schema programme`"),
        None => failure,
    }
}

fn of(words: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    words.iter().find(|(own, _)| own.contains(&word)).map(|(_, meant)| *meant)
}

/// What is written up to the place that the message tells.
fn written<'a>(message: &str, file: &str, text: &'a str) -> Option<&'a str> {
    let mut place = message.strip_prefix(file)?.strip_prefix(':')?.split(':');
    let (line, column) = (place.next()?.parse::<usize>().ok()?, place.next()?.parse::<usize>().ok()?);
    let line = text.lines().nth(line.checked_sub(1)?)?;
    let end = line.char_indices().nth(column.checked_sub(1)?).map_or(line.len(), |(at, _)| at);
    line.get(..end)
}
