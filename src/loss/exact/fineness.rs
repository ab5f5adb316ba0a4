//! How finely the factors that insureds share are cut, and their claims told apart: as the size of the book allows.

use super::book::{Book, HALVINGS};
use super::grain::Grain;
use super::outage::MOST_INSUREDS;
use super::shared::level_nodes;
use crate::loss::plan::{Peril, Plan};

/// How finely the factors are cut.
#[derive(Clone, Copy, Debug)]
pub struct Fineness {
    /// Width of cells of the normal variable of hours or level.
    pub width: f64,
    /// Distance of interpolated laws, against their mean.
    pub near: f64,
    /// Cells of probability of a law in each halving of the upper tail.
    pub cells: usize,
    /// Width of cells of the rate, in standard deviations of the sum given the rate.
    pub rate: f64,
    /// Of claims.
    pub grain: Grain,
    /// Fewest and most points of one state's grid.
    pub points: (usize, usize),
    /// Points × claims × rates of one law of an outage that are soon worked out.
    pub products: usize,
    /// Points of the mixture's grid.
    pub whole: usize,
}

impl Fineness {
    /// With which the error is looked at.
    pub fn coarser(self) -> Fineness {
        Fineness {
            width: self.width * 2.0,
            near: self.near * 3.0,
            cells: self.cells / 2,
            rate: self.rate * 1.25,
            grain: Grain {
                per_doubling: self.grain.per_doubling.map(|per| per / 2.0),
                strata: (self.grain.strata / 2).max(32),
            },
            points: (self.points.0 / 2, self.points.1 / 2),
            products: self.products / 2,
            whole: self.whole / 2,
        }
    }
}

/// Insureds up to which each is worked out on its own.
const FEW: usize = 200;

/// Insureds of whom one's own amount hardly matters.
const MANY: usize = 5_000;

/// Hours of an outage at least.
const LEAST_HOURS: f64 = 100.0;

/// Factors of an outage's transforms that are soon worked out.
const USUAL_PRODUCTS: usize = 1 << 22;

/// Claims that are worked out at most: insureds or groups × quantiles × states.
const MOST_CLAIMS: f64 = 4e7;

/// Up to which strata are made finer than need be.
const USUAL_CLAIMS: f64 = 3e6;

/// Strata of each halving of a severity's upper tail at least.
const LEAST_STRATA: usize = 64;

/// Groups of one severity and the same terms that are wanted at most.
const MOST_GROUPS: usize = 1_500;

/// Points of all groups' transforms at most: half a gigabyte.
const MOST_POINTS: usize = 1 << 26;

/// Points of all groups' transforms that are soon worked out.
const USUAL_POINTS: usize = 1 << 23;

/// As fine as the size of the book allows; or why it is too large.
///
/// # Errors
/// As a sentence for the reader.
pub fn fineness(plan: &Plan, peril: &Peril) -> Result<Fineness, String> {
    if peril.shock.outage.is_some() { of_outage(plan) } else { of_severities(plan, peril) }
}

fn of_outage(plan: &Plan) -> Result<Fineness, String> {
    let insureds = plan.insureds.len();
    if insureds as f64 * LEAST_HOURS > MOST_INSUREDS {
        return Err(format!("{insureds} insureds are too many to work an outage out exactly."));
    }
    let per_doubling = if insureds > MANY { 8.0 } else { 16.0 };
    let grain = Grain { per_doubling: (insureds > FEW).then_some(per_doubling), strata: 1 };
    let (near, cells) = if insureds > FEW { (1.5e-3, 192) } else { (1e-3, 512) };
    let points = (1 << 11, 1 << 15);
    Ok(Fineness { width: 0.8, near, cells, rate: 2.0, grain, points, products: USUAL_PRODUCTS, whole: 1 << 20 })
}

fn of_severities(plan: &Plan, peril: &Peril) -> Result<Fineness, String> {
    let width = 0.5;
    let levels = level_nodes(peril.shock.level, width).len();
    let mut grain = Grain { per_doubling: (plan.insureds.len() > FEW).then_some(16.0), strata: 4_096 };
    let mut groups = Book::new(plan, peril, grain).different();
    while let Some(per) = grain.per_doubling.filter(|per| groups > MOST_GROUPS && *per > 4.0) {
        grain.per_doubling = Some(per / 2.0);
        groups = Book::new(plan, peril, grain).different();
    }
    let claims = |strata: usize| (groups * levels * strata) as f64 * HALVINGS as f64;
    while grain.strata > LEAST_STRATA && claims(grain.strata) > USUAL_CLAIMS {
        grain.strata /= 2;
    }
    if claims(grain.strata) > MOST_CLAIMS {
        return Err(format!("{groups} different claims at {levels} severity levels are too many to work out exactly."));
    }
    // Few groups can afford a longer grid.
    let few = (USUAL_POINTS / groups.max(1)).next_power_of_two();
    let (least, most) = if levels == 1 { (few.clamp(1 << 14, 1 << 17), 1 << 16) } else { (1 << 11, 1 << 14) };
    let held = (MOST_POINTS / groups.max(1)).next_power_of_two().max(1 << 12);
    let points = (least.min(held), most.max(least).min(held));
    Ok(Fineness { width, near: 0.0, cells: 0, rate: 2.0, grain, points, products: 0, whole: 1 << 17 })
}
