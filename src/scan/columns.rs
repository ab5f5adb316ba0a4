//! Observations from Parquet, column by column and several row groups at once: what a million policies need.
//!
//! A row that is in normal form as it stands is handed on without a copy. Any other goes the way of every table's rows
//! ([`super::generic`]): the result is the same.

use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, PrimitiveArray, StringViewArray};
use arrow::datatypes::{
    DataType, Field, Int32Type, Schema, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType,
};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::emit::Emit;
use super::generic;
use super::intake::{Hand, Sink};
use super::observation::{Kind, OBSERVATIONS, ObservationRef, Status, hash_of};
use super::plain::{is_plain_host, is_plain_name, is_plain_text, is_same};
use crate::fault::{Failure, Fault, Outcome};
use crate::moment::Moment;
use crate::table::{Row, TableFile, guarded, not_parquet};

/// Rows decoded at once.
const BATCH: usize = 1 << 12;
/// Observations handed on at once: no more than a processor has at hand.
const HANDFUL: usize = 1 << 10;

/// What became of the rows of one row group.
#[derive(Default)]
pub struct Account {
    /// Rows.
    pub rows: u64,
    /// Rows used.
    pub used: u64,
    /// Observations made of them.
    pub observations: u64,
    /// Faults with their row numbers.
    pub faults: Vec<(u64, Fault)>,
    /// Sum of the rows' hashes.
    pub content: u128,
}

/// Reads a table of observations; nothing when its columns are not of the plain types.
///
/// # Errors
/// When the file is damaged.
pub fn read(path: &Path, table: &TableFile, source: &str, sink: &dyn Sink) -> Result<Option<Vec<Account>>, Failure> {
    guarded(path, || {
        let file = std::fs::File::open(path).map_err(|e| Failure::io("open", path, &e))?;
        let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let found = ArrowReaderMetadata::load(&file, plain).map_err(|e| not_parquet(path, &e))?;
        let Some((wanted, schema)) = layout(&found, table) else { return Ok(None) };
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(schema.into());
        let Ok(metadata) = ArrowReaderMetadata::try_new(found.metadata().clone(), options) else { return Ok(None) };
        let mut first = 0;
        let groups = metadata.metadata().row_groups().iter().enumerate().map(|(at, group)| {
            let start = first;
            first += group.num_rows() as u64;
            (at, start)
        });
        let groups: Vec<(usize, u64)> = groups.collect();
        let one = |(group, first): &(usize, u64)| read_group(path, &metadata, &wanted, *group, *first, source, sink);
        let accounts: Result<Vec<Account>, Failure> =
            if sink.in_order() { groups.iter().map(one).collect() } else { groups.par_iter().map(one).collect() };
        accounts.map(Some)
    })
}

/// The file's column for each declared one, and a schema that reads short lists of words as dictionaries and other texts in
/// place; nothing when a column is missing or of another type.
fn layout(found: &ArrowReaderMetadata, table: &TableFile) -> Option<(Vec<usize>, Schema)> {
    let wanted: Vec<usize> = table.positions(OBSERVATIONS.header()).into_iter().collect::<Option<_>>()?;
    let mut fields: Vec<Field> = found.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
    for (column, at) in OBSERVATIONS.columns.iter().zip(&wanted) {
        let field = &fields[*at];
        let kind = match (column.name, field.data_type()) {
            ("observed_at", DataType::Timestamp(unit, zone)) => DataType::Timestamp(*unit, zone.clone()),
            ("domain" | "host" | "value", DataType::Utf8) => DataType::Utf8View,
            ("kind" | "key" | "source" | "status", DataType::Utf8) => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            _ => return None,
        };
        fields[*at] = field.clone().with_data_type(kind);
    }
    Some((wanted, Schema::new(fields)))
}

fn read_group(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    wanted: &[usize],
    group: usize,
    first: u64,
    source: &str,
    sink: &dyn Sink,
) -> Result<Account, Failure> {
    let file = std::fs::File::open(path).map_err(|e| Failure::io("open", path, &e))?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), wanted.iter().copied());
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
        .with_projection(mask)
        .with_row_groups(vec![group])
        .with_batch_size(BATCH)
        .build()
        .map_err(|e| not_parquet(path, &e))?;
    // A projection keeps the file's order of columns.
    let mut sorted = wanted.to_vec();
    sorted.sort_unstable();
    let places: Vec<usize> = wanted.iter().map(|at| sorted.partition_point(|x| x < at)).collect();
    let mut hand = sink.hand();
    let mut reading = Reading { source, account: Account::default(), hand: &mut *hand };
    for batch in reader {
        let batch = batch.map_err(|e| not_parquet(path, &e))?;
        let Some(columns) = Columns::of(&batch, &places) else {
            return Err(not_parquet(path, &"its columns change their type"));
        };
        reading.batch(&columns, first + reading.account.rows);
    }
    Ok(reading.account)
}

