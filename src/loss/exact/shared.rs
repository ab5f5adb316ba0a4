//! Nodes for what all insureds of one occurrence share: the rate at which they are hit, and the severity level.
//!
//! The range of the rate is cut into cells; within each, two nodes keep its weight and its first three moments, as Gauss's rule of
//! two nodes does (P. J. Davis, P. Rabinowitz: *Methods of Numerical Integration*, 2nd ed., section 2.7).

use super::book::Moments;
use super::quadrature::{Node, beta_nodes, gauss, product, uniform_nodes};
use super::state::RateMoments;
use crate::catalogue::Distribution;

/// Nodes of one share before they are gathered into cells, at least.
const FINE: usize = 64;

/// Nodes of one share, at most: where both are random, and where one is.
const FINEST: (usize, usize) = (256, 768);

/// Cells of the rate, at least and at most.
const CELLS: (usize, usize) = (16, 256);

/// Cells of the rate over eight of its standard deviations, each as wide as `width` standard deviations of the loss given the
/// rate where that is least, in books with these moments.
pub fn cells_of_rate<'a>(books: impl Iterator<Item = &'a Moments>, (r1, r2): RateMoments, width: f64) -> usize {
    let spread = (r2 - r1 * r1).max(0.0).sqrt();
    let own = |own: &Moments| {
        let deviation = (r1 * own.second - r2 * own.squares).max(0.0).sqrt();
        8.0 * spread * own.first / (width * deviation).max(f64::MIN_POSITIVE)
    };
    (books.map(own).fold(0.0, f64::max).min(1e6) as usize).clamp(CELLS.0, CELLS.1)
}

/// Where the normal variable of a lognormal factor ends, further up by as many as its mean lies above its median.
const REACH: f64 = 6.0;

/// Nodes of the affected share times the hit share, in `cells` cells.
pub fn rate_nodes(affected: Distribution, hit: Distribution, cells: usize) -> Vec<Node> {
    let point = |share: Distribution| matches!(share, Distribution::Point(_));
    let most = if point(affected) || point(hit) { FINEST.1 } else { FINEST.0 };
    let fine = (3 * cells).clamp(FINE, most);
    gathered(product(&share_nodes(affected, fine), &share_nodes(hit, fine)), cells)
}

/// First and second moment of a share.
pub fn moments(share: Distribution) -> (f64, f64) {
    match share {
        Distribution::Point(x) => (x, x * x),
        Distribution::Uniform(low, high) => ((low + high) / 2.0, (low * low + low * high + high * high) / 3.0),
        Distribution::Beta(a, b) => (a / (a + b), a * (a + 1.0) / ((a + b) * (a + b + 1.0))),
    }
}

fn share_nodes(share: Distribution, count: usize) -> Vec<Node> {
    match share {
        Distribution::Point(x) => Node::certain(x),
        Distribution::Uniform(low, high) => {
            let at = |node: Node| Node { value: low + (high - low) * node.value, ..node };
            uniform_nodes(count).into_iter().map(at).collect()
        }
        Distribution::Beta(a, b) => beta_nodes(count, a, b),
    }
}

/// Nodes of the rate that are exact for so many insureds, at any rate a product of as many straight lines in it.
pub fn exact_rate_nodes(affected: Distribution, hit: Distribution, insureds: usize) -> Vec<Node> {
    let mut nodes = product(&share_nodes(affected, FINE), &share_nodes(hit, FINE));
    nodes.retain(|node| node.weight > LIGHT);
    gauss(&nodes, insureds / 2 + 1)
}

/// Insureds for whom there are exact nodes, as many as else: 2·FINE − 1 moments of the shares are known, and more than needed.
pub const MOST_EXACT: usize = 2 * (2 * CELLS.0 - 1);

