//! Nodes for what all insureds of one occurrence share: the rate at which they are hit, hours of an outage, severity level.
//!
//! A factor's range is cut into cells; within each, two nodes keep its weight and its first three moments, as Gauss's rule of
//! two nodes does (P. J. Davis, P. Rabinowitz: *Methods of Numerical Integration*, 2nd ed., section 2.7). Where a function
//! breaks, such as a claim at the end of a waiting period, a cell ends, so that no node stands for both sides.

use super::quadrature::{Node, beta_nodes, product, uniform_nodes};
use crate::catalogue::Distribution;

/// Nodes of one share before they are gathered into cells.
const FINE: usize = 64;

/// Where the normal variable of a lognormal factor ends; what lies beyond counts with the others.
const REACH: f64 = 6.0;

/// Up to where its cells are narrow; beyond they are twice as wide.
const NARROW: f64 = 4.2;

/// Midpoints from which a cell's moments are taken.
const MIDPOINTS: usize = 64;

/// Nodes of the affected share times the hit share, in `cells` cells.
pub fn rate_nodes(affected: Distribution, hit: Distribution, cells: usize) -> Vec<Node> {
    gathered(product(&share_nodes(affected), &share_nodes(hit)), cells)
}

/// First and second moment of a share.
pub fn moments(share: Distribution) -> (f64, f64) {
    match share {
        Distribution::Point(x) => (x, x * x),
        Distribution::Uniform(low, high) => ((low + high) / 2.0, (low * low + low * high + high * high) / 3.0),
        Distribution::Beta(a, b) => (a / (a + b), a * (a + 1.0) / ((a + b) * (a + b + 1.0))),
    }
}

fn share_nodes(share: Distribution) -> Vec<Node> {
    match share {
        Distribution::Point(x) => Node::certain(x),
        Distribution::Uniform(low, high) => {
            let at = |node: Node| Node { value: low + (high - low) * node.value, ..node };
            uniform_nodes(FINE).into_iter().map(at).collect()
        }
        Distribution::Beta(a, b) => beta_nodes(FINE, a, b),
    }
}

/// Nodes of exp(mu + sigma·Z) in cells of this width of Z; a cell ends at each of `breaks`, which are values of the factor.
pub fn lognormal_nodes(mu: f64, sigma: f64, breaks: &[f64], width: f64) -> Vec<Node> {
    if sigma <= 0.0 {
        return Node::certain(libm::exp(mu));
    }
    let part = |from: f64, to: f64, width: f64| {
        let count = ((to - from) / width).ceil().max(1.0);
        (0..=count as usize).map(move |n| from + (to - from) * n as f64 / count)
    };
    let outer = part(-REACH, -NARROW, 2.0 * width).chain(part(NARROW, REACH, 2.0 * width));
    let even = part(-NARROW, NARROW, width).chain(outer);
    let own = breaks.iter().filter(|at| **at > 0.0).map(|at| (libm::log(*at) - mu) / sigma);
    let mut edges: Vec<f64> = even.chain(own.filter(|z| z.abs() < REACH)).collect();
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

/// Many nodes gathered into at most two in each of `cells` equal parts of their range.
fn gathered(mut nodes: Vec<Node>, cells: usize) -> Vec<Node> {
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

/// Location of a lognormal of mean one.
pub fn level_location(sigma: f64) -> f64 {
    -sigma * sigma / 2.0
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
            let third: f64 = product(&share_nodes(a), &share_nodes(b)).iter().map(|n| n.weight * n.value.powi(3)).sum();
            assert!((moment(&nodes, 3) / third - 1.0).abs() < 1e-12, "{a:?} {b:?}");
        }
    }

    /// E X = exp(mu + sigma² ÷ 2), E X² = exp(2·mu + 2·sigma²); P(X ≤ break) is the weight of the nodes below it.
    #[test]
    fn a_lognormal_has_its_moments_and_breaks_where_told() {
        let (mu, sigma) = (2.0, 0.8);
        let nodes = lognormal_nodes(mu, sigma, &[8.0, 12.0], 0.5);
        assert!((moment(&nodes, 0) - 1.0).abs() < 1e-12);
        assert!((moment(&nodes, 1) / (mu + sigma * sigma / 2.0f64).exp() - 1.0).abs() < 1e-5);
        assert!((moment(&nodes, 2) / (2.0 * mu + 2.0 * sigma * sigma).exp() - 1.0).abs() < 1e-4);
        for at in [8.0, 12.0] {
            let below: f64 = nodes.iter().filter(|n| n.value <= at).map(|n| n.weight).sum();
            let z = (libm::log(at) - mu) / sigma;
            assert!((below - 0.5 * libm::erfc(-z / 2f64.sqrt())).abs() < 1e-8, "{at}: {below}");
        }
        assert_eq!(lognormal_nodes(mu, 0.0, &[], 0.5).len(), 1);
    }
}
