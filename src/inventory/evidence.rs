//! What is remembered of each domain: which questions were asked, and which signals the answers gave.
//!
//! A book of a million policies has tens of millions of facts, so they are kept small: texts once each, times in seconds
//! since 1970 as 32 bits (what is earlier than 1970 or later than 2106 counts as the first or last second of that).

use indexmap::IndexSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::catalogue::SignalId;
use crate::moment::Moment;
use crate::name::registrable;
use crate::scan::observation::Kind;

/// First and last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First.
    pub first: Moment,
    /// Last.
    pub last: Moment,
}

/// A question that a scanner can ask of a domain: a kind of record, and for some kinds which part of it.
///
/// `http` answers with several things that are switched on one by one (headers, title, favicon, body), each DKIM selector
/// is asked for by name, and each questionnaire asks about one product.
pub type Question = (Kind, String);

/// The part of its kind that a record's question asks for.
pub fn part(kind: Kind, key: &str) -> &str {
    match kind {
        Kind::Declared | Kind::Dkim => key,
        Kind::Http => match key.split(':').next().unwrap_or("") {
            "header" | "cookie" | "server" => "header",
            other => other,
        },
        _ => "",
    }
}

/// The question that a record answers.
pub fn question(kind: Kind, key: &str) -> Question {
    (kind, part(kind, key).to_string())
}

/// Whether an answer to this kind of question is complete: what it does not hold is not there. A web page, an open port or
/// a CNAME may stand at a host that nobody asked.
pub fn is_complete(kind: Kind) -> bool {
    match kind {
        Kind::Mx | Kind::Spf | Kind::Txt | Kind::Ns | Kind::Soa | Kind::Caa | Kind::Dmarc => true,
        Kind::Dkim | Kind::Autodiscover | Kind::MicrosoftTenant | Kind::Declared => true,
        Kind::Cname | Kind::A | Kind::Tls | Kind::Http | Kind::Port | Kind::Cpe | Kind::Cve => false,
    }
}

/// Seconds since 1970.
pub fn seconds(moment: Moment) -> u32 {
    moment.0.clamp(0, i64::from(u32::MAX)) as u32
}

/// First and last second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Seconds {
    pub(super) fn include(&mut self, at: u32) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }

    fn span(self) -> Span {
        Span { first: Moment(self.first.into()), last: Moment(self.last.into()) }
    }
}

/// When a host answered a question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) question: u16,
    /// Whether it speaks for the domain itself. (Whether a subdomain has MX, SPF, TXT or NS records says nothing of it.)
    pub(super) own: bool,
    /// The host, for questions with complete answers.
    pub(super) host: u32,
    pub(super) at: Seconds,
}

/// A signal that was seen, with the latest record that gave it; key, value and source by their place in the texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    pub(super) fingerprint: u32,
    pub(super) signal: SignalId,
    /// Who wrote the texts.
    pub(super) pen: u16,
    /// Place among the hosts.
    pub(super) host: u32,
    pub(super) key: u32,
    pub(super) value: u32,
    pub(super) source: u32,
    pub(super) at: Seconds,
}

/// Texts one after the other in blocks, each after its length; those met lately are not written again.
#[derive(Debug)]
pub struct Texts {
    blocks: Vec<Vec<u8>>,
    /// Hash and place of a text, by some bits of its hash.
    lately: Vec<[u32; 2]>,
}

/// Texts that are remembered.
const LATELY: usize = 1 << 12;
/// Bits of a place that say where in its block a text begins: blocks are of 1 MiB, or of one longer text.
const BLOCK_BITS: u32 = 20;

impl Default for Texts {
    fn default() -> Texts {
        Texts { blocks: vec![vec![0; 4]], lately: vec![[0; 2]; LATELY] }
    }
}

impl Texts {
    /// The text at this place; the first is empty.
    fn get(&self, at: u32) -> &str {
        std::str::from_utf8(self.bytes(at)).unwrap_or("")
    }

    /// Whether the text at this place is this one.
    pub fn holds(&self, at: u32, text: &str) -> bool {
        self.bytes(at) == text.as_bytes()
    }

    fn bytes(&self, at: u32) -> &[u8] {
        let block = &self.blocks[(at >> BLOCK_BITS) as usize];
        let at = (at & ((1 << BLOCK_BITS) - 1)) as usize;
        let length = block[at..at + 4].try_into().map_or(0, u32::from_le_bytes) as usize;
        &block[at + 4..at + 4 + length]
    }