/// Nodes of a severity level of mean one, exp(sigma·Z − sigma² ÷ 2), in steps of `width` of Z.
///
/// By the trapezoidal rule: of what is smooth in Z it is off by about exp(−2·(π·s ÷ width)²) where s² is its variance in Z times the normal
/// law (E. T. Goodwin, *The evaluation of integrals of the form ∫ f(x) exp(−x²) dx*, Proceedings of the Cambridge Philosophical Society
/// 45, 1949).
pub fn level_nodes(sigma: f64, width: f64) -> Vec<Node> {
    if sigma <= 0.0 {
        return Node::certain(1.0);
    }
    let steps = |reach: f64| (reach / width).ceil() as i32;
    let z = (-steps(REACH)..=steps(REACH + sigma)).map(|n| width * f64::from(n));
    let whole: f64 = z.clone().map(|z| libm::exp(-z * z / 2.0)).sum();
    let node = |z: f64| Node { value: libm::exp(sigma * (z - sigma / 2.0)), weight: libm::exp(-z * z / 2.0) / whole };
    z.map(node).collect()
}

/// Weight below which a node weighs nothing.
const LIGHT: f64 = 1e-15;

/// Many nodes gathered into at most two in each of `cells` equal parts of their range.
pub fn gathered(mut nodes: Vec<Node>, cells: usize) -> Vec<Node> {
    nodes.retain(|node| node.weight > LIGHT);
    nodes.sort_by(|a, b| a.value.total_cmp(&b.value));
    if nodes.len() <= 2 * cells {
        return nodes;
    }
    // Nodes that weigh nothing don't widen the range.
    let heavy = |node: &&Node| node.weight > 1e-12;
    let low = nodes.iter().find(heavy).map_or(0.0, |node| node.value);
    let high = nodes.iter().rfind(heavy).map_or(1.0, |node| node.value);
    let cell = |node: &Node| {
        let part = (node.value - low) / (high - low).max(f64::MIN_POSITIVE);
        ((part * cells as f64).max(0.0) as usize).min(cells - 1)
    };
    nodes.chunk_by(|a, b| cell(a) == cell(b)).flat_map(two).collect()
}

