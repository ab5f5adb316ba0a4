//! Exact losses of small books whose severities have a level, against closed forms for one insured and plain convolution for a few.
//!
//! The convolution is on a grid of its own for each loss that is looked at, up to a quarter above it; the level is integrated by
//! the trapezoidal rule, and the rate exactly: what hits of so many insureds have as probability is a polynomial in it, whose
//! moments are closed forms. Nothing of the crate is used but for the book.

use blastradius::catalogue::Distribution;
use blastradius::loss::exact::{ExactLoss, ExactLosses, exact_losses};
use blastradius::loss::severity::CappedLognormal;
use blastradius::loss::{GroundUp, Insured, Layer, Mode, Parameters, Peril, Plan, Risk, Shock, Simulation};
use blastradius::money::Cents;
use blastradius::portfolio::{Coverage, Terms};

const PERIODS: [f64; 11] = [2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 250.0, 500.0, 1_000.0];

/// A tenth of a per cent.
const NEAR: f64 = 1e-3;

/// Insureds that are alike.
#[derive(Clone, Copy)]
struct Alike {
    count: usize,
    probability: f64,
    severity: CappedLognormal,
    retention: f64,
    limit: f64,
}

/// What is wanted of a book.
struct Case {
    name: &'static str,
    affected: Distribution,
    hit: Distribution,
    level: f64,
    groups: Vec<Alike>,
}

/// Bands of severities: median 200,000, 400,000 and 3,000,000.
fn band(at: usize) -> CappedLognormal {
    let (median, ratio, cap) = [(2e5, 10.0, 5e6), (4e5, 15.0, 2e7), (3e6, 8.0, 4e7)][at];
    CappedLognormal { mu: f64::ln(median), sigma: f64::ln(ratio) / 1.644_853_626_951_472_2, cap }
}

fn alike(count: usize, probability: f64, at: usize) -> Alike {
    Alike { count, probability, severity: band(at), retention: 0.0, limit: f64::INFINITY }
}

fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

impl Alike {
    fn with(self, retention: f64, limit: f64) -> Alike {
        Alike { retention, limit, ..self }
    }

    /// The most that is paid.
    fn most(&self, gross: bool) -> f64 {
        let cap = self.severity.cap;
        if gross { (cap - self.retention).min(self.limit) } else { cap }
    }

    /// P(claim ≤ y), of a severity that is wider by `spread` where it is over a level of that sigma, and times exp(`shift`).
    fn cdf(&self, y: f64, gross: bool, shift: f64, spread: f64) -> f64 {
        if y >= self.most(gross) {
            return 1.0;
        }
        let x = y + if gross { self.retention } else { 0.0 };
        let CappedLognormal { mu, sigma, .. } = self.severity;
        if x <= 0.0 { 0.0 } else { phi((x.ln() - mu - shift) / sigma.hypot(spread)) }
    }

    /// E min(claim, y) in the same way: of a lognormal's layer (*Loss Models*, 4th ed., appendix A.5.1).
    fn limited(&self, y: f64, gross: bool, shift: f64, spread: f64) -> f64 {
        let CappedLognormal { mu, sigma, .. } = self.severity;
        let (mu, sigma) = (mu + shift, sigma.hypot(spread));
        let below = |x: f64| {
            let z = (x.ln() - mu) / sigma;
            if x <= 0.0 { 0.0 } else { (mu + sigma * sigma / 2.0).exp() * phi(z - sigma) + x * phi(-z) }
        };
        let from = if gross { self.retention } else { 0.0 };
        below(from + y.min(self.most(gross))) - below(from)
    }
}

