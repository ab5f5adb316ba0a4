//! Loss families with one scale and one shape: ln f and ln S of a loss x at z = ln(x ÷ θ) and s = ln(shape).
//!
//! X = θ·Y, so everything depends on x through z, and ln f(x) = −ln x + g(z, s). Forms as in S. A. Klugman, H. H. Panjer, G. E.
//! Willmot: *Loss Models*, 4th ed., 2012, appendix A.

use super::sample::Sums;
use crate::fit::incomplete_gamma::ln_upper_of;
use crate::fit::jet::Jet;
use crate::fit::special::{HALF_LN_TWO_PI, ln_gamma, ln_normal_survival};

/// A shape with what families need of it, worked out once for all records.
#[derive(Clone, Copy, Debug)]
pub struct Form<const N: usize> {
    /// s = ln(shape), or the shape ξ itself of the generalised Pareto.
    pub ln: Jet<N>,
    /// eˢ.
    pub shape: Jet<N>,
    /// e⁻ˢ.
    pub inverse: Jet<N>,
    /// ln Γ(eˢ).
    pub ln_gamma: Jet<N>,
}

impl<const N: usize> Form<N> {
    /// Of s.
    pub fn of(ln: Jet<N>) -> Form<N> {
        let shape = ln.exp();
        Form { ln, shape, inverse: (-ln).exp(), ln_gamma: ln_gamma(shape) }
    }
}

/// A family of one scale and one shape.
pub trait Shape: Sync {
    /// ln(x·f(x)): the density of z.
    fn log_density<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N>;

    /// ln S(x) = ln P(X > x).
    fn log_survival<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N>;

    /// Σ of [`Shape::log_density`] over losses whose sums are all that matters, with λ = ln θ; nothing for other families.
    fn log_density_of_sums(_sums: &Sums, _lambda: Jet<2>, _s: &Form<2>) -> Option<Jet<2>> {
        None
    }
}

/// A.5.1: θ = e^μ, shape σ. y = z ÷ σ: ln φ(y) − ln σ and ln(1 − Φ(y)).
pub struct Lognormal;

impl Shape for Lognormal {
    fn log_density<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        let y = z * s.inverse;
        (y * y).scale(-0.5) - s.ln.plus(HALF_LN_TWO_PI)
    }

    fn log_density_of_sums(sums: &Sums, lambda: Jet<2>, s: &Form<2>) -> Option<Jet<2>> {
        let off = (-lambda).plus(sums.ln / sums.weight);
        let squares = (off * off).scale(sums.weight).plus(sums.squares);
        Some((squares * s.inverse * s.inverse).scale(-0.5) - s.ln.plus(HALF_LN_TWO_PI).scale(sums.weight))
    }

    fn log_survival<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        ln_normal_survival(z * s.inverse)
    }
}

/// A.3.2.1: shape α. α·z − e^z − ln Γ(α) and ln Q(α, e^z).
pub struct Gamma;

impl Shape for Gamma {
    fn log_density<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        s.shape * z - z.exp() - s.ln_gamma
    }

    fn log_density_of_sums(sums: &Sums, lambda: Jet<2>, s: &Form<2>) -> Option<Jet<2>> {
        let off = (-lambda).plus(sums.ln / sums.weight);
        Some((s.shape * off - s.ln_gamma).scale(sums.weight) - off.exp().scale(sums.relative))
    }

    fn log_survival<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        ln_upper_of(s.shape, s.ln_gamma, z.exp(), z)
    }
}

/// A.3.2.3: shape τ. s + τ·z − e^(τz) and −e^(τz).
pub struct Weibull;

impl Shape for Weibull {
    fn log_density<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        let power = s.shape * z;
        s.ln + power - power.exp()
    }

    fn log_survival<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        -((s.shape * z).exp())
    }
}

/// The generalised Pareto of excesses over a threshold (J. Pickands, Annals of Statistics 3, 1975), scale β; the second
/// argument is the shape ξ itself, of either sign. With w = e^z and L(t) = ln(1 + t) ÷ t: z − (1 + ξ)·w·L(ξw) and −w·L(ξw).
pub struct GeneralisedPareto;

impl Shape for GeneralisedPareto {
    fn log_density<const N: usize>(z: Jet<N>, xi: &Form<N>) -> Jet<N> {
        let w = z.exp();
        z - xi.ln.plus(1.0) * w * (xi.ln * w).ln_1p_over()
    }

    fn log_survival<const N: usize>(z: Jet<N>, xi: &Form<N>) -> Jet<N> {
        let w = z.exp();
        -(w * (xi.ln * w).ln_1p_over())
    }
}

/// A.2.3.1, the Pareto of two parameters (type II, Lomax): shape α. s + z − (α + 1)·ln(1 + e^z) and −α·ln(1 + e^z).
pub struct Pareto;

impl Shape for Pareto {
    fn log_density<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        s.ln + z - s.shape.plus(1.0) * z.softplus()
    }

    fn log_survival<const N: usize>(z: Jet<N>, s: &Form<N>) -> Jet<N> {
        -(s.shape * z.softplus())
    }
}
