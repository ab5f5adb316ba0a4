//! Dividing an amount in proportion to others, to the cent.

use super::Cents;

/// Divides amounts by the method of the largest remainder (Hamilton's): each part is its exact proportion rounded down,
/// and the cents that are left go to the largest remainders, of equal ones to the first. Holds memory between uses.
#[derive(Clone, Debug, Default)]
pub struct Apportionment {
    remainders: Vec<(i128, u32)>,
}

impl Apportionment {
    /// Writes the parts of `total` in proportion to `weights` (none negative) to `parts`, which has their length. They add
    /// up to `total`, or to nothing when all weights are zero; while `total` is not above the sum of the weights, no part
    /// is above its weight.
    pub fn divide(&mut self, total: Cents, weights: &[Cents], parts: &mut [Cents]) {
        let sum: i128 = weights.iter().map(|w| i128::from(w.0)).sum();
        if sum == i128::from(total.0) {
            parts.copy_from_slice(weights);
            return;
        }
        if sum == 0 || total == Cents::ZERO {
            parts.fill(Cents::ZERO);
            return;
        }
        if let Some(only) = weights.iter().position(|w| i128::from(w.0) == sum) {
            parts.fill(Cents::ZERO);
            parts[only] = total;
            return;
        }
        self.remainders.clear();
        let mut left = i128::from(total.0);
        for (at, (weight, part)) in weights.iter().zip(parts.iter_mut()).enumerate() {
            let (quotient, remainder) = proportion(total.0, weight.0, sum);
            *part = Cents(quotient);
            left -= i128::from(quotient);
            self.remainders.push((-remainder, at as u32));
        }
        let left = left as usize;
        if left > 0 && left < self.remainders.len() {
            self.remainders.select_nth_unstable(left);
        }
        self.remainders[..left].iter().for_each(|(_, at)| parts[*at as usize].0 += 1);
    }
}

/// `total` × `weight` ÷ `sum`: quotient and remainder.
fn proportion(total: i64, weight: i64, sum: i128) -> (i64, i128) {
    if let (Some(product), Ok(sum)) = (total.checked_mul(weight), i64::try_from(sum)) {
        return (product / sum, (product % sum).into());
    }
    let product = i128::from(total) * i128::from(weight);
    ((product / sum) as i64, product % sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn divide(total: i64, weights: &[i64]) -> Vec<i64> {
        let weights: Vec<Cents> = weights.iter().copied().map(Cents).collect();
        let mut parts = vec![Cents::ZERO; weights.len()];
        Apportionment::default().divide(Cents(total), &weights, &mut parts);
        parts.into_iter().map(|part| part.0).collect()
    }

    /// By hand: 100 over 1 : 1 : 1 is 33⅓ each, the cent that is left to the first; 10 over 6 : 3 : 1 : 2 is 5, 2½, ⅚, 1⅔.
    #[test]
    fn cents_that_rounding_leaves_go_to_the_largest_remainders() {
        let cases: [(i64, &[i64], &[i64]); 5] = [
            (100, &[1, 1, 1], &[34, 33, 33]),
            (10, &[6, 3, 1, 2], &[5, 2, 1, 2]),
            (7, &[0, 0], &[0, 0]),
            (0, &[5, 6], &[0, 0]),
            (i64::MAX, &[i64::MAX, i64::MAX], &[i64::MAX / 2 + 1, i64::MAX / 2]),
        ];
        for (total, weights, want) in cases {
            assert_eq!(divide(total, weights), want, "{total} over {weights:?}");
        }
    }

    proptest! {
        #[test]
        fn parts_add_up_and_none_is_above_its_weight(weights in prop::collection::vec(0i64..1 << 50, 1..40), share in 0.0f64..=1.0) {
            let sum: i64 = weights.iter().sum();
            let total = ((sum as f64 * share) as i64).min(sum);
            let parts = divide(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| 0 <= *part && part <= weight));
        }
    }
}
