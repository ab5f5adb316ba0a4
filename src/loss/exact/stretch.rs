//! A claim as a function of the probability of its severity, in stretches over which it is nearly a straight line.
//!
//! A stretch is halved until the claim in its middle is near the mean of those at its ends (adaptive quadrature, W. M. McKeeman,
//! Algorithm 145, *Communications of the ACM* 5, 1962). So the stretches are short where a severity bends, and nothing need be
//! known of the kinks that retentions, limits and caps make: they are found. The law of the claim is taken to be even between
//! the ends and the middle of each stretch.

/// A claim from the ground up, and gross.
pub type Pair = [f64; 2];

/// A stretch of probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Its probability.
    pub weight: f64,
    /// Claims at its lower end, in its middle and at its upper end.
    pub claims: [Pair; 3],
}

/// Halvings of the upper tail; what lies beyond is one stretch.
const UPPER: i32 = 36;

/// The same of the lower tail.
const LOWER: i32 = 20;

/// Probability up to which a stretch is not cut, against the bend, and at least and at most.
const LIGHT: (f64, f64, f64) = (1e-4, 1e-10, 1e-7);

/// Amounts are in cents.
const CENT: f64 = 0.01;

/// The stretches of a claim that rises with probability. None bends by more than `bend` of its amount, but where there is a
/// kink, and next to nothing lies there.
pub fn stretches(claim: impl FnMut(f64) -> Pair, bend: f64) -> Vec<Stretch> {
    let light = (LIGHT.0 * bend).clamp(LIGHT.1, LIGHT.2);
    let mut cutting = Cutting { claim, bend, light, done: Vec::new() };
    let edges = edges();
    let (first, last) = (edges[0], edges[edges.len() - 1]);
    let lowest = (cutting.claim)(first / 2.0);
    let mut below = (cutting.claim)(first);
    cutting.done.push(Stretch { weight: first, claims: [lowest, lowest, below] });
    for edge in edges.windows(2) {
        let above = (cutting.claim)(edge[1]);
        cutting.cut((edge[0], edge[1]), [below, above]);
        below = above;
    }
    let highest = (cutting.claim)((1.0 + last) / 2.0);
    cutting.done.push(Stretch { weight: 1.0 - last, claims: [below, highest, highest] });
    cutting.done
}

/// Halvings of both tails with their middles.
fn edges() -> Vec<f64> {
    let lower = (2..=LOWER).rev().flat_map(|n| [1.0, 1.5].map(|by| by * 0.5f64.powi(n)));
    let upper = (1..UPPER).flat_map(|n| [1.0, 0.75].map(|by| 1.0 - by * 0.5f64.powi(n)));
    lower.chain(upper).chain([1.0 - 0.5f64.powi(UPPER)]).collect()
}

struct Cutting<F> {
    claim: F,
    bend: f64,
    light: f64,
    done: Vec<Stretch>,
}

impl<F: FnMut(f64) -> Pair> Cutting<F> {
    fn cut(&mut self, (from, to): (f64, f64), [below, above]: [Pair; 2]) {
        let at = (from + to) / 2.0;
        let middle = (self.claim)(at);
        let straight = (0..2).all(|n| {
            let off = (middle[n] - (below[n] + above[n]) / 2.0).abs();
            off <= self.bend * middle[n] + CENT
        });
        if straight || to - from <= self.light {
            self.done.push(Stretch { weight: to - from, claims: [below, middle, above] });
            return;
        }
        self.cut((from, at), [below, middle]);
        self.cut((at, to), [middle, above]);
    }
}

/// Mean and mean square of one of the claims, by Simpson's rule.
pub fn moments(stretches: &[Stretch], which: usize) -> (f64, f64) {
    stretches.iter().fold((0.0, 0.0), |(mean, square), stretch| {
        let [a, b, c] = stretch.claims.map(|pair| pair[which]);
        let part = stretch.weight / 6.0;
        (mean + part * (a + 4.0 * b + c), square + part * (a * a + 4.0 * b * b + c * c))
    })
}

/// Amounts that rise, each with the probability that lies evenly between the one before it and itself.
pub fn amounts(stretches: &[Stretch], which: usize) -> Vec<(f64, f64)> {
    let mut amounts: Vec<(f64, f64)> = stretches.first().map(|own| (own.claims[0][which], 0.0)).into_iter().collect();
    for stretch in stretches {
        for to in &stretch.claims[1..] {
            let (to, weight) = (to[which], stretch.weight / 2.0);
            match amounts.as_mut_slice() {
                [.., (before, _), (last, sum)] if *before == to && *last == to => *sum += weight,
                _ => amounts.push((to, weight)),
            }
        }
    }
    amounts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Even between nought and one million, with a retention of 300,000.3 and a limit of 400,000: by hand the mean of what is paid is
    /// 400,000²÷2·10⁻⁶ + 400,000·0.2999997, and 0.3000003 pay nothing.
    #[test]
    fn kinks_are_found() {
        let paid = |x: f64| (x - 300_000.3).clamp(0.0, 400_000.0);
        let mut asked = 0;
        let own = stretches(
            |u| {
                asked += 1;
                [1e6 * u, paid(1e6 * u)]
            },
            1e-5,
        );
        assert!(asked < 400, "{asked}");
        assert!((own.iter().map(|s| s.weight).sum::<f64>() - 1.0).abs() < 1e-14);
        let ((mean, square), (net, _)) = (moments(&own, 0), moments(&own, 1));
        assert!((mean / 5e5 - 1.0).abs() < 1e-9 && (square / (1e12 / 3.0) - 1.0).abs() < 1e-9, "{mean} {square}");
        assert!((net - (8e4 + 400_000.0 * 0.299_999_7)).abs() < 0.01, "{net}");
        let amounts = amounts(&own, 1);
        let of = |amount: f64| {
            amounts.windows(2).filter(|w| w[0].0 == amount && w[1].0 == amount).map(|w| w[1].1).sum::<f64>()
        };
        // Within a bend of 10⁻⁵ of 400,000, which is 4·10⁻⁶ of probability.
        assert!((of(0.0) - 0.300_000_3).abs() < 1e-5 && (of(400_000.0) - 0.299_999_7).abs() < 1e-5);
        assert!((amounts.iter().map(|(_, weight)| weight).sum::<f64>() - 1.0).abs() < 1e-14);
    }

    /// exp(2·Z) has the mean e² and the mean square e⁸, of which 2·10⁻³ lies beyond the last stretch.
    #[test]
    fn a_wide_lognormal_has_its_mean() {
        let own = stretches(|u| [libm::exp(10.0 + 2.0 * crate::random::normal::quantile(u)); 2], 1e-3);
        let (mean, square) = moments(&own, 0);
        assert!((mean / libm::exp(12.0) - 1.0).abs() < 1e-5, "{mean}");
        assert!((square / libm::exp(28.0) - 1.0).abs() < 5e-3, "{square}");
        assert!(own.len() < 700, "{}", own.len());
    }
}
