//! What the readers' tests share: a record in, its observations out as text.

use super::{Context, ScanFormat, recognise};
use crate::moment::Moment;
use crate::scan::emit::Emit;

/// `host kind key value status`, one line an observation, of a record that must be told apart as `format`.
pub fn observe(format: &dyn ScanFormat, record: &str) -> String {
    observe_with(format, record, &[])
}

/// The same, with the record types that a dnsx run asked for.
pub fn observe_with(format: &dyn ScanFormat, record: &str, dnsx_asked: &[&str]) -> String {
    let record = serde_json::from_str(record).expect("test record is JSON");
    assert_eq!(recognise(&record).map(ScanFormat::name), Some(format.name()), "told apart by content");
    let asked: Vec<String> = dnsx_asked.iter().map(|k| k.to_string()).collect();
    let context = Context::new(Moment(0), || asked);
    let mut emit = Emit::new(format.name());
    if let Err(fault) = format.read(&record, &context, &mut emit) {
        panic!("{}", fault.at("record", 1));
    }
    let line = |o: &crate::scan::observation::Observation| {
        format!("{} {} {} {} {}", o.host, o.kind.as_str(), o.key, o.value, o.status.as_str())
    };
    emit.rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
