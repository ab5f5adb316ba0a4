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

use serde_json::Value;

use super::emit::Emit;
use crate::fault::Fault;
use crate::moment::Moment;

/// What a reader may know beside the record itself.
#[derive(Clone, Debug)]
pub struct Context {
    /// Time to use where a record has none: the `--scan-time` option, else the file's modification time.
    pub fallback_time: Moment,
    /// DNS record types that a dnsx run asked for at each name (`mx`, `txt` …); dnsx leaves empty answers out.
    pub dnsx_asked: Vec<String>,
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
