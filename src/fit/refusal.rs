//! Why data give no model, in words, with a way out.

use std::fmt;

/// Why a model can't be fitted. Each case has words ([`fmt::Display`]), a [`Refusal::key`] for tables and a
/// [`Refusal::hint`].
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// There is nothing to fit.
    NoData,
    /// Too few values that are known exactly for the number of parameters.
    TooFew {
        /// Different uncensored values there are.
        distinct: usize,
        /// Different uncensored values that the model needs.
        needed: usize,
    },
    /// Every loss is censored: only lower bounds are known.
    AllCensored {
        /// Records.
        records: usize,
    },
    /// Every loss is the same amount: nothing tells its spread.
    AllEqual {
        /// The amount, in currency units.
        amount: f64,
    },
    /// The likelihood rises without end towards a limit of the family.
    Boundary {
        /// Which limit, in words.
        towards: &'static str,
    },
    /// The data do not tell two parameters apart: the information matrix is singular.
    Singular {
        /// The parameter that is least known.
        parameter: &'static str,
    },
    /// The search found no maximum.
    NoMaximum,
    /// A value that no model takes.
    Invalid {
        /// Position in the input, from nought.
        row: usize,
        /// Which field.
        field: &'static str,
        /// The value seen.
        value: f64,
        /// The rule it breaks.
        rule: &'static str,
    },
}

impl Refusal {
    /// A short word for a column of a table.
    pub fn key(&self) -> &'static str {
        match self {
            Refusal::NoData => "no data",
            Refusal::TooFew { .. } => "too few",
            Refusal::AllCensored { .. } => "all censored",
            Refusal::AllEqual { .. } => "all equal",
            Refusal::Boundary { .. } => "boundary",
            Refusal::Singular { .. } => "singular",
            Refusal::NoMaximum => "no maximum",
            Refusal::Invalid { .. } => "invalid",
        }
    }

    /// A way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Refusal::NoData | Refusal::TooFew { .. } => "take the parent segment's model, or join segments",
            Refusal::AllCensored { .. } => {
                "bring closed claims, or claims under higher limits; or take the parent's model"
            }
            Refusal::AllEqual { .. } => {
                "check whether amounts are reserves at a standard value; or take the parent's model"
            }
            Refusal::Boundary { .. } => "take another family: the comparison by information criteria names one",
            Refusal::Singular { .. } => "hold that parameter fixed, or take the parent's model",
            Refusal::NoMaximum => "take another family, or the parent segment's model",
            Refusal::Invalid { .. } => "set the record aside before fitting",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoData => write!(f, "there are no records"),
            Refusal::TooFew { distinct, needed } => {
                write!(f, "{distinct} different known amounts, and the model needs at least {needed}")
            }
            Refusal::AllCensored { records } => {
                write!(f, "all {records} losses are censored: only lower bounds are known")
            }
            Refusal::AllEqual { amount } => write!(f, "all known losses are {amount}: nothing tells their spread"),
            Refusal::Boundary { towards } => write!(f, "the likelihood rises without end towards {towards}"),
            Refusal::Singular { parameter } => write!(f, "the data do not determine the {parameter}"),
            Refusal::NoMaximum => write!(f, "no maximum of the likelihood was found"),
            Refusal::Invalid { row, field, value, rule } => write!(f, "record {row}: {field} is {value}, {rule}"),
        }
    }
}

impl std::error::Error for Refusal {}
