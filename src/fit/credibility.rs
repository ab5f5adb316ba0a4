//! Credibility: how far a segment's own experience counts against its parent's.
//!
//! Bühlmann and Straub's model: observations X_it with exposure w_it, mean μ(Θ_i) and variance v ÷ w_it given the segment's Θ_i;
//! a is the variance of the segments' means. The best linear estimate is Z·X̄_i + (1 − Z)·μ̂ with Z = w_i ÷ (w_i + v ÷ a). The
//! structure parameters are estimated without bias (H. Bühlmann, E. Straub, *Glaubwürdigkeit für Schadensätze*, 1970; S. A.
//! Klugman, H. H. Panjer, G. E. Willmot: *Loss Models*, 4th ed., 2012, section 19.3):
//!
//! v̂ = Σ w_it·(X_it − X̄_i)² ÷ Σ (n_i − 1),  â = (Σ w_i·(X̄_i − X̄)² − (I − 1)·v̂) ÷ (w − Σ w_i² ÷ w), at least nought.
//!
//! With a tree of two levels (W. S. Jewell, 1975) the same is done twice: segments pull to their parent and parents to the
//! whole, with a pooled over parents and b, the variance of parents, from means weighted by credibility (E. Ohlsson, *Simplified
//! estimation of structure parameters in hierarchical credibility*, Scandinavian Actuarial Journal, 2008).

use serde::Serialize;

use super::refusal::Refusal;

/// A value and its exposure: claims ÷ policy-years and policy-years of one segment and year, say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Value per unit of exposure.
    pub value: f64,
    /// Exposure, above nought.
    pub weight: f64,
}

/// Where v, the variance within a segment per unit of exposure, comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Within {
    /// From the spread between periods of a segment.
    Spread,
    /// It is the collective mean: rates of Poisson counts (semiparametric, *Loss Models* section 19.4). One period is enough.
    Poisson,
    /// Known from elsewhere: the dispersion of a frequency model, say.
    Given(f64),
}

/// What segments are pulled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centre {
    /// The mean weighted by credibility, Σ Z·X̄_i ÷ Σ Z: estimates times exposure then sum to what was observed.
    Balanced,
    /// The mean weighted by exposure.
    Exposure,
}

/// A segment's estimate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Member {
    /// Own mean; the centre where there is no experience.
    pub mean: f64,
    /// Exposure.
    pub weight: f64,
    /// Z: the weight of the own mean.
    pub credibility: f64,
    /// Z·mean + (1 − Z)·centre.
    pub estimate: f64,
}

/// Segments of one parent, with the structure parameters that weigh them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Credibility {
    /// v̂: variance within a segment, per unit of exposure.
    pub within: f64,
    /// â: variance between segments, at least nought.
    pub between: f64,
    /// â before it was cut off at nought: what is below says that segments differ less than chance has it.
    pub between_unbounded: f64,
    /// What segments are pulled to.
    pub centre: f64,
    /// Segments in the order given.
    pub members: Vec<Member>,
}

/// Sums of one segment.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    weight: f64,
    mean: f64,
    squares: f64,
    freedom: f64,
}

/// Credibility of segments, each with its observations; a segment may have none.
///
/// # Errors
/// [`Refusal::NoData`] where no segment has an observation, [`Refusal::TooFew`] where v is to come from the spread and no
/// segment has two, [`Refusal::Invalid`] for a value or weight that isn't a number.
pub fn buhlmann_straub(segments: &[Vec<Observation>], within: Within, centre: Centre) -> Result<Credibility, Refusal> {
    let sums = sums(segments)?;
    let within = within_of(&sums, within)?;
    let between_unbounded = between_of([sums.as_slice()].into_iter(), within);
    let between = between_unbounded.max(0.0);
    let z = |sums: &Sums| credibility(sums.weight, within, between);
    let weigh = |sums: &Sums| if centre == Centre::Balanced && between > 0.0 { z(sums) } else { sums.weight };
    let centre = mean(sums.iter().map(|s| (s.mean, weigh(s))));
    let members = sums.iter().map(|s| member(s, z(s), centre)).collect();
    Ok(Credibility { within, between, between_unbounded, centre, members })
}

/// Credibility over two levels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hierarchy {
    /// b̂: variance between parents, at least nought.
    pub between_parents: f64,
    /// The mean of all, weighted by the parents' credibility.
    pub centre: f64,
    /// Parents as members of the whole; `weight` is the sum of their segments' credibilities.
    pub parents: Vec<Member>,
    /// Segments of each parent, pulled to the parent's estimate; v̂ and â are the same in all.
    pub segments: Vec<Credibility>,
}