/// Two nodes with the weight, mean, variance and third moment of some, or one where they are the same: with central moments
/// m₂ and m₃, g = m₃ ÷ m₂ and d = √(g² + 4·m₂), they lie at the mean + (g ± d) ÷ 2, the upper one with weight (d − g) ÷ 2d.
fn two(nodes: &[Node]) -> Vec<Node> {
    let sum = |of: &dyn Fn(&Node) -> f64| nodes.iter().map(of).sum::<f64>();
    let weight = sum(&|n| n.weight);
    if weight <= 0.0 {
        return Vec::new();
    }
    let mean = sum(&|n| n.weight * n.value) / weight;
    let central = |k: i32| sum(&|n| n.weight * (n.value - mean).powi(k)) / weight;
    let (m2, m3) = (central(2), central(3));
    if m2 <= 1e-24 * mean * mean {
        return vec![Node { value: mean, weight }];
    }
    let g = m3 / m2;
    let d = (g * g + 4.0 * m2).sqrt();
    let node = |value: f64, part: f64| Node { value, weight: weight * part };
    vec![node(mean + (g - d) / 2.0, (d + g) / (2.0 * d)), node(mean + (g + d) / 2.0, (d - g) / (2.0 * d))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(nodes: &[Node], k: i32) -> f64 {
        nodes.iter().map(|n| n.weight * n.value.powi(k)).sum()
    }

    /// The product of two shares has the product of their moments; gathering keeps three of them.
    #[test]
    fn rates_keep_three_moments_of_their_factors() {
        let shares = [Distribution::Beta(3.0, 5.0), Distribution::Uniform(0.2, 0.9), Distribution::Point(0.4)];
        for (a, b) in [(0, 1), (0, 0), (1, 1), (0, 2), (2, 2)] {
            let (a, b) = (shares[a], shares[b]);
            let nodes = rate_nodes(a, b, 12);
            assert!(nodes.len() <= 64 && nodes.windows(2).all(|w| w[0].value < w[1].value), "{nodes:?}");
            let (first, second) = (moments(a).0 * moments(b).0, moments(a).1 * moments(b).1);
            assert!((moment(&nodes, 0) - 1.0).abs() < 1e-12);
            assert!((moment(&nodes, 1) / first - 1.0).abs() < 1e-12, "{a:?} {b:?}");
            assert!((moment(&nodes, 2) / second - 1.0).abs() < 1e-12, "{a:?} {b:?}");
            let third: f64 =
                product(&share_nodes(a, FINE), &share_nodes(b, FINE)).iter().map(|n| n.weight * n.value.powi(3)).sum();
            assert!((moment(&nodes, 3) / third - 1.0).abs() < 1e-12, "{a:?} {b:?}");
        }
    }

    /// E X = 1, E X² = exp(sigma²), E X³ = exp(3·sigma²); P(X·Y ≤ x) with another lognormal Y is that of their product.
    #[test]
    fn a_level_has_the_moments_of_its_lognormal() {
        for (sigma, width) in [(0.8, 0.5), (0.25, 0.75), (2.0, 0.5)] {
            let nodes = level_nodes(sigma, width);
            assert!((moment(&nodes, 0) - 1.0).abs() < 1e-12);
            assert!((moment(&nodes, 1) - 1.0).abs() < 1e-8);
            if sigma < 1.0 {
                assert!((moment(&nodes, 2) / (sigma * sigma).exp() - 1.0).abs() < 1e-6);
                assert!((moment(&nodes, 3) / (3.0 * sigma * sigma).exp() - 1.0).abs() < 1e-4);
            }
            let phi = |z: f64| 0.5 * libm::erfc(-z / 2f64.sqrt());
            for x in [0.01, 0.3, 1.0, 2.5, 40.0f64] {
                let given = |level: f64| phi((x / level).ln() / 1.5);
                let sum: f64 = nodes.iter().map(|n| n.weight * given(n.value)).sum();
                let whole = phi((x.ln() + sigma * sigma / 2.0) / (1.5f64.powi(2) + sigma * sigma).sqrt());
                assert!((sum - whole).abs() < 1e-8, "{sigma} {x}: {sum} {whole}");
            }
        }
        assert_eq!(level_nodes(0.0, 0.5), Node::certain(1.0));
    }

    /// The exact nodes of 20 insureds have the first 20 moments of the product of the shares.
    #[test]
    fn exact_rates_have_as_many_moments_as_insureds() {
        let nodes = exact_rate_nodes(Distribution::Beta(0.0937, 0.2187), Distribution::Uniform(0.1, 0.9), 20);
        assert_eq!(nodes.len(), 11);
        let mut beta = 1.0;
        for k in 1..=20 {
            let n = f64::from(k);
            beta *= (0.0937 + n - 1.0) / (0.3124 + n - 1.0);
            let uniform = (0.9f64.powi(k + 1) - 0.1f64.powi(k + 1)) / (0.8 * (n + 1.0));
            assert!((moment(&nodes, k) / (beta * uniform) - 1.0).abs() < 1e-9, "{k}");
        }
        assert_eq!(exact_rate_nodes(Distribution::Point(0.5), Distribution::Point(0.4), 20), Node::certain(0.2));
    }

    /// By hand: a rate of mean 0.3 and variance 0.01, 10,000 hits of 1 at rate one of 20,000 insureds: the loss given the rate has
    /// the variance 0.3·10,000 − 0.1·5,000 = 2,500, and eight deviations of the rate are 8·0.1·10,000 = 8,000 of loss, 160 deviations
    /// of it: 80 cells two of them wide. Small books take 16, however large no more than 256.
    #[test]
    fn cells_of_the_rate_are_as_narrow_as_the_loss_given_the_rate() {
        let book = |size: f64| Moments { first: 1e4 * size, second: 1e4 * size, squares: 5e3 * size };
        let cells = |sizes: &[f64]| {
            let books: Vec<Moments> = sizes.iter().map(|size| book(*size)).collect();
            cells_of_rate(books.iter(), (0.3, 0.1 + 1e-12), 2.0)
        };
        assert_eq!(cells(&[1.0]), 80);
        assert_eq!(cells(&[0.01, 1.0, 0.25]), 80);
        assert_eq!((cells(&[1e-4]), cells(&[100.0]), cells(&[])), (16, 256, 16));
    }
}
