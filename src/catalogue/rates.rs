//! How often signals are seen where a product is used and where it is not, how many use it, how signals hang together and
//! how long evidence lasts: figures with an error, as a table. The catalogue's own, `calibrate`'s, or the user's.

use std::collections::BTreeMap;

use super::Signal;
use crate::fault::{Fault, did_you_mean};
use crate::scan::observation::Kind;
use crate::table::{Cell, Fields, Kind as Type, Record, Row, Table, column};

/// What a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// Share of domains that use the product.
    Prevalence,
    /// The same share where a product in front hides this one's signals.
    PrevalenceBehind,
    /// P(seen | used), when looked for.
    Sensitivity,
    /// P(seen | not used), when looked for.
    FalsePositive,
    /// Share of domains at which the records of a group are one decision.
    Dependence,
    /// Days after which half of those who used it have left, by kind of record.
    HalfLife,
}

impl Parameter {
    /// All.
    pub const ALL: [Parameter; 6] = [
        Parameter::Prevalence,
        Parameter::PrevalenceBehind,
        Parameter::Sensitivity,
        Parameter::FalsePositive,
        Parameter::Dependence,
        Parameter::HalfLife,
    ];

    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        ["prevalence", "prevalence behind", "sensitivity", "false positive", "dependence", "half-life"][self as usize]
    }
}

/// What a figure rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Data alone decide it.
    Estimated,
    /// Data, and in good part the assumption they started from.
    Partly,
    /// An assumption: data can't tell.
    Assumed,
}

impl Basis {
    const ALL: [Basis; 3] = [Basis::Estimated, Basis::Partly, Basis::Assumed];

    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        ["estimated", "partly assumed", "assumed"][self as usize]
    }
}

/// Which figure: product, parameter, and which of its signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Product id; blank for a half-life of all products.
    pub product: String,
    /// Group of signals.
    pub group: String,
    /// Kind of record.
    pub kind: Option<Kind>,
    /// Keys, for kinds whose parts are asked one by one.
    pub keys: String,
    /// One pattern of several that the same question may be answered with; blank for any of them.
    pub pattern: String,
}

impl Place {
    /// All signals of this one's group, kind and keys.
    pub fn of_item(product: &str, signal: &Signal) -> Place {
        Place {
            product: product.to_string(),
            group: signal.group.clone(),
            kind: Some(signal.kind),
            keys: signal.keys_asked().join(" "),
            pattern: String::new(),
        }
    }

    /// This signal.
    pub fn of_signal(product: &str, signal: &Signal) -> Place {
        let keys = signal.keys.join(" ");
        let pattern = if signal.pattern.is_empty() { "(any value)".to_string() } else { signal.pattern.clone() };
        Place { keys, pattern, ..Place::of_item(product, signal) }
    }
}

/// One figure with its error.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalRate {
    /// Which.
    pub place: Place,
    /// Of what.
    pub parameter: Parameter,
    /// Value: a share in (0, 1), or days.
    pub estimate: f64,
    /// Its standard error, in the same unit.
    pub standard_error: Option<f64>,
    /// What it rests on.
    pub basis: Basis,
    /// Domains that were asked.
    pub domains: Option<u64>,
    /// Of these, those that showed it.
    pub seen: Option<u64>,
    /// Where it comes from.
    pub source: String,
}

/// The table of figures.
pub const SIGNAL_RATES: Table = Table {
    name: "signal_rates",
    meaning: "How often signals are seen where a product is used and where it is not, how many use it, how signals hang together: each with its error.",
    columns: &[
        column("product", Type::Text, "", false, "Product id; blank for a half-life of all products"),
        column(
            "parameter",
            Type::Text,
            "",
            true,
            "prevalence, prevalence behind (a gateway), sensitivity, false positive, dependence, half-life",
        ),
        column("group", Type::Text, "", false, "Group of signals that depend on each other"),
        column("kind", Type::Text, "", false, "Kind of record"),
        column("keys", Type::Text, "", false, "Keys, for kinds whose parts are asked one by one"),
        column("pattern", Type::Text, "", false, "One pattern; blank: any pattern of this group and kind"),
        column("estimate", Type::Number, "share, or days", true, "The figure"),
        column("standard_error", Type::Number, "share, or days", false, "Its standard error"),
        column("basis", Type::Text, "", false, "estimated, partly assumed, assumed (then the catalogue's own is used)"),
        column("domains", Type::Integer, "domains", false, "Domains that were asked"),
        column("seen", Type::Integer, "domains", false, "Of these, those that showed it"),
        column("source", Type::Text, "", false, "Where it comes from"),
    ],
};

impl Record for SignalRate {
    const TABLE: Table = SIGNAL_RATES;

    fn cells(&self) -> Vec<Cell> {
        let count = |n: Option<u64>| n.map_or(Cell::Null, |n| Cell::Integer(n as i64));
        vec![
            Cell::text(&self.place.product),
            Cell::text(self.parameter.as_str()),
            Cell::text(&self.place.group),
            Cell::text(self.place.kind.map_or("", Kind::as_str)),
            Cell::text(&self.place.keys),
            Cell::text(&self.place.pattern),
            Cell::Number(self.estimate),
            self.standard_error.map_or(Cell::Null, Cell::Number),
            Cell::text(self.basis.as_str()),
            count(self.domains),
            count(self.seen),
            Cell::text(&self.source),
        ]
    }
}

