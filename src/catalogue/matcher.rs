//! Matches a value against every signal of the catalogue at once: suffixes by label, tokens by prefix.

use std::borrow::Cow;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use super::{Catalogue, Match, Signal};
use crate::scan::observation::Kind;

/// A signal's place: product and signal within [`Catalogue::products`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalId {
    /// Index of the product.
    pub product: u32,
    /// Index of the signal within the product.
    pub signal: u32,
}

/// Rules that are met by how a value ends, at a label boundary: by a hash of the ending, from the last byte on.
///
/// One pass over a value's last bytes finds the endings of every pattern at once, whatever their number.
struct Endings {
    /// One bit for each hash's top bits: most endings are none of them.
    filter: [u64; 64],
    by_hash: HashMap<u64, Vec<Ending>>,
    /// Length of the longest pattern.
    longest: usize,
}

struct Ending {
    pattern: String,
    /// Whether the pattern must be the whole value.
    whole: bool,
    signal: SignalId,
}

/// FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo), in lower case.
const FNV: [u64; 2] = [0xcbf2_9ce4_8422_2325, 0x0000_0100_0000_01b3];

fn hashed(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(FNV[1])
}

impl Default for Endings {
    fn default() -> Endings {
        Endings { filter: [0; 64], by_hash: HashMap::new(), longest: 0 }
    }
}

impl Endings {
    fn insert(&mut self, pattern: String, whole: bool, signal: SignalId) {
        let hash = pattern.bytes().rev().fold(FNV[0], hashed);
        self.filter[(hash >> 58) as usize] |= 1 << (hash >> 52 & 63);
        self.longest = self.longest.max(pattern.len());
        self.by_hash.entry(hash).or_default().push(Ending { pattern, whole, signal });
    }

    fn each(&self, value: &str, give: &mut impl FnMut(SignalId)) {
        if self.longest == 0 {
            return;
        }
        let bytes = value.as_bytes();
        let mut hash = FNV[0];
        let mut probe = |hash: u64, from: usize| {
            if self.filter[(hash >> 58) as usize] >> (hash >> 52 & 63) & 1 == 0 {
                return;
            }
            let ending = &value[from..];
            let met = |e: &&Ending| e.pattern.eq_ignore_ascii_case(ending) && (from == 0 || !e.whole);
            self.by_hash.get(&hash).into_iter().flatten().filter(met).for_each(|e| give(e.signal));
        };
        // A pattern one byte shorter than what is read ends the search: no longer one can follow.
        for at in (0..bytes.len()).rev() {
            if bytes[at] == b'.' {
                probe(hash, at + 1);
            }
            if bytes.len() - at > self.longest {
                return;
            }
            hash = hashed(hash, bytes[at]);
        }
        probe(hash, 0);
    }
}

/// Rules that look at a value in one way or another.
#[derive(Default)]
struct Rules {
    endings: Endings,
    /// By the first byte of the pattern.
    prefix: HashMap<u8, Vec<(String, SignalId)>>,
    contains: Vec<(String, SignalId)>,
    regex: Vec<(Regex, SignalId)>,
    /// Bytes that a match can begin with, where each expression says so: most values begin with another.
    first: Option<Vec<u8>>,
    not_suffix: Vec<(String, SignalId)>,
    exists: Vec<SignalId>,
    /// Whether any rule needs the value in lower case.
    lower: bool,
}

/// The rules of one kind of record: those for any key, and those of one key.
#[derive(Default)]
struct KindRules {
    any: Rules,
    by_key: HashMap<String, Rules>,
}

/// Every signal of a catalogue, ready to be matched.
pub struct Matcher<'a> {
    catalogue: &'a Catalogue,
    rules: [KindRules; Kind::ALL.len()],
}

