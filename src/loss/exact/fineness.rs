//! How finely the factors that insureds share are cut, and their claims told apart: as the size of the book allows.

use super::book::{Book, Claims, State};
use super::closer::Looking;
use super::grain::Grain;
use super::outage::MOST_INSUREDS;
use super::shared::{level_nodes, moments};
use super::state::RateMoments;
use crate::loss::plan::{Peril, Plan};

/// How finely the factors are cut.
#[derive(Clone, Copy, Debug)]
pub struct Fineness {
    /// Width of cells of the normal variable of hours, or of steps of that of the level.
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
    /// Of closer looks.
    pub look: Looking,
    /// Points of the mixture's grid.
    pub whole: usize,
}

impl Fineness {
    /// With which the error is looked at.
    pub fn coarser(self) -> Fineness {
        Fineness {
            width: self.width * if self.look.factors > 0 { 1.5 } else { 2.0 },
            near: self.near * 3.0,
            cells: self.cells / 2,
            rate: self.rate * 1.25,
            grain: Grain { per_doubling: self.grain.per_doubling.map(|per| per / 2.0), bend: self.grain.bend * 4.0 },
            points: (self.points.0 / 2, self.points.1 / 2),
            products: self.products / 2,
            look: self.look.coarser(),
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

/// Groups × states that are worked out at most.
const MOST_CLAIMS: usize = 25_000;

/// Claims of single probabilities up to which stretches of them are made finer than need be.
const USUAL_CLAIMS: f64 = 1.5e6;

/// Claims of one group that stretches which bend by a part `b` of their amount take, times √b: a lognormal with a sigma of two over
/// fourteen of its deviations is cut where its logarithm has risen by √(8·b), with another claim in the middle.
const CLAIMS: f64 = 20.0;

/// By which part of its amount a claim bends in a stretch, at least and at most.
const BEND: (f64, f64) = (1e-6, 1e-3);

/// Groups of one severity and the same terms that are wanted at most.
const MOST_GROUPS: usize = 1_500;

/// Points of all groups' transforms at most: half a gigabyte.
const MOST_POINTS: usize = 1 << 26;

/// Points of all groups' transforms that are soon worked out.
const USUAL_POINTS: usize = 1 << 23;

/// Factors of a closer look, and its points at least.
const LOOK: Looking = Looking { factors: 1 << 28, least: 1 << 11 };

/// Width of the steps of a level's normal variable: at least, in small books and large ones, and at most.
const WIDTHS: (f64, f64, f64) = (0.05, 0.22, 0.5);

/// The same against the deviation in it of the law that is integrated: the sum is off by 10⁻⁶.
const SMOOTH: f64 = 1.2;

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
    let grain = Grain { per_doubling: (insureds > FEW).then_some(per_doubling), bend: BEND.1 };
    let (near, cells) = if insureds > FEW { (1.5e-3, 192) } else { (1e-3, 512) };
    let points = (1 << 11, 1 << 15);
    Ok(Fineness {
        width: 0.8,
        near,
        cells,
        rate: 2.0,
        grain,
        points,
        products: USUAL_PRODUCTS,
        look: Looking { factors: 0, ..LOOK },
        whole: 1 << 20,
    })
}

fn of_severities(plan: &Plan, peril: &Peril) -> Result<Fineness, String> {
    let level = peril.shock.level;
    let mut grain = Grain { per_doubling: (plan.insureds.len() > FEW).then_some(16.0), bend: BEND.0 };
    let mut groups = Book::new(plan, peril, grain).different();
    while let Some(per) = grain.per_doubling.filter(|per| groups > MOST_GROUPS && *per > 4.0) {
        grain.per_doubling = Some(per / 2.0);
        groups = Book::new(plan, peril, grain).different();
    }
    let bend = |levels: usize| (CLAIMS * (groups * levels) as f64 / USUAL_CLAIMS).powi(2).clamp(BEND.0, BEND.1);
    grain.bend = bend(level_nodes(level, WIDTHS.2).len());
    let width = width(plan, peril, grain, if plan.insureds.len() > FEW { WIDTHS.1 } else { WIDTHS.0 });
    let levels = level_nodes(level, width).len();
    grain.bend = bend(levels);
    if groups * levels > MOST_CLAIMS {
        return Err(format!("{groups} different claims at {levels} severity levels are too many to work out exactly."));
    }
    // Few groups can afford a longer grid.
    let few = (USUAL_POINTS / groups.max(1)).next_power_of_two();
    let (least, most) = if levels == 1 { (few.clamp(1 << 14, 1 << 17), 1 << 16) } else { (1 << 11, 1 << 14) };
    let held = (MOST_POINTS / groups.max(1)).next_power_of_two().max(1 << 12);
    let points = (least.min(held), most.max(least).min(held));
    Ok(Fineness { width, near: 0.0, cells: 0, rate: 2.0, grain, points, products: 0, look: LOOK, whole: 1 << 17 })
}

/// Width of the level's steps: as the narrowest of the claims from the ground up and of the sums allows.
fn width(plan: &Plan, peril: &Peril, grain: Grain, least: f64) -> f64 {
    let level = peril.shock.level;
    if level <= 0.0 {
        return WIDTHS.2;
    }
    let state = State { weight: 1.0, hours: 0.0, level: libm::exp(-level * level / 2.0) };
    let (affected, hit) = (moments(peril.shock.affected), moments(peril.shock.hit));
    let book = Book::new(plan, peril, grain);
    let narrowest = narrowest(&book.claims(&state), (affected.0 * hit.0, affected.1 * hit.1));
    // Of a lognormal ln (1 + square of the coefficient of variation) is the variance of its logarithm.
    let variance = libm::log1p(narrowest) / (level * level);
    (SMOOTH * (variance / (1.0 + variance)).sqrt()).clamp(least, WIDTHS.2)
}

/// The least square of a coefficient of variation.
fn narrowest(claims: &Claims, by_rate: RateMoments) -> f64 {
    let of = |(mean, square): (f64, f64)| if mean > 0.0 { square / (mean * mean) - 1.0 } else { f64::INFINITY };
    let single = claims.ground_up.iter().map(|claim| of((claim.mean(|x| x), claim.mean(|x| x * x))));
    let sums = claims.moments.iter().map(|own| of(own.of_sum(by_rate)));
    single.chain(sums).fold(f64::INFINITY, f64::min).max(0.0)
}
