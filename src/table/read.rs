//! Reads a table row by row as text, from CSV (plain, gzip, zstd) or Parquet, in bounded memory.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::column::{Column, Table};
use super::csv::{Assembled, Assembler, is_closed, separator, split, unclosed};
use super::misspelt::{NOT_READ, is_part, is_slip};
use crate::fault::{Failure, Fault, did_you_mean, nearest, shorten};
use crate::input::{Batch, Lines, Packing, packing_of};

/// A row that could be read: its cells in the order of the header.
pub struct Row<'a> {
    cells: &'a [String],
    columns: &'a [Option<usize>],
}

impl<'a> Row<'a> {
    /// A row of these cells; `columns` says which cell each declared column is.
    pub fn new(cells: &'a [String], columns: &'a [Option<usize>]) -> Row<'a> {
        Row { cells, columns }
    }

    /// The cell of declared column `index`, trimmed; blank when the table lacks the column.
    pub fn cell(&self, index: usize) -> &str {
        self.columns[index].and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim())
    }
}

/// What was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Rows, without the header and blank lines.
    pub rows: u64,
    /// Hash of the rows whatever their order.
    pub content: u128,
}

/// A table on disk whose header has been read.
pub struct TableFile {
    path: PathBuf,
    /// Column names as written.
    pub header: Vec<String>,
    layout: Layout,
}

/// How the rows are written.
enum Layout {
    /// Text with this separator.
    Csv(u8),
    Parquet,
}

impl TableFile {
    /// Opens a table and reads its header.
    ///
    /// # Errors
    /// When the file can't be read, is empty, or is not a table.
    pub fn open(path: &Path) -> Result<TableFile, Failure> {
        let (layout, header) = match packing_of(path)? {
            Packing::Parquet => {
                let names = || Ok(parquet_reader(path)?.schema().fields().iter().map(|f| f.name().clone()).collect());
                (Layout::Parquet, guarded(path, names)?)
            }
            _ => {
                let (separator, names) = csv_header(path)?;
                (Layout::Csv(separator), names)
            }
        };
        Ok(TableFile { path: path.to_path_buf(), header, layout })
    }

    /// Whether it is Parquet.
    pub fn is_parquet(&self) -> bool {
        matches!(self.layout, Layout::Parquet)
    }

    /// Position in the file of each of `names` (without regard to case), where it has them.
    pub fn positions<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<Option<usize>> {
        let position = |name: &str| self.header.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
        names.into_iter().map(position).collect()
    }

    /// Checks that the header has every required column of `table`.
    ///
    /// # Errors
    /// When it lacks one, with the nearest name that it has.
    pub fn require(&self, table: &Table) -> Result<(), Failure> {
        let positions = self.positions(table.header());
        let twice = |name: &&str| self.header.iter().filter(|h| h.eq_ignore_ascii_case(name)).count() > 1;
        if let Some(name) = table.header().find(twice) {
            return Err(Failure::new(format!("{}:1: column \"{name}\" is there twice", self.path.display()))
                .hint("take one of them out: which is meant can't be told"));
        }
        let missing = table.columns.iter().zip(&positions).find(|(column, at)| column.required && at.is_none());
        let Some((column, _)) = missing else { return Ok(()) };
        let Column { name, meaning, .. } = column;
        let message =
            format!("{}:1: required column \"{name}\" is missing ({}: {meaning})", self.path.display(), table.name);
        let hint = match did_you_mean(name, self.header.iter().map(String::as_str)) {
            hint if hint.is_empty() => format!("the header has: {}", shorten(&self.header.join(", "))),
            hint => format!("{hint} Rename the column to {name}"),
        };
        Err(Failure::new(message).hint(hint))
    }

    /// Notes on columns that `table` does not have and whose name is near to one that the file lacks, or a part of it.
    pub fn misspelt(&self, table: &Table) -> Vec<Fault> {
        let absent: Vec<&str> = table.header().filter(|name| self.positions([*name])[0].is_none()).collect();
        let known = |h: &&String| h.is_empty() || table.header().any(|name| name.eq_ignore_ascii_case(h.trim()));
        let note = |h: &String| {
            let near = nearest(h.trim(), absent.iter().copied()).filter(|name| is_slip(h.trim(), name));
            let meant = near.or_else(|| absent.iter().copied().find(|name| is_part(h.trim(), name)))?;
            Some(Fault::new(h, "", NOT_READ).hint(format!("did you mean `{meant}`?")).kept())
        };
        self.header.iter().filter(|h| !known(h)).filter_map(note).collect()
    }

    /// Hands each row to `each`, with the line (CSV) or row (Parquet) number; what is no row comes as a fault.
    ///
    /// # Errors
    /// When the file can't be read to its end.
    pub fn for_each(
        &self,
        columns: &[Option<usize>],
        mut each: impl FnMut(u64, Result<Row, Fault>),
    ) -> Result<Counts, Failure> {
        match self.layout {
            Layout::Parquet => self.parquet_rows(columns, &mut each),
            Layout::Csv(separator) => self.csv_rows(separator, columns, &mut each),
        }
    }

