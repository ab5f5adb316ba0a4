//! The log-likelihood of one loss as a function of a segment's own log scale δ, X = e^δ·Y with Y of a model, with exact
//! derivatives: z = ln x − ln(factor of its revenue) − δ is all that moves.
//!
//! Densities and survival functions are those that the families are fitted with. The threshold of the spliced model is held
//! at e^δ₀ times the model's while δ moves, since its density may jump there: with δ₀ the δ of the last step the score is
//! nought on average at the true scale.

use crate::fit::incomplete_gamma::ln_one_minus;
use crate::fit::jet::Jet;
use crate::fit::severity::{Form, Gamma, GeneralisedPareto, Lognormal, Pareto, Severity, Shape, Weibull};
use crate::fit::special::ln_normal_survival;

/// What stands for the logarithm of nothing: a loss that the model has no room for.
const NOTHING: f64 = -1e6;

/// A model with what its likelihood needs worked out once for all losses.
pub struct Likelihood {
    family: Severity,
    ln_scale: f64,
    form: Form<1>,
    tail: Option<Tail>,
}

struct Tail {
    ln_threshold: f64,
    ln_body_share: f64,
    ln_tail_share: f64,
    ln_scale: f64,
    form: Form<1>,
}

impl Likelihood {
    /// Of this model.
    pub fn of(model: &Severity) -> Likelihood {
        let form = |ln: f64| Form::of(Jet::constant(ln));
        let (ln_scale, shape) = match *model {
            Severity::Lognormal { mu, sigma } | Severity::Spliced { mu, sigma, .. } => (mu, sigma),
            Severity::Gamma { shape, scale }
            | Severity::Weibull { shape, scale }
            | Severity::Pareto { shape, scale } => (libm::log(scale), shape),
        };
        let tail = match *model {
            Severity::Spliced { threshold, body_share, tail_scale, tail_shape, .. } => Some(Tail {
                ln_threshold: libm::log(threshold),
                ln_body_share: libm::log(body_share),
                ln_tail_share: libm::log1p(-body_share),
                ln_scale: libm::log(tail_scale),
                form: form(tail_shape),
            }),
            _ => None,
        };
        Likelihood { family: *model, ln_scale, form: form(libm::log(shape)), tail }
    }

    /// Whether a threshold is held while δ moves.
    pub fn holds_a_threshold(&self) -> bool {
        self.tail.is_some()
    }

    /// ln(x·f(x)) of a loss whose logarithm over its revenue's factor is `ln`, at δ with the threshold at δ₀; of excesses over
    /// the threshold their own logarithm takes the place of ln x, which does not depend on δ.
    pub fn density(&self, ln: f64, delta: f64, held: f64) -> Jet<1> {
        finite(match &self.tail {
            Some(tail) if ln > tail.ln_threshold + held => {
                let z = moved(tail.excess(ln, held) - tail.ln_scale, delta);
                GeneralisedPareto::log_density(z, &tail.form).plus(tail.ln_tail_share)
            }
            Some(tail) => {
                (self.body(ln, delta) - self.ln_cdf(tail.ln_threshold + held, delta)).plus(tail.ln_body_share)
            }
            None => self.body(ln, delta),
        })
    }

    /// ln P(X > x).
    pub fn survival(&self, ln: f64, delta: f64, held: f64) -> Jet<1> {
        let z = moved(ln - self.ln_scale, delta);
        finite(match (&self.tail, self.family) {
            (Some(tail), _) if ln > tail.ln_threshold + held => {
                let z = moved(tail.excess(ln, held) - tail.ln_scale, delta);
                GeneralisedPareto::log_survival(z, &tail.form).plus(tail.ln_tail_share)
            }
            (Some(tail), _) => {
                let share = self.ln_cdf(ln, delta) - self.ln_cdf(tail.ln_threshold + held, delta);
                ln_one_minus(share.plus(tail.ln_body_share))
            }
            (None, Severity::Gamma { .. }) => Gamma::log_survival(z, &self.form),
            (None, Severity::Weibull { .. }) => Weibull::log_survival(z, &self.form),
            (None, Severity::Pareto { .. }) => Pareto::log_survival(z, &self.form),
            (None, _) => Lognormal::log_survival(z, &self.form),
        })
    }