/// A column of few words.
struct Words<'a> {
    column: &'a DictionaryArray<Int32Type>,
    texts: Vec<&'a str>,
    /// Hash of each.
    hashes: Vec<u64>,
}

impl<'a> Words<'a> {
    fn of(column: &'a ArrayRef) -> Option<Words<'a>> {
        let column = column.as_dictionary_opt::<Int32Type>()?;
        let texts: Vec<&str> = column.values().as_string_opt::<i32>()?.iter().map(Option::unwrap_or_default).collect();
        let hashes = texts.iter().map(|text| xxh3_64(text.as_bytes())).collect();
        Some(Words { column, texts, hashes })
    }

    /// The word's place; nothing when absent.
    #[inline]
    fn place(&self, row: usize) -> Option<usize> {
        self.column.key(row)
    }

    #[inline]
    fn text(&self, row: usize) -> &'a str {
        self.place(row).map_or("", |at| self.texts[at])
    }

    #[inline]
    fn hash(&self, row: usize) -> u64 {
        self.place(row).map_or(0, |at| self.hashes[at])
    }
}

/// The columns of one batch.
struct Columns<'a> {
    domain: &'a StringViewArray,
    host: &'a StringViewArray,
    kind: Words<'a>,
    kinds: Vec<Option<Kind>>,
    key: Words<'a>,
    plain_keys: Vec<bool>,
    value: &'a StringViewArray,
    at: Times<'a>,
    source: Words<'a>,
    plain_sources: Vec<bool>,
    status: Words<'a>,
    statuses: Vec<Option<Status>>,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch, places: &[usize]) -> Option<Columns<'a>> {
        let column = |at: usize| batch.column(places[at]);
        let (kind, key, source, status) =
            (Words::of(column(2))?, Words::of(column(3))?, Words::of(column(6))?, Words::of(column(7))?);
        let plain = |words: &Words| words.texts.iter().map(|text| is_plain_text(text)).collect();
        Some(Columns {
            domain: column(0).as_string_view_opt()?,
            host: column(1).as_string_view_opt()?,
            kinds: kind.texts.iter().map(|word| Kind::parse(word)).collect(),
            plain_keys: plain(&key),
            value: column(4).as_string_view_opt()?,
            at: Times::of(column(5))?,
            plain_sources: plain(&source),
            statuses: status.texts.iter().map(|word| Status::parse(word)).collect(),
            kind,
            key,
            source,
            status,
        })
    }

    /// The hash of a row: of its name, its words, its time and its value.
    #[inline]
    fn content(&self, row: usize, name: u64, at: Option<Moment>, value_hash: u64) -> u128 {
        let words = [&self.kind, &self.key, &self.source, &self.status].map(|words| words.hash(row));
        let mixed = words.iter().fold(name ^ at.map_or(0, |m| m.0 as u64), |hash, word| {
            (hash ^ word).rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        let wide = u128::from(mixed ^ value_hash).wrapping_mul(0xa076_1d64_78bd_642f_e703_7ed1_a0b4_28db);
        (wide ^ (wide >> 67)).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }

    /// The observation of a row that is in normal form as it stands.
    fn plain<'r>(
        &'r self,
        row: usize,
        source: &'r str,
        domain: &'r str,
        host: &'r str,
        (value, value_hash): (&'r str, u64),
        at: Option<Moment>,
    ) -> Option<ObservationRef<'r>> {
        let kind = self.kinds[self.kind.place(row)?]?;
        let status = self.status.place(row).map_or(Some(Status::Found), |at| self.statuses[at])?;
        if !self.key.place(row).is_none_or(|at| self.plain_keys[at])
            || !self.source.place(row).is_none_or(|at| self.plain_sources[at])
        {
            return None;
        }
        let key = self.key.text(row);
        let source = match self.source.text(row) {
            "" => source,
            own => own,
        };
        let record = ObservationRef { domain, host, kind, key, value, observed_at: at?, source, status, value_hash };
        if status != Status::Found {
            let key = if kind == Kind::Dkim { host.split('.').next().unwrap_or("") } else { "" };
            return Some(ObservationRef { key, value: "", value_hash: hash_of(""), ..record });
        }
        let as_it_is = !value.is_empty()
            && match kind {
                Kind::Mx | Kind::Ns | Kind::Cname | Kind::Autodiscover => is_plain_host(value),
                Kind::Spf | Kind::Dmarc if key.is_empty() => false,
                Kind::Txt if key.is_empty() => {
                    // A record at a service host, or one that begins like SPF or DMARC, may be of another kind.
                    let other = value.starts_with(['v', 'V', '"']) || host.len() != domain.len();
                    !other && is_plain_text(value)
                }
                _ => is_plain_text(value),
            };
        as_it_is.then_some(record)
    }
}

