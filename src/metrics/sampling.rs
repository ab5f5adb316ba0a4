//! Several samples of the same years are not as many years: how much less they tell.
//!
//! Samples of one year share what happens in it, and so their losses move together; years are independent. Each figure is
//! a mean of influences to first order: its error is that of the mean of the years' own means (ultimate clusters: W. G. Cochran,
//! *Sampling Techniques*, 3rd ed., 1977, section 9A.4; J. N. K. Rao, C. F. J. Wu, JASA 83, 1988). What samples share across years, such as
//! one draw for all occurrences of an event, no table of losses tells, and is not in it.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::estimate::LEVEL;

/// How losses were simulated: values go sample after sample, and year after year within it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sampling {
    /// Simulated years.
    pub years: usize,
    /// Samples of each.
    pub samples: usize,
}

impl Sampling {
    /// Of this many values in all.
    pub fn of(values: usize, samples: usize) -> Sampling {
        Sampling { years: values / samples.max(1), samples: samples.max(1) }
    }

    /// The year of a value.
    pub fn year(&self, value: u32) -> usize {
        value as usize % self.years.max(1)
    }

    /// How many times the variance of a figure is what it would be if each sample were a year of its own, by the influence of
    /// each value on it, nought of values that are not there: the variance of years' means over the variance of values, each
    /// over its number. One of a single sample; nothing of a single year.
    pub fn effect(&self, influence: &[(u32, f64)]) -> Option<f64> {
        if self.samples == 1 {
            return Some(1.0);
        }
        if self.years < 2 {
            return None;
        }
        let (years, values) = (self.years as f64, (self.years * self.samples) as f64);
        let mut sums = vec![0.0; self.years];
        influence.iter().for_each(|(value, x)| sums[self.year(*value)] += x);
        let mean = sums.iter().sum::<f64>() / values;
        let square = |x: f64| (x - mean) * (x - mean);
        let none = (values - influence.len() as f64) * mean * mean;
        let alone = (influence.iter().map(|(_, x)| square(*x)).sum::<f64>() + none) / (values * (values - 1.0));
        let together = sums.iter().map(|sum| square(sum / self.samples as f64)).sum::<f64>() / (years * (years - 1.0));
        Some(if alone > 0.0 { together / alone } else { 1.0 })
    }

    /// From how many independent years the share that `members` are of all values is known as well: with an effect D and t
    /// of the years that it comes from less one, 1 + (N − 1) ÷ D · (1.96 ÷ t)², at least the years and at most the values
    /// (E. L. Korn, B. I. Graubard, *Confidence intervals for proportions with small expected number of positive counts estimated
    /// from survey data*, Survey Methodology 24, 1998).
    pub fn independent(&self, members: &[u32]) -> usize {
        let (years, values) = (self.years as f64, (self.years * self.samples) as f64);
        let mut of_year = vec![0usize; self.years];
        members.iter().for_each(|value| of_year[self.year(*value)] += 1);
        let some = of_year.iter().filter(|count| **count > 0).count();
        let not_all = of_year.iter().filter(|count| **count < self.samples).count();
        let from = some.min(not_all);
        if self.samples == 1 || from < 2 {
            return self.years;
        }
        let influence: Vec<(u32, f64)> = members.iter().map(|value| (*value, 1.0)).collect();
        let effect = self.effect(&influence).filter(|effect| *effect > 0.0).unwrap_or(self.samples as f64);
        let wider = crate::random::normal::quantile(0.5 + LEVEL / 2.0) / student(from - 1);
        ((1.0 + (values - 1.0) / effect * wider * wider).clamp(years, values) + 1e-9) as usize
    }
}

/// The quantile of Student's t that leaves 2.5 % above.
fn student(freedom: usize) -> f64 {
    StudentsT::new(0.0, 1.0, freedom as f64).map_or(f64::INFINITY, |t| t.inverse_cdf(0.5 + LEVEL / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: three years of 1, 2 and 6 in two samples that are the same. Of years: mean 3, s² = 7, 7 ÷ 3; of six values s² = 28 ÷ 5,
    /// 28 ÷ 30: an effect of 2.5. Samples that make up for each other, 1 and 5, 2 and 4, 6 and 0, tell the mean without error.
    #[test]
    fn samples_that_are_the_same_tell_no_more_than_years() {
        let sampling = Sampling::of(6, 2);
        let influence = |units: [f64; 6]| (0..6).zip(units).collect::<Vec<_>>();
        let same = sampling.effect(&influence([1.0, 2.0, 6.0, 1.0, 2.0, 6.0])).unwrap();
        assert!((same - 2.5).abs() < 1e-12, "{same}");
        assert_eq!(sampling.effect(&influence([1.0, 2.0, 6.0, 5.0, 4.0, 0.0])), Some(0.0));
        assert_eq!(Sampling::of(6, 6).effect(&influence([1.0; 6])), None, "a single year tells no error");
        assert_eq!(Sampling::of(6, 1).effect(&influence([1.0, 2.0, 6.0, 5.0, 4.0, 0.0])), Some(1.0));
    }

    /// 1,000 years in ten samples: of 400 values beyond, all samples of forty years, the share is known as from about 1,000 years; one
    /// sample each of 400 years make it known nearly as well as from 10,000. From a single year nothing more is known.
    #[test]
    fn a_share_is_known_as_from_the_years_that_it_comes_from() {
        let sampling = Sampling::of(10_000, 10);
        let together: Vec<u32> = (0..400).map(|at| at % 40 + at / 40 * 1_000).collect();
        assert_eq!(sampling.independent(&together), 1_000);
        let apart: Vec<u32> = (0..400).map(|year| year + year % 10 * 1_000).collect();
        assert!((9_000..=10_000).contains(&sampling.independent(&apart)));
        assert_eq!(sampling.independent(&[5, 1_005]), 1_000);
        assert_eq!(Sampling::of(10_000, 1).independent(&together), 10_000);
    }

    /// Tables of Student's t.
    #[test]
    fn quantiles_are_those_of_students_tables() {
        for (freedom, t) in [(1, 12.706_2), (2, 4.302_7), (9, 2.262_2), (30, 2.042_3), (1_000, 1.962_3)] {
            assert!((student(freedom) - t).abs() < 1e-4, "{freedom}: {}", student(freedom));
        }
    }
}
