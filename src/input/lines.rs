//! Lines in blocks, each with its number; over-long and non-UTF-8 lines are told apart, not fatal.

use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use super::open;
use crate::fault::{Failure, Fault};

/// Longest line that is read: 16 MiB. What is longer is skipped and reported.
pub const MAX_LINE: usize = 16 << 20;

/// Text held in one block before it is handed on.
const BLOCK: usize = 4 << 20;

/// Why a line can't be read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// Longer than [`MAX_LINE`]; the true length in bytes.
    TooLong(u64),
    /// Not UTF-8; the byte, counted from 1, where it stops being so.
    NotUtf8(usize),
}

impl LineFault {
    /// The fault as a row of the rejects table.
    pub fn fault(self) -> Fault {
        match self {
            LineFault::TooLong(bytes) => {
                Fault::new("", "", format!("line of {bytes} bytes; at most {MAX_LINE} are read"))
                    .hint("one record a line: split the file, or take page bodies out of the scan (httpx: drop -irr)")
            }
            LineFault::NotUtf8(byte) => Fault::new("", "", format!("not UTF-8 from byte {byte} of the line"))
                .hint("convert the file, for example with: iconv -f WINDOWS-1252 -t UTF-8"),
        }
    }
}

/// One line of a block.
#[derive(Clone, Debug)]
pub struct Line {
    /// Counted from 1.
    pub number: u64,
    span: Range<usize>,
    fault: Option<LineFault>,
}

/// A block of lines.
#[derive(Debug, Default)]
pub struct Batch {
    text: Vec<u8>,
    lines: Vec<Line>,
}

impl Batch {
    /// Number and text (or fault) of each line; blank lines are not there.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = (u64, Result<&str, LineFault>)> {
        self.lines.iter().map(|line| {
            let bytes = &self.text[line.span.clone()];
            let text = match (line.fault, std::str::from_utf8(bytes)) {
                (Some(fault), _) => Err(fault),
                (None, Ok(text)) => Ok(text),
                (None, Err(error)) => Err(LineFault::NotUtf8(error.valid_up_to() + 1)),
            };
            (line.number, text)
        })
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Reads a text file block by block.
pub struct Lines {
    path: PathBuf,
    reader: BufReader<Box<dyn Read + Send>>,
    number: u64,
    content: u128,
}

impl Lines {
    /// Opens a plain, gzip or zstd file.
    ///
    /// # Errors
    /// When it can't be opened, is empty, or is a Parquet file.
    pub fn open(path: &Path) -> Result<Lines, Failure> {
        let reader = BufReader::with_capacity(1 << 17, open::text(path)?);
        Ok(Lines { path: path.to_path_buf(), reader, number: 0, content: 0 })
    }

    /// The lines of a file that holds one document: a line that is no text spoils the whole.
    ///
    /// # Errors
    /// When the file can't be read to its end, or a line of it is no text.
    pub fn of_document(path: &Path) -> Result<Vec<(u64, String)>, Failure> {
        let (mut file, mut batch, mut lines) = (Lines::open(path)?, Batch::default(), Vec::new());
        while file.next_batch(&mut batch)? {
            for (number, line) in batch.lines() {
                let text = line.map_err(|fault| {
                    let fault = fault.fault();
                    Failure::new(format!("{}:{number}: {}", path.display(), fault.rule)).hint(fault.hint)
                })?;
                lines.push((number, text.to_string()));
            }
        }
        Ok(lines)
    }

    /// Fills `batch` with the next lines; false when there are none left.
    ///
    /// # Errors
    /// When the file ends in the middle of its compression, or can't be read.
    pub fn next_batch(&mut self, batch: &mut Batch) -> Result<bool, Failure> {
        batch.text.clear();
        batch.lines.clear();
        while batch.text.len() < BLOCK && self.next_line(batch)? {}
        Ok(!batch.lines.is_empty())
    }

    /// Hash of the lines as a set with repetition: the sum of the hashes of each, whatever their order.
    pub fn content_hash(&self) -> u128 {
        self.content
    }

    /// Reads one line; false at the end.
    fn next_line(&mut self, batch: &mut Batch) -> Result<bool, Failure> {
        let start = batch.text.len();
        let mut length = 0u64;
        loop {
            let number = self.number;
            let block = self.reader.fill_buf().map_err(|e| broken(&self.path, number, &e))?;
            if block.is_empty() {
                break;
            }
            let (used, done) = memchr::memchr(b'\n', block).map_or((block.len(), false), |at| (at + 1, true));
            let room = (MAX_LINE + 2).saturating_sub(batch.text.len() - start);
            batch.text.extend_from_slice(&block[..used.min(room)]);
            length += used as u64;
            self.reader.consume(used);
            if done {
                break;
            }
        }
        if length == 0 {
            return Ok(false);
        }
        self.number += 1;
        self.keep_line(batch, start, length);
        Ok(true)
    }

    fn keep_line(&mut self, batch: &mut Batch, start: usize, length: u64) {
        if self.number == 1 && batch.text[start..].starts_with(b"\xef\xbb\xbf") {
            batch.text.drain(start..start + 3);
        }
        let line = &batch.text[start..];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let end = start + line.strip_suffix(b"\r").unwrap_or(line).len();
        let fault = (length > MAX_LINE as u64 + 2 || end - start > MAX_LINE).then_some(LineFault::TooLong(length));
        if fault.is_some() {
            batch.text.truncate(start);
        }
        let end = end.min(batch.text.len());
        if fault.is_none() && batch.text[start..end].trim_ascii().is_empty() {
            batch.text.truncate(start);
            return;
        }
        self.content = self.content.wrapping_add(xxh3_128(&batch.text[start..end]));
        batch.lines.push(Line { number: self.number, span: start..end, fault });
    }
}

fn broken(path: &Path, line: u64, error: &std::io::Error) -> Failure {
    let failure = Failure::new(format!("{}: cannot be read beyond line {line}: {error}", path.display()));
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => failure.hint(
            "the compressed file ends too early: copy it again; nothing was used, so that no row is missed in silence",
        ),
        _ => failure.hint("the compressed file may be damaged: test it with gzip -t or zstd -t"),
    }
}
