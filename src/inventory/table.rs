//! The inventory as tables: who uses what, and what was asked.

use crate::fault::Fault;
use crate::moment::Moment;
use crate::scan::observation::Kind as RecordKind;
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

/// What was found of a product at a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A signal of it was seen.
    Seen,
    /// Signals were looked for, and none was seen.
    NotSeen,
    /// Signals were looked for only where a product in front hides them.
    Hidden,
}

impl Standing {
    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Seen => "seen",
            Standing::NotSeen => "not seen",
            Standing::Hidden => "hidden",
        }
    }
}

/// One domain and product.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Registrable domain; blank in a row of an insured's own answers.
    pub domain: String,
    /// The insured whose answer to a questionnaire this is; blank in a row of a domain.
    pub insured_id: String,
    /// Product id.
    pub product: String,
    /// Seen, or looked for and not seen.
    pub standing: Standing,
    /// Probability before anything was looked at; the catalogue's when absent.
    pub prior: Option<f64>,
    /// Posterior probability that the domain uses the product.
    pub probability: f64,
    /// First time that a signal was seen.
    pub first_seen: Option<Moment>,
    /// Last time that a signal was seen.
    pub last_seen: Option<Moment>,
    /// Each record that gave a signal.
    pub evidence: String,
    /// What was looked for and not found, and what a product in front hides.
    pub not_found: String,
    /// What the probability depends on, as [`super::Pattern`] writes it.
    pub findings: String,
}

/// The inventory table.
pub const INVENTORY: Table = Table {
    name: "inventory",
    meaning: "Who uses what: a row for each product seen at a domain, and for each product that the event needs and that was looked for.",
    columns: &[
        column(
            "domain",
            Kind::Text,
            "",
            true,
            "Registrable domain, or the host that a policy lists, where several insureds share its registrable domain; blank in a row of an insured's own answers",
        ),
        column("insured_id", Kind::Text, "", false, "Insured who answered a questionnaire; blank in a row of a domain"),
        column("product", Kind::Text, "", true, "Product id in the catalogue"),
        column(
            "standing",
            Kind::Text,
            "",
            false,
            "seen; not seen (looked for); hidden (looked for behind a gateway); seen when blank",
        ),
        column(
            "prior",
            Kind::Share,
            "",
            false,
            "Probability before anything was looked at; the catalogue's when blank",
        ),
        column("probability", Kind::Share, "", true, "Posterior probability that the domain uses the product"),
        column("first_seen", Kind::Timestamp, "", false, "First time that a signal was seen"),
        column("last_seen", Kind::Timestamp, "", false, "Last time that a signal was seen"),
        column(
            "evidence",
            Kind::Text,
            "",
            false,
            "Each record that gave a signal: kind, value (scanner, day) ×factor of the odds",
        ),
        column(
            "not_found",
            Kind::Text,
            "",
            false,
            "What was looked for and not found ×factor of the odds, or is hidden by a gateway",
        ),
        column(
            "findings",
            Kind::Text,
            "",
            false,
            "What the probability depends on: each item, + and its level when seen, - when not, @ its age in 32nds of a half-life; error rates that all insureds share are varied by it",
        ),
    ],
};

impl Record for Entry {
    const TABLE: Table = INVENTORY;

    fn cells(&self) -> Vec<Cell> {
        let time = |moment: Option<Moment>| moment.map_or(Cell::Null, Cell::Time);
        vec![
            Cell::text(&self.domain),
            Cell::text(&self.insured_id),
            Cell::text(&self.product),
            Cell::text(self.standing.as_str()),
            self.prior.map_or(Cell::Null, Cell::Number),
            Cell::Number(self.probability),
            time(self.first_seen),
            time(self.last_seen),
            Cell::text(&self.evidence),
            Cell::text(&self.not_found),
            Cell::text(&self.findings),
        ]
    }
}

impl Entry {
    /// Reads one row of an inventory table, the engine's own or the user's: the entry when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<Entry>, Vec<Fault>) {
        let mut fields = Fields::new(row, &INVENTORY);
        let mut domains = fields.hosts("domain");
        let insured_id = fields.text("insured_id").to_string();
        if domains.len() != 1 && insured_id.is_empty() {
            fields.refuse("domain", "one domain is needed in each row, or an insured_id", "");
        }
        let standing = match fields.text("standing") {
            "" | "seen" => Standing::Seen,
            "not seen" => Standing::NotSeen,
            "hidden" => Standing::Hidden,
            _ => {
                fields.refuse("standing", "must be seen, not seen or hidden", "");
                Standing::Seen
            }
        };
        let entry = Entry {
            domain: domains.pop().unwrap_or_default(),
            insured_id,
            product: fields.required("product"),
            standing,
            prior: fields.probability("prior"),
            probability: fields.required_probability("probability"),
            first_seen: fields.moment("first_seen"),
            last_seen: fields.moment("last_seen"),
            evidence: fields.text("evidence").to_string(),
            not_found: fields.text("not_found").to_string(),
            findings: fields.text("findings").to_string(),
        };
        fields.finish(entry)
    }
}

/// That a kind of record was asked for at a domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Registrable domain.
    pub domain: String,
    /// Kind of record.
    pub kind: RecordKind,
    /// Which part of it, where parts are asked one by one.
    pub part: String,
    /// First time.
    pub first_asked: Moment,
    /// Last time.
    pub last_asked: Moment,
}

/// The coverage table.
pub const COVERAGE: Table = Table {
    name: "coverage",
    meaning: "What was asked: a row for each domain and kind of record that a scan looked for.",
    columns: &[
        column("domain", Kind::Text, "", true, "Registrable domain"),
        column("kind", Kind::Text, "", true, "Kind of record"),
        column("part", Kind::Text, "", false, "http: header, title, favicon …; declared: product"),
        column("first_asked", Kind::Timestamp, "", true, "First time"),
        column("last_asked", Kind::Timestamp, "", true, "Last time"),
    ],
};

impl Record for Asked {
    const TABLE: Table = COVERAGE;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.domain),
            Cell::text(self.kind.as_str()),
            Cell::text(&self.part),
            Cell::Time(self.first_asked),
            Cell::Time(self.last_asked),
        ]
    }
}