    /// A place that holds this text. Beyond 4,096 blocks, that of the empty one.
    pub fn put(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        let hash = xxh3_64(text.as_bytes());
        let (lately, rest) = (hash as usize % LATELY, (hash >> 32) as u32);
        let [known, place] = self.lately[lately];
        if known == rest && self.holds(place, text) {
            return place;
        }
        let full = |block: &Vec<u8>| block.len() + 4 + text.len() > 1 << BLOCK_BITS;
        if self.blocks.last().is_none_or(full) {
            if self.blocks.len() == 1 << (32 - BLOCK_BITS) {
                return 0;
            }
            self.blocks.push(Vec::with_capacity((4 + text.len()).max(1 << BLOCK_BITS)));
        }
        let number = self.blocks.len() - 1;
        let block = &mut self.blocks[number];
        let at = (number as u32) << BLOCK_BITS | block.len() as u32;
        block.extend_from_slice(&(text.len() as u32).to_le_bytes());
        block.extend_from_slice(text.as_bytes());
        self.lately[lately] = [rest, at];
        at
    }
}

/// Texts that the evidence of all domains shares.
#[derive(Debug, Default)]
pub struct Shared {
    /// What stands before the registrable domain in hosts: the same few again and again. The first is nothing.
    pub hosts: IndexSet<Box<str>, foldhash::fast::RandomState>,
    /// Keys, values and sources, as each hand wrote them.
    pub texts: Vec<Texts>,
}

/// Texts that one hand writes.
pub struct Pen {
    /// Place among the texts of [`Shared`].
    pub place: u16,
    /// The texts.
    pub texts: Texts,
}

/// The evidence of one domain.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The domain.
    pub name: &'a str,
    pub(super) shared: Option<&'a Shared>,
    pub(super) answers: &'a [Answer],
    pub(super) hits: &'a [Stored],
}

/// A signal that was seen, with the latest record that gave it (of equals, always the same one).
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// Which.
    pub signal: SignalId,
    domain: &'a str,
    shared: &'a Shared,
    stored: &'a Stored,
}

impl<'a> Hit<'a> {
    fn text(&self, at: u32) -> &'a str {
        self.shared.texts[usize::from(self.stored.pen)].get(at)
    }

    /// When it was seen.
    pub fn span(&self) -> Span {
        self.stored.at.span()
    }

    /// Host of the record.
    pub fn host(&self) -> String {
        let organisation = registrable(self.domain).unwrap_or(self.domain);
        let before = &self.shared.hosts[self.stored.host as usize];
        if before.is_empty() { organisation.to_string() } else { format!("{before}.{organisation}") }
    }

    /// Its key.
    pub fn key(&self) -> &'a str {
        self.text(self.stored.key)
    }

    /// Its value.
    pub fn value(&self) -> &'a str {
        self.text(self.stored.value)
    }

    /// Its scanner.
    pub fn source(&self) -> &'a str {
        self.text(self.stored.source)
    }
}

impl<'a> Evidence<'a> {
    /// A domain that nothing is known of.
    pub fn none(name: &'a str) -> Evidence<'a> {
        Evidence { name, shared: None, answers: &[], hits: &[] }
    }

    /// When the domain itself was asked a question.
    pub fn asked(&self, question: u16) -> Option<Span> {
        let own = self.answers.iter().filter(|a| a.own && a.question == question).map(|a| a.at);
        own.reduce(|a, b| Seconds { first: a.first.min(b.first), last: a.last.max(b.last) }).map(Seconds::span)
    }

    /// Every question that the domain itself was asked.
    pub fn questions(&self) -> impl Iterator<Item = u16> {
        let mut asked: Vec<u16> = self.answers.iter().filter(|a| a.own).map(|a| a.question).collect();
        asked.sort_unstable();
        asked.dedup();
        asked.into_iter()
    }

    /// Signals seen, in the order of the catalogue.
    pub fn hits(&self) -> impl Iterator<Item = Hit<'a>> {
        self.hits_among(self.hits)
    }

    /// Signals of a product seen, in the order of the catalogue.
    pub fn hits_of(&self, product: u32) -> impl Iterator<Item = Hit<'a>> {
        self.hits_among(self.only(product).hits)
    }

    /// The same evidence with the signals of one product only.
    pub fn only(&self, product: u32) -> Evidence<'a> {
        let from = self.hits.partition_point(|hit| u32::from(hit.signal.product) < product);
        let own = &self.hits[from..];
        let hits = &own[..own.partition_point(|hit| u32::from(hit.signal.product) == product)];
        Evidence { hits, ..*self }
    }

    fn hits_among(&self, stored: &'a [Stored]) -> impl Iterator<Item = Hit<'a>> {
        let (shared, domain) = (self.shared, self.name);
        shared.into_iter().flat_map(move |shared| {
            stored.iter().map(move |stored| Hit { signal: stored.signal, domain, shared, stored })
        })
    }

    /// Products with a signal seen.
    pub fn products(&self) -> impl Iterator<Item = u32> {
        self.hits.iter().map(|hit| hit.signal.product.into())
    }

    /// When the host of a hit last answered the question that gave it.
    pub fn last_answer(&self, question: u16, hit: &Hit) -> Option<Moment> {
        let own = self.answers.iter().filter(|a| a.question == question && a.host == hit.stored.host);
        own.map(|a| Moment(a.at.last.into())).max()
    }
}
