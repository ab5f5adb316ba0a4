//! Tables: declared columns, reading CSV and Parquet row by row, writing both whole or not at all.

mod column;
mod csv;
mod fields;
mod misspelt;
mod read;
mod rejects;
mod rows;
mod write;
mod years;

pub use column::{Column, Kind, Table, column};
pub use fields::Fields;
pub use read::{Counts, Row, TableFile, each_row, guarded, not_parquet};
pub use rejects::{RejectCount, RejectLog, RejectRow};
pub use rows::{NumberedRows, for_every_row, once, read_every_line, read_every_row, read_rows};
pub use write::{Cell, Format, Record, TableWriter, write_table};
pub use years::{Dated, read_years};
