//! The sum over a book, given everything that insureds share but the rate at which they are hit.
//!
//! At each frequency the transform is Σ_r w·Π (1 + r·p·z)ⁿ over cells of n insureds with one claim and probability p. Likely
//! ones are multiplied as they stand. A product whose modulus has become negligible is left alone: of a book with many hits
//! only the lowest frequencies are alive, so that the cost follows neither the length of the grid nor the number of insureds.
//! Of unlikely ones the logarithm is a short series in r, ln Π (1 + r·p·z)ⁿ = Σ_m (−1)^(m+1) ÷ m · r^m · Σ n·p^m·z^m, whose sums
//! serve all rates.

use rayon::prelude::*;

use super::complex::Complex;
use super::fourier::Fourier;
use super::grid::Grid;
use super::quadrature::Node;

/// Square of the modulus below which a product is nought: 10⁻¹⁶, which the tilt raises to at most 2·10⁻¹².
const NEGLIGIBLE: f64 = 1e-32;

/// The same for the logarithm of the modulus.
const LN_NEGLIGIBLE: f64 = -36.9;

/// Parts between two looks at whether anything is left.
const LOOK: usize = 8;

/// Claims of so few amounts are transformed by their definition.
const FEW: usize = 4;

/// So few cells are soon multiplied: the exponential of a series would take longer.
const FEW_CELLS: usize = 24;

/// Insureds with one probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Of being hit where the shared rate is one.
    pub probability: f64,
    /// How many.
    pub insureds: u64,
}

/// Insureds with one distribution of claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claim {
    /// Amounts in currency units, each with its probability.
    pub amounts: Vec<(f64, f64)>,
    /// Whether each amount's probability lies evenly between the one before it and itself; amounts rise then, and the first has none.
    pub spread: bool,
    /// Insureds by probability of being hit.
    pub cells: Vec<Cell>,
}

impl Claim {
    /// E f(X).
    pub fn mean(&self, f: impl Fn(f64) -> f64) -> f64 {
        let even = |from: f64, to: f64| {
            // Gauss's rule of two nodes.
            let (middle, off) = ((from + to) / 2.0, (to - from) * (0.5 / 3f64.sqrt()));
            (f(middle - off) + f(middle + off)) / 2.0
        };
        self.pieces().map(|(from, to, weight)| weight * if from == to { f(to) } else { even(from, to) }).sum()
    }

    /// Between which amounts probabilities lie.
    fn pieces(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let from = |at: usize| self.amounts[if self.spread { at.saturating_sub(1) } else { at }].0;
        self.amounts.iter().enumerate().map(move |(at, (to, weight))| (from(at), *to, *weight))
    }

    /// Expected number of hits where the rate is one.
    pub fn hits(&self) -> f64 {
        self.cells.iter().map(|cell| cell.probability * cell.insureds as f64).sum()
    }

    /// The largest amount.
    pub fn largest(&self) -> f64 {
        self.amounts.iter().map(|(amount, _)| *amount).fold(0.0, f64::max)
    }
}

/// A sum on a grid of its own.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// The grid.
    pub grid: Grid,
    /// Probabilities of its amounts.
    pub mass: Vec<f64>,
    /// P(no loss).
    pub nothing: f64,
    /// Mean of the claims as they are on the grid.
    pub mean: f64,
}

impl Conditional {
    /// The sum of `claims` at these rates, which rise.
    pub fn of(grid: Grid, claims: &[Claim], rates: &[Node]) -> Conditional {
        let fourier = Fourier::new(grid.points);
        let parts = Part::all(&fourier, grid, claims, rates, false);
        let mass = mass(&fourier, &parts, rates);
        let pays = |part: &Part| Complex::real(-part.pays);
        let nothing = Sums::of(rates, &parts, |part, _| pays(part)).mixed(&mut Vec::new(), rates, &parts, pays, 0).re;
        let rate: f64 = rates.iter().map(|node| node.weight * node.value).sum();
        let mean = rate * claims.iter().map(|claim| claim.hits() * claim.mean(|x| x.min(grid.top()))).sum::<f64>();
        Conditional { grid, mass, nothing, mean }
    }
}

/// Probabilities of the amounts of a grid that the sum has without larger claims.
pub fn below(fourier: &Fourier, grid: Grid, claims: &[Claim], rates: &[Node]) -> Vec<f64> {
    mass(fourier, &Part::all(fourier, grid, claims, rates, true), rates)
}