    /// Reads every row with `read`, several at once, and hands what it gives to `each` in the order of the file, with the
    /// line (CSV) or row (Parquet) number.
    ///
    /// # Errors
    /// When the file can't be read to its end.
    pub fn map_each<T: Send>(
        &self,
        columns: &[Option<usize>],
        read: impl Fn(Result<Row, Fault>) -> T + Sync,
        mut each: impl FnMut(u64, T),
    ) -> Result<Counts, Failure> {
        match self.layout {
            Layout::Parquet => guarded(&self.path, || self.decode_at_once(columns, &read, &mut each)),
            Layout::Csv(separator) => self.csv_rows_at_once(separator, columns, &read, &mut each),
        }
    }

    fn csv_rows_at_once<T: Send>(
        &self,
        separator: u8,
        columns: &[Option<usize>],
        read: &(impl Fn(Result<Row, Fault>) -> T + Sync),
        each: &mut impl FnMut(u64, T),
    ) -> Result<Counts, Failure> {
        let one = |cells: &mut Vec<String>, row: &Assembled| match row {
            Assembled::Row(number, text) => {
                split(text, separator, cells);
                (*number, read(self.checked(cells, columns, text)))
            }
            Assembled::Unclosed(number, text) => (*number, read(Err(unclosed(text)))),
        };
        let (counts, unreadable) = self.csv_batches(separator, &mut |rows| {
            let done: Vec<(u64, T)> = rows.par_iter().map_init(Vec::new, one).collect();
            done.into_iter().for_each(|(number, value)| each(number, value));
        })?;
        unreadable.into_iter().for_each(|(number, fault)| each(number, read(Err(fault))));
        Ok(counts)
    }

    fn csv_rows(
        &self,
        separator: u8,
        columns: &[Option<usize>],
        each: &mut dyn FnMut(u64, Result<Row, Fault>),
    ) -> Result<Counts, Failure> {
        let mut cells = Vec::new();
        let (counts, unreadable) = self.csv_batches(separator, &mut |rows| {
            for row in rows {
                match row {
                    Assembled::Row(number, text) => {
                        split(text, separator, &mut cells);
                        each(*number, self.checked(&cells, columns, text));
                    }
                    Assembled::Unclosed(number, text) => each(*number, Err(unclosed(text))),
                }
            }
        })?;
        unreadable.into_iter().for_each(|(number, fault)| each(number, Err(fault)));
        Ok(counts)
    }

    /// Hands the rows below the header to `give`, block by block; gives back the lines that can't be read.
    fn csv_batches(&self, separator: u8, give: &mut dyn FnMut(&[Assembled])) -> Result<Read, Failure> {
        let mut lines = Lines::open(&self.path)?;
        let (mut batch, mut assembler, mut rows) = (Batch::default(), Assembler::new(separator), Vec::new());
        let (mut counts, mut unreadable, mut header, mut more) = (Counts::default(), Vec::new(), true, true);
        while more {
            more = lines.next_batch(&mut batch)?;
            for (number, line) in batch.lines() {
                match line {
                    Ok(text) => assembler.push(number, text, &mut rows),
                    Err(fault) => unreadable.push((number, fault.fault())),
                }
            }
            if !more {
                assembler.finish(&mut rows);
            }
            let first = usize::from(header && !rows.is_empty());
            header &= rows.is_empty();
            counts.rows += (rows.len() - first) as u64;
            give(&rows[first..]);
            rows.clear();
        }
        counts.rows += unreadable.len() as u64;
        counts.content = lines.content_hash();
        Ok((counts, unreadable))
    }

    /// A row must have as many cells as the header.
    fn checked<'a>(&self, cells: &'a [String], columns: &'a [Option<usize>], text: &str) -> Result<Row<'a>, Fault> {
        if cells.len() == self.header.len() {
            return Ok(Row { cells, columns });
        }
        Err(Fault::new("", text, format!("{} cells where the header has {}", cells.len(), self.header.len()))
            .hint("a cell that holds the separator must be quoted"))
    }

    /// Reads Parquet; what a damaged file makes the decoder do is a failure of the file, not of the program.
    fn parquet_rows(
        &self,
        columns: &[Option<usize>],
        each: &mut dyn FnMut(u64, Result<Row, Fault>),
    ) -> Result<Counts, Failure> {
        guarded(&self.path, || self.decode(columns, each))
    }

