//! A fitted severity model with its uncertainty: what a later stage needs to draw from it.

use serde::Serialize;

use super::family::Family;
use super::model::Severity;
use crate::fit::estimate::{Link, Parameter, draw_normal};
use crate::fit::linear::Matrix;
use crate::random::Stream;

/// Parameters on the unconstrained scale with their covariance. A plain record: it can be written to a table and read back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeverityEstimate {
    /// Family.
    pub family: Family,
    /// Unconstrained parameters in the order of [`Family::parameters`]; the elasticity last, where it was estimated.
    pub at: Vec<f64>,
    /// Their covariance, by rows, from the observed information.
    pub covariance: Matrix,
    /// Threshold of the spliced model at the reference revenue, in currency units; nought for other families.
    pub threshold: f64,
    /// The elasticity where it was held fixed; nought where it plays no part.
    pub fixed_elasticity: f64,
}

impl SeverityEstimate {
    fn has_elasticity(&self) -> bool {
        self.at.len() > self.family.parameters().len()
    }

    /// ε: a loss at `r` times the reference revenue is rᵉ times as large.
    pub fn elasticity(&self) -> f64 {
        if self.has_elasticity() { self.at[self.at.len() - 1] } else { self.fixed_elasticity }
    }

    /// The model at the reference revenue.
    pub fn model(&self) -> Severity {
        self.family.model(&self.at, self.threshold)
    }

    /// The model at `revenue_ratio` times the reference revenue.
    pub fn at_revenue(&self, revenue_ratio: f64) -> Severity {
        self.model().scaled(libm::pow(revenue_ratio, self.elasticity()))
    }

    /// Parameters as people read them, with standard errors and 90 % intervals.
    pub fn parameters(&self) -> Vec<Parameter> {
        let own = self.family.parameters().iter().copied();
        let elasticity = self.has_elasticity().then_some(("elasticity", Link::Identity));
        own.chain(elasticity)
            .enumerate()
            .map(|(i, (name, link))| Parameter::new(name, link, self.at[i], self.covariance[i][i]))
            .collect()
    }

    /// The estimate with parameters drawn from their covariance and none left: parameter uncertainty for one trial. The same
    /// stream gives the same draw.
    pub fn draw(&self, stream: &mut Stream) -> SeverityEstimate {
        let n = self.at.len();
        SeverityEstimate {
            at: draw_normal(&self.at, &self.covariance, stream),
            covariance: vec![vec![0.0; n]; n],
            ..self.clone()
        }
    }
}
