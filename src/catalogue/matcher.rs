//! Matches a value against every signal of the catalogue at once: suffixes by label, tokens by prefix.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use super::{Catalogue, Match, Signal};
use crate::name::with_parents;
use crate::scan::observation::Kind;

/// A signal's place: product and signal within [`Catalogue::products`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalId {
    /// Index of the product.
    pub product: u32,
    /// Index of the signal within the product.
    pub signal: u32,
}

/// The rules of one kind of record.
#[derive(Default)]
struct Rules {
    suffix: HashMap<String, Vec<SignalId>>,
    exact: HashMap<String, Vec<SignalId>>,
    /// By the first byte of the pattern.
    prefix: HashMap<u8, Vec<(String, SignalId)>>,
    contains: Vec<(String, SignalId)>,
    regex: Vec<(Regex, SignalId)>,
    not_suffix: Vec<(String, SignalId)>,
    exists: Vec<SignalId>,
}

/// Every signal of a catalogue, ready to be matched.
pub struct Matcher<'a> {
    catalogue: &'a Catalogue,
    rules: [Rules; Kind::ALL.len()],
}

impl<'a> Matcher<'a> {
    /// Prepares the signals of `catalogue`, whose patterns have been checked.
    pub fn new(catalogue: &'a Catalogue) -> Matcher<'a> {
        let mut rules: [Rules; Kind::ALL.len()] = Default::default();
        for (product, p) in (0u32..).zip(&catalogue.products) {
            for (signal, s) in (0u32..).zip(&p.signal) {
                let (id, rules, pattern) =
                    (SignalId { product, signal }, &mut rules[s.kind as usize], s.pattern.to_lowercase());
                match s.how {
                    Match::Suffix => rules.suffix.entry(pattern).or_default().push(id),
                    Match::Exact => rules.exact.entry(pattern).or_default().push(id),
                    Match::Prefix => {
                        rules.prefix.entry(pattern.bytes().next().unwrap_or(0)).or_default().push((pattern, id))
                    }
                    Match::Contains => rules.contains.push((pattern, id)),
                    Match::NotSuffix => rules.not_suffix.push((pattern, id)),
                    Match::Exists => rules.exists.push(id),
                    Match::Regex => rules.regex.extend(regex(&s.pattern).ok().map(|r| (r, id))),
                }
            }
        }
        Matcher { catalogue, rules }
    }

    /// The signal with this id.
    pub fn signal(&self, id: SignalId) -> &'a Signal {
        &self.catalogue.products[id.product as usize].signal[id.signal as usize]
    }

    /// Calls `hit` for each signal that a record of this kind, key and value gives.
    pub fn each(&self, kind: Kind, key: &str, value: &str, mut hit: impl FnMut(SignalId)) {
        let rules = &self.rules[kind as usize];
        let lower = value.to_lowercase();
        let mut give = |id: SignalId| {
            let keys = &self.signal(id).keys;
            if keys.is_empty() || keys.iter().any(|k| k == key) {
                hit(id);
            }
        };
        if !rules.suffix.is_empty() {
            for tail in with_parents(&lower) {
                rules.suffix.get(tail).into_iter().flatten().copied().for_each(&mut give);
            }
        }
        rules.exact.get(&lower).into_iter().flatten().copied().for_each(&mut give);
        let by_first = lower.bytes().next().and_then(|b| rules.prefix.get(&b));
        by_first.into_iter().flatten().filter(|(p, _)| lower.starts_with(p)).for_each(|(_, id)| give(*id));
        rules.contains.iter().filter(|(p, _)| lower.contains(p)).for_each(|(_, id)| give(*id));
        rules.regex.iter().filter(|(r, _)| r.is_match(value)).for_each(|(_, id)| give(*id));
        rules.not_suffix.iter().filter(|(p, _)| is_beside(&lower, p)).for_each(|(_, id)| give(*id));
        rules.exists.iter().copied().for_each(&mut give);
    }
}

fn ends_at_label(value: &str, pattern: &str) -> bool {
    value.strip_suffix(pattern).is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

/// Whether a value ends in none of the suffixes of `pattern`, which are separated by spaces.
fn is_beside(value: &str, pattern: &str) -> bool {
    !pattern.split_whitespace().any(|suffix| ends_at_label(value, suffix))
}

fn regex(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build().map_err(|e| e.to_string())
}

/// Whether one signal matches one value: the plain meaning of each rule, for checks and tests.
fn matches(signal: &Signal, value: &str) -> bool {
    let (lower, pattern) = (value.to_lowercase(), signal.pattern.to_lowercase());
    match signal.how {
        Match::Exact => lower == pattern,
        Match::Suffix => ends_at_label(&lower, &pattern),
        Match::NotSuffix => is_beside(&lower, &pattern),
        Match::Prefix => lower.starts_with(&pattern),
        Match::Contains => lower.contains(&pattern),
        Match::Regex => regex(&signal.pattern).is_ok_and(|r| r.is_match(value)),
        Match::Exists => true,
    }
}

/// The rules every signal must keep.
pub fn check(signal: &Signal) -> Result<(), String> {
    if signal.pattern.is_empty() != (signal.how == Match::Exists) {
        return Err("`pattern` must be given, and only for `exists` left out".into());
    }
    if signal.how == Match::Regex {
        regex(&signal.pattern)?;
    }
    if !matches(signal, &signal.example) {
        return Err(format!("its example \"{}\" does not match", signal.example));
    }
    if signal.how != Match::Exists && (signal.counter_example.is_empty() || matches(signal, &signal.counter_example)) {
        return Err(format!("its counter-example \"{}\" is blank or matches", signal.counter_example));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loading checks each example and counter-example against its own rule; here the prepared rules must agree with them.
    #[test]
    fn prepared_rules_agree_with_the_plain_meaning_of_every_signal() {
        let catalogue = Catalogue::load(None).unwrap();
        let matcher = Matcher::new(&catalogue);
        let mut signals = 0;
        for (product, p) in (0u32..).zip(&catalogue.products) {
            for (signal, s) in (0u32..).zip(&p.signal) {
                let (id, key) = (SignalId { product, signal }, s.keys.first().map_or("", String::as_str));
                for (value, wanted) in [(&s.example, true), (&s.counter_example, s.how == Match::Exists)] {
                    let mut met = false;
                    matcher.each(s.kind, key, value, |hit| met |= hit == id);
                    assert_eq!(met, wanted, "{} signal {}: {value}", p.id, signal + 1);
                }
                signals += 1;
            }
        }
        assert!(signals > 200, "{signals}");
    }

    #[test]
    fn suffixes_end_at_a_label_boundary() {
        let catalogue = Catalogue::load(None).unwrap();
        let matcher = Matcher::new(&catalogue);
        let mimecast = |host: &str| {
            let mut met = false;
            matcher.each(Kind::Mx, "", host, |hit| {
                met |= catalogue.products[hit.product as usize].id == "mimecast/email-security"
            });
            met
        };
        assert!(mimecast("eu-smtp-inbound-1.mimecast.com") && mimecast("za-smtp-inbound-1.MIMECAST.co.za"));
        assert!(!mimecast("mx.notmimecast.com") && !mimecast("mimecast.com.evil.example"));
    }
}
