//! Hits of some insureds in columns, so that each step is a loop of its own over all of them: none waits for another's, and
//! numbers are worked out [`LANES`] at a time.

use super::fitted::YearSeverity;
use super::plan::{GroundUp, Risk};
use super::severity::CappedLognormal;
use super::terms::first_claim::{LARGEST, nearest};
use crate::random::{LANES, ORDINARY, exp, normal, ordinary_exp, widest};

/// The hits of one insured by one peril: lanes from `begin` on, filled up to a multiple of [`LANES`] with losses of nothing.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Which of the insured's risks.
    pub risk: u32,
    /// First lane.
    pub begin: u32,
    /// Hits.
    pub len: u32,
    /// Whether losses were worked out side by side.
    pub together: bool,
}

impl Run {
    /// The lanes, and those that fill up.
    pub fn lanes(&self) -> std::ops::Range<usize> {
        self.begin as usize..(self.begin + self.len).next_multiple_of(LANES as u32) as usize
    }

    /// The lanes of the hits.
    pub fn hits(&self) -> std::ops::Range<usize> {
        self.begin as usize..(self.begin + self.len) as usize
    }
}

/// Hits in columns.
#[derive(Debug, Default)]
pub struct Batch {
    /// Position of the occurrence.
    pub at: Vec<u32>,
    /// Uniform of the severity.
    pub u: Vec<f64>,
    /// The standard normal's quantile there.
    pub z: Vec<f64>,
    /// Level of the occurrence.
    level: Vec<f64>,
    /// Loss from the ground up, in cents, where it is worked out side by side.
    pub loss: Vec<f64>,
    /// Lanes in use.
    pub len: usize,
    beyond: Vec<u32>,
}

impl Batch {
    /// Forgets all hits.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Room for a run of so many hits after the lanes in use: positions, uniforms and levels.
    #[inline(always)]
    pub fn room(&mut self, hits: usize) -> (&mut [u32], &mut [f64], &mut [f64]) {
        let lanes = self.len + hits + 2 * LANES;
        if self.at.len() < lanes {
            self.at.resize(lanes, 0);
            self.loss.resize(lanes, 0.0);
            for column in [&mut self.u, &mut self.z, &mut self.level] {
                column.resize(lanes, 0.0);
            }
        }
        let room = self.len..lanes;
        (&mut self.at[room.clone()], &mut self.u[room.clone()], &mut self.level[room])
    }

    /// Leaves a lane with a loss of nothing in no occurrence.
    pub fn take_out(&mut self, lane: usize, nowhere: u32) {
        (self.at[lane], self.level[lane]) = (nowhere, 0.0);
    }

    /// Takes so many lanes into use as a run.
    #[inline(always)]
    pub fn run(&mut self, risk: u32, len: usize) -> Run {
        let run = Run { risk, begin: self.len as u32, len: len as u32, together: true };
        let fill = run.hits().end..run.hits().end + LANES;
        self.at[fill.clone()].fill(0);
        self.u[fill.clone()].fill(0.5);
        self.level[fill].fill(0.0);
        self.len = run.lanes().end;
        run
    }

    /// The standard normal's quantiles of all lanes.
    #[inline(always)]
    pub fn quantiles(&mut self) {
        normal::quantiles(&self.u[..self.len], &mut self.z[..self.len], &mut self.beyond);
    }

    /// The losses of a run. `models` gives the fitted severities of a place's year.
    #[inline(always)]
    pub fn losses<'m>(&mut self, run: &mut Run, risk: &Risk, models: impl Fn(u32) -> &'m [YearSeverity]) {
        let lanes = run.lanes();
        let loss = &mut self.loss[lanes.clone()];
        let largest = match &risk.ground_up {
            GroundUp::Severity { severity, rate } => {
                capped_lognormal(*severity, *rate, &self.z[lanes.clone()], &self.level[lanes], loss)
            }
            GroundUp::Fitted { model, ln_revenue, rate } => {
                let mut largest = 0.0;
                loss.fill(0.0);
                for (loss, lane) in loss.iter_mut().zip(run.hits()).filter(|(_, lane)| self.level[*lane] > 0.0) {
                    let model = &models(self.at[lane])[*model as usize];
                    let cents = model.loss(self.u[lane], *ln_revenue, self.level[lane]) * rate * 100.0;
                    largest = f64::max(largest, cents);
                    *loss = nearest(cents);
                }
                largest
            }
            GroundUp::Hourly(_) => f64::INFINITY,
        };
        run.together = largest < LARGEST;
    }
}

widest! {
    /// Losses in cents, and the largest of them (before rounding).
    fn capped_lognormal(severity: CappedLognormal, rate: f64, z: &[f64], level: &[f64], losses: &mut [f64]) -> f64 {
        let CappedLognormal { mu, sigma, cap } = severity;
        let mut largest = [0.0f64; LANES];
        let columns = z.as_chunks::<LANES>().0.iter().zip(level.as_chunks::<LANES>().0);
        for ((z, level), losses) in columns.zip(losses.as_chunks_mut::<LANES>().0) {
            let (mut x, mut power) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                x[lane] = mu + sigma * z[lane];
                power[lane] = ordinary_exp(x[lane]);
            }
            if !x.iter().all(|x| x.abs() < ORDINARY) {
                power = x.map(exp);
            }
            for lane in 0..LANES {
                let amount = power[lane] * level[lane];
                let amount = if amount < cap { amount } else { cap };
                let cents = amount * rate * 100.0;
                largest[lane] = if cents > largest[lane] { cents } else { largest[lane] };
                losses[lane] = nearest(cents);
            }
        }
        largest.iter().fold(0.0, |most: f64, x| most.max(*x))
    }
}

/// Asks the memory for what will soon be read.
#[inline(always)]
pub fn prefetch<T>(soon: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let begin = soon.as_ptr().cast::<i8>();
        for line in (0..size_of_val(soon)).step_by(64) {
            // SAFETY: a hint, which reads nothing into the program; the address is inside the slice.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(begin.add(line)) }
        }
    }
}
