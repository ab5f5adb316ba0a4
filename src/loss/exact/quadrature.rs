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
