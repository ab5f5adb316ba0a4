//! Money and shares as types: whole cents in 64-bit integers, so that sums do not depend on order.

mod apportion;
mod share;

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

pub use apportion::Apportionment;
pub use share::Share;

/// An amount in hundredths of the currency unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Cents = Cents(0);
    /// No limit.
    pub const UNLIMITED: Cents = Cents(i64::MAX);

    /// Reads a decimal amount: `250000`, `250000.5`, `2.5e5`. At most two decimals count; more are rounded.
    pub fn parse(text: &str) -> Option<Cents> {
        let text = text.trim();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = !whole.is_empty()
            && whole.len() <= 16
            && decimals.len() <= 2
            && (whole.to_owned() + decimals).bytes().all(|b| b.is_ascii_digit());
        if plain {
            let cents: i64 = format!("{whole}{decimals:0<2}").parse().ok()?;
            return Some(Cents(sign * cents));
        }
        Cents::from_units(text.parse().ok()?)
    }

    /// The nearest amount to `units` of currency; nothing when it is not a number or beyond 64 bits.
    #[inline]
    pub fn from_units(units: f64) -> Option<Cents> {
        let cents = units * 100.0;
        (cents.abs() < 9.0e18).then(|| Cents(nearest(cents)))
    }

    /// In currency units.
    #[inline]
    pub fn units(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// The amount times a factor, to the nearest cent; no limit stays no limit, and a factor of at most 1 raises nothing.
    #[inline]
    pub fn scale(self, factor: f64) -> Cents {
        if self == Cents::UNLIMITED || factor == 1.0 {
            return self;
        }
        let scaled = Cents(nearest(self.0 as f64 * factor));
        if factor < 1.0 && self >= Cents::ZERO { scaled.min(self) } else { scaled }
    }

    /// The part above `floor`, never below zero.
    #[inline]
    pub fn above(self, floor: Cents) -> Cents {
        Cents(self.0.saturating_sub(floor.0).max(0))
    }
}

/// The nearest whole number, halves away from zero. Adding 1.5 · 2⁵² rounds to the nearest, halves to even: a half that went
/// towards zero is then put right.
#[inline]
fn nearest(x: f64) -> i64 {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    if x.abs() >= (1u64 << 51) as f64 {
        return x.round() as i64;
    }
    let shifted = x + ROUND;
    let rest = x - (shifted - ROUND);
    let whole = shifted.to_bits() as i64 - ROUND.to_bits() as i64;
    whole + i64::from(rest == 0.5 && x > 0.0) - i64::from(rest == -0.5 && x < 0.0)
}

impl Add for Cents {
    type Output = Cents;
    #[inline]
    fn add(self, other: Cents) -> Cents {
        Cents(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Cents {
    #[inline]
    fn add_assign(&mut self, other: Cents) {
        *self = *self + other;
    }
}

impl Sub for Cents {
    type Output = Cents;
    #[inline]
    fn sub(self, other: Cents) -> Cents {
        Cents(self.0.saturating_sub(other.0))
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Cents>>(amounts: I) -> Cents {
        amounts.fold(Cents::ZERO, Add::add)
    }
}

impl fmt::Display for Cents {
    /// `1234.50`, as tables have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (units, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        if cents == 0 { write!(f, "{sign}{units}") } else { write!(f, "{sign}{units}.{cents:02}") }
    }
}

/// For reading: `USD 1.2 million`, `USD 340 thousand`, `USD 980`.
pub fn in_words(currency: &str, units: f64) -> String {
    let size = units.abs();
    let (value, word) = match size {
        s if s >= 999_500_000.0 => (units / 1e9, " billion"),
        s if s >= 999_500.0 => (units / 1e6, " million"),
        s if s >= 9_950.0 => (units / 1e3, " thousand"),
        _ => (units, ""),
    };
    let digits = if word.is_empty() || value.abs() >= 99.95 || (value - value.round()).abs() < 0.05 { 0 } else { 1 };
    let number = if word.is_empty() { thousands(value) } else { format!("{value:.digits$}") };
    format!("{currency} {number}{word}")
}

/// A whole number with separators: `12,345`.
pub fn thousands(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        let halves = (-2_000..2_000).map(|n| f64::from(n) / 4.0);
        let ends = [
            0.499_999_999_999_999_94,
            -0.499_999_999_999_999_94,
            2_251_799_813_685_246.5,
            2_251_799_813_685_247.5,
            4e15,
            9e15,
            -9e17,
            1e-300,
        ];
        for x in halves.chain(ends) {
            assert_eq!(nearest(x), x.round() as i64, "{x}");
        }
    }

    #[test]
    fn amounts_are_read_to_the_cent() {
        for (text, cents) in [
            ("250000", 25_000_000),
            ("0.1", 10),
            ("-3.25", -325),
            ("2.5e5", 25_000_000),
            ("1.005", 100),
            ("1000000.0", 100_000_000),
        ] {
            assert_eq!(Cents::parse(text), Some(Cents(cents)), "{text}");
        }
        for text in ["", "1,000", "x", "NaN", "1e30"] {
            assert_eq!(Cents::parse(text), None, "{text}");
        }
    }

    #[test]
    fn words_round_as_a_reader_expects() {
        assert_eq!(in_words("USD", 1_234_567.0), "USD 1.2 million");
        assert_eq!(in_words("USD", 999_700.0), "USD 1 million");
        assert_eq!(in_words("USD", 340_000.0), "USD 340 thousand");
        assert_eq!(in_words("EUR", 980.4), "EUR 980");
        assert_eq!(in_words("EUR", -6_352.0), "EUR -6,352");
    }
}
