//! Nodes for what all insureds share.
//!
//! Gauss's rule for a beta-distributed factor: with n nodes exact for polynomials up to degree 2n − 1. Nodes are the
//! eigenvalues of the symmetric tridiagonal matrix of the recurrence of the Jacobi polynomials, weights the squares of the
//! eigenvectors' first entries (G. H. Golub, J. H. Welsch: *Calculation of Gauss quadrature rules*, Mathematics of
//! Computation 23, 1969).

/// A value that a shared factor takes, with its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: f64,
    /// Its weight; those of a rule add up to one.
    pub weight: f64,
}

impl Node {
    /// A factor that is known.
    pub fn certain(value: f64) -> Vec<Node> {
        vec![Node { value, weight: 1.0 }]
    }
}

/// `n` nodes of beta(a, b), rising: Gauss–Jacobi; a and b above nought.
pub fn beta_nodes(n: usize, a: f64, b: f64) -> Vec<Node> {
    let (alpha, beta) = (b - 1.0, a - 1.0);
    let s = alpha + beta;
    let mut diagonal = Vec::with_capacity(n);
    let mut beside = vec![0.0; n];
    for k in 0..n {
        let (x, t) = (k as f64, 2.0 * k as f64 + s);
        diagonal.push(if k == 0 {
            (beta - alpha) / (s + 2.0)
        } else {
            (beta * beta - alpha * alpha) / (t * (t + 2.0))
        });
        if k == 1 {
            beside[0] = 4.0 * a * b / ((s + 2.0) * (s + 2.0) * (s + 3.0));
        } else if k > 1 {
            beside[k - 1] = 4.0 * x * (x + alpha) * (x + beta) * (x + s) / (t * t * (t + 1.0) * (t - 1.0));
        }
    }
    beside.iter_mut().for_each(|e| *e = e.sqrt());
    let mut first = vec![0.0; n];
    if let Some(one) = first.first_mut() {
        *one = 1.0;
    }
    eigen(&mut diagonal, &mut beside, &mut first);
    let nodes = diagonal.iter().zip(&first);
    let mut nodes: Vec<Node> =
        nodes.map(|(t, z)| Node { value: ((1.0 + t) / 2.0).clamp(0.0, 1.0), weight: z * z }).collect();
    nodes.sort_by(|x, y| x.value.total_cmp(&y.value));
    nodes
}

/// `n` nodes of the uniform distribution on (0, 1): Gauss–Legendre. With the quantile function of any factor, its nodes.
pub fn uniform_nodes(n: usize) -> Vec<Node> {
    beta_nodes(n, 1.0, 1.0)
}

/// The nodes of the product of two independent factors.
pub fn product(first: &[Node], second: &[Node]) -> Vec<Node> {
    let pair = |a: &Node, b: &Node| Node { value: a.value * b.value, weight: a.weight * b.weight };
    first.iter().flat_map(|a| second.iter().map(move |b| pair(a, b))).collect()
}

/// At most `n` nodes with the first 2n − 1 moments of many: Gauss's rule for them, by the recurrence of Lanczos, whose vectors are
/// made orthogonal to all before them (W. Gautschi: *Orthogonal Polynomials: Computation and Approximation*, 2004, section 2.2).
pub fn gauss(nodes: &[Node], n: usize) -> Vec<Node> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let largest = nodes.iter().map(|node| node.value.abs()).fold(0.0, f64::max);
    let whole: f64 = nodes.iter().map(|node| node.weight).sum();
    let mut next: Vec<f64> = nodes.iter().map(|node| (node.weight / whole).sqrt()).collect();
    let (mut diagonal, mut beside, mut basis) = (Vec::new(), Vec::new(), Vec::<Vec<f64>>::new());
    while basis.len() < n {
        let own = next;
        let mut turned: Vec<f64> = own.iter().zip(nodes).map(|(x, node)| x * node.value).collect();
        diagonal.push(dot(&turned, &own));
        basis.push(own);
        for before in basis.iter().chain(&basis) {
            let along = dot(&turned, before);
            turned.iter_mut().zip(before).for_each(|(x, y)| *x -= along * y);
        }
        let length = dot(&turned, &turned).sqrt();
        beside.push(length);
        if length <= 1e-12 * largest {
            break;
        }
        next = turned.iter().map(|x| x / length).collect();
    }
    let mut first = vec![0.0; diagonal.len()];
    if let (Some(one), Some(last)) = (first.first_mut(), beside.last_mut()) {
        (*one, *last) = (1.0, 0.0);
    }
    eigen(&mut diagonal, &mut beside, &mut first);
    let pairs = diagonal.iter().zip(&first);
    let mut nodes: Vec<Node> =
        pairs.map(|(value, z)| Node { value: value.clamp(0.0, largest), weight: whole * z * z }).collect();
    nodes.sort_by(|x, y| x.value.total_cmp(&y.value));
    nodes
}