impl Case {
    fn exact(&self) -> ExactLosses {
        let cents = |x: f64| if x.is_finite() { Cents::from_units(x).unwrap() } else { Cents::UNLIMITED };
        let shock = Shock { affected: self.affected, hit: self.hit, outage: None, level: self.level };
        let responding = vec![(Coverage::IncidentResponse, 0.6), (Coverage::Liability, 0.4)];
        let peril = Peril { id: "made".into(), vendor: String::new(), key: 5, shock, frequency: None, responding };
        let each = self.groups.iter().flat_map(|group| std::iter::repeat_n(group, group.count));
        let insured = |(at, own): (usize, &Alike)| {
            let ground_up = GroundUp::Severity { severity: own.severity, rate: 1.0 };
            let terms = Terms { retention: cents(own.retention), limit: cents(own.limit), ..Terms::default() };
            Insured {
                key: at as u64 + 1,
                risks: vec![Risk { peril: 0, probability: own.probability, ground_up }],
                layers: vec![Layer { policy: at as u32, terms }],
            }
        };
        let insureds: Vec<Insured> = each.enumerate().map(insured).collect();
        let policies = (0..insureds.len()).collect();
        let mut plan = Plan { perils: vec![peril], insureds, policies, models: Vec::new() };
        plan.order().unwrap();
        let simulation = Simulation {
            plan: &plan,
            mode: Mode::Scenario,
            years: 0..1,
            seed: 1,
            parameters: Parameters::Estimates,
            reinsurance: None,
            claims: false,
            yearly_by_policy: false,
        };
        let start = std::time::Instant::now();
        let exact = exact_losses(&simulation).unwrap().unwrap();
        println!("{}: {:.2} s", self.name, start.elapsed().as_secs_f64());
        exact
    }

    /// E rᵏ.
    fn moment(&self, k: i32) -> f64 {
        let of = |share: Distribution| match share {
            Distribution::Point(x) => x.powi(k),
            Distribution::Uniform(a, b) => (b.powi(k + 1) - a.powi(k + 1)) / ((b - a) * f64::from(k + 1)),
            Distribution::Beta(a, b) => (0..k).map(|i| (a + f64::from(i)) / (a + b + f64::from(i))).product(),
        };
        of(self.affected) * of(self.hit)
    }

    fn mean(&self, gross: bool) -> f64 {
        let one = |own: &Alike| {
            own.count as f64
                * own.probability
                * own.limited(f64::INFINITY, gross, -self.level * self.level / 2.0, self.level)
        };
        self.moment(1) * self.groups.iter().map(one).sum::<f64>()
    }

    /// Probabilities of 0, h, 2·h, … up to `points` of them.
    fn law(&self, gross: bool, h: f64, points: usize) -> Vec<f64> {
        let mut law = vec![0.0; points];
        let width = if self.level > 0.0 { 0.3 } else { 100.0 };
        for n in -20..=22 {
            let z = f64::from(n) * width;
            let weight = if self.level > 0.0 {
                width * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
            } else {
                (-z * z / 2.0).exp()
            };
            if weight < 1e-12 {
                continue;
            }
            let ln_level = self.level * z - self.level * self.level / 2.0;
            // With the mean of the claim (*Loss Models*, 4th ed., section 9.6.5.2).
            let claim = |own: &Alike| -> Vec<f64> {
                let upto: Vec<f64> =
                    (0..=points).map(|j| own.limited(j as f64 * h, gross, ln_level, 0.0) / h).collect();
                let at = |j: usize| if j == 0 { 1.0 - upto[1] } else { 2.0 * upto[j] - upto[j - 1] - upto[j + 1] };
                (0..points).map(at).collect()
            };
            let claims: Vec<Vec<f64>> = self.groups.iter().map(claim).collect();
            let mut none = vec![0.0; points];
            none[0] = 1.0;
            self.hits(&claims, 0, &none, &[weight], &mut law);
        }
        law
    }

