//! One reader for each scanner's output, told apart by content.
//!
//! A new format is one file: implement [`ScanFormat`], add it to [`FORMATS`].

mod censys;
mod checkdmarc;
mod dnsx;
mod httpx;
mod json;
mod nuclei;
mod shodan;
#[cfg(test)]
mod testing;
mod tlsx;
mod zdns;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::emit::Emit;
use crate::fault::Fault;
use crate::moment::Moment;

/// What a reader may know beside the record itself.
#[derive(Debug)]
pub struct Context {
    fallback_time: Moment,
    fallback_used: AtomicBool,
    dnsx_asked: LazyLock<Vec<String>, Box<dyn FnOnce() -> Vec<String> + Send>>,
}

impl Context {
    /// `fallback_time` is for records that have none: the `--scan-time` option, else the file's modification time.
    /// `dnsx_asked` tells what a dnsx run asked for; it may take a pass over the file, and runs only when a dnsx record is met.
    pub fn new(fallback_time: Moment, dnsx_asked: impl FnOnce() -> Vec<String> + Send + 'static) -> Context {
        let dnsx_asked = LazyLock::new(Box::new(dnsx_asked) as Box<_>);
        Context { fallback_time, fallback_used: AtomicBool::new(false), dnsx_asked }
    }

    /// Record types that a dnsx run asked for at each name (`mx`, `txt` …); dnsx leaves empty answers out.
    pub fn dnsx_asked(&self) -> &[String] {
        &self.dnsx_asked
    }

    /// The time of a record that has none.
    pub fn time(&self) -> Moment {
        self.fallback_used.store(true, Ordering::Relaxed);
        self.fallback_time
    }

    /// Whether any record had none, and the time it was then given.
    pub fn time_given(&self) -> Option<Moment> {
        self.fallback_used.load(Ordering::Relaxed).then_some(self.fallback_time)
    }
}

/// A scanner's output format: one JSON record at a time.
pub trait ScanFormat: Sync {
    /// Scanner name, written as the observations' source.
    fn name(&self) -> &'static str;

    /// Whether `record` has the shape of this format.
    fn recognises(&self, record: &Value) -> bool;

    /// Turns one record into observations.
    ///
    /// # Errors
    /// A [`Fault`] when the record as a whole can't be used; faults of single values are noted with [`Emit::note`].
    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault>;
}

/// Every known format, the most particular shape first.
pub static FORMATS: [&dyn ScanFormat; 8] = [
    &zdns::Zdns,
    &nuclei::Nuclei,
    &checkdmarc::Checkdmarc,
    &censys::Censys,
    &shodan::Shodan,
    &tlsx::Tlsx,
    &httpx::Httpx,
    &dnsx::Dnsx,
];

/// The format whose shape `record` has.
pub fn recognise(record: &Value) -> Option<&'static dyn ScanFormat> {
    FORMATS.into_iter().find(|f| f.recognises(record))
}
