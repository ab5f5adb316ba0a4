//! What each simulated year of a perspective has lost.

use std::path::Path;

use crate::fault::Failure;
use crate::money::Cents;

/// Years × samples that are held at once.
const MOST: u64 = 200_000_000;

/// Sum and largest occurrence of each year, sample after sample; years without a loss are there with nought.
#[derive(Clone, Debug, PartialEq)]
pub struct YearLosses {
    years: u32,
    /// The year's sum.
    pub sums: Vec<Cents>,
    /// Its largest occurrence.
    pub largest: Vec<Cents>,
}

impl YearLosses {
    /// Years without any loss.
    pub fn new(years: u32, samples: u32) -> YearLosses {
        let all = years as usize * samples as usize;
        YearLosses { years, sums: vec![Cents::ZERO; all], largest: vec![Cents::ZERO; all] }
    }

    /// Whether that many years can be held.
    ///
    /// # Errors
    /// When they can't.
    pub fn check(path: &Path, years: u32, samples: u32) -> Result<(), Failure> {
        let all = u64::from(years) * u64::from(samples);
        if all <= MOST {
            return Ok(());
        }
        Err(Failure::new(format!("{}: {years} years and {samples} samples are too many", path.display()))
            .hint(format!("up to {MOST} together; years and samples count from 1: check the columns")))
    }

    /// Adds an occurrence; year and sample count from 1 and are among those that there are.
    pub fn add(&mut self, sample: u32, year: u32, loss: Cents) {
        let at = self.at(sample, year) as usize;
        self.sums[at] += loss;
        self.largest[at] = self.largest[at].max(loss);
    }

    /// Position of a year, counted from 1, of a sample, counted from 1.
    pub fn at(&self, sample: u32, year: u32) -> u32 {
        (sample - 1) * self.years + year - 1
    }
}
