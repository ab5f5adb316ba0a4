//! CSV rows from physical lines (RFC 4180), such that one stray quote costs one row and not the rest of the file.

use std::collections::VecDeque;

use crate::fault::Fault;

/// Lines that one quoted cell may span.
const MAX_SPAN: usize = 64;

/// A row being put together from lines.
#[derive(Debug)]
pub struct Assembler {
    separator: u8,
    /// Cells of a row; none before the header.
    width: Option<usize>,
    held: VecDeque<(u64, String)>,
}

/// A complete row, or the line that can't be one.
#[derive(Debug, PartialEq, Eq)]
pub enum Assembled {
    /// First line and text.
    Row(u64, String),
    /// Line with an unclosed quote.
    Unclosed(u64, String),
}

impl Assembler {
    /// For rows with this separator; the first row is the header and sets the width.
    pub fn new(separator: u8) -> Assembler {
        Assembler { separator, width: None, held: VecDeque::new() }
    }

    /// Takes the next line and gives the rows it completes.
    pub fn push(&mut self, number: u64, line: &str, out: &mut Vec<Assembled>) {
        if self.held.is_empty() && is_closed(line, self.separator) {
            self.width.get_or_insert_with(|| cells_of(line, self.separator));
            out.push(Assembled::Row(number, line.to_string()));
            return;
        }
        self.held.push_back((number, line.to_string()));
        self.settle(false, out);
    }

    /// Ends the file: what is still open can't be a row.
    pub fn finish(&mut self, out: &mut Vec<Assembled>) {
        self.settle(true, out);
    }

    /// Gives the held lines that are complete. Several lines are one row only when their quotes close where a cell ends
    /// and they have the header's number of cells; else the first is given up and the others stand for themselves.
    fn settle(&mut self, end: bool, out: &mut Vec<Assembled>) {
        while let Some((number, first)) = self.held.front().cloned() {
            let mut text = first;
            let mut lines = 1;
            while !is_closed(&text, self.separator) && lines < self.held.len() {
                text.push('\n');
                text.push_str(&self.held[lines].1);
                lines += 1;
            }
            let closed = is_closed(&text, self.separator);
            if closed && (lines == 1 || self.fits(&text)) {
                self.width.get_or_insert_with(|| cells_of(&text, self.separator));
                self.held.drain(..lines);
                out.push(Assembled::Row(number, text));
            } else if closed || end || self.held.len() >= MAX_SPAN {
                let line = self.held.pop_front().map_or_else(String::new, |(_, line)| line);
                self.width.get_or_insert(0);
                out.push(Assembled::Unclosed(number, line));
            } else {
                return;
            }
        }
    }

    fn fits(&self, text: &str) -> bool {
        quotes(text, self.separator).1 && self.width.is_none_or(|width| cells_of(text, self.separator) == width)
    }
}

fn cells_of(text: &str, separator: u8) -> usize {
    let mut cells = Vec::new();
    split(text, separator, &mut cells);
    cells.len()
}

/// Whether every quoted cell is closed. A quote opens a cell only at its start: `5" disk` is text.
pub fn is_closed(text: &str, separator: u8) -> bool {
    memchr::memchr(b'"', text.as_bytes()).is_none() || quotes(text, separator).0
}

/// Whether every quoted cell is closed, and each closing quote ends its cell.
fn quotes(text: &str, separator: u8) -> (bool, bool) {
    let (mut start, mut quoted, mut proper) = (true, false, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&b'"') => drop(bytes.next()),
            b'"' if quoted => {
                quoted = false;
                proper &= bytes.peek().is_none_or(|next| *next == separator);
            }
            b'"' if start => quoted = true,
            _ => {}
        }
        start = !quoted && byte == separator;
    }
    (!quoted, proper)
}

/// The fault of a line whose quote is never closed.
pub fn unclosed(line: &str) -> Fault {
    Fault::new("", line, "a quote is opened and not closed").hint("double a quote inside a quoted field: \"\"")
}

/// The separator of a header line: comma, semicolon or tab, whichever it has most of.
pub fn separator(header: &str) -> u8 {
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|s| (header.bytes().filter(|b| b == s).count(), *s == b','))
        .unwrap_or(b',')
}