/// Eigenvalues of a symmetric tridiagonal matrix into `d`, first entries of its eigenvectors into `z`: implicit QL (J. H.
/// Wilkinson, C. Reinsch: *Linear Algebra*, contribution II/4, 1971). `e` holds what is beside the diagonal, its last entry
/// is nought.
fn eigen(d: &mut [f64], e: &mut [f64], z: &mut [f64]) {
    let n = d.len();
    for l in 0..n {
        for _ in 0..60 {
            let small = |m: &usize| e[*m].abs() <= f64::EPSILON * (d[*m].abs() + d[*m + 1].abs());
            let m = (l..n - 1).find(small).unwrap_or(n - 1);
            if m == l {
                break;
            }
            step(d, e, z, l, m);
        }
    }
}

/// One implicit step on rows `l` to `m`.
fn step(d: &mut [f64], e: &mut [f64], z: &mut [f64], l: usize, m: usize) {
    let mut g = (d[l + 1] - d[l]) / (2.0 * e[l]);
    let r = libm::hypot(g, 1.0);
    g = d[m] - d[l] + e[l] / (g + r.copysign(g));
    let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
    for i in (l..m).rev() {
        let (f, b) = (s * e[i], c * e[i]);
        let r = libm::hypot(f, g);
        e[i + 1] = r;
        if r == 0.0 {
            d[i + 1] -= p;
            e[m] = 0.0;
            return;
        }
        (s, c) = (f / r, g / r);
        g = d[i + 1] - p;
        let r = (d[i] - g) * s + 2.0 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        let f = z[i + 1];
        z[i + 1] = s * z[i] + c * f;
        z[i] = c * z[i] - s * f;
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Legendre, five nodes on (−1, 1): 0 with 128 ÷ 225 and √(245 ± 14√70) ÷ 21 (*NIST Handbook*, section 3.5).
    #[test]
    fn five_nodes_are_those_of_the_handbook() {
        let nodes = uniform_nodes(5);
        assert!((nodes[2].value - 0.5).abs() < 1e-15 && (nodes[2].weight - 64.0 / 225.0).abs() < 1e-14);
        let outer = (245.0 + 14.0 * 70f64.sqrt()).sqrt() / 21.0;
        assert!((nodes[4].value - (1.0 + outer) / 2.0).abs() < 1e-14, "{nodes:?}");
    }

    /// Of a thousand points, some of them very light, ten nodes keep 19 moments; of three points there are no more than three.
    #[test]
    fn few_nodes_have_the_moments_of_many() {
        let many: Vec<Node> = (0..1_000)
            .map(|n| (f64::from(n) + 0.5) / 1_000.0)
            .map(|x| Node { value: x * x, weight: (-20.0 * x).exp() * (1.0 - x) })
            .collect();
        let few = gauss(&many, 10);
        assert_eq!(few.len(), 10);
        for k in 0..20 {
            let moment = |nodes: &[Node]| nodes.iter().map(|n| n.weight * n.value.powi(k)).sum::<f64>();
            assert!((moment(&few) / moment(&many) - 1.0).abs() < 1e-9, "{k}");
        }
        let three = [0.2, 0.5, 0.9].map(|value| Node { value, weight: value / 1.6 });
        let own = gauss(&three, 8);
        assert!(own.len() == 3 && own.iter().zip(three).all(|(a, b)| (a.value - b.value).abs() < 1e-12), "{own:?}");
        assert_eq!(gauss(&Node::certain(0.3), 4), Node::certain(0.3));
    }

    /// E X^k = Π (a + i) ÷ (a + b + i) for every degree that the rule is exact for.
    #[test]
    fn moments_of_beta_factors_are_exact() {
        for (a, b) in [(0.9986, 712.3), (22.4, 201.6), (0.5, 0.5), (2.0, 3.0)] {
            let nodes = beta_nodes(24, a, b);
            assert!((nodes.iter().map(|n| n.weight).sum::<f64>() - 1.0).abs() < 1e-12);
            let mut moment = 1.0;
            for k in 0..47 {
                moment *= (a + f64::from(k)) / (a + b + f64::from(k));
                let sum: f64 = nodes.iter().map(|n| n.weight * n.value.powi(k + 1)).sum();
                assert!((sum / moment - 1.0).abs() < 1e-9, "beta({a}, {b}), degree {}: {sum} {moment}", k + 1);
            }
        }
    }
}
