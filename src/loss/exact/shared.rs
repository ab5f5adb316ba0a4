//! Nodes for what all insureds of one occurrence share: the rate at which they are hit, and the severity level.
//!
//! A factor's range is cut into cells; within each, two nodes keep its weight and its first three moments, as Gauss's rule of
//! two nodes does (P. J. Davis, P. Rabinowitz: *Methods of Numerical Integration*, 2nd ed., section 2.7).

use super::book::Moments;
use super::quadrature::{Node, beta_nodes, product, uniform_nodes};
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

/// Where the normal variable of a lognormal factor ends; what lies beyond counts with the others.
const REACH: f64 = 6.0;

/// Up to where its cells are narrow; beyond they are twice as wide.
const NARROW: f64 = 4.2;

/// Midpoints from which a cell's moments are taken.
const MIDPOINTS: usize = 64;

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

/// Nodes of a severity level of mean one, exp(sigma·Z − sigma² ÷ 2), in cells of this width of Z.
pub fn level_nodes(sigma: f64, width: f64) -> Vec<Node> {
    let mu = -sigma * sigma / 2.0;
    if sigma <= 0.0 {
        return Node::certain(1.0);
    }
    let part = |from: f64, to: f64, width: f64| {
        let count = ((to - from) / width).ceil().max(1.0);
        (0..=count as usize).map(move |n| from + (to - from) * n as f64 / count)
    };
    let outer = part(-REACH, -NARROW, 2.0 * width).chain(part(NARROW, REACH, 2.0 * width));
    let mut edges: Vec<f64> = part(-NARROW, NARROW, width).chain(outer).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let mut nodes: Vec<Node> = edges.windows(2).flat_map(|edge| two(&normal_cell(edge[0], edge[1]))).collect();
    let whole: f64 = nodes.iter().map(|node| node.weight).sum();
    for node in &mut nodes {
        *node = Node { value: libm::exp(mu + sigma * node.value), weight: node.weight / whole };
    }
    nodes
}

fn normal_cell(from: f64, to: f64) -> Vec<Node> {
    let upper = |z: f64| 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
    let mass = |a: f64, b: f64| if a > 0.0 { upper(a) - upper(b) } else { upper(-b) - upper(-a) };
    let h = (to - from) / MIDPOINTS as f64;
    let at = |n: usize| {
        let a = from + h * n as f64;
        Node { value: a + h / 2.0, weight: mass(a, a + h) }
    };
    (0..MIDPOINTS).map(at).collect()
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

    /// E X = 1, E X² = exp(sigma²), E X³ = exp(3·sigma²); P(X ≤ x) at the end of a cell is the weight of the nodes below it.
    #[test]
    fn a_level_has_the_moments_of_its_lognormal() {
        let sigma = 0.8;
        let nodes = level_nodes(sigma, 0.5);
        assert!((moment(&nodes, 0) - 1.0).abs() < 1e-12);
        assert!((moment(&nodes, 1) - 1.0).abs() < 1e-5);
        assert!((moment(&nodes, 2) / (sigma * sigma).exp() - 1.0).abs() < 1e-4);
        assert!((moment(&nodes, 3) / (3.0 * sigma * sigma).exp() - 1.0).abs() < 1e-3);
        let z = -4.2 + 8.4 * 11.0 / 17.0;
        let below: f64 =
            nodes.iter().filter(|n| n.value.ln() <= sigma * z - sigma * sigma / 2.0).map(|n| n.weight).sum();
        assert!((below - 0.5 * libm::erfc(-z / 2f64.sqrt())).abs() < 1e-8, "{below}");
        assert_eq!(level_nodes(0.0, 0.5), Node::certain(1.0));
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