fn mass(fourier: &Fourier, parts: &[Part], rates: &[Node]) -> Vec<f64> {
    let last = fourier.frequencies() - 1;
    let at = |alive: &mut Vec<Product>, block: usize| {
        let z = |part: &Part, lane: usize| part.spectrum.at(fourier, (block * LANES + lane).min(last)) - Complex::ONE;
        let sums = Sums::of(rates, parts, z);
        std::array::from_fn::<Complex, LANES, _>(|lane| sums.mixed(alive, rates, parts, |part| z(part, lane), lane))
    };
    let blocks = (0..last / LANES + 1).into_par_iter().with_min_len(16);
    let transform: Vec<[Complex; LANES]> = blocks.map_init(Vec::new, at).collect();
    let mut transform = transform.into_flattened();
    transform.truncate(fourier.frequencies());
    fourier.to_mass(transform)
}

/// Whether unlikely ones of these go by the series.
pub fn by_series(claims: &[Claim]) -> bool {
    claims.iter().map(|claim| claim.cells.len()).sum::<usize>() > FEW_CELLS
}

/// A product at one of the rates.
struct Product {
    rate: f64,
    weight: f64,
    so_far: Complex,
}

/// Insureds with one claim, as the product meets them.
struct Part {
    spectrum: Spectrum,
    /// P(loss).
    pays: f64,
    likely: Vec<Cell>,
    /// (−1)^(m+1) ÷ m · Σ n·p^m over unlikely ones, m from 1.
    series: Vec<f64>,
}

/// r·p up to which an insured is unlikely: as |z| is at most two, each term is at most a quarter of the one before it.
pub const UNLIKELY: f64 = 0.125;

/// The first term left out of a series, against its first. Where a product is not negligible, |Σ q·Re z| is at most 37 and
/// |z|² at most −2·Re z, so that a logarithm misses less than 10⁻⁸.
const LEFT_OUT: f64 = 1e-10;

/// Terms of a series, at most.
const TERMS: usize = 32;

impl Part {
    /// Of all claims, those with the most hits first; `cut`: without those beyond the grid's end.
    fn all(fourier: &Fourier, grid: Grid, claims: &[Claim], rates: &[Node], cut: bool) -> Vec<Part> {
        let mut order: Vec<(f64, &Claim)> = claims.iter().map(|claim| (claim.hits(), claim)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let highest = rates.iter().map(|node| node.value).fold(0.0, f64::max);
        let series = by_series(claims);
        let one = |(_, claim): &(f64, &Claim)| Part {
            spectrum: Spectrum::of(fourier, grid, claim, cut),
            ..Part::of(claim, (highest, series))
        };
        order.par_iter().map(one).collect()
    }

    /// `series`: whether unlikely ones go by the series.
    fn of(claim: &Claim, (highest, series): (f64, bool)) -> Part {
        let (unlikely, likely): (Vec<Cell>, Vec<Cell>) =
            claim.cells.iter().partition(|cell| series && cell.probability * highest <= UNLIKELY);
        let reach = 2.0 * highest * unlikely.iter().map(|cell| cell.probability).fold(0.0, f64::max);
        let terms = if reach > 0.0 { (libm::log(LEFT_OUT) / libm::log(reach)).ceil().max(1.0) as usize } else { 0 };
        let term = |m: usize| {
            let power = |cell: &Cell| cell.insureds as f64 * libm::pow(cell.probability, m as f64);
            let sign = if m % 2 == 1 { 1.0 } else { -1.0 };
            sign / m as f64 * unlikely.iter().map(power).sum::<f64>()
        };
        Part {
            spectrum: Spectrum::Whole(Vec::new()),
            pays: claim.mean(|x| if x > 0.0 { 1.0 } else { 0.0 }),
            likely,
            series: (1..=terms.min(TERMS)).map(term).collect(),
        }
    }
}

/// Frequencies that are added up at once, so that they don't wait for each other.
const LANES: usize = 4;

/// The series of all unlikely insureds, at some frequencies.
struct Sums {
    sums: [[Complex; LANES]; TERMS],
    terms: usize,
}

impl Sums {
    /// As |1 + z| is at most one, |1 + q·z| falls as q rises up to a half: where unlikely insureds make a product negligible at
    /// the lowest rate, they do so at every rate, and what is left out changes nothing.
    fn of(rates: &[Node], parts: &[Part], z: impl Fn(&Part, usize) -> Complex) -> Sums {
        let mut all = Sums { sums: [[Complex::default(); LANES]; TERMS], terms: 0 };
        let lowest = rates.first().map_or(0.0, |node| node.value);
        for (number, part) in parts.iter().filter(|part| !part.series.is_empty()).enumerate() {
            let z: [Complex; LANES] = std::array::from_fn(|lane| z(part, lane));
            let mut power = z;
            for (sum, term) in all.sums.iter_mut().zip(&part.series) {
                for lane in 0..LANES {
                    sum[lane] += power[lane].scale(*term);
                    power[lane] = power[lane] * z[lane];
                }
            }
            all.terms = all.terms.max(part.series.len());
            let gone = |lane: usize| all.logarithm(lowest, lane).re < LN_NEGLIGIBLE;
            if number % LOOK == LOOK - 1 && (0..LANES).all(gone) {
                break;
            }
        }
        all
    }

