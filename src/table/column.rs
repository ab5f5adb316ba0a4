//! Columns, declared once as data: readers, writers, schemas and the reference page come from here.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; blank means absent.
    Text,
    /// Whole number.
    Integer,
    /// Whole number of 32 bits, where a standard says so.
    Integer32,
    /// Real number.
    Number,
    /// Amount of money: decimal in text, whole cents inside.
    Money,
    /// Share or probability in [0, 1].
    Share,
    /// Calendar date, ISO 8601.
    Date,
    /// Moment in UTC, ISO 8601.
    Timestamp,
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Header.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Unit, where the kind does not say it.
    pub unit: &'static str,
    /// Whether an input without it is refused.
    pub required: bool,
    /// What it means.
    pub meaning: &'static str,
}

/// A column, in the order in which a declaration reads.
pub const fn column(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    required: bool,
    meaning: &'static str,
) -> Column {
    Column { name, kind, unit, required, meaning }
}

/// A table with a name, a meaning and its columns.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Name, as in file names and messages.
    pub name: &'static str,
    /// One sentence.
    pub meaning: &'static str,
    /// Columns, in order.
    pub columns: &'static [Column],
}

impl Table {
    /// Position of the column called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// Headers, in order.
    pub fn header(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|c| c.name)
    }
}
