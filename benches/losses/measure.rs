//! Time on the clock, time of the processors, and memory.

use std::fmt;
use std::time::Instant;

/// What a piece of work took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Seconds on the clock.
    pub seconds: f64,
    /// Seconds of all processors, in user mode and in the system.
    pub processor: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:>7.2} s {:>7.2} cpu-s", self.seconds, self.processor)
    }
}

impl Cost {
    /// The smaller of each: other work on the machine only ever adds.
    pub fn best(self, other: Cost) -> Cost {
        Cost { seconds: self.seconds.min(other.seconds), processor: self.processor.min(other.processor) }
    }
}

/// Does the work, and says what it took.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (start, before) = (Instant::now(), processor());
    let result = work();
    (result, Cost { seconds: start.elapsed().as_secs_f64(), processor: processor() - before })
}

/// Processor seconds of this process so far, to a hundredth (`proc(5)`: fields 14 and 15 of `/proc/self/stat`, in ticks of
/// 1/100 s); not a number where there is no such file.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    if ticks.len() == 2 { ticks.iter().sum::<f64>() / 100.0 } else { f64::NAN }
}

/// The most memory that this process has held, in MiB.
pub fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}