    fn logarithm(&self, rate: f64, lane: usize) -> Complex {
        let terms = self.sums[..self.terms].iter().rev();
        terms.fold(Complex::default(), |sum, term| (sum + term[lane]).scale(rate))
    }

    /// Whether the product is negligible at every rate: |1 + q·z|² is a parabola in q that opens upwards, so that between two
    /// rates no factor is larger than at one of them.
    fn negligible(&self, rates: &[Node], parts: &[Part], z: impl Fn(&Part) -> Complex, lane: usize) -> bool {
        let ([first, _, ..], Some(last)) = (rates, rates.last()) else { return false };
        // Of unlikely insureds the factors fall as the rate rises.
        let mut bound = libm::exp(2.0 * self.logarithm(first.value, lane).re);
        for part in parts.iter().filter(|part| !part.likely.is_empty()) {
            if bound <= NEGLIGIBLE {
                return true;
            }
            let z = z(part);
            for cell in &part.likely {
                let at = |rate: f64| (Complex::ONE + z.scale(rate * cell.probability)).square();
                let most = at(first.value).max(at(last.value));
                bound *= if cell.insureds == 1 { most } else { Complex::real(most).power(cell.insureds).re };
            }
        }
        bound <= NEGLIGIBLE
    }

    /// Σ w·Π (1 + r·p·z)ⁿ over likely insureds, times the series.
    fn mixed(
        &self,
        alive: &mut Vec<Product>,
        rates: &[Node],
        parts: &[Part],
        z: impl Fn(&Part) -> Complex,
        lane: usize,
    ) -> Complex {
        alive.clear();
        if self.negligible(rates, parts, &z, lane) {
            return Complex::default();
        }
        for node in rates {
            let logarithm = self.logarithm(node.value, lane);
            if logarithm.re < LN_NEGLIGIBLE {
                break;
            }
            let so_far = if self.terms == 0 { Complex::ONE } else { logarithm.exp() };
            alive.push(Product { rate: node.value, weight: node.weight, so_far });
        }
        for part in parts.iter().filter(|part| !part.likely.is_empty()) {
            if alive.is_empty() {
                break;
            }
            let z = z(part);
            alive.iter_mut().for_each(|product| product.multiply(&part.likely, z));
            alive.retain(|product| product.so_far.square() > NEGLIGIBLE);
        }
        alive.iter().fold(Complex::default(), |sum, product| sum + product.so_far.scale(product.weight))
    }
}

impl Product {
    fn multiply(&mut self, cells: &[Cell], z: Complex) {
        for cell in cells {
            let factor = Complex::ONE + z.scale(self.rate * cell.probability);
            let power = if cell.insureds == 1 { factor } else { factor.power(cell.insureds) };
            self.so_far = self.so_far * power;
        }
    }
}

/// The transform of one claim.
enum Spectrum {
    /// Points of the grid with their tilted probabilities.
    Points(Vec<(usize, f64)>),
    /// Every frequency.
    Whole(Vec<Complex>),
}

impl Spectrum {
    fn of(fourier: &Fourier, grid: Grid, claim: &Claim, cut: bool) -> Spectrum {
        if claim.spread || claim.amounts.len() > FEW {
            let mut mass = vec![0.0; grid.points];
            claim.pieces().for_each(|(from, to, weight)| grid.spread(&mut mass, (from, to), weight, cut));
            return Spectrum::Whole(fourier.of_mass(&mass));
        }
        let split = |(amount, weight): &(f64, f64)| grid.split(*amount).map(|(j, part)| (j, weight * part));
        let points = claim.amounts.iter().flat_map(split).filter(|(_, weight)| *weight > 0.0);
        Spectrum::Points(points.map(|(j, weight)| (j, weight * fourier.tilt(j))).collect())
    }