impl<'a> Matcher<'a> {
    /// Prepares the signals of `catalogue`, whose patterns have been checked.
    pub fn new(catalogue: &'a Catalogue) -> Matcher<'a> {
        let mut rules: [KindRules; Kind::ALL.len()] = Default::default();
        for (product, p) in (0u32..).zip(&catalogue.products) {
            for (signal, s) in (0u32..).zip(&p.signal) {
                let (id, own) = (SignalId { product, signal }, &mut rules[s.kind as usize]);
                if s.keys.is_empty() {
                    own.any.insert(s, id);
                }
                s.keys.iter().for_each(|key| own.by_key.entry(key.clone()).or_default().insert(s, id));
            }
        }
        rules.iter_mut().flat_map(|own| own.by_key.values_mut().chain([&mut own.any])).for_each(Rules::prepare);
        Matcher { catalogue, rules }
    }

    /// The signal with this id.
    pub fn signal(&self, id: SignalId) -> &'a Signal {
        &self.catalogue.products[id.product as usize].signal[id.signal as usize]
    }

    /// Calls `hit` for each signal that a record of this kind, key and value gives.
    pub fn each(&self, kind: Kind, key: &str, value: &str, mut hit: impl FnMut(SignalId)) {
        let rules = &self.rules[kind as usize];
        rules.any.each(value, &mut hit);
        if !rules.by_key.is_empty()
            && let Some(own) = rules.by_key.get(key)
        {
            own.each(value, &mut hit);
        }
    }
}

impl Rules {
    /// Finds the bytes that a match of the regular expressions can begin with.
    fn prepare(&mut self) {
        let first = |pattern: &str| {
            let byte = pattern.strip_prefix('^')?.bytes().next().filter(u8::is_ascii_alphanumeric)?;
            let optional =
                pattern[2..].starts_with(['?', '*', '{', '|']) || pattern.contains('|') && !pattern.contains('(');
            (!optional).then(|| [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()])
        };
        let each: Option<Vec<[u8; 2]>> = self.regex.iter().map(|(regex, _)| first(regex.as_str())).collect();
        self.first = each.map(|bytes| bytes.concat());
    }

    fn insert(&mut self, signal: &Signal, id: SignalId) {
        let pattern = signal.pattern.to_lowercase();
        self.lower |= matches!(signal.how, Match::Prefix | Match::Contains | Match::NotSuffix);
        match signal.how {
            Match::Suffix => self.endings.insert(pattern, false, id),
            Match::Exact => self.endings.insert(pattern, true, id),
            Match::Prefix => self.prefix.entry(pattern.bytes().next().unwrap_or(0)).or_default().push((pattern, id)),
            Match::Contains => self.contains.push((pattern, id)),
            Match::NotSuffix => self.not_suffix.push((pattern, id)),
            Match::Exists => self.exists.push(id),
            Match::Regex => self.regex.extend(regex(&signal.pattern).ok().map(|r| (r, id))),
        }
    }

    fn each(&self, value: &str, give: &mut impl FnMut(SignalId)) {
        self.endings.each(value, give);
        let begins = |bytes: &Vec<u8>| value.bytes().next().is_some_and(|b| bytes.contains(&b));
        if !self.regex.is_empty() && self.first.as_ref().is_none_or(begins) {
            self.regex.iter().filter(|(r, _)| r.is_match(value)).for_each(|(_, id)| give(*id));
        }
        self.exists.iter().copied().for_each(&mut *give);
        if !self.lower {
            return;
        }
        let is_lower = value.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
        let lower = if is_lower { Cow::Borrowed(value) } else { Cow::Owned(value.to_lowercase()) };
        let by_first = lower.bytes().next().and_then(|b| self.prefix.get(&b));
        by_first.into_iter().flatten().filter(|(p, _)| lower.starts_with(p)).for_each(|(_, id)| give(*id));
        self.contains.iter().filter(|(p, _)| lower.contains(p)).for_each(|(_, id)| give(*id));
        self.not_suffix.iter().filter(|(p, _)| is_beside(&lower, p)).for_each(|(_, id)| give(*id));
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
