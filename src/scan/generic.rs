//! Observations as a table, CSV or Parquet: the engine's own, or anybody's with the same columns.

use super::emit::Emit;
use super::observation::{Kind, OBSERVATIONS, Status};
use crate::fault::{Fault, Outcome, did_you_mean_or};
use crate::moment::Moment;
use crate::table::{Fields, Row};

/// Whether a header is that of an observation table: it has the required columns.
pub fn is_header(header: &[String]) -> bool {
    let has = |name: &str| header.iter().any(|h| h.eq_ignore_ascii_case(name));
    OBSERVATIONS.columns.iter().filter(|c| c.required).all(|c| has(c.name))
}

/// The observations of one row: one, or several where the value is a whole SPF or DMARC record.
///
/// # Errors
/// The faults that set the row aside.
pub fn read(row: &Row, emit: &mut Emit) -> Result<(), Vec<Fault>> {
    let mut fields = Fields::new(row, &OBSERVATIONS);
    let word = fields.text("kind").to_ascii_lowercase();
    let kind = Kind::parse(&word);
    if kind.is_none() {
        let hint = did_you_mean_or(&word, Kind::ALL.map(Kind::as_str), || {
            format!("kinds are: {}", Kind::ALL.map(Kind::as_str).join(", "))
        });
        fields.refuse("kind", "unknown kind of record", &hint);
    }
    let at = Moment::parse(fields.text("observed_at"));
    if at.is_none() {
        fields.refuse("observed_at", "not a time", "write ISO 8601, such as 2026-05-31T12:00:00Z");
    }
    let status = Status::parse(fields.text("status"));
    if status.is_none() {
        fields.refuse("status", "must be found, empty or nxdomain", "");
    }
    let (host, domain) = (fields.text("host"), fields.text("domain"));
    let subject = if host.is_empty() { ("domain", domain) } else { ("host", host) };
    if let Err(fault) = emit.subject(subject.0, subject.1, at.unwrap_or(Moment(0))) {
        fields.faults.push(fault);
    }
    let (Some(kind), Some(status)) = (kind, status) else { return Err(fields.faults) };
    if fields.faults.iter().any(|f| f.outcome == Outcome::SetAside) {
        return Err(fields.faults);
    }
    emit.set_source(fields.text("source"));
    emit_value(kind, fields.text("key"), fields.text("value"), status, emit);
    Ok(())
}

fn emit_value(kind: Kind, key: &str, value: &str, status: Status, emit: &mut Emit) {
    match (kind, status) {
        (_, Status::Empty | Status::NxDomain) => emit.absent(kind, status),
        (Kind::Mx, _) => emit.mx(key, value),
        (_, Status::Found) if value.is_empty() => emit.absent(kind, Status::Empty),
        (Kind::Spf | Kind::Txt | Kind::Dmarc, _) if key.is_empty() => emit.txt(value),
        (Kind::Ns | Kind::Cname | Kind::Autodiscover, _) => emit.host_value(kind, key, value),
        _ => emit.found(kind, key, value),
    }
}
