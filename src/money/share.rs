//! Exact shares of amounts.

use super::Cents;

/// Parts of a whole that a decimal share is read to: billionths.
const BILLION: i64 = 1_000_000_000;

/// A share in [0, 1] as a fraction in lowest terms: three tenths of an amount is the same cents on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Share {
    parts: i64,
    of: i64,
}

impl Share {
    /// Nothing.
    pub const NONE: Share = Share { parts: 0, of: 1 };
    /// All.
    pub const WHOLE: Share = Share { parts: 1, of: 1 };

    /// The share written as a decimal, to the nearest billionth; nothing outside [0, 1].
    pub fn of_decimal(share: f64) -> Option<Share> {
        (0.0..=1.0).contains(&share).then(|| Share::lowest((share * BILLION as f64).round() as i128, BILLION.into()))
    }

    /// `part` ÷ `whole`, at most 1; nothing when `whole` is not above zero or `part` is below it.
    pub fn ratio(part: Cents, whole: Cents) -> Option<Share> {
        (whole > Cents::ZERO && part >= Cents::ZERO).then(|| Share::lowest(part.min(whole).0.into(), whole.0.into()))
    }

    /// The share of a share; exact while its denominator fits 63 bits, as that of two decimal shares does.
    pub fn times(self, other: Share) -> Share {
        Share::lowest(i128::from(self.parts) * i128::from(other.parts), i128::from(self.of) * i128::from(other.of))
    }

    fn lowest(parts: i128, of: i128) -> Share {
        let divisor = gcd(parts, of);
        let (mut parts, mut of) = (parts / divisor, of / divisor);
        while of > i128::from(i64::MAX) {
            (parts, of) = (parts >> 1, of >> 1);
        }
        Share { parts: parts as i64, of: of as i64 }
    }

    /// This share of an amount of at least zero: to the nearest cent, half a cent up.
    pub fn of(self, amount: Cents) -> Cents {
        if self.parts == self.of {
            return amount;
        }
        let half = self.of / 2;
        match amount.0.checked_mul(self.parts).and_then(|product| product.checked_add(half)) {
            Some(product) => Cents(product / self.of),
            None => {
                let product = i128::from(amount.0) * i128::from(self.parts) + i128::from(half);
                Cents((product / i128::from(self.of)) as i64)
            }
        }
    }

    /// As a decimal.
    pub fn decimal(self) -> f64 {
        self.parts as f64 / self.of as f64
    }
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 0.145 of 1.00 is 14.5 cents, up to 15 (in binary floating point 14.499…, hence 14); a third of 1.00 is 33.
    #[test]
    fn a_share_is_exact_and_half_a_cent_goes_up() {
        let cases = [(0.145, 100, 15), (0.3, 1_000, 300), (1.0, i64::MAX, i64::MAX), (0.0, 99, 0), (0.5, 1, 1)];
        for (share, amount, want) in cases {
            assert_eq!(Share::of_decimal(share).unwrap().of(Cents(amount)), Cents(want), "{share} of {amount}");
        }
        assert_eq!(Share::ratio(Cents(1), Cents(3)).unwrap().of(Cents(100)), Cents(33));
        assert_eq!(Share::of_decimal(0.9).unwrap().of(Cents(i64::MAX - 7)), Cents(8_301_034_833_169_298_220));
    }

    #[test]
    fn shares_multiply_exactly() {
        let [third, half] = [Share::ratio(Cents(1), Cents(3)).unwrap(), Share::of_decimal(0.5).unwrap()];
        assert_eq!(third.times(half), Share::ratio(Cents(1), Cents(6)).unwrap());
        assert_eq!(Share::of_decimal(1.2), None);
        assert_eq!(Share::ratio(Cents(1), Cents(0)), None);
    }
}