    fn at(&self, fourier: &Fourier, k: usize) -> Complex {
        match self {
            Spectrum::Points(points) => {
                points.iter().fold(Complex::default(), |sum, (j, weight)| sum + fourier.turn(j * k).scale(*weight))
            }
            Spectrum::Whole(values) => values[k],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::exact::{GridDistribution, Risk, beta_nodes, scenario};

    /// The same book as independent insureds of `scenario`: point claims and spread ones, rare and nearly certain.
    #[test]
    fn it_is_what_the_series_gives() {
        let grid = Grid::new(100.0, 1 << 10).unwrap();
        let spread: Vec<(f64, f64)> = (1..=10).map(|j| (f64::from(j) * 130.0, 0.1)).collect();
        let amounts = [vec![(250.0, 1.0)], vec![(0.0, 0.3), (1_330.0, 0.7)], spread];
        let cells = [vec![(0.9, 3), (0.5, 1)], vec![(0.02, 40)], vec![(1.0, 2), (0.3, 5)]];
        let cell = |(probability, insureds): &(f64, u64)| Cell { probability: *probability, insureds: *insureds };
        let cells = cells.map(|own| own.iter().map(cell).collect::<Vec<Cell>>());
        let claims: Vec<Claim> =
            amounts.into_iter().zip(cells).map(|(amounts, cells)| Claim { amounts, spread: false, cells }).collect();
        let rates = beta_nodes(12, 2.0, 3.0);
        let own = Conditional::of(grid, &claims, &rates);
        let distributions: Vec<GridDistribution> = claims
            .iter()
            .map(|claim| {
                let mut mass = vec![0.0; grid.points];
                claim.amounts.iter().for_each(|(x, w)| grid.put(&mut mass, *x, *w));
                let nothing = claim.mean(|x| f64::from(u8::from(x == 0.0)));
                GridDistribution { grid, mass, mean: claim.mean(|x| x), nothing }
            })
            .collect();
        let risks: Vec<Risk> = claims
            .iter()
            .zip(&distributions)
            .flat_map(|(claim, of)| claim.cells.iter().map(move |cell| (cell, of)))
            .flat_map(|(cell, claim)| vec![Risk { probability: cell.probability, claim }; cell.insureds as usize])
            .collect();
        let other = scenario(&risks, &rates).unwrap();
        let mut upto = 0.0;
        for (j, mass) in own.mass.iter().enumerate() {
            upto += mass;
            assert!((upto - other.cdf(j as f64 * grid.step)).abs() < 1e-10, "{j}");
        }
        assert!((own.nothing - other.probability_of_nothing()).abs() < 1e-12);
        assert!((own.mean / other.mean() - 1.0).abs() < 1e-12);
    }

    /// Four hundred insureds of 1 that are all likely, at rates of 0.02 and 0.9 with a half each: where the product is negligible
    /// at the one rate it is not at the other, and both binomials are there.
    #[test]
    fn what_is_negligible_at_one_rate_counts_at_another() {
        let grid = Grid::new(1.0, 512).unwrap();
        let claim =
            Claim { amounts: vec![(1.0, 1.0)], spread: false, cells: vec![Cell { probability: 1.0, insureds: 400 }] };
        let rates = [0.02, 0.9].map(|value| Node { value, weight: 0.5 });
        let own = Conditional::of(grid, &[claim], &rates);
        let binomial = |q: f64| {
            let next = |mass: &mut f64, k: u32| {
                let now = *mass;
                *mass += f64::from(400 - k).ln() - f64::from(k + 1).ln() + (q / (1.0 - q)).ln();
                Some(now.exp())
            };
            (0..=400).scan(400.0 * (1.0 - q).ln(), next).collect::<Vec<f64>>()
        };
        for (k, (few, many)) in binomial(0.02).iter().zip(binomial(0.9)).enumerate() {
            assert!((own.mass[k] - (few + many) / 2.0).abs() < 1e-10, "{k}: {} {few} {many}", own.mass[k]);
        }
    }

    /// The same at rates of a half and of one, where all are hit for certain: next to nothing is left at the lower rate, all at the higher.
    #[test]
    fn what_is_negligible_at_the_lowest_rate_counts_at_the_highest() {
        let grid = Grid::new(1.0, 512).unwrap();
        let claim =
            Claim { amounts: vec![(1.0, 1.0)], spread: false, cells: vec![Cell { probability: 1.0, insureds: 400 }] };
        let own = Conditional::of(grid, &[claim], &[0.5, 1.0].map(|value| Node { value, weight: 0.5 }));
        let (below, at): (f64, f64) = (own.mass[..300].iter().sum(), own.mass[400]);
        assert!((below - 0.5).abs() < 1e-9 && (at - 0.5).abs() < 1e-9, "{below} {at}");
    }
}
