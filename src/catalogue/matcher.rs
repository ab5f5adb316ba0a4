//! Matches a value against every signal of the catalogue at once: suffixes by label, tokens by prefix.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};

use super::literal::{beginning, needed};
use super::{Catalogue, Match, Signal};
use crate::scan::observation::Kind;

/// A signal's place: product and signal within [`Catalogue::products`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalId {
    /// Index of the product.
    pub product: u16,
    /// Index of the signal within the product.
    pub signal: u16,
}

/// Rules that are met by how a value ends, at a label boundary: by a hash of the ending, from the last byte on.
///
/// One pass over a value's last bytes finds the endings of every pattern at once, whatever their number.
struct Endings {
    /// One bit for each hash's top bits: most endings are none of them.
    filter: [u64; 64],
    by_hash: HashMap<u64, Vec<Ending>, RandomState>,
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
        Endings { filter: [0; 64], by_hash: HashMap::default(), longest: 0 }
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

/// A regular expression, and a text that every match holds: most values don't, and are told apart by that.
struct Expression {
    regex: Regex,
    /// In lower case; blank when there is none.
    needs: Finder<'static>,
    signal: SignalId,
}

impl Expression {
    fn is_match(&self, value: &str, lower: &str) -> bool {
        self.needs.find(lower.as_bytes()).is_some() && self.regex.is_match(value)
    }
}

/// A rule that is met by how a value begins, and what the whole must match where the beginning is not all.
struct Beginning {
    /// In lower case.
    pattern: String,
    regex: Option<Regex>,
    signal: SignalId,
}

impl Beginning {
    /// `beginning` is the value, or the value in lower case.
    fn is_met(&self, value: &str, beginning: &str) -> bool {
        let head = beginning.as_bytes().get(..self.pattern.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(self.pattern.as_bytes()))
            && self.regex.as_ref().is_none_or(|regex| regex.is_match(value))
    }
}

/// Rules that look at a value in one way or another.
#[derive(Default)]
struct Rules {
    endings: Endings,
    /// By the first byte of the pattern.
    beginnings: HashMap<u8, Vec<Beginning>, RandomState>,
    contains: Vec<(Finder<'static>, SignalId)>,
    /// Those without a beginning.
    regex: Vec<Expression>,
    not_suffix: Vec<(String, SignalId)>,
    exists: Vec<SignalId>,
}

/// The rules of one kind of record: those for any key, and those of one key.
#[derive(Default)]
struct KindRules {
    any: Rules,
    by_key: HashMap<String, Rules, RandomState>,
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
        for (product, p) in (0u16..).zip(&catalogue.products) {
            for (signal, s) in (0u16..).zip(&p.signal) {
                let (id, own) = (SignalId { product, signal }, &mut rules[s.kind as usize]);
                if s.keys.is_empty() {
                    own.any.insert(s, id);
                }
                s.keys.iter().for_each(|key| own.by_key.entry(key.clone()).or_default().insert(s, id));
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
        rules.any.each(value, &mut hit);
        if !rules.by_key.is_empty()
            && let Some(own) = rules.by_key.get(key)
        {
            own.each(value, &mut hit);
        }
    }
}

impl Rules {
    fn insert(&mut self, signal: &Signal, id: SignalId) {
        let pattern = signal.pattern.to_lowercase();
        match signal.how {
            Match::Suffix => self.endings.insert(pattern, false, id),
            Match::Exact => self.endings.insert(pattern, true, id),
            Match::Prefix => self.begin(pattern, None, id),
            Match::Contains => self.contains.push((Finder::new(&pattern).into_owned(), id)),
            Match::NotSuffix => self.not_suffix.push((pattern, id)),
            Match::Exists => self.exists.push(id),
            Match::Regex => self.express(&signal.pattern, id),
        }
    }

    fn begin(&mut self, pattern: String, regex: Option<Regex>, signal: SignalId) {
        let first = pattern.bytes().next().unwrap_or(0);
        self.beginnings.entry(first).or_default().push(Beginning { pattern, regex, signal });
    }

    fn express(&mut self, pattern: &str, signal: SignalId) {
        let Ok(regex) = regex(pattern) else { return };
        match beginning(pattern) {
            Some(text) => self.begin(text, Some(regex), signal),
            None => {
                let needs = Finder::new(&needed(pattern)).into_owned();
                self.regex.push(Expression { regex, needs, signal });
            }
        }
    }

    fn each(&self, value: &str, give: &mut impl FnMut(SignalId)) {
        self.endings.each(value, give);
        self.exists.iter().copied().for_each(&mut *give);
        if !self.beginnings.is_empty() {
            let lower = (!value.is_ascii()).then(|| value.to_lowercase());
            let beginning = lower.as_deref().unwrap_or(value);
            let first = beginning.bytes().next().and_then(|b| self.beginnings.get(&b.to_ascii_lowercase()));
            let met = |rule: &&Beginning| rule.is_met(value, beginning);
            first.into_iter().flatten().filter(met).for_each(|rule| give(rule.signal));
        }
        if self.regex.is_empty() && self.contains.is_empty() && self.not_suffix.is_empty() {
            return;
        }
        let mut buffer = [0; SHORT];
        let lower = in_lower(value, &mut buffer);
        self.regex.iter().filter(|e| e.is_match(value, &lower)).for_each(|e| give(e.signal));
        let held = |(text, _): &&(Finder, SignalId)| text.find(lower.as_bytes()).is_some();
        self.contains.iter().filter(held).for_each(|(_, id)| give(*id));
        self.not_suffix.iter().filter(|(p, _)| is_beside(&lower, p)).for_each(|(_, id)| give(*id));
    }
}

/// Length up to which a value is brought to lower case in place.
const SHORT: usize = 256;

/// A value in lower case, in `buffer` where it fits.
fn in_lower<'v>(value: &'v str, buffer: &'v mut [u8; SHORT]) -> Cow<'v, str> {
    let bytes = value.as_bytes();
    if bytes.iter().fold(true, |lower, b| lower & b.is_ascii() & !b.is_ascii_uppercase()) {
        return Cow::Borrowed(value);
    }
    if bytes.len() > SHORT || !value.is_ascii() {
        return Cow::Owned(value.to_lowercase());
    }
    let own = &mut buffer[..bytes.len()];
    own.copy_from_slice(bytes);
    own.make_ascii_lowercase();
    std::str::from_utf8(own).map_or_else(|_| Cow::Owned(value.to_lowercase()), Cow::Borrowed)
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
        for (product, p) in (0u16..).zip(&catalogue.products) {
            for (signal, s) in (0u16..).zip(&p.signal) {
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
