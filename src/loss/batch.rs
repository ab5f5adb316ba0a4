//! Hits of some insureds in columns, so that each step is a loop of its own over all of them: none waits for another's, and
//! numbers are worked out [`LANES`] at a time.

use super::fitted::YearSeverity;
use super::plan::{GroundUp, Risk};
use super::severity::CappedLognormal;
use super::terms::first_claim::nearest;
use super::walk::Met;
use crate::random::{LANES, ORDINARY, exp, normal, ordinary_exp, widest};

/// The hits of one insured by one peril: lanes from `begin` on, filled up to a multiple of [`LANES`] with losses of nothing in
/// no occurrence.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Which of the insured's risks.
    pub risk: u32,
    /// First lane.
    pub begin: u32,
    /// Hits.
    pub len: u32,
    /// The largest loss in cents, where all were worked out side by side; else from [`LARGEST`] on.
    pub largest: f64,
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

    /// Fills lanes after those in use with what a walk met and is kept: all with uniforms below `sure`, and others where `keeps`
    /// says so of their place and uniform. Gives their number.
    pub fn fill(&mut self, met: &Met, sure: f64, keeps: impl Fn(u32, f64) -> bool) -> usize {
        let lanes = self.len + met.at.len() + 2 * LANES;
        if self.at.len() < lanes {
            self.at.resize(lanes, 0);
            self.loss.resize(lanes, 0.0);
            for column in [&mut self.u, &mut self.z, &mut self.level] {
                column.resize(lanes, 0.0);
            }
        }
        let room = self.len..lanes;
        let mut taken =
            Taken { at: &mut self.at[room.clone()], u: &mut self.u[room.clone()], level: &mut self.level[room], n: 0 };
        let ((at, last_at), (keep, last_keep)) = (met.at.as_chunks::<LANES>(), met.keep.as_chunks::<LANES>());
        let (level, last_level) = met.level.as_chunks::<LANES>();
        let (severity, last_severity) = met.severity.as_chunks::<LANES>();
        for ((at, level), (keep, severity)) in at.iter().zip(level).zip(keep.iter().zip(severity)) {
            if keep.iter().fold(true, |all, u| all & (*u < sure)) {
                taken.all(at, level, severity);
            } else {
                taken.some(Met { at, level, keep, severity }, |at, u| u < sure || keeps(at, u));
            }
        }
        let rest = Met { at: last_at, level: last_level, keep: last_keep, severity: last_severity };
        taken.some(rest, |at, u| u < sure || keeps(at, u));
        taken.n
    }

    /// Leaves a lane with a loss of nothing in no occurrence.
    pub fn take_out(&mut self, lane: usize, nowhere: u32) {
        (self.at[lane], self.level[lane]) = (nowhere, 0.0);
    }

    /// Takes so many lanes into use as a run.
    #[inline(always)]
    pub fn run(&mut self, risk: u32, len: usize, nowhere: u32) -> Run {
        let run = Run { risk, begin: self.len as u32, len: len as u32, largest: 0.0 };
        let fill = run.hits().end..run.hits().end + LANES;
        self.at[fill.clone()].fill(nowhere);
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
        run.largest = match &risk.ground_up {
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
    }
}

widest! {
    /// Losses in cents, and the largest of them (before rounding).
    fn capped_lognormal(severity: CappedLognormal, rate: f64, z: &[f64], level: &[f64], losses: &mut [f64]) -> f64 {
        let CappedLognormal { mu, sigma, cap } = severity;
        let mut largest = [0.0f64; LANES];
        let ordinary = mu.abs() + sigma * normal::LARGEST < ORDINARY;
        let columns = z.as_chunks::<LANES>().0.iter().zip(level.as_chunks::<LANES>().0);
        for ((z, level), losses) in columns.zip(losses.as_chunks_mut::<LANES>().0) {
            let mut power = [0.0; LANES];
            for lane in 0..LANES {
                power[lane] = ordinary_exp(mu + sigma * z[lane]);
            }
            if !ordinary {
                power = z.map(|z| exp(mu + sigma * z));
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

/// Lanes to fill, and how many are.
struct Taken<'a> {
    at: &'a mut [u32],
    u: &'a mut [f64],
    level: &'a mut [f64],
    n: usize,
}

impl Taken<'_> {
    #[inline(always)]
    fn all(&mut self, at: &[u32; LANES], level: &[f64; LANES], severity: &[f64; LANES]) {
        let lanes = self.n..self.n + LANES;
        self.at[lanes.clone()].copy_from_slice(at);
        self.u[lanes.clone()].copy_from_slice(severity);
        self.level[lanes].copy_from_slice(level);
        self.n += LANES;
    }

    #[inline(always)]
    fn some(&mut self, met: Met, keeps: impl Fn(u32, f64) -> bool) {
        for ((at, level), (keep, severity)) in met.at.iter().zip(met.level).zip(met.keep.iter().zip(met.severity)) {
            (self.at[self.n], self.u[self.n], self.level[self.n]) = (*at, *severity, *level);
            self.n += usize::from(keeps(*at, *keep));
        }
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
