//! Writes rows to CSV or Parquet from the one declaration of their columns.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int32Array, Int64Array, StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::column::{Column, Kind, Table};
use super::csv::shield;
use crate::fault::Failure;
use crate::moment::Moment;
use crate::money::Cents;

/// Rows written to Parquet at once.
const BATCH: usize = 1 << 16;

/// A value on its way into a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Absent.
    Null,
    /// Text.
    Text(String),
    /// Whole number.
    Integer(i64),
    /// Real number, share or probability.
    Number(f64),
    /// Money.
    Money(Cents),
    /// Calendar date.
    Date(jiff::civil::Date),
    /// Moment.
    Time(Moment),
}

impl Cell {
    /// Text, or nothing when it is blank.
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::Null } else { Cell::Text(text) }
    }

    /// As CSV has it.
    fn to_csv(&self) -> String {
        match self {
            Cell::Null => String::new(),
            Cell::Text(text) => shield(text).into_owned(),
            Cell::Integer(n) => n.to_string(),
            Cell::Number(x) => x.to_string(),
            Cell::Money(cents) => cents.to_string(),
            Cell::Date(day) => day.to_string(),
            Cell::Time(moment) => moment.iso(),
        }
    }

    fn as_text(&self) -> Option<&str> {
        if let Cell::Text(text) = self { Some(text) } else { None }
    }

    fn as_integer(&self) -> Option<i64> {
        if let Cell::Integer(n) = self { Some(*n) } else { None }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Cell::Number(x) => Some(*x),
            Cell::Money(cents) => Some(cents.units()),
            _ => None,
        }
    }

    fn as_date(&self) -> Option<i32> {
        let Cell::Date(day) = self else { return None };
        let epoch = jiff::civil::date(1970, 1, 1);
        Some((*day - epoch).get_days())
    }

    fn as_millis(&self) -> Option<i64> {
        if let Cell::Time(moment) = self { Some(moment.0 * 1000) } else { None }
    }
}

/// A row of a declared table.
pub trait Record {
    /// The table.
    const TABLE: Table;
    /// Its cells, in the order of the columns.
    fn cells(&self) -> Vec<Cell>;
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated text.
    Csv,
    /// Apache Parquet, zstd.
    Parquet,
}

impl Format {
    /// By the end of the file's name; Parquet unless it says `.csv`.
    pub fn of(path: &Path) -> Format {
        let csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        if csv { Format::Csv } else { Format::Parquet }
    }

    /// The end of such a file's name.
    pub fn end(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        }
    }

    /// The table of this name in a folder: the CSV, where there are both, since that is the one that people edit.
    pub fn find(folder: &Path, name: &str) -> Option<PathBuf> {
        let inside = [Format::Csv, Format::Parquet].map(|format| folder.join(format!("{name}.{}", format.end())));
        inside.into_iter().find(|file| file.exists())
    }
}

enum Sink {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Parquet(Box<ArrowWriter<File>>),
}

/// Writes a table row by row, holding one block.
pub struct TableWriter {
    table: Table,
    sink: Sink,
    held: Vec<Vec<Cell>>,
    rows: u64,
    path: PathBuf,
}