/// Splits a row into cells. A leading `'` that shields a formula sign is taken off again.
pub fn split(row: &str, separator: u8, cells: &mut Vec<String>) {
    if memchr::memchr(b'"', row.as_bytes()).is_none() {
        return split_plain(row, separator, cells);
    }
    cells.clear();
    let mut chars = row.chars().peekable();
    let separator = char::from(separator);
    loop {
        let mut cell = String::new();
        if chars.peek() == Some(&'"') {
            chars.next();
            while let Some(c) = chars.next() {
                match c {
                    '"' if chars.peek() == Some(&'"') => cell.extend(chars.next()),
                    '"' => break,
                    _ => cell.push(c),
                }
            }
        }
        while let Some(c) = chars.peek() {
            if *c == separator {
                break;
            }
            cell.extend(chars.next());
        }
        cells.push(unshielded(&cell).to_string());
        if chars.next().is_none() {
            return;
        }
    }
}

/// Splits a row without quotes, into the cells of the row before it where there are some.
fn split_plain(row: &str, separator: u8, cells: &mut Vec<String>) {
    let mut count = 0;
    for part in row.split(char::from(separator)) {
        if count == cells.len() {
            cells.push(String::new());
        }
        cells[count].clear();
        cells[count].push_str(unshielded(part));
        count += 1;
    }
    cells.truncate(count);
}

/// A cell without the `'` that shields a formula sign.
fn unshielded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA_SIGNS)).unwrap_or(cell)
}

/// Signs at which a spreadsheet takes a cell for a formula.
const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text that no spreadsheet runs: a formula sign at the start is shielded by `'`.
pub fn shield(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(FORMULA_SIGNS) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &str) -> Vec<String> {
        let mut out = Vec::new();
        split(row, b',', &mut out);
        out
    }

    #[test]
    fn quoted_cells_hold_separators_quotes_and_lines() {
        assert_eq!(cells(r#"a,"b,c","d ""e""",,"#), ["a", "b,c", "d \"e\"", "", ""]);
        assert_eq!(cells("\"x\ny\",z"), ["x\ny", "z"]);
    }

    #[test]
    fn a_formula_sign_is_shielded_and_comes_back() {
        assert_eq!(shield("=1+1"), "'=1+1");
        assert_eq!(cells("'=1+1,O'Neil"), ["=1+1", "O'Neil"]);
    }

    #[test]
    fn one_stray_quote_costs_one_row() {
        let (mut rows, mut assembler) = (Vec::new(), Assembler::new(b','));
        for n in 1..200u64 {
            assembler.push(n, if n == 3 { "a,\"b" } else { "a,b" }, &mut rows);
        }
        assembler.finish(&mut rows);
        let lost: Vec<_> = rows.iter().filter(|r| matches!(r, Assembled::Unclosed(..))).collect();
        assert_eq!(lost, [&Assembled::Unclosed(3, "a,\"b".into())]);
        assert_eq!(rows.len(), 199);
    }

    #[test]
    fn quotes_inside_cells_swallow_nothing() {
        let (mut rows, mut assembler) = (Vec::new(), Assembler::new(b','));
        let lines = ["id,name", "1,5\" disk", "2,x", "3,\"open", "4,y", "5,7\" tape", "6,\"z", "7,w\""];
        lines.iter().zip(1..).for_each(|(line, n)| assembler.push(n, line, &mut rows));
        assembler.finish(&mut rows);
        let lost: Vec<u64> =
            rows.iter().filter_map(|r| if let Assembled::Unclosed(n, _) = r { Some(*n) } else { None }).collect();
        assert_eq!((rows.len(), lost), (7, vec![4]));
        assert_eq!(rows[6], Assembled::Row(7, "6,\"z\n7,w\"".into()));
    }

    #[test]
    fn a_field_may_span_lines() {
        let (mut rows, mut assembler) = (Vec::new(), Assembler::new(b','));
        ["a,b", "\"x", "y\",z"].iter().zip(1..).for_each(|(line, n)| assembler.push(n, line, &mut rows));
        assert_eq!(rows[1..], [Assembled::Row(2, "\"x\ny\",z".into())]);
    }
}