/// Credibility of segments within parents within the whole.
///
/// # Errors
/// As [`buhlmann_straub`].
pub fn hierarchical(parents: &[Vec<Vec<Observation>>], within: Within) -> Result<Hierarchy, Refusal> {
    let all: Vec<Vec<Observation>> = parents.iter().flatten().cloned().collect();
    let flat = sums(&all)?;
    let within = within_of(&flat, within)?;
    let mut rest = flat.as_slice();
    let groups: Vec<&[Sums]> = parents
        .iter()
        .map(|parent| {
            let (own, others) = rest.split_at(parent.len());
            rest = others;
            own
        })
        .collect();
    let between_unbounded = between_of(groups.iter().copied(), within);
    let between = between_unbounded.max(0.0);
    let z = |s: &Sums| credibility(s.weight, within, between);
    // Where segments don't differ a parent's mean is that of its exposure, and its variance v ÷ exposure.
    let of_parent = |own: &&[Sums]| {
        let weigh = |s: &Sums| if between > 0.0 { z(s) } else { s.weight };
        Sums {
            weight: own.iter().map(weigh).sum(),
            mean: mean(own.iter().map(|s| (s.mean, weigh(s)))),
            ..Sums::default()
        }
    };
    let tops: Vec<Sums> = groups.iter().map(of_parent).collect();
    let variance = if between > 0.0 { between } else { within };
    let between_parents = between_of([tops.as_slice()].into_iter(), variance).max(0.0);
    let q = |s: &Sums| credibility(s.weight, variance, between_parents);
    let centre = mean(tops.iter().map(|s| (s.mean, if between_parents > 0.0 { q(s) } else { s.weight })));
    let tops: Vec<Member> = tops.iter().map(|s| member(s, q(s), centre)).collect();
    let below = |(own, top): (&&[Sums], &Member)| Credibility {
        within,
        between,
        between_unbounded,
        centre: top.estimate,
        members: own.iter().map(|s| member(s, z(s), top.estimate)).collect(),
    };
    let segments = groups.iter().zip(&tops).map(below).collect();
    Ok(Hierarchy { between_parents, centre, parents: tops, segments })
}

/// Z = w ÷ (w + v ÷ a).
fn credibility(weight: f64, within: f64, between: f64) -> f64 {
    if weight <= 0.0 || between <= 0.0 { 0.0 } else { weight * between / (weight * between + within) }
}

fn member(s: &Sums, z: f64, centre: f64) -> Member {
    let mean = if s.weight > 0.0 { s.mean } else { centre };
    Member { mean, weight: s.weight, credibility: z, estimate: z * mean + (1.0 - z) * centre }
}

fn mean(rows: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, weight) = rows.fold((0.0, 0.0), |(sum, weight), (x, w)| (sum + w * x, weight + w));
    if weight > 0.0 { sum / weight } else { 0.0 }
}

fn sums(segments: &[Vec<Observation>]) -> Result<Vec<Sums>, Refusal> {
    for (row, o) in segments.iter().flatten().enumerate() {
        if !(o.weight.is_finite() && o.weight > 0.0) {
            return Err(Refusal::Invalid { row, field: "exposure", value: o.weight, rule: "and must be above nought" });
        }
        if !o.value.is_finite() {
            return Err(Refusal::Invalid { row, field: "value", value: o.value, rule: "and must be a number" });
        }
    }
    if segments.iter().all(Vec::is_empty) {
        return Err(Refusal::NoData);
    }
    let of = |own: &Vec<Observation>| {
        let mean = mean(own.iter().map(|o| (o.value, o.weight)));
        Sums {
            weight: own.iter().map(|o| o.weight).sum(),
            mean,
            squares: own.iter().map(|o| o.weight * (o.value - mean) * (o.value - mean)).sum(),
            freedom: (own.len() as f64 - 1.0).max(0.0),
        }
    };
    Ok(segments.iter().map(of).collect())
}

fn within_of(sums: &[Sums], within: Within) -> Result<f64, Refusal> {
    match within {
        Within::Given(v) if v.is_finite() && v >= 0.0 => Ok(v),
        Within::Given(value) => {
            Err(Refusal::Invalid { row: 0, field: "variance within", value, rule: "and must be nought or more" })
        }
        Within::Poisson => Ok(mean(sums.iter().map(|s| (s.mean, s.weight)))),
        Within::Spread => {
            let freedom: f64 = sums.iter().map(|s| s.freedom).sum();
            if freedom < 1.0 {
                return Err(Refusal::TooFew { distinct: 1, needed: 2 });
            }
            Ok(sums.iter().map(|s| s.squares).sum::<f64>() / freedom)
        }
    }
}

/// â pooled over groups of segments; nought where no group has two segments.
fn between_of<'a>(groups: impl Iterator<Item = &'a [Sums]>, within: f64) -> f64 {
    let (mut spread, mut size) = (0.0, 0.0);
    for group in groups {
        let known: Vec<&Sums> = group.iter().filter(|s| s.weight > 0.0).collect();
        let weight: f64 = known.iter().map(|s| s.weight).sum();
        if known.len() < 2 {
            continue;
        }
        let centre = mean(known.iter().map(|s| (s.mean, s.weight)));
        spread += known.iter().map(|s| s.weight * (s.mean - centre) * (s.mean - centre)).sum::<f64>();
        spread -= (known.len() as f64 - 1.0) * within;
        size += weight - known.iter().map(|s| s.weight * s.weight).sum::<f64>() / weight;
    }
    if size > 0.0 { spread / size } else { 0.0 }
}

#[cfg(test)]
mod tests;