impl TableWriter {
    /// Starts a table at `path`.
    ///
    /// # Errors
    /// When the file can't be made.
    pub fn create(path: &Path, format: Format, table: Table) -> Result<TableWriter, Failure> {
        let file = File::create(path).map_err(|e| Failure::io("write", path, &e))?;
        let sink = match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(BufWriter::new(file));
                writer.write_record(table.header()).map_err(|e| unwritten(path, &e))?;
                Sink::Csv(Box::new(writer))
            }
            Format::Parquet => {
                let level = ZstdLevel::try_new(3).map_err(|e| unwritten(path, &e))?;
                let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                let writer = ArrowWriter::try_new(file, Arc::new(schema(&table)), Some(properties));
                Sink::Parquet(Box::new(writer.map_err(|e| unwritten(path, &e))?))
            }
        };
        Ok(TableWriter { table, sink, held: Vec::new(), rows: 0, path: path.to_path_buf() })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&mut self, record: &impl Record) -> Result<(), Failure> {
        self.rows += 1;
        let cells = record.cells();
        match &mut self.sink {
            Sink::Csv(writer) => {
                writer.write_record(cells.iter().map(Cell::to_csv)).map_err(|e| unwritten(&self.path, &e))
            }
            Sink::Parquet(_) => {
                self.held.push(cells);
                if self.held.len() == BATCH { self.flush() } else { Ok(()) }
            }
        }
    }

    /// Writes several rows.
    ///
    /// # Errors
    /// When the disk refuses one.
    pub fn write_all(&mut self, records: &[impl Record]) -> Result<(), Failure> {
        records.iter().try_for_each(|record| self.write(record))
    }

    /// Ends the table and says how many rows it has.
    ///
    /// # Errors
    /// When the disk refuses what is left.
    pub fn finish(mut self) -> Result<u64, Failure> {
        self.flush()?;
        match self.sink {
            Sink::Csv(mut writer) => writer.flush().map_err(|e| Failure::io("write", &self.path, &e))?,
            Sink::Parquet(writer) => {
                let mut file = writer.into_inner().map_err(|e| unwritten(&self.path, &e))?;
                file.flush().map_err(|e| Failure::io("write", &self.path, &e))?;
            }
        }
        Ok(self.rows)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let Sink::Parquet(writer) = &mut self.sink else { return Ok(()) };
        if self.held.is_empty() {
            return Ok(());
        }
        let columns = self.table.columns.iter().enumerate().map(|(at, column)| array(column, at, &self.held)).collect();
        let batch =
            RecordBatch::try_new(Arc::new(schema(&self.table)), columns).map_err(|e| unwritten(&self.path, &e))?;
        writer.write(&batch).map_err(|e| unwritten(&self.path, &e))?;
        self.held.clear();
        Ok(())
    }
}

/// Writes a whole table.
///
/// # Errors
/// When the disk refuses it.
pub fn write_table<R: Record>(path: &Path, format: Format, records: &[R]) -> Result<u64, Failure> {
    let mut writer = TableWriter::create(path, format, R::TABLE)?;
    writer.write_all(records)?;
    writer.finish()
}

fn unwritten(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}

fn schema(table: &Table) -> Schema {
    let field = |column: &Column| {
        let metadata =
            [("unit", column.unit), ("meaning", column.meaning)].map(|(k, v)| (k.to_string(), v.to_string()));
        Field::new(column.name, data_type(column.kind), true).with_metadata(metadata.into())
    };
    Schema::new(table.columns.iter().map(field).collect::<Vec<_>>())
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Integer => DataType::Int64,
        Kind::Integer32 => DataType::Int32,
        Kind::Number | Kind::Money | Kind::Share => DataType::Float64,
        Kind::Date => DataType::Date32,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

fn array(column: &Column, at: usize, rows: &[Vec<Cell>]) -> ArrayRef {
    let cells = rows.iter().map(|row| &row[at]);
    match column.kind {
        Kind::Text => Arc::new(cells.map(Cell::as_text).collect::<StringArray>()),
        Kind::Integer => Arc::new(cells.map(Cell::as_integer).collect::<Int64Array>()),
        Kind::Integer32 => {
            let short = |cell: &Cell| cell.as_integer().and_then(|n| i32::try_from(n).ok());
            Arc::new(cells.map(short).collect::<Int32Array>())
        }
        Kind::Number | Kind::Money | Kind::Share => Arc::new(cells.map(Cell::as_number).collect::<Float64Array>()),
        Kind::Date => Arc::new(cells.map(Cell::as_date).collect::<Date32Array>()),
        Kind::Timestamp => {
            Arc::new(cells.map(Cell::as_millis).collect::<TimestampMillisecondArray>().with_timezone("UTC"))
        }
    }
}