    /// All numbers of hits of groups from `at` on; `polynomial` in the rate is the probability of those before it.
    fn hits(&self, claims: &[Vec<f64>], at: usize, sum: &[f64], polynomial: &[f64], law: &mut [f64]) {
        let Some(group) = self.groups.get(at) else {
            let weight: f64 = polynomial.iter().zip(0..).map(|(c, k)| c * self.moment(k)).sum();
            law.iter_mut().zip(sum).for_each(|(all, own)| *all += weight * own);
            return;
        };
        let times = |own: &[f64], a: f64, b: f64| -> Vec<f64> {
            (0..=own.len())
                .map(|k| own.get(k).map_or(0.0, |c| a * c) + if k > 0 { b * own[k - 1] } else { 0.0 })
                .collect()
        };
        let (mut ways, mut sum) = (1.0, sum.to_vec());
        for hits in 0..=group.count {
            let mut own: Vec<f64> = polynomial.iter().map(|c| c * ways).collect();
            for insured in 0..group.count {
                own = if insured < hits {
                    times(&own, 0.0, group.probability)
                } else {
                    times(&own, 1.0, -group.probability)
                };
            }
            self.hits(claims, at + 1, &sum, &own, law);
            if hits < group.count {
                ways *= (group.count - hits) as f64 / (hits + 1) as f64;
                sum = convolved(&sum, &claims[at]);
            }
        }
    }

    /// Holds every return period against the law of convolution.
    fn check(&self, gross: bool, own: &ExactLoss, points: usize) {
        let mean = self.mean(gross);
        let name = format!("{}, {}", self.name, if gross { "gross" } else { "ground-up" });
        assert!((own.mean().value / mean - 1.0).abs() < 1e-4, "{name}: {} {mean}", own.mean().value);
        for period in PERIODS {
            let p = 1.0 - 1.0 / period;
            let (loss, tail) = own.at(period);
            if loss.value == 0.0 {
                assert!(own.probability_of_nothing().value > p - 1e-9, "{name}, {period}");
                continue;
            }
            // Steps that divide limits and caps.
            let least = 1.25 * loss.value / points as f64;
            let decade = 10f64.powf(least.log10().floor());
            let h = [1.0, 2.0, 5.0, 10.0].map(|by| by * decade).into_iter().find(|h| *h >= least).unwrap();
            let law = self.law(gross, h, points);
            let (mut upto, mut partial, mut at) = (0.0, 0.0, 0);
            while upto + law[at] < p {
                upto += law[at];
                partial += law[at] * h * at as f64;
                at += 1;
            }
            let part = (p - upto) / law[at];
            // Between amounts, but for a limit or a cap, whose probability is at one of them.
            let alone = at > 0 && law[at] > 4.0 * law[at - 1].max(law[at + 1]);
            let amount = (at as f64 + if alone { 0.0 } else { part - 0.5 }) * h;
            let beyond = (mean - partial - part * law[at] * h * at as f64) / (1.0 - p);
            told(&format!("{name}, 1 in {period}"), (loss.value, loss.error), amount);
            told(&format!("{name}, beyond 1 in {period}"), (tail.value, tail.error), beyond);
        }
    }

    fn both(&self, points: usize) {
        let own = self.exact();
        self.check(false, &own.ground_up, points);
        self.check(true, &own.gross, points);
    }
}

/// Within a tenth of a per cent, and within three times the error that is told, but for what the reference itself is off by.
fn told(what: &str, (value, error): (f64, f64), truth: f64) {
    let off = value / truth - 1.0;
    println!("{what}: {value:.2} ± {error:.2}, {truth:.2}: {:.4} %", 100.0 * off);
    assert!(off.abs() < NEAR, "{what}: {value} {truth}");
    assert!((value - truth).abs() < 3.0 * error + 3e-4 * truth, "{what}: {value} ± {error}, {truth}");
    assert!(error < 2.0 * NEAR * truth, "{what}: {value} ± {error}");
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; a.len()];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x > 0.0) {
        sum[i..].iter_mut().zip(b).for_each(|(sum, y)| *sum += x * y);
    }
    sum
}

const WIDE: Distribution = Distribution::Beta(0.093_75, 0.218_75);
const USUAL: Distribution = Distribution::Beta(3.866_666_667, 5.8);