impl SignalRate {
    /// Reads one row; `products` are the ids that it may name.
    pub fn read<'p>(row: &Row, products: impl Iterator<Item = &'p str> + Clone) -> (Option<SignalRate>, Vec<Fault>) {
        let mut fields = Fields::new(row, &SIGNAL_RATES);
        let product = fields.text("product");
        if !product.is_empty() && !products.clone().any(|id| id == product) {
            fields.refuse("product", "not in the catalogue", &did_you_mean(product, products));
        }
        let word = fields.text("parameter");
        let parameter = Parameter::ALL.into_iter().find(|p| p.as_str() == word);
        if parameter.is_none() {
            let words = Parameter::ALL.map(Parameter::as_str);
            fields.refuse("parameter", "not a known parameter", &format!("known are: {}", words.join(", ")));
        }
        let kind = Kind::parse(fields.text("kind"));
        if kind.is_none() && !fields.text("kind").is_empty() {
            fields.refuse(
                "kind",
                "unknown kind of record",
                &did_you_mean(fields.text("kind"), Kind::ALL.map(Kind::as_str)),
            );
        }
        let word = fields.text("basis");
        let basis = Basis::ALL.into_iter().find(|b| b.as_str() == word || word.is_empty());
        if basis.is_none() {
            fields.refuse("basis", "must be estimated, partly assumed or assumed", "");
        }
        let parameter = parameter.unwrap_or(Parameter::Prevalence);
        let estimate = fields.number("estimate");
        let fits = |x: f64| if parameter == Parameter::HalfLife { x >= 1.0 } else { x > 0.0 && x < 1.0 };
        if !estimate.is_some_and(fits) {
            fields.refuse(
                "estimate",
                "a share between 0 and 1 is needed, or at least one day for a half-life",
                "write 12 % as 0.12",
            );
        }
        let rate = SignalRate {
            place: Place {
                product: fields.text("product").to_string(),
                group: fields.text("group").to_string(),
                kind,
                keys: fields.text("keys").to_string(),
                pattern: fields.text("pattern").to_string(),
            },
            parameter,
            estimate: estimate.unwrap_or(0.5),
            standard_error: fields.number("standard_error"),
            basis: basis.unwrap_or(Basis::Estimated),
            domains: fields.optional_count("domains"),
            seen: fields.optional_count("seen"),
            source: fields.text("source").to_string(),
        };
        fields.finish(rate)
    }
}

/// Figures by what they are of.
#[derive(Clone, Debug, Default)]
pub struct SignalRates(BTreeMap<(Parameter, Place), SignalRate>);

impl SignalRates {
    /// Adds figures; of two for one place the later stays. What is only assumed adds nothing, but for half-lives.
    pub fn extend(&mut self, rates: impl IntoIterator<Item = SignalRate>) {
        let of_use = |r: &SignalRate| r.basis != Basis::Assumed || r.parameter == Parameter::HalfLife;
        self.0.extend(rates.into_iter().filter(of_use).map(|r| ((r.parameter, r.place.clone()), r)));
    }

    /// The figure of this parameter at this place.
    pub fn get(&self, parameter: Parameter, place: &Place) -> Option<&SignalRate> {
        self.0.get(&(parameter, place.clone()))
    }

    /// The half-life of evidence of this kind, with its source; none for a kind without one.
    pub fn half_life(&self, kind: Kind) -> Option<&SignalRate> {
        self.get(Parameter::HalfLife, &Place { kind: Some(kind), ..Place::default() })
    }
}

/// A share with its uncertainty: normal on the scale of log odds.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Central value in (0, 1).
    pub value: f64,
    /// Standard deviation of its log odds.
    pub spread: f64,
    /// Whether an assumption decides it.
    pub assumed: bool,
}

/// Standard deviation of the log odds of what is only assumed: about two times as high or low, for sensitivities,
/// dependence and priors alike; false-positive rates, which nobody publishes, twice as much. Assumptions.
pub const ASSUMED_SPREAD: f64 = 0.5;
/// See [`ASSUMED_SPREAD`].
pub const ASSUMED_FALSE_POSITIVE_SPREAD: f64 = 1.0;
/// Share of domains at which signals of one group are one decision, where nothing is known. Assumption.
pub const ASSUMED_DEPENDENCE: f64 = 0.8;

impl Figure {
    /// An assumption.
    pub fn assumed(value: f64, spread: f64) -> Figure {
        Figure { value, spread, assumed: true }
    }

    /// A figure of the table, else the assumption. The error of the log odds is the error ÷ p(1 − p) (delta method).
    pub fn of(rate: Option<&SignalRate>, assumed: Figure) -> Figure {
        let Some(rate) = rate else { return assumed };
        let p = rate.estimate;
        let spread = rate.standard_error.map_or(assumed.spread, |e| (e / (p * (1.0 - p))).min(3.0));
        Figure { value: p, spread, assumed: rate.basis == Basis::Assumed }
    }

    /// The value `z` standard deviations up.
    pub fn at(&self, z: f64) -> f64 {
        let odds = self.value / (1.0 - self.value) * libm::exp(z * self.spread);
        odds / (1.0 + odds)
    }
}
