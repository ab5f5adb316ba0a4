use rayon::prelude::*;

use super::*;
use crate::fit::estimate::Z_90;
use crate::random::{Draws, Purpose, Stream};

fn stream(trial: u32, what: u32) -> Stream {
    Draws::new(31).stream(Purpose::Bootstrap, trial, what)
}

/// A count by inversion.
fn draw(model: &Frequency, exposure: f64, stream: &mut Stream) -> u64 {
    let u = stream.uniform();
    (0u32..).find(|n| 1.0 - model.at_least(n + 1, exposure) >= u).map_or(0, u64::from)
}

/// Five years of 60 segments with 2 to 20 policy-years each, and a trend.
fn cells(model: &Frequency, slope: f64, stream: &mut Stream) -> Vec<Cell> {
    let mut out = Vec::new();
    for year in 0..5 {
        for segment in 0..60 {
            let (exposure, time) = (2.0 + f64::from((7 * segment + year) % 19), 2020.0 + f64::from(year));
            let now = Frequency { rate: model.rate * libm::exp(slope * f64::from(year - 4)), ..*model };
            out.push(Cell { claims: draw(&now, exposure, stream), exposure, time });
        }
    }
    out
}

const REPLICATIONS: u32 = 400;

/// As for severities: within three standard errors in 95 of 100, each 90 % interval right in 85 to 95 % of 400.
fn check(model: Frequency, slope: f64) {
    let options = Options { trend_at: Some(2024.0), family: Some(model.family) };
    let dispersion = (model.dispersion > 0.0).then(|| model.dispersion.ln());
    let truth: Vec<f64> = [model.rate.ln()].into_iter().chain(dispersion).chain([slope]).collect();
    let one = |trial: u32| {
        let found = fit(&cells(&model, slope, &mut stream(trial, model.family as u32)), &options).ok()?.estimate;
        let error = |k: usize| (found.at[k] - truth[k]) / found.covariance[k][k].sqrt();
        (found.at.len() == truth.len()).then(|| (0..truth.len()).map(error).collect::<Vec<f64>>())
    };
    let errors: Vec<Option<Vec<f64>>> = (0..REPLICATIONS).into_par_iter().map(one).collect();
    let within = |e: &&Option<Vec<f64>>| e.as_ref().is_some_and(|e| e.iter().all(|x| x.abs() < 3.0));
    let near = errors[..100].iter().filter(within).count();
    assert!(near >= 95, "{model:?}: within three standard errors in {near} of 100");
    for k in 0..truth.len() {
        let held = errors.iter().flatten().filter(|e| e[k].abs() < Z_90).count();
        let share = held as f64 / f64::from(REPLICATIONS);
        assert!((0.85..=0.95).contains(&share), "{model:?}, parameter {k}: {share}");
    }
}

#[test]
fn poisson_counts_give_rate_and_trend_back() {
    check(Frequency { family: CountFamily::Poisson, rate: 0.1, dispersion: 0.0 }, 0.15);
}

#[test]
fn negative_binomial_counts_give_rate_dispersion_and_trend_back() {
    check(Frequency { family: CountFamily::NegativeBinomial, rate: 0.15, dispersion: 0.9 }, 0.15);
}

#[test]
fn counts_with_a_shared_factor_give_rate_dispersion_and_trend_back() {
    check(Frequency { family: CountFamily::SharedNegativeBinomial, rate: 0.2, dispersion: 0.7 }, -0.1);
}

/// Poisson, variance in proportion and variance by the square: of twenty samples the family that counts were drawn from is
/// chosen in most. The two with a dispersion differ little in 300 cells, so that chance takes some to the other.
#[test]
fn the_family_is_chosen_by_likelihood() {
    for (family, dispersion) in
        [(CountFamily::Poisson, 0.0), (CountFamily::NegativeBinomial, 2.0), (CountFamily::SharedNegativeBinomial, 1.5)]
    {
        let model = Frequency { family, rate: 0.4, dispersion };
        let found = |trial: u32| {
            let found = fit(&cells(&model, 0.0, &mut stream(trial, 10)), &Options::default()).unwrap();
            assert_eq!(found.candidates.len(), 3);
            found.estimate.family
        };
        let right = (0..20).filter(|trial| found(*trial) == family).count();
        assert!(right >= 15, "{family:?}: {right} of 20");
    }
}