    fn body(&self, ln: f64, delta: f64) -> Jet<1> {
        let z = moved(ln - self.ln_scale, delta);
        match self.family {
            Severity::Gamma { .. } => Gamma::log_density(z, &self.form),
            Severity::Weibull { .. } => Weibull::log_density(z, &self.form),
            Severity::Pareto { .. } => Pareto::log_density(z, &self.form),
            Severity::Lognormal { .. } | Severity::Spliced { .. } => Lognormal::log_density(z, &self.form),
        }
    }

    /// ln Φ of the spliced model's body.
    fn ln_cdf(&self, ln: f64, delta: f64) -> Jet<1> {
        ln_normal_survival(-(moved(ln - self.ln_scale, delta) * self.form.inverse))
    }
}

impl Tail {
    /// The logarithm of the excess over the threshold.
    fn excess(&self, ln: f64, held: f64) -> f64 {
        let threshold = self.ln_threshold + held;
        threshold + libm::log(libm::expm1(ln - threshold))
    }
}

/// A number that falls as δ rises.
fn moved(at_nought: f64, delta: f64) -> Jet<1> {
    Jet { value: at_nought - delta, gradient: [-1.0], hessian: [[0.0]] }
}

fn finite(term: Jet<1>) -> Jet<1> {
    if term.is_finite() && term.value > NOTHING { term } else { Jet::constant(NOTHING) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spliced(tail_shape: f64) -> Severity {
        Severity::Spliced {
            mu: 10.0,
            sigma: 1.0,
            threshold: 60_000.0,
            body_share: 0.8,
            tail_scale: 50_000.0,
            tail_shape,
        }
    }

    /// Of each family, ln(x·f(x)) is the logarithm of −dS ÷ d ln x by central differences of the distribution, and ln S that
    /// of the distribution itself; with δ and the threshold moved together they are those of the model e^δ times as large.
    #[test]
    fn density_and_survival_are_those_of_the_distribution() {
        let models = [
            Severity::Lognormal { mu: 10.0, sigma: 1.2 },
            Severity::Gamma { shape: 0.7, scale: 40_000.0 },
            Severity::Weibull { shape: 0.8, scale: 40_000.0 },
            Severity::Pareto { shape: 1.7, scale: 40_000.0 },
            spliced(0.6),
            spliced(0.0),
            spliced(-0.2),
        ];
        for model in models {
            let own = Likelihood::of(&model);
            for (delta, x) in [(0.0, 5_000.0), (0.0, 30_000.0), (0.3, 90_000.0), (-0.2, 150_000.0)] {
                let moved = model.scaled(libm::exp(delta));
                let h = 1e-4;
                let slope = (moved.survival(x * libm::exp(-h)) - moved.survival(x * libm::exp(h))) / (2.0 * h);
                let over = match model {
                    Severity::Spliced { .. } if x > 60_000.0 * libm::exp(delta) => {
                        1.0 - 60_000.0 * libm::exp(delta) / x
                    }
                    _ => 1.0,
                };
                let (density, survival) = (own.density(x.ln(), delta, delta), own.survival(x.ln(), delta, delta));
                assert!((libm::exp(density.value) / (slope * over) - 1.0).abs() < 1e-6, "{model:?} at {x}");
                assert!((libm::exp(survival.value) / moved.survival(x) - 1.0).abs() < 1e-9, "{model:?} at {x}");
            }
        }
    }

    #[test]
    fn derivatives_by_the_scale_are_those_of_small_differences() {
        for model in [Severity::Gamma { shape: 0.7, scale: 40_000.0 }, spliced(0.6), spliced(-0.2)] {
            let own = Likelihood::of(&model);
            for x in [20_000.0f64, 90_000.0] {
                for term in [Likelihood::density, Likelihood::survival] {
                    let (at, h) = (|d: f64| term(&own, x.ln(), d, 0.1).value, 1e-4);
                    let jet = term(&own, x.ln(), 0.05, 0.1);
                    let (up, here, down) = (at(0.05 + h), at(0.05), at(0.05 - h));
                    assert!((jet.gradient[0] - (up - down) / (2.0 * h)).abs() < 1e-6, "{model:?} {x}");
                    assert!((jet.hessian[0][0] - (up - 2.0 * here + down) / (h * h)).abs() < 1e-4, "{model:?} {x}");
                }
            }
        }
    }

    #[test]
    fn a_loss_beyond_the_end_of_the_tail_is_as_good_as_impossible() {
        let own = Likelihood::of(&spliced(-0.2));
        assert_eq!(own.density(400_000.0f64.ln(), 0.0, 0.0), Jet::constant(NOTHING));
    }
}
