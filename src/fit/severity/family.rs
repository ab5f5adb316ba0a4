//! Which families there are, what their parameters are called and how they become a model.

use serde::Serialize;

use super::model::Severity;
use super::scaled::Limits;
use crate::fit::estimate::Link;

/// A family of severity models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Lognormal.
    Lognormal,
    /// Gamma.
    Gamma,
    /// Weibull.
    Weibull,
    /// Pareto of two parameters (type II, Lomax).
    Pareto,
    /// Lognormal body, generalised Pareto tail.
    Spliced,
}

impl Family {
    /// All of them.
    pub const ALL: [Family; 5] = [Family::Lognormal, Family::Gamma, Family::Weibull, Family::Pareto, Family::Spliced];

    /// The word for tables and options.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Lognormal => "lognormal",
            Family::Gamma => "gamma",
            Family::Weibull => "weibull",
            Family::Pareto => "pareto",
            Family::Spliced => "spliced",
        }
    }

    /// The family of a word of [`Family::as_str`].
    pub fn parse(word: &str) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.as_str() == word)
    }

    /// Names and links of the parameters, elasticity left out: how the unconstrained scale becomes the one people read.
    pub fn parameters(self) -> &'static [(&'static str, Link)] {
        match self {
            Family::Lognormal => &[("mu", Link::Identity), ("sigma", Link::Log)],
            Family::Gamma | Family::Weibull | Family::Pareto => &[("scale", Link::Log), ("shape", Link::Log)],
            Family::Spliced => &[
                ("mu", Link::Identity),
                ("sigma", Link::Log),
                ("body_share", Link::Logit),
                ("tail_scale", Link::Log),
                ("tail_shape", Link::Identity),
            ],
        }
    }

    /// The model at unconstrained parameters; `threshold` in currency units, of the spliced model only. Draws far from the
    /// estimate are held where the model still has numbers.
    pub fn model(self, at: &[f64], threshold: f64) -> Severity {
        let exp = |which: usize| libm::exp(at[which].clamp(-300.0, 300.0));
        match self {
            Family::Lognormal => Severity::Lognormal { mu: at[0], sigma: exp(1) },
            Family::Gamma => Severity::Gamma { scale: exp(0), shape: libm::exp(at[1].clamp(-9.0, 12.0)) },
            Family::Weibull => Severity::Weibull { scale: exp(0), shape: libm::exp(at[1].clamp(-6.0, 9.0)) },
            Family::Pareto => Severity::Pareto { scale: exp(0), shape: libm::exp(at[1].clamp(-9.0, 12.0)) },
            Family::Spliced => Severity::Spliced {
                mu: at[0],
                sigma: exp(1),
                threshold,
                body_share: Link::Logit.natural(at[2].clamp(-30.0, 30.0)),
                tail_scale: exp(3),
                tail_shape: at[4],
            },
        }
    }

    /// Where the search gives up, and what lies beyond.
    pub(super) fn limits(self) -> Limits {
        const EQUAL: &str = "a model without spread";
        match self {
            Family::Gamma => Limits {
                names: ["ln scale", "ln shape"],
                low: (-6.0, "a gamma of shape nought: the tail is a power law cut off, and the body is hidden"),
                high: (11.0, EQUAL),
            },
            Family::Weibull => Limits {
                names: ["ln scale", "ln shape"],
                low: (-4.5, "a Weibull of shape nought: the tail is a power law"),
                high: (8.0, EQUAL),
            },
            Family::Pareto => Limits {
                names: ["ln scale", "ln shape"],
                low: (-6.0, "a Pareto of index nought"),
                high: (8.0, "the exponential: the tail is no heavier, so a Pareto has no place"),
            },
            Family::Lognormal | Family::Spliced => Limits {
                names: ["mu", "ln sigma"],
                low: (-9.0, EQUAL),
                high: (4.5, "a lognormal without bound: the tail is a power law"),
            },
        }
    }
}
