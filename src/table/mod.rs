//! Tables: declared columns, reading CSV and Parquet row by row, writing both whole or not at all.

mod column;
mod csv;
mod fields;
mod read;
mod rejects;
mod write;

pub use column::{Column, Kind, Table, column};
pub use fields::Fields;
pub use read::{Counts, Row, TableFile};
pub use rejects::{RejectCount, RejectLog, RejectRow};
pub use write::{Cell, Format, Record, TableWriter, write_table};