/// The parameters of independent policy-years don't depend on how these are grouped into cells.
#[test]
fn independent_policy_years_have_one_dispersion_however_they_are_grouped() {
    let model = Frequency { family: CountFamily::NegativeBinomial, rate: 0.3, dispersion: 0.8 };
    let mut stream = stream(2, 11);
    let single: Vec<Cell> =
        (0..20_000).map(|_| Cell { claims: draw(&model, 1.0, &mut stream), exposure: 1.0, time: 0.0 }).collect();
    let joined: Vec<Cell> = single
        .chunks(20)
        .map(|c| Cell { claims: c.iter().map(|c| c.claims).sum(), exposure: c.len() as f64, time: 0.0 })
        .collect();
    let options = Options { family: Some(CountFamily::NegativeBinomial), ..Options::default() };
    for cells in [single, joined] {
        let found = fit(&cells, &options).unwrap();
        let dispersion = found.dispersion.unwrap();
        assert!((found.rate.value - 0.3).abs() < 3.0 * found.rate.standard_error, "{:?}", found.rate);
        assert!((dispersion.value - 0.8).abs() < 3.0 * dispersion.standard_error, "{dispersion:?}");
    }
}

/// Rate without dispersion or trend: claims ÷ exposure, 1 ÷ √claims as error of its logarithm, Garwood's interval.
#[test]
fn an_even_book_has_claims_over_exposure_as_rate() {
    let cells: Vec<Cell> = (0..20).map(|t| Cell { claims: 3, exposure: 30.0, time: f64::from(t) }).collect();
    let found = fit(&cells, &Options::default()).unwrap();
    assert_eq!(found.estimate.family, CountFamily::Poisson);
    assert!((found.rate.value - 0.1).abs() < 1e-12 && (found.rate.standard_error - 0.1 / 60f64.sqrt()).abs() < 1e-9);
    assert_eq!(RateInterval { low: found.rate.low, high: found.rate.high }, rate_interval(60, 600.0, 0.9));
    assert!(found.candidates.iter().all(|c| c.likelihood_ratio == 0.0 && c.p_value == 1.0), "{:?}", found.candidates);
}

#[test]
fn no_claims_leave_a_rate_with_an_upper_bound() {
    let cells = [Cell { claims: 0, exposure: 40.0, time: 1.0 }, Cell { claims: 0, exposure: 60.0, time: 2.0 }];
    let found = fit(&cells, &Options { trend_at: Some(2.0), family: None }).unwrap();
    assert_eq!((found.rate.value, found.rate.low), (0.005, 0.0));
    assert!((found.rate.high - 0.029_957).abs() < 1e-6 && found.trend.is_none());
    let mut stream = stream(3, 12);
    let mut rates: Vec<f64> = (0..4_000).map(|_| found.estimate.draw(&mut stream).model().rate).collect();
    rates.sort_by(f64::total_cmp);
    // Gamma of shape ½: mean ½, 95 % quantile 1.92 (half that of χ² with one degree).
    let mean = rates.iter().sum::<f64>() / 4_000.0;
    assert!((mean * 100.0 - 0.5).abs() < 0.05 && (rates[3_800] * 100.0 - 1.92).abs() < 0.2, "{mean} {}", rates[3_800]);
}

/// A doubling each year: slope ln 2, growth 100 % a year inside its interval; claims in the last year only have no trend.
#[test]
fn growth_has_an_interval_and_a_hopeless_trend_is_left_out() {
    let cells: Vec<Cell> = [10, 20, 40, 80]
        .iter()
        .zip(0..)
        .map(|(n, t)| Cell { claims: *n, exposure: 100.0, time: f64::from(t) })
        .collect();
    let found = fit(&cells, &Options { trend_at: Some(3.0), family: None }).unwrap();
    let trend = found.trend.unwrap();
    assert!((trend.slope.value - std::f64::consts::LN_2).abs() < 1e-8 && (found.rate.value - 0.8).abs() < 1e-8);
    assert!(trend.growth[1] < 1.0 && trend.growth[2] > 1.0 && trend.p_value < 1e-6);
    assert!((found.estimate.at_time(0.0).rate - 0.1).abs() < 1e-8);
    let late = [(0, 0.0), (0, 1.0), (7, 2.0)].map(|(claims, time)| Cell { claims, exposure: 10.0, time });
    let found = fit(&late, &Options { trend_at: Some(2.0), family: None }).unwrap();
    assert!(found.trend.is_none() && found.notes.iter().any(|n| n.starts_with("no trend")), "{found:?}");
    assert!((found.rate.value - 7.0 / 30.0).abs() < 1e-8);
}

#[test]
fn what_is_no_count_with_exposure_is_refused() {
    assert_eq!(fit(&[], &Options::default()).unwrap_err().key(), "no data");
    for (exposure, time) in [(0.0, 0.0), (-1.0, 0.0), (f64::NAN, 0.0), (f64::INFINITY, 0.0), (1.0, f64::NAN)] {
        assert_eq!(fit(&[Cell { claims: 1, exposure, time }], &Options::default()).unwrap_err().key(), "invalid");
    }
    let one = fit(&[Cell { claims: 5_000, exposure: 1e-3, time: 0.0 }], &Options::default()).unwrap();
    assert!(one.rate.value.is_finite() && one.estimate.family == CountFamily::Poisson);
}