/// A column of times in whatever unit.
enum Times<'a> {
    Millisecond(&'a PrimitiveArray<TimestampMillisecondType>),
    Microsecond(&'a PrimitiveArray<TimestampMicrosecondType>),
    Nanosecond(&'a PrimitiveArray<TimestampNanosecondType>),
}

impl<'a> Times<'a> {
    fn of(column: &'a ArrayRef) -> Option<Times<'a>> {
        match column.data_type() {
            DataType::Timestamp(TimeUnit::Millisecond, _) => column.as_primitive_opt().map(Times::Millisecond),
            DataType::Timestamp(TimeUnit::Microsecond, _) => column.as_primitive_opt().map(Times::Microsecond),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => column.as_primitive_opt().map(Times::Nanosecond),
            // Parquet knows no seconds.
            _ => None,
        }
    }

    #[inline]
    fn get(&self, row: usize) -> Option<Moment> {
        let (absent, seconds) = match self {
            Times::Millisecond(c) => (c.is_null(row), c.value(row).div_euclid(1_000)),
            Times::Microsecond(c) => (c.is_null(row), c.value(row).div_euclid(1_000_000)),
            Times::Nanosecond(c) => (c.is_null(row), c.value(row).div_euclid(1_000_000_000)),
        };
        (!absent).then_some(Moment(seconds))
    }
}

/// The rows of one row group.
struct Reading<'a, 'h> {
    source: &'a str,
    account: Account,
    hand: &'h mut Hand<'a>,
}

impl Reading<'_, '_> {
    fn batch(&mut self, c: &Columns, first: u64) {
        let source = self.source;
        let mut records = Vec::with_capacity(HANDFUL);
        // The last host and domain that were found in normal form, and the hash of both.
        let (mut known, mut name) = (("", ""), 0);
        for row in 0..c.domain.len() {
            let (mut domain, mut host, value) = (text(c.domain, row), text(c.host, row), text(c.value, row));
            let mut name_is_plain = !host.is_empty() && is_same(known.0, host) && is_same(known.1, domain);
            if name_is_plain {
                // The very same text is told to be the same at a glance.
                (host, domain) = known;
            } else {
                name = xxh3_64(host.as_bytes()) ^ xxh3_64(domain.as_bytes()).rotate_left(17);
                name_is_plain = is_plain_name(host, domain);
                known = if name_is_plain { (host, domain) } else { ("", "") };
            }
            let (at, value_hash) = (c.at.get(row), hash_of(value));
            self.account.content = self.account.content.wrapping_add(c.content(row, name, at, value_hash));
            let plain = if name_is_plain { c.plain(row, source, domain, host, (value, value_hash), at) } else { None };
            match plain {
                Some(record) => {
                    records.push(record);
                    if records.len() == HANDFUL {
                        self.hand_on(&mut records);
                    }
                }
                None => {
                    self.hand_on(&mut records);
                    self.slowly(c, row, first + row as u64 + 1);
                }
            }
        }
        self.account.rows += c.domain.len() as u64;
        self.hand_on(&mut records);
    }

    fn hand_on(&mut self, records: &mut Vec<ObservationRef>) {
        self.account.used += records.len() as u64;
        self.account.observations += records.len() as u64;
        (self.hand)(records);
        records.clear();
    }

    /// Any other row, as text.
    fn slowly(&mut self, c: &Columns, row: usize, number: u64) {
        let cells = [
            text(c.domain, row).to_string(),
            text(c.host, row).to_string(),
            c.kind.text(row).to_string(),
            c.key.text(row).to_string(),
            text(c.value, row).to_string(),
            c.at.get(row).map_or(String::new(), Moment::iso),
            c.source.text(row).to_string(),
            c.status.text(row).to_string(),
        ];
        let columns: Vec<Option<usize>> = (0..cells.len()).map(Some).collect();
        let mut emit = Emit::new(self.source);
        let faults = match generic::read(&Row::new(&cells, &columns), &mut emit) {
            Ok(()) => std::mem::take(&mut emit.faults),
            Err(faults) => {
                emit.rows.clear();
                faults
            }
        };
        self.account.used += u64::from(faults.iter().all(|f| f.outcome == Outcome::Kept));
        self.account.faults.extend(faults.into_iter().map(|fault| (number, fault)));
        self.account.observations += emit.rows.len() as u64;
        (self.hand)(&emit.rows.iter().map(ObservationRef::from).collect::<Vec<_>>());
    }
}

#[inline]
fn text(column: &StringViewArray, row: usize) -> &str {
    if column.is_null(row) { "" } else { column.value(row) }
}

#[cfg(test)]
mod tests;
