//! Chance without order, and names that are nobody's: all of it follows from a number.

use std::fmt::{Display, Formatter, Result};

/// Draws of one thing: splitmix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014) from a seed of topic and number.
#[derive(Clone, Copy)]
pub struct Dice(u64);

impl Dice {
    /// The draws that decide `topic` for `number`, the same in whatever order they are asked for.
    pub fn of(topic: u64, number: u64) -> Dice {
        let mut dice = Dice(topic.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ number);
        Dice(dice.draw())
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.draw()) * u128::from(n)) >> 64) as u64
    }

    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// One of several, each as likely as its weight.
    pub fn weighted<T: Copy>(&mut self, from: &[(T, u64)]) -> T {
        let mut left = self.below(from.iter().map(|(_, weight)| weight).sum());
        let past = |weight: u64| left.checked_sub(weight).map(|rest| left = rest).is_none();
        from.iter().map(|(_, weight)| *weight).position(past).map_or(from[0].0, |at| from[at].0)
    }

    /// A rank below `n`, rank k about as likely as 1 ÷ (k + 1).
    pub fn zipf(&mut self, n: u64) -> u64 {
        let unit = (self.draw() >> 11) as f64 / (1u64 << 53) as f64;
        ((libm::pow(n as f64 + 1.0, unit) as u64).max(1) - 1).min(n - 1)
    }
}

/// The numbers below `count` in an order that looks random: a Feistel network of four rounds, walked until it lands below
/// `count` (J. Black, P. Rogaway, CT-RSA 2002), so that no order has to be held in memory.
#[derive(Clone, Copy)]
pub struct Shuffle {
    count: u64,
    half: u32,
    seed: u64,
}

impl Shuffle {
    pub fn new(count: u64, seed: u64) -> Shuffle {
        let bits = 64 - count.max(2).leading_zeros();
        Shuffle { count, half: bits.div_ceil(2), seed }
    }

    pub fn at(self, place: u64) -> u64 {
        let mask = (1u64 << self.half) - 1;
        let mut x = place;
        loop {
            for round in 0..4 {
                let (left, right) = (x >> self.half, x & mask);
                let mixed = Dice::of(self.seed.wrapping_mul(8) + round, right).draw() & mask;
                x = (right << self.half) | (left ^ mixed);
            }
            if x < self.count {
                return x;
            }
        }
    }
}

#[rustfmt::skip]
const STARTS: [&str; 64] = [
    "abren", "aldra", "amber", "arken", "balt", "beck", "bold", "brask", "brind", "calder", "cobb", "corr", "crest", "dorn", "drum", "eldr",
    "ember", "fald", "fenn", "flint", "frost", "garr", "glen", "grand", "hadr", "hask", "haven", "holm", "ist", "jorr", "keld", "kest",
    "kirk", "lark", "lind", "lorn", "maple", "marl", "merr", "mill", "nest", "norr", "north", "oak", "orl", "penn", "pine", "quorr",
    "raven", "rusk", "sabl", "silver", "sorr", "stan", "sund", "tarn", "thorn", "ulv", "varr", "wenl", "west", "wolf", "yarr", "zell",
];
const MIDDLES: [&str; 16] =
    ["", "am", "ar", "ed", "el", "em", "en", "er", "ig", "il", "in", "on", "or", "ul", "um", "yr"];
#[rustfmt::skip]
const ENDS: [&str; 32] = [
    "bank", "bay", "bridge", "brook", "burn", "bury", "combe", "cross", "dale", "fell", "field", "firth", "ford", "garth", "gate", "ham",
    "holt", "land", "leigh", "mark", "mere", "moor", "port", "quay", "shaw", "stead", "stow", "thwaite", "ton", "wick", "wood", "worth",
];
#[rustfmt::skip]
const TRADES: [&str; 64] = [
    "academy", "accounting", "advisors", "agency", "air", "architects", "auto", "bakery", "books", "builders", "capital", "care", "castings", "chemicals", "clinic", "coaches",
    "college", "construction", "consulting", "couriers", "dental", "design", "diagnostics", "electric", "energy", "engineering", "events", "farms", "finance", "foods", "foundation", "freight",
    "gardens", "glass", "group", "health", "homes", "hotels", "insurance", "kitchens", "labs", "law", "leisure", "logistics", "lumber", "marine", "media", "medical",
    "metals", "motors", "optics", "paper", "partners", "pharma", "plastics", "plumbing", "realty", "roofing", "schools", "software", "studios", "supply", "systems", "travel",
];
const SUFFIXES: [(&str, u64); 14] = [
    ("com", 520),
    ("co.uk", 90),
    ("de", 70),
    ("org", 60),
    ("com.au", 50),
    ("net", 50),
    ("ca", 40),
    ("nl", 30),
    ("fr", 30),
    ("io", 20),
    ("ch", 10),
    ("co.nz", 10),
    ("eu", 10),
    ("us", 10),
];

/// Labels before a number has to be appended.
const LABELS: u64 = 1 << 22;

/// Place, trade and whether a hyphen joins them, of organisation `number`: every number has its own.
fn label(number: u64) -> (String, &'static str, &'static str) {
    let mut x = number.wrapping_mul(0x2545_f491_4f6c_dd1d) & (LABELS - 1);
    x = (x ^ (x >> 11)).wrapping_mul(0x2c1b_3c6d) & (LABELS - 1);
    let mut take = |n: u64| {
        let at = (x % n) as usize;
        x /= n;
        at
    };
    let place = [STARTS[take(64)], MIDDLES[take(16)], ENDS[take(32)]].concat();
    (place, TRADES[take(64)], ["", "-"][take(2)])
}

/// The registrable domain of organisation `number`.
pub fn domain(number: u64) -> String {
    let (place, trade, join) = label(number);
    let suffix = Dice::of(1, number).weighted(&SUFFIXES);
    match number / LABELS {
        0 => format!("{place}{join}{trade}.{suffix}"),
        more => format!("{place}{join}{trade}{more}.{suffix}"),
    }
}

/// Its name for reading.
pub fn company(number: u64) -> String {
    let (place, trade, _) = label(number);
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    format!("{} {}", capital(&place), capital(trade))
}

/// Small hosters, the largest first.
pub const HOSTERS: u64 = 6_000;

/// The registrable domain of the hoster of this rank.
pub fn hoster(rank: u64) -> String {
    let start = STARTS[(rank % 64) as usize];
    let end = ENDS[(rank / 64 % 32) as usize];
    let trade = ["host", "hosting", "webserver", "netz"][(rank / 2_048 % 4) as usize];
    format!("{start}{end}-{trade}.{}", Dice::of(2, rank).weighted(&SUFFIXES))
}

pub const DIGITS: &[u8] = b"0123456789";
pub const HEX: &[u8] = b"0123456789abcdef";
pub const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
pub const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Random letters of an alphabet.
pub struct Token(pub Dice, pub usize, pub &'static [u8]);

impl Display for Token {
    fn fmt(&self, out: &mut Formatter) -> Result {
        let Token(mut dice, length, alphabet) = *self;
        let mut text = [0u8; 256];
        for letter in &mut text[..length] {
            *letter = alphabet[dice.below(alphabet.len() as u64) as usize];
        }
        out.write_str(std::str::from_utf8(&text[..length]).unwrap_or_default())
    }
}

/// An IPv4 address.
pub struct Address(pub u64);

impl Display for Address {
    fn fmt(&self, out: &mut Formatter) -> Result {
        let [a, b, c, d, ..] = self.0.to_le_bytes();
        write!(out, "{}.{b}.{c}.{}", a % 200 + 11, d.max(1))
    }
}