/// P(S > y) = E r·p·P(claim > y); of X times the level is lognormal again, and the mean beyond is the integral of the tail.
#[test]
fn one_insured_has_the_tail_of_its_severity_times_the_level() {
    let whole = Distribution::Uniform(0.0, 1.0);
    for (name, affected, hit, level, own) in [
        ("one, no level", Distribution::Point(0.5), Distribution::Point(0.5), 0.0, alike(1, 0.7, 0)),
        ("one, wide level", WIDE, whole, 1.0, alike(1, 0.7, 0)),
        ("one, terms", WIDE, whole, 0.5, alike(1, 0.9, 1).with(25_000.0, 2e6)),
        ("one, narrow level", Distribution::Point(0.9), whole, 0.25, alike(1, 1.0, 2).with(0.0, 5e6)),
        ("one, certain", Distribution::Point(1.0), Distribution::Point(1.0), 1.0, alike(1, 1.0, 1).with(1e5, 1e6)),
    ] {
        let case = Case { name, affected, hit, level, groups: vec![own] };
        let exact = case.exact();
        let q = case.moment(1) * own.probability;
        for (gross, loss) in [(false, &exact.ground_up), (true, &exact.gross)] {
            let above = |y: f64| q * (1.0 - own.cdf(y, gross, -level * level / 2.0, level));
            let none = 1.0 - above(0.0);
            assert!((loss.probability_of_nothing().value - none).abs() < 1e-5, "{name}: {none}");
            for period in PERIODS.into_iter().filter(|period| 1.0 / period < 1.0 - none) {
                let (mut low, mut high) = (0.0, own.most(gross));
                for _ in 0..200 {
                    let middle = (low + high) / 2.0;
                    if above(middle) > 1.0 / period { low = middle } else { high = middle }
                }
                // Simpson's rule in ln y.
                let (from, to) = (high.ln(), own.most(gross).ln());
                let steps = 20_000;
                let at = |n: usize| {
                    let y =
                        (from + (to - from) * n as f64 / f64::from(steps)).exp().min(own.most(gross) * (1.0 - 1e-12));
                    let by = if n == 0 || n == steps as usize { 1.0 } else { 2.0 + 2.0 * (n % 2) as f64 };
                    by * y * above(y)
                };
                let integral = (to - from) / f64::from(3 * steps) * (0..=steps as usize).map(at).sum::<f64>();
                let name = format!("{name}, {}, 1 in {period}", if gross { "gross" } else { "ground-up" });
                let (own, tail) = loss.at(period);
                told(&name, (own.value, own.error), high);
                told(&format!("{name}, beyond"), (tail.value, tail.error), high + integral * period);
            }
        }
    }
}

/// Probabilities and bands of the first; then retentions and limits with the shares of a usual event.
#[test]
fn five_insureds_are_as_their_convolution() {
    let five = [(0.5, 0), (0.9, 0), (0.3, 1), (0.6, 2), (1.0, 0)].map(|(p, at)| alike(1, p, at));
    let hit = Distribution::Uniform(0.0, 1.0);
    Case { name: "five, wide level", affected: WIDE, hit, level: 1.0, groups: five.to_vec() }.both(900);
    let terms = [(25_000.0, 5e5), (10_000.0, 1e6), (50_000.0, 5e6), (1e5, 1e7), (0.0, 2e5)];
    let groups = five.iter().zip(terms).map(|(own, (retention, limit))| own.with(retention, limit)).collect();
    let hit = Distribution::Uniform(0.1, 0.5);
    Case { name: "five, terms", affected: USUAL, hit, level: 0.5, groups }.both(900);
    let pair = five[..2].iter().map(|own| own.with(20_000.0, 1e6)).collect();
    Case { name: "two, terms", affected: Distribution::Point(0.8), hit, level: 0.25, groups: pair }.both(900);
}

#[test]
fn dozens_of_insureds_are_as_their_convolution() {
    let hit = Distribution::Uniform(0.1, 0.5);
    let twenty = vec![alike(10, 0.5, 0).with(25_000.0, 1e6), alike(10, 0.4, 1).with(50_000.0, 5e6)];
    Case { name: "twenty, terms", affected: Distribution::Point(0.4), hit, level: 1.0, groups: twenty }.both(500);
    let many = vec![alike(48, 0.6, 1).with(0.0, 4e6)];
    Case { name: "forty-eight", affected: USUAL, hit, level: 0.5, groups: many }.both(500);
}