    fn decode_at_once<T: Send>(
        &self,
        columns: &[Option<usize>],
        read: &(impl Fn(Result<Row, Fault>) -> T + Sync),
        each: &mut impl FnMut(u64, T),
    ) -> Result<Counts, Failure> {
        let mut reader =
            parquet_reader(&self.path)?.with_batch_size(8192).build().map_err(|e| not_parquet(&self.path, &e))?;
        let mut counts = Counts::default();
        loop {
            let batches: Result<Vec<RecordBatch>, _> = reader.by_ref().take(BATCHES_AT_ONCE).collect();
            let batches = batches.map_err(|e| not_parquet(&self.path, &e))?;
            if batches.is_empty() {
                return Ok(counts);
            }
            let one = |batch: &RecordBatch| {
                let (mut values, mut content) = (Vec::with_capacity(batch.num_rows()), 0u128);
                self.each_of(batch, |cells| {
                    content = content.wrapping_add(xxh3_128(cells.join("\u{1f}").as_bytes()));
                    values.push(read(Ok(Row { cells, columns })));
                })?;
                Ok((values, content))
            };
            let done: Result<Vec<(Vec<T>, u128)>, Failure> = batches.par_iter().map(one).collect();
            for (values, content) in done? {
                counts.content = counts.content.wrapping_add(content);
                for value in values {
                    counts.rows += 1;
                    each(counts.rows, value);
                }
            }
        }
    }

    /// The cells of each row of a batch, as text.
    fn each_of(&self, batch: &RecordBatch, mut each: impl FnMut(&[String])) -> Result<(), Failure> {
        let options = FormatOptions::default().with_null("");
        let formatters: Result<Vec<_>, _> =
            batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options)).collect();
        let formatters = formatters.map_err(|e| not_parquet(&self.path, &e))?;
        let mut cells = vec![String::new(); batch.num_columns()];
        for row in 0..batch.num_rows() {
            for (cell, column) in cells.iter_mut().zip(&formatters) {
                cell.clear();
                let _ = column.value(row).write(cell);
            }
            each(&cells);
        }
        Ok(())
    }

    fn decode(
        &self,
        columns: &[Option<usize>],
        each: &mut dyn FnMut(u64, Result<Row, Fault>),
    ) -> Result<Counts, Failure> {
        let reader =
            parquet_reader(&self.path)?.with_batch_size(8192).build().map_err(|e| not_parquet(&self.path, &e))?;
        let mut counts = Counts::default();
        for batch in reader {
            let batch = batch.map_err(|e| not_parquet(&self.path, &e))?;
            self.each_of(&batch, |cells| {
                counts.rows += 1;
                counts.content = counts.content.wrapping_add(xxh3_128(cells.join("\u{1f}").as_bytes()));
                each(counts.rows, Ok(Row { cells, columns }));
            })?;
        }
        Ok(counts)
    }
}

/// The account of a text file, and its lines that are no text.
type Read = (Counts, Vec<(u64, Fault)>);

/// Batches of a Parquet file that are read at once.
const BATCHES_AT_ONCE: usize = 8;

/// Hands each row of a table that comes as comma-separated text, one line a row, to `each` with its line number.
pub fn each_row(text: &str, table: &Table, mut each: impl FnMut(u64, &Row)) {
    let (mut header, mut cells) = (Vec::new(), Vec::new());
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((_, first)) = lines.next() else { return };
    split(first, b',', &mut header);
    let columns: Vec<Option<usize>> = table.header().map(|name| header.iter().position(|h| h == name)).collect();
    for (number, line) in lines {
        split(line, b',', &mut cells);
        each(number, &Row { cells: &cells, columns: &columns });
    }
}

/// Separator and column names of a CSV file.
fn csv_header(path: &Path) -> Result<(u8, Vec<String>), Failure> {
    let mut batch = Batch::default();
    Lines::open(path)?.next_batch(&mut batch)?;
    let Some((_, first)) = batch.lines().next() else { return Err(crate::input::empty(path)) };
    let first = first.map_err(|fault| {
        let fault = fault.fault();
        Failure::new(format!("{}:1: the header cannot be read: {}", path.display(), fault.rule)).hint(fault.hint)
    })?;
    if first.contains('\r') {
        return Err(Failure::new(format!("{}: its lines end in a bare carriage return", path.display()))
            .hint("convert the file, for example with: tr '\\r' '\\n'"));
    }
    let separator = separator(first);
    let mut names = Vec::new();
    split(first, separator, &mut names);
    if !is_closed(first, separator) {
        return Err(Failure::new(format!("{}:1: a quote is opened in the header and not closed", path.display()))
            .hint("column names stand on the first line"));
    }
    Ok((separator, names.iter().map(|n| n.trim().to_string()).collect()))
}

/// Runs a decoder whose panics mean a damaged file.
///
/// # Errors
/// Those of `decode`, and when it panics.
pub fn guarded<T>(path: &Path, decode: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode));
    std::panic::set_hook(told);
    result.unwrap_or_else(|_| Err(not_parquet(path, &"its contents contradict each other")))
}

fn parquet_reader(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<std::fs::File>, Failure> {
    let file = std::fs::File::open(path).map_err(|e| Failure::io("open", path, &e))?;
    ParquetRecordBatchReaderBuilder::try_new_with_options(
        file,
        ArrowReaderOptions::new().with_skip_arrow_metadata(true),
    )
    .map_err(|e| not_parquet(path, &e))
}

/// What is said of a file that can't be read as Parquet.
pub fn not_parquet(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{}: not a readable Parquet file: {error}", path.display()))
        .hint("the file may be cut short: write or copy it again")
}
