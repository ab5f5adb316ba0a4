//! CSV rows from physical lines (RFC 4180), such that one stray quote costs one row and not the rest of the file.

use crate::fault::Fault;

/// Lines that one quoted field may span.
const MAX_SPAN: usize = 64;

/// A row being put together from lines.
#[derive(Debug, Default)]
pub struct Assembler {
    held: Vec<(u64, String)>,
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
    /// Takes the next line and gives the rows it completes.
    pub fn push(&mut self, number: u64, line: &str, out: &mut Vec<Assembled>) {
        if self.held.is_empty() && balanced(line) {
            out.push(Assembled::Row(number, line.to_string()));
            return;
        }
        self.held.push((number, line.to_string()));
        self.settle(false, out);
    }

    /// Ends the file: what is still open can't be a row.
    pub fn finish(&mut self, out: &mut Vec<Assembled>) {
        self.settle(true, out);
    }

    /// Joins held lines while they close; gives up the first when they can't.
    fn settle(&mut self, end: bool, out: &mut Vec<Assembled>) {
        while !self.held.is_empty() {
            let mut open = false;
            let closing = self.held.iter().position(|(_, line)| {
                open ^= !balanced(line);
                !open
            });
            match closing {
                Some(last) => {
                    let number = self.held[0].0;
                    let lines: Vec<String> = self.held.drain(..=last).map(|(_, line)| line).collect();
                    out.push(Assembled::Row(number, lines.join("\n")));
                }
                None if end || self.held.len() >= MAX_SPAN => {
                    let (number, line) = self.held.remove(0);
                    out.push(Assembled::Unclosed(number, line));
                }
                None => return,
            }
        }
    }
}

fn balanced(line: &str) -> bool {
    line.bytes().filter(|b| *b == b'"').count() % 2 == 0
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
        let unshielded = cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA_SIGNS)).map(str::to_string);
        cells.push(unshielded.unwrap_or(cell));
        if chars.next().is_none() {
            return;
        }
    }
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
        let (mut rows, mut assembler) = (Vec::new(), Assembler::default());
        for n in 1..200u64 {
            assembler.push(n, if n == 3 { "a,\"b" } else { "a,b" }, &mut rows);
        }
        assembler.finish(&mut rows);
        let lost: Vec<_> = rows.iter().filter(|r| matches!(r, Assembled::Unclosed(..))).collect();
        assert_eq!(lost, [&Assembled::Unclosed(3, "a,\"b".into())]);
        assert_eq!(rows.len(), 199);
    }

    #[test]
    fn a_field_may_span_lines() {
        let (mut rows, mut assembler) = (Vec::new(), Assembler::default());
        ["\"x", "y\",z"].iter().zip(1..).for_each(|(line, n)| assembler.push(n, line, &mut rows));
        assert_eq!(rows, [Assembled::Row(1, "\"x\ny\",z".into())]);
    }
}
